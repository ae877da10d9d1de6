package markdown

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	gparser "github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/richtext"
)

// maxMarks is how many delimiters and brackets of one text are looked at. Pairing them can
// take time that grows with the square of their number; what is beyond stays text.
const maxMarks = 2000

// inlineParsers are the parsers of what is in a line. Those of CommonMark and GFM are
// goldmark's own; raw HTML is left out, since text has no tags but ours.
func inlineParsers(v Version) []util.PrioritizedValue {
	emphasis := limited{InlineParser: gparser.NewEmphasisParser()}
	if v == V1 {
		emphasis.triggers = []byte{'*'} // underscores are text
	}
	return []util.PrioritizedValue{
		util.Prioritized(gparser.NewCodeSpanParser(), 100),
		util.Prioritized(limited{InlineParser: equationParser{v}}, 110),
		util.Prioritized(citationParser{}, 150),
		util.Prioritized(limitedLinks{limited{InlineParser: gparser.NewLinkParser()}}, 200),
		util.Prioritized(limited{InlineParser: styleParser{}}, 240),
		util.Prioritized(tagParser{v}, 250),
		util.Prioritized(gparser.NewAutoLinkParser(), 300),
		util.Prioritized(emojiParser{}, 400),
		util.Prioritized(emphasis, 500),
		util.Prioritized(limited{InlineParser: extension.NewStrikethroughParser()}, 500),
	}
}

// limited stops a parser after so many marks in one block.
type limited struct {
	gparser.InlineParser
	triggers []byte
}

var marksKey = gparser.NewContextKey()

// marks counts the marks in one block.
type marks struct {
	block ast.Node
	n     int
}

func (l limited) Trigger() []byte {
	if l.triggers != nil {
		return l.triggers
	}
	return l.InlineParser.Trigger()
}

func (l limited) Parse(parent ast.Node, block text.Reader, pc gparser.Context) ast.Node {
	m, _ := pc.Get(marksKey).(*marks)
	if m == nil {
		m = &marks{}
		pc.Set(marksKey, m)
	}
	if m.block != parent {
		*m = marks{block: parent}
	}
	if m.n++; m.n > maxMarks {
		return nil
	}
	return l.InlineParser.Parse(parent, block, pc)
}

// limitedLinks also passes on the end of a block, which the parser of links waits for.
type limitedLinks struct{ limited }

func (l limitedLinks) CloseBlock(parent ast.Node, block text.Reader, pc gparser.Context) {
	if c, ok := l.InlineParser.(gparser.CloseBlocker); ok {
		c.CloseBlock(parent, block, pc)
	}
}

// atom is a node of our own: a span that is there already, a line break, or one of a pair of
// tags around text.
type atom struct {
	ast.BaseInline
	span span
	// mark is the tag of a style, empty for a span.
	mark tag
	// source is what is written, for a tag that has no partner and so is text.
	source string
}

var kindAtom = ast.NewNodeKind("Atom")

// Kind implements [ast.Node].
func (*atom) Kind() ast.NodeKind { return kindAtom }

// Dump implements [ast.Node].
func (n *atom) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// maxEquation is how many bytes of a line are looked at for an equation, which has at most
// [richtext.MaxExpression] characters.
const maxEquation = 8 << 10

// equationParser reads $x$ and $`x`$.
type equationParser struct{ v Version }

func (equationParser) Trigger() []byte { return []byte{'$'} }

func (p equationParser) Parse(_ ast.Node, block text.Reader, pc gparser.Context) ast.Node {
	line, _ := block.PeekLine()
	s := util.BytesToReadOnlyString(bytes.TrimRight(line[:min(len(line), maxEquation)], "\n"))
	expression, n := "", 0
	switch before := block.PrecendingCharacter(); {
	case strings.HasPrefix(s, "$`"):
		expression, n = fencedEquation(s)
	case before == '$' || !p.mayStandBy(before):
	case !strings.HasPrefix(s, "$$"):
		expression, n = p.between("$", s)
	case pc.Get(commentKey) != nil:
		expression, n = p.between("$$", s)
	}
	if n == 0 {
		return nil
	}
	block.Advance(n)
	return &atom{span: span{kind: equationSpan, text: expression}}
}

