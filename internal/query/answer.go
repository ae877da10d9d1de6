package query

import (
	"bytes"
	"slices"
	"sort"
	"sync"

	"octavo/internal/notion"
)

// Answer is what is known of the answer to a query that computes: its rows in order, from
// the first one on. It holds while nothing is written that the answer depends on, for who
// asked, and for a query that is [Query.Timed] as long as the minute is the same. The zero
// Answer is one of which nothing is known. It is safe for concurrent use.
type Answer struct {
	mu sync.Mutex
	// places holds the places of the rows one after the other, rows where each is.
	places []byte
	rows   []extent
	// whole says that there are no more rows.
	whole bool
	// last is the last row that was looked at, nil before the first one.
	last *Found
	// step is how many rows were looked at last.
	step int
}

// extent is where a place begins and ends.
type extent struct{ from, to int }

// Size returns how much memory the answer takes, about, in bytes.
func (a *Answer) Size() int {
	const overhead, each = 500, 16
	a.mu.Lock()
	defer a.mu.Unlock()
	return overhead + cap(a.places) + each*cap(a.rows)
}

func (a *Answer) place(i int) []byte { return a.places[a.rows[i].from:a.rows[i].to] }

func (a *Answer) add(sorts []order, row *Found) {
	from := len(a.places)
	a.places = appendPlace(a.places, sorts, row)
	a.rows = append(a.rows, extent{from, len(a.places)})
}

// Next is [Query.Find] for a query that computes. It takes from the answer what is known,
// and adds to it what is not.
func (q *Query) Next(db Database, rows Rows, known *Answer, after *Found, limit int) ([]Found, error) {
	known.mu.Lock()
	defer known.mu.Unlock()
	sorts := q.order()
	if slices.ContainsFunc(sorts, computedOrder) {
		if !known.whole {
			if err := q.collect(db, rows, known); err != nil {
				return nil, err
			}
		}
		return known.page(sorts, after, limit), nil
	}
	if after != nil && !known.reaches(sorts, after) {
		known = &Answer{last: after}
	}
	known.step = 0
	for !known.whole && known.missing(sorts, after, limit) > 0 {
		if err := q.extend(db, rows, known, after, limit); err != nil {
			return nil, err
		}
	}
	return known.page(sorts, after, limit), nil
}

// begin returns which of the known rows is the first after a place.
func (a *Answer) begin(sorts []order, after *Found) int {
	if after == nil {
		return 0
	}
	place := appendPlace(nil, sorts, after)
	return sort.Search(len(a.rows), func(i int) bool { return bytes.Compare(a.place(i), place) > 0 })
}

// reaches reports whether all rows up to a place are known.
func (a *Answer) reaches(sorts []order, after *Found) bool {
	if a.whole || a.last == nil {
		return a.whole
	}
	return bytes.Compare(appendPlace(nil, sorts, a.last), appendPlace(nil, sorts, after)) >= 0
}

func (a *Answer) missing(sorts []order, after *Found, limit int) int {
	return limit - (len(a.rows) - a.begin(sorts, after))
}

func (a *Answer) page(sorts []order, after *Found, limit int) []Found {
	begin := a.begin(sorts, after)
	end := min(begin+limit, len(a.rows))
	found := make([]Found, 0, end-begin)
	for i := begin; i < end; i++ {
		found = append(found, readPlace(a.place(i), sorts))
	}
	return found
}

const (
	// firstStep is how many rows are looked at first in search of as many as are asked for,
	// each time that many times more, up to maxStep: rows that have to be sorted before the
	// first is known should not be sorted often.
	firstStep, growth = 4, 4
	maxStep           = 1 << 17
)

// extend looks at the next rows in the order of the answer, until as many are known as are
// asked for after a place.
func (q *Query) extend(db Database, rows Rows, known *Answer, after *Found, limit int) error {
	sorts := q.order()
	plain := &Query{filter: q.filter, sorts: q.sorts}
	known.step = min(max(firstStep*limit, growth*known.step), maxStep)
	found, err := plain.Find(db, rows, known.last, known.step)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(found, batchRows) {
		if known.missing(sorts, after, limit) <= 0 {
			return nil
		}
		pass, err := q.batch(db, rows, pages(some)).passing()
		if err != nil {
			return err
		}
		for _, i := range pass {
			known.add(sorts, &some[i])
		}
		known.last = &some[len(some)-1]
	}
	known.whole = len(found) < known.step
	return nil
}

