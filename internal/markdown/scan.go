package markdown

import (
	"slices"
	"strings"
)

// element is a block tag with what is between it and its end.
type element struct {
	tag
	items []item
	// at is where in the text the tag stands; indent is the column it stands in, with tabs
	// to every fourth.
	at, indent int
	// afterMarker says that the tag follows the marker of a list item in its line.
	afterMarker bool
	// from and to enclose the source between the tags.
	from, to int
}

// item is a piece of the content of an element: text between block tags, or one of them.
type item struct {
	text string
	at   int
	el   *element
}

// scanner finds the block tags of a text. An opening tag counts at the beginning of a line,
// perhaps behind the marker of a list item, and behind another block tag, one of a part also
// anywhere in what it is a part of; the tag that ends it counts anywhere. Nothing in code or an equation counts, nor what is escaped. What does
// not count is text.
type scanner struct {
	src   string
	v     Version
	stack []*element
	// from is where the text begins that belongs to no item yet.
	from int
}

// maxOpen is how many block tags can be open at once; some blocks are two or three of them.
const maxOpen = 3 * MaxDepth

// scan returns a text as the content of an element.
func scan(src string, v Version) *element {
	root := &element{to: len(src)}
	s := scanner{src: src, v: v, stack: []*element{root}}
	for i := 0; i < len(src); {
		i = s.line(i)
	}
	s.flush(len(src))
	for _, open := range s.stack {
		open.to = len(src)
	}
	return root
}

func (s *scanner) top() *element { return s.stack[len(s.stack)-1] }

// flush makes an item of the text before i.
func (s *scanner) flush(i int) {
	if i > s.from {
		s.top().items = append(s.top().items, item{text: s.src[s.from:i], at: s.from})
	}
	s.from = i
}

// line reads the line that begins at i and returns where the next one begins.
func (s *scanner) line(i int) int {
	start := skipBlanks(s.src, i)
	content := s.skipMarkers(start)
	if end, ok := s.fence(i, content); ok {
		return end
	}
	next, found := s.tags(content, i, content > start)
	if !found {
		return s.rest(content)
	}
	return s.rest(next)
}

// skipMarkers returns where the content of a line begins that may be an item of a list.
func (s *scanner) skipMarkers(i int) int {
	for {
		n := markerLength(s.src[i:])
		if n == 0 {
			return i
		}
		i = skipBlanks(s.src, i+n)
		if s.v == V1 {
			return i
		}
	}
}

// markerLength returns how long the marker of a list item is that s begins with, 0 when
// there is none.
func markerLength(s string) int {
	if s == "" {
		return 0
	}
	n := 0
	switch {
	case strings.IndexByte("-*+", s[0]) >= 0:
		n = 1
	case s[0] >= '0' && s[0] <= '9':
		for n < len(s) && n < 9 && s[n] >= '0' && s[n] <= '9' {
			n++
		}
		if n == len(s) || s[n] != '.' && s[n] != ')' {
			return 0
		}
		n++
	default:
		return 0
	}
	if n < len(s) && s[n] != ' ' && s[n] != '\t' && s[n] != '\n' {
		return 0
	}
	return n
}

// fence skips code or an equation between fences, which the line from i on may begin.
func (s *scanner) fence(line, i int) (end int, ok bool) {
	cut := " \t"
	if s.v == V2 && i < len(s.src) && s.src[i] == '>' {
		cut += ">"
		i += len(s.src[i:]) - len(strings.TrimLeft(s.src[i:], cut))
	}
	f, ok := fenceAt(s.src[i:])
	if !ok {
		return 0, false
	}
	const code = 4 // columns from which a line at the top would be code in CommonMark
	top := s.v == V2 && column(s.src, line, i) < 2
	for next := nextLine(s.src, i); next < len(s.src); next = nextLine(s.src, next) {
		text := lineAt(s.src, next)
		fence := strings.TrimLeft(text, cut)
		if f.isClosedBy(fence) && !(top && column(text, 0, len(text)-len(fence)) >= code) {
			return nextLine(s.src, next), true
		}
	}
	return len(s.src), true
}

