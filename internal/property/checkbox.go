package property

import "octavo/internal/schema"

var checkbox = Type{
	Name:      "checkbox",
	Value:     schema.Bool(),
	Shorthand: schema.Bool(),
}
