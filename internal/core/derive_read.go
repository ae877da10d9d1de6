package core

import (
	"slices"

	"octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/store"
)

// related returns the pages that a relation of the cohort leads to, and which of them one
// row has links to.
func (c *cohort) related(i, slot int) (*cohort, []int32, error) {
	col := c.column(slot)
	if col.target == nil {
		if err := c.readLinks(col, c.source.props.Properties()[slot]); err != nil {
			return nil, nil, err
		}
	}
	return col.target, col.links[i], nil
}

// readLinks reads the links of all rows through a relation.
func (c *cohort) readLinks(col *derivedColumn, prop *property.Property) error {
	related, err := c.d.core.relatedRows(c.d.tx, c.d.p, c.source, prop, c.ids, everyRelated)
	if err != nil {
		return err
	}
	target := c.d.sources.read(prop.Relation().Source)
	if target == nil {
		if c.d.sources.err != nil {
			return c.d.sources.err
		}
		target = &source{props: &property.Schema{}}
	}
	var ids []notion.ID
	places := map[notion.ID]int32{}
	links := make([][]int32, len(c.ids))
	for i, from := range c.ids {
		for _, to := range related[from] {
			place, known := places[to]
			if !known {
				place = int32(len(ids))
				places[to] = place
				ids = append(ids, to)
			}
			links[i] = append(links[i], place)
		}
	}
	col.target, col.links = c.d.rows(target, ids), links
	return nil
}

// readBatch is how many documents are in memory at once.
const readBatch = 500

// read reads a property that is stored with the rows, and with it what else is wanted of
// them, so that they are read once.
func (c *cohort) read(slot int, as form) error {
	forms := c.d.wanted[c.source.ID]
	if forms == nil { // nothing was foreseen
		forms = make([]form, len(c.columns))
		c.d.wanted[c.source.ID] = forms
	}
	forms[slot] |= as
	r := &columnReader{cohort: c, view: &rowView{core: c.d.core, tx: c.d.tx, p: c.d.p, source: c.source, resolver: c.d.resolver}}
	for slot, prop := range c.source.props.Properties() {
		col := c.column(slot)
		needed := forms[slot] &^ col.read
		if needed == 0 || !isRead(prop) {
			continue
		}
		if needed&asValue != 0 {
			col.values = make([]formula.Value, len(c.ids))
		}
		if needed&asShown != 0 {
			col.shown = make([]jsonx.Value, len(c.ids))
		}
		r.wanted = append(r.wanted, wantedColumn{prop, col, needed})
		r.stamps = r.stamps || isStamp(prop)
	}
	if err := r.all(); err != nil {
		return err
	}
	for _, w := range r.wanted {
		w.col.read |= w.as
	}
	return nil
}

// isRead reports whether values of the property are read with the rows.
func isRead(prop *property.Property) bool {
	switch prop.Type.Name {
	case "formula", "rollup", "relation":
		return false
	}
	return true
}

// isStamp reports whether values of the property are columns of the page.
func isStamp(prop *property.Property) bool {
	switch prop.Type.Name {
	case "created_time", "created_by", "last_edited_time", "last_edited_by":
		return true
	}
	return false
}

// columnReader reads some properties of all rows of a cohort.
type columnReader struct {
	*cohort
	view   *rowView
	wanted []wantedColumn
	// stamps says that times or authors of the pages are among them.
	stamps bool
	// own are the stored values of the row being read, of each that is wanted.
	own [][]byte
}

type wantedColumn struct {
	prop *property.Property
	col  *derivedColumn
	as   form
}

func (r *columnReader) all() error {
	if r.pages != nil {
		for i := range r.pages {
			if err := r.row(i, &r.pages[i]); err != nil {
				return err
			}
		}
		return nil
	}
	from := 0
	for part := range slices.Chunk(r.ids, readBatch) {
		places := make(map[notion.ID]int, len(part))
		for i, id := range part {
			places[id] = from + i
		}
		from += len(part)
		pages, err := r.readPages(part)
		if err != nil {
			return err
		}
		for i := range pages {
			if err := r.row(places[pages[i].ID], &pages[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// readPages reads as much of some rows as is needed.
func (r *columnReader) readPages(ids []notion.ID) ([]store.Page, error) {
	if r.stamps {
		return r.d.tx.Pages(ids)
	}
	documents, err := r.d.tx.Documents(ids)
	pages := make([]store.Page, len(documents))
	for i, doc := range documents {
		pages[i].ID, pages[i].Properties = doc.ID, doc.Properties
	}
	return pages, err
}

// row takes the values of one row.
func (r *columnReader) row(i int, page *store.Page) error {
	if err := r.find(page.Properties); err != nil {
		return err
	}
	for n, w := range r.wanted {
		shown, err := r.shown(w.prop, r.own[n], page)
		if err != nil {
			return err
		}
		if w.as&asShown != 0 {
			w.col.shown[i] = shown
		}
		if w.as&asValue != 0 {
			w.col.values[i] = w.prop.FormulaValue(shown)
		}
	}
	return nil
}

// find finds the stored values in a document, and stops when it has all.
func (r *columnReader) find(document []byte) error {
	if r.own == nil {
		r.own = make([][]byte, len(r.wanted))
	}
	clear(r.own)
	left := len(r.wanted)
	return jsonx.EachSpan(document, func(s jsonx.Span) bool {
		for n := range r.wanted {
			if string(s.Key) == r.wanted[n].prop.ID {
				r.own[n] = s.Value
				left--
			}
		}
		return left > 0
	})
}

// shown returns what a row shows of a property, given the bytes of its stored value.
func (r *columnReader) shown(prop *property.Property, own []byte, page *store.Page) (jsonx.Value, error) {
	var stored jsonx.Value
	if own != nil {
		var err error
		if stored, err = jsonx.ParseOwn(own); err != nil {
			return stored, err
		}
	}
	if err := r.view.readMentions(prop, stored, page); err != nil {
		return stored, err
	}
	return r.view.show(prop, stored, page), nil
}
