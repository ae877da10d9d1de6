package property

import (
	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

// TitleID is the id of every title property, whatever its name.
const TitleID = "title"

var title = &Type{
	Name:      "title",
	Value:     schema.Ref("rich_text"),
	Shorthand: []schema.Type{schema.Ref("rich_text")},
}

// DecodeTitle reads a title written under its type's name or bare. Name is what the
// client called the property.
func DecodeTitle(name string, v jsonx.Value) (richtext.Text, error) {
	switch {
	case v.Has(title.Name):
		return richtext.Decode(v.Get(title.Name))
	case v.Kind() == jsonx.Array:
		return richtext.Decode(v)
	}
	return richtext.Text{}, apierr.Errorf(apierr.ValidationError, "%s is expected to be %s.", name, title.Name)
}

// EncodeTitle returns the properties of a page that has a title and no other property.
func EncodeTitle(t richtext.Text) []byte {
	return jsonx.ObjectValue(jsonx.M(TitleID, jsonx.ObjectValue(
		jsonx.M("id", jsonx.StringValue(TitleID)),
		jsonx.M("type", jsonx.StringValue(title.Name)),
		jsonx.M(title.Name, t.Value),
	))).Append(nil)
}