// commentKey is set while the text of a comment is read, in which $$x$$ is an equation too
// (services.md §2.3).
var commentKey = gparser.NewContextKey()

// mayStandBy reports whether an equation between bare dollar signs may have the character
// beside it: in the first grammar only space (pages-blocks.md §6.5), in the second anything
// but letters and digits, of which those of scripts without spaces do not count.
func (p equationParser) mayStandBy(r rune) bool {
	if p.v == V1 {
		return sideOf(r) == space
	}
	return r >= utf8.RuneSelf || sideOf(r) != letter
}

// between reads the equation between two delimiters that s begins with, and returns how
// long it is, 0 when there is none.
func (p equationParser) between(delimiter, s string) (expression string, n int) {
	for i := len(delimiter); i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == '$':
			expression = s[len(delimiter):i]
			after, ok := strings.CutPrefix(s[i:], delimiter)
			r, _ := utf8.DecodeRuneInString(after)
			if !ok || expression == "" || strings.TrimSpace(expression) != expression || after != "" && (r == '$' || !p.mayStandBy(r)) {
				return "", 0
			}
			return expression, i + len(delimiter)
		}
	}
	return "", 0
}

// fencedEquation reads an equation between backticks between dollar signs.
func fencedEquation(s string) (expression string, n int) {
	fence := 1
	for fence < len(s) && s[fence] == '`' {
		fence++
	}
	for i := fence; i < len(s); {
		if s[i] != '`' {
			i++
			continue
		}
		run := i
		for i < len(s) && s[i] == '`' {
			i++
		}
		if i-run == fence-1 && i < len(s) && s[i] == '$' {
			return unpad(s[fence:run]), i + 1
		}
	}
	return "", 0
}

// unpad drops the spaces that [codeSpan] adds.
func unpad(s string) string {
	if len(s) > 2 && s[0] == ' ' && s[len(s)-1] == ' ' && strings.Trim(s, " \t") != "" {
		return s[1 : len(s)-1]
	}
	return s
}

// citationParser reads [^address], a link that shows its address.
type citationParser struct{}

func (citationParser) Trigger() []byte { return []byte{'['} }

func (citationParser) Parse(_ ast.Node, block text.Reader, _ gparser.Context) ast.Node {
	line, _ := block.PeekLine()
	end := bytes.IndexByte(line[:min(len(line), richtext.MaxURL+len("[^{{}}]"))], ']')
	if end < 0 || !bytes.HasPrefix(line, []byte("[^")) || end+1 < len(line) && line[end+1] == '(' {
		return nil
	}
	address := unbrace(string(line[len("[^"):end]))
	if strings.ContainsAny(address, " []") || !richtext.ValidURL(address) {
		return nil
	}
	block.Advance(end + 1)
	return &atom{span: span{text: address, link: address}}
}

// emojiParser reads :name: where there is such a custom emoji.
type emojiParser struct{}

var optionsKey = gparser.NewContextKey()

func (emojiParser) Trigger() []byte { return []byte{':'} }

func (emojiParser) Parse(_ ast.Node, block text.Reader, pc gparser.Context) ast.Node {
	line, _ := block.PeekLine()
	end := bytes.IndexByte(line[1:], ':')
	if end < 0 {
		return nil
	}
	name := string(line[1 : 1+end])
	o, _ := pc.Get(optionsKey).(*Options)
	id, ok := o.emoji(name)
	if !ok {
		return nil
	}
	block.Advance(end + 2)
	return &atom{span: span{kind: emojiSpan, id: id, text: name}}
}

// tagParser reads the tags within a line that stand for something: mentions, dates and line
// breaks.
type tagParser struct{ v Version }

