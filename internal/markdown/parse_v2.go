package markdown

import (
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	gparser "github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// contentV2 reads what is in an element: text by CommonMark, and tags. A tag that is further
// in than the marker of a list item before it belongs to the item.
func (p *parser) contentV2(e *element) []*Node {
	var nodes []*Node
	for _, it := range e.items {
		if it.el == nil {
			nodes = append(nodes, p.markdown(it)...)
			continue
		}
		read := p.element(it.el)
		if host := listHost(nodes, it.el.indent); host != nil {
			host.Children = append(host.Children, read...)
			continue
		}
		nodes = append(nodes, read...)
	}
	return nodes
}

// listHost returns the last item of the list that nodes end with whose marker is further
// out than the indent; nil when there is none.
func listHost(nodes []*Node, indent int) *Node {
	var host *Node
	for len(nodes) > 0 {
		last := nodes[len(nodes)-1]
		if last.column == 0 || last.column > indent {
			break
		}
		host, nodes = last, last.Children
	}
	return host
}

// blockParser reads CommonMark and GFM, without what the grammar leaves out: raw HTML, and
// code that is only indented. What is nested too deeply stays text, since reading a line
// takes time for each level.
var blockParser = gparser.NewParser(
	gparser.WithBlockParsers(
		util.Prioritized(gparser.NewSetextHeadingParser(), 100),
		util.Prioritized(gparser.NewThematicBreakParser(), 200),
		util.Prioritized(shallow{gparser.NewListParser()}, 300),
		util.Prioritized(gparser.NewListItemParser(), 400),
		util.Prioritized(equationBlockParser{}, 600),
		util.Prioritized(gparser.NewATXHeadingParser(), 600),
		util.Prioritized(gparser.NewFencedCodeBlockParser(), 700),
		util.Prioritized(shallow{gparser.NewBlockquoteParser()}, 800),
		util.Prioritized(anyParagraph{gparser.NewParagraphParser()}, 1000),
	),
	gparser.WithInlineParsers(append(inlineParsers(V2), util.Prioritized(taskParser{}, 0))...),
	gparser.WithParagraphTransformers(
		util.Prioritized(fewReferences{}, 100),
		util.Prioritized(extension.NewTableParagraphTransformer(), 200),
	),
	gparser.WithASTTransformers(util.Prioritized(extension.NewTableASTTransformer(), 0)),
)

// anyParagraph takes lines however far in they are: goldmark stops reading at a line that
// no parser takes.
type anyParagraph struct{ gparser.BlockParser }

func (anyParagraph) CanAcceptIndentedLine() bool { return true }

// shallow keeps a parser from nesting without end.
type shallow struct{ gparser.BlockParser }

func (s shallow) Open(parent ast.Node, reader text.Reader, pc gparser.Context) (ast.Node, gparser.State) {
	depth := 0
	for n := parent; n != nil; n = n.Parent() {
		if k := n.Kind(); k == ast.KindList || k == ast.KindBlockquote {
			depth++
		}
	}
	if depth >= MaxDepth {
		return nil, gparser.NoChildren
	}
	return s.BlockParser.Open(parent, reader, pc)
}

// fewReferences finds the definitions of links, unless a paragraph is so long that finding
// them would take too much time.
type fewReferences struct{}

func (fewReferences) Transform(node *ast.Paragraph, reader text.Reader, pc gparser.Context) {
	const most = 500 // lines
	if node.Lines().Len() <= most {
		gparser.LinkReferenceParagraphTransformer.Transform(node, reader, pc)
	}
}

// taskParser reads the box at the beginning of a list item.
type taskParser struct{}

func (taskParser) Trigger() []byte { return []byte{'['} }

func (taskParser) Parse(parent ast.Node, block text.Reader, _ gparser.Context) ast.Node {
	item := parent.Parent()
	if item == nil || item.Kind() != ast.KindListItem || item.FirstChild() != parent || parent.HasChildren() {
		return nil
	}
	line, _ := block.PeekLine()
	done, ok := taskMark(strings.TrimRight(string(line[:min(len(line), len("[ ] "))]), "\n"))
	if !ok {
		return nil
	}
	block.Advance(len("[ ]"))
	return east.NewTaskCheckBox(done)
}

// equationBlock is an equation between fences.
type equationBlock struct {
	ast.BaseBlock
	fence fence
}

var kindEquationBlock = ast.NewNodeKind("EquationBlock")

// Kind implements [ast.Node].
func (*equationBlock) Kind() ast.NodeKind { return kindEquationBlock }

// IsRaw implements [ast.Node]: there is no markup in an equation.
func (*equationBlock) IsRaw() bool { return true }

// Dump implements [ast.Node].
func (n *equationBlock) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

type equationBlockParser struct{}

func (equationBlockParser) Trigger() []byte { return []byte{'$'} }

func (equationBlockParser) Open(_ ast.Node, reader text.Reader, pc gparser.Context) (ast.Node, gparser.State) {
	line, _ := reader.PeekLine()
	at := pc.BlockOffset()
	if at < 0 {
		return nil, gparser.NoChildren
	}
	f, ok := fenceAt(util.BytesToReadOnlyString(line[at:]))
	if !ok {
		return nil, gparser.NoChildren
	}
	reader.AdvanceToEOL()
	return &equationBlock{fence: f}, gparser.NoChildren
}

func (equationBlockParser) Continue(node ast.Node, reader text.Reader, _ gparser.Context) gparser.State {
	line, segment := reader.PeekLine()
	if node.(*equationBlock).fence.isClosedBy(trim(util.BytesToReadOnlyString(line))) {
		reader.AdvanceToEOL()
		return gparser.Close
	}
	segment.ForceNewline = true
	node.Lines().Append(segment)
	reader.AdvanceToEOL()
	return gparser.Continue | gparser.NoChildren
}

func (equationBlockParser) Close(ast.Node, text.Reader, gparser.Context) {}

func (equationBlockParser) CanInterruptParagraph() bool { return true }

func (equationBlockParser) CanAcceptIndentedLine() bool { return false }

// converter makes blocks of what goldmark has read of an item.
type converter struct {
	p      *parser
	text   string
	source []byte // the same
	at     int    // of it in the text that is parsed
}

func (p *parser) markdown(it item) []*Node {
	if trim(it.text) == "" {
		return nil
	}
	c := converter{p: p, text: it.text, source: []byte(it.text), at: it.at}
	pc := gparser.NewContext()
	pc.Set(optionsKey, p.o)
	return c.blocks(blockParser.Parse(text.NewReader(c.source), gparser.WithContext(pc)).FirstChild())
}

// blocks returns a node and those after it as blocks.
func (c *converter) blocks(n ast.Node) []*Node {
	var nodes []*Node
	for ; n != nil; n = n.NextSibling() {
		from := len(nodes)
		nodes = append(nodes, c.block(n)...)
		for _, made := range nodes[from:] {
			if made.at == 0 {
				made.at = c.place(n)
			}
		}
	}
	return nodes
}

func (c *converter) block(n ast.Node) []*Node {
	switch n := n.(type) {
	case *ast.Heading:
		h := heading(n.Level)
		h.text = c.inlines(n).done()
		return []*Node{h}
	case *ast.ThematicBreak:
		return []*Node{{Type: "divider"}}
	case *ast.FencedCodeBlock:
		info := ""
		if n.Info != nil {
			info = string(unescape(n.Info.Segment.Value(c.source), true, true))
		}
		return []*Node{c.p.codeBlock(c.place(n), info, c.lines(n))}
	case *equationBlock:
		return []*Node{{Type: "equation", expression: c.lines(n)}}
	case *ast.Blockquote:
		return []*Node{c.withText(&Node{Type: "quote"}, n)}
	case *ast.List:
		return c.list(n)
	case *east.Table:
		return []*Node{c.table(n)}
	case *ast.Paragraph, *ast.TextBlock:
		return c.paragraph(n)
	}
	return nil
}

// lines returns the lines of code or an equation.
func (c *converter) lines(n ast.Node) string {
	var b strings.Builder
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		b.Write(line.Value(c.source))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func (c *converter) inlines(n ast.Node) *inlines {
	in := &inlines{o: c.p.o, source: c.source}
	in.children(n, span{})
	return in
}

func (c *converter) paragraph(n ast.Node) []*Node {
	in := c.inlines(n)
	if in.onlyImages() {
		return c.p.images(in)
	}
	return []*Node{{Type: "paragraph", text: in.done(), bare: true}}
}

// withText fills in a block whose text is the paragraph that a node begins with, and whose
// children are the rest.
func (c *converter) withText(block *Node, n ast.Node) *Node {
	block.Children = c.blocks(n.FirstChild())
	if len(block.Children) > 0 && block.Children[0].bare {
		block.text = block.Children[0].text
		block.Children = block.Children[1:]
	}
	return block
}

func (c *converter) list(list *ast.List) []*Node {
	typ := "bulleted_list_item"
	if list.IsOrdered() {
		typ = "numbered_list_item"
	}
	var items []*Node
	for n := list.FirstChild(); n != nil; n = n.NextSibling() {
		item := &Node{Type: typ, at: c.place(n), column: 1 + c.column(n.Pos())}
		if first := n.FirstChild(); first != nil {
			if box, ok := first.FirstChild().(*east.TaskCheckBox); ok {
				item.Type, item.checked = "to_do", box.IsChecked
			}
		}
		items = append(items, c.withText(item, n))
		if item.Type == "to_do" {
			item.text = trimStart(item.text)
		}
	}
	return items
}

// trimStart drops the space behind the box of a task.
func trimStart(spans []span) []span {
	if len(spans) == 0 || !spans[0].isBare() {
		return spans
	}
	spans[0].text = strings.TrimLeft(spans[0].text, " \t")
	if spans[0].text == "" {
		return spans[1:]
	}
	return spans
}

// place returns where in the text that is parsed a node stands.
func (c *converter) place(n ast.Node) int { return c.at + min(max(n.Pos(), 0), len(c.text)) }

// column returns the column of a place as goldmark tells it, which tabs can put too far.
func (c *converter) column(pos int) int {
	pos = min(max(pos, 0), len(c.text))
	return column(c.text, strings.LastIndexByte(c.text[:pos], '\n')+1, pos)
}

func (c *converter) table(t *east.Table) *Node {
	table := &Node{Type: "table", columns: true}
	for r := t.FirstChild(); r != nil; r = r.NextSibling() {
		row := &Node{Type: "table_row", at: c.place(r)}
		for cell := r.FirstChild(); cell != nil; cell = cell.NextSibling() {
			row.cells = append(row.cells, c.inlines(cell).done())
		}
		table.Children = append(table.Children, row)
	}
	squareOff(table)
	return table
}
