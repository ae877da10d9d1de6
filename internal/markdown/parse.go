package markdown

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	gparser "github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"octavo/internal/jsonx"
)

// Parsed is what a text says.
type Parsed struct {
	Nodes    []*Node
	Warnings []Warning

	src string
}

// Parse reads a text as blocks. What the grammar does not know stays text. The error is a
// validation_error: a tag with an address that leads to no page or block, blocks nested
// deeper than [MaxDepth], or more of them than [MaxRecords].
func Parse(src string, o Options) (*Parsed, error) {
	p := newParser(src, &o)
	nodes := p.content(scan(p.src, o.Version))
	switch {
	case p.err != nil:
		return nil, p.err
	case tooDeep(nodes, 1):
		return nil, invalid("Blocks can be nested %d levels deep at most.", MaxDepth)
	case Count(nodes) > MaxRecords:
		return nil, errTooLarge()
	}
	return &Parsed{nodes, p.warnings, p.src}, nil
}

func errTooLarge() error {
	return invalid("The page content after this edit is too large or too heavily formatted to process in one call. Move some content into child pages or reduce the page size.")
}

// tooDeep reports whether blocks are nested too deeply. What only names a block may be one
// level deeper, since [Render] puts it there.
func tooDeep(nodes []*Node, depth int) bool {
	for _, n := range nodes {
		if depth > MaxDepth && n.Type != "" || tooDeep(n.Children, depth+1) {
			return true
		}
	}
	return false
}

// ParseText reads the text of a comment as rich text of a request: what is within lines, in
// either grammar, but no blocks (services.md §2.3). It never fails.
func ParseText(src string, o Options) jsonx.Value {
	p := newParser(src, &o)
	p.comment = true
	var spans []span
	for i, line := range strings.Split(p.src, "\n") {
		if i > 0 {
			spans = append(spans, span{text: "\n"})
		}
		spans = append(spans, p.inline(line)...)
	}
	return writeSpans(canonical(spans, o.Version))
}

// TakeTitle takes the first heading of the first level out of what a text says, for a page
// that is made without a title (pages-blocks.md §5.3). It returns the title as rich text of
// a request, Undefined when there is no such heading.
func (p *Parsed) TakeTitle() jsonx.Value {
	for i, n := range p.Nodes {
		if n.Type == "heading_1" {
			p.Nodes = append(append(p.Nodes[:i:i], n.Children...), p.Nodes[i+1:]...)
			return writeSpans(n.text)
		}
	}
	return jsonx.Value{}
}

// parser reads one text.
type parser struct {
	o        *Options
	src      string
	comment  bool
	warnings []Warning
	err      error
}

func newParser(src string, o *Options) *parser { return &parser{o: o, src: clean(src)} }

// maxWarnings is how many warnings a text gets at most.
const maxWarnings = 100

func (p *parser) warn(at int, message string) {
	if len(p.warnings) < maxWarnings {
		p.warnings = append(p.warnings, Warning{Line: 1 + strings.Count(p.src[:at], "\n"), Message: message})
	}
}

// fail records the first refusal.
func (p *parser) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// content reads what is in an element as blocks.
func (p *parser) content(e *element) []*Node {
	if p.o.Version == V1 {
		return p.contentV1(e)
	}
	return p.contentV2(e)
}

// lineParsers read a line without looking for blocks in it.
var lineParsers = map[Version]gparser.Parser{V1: newLineParser(V1), V2: newLineParser(V2)}

func newLineParser(v Version) gparser.Parser {
	return gparser.NewParser(
		gparser.WithBlockParsers(util.Prioritized(wholeParser{}, 1)),
		gparser.WithInlineParsers(inlineParsers(v)...),
	)
}

// wholeParser makes one block of all there is.
type wholeParser struct{}

func (wholeParser) Trigger() []byte { return nil }

