package markdown

import (
	"strconv"
	"strings"

	"octavo/internal/block"
)

// v2 writes blocks in the second grammar, with a blank line between them; but the items of
// a list follow each other line by line.
func (w *writer) v2(nodes []*Node) {
	for i := 0; i < len(nodes); {
		if i > 0 {
			w.string("\n\n")
		}
		n := nodes[i]
		if !n.isListItem() {
			n.at = len(w.dst)
			w.v2Block(n)
			n.end = len(w.dst)
			i++
			continue
		}
		run := listRun(nodes[i:])
		w.v2List(run, "")
		i += len(run)
	}
}

// listRun returns the items of one list at the beginning of the nodes.
func listRun(nodes []*Node) []*Node {
	n := 1
	for n < len(nodes) && nodes[n].Type == nodes[0].Type {
		n++
	}
	return nodes[:n]
}

// isPlainList reports whether a list can be written with markers: there is nothing in it
// but lists, and no item needs a tag. What a marker without text belongs to depends on the
// lines around it, so that an empty item is written so only by itself.
func isPlainList(items []*Node, nested bool) bool {
	for _, n := range items {
		empty := len(n.text) == 0 && n.Type != "to_do"
		if !n.isListItem() || n.color != "" || hasEdgeSpace(n.text) || empty && (nested || len(n.Children) > 0) || !isPlainList(n.Children, true) {
			return false
		}
	}
	return true
}

// v2List writes the items of a list, with the indent before every line but the first.
func (w *writer) v2List(items []*Node, indent string) {
	if !isPlainList(items, indent != "") {
		w.v2TaggedList(items)
		return
	}
	for i, n := range items {
		if i > 0 {
			w.string("\n" + indent)
		}
		n.at = len(w.dst)
		marker := listMarker(n, i+1)
		w.string(marker)
		inner := indent + listIndent(n, marker)
		if len(n.text) > 0 {
			w.string(" ")
			w.inline(n.text, true, inner)
		}
		for rest := n.Children; len(rest) > 0; {
			run := listRun(rest)
			if len(rest) < len(n.Children) {
				w.string("\n")
			}
			w.string("\n" + inner)
			w.v2List(run, inner)
			rest = rest[len(run):]
		}
		n.end = len(w.dst)
	}
}

func listMarker(n *Node, number int) string {
	switch {
	case n.Type == "numbered_list_item":
		return strconv.Itoa(number) + "."
	case n.Type == "to_do" && n.checked:
		return "- [x]"
	case n.Type == "to_do":
		return "- [ ]"
	}
	return "-"
}

// listIndent returns what puts a line into an item of a list: a tab, or as many as reach
// behind the marker.
func listIndent(n *Node, marker string) string {
	const tab = 4
	if n.Type != "numbered_list_item" {
		return "\t"
	}
	return strings.Repeat("\t", (len(marker)+len(" ")+tab-1)/tab)
}

// v2TaggedList writes the items of a list in their tags.
func (w *writer) v2TaggedList(items []*Node) {
	if items[0].Type == "to_do" {
		for i, n := range items {
			if i > 0 {
				w.string("\n\n")
			}
			n.at = len(w.dst)
			w.v2Titled("todo", append(attrs{{"checked", strconv.FormatBool(n.checked)}}, n.colorAttr()...), n, false)
			n.end = len(w.dst)
		}
		return
	}
	list := "ul"
	if items[0].Type == "numbered_list_item" {
		list = "ol"
	}
	w.open(list, nil)
	for _, n := range items {
		w.string("\n")
		n.at = len(w.dst)
		w.v2Titled("li", n.colorAttr(), n, false)
		n.end = len(w.dst)
	}
	w.v2End(list)
}

