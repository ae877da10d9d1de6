package property

import (
	lang "octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

var checkbox = Type{
	Name:      "checkbox",
	Config:    schema.Object(),
	Value:     schema.Bool(),
	Shorthand: schema.Bool(),
	Filters:   []string{"checkbox"},
	Sort:      SortByCheckbox,
	fits:      func(sent jsonx.Value) bool { return sent.Kind() == jsonx.Bool },
	decode:    decodeCheckbox,
	empty:     jsonx.BoolValue(false),
	text:      checkboxText,
	cells:     checkboxCells,
	seen:      lang.TypeOf(lang.KindBoolean),
	value:     checkboxValue,
	verbatim:  always,
}

// decodeCheckbox stores no false: a box that was never ticked is no different.
func decodeCheckbox(_ *decoder, _ *Property, sent jsonx.Value) (jsonx.Value, error) {
	if !sent.True() {
		return jsonx.Value{}, nil
	}
	return sent, nil
}

func checkboxText(stored jsonx.Value) string {
	if stored.True() {
		return "Yes"
	}
	return "No"
}

func checkboxCells(dst []Cell, stored jsonx.Value) []Cell {
	if !stored.True() {
		return dst
	}
	ticked := 1.0
	return append(dst, Cell{Number: &ticked})
}
