package schema

import (
	"math"
	"strings"
	"unicode/utf8"

	"octavo/internal/jsonx"
	"octavo/internal/notion"
)

// Both passes ask the same judges, so that they cannot disagree about one value.

// verdict is what a judge finds.
type verdict uint8

const (
	fits verdict = iota
	wrongKind
	hasNull
	notPopulated
	tooLong
	tooShort
	tooGreat
	tooSmall
)

func (t StringType) judge(v *jsonx.Value) verdict {
	if v.Kind() != jsonx.String {
		return wrongKind
	}
	s := v.Text()
	switch {
	case strings.IndexByte(s, 0) >= 0:
		return hasNull
	case t.populated && s == "":
		return notPopulated
	case t.max > 0 && len(s) > t.max && units(s) > t.max:
		return tooLong
	}
	return fits
}

func (t NumberType) judge(v *jsonx.Value) verdict {
	f := v.Float()
	switch {
	case v.Kind() != jsonx.Number || math.IsInf(f, 0) || math.IsNaN(f):
		return wrongKind
	case f > t.max:
		return tooGreat
	case f < t.min:
		return tooSmall
	}
	return fits
}

func (t *ArrayType) judge(v *jsonx.Value) verdict {
	n := len(v.Items())
	switch {
	case v.Kind() != jsonx.Array:
		return wrongKind
	case t.max > 0 && n > t.max:
		return tooLong
	case n < t.min:
		return tooShort
	}
	return fits
}

func (t *LiteralType) judge(v *jsonx.Value) bool {
	return v.Kind() == jsonx.String && t.texts[v.Text()]
}

// judge returns what the value should be, "" when it is.
func (t simple) judge(v *jsonx.Value) string {
	k := v.Kind()
	switch t {
	case uuidType:
		if k != jsonx.String {
			return aString
		}
		if _, ok := notion.ParseID(v.Text()); !ok {
			return "a valid uuid"
		}
	case dateType:
		if k != jsonx.String {
			return aString
		}
		if _, ok := ParseDate(v.Text()); !ok {
			return "a valid ISO 8601 date string"
		}
	case boolType:
		if k != jsonx.Bool {
			return "a boolean"
		}
	case trueType:
		if !v.True() {
			return "`true`"
		}
	case nullType:
		if k != jsonx.Null {
			return "`null`"
		}
	case anyType:
		if k == jsonx.Undefined {
			return "defined"
		}
	case noItemsType:
		if k != jsonx.Array || len(v.Items()) > 0 {
			return notPresent
		}
	}
	return ""
}

// keepable reports whether a key of the client's choice can be stored.
func keepable(key string) bool { return strings.IndexByte(key, 0) < 0 }

// units returns the length of s in UTF-16 units.
func units(s string) int {
	n := 0
	for _, r := range s {
		n += unitsOf(r)
	}
	return n
}

func unitsOf(r rune) int {
	if r > math.MaxUint16 {
		return 2
	}
	return 1
}

// wide is how many keys an object may have for a search through all of them to be
// quicker than an index.
const wide = 32

// finder finds keys in objects. It indexes an object with many keys at first use, since
// each of the variants of a union may ask for each of its keys.
type finder struct {
	indexes map[*jsonx.Member]map[string]int
}

// find returns the value under key, nil when it is not there.
func (f *finder) find(members []jsonx.Member, key string) *jsonx.Value {
	if len(members) > wide {
		if i, ok := f.index(members)[key]; ok && members[i].Value.Defined() {
			return &members[i].Value
		}
		return nil
	}
	for i := range members {
		if members[i].Key == key && members[i].Value.Defined() {
			return &members[i].Value
		}
	}
	return nil
}

func (f *finder) index(members []jsonx.Member) map[string]int {
	if index, ok := f.indexes[&members[0]]; ok {
		return index
	}
	index := make(map[string]int, len(members))
	for i, m := range members {
		if _, doubled := index[m.Key]; !doubled {
			index[m.Key] = i
		}
	}
	if f.indexes == nil {
		f.indexes = map[*jsonx.Member]map[string]int{}
	}
	f.indexes[&members[0]] = index
	return index
}

// unknown returns the first member that no field names, nil when there is none.
func (o *ObjectType) unknown(members []jsonx.Member) *jsonx.Member {
	for i := range members {
		if members[i].Value.Defined() && !o.Has(members[i].Key) {
			return &members[i]
		}
	}
	return nil
}

// runeStart returns the greatest n' ≤ n at which s can be cut without breaking a rune.
func runeStart(s string, n int) int {
	for n > 0 && n < len(s) && !utf8.RuneStart(s[n]) {
		n--
	}
	return n
}
