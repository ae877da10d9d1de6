package query

import (
	"strconv"
	"strings"

	"octavo/internal/notion"
)

// Rows says among which pages to look.
type Rows struct {
	Workspace notion.ID
	Source    notion.ID
	// Integration is who looks, for relations of which it sees single pages.
	Integration notion.ID
	// InTrash looks at the pages in the trash in place of those that are not, Archived at
	// archived ones.
	InTrash, Archived bool
}

// writer writes one statement. $1 is the workspace, $2 the data source.
type writer struct {
	rows Rows
	text strings.Builder
	args []any
	about
	// fenced keeps PostgreSQL from making joins of looks at other tables; see [writer.fence].
	fenced bool
	// names counts the tables that have been given a name.
	names int
}

// about is what a condition is about, as expressions.
type about struct {
	// page is the id of the page, source that of its data source.
	page, source string
	// block is the name of the table of blocks that its row is in.
	block string
}

func newWriter(rows Rows) *writer {
	return &writer{rows: rows, args: []any{rows.Workspace[:], rows.Source[:]}, about: about{source: "$2", block: "b"}}
}

// add appends text, in which ? stands for the next of the arguments.
func (w *writer) add(text string, args ...any) {
	for _, arg := range args {
		before, after, _ := strings.Cut(text, "?")
		w.text.WriteString(before)
		w.args = append(w.args, arg)
		w.text.WriteByte('$')
		w.text.WriteString(strconv.Itoa(len(w.args)))
		text = after
	}
	w.text.WriteString(text)
}

// fence sets whether the looks that a node is made of stay looks, one row at a time. For
// PostgreSQL each is a table more to join, and the time it takes to choose among the orders
// of joins grows without bound: 50 ms for 8 conditions, seconds for a hundred.
func (w *writer) fence(n node) {
	const fewLooks = 4
	w.fenced = looks(n) > fewLooks
}

func looks(n node) int {
	switch n := n.(type) {
	case group:
		sum := 0
		for _, part := range n.of {
			sum += looks(part)
		}
		return sum
	case not:
		return looks(n.of)
	case related:
		return 1 + looks(n.of)
	case cells, linked:
		return 1
	}
	return 0
}

// look ends what EXISTS asks.
func (w *writer) look() {
	if w.fenced {
		w.add(" LIMIT 1 OFFSET 0")
	}
	w.add(")")
}

func (w *writer) name() string {
	w.names++
	return "t" + strconv.Itoa(w.names)
}

// condition writes a node as a condition that is true or false.
func (w *writer) condition(n node) {
	switch n := n.(type) {
	case group:
		w.group(n)
	case not:
		w.add("NOT ")
		w.condition(n.of)
	case cells:
		w.cells(n)
	case within:
		w.within(n)
	case by:
		w.add(w.block+"."+string(n.column)+" = ?", n.user[:])
	case linked:
		r, p := w.name(), w.name()
		w.add("EXISTS (SELECT 1")
		w.links(r, p, n.relation)
		if !n.page.IsZero() {
			w.add(" AND "+r+".to_id = ?", n.page[:])
		}
		w.look()
	case related:
		w.related(n)
	}
}

func (w *writer) group(g group) {
	if len(g.of) == 0 {
		w.add("TRUE")
		return
	}
	word := " AND "
	if g.any {
		word = " OR "
	}
	w.add("(")
	for i, n := range g.of {
		if i > 0 {
			w.add(word)
		}
		w.condition(n)
	}
	w.add(")")
}

func (w *writer) within(n within) {
	column := w.block + "." + string(n.column)
	w.add("(TRUE")
	if n.low != nil {
		w.add(" AND "+column+" >= ?", *n.low)
	}
	if n.high != nil {
		w.add(" AND "+column+" < ?", *n.high)
	}
	w.add(")")
}

// cells writes a look at the cells of one page.
func (w *writer) cells(n cells) {
	t := w.name()
	w.add("EXISTS (SELECT 1 FROM cell " + t)
	w.cell(t, n.property)
	w.add(" AND " + t + ".page_id = " + w.page)
	if !n.many || n.test.isZero() {
		// The whole key of the table: no database can take another index for a better one.
		w.add(" AND " + t + ".seq = 0")
	}
	w.probe(t, n.test)
	w.look()
}

// cell begins the condition of a table of cells of one property.
func (w *writer) cell(t, property string) {
	w.add(" WHERE "+t+".workspace_id = $1 AND "+t+".data_source_id = "+w.source+" AND "+t+".property_id = ?", property)
}

func (t test) isZero() bool {
	return t.keys == nil && t.low == nil && t.high == nil && t.text == noTextTest && t.day == nil && t.ends == nil
}

