package property

import (
	"encoding/binary"
	"encoding/hex"
	"strings"

	"octavo/internal/clock"
)

// TitleID is the id of the title property of every page.
const TitleID = "title"

// The characters that ids are made of.
const (
	firstIDByte = ':'
	lastIDByte  = '~'
	idLength    = 4
)

// newID returns an id that is not taken.
func newID(ids clock.IDs, taken func(string) bool) string {
	const radix = lastIDByte - firstIDByte + 1
	for {
		var random [8]byte
		ids.Secret(random[:])
		n := binary.BigEndian.Uint64(random[:])
		var id [idLength]byte
		for i := idLength - 1; i >= 0; i-- {
			id[i] = firstIDByte + byte(n%radix)
			n /= radix
		}
		if s := string(id[:]); !taken(s) {
			return s
		}
	}
}

// plainInURI are the characters, besides letters and digits, that JavaScript's
// encodeURIComponent leaves alone.
const plainInURI = "-_.!~*'()"

// EncodeID returns a raw id as answers show it, percent-encoded as JavaScript's
// encodeURIComponent does (databases.md §2.1).
func EncodeID(raw string) string {
	i := 0
	for i < len(raw) && staysPlain(raw[i]) {
		i++
	}
	if i == len(raw) {
		return raw
	}
	encoded := append(make([]byte, 0, 3*len(raw)), raw[:i]...)
	for _, c := range []byte(raw[i:]) {
		if staysPlain(c) {
			encoded = append(encoded, c)
			continue
		}
		encoded = append(encoded, '%')
		encoded = append(encoded, strings.ToUpper(hex.EncodeToString([]byte{c}))...)
	}
	return string(encoded)
}

func staysPlain(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || strings.IndexByte(plainInURI, c) >= 0
}

// DecodeID returns the raw id of one that may be percent-encoded. What is not an encoding
// stays as it is.
func DecodeID(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	decoded := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if b, err := hex.DecodeString(s[i+1 : i+3]); err == nil {
				decoded = append(decoded, b[0])
				i += 2
				continue
			}
		}
		decoded = append(decoded, s[i])
	}
	return string(decoded)
}