// fence is the line that begins code or an equation.
type fence struct {
	char   byte
	length int
	info   string
}

// fenceAt reads the line that s begins with as the beginning of code (of three backticks or
// tildes, perhaps with a language) or of an equation (of two dollar signs).
func fenceAt(s string) (fence, bool) {
	if s == "" || strings.IndexByte("`~$", s[0]) < 0 {
		return fence{}, false
	}
	f := fence{char: s[0]}
	for f.length < len(s) && s[f.length] == f.char {
		f.length++
	}
	f.info = trim(lineAt(s, f.length))
	switch f.char {
	case '$':
		return f, f.length >= 2 && f.info == ""
	case '`':
		return f, f.length >= 3 && !strings.Contains(f.info, "`")
	}
	return f, f.length >= 3
}

// isClosedBy reports whether a line, without what indents it, ends what the fence began.
func (f *fence) isClosedBy(line string) bool {
	line = strings.TrimRight(line, " \t")
	return len(line) >= f.length && strings.Trim(line, string(f.char)) == ""
}

// lineAt returns what is left of the line at s[i:].
func lineAt(s string, i int) string {
	if n := strings.IndexByte(s[i:], '\n'); n >= 0 {
		return s[i : i+n]
	}
	return s[i:]
}

// nextLine returns where the line after that of s[i] begins.
func nextLine(s string, i int) int {
	if n := strings.IndexByte(s[i:], '\n'); n >= 0 {
		return i + n + 1
	}
	return len(s)
}

// tags reads the block tags from i on, in the line that begins at line, and returns where
// they end; false when there is none.
func (s *scanner) tags(i, line int, afterMarker bool) (end int, found bool) {
	for i < len(s.src) && s.src[i] == '<' && s.blockTag(i, line, afterMarker) {
		found = true
		end = s.from
		afterMarker = false
		i = skipBlanks(s.src, end)
		if i == len(s.src) || s.src[i] == '\n' {
			s.from = i
			return i, true
		}
	}
	return end, found
}

// blockTag reads a tag at i, if it is one of a block, and moves s.from behind it.
func (s *scanner) blockTag(i, line int, afterMarker bool) bool {
	t, ok := parseTag(s.src[i:])
	if !ok || !blockTags[s.v][t.name] {
		return false
	}
	if t.close {
		return s.close(i, t)
	}
	if len(s.stack) > maxOpen {
		return false
	}
	from := i
	if strings.TrimLeft(s.src[s.from:i], " \t") == "" || s.from < line && strings.Trim(s.src[line:i], " \t") == "" {
		from = max(s.from, line) // what indents the tag is no text
	}
	s.flush(from)
	s.from = i + t.size
	e := &element{tag: t, at: i, indent: column(s.src, line, i), afterMarker: afterMarker, from: s.from, to: s.from}
	s.top().items = append(s.top().items, item{el: e, at: i})
	if !t.void && !voidTags[t.name] {
		s.stack = append(s.stack, e)
	}
	return true
}

// close ends the innermost open element of the name of a tag at i, and those within it.
func (s *scanner) close(i int, t tag) bool {
	if voidTags[t.name] {
		s.flush(i)
		s.from = i + t.size
		return true
	}
	for n := len(s.stack) - 1; n > 0; n-- {
		if s.stack[n].name != t.name {
			continue
		}
		s.flush(i)
		s.from = i + t.size
		for _, e := range s.stack[n:] {
			e.to = i
		}
		s.stack = s.stack[:n]
		return true
	}
	return false
}

// rest reads a line from i on, where only tags that end an element count and what follows
// them, and returns where the next line begins.
func (s *scanner) rest(i int) int {
	for i < len(s.src) {
		switch s.src[i] {
		case '\n':
			return i + 1
		case '\\':
			i++
			if i < len(s.src) && s.src[i] != '\n' {
				i++
			}
		case '`':
			i = s.skipCode(i)
		case '<':
			i = s.inlineTag(i)
		default:
			i++
		}
	}
	return i
}

