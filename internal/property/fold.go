package property

import (
	"strings"
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
	folded := norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
	return strings.Map(cherokee, folded)
}

// cherokee folds the letters of that script, which the library makes small when they are
// capital and capital when they are small. Unicode folds them to capitals.
func cherokee(r rune) rune {
	switch {
	case r >= 0xab70 && r <= 0xabbf:
		return r - 0xab70 + 0x13a0
	case r >= 0x13f8 && r <= 0x13fd:
		return r - 8
	}
	return r
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
	c.text = appendNumbered(c.text[:0], s)
	key := c.collator.Key(&c.buffer, c.text)
	return append(make([]byte, 0, len(key)), key...)
}

type collator struct {
	collator *collate.Collator
	buffer   collate.Buffer
	text     []byte
}

// collators holds collators because one may only be used by one goroutine at a time.
var collators = sync.Pool{New: func() any {
	return &collator{collator: collate.New(language.Und, collate.IgnoreCase)}
}}

// appendNumbered appends the part of a text that counts, with the number of its digits
// before each number: then numbers compare as numbers, digit by digit. The collation's own
// numeric order is not used because it takes the 0 in "0a" for more than 1.
//
// A number that begins within the part counts whole, up to as many digits as the part has
// characters: cut, it would count as a smaller one.
func appendNumbered(dst []byte, s string) []byte {
	for n := 0; s != "" && n < maxSortRunes; n++ {
		r, size := utf8.DecodeRuneInString(s)
		if _, ok := digit(r); !ok {
			dst = utf8.AppendRune(dst, r)
			s = s[size:]
			continue
		}
		var number []byte
		number, s = leadingDigits(s)
		n += max(0, len(number)-1)
		dst = append(dst, byte('0'+len(number)/10), byte('0'+len(number)%10))
		dst = append(dst, number...)
	}
	return dst
}

// leadingDigits returns the number that s begins with, without zeros before it, and what
// follows. Digits beyond maxSortRunes are dropped.
func leadingDigits(s string) (number []byte, rest string) {
	for s != "" {
		r, size := utf8.DecodeRuneInString(s)
		d, ok := digit(r)
		if !ok {
			break
		}
		s = s[size:]
		if d == 0 && len(number) == 0 || len(number) == maxSortRunes {
			continue
		}
		number = append(number, byte('0'+d))
	}
	return number, s
}

// digit returns the value of a decimal digit of any script.
func digit(r rune) (int, bool) {
	if r < utf8.RuneSelf {
		return int(r - '0'), r >= '0' && r <= '9'
	}
	if !unicode.IsDigit(r) {
		return 0, false
	}
	// Digits come in runs of ten that begin with zero.
	for _, run := range unicode.Nd.R16 {
		if rune(run.Lo) <= r && r <= rune(run.Hi) {
			return int(r-rune(run.Lo)) % 10, true
		}
	}
	for _, run := range unicode.Nd.R32 {
		if rune(run.Lo) <= r && r <= rune(run.Hi) {
			return int(r-rune(run.Lo)) % 10, true
		}
	}
	return 0, false
}
