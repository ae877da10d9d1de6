package property

import (
	lang "octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

var date = Type{
	Name:      "date",
	Config:    schema.Object(),
	Value:     schema.Nullable(schema.Ref("date")),
	Shorthand: schema.Ref("date"),
	Filters:   []string{"date"},
	Sort:      SortByTime,
	fits:      func(sent jsonx.Value) bool { return sent.Has("start") },
	decode:    decodeDate,
	empty:     jsonx.NullValue,
	clearable: true,
	text:      dateText,
	cells:     dateCells,
	seen:      lang.TypeOf(lang.KindDate),
	value:     dateValue,
	verbatim:  always,
}

func decodeDate(_ *decoder, _ *Property, sent jsonx.Value) (jsonx.Value, error) {
	d, err := richtext.DecodeDate(sent)
	if err != nil {
		return sent, err
	}
	return d.Value(), nil
}

func dateText(stored jsonx.Value) string {
	d, err := richtext.DecodeDate(stored)
	if err != nil {
		return ""
	}
	return d.Plain()
}

func dateCells(dst []Cell, stored jsonx.Value) []Cell {
	if stored.Kind() != jsonx.Object {
		return dst
	}
	d, err := richtext.DecodeDate(stored)
	if err != nil {
		return dst
	}
	from := d.Start.UnixMicro()
	cell := Cell{From: &from, Day: !d.HasTime}
	if !d.End.IsZero() {
		to := d.End.UnixMicro()
		cell.To = &to
	}
	return append(dst, cell)
}
