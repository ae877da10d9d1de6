package property

import "octavo/internal/schema"

var relation = Type{
	Name:      "relation",
	Value:     schema.Array(pageReference(), maxItems),
	Shorthand: schema.Array(pageReference(), maxItems),
}

func pageReference() schema.Type { return schema.Object(schema.Req("id", schema.UUID())) }
