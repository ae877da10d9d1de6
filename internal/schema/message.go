package schema

import (
	"octavo/internal/jsonx"
)

// The hosted API cuts values but neither keys nor messages. These bounds, which no
// honest request reaches, keep an answer small whatever is sent.
const (
	// maxShown is how much of a value is shown, in UTF-16 units (contract.md §3.1).
	maxShown = 55
	// maxPath is how much of a path is shown, in bytes.
	maxPath = 1000
	// maxMessage is where lines after the first stop, in bytes.
	maxMessage = 256 << 10
)

const ellipsis = "..."

// Show returns v as a refusal shows it: compact JSON between backticks, cut after 55
// UTF-16 units, with undefined for what is not there.
func Show(v jsonx.Value) string { return string(appendShown(nil, v)) }

func showString(s string) string { return Show(jsonx.StringValue(s)) }

func message(loc string, faults []fault) string {
	dst := append([]byte(loc), " failed validation"...)
	if len(faults) == 1 {
		return string(appendLine(append(dst, ": "...), faults[0]))
	}
	dst = append(dst, ". Fix one:"...)
	for i, f := range faults {
		before := len(dst)
		dst = appendLine(append(dst, '\n'), f)
		if i > 0 && len(dst) > maxMessage {
			dst = dst[:before]
			break
		}
	}
	return string(dst)
}

func appendLine(dst []byte, f fault) []byte {
	dst = appendPath(dst, f.location)
	dst = append(dst, " should be "...)
	for i, want := range f.want {
		dst = append(dst, separator(i, len(f.want))...)
		dst = append(dst, want...)
	}
	dst = append(dst, ", instead was "...)
	return append(appendShown(dst, f.value), '.')
}

// separator returns what stands before the i-th of n alternatives.
func separator(i, n int) string {
	switch {
	case i == 0:
		return ""
	case i < n-1:
		return ", "
	case n == 2:
		return " or "
	}
	return ", or "
}

func appendPath(dst []byte, l location) []byte {
	var way []*place
	for p := l.at; p != nil; p = p.parent {
		way = append(way, p)
	}
	limit := len(dst) + maxPath
	for i := len(way) - 1; i >= 0; i-- {
		var cut bool
		if dst, cut = appendUpTo(dst, way[i].segment(), limit); cut {
			return dst
		}
	}
	if l.leaf != "" {
		dst, _ = appendUpTo(dst, "."+l.leaf, limit)
	}
	return dst
}

// appendUpTo appends s or, when dst would grow past limit, the part of it that fits and
// an ellipsis.
func appendUpTo(dst []byte, s string, limit int) (_ []byte, cut bool) {
	room := limit - len(dst)
	if len(s) <= room {
		return append(dst, s...), false
	}
	dst = append(dst, s[:runeStart(s, room)]...)
	return append(dst, ellipsis...), true
}

func appendShown(dst []byte, v jsonx.Value) []byte {
	if !v.Defined() {
		return append(dst, orUndefined...)
	}
	dst = append(dst, '`')
	start := len(dst)
	// Four bytes hold two units, so this much is always more than is shown.
	dst = appendSome(dst, v, start+4*maxShown)
	shown := 0
	for i, r := range string(dst[start:]) {
		if shown += unitsOf(r); shown > maxShown {
			dst = append(dst[:start+i], ellipsis...)
			break
		}
	}
	return append(dst, '`')
}

// appendSome appends v as JSON, or the beginning of it when dst grows past limit. What
// comes after the limit may be left out or malformed.
func appendSome(dst []byte, v jsonx.Value, limit int) []byte {
	switch v.Kind() {
	case jsonx.String:
		s := v.Text()
		return jsonx.AppendString(dst, s[:runeStart(s, min(len(s), limit))])
	case jsonx.Array:
		dst = append(dst, '[')
		for i, item := range v.Items() {
			if len(dst) > limit {
				return dst
			}
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendSome(dst, item, limit)
		}
		return append(dst, ']')
	case jsonx.Object:
		dst = append(dst, '{')
		for i, m := range v.Members() {
			if len(dst) > limit {
				return dst
			}
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendSome(dst, jsonx.StringValue(m.Key), limit)
			dst = append(dst, ':')
			dst = appendSome(dst, m.Value, limit)
		}
		return append(dst, '}')
	}
	return v.Append(dst)
}
