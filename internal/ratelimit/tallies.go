package ratelimit

import "time"

// Tallies counts by key in windows of one length, each of which begins with the first count
// after the end of the one before. It holds no more than the keys of the last two windows. It
// is not safe for concurrent use.
type Tallies[K comparable] struct {
	length  time.Duration
	windows map[K]window
	sweep   time.Time
}

type window struct {
	start time.Time
	count int
}

// NewTallies returns tallies of windows of a length.
func NewTallies[K comparable](length time.Duration) *Tallies[K] {
	return &Tallies[K]{length: length, windows: map[K]window{}}
}

// Left returns how long the window of a key with at least limit counts still lasts, zero when
// there are fewer.
func (t *Tallies[K]) Left(key K, limit int, now time.Time) time.Duration {
	if w := t.windows[key]; !t.ended(w, now) && w.count >= limit {
		return w.start.Add(t.length).Sub(now)
	}
	return 0
}

// Add counts one.
func (t *Tallies[K]) Add(key K, now time.Time) {
	t.forget(now)
	w := t.windows[key]
	if t.ended(w, now) {
		w = window{start: now}
	}
	w.count++
	t.windows[key] = w
}

// ended reports whether the window is over. One that begins in the future was left
// behind by a clock that has been set back, and is over too: nobody may be locked out
// for longer than a window.
func (t *Tallies[K]) ended(w window, now time.Time) bool {
	passed := now.Sub(w.start)
	return passed < 0 || passed >= t.length
}

// forget drops the windows that have ended, at most once in a window.
func (t *Tallies[K]) forget(now time.Time) {
	if until := t.sweep.Sub(now); until > 0 && until <= t.length {
		return
	}
	t.sweep = now.Add(t.length)
	for key, w := range t.windows {
		if t.ended(w, now) {
			delete(t.windows, key)
		}
	}
}
