package property

import "octavo/internal/schema"

var status = &Type{
	Name:  "status",
	Value: schema.Union(append(option[:2:2], schema.Null())...),
}
