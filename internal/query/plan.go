package query

import (
	"slices"
	"strconv"

	"octavo/internal/notion"
)

// Database runs statements.
type Database interface {
	// Find runs a statement whose columns are the id of a page and then so many values, each
	// nil, an int64, a string or bytes.
	Find(text string, args []any, values int) ([]Found, error)
	// Items runs a statement whose columns are the id of a page, a place and a value, which
	// is an integer or else text or bytes.
	Items(text string, args []any, integers bool, row func(*Item) error) error
	// Count runs a statement that yields one number.
	Count(text string, args []any) (int, error)
}

// Found is a row of an answer: a page and its place in the order.
type Found struct {
	Page   notion.ID
	Values []any
}

// few is how many rows are few enough to look at all of them. Beyond, going through the
// rows in the order of the answer finds a page of them sooner.
const few = 1000

// rare is how many rows are looked at in less time than a table takes.
const rare = 100

// Find returns up to limit rows in order: those after a place, or from the beginning when
// it is nil.
func (q *Query) Find(db Database, rows Rows, after *Found, limit int) ([]Found, error) {
	found, _, err := q.Search(db, rows, after, limit)
	return found, err
}

// Search is Find, and tells besides whether rows had to be looked at one after the other,
// which a [Table] does faster.
func (q *Query) Search(db Database, rows Rows, after *Found, limit int) (found []Found, walked bool, err error) {
	if q.Computes() {
		found, err = q.Next(db, rows, &Answer{}, after, limit)
		return found, false, err
	}
	s := &search{db: db, rows: rows, filter: q.filter, sorts: q.order(), after: after, limit: limit}
	found, err = s.run()
	return found, s.walked, err
}

// order is the order of the answer. Without sorts it is by the time of creation, newest
// first. What comes after the time of creation decides nothing, since no two rows share it
// (store.RowOrder).
func (q *Query) order() []order {
	i := slices.IndexFunc(q.sorts, func(o order) bool { return o.by == byTime && o.column == createdTime })
	switch {
	case len(q.sorts) == 0:
		return []order{{by: byTime, column: createdTime, descending: true}}
	case i >= 0:
		return q.sorts[:i+1]
	}
	return q.sorts
}

// Still reports whether no row can change its place in the answer.
func (q *Query) Still() bool { return q.order()[0].column == createdTime }

// search is one call of Find.
type search struct {
	db     Database
	rows   Rows
	filter node
	sorts  []order
	after  *Found
	limit  int
	walked bool
}

func (s *search) run() ([]Found, error) {
	driver, rows, err := s.driver()
	if err != nil {
		return nil, err
	}
	indexed := s.sorts[0].by == byKey || s.sorts[0].by == byTime
	s.walked = driver == nil && (s.filter != nil || !indexed) || rows > rare
	if driver != nil || s.sorts[0].by != byKey {
		return s.find(driver, everyRow)
	}
	// Rows with a value come first, in the order of the index; then the others.
	var found []Found
	if s.after == nil || s.after.Values[0] != nil {
		if found, err = s.find(nil, withFirst); err != nil || len(found) == s.limit {
			return found, err
		}
		s.after = nil
	}
	s.limit -= len(found)
	rest, err := s.find(nil, withoutFirst)
	return append(found, rest...), err
}

// driver returns the part of the filter that few rows pass, and how many do, nil when there
// is none: that part is then asked for first, and what it yields is checked and sorted.
func (s *search) driver() (best node, rows int, err error) {
	least := few
	for _, n := range conjuncts(s.filter) {
		w := newWriter(s.rows)
		w.add("SELECT COUNT(*) FROM (")
		if !w.pages(n) {
			continue
		}
		w.add(" LIMIT ?) t", few)
		count, err := s.db.Count(w.text.String(), w.args)
		if err != nil {
			return nil, 0, err
		}
		if count < least {
			best, least, rows = n, count, count
		}
		if count == 0 {
			break
		}
	}
	return best, rows, nil
}

