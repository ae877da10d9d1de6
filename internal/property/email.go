package property

import "octavo/internal/schema"

var email = Type{
	Name:      "email",
	Value:     schema.Nullable(schema.String().NonEmpty().Max(maxShort)),
	Shorthand: url.Shorthand,
}
