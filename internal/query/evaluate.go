package query

import (
	"bytes"
	"slices"
	"strings"

	"octavo/internal/notion"
	"octavo/internal/property"
)

// batchRows is how many rows are evaluated together.
const batchRows = 1000

// batch evaluates what the database does not know for some rows. Parts of a filter go through
// all rows that are still undecided before the next part does, so that whatever is read for
// them is read in one go.
type batch struct {
	query *Query
	db    Database
	rows  Rows
	ids   []notion.ID
	// known holds the results computed so far, by property and place of the row.
	known map[*property.Property][]*property.Result
}

func (q *Query) batch(db Database, rows Rows, ids []notion.ID) *batch {
	return &batch{query: q, db: db, rows: rows, ids: ids, known: map[*property.Property][]*property.Result{}}
}

// passing returns the places of the rows that pass the computed part of the filter.
func (b *batch) passing() ([]int, error) {
	left := make([]int, len(b.ids))
	for i := range left {
		left[i] = i
	}
	var err error
	for _, n := range b.query.computed {
		if left, err = b.pass(n, left); err != nil {
			return nil, err
		}
	}
	return left, nil
}

// pass returns those of some rows that pass a node, in their order.
func (b *batch) pass(n node, of []int) ([]int, error) {
	if len(of) == 0 {
		return nil, nil
	}
	switch n := n.(type) {
	case derived:
		return b.derived(n, of)
	case not:
		some, err := b.pass(n.of, of)
		return without(of, some), err
	case group:
		if apart(n) {
			return b.group(n, of)
		}
	}
	return b.ask(n, of)
}

func (b *batch) group(g group, of []int) ([]int, error) {
	left := of
	for _, part := range g.of {
		some, err := b.pass(part, left)
		if err != nil {
			return nil, err
		}
		if g.any {
			some = without(left, some)
		}
		left = some
	}
	if g.any {
		return without(of, left), nil
	}
	return left, nil
}

// without returns a list of places in order without those of another.
func without(all, some []int) []int {
	left := make([]int, 0, len(all)-len(some))
	for _, i := range all {
		if len(some) > 0 && some[0] == i {
			some = some[1:]
			continue
		}
		left = append(left, i)
	}
	return left
}

// ask lets the database tell which of some rows pass a node.
func (b *batch) ask(n node, of []int) ([]int, error) {
	w := newWriter(b.rows)
	w.fence(n)
	w.page = "b.id"
	w.add("SELECT b.id FROM block b WHERE b.workspace_id = $1" + w.anySource() + " AND b.id IN ")
	w.list(b.ids, of)
	w.add(" AND ")
	w.condition(n)
	found, err := b.db.Find(w.text.String(), w.args, 0)
	if err != nil {
		return nil, err
	}
	pass := make(map[notion.ID]bool, len(found))
	for _, f := range found {
		pass[f.Page] = true
	}
	return slices.DeleteFunc(slices.Clone(of), func(i int) bool { return !pass[b.ids[i]] }), nil
}

// anySource writes a condition that all rows meet: PostgreSQL wants to see what type the
// argument has that stands for the data source, also when nothing else asks about it.
func (w *writer) anySource() string { return " AND NOT (b.parent_id <> $2)" }

// list writes the ids at some places as a list. It is filled up to a power of two, so that
// few different texts have to be prepared.
func (w *writer) list(ids []notion.ID, of []int) {
	size := 1
	for size < len(of) {
		size *= 2
	}
	for i := range size {
		w.add([]string{",?", "(?"}[max(0, 1-i)], ids[of[min(i, len(of)-1)]][:])
	}
	w.add(")")
}

// derived tells which of some rows pass a node by their results.
func (b *batch) derived(n derived, of []int) ([]int, error) {
	results, err := b.results(n.property, of)
	if err != nil {
		return nil, err
	}
	var pass []int
	for _, i := range of {
		if n.holds(results[i]) {
			pass = append(pass, i)
		}
	}
	return pass, nil
}

