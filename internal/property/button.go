package property

import "octavo/internal/jsonx"

var button = Type{
	Name:  "button",
	empty: jsonx.ObjectValue(),
}