func (w *writer) v2Block(n *Node) {
	if w.reference(n) {
		return
	}
	tagged := n.color != "" || len(n.Children) > 0 || hasEdgeSpace(n.text)
	switch n.Type {
	case "paragraph":
		w.v2Paragraph(n, tagged)
	case "heading_1", "heading_2", "heading_3", "heading_4":
		w.v2Heading(n, tagged)
	case "quote":
		w.v2Quote(n, tagged)
	case "toggle":
		w.v2Titled("toggle", n.colorAttr(), n, true)
	case "callout":
		w.v2Titled("callout", append(w.iconAttr(n), n.colorAttr()...), n, true)
	case "code":
		w.code(n, "")
	case "equation":
		w.equation(n, "")
	case "divider":
		w.string("---")
	case "table_of_contents":
		w.void("table-of-contents", n.colorAttr())
	case "image":
		w.image(n)
	case "video", "audio", "pdf", "file", "bookmark", "embed":
		w.named(n.Type, attrs{{"source", w.source(n)}}, n.text)
	case "table":
		w.v2Table(n)
	default:
		w.v2Container(n)
	}
}

func (w *writer) v2Paragraph(n *Node, tagged bool) {
	a := append(w.iconAttr(n), n.colorAttr()...)
	switch {
	case len(n.text) == 0 && len(n.Children) == 0:
		w.void("p", a)
	case !tagged && len(a) == 0:
		w.inline(n.text, true, "")
	default:
		w.v2Titled("p", a, n, false)
	}
}

func (w *writer) v2Heading(n *Node, tagged bool) {
	level := n.headingLevel()
	switch {
	case n.toggleable:
		w.v2Titled("toggle", append(attrs{{"heading", "h" + strconv.Itoa(level)}}, n.colorAttr()...), n, true)
	case tagged:
		w.v2Titled("h"+strconv.Itoa(level), n.colorAttr(), n, false)
	default:
		w.string(strings.Repeat("#", level))
		if len(n.text) > 0 {
			w.string(" ")
			w.headingText(n.text)
		}
	}
}

// headingText writes the text of a heading, in which number signs at the end do not count.
func (w *writer) headingText(text []span) {
	w.inline(text, false, "")
	if last := len(w.dst) - 1; w.dst[last] == '#' && w.dst[last-1] != '\\' {
		w.dst = append(w.dst[:last], `\#`...)
	}
}

func (w *writer) v2Quote(n *Node, tagged bool) {
	if tagged {
		w.v2Titled("quote", n.colorAttr(), n, false)
		return
	}
	w.string(">")
	if len(n.text) > 0 {
		w.string(" ")
		w.inline(n.text, true, "> ")
	}
}

// v2Titled writes a block in its tag: in one line when there is only text, else the text
// after the tag, then the children after a blank line. A block may ask for lines of its own
// whatever is in it.
func (w *writer) v2Titled(name string, a attrs, n *Node, lines bool) {
	w.open(name, a)
	switch {
	case len(n.Children) > 0:
		w.string("\n")
		w.v2Title(n.text)
		w.string("\n\n")
		w.v2(n.Children)
		w.v2End(name)
	case lines && len(n.text) > 0 && !hasEdgeSpace(n.text):
		w.string("\n")
		w.inline(n.text, true, "")
		w.v2End(name)
	default:
		w.inline(n.text, false, "")
		w.close(name)
	}
}

// v2Title writes the text of a block that has children: an empty one as a tag, and space at
// its ends by its number.
func (w *writer) v2Title(text []span) {
	if len(text) == 0 {
		w.void("p", nil)
		return
	}
	if !hasEdgeSpace(text) {
		w.inline(text, true, "")
		return
	}
	start := len(w.dst)
	w.inline(text, false, "")
	title := string(w.dst[start:])
	inner := strings.Trim(title, " \t")
	at := strings.Index(title, inner)
	w.dst = w.dst[:start]
	w.spaceByNumber(title[:at])
	w.string(inner)
	w.spaceByNumber(title[at+len(inner):])
}

func (w *writer) spaceByNumber(s string) {
	for i := range len(s) {
		w.string("&#" + strconv.Itoa(int(s[i])) + ";")
	}
}

