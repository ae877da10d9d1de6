// Package clock is where Octavo gets the time and new ids from, so that tests and
// replays can give it their own.
package clock

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Clock tells the time and waits for it. Everything that reads the time or waits
// takes one; only System touches the machine's.
type Clock interface {
	// Now returns the current time in UTC.
	Now() time.Time
	// After returns a channel that receives the time once d has passed.
	After(d time.Duration) <-chan time.Time
	// WithTimeout is context.WithTimeout by this clock: the context ends with
	// context.DeadlineExceeded once d has passed.
	WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc)
}

// System is the machine's clock.
type System struct{}

// Now implements [Clock].
func (System) Now() time.Time { return time.Now().UTC() }

// After implements [Clock].
func (System) After(d time.Duration) <-chan time.Time { return time.After(d) }

// WithTimeout implements [Clock].
func (System) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, d)
}

// Manual is a clock that stands still until it is moved. It is safe for concurrent use.
type Manual struct {
	mu      sync.Mutex
	now     time.Time
	waiters []*waiter
	changed chan struct{}
}

type waiter struct {
	at   time.Time
	fire func(time.Time)
}

// NewManual returns a clock that stands at t.
func NewManual(t time.Time) *Manual {
	return &Manual{now: t.UTC(), changed: make(chan struct{})}
}

// Now implements [Clock].
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// Advance moves the clock by d and wakes everyone whose time has come.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	m.now = m.now.Add(d)
	now := m.now
	var due []*waiter
	rest := m.waiters[:0]
	for _, w := range m.waiters {
		if w.at.After(now) {
			rest = append(rest, w)
		} else {
			due = append(due, w)
		}
	}
	m.waiters = rest
	m.mu.Unlock()
	for _, w := range due {
		w.fire(now)
	}
}

// BlockUntil returns once at least n callers wait on the clock. Tests use it to know
// that a request has reached its wait before they move the time.
func (m *Manual) BlockUntil(ctx context.Context, n int) error {
	for {
		m.mu.Lock()
		enough, changed := len(m.waiters) >= n, m.changed
		m.mu.Unlock()
		if enough {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// After implements [Clock].
func (m *Manual) After(d time.Duration) <-chan time.Time {
	ch := make(chan time.Time, 1)
	m.wait(d, func(t time.Time) { ch <- t })
	return ch
}

// wait fires once d has passed. The result can be dropped before; it is nil when d has
// passed already.
func (m *Manual) wait(d time.Duration, fire func(time.Time)) *waiter {
	m.mu.Lock()
	if d <= 0 {
		now := m.now
		m.mu.Unlock()
		fire(now)
		return nil
	}
	w := &waiter{m.now.Add(d), fire}
	m.waiters = append(m.waiters, w)
	close(m.changed)
	m.changed = make(chan struct{})
	m.mu.Unlock()
	return w
}

func (m *Manual) drop(w *waiter) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.waiters = slices.DeleteFunc(m.waiters, func(other *waiter) bool { return other == w })
}

// WithTimeout implements [Clock]. It waits, for [Manual.BlockUntil], until the context is
// cancelled.
func (m *Manual) WithTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := m.wait(d, func(time.Time) { cancel(context.DeadlineExceeded) })
	return timeoutContext{ctx}, func() {
		m.drop(w)
		cancel(context.Canceled)
	}
}

// timeoutContext reports the cause as the error, so that a deadline by the manual
// clock looks like any other.
type timeoutContext struct{ context.Context }

func (c timeoutContext) Err() error {
	if err := c.Context.Err(); err == nil {
		return nil
	}
	return context.Cause(c.Context)
}
