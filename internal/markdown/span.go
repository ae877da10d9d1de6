package markdown

import (
	"strings"
	"unicode/utf8"

	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/richtext"
)

// span is a piece of rich text that looks the same throughout. A text is a list of them in
// canonical form, which is what canonical returns: two texts that read the same are equal.
type span struct {
	kind spanKind
	// text is the content, the expression, or for a mention what is shown of it, which does
	// not count.
	text  string
	style style
	color string // as the API names it, "" for the default
	link  string // the address, "" for none
	// id is what is mentioned; start and end are the dates of a mention as they are stored,
	// or start is the name of the date or user that a template fills in.
	id         notion.ID
	start, end string
}

type spanKind uint8

const (
	textSpan spanKind = iota
	equationSpan
	userSpan
	pageSpan
	databaseSpan
	emojiSpan
	dateSpan
	templateSpan
)

// style is a set of annotations.
type style uint8

const (
	bold style = 1 << iota
	italic
	strike
	underline
	code
)

var annotations = []struct {
	bit style
	key string
}{
	{bold, "bold"}, {italic, "italic"}, {strike, "strikethrough"}, {underline, "underline"}, {code, "code"},
}

// mentions are the kinds of mentions that are an id, by key.
var mentions = []struct {
	kind spanKind
	key  string
}{
	{userSpan, "user"}, {pageSpan, "page"}, {databaseSpan, "database"}, {emojiSpan, "custom_emoji"},
}

// sameLook reports whether two spans differ in nothing but their content.
func (s *span) sameLook(t *span) bool {
	return s.style == t.style && s.color == t.color && s.link == t.link
}

// cleaner makes of a text what lines can say: one kind of line end, no characters that
// CommonMark takes for space or for nothing.
var cleaner = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\v", " ", "\f", " ", "\x00", "\uFFFD")

func clean(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	return cleaner.Replace(s)
}

// canonical returns the text in its one form: nothing empty, no code across lines, code and
// links only on text, neighbours that look the same merged.
func canonical(spans []span, v Version) []span {
	m := merger{out: make([]span, 0, len(spans))}
	for _, s := range spans {
		switch {
		case s.kind == textSpan && s.style&code != 0:
			m.addCode(s)
			continue
		case s.kind == textSpan:
			s.text = clean(s.text)
		case s.kind == equationSpan:
			s.text = strings.ReplaceAll(clean(s.text), "\n", " ")
			fallthrough
		default:
			s.style, s.link = s.style&^code, ""
		}
		m.add(s)
	}
	if v == V1 {
		return linkAddresses(m.done())
	}
	return m.done()
}

// merger puts spans together that look the same.
type merger struct {
	out []span
	// more is what follows the text of the last span.
	more []byte
}

// add appends a span that is not empty, to the last one if it looks the same.
func (m *merger) add(s span) {
	if s.kind <= equationSpan && s.text == "" {
		return
	}
	if n := len(m.out); n > 0 && s.kind == textSpan && m.out[n-1].kind == textSpan && m.out[n-1].sameLook(&s) {
		m.more = append(m.more, s.text...)
		return
	}
	m.end()
	m.out = append(m.out, s)
}

// addCode appends code line by line: a code span holds no line end.
func (m *merger) addCode(s span) {
	plain := s
	plain.style &^= code
	plain.text = "\n"
	for i, line := range strings.Split(clean(s.text), "\n") {
		if i > 0 {
			m.add(plain)
		}
		s.text = line
		m.add(s)
	}
}

func (m *merger) end() {
	if len(m.more) > 0 {
		last := &m.out[len(m.out)-1]
		last.text += string(m.more)
		m.more = m.more[:0]
	}
}

func (m *merger) done() []span {
	m.end()
	return m.out
}

// plainText returns what the spans show.
func plainText(spans []span) string {
	if len(spans) == 1 {
		return spans[0].text
	}
	var b strings.Builder
	for i := range spans {
		b.WriteString(spans[i].text)
	}
	return b.String()
}

// readSpans reads stored rich text.
func (o *Options) readSpans(v jsonx.Value) []span {
	items := v.Items()
	if len(items) == 0 {
		return nil
	}
	spans := make([]span, 0, len(items))
	for _, item := range items {
		s := readLook(item.Get("annotations"))
		switch item.Get("type").Text() {
		case "text":
			s.text = item.Get("text").Get("content").Text()
			s.link = item.Get("text").Get("link").Get("url").Text()
		case "equation":
			s.kind, s.text = equationSpan, item.Get("equation").Get("expression").Text()
		case "mention":
			o.readMention(item, &s)
		}
		spans = append(spans, s)
	}
	return canonical(spans, o.Version)
}

