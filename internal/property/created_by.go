package property

import (
	lang "octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

var createdBy = Type{
	Name:    "created_by",
	Config:  schema.Object(),
	Filters: []string{"created_by"},
	Sort:    SortByUserName,
	empty:   jsonx.NullValue,
	seen:    lang.TypeOf(lang.KindPerson),
	value:   userValue,
}
