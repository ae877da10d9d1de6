package property

var button = Type{Name: "button"}
