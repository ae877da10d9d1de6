package property

import (
	"strings"

	lang "octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

var multiSelect = Type{
	Name:      "multi_select",
	Config:    optionConfig("property_option"),
	Value:     schema.Array(schema.Ref("select_option"), maxItems),
	Shorthand: schema.Array(schema.Ref("select_option"), maxItems),
	Filters:   []string{"multi_select"},
	Sort:      SortByOption,
	configure: configureOptions,
	fits:      func(sent jsonx.Value) bool { return eachItem(sent, isOption) },
	decode:    decodeMultiSelect,
	empty:     jsonx.ArrayValue(),
	text:      optionsText,
	cells:     optionsCells,
	seen:      lang.ListOf(lang.TypeOf(lang.KindText)),
	value:     namesValue,
	verbatim:  always,
}

func decodeMultiSelect(d *decoder, p *Property, sent jsonx.Value) (jsonx.Value, error) {
	var chosen []Option
	for _, it := range sent.Items() {
		o, err := d.option(p, it)
		if err != nil {
			return sent, err
		}
		if optionByID(chosen, o.ID) == nil {
			chosen = append(chosen, o)
		}
	}
	return optionValues(chosen), nil
}

func optionValues(options []Option) jsonx.Value {
	items := make([]jsonx.Value, len(options))
	for i, o := range options {
		items[i] = o.value()
	}
	return jsonx.ArrayValue(items...)
}

func optionsText(stored jsonx.Value) string {
	names := make([]string, len(stored.Items()))
	for i, it := range stored.Items() {
		names[i] = optionText(it)
	}
	return strings.Join(names, ",")
}

func optionsCells(dst []Cell, stored jsonx.Value) []Cell {
	for i, it := range stored.Items() {
		dst = append(dst, Cell{Position: i, Ref: it.Get("id").Text()})
	}
	return dst
}
