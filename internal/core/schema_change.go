package core

import (
	"errors"
	"slices"
	"strings"

	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/query"
	"octavo/internal/store"
)

// applyChange stores a changed schema and carries out on the rows what follows from it
// (databases.md §2.2, §2.5). Values of properties that are removed stay in the rows until
// they are written again: nothing shows them, and no other property gets the id.
func (c *Core) applyChange(tx *store.Tx, p *Principal, change *property.Change) error {
	if len(change.Edits) == 0 {
		return nil
	}
	s, err := c.readSource(tx, change.Source)
	if err != nil {
		return err
	}
	for _, e := range change.Edits {
		if err := c.applyLinks(tx, s, e); err != nil {
			return err
		}
		if e.New == nil {
			s.Retired = strings.TrimSpace(s.Retired + " " + e.Old.ID)
			if err := tx.DeleteColumn(s.ID, e.Old.ID); err != nil {
				return err
			}
		}
	}
	if err := claimPrefixes(tx, change); err != nil {
		return err
	}
	s.props, s.Schema = change.Schema, change.Schema.Append(nil)
	if err := tx.UpdateDataSource(s.DataSource); err != nil {
		return err
	}
	if err := tx.Touch(p.Bot, s.ID); err != nil {
		return err
	}
	if err := c.checkFormulas(tx, p, s, change.Edits); err != nil {
		return err
	}
	if err := c.rewriteRows(tx, s, change.Edits); err != nil {
		return err
	}
	return c.schemaEvent(tx, p, s.ID, change.Edits)
}

// claimPrefixes takes the prefixes of unique_id that a changed schema has, and gives up those
// that it had. No two properties of a workspace have the same (databases.md §2.7).
func claimPrefixes(tx *store.Tx, change *property.Change) error {
	isID := func(p *property.Property) bool { return p != nil && p.Type.Name == "unique_id" }
	if !slices.ContainsFunc(change.Edits, func(e property.Edit) bool { return isID(e.Old) || isID(e.New) }) {
		return nil
	}
	var claimed []string
	for _, prop := range change.Schema.Properties() {
		prefix := prop.Config.Get("prefix").Text()
		if !isID(prop) || prefix == "" {
			continue
		}
		folded := property.Fold(prefix)
		owner, err := tx.PrefixOwner(folded)
		switch {
		case err == nil && owner != change.Source || slices.Contains(claimed, folded):
			return invalid("The prefix %q is already used by another unique_id property of the workspace.", prefix)
		case err != nil && !errors.Is(err, store.ErrNotFound):
			return err
		}
		claimed = append(claimed, folded)
	}
	return tx.SetPrefixes(change.Source, claimed)
}

// applyLinks drops the links of a property that leads elsewhere now, and gives a new
// partner the links that there are.
func (c *Core) applyLinks(tx *store.Tx, s *source, e property.Edit) error {
	old, now := e.Relations()
	if !old.Source.IsZero() && old.Source != now.Source {
		if err := tx.DeleteRelations(s.column(e.Old)); err != nil {
			return err
		}
	}
	if e.Old == nil || e.New == nil || old.Source != now.Source || now.Partner == "" || now.Partner == old.Partner {
		return nil
	}
	return tx.MirrorRelations(s.column(e.New), store.Column{Source: now.Source, Property: now.Partner})
}

// rewriteRows changes the values of all rows, those in the trash too, where the schema wants
// it.
func (c *Core) rewriteRows(tx *store.Tx, s *source, edits []property.Edit) error {
	r := rewriter{tx: tx, source: s, number: 1}
	for _, e := range edits {
		edit := rowEdit{Edit: e, removed: e.RemovedOptions()}
		edit.numbered = e.New != nil && e.New.Type.Name == "unique_id" && (e.Old == nil || e.Retyped())
		if e.Retyped() || edit.numbered || len(edit.removed) > 0 {
			r.todo = append(r.todo, edit)
		}
	}
	if slices.ContainsFunc(r.todo, func(e rowEdit) bool { return e.Retyped() || e.numbered }) {
		return r.all()
	}
	for _, e := range r.todo {
		if err := r.withOptions(e); err != nil {
			return err
		}
	}
	return nil
}

