package property

var rollup = Type{Name: "rollup"}
