package property

import "octavo/internal/schema"

var phoneNumber = Type{
	Name:      "phone_number",
	Value:     schema.Nullable(schema.String().NonEmpty().Max(maxShort)),
	Shorthand: url.Shorthand,
}
