package query

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
)

// shape is how a column of a table keeps its values.
type shape uint8

const (
	// texts keeps any bytes: what there is of most values is different.
	texts shape = iota
	// numbers keeps eight bytes: the keys of numbers and times.
	numbers
	// words keeps each of its values once: options, users, and what is only there or not.
	words
	// lists keeps several words in order.
	lists
	// uncopied is of what no table keeps: results, whose cells change while their rows do not.
	uncopied
)

// errShape says that values do not fit into the shape that was chosen for them.
var errShape = errors.New("query: a value does not fit into its column")

// vector holds one value, or one list of values, for each slot of a table. Which of the
// fields are used depends on the shape.
type vector struct {
	shape shape
	// nums are the numbers as integers in the same order, or the first eight bytes of texts.
	nums []uint64
	// at says where a text or a list is, 0 for none, or which word, counted from 1.
	at []uint32
	// has marks the slots that have a number.
	has []bool
	// text holds all texts, each behind its length; codes all lists, each behind its length.
	text  []byte
	codes []uint32
	// words are the different values.
	words  [][]byte
	coded  map[string]uint32
	wasted int // bytes of text or codes that no slot leads to any more
}

func newVector(s shape) *vector {
	c := &vector{shape: s}
	switch s {
	case texts:
		c.text = []byte{0} // nothing is at 0
	case lists:
		c.codes = []uint32{0}
	}
	if s == words || s == lists {
		c.coded = map[string]uint32{}
	}
	return c
}

// grow makes room for so many slots.
func (c *vector) grow(slots int) {
	if c.shape == numbers || c.shape == texts {
		c.nums = append(c.nums, make([]uint64, slots-len(c.nums))...)
	}
	if c.shape == numbers {
		c.has = append(c.has, make([]bool, slots-len(c.has))...)
		return
	}
	c.at = append(c.at, make([]uint32, slots-len(c.at))...)
}

// size returns about how many bytes the column takes.
func (c *vector) size() int {
	const perWord = 80
	return 8*len(c.nums) + 4*len(c.at) + len(c.has) + cap(c.text) + 4*cap(c.codes) + perWord*len(c.words)
}

// clear takes the value of a slot away.
func (c *vector) clear(slot int32) {
	switch c.shape {
	case numbers:
		c.has[slot] = false
		return
	case texts:
		c.wasted += len(c.bytes(slot))
	case lists:
		c.wasted += 4 * len(c.list(slot))
	}
	c.at[slot] = 0
}

// maxText bounds what one column holds; places in it are 32 bits.
const maxText = 1 << 30

// put gives a slot its value or the next of its values, of which seq is the place.
func (c *vector) put(slot int32, seq int64, value []byte) error {
	switch c.shape {
	case numbers:
		if len(value) != 8 || seq != 0 {
			return errShape
		}
		c.nums[slot], c.has[slot] = binary.BigEndian.Uint64(value), true
	case texts:
		if seq != 0 || len(c.text) > maxText {
			return errShape
		}
		c.nums[slot], c.at[slot] = prefix(value), uint32(len(c.text))
		c.text = binary.AppendUvarint(c.text, uint64(len(value)))
		c.text = append(c.text, value...)
	case words:
		if seq != 0 {
			return errShape
		}
		c.at[slot] = c.code(value)
	case lists:
		return c.putNext(slot, c.code(value))
	}
	return nil
}

// putNext appends a word to the list of a slot, which it moves to the end unless it is
// there.
func (c *vector) putNext(slot int32, code uint32) error {
	if len(c.codes) > maxText {
		return errShape
	}
	list := c.list(slot)
	end := int(c.at[slot]) + 1 + len(list)
	if c.at[slot] == 0 || end != len(c.codes) {
		c.wasted += 4 * len(list)
		at := len(c.codes)
		c.codes = append(append(c.codes, uint32(len(list))), list...)
		c.at[slot] = uint32(at)
	}
	c.codes = append(c.codes, code)
	c.codes[c.at[slot]]++
	return nil
}

// code returns the number of a word, counted from 1.
func (c *vector) code(word []byte) uint32 {
	if code, known := c.coded[string(word)]; known {
		return code
	}
	c.words = append(c.words, bytes.Clone(word))
	code := uint32(len(c.words))
	c.coded[string(word)] = code
	return code
}

// prefix returns the beginning of a value as a number: values are in its order, but for
// those that begin alike.
func prefix(value []byte) uint64 {
	var first [8]byte
	copy(first[:], value)
	return binary.BigEndian.Uint64(first[:])
}

// filled reports whether a slot has a value.
func (c *vector) filled(slot int32) bool {
	if c.shape == numbers {
		return c.has[slot]
	}
	return c.at[slot] != 0
}

// bytes returns the value of a slot that has one, the first of several.
func (c *vector) bytes(slot int32) []byte {
	if c.shape == numbers {
		return binary.BigEndian.AppendUint64(nil, c.nums[slot])
	}
	at := c.at[slot]
	switch {
	case at == 0:
		return nil
	case c.shape == texts:
		n, size := binary.Uvarint(c.text[at:])
		start := int(at) + size
		return c.text[start : start+int(n)]
	case c.shape == words:
		return c.words[at-1]
	}
	return c.words[c.codes[at+1]-1]
}

// list returns the codes of a slot of lists.
func (c *vector) list(slot int32) []uint32 {
	at := c.at[slot]
	if at == 0 {
		return nil
	}
	return c.codes[at+1 : at+1+c.codes[at]]
}

// compare compares the values of two slots that have one, the first of several.
func (c *vector) compare(a, b int32) int {
	if c.shape == numbers || c.shape == texts && c.nums[a] != c.nums[b] {
		return cmp.Compare(c.nums[a], c.nums[b])
	}
	return bytes.Compare(c.bytes(a), c.bytes(b))
}
