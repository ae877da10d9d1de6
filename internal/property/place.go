package property

import (
	lang "octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

var place = Type{
	Name:      "place",
	Config:    schema.Object(),
	Value:     schema.Nullable(spot()),
	Shorthand: spot(),
	Sort:      SortByText,
	fits:      func(sent jsonx.Value) bool { return sent.Has("lat") },
	decode:    decodePlace,
	empty:     jsonx.NullValue,
	clearable: true,
	text:      placeText,
	cells:     placeCells,
	seen:      lang.TypeOf(lang.KindText),
	value:     placeValue,
	verbatim:  always,
}

var placeTexts = []string{"name", "address", "aws_place_id", "google_place_id"}

func spot() schema.Type {
	fields := []schema.Field{schema.Req("lat", schema.Number()), schema.Req("lon", schema.Number())}
	for _, key := range placeTexts {
		fields = append(fields, schema.Opt(key, schema.Nullable(schema.String())))
	}
	return schema.Object(fields...)
}

// decodePlace gives the place all six keys, as it is read.
func decodePlace(_ *decoder, _ *Property, sent jsonx.Value) (jsonx.Value, error) {
	members := []jsonx.Member{jsonx.M("lat", sent.Get("lat")), jsonx.M("lon", sent.Get("lon"))}
	for _, key := range placeTexts {
		members = append(members, jsonx.M(key, nullable(textOrNil(sent.Get(key)))))
	}
	return jsonx.ObjectValue(members...), nil
}

// placeText is what a place is called, else where it is.
func placeText(stored jsonx.Value) string {
	if name := stored.Get("name").Text(); name != "" {
		return name
	}
	return stored.Get("address").Text()
}

func placeCells(dst []Cell, stored jsonx.Value) []Cell { return appendText(dst, placeText(stored)) }
