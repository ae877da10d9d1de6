package block

import (
	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

func invalid(format string, args ...any) error {
	return apierr.Errorf(apierr.ValidationError, format, args...)
}

// A table holds rows and nothing else, each with as many cells as the table is wide. Its
// width never changes (pages-blocks.md §2.4).
var table = &Type{
	Name: "table", Deepest: 2, holds: onlyRows, childrenRequired: true,
	fields: []field{
		{key: "table_width", typ: schema.Number().Min(1).Max(100), required: true, unset: jsonx.NumberValue(1)},
		flag("has_column_header"),
		flag("has_row_header"),
	},
	finish: func(n *New) error {
		if n.old.Defined() {
			return nil
		}
		if len(n.Children) == 0 {
			return invalid("A table must have at least one table row.")
		}
		for _, row := range n.Children {
			if err := checkRow(n.payload, row); err != nil {
				return err
			}
		}
		return nil
	},
}

// checkRow refuses a row that does not fit its table.
func checkRow(table jsonx.Value, row *New) error {
	width, have := int(table.Get("table_width").Float()), len(row.payload.Get("cells").Items())
	if have != width {
		return invalid("Number of cells in table row must match the table width of the parent table: expected %d, got %d.", width, have)
	}
	return nil
}

var cells = field{
	key: "cells", typ: schema.Array(schema.Ref("rich_text"), 100), required: true, requiredInUpdate: true,
	unset: jsonx.ArrayValue(),
	read: func(v jsonx.Value) (jsonx.Value, bool, error) {
		dynamic := false
		out := make([]jsonx.Value, len(v.Items()))
		for i, cell := range v.Items() {
			t, err := richtext.Decode(cell)
			if err != nil {
				return jsonx.Value{}, false, err
			}
			out[i], dynamic = t.Value, dynamic || t.Dynamic
		}
		return jsonx.ArrayValue(out...), dynamic, nil
	},
}

var columnList = &Type{
	Name: "column_list", Deepest: 1, holds: onlyColumns, childrenRequired: true, fixed: true,
	finish: func(n *New) error {
		if len(n.Children) < 2 {
			return invalid("A column list must have at least two columns.")
		}
		return nil
	},
}

var column = &Type{
	Name: "column", Deepest: 1, holds: anything, childrenRequired: true,
	fields: []field{{
		key: "width_ratio", typ: schema.Number(),
		read: func(v jsonx.Value) (jsonx.Value, bool, error) {
			if f := v.Float(); f <= 0 || f > 1 {
				return v, false, invalid("The width_ratio of a column must be greater than 0 and at most 1, instead was %s.", v)
			}
			return v, false, nil
		},
	}},
}

// A synced block is an original, with children of its own, or a copy, whose children are
// the original's.
var synced = &Type{
	Name: Synced, Deepest: 3, holds: anythingInOriginal,
	fields: []field{{
		key: "synced_from", required: true, requiredInUpdate: true, unset: jsonx.NullValue,
		typ: schema.Nullable(schema.Object(
			schema.Req("block_id", schema.UUID()), schema.Opt("type", schema.Literal("block_id")),
		)),
		read: func(v jsonx.Value) (jsonx.Value, bool, error) {
			if v.IsNull() {
				return v, false, nil
			}
			return typedID("block_id", v), false, nil
		},
	}},
	finish: func(n *New) error {
		if n.old.Defined() && n.old.String() != n.payload.String() {
			return invalid("The synced_from of a synced block cannot be changed.")
		}
		if _, isCopy := syncedFrom(n.payload); isCopy && len(n.Children) > 0 {
			return invalid("A copy of a synced block cannot have children of its own.")
		}
		return nil
	},
}

// typedID is the stored form of an id under a key that says its kind.
func typedID(key string, v jsonx.Value) jsonx.Value {
	id, _ := notion.ParseID(v.Get(key).Text())
	return jsonx.ObjectValue(jsonx.M("type", jsonx.StringValue(key)), jsonx.M(key, jsonx.StringValue(id.String())))
}

// SyncedFrom returns the original that a stored synced block copies; false when it is an
// original itself.
func SyncedFrom(payload []byte) (notion.ID, bool) {
	v, err := jsonx.Parse(payload)
	if err != nil {
		return notion.ID{}, false
	}
	return syncedFrom(v)
}

func syncedFrom(payload jsonx.Value) (notion.ID, bool) {
	return notion.ParseID(payload.Get("synced_from").Get("block_id").Text())
}

// linkTargets are the kinds of id that a link to a page can hold.
var linkTargets = []string{"page_id", "database_id", "comment_id"}

var linkToPage = &Type{
	Name: "link_to_page", Deepest: 3,
	finish: func(n *New) error {
		for _, key := range linkTargets {
			if n.written.Has(key) {
				n.payload = typedID(key, n.written)
			}
		}
		return nil
	},
}

func linkSchema() schema.Type {
	variants := make([]schema.Type, len(linkTargets))
	for i, key := range linkTargets {
		variants[i] = schema.Object(schema.Req(key, schema.UUID()), schema.Opt("type", schema.Literal(key)))
	}
	return schema.Union(variants...)
}
