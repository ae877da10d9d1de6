package property

import "octavo/internal/schema"

var place = Type{
	Name:      "place",
	Value:     schema.Nullable(spot()),
	Shorthand: spot(),
}

func spot() schema.Type {
	text := schema.Nullable(schema.String())
	return schema.Object(
		schema.Req("lat", schema.Number()),
		schema.Req("lon", schema.Number()),
		schema.Opt("name", text),
		schema.Opt("address", text),
		schema.Opt("aws_place_id", text),
		schema.Opt("google_place_id", text),
	)
}
