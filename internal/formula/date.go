package formula

import (
	"math"
	"strings"
	"time"
)

// calendar returns one end of a date as a calendar shows it: a day as it is, a moment in
// the zone of the run.
func (r *Run) calendar(ms int64, dayOnly bool) time.Time {
	t := time.UnixMilli(ms)
	if dayOnly || r.Zone == time.UTC {
		return t.UTC()
	}
	return t.In(r.Zone)
}

// moment returns the moment of one end of a date. A day begins at midnight of the zone.
func (r *Run) moment(ms int64, dayOnly bool) int64 {
	if !dayOnly || r.Zone == time.UTC {
		return ms
	}
	t := time.UnixMilli(ms).UTC()
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, r.Zone).UnixMilli()
}

func (r *Run) instant(v Value) int64      { return r.moment(v.start(), v.dayOnly) }
func (r *Run) instantOfEnd(v Value) int64 { return r.moment(v.end(), v.dayOnly) }

// local returns the start of a date as a calendar shows it.
func (r *Run) local(v Value) time.Time { return r.calendar(v.start(), v.dayOnly) }

// dayValue returns the day of t in its zone.
func dayValue(t time.Time) Value {
	return momentValue(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).UnixMilli(), true)
}

func minuteStart(ms int64) int64 {
	const minute = 60_000
	return ms - (ms%minute+minute)%minute
}

func now(r *Run) Value   { return momentValue(minuteStart(r.Now.UnixMilli()), false) }
func today(r *Run) Value { return dayValue(r.Now.In(r.Zone)) }

func minute(r *Run, v Value) Value     { return NumberValue(float64(r.local(v).Minute())) }
func hour(r *Run, v Value) Value       { return NumberValue(float64(r.local(v).Hour())) }
func dayOfMonth(r *Run, v Value) Value { return NumberValue(float64(r.local(v).Day())) }
func month(r *Run, v Value) Value      { return NumberValue(float64(r.local(v).Month())) }
func year(r *Run, v Value) Value       { return NumberValue(float64(r.local(v).Year())) }

// day returns the day of the week, 1 for Monday to 7 for Sunday.
func day(r *Run, v Value) Value { return NumberValue(float64(isoWeekday(r.local(v)))) }

func isoWeekday(t time.Time) int { return int(t.Weekday()+6)%7 + 1 }

func week(r *Run, v Value) Value {
	_, week := r.local(v).ISOWeek()
	return NumberValue(float64(week))
}

// unit is a unit of time: so many months, days or milliseconds.
type unit struct{ months, days, millis float64 }

var timeUnits = map[string]unit{
	"years": {months: 12}, "quarters": {months: 3}, "months": {months: 1}, "weeks": {days: 7}, "days": {days: 1},
	"hours": {millis: 60 * 60 * 1000}, "minutes": {millis: 60 * 1000}, "seconds": {millis: 1000}, "milliseconds": {millis: 1},
}

// unitOf returns the unit with a name, singular or plural.
func unitOf(name string) (unit, bool) {
	u, ok := timeUnits[name]
	if !ok {
		u, ok = timeUnits[name+"s"]
	}
	return u, ok
}

func dateAdd(r *Run, args []Value) Value {
	return r.shift(args[0], args[1].Number(), args[2].Text())
}

func dateSubtract(r *Run, args []Value) Value {
	return r.shift(args[0], -args[1].Number(), args[2].Text())
}

// shift moves the start of a date; an end is dropped, as the language has always done. Of
// months only whole ones count, of days a fraction is so many hours.
func (r *Run) shift(v Value, amount float64, name string) Value {
	u, ok := unitOf(name)
	if !ok {
		return Value{}
	}
	months := math.Trunc(amount * u.months)
	days := amount * u.days
	millis := amount*u.millis + (days-math.Trunc(days))*dayMillis
	const farthest = maxMoment - minMoment
	if math.Abs(months) > 12*10_000 || math.Abs(days) > farthest/dayMillis || math.Abs(millis) > farthest {
		return Value{}
	}
	ms := v.start()
	if whole := int(math.Trunc(days)); months != 0 || whole != 0 {
		t := addMonths(r.local(v), int(months))
		ms = time.Date(t.Year(), t.Month(), t.Day()+whole, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location()).UnixMilli()
	}
	if millis == 0 {
		return momentValue(ms, v.dayOnly)
	}
	return momentValue(r.moment(ms, v.dayOnly)+int64(millis), false)
}

