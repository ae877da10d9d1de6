package property

var uniqueID = Type{Name: "unique_id"}
