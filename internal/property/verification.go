package property

import (
	"time"

	lang "octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

var verification = Type{
	Name:      "verification",
	Value:     state(),
	Shorthand: state(),
	Filters:   []string{"verification"},
	Sort:      Unsorted,
	fits:      func(sent jsonx.Value) bool { return sent.Has("state") },
	decode:    decodeVerification,
	empty:     verificationValue("unverified", jsonx.NullValue, jsonx.NullValue),
	cells:     verificationCells,
	seen:      lang.TypeOf(lang.KindText),
	value:     stateValue,
}

func state() schema.Type {
	return schema.Union(
		schema.Object(schema.Req("state", schema.Literal("verified")), schema.Opt("date", schema.Ref("date"))),
		schema.Object(schema.Req("state", schema.Literal("unverified"))),
	)
}

func verificationValue(state string, by, date jsonx.Value) jsonx.Value {
	return jsonx.ObjectValue(
		jsonx.M("state", jsonx.StringValue(state)),
		jsonx.M("verified_by", by),
		jsonx.M("date", date),
	)
}

// decodeVerification stores who verifies, and nothing for a page that is unverified.
func decodeVerification(d *decoder, p *Property, sent jsonx.Value) (jsonx.Value, error) {
	if sent.Get("state").Text() == "unverified" {
		return jsonx.Value{}, nil
	}
	during := jsonx.NullValue
	if v := sent.Get("date"); v.Defined() {
		date, err := richtext.DecodeDate(v)
		if err != nil {
			return sent, err
		}
		if !date.HasTime {
			return sent, invalid("The date of verification property %q needs times of day.", p.Name)
		}
		during = utcDate(date)
	}
	return verificationValue("verified", personValue("user", d.writer.Author), during), nil
}

// utcDate returns a date as verifications show it, with Z (pages-blocks.md §5.6).
func utcDate(d richtext.Date) jsonx.Value {
	const layout = "2006-01-02T15:04:00.000Z"
	end := jsonx.NullValue
	if !d.End.IsZero() {
		end = jsonx.StringValue(d.End.UTC().Format(layout))
	}
	return jsonx.ObjectValue(
		jsonx.M("start", jsonx.StringValue(d.Start.UTC().Format(layout))),
		jsonx.M("end", end),
		jsonx.M("time_zone", jsonx.NullValue),
	)
}

// Expires reports whether a stored verification will read differently after some time.
func Expires(stored jsonx.Value, now time.Time) bool {
	end, ok := schema.ParseDate(stored.Get("date").Get("end").Text())
	return ok && !now.After(end.Time)
}

// ShowVerification returns a stored verification as it reads at a time: one whose date has
// an end is expired after it.
func ShowVerification(stored jsonx.Value, now time.Time) jsonx.Value {
	if !stored.Defined() {
		return verification.empty
	}
	if end, ok := schema.ParseDate(stored.Get("date").Get("end").Text()); !ok || !now.After(end.Time) {
		return stored
	}
	return verificationValue("expired", stored.Get("verified_by"), stored.Get("date"))
}

func verificationCells(dst []Cell, stored jsonx.Value) []Cell {
	cell := Cell{Ref: stored.Get("state").Text()}
	if end, ok := schema.ParseDate(stored.Get("date").Get("end").Text()); ok {
		to := end.Time.UnixMicro()
		cell.To = &to
	}
	return append(dst, cell)
}