// rewriter changes the values of rows and their cells.
type rewriter struct {
	tx     *store.Tx
	source *source
	todo   []rowEdit
	number int64 // of the next row
}

// rewriteBatch is how many rows are read at once.
const rewriteBatch = 500

// withOptions takes options away from the rows that have them.
func (r *rewriter) withOptions(e rowEdit) error {
	keys := make([][]byte, len(e.removed))
	for i, id := range e.removed {
		keys[i] = query.RefKey(id)
	}
	ids, err := r.tx.PagesWith(r.source.ID, e.New.ID, keys)
	if err != nil {
		return err
	}
	some := *r
	some.todo = []rowEdit{e}
	for part := range slices.Chunk(ids, rewriteBatch) {
		pages, err := r.tx.Pages(part)
		if err != nil {
			return err
		}
		if err := some.rewrite(pages); err != nil {
			return err
		}
	}
	return nil
}

// all visits every row in the order they were made. Rows that come later go on from the
// highest number there is.
func (r *rewriter) all() error {
	rows := rowReader{tx: r.tx, source: r.source.ID}
	for {
		pages, err := rows.next(rewriteBatch)
		if err != nil {
			return err
		}
		if len(pages) == 0 {
			break
		}
		if err := r.rewrite(pages); err != nil {
			return err
		}
	}
	numbers := func(e rowEdit) bool { return e.numbered }
	if !slices.ContainsFunc(r.todo, numbers) {
		return nil
	}
	next := r.number
	for _, prop := range r.source.props.Properties() {
		others := !slices.ContainsFunc(r.todo, func(e rowEdit) bool { return e.numbered && e.New.ID == prop.ID })
		if prop.Type.Name == "unique_id" && others {
			next = max(next, r.source.NextNumber)
		}
	}
	return r.tx.SetNextNumber(r.source.ID, next)
}

func (r *rewriter) rewrite(pages []store.Page) error {
	ids := make([]string, len(r.todo))
	for i, e := range r.todo {
		ids[i] = e.New.ID
	}
	var cells []store.Cell
	for i := range pages {
		page := &pages[i]
		values, err := jsonx.Parse(page.Properties)
		if err != nil {
			return err
		}
		for _, e := range r.todo {
			v := property.Value{Property: e.New, Stored: e.apply(values.Get(e.New.ID), r.number)}
			if v.Stored.Defined() {
				values.Set(e.New.ID, v.Stored)
			} else {
				values.Delete(e.New.ID)
			}
			cells = appendCells(cells, r.source.ID, page.ID, v)
		}
		r.number++
		if err := r.tx.DeleteCells(r.source.ID, page.ID, ids...); err != nil {
			return err
		}
		if err := r.tx.SetProperties(page.ID, values.Append(nil)); err != nil {
			return err
		}
	}
	return r.tx.InsertCells(cells)
}

// rowEdit is what a change of the schema does to one value of every row.
type rowEdit struct {
	property.Edit
	removed  []string // options
	numbered bool     // rows get numbers
}

// apply returns the new value of a row that had another.
func (e *rowEdit) apply(stored jsonx.Value, number int64) jsonx.Value {
	switch {
	case e.numbered:
		return jsonx.NumberValue(float64(number))
	case e.Retyped():
		return property.Convert(e.Old, e.New, stored)
	}
	return property.DropOptions(stored, e.removed)
}

// rowReader reads the rows of a data source, those in the trash among the others, in the
// order they were made.
type rowReader struct {
	tx     *store.Tx
	source notion.ID
	from   store.From
}

func (r *rowReader) next(limit int) ([]store.Page, error) {
	live, err := r.tx.Rows(r.source, false, r.from, limit)
	if err != nil {
		return nil, err
	}
	trashed, err := r.tx.Rows(r.source, true, r.from, limit)
	if err != nil {
		return nil, err
	}
	all := append(live, trashed...)
	slices.SortFunc(all, func(a, b store.Page) int {
		if a.Ord != b.Ord {
			return strings.Compare(a.Ord, b.Ord)
		}
		return slices.Compare(a.ID[:], b.ID[:])
	})
	all = all[:min(len(all), limit)]
	if len(all) > 0 {
		last := &all[len(all)-1]
		r.from = store.From{Ord: last.Ord, ID: last.ID}
	}
	return all, nil
}
