package core

import (
	lists "container/list"
	"encoding/binary"
	"sync"
	"time"

	"octavo/internal/clock"
	"octavo/internal/notion"
	"octavo/internal/query"
)

// A reading is one client's way through the pages of an answer. A cursor says where in the
// order to go on, which is enough as long as no row changes its place: new rows and those
// that go come before the place or after it, and neither repeat nor lose another. When rows
// are sorted by what can be written, the reading also remembers which rows came, so that
// one that moves behind the place does not come twice, and one that moves before it comes at
// the end.
type reading struct {
	id uint64
	// began is when the first page was answered, revision that of the workspace then.
	began    time.Time
	revision int64

	mu sync.Mutex
	// came says of each row how many came before it.
	came map[notion.ID]int
}

// had reports whether a row is one of the first n that came.
func (g *reading) had(id notion.ID, n int) bool {
	if g == nil {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	at, ok := g.came[id]
	return ok && at < n
}

// readings are those that have not been gone on with for longest ago. What is forgotten, or
// was begun by another process, goes on by its place alone.
type readings struct {
	mu    sync.Mutex
	kept  map[uint64]*lists.Element
	order lists.List // of *reading, what was used last at the front
	rows  int        // that came, in all of them
}

// maxReadRows is how many rows all readings remember: some 50 bytes each.
const maxReadRows = 400_000

// find returns a reading, nil when it is not known.
func (r *readings) find(id uint64) *reading {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.kept[id]
	if e == nil {
		return nil
	}
	r.order.MoveToFront(e)
	return e.Value.(*reading)
}

// note remembers that rows came after the first n of a reading, and returns the reading with
// them: another one when the page after the first n has been read before.
func (r *readings) note(g *reading, n int, rows []readRow, newID func() uint64) *reading {
	r.mu.Lock()
	defer r.mu.Unlock()
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.came) > n {
		g = g.fork(n)
	}
	if g.id == 0 {
		g.id = newID()
	}
	for i := range rows {
		g.came[rows[i].page] = n + i
	}
	e := r.kept[g.id]
	if e == nil {
		if r.kept == nil {
			r.kept = map[uint64]*lists.Element{}
		}
		e = r.order.PushFront(g)
		r.kept[g.id] = e
		r.rows += n
	}
	r.rows += len(rows)
	for r.rows > maxReadRows {
		last := r.order.Remove(r.order.Back()).(*reading)
		delete(r.kept, last.id)
		r.rows -= len(last.came)
	}
	return g
}

// fork returns a reading of which n rows came and no more. The lock is held.
func (g *reading) fork(n int) *reading {
	other := &reading{began: g.began, revision: g.revision, came: make(map[notion.ID]int, n)}
	for id, at := range g.came {
		if at < n {
			other.came[id] = at
		}
	}
	return other
}

// progress is what a cursor knows of the pages before it.
type progress struct {
	rows int
	// cut says that there are more rows than the limit on all pages together.
	cut bool
	// reading is remembered to have had so many rows; 0 when there is none.
	reading uint64
	had     int
}

// memo returns the progress as a cursor keeps it.
func (p progress) memo() []byte {
	count := uint64(p.rows) << 1
	if p.cut {
		count |= 1
	}
	memo := binary.AppendUvarint(nil, count)
	if p.reading == 0 {
		return memo
	}
	memo = binary.AppendUvarint(memo, uint64(p.had))
	return binary.BigEndian.AppendUint64(memo, p.reading)
}

// progressOf reads what memo wrote, and reports false for anything else.
func progressOf(memo []byte) (p progress, ok bool) {
	const most = 1 << 40
	count, n := binary.Uvarint(memo)
	if n <= 0 || count > most {
		return p, false
	}
	p.rows, p.cut = int(count>>1), count&1 == 1
	if memo = memo[n:]; len(memo) == 0 {
		return p, true
	}
	had, n := binary.Uvarint(memo)
	if n <= 0 || had > most || len(memo) != n+8 {
		return p, false
	}
	p.had, p.reading = int(had), binary.BigEndian.Uint64(memo[n:])
	return p, true
}

// pageReader reads one page of an answer.
type pageReader struct {
	*rowSearch
	// after is the place that the page begins behind, nil for the first one.
	after *query.Found
	progress
	// of is the reading that the page belongs to, nil when no row can change its place or when
	// the reading is forgotten.
	of *reading
}

func (r *rowSearch) reader(after *query.Found, p progress) (*pageReader, error) {
	reader := &pageReader{rowSearch: r, after: after, progress: p}
	if r.query.Still() {
		return reader, nil
	}
	if reader.of = r.core.readings.find(p.reading); reader.of != nil || after != nil {
		return reader, nil // what is forgotten stays so: what came before would come again at the end
	}
	revision, err := r.tx.Revision()
	reader.had, reader.of = 0, &reading{began: r.tx.Now(), revision: revision, came: map[notion.ID]int{}}
	return reader, err
}

// readRow is a row of a page, and the place to go on from after it.
type readRow struct {
	page  notion.ID
	place *query.Found
}

// read returns up to limit rows.
func (r *pageReader) read(limit int) ([]readRow, error) {
	var rows []readRow
	at := r.after
	for len(rows) < limit {
		want := limit - len(rows)
		found, err := r.find(at, want)
		if err != nil {
			return nil, err
		}
		for i := range found {
			at = &found[i]
			if !r.of.had(at.Page, r.had) {
				rows = append(rows, readRow{at.Page, at})
			}
		}
		if len(found) < want {
			return r.missed(rows, at, limit)
		}
	}
	return rows, nil
}

// missed adds, to the last rows in order, those that have not come: they were behind the
// place of a cursor and are before it now. Rows that were made after the first page was read
// do not belong to them, or a reading would go on as long as there are more.
func (r *pageReader) missed(rows []readRow, end *query.Found, limit int) ([]readRow, error) {
	if r.of == nil || r.after == nil {
		return rows, nil
	}
	if revision, err := r.tx.Revision(); err != nil || revision == r.of.revision {
		return rows, err
	}
	const step = 1000
	here := make(map[notion.ID]bool, len(rows))
	for _, row := range rows {
		here[row.page] = true
	}
	var at *query.Found
	for {
		found, err := r.find(at, step)
		if err != nil {
			return nil, err
		}
		for i := range found {
			if len(rows) == limit {
				return rows, nil
			}
			at = &found[i]
			if id := at.Page; !here[id] && !r.of.had(id, r.had) && !clock.Time(id).After(r.of.began) {
				rows = append(rows, readRow{id, end})
			}
		}
		if len(found) < step {
			return rows, nil
		}
	}
}

// next returns the cursor after the rows of a page.
func (r *pageReader) next(rows []readRow) string {
	p := progress{rows: r.progress.rows + len(rows), cut: r.cut}
	if r.of != nil {
		of := r.core.readings.note(r.of, r.had, rows, r.core.readingID)
		p.reading, p.had = of.id, r.had+len(rows)
	}
	return r.query.Cursor(r.scope(), *rows[len(rows)-1].place, p.memo())
}

// readingID makes an id, not 0, that no other reading has, of an earlier process neither.
func (c *Core) readingID() uint64 {
	var b [8]byte
	c.ids.Secret(b[:])
	return max(binary.BigEndian.Uint64(b[:]), 1)
}
