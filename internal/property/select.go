package property

import "octavo/internal/schema"

// optionColors are the colours of an option, in the order in which refusals list them.
var optionColors = []string{"default", "gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red"}

// option is how a client names an option: by id or by name.
var option = []schema.Type{
	schema.Object(
		schema.Req("id", schema.String()),
		schema.Opt("name", schema.String()),
		schema.Opt("color", schema.Literal(optionColors...)),
		schema.Opt("description", schema.Nullable(schema.String())),
	),
	schema.Object(
		schema.Req("name", schema.String()),
		schema.Opt("id", schema.String()),
		schema.Opt("color", schema.Literal(optionColors...)),
		schema.Opt("description", schema.Nullable(schema.String())),
	),
}

var selectOne = &Type{
	Name:      "select",
	Value:     schema.Union(append(option[:2:2], schema.Null())...),
	Shorthand: option,
}
