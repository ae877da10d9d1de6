package property

import "octavo/internal/schema"

var people = &Type{
	Name:  "people",
	Value: schema.Array(schema.Loose(schema.Req("id", schema.UUID())), 100),
}
