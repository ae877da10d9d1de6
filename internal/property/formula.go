package property

var formula = Type{Name: "formula"}
