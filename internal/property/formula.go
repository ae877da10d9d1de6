package property

import (
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

var formula = Type{
	Name:      "formula",
	Config:    schema.Object(schema.Opt("expression", schema.String())),
	Filters:   []string{"formula"},
	Sort:      SortByResult,
	configure: configureFormula,
	empty:     jsonx.NullValue,
	cells:     resultCells,
}

// configureFormula keeps the text of the expression. Leaving it out wipes the formula
// (databases.md §4.1).
func configureFormula(_ *changer, _ *Property, _, sent jsonx.Value) (jsonx.Value, error) {
	return jsonx.ObjectValue(jsonx.M("expression", jsonx.StringValue(sent.Get("expression").Text()))), nil
}
