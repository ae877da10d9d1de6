package property

import (
	lang "octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

var richText = Type{
	Name:      "rich_text",
	Config:    schema.Object(),
	Value:     schema.Ref("rich_text"),
	Shorthand: title.Shorthand,
	Filters:   []string{"rich_text"},
	Sort:      SortByText,
	fits:      isText,
	decode:    decodeText,
	empty:     jsonx.ArrayValue(),
	text:      richtext.Plain,
	cells:     richTextCells,
	seen:      lang.TypeOf(lang.KindText),
	value:     richTextValue,
	verbatim:  withoutMentions,
}

// isText tells rich text from the arrays that other types have as their shorthand.
func isText(sent jsonx.Value) bool {
	return eachItem(sent, func(it jsonx.Value) bool {
		return it.Has("text") || it.Has("mention") || it.Has("equation")
	})
}

func decodeText(_ *decoder, _ *Property, sent jsonx.Value) (jsonx.Value, error) {
	t, err := richtext.Decode(sent)
	return t.Value, err
}

func richTextCells(dst []Cell, stored jsonx.Value) []Cell {
	return appendText(dst, richtext.Plain(stored))
}
