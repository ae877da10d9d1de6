package core

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/store"
)

// A formula whose value depends on nothing but what is stored with its row can have cells in
// the query index like a stored property. They are made when a query first asks for them:
// most formulas are only ever read. From then on every write of a row keeps those of the row,
// in the same transaction, and a change of the schema that touches the formula drops them.
//
// The list of formulas that have cells is stored with the data source, each with what it was
// made from, so that cells that another program has made are not taken for good.

// formulaEdition is counted up when formulas come to other values than before: what is in
// the index is then made again.
const formulaEdition = 1

// rowFormula is a formula that depends on its row alone.
type rowFormula struct {
	prop *property.Property
	// from are the stored properties that it depends on, through other formulas too.
	from []*property.Property
	// print identifies all that its values depend on but the rows.
	print string
}

// rowFormula returns nil for a property that is none.
func (d *deriver) rowFormula(s *source, prop *property.Property) (*rowFormula, error) {
	if prop.Type.Name != "formula" {
		return nil, nil
	}
	made, err := d.computation(s, prop)
	if err != nil || made.Program == nil || made.Timed {
		return nil, err
	}
	if _, mixed := made.Type.Shown(); mixed {
		return nil, nil
	}
	f := &rowFormula{prop: prop}
	var text strings.Builder
	_, _ = fmt.Fprintf(&text, "%d %v\n", formulaEdition, d.p.Zone)
	own, err := d.follow(s, prop, f, &text)
	if err != nil || !own {
		return nil, err
	}
	sum := sha256.Sum256([]byte(text.String()))
	f.print = hex.EncodeToString(sum[:8])
	return f, nil
}

// follow writes what a formula is made from, and reports false when that is more than its
// row has.
func (d *deriver) follow(s *source, prop *property.Property, f *rowFormula, text io.Writer) (bool, error) {
	made, err := d.computation(s, prop)
	if err != nil || made.Program == nil {
		return false, err
	}
	_, _ = fmt.Fprintf(text, "%s %q\n", prop.ID, prop.Config.Get("expression").Text())
	for _, r := range made.Program.References() {
		if r.Source != s.ID {
			return false, nil
		}
		p := s.props.ByID(r.Property.ID)
		if p.Type.Name == "formula" {
			if own, err := d.follow(s, p, f, text); err != nil || !own {
				return false, err
			}
			continue
		}
		own, detail := ofRow(p)
		if !own {
			return false, nil
		}
		_, _ = fmt.Fprintf(text, "%s %s %q\n", p.ID, p.Type.Name, detail)
		if !slices.Contains(f.from, p) {
			f.from = append(f.from, p)
		}
	}
	return true, nil
}

// ofRow reports whether values of a property are stored with the row and mean the same to
// everybody, and returns what else they depend on.
func ofRow(p *property.Property) (own bool, detail string) {
	switch p.Type.Name {
	case "title", "rich_text", "number", "select", "multi_select", "date", "files", "checkbox", "url", "email", "phone_number",
		"place", "created_time":
		return true, ""
	case "status":
		if o := p.DefaultOption(); o != nil {
			return true, o.Name
		}
		return true, ""
	case "unique_id":
		return true, p.Config.Get("prefix").Text()
	}
	return false, ""
}

// mentions reports whether something is mentioned in the texts of a row that the formula
// depends on: what others call it, and who may see it, is not up to the row.
func (f *rowFormula) mentions(page *store.Page) (bool, error) {
	spans, err := jsonx.AppendSpans(nil, page.Properties)
	if err != nil {
		return false, err
	}
	for _, p := range f.from {
		stored := jsonx.FindSpan(spans, p.ID)
		if p.Type.Name != "title" && p.Type.Name != "rich_text" || stored == nil || p.Verbatim(stored) {
			continue
		}
		v, err := jsonx.ParseOwn(stored)
		if err != nil || p.Dynamic(v) {
			return true, err
		}
	}
	return false, nil
}

// indexed is one formula in the list of those that have cells.
type indexed struct {
	property string // raw id
	print    string
	// state is the revision at which making the cells was begun, with a + before it when they
	// are all there; or the id of a row that mentions something, because of which there are
	// none.
	state string
}

const allIndexed = "+"

func (x *indexed) ready() bool { return strings.HasPrefix(x.state, allIndexed) }

// hindered returns the row because of which there are no cells.
func (x *indexed) hindered() (notion.ID, bool) { return notion.ParseID(x.state) }

// formulaList is the list of a data source.
type formulaList struct {
	source  *source
	entries []indexed
}

func (s *source) formulas() *formulaList {
	l := &formulaList{source: s}
	for entry := range strings.FieldsSeq(s.Computed) {
		if parts := strings.SplitN(entry, "/", 3); len(parts) == 3 {
			l.entries = append(l.entries, indexed{state: parts[0], print: parts[1], property: parts[2]})
		}
	}
	return l
}

