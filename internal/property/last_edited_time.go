package property

var lastEditedTime = Type{Name: "last_edited_time"}
