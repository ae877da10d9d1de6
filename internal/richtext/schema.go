package richtext

import "octavo/internal/schema"

// Limits of one write (contract.md §7). What is stored may be longer: adjacent items
// that look the same are merged.
const (
	MaxItems      = 100
	MaxContent    = 2000
	MaxURL        = 2000
	MaxExpression = 1000
)

// Colors are the colors of text and of blocks, in the order the API lists them.
var Colors = []string{
	"default", "gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red",
	"default_background", "gray_background", "brown_background", "orange_background", "yellow_background",
	"green_background", "blue_background", "purple_background", "pink_background", "red_background",
}

// Define adds to the set what requests may hold of rich text: "rich_text" (the array),
// "rich_text_item", "text", "mention", "equation", "annotations", "color" and "date".
//
// Items and mentions ignore keys they do not know, so that what was read can be written
// back; `text` does not (contract.md §3.5).
func Define(set *schema.Set) {
	set.Define("color", schema.Literal(Colors...))
	set.Define("date", schema.Object(
		schema.Req("start", schema.Date()),
		schema.Opt("end", schema.Nullable(schema.Date())),
		schema.Opt("time_zone", schema.Nullable(schema.String())),
	))
	flag := schema.Bool()
	set.Define("annotations", schema.Loose(
		schema.Opt("bold", flag),
		schema.Opt("italic", flag),
		schema.Opt("strikethrough", flag),
		schema.Opt("underline", flag),
		schema.Opt("code", flag),
		schema.Opt("color", schema.Ref("color")),
	))
	set.Define("text", schema.Object(
		schema.Req("content", schema.String().Max(MaxContent)),
		schema.Opt("link", schema.Nullable(schema.Loose(schema.Req("url", schema.String().Max(MaxURL))))),
	))
	set.Define("equation", schema.Loose(schema.Req("expression", schema.String().Max(MaxExpression))))
	set.Define("mention", mention())
	set.Define("rich_text_item", schema.Union(item("text"), item("mention"), item("equation")))
	set.Define("rich_text", schema.Array(schema.Ref("rich_text_item"), MaxItems))
}

func item(kind string) schema.Type {
	return schema.Loose(
		schema.Req(kind, schema.Ref(kind)),
		schema.Opt("type", schema.Literal(kind)),
		schema.Opt("annotations", schema.Ref("annotations")),
	)
}

// mention is what can be mentioned by a write; link_preview and link_mention are only
// ever read (pages-blocks.md §4.1).
func mention() schema.Type {
	id := schema.Req("id", schema.UUID())
	kind := func(key string, t schema.Type) schema.Type {
		return schema.Loose(schema.Req(key, t), schema.Opt("type", schema.Literal(key)))
	}
	return schema.Union(
		kind("user", schema.Loose(id)),
		kind("date", schema.Ref("date")),
		kind("page", schema.Loose(id)),
		kind("database", schema.Loose(id)),
		kind("template_mention", schema.Union(
			kind("template_mention_date", schema.Literal("today", "now")),
			kind("template_mention_user", schema.Literal("me")),
		)),
		kind("custom_emoji", schema.Loose(id)),
	)
}
