package markdown

import (
	"strconv"
	"strings"

	"octavo/internal/block"
)

// v1 writes blocks in the first grammar: a line for each, children one tab deeper.
func (w *writer) v1(nodes []*Node, depth int) {
	indent := strings.Repeat("\t", depth)
	count := 0
	for _, n := range nodes {
		if len(w.dst) > 0 && w.dst[len(w.dst)-1] != '\n' {
			w.string("\n")
		}
		if count++; n.Type != "numbered_list_item" {
			count = 0
		}
		w.string(indent)
		n.at = len(w.dst)
		w.v1Block(n, count, depth, indent)
		n.end = len(w.dst)
	}
}

func (w *writer) v1Block(n *Node, count, depth int, indent string) {
	if w.reference(n) {
		return
	}
	switch n.Type {
	case "paragraph":
		w.v1Paragraph(n)
	case "heading_1", "heading_2", "heading_3", "heading_4":
		w.v1Line(strings.Repeat("#", n.headingLevel()), n, attrs(nil).with("toggle", boolText(n.toggleable)))
	case "bulleted_list_item":
		w.v1Line("-", n, nil)
	case "numbered_list_item":
		w.v1Line(strconv.Itoa(count)+".", n, nil)
	case "to_do":
		w.v1Line(map[bool]string{false: "- [ ]", true: "- [x]"}[n.checked], n, nil)
	case "quote":
		w.v1Line(">", n, nil)
	case "code":
		w.code(n, indent)
	case "equation":
		w.equation(n, indent)
	case "divider":
		w.string("---")
	case "table_of_contents":
		w.void("table_of_contents", n.colorAttr())
	case "image":
		w.image(n)
	case "video", "audio", "pdf", "file":
		w.named(n.Type, attrs{{"src", w.source(n)}}, n.text)
	default:
		w.v1Container(n, depth, indent)
		return
	}
	w.v1(n.Children, depth+1)
}

// v1Paragraph writes a paragraph; an empty one is a tag, unless it has attributes.
func (w *writer) v1Paragraph(n *Node) {
	a := append(w.iconAttr(n), n.colorAttr()...)
	if len(n.text) == 0 && len(a) == 0 {
		w.string("<empty-block/>")
		return
	}
	w.v1Text(n.text)
	w.v1Attrs(a, len(n.text) > 0)
}

// v1Line writes a line with the marker of its type before the text and attributes behind.
func (w *writer) v1Line(marker string, n *Node, a attrs) {
	w.string(marker)
	if len(n.text) > 0 {
		w.string(" ")
		w.v1Text(n.text)
	}
	w.v1Attrs(append(a, n.colorAttr()...), true)
}

// v1Text writes text that begins or ends with space between tags that say nothing, since a
// line loses it.
func (w *writer) v1Text(text []span) {
	if !hasEdgeSpace(text) {
		w.inline(text, false, "")
		return
	}
	in := inlineWriter{o: w.o, dst: w.dst, start: len(w.dst)}
	in.raw("<span>")
	in.list(text, context{after: punctuation})
	in.raw("</span>")
	w.dst = in.dst
}

func (w *writer) v1Attrs(a attrs, spaced bool) {
	if len(a) == 0 {
		return
	}
	if spaced {
		w.string(" ")
	}
	w.string("{")
	for i := range a {
		if i > 0 {
			w.string(" ")
		}
		w.string(a[i].name + `="`)
		w.dst = appendAttrValue(w.dst, a[i].value)
		w.string(`"`)
	}
	w.string("}")
}

// v1Container writes the blocks that are tags around their children.
func (w *writer) v1Container(n *Node, depth int, indent string) {
	switch n.Type {
	case "toggle":
		w.open("details", n.colorAttr())
		w.string("\n" + indent)
		w.open("summary", nil)
		w.v1Text(n.text)
		w.close("summary")
		w.v1End("details", n.Children, depth, indent)
	case "callout":
		w.v1Titled("callout", append(w.iconAttr(n), n.colorAttr()...), n, depth, indent)
	case "column_list":
		w.open("columns", nil)
		w.v1End("columns", n.Children, depth, indent)
	case "column":
		w.open("column", nil)
		w.v1End("column", n.Children, depth, indent)
	case "tab":
		w.v1Tabs(n, depth, indent)
	case block.Synced:
		name := "synced_block"
		if !n.original.IsZero() {
			name = "synced_block_reference"
		}
		w.open(name, attrs(nil).with("url", w.syncedAddress(n)))
		w.v1End(name, n.Children, depth, indent)
	case "table":
		w.table(n, indent)
	case meetingType:
		w.v1Meeting(n, depth, indent)
	}
}

// v1End writes the children of a tag and its end, each on lines of their own.
func (w *writer) v1End(name string, children []*Node, depth int, indent string) {
	w.v1(children, depth+1)
	w.string("\n" + indent)
	w.close(name)
}

// v1Titled writes a tag whose first line is the text of the block itself.
func (w *writer) v1Titled(name string, a attrs, n *Node, depth int, indent string) {
	w.open(name, a)
	switch {
	case len(n.text) > 0:
		w.string("\n\t" + indent)
		w.v1Text(n.text)
	case len(n.Children) > 0:
		w.string("\n\t" + indent + "<empty-block/>")
	}
	w.v1End(name, n.Children, depth, indent)
}

// v1Tabs writes tabs: the paragraphs below the block are the labels.
func (w *writer) v1Tabs(n *Node, depth int, indent string) {
	w.open("tabs", nil)
	inner := indent + "\t"
	for _, tab := range n.Children {
		w.string("\n" + inner)
		tab.at = len(w.dst)
		w.v1Titled("tab", append(w.iconAttr(tab), tab.colorAttr()...), tab, depth+1, inner)
		tab.end = len(w.dst)
	}
	w.string("\n" + indent)
	w.close("tabs")
}

// table writes a table as tags, which is the one form of the first grammar and for the
// second the one of tables that pipes cannot say. The rows are not indented.
func (w *writer) table(n *Node, indent string) {
	w.open("table", attrs(nil).with("header-row", boolText(n.columns)).with("header-column", boolText(n.rows)))
	if len(n.Children) == 0 {
		w.emptyTable(n.width, indent)
	}
	for _, row := range n.Children {
		w.string("\n" + indent)
		row.at = len(w.dst)
		if w.reference(row) {
			row.end = len(w.dst)
			continue
		}
		w.open("tr", nil)
		for _, cell := range row.cells {
			w.string("\n" + indent)
			w.named("td", nil, cell)
		}
		w.string("\n" + indent)
		w.close("tr")
		row.end = len(w.dst)
	}
	w.string("\n" + indent)
	w.close("table")
}

// emptyTable says how wide a table is that has no rows.
func (w *writer) emptyTable(width int, indent string) {
	w.string("\n" + indent + "<colgroup>")
	for range width {
		w.string("\n" + indent + "<col>")
	}
	w.string("\n" + indent + "</colgroup>")
}
