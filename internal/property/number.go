package property

import (
	lang "octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

var number = Type{
	Name:      "number",
	Config:    schema.Object(schema.Opt("format", schema.Literal(NumberFormats...))),
	Value:     schema.Nullable(schema.Number()),
	Shorthand: schema.Number(),
	Filters:   []string{"number"},
	Sort:      SortByNumber,
	configure: configureNumber,
	fits:      func(sent jsonx.Value) bool { return sent.Kind() == jsonx.Number },
	decode:    asSent,
	empty:     jsonx.NullValue,
	clearable: true,
	text:      jsonx.Value.String,
	cells:     numberCells,
	seen:      lang.TypeOf(lang.KindNumber),
	value:     numberValue,
	verbatim:  always,
}

// NumberFormats are the formats in which an app shows numbers. They never change a value
// (databases.md §2.3).
var NumberFormats = []string{
	"number", "number_with_commas", "percent", "dollar", "australian_dollar", "canadian_dollar", "singapore_dollar",
	"euro", "pound", "yen", "ruble", "rupee", "won", "yuan", "real", "lira", "rupiah", "franc", "hong_kong_dollar",
	"new_zealand_dollar", "krona", "norwegian_krone", "mexican_peso", "rand", "new_taiwan_dollar", "danish_krone",
	"zloty", "baht", "forint", "koruna", "shekel", "chilean_peso", "philippine_peso", "dirham", "colombian_peso",
	"riyal", "ringgit", "leu", "argentine_peso", "uruguayan_peso", "peruvian_sol", "vietnamese_dong",
	"pakistani_rupee", "nigerian_naira", "bitcoin",
}

func configureNumber(_ *changer, _ *Property, old, sent jsonx.Value) (jsonx.Value, error) {
	format := sent.Get("format")
	if !format.Defined() {
		if old.Defined() {
			return old, nil
		}
		format = jsonx.StringValue("number")
	}
	return jsonx.ObjectValue(jsonx.M("format", format)), nil
}

func numberCells(dst []Cell, stored jsonx.Value) []Cell {
	if stored.Kind() != jsonx.Number {
		return dst
	}
	n := stored.Float()
	return append(dst, Cell{Number: &n})
}

func asSent(_ *decoder, _ *Property, sent jsonx.Value) (jsonx.Value, error) { return sent, nil }