func (wholeParser) Open(_ ast.Node, reader text.Reader, _ gparser.Context) (ast.Node, gparser.State) {
	n := ast.NewTextBlock()
	_, segment := reader.PeekLine()
	n.Lines().Append(text.NewSegment(segment.Start, len(reader.Source())))
	reader.AdvanceToEOL()
	return n, gparser.NoChildren
}

func (wholeParser) Continue(ast.Node, text.Reader, gparser.Context) gparser.State {
	return gparser.Close
}

func (wholeParser) Close(ast.Node, text.Reader, gparser.Context) {}

func (wholeParser) CanInterruptParagraph() bool { return false }

func (wholeParser) CanAcceptIndentedLine() bool { return true }

// inline reads one line, with the space at its ends.
func (p *parser) inline(line string) []span {
	return p.inlines(line).done()
}

// inlines reads one line. Most have no markup at all.
func (p *parser) inlines(line string) *inlines {
	in := &inlines{o: p.o, source: []byte(line)}
	core := strings.Trim(line, " \t")
	if !p.hasMarkup(core) {
		in.spans = plainSpans(line)
		return in
	}
	start := strings.Index(line, core)
	in.source = []byte(core)
	pc := gparser.NewContext()
	pc.Set(optionsKey, p.o)
	if p.comment {
		pc.Set(commentKey, true)
	}
	in.spans = plainSpans(line[:start])
	doc := lineParsers[p.o.Version].Parse(text.NewReader(in.source), gparser.WithContext(pc))
	in.children(doc, span{})
	in.spans = append(in.spans, plainSpans(line[start+len(core):])...)
	return in
}

// hasMarkup reports whether a line may be more than text.
func (p *parser) hasMarkup(line string) bool {
	if p.o.Version == V1 {
		return strings.ContainsAny(line, "\\`*[]<$~!:")
	}
	return strings.ContainsAny(line, "\\`*_[]<$~!:&\n")
}

// title reads the text of an element that is in one line, with the space at its ends; false
// when there is more in it than such a text.
func (p *parser) title(e *element) ([]span, bool) {
	if len(e.items) == 0 {
		return nil, true
	}
	if len(e.items) > 1 || e.items[0].el != nil {
		return nil, false
	}
	line := e.items[0].text
	if strings.IndexByte(line, '\n') >= 0 {
		return nil, false
	}
	return p.inline(line), true
}

// caption reads whatever is in an element as one text.
func (p *parser) caption(e *element) []span {
	if spans, ok := p.title(e); ok {
		return spans
	}
	source := trim(p.src[e.from:e.to])
	return p.inline(strings.ReplaceAll(source, "\n", " "))
}

// titled reads an element that has a text of its own and children: the first paragraph is
// the text, unless it says more than that.
func (p *parser) titled(e *element, n *Node) {
	if spans, ok := p.title(e); ok {
		n.text = spans
		return
	}
	n.Children = p.content(e)
	if len(n.Children) == 0 || !n.Children[0].bare {
		return
	}
	first := n.Children[0]
	n.text = first.text
	n.Children = append(first.Children[:len(first.Children):len(first.Children)], n.Children[1:]...)
}

// color reads the color of a block.
func (p *parser) color(e *element) string {
	name := e.attrs.get("color")
	color, ok := colorNamed(name)
	if !ok {
		p.warn(e.at, "There is no color "+name+".")
	}
	return color
}

// icon reads the icon of a block, Undefined when there is none.
func (p *parser) icon(at int, name string) jsonx.Value {
	if name == "" {
		return jsonx.Value{}
	}
	icon, ok := p.o.iconFrom(name)
	if !ok {
		p.warn(at, "The icon "+name+" is not an emoji, the address of a picture or the name of an icon.")
		return jsonx.Value{}
	}
	return icon
}

// existing reads the address of a block, page or database that is there already.
func (p *parser) existing(n *Node, address string) {
	if address == "" {
		return
	}
	id, ok := idIn(address)
	if !ok {
		p.fail(invalid("Invalid Notion page or block URL: %s", unbrace(address)))
	}
	n.Existing = id
}
