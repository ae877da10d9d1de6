package property

import (
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

var url = &Type{
	Name:      "url",
	Value:     schema.Nullable(schema.String().NonEmpty().Max(richtext.MaxURL)),
	Shorthand: []schema.Type{schema.String()},
}
