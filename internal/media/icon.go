package media

import (
	_ "embed"
	"slices"
	"strings"

	"octavo/internal/jsonx"
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

// emojiText is every emoji that can be an icon: the list that the types of the official
// SDK gave until they said no more than "string", and after it what Unicode has added.
//
//go:embed emoji.txt
var emojiText string

// IconColors are the colors of built-in icons, in the order the API lists them.
var IconColors = []string{"gray", "lightgray", "brown", "yellow", "orange", "green", "blue", "purple", "pink", "red"}

// Emojis returns every emoji that can be an icon, in the order a refusal lists them.
func Emojis() []string { return strings.Fields(emojiText) }

func defineIcons(set *schema.Set) {
	set.Define("emoji", schema.Literal(Emojis()...))
	set.Define("icon", schema.Union(
		source("emoji", schema.Ref("emoji")),
		source("external", schema.Ref("external_file")),
		source("file_upload", schema.Ref("file_upload_id")),
		source("custom_emoji", schema.Object(
			schema.Req("id", schema.UUID()),
			schema.Opt("name", schema.String()),
			schema.Opt("url", schema.String()),
		)),
		source("icon", schema.Object(
			schema.Req("name", schema.String().NonEmpty().Max(maxName)),
			schema.Opt("color", schema.Literal(IconColors...)),
		)),
	))
	set.Define("page_icon", schema.Nullable(schema.Ref("icon")))
}

// DecodeIcon reads an icon that has passed the "page_icon" schema; null and Undefined are
// no icon. The error is a validation_error.
func DecodeIcon(v jsonx.Value) (Value, error) {
	switch {
	case v.Has("emoji"):
		return value(tagged("emoji", v.Get("emoji"))), nil
	case v.Has("external"):
		if builtIn, ok := builtInIcon(v.Get("external").Get("url").Text()); ok {
			return value(builtIn), nil
		}
		return decodeSource(v, "image")
	case v.Has("file_upload"):
		return decodeSource(v, "image")
	case v.Has("custom_emoji"):
		id := jsonx.M("id", jsonx.StringValue(parseID(v.Get("custom_emoji").Get("id")).String()))
		icon := value(tagged("custom_emoji", jsonx.ObjectValue(id)))
		icon.Dynamic = true
		return icon, nil
	case v.Has("icon"):
		return value(icon(v.Get("icon").Get("name").Text(), v.Get("icon").Get("color").Text())), nil
	}
	return Value{}, nil
}

// builtInIcon returns the icon that the address of one of Notion's own icon files means,
// as in https://www.notion.so/icons/snake_purple.svg (pages-blocks.md §5.5).
func builtInIcon(url string) (jsonx.Value, bool) {
	for _, base := range []string{"https://www.notion.so/icons/", "https://notion.so/icons/"} {
		file, found := strings.CutPrefix(url, base)
		if !found {
			continue
		}
		file, _, _ = strings.Cut(file, "?")
		stem, isSVG := strings.CutSuffix(file, ".svg")
		at := strings.LastIndexByte(stem, '_')
		if !isSVG || at <= 0 || strings.ContainsAny(stem, "/#%") || !slices.Contains(IconColors, stem[at+1:]) {
			return jsonx.Value{}, false
		}
		return icon(stem[:at], stem[at+1:]), true
	}
	return jsonx.Value{}, false
}

func icon(name, color string) jsonx.Value {
	if color == "" {
		color = "gray"
	}
	return tagged("icon", jsonx.ObjectValue(
		jsonx.M("name", jsonx.StringValue(name)),
		jsonx.M("color", jsonx.StringValue(color)),
	))
}

// Emoji returns an emoji as an icon.
func Emoji(s string) jsonx.Value { return tagged("emoji", jsonx.StringValue(s)) }

// resolveIcon returns a stored custom_emoji icon as the resolver's reader sees it: null
// when there is no such emoji.
func resolveIcon(v jsonx.Value, r richtext.Resolver) jsonx.Value {
	emoji, known := richtext.ResolveEmoji(parseID(v.Get("custom_emoji").Get("id")), r)
	if !known {
		return jsonx.NullValue
	}
	return tagged("custom_emoji", emoji)
}
