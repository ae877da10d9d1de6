package property

import (
	lang "octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

var lastEditedTime = Type{
	Name:    "last_edited_time",
	Config:  schema.Object(),
	Filters: []string{"last_edited_time"},
	Sort:    SortByTime,
	empty:   jsonx.NullValue,
	seen:    lang.TypeOf(lang.KindDate),
	value:   momentValue,
}
