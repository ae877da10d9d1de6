package notion

import (
	"strconv"

	"octavo/internal/jsonx"
)

// PageMarkdown is the content of a page as text (pages-blocks.md §6.2).
type PageMarkdown struct {
	ID       ID
	Markdown string
	// Truncated says that blocks in Unknown could not be read.
	Truncated bool
	// Unknown are the blocks that the text only names.
	Unknown []ID
	// Warnings say what of a text that was written was read otherwise; nil says nothing.
	Warnings []MarkdownWarning
	// Timed says that the text changes with time alone: it has the address of a file. It is
	// not written.
	Timed bool
}

// MarkdownWarning is one thing that was read otherwise than it was written.
type MarkdownWarning struct {
	// Line is where in the text, from 1.
	Line    int
	Message string
}

// ChangesWithTime reports whether the text may read differently later without a write.
func (m *PageMarkdown) ChangesWithTime() bool { return m.Timed }

// AppendJSON appends the text.
func (m *PageMarkdown) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"object":"page_markdown","id":"`...)
	dst = m.ID.Append(dst)
	dst = append(dst, `","markdown":`...)
	dst = jsonx.AppendString(dst, m.Markdown)
	dst = append(dst, `,"truncated":`...)
	dst = strconv.AppendBool(dst, m.Truncated)
	dst = append(dst, `,"unknown_block_ids":[`...)
	for i, id := range m.Unknown {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '"')
		dst = id.Append(dst)
		dst = append(dst, '"')
	}
	dst = append(dst, ']')
	if m.Warnings != nil {
		dst = m.appendWarnings(dst)
	}
	return append(dst, '}')
}

func (m *PageMarkdown) appendWarnings(dst []byte) []byte {
	dst = append(dst, `,"warnings":[`...)
	for i, w := range m.Warnings {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"line":`...)
		dst = strconv.AppendInt(dst, int64(w.Line), 10)
		dst = append(dst, `,"message":`...)
		dst = jsonx.AppendString(dst, w.Message)
		dst = append(dst, '}')
	}
	return append(dst, ']')
}
