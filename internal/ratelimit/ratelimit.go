// Package ratelimit refuses requests over the API's rate limit: so many requests in a
// fixed window of 60 seconds for each integration, in any rhythm (contract.md §7).
package ratelimit

import (
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/clock"
	"octavo/internal/notion"
)

// Window is the length of a window. It begins with the first request after the end of
// the one before.
const Window = 60 * time.Second

// Limiter counts the requests of each integration. A nil Limiter refuses nothing. It is
// safe for concurrent use.
type Limiter struct {
	clock clock.Clock
	limit atomic.Int64 // zero is none

	mu      sync.Mutex
	tallies *Tallies[notion.ID]
}

// New returns a limiter that lets each integration make limit requests in a window. A
// limit of zero or less is no limit.
func New(c clock.Clock, limit int) *Limiter {
	l := &Limiter{clock: c, tallies: NewTallies[notion.ID](Window)}
	l.SetLimit(limit)
	return l
}

// Limit returns how many requests each integration may make in a window, zero for no limit.
func (l *Limiter) Limit() int {
	if l == nil {
		return 0
	}
	return int(l.limit.Load())
}

// SetLimit changes the limit, zero or less for none, in windows that have begun too.
func (l *Limiter) SetLimit(limit int) { l.limit.Store(int64(max(limit, 0))) }

// Allow counts a request of the integration. Over the limit the error is rate_limited
// and says how long the window still lasts. Refused requests do not lengthen the wait.
func (l *Limiter) Allow(integration notion.ID) error {
	limit := l.Limit()
	if limit == 0 {
		return nil
	}
	now := l.clock.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if wait := l.tallies.Left(integration, limit, now); wait > 0 {
		return Refusal(wait)
	}
	l.tallies.Add(integration, now)
	return nil
}

// Refusal is the error of a request over the limit, with the wait in whole seconds,
// rounded up and at least one, as header and as additional_data (contract.md §1.4).
func Refusal(wait time.Duration) *apierr.Error {
	seconds := max(1, (wait+time.Second-1)/time.Second)
	e := apierr.New(apierr.RateLimited).
		With("rate_limit_reason", "public_api_request_rate_limit").
		With("retry_after", strconv.Itoa(int(seconds)))
	e.RetryAfter = seconds * time.Second
	return e
}
