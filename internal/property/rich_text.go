package property

import "octavo/internal/schema"

var richText = Type{
	Name:      "rich_text",
	Value:     schema.Ref("rich_text"),
	Shorthand: title.Shorthand,
}
