package richtext

import (
	"octavo/internal/jsonx"
	"octavo/internal/notion"
)

// Kind is what a reference in rich text leads to.
type Kind uint8

// The kinds of references.
const (
	UserMention Kind = iota
	PageMention
	DatabaseMention
	CustomEmojiMention
)

// Resolver knows, for one reader, the things that rich text mentions.
type Resolver interface {
	// User returns a user as the reader sees it, nil when there is none.
	User(id notion.ID) *notion.User
	// Title returns the plain title of a page or database, false when the reader has no
	// access to it.
	Title(id notion.ID) (string, bool)
	// URL returns the address of a page or database by its id alone.
	URL(id notion.ID) string
}

// EmojiResolver is a [Resolver] of a workspace that has emojis of its own.
type EmojiResolver interface {
	// CustomEmoji returns the name and address of an emoji, false when there is none.
	CustomEmoji(id notion.ID) (name, url string, ok bool)
}

// references are the mentions that are stored as bare ids, by key.
var references = []struct {
	key  string
	kind Kind
}{
	{"user", UserMention},
	{"page", PageMention},
	{"database", DatabaseMention},
	{"custom_emoji", CustomEmojiMention},
}

// templatePlain is the plain text of the mentions that a template replaces when it is
// used (pages-blocks.md §4.2).
var templatePlain = map[string]string{"today": "@Today", "now": "@Now", "me": "@Me"}

func (d *decoder) mention(v jsonx.Value, style annotations) error {
	for _, ref := range references {
		target := v.Get(ref.key)
		if !target.Defined() {
			continue
		}
		d.dynamic = true
		d.pushMention(ref.key, reference(ref.kind, parseID(target.Get("id"))), style, "")
		return nil
	}
	if v.Has("date") {
		date, err := DecodeDate(v.Get("date"))
		if err != nil {
			return err
		}
		d.pushMention("date", date.Value(), style, date.Plain())
		return nil
	}
	for _, key := range []string{"template_mention_date", "template_mention_user"} {
		if what := v.Get("template_mention").Get(key); what.Defined() {
			d.pushMention("template_mention", tagged(key, what), style, templatePlain[what.Text()])
			return nil
		}
	}
	return nil
}

func (d *decoder) pushMention(key string, payload jsonx.Value, style annotations, plain string) {
	d.push("mention", tagged(key, payload), style, plain, jsonx.NullValue)
}

// reference is the stored payload of a mention.
func reference(kind Kind, id notion.ID) jsonx.Value {
	at := jsonx.M("id", jsonx.StringValue(id.String()))
	if kind == UserMention {
		return jsonx.ObjectValue(jsonx.M("object", jsonx.StringValue("user")), at)
	}
	return jsonx.ObjectValue(at)
}

// tagged returns {"type":key,key:payload}.
func tagged(key string, payload jsonx.Value) jsonx.Value {
	return jsonx.ObjectValue(jsonx.M("type", jsonx.StringValue(key)), jsonx.M(key, payload))
}

// References calls f for every user, page, database and custom emoji that rich text
// anywhere in v mentions.
func References(v jsonx.Value, f func(Kind, notion.ID)) {
	eachReference(v, func(_, mention jsonx.Value, key string, kind Kind) {
		f(kind, parseID(mention.Get(key).Get("id")))
	})
}

// Resolve fills in, in place, the mentions of stored rich text anywhere in v as the
// resolver's reader sees them, and returns v (pages-blocks.md §4.2).
func Resolve(v jsonx.Value, r Resolver) jsonx.Value {
	eachReference(v, func(item, mention jsonx.Value, key string, kind Kind) {
		id := parseID(mention.Get(key).Get("id"))
		switch kind {
		case UserMention:
			resolveUser(item, mention, r.User(id))
		case CustomEmojiMention:
			emoji, known := ResolveEmoji(id, r)
			mention.Set(key, emoji)
			if known {
				item.Set("plain_text", jsonx.StringValue(":"+emoji.Get("name").Text()+":"))
			}
		default:
			title, known := r.Title(id)
			if !known {
				item.Set("annotations", annotations{color: "default"}.value())
			}
			if title == "" {
				title = "Untitled"
			}
			item.Set("plain_text", jsonx.StringValue(title))
			item.Set("href", jsonx.StringValue(r.URL(id)))
		}
	})
	return v
}

// ResolveEmoji returns a custom emoji as the API shows it, in mentions and in icons; false
// when there is none, whose name and url are then empty.
func ResolveEmoji(id notion.ID, r Resolver) (jsonx.Value, bool) {
	var name, url string
	known := false
	if emojis, ok := r.(EmojiResolver); ok {
		name, url, known = emojis.CustomEmoji(id)
	}
	return jsonx.ObjectValue(
		jsonx.M("id", jsonx.StringValue(id.String())),
		jsonx.M("name", jsonx.StringValue(name)),
		jsonx.M("url", jsonx.StringValue(url)),
	), known
}

func resolveUser(item, mention jsonx.Value, u *notion.User) {
	name := "@Anonymous"
	if u != nil {
		if full, err := jsonx.Parse(u.AppendJSON(nil)); err == nil {
			mention.Set("user", full)
		}
		if !u.Hidden && u.Name != "" {
			name = "@" + u.Name
		}
	}
	item.Set("plain_text", jsonx.StringValue(name))
}

// eachReference calls f for every item anywhere in v that is a mention stored as an id.
func eachReference(v jsonx.Value, f func(item, mention jsonx.Value, key string, kind Kind)) {
	v.Walk(func(item jsonx.Value) {
		if item.Get("type").Text() != "mention" {
			return
		}
		mention := item.Get("mention")
		for _, ref := range references {
			if mention.Get(ref.key).Kind() == jsonx.Object {
				f(item, mention, ref.key, ref.kind)
			}
		}
	})
}