// test writes what a cell is asked, so that an index can answer it.
func (w *writer) test(t string, test test) {
	if test.low != nil {
		w.add(" AND "+t+".key >= ?", test.low)
	}
	if test.high != nil {
		w.add(" AND "+t+".key < ?", test.high)
	}
	w.rest(t, test)
}

// probe is test for a cell that is found by its whole key. The range is written so that no
// index can answer it: SQLite would take the index of values, and walk all that are in the
// range for each page.
func (w *writer) probe(t string, test test) {
	if test.low != nil {
		w.add(" AND NOT ("+t+".key < ?)", test.low)
	}
	if test.high != nil {
		w.add(" AND NOT ("+t+".key >= ?)", test.high)
	}
	w.rest(t, test)
}

// rest is all of a test but the range.
func (w *writer) rest(t string, test test) {
	key, folded := t+".key", t+".folded"
	switch len(test.keys) {
	case 0:
	case 1:
		w.add(" AND "+key+" = ?", test.keys[0])
	default:
		w.add(" AND "+key+" IN (?", test.keys[0])
		for _, k := range test.keys[1:] {
			w.add(", ?", k)
		}
		w.add(")")
	}
	length := len([]rune(test.operand))
	switch test.text {
	case equals:
		w.add(" AND "+folded+" = ?", test.operand)
	case contains:
		w.add(" AND replace("+folded+", ?, '') <> "+folded, test.operand)
	case startsWith:
		w.add(" AND substr("+folded+", 1, ?) = ?", length, test.operand)
	case endsWith:
		w.add(" AND length("+folded+") >= ? AND substr("+folded+", length("+folded+") - ?) = ?", length, length-1, test.operand)
	}
	if test.day != nil {
		w.add(" AND " + t + ".whole_day = " + constant(*test.day))
	}
	if test.ends != nil && test.ends.before {
		w.add(" AND "+t+".to_time < ?", test.ends.at)
	}
	if test.ends != nil && !test.ends.before {
		w.add(" AND ("+t+".to_time IS NULL OR "+t+".to_time >= ?)", test.ends.at)
	}
}

func constant(b bool) string {
	if b {
		return "TRUE"
	}
	return "FALSE"
}

// links writes the links of a page that show, from FROM on, with the names for the tables of
// the link and of the related page.
func (w *writer) links(r, p string, relation Relation) {
	w.add(" FROM relation " + r + " JOIN block " + p + " ON " + p + ".workspace_id = " + r + ".workspace_id AND " + p + ".id = " + r + ".to_id")
	w.args = append(w.args, relation.Source[:])
	source := "$" + strconv.Itoa(len(w.args))
	w.add(" WHERE "+r+".workspace_id = $1 AND "+r+".data_source_id = "+w.source+" AND "+r+".property_id = ? AND "+r+".from_id = "+w.page+
		" AND "+p+".parent_id = "+source+" AND "+p+".in_trash = FALSE AND "+r+".to_id NOT IN "+templates(source), relation.Property)
	if relation.Sight == SeesShared {
		w.add(" AND EXISTS (SELECT 1 FROM share h WHERE h.workspace_id = $1 AND h.integration_id = ? AND h.node_id = "+r+".to_id)",
			w.rows.Integration[:])
	}
}

// related writes a look at the pages of a relation.
func (w *writer) related(n related) {
	if n.relation.Sight == SeesNone {
		w.add("FALSE")
		return
	}
	r, p := w.name(), w.name()
	w.add("EXISTS (SELECT 1")
	w.links(r, p, n.relation)
	if n.of != nil {
		row := w.about
		w.add(" AND ")
		w.about = about{page: r + ".to_id", source: p + ".parent_id", block: p}
		w.condition(n.of)
		w.about = row
	}
	w.look()
}

// relatedPages is [writer.pages] for a look at the pages of a relation: those that link to
// what the index of values finds, seen or not.
func (w *writer) relatedPages(n related) bool {
	of, isCells := n.of.(cells)
	if !isCells || !of.indexed() || n.relation.Sight == SeesNone {
		return false
	}
	row, r := w.about, w.name()
	w.add("SELECT DISTINCT " + r + ".from_id AS page_id FROM (")
	w.args = append(w.args, n.relation.Source[:])
	w.source = "$" + strconv.Itoa(len(w.args))
	w.pages(of)
	w.about = row
	w.add(") v CROSS JOIN relation "+r+" WHERE "+r+".workspace_id = $1 AND "+r+".to_id = v.page_id AND "+r+".data_source_id = $2 AND "+
		r+".property_id = ?", n.relation.Property)
	return true
}

// indexed reports whether the index of values finds the cells that pass.
func (n *cells) indexed() bool { return n.test.text == noTextTest || n.test.text == equals }
