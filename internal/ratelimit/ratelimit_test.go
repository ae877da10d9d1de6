package ratelimit

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/clock"
	"octavo/internal/notion"
)

var start = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

func refused(t *testing.T, err error) *apierr.Error {
	t.Helper()
	var e *apierr.Error
	if !errors.As(err, &e) || e.Code != apierr.RateLimited {
		t.Fatalf("got %v, want rate_limited", err)
	}
	return e
}

func TestWindow(t *testing.T) {
	c := clock.NewManual(start)
	l := New(c, 2)
	one, other := notion.ID{1}, notion.ID{2}
	step := func(id notion.ID, after time.Duration, ok bool) {
		t.Helper()
		c.Advance(after)
		if err := l.Allow(id); (err == nil) != ok {
			t.Errorf("at %v: Allow = %v, want allowed %v", c.Now().Sub(start), err, ok)
		}
	}
	step(one, 0, true)
	step(one, 10*time.Second, true)
	step(one, time.Second, false)
	step(other, 0, true)
	step(one, 48*time.Second, false)
	step(one, time.Second, true) // 60 s after the first request the window is over
	step(one, 59*time.Second, true)
	step(one, 0, false)
}

func TestRefusalOnTheWire(t *testing.T) {
	c := clock.NewManual(start)
	l := New(c, 1)
	if err := l.Allow(notion.ID{1}); err != nil {
		t.Fatal(err)
	}
	c.Advance(11*time.Second + time.Millisecond)
	e := refused(t, l.Allow(notion.ID{1}))
	want := `{"object":"error","status":429,"code":"rate_limited","message":"You have been rate limited. Please try again later.",` +
		`"additional_data":{"rate_limit_reason":"public_api_request_rate_limit","retry_after":"49"}}`
	if got := string(e.AppendJSON(nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if e.RetryAfter != 49*time.Second {
		t.Errorf("Retry-After %v, want 49s", e.RetryAfter)
	}
}

func TestClockSetBackLocksNobodyOut(t *testing.T) {
	c := clock.NewManual(start)
	l := New(c, 1)
	_ = l.Allow(notion.ID{1})
	c.Advance(-time.Hour)
	if err := l.Allow(notion.ID{1}); err != nil {
		t.Errorf("after the clock went back: %v", err)
	}
}

func TestEndedWindowsAreForgotten(t *testing.T) {
	c := clock.NewManual(start)
	l := New(c, 1)
	for i := range 1000 {
		_ = l.Allow(notion.ID{byte(i), byte(i >> 8), 1})
	}
	c.Advance(2 * Window)
	_ = l.Allow(notion.ID{1})
	if n := len(l.tallies.windows); n != 1 {
		t.Errorf("%d windows are kept, want 1", n)
	}
}

func TestNoLimit(t *testing.T) {
	l := New(clock.System{}, 0)
	for range 10_000 {
		if err := l.Allow(notion.ID{}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestConcurrentCallersShareTheLimit(t *testing.T) {
	l := New(clock.NewManual(start), 100)
	var allowed atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if l.Allow(notion.ID{7}) == nil {
					allowed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if n := allowed.Load(); n != 100 {
		t.Errorf("%d requests passed, want 100", n)
	}
}