func (tagParser) Trigger() []byte { return []byte{'<'} }

func (p tagParser) Parse(_ ast.Node, block text.Reader, pc gparser.Context) ast.Node {
	line, _ := block.PeekLine()
	t, ok := parseTag(util.BytesToReadOnlyString(line))
	if !ok {
		return nil
	}
	switch {
	case t.name == "br" && !t.close:
		block.Advance(t.size)
		return &atom{span: span{text: "\n"}}
	case t.name == "date" && p.v == V2, t.name == "mention-date" && p.v == V1:
		s, ok := dateFrom(t.attrs)
		if !ok || t.close {
			return nil
		}
		s.text = s.start
		block.Advance(t.size + p.label(line[t.size:], t))
		return &atom{span: s}
	case strings.HasPrefix(t.name, "mention") && !t.close:
		o, _ := pc.Get(optionsKey).(*Options)
		return p.mention(block, t, o)
	}
	return nil
}

// styleParser reads the tags around text that has a style.
type styleParser struct{}

func (styleParser) Trigger() []byte { return []byte{'<'} }

func (styleParser) Parse(_ ast.Node, block text.Reader, _ gparser.Context) ast.Node {
	line, _ := block.PeekLine()
	t, ok := parseTag(util.BytesToReadOnlyString(line))
	if !ok || t.void || !isStyleTag(t.name) {
		return nil
	}
	block.Advance(t.size)
	return &atom{mark: t, source: string(line[:t.size])}
}

// label returns how long the label of a mention is, with the tag that ends it.
func (p tagParser) label(rest []byte, t tag) int {
	if t.void {
		return 0
	}
	return labelLength(util.BytesToReadOnlyString(rest), t.name)
}

func (p tagParser) mention(block text.Reader, t tag, o *Options) ast.Node {
	line, _ := block.PeekLine()
	s, ok := o.mentionFrom(t, p.v)
	n := p.label(line[t.size:], t)
	if !ok || n == 0 && !t.void {
		return nil
	}
	if n > 0 {
		shown := string(line[t.size : t.size+n-len("</"+t.name+">")])
		if s.kind == textSpan {
			s.text = decodeEntities(shown)
		}
	}
	block.Advance(t.size + n)
	return &atom{span: s}
}

// mentionFrom reads the tag of a mention. What rich text cannot mention is a text, which
// the caller fills in; the other names are those of the block API. It is false for what is
// no mention.
func (o *Options) mentionFrom(t tag, v Version) (span, bool) {
	address := unbrace(t.attrs.get("url"))
	kind, ok := strings.CutPrefix(t.name, "mention")
	if v == V2 && (!ok || kind != "") {
		return span{}, false
	}
	kind = strings.TrimPrefix(kind, "-")
	if v == V2 {
		kind = t.attrs.get("type")
	}
	return o.mentioned(kind, address)
}

// mentioned returns the mention of what is at an address. The kind of v2 may be left out
// where the address tells it.
func (o *Options) mentioned(kind, address string) (span, bool) {
	if address == userScheme+templateUser {
		return span{kind: templateSpan, start: templateUser}, true
	}
	id, ok := idIn(address)
	if strings.HasPrefix(address, agentScheme) || kind == "agent" {
		return span{}, true
	}
	switch {
	case !ok:
		return span{}, false
	case strings.HasPrefix(address, userScheme) || kind == "user":
		return o.named(userSpan, id), true
	case strings.HasPrefix(address, emojiScheme) || kind == "custom-emoji":
		return o.named(emojiSpan, id), true
	case strings.HasPrefix(address, sourceScheme) || kind == "data-source":
		if o.DatabaseOf == nil {
			return span{}, true
		}
		database, ok := o.DatabaseOf(id)
		if !ok {
			return span{}, true
		}
		return o.named(databaseSpan, database), true
	case kind == "database":
		return o.named(databaseSpan, id), true
	case kind == "" || kind == "page":
		return o.named(pageSpan, id), true
	}
	return span{}, false
}