// v2End ends a tag on a line of its own.
func (w *writer) v2End(name string) {
	if w.dst[len(w.dst)-1] != '\n' {
		w.string("\n")
	}
	w.close(name)
}

// v2Container writes the blocks that are tags around others.
func (w *writer) v2Container(n *Node) {
	switch n.Type {
	case "column_list":
		w.v2Parts("columns", n.Children, func(column *Node) {
			w.v2Children("column", attrs(nil).with("ratio", percent(column.ratio)), column.Children)
		})
	case "column":
		w.v2Children("column", attrs(nil).with("ratio", percent(n.ratio)), n.Children)
	case "tab":
		w.v2Parts("tabs", n.Children, func(tab *Node) {
			w.v2Titled("tab", append(w.iconAttr(tab), tab.colorAttr()...), tab, true)
		})
	case block.Synced:
		name := "synced-block"
		if !n.original.IsZero() {
			name = "synced-block-reference"
		}
		w.v2Children(name, attrs(nil).with("url", w.syncedAddress(n)), n.Children)
	case meetingType:
		w.v2Meeting(n)
	}
}

// v2Parts writes a tag whose children are all of one kind.
func (w *writer) v2Parts(name string, parts []*Node, write func(*Node)) {
	w.open(name, nil)
	for _, part := range parts {
		w.string("\n")
		part.at = len(w.dst)
		if !w.reference(part) {
			write(part)
		}
		part.end = len(w.dst)
	}
	w.v2End(name)
}

func (w *writer) v2Children(name string, a attrs, children []*Node) {
	w.open(name, a)
	w.string("\n")
	w.v2(children)
	w.v2End(name)
}

// percent returns a share in percent, "" for none. It moves the point, so that the text is
// exact.
func percent(ratio float64) string {
	if ratio == 0 {
		return ""
	}
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(ratio, 'f', -1, 64), ".")
	fraction += "00"
	s := strings.TrimLeft(whole+fraction[:2], "0")
	if s == "" {
		s = "0"
	}
	if rest := strings.TrimRight(fraction[2:], "0"); rest != "" {
		s += "." + rest
	}
	return s
}

// ratioFrom reads a percentage as a share of 1; false when it is none.
func ratioFrom(percent string) (float64, bool) {
	if percent == "" || strings.Trim(percent, "0123456789.") != "" {
		return 0, false
	}
	ratio, err := strconv.ParseFloat(percent+"e-2", 64)
	return ratio, err == nil && ratio > 0 && ratio <= 1
}

// v2Table writes a table with pipes where they can say it: the first row is the header,
// and no cell has a character in the way.
func (w *writer) v2Table(n *Node) {
	start := len(w.dst)
	if n.columns && !n.rows && len(n.Children) > 0 && w.pipes(n) {
		return
	}
	w.dst = w.dst[:start]
	w.table(n, "")
}

// pipes writes a table with pipes; false when that would not be read as the table again.
func (w *writer) pipes(n *Node) bool {
	for i, row := range n.Children {
		if row.Type == "" || len(row.cells) == 0 {
			return false
		}
		if i > 0 {
			w.string("\n")
		}
		row.at = len(w.dst)
		w.string("|")
		for _, cell := range row.cells {
			if !fitsPipes(cell) {
				return false
			}
			w.string(" ")
			in := inlineWriter{o: w.o, dst: w.dst, cell: true}
			in.write(cell)
			w.dst = append(in.dst, " |"...)
		}
		row.end = len(w.dst)
		if i == 0 {
			w.string("\n|" + strings.Repeat(" --- |", len(row.cells)))
		}
	}
	return true
}

// fitsPipes reports whether a cell can stand between pipes: it has no space at its ends and
// no pipe where none can be escaped.
func fitsPipes(cell []span) bool {
	for i := range cell {
		s := &cell[i]
		if !s.isPlain() && s.kind <= equationSpan && strings.ContainsAny(s.text, "|\\") {
			return false
		}
	}
	return !hasEdgeSpace(cell)
}