// find returns what the list says of a formula, nil when it is not in it or was another one
// then.
func (l *formulaList) find(f *rowFormula) *indexed {
	for i := range l.entries {
		if x := &l.entries[i]; x.property == f.prop.ID && x.print == f.print {
			return x
		}
	}
	return nil
}

// set puts a formula in the list, in place of what was said of the property before.
func (l *formulaList) set(f *rowFormula, state string) {
	l.remove(f.prop.ID)
	l.entries = append(l.entries, indexed{f.prop.ID, f.print, state})
}

func (l *formulaList) remove(property string) {
	l.entries = slices.DeleteFunc(l.entries, func(x indexed) bool { return x.property == property })
}

// store writes the list if it has changed.
func (l *formulaList) store(tx *store.Tx) error {
	entries := make([]string, len(l.entries))
	for i, x := range l.entries {
		entries[i] = x.state + "/" + x.print + "/" + x.property
	}
	text := strings.Join(entries, " ")
	if text == l.source.Computed {
		return nil
	}
	l.source.Computed = text
	return tx.SetComputed(l.source.ID, text)
}

// drop removes a formula with its cells.
func (l *formulaList) drop(tx *store.Tx, property string) error {
	l.remove(property)
	return tx.DeleteColumn(l.source.ID, property)
}

// release forgets what a row has hindered, which is one no more.
func (l *formulaList) release(tx *store.Tx, page notion.ID) error {
	l.entries = slices.DeleteFunc(l.entries, func(x indexed) bool { return x.state == page.String() })
	return l.store(tx)
}

// current returns the formula of an entry, nil when it is another one by now, or none.
func (d *deriver) current(s *source, x indexed) (*rowFormula, error) {
	prop := s.props.ByID(x.property)
	if prop == nil {
		return nil, nil
	}
	f, err := d.rowFormula(s, prop)
	if f == nil || f.print != x.print {
		return nil, err
	}
	return f, err
}

// checkFormulas drops the cells of formulas that a change of the schema touches.
func (c *Core) checkFormulas(tx *store.Tx, p *Principal, s *source, edits []property.Edit) error {
	list := s.formulas()
	if len(list.entries) == 0 {
		return nil
	}
	d := c.newDeriver(tx, p)
	for _, x := range slices.Clone(list.entries) {
		f, err := d.current(s, x)
		if err != nil {
			return err
		}
		if f != nil && !f.losesOptions(edits) {
			continue
		}
		if err := list.drop(tx, x.property); err != nil {
			return err
		}
	}
	return list.store(tx)
}

// losesOptions reports whether rows lose values that the formula depends on.
func (f *rowFormula) losesOptions(edits []property.Edit) bool {
	return slices.ContainsFunc(edits, func(e property.Edit) bool {
		return len(e.RemovedOptions()) > 0 && slices.ContainsFunc(f.from, func(p *property.Property) bool { return p.ID == e.Old.ID })
	})
}

