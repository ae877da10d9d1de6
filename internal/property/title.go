package property

import (
	lang "octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

var title = Type{
	Name:      "title",
	Config:    schema.Object(),
	Value:     schema.Ref("rich_text"),
	Shorthand: schema.Ref("rich_text"),
	Filters:   []string{"title", "rich_text"},
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

// DecodeTitle reads the value of the title property called name, wrapped or in shorthand,
// that has passed the "property_values" schema. The error is a validation_error.
func DecodeTitle(name string, v jsonx.Value) (richtext.Text, error) {
	if v.Has("title") {
		v = v.Get("title")
	}
	if !isText(v) {
		return richtext.Text{}, invalid("%s is expected to be title.", name)
	}
	return richtext.Decode(v)
}

// EncodeTitle returns the properties of a page that has a title and no others.
func EncodeTitle(t richtext.Text) []byte {
	items := t.Value
	if !items.Defined() {
		items = jsonx.ArrayValue()
	}
	return jsonx.ObjectValue(jsonx.M("title", jsonx.ObjectValue(
		jsonx.M("id", jsonx.StringValue(TitleID)),
		jsonx.M("type", jsonx.StringValue("title")),
		jsonx.M("title", items),
	))).Append(nil)
}
