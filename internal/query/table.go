package query

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"

	"octavo/internal/notion"
)

// Table is a copy in memory of what queries ask of the rows of one data source that are
// not in the trash, not archived and no templates. It has only the parts that were loaded, and is as the
// database was when it was loaded or updated last. It answers what an index of the database
// cannot: rows that pass several conditions of which none is rare.
//
// Reading it at the same time is safe, changing it is not.
type Table struct {
	rows Rows
	// ids are the pages by slot, in order up to sorted; later has the slots of the others.
	ids    []notion.ID
	sorted int
	later  map[notion.ID]int32
	// gone marks slots of pages that are no rows any more.
	gone    []bool
	missing int // how many are gone
	columns map[Part]*vector
}

// Part names one thing that queries ask of rows.
type Part struct {
	property string // raw id; "" for what the page itself has
	aspect   aspect
	shape    shape
	// made tells apart the cells of a formula that were made at different times: no line of
	// the log says when.
	made string
}

// OfSchema reports whether the part is of a property that a change of the schema may take
// away.
func (p Part) OfSchema() bool { return p.property != "" }

// aspect says what of a cell or a page.
type aspect string

const (
	keyAspect    aspect = "key"
	foldedAspect aspect = "folded"
	dayAspect    aspect = "CASE WHEN whole_day THEN 1 ELSE 0 END"
	endAspect    aspect = "to_time"
	placeAspect  aspect = "ord" // of the page; its times and authors are columns
)

// isNumber says that an aspect is read as an integer.
func (a aspect) isNumber() bool {
	return a == dayAspect || a == endAspect || a == aspect(createdTime) || a == aspect(lastEditedTime)
}

// Item is a row of an answer: of a page, what is at a place in one of its values.
type Item struct {
	Page notion.ID
	Seq  int64
	// Bytes is the value; it may be overwritten by the next item. Number is it when it was
	// asked for as an integer. Absent says that it is NULL.
	Bytes  []byte
	Number int64
	Absent bool
}

// ErrTooLarge says that a table has not the room for what is to be loaded.
var ErrTooLarge = errors.New("query: the table is too large")

// idSize is what a slot takes besides columns.
const idSize = 16 + 1

