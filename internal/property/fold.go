package property

import (
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// Fold returns text in the form in which filters compare it: compatibility characters
// composed (NFKC) and case folded. Filters do not tell "ＡＢＣ", "ABC" and "abc" apart
// (databases.md §3.5).
func Fold(s string) string {
	if folded, ok := foldASCII(s); ok {
		return folded
	}
	// Folding can undo a composition and composing can bring capitals back.
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
}

// foldASCII folds text that is only ASCII.
func foldASCII(s string) (string, bool) {
	upper := false
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return "", false
		}
		upper = upper || s[i] >= 'A' && s[i] <= 'Z'
	}
	if !upper {
		return s, true
	}
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b), true
}

// maxSortRunes is how much of a text decides its place. Longer texts that begin alike tie.
const maxSortRunes = 64

// SortKey returns bytes whose order is the natural order of texts: that of the Unicode
// collation for no language in particular, without regard to case, and with numbers in
// texts compared as numbers, so that "Article 7" comes before "article 13"
// (databases.md §3.3). The first 64 characters count.
func SortKey(s string) []byte {
	c := collators.Get().(*collator)
	defer collators.Put(c)
	c.buffer.Reset()
	key := c.collator.KeyFromString(&c.buffer, sortPrefix(s))
	return append(make([]byte, 0, len(key)), key...)
}

type collator struct {
	collator *collate.Collator
	buffer   collate.Buffer
}

// collators holds collators because one may only be used by one goroutine at a time.
var collators = sync.Pool{New: func() any {
	return &collator{collator: collate.New(language.Und, collate.Numeric, collate.IgnoreCase)}
}}

// sortPrefix cuts a text. It never cuts through a number, which would count as a smaller
// one, unless the text is nothing else.
func sortPrefix(s string) string {
	if len(s) <= maxSortRunes {
		return s
	}
	end, n := len(s), 0
	for i := range s {
		if n == maxSortRunes {
			end = i
			break
		}
		n++
	}
	if end == len(s) || !startsWithDigit(s[end:]) {
		return s[:end]
	}
	start := end
	for start > 0 {
		r, size := utf8.DecodeLastRuneInString(s[:start])
		if !unicode.IsDigit(r) {
			return s[:start]
		}
		start -= size
	}
	return s[:end]
}

func startsWithDigit(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsDigit(r)
}
