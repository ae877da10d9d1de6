package query

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"

	"octavo/internal/notion"
)

// Parts returns what a table needs for the query, and reports false when none can answer it.
func (q *Query) Parts() ([]Part, bool) {
	var all []Part
	if q.Computes() || !partsOf(q.filter, &all) {
		return nil, false
	}
	for i := range q.order() {
		p, ok := q.order()[i].part()
		if !ok {
			return nil, false
		}
		all = append(all, p)
	}
	return all, true
}

func partsOf(n node, all *[]Part) bool {
	switch n := n.(type) {
	case nil:
	case group:
		for _, part := range n.of {
			if !partsOf(part, all) {
				return false
			}
		}
	case not:
		return partsOf(n.of, all)
	case within:
		*all = append(*all, Part{aspect: aspect(n.column), shape: numbers})
	case by:
		*all = append(*all, Part{aspect: aspect(n.column), shape: words})
	case cells:
		return n.parts(all)
	default:
		return false
	}
	return true
}

// part is the part of the keys of a property.
func (n cells) part() Part { return Part{n.property, keyAspect, n.shape, n.made} }

func (n cells) parts(all *[]Part) bool {
	t := n.test
	if n.shape == uncopied || n.many && n.shape != lists {
		return false
	}
	if t.text != noTextTest {
		*all = append(*all, Part{n.property, foldedAspect, texts, n.made})
	}
	if t.day != nil {
		*all = append(*all, Part{n.property, dayAspect, words, n.made})
	}
	if t.ends != nil {
		*all = append(*all, Part{n.property, endAspect, numbers, n.made})
	}
	if t.text == noTextTest || t.keys != nil {
		*all = append(*all, n.part())
	}
	// Of one value after the other only the key is known.
	return !n.many || t.text == noTextTest && t.day == nil && t.ends == nil
}

// part returns the part that a sort needs, false for one that no table has.
func (o *order) part() (Part, bool) {
	switch o.by {
	case byKey, byTicked, byRanks:
		ranked := o.by != byRanks || o.shape == words || o.shape == lists
		return Part{o.property, keyAspect, o.shape, o.made}, o.shape != uncopied && ranked
	case byTime:
		if o.column == createdTime {
			return Part{aspect: placeAspect, shape: texts}, true
		}
		return Part{aspect: aspect(o.column), shape: numbers}, true
	case byAuthor:
		return Part{aspect: aspect(o.column), shape: words}, true
	}
	return Part{}, false
}

// Scan is [Query.Find] on a table that has the parts of the query. It reports false when
// the place is not one of the order of the query, as it is when the schema has changed
// meanwhile.
func (q *Query) Scan(t *Table, after *Found, limit int) ([]Found, bool) {
	r, ok := t.ranking(q.order(), after)
	if !ok {
		return nil, false
	}
	passes := []predicate{}
	for _, n := range conjuncts(q.filter) {
		passes = append(passes, t.predicate(n))
	}
	best := heap{ranking: r, limit: limit}
rows:
	// From the newest on: of rows that are alike the newer come first.
	for i := len(t.ids) - 1; i >= 0; i-- {
		slot := int32(i)
		if t.gone[i] {
			continue
		}
		for _, p := range passes {
			if !p(slot) {
				continue rows
			}
		}
		best.offer(slot)
	}
	return best.found(), true
}

// predicate tells whether a row passes a node.
type predicate func(slot int32) bool

func always(int32) bool { return true }

func (t *Table) predicate(n node) predicate {
	switch n := n.(type) {
	case group:
		return t.group(n)
	case not:
		p := t.predicate(n.of)
		return func(slot int32) bool { return !p(slot) }
	case within:
		c := t.columns[Part{aspect: aspect(n.column), shape: numbers}]
		test := test{}
		if n.low != nil {
			test.low = TimeKey(*n.low)
		}
		if n.high != nil {
			test.high = TimeKey(*n.high)
		}
		return c.inRange(test)
	case by:
		return t.columns[Part{aspect: aspect(n.column), shape: words}].isWord(func(word []byte) bool { return bytes.Equal(word, n.user[:]) })
	case cells:
		return t.cells(n)
	}
	return always
}

func (t *Table) group(g group) predicate {
	if len(g.of) == 0 {
		return always
	}
	parts := make([]predicate, len(g.of))
	for i, n := range g.of {
		parts[i] = t.predicate(n)
	}
	return func(slot int32) bool {
		for _, p := range parts {
			if p(slot) == g.any {
				return g.any
			}
		}
		return !g.any
	}
}

// both is nil-safe: a nil predicate holds.
func both(a, b predicate) predicate {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return func(slot int32) bool { return a(slot) && b(slot) }
}

