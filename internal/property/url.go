package property

import (
	lang "octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

var url = Type{
	Name:      "url",
	Config:    schema.Object(),
	Value:     schema.Nullable(schema.String().NonEmpty().Max(maxText)),
	Shorthand: schema.String().Max(maxText),
	Filters:   []string{"url", "rich_text"},
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

func isString(sent jsonx.Value) bool { return sent.Kind() == jsonx.String }

// decodeString takes the empty string, which only a shorthand can be, for no value. The
// limit of the type is that of the wrapped form, which a shorthand has not been held to.
func decodeString(_ *decoder, p *Property, sent jsonx.Value) (jsonx.Value, error) {
	limit := maxShort
	if p.Type.Name == "url" {
		limit = maxText
	}
	if n := utf16Length(sent.Text()); n > limit {
		return sent, invalid("body failed validation: body.properties.%s.length should be ≤ `%d`, instead was `%d`.", p.Name, limit, n)
	}
	if sent.Text() == "" {
		return jsonx.Value{}, nil
	}
	return sent, nil
}

// utf16Length is the length that JavaScript knows.
func utf16Length(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

func stringCells(dst []Cell, stored jsonx.Value) []Cell { return appendText(dst, stored.Text()) }
