package property

import "octavo/internal/schema"

var people = Type{
	Name:      "people",
	Value:     schema.Array(person(), maxItems),
	Shorthand: schema.Array(person(), maxItems),
}

// person is a user or a group. Whatever else a user was read with may be written back.
func person() schema.Type {
	return schema.Loose(schema.Req("id", schema.UUID()), schema.Opt("object", schema.Literal("user", "group")))
}
