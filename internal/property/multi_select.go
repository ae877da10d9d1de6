package property

import "octavo/internal/schema"

var multiSelect = Type{
	Name:      "multi_select",
	Value:     schema.Array(schema.Ref("select_option"), maxItems),
	Shorthand: schema.Array(schema.Ref("select_option"), maxItems),
}
