package property

import "octavo/internal/schema"

// position is a place on the map with what is known of it.
var position = schema.Object(
	schema.Req("lat", schema.Number()),
	schema.Req("lon", schema.Number()),
	schema.Opt("name", schema.Nullable(schema.String())),
	schema.Opt("address", schema.Nullable(schema.String())),
	schema.Opt("aws_place_id", schema.Nullable(schema.String())),
	schema.Opt("google_place_id", schema.Nullable(schema.String())),
)

var place = &Type{
	Name:      "place",
	Value:     schema.Nullable(position),
	Shorthand: []schema.Type{position},
}
