package markdown

import "strings"

// entry is a block of the first grammar before it is known what hangs on what.
type entry struct {
	nodes  []*Node
	indent int
	// holds says that lines further in are children.
	holds bool
}

const tabWidth = 4

// contentV1 reads what is in an element line by line, and hangs what is further in on what
// is before it (pages-blocks.md §6.5).
func (p *parser) contentV1(e *element) []*Node {
	var entries []entry
	for _, it := range e.items {
		if it.el == nil {
			entries = p.linesV1(it, entries)
			continue
		}
		nodes := p.element(it.el)
		if len(nodes) == 0 {
			continue
		}
		indent := it.el.indent
		if it.el.afterMarker {
			indent += tabWidth
		}
		entries = append(entries, entry{nodes, indent, nodes[len(nodes)-1].Type == "paragraph"})
	}
	return nest(entries)
}

// nest makes a tree of entries: each is a child of the nearest one before it that is less
// far in and can have children.
func nest(entries []entry) []*Node {
	var roots []*Node
	var open []entry
	for _, e := range entries {
		for len(open) > 0 && e.indent <= open[len(open)-1].indent+1 {
			open = open[:len(open)-1]
		}
		holder := len(open) - 1
		for holder >= 0 && !open[holder].holds {
			holder--
		}
		if holder < 0 {
			roots = append(roots, e.nodes...)
		} else {
			parent := open[holder].last()
			parent.Children = append(parent.Children, e.nodes...)
		}
		open = append(open, e)
	}
	return roots
}

func (e *entry) last() *Node { return e.nodes[len(e.nodes)-1] }

// linesV1 reads the lines of an item.
func (p *parser) linesV1(it item, entries []entry) []entry {
	for i := 0; i < len(it.text); {
		line := lineAt(it.text, i)
		content := strings.TrimLeft(line, " \t")
		start := i
		i = nextLine(it.text, i)
		if trim(content) == "" {
			continue
		}
		width := column(line, 0, len(line)-len(content))
		at := it.at + start + len(line) - len(content)
		nodes, next := p.linesOf(at, content, it.text, i, width)
		i = max(i, next)
		if nodes == nil {
			nodes = p.lineV1(at, content)
		}
		for _, n := range nodes {
			n.at = at
		}
		last := nodes[len(nodes)-1]
		if !last.isListItem() {
			width -= width % tabWidth
		}
		entries = append(entries, entry{nodes, width, last.canHold()})
	}
	return entries
}

// linesOf reads a block of several lines: code, an equation or a table with pipes. The next
// line begins at text[i:]. It is nil for every other line.
func (p *parser) linesOf(at int, content, text string, i, width int) (nodes []*Node, next int) {
	if f, ok := fenceAt(content); ok {
		lines, next := fencedLines(text, i, f, width)
		if f.char == '$' {
			return []*Node{{Type: "equation", expression: strings.Join(lines, "\n")}}, next
		}
		return []*Node{p.codeBlock(at, f.info, strings.Join(lines, "\n"))}, next
	}
	if content[0] != '|' || !isDelimiterRow(trim(lineAt(text, i))) {
		return nil, i
	}
	n := &Node{Type: "table", columns: true}
	n.Children = append(n.Children, p.pipeRow(content))
	for i = nextLine(text, i); i < len(text); i = nextLine(text, i) {
		row := trim(lineAt(text, i))
		if !strings.HasPrefix(row, "|") {
			break
		}
		n.Children = append(n.Children, p.pipeRow(row))
	}
	squareOff(n)
	return []*Node{n}, i
}

// fencedLines returns the lines up to the end of a fence, without what indents them all,
// and where the line after it begins.
func fencedLines(text string, i int, f fence, width int) (lines []string, next int) {
	for i < len(text) {
		line := lineAt(text, i)
		i = nextLine(text, i)
		if f.isClosedBy(strings.TrimLeft(line, " \t")) {
			break
		}
		lines = append(lines, outdent(line, width))
	}
	return lines, i
}

// outdent drops as much space at the beginning of a line as the width says, if there is.
func outdent(line string, width int) string {
	for width > 0 && line != "" {
		switch line[0] {
		case '\t':
			width -= tabWidth
		case ' ':
			width--
		default:
			return line
		}
		line = line[1:]
	}
	return line
}

func isDelimiterRow(line string) bool {
	return strings.HasPrefix(line, "|") && strings.Contains(line, "-") && strings.Trim(line, "|-: \t") == ""
}

