package markdown

import (
	"strconv"
	"strings"

	"octavo/internal/block"
)

// writer writes blocks in either grammar and remembers where each stands.
type writer struct {
	o   *Options
	dst []byte
}

// inline writes rich text at the end of the text so far: in one line, or with line breaks
// as such, each followed by the prefix.
func (w *writer) inline(spans []span, lines bool, prefix string) {
	in := inlineWriter{o: w.o, dst: w.dst, lines: lines, prefix: prefix}
	in.write(spans)
	w.dst = in.dst
}

func (w *writer) string(s string) { w.dst = append(w.dst, s...) }

// open writes an opening tag.
func (w *writer) open(name string, a attrs) { w.dst = w.o.appendTag(w.dst, name, a, false) }

// void writes a tag without content.
func (w *writer) void(name string, a attrs) { w.dst = w.o.appendTag(w.dst, name, a, true) }

func (w *writer) close(name string) { w.string("</" + name + ">") }

// with returns the attributes with one more, unless it is empty.
func (a attrs) with(name, value string) attrs {
	if value == "" {
		return a
	}
	return append(a, attr{name, value})
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return ""
}

// colorAttr returns the color of a block as an attribute, if it has one.
func (n *Node) colorAttr() attrs { return attrs(nil).with("color", colorName(n.color)) }

func (w *writer) iconAttr(n *Node) attrs { return attrs(nil).with("icon", w.o.iconText(n.icon)) }

// named writes a tag with a caption or title between its ends.
func (w *writer) named(name string, a attrs, text []span) {
	w.open(name, a)
	w.inline(text, false, "")
	w.close(name)
}

// reference writes the blocks that are one tag in both grammars: pages, databases, and what
// has no words. It is false for all others.
func (w *writer) reference(n *Node) bool {
	switch {
	case n.Type == "":
		w.void("unknown", attrs{{"url", w.o.blockAddress(w.o.Page, n.Existing)}, {"alt", n.alt}})
	case n.Type == block.ChildPage:
		w.named("page", attrs(nil).with("url", w.existingAddress(n)), n.text)
	case n.Type == block.ChildDatabase:
		w.database(n)
	default:
		return false
	}
	return true
}

func (w *writer) existingAddress(n *Node) string {
	if n.Existing.IsZero() {
		return ""
	}
	return w.o.pageAddress(n.Existing)
}

func (w *writer) database(n *Node) {
	a := attrs(nil).with("url", w.existingAddress(n))
	d, icon := Database{Inline: n.Inline, DataSource: n.DataSource}, n.icon
	if w.o.Database != nil && !n.Existing.IsZero() {
		d, _ = w.o.Database(n.Existing)
		icon = canonicalIcon(parsed(d.Icon))
	}
	if !d.DataSource.IsZero() {
		a = a.with("data-source-url", sourceScheme+d.DataSource.String())
	}
	a = append(a, attr{"inline", strconv.FormatBool(d.Inline)})
	w.named("database", a.with("icon", w.o.iconText(icon)), n.text)
}

// source returns the address of a file.
func (w *writer) source(n *Node) string {
	if !n.upload.IsZero() {
		return w.o.uploadAddress(n.upload)
	}
	return n.address
}

// image writes an image as ![caption](address).
func (w *writer) image(n *Node) {
	in := inlineWriter{o: w.o, dst: w.dst, start: len(w.dst)}
	in.raw("![")
	in.list(n.text, context{after: punctuation})
	in.raw("](")
	in.destination(w.source(n))
	in.raw(")")
	w.dst = in.dst
}

// fenced writes code or an equation between fences that it cannot contain, with the indent
// before each line that is not empty.
func (w *writer) fenced(char byte, length int, info, content, indent string) {
	fence := strings.Repeat(string(char), length)
	w.string(fence + info + "\n")
	if content != "" {
		for line := range strings.SplitSeq(content, "\n") {
			if line != "" {
				w.string(indent + line)
			}
			w.string("\n")
		}
	}
	w.string(indent + fence)
}

func (w *writer) code(n *Node, indent string) {
	content := plainText(n.text)
	w.fenced('`', max(3, longestRun(content, '`')+1), n.language, content, indent)
}

func (w *writer) equation(n *Node, indent string) {
	length := 2
	for line := range strings.SplitSeq(n.expression, "\n") {
		if line = strings.Trim(line, " \t>"); line != "" && strings.Trim(line, "$") == "" {
			length = max(length, len(line)+1)
		}
	}
	w.fenced('$', length, "", n.expression, indent)
}

// longestRun returns the length of the longest run of a character in s.
func longestRun(s string, char byte) int {
	longest, run := 0, 0
	for i := range len(s) {
		if s[i] != char {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// hasEdgeSpace reports whether a text begins or ends with what a line does not keep.
func hasEdgeSpace(spans []span) bool {
	if len(spans) == 0 {
		return false
	}
	first, last := &spans[0], &spans[len(spans)-1]
	return first.isBare() && strings.IndexByte(" \t", first.text[0]) >= 0 ||
		last.isBare() && strings.IndexByte(" \t", last.text[len(last.text)-1]) >= 0
}

// syncedAddress returns the address of a synced block, or of its original.
func (w *writer) syncedAddress(n *Node) string {
	switch {
	case !n.original.IsZero():
		return w.o.originalAddress(n.original)
	case n.Existing.IsZero():
		return ""
	}
	return w.o.blockAddress(w.o.Page, n.Existing)
}
