package property

import "octavo/internal/schema"

var relation = &Type{
	Name:  "relation",
	Value: schema.Array(schema.Loose(schema.Req("id", schema.UUID())), 100),
}