// named returns the mention of something by its id.
func (o *Options) named(kind spanKind, id notion.ID) span {
	s := span{kind: kind, id: id}
	s.text = o.label(&s)
	return s
}

func isStyleTag(name string) bool {
	switch name {
	case "b", "i", "s", "u", "span":
		return true
	}
	return false
}

// inlines turns nodes into spans.
type inlines struct {
	o      *Options
	source []byte
	// spans are what is read so far, in the style around it.
	spans []span
	// open are the tags of styles that wait for their end.
	open []mark
	// images are the images read, beside which there may be only space.
	images []image
	// raw are the bounds of text whose escapes are not yet replaced, since an address in it
	// shows only without them.
	rawFrom, rawTo int
	rawLook        span
}

// mark is the tag of a style and where in the spans it stands.
type mark struct {
	tag
	at int // the span that holds its source until the end of it is found
}

// image is an image in a text.
type image struct {
	address string
	caption []span
	// from and to are the spans that stand for it within text.
	from, to int
}

// onlyImages reports whether there are images and nothing beside them but space.
func (in *inlines) onlyImages() bool {
	at := 0
	for _, im := range in.images {
		if !isBlank(in.spans[at:im.from]) {
			return false
		}
		at = im.to
	}
	return len(in.images) > 0 && isBlank(in.spans[at:])
}

func isBlank(spans []span) bool {
	for i := range spans {
		if spans[i].kind != textSpan || trim(spans[i].text) != "" {
			return false
		}
	}
	return true
}

// children adds the nodes below one, in the style and so on that they are in.
func (in *inlines) children(n ast.Node, look span) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		in.node(c, look)
	}
	in.endRaw()
}

func (in *inlines) node(n ast.Node, look span) {
	if t, ok := n.(*ast.Text); ok {
		in.text(t, look)
		return
	}
	in.endRaw()
	switch n := n.(type) {
	case *ast.CodeSpan:
		look.style |= code
		look.text = in.code(n)
		in.spans = append(in.spans, look)
	case *ast.Emphasis:
		look.style |= map[int]style{1: italic, 2: bold}[n.Level]
		in.children(n, look)
	case *east.Strikethrough:
		look.style |= strike
		in.children(n, look)
	case *ast.Link:
		in.link(n, n.Destination, look)
	case *ast.Image:
		in.image(n, look)
	case *ast.AutoLink:
		in.autoLink(n, look)
	case *atom:
		in.atom(n, look)
	default:
		in.children(n, look)
	}
}

// text gathers text that follows each other in the source.
func (in *inlines) text(t *ast.Text, look span) {
	segment := t.Segment
	if in.rawTo != segment.Start || segment.Padding > 0 || !in.rawLook.sameLook(&look) {
		in.endRaw()
		in.rawFrom = segment.Start
	}
	in.rawTo, in.rawLook = segment.Stop, look
	switch {
	case t.HardLineBreak():
		in.endRaw()
		look.text = "\n"
		in.spans = append(in.spans, look)
	case t.SoftLineBreak():
		in.endRaw()
		look.text = " "
		in.spans = append(in.spans, look)
	}
}

// endRaw makes spans of the text gathered.
func (in *inlines) endRaw() {
	raw := in.source[in.rawFrom:in.rawTo]
	look := in.rawLook
	in.rawFrom, in.rawTo = 0, 0
	if len(raw) == 0 {
		return
	}
	if in.o.Version == V2 || look.link != "" {
		look.text = in.plain(raw)
		in.spans = append(in.spans, look)
		return
	}
	look.text = string(raw)
	for _, s := range linkAddresses([]span{look}) {
		s.text = in.plain([]byte(s.text))
		in.spans = append(in.spans, s)
	}
}

// plain returns text without its escapes.
func (in *inlines) plain(raw []byte) string {
	return string(unescape(raw, true, in.o.Version == V2))
}