// formulaCells returns the cells of the formulas of a row that has been written, and the
// ids of the formulas that had other ones before.
func (w *row) formulaCells() (ids []string, cells []store.Cell, err error) {
	list := w.source.formulas()
	if len(list.entries) == 0 {
		return nil, nil, nil
	}
	d := w.core.newDeriver(w.tx, w.p)
	var touched []*rowFormula
	for _, x := range slices.Clone(list.entries) {
		f, err := d.current(w.source, x)
		switch {
		case err != nil:
			return nil, nil, err
		case f == nil:
			err = list.drop(w.tx, x.property)
		case w.touches(f):
			err = w.judge(list, f, x, &touched)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	for _, f := range touched {
		ids = append(ids, f.prop.ID)
	}
	if cells, err = d.cells(w.source, touched, []store.Page{*w.page}); err != nil {
		return nil, nil, err
	}
	return ids, cells, list.store(w.tx)
}

// touches reports whether the row has been written where the formula looks.
func (w *row) touches(f *rowFormula) bool {
	return !w.exists || slices.ContainsFunc(w.written, func(v property.Value) bool {
		return slices.ContainsFunc(f.from, func(p *property.Property) bool { return p.ID == v.Property.ID })
	})
}

// judge decides what becomes of the cells of a formula after a write of the row: it has new
// ones, or there are none at all because the row mentions something, or they can be made
// again because it does no more.
func (w *row) judge(list *formulaList, f *rowFormula, x indexed, touched *[]*rowFormula) error {
	mentions, err := f.mentions(w.page)
	if err != nil {
		return err
	}
	hindered, isHindered := x.hindered()
	switch {
	case isHindered && hindered == w.page.ID && !mentions:
		list.remove(x.property)
	case isHindered:
	case mentions:
		if err := list.drop(w.tx, x.property); err != nil {
			return err
		}
		list.set(f, w.page.ID.String())
	default:
		*touched = append(*touched, f)
	}
	return nil
}

// cells computes the cells of formulas of rows.
func (d *deriver) cells(s *source, formulas []*rowFormula, pages []store.Page) ([]store.Cell, error) {
	props := make([]*property.Property, len(formulas))
	for i, f := range formulas {
		props[i] = f.prop
	}
	results, err := d.rowsOf(s, pages).results(props...)
	if err != nil {
		return nil, err
	}
	var cells []store.Cell
	for n, prop := range props {
		for i, r := range results[n] {
			cells = storedCells(cells, s.ID, pages[i].ID, prop, r.Cells())
		}
	}
	return cells, nil
}

// indexFormulas makes the cells of formulas of a data source, batch by batch so that others
// can write meanwhile. It goes on when the caller does not wait any more.
func (c *Core) indexFormulas(ctx context.Context, p *Principal, source notion.ID, ids []string) error {
	done := make(chan error, 1)
	go func() {
		c.indexing.Lock()
		defer c.indexing.Unlock()
		b := formulaBuilder{core: c, p: p, source: source, ids: ids}
		done <- b.run(context.WithoutCancel(ctx))
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// indexBatch is how many rows get cells in one transaction.
const indexBatch = 2000

// formulaBuilder makes the cells of formulas of all rows.
type formulaBuilder struct {
	core   *Core
	p      *Principal
	source notion.ID
	ids    []string
	// token is the state of the formulas in the list as long as nobody else has to do with
	// them, "" before the first batch; from is where the next one begins.
	token string
	from  store.From
	done  bool
}

func (b *formulaBuilder) run(ctx context.Context) error {
	for !b.done {
		var next formulaBuilder
		err := b.core.update(ctx, b.p, func(tx *store.Tx) error {
			next = *b // the function may run again
			return next.batch(tx)
		})
		if err != nil {
			return err
		}
		*b = next
	}
	return nil
}

func (b *formulaBuilder) batch(tx *store.Tx) error {
	s, err := b.core.readSource(tx, b.source)
	if err != nil {
		return err
	}
	list, d := s.formulas(), b.core.newDeriver(tx, b.p)
	begin := b.token == ""
	if begin {
		revision, err := tx.Revision()
		if err != nil {
			return err
		}
		b.token = strconv.FormatInt(revision, 10)
	}
	formulas, err := b.formulas(d, s, list, begin)
	if err != nil {
		return err
	}
	if len(formulas) == 0 {
		b.done = true
		return nil
	}
	if begin {
		for _, f := range formulas {
			if err := list.drop(tx, f.prop.ID); err != nil {
				return err
			}
			list.set(f, b.token)
		}
	}
	return b.index(d, s, list, formulas)
}

// formulas returns those that are still to be indexed: that have no cells when this begins,
// and that nobody else has touched later.
func (b *formulaBuilder) formulas(d *deriver, s *source, list *formulaList, begin bool) ([]*rowFormula, error) {
	var left []*rowFormula
	for _, id := range b.ids {
		prop := s.props.ByID(id)
		if prop == nil {
			continue
		}
		f, err := d.rowFormula(s, prop)
		if err != nil {
			return nil, err
		}
		if f == nil {
			continue
		}
		x := list.find(f)
		if begin && x.unfinished() || !begin && x != nil && x.state == b.token {
			left = append(left, f)
		}
	}
	return left, nil
}

// unfinished reports whether the cells of a formula are to be made, from the beginning where
// somebody has not come to the end.
func (x *indexed) unfinished() bool {
	if x == nil {
		return true
	}
	_, hindered := x.hindered()
	return !x.ready() && !hindered
}

// index makes the cells of the next rows.
func (b *formulaBuilder) index(d *deriver, s *source, list *formulaList, formulas []*rowFormula) error {
	rows := rowReader{tx: d.tx, source: s.ID, from: b.from}
	pages, err := rows.next(indexBatch)
	if err != nil {
		return err
	}
	var left []*rowFormula
	for _, f := range formulas {
		hindering, err := f.hindering(pages)
		if err != nil {
			return err
		}
		if hindering.IsZero() {
			left = append(left, f)
			continue
		}
		if err := list.drop(d.tx, f.prop.ID); err != nil {
			return err
		}
		list.set(f, hindering.String())
	}
	cells, err := d.cells(s, left, pages)
	if err != nil {
		return err
	}
	if err := d.tx.InsertMissingCells(cells); err != nil {
		return err
	}
	b.from, b.done = rows.from, len(pages) < indexBatch
	if b.done {
		for _, f := range left {
			list.set(f, allIndexed+b.token)
		}
	}
	return list.store(d.tx)
}

// hindering returns the first of some rows that mentions something in a text that the
// formula depends on.
func (f *rowFormula) hindering(pages []store.Page) (notion.ID, error) {
	for i := range pages {
		if mentions, err := f.mentions(&pages[i]); err != nil || mentions {
			return pages[i].ID, err
		}
	}
	return notion.ID{}, nil
}
