package property

import (
	lang "octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

var email = Type{
	Name:      "email",
	Config:    schema.Object(),
	Value:     schema.Nullable(schema.String().NonEmpty().Max(maxShort)),
	Shorthand: url.Shorthand,
	Filters:   []string{"email", "rich_text"},
	Sort:      SortByText,
	fits:      isString,
	decode:    decodeString,
	empty:     jsonx.NullValue,
	clearable: true,
	text:      jsonx.Value.Text,
	cells:     stringCells,
	seen:      lang.TypeOf(lang.KindText),
	value:     stringValue,
	verbatim:  always,
}