// pipeRow reads a row between pipes. A pipe in code or behind a backslash is text.
func (p *parser) pipeRow(line string) *Node {
	row := &Node{Type: "table_row"}
	line = strings.TrimPrefix(trim(line), "|")
	start := 0
	s := scanner{src: line, v: V1}
	for i := 0; i < len(line); {
		switch line[i] {
		case '\\':
			i += 2
		case '`':
			i = s.skipCode(i)
		case '|':
			row.cells = append(row.cells, p.inline(trim(line[start:i])))
			i++
			start = i
		default:
			i++
		}
	}
	if rest := trim(line[start:]); rest != "" {
		row.cells = append(row.cells, p.inline(rest))
	}
	return row
}

// lineV1 reads a line that is a block.
func (p *parser) lineV1(at int, content string) []*Node {
	content, a := lineAttrs(strings.TrimRight(content, " \t"))
	n, text := lineMarker(content)
	if n == nil {
		return p.textLine(at, text, a)
	}
	if n.Type == "divider" {
		return []*Node{n}
	}
	n.text = p.inline(strings.Trim(text, " \t"))
	p.lineStyle(n, a)
	return []*Node{n}
}

// lineStyle reads the attributes of a line.
func (p *parser) lineStyle(n *Node, a attrs) {
	n.color, _ = colorNamed(a.get("color"))
	n.toggleable = a.get("toggle") == "true" && n.headingLevel() > 0
}

// textLine reads a line without a marker: a paragraph, or images.
func (p *parser) textLine(at int, text string, a attrs) []*Node {
	in := p.inlines(text)
	if in.onlyImages() {
		return p.images(in)
	}
	n := &Node{Type: "paragraph", text: in.done(), bare: len(a) == 0}
	p.lineStyle(n, a)
	n.icon = p.icon(at, a.get("icon"))
	return []*Node{n}
}

// images returns the images of a text that has nothing else as blocks.
func (p *parser) images(in *inlines) []*Node {
	nodes := make([]*Node, len(in.images))
	for i, im := range in.images {
		nodes[i] = &Node{Type: "image", text: im.caption}
		p.file(nodes[i], im.address)
	}
	return nodes
}

// lineAttrs cuts the attributes off the end of a line, as in {color="red"}.
func lineAttrs(line string) (string, attrs) {
	open := strings.LastIndexByte(line, '{')
	if open < 0 || line[len(line)-1] != '}' || open > 0 && line[open-1] != ' ' && line[open-1] != '\t' {
		return line, nil
	}
	var a attrs
	inner := line[open+1 : len(line)-1]
	for i := skipBlanks(inner, 0); i < len(inner); i = skipBlanks(inner, i) {
		got, n := parseAttr(inner[i:])
		if n == 0 || !lineAttrNames[got.name] {
			return line, nil
		}
		a = append(a, got)
		i += n
	}
	if a == nil {
		return line, nil
	}
	return strings.TrimRight(line[:open], " \t"), a
}

var lineAttrNames = set("color", "toggle", "icon")

// lineMarker returns the block that the marker at the beginning of a line says, and the text
// behind the marker; nil when there is none.
func lineMarker(line string) (*Node, string) {
	if line == "" {
		return nil, line
	}
	switch b := line[0]; {
	case b == '#':
		level := len(line) - len(strings.TrimLeft(line, "#"))
		if level <= 6 && endsWord(line, level) {
			return heading(level), line[level:]
		}
	case b == '>':
		return &Node{Type: "quote"}, line[1:]
	case strings.IndexByte("-*_", b) >= 0 && len(line) >= 3 && strings.Trim(line, line[:1]) == "":
		return &Node{Type: "divider"}, ""
	case strings.IndexByte("-*+", b) >= 0 && endsWord(line, 1):
		return bullet(strings.TrimLeft(line[1:], " \t"))
	case isOrdinal(line):
		return &Node{Type: "numbered_list_item"}, line[strings.IndexAny(line, ".)")+1:]
	}
	return nil, line
}

// bullet tells a to-do from a bulleted item.
func bullet(text string) (*Node, string) {
	if done, ok := taskMark(text); ok {
		return &Node{Type: "to_do", checked: done}, text[len("[ ]"):]
	}
	return &Node{Type: "bulleted_list_item"}, text
}

// taskMark reads the box at the beginning of an item.
func taskMark(text string) (done, ok bool) {
	if len(text) < len("[ ]") || text[0] != '[' || text[2] != ']' || !endsWord(text, len("[ ]")) {
		return false, false
	}
	return text[1] == 'x' || text[1] == 'X', strings.IndexByte(" xX", text[1]) >= 0
}