func (in *inlines) code(n *ast.CodeSpan) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			b.Write(t.Segment.Value(in.source))
		}
	}
	return strings.ReplaceAll(b.String(), "\n", " ")
}

// link reads a link. One that leads nowhere is text, as it is written.
func (in *inlines) link(n ast.Node, destination []byte, look span) {
	address := unbrace(in.plain(destination))
	if isLink(address) && look.link == "" {
		look.link = address
		in.children(n, look)
		return
	}
	open, end := look, look
	open.text, end.text = "[", "]("+address+")"
	in.spans = append(in.spans, open)
	in.children(n, look)
	in.spans = append(in.spans, end)
}

// image reads an image. Within text it is a link to it, since only a block shows one; one
// that leads nowhere is text, as it is written.
func (in *inlines) image(n *ast.Image, look span) {
	address := unbrace(in.plain(n.Destination))
	caption := &inlines{o: in.o, source: in.source}
	caption.children(n, look)
	shown := caption.spans
	from := len(in.spans)
	switch {
	case look.link == "" && !isLink(address):
		open, end := look, look
		open.text, end.text = "![", "]("+address+")"
		in.spans = append(append(append(in.spans, open), shown...), end)
		return
	case len(shown) == 0:
		look.text = address
		shown = []span{look}
	}
	for _, s := range shown {
		if s.link == "" {
			s.link = address
		}
		in.spans = append(in.spans, s)
	}
	if _, ours := in.o.uploadIn(address); look.link == "" && (ours || media.ValidURL(address)) {
		in.images = append(in.images, image{address, canonical(caption.spans, in.o.Version), from, len(in.spans)})
	}
}

// isLink reports whether a link can lead to an address.
func isLink(address string) bool {
	return richtext.ValidURL(address) && len(address) <= richtext.MaxURL
}

func (in *inlines) autoLink(n *ast.AutoLink, look span) {
	look.text = string(n.Label(in.source))
	look.link = string(n.URL(in.source))
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(look.link, "mailto:") {
		look.link = "mailto:" + look.link
	}
	if !richtext.ValidURL(look.link) {
		look.text, look.link = "<"+look.text+">", ""
	}
	in.spans = append(in.spans, look)
}

// atom adds a span of ours, or remembers the tag of a style until its end.
func (in *inlines) atom(n *atom, look span) {
	s := n.span
	s.style |= look.style
	s.color = look.color
	if s.link == "" {
		s.link = look.link
	}
	if n.mark.name == "" {
		in.spans = append(in.spans, s)
		return
	}
	if n.mark.close && in.endMark(n.mark.name) {
		return
	}
	s.text = n.source
	in.spans = append(in.spans, s)
	if !n.mark.close {
		in.open = append(in.open, mark{tag: n.mark, at: len(in.spans) - 1})
	}
}

// endMark ends the innermost tag of a name: what is between gets its style. Tags within it
// that have no end stay open.
func (in *inlines) endMark(name string) bool {
	for i := len(in.open) - 1; i >= 0; i-- {
		m := in.open[i]
		if m.name != name {
			continue
		}
		in.open = append(in.open[:i], in.open[i+1:]...)
		in.spans[m.at].text = ""
		for j := m.at + 1; j < len(in.spans); j++ {
			m.apply(&in.spans[j])
		}
		return true
	}
	return false
}

// apply gives a span the style of a tag around it. Of two colors the inner one counts.
func (m *mark) apply(s *span) {
	for w := underlineWrapper; w < wrappers; w++ {
		if styleTags[w] == m.name {
			s.style |= wrapperStyles[w]
			return
		}
	}
	if m.attrs.get("underline") == "true" {
		s.style |= underline
	}
	if color, ok := colorNamed(m.attrs.get("color")); ok && s.color == "" {
		s.color = color
	}
}

// done returns the spans in canonical form.
func (in *inlines) done() []span {
	in.endRaw()
	return canonical(in.spans, in.o.Version)
}
