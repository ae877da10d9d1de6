package query

import (
	"encoding/binary"
	"math"
	"strings"

	"octavo/internal/notion"
	"octavo/internal/property"
)

// Key returns what a cell holds in bytes. Within one property, the order of the keys is
// that of the values: numbers by size, times by moment, texts by [property.SortKey].
// References have no order; a cell that only says that there is something has no bytes.
func Key(c property.Cell) []byte {
	switch {
	case c.Number != nil:
		return NumberKey(*c.Number)
	case c.From != nil:
		return TimeKey(*c.From)
	case c.Ref != "":
		return RefKey(c.Ref)
	default:
		return c.Sort
	}
}

// NumberKey returns the key of a number.
func NumberKey(f float64) []byte {
	if f == 0 {
		f = 0 // not minus zero
	}
	bits := math.Float64bits(f)
	if bits>>63 == 1 {
		bits = ^bits
	} else {
		bits |= 1 << 63
	}
	return binary.BigEndian.AppendUint64(nil, bits)
}

// TimeKey returns the key of a moment in microseconds since 1970.
func TimeKey(micros int64) []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(micros)^1<<63)
}

// RefKey returns the key of an id, or of the state of a verification. Ids in the form in
// which the API writes them take 16 bytes.
func RefKey(ref string) []byte {
	if id, ok := notion.ParseID(ref); ok && id.String() == ref {
		return id[:]
	}
	return []byte(ref)
}

// storable returns folded text as cells hold it: without the NUL characters that
// PostgreSQL cannot hold.
func storable(s string) string { return strings.ReplaceAll(s, "\x00", "") }