// conjuncts returns the parts that must all hold.
func conjuncts(n node) []node {
	g, isGroup := n.(group)
	switch {
	case n == nil:
		return nil
	case !isGroup || g.any && len(g.of) != 1:
		return []node{n}
	}
	var all []node
	for _, part := range g.of {
		all = append(all, conjuncts(part)...)
	}
	return all
}

// pages writes a SELECT of the pages that pass a node, as page_id, and reports false for a
// node that no index answers.
func (w *writer) pages(n node) bool {
	switch n := n.(type) {
	case cells:
		if !n.indexed() {
			return false
		}
		t := w.name()
		distinct := ""
		if n.many {
			distinct = "DISTINCT "
		}
		w.add("SELECT " + distinct + t + ".page_id FROM cell " + t)
		w.cell(t, n.property)
		if n.test.text == noTextTest {
			w.test(t, n.test)
			return true
		}
		// First those with the key, from the index alone; then their texts. In one step SQLite
		// reads the texts of all rows.
		w.test(t, test{keys: n.test.keys})
		w.add(" AND ")
		outer := w.page
		w.page = t + ".page_id"
		w.cells(n)
		w.page = outer
		return true
	case linked:
		if n.page.IsZero() {
			return false
		}
		w.add("SELECT r.from_id AS page_id FROM relation r WHERE r.workspace_id = $1 AND r.to_id = ? AND r.data_source_id = $2 AND r.property_id = ?",
			n.page[:], n.relation.Property)
		return true
	case related:
		return w.relatedPages(n)
	case within:
		if n.column != lastEditedTime {
			return false
		}
		w.add("SELECT b.id AS page_id FROM block b WHERE ")
		w.row()
		w.add(edited + " AND ")
		w.within(n)
		return true
	}
	return false
}

// edited is the condition of the index of rows by when they were edited.
const edited = " AND b.page_id < b.parent_id"

// row writes the condition that makes a block a row of the data source.
func (w *writer) row() {
	w.add("b.workspace_id = $1 AND b.parent_id = $2 AND b.in_trash = " + constant(w.rows.InTrash))
}

// part says which of the rows a statement is about when they are sorted by a key first.
type part uint8

const (
	everyRow     part = iota
	withFirst         // rows that have the key, in the order of the index
	withoutFirst      // rows that do not
)

// find runs one statement.
func (s *search) find(driver node, of part) ([]Found, error) {
	w := newWriter(s.rows)
	w.fence(s.filter)
	w.page = "b.id"
	if of == withFirst {
		w.page = "s0.page_id"
	}
	keys := make([]key, len(s.sorts))
	for i := range s.sorts {
		keys[i] = w.key(&s.sorts[i], i)
	}
	switch of {
	case withFirst:
		keys[0].nullable = false
	case withoutFirst:
		keys[0] = key{isNull: true}
	}
	w.add("SELECT b.id")
	for _, k := range keys {
		if k.isNull {
			w.add(", NULL")
			continue
		}
		w.add(", " + k.text)
	}
	w.add(" FROM ")
	if driver != nil {
		w.add("(")
		w.pages(driver)
		w.add(") d CROSS JOIN ")
	}
	if of == withFirst {
		w.add("cell s0 CROSS JOIN ")
	}
	w.add("block b")
	for i, o := range s.sorts {
		if o.joins(i) && (i > 0 || of == everyRow) {
			w.add(keyJoin(i), o.property)
		}
	}
	w.add(" WHERE ")
	w.row()
	if driver != nil {
		w.add(" AND b.id = d.page_id")
	}
	first := s.sorts[0]
	switch {
	case of == withFirst:
		w.add(" AND s0.workspace_id = $1 AND s0.data_source_id = $2 AND s0.property_id = ? AND s0.seq = 0 AND b.id = s0.page_id", first.property)
	case of == withoutFirst:
		w.add(" AND ")
		w.condition(not{cells{property: first.property}})
	case first.by == byTime && first.column == lastEditedTime:
		w.add(edited)
	}
	for _, n := range conjuncts(s.filter) {
		w.add(" AND ")
		w.condition(n)
	}
	w.shown()
	if s.after != nil {
		w.beyond(keys, s.after)
	}
	w.add(" ORDER BY ")
	for _, k := range keys {
		if !k.isNull {
			w.add(k.text + k.direction())
			w.add(", ")
		}
	}
	w.add("b.id"+tieDirection(keys[0])+" LIMIT ?", s.limit)
	return s.db.Find(w.text.String(), w.args, len(keys))
}

