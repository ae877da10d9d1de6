package words

import "strings"

// stem returns what an English word has in common with its other forms, by the Snowball
// project's English stemmer: "tests" and "testing" are both "test". Words with anything but
// the letters a to z in them are left alone, and so are those of one or two letters.
func stem(word string) string {
	if len(word) <= 2 || strings.IndexFunc(word, func(r rune) bool { return r < 'a' || r > 'z' }) >= 0 {
		return word
	}
	if irregular, ok := irregulars[word]; ok {
		return irregular
	}
	s := stemmer{word: markConsonants(word)}
	s.findRegions()
	s.plural()
	if unchanging[string(s.word)] {
		return string(s.word)
	}
	s.past()
	s.finalY()
	s.replaceLongest(s.r1, secondSuffixes)
	s.replaceLongest(s.r1, thirdSuffixes)
	s.replaceLongest(s.r2, lastSuffixes)
	s.finalE()
	return strings.ReplaceAll(string(s.word), "Y", "y")
}

// irregulars are the words that the rules would get wrong.
var irregulars = map[string]string{
	"skis": "ski", "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie",
	"idly": "idl", "gently": "gentl", "ugly": "ugli", "early": "earli", "only": "onli", "singly": "singl",
	"sky": "sky", "news": "news", "howe": "howe", "atlas": "atlas", "cosmos": "cosmos", "bias": "bias", "andes": "andes",
}

// unchanging are words that end like a form of another word and are none.
var unchanging = map[string]bool{
	"inning": true, "outing": true, "canning": true, "herring": true, "earring": true,
	"proceed": true, "exceed": true, "succeed": true,
}

// stemmer is a word on its way to its stem. A y that is a consonant is written Y.
type stemmer struct {
	word []byte
	// r1 is where the part begins that follows the first consonant after a vowel, r2 the same
	// again within that part.
	r1, r2 int
}

func isVowel(c byte) bool { return strings.IndexByte("aeiouy", c) >= 0 }

func markConsonants(word string) []byte {
	b := []byte(word)
	for i, c := range b {
		if c == 'y' && (i == 0 || isVowel(b[i-1])) {
			b[i] = 'Y'
		}
	}
	return b
}

func (s *stemmer) findRegions() {
	s.r1 = s.afterConsonant(0)
	for _, prefix := range []string{"gener", "commun", "arsen"} {
		if strings.HasPrefix(string(s.word), prefix) {
			s.r1 = len(prefix)
		}
	}
	s.r2 = s.afterConsonant(s.r1)
}

// afterConsonant returns the place after the first consonant that follows a vowel, from a
// place on.
func (s *stemmer) afterConsonant(from int) int {
	for i := from + 1; i < len(s.word); i++ {
		if !isVowel(s.word[i]) && isVowel(s.word[i-1]) {
			return i + 1
		}
	}
	return len(s.word)
}

func (s *stemmer) ends(suffix string) bool { return strings.HasSuffix(string(s.word), suffix) }

// cut replaces the last n letters.
func (s *stemmer) cut(n int, by string) { s.word = append(s.word[:len(s.word)-n], by...) }

// vowelBefore reports whether there is a vowel among all but the last n letters.
func (s *stemmer) vowelBefore(n int) bool {
	for _, c := range s.word[:max(0, len(s.word)-n)] {
		if isVowel(c) {
			return true
		}
	}
	return false
}

// endsShort reports whether the word, without its last n letters, ends in a short syllable.
func (s *stemmer) endsShort(n int) bool {
	w := s.word[:len(s.word)-n]
	switch last := len(w) - 1; {
	case last < 1:
		return false
	case last == 1:
		return isVowel(w[0]) && !isVowel(w[1])
	default:
		return !isVowel(w[last-2]) && isVowel(w[last-1]) && !isVowel(w[last]) && strings.IndexByte("wxY", w[last]) < 0
	}
}

// plural takes off the endings of plurals, and turns "tied" and "ties" into one.
func (s *stemmer) plural() {
	switch {
	case s.ends("sses"):
		s.cut(2, "")
	case s.ends("ied"), s.ends("ies"):
		if len(s.word) > 4 {
			s.cut(2, "")
		} else {
			s.cut(1, "")
		}
	case s.ends("us"), s.ends("ss"):
	case s.ends("s") && s.vowelBefore(2):
		s.cut(1, "")
	}
}