// LoadTable reads which rows there are. Room is in bytes.
func LoadTable(db Database, rows Rows, room int) (*Table, error) {
	t := &Table{rows: Rows{Workspace: rows.Workspace, Source: rows.Source}, later: map[notion.ID]int32{}, columns: map[Part]*vector{}}
	w := newWriter(t.rows)
	w.add("SELECT b.id, 0, 0 FROM block b WHERE ")
	w.live()
	err := db.Items(w.text.String(), w.args, true, func(it *Item) error {
		t.ids = append(t.ids, it.Page)
		if len(t.ids)*idSize > room {
			return ErrTooLarge
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(t.ids, compareIDs)
	t.sorted = len(t.ids)
	t.gone = make([]bool, len(t.ids))
	return t, nil
}

func compareIDs(a, b notion.ID) int { return slices.Compare(a[:], b[:]) }

// live writes the condition that makes a block one of the rows of a table.
func (w *writer) live() {
	w.row()
	w.shown()
}

// Len returns how many rows there are.
func (t *Table) Len() int { return len(t.ids) - t.missing }

// Size returns about how many bytes the table takes.
func (t *Table) Size() int {
	const perLater = 40
	size := len(t.ids)*idSize + len(t.later)*perLater
	for _, c := range t.columns {
		size += c.size()
	}
	return size
}

// Has reports whether the table has all of the parts.
func (t *Table) Has(parts []Part) bool {
	for _, p := range parts {
		if t.columns[p] == nil {
			return false
		}
	}
	return true
}

// Forget drops the parts that a function chooses, and reports whether there were any.
func (t *Table) Forget(drop func(Part) bool) bool {
	before := len(t.columns)
	maps.DeleteFunc(t.columns, func(p Part, _ *vector) bool { return drop(p) })
	return len(t.columns) < before
}

// Load reads a part. The database must be as it was when the table was loaded or updated
// last. Room is in bytes, for the whole table.
func (t *Table) Load(db Database, p Part, room int) error {
	c := newVector(p.shape)
	c.grow(len(t.ids))
	left := room - t.Size()
	if c.size() > left {
		return ErrTooLarge
	}
	if err := t.read(db, p, c, nil, left); err != nil {
		return err
	}
	t.columns[p] = c
	return nil
}

// read reads a part of all rows, or of some, into a column.
func (t *Table) read(db Database, p Part, c *vector, some []notion.ID, room int) error {
	w := newWriter(t.rows)
	if p.property == "" {
		w.add("SELECT b.id, 0, b." + string(p.aspect) + " FROM block b WHERE ")
		w.live()
		w.among("b.id", some)
	} else {
		w.add("SELECT page_id, seq, "+string(p.aspect)+" FROM cell WHERE workspace_id = $1 AND data_source_id = $2 AND property_id = ?", p.property)
		w.among("page_id", some)
		w.add(" ORDER BY page_id, seq")
	}
	last := int32(-1)
	n := 0
	return db.Items(w.text.String(), w.args, p.aspect.isNumber(), func(it *Item) error {
		slot, known := t.slot(it.Page, last)
		// A page that is in the trash keeps its cells, and a key may be of no bytes.
		if !known || t.gone[slot] || it.Absent && p.aspect != keyAspect {
			return nil
		}
		last = slot
		const often = 1000
		if n++; n%often == 0 && c.size() > room {
			return ErrTooLarge
		}
		return c.put(slot, it.Seq, it.value(p))
	})
}

func (it *Item) value(p Part) []byte {
	switch {
	case !p.aspect.isNumber():
		return it.Bytes
	case p.shape == numbers:
		return TimeKey(it.Number)
	}
	return []byte{byte(it.Number)}
}

// among writes the condition that an id is one of some, if there are any.
func (w *writer) among(id string, some []notion.ID) {
	if some == nil {
		return
	}
	w.add(" AND "+id+" IN (?", some[0][:])
	for i := range some[1:] {
		w.add(", ?", some[1+i][:])
	}
	w.add(")")
}

// slot returns the slot of a page, which is likely to be behind a certain one.
func (t *Table) slot(id notion.ID, before int32) (int32, bool) {
	if next := int(before) + 1; next < t.sorted && t.ids[next] == id {
		return int32(next), true
	}
	if before >= 0 && t.ids[before] == id {
		return before, true
	}
	if i, found := slices.BinarySearchFunc(t.ids[:t.sorted], id, compareIDs); found {
		return int32(i), true
	}
	slot, found := t.later[id]
	return slot, found
}

// updateSize is how many pages are read anew in one statement.
const updateSize = 64

// Update reads some pages anew, which may be rows or not, and makes the table as the
// database is when they are all that has changed.
func (t *Table) Update(db Database, pages []notion.ID) error {
	for some := range slices.Chunk(pages, updateSize) {
		if err := t.update(db, padded(some)); err != nil {
			return err
		}
	}
	return nil
}

// padded repeats the last id up to a power of two, so that few different texts have to be
// prepared.
func padded(ids []notion.ID) []notion.ID {
	size := 1
	for size < len(ids) {
		size *= 2
	}
	all := slices.Clone(ids)
	for len(all) < size {
		all = append(all, ids[len(ids)-1])
	}
	return all
}

func (t *Table) update(db Database, pages []notion.ID) error {
	w := newWriter(t.rows)
	w.add("SELECT b.id, 0, 0 FROM block b WHERE ")
	w.live()
	w.among("b.id", pages)
	var rows []notion.ID
	err := db.Items(w.text.String(), w.args, true, func(it *Item) error {
		rows = append(rows, it.Page)
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range pages {
		if slot, known := t.slot(id, -1); known {
			t.remove(slot)
		}
	}
	for _, id := range rows {
		t.insert(id)
	}
	if len(rows) == 0 {
		return nil
	}
	rows = padded(rows)
	for p, c := range t.columns {
		if err := t.read(db, p, c, rows, maxText); err != nil {
			return err
		}
	}
	return nil
}

// remove takes a page out of the rows, with its values.
func (t *Table) remove(slot int32) {
	if t.gone[slot] {
		return
	}
	t.gone[slot] = true
	t.missing++
	for _, c := range t.columns {
		c.clear(slot)
	}
}

// insert makes a page a row without values.
func (t *Table) insert(id notion.ID) {
	slot, known := t.slot(id, -1)
	if !known {
		slot = int32(len(t.ids))
		t.ids, t.gone, t.later[id] = append(t.ids, id), append(t.gone, true), slot
		t.missing++
		for _, c := range t.columns {
			c.grow(len(t.ids))
		}
	}
	if t.gone[slot] {
		t.gone[slot] = false
		t.missing--
	}
}

// Worn reports whether so much has changed that the table is better loaded anew.
func (t *Table) Worn() bool {
	const spare = 1000
	wasted := 0
	for _, c := range t.columns {
		wasted += c.wasted
	}
	return t.missing+len(t.later) > len(t.ids)/4+spare || wasted > t.Size()/4+spare*idSize
}

// uint64Of is the number of eight bytes.
func uint64Of(key []byte) uint64 { return binary.BigEndian.Uint64(key) }
