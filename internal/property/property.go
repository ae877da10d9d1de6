// Package property knows the properties of pages and the columns they are values of: the
// schema of a data source and how it changes, what a request may write, what is stored and
// what is shown, what a value becomes when its type changes, and what the query index keeps
// of it (databases.md §2–§3, pages-blocks.md §5.6).
//
// Every type is one file with the same silhouette, a [Type] literal; [Types] is the table
// of them. DESIGN.md says what is stored and who does what.
package property

import (
	lang "octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

// Type is one type of property. A field that is nil means "cannot".
type Type struct {
	// Name is the type as the API writes it.
	Name string
	// Config is what a request may write under the key named like the type to bring the
	// property into a schema or to change it there; nil for types that the API cannot
	// introduce.
	Config schema.Type
	// Value is what a request may write under the key named like the type; nil for types
	// that the server computes.
	Value schema.Type
	// Shorthand is what a request may write in place of the object with that key. Types
	// may share one; see [Define].
	Shorthand schema.Type
	// Filters are the kinds of filter that the property answers to (databases.md §3.4).
	Filters []string
	// Sort is what the property is ordered by; [Unsorted] for types that have no order.
	Sort Sort

	// configure returns the configuration that results from the old one, Undefined for a new
	// property, and a request. Types without it have none: {}.
	configure func(c *changer, p *Property, old, sent jsonx.Value) (jsonx.Value, error)
	// live returns the configuration with the names that other data sources own as they are
	// now. Types without it show what is stored.
	live func(s *Schema, config jsonx.Value, sources Sources) jsonx.Value
	// fits reports whether a shorthand is of this type. The schema has only seen that it is
	// of one of them.
	fits func(sent jsonx.Value) bool
	// decode returns the stored form of what was sent; Undefined, also an empty value, clears.
	decode func(d *decoder, p *Property, sent jsonx.Value) (jsonx.Value, error)
	// empty is what a property without a value shows.
	empty jsonx.Value
	// clearable reports whether null clears it.
	clearable bool
	// show returns what is shown of a stored value, which is never Undefined. Types without it
	// show what is stored.
	show func(p *Property, stored jsonx.Value) jsonx.Value
	// verbatim reports whether a value is shown to everyone in the bytes in which it is stored.
	// Types without it have to be read.
	verbatim func(stored []byte) bool
	// text returns a stored value as plain text, for changes of type and for searching. Types
	// without it have none.
	text func(stored jsonx.Value) string
	// cells appends what the query index keeps of a stored value, which is never Undefined.
	cells func(dst []Cell, stored jsonx.Value) []Cell
	// seen is the type that formulas see values as (databases.md §4.4), value what they take
	// what a page shows for. Types without them are seen as blank, or as [Computations] says.
	seen  lang.Type
	value func(shown jsonx.Value) lang.Value
}

// Types are the types of properties that a page can show. Those that can be written come
// first, in the order in which a refusal lists them (contract.md §3.4).
var Types = []Type{
	title, richText, number, url, selectOne, multiSelect, people, email, phoneNumber, date, checkbox,
	relation, files, status, place, verification,
	createdTime, createdBy, lastEditedTime, lastEditedBy, formula, rollup, uniqueID, button,
}

// Lookup returns the type of that name, nil when there is none.
func Lookup(name string) *Type {
	for i := range Types {
		if Types[i].Name == name {
			return &Types[i]
		}
	}
	return nil
}

// Computed reports whether the server, and no request, gives the property its value.
func (t *Type) Computed() bool { return t.decode == nil }

// Property is one column of a data source. It is never changed once it is in a [Schema].
type Property struct {
	// ID is the raw id, "title" or four characters from ':' to '~' (databases.md §2.1); see
	// [EncodeID] for the form on the wire.
	ID   string
	Name string
	// Description is nil when there is none.
	Description *string
	Type        *Type
	// Config is the configuration as the API shows it, but for names that other data sources
	// own, which are as they were when it was written.
	Config jsonx.Value

	options []Option // of the configuration, in list order
}

// shorthands is the order in which a refusal lists the shorthands. Text of any sort is the
// string and a missing value the null that several types share.
var shorthands = []schema.Type{
	title.Shorthand, multiSelect.Shorthand, people.Shorthand, relation.Shorthand, files.Shorthand,
	number.Shorthand, schema.Null(), url.Shorthand,
	selectOne.Shorthand, date.Shorthand, place.Shorthand, verification.Shorthand, checkbox.Shorthand,
}

// configured is the order in which a refusal lists the types that a schema can be given.
var configured = []string{
	"number", "formula", "select", "multi_select", "status", "relation", "rollup", "unique_id", "title", "rich_text",
	"url", "people", "files", "email", "phone_number", "date", "checkbox", "created_by", "created_time",
	"last_edited_by", "last_edited_time", "place",
}

// Define adds to the set what requests may hold of properties. It needs
// [richtext.Define] and the definitions of package media.
//
// "property_values" is what a page's `properties` may hold, a map in one of two forms, each
// of which the map follows as a whole: "property_value", an object with a key named like the
// type, or "property_shorthand", the bare value.
//
// "property_schemas" is what `properties` may hold when a data source is made and
// "property_schema_updates" when it is changed: maps of "property_schema" and
// "property_schema_update". The configuration of a type is "property_config.<type>".
//
// "filter.<family>" are the conditions of a [Family]; [FilterVariants] needs them.
func Define(set *schema.Set) {
	defineValues(set)
	defineConfigs(set)
	defineFilters(set)
}

func defineValues(set *schema.Set) {
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

func defineConfigs(set *schema.Set) {
	set.Define("property_option", schema.Union(option("name", "id"), option("id", "name")))
	set.Define("status_option", schema.Union(
		option("name", "id").Add(schema.Opt("group", schema.Literal(statusGroups...))),
		option("id", "name").Add(schema.Opt("group", schema.Literal(statusGroups...))),
	))
	var entries []schema.Type
	for _, name := range configured {
		set.Define("property_config."+name, Lookup(name).Config)
		entries = append(entries, schema.Object(
			schema.Req(name, schema.Ref("property_config."+name)),
			schema.Opt("type", schema.Literal(name)),
			schema.Opt("id", schema.String()), // as it was read
			schema.Opt("name", schema.String().NonEmpty()),
			schema.Opt("description", schema.Nullable(schema.String())),
		))
	}
	set.Define("property_schema", schema.Union(entries...))
	set.Define("property_schemas", schema.Map(schema.Ref("property_schema")))
	set.Define("property_schema_update", schema.Union(append(entries, schema.Null(), schema.Object(
		schema.Req("name", schema.String().NonEmpty()),
		schema.Opt("description", schema.Nullable(schema.String())),
	))...))
	set.Define("property_schema_updates", schema.Map(schema.Ref("property_schema_update")))
}

const (
	maxText  = 2000 // of a url, in UTF-16 units (contract.md §7)
	maxShort = 200  // of an email address or phone number
	maxItems = richtext.MaxItems
)