func (t *Table) cells(n cells) predicate {
	var p predicate
	if n.test.text == noTextTest || n.test.keys != nil {
		p = t.columns[n.part()].keys(n.test)
	}
	if n.test.text != noTextTest {
		p = both(p, t.columns[Part{n.property, foldedAspect, texts, n.made}].folded(n.test))
	}
	if day := n.test.day; day != nil {
		p = both(p, t.columns[Part{n.property, dayAspect, words, n.made}].isWord(func(word []byte) bool { return (word[0] == 1) == *day }))
	}
	if end := n.test.ends; end != nil {
		c := t.columns[Part{n.property, endAspect, numbers, n.made}]
		at := uint64Of(TimeKey(end.at))
		p = both(p, func(slot int32) bool {
			if end.before {
				return c.has[slot] && c.nums[slot] < at
			}
			return !c.has[slot] || c.nums[slot] >= at
		})
	}
	return p
}

// keys tells whether a slot has a value whose key passes.
func (c *vector) keys(t test) predicate {
	switch {
	case t.keys == nil && t.low == nil && t.high == nil:
		return c.filled
	case c.shape == words || c.shape == lists:
		return c.isWord(t.hasKey)
	case c.shape == numbers && t.keys == nil:
		return c.inRange(t)
	}
	return func(slot int32) bool { return c.filled(slot) && t.hasKey(c.bytes(slot)) }
}

// hasKey reports whether a key passes.
func (t test) hasKey(key []byte) bool {
	if t.low != nil && bytes.Compare(key, t.low) < 0 || t.high != nil && bytes.Compare(key, t.high) >= 0 {
		return false
	}
	return t.keys == nil || slices.ContainsFunc(t.keys, func(k []byte) bool { return bytes.Equal(k, key) })
}

// inRange tells whether a slot has a number in the range of the test, whose bounds may have
// more or fewer bytes than numbers.
func (c *vector) inRange(t test) predicate {
	low, high := uint64(0), ^uint64(0)
	if t.low != nil {
		low = prefix(t.low)
		if len(t.low) > 8 {
			if low == high {
				return func(int32) bool { return false }
			}
			low++
		}
	}
	if t.high != nil {
		high = prefix(t.high)
		if len(t.high) <= 8 {
			if high == 0 {
				return func(int32) bool { return false }
			}
			high--
		}
	}
	return func(slot int32) bool { return c.nums[slot] >= low && c.nums[slot] <= high && c.has[slot] }
}

// isWord tells whether a slot has a word, or one of its words is, that passes.
func (c *vector) isWord(pass func(word []byte) bool) predicate {
	passing := make([]bool, len(c.words)+1)
	for i, word := range c.words {
		passing[i+1] = pass(word)
	}
	if c.shape == words {
		return func(slot int32) bool { return passing[c.at[slot]] }
	}
	return func(slot int32) bool {
		for _, code := range c.list(slot) {
			if passing[code] {
				return true
			}
		}
		return false
	}
}

// folded tells whether a slot has a text that passes.
func (c *vector) folded(t test) predicate {
	operand := []byte(t.operand)
	compare := map[textTest]func(s, operand []byte) bool{
		equals: bytes.Equal, contains: bytes.Contains, startsWith: bytes.HasPrefix, endsWith: bytes.HasSuffix,
	}[t.text]
	return func(slot int32) bool { return c.at[slot] != 0 && compare(c.bytes(slot), operand) }
}

// ranking is the order of an answer and the place after which it begins.
type ranking struct {
	table *Table
	keys  []sortKey
	// tie is the direction of ids in rows that are alike.
	tie   int
	after *Found
}

// sortKey is one sort on a table.
type sortKey struct {
	order
	values *vector
	// places has the place of each word, and before them that of rows without one, -1 for
	// none.
	places []int
	// after is the value after which the answer begins, afterFirst the beginning of it as
	// [sortKey.first] has it.
	after       any
	afterFirst  uint64
	afterText   []byte
	afterPlaces []int
}

func (t *Table) ranking(sorts []order, after *Found) (*ranking, bool) {
	r := &ranking{table: t, tie: -1, after: after}
	for _, o := range sorts {
		part, _ := o.part()
		k := sortKey{order: o, values: t.columns[part]}
		if o.by == byRanks || o.by == byAuthor {
			k.rank()
		}
		r.keys = append(r.keys, k)
	}
	if first := sorts[0]; first.by == byTime && first.column == createdTime && !first.descending {
		r.tie = 1
	}
	if after == nil {
		return r, true
	}
	for i := range r.keys {
		if !r.keys[i].takes(after.Values[i]) {
			return nil, false
		}
		r.keys[i].begin(after.Values[i])
	}
	return r, true
}

