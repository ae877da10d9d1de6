package markdown

import (
	"encoding/hex"
	"strings"
	"unicode"
	"unicode/utf8"

	"octavo/internal/notion"
	"octavo/internal/richtext"
)

// Addresses by which text names users, data sources and custom emojis.
const (
	userScheme   = "user://"
	sourceScheme = "collection://"
	agentScheme  = "agent://"
	emojiScheme  = "emoji://"
	templateUser = "me" // user://me is whoever uses the template
)

// pageAddress returns the address of a page or database.
func (o *Options) pageAddress(id notion.ID) string {
	if o.Names == nil {
		return "https://www.notion.so/" + id.Compact()
	}
	return o.Names.URL(id)
}

// blockAddress returns the address of a block on a page.
func (o *Options) blockAddress(page, id notion.ID) string {
	return o.pageAddress(page) + "#" + id.Compact()
}

// originalAddress returns the address of what a synced block is a copy of.
func (o *Options) originalAddress(id notion.ID) string {
	if o.PageOf != nil {
		if page, ok := o.PageOf(id); ok {
			return o.blockAddress(page, id)
		}
	}
	return o.blockAddress(o.Page, id)
}

// idIn returns the id that an address ends with: that of the block behind #, else that of
// the page, dashed or not, perhaps behind its title.
func idIn(address string) (notion.ID, bool) {
	address = unbrace(address)
	if _, rest, found := strings.Cut(address, "://"); found {
		address = rest
	}
	path, block, _ := strings.Cut(address, "#")
	if id, ok := idAtEnd(block); ok {
		return id, true
	}
	path, _, _ = strings.Cut(path, "?")
	return idAtEnd(strings.TrimRight(path, "/"))
}

// idAtEnd returns the id that s ends with.
func idAtEnd(s string) (notion.ID, bool) {
	const dashed, compact = 36, 32
	if n := len(s) - dashed; n >= 0 && !isHexAt(s, n-1) {
		if id, ok := notion.ParseID(s[n:]); ok {
			return id, true
		}
	}
	if n := len(s) - compact; n >= 0 && !isHexAt(s, n-1) {
		return notion.ParseID(s[n:])
	}
	return notion.ID{}, false
}

func isHexAt(s string, i int) bool {
	if i < 0 {
		return false
	}
	_, err := hex.DecodeString("0" + s[i:i+1])
	return err == nil
}

// unbrace drops the braces in which some clients keep addresses apart from text.
func unbrace(address string) string {
	if inner, ok := strings.CutPrefix(address, "{{"); ok {
		if inner, ok := strings.CutSuffix(inner, "}}"); ok {
			return inner
		}
	}
	return address
}

// linkAddresses makes links of the web addresses in plain text, as reading a text of the
// first grammar does (pages-blocks.md §6.5).
func linkAddresses(spans []span) []span {
	for i := range spans {
		if s := &spans[i]; linkable(s) {
			if _, _, found := nextAddress(s.text, 0); found {
				return splitAddresses(spans, i)
			}
		}
	}
	return spans
}

func linkable(s *span) bool {
	return s.kind == textSpan && s.link == "" && s.style&code == 0
}

// splitAddresses does the work of linkAddresses, from the first span that has an address.
func splitAddresses(spans []span, first int) []span {
	m := merger{out: append(make([]span, 0, len(spans)+2), spans[:first]...)}
	for _, s := range spans[first:] {
		if !linkable(&s) {
			m.add(s)
			continue
		}
		text, done := s.text, 0
		for {
			start, end, found := nextAddress(text, done)
			if !found {
				break
			}
			before, link := s, s
			before.text, link.text, link.link = text[done:start], text[start:end], text[start:end]
			m.add(before)
			m.add(link)
			done = end
		}
		s.text = text[done:]
		m.add(s)
	}
	return m.done()
}

// special are the characters that the first grammar escapes. An address that runs into one
// is not taken for an address, since whether it ends there depends on what follows.
const special = "\\*~`$[]<>{}|^"

// nextAddress finds the next web address in a text. It starts a word and is plain ASCII,
// without the punctuation at its end.
func nextAddress(s string, from int) (start, end int, found bool) {
	for {
		at := strings.Index(s[from:], "http")
		if at < 0 {
			return 0, 0, false
		}
		start = from + at
		if end, found = addressAt(s, start); found {
			return start, end, true
		}
		from = start + len("http")
	}
}

func addressAt(s string, start int) (end int, ok bool) {
	if prev, _ := utf8.DecodeLastRuneInString(s[:start]); start > 0 && (unicode.IsLetter(prev) || unicode.IsDigit(prev)) {
		return 0, false
	}
	rest := strings.TrimPrefix(s[start+len("http"):], "s")
	if !strings.HasPrefix(rest, "://") {
		return 0, false
	}
	end = start
	for end < len(s) && isAddressByte(s[end]) {
		end++
	}
	if end < len(s) && strings.IndexByte(special, s[end]) >= 0 {
		return 0, false
	}
	for end > start && strings.IndexByte(".,;:!?'()", s[end-1]) >= 0 {
		if s[end-1] == ')' && strings.Count(s[start:end], "(") >= strings.Count(s[start:end], ")") {
			break
		}
		end--
	}
	return end, richtext.ValidURL(s[start:end])
}

func isAddressByte(b byte) bool {
	return b > ' ' && b < 0x7f && b != '"' && strings.IndexByte(special, b) < 0
}
