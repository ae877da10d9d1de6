package property

import "octavo/internal/schema"

var number = Type{
	Name:      "number",
	Value:     schema.Nullable(schema.Number()),
	Shorthand: schema.Number(),
}
