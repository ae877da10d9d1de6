package property

import (
	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

var title = Type{
	Name:      "title",
	Value:     schema.Ref("rich_text"),
	Shorthand: schema.Ref("rich_text"),
}

// TitleID is the id of the title property of every page.
const TitleID = "title"

// DecodeTitle reads the value of the title property called name, wrapped or in shorthand,
// that has passed the "property_values" schema. The error is a validation_error.
func DecodeTitle(name string, v jsonx.Value) (richtext.Text, error) {
	if v.Has("title") {
		v = v.Get("title")
	}
	if v.Kind() != jsonx.Array || !allText(v) {
		return richtext.Text{}, apierr.Errorf(apierr.ValidationError, "%s is expected to be title.", name)
	}
	return richtext.Decode(v)
}

// allText tells rich text from the arrays that other types have as their shorthand.
func allText(v jsonx.Value) bool {
	for _, it := range v.Items() {
		if !it.Has("text") && !it.Has("mention") && !it.Has("equation") {
			return false
		}
	}
	return true
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