// begin notes the value after which the answer begins.
func (k *sortKey) begin(v any) {
	k.after = v
	switch v := v.(type) {
	case int64:
		k.afterFirst = uint64(v)
		if k.by == byTime {
			k.afterFirst ^= 1 << 63
		}
	case []byte:
		k.afterText, k.afterFirst = v, prefix(v)
	case string:
		if k.by == byTime {
			k.afterText, k.afterFirst = []byte(v), prefix([]byte(v))
			return
		}
		for ; len(v) >= placeDigits; v = v[placeDigits:] {
			place, _ := strconv.Atoi(v[:placeDigits])
			k.afterPlaces = append(k.afterPlaces, place)
		}
		k.afterFirst = k.firstPlaces(k.afterPlaces)
	}
}

// firstPlaces returns the beginning of places as a number.
func (k *sortKey) firstPlaces(places []int) uint64 {
	switch {
	case len(places) == 0:
		return 0
	case k.values.shape != lists:
		return uint64(places[0])
	case len(places) == 1 || k.order.first:
		return uint64(places[0]) << 32
	}
	return uint64(places[0])<<32 | uint64(places[1]+1)
}

// takes reports whether a value can be one of the key's.
func (k *sortKey) takes(v any) bool {
	ok := v == nil
	switch v.(type) {
	case int64:
		ok = k.by == byTicked || k.by == byTime && k.column != createdTime
	case string:
		ok = k.by == byRanks || k.by == byAuthor || k.by == byTime && k.column == createdTime
	case []byte:
		ok = k.by == byKey
	}
	return ok
}

// rank finds the places of the words.
func (k *sortKey) rank() {
	known := make(map[string]int, len(k.ranks))
	for _, r := range k.ranks {
		known[string(r.Key)] = min(r.Place, maxPlace)
	}
	place := func(word []byte) int {
		if p, ok := known[string(word)]; ok {
			return p
		}
		return min(lastPlace(k.ranks), maxPlace)
	}
	k.places = append(k.places, -1)
	if k.fallback != nil {
		k.places[0] = place(k.fallback)
	}
	for _, word := range k.values.words {
		k.places = append(k.places, place(word))
	}
}

// first returns the beginning of the value of a slot as a number, in ascending order, and
// reports false when there is no value.
func (k *sortKey) first(slot int32) (uint64, bool) {
	c := k.values
	switch k.by {
	case byTicked:
		if c.filled(slot) {
			return 1, true
		}
		return 0, true
	case byRanks, byAuthor:
		if c.shape == lists {
			return k.firstOf(c.list(slot))
		}
		place := k.places[c.at[slot]]
		return uint64(max(place, 0)), place >= 0
	}
	if c.shape == words || c.shape == lists {
		return prefix(c.bytes(slot)), c.filled(slot)
	}
	return c.nums[slot], c.filled(slot)
}

// firstOf is first for a list of words.
func (k *sortKey) firstOf(list []uint32) (uint64, bool) {
	switch {
	case len(list) == 0:
		return uint64(max(k.places[0], 0)), k.places[0] >= 0
	case len(list) == 1 || k.order.first:
		return uint64(k.places[list[0]]) << 32, true
	}
	return uint64(k.places[list[0]])<<32 | uint64(k.places[list[1]]+1), true
}

// value returns the value of a slot as [Query.Find] does.
func (k *sortKey) value(slot int32) any {
	c := k.values
	switch k.by {
	case byTicked:
		n, _ := k.first(slot)
		return int64(n)
	case byRanks, byAuthor:
		return k.digits(slot)
	case byTime:
		if k.column == createdTime {
			return string(c.bytes(slot))
		}
		return int64(c.nums[slot] ^ 1<<63)
	}
	if !c.filled(slot) {
		return nil
	}
	return bytes.Clone(c.bytes(slot))
}

// digits returns the places of a slot as text.
func (k *sortKey) digits(slot int32) any {
	if !k.values.filled(slot) {
		if k.places[0] < 0 {
			return nil
		}
		return strings.Trim(digits(k.places[0]), "'")
	}
	list := []uint32{k.values.at[slot]}
	if k.values.shape == lists {
		list = k.values.list(slot)
	}
	if k.order.first {
		list = list[:1]
	}
	var text strings.Builder
	for _, code := range list {
		text.WriteString(strings.Trim(digits(k.places[code]), "'"))
	}
	return text.String()
}

// compare compares the values of two slots in the direction of the sort.
func (k *sortKey) compare(a, b int32) int {
	n, hasN := k.first(a)
	m, hasM := k.first(b)
	switch {
	case !hasN && !hasM:
		return 0
	case !hasM:
		return -1 // what has no value comes last
	case !hasN:
		return 1
	}
	order := cmp.Compare(n, m)
	if order == 0 {
		order = k.rest(a, b)
	}
	if k.descending {
		return -order
	}
	return order
}