// skipCode returns where the code ends that a run of backticks at i may begin, if it ends
// in the line.
func (s *scanner) skipCode(i int) int {
	run := i
	for i < len(s.src) && s.src[i] == '`' {
		i++
	}
	length := i - run
	for j := i; j < len(s.src); {
		switch {
		case s.src[j] == '`':
			end := j
			for end < len(s.src) && s.src[end] == '`' {
				end++
			}
			if end-j == length {
				return end
			}
			j = end
		case s.src[j] == '\n':
			return i
		default:
			j++
		}
	}
	return i
}

func isBlankLine(s string, i int) bool {
	i = skipBlanks(s, i)
	return i == len(s) || s[i] == '\n'
}

// inlineTag reads what may be a tag at i within a line, and returns where to go on.
func (s *scanner) inlineTag(i int) int {
	t, ok := parseTag(s.src[i:])
	switch {
	case !ok:
		return i + 1
	case t.close && blockTags[s.v][t.name] && s.close(i, t), !t.close && slices.Contains(partOf[t.name], s.top().name) && s.blockTag(i, i, false):
		if end, found := s.tags(skipBlanks(s.src, s.from), i, false); found {
			return end
		}
		if isBlankLine(s.src, s.from) {
			s.from = skipBlanks(s.src, s.from)
		}
		return s.from
	case strings.HasPrefix(t.name, "mention") && !t.close && !t.void:
		return i + t.size + labelLength(s.src[i+t.size:], t.name)
	}
	return i + t.size
}

// labelLength returns how long the label is that ends with the end of the tag, with that
// tag; 0 when there is none in the line.
func labelLength(s, name string) int {
	end := "</" + name + ">"
	n := strings.Index(s[:min(len(s), maxTag)], end)
	if n < 0 || strings.IndexByte(s[:n], '\n') >= 0 {
		return 0
	}
	return n + len(end)
}

// column returns the column of s[i] in the line that begins at line, with tabs to every
// fourth.
func column(s string, line, i int) int {
	const tab = 4
	n := 0
	for _, b := range []byte(s[line:i]) {
		if b == '\t' {
			n += tab - n%tab
		} else {
			n++
		}
	}
	return n
}

// blockTags are the tags of blocks in each grammar.
var blockTags = map[Version]map[string]bool{
	V1: set("details", "summary", "callout", "columns", "column", "tabs", "tab", "table", "colgroup", "col", "thead", "tbody", "tr", "td", "th",
		"image", "audio", "video", "file", "pdf", "page", "database", "table_of_contents", "synced_block", "synced_block_reference",
		"meeting-notes", "notes", "transcript", "empty-block", "unknown"),
	V2: set("p", "h1", "h2", "h3", "h4", "quote", "toggle", "ul", "ol", "li", "todo", "callout", "columns", "column", "tabs", "tab",
		"table", "colgroup", "col", "thead", "tbody", "tr", "td", "th", "equation", "table-of-contents",
		"image", "pdf", "file", "audio", "video", "bookmark", "embed", "external_object_instance", "page", "folder", "database",
		"synced-block", "synced-block-reference", "meeting-notes", "meeting-notes-section-notes", "meeting-notes-section-summary",
		"meeting-notes-section-transcript", "custom-block", "mail", "unknown"),
}

// partOf says what a tag is a part of.
var partOf = map[string][]string{
	"summary": {"details", "meeting-notes"}, "notes": {"meeting-notes"}, "transcript": {"meeting-notes"},
	sectionPrefix + notesSection: {"meeting-notes"}, sectionPrefix + summarySection: {"meeting-notes"}, sectionPrefix + transcriptSection: {"meeting-notes"},
	"li": {"ul", "ol"}, "column": {"columns"}, "tab": {"tabs"},
	"colgroup": {"table"}, "col": {"colgroup", "table"}, "thead": {"table"}, "tbody": {"table"}, "tr": {"table", "thead", "tbody"}, "td": {"tr"}, "th": {"tr"},
}

// voidTags never have content, however they are written.
var voidTags = set("col", "table_of_contents", "table-of-contents", "empty-block", "unknown", "custom-block")

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, name := range names {
		m[name] = true
	}
	return m
}
