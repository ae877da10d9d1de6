package property

import "octavo/internal/schema"

var selectOne = Type{
	Name:      "select",
	Value:     optionOrNull(),
	Shorthand: schema.Ref("select_option"),
}
