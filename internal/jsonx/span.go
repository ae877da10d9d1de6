package jsonx

import "bytes"

// Span is one member of an object with its value as it is written.
type Span struct {
	Key, Value []byte
}

// AppendSpans appends the members of an object that this program has written with Append or
// AppendJSON, without reading their values: it looks for where they end and checks nothing
// else. The spans share data. It never panics; a text that is no such object is an error or
// gives spans that mean nothing.
func AppendSpans(dst []Span, data []byte) ([]Span, error) {
	if len(data) < 2 || data[0] != '{' || data[len(data)-1] != '}' {
		return dst, errOwn
	}
	rest := data[1 : len(data)-1]
	for first := true; len(rest) > 0; first = false {
		if !first {
			if rest[0] != ',' {
				return dst, errOwn
			}
			rest = rest[1:]
		}
		end := endOfString(rest)
		if end < 0 || end == len(rest) || rest[end] != ':' {
			return dst, errOwn
		}
		key, err := keyOf(rest[:end])
		if err != nil {
			return dst, err
		}
		rest = rest[end+1:]
		if end = endOfValue(rest); end <= 0 {
			return dst, errOwn
		}
		dst = append(dst, Span{Key: key, Value: rest[:end:end]})
		rest = rest[end:]
	}
	return dst, nil
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
	for at := 1; ; {
		n := bytes.IndexByte(data[at:], '"')
		if n < 0 {
			return -1
		}
		at += n + 1
		escapes := 0
		for data[at-2-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return at
		}
	}
}

// endOfValue returns where the value ends that data begins with, -1 when it does not end.
func endOfValue(data []byte) int {
	depth := 0
	for at := 0; at < len(data); {
		switch data[at] {
		case '"':
			n := endOfString(data[at:])
			if n < 0 {
				return -1
			}
			at += n
			if depth == 0 {
				return at
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return at // nothing has opened it
			}
			if depth == 0 {
				return at + 1
			}
		case ',':
			if depth == 0 {
				return at
			}
		}
		at++
	}
	if depth > 0 {
		return -1
	}
	return len(data)
}
