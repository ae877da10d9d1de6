package query

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"

	"octavo/internal/notion"
)

// A cursor reads s:<uuid>:<page id>:<values>. The page is the last one that was answered
// and the values are its place in the order, so that rows that are made or removed meanwhile
// neither repeat another nor lose one; for rows that change their place see
// docs/adr/0008-cursors-go-on-under-writes.md. The uuid is a digest of all that the cursor belongs to; a
// cursor of another query, or one that was changed, does not have it.

// Cursor returns what continues the answer after a row. Scope is what else the answer
// depends on, such as the data source; memo is kept for whoever reads the cursor.
func (q *Query) Cursor(scope []byte, last Found, memo []byte) string {
	values := q.appendValues(appendSized(nil, memo), last.Values)
	return "s:" + q.digest(scope, last.Page, values).String() + ":" + last.Page.String() + ":" + base64.RawURLEncoding.EncodeToString(values)
}

// Resume reads a cursor, and reports false for one that the query did not make.
func (q *Query) Resume(scope []byte, cursor string) (last *Found, memo []byte, ok bool) {
	parts := strings.Split(cursor, ":")
	if len(parts) != 4 || parts[0] != "s" {
		return nil, nil, false
	}
	page, isID := notion.ParseID(parts[2])
	data, err := base64.RawURLEncoding.Strict().DecodeString(parts[3])
	if !isID || err != nil || parts[1] != q.digest(scope, page, data).String() {
		return nil, nil, false
	}
	r := reader{data: data, ok: true}
	memo = r.sized()
	values := q.readValues(&r)
	return &Found{Page: page, Values: values}, memo, r.ok && len(r.data) == 0
}

func (q *Query) digest(scope []byte, page notion.ID, values []byte) notion.ID {
	h := sha256.New()
	for _, part := range [][]byte{scope, q.text, page[:], values} {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(part)))
		_, _ = h.Write(size[:])
		_, _ = h.Write(part)
	}
	var id notion.ID
	copy(id[:], h.Sum(nil))
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

// The kinds of values in cursors.
const (
	noValue byte = iota
	intValue
	textValue
	bytesValue
	placesValue
)

// appendValues writes the values of a row. Places are written with what is at them: which
// place that is may be another one when the cursor is used.
func (q *Query) appendValues(dst []byte, values []any) []byte {
	for i, o := range q.order() {
		switch v := values[i].(type) {
		case int64:
			dst = binary.AppendVarint(append(dst, intValue), v)
		case []byte:
			dst = appendSized(append(dst, bytesValue), v)
		case string:
			if o.ranks == nil {
				dst = appendSized(append(dst, textValue), []byte(v))
				continue
			}
			dst = o.appendPlaces(append(dst, placesValue), v)
		default:
			dst = append(dst, noValue)
		}
	}
	return dst
}

func appendSized(dst, b []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(b))), b...)
}

func (o *order) appendPlaces(dst []byte, places string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(places)/placeDigits))
	for len(places) >= placeDigits {
		place, _ := strconv.Atoi(places[:placeDigits])
		places = places[placeDigits:]
		dst = appendSized(binary.AppendUvarint(dst, uint64(place)), o.keyAt(place))
	}
	return dst
}

// keyAt returns a key that has a place, none for the place of what is not listed.
func (o *order) keyAt(place int) []byte {
	for _, r := range o.ranks {
		if r.Place == place {
			return r.Key
		}
	}
	return nil
}

// readValues reads what appendValues wrote.
func (q *Query) readValues(r *reader) []any {
	var values []any
	for _, o := range q.order() {
		var v any
		switch r.byte() {
		case noValue:
		case intValue:
			v = r.int()
		case textValue:
			v = string(r.sized())
		case bytesValue:
			v = r.sized()
		case placesValue:
			v = r.places(&o)
		default:
			r.ok = false
		}
		r.ok = r.ok && o.takes(v)
		values = append(values, v)
	}
	return values
}

// takes reports whether rows can have such a value in the order. Anybody can make the digest
// of a cursor, and a database refuses to compare with a value of another type.
func (o *order) takes(v any) bool {
	switch v.(type) {
	case nil:
		return o.by == byKey || o.by == byRelated || o.by == byRanks && o.fallback == nil || o.by == byResult
	case int64:
		return o.by == byTicked || o.by == byTime && o.column != createdTime || o.by == byResult
	case string:
		return o.by == byRanks || o.by == byAuthor || o.by == byTime && o.column == createdTime
	case []byte:
		return o.by == byKey || o.by == byRelated || o.by == byResult
	}
	return false
}

// reader reads parts of a cursor until one is not there.
type reader struct {
	data []byte
	ok   bool
}

func (r *reader) byte() byte {
	if len(r.data) == 0 {
		r.ok = false
		return noValue
	}
	b := r.data[0]
	r.data = r.data[1:]
	return b
}

func (r *reader) int() int64 {
	v, n := binary.Varint(r.data)
	r.skip(n)
	return v
}

func (r *reader) size() uint64 {
	v, n := binary.Uvarint(r.data)
	r.skip(n)
	return v
}

func (r *reader) skip(n int) {
	if n <= 0 || n > len(r.data) {
		r.ok, r.data = false, nil
		return
	}
	r.data = r.data[n:]
}

func (r *reader) sized() []byte {
	n := r.size()
	if n > uint64(len(r.data)) {
		r.ok, r.data = false, nil
		return nil
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return append([]byte{}, b...)
}

// places reads places as what they are now.
func (r *reader) places(o *order) string {
	var text strings.Builder
	for n := r.size(); n > 0 && r.ok; n-- {
		place := int(min(r.size(), maxPlace))
		if key := r.sized(); len(key) > 0 && slices.ContainsFunc(o.ranks, func(k Rank) bool { return bytes.Equal(k.Key, key) }) {
			place = placeOf(o.ranks, key)
		} else if len(key) == 0 {
			place = lastPlace(o.ranks)
		}
		text.WriteString(strings.Trim(digits(place), "'"))
	}
	return text.String()
}