func readLook(v jsonx.Value) span {
	var s span
	for _, a := range annotations {
		if v.Get(a.key).True() {
			s.style |= a.bit
		}
	}
	if c := richtext.Color(v.Get("color")); c != "default" {
		s.color = c
	}
	return s
}

func (o *Options) readMention(item jsonx.Value, s *span) {
	m := item.Get("mention")
	for _, kind := range mentions {
		if id, ok := notion.ParseID(m.Get(kind.key).Get("id").Text()); ok {
			s.kind, s.id = kind.kind, id
			s.text = o.label(s)
			return
		}
	}
	switch {
	case m.Has("date"):
		s.kind = dateSpan
		s.start, s.end = canonicalDate(m.Get("date"))
		s.text = item.Get("plain_text").Text()
	case m.Has("template_mention"):
		s.kind = templateSpan
		s.start = m.Get("template_mention").Get("template_mention_date").Text() + m.Get("template_mention").Get("template_mention_user").Text()
		s.text = item.Get("plain_text").Text()
	default:
		// What is only ever read leads somewhere, and is written as the link it is.
		s.text, s.link = item.Get("plain_text").Text(), item.Get("href").Text()
	}
}

// label returns what is shown of a mention.
func (o *Options) label(s *span) string {
	switch {
	case o.Names == nil:
		return ""
	case s.kind == userSpan:
		if u := o.Names.User(s.id); u != nil && !u.Hidden && u.Name != "" {
			return u.Name
		}
		return "Anonymous"
	case s.kind == emojiSpan:
		emoji, _ := richtext.ResolveEmoji(s.id, o.Names)
		return emoji.Get("name").Text()
	}
	title, _ := o.Names.Title(s.id)
	if title == "" {
		return "Untitled"
	}
	return title
}

// writeSpans returns rich text as a request sends it.
func writeSpans(spans []span) jsonx.Value {
	items := make([]jsonx.Value, len(spans))
	for i := range spans {
		s := &spans[i]
		members := make([]jsonx.Member, 1, 2)
		switch s.kind {
		case textSpan:
			members[0] = jsonx.M("text", writeText(s))
		case equationSpan:
			members[0] = jsonx.M("equation", jsonx.ObjectValue(jsonx.M("expression", jsonx.StringValue(s.text))))
		default:
			members[0] = jsonx.M("mention", writeMention(s))
		}
		if look := writeLook(s); look.Defined() {
			members = append(members, jsonx.M("annotations", look))
		}
		items[i] = jsonx.ObjectValue(members...)
	}
	return jsonx.ArrayValue(items...)
}

func writeText(s *span) jsonx.Value {
	content := jsonx.M("content", jsonx.StringValue(s.text))
	if s.link == "" {
		return jsonx.ObjectValue(content)
	}
	return jsonx.ObjectValue(content, jsonx.M("link", jsonx.ObjectValue(jsonx.M("url", jsonx.StringValue(s.link)))))
}

func writeMention(s *span) jsonx.Value {
	switch s.kind {
	case dateSpan:
		end := jsonx.NullValue
		if s.end != "" {
			end = jsonx.StringValue(s.end)
		}
		return jsonx.ObjectValue(jsonx.M("date", jsonx.ObjectValue(jsonx.M("start", jsonx.StringValue(s.start)), jsonx.M("end", end))))
	case templateSpan:
		key := "template_mention_date"
		if s.start == "me" {
			key = "template_mention_user"
		}
		return jsonx.ObjectValue(jsonx.M("template_mention", jsonx.ObjectValue(jsonx.M(key, jsonx.StringValue(s.start)))))
	}
	for _, kind := range mentions {
		if kind.kind == s.kind {
			return jsonx.ObjectValue(jsonx.M(kind.key, jsonx.ObjectValue(jsonx.M("id", jsonx.StringValue(s.id.String())))))
		}
	}
	return jsonx.Value{}
}

// writeLook returns the annotations that are not the default, Undefined when all are.
func writeLook(s *span) jsonx.Value {
	var members []jsonx.Member
	for _, a := range annotations {
		if s.style&a.bit != 0 {
			members = append(members, jsonx.M(a.key, jsonx.BoolValue(true)))
		}
	}
	if s.color != "" {
		members = append(members, jsonx.M("color", jsonx.StringValue(s.color)))
	}
	if members == nil {
		return jsonx.Value{}
	}
	return jsonx.ObjectValue(members...)
}
