package property

import (
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

var lastEditedTime = Type{
	Name:    "last_edited_time",
	Config:  schema.Object(),
	Filters: []string{"last_edited_time"},
	Sort:    SortByTime,
	empty:   jsonx.NullValue,
}