// addMonths keeps the day of the month, or takes the last of a month that is too short.
func addMonths(t time.Time, n int) time.Time {
	if n == 0 {
		return t
	}
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
	last := time.Date(first.Year(), first.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return time.Date(first.Year(), first.Month(), min(t.Day(), last), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
}

// dateBetween returns how many whole units lie between two dates, negative when the first
// is the earlier one.
func dateBetween(r *Run, args []Value) Value {
	u, ok := unitOf(args[2].Text())
	if !ok {
		return Value{}
	}
	a := time.UnixMilli(r.instant(args[0])).In(r.Zone)
	b := time.UnixMilli(r.instant(args[1])).In(r.Zone)
	millis := float64(a.UnixMilli() - b.UnixMilli())
	switch {
	case u.months > 0:
		return NumberValue(math.Trunc(monthsBetween(a, b) / u.months))
	case u.days > 0:
		// The days of a calendar, some of which have 23 or 25 hours.
		_, offsetA := a.Zone()
		_, offsetB := b.Zone()
		millis += float64(offsetA-offsetB) * 1000
		return NumberValue(math.Trunc(millis / (u.days * dayMillis)))
	}
	return NumberValue(math.Trunc(millis / u.millis))
}

// monthsBetween returns a - b in months. The part of a month that is left is measured by
// the month in which it lies.
func monthsBetween(a, b time.Time) float64 {
	if a.Day() < b.Day() {
		return -monthsBetween(b, a)
	}
	whole := (b.Year()-a.Year())*12 + int(b.Month()) - int(a.Month())
	anchor := addMonths(a, whole)
	other := addMonths(a, whole+1)
	if b.Before(anchor) {
		other = addMonths(a, whole-1)
	}
	part := float64(b.UnixMilli()-anchor.UnixMilli()) / math.Abs(float64(other.UnixMilli()-anchor.UnixMilli()))
	return -(float64(whole) + part)
}

// dateRange returns the range from the start of one date to the end of another. When only
// one has a time of day, the other is taken for the beginning of its day.
func dateRange(r *Run, a, b Value) Value {
	start, end, dayOnly := a.start(), b.end(), a.dayOnly && b.dayOnly
	if !dayOnly {
		start, end = r.moment(start, a.dayOnly), r.moment(end, b.dayOnly)
	}
	return momentValue(start, dayOnly).withEnd(end)
}

func dateStart(_ *Run, v Value) Value { return momentValue(v.start(), v.dayOnly) }
func dateEnd(_ *Run, v Value) Value   { return momentValue(v.end(), v.dayOnly) }

func timestamp(r *Run, v Value) Value { return NumberValue(float64(r.instant(v))) }

func fromTimestamp(_ *Run, v Value) Value {
	if ms := v.Number(); ms >= minMoment && ms <= maxMoment {
		return momentValue(minuteStart(int64(math.Floor(ms))), false)
	}
	return Value{}
}

// parseDate reads ISO 8601. A time without an offset is one of the zone of the run.
func parseDate(r *Run, v Value) Value {
	text := strings.TrimSpace(v.Text())
	if len(text) > 64 {
		return Value{}
	}
	day, clock := text, ""
	if at := strings.IndexAny(text, "Tt "); at >= 0 {
		day, clock = text[:at], text[at+1:]
		if clock == "" {
			return Value{}
		}
	}
	date, ok := parseDay(day)
	switch {
	case !ok:
		return Value{}
	case clock == "":
		return dayValue(date)
	}
	return r.parseClock(date, clock)
}

var dayLayouts = []string{"2006-01-02", "2006-01", "2006", "20060102", "2006-002"}

// parseDay reads a day: a date of a calendar, or one of a week such as 2023-W01-1.
func parseDay(s string) (time.Time, bool) {
	for _, layout := range dayLayouts {
		if t, err := time.Parse(layout, s); err == nil && len(s) == len(layout) {
			return t, t.Year() > 0
		}
	}
	year, rest, isWeek := strings.Cut(s, "-W")
	first, err := time.Parse("2006", year)
	if !isWeek || err != nil || first.Year() < 1 || len(rest) != 2 && (len(rest) != 4 || rest[2] != '-') || digits(rest) != 2 {
		return time.Time{}, false
	}
	week, weekday := int(rest[0]-'0')*10+int(rest[1]-'0'), 1
	if len(rest) == 4 {
		weekday = int(rest[3]) - '0'
	}
	if week < 1 || weekday < 1 || weekday > 7 {
		return time.Time{}, false
	}
	// The fourth of January is in the first week.
	monday := time.Date(first.Year(), 1, 4, 0, 0, 0, 0, time.UTC)
	monday = monday.AddDate(0, 0, 1-isoWeekday(monday)+7*(week-1))
	if isoYear, isoWeek := monday.ISOWeek(); isoYear != first.Year() || isoWeek != week {
		return time.Time{}, false
	}
	return monday.AddDate(0, 0, weekday-1), true
}

var (
	clockLayouts  = []string{"15:04", "15:04:05", "15", "1504", "150405"}
	offsetLayouts = []string{"", "Z07:00", "Z0700", "Z07"}
)

// parseClock reads a time of day, with an offset or without.
func (r *Run) parseClock(day time.Time, s string) Value {
	if digits(s) < 2 {
		return Value{} // time.Parse takes 9:30
	}
	for _, clock := range clockLayouts {
		for _, offset := range offsetLayouts {
			t, err := time.Parse(clock+offset, strings.ToUpper(strings.Replace(s, ",", ".", 1)))
			if err != nil {
				continue
			}
			zone := r.Zone
			if offset != "" {
				zone = t.Location()
			}
			t = time.Date(day.Year(), day.Month(), day.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone)
			return momentValue(t.UnixMilli(), false)
		}
	}
	return Value{}
}
