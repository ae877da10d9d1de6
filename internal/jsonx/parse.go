package jsonx

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxDepth is how many arrays and objects may be open at once in a text given to
// [Parse]. The deepest request the API can be sent, a formula-free filter or a
// column list with three tiers of blocks, stays well below a tenth of it.
const MaxDepth = 512

// ErrDepth is returned by [Parse] for a text nested deeper than [MaxDepth].
var ErrDepth = errors.New("jsonx: nested too deeply")

// Parse reads one JSON text, as JavaScript's JSON.parse does: the last of duplicate
// keys wins, in the place of the first, and anything but white space after the text
// is an error. Stricter than JavaScript, bytes that are not UTF-8 and lone surrogates
// are errors too, since no database could give them back as they came.
func Parse(data []byte) (Value, error) {
	d := jsontext.NewDecoder(bytes.NewBuffer(data), jsontext.AllowDuplicateNames(true))
	v, err := read(d)
	if err != nil {
		return Value{}, err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		if err == nil {
			err = errors.New("jsonx: data after the JSON text")
		}
		return Value{}, err
	}
	return v, nil
}

func read(d *jsontext.Decoder) (Value, error) {
	t, err := d.ReadToken()
	if err != nil {
		return Value{}, err
	}
	if d.StackDepth() > MaxDepth {
		return Value{}, ErrDepth
	}
	switch t.Kind() {
	case jsontext.KindNull:
		return NullValue, nil
	case jsontext.KindTrue, jsontext.KindFalse:
		return BoolValue(t.Bool()), nil
	case jsontext.KindString:
		return StringValue(t.String()), nil
	case jsontext.KindNumber:
		return NumberValue(parseNumber(t.String())), nil
	case jsontext.KindBeginArray:
		items := []Value{}
		for d.PeekKind() != jsontext.KindEndArray {
			v, err := read(d)
			if err != nil {
				return Value{}, err
			}
			items = append(items, v)
		}
		_, err := d.ReadToken()
		return ArrayValue(items...), err
	default:
		return readObject(d)
	}
}

func readObject(d *jsontext.Decoder) (Value, error) {
	obj := Value{kind: Object, members: new([]Member)}
	// Small objects are searched for duplicates as they are; a large one, which only
	// a hostile or generated request has, gets an index so that it stays linear.
	const small = 32
	var index map[string]int
	for d.PeekKind() != jsontext.KindEndObject {
		name, err := d.ReadToken()
		if err != nil {
			return Value{}, err
		}
		key := name.String()
		v, err := read(d)
		if err != nil {
			return Value{}, err
		}
		if index == nil {
			obj.Set(key, v)
			if n := len(*obj.members); n > small {
				index = make(map[string]int, 2*n)
				for i, m := range *obj.members {
					index[m.Key] = i
				}
			}
			continue
		}
		if i, seen := index[key]; seen {
			(*obj.members)[i].Value = v
			continue
		}
		index[key] = len(*obj.members)
		*obj.members = append(*obj.members, Member{key, v})
	}
	_, err := d.ReadToken()
	return obj, err
}

// parseNumber reads a literal that the decoder has already found well formed, so the
// only error left is one of range, and then ParseFloat's infinity is JavaScript's.
func parseNumber(s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(f, 0) {
		return 0
	}
	return f
}