func pages(found []Found) []notion.ID {
	ids := make([]notion.ID, len(found))
	for i := range found {
		ids[i] = found[i].Page
	}
	return ids
}

// collect looks at all rows, and puts those that pass in order.
func (q *Query) collect(db Database, rows Rows, known *Answer) error {
	const step = 8 * batchRows
	sorts := q.order()
	whole := Answer{whole: true}
	plain := &Query{filter: q.filter}
	var last *Found
	for {
		found, err := plain.Find(db, rows, last, step)
		if err != nil {
			return err
		}
		for some := range slices.Chunk(found, batchRows) {
			if err := q.collectSome(db, rows, &whole, sorts, pages(some)); err != nil {
				return err
			}
		}
		if len(found) < step {
			break
		}
		last = &found[step-1]
	}
	slices.SortFunc(whole.rows, func(a, b extent) int {
		return bytes.Compare(whole.places[a.from:a.to], whole.places[b.from:b.to])
	})
	known.places, known.rows, known.whole = whole.places, whole.rows, true
	return nil
}

// collectSome adds those of some rows that pass.
func (q *Query) collectSome(db Database, rows Rows, whole *Answer, sorts []order, ids []notion.ID) error {
	b := q.batch(db, rows, ids)
	pass, err := b.passing()
	if err != nil || len(pass) == 0 {
		return err
	}
	values, err := b.sortValues(sorts, pass)
	if err != nil {
		return err
	}
	for n, i := range pass {
		whole.add(sorts, &Found{Page: ids[i], Values: values[n]})
	}
	return nil
}

// sortValues returns what some rows are sorted by.
func (b *batch) sortValues(sorts []order, of []int) ([][]any, error) {
	values, err := b.storedValues(sorts, of)
	if err != nil {
		return nil, err
	}
	for s := range sorts {
		if !computedOrder(sorts[s]) {
			continue
		}
		results, err := b.results(sorts[s].of, of)
		if err != nil {
			return nil, err
		}
		for n, i := range of {
			values[n][s] = sorts[s].valueOf(results[i])
		}
	}
	return values, nil
}

// storedValues reads those of the values that the database knows.
func (b *batch) storedValues(sorts []order, of []int) ([][]any, error) {
	values := make([][]any, len(of))
	for n := range values {
		values[n] = make([]any, len(sorts))
	}
	var stored []int
	for s := range sorts {
		if !computedOrder(sorts[s]) {
			stored = append(stored, s)
		}
	}
	if len(stored) == 0 {
		return values, nil
	}
	found, err := b.db.Find(b.storedText(sorts, stored, of))
	if err != nil {
		return nil, err
	}
	byPage := make(map[notion.ID][]any, len(found))
	for _, f := range found {
		byPage[f.Page] = f.Values
	}
	for n, i := range of {
		for k, s := range stored {
			if row := byPage[b.ids[i]]; row != nil {
				values[n][s] = row[k]
			}
		}
	}
	return values, nil
}

func (b *batch) storedText(sorts []order, stored, of []int) (text string, args []any, values int) {
	w := newWriter(b.rows)
	w.page = "b.id"
	keys := make([]key, len(stored))
	for k, s := range stored {
		keys[k] = w.key(&sorts[s], k)
	}
	w.add("SELECT b.id")
	for _, k := range keys {
		w.add(", " + k.text)
	}
	w.add(" FROM block b")
	for k, s := range stored {
		if sorts[s].joins(k) {
			w.add(keyJoin(k), sorts[s].property)
		}
	}
	w.add(" WHERE b.workspace_id = $1" + w.anySource() + " AND b.id IN ")
	w.list(b.ids, of)
	return w.text.String(), w.args, len(stored)
}
