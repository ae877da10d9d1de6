package formula

import (
	"math"
	"time"
	"unsafe"

	"octavo/internal/notion"
)

// Kind is what a value is. A [Type] says which kinds an expression can have.
type Kind uint8

// The kinds of values (databases.md §4.4).
const (
	KindBlank Kind = iota
	// failed is a value that could not be computed. Unlike a blank one it makes everything
	// computed from it fail too. It is shown as blank.
	failed
	KindNumber
	KindText
	KindBoolean
	KindDate
	KindPerson
	KindPage
	KindList
)

// Value is a value of the language. The zero Value is blank. It is small and passed by
// value; numbers, booleans and single dates need no memory beside it.
type Value struct {
	// bits is the number, the boolean, the start of the date in milliseconds since 1970, or
	// the length of the text or list.
	bits uint64
	// ref points to the bytes of the text, the items of the list, the end of the date (nil
	// for none), the person or the page.
	ref  unsafe.Pointer
	kind Kind
	// dayOnly is set on dates without a time of day: then start and end are midnight UTC of
	// their days, whatever the zone.
	dayOnly bool
}

// Date is a day, a moment, or a range of either.
type Date struct {
	// Start is midnight UTC of the day when there is no time of day.
	Start time.Time
	// End is the zero time when there is no end.
	End time.Time
	// HasTime reports whether there is a time of day. It holds for both ends.
	HasTime bool
}

// Person is a user as formulas see one. Name and Email are "" when unknown.
type Person struct {
	ID          notion.ID
	Name, Email string
}

// Record is a page as formulas see it: the row itself, or a page it relates to.
type Record interface {
	// ID is the id of the page.
	ID() notion.ID
	// Title is the plain text of the page's title.
	Title() string
	// Property returns the value of a property that the [Scope] has given out: a value of
	// its type, or blank. What prevents a value from being had is told to [Run.Fail].
	Property(p *Property) Value
}

// page boxes a Record so that a Value can point to it.
type page struct{ Record }

// NumberValue returns a number. What is not finite is blank, and -0 is 0.
func NumberValue(f float64) Value {
	if f-f != 0 { // an infinity, or not a number
		return Value{}
	}
	return Value{kind: KindNumber, bits: math.Float64bits(f + 0)}
}

// TextValue returns a text.
func TextValue(s string) Value {
	return Value{kind: KindText, bits: uint64(len(s)), ref: unsafe.Pointer(unsafe.StringData(s))}
}

// BoolValue returns a boolean.
func BoolValue(b bool) Value {
	v := Value{kind: KindBoolean}
	if b {
		v.bits = 1
	}
	return v
}

// DateValue returns a date. Outside of the years 1 to 9999 it is blank.
func DateValue(d Date) Value {
	v := momentValue(d.Start.UnixMilli(), !d.HasTime)
	if !d.End.IsZero() {
		v = v.withEnd(d.End.UnixMilli())
	}
	return v
}

// PersonValue returns a person, or blank for nil.
func PersonValue(p *Person) Value {
	if p == nil {
		return Value{}
	}
	return Value{kind: KindPerson, ref: unsafe.Pointer(p)}
}

// PageValue returns a page, or blank for nil.
func PageValue(r Record) Value {
	if r == nil {
		return Value{}
	}
	return Value{kind: KindPage, ref: unsafe.Pointer(&page{r})}
}

// ListValue returns a list. It keeps items.
func ListValue(items []Value) Value {
	return Value{kind: KindList, bits: uint64(len(items)), ref: unsafe.Pointer(unsafe.SliceData(items))}
}

const (
	minMoment = -62135596800000 // 0001-01-01
	maxMoment = 253402300799999 // the end of 9999
	dayMillis = 24 * 60 * 60 * 1000
)

func momentValue(ms int64, dayOnly bool) Value {
	if ms < minMoment || ms > maxMoment {
		return Value{}
	}
	return Value{kind: KindDate, bits: uint64(ms), dayOnly: dayOnly}
}

func (v Value) withEnd(ms int64) Value {
	if v.kind != KindDate || ms < minMoment || ms > maxMoment {
		return Value{}
	}
	v.ref = unsafe.Pointer(&ms)
	return v
}

var failure = Value{kind: failed}

// Kind returns what the value is.
func (v Value) Kind() Kind {
	if v.kind == failed {
		return KindBlank
	}
	return v.kind
}

// IsBlank reports whether there is no value.
func (v Value) IsBlank() bool { return v.kind <= failed }

// Number returns the number, 0 when the value is none.
func (v Value) Number() float64 {
	if v.kind != KindNumber {
		return 0
	}
	return math.Float64frombits(v.bits)
}

// Text returns the text, "" when the value is none.
func (v Value) Text() string {
	if v.kind != KindText {
		return ""
	}
	return unsafe.String((*byte)(v.ref), int(v.bits))
}

// Bool returns the boolean, false when the value is none.
func (v Value) Bool() bool { return v.kind == KindBoolean && v.bits != 0 }

// Date returns the date in UTC, the zero Date when the value is none.
func (v Value) Date() Date {
	if v.kind != KindDate {
		return Date{}
	}
	d := Date{Start: time.UnixMilli(v.start()).UTC(), HasTime: !v.dayOnly}
	if v.ref != nil {
		d.End = time.UnixMilli(v.end()).UTC()
	}
	return d
}

// Person returns the person, nil when the value is none.
func (v Value) Person() *Person {
	if v.kind != KindPerson {
		return nil
	}
	return (*Person)(v.ref)
}

// Page returns the page, nil when the value is none.
func (v Value) Page() Record {
	if v.kind != KindPage {
		return nil
	}
	return (*page)(v.ref).Record
}

// Items returns the items of the list, nil when the value is none. They must not be
// changed.
func (v Value) Items() []Value {
	if v.kind != KindList {
		return nil
	}
	return unsafe.Slice((*Value)(v.ref), int(v.bits))
}

// start returns the start of a date in milliseconds since 1970, 0 when the value is none.
func (v Value) start() int64 {
	if v.kind != KindDate {
		return 0
	}
	return int64(v.bits)
}

// end returns the end of a date in milliseconds since 1970; its start when there is none.
func (v Value) end() int64 {
	if v.kind != KindDate || v.ref == nil {
		return v.start()
	}
	return *(*int64)(v.ref)
}

// isTrue reports whether the value counts as true in a condition (databases.md §4.4).
func (v Value) isTrue() bool {
	switch v.kind {
	case KindNumber:
		return v.Number() != 0
	case KindBoolean, KindText, KindList:
		return v.bits != 0
	}
	return v.kind > failed
}
