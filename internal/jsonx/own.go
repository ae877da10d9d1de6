package jsonx

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// ParseOwn reads one JSON text that this program has written with Append or AppendJSON:
// compact, in UTF-8, no key twice in an object. It gives what [Parse] gives with a fraction
// of the allocations, and checks none of that; a text from anywhere else may be taken for
// something it is not. It never panics. Strings of the result share one copy of data.
func ParseOwn(data []byte) (Value, error) {
	r := ownReader{text: string(data)}
	v, err := r.value()
	if err == nil && r.pos != len(r.text) {
		err = errOwn
	}
	if err != nil {
		return Value{}, err
	}
	return v, nil
}

var errOwn = errors.New("jsonx: not a JSON text of our own")

// ownReader reads a text from its beginning. The lists of the values are cut from larger
// ones: a listing has a thousand objects, and allocating each alone costs more than
// reading it.
type ownReader struct {
	text  string
	pos   int
	depth int

	// Of the arrays and objects that are open: what has been read of them.
	items   []Value
	members []Member

	cutItems   cutter[Value]
	cutMembers cutter[Member]
	cutObjects cutter[[]Member]
}

// cutter cuts lists from larger ones, each twice as large as the one before, so that
// neither a page nor a listing takes much more than it needs.
type cutter[T any] struct {
	left []T
	size int
}

// cut returns n elements, which cannot grow into what follows them.
func (c *cutter[T]) cut(n int) []T {
	const first, most = 8, 512
	if len(c.left) < n {
		c.size = max(first, min(2*c.size, most))
		c.left = make([]T, max(n, c.size))
	}
	taken := c.left[:n:n]
	c.left = c.left[n:]
	return taken
}

// next takes c if the text goes on with it.
func (r *ownReader) next(c byte) bool {
	if r.pos < len(r.text) && r.text[r.pos] == c {
		r.pos++
		return true
	}
	return false
}

func (r *ownReader) value() (Value, error) {
	if r.pos >= len(r.text) {
		return Value{}, errOwn
	}
	switch r.text[r.pos] {
	case '"':
		s, err := r.string()
		return StringValue(s), err
	case '{':
		return r.nested((*ownReader).object)
	case '[':
		return r.nested((*ownReader).array)
	case 'n':
		return NullValue, r.word("null")
	case 't':
		return BoolValue(true), r.word("true")
	case 'f':
		return BoolValue(false), r.word("false")
	}
	return r.number()
}

func (r *ownReader) nested(read func(*ownReader) (Value, error)) (Value, error) {
	if r.depth++; r.depth > MaxDepth {
		return Value{}, ErrDepth
	}
	r.pos++
	v, err := read(r)
	r.depth--
	return v, err
}

func (r *ownReader) word(word string) error {
	if !strings.HasPrefix(r.text[r.pos:], word) {
		return errOwn
	}
	r.pos += len(word)
	return nil
}

func (r *ownReader) number() (Value, error) {
	end := r.pos
	for end < len(r.text) && strings.IndexByte("+-.0123456789eE", r.text[end]) >= 0 {
		end++
	}
	f, err := strconv.ParseFloat(r.text[r.pos:end], 64)
	if err != nil && !math.IsInf(f, 0) {
		return Value{}, errOwn
	}
	r.pos = end
	return NumberValue(f), nil
}

func (r *ownReader) array() (Value, error) {
	start := len(r.items)
	for !r.next(']') {
		if len(r.items) > start && !r.next(',') {
			return Value{}, errOwn
		}
		v, err := r.value()
		if err != nil {
			return Value{}, err
		}
		r.items = append(r.items, v)
	}
	list := r.cutItems.cut(len(r.items) - start)
	copy(list, r.items[start:])
	r.items = r.items[:start]
	return ArrayValue(list...), nil
}

func (r *ownReader) object() (Value, error) {
	start := len(r.members)
	for !r.next('}') {
		if len(r.members) > start && !r.next(',') {
			return Value{}, errOwn
		}
		key, err := r.string()
		if err != nil {
			return Value{}, err
		}
		if !r.next(':') {
			return Value{}, errOwn
		}
		v, err := r.value()
		if err != nil {
			return Value{}, err
		}
		r.members = append(r.members, Member{key, v})
	}
	list := r.cutMembers.cut(len(r.members) - start)
	copy(list, r.members[start:])
	r.members = r.members[:start]
	place := &r.cutObjects.cut(1)[0]
	*place = list
	return Value{kind: Object, members: place}, nil
}

func (r *ownReader) string() (string, error) {
	if !r.next('"') {
		return "", errOwn
	}
	rest := r.text[r.pos:]
	end := strings.IndexByte(rest, '"')
	if end < 0 {
		return "", errOwn
	}
	if strings.IndexByte(rest[:end], '\\') < 0 {
		r.pos += end + 1
		return rest[:end], nil
	}
	return r.escaped()
}

// escaped reads the rest of a string that has escapes.
func (r *ownReader) escaped() (string, error) {
	var text []byte
	for r.pos < len(r.text) {
		c := r.text[r.pos]
		r.pos++
		switch c {
		case '"':
			return string(text), nil
		case '\\':
			var err error
			if text, err = r.escape(text); err != nil {
				return "", err
			}
		default:
			text = append(text, c)
		}
	}
	return "", errOwn
}

// escape reads what follows a backslash: only what AppendString writes.
func (r *ownReader) escape(text []byte) ([]byte, error) {
	const short, meant = `"\bfnrt`, "\"\\\b\f\n\r\t"
	if r.pos >= len(r.text) {
		return nil, errOwn
	}
	if i := strings.IndexByte(short, r.text[r.pos]); i >= 0 {
		r.pos++
		return append(text, meant[i]), nil
	}
	const control = "u00"
	end := r.pos + len(control) + 2
	if err := r.word(control); err != nil || end > len(r.text) {
		return nil, errOwn
	}
	c, err := strconv.ParseUint(r.text[r.pos:end], 16, 7)
	if err != nil {
		return nil, errOwn
	}
	r.pos = end
	return append(text, byte(c)), nil
}
