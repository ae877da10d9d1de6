// Package property knows the types a property of a page can have: what a request may
// write, what is stored and what is shown (pages-blocks.md §5.6).
//
// Every type is one file with the same silhouette, a [Type] literal; [Types] is the table
// of them.
package property

import (
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

// Type is one type of property. A field that is nil means "cannot".
type Type struct {
	// Name is the type as the API writes it.
	Name string
	// Value is what a request may write under the key named like the type; nil for types
	// that the server computes.
	Value schema.Type
	// Shorthand is what a request may write in place of the object with that key. Types
	// may share one; see [Define].
	Shorthand schema.Type
}

// Types are the types of properties that a page can show. Those that can be written come
// first, in the order in which a refusal lists them (contract.md §3.4).
var Types = []Type{
	title, richText, number, url, selectOne, multiSelect, people, email, phoneNumber, date, checkbox,
	relation, files, status, place, verification,
	createdTime, createdBy, lastEditedTime, lastEditedBy, formula, rollup, uniqueID, button,
}

// shorthands is the order in which a refusal lists the shorthands. Text of any sort is the
// string and a missing value the null that several types share.
var shorthands = []schema.Type{
	title.Shorthand, multiSelect.Shorthand, people.Shorthand, relation.Shorthand, files.Shorthand,
	number.Shorthand, schema.Null(), url.Shorthand,
	selectOne.Shorthand, date.Shorthand, place.Shorthand, verification.Shorthand, checkbox.Shorthand,
}

// Define adds to the set what a page's `properties` may hold. "property_values" is a map
// in one of two forms, each of which the map follows as a whole: "property_value", an
// object with a key named like the type, or "property_shorthand", the bare value. It needs
// [richtext.Define] and the definitions of package media.
func Define(set *schema.Set) {
	set.Define("select_option", schema.Union(option("id", "name"), option("name", "id")))
	var wrapped []schema.Type
	for _, t := range Types {
		if t.Value != nil {
			wrapped = append(wrapped, schema.Object(
				schema.Req(t.Name, t.Value),
				schema.Opt("type", schema.Literal(t.Name)),
				schema.Opt("id", schema.String()), // as it was read
			))
		}
	}
	set.Define("property_value", schema.Union(wrapped...))
	set.Define("property_shorthand", schema.Union(shorthands...))
	set.Define("property_values", schema.Union(
		schema.Map(schema.Ref("property_value")),
		schema.Map(schema.Ref("property_shorthand")),
	))
}

const (
	maxText  = 2000 // of a url, in UTF-16 units (contract.md §7)
	maxShort = 200  // of an email address or phone number
	maxItems = richtext.MaxItems
)

// optionColors are the colors of options, in the order the API lists them.
var optionColors = []string{"default", "gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red"}

// option is an option named by one of its keys; what names it is checked first.
func option(by, other string) schema.Type {
	return schema.Object(
		optionKey(by, true), optionKey(other, false),
		schema.Opt("color", schema.Literal(optionColors...)),
		schema.Opt("description", schema.Nullable(schema.String())),
	)
}

func optionKey(key string, required bool) schema.Field {
	t := schema.String()
	if key == "name" {
		t = t.NonEmpty()
	}
	if required {
		return schema.Req(key, t)
	}
	return schema.Opt(key, t)
}

func optionOrNull() schema.Type { return schema.Nullable(schema.Ref("select_option")) }
