package property

import (
	lang "octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

var selectOne = Type{
	Name:      "select",
	Config:    optionConfig("property_option"),
	Value:     optionOrNull(),
	Shorthand: schema.Ref("select_option"),
	Filters:   []string{"select"},
	Sort:      SortByOption,
	configure: configureOptions,
	fits:      isOption,
	decode:    decodeSelect,
	empty:     jsonx.NullValue,
	clearable: true,
	text:      optionText,
	cells:     optionCells,
	seen:      lang.TypeOf(lang.KindText),
	value:     optionValue,
	verbatim:  always,
}

func decodeSelect(d *decoder, p *Property, sent jsonx.Value) (jsonx.Value, error) {
	o, err := d.option(p, sent)
	return o.value(), err
}

func optionText(stored jsonx.Value) string { return stored.Get("name").Text() }

func optionCells(dst []Cell, stored jsonx.Value) []Cell {
	if stored.Kind() != jsonx.Object {
		return dst
	}
	return append(dst, Cell{Ref: stored.Get("id").Text()})
}
