package property

var status = Type{
	Name:      "status",
	Value:     optionOrNull(),
	Shorthand: selectOne.Shorthand,
}
