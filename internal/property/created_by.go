package property

var createdBy = Type{Name: "created_by"}
