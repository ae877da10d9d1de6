package property

import (
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

var createdBy = Type{
	Name:    "created_by",
	Config:  schema.Object(),
	Filters: []string{"created_by"},
	Sort:    SortByUserName,
	empty:   jsonx.NullValue,
}
