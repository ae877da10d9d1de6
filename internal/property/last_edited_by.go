package property

import (
	lang "octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

var lastEditedBy = Type{
	Name:    "last_edited_by",
	Config:  schema.Object(),
	Filters: []string{"last_edited_by"},
	Sort:    SortByUserName,
	empty:   jsonx.NullValue,
	seen:    lang.TypeOf(lang.KindPerson),
	value:   userValue,
}
