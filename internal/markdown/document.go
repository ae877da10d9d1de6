package markdown

import "octavo/internal/notion"

// Document is the content of a page as text: what GET /v1/pages/{page_id}/markdown answers,
// and what the commands that change the page start from.
type Document struct {
	// Text is the page without its title; an empty page is the empty text.
	Text string
	// Unknown are the blocks that are only named in the text, by <unknown>: those of types
	// that the grammar has no words for, and those that were not loaded.
	Unknown []notion.ID
	// Truncated reports whether any of them was not loaded.
	Truncated bool

	o     Options
	nodes []*Node
}

// Render writes the blocks of a page as text (pages-blocks.md §6.2).
func Render(blocks []*Block, o Options) *Document {
	d := &Document{o: o}
	v := viewer{o: &d.o}
	d.nodes = v.read(blocks)
	d.Unknown, d.Truncated = v.unknown, v.truncated
	d.Text = d.o.write(d.nodes)
	return d
}

// write writes nodes as text.
func (o *Options) write(nodes []*Node) string {
	w := writer{o: o}
	if o.Version == V1 {
		w.v1(nodes, 0)
	} else {
		w.v2(nodes)
	}
	return string(w.dst)
}
