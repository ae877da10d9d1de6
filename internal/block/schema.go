package block

import "octavo/internal/schema"

// levels are the definitions of a block at each level of a request: at the top, below it,
// and at the lowest, where nothing may have children (pages-blocks.md §3.2).
var levels = []string{"block", "block_2", "block_3"}

// Define adds what a client may write: "block", "block_2" and "block_3" for the levels of
// a request, and "update_block".
func Define(set *schema.Set) {
	for i, name := range levels {
		var variants []schema.Type
		for _, t := range Types {
			if t.Deepest > i {
				variants = append(variants, asBlock(t.Name, createSchema(t, i+1)))
			}
		}
		set.Define(name, schema.Union(variants...))
	}
	inTrash := schema.Opt("in_trash", schema.Bool())
	var updates []schema.Type
	for _, t := range Types {
		if t.Deepest > 0 && !t.fixed && t.refusal == "" {
			updates = append(updates, schema.Object(
				schema.Req(t.Name, updateSchema(t)), schema.Opt("type", schema.Literal(t.Name)), inTrash,
			))
		}
	}
	set.Define("update_block", schema.Union(append(updates, schema.Object(inTrash))...))
}

// asBlock is a payload as a block of a request.
func asBlock(name string, payload schema.Type) schema.Type {
	return schema.Object(
		schema.Req(name, payload),
		schema.Opt("type", schema.Literal(name)),
		schema.Opt("object", schema.Literal("block")),
	)
}

// createSchema is what a client may write to make a block at a level.
func createSchema(t *Type, level int) schema.Type {
	switch {
	case t.refusal != "":
		return schema.Loose()
	case isFile(t):
		return fileSchema(t, false)
	case t == linkToPage:
		return linkSchema()
	}
	var fields []schema.Field
	for _, f := range t.fields {
		fields = append(fields, fieldOf(f, f.required))
	}
	if children := childrenSchema(t, level); children != nil {
		if t.childrenRequired {
			fields = append(fields, schema.Req("children", children))
		} else {
			fields = append(fields, schema.Opt("children", children))
		}
	}
	return schema.Object(fields...)
}

func fieldOf(f field, required bool) schema.Field {
	if required {
		return schema.Req(f.key, f.typ)
	}
	return schema.Opt(f.key, f.typ)
}

// childrenSchema is what may stand in a block at a level, nil when nothing may. Rows
// count as no level: they are part of their table. Neither do columns.
func childrenSchema(t *Type, level int) schema.Type {
	switch t.holds {
	case nothing:
		return nil
	case onlyRows:
		return schema.Array(asBlock("table_row", createSchema(byName["table_row"], level)), 100)
	case onlyColumns:
		return schema.Array(asBlock("column", createSchema(column, level)), 100)
	case onlyParagraphs:
		if level == len(levels) {
			return nil
		}
		return schema.Array(asBlock("paragraph", createSchema(byName["paragraph"], level+1)), 100)
	}
	if level == len(levels) {
		return nil
	}
	return schema.Array(schema.Ref(levels[level]), 100)
}

// updateSchema is what a client may write to change a block. An empty list of children is
// tolerated, as a block is often written back as it was made.
func updateSchema(t *Type) schema.Type {
	switch {
	case isFile(t):
		return fileSchema(t, true)
	case t == linkToPage:
		return linkSchema()
	}
	var fields []schema.Field
	for _, f := range t.fields {
		if t != table || f.key != "table_width" {
			fields = append(fields, fieldOf(f, f.requiredInUpdate))
		}
	}
	if t.holds != nothing {
		fields = append(fields, schema.Opt("children", schema.Array(schema.Any(), 100)))
	}
	return schema.Object(fields...)
}
