package property

var createdTime = Type{Name: "created_time"}
