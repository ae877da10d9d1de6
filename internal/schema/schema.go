// Package schema says what a request may look like and, when it does not, says so in
// the API's own words (contract.md §3).
//
// A schema is a tree of types: strict and loose objects, arrays, maps, unions,
// strings, numbers, ids, dates, literals. A [Set] holds named definitions that refer
// to each other; every version of the API has a set of its own, made from the next
// newer one by [Set.Clone] and amendments.
//
// The grammar of a refusal:
//
//	message = loc " failed validation: " line
//	        | loc " failed validation. Fix one:" 1*("\n" line)
//	line    = path " should be " expectations ", instead was `" value "`."
//
// loc is "body", "path", "query" or a header. path is loc, then .key and [index], and
// .length where a length is at fault. Several expectations are joined by commas and
// "or". value is compact JSON, cut after 55 UTF-16 units; a missing key is undefined.
//
// Which lines are shown follows from one rule per type. The first failing key (in the
// order of the schema, unknown keys last), item or entry ends the check of an object,
// array or map. A union that fits in none of its variants pools their lines, keeps
// those with the longest path and merges lines of one path. There is no pruning by
// `type`. An optional key that is wrong itself also offers `undefined`.
//
// Checking has two passes: the first only says yes or no and allocates nothing, the
// second, for refused requests alone, finds the lines. DESIGN.md says how both stay
// cheap on hostile input.
package schema

import "math"

// Type is one rule of a schema. Only this package implements it.
type Type interface {
	// adopt returns the copy of the type that belongs to a set.
	adopt(*adoption) Type
}

// Field is one key of an object with its rule.
type Field struct {
	key      string
	typ      Type
	required bool
}

// Req returns a field that must be there.
func Req(key string, t Type) Field { return Field{key, t, true} }

// Opt returns a field that may be left out.
func Opt(key string, t Type) Field { return Field{key, t, false} }

// ObjectType is an object whose keys are known. Keys are checked in the order of the
// fields, which therefore decides what a refusal names.
type ObjectType struct {
	fields []Field
	strict bool
	set    *Set
}

// Object returns an object that refuses unknown keys as "not present".
func Object(fields ...Field) *ObjectType { return newObject(true, fields) }

// Loose returns an object that ignores unknown keys, as the API does for rich text
// (contract.md §3.5).
func Loose(fields ...Field) *ObjectType { return newObject(false, fields) }

func newObject(strict bool, fields []Field) *ObjectType {
	o := &ObjectType{strict: strict}
	return o.Add(fields...)
}

// ArrayType is an array whose items follow one rule.
type ArrayType struct {
	item     Type
	min, max int
}

// Array returns an array of at most limit items; a limit of 0 sets none.
func Array(item Type, limit int) *ArrayType { return &ArrayType{item: item, max: limit} }

// Min returns the array with a least number of items.
func (t *ArrayType) Min(n int) *ArrayType { return &ArrayType{t.item, n, t.max} }

// Item returns the rule of the items.
func (t *ArrayType) Item() Type { return t.item }

// MapType is an object with keys of the client's choice whose values follow one rule.
type MapType struct{ item Type }

// Map returns an object with any keys, such as `properties`. A key with a null
// character in it is refused as "not present", since no database could keep it.
func Map(item Type) *MapType { return &MapType{item} }

// Item returns the rule of the values.
func (t *MapType) Item() Type { return t.item }

// UnionType is a choice of variants, tried in order.
type UnionType struct {
	variants []Type
	// hidden names the variants that refusals leave out; see [UnionType.Hide].
	hidden []string
	// heads holds, once the set is sealed, the first required key of each variant that
	// is an object, so that most variants are ruled out by one look.
	heads []string
	// quiet says, once the set is sealed, which variants are hidden.
	quiet []bool
	set   *Set
}

// Union returns a value that follows at least one of the variants. Their order is the
// order of the lines in a refusal.
func Union(variants ...Type) *UnionType { return &UnionType{variants: variants} }

// Nullable returns t or null.
func Nullable(t Type) *UnionType { return Union(t, Null()) }

// StringType is a string, perhaps bounded. Strings with a null character are refused.
type StringType struct {
	max       int
	populated bool
}

// String returns any string without null characters.
func String() StringType { return StringType{} }

// Max returns the string limited to n UTF-16 units, the length JavaScript knows.
func (t StringType) Max(n int) StringType { t.max = n; return t }

// NonEmpty returns the string that has to be "populated".
func (t StringType) NonEmpty() StringType { t.populated = true; return t }

// NumberType is a finite number, perhaps bounded.
type NumberType struct{ min, max float64 }

// Number returns any number that float64 can hold.
func Number() NumberType { return NumberType{math.Inf(-1), math.Inf(1)} }

// Min returns the number with a least value.
func (t NumberType) Min(f float64) NumberType { t.min = f; return t }

// Max returns the number with a greatest value.
func (t NumberType) Max(f float64) NumberType { t.max = f; return t }

// LiteralType is a closed set of strings.
type LiteralType struct {
	texts   map[string]bool
	wanting []string
}

// Literal returns one of the strings; a refusal prints them all, in this order.
func Literal(values ...string) *LiteralType {
	t := &LiteralType{texts: make(map[string]bool, len(values))}
	for _, s := range values {
		t.texts[s] = true
		t.wanting = append(t.wanting, showString(s))
	}
	return t
}

// simple is a type without settings.
type simple uint8

const (
	uuidType simple = iota
	dateType
	boolType
	trueType
	nullType
	anyType
	noItemsType
)

// UUID returns an id as [octavo/internal/notion.ParseID] reads it (contract.md §9).
func UUID() Type { return uuidType }

// Date returns "a valid ISO 8601 date string", as [ParseDate] reads it.
func Date() Type { return dateType }

// Bool returns true or false.
func Bool() Type { return boolType }

// True returns the literal true.
func True() Type { return trueType }

// Null returns null.
func Null() Type { return nullType }

// Any returns any value at all. Nothing inside is looked at, null characters included.
func Any() Type { return anyType }

// NoItems returns an empty array under a key that should not be there at all, such as the
// `children` of blocks that are nested too deeply: clients write back what they hold, and
// an empty list asks for nothing. Anything else is refused as "not present".
func NoItems() Type { return noItemsType }

// RefType stands for a named definition of the set it is in.
type RefType struct {
	name   string
	target Type // once the set is sealed
}

// Ref returns the definition called name, which may be defined later and may, below an
// object, array or map, contain the reference itself.
func Ref(name string) *RefType { return &RefType{name: name} }
