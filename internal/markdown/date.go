package markdown

import (
	"strings"
	"time"

	"octavo/internal/jsonx"
	"octavo/internal/richtext"
)

// canonicalDate returns the ends of a date as they are stored, with both in the zone of the
// start, since a text names one zone; both are "" when it is no date.
func canonicalDate(v jsonx.Value) (start, end string) {
	d, err := richtext.DecodeDate(v)
	if err != nil {
		return "", ""
	}
	if !d.End.IsZero() {
		d.End = d.End.In(d.Start.Location())
	}
	stored := d.Value()
	return stored.Get("start").Text(), stored.Get("end").Text()
}

// The parts of a stored moment, as in 2022-01-01T10:30:00.000+01:00.
const (
	dayLength   = len("2006-01-02")
	clockStart  = dayLength + len("T")
	clockEnd    = clockStart + len("15:04")
	offsetStart = clockEnd + len(":00.000")
)

// splitMoment cuts a stored date into its day, its time of day and its offset from UTC, by
// which the zone is named: UTC or +01:00. The last two are "" for a day.
func splitMoment(s string) (day, clock, zone string) {
	if len(s) <= offsetStart {
		return s, "", ""
	}
	zone = s[offsetStart:]
	if zone == "+00:00" {
		zone = "UTC"
	}
	return s[:dayLength], s[clockStart:clockEnd], zone
}

// dateFrom reads the attributes of the tag of a date; false when they do not make one.
func dateFrom(a attrs) (span, bool) {
	s := span{kind: dateSpan}
	switch day := a.get("start"); day {
	case "":
		return s, false
	case "today", "now":
		return span{kind: templateSpan, start: day}, true
	}
	zone := a.get("time-zone")
	start, zoned := moment(a.get("start"), a.get("start-time"), zone)
	members := []jsonx.Member{jsonx.M("start", jsonx.StringValue(start))}
	if a.get("end") != "" {
		end, _ := moment(a.get("end"), a.get("end-time"), zone)
		members = append(members, jsonx.M("end", jsonx.StringValue(end)))
	}
	if zoned {
		members = append(members, jsonx.M("time_zone", jsonx.StringValue(zone)))
	}
	s.start, s.end = canonicalDate(jsonx.ObjectValue(members...))
	return s, s.start != ""
}

// moment puts a date of a request together. An offset goes into it; zoned reports whether
// there is a time of day and the name of a zone, which goes beside it.
func moment(day, clock, zone string) (s string, zoned bool) {
	switch {
	case clock == "":
		return day, false
	case isOffset(zone):
		return day + "T" + clock + ":00" + zone, false
	default:
		return day + "T" + clock + ":00", zone != ""
	}
}

func isOffset(zone string) bool {
	if !strings.HasPrefix(zone, "+") && !strings.HasPrefix(zone, "-") {
		return false
	}
	_, err := time.Parse("-07:00", zone)
	return err == nil
}
