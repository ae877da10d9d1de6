package query

import (
	"octavo/internal/property"
	"octavo/internal/schema"
)

// maxItems bounds a list of filters or sorts (contract.md §7).
const maxItems = 100

var timestamps = []string{string(createdTime), string(lastEditedTime)}

// Define adds to the set what a request may hold of queries: "filter", with compounds two
// levels deep, and "sorts", in the orders in which refusals list their variants
// (contract.md §3.4). It needs [property.Define].
func Define(set *schema.Set) {
	leaves := property.FilterVariants()
	for _, name := range timestamps {
		leaves = append(leaves, schema.Object(
			schema.Req("timestamp", schema.Literal(name)),
			schema.Req(name, schema.Ref("filter."+string(property.DateFamily))),
			schema.Opt("type", schema.Literal(name)),
		))
	}
	set.Define("filter.one", schema.Union(leaves...))
	set.Define("filter.inner", compound(schema.Ref("filter.one"), leaves))
	set.Define("filter", compound(schema.Ref("filter.inner"), leaves))

	direction := schema.Req("direction", schema.Literal("ascending", "descending"))
	set.Define("sorts", schema.Array(schema.Union(
		schema.Object(schema.Req("property", schema.String()), direction),
		schema.Object(schema.Req("timestamp", schema.Literal(timestamps...)), direction),
	), maxItems))
}

// compound is a list of items, or one of the leaves.
func compound(item schema.Type, leaves []schema.Type) schema.Type {
	variants := []schema.Type{
		schema.Object(schema.Req("or", schema.Array(item, maxItems))),
		schema.Object(schema.Req("and", schema.Array(item, maxItems))),
	}
	return schema.Union(append(variants, leaves...)...)
}
