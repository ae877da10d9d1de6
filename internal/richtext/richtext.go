// Package richtext reads, keeps and shows rich text: arrays of styled text, mentions and
// equations (pages-blocks.md §4).
//
// What is stored is what the newest version of the API shows, so that most rich text is
// answered as it lies in the database. Only mentions of things that change on their own
// (users, pages, databases, custom emojis) are stored as bare ids, and [Resolve] fills
// them in for one reader at a time.
package richtext

import (
	"octavo/internal/jsonx"
	"octavo/internal/notion"
)

// Text is rich text in its stored form.
type Text struct {
	// Value is an array of items in wire order; the zero Text has none.
	Value jsonx.Value
	// Dynamic reports whether there is a mention that [Resolve] has to fill in.
	Dynamic bool
}

// Decode reads an array that has passed the "rich_text" schema. Items without content
// are dropped, adjacent text that looks the same is merged. Undefined is the empty text.
// The error is a validation_error.
func Decode(v jsonx.Value) (Text, error) {
	items := v.Items()
	d := decoder{items: make([]jsonx.Value, 0, len(items))}
	for _, it := range items {
		if err := d.add(it); err != nil {
			return Text{}, err
		}
	}
	return Text{jsonx.ArrayValue(d.items...), d.dynamic}, nil
}

// decoder gathers the items of one array.
type decoder struct {
	items   []jsonx.Value
	dynamic bool
	// last is the newest item when it is text that the next one may join.
	last struct {
		is    bool
		style annotations
		link  string
	}
}

func (d *decoder) add(it jsonx.Value) error {
	style := decodeAnnotations(it.Get("annotations"))
	switch {
	case it.Has("text"):
		return d.text(it.Get("text"), style)
	case it.Has("mention"):
		return d.mention(it.Get("mention"), style)
	case it.Has("equation"):
		expression := it.Get("equation").Get("expression")
		d.push("equation", jsonx.ObjectValue(jsonx.M("expression", expression)), style, expression.Text(), jsonx.NullValue)
	}
	return nil
}

func (d *decoder) text(v jsonx.Value, style annotations) error {
	content := v.Get("content").Text()
	link, href := jsonx.NullValue, jsonx.NullValue
	if url := v.Get("link").Get("url"); url.Kind() == jsonx.String {
		if !ValidURL(url.Text()) {
			return invalid("Content creation Failed. Fix the following: \nInvalid URL for link.")
		}
		href = url
		link = jsonx.ObjectValue(jsonx.M("url", url))
	}
	if content == "" {
		return nil
	}
	if d.last.is && d.last.style == style && d.last.link == href.Text() {
		last := d.items[len(d.items)-1]
		content = last.Get("plain_text").Text() + content
		last.Get("text").Set("content", jsonx.StringValue(content))
		last.Set("plain_text", jsonx.StringValue(content))
		return nil
	}
	payload := jsonx.ObjectValue(jsonx.M("content", jsonx.StringValue(content)), jsonx.M("link", link))
	d.push("text", payload, style, content, href)
	d.last.is, d.last.style, d.last.link = true, style, href.Text()
	return nil
}

// push appends an item with the keys in wire order.
func (d *decoder) push(kind string, payload jsonx.Value, style annotations, plain string, href jsonx.Value) {
	d.last.is = false
	d.items = append(d.items, jsonx.ObjectValue(
		jsonx.M("type", jsonx.StringValue(kind)),
		jsonx.M(kind, payload),
		jsonx.M("annotations", style.value()),
		jsonx.M("plain_text", jsonx.StringValue(plain)),
		jsonx.M("href", href),
	))
}

// annotations is a style in comparable form.
type annotations struct {
	bold, italic, strikethrough, underline, code bool
	color                                        string
}

func decodeAnnotations(v jsonx.Value) annotations {
	a := annotations{color: "default"}
	for _, m := range v.Members() {
		switch m.Key {
		case "bold":
			a.bold = m.Value.True()
		case "italic":
			a.italic = m.Value.True()
		case "strikethrough":
			a.strikethrough = m.Value.True()
		case "underline":
			a.underline = m.Value.True()
		case "code":
			a.code = m.Value.True()
		case "color":
			a.color = Color(m.Value)
		}
	}
	return a
}

// Color returns the color as it is stored: "default" when none is given, and also for
// default_background, which looks no different.
func Color(v jsonx.Value) string {
	switch c := v.Text(); c {
	case "", "default_background":
		return "default"
	default:
		return c
	}
}

func (a annotations) value() jsonx.Value {
	return jsonx.ObjectValue(
		jsonx.M("bold", jsonx.BoolValue(a.bold)),
		jsonx.M("italic", jsonx.BoolValue(a.italic)),
		jsonx.M("strikethrough", jsonx.BoolValue(a.strikethrough)),
		jsonx.M("underline", jsonx.BoolValue(a.underline)),
		jsonx.M("code", jsonx.BoolValue(a.code)),
		jsonx.M("color", jsonx.StringValue(a.color)),
	)
}

// Plain returns the plain text of an array of items. In stored rich text the mentions
// that wait for [Resolve] have none.
func Plain(v jsonx.Value) string {
	items := v.Items()
	if len(items) == 1 {
		return items[0].Get("plain_text").Text()
	}
	var s []byte
	for _, it := range items {
		s = append(s, it.Get("plain_text").Text()...)
	}
	return string(s)
}

func parseID(v jsonx.Value) notion.ID {
	id, _ := notion.ParseID(v.Text())
	return id
}
