package schema

import (
	"strings"
	"time"
)

// DateText is what a date string says.
type DateText struct {
	// Time is the moment: midnight when there is no time of day, in UTC when there is no
	// offset, else in a zone of that offset. Fractions beyond nanoseconds are dropped.
	Time time.Time
	// HasTime reports whether a time of day is given.
	HasTime bool
	// HasOffset reports whether Z or an offset from UTC is given.
	HasOffset bool
}

var (
	timeLayouts   = []string{"15:04", "15:04:05"} // a fraction may follow the seconds
	offsetLayouts = []string{"", "Z07:00", "Z0700", "Z07"}
)

// ParseDate reads what the API takes for "a valid ISO 8601 date string": a calendar date,
// perhaps with a time of day to the minute, second or a fraction of it, perhaps with Z or
// an offset (pages-blocks.md §2, dates).
func ParseDate(s string) (DateText, bool) {
	const day = "2006-01-02"
	if t, err := time.Parse(day, s); err == nil {
		return DateText{Time: t}, true
	}
	// time.Parse alone would also take T9:30 and a comma before the fraction.
	const colon, longest = len(day + "T15"), 64
	if len(s) <= colon || len(s) > longest || s[colon] != ':' || strings.IndexByte(s, ',') >= 0 {
		return DateText{}, false
	}
	for _, clock := range timeLayouts {
		for _, offset := range offsetLayouts {
			t, err := time.Parse(day+"T"+clock+offset, s)
			if err != nil {
				continue
			}
			if offset == "" {
				return DateText{Time: t, HasTime: true}, true
			}
			t, ok := fixed(t)
			return DateText{Time: t, HasTime: true, HasOffset: true}, ok
		}
	}
	return DateText{}, false
}

// fixed returns t in a zone that is only its offset, which must be less than a day.
// time.Parse uses the machine's own zone when the offset happens to match, and a date
// must not depend on the machine.
func fixed(t time.Time) (time.Time, bool) {
	const day = 24 * 60 * 60
	_, seconds := t.Zone()
	if seconds == 0 {
		return t.UTC(), true
	}
	return t.In(time.FixedZone("", seconds)), seconds > -day && seconds < day
}
