package property

import "octavo/internal/schema"

var url = Type{
	Name:      "url",
	Value:     schema.Nullable(schema.String().NonEmpty().Max(maxText)),
	Shorthand: schema.String().Max(maxText),
}
