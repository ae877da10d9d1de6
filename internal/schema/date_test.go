package schema_test

import (
	"strings"
	"testing"
	"time"

	"octavo/internal/schema"
)

func TestParseDate(t *testing.T) {
	cases := []struct {
		text             string
		want             string
		hasTime, hasZone bool
	}{
		{"2026-09-15", "2026-09-15T00:00:00Z", false, false},
		{"2024-02-29", "2024-02-29T00:00:00Z", false, false},
		{"2026-09-15T09:30", "2026-09-15T09:30:00Z", true, false},
		{"2026-09-15T09:30Z", "2026-09-15T09:30:00Z", true, true},
		{"2026-09-15T09:30:15", "2026-09-15T09:30:15Z", true, false},
		{"2026-09-15T09:30:15.250", "2026-09-15T09:30:15.25Z", true, false},
		{"2026-09-15T09:30:15.1234567891Z", "2026-09-15T09:30:15.123456789Z", true, true},
		{"2026-09-15T09:30:00.000+00:00", "2026-09-15T09:30:00Z", true, true},
		{"2026-09-15T09:30:00-04:00", "2026-09-15T09:30:00-04:00", true, true},
		{"2026-09-15T09:30:00+0530", "2026-09-15T09:30:00+05:30", true, true},
		{"2026-09-15T09:30:00+05", "2026-09-15T09:30:00+05:00", true, true},
	}
	for _, c := range cases {
		got, ok := schema.ParseDate(c.text)
		if !ok || got.Time.Format(time.RFC3339Nano) != c.want || got.HasTime != c.hasTime || got.HasOffset != c.hasZone {
			t.Errorf("%s is read as %v, %t", c.text, got, ok)
		}
	}
	for _, text := range []string{
		"", "tomorrow", "2026", "2026-09", "2026-9-15", "26-09-15", "2026-02-30", "2023-02-29", "2026-13-01", "2026-09-15 ", " 2026-09-15",
		"2026-09-15T", "2026-09-15T9:30", "2026-09-15T24:00", "2026-09-15T09:60", "2026-09-15T09:30:61", "2026-09-15T09:30:15,5",
		"2026-09-15T09:30+24:00", "2026-09-15T09:30+99:00", "2026-09-15T09:30 Z", "2026-09-15t09:30z", "2026-09-15 09:30", "20260915",
		"2026-09-15T09:30:00.", "2026-09-15T09:30:00." + strings.Repeat("0", 50),
		"2026-09-15T09:30:00Europe/London", "+2026-09-15", "2026-09-15\x00",
	} {
		if got, ok := schema.ParseDate(text); ok {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}
