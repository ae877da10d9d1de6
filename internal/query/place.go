package query

import "encoding/binary"

// A place is where a row is in the order of an answer, as bytes whose order that is: each
// value with its kind before it, that of no value last; what sorts descending inverted; then
// the id of the page, the newest first.

const (
	intPlace byte = iota + 1
	textPlace
	bytesPlace
	noPlace
)

func appendPlace(dst []byte, sorts []order, row *Found) []byte {
	for i := range sorts {
		begin := len(dst) + 1
		switch v := row.Values[i].(type) {
		case int64:
			dst = binary.BigEndian.AppendUint64(append(dst, intPlace), uint64(v)^1<<63)
		case string:
			dst = appendEscaped(append(dst, textPlace), v)
		case []byte:
			dst = appendEscaped(append(dst, bytesPlace), v)
		default:
			dst = append(dst, noPlace)
		}
		if sorts[i].descending {
			invert(dst[begin:])
		}
	}
	begin := len(dst)
	dst = append(dst, row.Page[:]...)
	invert(dst[begin:])
	return dst
}

func invert(b []byte) {
	for i := range b {
		b[i] = ^b[i]
	}
}

// appendEscaped appends bytes so that what is shorter comes first, and an end can be found.
func appendEscaped[T string | []byte](dst []byte, b T) []byte {
	for i := range len(b) {
		dst = append(dst, b[i])
		if b[i] == 0 {
			dst = append(dst, 0xff)
		}
	}
	return append(dst, 0, 0)
}

// readPlace returns the row at a place.
func readPlace(place []byte, sorts []order) Found {
	row := Found{Values: make([]any, len(sorts))}
	for i := range sorts {
		mask := byte(0)
		if sorts[i].descending {
			mask = 0xff
		}
		kind := place[0]
		place = place[1:]
		switch kind {
		case intPlace:
			n := uint64(0)
			for _, b := range place[:8] {
				n = n<<8 | uint64(b^mask)
			}
			row.Values[i], place = int64(n^1<<63), place[8:]
		case textPlace:
			var text []byte
			text, place = readEscaped(place, mask)
			row.Values[i] = string(text)
		case bytesPlace:
			row.Values[i], place = readEscaped(place, mask)
		}
	}
	copy(row.Page[:], place)
	invert(row.Page[:])
	return row
}

// readEscaped returns what appendEscaped appended, and what follows it.
func readEscaped(place []byte, mask byte) (b, rest []byte) {
	b = []byte{}
	for {
		c := place[0] ^ mask
		place = place[1:]
		if c == 0 {
			end := place[0]^mask == 0
			place = place[1:]
			if end {
				return b, place
			}
		}
		b = append(b, c)
	}
}
