package markdown

import (
	"math/bits"
	"unicode"
	"unicode/utf8"
)

// words are the words of a text, each as one of so many bits: a sketch by which two texts
// are compared in no time.
type words [8]uint64

// look returns the words of a knot and of all below it.
func (k *knot) look() *words {
	if k.words != nil {
		return k.words
	}
	k.words = &words{}
	n := k.node
	for i := range n.text {
		k.words.add(n.text[i].text)
	}
	for _, cell := range n.cells {
		for i := range cell {
			k.words.add(cell[i].text)
		}
	}
	k.words.add(n.expression)
	k.words.add(n.address)
	for _, kid := range k.kids {
		for i, w := range kid.look() {
			k.words[i] |= w
		}
	}
	return k.words
}

// add puts the words of a text in. A letter of a script without spaces is a word.
func (w *words) add(s string) {
	const offset, prime = 14695981039346656037, 1099511628211 // FNV-1a
	hash := uint64(offset)
	inWord := false
	for _, r := range s {
		letter := r < utf8.RuneSelf && isAlnum(byte(r)) || r >= utf8.RuneSelf && unicode.IsLetter(r)
		if letter {
			hash = (hash ^ uint64(r)) * prime
			inWord = true
		}
		if inWord && (!letter || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)) {
			w.set(hash)
			hash, inWord = offset, false
		}
	}
	if inWord {
		w.set(hash)
	}
}

func (w *words) set(hash uint64) {
	hash ^= hash >> 32
	w[hash>>6&7] |= 1 << (hash & 63)
}

// likeness returns what share of the words of either text both have, from 0 to 1.
func (w *words) likeness(v *words) float32 {
	both, either := 0, 0
	for i := range w {
		both += bits.OnesCount64(w[i] & v[i])
		either += bits.OnesCount64(w[i] | v[i])
	}
	if either == 0 {
		return 0
	}
	return float32(both) / float32(either)
}
