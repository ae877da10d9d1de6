package formula

import (
	"strconv"
	"time"

	"octavo/internal/jsonx"
)

// empty is true of what is false in a condition: blank, 0, "", [] and false.
func empty(_ *Run, v Value) Value { return BoolValue(!v.isTrue()) }

func length(_ *Run, v Value) Value {
	if v.kind == KindText {
		return NumberValue(float64(units(v.Text())))
	}
	return NumberValue(float64(len(v.Items())))
}

func format(r *Run, v Value) Value {
	if v.kind == KindText {
		return v
	}
	mark := len(r.text)
	r.appendFormat(v)
	return r.cutText(mark)
}

// appendFormat adds the value to r.text as format() shows it (databases.md §4.5).
func (r *Run) appendFormat(v Value) {
	switch v.kind {
	case KindNumber:
		r.text = jsonx.AppendNumber(r.text, v.float())
	case KindText:
		r.text = append(r.text, v.Text()...)
	case KindBoolean:
		r.text = strconv.AppendBool(r.text, v.Bool())
	case KindDate:
		r.appendMoment(v.start(), v.dayOnly)
		if v.ref != nil {
			r.text = append(r.text, " → "...)
			r.appendMoment(v.end(), v.dayOnly)
		}
	case KindPerson:
		r.text = append(r.text, v.Person().Name...)
	case KindPage:
		r.text = append(r.text, v.Page().Title()...)
	case KindList:
		r.appendJoined(v.Items(), ",")
	}
}

func (r *Run) appendMoment(ms int64, dayOnly bool) {
	layout := "January 2, 2006 15:04"
	if dayOnly {
		layout = "January 2, 2006"
	}
	r.text = r.calendar(ms, dayOnly).AppendFormat(r.text, layout)
}

// appendJoined adds the items with a separator between them; blank ones are nothing.
func (r *Run) appendJoined(items []Value, separator string) {
	before := len(r.text)
	for i, item := range items {
		if !r.spend(1) {
			return
		}
		if i > 0 {
			r.text = append(r.text, separator...)
		}
		r.appendFormat(item)
		if len(r.text)-before > MaxText {
			r.Fail(ErrText)
			return
		}
	}
}

func equal(r *Run, a, b Value) Value   { return BoolValue(r.equal(a, b)) }
func unequal(r *Run, a, b Value) Value { return BoolValue(!r.equal(a, b)) }

// id returns the id of a page, of the row when none is given, without dashes.
func id(r *Run, args []Value) Value {
	page := r.row
	if len(args) > 0 {
		page = args[0].Page()
	}
	if page == nil {
		return Value{}
	}
	return TextValue(page.ID().Compact())
}

func nameOf(_ *Run, v Value) Value {
	if p := v.Person(); p != nil && p.Name != "" {
		return TextValue(p.Name)
	}
	return Value{}
}

func emailOf(_ *Run, v Value) Value {
	if p := v.Person(); p != nil && p.Email != "" {
		return TextValue(p.Email)
	}
	return Value{}
}

// String returns the value for people and tests: numbers and texts as JSON, dates as they
// are stored, lists between brackets.
func (v Value) String() string { return string(v.append(nil, 8)) }

// append leaves out what is too deep or too much: lists can share their items, and then be
// huge when they are written.
func (v Value) append(dst []byte, depth int) []byte {
	switch v.kind {
	case KindNumber:
		return jsonx.AppendNumber(dst, v.Number())
	case KindText:
		return jsonx.AppendString(dst, v.Text())
	case KindBoolean:
		return strconv.AppendBool(dst, v.Bool())
	case KindDate:
		return v.Date().append(dst)
	case KindPerson:
		return append(dst, v.Person().Name...)
	case KindPage:
		return append(dst, v.Page().Title()...)
	case KindList:
		const enough = 64 << 10
		if depth == 0 || len(dst) > enough {
			return append(dst, "[…]"...)
		}
		dst = append(dst, '[')
		for i, item := range v.Items() {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			dst = item.append(dst, depth-1)
		}
		return append(dst, ']')
	}
	return append(dst, "blank"...)
}

func (d Date) append(dst []byte) []byte {
	layout := time.DateOnly
	if d.HasTime {
		layout = "2006-01-02T15:04:05.000Z07:00"
	}
	dst = d.Start.AppendFormat(dst, layout)
	if !d.End.IsZero() {
		dst = append(dst, " → "...)
		dst = d.End.AppendFormat(dst, layout)
	}
	return dst
}