// past takes off the endings of verbs.
func (s *stemmer) past() {
	for _, suffix := range []string{"eedly", "eed"} {
		if s.ends(suffix) {
			if len(s.word)-len(suffix) >= s.r1 {
				s.cut(len(suffix), "ee")
			}
			return
		}
	}
	for _, suffix := range []string{"ingly", "edly", "ing", "ed"} {
		if s.ends(suffix) {
			if s.vowelBefore(len(suffix)) {
				s.cut(len(suffix), "")
				s.repair()
			}
			return
		}
	}
}

// repair gives a verb the end that it has without an ending.
func (s *stemmer) repair() {
	last := len(s.word) - 1
	switch {
	case s.ends("at"), s.ends("bl"), s.ends("iz"):
		s.cut(0, "e")
	case last > 0 && s.word[last] == s.word[last-1] && strings.IndexByte("bdfgmnprt", s.word[last]) >= 0:
		s.cut(1, "")
	case s.r1 >= len(s.word) && s.endsShort(0):
		s.cut(0, "e")
	}
}

func (s *stemmer) finalY() {
	last := len(s.word) - 1
	if last > 1 && (s.word[last] == 'y' || s.word[last] == 'Y') && !isVowel(s.word[last-1]) {
		s.word[last] = 'i'
	}
}

func (s *stemmer) finalE() {
	last := len(s.word) - 1
	switch {
	case s.ends("e"):
		if last >= s.r2 || last >= s.r1 && !s.endsShort(1) {
			s.cut(1, "")
		}
	case s.ends("ll") && last >= s.r2:
		s.cut(1, "")
	}
}

// ending is a suffix and what takes its place.
type ending struct {
	suffix, by string
	// after lists the letters of which one has to come before, "" for any.
	after string
	// second says that the suffix has to be in the second region.
	second bool
}

// replaceLongest replaces the longest suffix that the word has, if it is in a region and
// comes after the right letter. Longer suffixes stand first where one ends in the other.
func (s *stemmer) replaceLongest(region int, endings []ending) {
	for _, e := range endings {
		if !s.ends(e.suffix) {
			continue
		}
		begin := len(s.word) - len(e.suffix)
		fits := begin >= region && (!e.second || begin >= s.r2)
		if fits && (e.after == "" || begin > 0 && strings.IndexByte(e.after, s.word[begin-1]) >= 0) {
			s.cut(len(e.suffix), e.by)
		}
		return
	}
}

var secondSuffixes = []ending{
	{suffix: "ization", by: "ize"}, {suffix: "ational", by: "ate"}, {suffix: "fulness", by: "ful"},
	{suffix: "ousness", by: "ous"}, {suffix: "iveness", by: "ive"},
	{suffix: "tional", by: "tion"}, {suffix: "biliti", by: "ble"}, {suffix: "lessli", by: "less"},
	{suffix: "entli", by: "ent"}, {suffix: "ation", by: "ate"}, {suffix: "alism", by: "al"}, {suffix: "aliti", by: "al"},
	{suffix: "ousli", by: "ous"}, {suffix: "iviti", by: "ive"}, {suffix: "fulli", by: "ful"},
	{suffix: "enci", by: "ence"}, {suffix: "anci", by: "ance"}, {suffix: "abli", by: "able"}, {suffix: "izer", by: "ize"},
	{suffix: "ator", by: "ate"}, {suffix: "alli", by: "al"},
	{suffix: "bli", by: "ble"}, {suffix: "ogi", by: "og", after: "l"},
	{suffix: "li", after: "cdeghkmnrt"},
}

var thirdSuffixes = []ending{
	{suffix: "ational", by: "ate"}, {suffix: "tional", by: "tion"},
	{suffix: "alize", by: "al"}, {suffix: "icate", by: "ic"}, {suffix: "iciti", by: "ic"}, {suffix: "ative", second: true},
	{suffix: "ical", by: "ic"}, {suffix: "ness"}, {suffix: "ful"},
}

var lastSuffixes = []ending{
	{suffix: "ement"}, {suffix: "ance"}, {suffix: "ence"}, {suffix: "able"}, {suffix: "ible"}, {suffix: "ment"},
	{suffix: "ant"}, {suffix: "ent"}, {suffix: "ism"}, {suffix: "ate"}, {suffix: "iti"}, {suffix: "ous"}, {suffix: "ive"}, {suffix: "ize"},
	{suffix: "ion", after: "st"},
	{suffix: "al"}, {suffix: "er"}, {suffix: "ic"},
}