// results computes a property for some rows, and returns what is known of it by place.
func (b *batch) results(prop *property.Property, of []int) ([]*property.Result, error) {
	known := b.known[prop]
	if known == nil {
		known = make([]*property.Result, len(b.ids))
		b.known[prop] = known
	}
	var places []int
	var ids []notion.ID
	for _, i := range of {
		if known[i] == nil {
			places, ids = append(places, i), append(ids, b.ids[i])
		}
	}
	if len(ids) == 0 {
		return known, nil
	}
	computed, err := b.query.results(prop, ids)
	if err != nil {
		return nil, err
	}
	for n, i := range places {
		known[i] = &computed[n]
	}
	return known, nil
}

func (n *derived) holds(r *property.Result) bool {
	if !n.elements {
		return n.holdsOf(r)
	}
	for _, e := range r.Elements() {
		if n.of == nil || n.holdsOf(&e) {
			return true
		}
	}
	return false
}

func (n *derived) holdsOf(r *property.Result) bool {
	if r.Kind != n.kind {
		return holds(n.of, nil)
	}
	return holds(n.of, r.Cells())
}

// holds tells whether cells pass a node as the database would tell it of cells in the index.
func holds(n node, of []property.Cell) bool {
	switch n := n.(type) {
	case not:
		return !holds(n.of, of)
	case group:
		for _, part := range n.of {
			if holds(part, of) == n.any {
				return n.any
			}
		}
		return !n.any || len(n.of) == 0
	case cells:
		return slices.ContainsFunc(of, n.test.holds)
	}
	return false
}

// holds is what [writer.test] writes. The keys that come with a text are for the index alone.
func (t *test) holds(c property.Cell) bool {
	return t.textHolds(storable(c.Text)) && t.keyHolds(c) &&
		(t.day == nil || *t.day == c.Day) && (t.ends == nil || t.ends.holds(c.To))
}

func (t *test) keyHolds(c property.Cell) bool {
	if t.text != noTextTest || t.keys == nil && t.low == nil && t.high == nil {
		return true
	}
	key := Key(c)
	return (t.keys == nil || slices.ContainsFunc(t.keys, func(k []byte) bool { return bytes.Equal(k, key) })) &&
		(t.low == nil || bytes.Compare(key, t.low) >= 0) && (t.high == nil || bytes.Compare(key, t.high) < 0)
}

func (t *test) textHolds(folded string) bool {
	switch t.text {
	case equals:
		return folded == t.operand
	case contains:
		return strings.Contains(folded, t.operand)
	case startsWith:
		return strings.HasPrefix(folded, t.operand)
	case endsWith:
		return strings.HasSuffix(folded, t.operand)
	}
	return true
}

func (e *end) holds(to *int64) bool {
	if to == nil {
		return !e.before
	}
	return *to < e.at == e.before
}

// valueOf returns what a row with a result is sorted by: what the key would be if the result
// were in the index, nil for none. Results that can be of several kinds are sorted by kind
// first.
func (o *order) valueOf(r *property.Result) any {
	ticked := int64(0)
	if r.Kind == property.BooleanResult && r.Value.True() {
		ticked = 1
	}
	if len(o.kinds) == 1 && o.kinds[0] == property.BooleanResult {
		return ticked
	}
	var key []byte
	switch found := r.Cells(); {
	case !slices.Contains(o.kinds, r.Kind):
		return nil
	case r.Kind == property.BooleanResult && !r.Value.IsNull():
		key = []byte{byte(ticked)}
	case len(found) == 0:
		return nil
	default:
		key = Key(found[0])
	}
	if len(o.kinds) == 1 {
		return key
	}
	return append([]byte{kindPlaces[r.Kind]}, key...)
}

// kindPlaces is the order of results of several kinds.
var kindPlaces = map[property.ResultKind]byte{
	property.NumberResult: 1, property.DateResult: 2, property.StringResult: 3, property.BooleanResult: 4,
}
