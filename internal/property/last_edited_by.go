package property

var lastEditedBy = Type{Name: "last_edited_by"}
