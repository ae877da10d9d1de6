package webhook

import (
	"encoding/binary"
	"time"

	"octavo/internal/notion"
)

// MaxAttempts is how often an event is sent at most (services.md §4.2).
const MaxAttempts = 8

// pauses are what lies between the attempts; together they are a day. What the hosted API
// waits in between is not published.
var pauses = [MaxAttempts - 1]time.Duration{
	time.Minute, 5 * time.Minute, 20 * time.Minute, time.Hour, 3 * time.Hour, 7 * time.Hour, 12*time.Hour + 34*time.Minute,
}

// Pause returns how long to wait after an attempt, counted from 1, that was not taken. Each
// event waits a little more or less than others, up to a tenth, so that what failed together
// does not come back together. It reports false after the last.
func Pause(event notion.ID, attempt int) (time.Duration, bool) {
	if attempt < 1 || attempt > len(pauses) {
		return 0, false
	}
	pause := pauses[attempt-1]
	// The last bytes of an id are random; each attempt mixes them anew.
	mixed := (binary.BigEndian.Uint64(event[8:]) + uint64(attempt)) * 0x9e3779b97f4a7c15
	share := float64(mixed>>11) / (1 << 53) // 0 to 1
	return pause + time.Duration((share-0.5)/5*float64(pause)), true
}
