package richtext

import (
	"time"
	_ "time/tzdata" // zones must be known where the machine has none installed

	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

// Date is a date, a moment or a range of either, as date mentions and date properties
// hold it (pages-blocks.md §5.6).
type Date struct {
	// Start is midnight UTC of the day when there is no time of day, else a moment cut to
	// the minute in a zone that is only its offset.
	Start time.Time
	// End is the zero time when there is no end.
	End time.Time
	// HasTime reports whether there is a time of day. It holds for both ends.
	HasTime bool
}

const (
	dayLayout    = "2006-01-02"
	momentLayout = "2006-01-02T15:04:00.000-07:00"
)

// DecodeDate reads a date that has passed the "date" schema. A time zone is folded into
// the offset, seconds are cut. The error is a validation_error.
func DecodeDate(v jsonx.Value) (Date, error) {
	zone, err := decodeZone(v.Get("time_zone"))
	if err != nil {
		return Date{}, err
	}
	start, hasTime, err := decodeMoment(v.Get("start").Text(), zone)
	if err != nil {
		return Date{}, err
	}
	if zone != nil && !hasTime {
		return Date{}, invalid("A date with a `time_zone` needs a time of day: %s has none.", v.Get("start").Text())
	}
	d := Date{Start: start, HasTime: hasTime}
	if end := v.Get("end"); end.Kind() == jsonx.String {
		if d.End, hasTime, err = decodeMoment(end.Text(), zone); err != nil {
			return Date{}, err
		}
		if hasTime != d.HasTime {
			return Date{}, invalid("Either both `start` and `end` of a date have a time of day or neither has.")
		}
		if d.End.Before(d.Start) {
			return Date{}, invalid("The end of a date must not be before its start: %s is before %s.", end.Text(), v.Get("start").Text())
		}
	}
	return d, nil
}

// Value returns the date as the API shows it: start, end and a time_zone that is always
// null.
func (d Date) Value() jsonx.Value {
	end := jsonx.NullValue
	if !d.End.IsZero() {
		end = jsonx.StringValue(d.text(d.End))
	}
	return jsonx.ObjectValue(
		jsonx.M("start", jsonx.StringValue(d.text(d.Start))),
		jsonx.M("end", end),
		jsonx.M("time_zone", jsonx.NullValue),
	)
}

// Plain returns the date as plain text: "start" or "start → end".
func (d Date) Plain() string {
	if d.End.IsZero() {
		return d.text(d.Start)
	}
	return d.text(d.Start) + " → " + d.text(d.End)
}

func (d Date) text(t time.Time) string {
	if d.HasTime {
		return t.Format(momentLayout)
	}
	return t.Format(dayLayout)
}

// decodeZone returns nil when no zone is given.
func decodeZone(v jsonx.Value) (*time.Location, error) {
	if v.Kind() != jsonx.String {
		return nil, nil
	}
	return Zone(v.Text())
}

// Zone returns a time zone by its name in the IANA database. The error is a
// validation_error.
func Zone(name string) (*time.Location, error) {
	// LoadLocation takes "" for UTC and "Local" for the zone of the machine.
	if name != "" && name != "Local" {
		if zone, err := time.LoadLocation(name); err == nil {
			return zone, nil
		}
	}
	return nil, invalid("%s is not a time zone of the IANA database.", jsonx.StringValue(name))
}

// decodeMoment reads one end of a date. A moment without an offset is meant in the zone,
// or in UTC when there is none.
func decodeMoment(s string, zone *time.Location) (t time.Time, hasTime bool, err error) {
	text, ok := schema.ParseDate(s)
	if !ok {
		return t, false, invalid("%s is not a valid ISO 8601 date string.", jsonx.StringValue(s))
	}
	t = text.Time
	switch {
	case !text.HasTime:
	case zone == nil:
	case !text.HasOffset:
		t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, zone)
	default:
		t = t.In(zone)
	}
	if text.HasTime {
		t = cut(t)
	}
	if t.Year() < 1 || t.Year() > 9999 {
		return t, false, invalid("The date %s is out of range.", s)
	}
	return t, text.HasTime, nil
}

// cut drops the seconds of what a clock in its zone shows, and of the offset of that zone:
// before zones were agreed on, some were off by odd seconds, which the wire cannot say.
func cut(t time.Time) time.Time {
	_, offset := t.Zone()
	zone := time.FixedZone("", offset-offset%60)
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, zone)
}

func invalid(format string, args ...any) error {
	return apierr.Errorf(apierr.ValidationError, format, args...)
}
