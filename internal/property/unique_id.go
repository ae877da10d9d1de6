package property

import (
	lang "octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

// uniqueID stores the number alone: a prefix applies to all pages at once.
var uniqueID = Type{
	Name:      "unique_id",
	Config:    schema.Object(schema.Opt("prefix", schema.Nullable(schema.String().Max(maxPrefix)))),
	Filters:   []string{"unique_id"},
	Sort:      SortByNumber,
	configure: configureUniqueID,
	empty:     uniqueIDValue(jsonx.NullValue, jsonx.NullValue),
	show:      showUniqueID,
	cells:     numberCells,
	seen:      lang.TypeOf(lang.KindText),
	value:     numberedValue,
}

const maxPrefix = 100

func uniqueIDValue(prefix, number jsonx.Value) jsonx.Value {
	return jsonx.ObjectValue(jsonx.M("prefix", prefix), jsonx.M("number", number))
}

func configureUniqueID(_ *changer, _ *Property, old, sent jsonx.Value) (jsonx.Value, error) {
	prefix := sent.Get("prefix")
	switch {
	case prefix.Defined():
		if prefix.Text() == "" {
			prefix = jsonx.NullValue
		}
	case old.Defined():
		prefix = old.Get("prefix")
	default:
		prefix = jsonx.NullValue
	}
	return jsonx.ObjectValue(jsonx.M("prefix", prefix)), nil
}

func showUniqueID(p *Property, stored jsonx.Value) jsonx.Value {
	return uniqueIDValue(p.Config.Get("prefix"), stored)
}
