package store

import (
	"slices"
	"strings"
)

// Order keys put siblings in order: comparing two keys byte by byte compares their
// places, and between any two places there is another.
//
// A key is a sequence of integers, each written so that its bytes order as it does and so
// that where it ends can be read from its first byte. A sequence comes before those it
// begins. Putting something at an end takes the next integer; putting something where no
// integer is left opens a level below, where integers go on in both directions. So keys
// grow with the logarithm of what is put at the same place, in whichever order, and only
// a hunt for ever narrower gaps lengthens them by a level every few steps.

const orderDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// orderStep is the room left beside a new key for later ones.
const orderStep = 16

// maxOrderDigits is the most digits of one integer; 62^10 of them fit an int64.
const maxOrderDigits = 10

// Between returns a key after a and before b; "" for a is the beginning, "" for b the
// end. Both must be keys of this package, and a before b.
func Between(a, b string) string { return Sequence(a, b, 1)[0] }

// Sequence returns n keys in order, all after a and before b; see Between.
func Sequence(a, b string, n int) []string {
	prefix, low, high := gap(parseOrder(a), parseOrder(b), int64(n))
	first, step := spread(low, high, int64(n))
	keys := make([]string, n)
	for i := range keys {
		keys[i] = string(appendOrder(slices.Clip(prefix), first+int64(i)*step))
	}
	return keys
}

// gap finds where n keys between a and b go: the level, as the text of the integers above
// it, and the two integers they stay strictly between; nil is open.
func gap(a, b []int64, n int64) (prefix []byte, low, high *int64) {
	common := 0
	for common < len(a) && common < len(b) && a[common] == b[common] {
		prefix = appendOrder(prefix, a[common])
		common++
	}
	a, b = a[common:], b[common:]
	if len(b) > 0 {
		h := b[0]
		if len(b) > 1 {
			h++ // b goes on below its first integer, so that integer alone comes before it
		}
		high = &h
	}
	if len(a) == 0 {
		return prefix, nil, high
	}
	if high == nil || *high-a[0] > n {
		return prefix, &a[0], high
	}
	// Too few integers are left on this level: go below a.
	prefix = appendOrder(prefix, a[0])
	if len(a) > 1 {
		return prefix, &a[1], nil
	}
	return prefix, nil, nil
}

// spread places n integers strictly between low and high, which leave room for them.
func spread(low, high *int64, n int64) (first, step int64) {
	switch {
	case low == nil && high == nil:
		return 0, orderStep
	case high == nil:
		return *low + orderStep, orderStep
	case low == nil:
		return *high - n*orderStep, orderStep
	}
	step = (*high - *low) / (n + 1)
	return *low + step, step
}

func parseOrder(key string) []int64 {
	var list []int64
	for len(key) > 0 {
		n, size, ok := readOrder(key)
		if !ok {
			break
		}
		list = append(list, n)
		key = key[size:]
	}
	return list
}

// appendOrder writes an integer: a letter for its sign and number of digits, and the
// digits. 'a' begins the 62 integers from 0, 'b' the 62² after them; 'Z' the 62 integers
// below 0, 'Y' the 62² below them.
func appendOrder(dst []byte, n int64) []byte {
	magnitude := n
	if n < 0 {
		magnitude = -1 - n
	}
	digits, span := 1, int64(len(orderDigits))
	for magnitude >= span && digits < maxOrderDigits {
		magnitude -= span
		digits++
		span *= int64(len(orderDigits))
	}
	head := byte('a' + digits - 1)
	if n < 0 {
		head = byte('Z' - digits + 1)
		magnitude = span - 1 - magnitude
	}
	dst = append(dst, head)
	for range digits {
		span /= int64(len(orderDigits))
		dst = append(dst, orderDigits[magnitude/span])
		magnitude %= span
	}
	return dst
}

// readOrder reads the integer a key begins with and the bytes it takes.
func readOrder(key string) (n int64, size int, ok bool) {
	negative := key[0] <= 'Z'
	digits := int(key[0]) - 'a' + 1
	if negative {
		digits = 'Z' - int(key[0]) + 1
	}
	if digits < 1 || digits > maxOrderDigits || len(key) <= digits {
		return 0, 0, false
	}
	var below, span int64 = 0, 1
	for i := range digits {
		digit := strings.IndexByte(orderDigits, key[1+i])
		if digit < 0 {
			return 0, 0, false
		}
		n = n*int64(len(orderDigits)) + int64(digit)
		below += span
		span *= int64(len(orderDigits))
	}
	below-- // the integers that have fewer digits: 62 + 62² + …
	if negative {
		return -1 - (span - 1 - n) - below, digits + 1, true
	}
	return n + below, digits + 1, true
}
