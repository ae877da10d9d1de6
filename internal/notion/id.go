// Package notion names the things the API speaks of, in the shape of its newest
// version, and writes each as JSON in the order the hosted API writes it.
package notion

import (
	"encoding/hex"
)

// ID identifies every object: a page, a block, a database, a user, a token. It is a
// UUID; the zero ID stands for "none" and is also the nil UUID of the wire.
type ID [16]byte

// ParseID reads an id, dashed or not, in either case. It accepts what the hosted API
// accepts (contract.md §9): 32 hexadecimal digits of any kind, or a dashed UUID whose
// version nibble is 2 to 8 with the usual variant, or the dashed nil UUID.
func ParseID(s string) (ID, bool) {
	var id ID
	switch len(s) {
	case 32:
		_, err := hex.Decode(id[:], []byte(s))
		return id, err == nil
	case 36:
		if s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
			return ID{}, false
		}
		var plain [32]byte
		n := copy(plain[:], s[:8])
		n += copy(plain[n:], s[9:13])
		n += copy(plain[n:], s[14:18])
		n += copy(plain[n:], s[19:23])
		copy(plain[n:], s[24:])
		if _, err := hex.Decode(id[:], plain[:]); err != nil {
			return ID{}, false
		}
		version, variant := id[6]>>4, id[8]>>6
		return id, id == ID{} || version >= 2 && version <= 8 && variant == 2
	}
	return ID{}, false
}

// IsZero reports whether the id stands for "none".
func (id ID) IsZero() bool { return id == ID{} }

// Append appends the id dashed and in lower case, as answers show it.
func (id ID) Append(dst []byte) []byte {
	dst = hex.AppendEncode(dst, id[:4])
	for _, part := range [][]byte{id[4:6], id[6:8], id[8:10], id[10:]} {
		dst = append(dst, '-')
		dst = hex.AppendEncode(dst, part)
	}
	return dst
}

// String returns the id dashed and in lower case.
func (id ID) String() string {
	var b [36]byte
	return string(id.Append(b[:0]))
}

// Compact returns the id as 32 digits without dashes, as urls carry it.
func (id ID) Compact() string { return hex.EncodeToString(id[:]) }
