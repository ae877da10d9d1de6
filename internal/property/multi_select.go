package property

import "octavo/internal/schema"

var multiSelect = &Type{
	Name:  "multi_select",
	Value: schema.Array(schema.Union(option...), 100),
}
