package property

import "octavo/internal/schema"

var verification = &Type{
	Name: "verification",
	Value: schema.Union(
		schema.Object(
			schema.Req("state", schema.Literal("verified")),
			schema.Opt("date", schema.Nullable(schema.Ref("date"))),
		),
		schema.Object(schema.Req("state", schema.Literal("unverified"))),
	),
	Shorthand: []schema.Type{schema.Object(
		schema.Req("state", schema.Literal("verified", "unverified")),
		schema.Opt("date", schema.Nullable(schema.Ref("date"))),
	)},
}
