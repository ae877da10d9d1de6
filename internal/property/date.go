package property

import "octavo/internal/schema"

var date = Type{
	Name:      "date",
	Value:     schema.Nullable(schema.Ref("date")),
	Shorthand: schema.Ref("date"),
}
