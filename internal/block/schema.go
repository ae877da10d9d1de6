package block

import "octavo/internal/schema"

const maxChildren = 100 // at every level of a request (pages-blocks.md §3.2)

// tierNames are the unions of what may be created in each tier of one request. Blocks of
// one tier have children of the next, and those of the last have none.
var tierNames = []string{"block", "block_2", "block_3"}

// Define adds to the set what requests may hold of blocks:
//
//   - "block", "block_2" and "block_3": a block in the first, second and third tier of a
//     request;
//   - "block.paragraph", "block_2.paragraph" and so on: the object of one type in a tier.
//     Types that cannot have children have it for the first tier alone, since it is the
//     same in all;
//   - "update_block": the body of an update, a union of one object for each type and one
//     without a type; "update_block.paragraph" and so on: the object in it.
//
// It needs [richtext.Define] and the definitions of package media.
func Define(set *schema.Set) {
	for tier := 1; tier <= len(tierNames); tier++ {
		defineTier(set, tier)
	}
	defineUpdate(set)
}

func defineTier(set *schema.Set, tier int) {
	var variants []schema.Type
	for i := range Types {
		t := &Types[i]
		if t.standing == shownOnly || t.standing == creatable && t.tiers < tier {
			continue
		}
		name := t.payloadName(tier)
		if !set.Has(name) {
			set.Define(name, t.createSchema(tier))
		}
		variants = append(variants, block(t.Name, name))
	}
	set.Define(tierNames[tier-1], schema.Union(variants...))
}

// payloadName is the definition of the object of the type in a tier.
func (t *Type) payloadName(tier int) string {
	if !t.mayHold() {
		tier = 1
	}
	return tierNames[tier-1] + "." + t.Name
}

// block is one block: the object of its type first, then what says so again, as the API
// checks them (contract.md §3.3).
func block(kind, payload string) schema.Type {
	return schema.Object(
		schema.Req(kind, schema.Ref(payload)),
		schema.Opt("type", schema.Literal(kind)),
		schema.Opt("object", schema.Literal("block")),
	)
}

func (t *Type) createSchema(tier int) schema.Type {
	switch {
	case t.standing == refused:
		return schema.Loose()
	case t.shape != nil:
		return t.shape(false)
	}
	o := fieldsSchema(t.fields, func(f *field) presence { return f.create })
	switch {
	case !t.mayHold():
	case t.holds == onlyRows:
		o.AddBefore("has_column_header", childrenOf("table_row", "block.table_row", 1))
	case t.holds == onlyColumns:
		o.Add(childrenOf("column", "block.column", 2))
	case tier == len(tierNames):
		o.Add(schema.Opt("children", schema.NoItems()))
	case t.holds == onlyTabs:
		o.Add(childrenOf("paragraph", tierNames[tier]+".paragraph", 0))
	case t.under != "": // a column
		o.Add(schema.Req("children", schema.Array(schema.Ref(tierNames[tier]), maxChildren)))
	default:
		o.Add(schema.Opt("children", schema.Array(schema.Ref(tierNames[tier]), maxChildren)))
	}
	return o
}

func childrenOf(kind, payload string, atLeast int) schema.Field {
	return schema.Req("children", schema.Array(block(kind, payload), maxChildren).Min(atLeast))
}

// fieldsSchema is an object with the fields, those that must be there first.
func fieldsSchema(fields []field, in func(*field) presence) *schema.ObjectType {
	o := schema.Object()
	for i := range fields {
		if f := &fields[i]; in(f) == required {
			o.Add(schema.Req(f.key, f.schema))
		}
	}
	for i := range fields {
		if f := &fields[i]; in(f) == optional {
			o.Add(schema.Opt(f.key, f.schema))
		}
	}
	return o
}

// defineUpdate lists the types in the order of creation, but tables and columns last, as
// the types of the official SDK do.
func defineUpdate(set *schema.Set) {
	var variants, last []schema.Type
	inTrash := schema.Opt("in_trash", schema.Bool())
	for i := range Types {
		t := &Types[i]
		if !t.updatable() {
			continue
		}
		name := "update_block." + t.Name
		set.Define(name, t.updateSchema())
		variant := schema.Object(
			schema.Req(t.Name, schema.Ref(name)),
			schema.Opt("type", schema.Literal(t.Name)),
			inTrash,
		)
		if t.holds == onlyRows || t.under == "column_list" {
			last = append(last, variant)
			continue
		}
		variants = append(variants, variant)
	}
	last = append(last, schema.Object(inTrash))
	set.Define("update_block", schema.Union(append(variants, last...)...))
}

func (t *Type) updateSchema() schema.Type {
	if t.shape != nil {
		return t.shape(true)
	}
	o := fieldsSchema(t.fields, func(f *field) presence { return f.update })
	if t.mayHold() {
		o.Add(schema.Opt("children", schema.NoItems()))
	}
	return o
}
