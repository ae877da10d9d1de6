package core

import (
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
	s.props, s.Schema = change.Schema, change.Schema.Append(nil)
	if err := tx.UpdateDataSource(s.DataSource); err != nil {
		return err
	}
	if err := tx.Touch(p.Bot, s.ID); err != nil {
		return err
	}
	if err := c.rewriteRows(tx, s, change.Edits); err != nil {
		return err
	}
	return c.event(tx, p, sourceSchemaUpdated, s.ID)
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

// rowEdit is what a change of the schema does to one value of every row.
type rowEdit struct {
	property.Edit
	removed  []string // options
	numbered bool     // rows get numbers
}

// rewriteRows changes the values of all rows, those in the trash too, where the schema wants
// it.
func (c *Core) rewriteRows(tx *store.Tx, s *source, edits []property.Edit) error {
	var todo []rowEdit
	for _, e := range edits {
		r := rowEdit{Edit: e, removed: e.RemovedOptions()}
		r.numbered = e.New != nil && e.New.Type.Name == "unique_id" && (e.Old == nil || e.Retyped())
		if e.Retyped() || r.numbered || len(r.removed) > 0 {
			todo = append(todo, r)
		}
	}
	if len(todo) == 0 {
		return nil
	}
	if slices.ContainsFunc(todo, func(r rowEdit) bool { return r.Retyped() || r.numbered }) {
		return c.rewriteAll(tx, s, todo)
	}
	return c.dropOptions(tx, s, todo)
}

// dropOptions takes options away from the rows that have them.
func (c *Core) dropOptions(tx *store.Tx, s *source, todo []rowEdit) error {
	for _, e := range todo {
		keys := make([][]byte, len(e.removed))
		for i, id := range e.removed {
			keys[i] = query.RefKey(id)
		}
		ids, err := tx.PagesWith(s.ID, e.New.ID, keys)
		if err != nil {
			return err
		}
		for part := range slices.Chunk(ids, rewriteBatch) {
			pages, err := tx.Pages(part)
			if err != nil {
				return err
			}
			if err := c.rewrite(tx, s, pages, []rowEdit{e}); err != nil {
				return err
			}
		}
	}
	return nil
}

// rewriteBatch is how many rows are read at once.
const rewriteBatch = 500

// rewriteAll visits every row in the order they were made.
func (c *Core) rewriteAll(tx *store.Tx, s *source, todo []rowEdit) error {
	if slices.ContainsFunc(todo, func(e rowEdit) bool { return e.numbered }) {
		s.NextNumber = 1
	}
	rows := rowReader{tx: tx, source: s.ID}
	for {
		pages, err := rows.next(rewriteBatch)
		if err != nil {
			return err
		}
		if len(pages) == 0 {
			break
		}
		if err := c.rewrite(tx, s, pages, todo); err != nil {
			return err
		}
	}
	return tx.SetNextNumber(s.ID, s.NextNumber)
}

// rewrite changes the values of some rows and their cells.
func (c *Core) rewrite(tx *store.Tx, s *source, pages []store.Page, todo []rowEdit) error {
	var cells []store.Cell
	for i := range pages {
		page := &pages[i]
		values, err := jsonx.Parse(page.Properties)
		if err != nil {
			return err
		}
		ids := make([]string, len(todo))
		for j, e := range todo {
			v := property.Value{Property: e.New, Stored: e.apply(s, values)}
			ids[j] = e.New.ID
			if v.Stored.Defined() {
				values.Set(e.New.ID, v.Stored)
			} else {
				values.Delete(e.New.ID)
			}
			cells = appendCells(cells, s.ID, page.ID, v)
		}
		if slices.ContainsFunc(todo, func(e rowEdit) bool { return e.numbered }) {
			s.NextNumber++
		}
		if err := tx.DeleteCells(s.ID, page.ID, ids...); err != nil {
			return err
		}
		if err := tx.SetProperties(page.ID, values.Append(nil)); err != nil {
			return err
		}
	}
	return tx.InsertCells(cells)
}

// apply returns the new value of a row.
func (e *rowEdit) apply(s *source, values jsonx.Value) jsonx.Value {
	if e.numbered {
		return jsonx.NumberValue(float64(s.NextNumber))
	}
	stored := values.Get(e.New.ID)
	if e.Retyped() {
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
