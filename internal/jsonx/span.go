package jsonx

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// Span is one member of an object with its value as it is written.
type Span struct {
	Key, Value []byte
}

// AppendSpans appends the members of an object that this program has written with Append or
// AppendJSON, without reading their values: it looks for where they end and checks nothing
// else. The spans share data. It never panics; a text that is no such object is an error or
// gives spans that mean nothing.
func AppendSpans(dst []Span, data []byte) ([]Span, error) {
	err := EachSpan(data, func(s Span) bool {
		dst = append(dst, s)
		return true
	})
	return dst, err
}

// EachSpan is [AppendSpans] that calls f for each member until f reports false. What comes
// after that is not looked at.
func EachSpan(data []byte, f func(Span) bool) error {
	if len(data) < 2 || data[0] != '{' || data[len(data)-1] != '}' {
		return errOwn
	}
	rest := data[1 : len(data)-1]
	for first := true; len(rest) > 0; first = false {
		if !first {
			if rest[0] != ',' {
				return errOwn
			}
			rest = rest[1:]
		}
		end := endOfString(rest)
		if end < 0 || end == len(rest) || rest[end] != ':' {
			return errOwn
		}
		key, err := keyOf(rest[:end])
		if err != nil {
			return err
		}
		rest = rest[end+1:]
		if end = endOfValue(rest); end <= 0 {
			return errOwn
		}
		if !f(Span{Key: key, Value: rest[:end:end]}) {
			return nil
		}
		rest = rest[end:]
	}
	return nil
}

// FindSpan returns the value under a key, nil when there is none.
func FindSpan(spans []Span, key string) []byte {
	for i := range spans {
		if string(spans[i].Key) == key {
			return spans[i].Value
		}
	}
	return nil
}

// keyOf returns what a string in quotes says.
func keyOf(quoted []byte) ([]byte, error) {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return quoted[1 : len(quoted)-1], nil
	}
	r := ownReader{text: string(quoted)}
	key, err := r.string()
	return []byte(key), err
}

// endOfString returns where the string ends that data begins with, -1 when none does.
func endOfString(data []byte) int {
	if len(data) == 0 || data[0] != '"' {
		return -1
	}
	at := 1
	for at < len(data) {
		if at+8 <= len(data) {
			marks := marksOf(binary.LittleEndian.Uint64(data[at:]))
			at += bits.TrailingZeros64(marks) / 8
			if marks == 0 {
				continue
			}
		}
		switch data[at] {
		case '"':
			return at + 1
		case '\\':
			at++
		}
		at++
	}
	return -1
}

// marksOf tells which of eight bytes are the first quote or backslash: the number of zeros
// that the result ends with is eight times the place of the first of them, and 64 when there
// is none. Most strings are short, but most bytes of a document are in one.
func marksOf(word uint64) uint64 {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	quotes, slashes := word^ones*'"', word^ones*'\\'
	return ((quotes-ones)&^quotes | (slashes-ones)&^slashes) & highs
}

// endOfValue returns where the value ends that data begins with, -1 when it does not end.
func endOfValue(data []byte) int {
	if len(data) == 0 {
		return -1
	}
	switch data[0] {
	case '"':
		return endOfString(data)
	case '{', '[':
		return endOfNested(data)
	}
	for at, c := range data {
		if c == ',' || c == '}' || c == ']' {
			return at
		}
	}
	return len(data)
}

func endOfNested(data []byte) int {
	depth := 0
	for at := 0; at < len(data); {
		c := data[at]
		if c == '"' {
			n := endOfString(data[at:])
			if n < 0 {
				return -1
			}
			at += n
			continue
		}
		at++
		switch c | ' ' { // both kinds of brackets at once
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return at
			}
		}
	}
	return -1
}
