package property

import "octavo/internal/schema"

var verification = Type{
	Name:      "verification",
	Value:     state(),
	Shorthand: state(),
}

func state() schema.Type {
	return schema.Union(
		schema.Object(schema.Req("state", schema.Literal("verified")), schema.Opt("date", schema.Ref("date"))),
		schema.Object(schema.Req("state", schema.Literal("unverified"))),
	)
}