// shown writes the condition that a row is one of those that queries show: archived or not
// as asked, and no template of the data source.
func (w *writer) shown() {
	not := "NOT "
	if w.rows.Archived {
		not = ""
	}
	w.add(" AND b.id " + not + "IN (SELECT a.id FROM page a WHERE a.workspace_id = $1 AND a.is_archived = TRUE)")
	w.add(" AND b.id NOT IN " + templates("$2"))
}

// templates is the list of the pages that are marked as templates of a data source. A list,
// and not a look at each row: both databases read it once for a statement.
func templates(source string) string {
	return "(SELECT m.page_id FROM page_template m WHERE m.workspace_id = $1 AND m.data_source_id = " + source + ")"
}

// key is what rows are sorted by as an expression.
type key struct {
	text       string
	descending bool
	nullable   bool
	// isNull says that the key is absent in all rows of the statement.
	isNull bool
	// total says that no two rows have the same.
	total bool
}

func (k key) direction() string {
	text := " ASC"
	if k.descending {
		text = " DESC"
	}
	if k.nullable {
		text += " NULLS LAST"
	}
	return text
}

// tieDirection is the direction of the ids after the keys: the newest first, but in the
// direction of the index where no two rows tie anyway.
func tieDirection(first key) string {
	if first.total && !first.descending {
		return " ASC"
	}
	return " DESC"
}

// maxJoins is how many keys are joined to the rows. SQLite joins 64 tables at most; further
// keys are looked up row by row.
const maxJoins = 32

// joins reports whether the i-th order takes its key from a table that is joined.
func (o *order) joins(i int) bool { return o.by == byKey && i < maxJoins }

func keyJoin(i int) string {
	s := "s" + strconv.Itoa(i)
	return " LEFT JOIN cell " + s + " ON " + s + ".workspace_id = $1 AND " + s + ".data_source_id = $2 AND " + s +
		".property_id = ? AND " + s + ".page_id = b.id AND " + s + ".seq = 0"
}

// key writes the expression of one sort. Its arguments are numbered, so that the text can
// stand in several places.
func (w *writer) key(o *order, i int) key {
	k := key{descending: o.descending}
	switch o.by {
	case byKey:
		k.text, k.nullable = "s"+strconv.Itoa(i)+".key", true
		if !o.joins(i) {
			k.text = w.fragment(func() {
				w.add("(SELECT m.key FROM cell m")
				w.cell("m", o.property)
				w.add(" AND m.page_id = b.id AND m.seq = 0)")
			})
		}
	case byTime:
		k.text = "b." + string(o.column)
		if o.column == createdTime {
			k.text, k.total = "b.ord", true
		}
	case byTicked:
		k.text = w.fragment(func() {
			w.add("CASE WHEN ")
			w.condition(cells{property: o.property})
			w.add(" THEN 1 ELSE 0 END")
		})
	case byRanks:
		k.text = w.fragment(func() { w.ranks(o) })
		k.nullable = o.fallback == nil
	case byAuthor:
		k.text = w.fragment(func() { w.places("b."+string(o.column), o.ranks) })
	case byRelated:
		k.text, k.nullable = w.fragment(func() { w.relatedTitle(o.relation) }), true
	}
	return k
}

// fragment returns what a function adds in place of adding it.
func (w *writer) fragment(f func()) string {
	before := w.text.String()
	w.text.Reset()
	f()
	text := w.text.String()
	w.text.Reset()
	w.text.WriteString(before)
	return text
}

// relatedTitle writes the key of the title of the first related page.
func (w *writer) relatedTitle(relation Relation) {
	if relation.Sight == SeesNone {
		w.add("NULL")
		return
	}
	r, p := w.name(), w.name()
	w.add("(SELECT (SELECT c.key FROM cell c WHERE c.workspace_id = $1 AND c.data_source_id = " + p + ".parent_id" +
		" AND c.property_id = 'title' AND c.page_id = " + r + ".to_id AND c.seq = 0)")
	w.links(r, p, relation)
	w.add(" ORDER BY " + r + ".ord LIMIT 1)")
}

