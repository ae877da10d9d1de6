package formula

import (
	"math/bits"
	"strings"

	"octavo/internal/notion"
)

// Type is the set of kinds an expression can have when it is not blank: every expression
// can be blank. The zero Type is that of an expression that always is. Types are compared
// with [Type.Equal].
type Type struct {
	kinds kindSet
	// first is the kind that came first when branches were joined. It decides how a blank
	// is shown.
	first Kind
	// item is the type of the items, nil when there is no list among the kinds.
	item *Type
	// depth is how many lists are within one another.
	depth uint8
	// source is the data source of the pages, zero when it is unknown or not one alone.
	source notion.ID
}

// maxDepth is how deep the types of lists within lists are known. Without it the work of
// joining them would grow with their depth.
const maxDepth = 16

type kindSet uint16

func setOf(kinds ...Kind) (set kindSet) {
	for _, k := range kinds {
		set |= 1 << k
	}
	return set
}

const everyKind = 1<<KindNumber | 1<<KindText | 1<<KindBoolean | 1<<KindDate | 1<<KindPerson | 1<<KindPage | 1<<KindList

// TypeOf returns the type of a value of one of the kinds. A list among them has items that
// are always blank, a page is of an unknown data source; see [ListOf] and [PageOf].
func TypeOf(kinds ...Kind) Type {
	var t Type
	for _, k := range kinds {
		one := Type{kinds: setOf(k) & everyKind, first: k}
		if k == KindList {
			one.item, one.depth = &Type{}, 1
		}
		t = t.or(one)
	}
	return t
}

// ListOf returns the type of lists with such items.
func ListOf(item Type) Type {
	if item.depth >= maxDepth {
		item = *anything
	}
	return Type{kinds: setOf(KindList), first: KindList, item: &item, depth: item.depth + 1}
}

// PageOf returns the type of pages of a data source.
func PageOf(source notion.ID) Type {
	return Type{kinds: setOf(KindPage), first: KindPage, source: source}
}

// anything is the type of the items of [AnyType]; it is the type of its own items.
var anything = func() *Type {
	t := &Type{kinds: everyKind, first: KindText}
	t.item = t
	return t
}()

// AnyType returns the type of which nothing is known.
func AnyType() Type { return *anything }

// Kinds returns the kinds a value of the type can have, without blank.
func (t Type) Kinds() []Kind {
	var kinds []Kind
	for k := KindNumber; k <= KindList; k++ {
		if t.can(k) {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// Item returns the type of the items when the type has lists.
func (t Type) Item() Type {
	if t.item == nil {
		return Type{}
	}
	return *t.item
}

// Source returns the data source of the pages of the type, zero when it is unknown.
func (t Type) Source() notion.ID { return t.source }

// Equal reports whether both types say the same.
func (t Type) Equal(other Type) bool {
	if t.kinds != other.kinds || t.first != other.first || t.source != other.source {
		return false
	}
	if t.item == nil || other.item == nil || t.item == other.item {
		return t.item == other.item
	}
	return t.item.Equal(*other.item)
}

// Has reports whether v is blank or a value of the type.
func (t Type) Has(v Value) bool {
	if v.IsBlank() {
		return true
	}
	if !t.can(v.kind) {
		return false
	}
	for _, item := range v.Items() {
		if !t.item.Has(item) {
			return false
		}
	}
	return true
}

func (t Type) can(k Kind) bool       { return t.kinds>>k&1 != 0 }
func (t Type) within(s kindSet) bool { return t.kinds&^s == 0 }
func (t Type) isBlank() bool         { return t.kinds == 0 }

// only reports whether values of the type are of kind k or blank, and some can be of k.
func (t Type) only(k Kind) bool { return t.kinds == setOf(k) }

// or returns the type of an expression that is of type t or u.
func (t Type) or(u Type) Type {
	if t.isBlank() || t.Equal(u) {
		return u
	}
	if u.isBlank() {
		return t
	}
	joined := Type{kinds: t.kinds | u.kinds, first: t.first, depth: max(t.depth, u.depth)}
	switch {
	case t.item == nil:
		joined.item = u.item
	case u.item == nil || t.item == u.item:
		joined.item = t.item
	default:
		item := t.item.or(*u.item)
		joined.item = &item
	}
	switch {
	case !t.can(KindPage) || t.source == u.source:
		joined.source = u.source
	case !u.can(KindPage):
		joined.source = t.source
	}
	return joined
}

// withoutList returns the type of the values of t that are no lists.
func (t Type) withoutList() Type {
	if !t.can(KindList) {
		return t
	}
	t.kinds, t.item, t.depth = t.kinds&^setOf(KindList), nil, 0
	if t.first == KindList {
		t.first = KindBlank
		if kinds := t.Kinds(); len(kinds) > 0 {
			t.first = kinds[0]
		}
	}
	return t
}

// accepts reports whether every value of u, which may be blank, is a value of t.
func (t Type) accepts(u Type) bool {
	if !u.within(t.kinds) {
		return false
	}
	return u.item == nil || t.item == u.item || t.item.accepts(*u.item)
}

var kindNames = [...]string{
	KindNumber: "Number", KindText: "Text", KindBoolean: "Boolean", KindDate: "Date",
	KindPerson: "Person", KindPage: "Page", KindList: "List",
}

// String returns the type for people, such as "Number or List of Text".
func (t Type) String() string { return t.describe(4) }

// describe leaves out what the items of lists that are too deep are.
func (t Type) describe(depth int) string {
	switch {
	case t.isBlank():
		return "blank"
	case t.kinds == everyKind:
		return "any value"
	}
	names := make([]string, 0, bits.OnesCount16(uint16(t.kinds)))
	for _, k := range t.Kinds() {
		name := kindNames[k]
		if k == KindList && !t.item.isBlank() && depth > 0 {
			name += " of " + t.item.describe(depth-1)
		}
		names = append(names, name)
	}
	if len(names) < 3 {
		return strings.Join(names, " or ")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
