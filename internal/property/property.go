// Package property knows the types of property that pages and data sources have: one
// file a type, all with the same silhouette, and one table of them.
package property

import "octavo/internal/schema"

// Type is one type of property. What a type cannot do is nil.
type Type struct {
	// Name is the type's name on the wire.
	Name string
	// Value is what a client may write as {"<name>": value}; nil for what is read-only.
	Value schema.Type
	// Shorthand are the forms in which a client may write the bare value, without the name
	// around it.
	Shorthand []schema.Type
}

// Types is every type that a client can write, in the order in which refusals name them
// (contract.md §3.4).
var Types = []*Type{
	title, richText, number, url, selectOne, multiSelect, people, email, phoneNumber, date, checkbox, relation, files,
	status, place, verification,
}

// Define adds "property_values", what a client may write as the properties of a page: a
// map of values each under its type's name, or a map of bare values, but not a mixture
// (contract.md §3.4).
func Define(set *schema.Set) {
	var wrapped, bare []schema.Type
	for _, t := range Types {
		wrapped = append(wrapped, schema.Object(
			schema.Req(t.Name, t.Value),
			schema.Opt("type", schema.Literal(t.Name)),
			schema.Opt("id", schema.String()),
		))
		bare = append(bare, t.Shorthand...)
	}
	set.Define("property_value", schema.Union(wrapped...))
	set.Define("property_shorthand", schema.Union(bare...))
	set.Define("property_values", schema.Union(
		schema.Map(schema.Ref("property_value")),
		schema.Map(schema.Ref("property_shorthand")),
	))
	set.Define("title_value", schema.Union(wrapped[0], schema.Ref("rich_text")))
}
