package property

import (
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

var createdTime = Type{
	Name:    "created_time",
	Config:  schema.Object(),
	Filters: []string{"created_time"},
	Sort:    SortByTime,
	empty:   jsonx.NullValue,
}
