// Package words tells by which words a title is found (databases.md §7). Both databases
// keep the same words, because they are made here and the databases only compare them.
//
// A change of what a word is needs a migration that indexes stored titles anew.
package words

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"

	"octavo/internal/property"
)

// Of returns the words that a title is found by, each once.
func Of(title string) []string { return split(title, true) }

// Asked returns the words that a query asks for, each once: a title that has any of them
// is found.
func Asked(query string) []string { return split(query, false) }

// maxLength is the longest word that is kept as it is, in bytes. No database could keep a
// key of any length; of a longer word a digest is kept.
const maxLength = 100

// kind is what a character does to the word that it is in.
type kind uint8

const (
	// gap is what no word has in it.
	gap kind = iota
	// plain is a letter, a digit or what joins them.
	plain
	// dense is a character of a script that is written without spaces between words.
	dense
	// symbol is a word by itself.
	symbol
	// mark belongs to the character before it.
	mark
	// invisible is passed over.
	invisible
)

// denseScripts are written without spaces, Korean with spaces that searches cannot rely on.
var denseScripts = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

// longVowel lengthens a syllable in both Japanese syllabaries and is of neither.
const longVowel = 'ー'

func kindOf(r rune) kind {
	switch {
	case r < unicode.MaxASCII:
		if r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return plain
		}
		return gap
	case unicode.IsMark(r):
		return mark
	case r == longVowel || unicode.In(r, denseScripts...):
		return dense
	case unicode.IsLetter(r), unicode.IsDigit(r), unicode.Is(unicode.Pc, r):
		return plain
	case unicode.Is(unicode.So, r):
		return symbol
	case unicode.Is(unicode.Cf, r):
		return invisible
	}
	return gap
}

// splitter collects the words of a text.
type splitter struct {
	// all keeps the single characters of dense scripts too, so that they can be asked for.
	all   bool
	words []string
	// seen takes over from looking through words when there are many.
	seen map[string]bool
}

func split(text string, all bool) []string {
	s := splitter{all: all}
	runes := []rune(property.Fold(setApart(text)))
	for i := 0; i < len(runes); {
		switch kindOf(runes[i]) {
		case plain:
			i = s.word(runes, i)
		case dense:
			i = s.dense(runes, i)
		case symbol:
			s.add(string(runes[i]))
			i++
		default:
			i++
		}
	}
	return s.words
}

// setApart puts spaces around symbols: folding turns some into letters, which are no part
// of the word beside them.
func setApart(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return kindOf(r) == symbol }) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if kindOf(r) != symbol {
			b.WriteRune(r)
			continue
		}
		b.WriteByte(' ')
		b.WriteRune(r)
		b.WriteByte(' ')
	}
	return b.String()
}

// word adds the word that begins at a place and returns where it ends.
func (s *splitter) word(runes []rune, at int) int {
	var word []rune
	i := at
	for ; i < len(runes); i++ {
		r := runes[i]
		switch kindOf(r) {
		case plain, mark:
			word = append(word, r)
			continue
		case invisible:
			continue
		}
		joint := jointAt(runes, i)
		if joint == 0 {
			break
		}
		word = append(word, joint)
	}
	if slices.ContainsFunc(word, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
		s.add(stem(strings.TrimSuffix(string(word), "'s")))
	}
	return i
}

// jointAt returns what stands in a word for the character at a place, if it joins the two
// around it: an apostrophe letters, a point or comma digits.
func jointAt(runes []rune, i int) rune {
	if i == 0 || i+1 >= len(runes) {
		return 0
	}
	before, after := runes[i-1], runes[i+1]
	switch runes[i] {
	case '\'', '’':
		if (unicode.IsLetter(before) || unicode.IsMark(before)) && unicode.IsLetter(after) {
			return '\''
		}
	case '.', ',':
		if unicode.IsDigit(before) && unicode.IsDigit(after) {
			return runes[i]
		}
	}
	return 0
}

// dense adds the words of a run of characters without spaces, which are every two that
// follow each other, and returns where the run ends. The two parts of a pair are a character
// each with the marks on it.
func (s *splitter) dense(runes []rune, at int) int {
	var characters []string
	i := at
	for ; i < len(runes); i++ {
		k := kindOf(runes[i])
		if k == mark {
			characters[len(characters)-1] += string(runes[i])
		} else if k == dense {
			characters = append(characters, string(runes[i]))
		} else if k != invisible {
			break
		}
	}
	for n, c := range characters {
		if s.all || len(characters) == 1 {
			s.add(c)
		}
		if n > 0 {
			s.add(characters[n-1] + c)
		}
	}
	return i
}

func (s *splitter) add(word string) {
	const few = 16
	if len(word) > maxLength {
		sum := sha256.Sum256([]byte(word))
		word = "#" + hex.EncodeToString(sum[:])
	}
	if len(s.words) < few {
		if !slices.Contains(s.words, word) {
			s.words = append(s.words, word)
		}
		return
	}
	if s.seen == nil {
		s.seen = make(map[string]bool, 2*few)
		for _, w := range s.words {
			s.seen[w] = true
		}
	}
	if !s.seen[word] {
		s.seen[word] = true
		s.words = append(s.words, word)
	}
}
