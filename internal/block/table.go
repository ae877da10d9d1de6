package block

import (
	"math"

	"octavo/internal/jsonx"
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

const maxCells = 100

// tableWidth is how many cells every row of a table has. It never changes.
var tableWidth = field{key: "table_width", create: required, update: absent, schema: schema.Number().Min(1).Max(maxCells), read: asSent}

// cells are the cells of a row, each a rich text.
var cells = field{
	key: "cells", create: required, update: required, read: readCells,
	schema: schema.Array(schema.Ref("rich_text"), maxCells),
}

// errWidth is the API's own text for a row that is not as wide as its table.
func errWidth() error {
	return failed("Number of cells in table row must match the table width of the parent table")
}

func readCells(r *reader, sent jsonx.Value) (jsonx.Value, error) {
	cells := make([]jsonx.Value, len(sent.Items()))
	for i, cell := range sent.Items() {
		t, err := richtext.Decode(cell)
		if err != nil {
			return sent, err
		}
		cells[i] = t.Value
		r.dynamic = r.dynamic || t.Dynamic
	}
	return jsonx.ArrayValue(cells...), nil
}

func settleTable(_ *reader, payload, _ jsonx.Value) (jsonx.Value, error) {
	if width := payload.Get("table_width").Float(); width != math.Trunc(width) {
		return payload, invalid("The `table_width` of a table is a whole number, not %v.", width)
	}
	return payload, nil
}

// settleRow keeps an update from changing how wide a row is: it is as wide as its table.
func settleRow(r *reader, payload, _ jsonx.Value) (jsonx.Value, error) {
	if r.updates && len(payload.Get("cells").Items()) != len(r.old.Get("cells").Items()) {
		return payload, errWidth()
	}
	return payload, nil
}

// fits reports whether a row is as wide as the table.
func fits(parent *Type, payload jsonx.Value, child *New) error {
	if parent.holds != onlyRows {
		return nil
	}
	row, err := jsonx.Parse(child.Payload)
	if err != nil {
		return err
	}
	if float64(len(row.Get("cells").Items())) != payload.Get("table_width").Float() {
		return errWidth()
	}
	return nil
}