// rest compares values that begin alike.
func (k *sortKey) rest(a, b int32) int {
	switch {
	case k.isList():
		return k.compareLists(k.values.list(a), k.values.list(b))
	case k.isText():
		return k.values.compare(a, b)
	}
	return 0
}

// isList and isText tell of values that are not known from their beginning.
func (k *sortKey) isList() bool {
	return k.by == byRanks && k.values.shape == lists && !k.order.first
}

func (k *sortKey) isText() bool {
	return (k.by == byKey || k.by == byTime) && k.values.shape != numbers
}

func (k *sortKey) compareLists(a, b []uint32) int {
	for i := range min(len(a), len(b)) {
		if order := cmp.Compare(k.places[a[i]], k.places[b[i]]); order != 0 {
			return order
		}
	}
	return cmp.Compare(len(a), len(b))
}

// placesOf returns the places of a list.
func (k *sortKey) placesOf(slot int32) []int {
	list := k.values.list(slot)
	places := make([]int, len(list))
	for i, code := range list {
		places[i] = k.places[code]
	}
	return places
}

// compareToAfter compares the value of a slot with the one after which the answer begins.
func (k *sortKey) compareToAfter(slot int32) int {
	first, has := k.first(slot)
	switch {
	case !has && k.after == nil:
		return 0
	case !has:
		return 1
	case k.after == nil:
		return -1
	}
	order := cmp.Compare(first, k.afterFirst)
	if order == 0 {
		order = k.restToAfter(slot)
	}
	if k.descending {
		return -order
	}
	return order
}

// restToAfter compares values that begin alike.
func (k *sortKey) restToAfter(slot int32) int {
	switch {
	case k.isList():
		return slices.Compare(k.placesOf(slot), k.afterPlaces)
	case k.isText():
		return bytes.Compare(k.values.bytes(slot), k.afterText)
	}
	return 0
}

// compare compares two rows.
func (r *ranking) compare(a, b int32) int {
	for i := range r.keys {
		if order := r.keys[i].compare(a, b); order != 0 {
			return order
		}
	}
	return r.tie * compareIDs(r.table.ids[a], r.table.ids[b])
}

// begun reports whether the answer has begun at a row: it comes after the place.
func (r *ranking) begun(slot int32) bool {
	if r.after == nil {
		return true
	}
	for i := range r.keys {
		if order := r.keys[i].compareToAfter(slot); order != 0 {
			return order > 0
		}
	}
	return r.tie*compareIDs(r.table.ids[slot], r.after.Page) > 0
}

// heap keeps the first rows of a ranking, the last of them on top.
type heap struct {
	*ranking
	limit   int
	slots   []int32
	worst   uint64 // the beginning of the first value of the last row
	isWorst bool   // there is one
}

// offer takes a row if it is among the first.
func (h *heap) offer(slot int32) {
	full := len(h.slots) == h.limit
	if full && h.isWorst && h.behind(slot) || !h.begun(slot) {
		return
	}
	if !full {
		h.slots = append(h.slots, slot)
		h.up(len(h.slots) - 1)
	} else if h.compare(slot, h.slots[0]) < 0 {
		h.slots[0] = slot
		h.down()
	}
	h.worst, h.isWorst = h.keys[0].first(h.slots[0])
}

// behind reports whether a row comes behind the last one by the beginning of its first value.
func (h *heap) behind(slot int32) bool {
	first, has := h.keys[0].first(slot)
	if !has {
		return true
	}
	if h.keys[0].descending {
		return first < h.worst
	}
	return first > h.worst
}

func (h *heap) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if h.compare(h.slots[i], h.slots[parent]) <= 0 {
			return
		}
		h.slots[i], h.slots[parent] = h.slots[parent], h.slots[i]
		i = parent
	}
}

func (h *heap) down() {
	for i := 0; ; {
		child := 2*i + 1
		if child >= len(h.slots) {
			return
		}
		if child+1 < len(h.slots) && h.compare(h.slots[child+1], h.slots[child]) > 0 {
			child++
		}
		if h.compare(h.slots[i], h.slots[child]) >= 0 {
			return
		}
		h.slots[i], h.slots[child] = h.slots[child], h.slots[i]
		i = child
	}
}

// found returns the rows in order.
func (h *heap) found() []Found {
	slices.SortFunc(h.slots, h.compare)
	found := make([]Found, len(h.slots))
	for i, slot := range h.slots {
		found[i] = Found{Page: notion.ID(h.table.ids[slot]), Values: make([]any, len(h.keys))}
		for j := range h.keys {
			found[i].Values[j] = h.keys[j].value(slot)
		}
	}
	return found
}