// ranks writes the places of the keys of a value, one after the other, in digits.
func (w *writer) ranks(o *order) {
	if o.fallback != nil {
		w.add("COALESCE(")
	}
	w.add("(SELECT string_agg(")
	w.places("m.key", o.ranks)
	w.add(", '' ORDER BY m.seq) FROM cell m")
	w.cell("m", o.property)
	w.add(" AND m.page_id = b.id")
	if o.first {
		w.add(" AND m.seq = 0")
	}
	w.add(")")
	if o.fallback != nil {
		w.add(", " + digits(placeOf(o.ranks, o.fallback)) + ")")
	}
}

// places writes the place of a key. Halving the list keeps long ones fast.
func (w *writer) places(of string, ranks []Rank) {
	sorted := slices.SortedFunc(slices.Values(ranks), func(a, b Rank) int { return slices.Compare(a.Key, b.Key) })
	w.placesOf(of, sorted, digits(lastPlace(ranks)))
}

func (w *writer) placesOf(of string, sorted []Rank, last string) {
	const line = 4
	switch n := len(sorted); {
	case n == 0:
		w.add(last)
	case n <= line:
		w.add("CASE " + of)
		for _, r := range sorted {
			w.add(" WHEN ? THEN "+digits(r.Place), r.Key)
		}
		w.add(" ELSE " + last + " END")
	default:
		w.add("CASE WHEN "+of+" < ? THEN ", sorted[n/2].Key)
		w.placesOf(of, sorted[:n/2], last)
		w.add(" ELSE ")
		w.placesOf(of, sorted[n/2:], last)
		w.add(" END")
	}
}

// placeDigits is how many digits a place has.
const (
	placeDigits = 7
	maxPlace    = 1e7 - 1
)

// digits returns a place as text in which the order of places is that of bytes.
func digits(place int) string {
	return "'" + strconv.Itoa(maxPlace + 1 + min(place, maxPlace))[1:] + "'"
}

func placeOf(ranks []Rank, key []byte) int {
	for _, r := range ranks {
		if string(r.Key) == string(key) {
			return r.Place
		}
	}
	return lastPlace(ranks)
}

// lastPlace is the place of keys that are not listed.
func lastPlace(ranks []Rank) int {
	last := 0
	for _, r := range ranks {
		last = max(last, r.Place+1)
	}
	return last
}

// beyond writes the condition that a row comes after a place.
func (w *writer) beyond(keys []key, after *Found) {
	first := keys[0]
	switch {
	case first.total:
		sign := " < "
		if !first.descending {
			sign = " > "
		}
		w.add(" AND ("+first.text+", b.id)"+sign+"(?, ?)", after.Values[0], after.Page[:])
		return
	case !first.nullable && !first.isNull:
		// Where the index is to be entered.
		sign := " >= "
		if first.descending {
			sign = " <= "
		}
		w.add(" AND "+first.text+sign+"?", after.Values[0])
	}
	w.add(" AND ")
	w.behind(keys, after.Values, after.Page)
}

func (w *writer) behind(keys []key, values []any, page notion.ID) {
	if len(keys) == 0 {
		w.add("b.id < ?", page[:])
		return
	}
	k, v := keys[0], values[0]
	switch {
	case k.isNull:
		w.behind(keys[1:], values[1:], page)
		return
	case v == nil:
		w.add("(" + k.text + " IS NULL AND ")
		w.behind(keys[1:], values[1:], page)
		w.add(")")
		return
	}
	sign := " > "
	if k.descending {
		sign = " < "
	}
	w.add("("+k.text+sign+"? OR ", v)
	if k.nullable {
		w.add(k.text + " IS NULL OR ")
	}
	w.add(k.text+" = ? AND ", v)
	w.behind(keys[1:], values[1:], page)
	w.add(")")
}
