package property

import (
	lang "octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

var createdTime = Type{
	Name:    "created_time",
	Config:  schema.Object(),
	Filters: []string{"created_time"},
	Sort:    SortByTime,
	empty:   jsonx.NullValue,
	seen:    lang.TypeOf(lang.KindDate),
	value:   momentValue,
}
