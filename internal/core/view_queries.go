package core

import (
	"context"
	"errors"
	"slices"
	"time"

	"octavo/internal/notion"
	"octavo/internal/query"
	"octavo/internal/store"
	"octavo/internal/view"
)

// The answers of views are stored, not remembered: their pages can be asked for from any
// server of a database and after a restart, as long as they have promised to be there. They
// are bookkeeping that nothing else shows, and take no revision.
const (
	// viewQueryLife is how long the answer of a view lasts (databases.md §6.4).
	viewQueryLife = 15 * time.Minute
	// maxViewRows is how many pages it has at most.
	maxViewRows = 10_000
	// pruneAtOnce is how many expired answers a new one clears away.
	pruneAtOnce = 10
)

// CreateViewQuery finds the pages that a view shows now, keeps them for a while, and returns
// the first ones (databases.md §6.4).
func (c *Core) CreateViewQuery(ctx context.Context, p *Principal, id notion.ID, size int) (notion.Object, error) {
	found, incomplete, err := c.viewRows(ctx, p, id)
	if err != nil {
		return nil, err
	}
	o := &notion.ViewQuery{View: id, Total: len(found), Incomplete: incomplete, Pages: found[:min(size, len(found))]}
	if len(found) > size {
		o.NextCursor = found[size].String()
	}
	err = storeError(c.store.UpdateAside(ctx, p.Workspace, func(tx *store.Tx) error {
		if _, err := tx.PruneViewQueries(pruneAtOnce); err != nil {
			return err
		}
		o.ID, o.Expires = c.ids.New(tx.Now()), tx.Now().Add(viewQueryLife)
		return tx.InsertViewQuery(store.ViewQuery{
			ID: o.ID, ViewID: id, IntegrationID: p.Integration, ExpiresTime: o.Expires, Incomplete: incomplete, Pages: found,
		})
	}))
	return o, err
}

// viewRows returns the pages that a view shows, at most maxViewRows, and whether there are
// more.
func (c *Core) viewRows(ctx context.Context, p *Principal, id notion.ID) ([]notion.ID, bool, error) {
	most := maxViewRows
	if limit := c.opts.MaxRows; limit > 0 {
		most = min(most, limit)
	}
	var found []query.Found
	err := c.search(ctx, p, func(r *rowSearch) error {
		if err := r.prepareView(id); err != nil || r.patient && r.unindexed != nil {
			return err
		}
		var err error
		found, err = r.find(nil, most+1)
		return err
	})
	incomplete := len(found) > most
	found = found[:min(len(found), most)]
	ids := make([]notion.ID, len(found))
	for i := range found {
		ids[i] = found[i].Page
	}
	return ids, incomplete, err
}

// prepareView makes the search one for the pages that a view shows.
func (r *rowSearch) prepareView(id notion.ID) error {
	row, _, err := r.core.locateView(r.tx, r.p, id)
	if err != nil {
		return err
	}
	if row.Type == view.Dashboard {
		return invalid("A dashboard view has no pages of its own. Query the views of its widgets instead.")
	}
	r.at, err = r.core.locateSource(r.tx, r.p, row.DataSourceID)
	if err == nil && r.at.inTrash() {
		err = r.p.notFound("data_source", row.DataSourceID)
	}
	if err != nil {
		return err
	}
	if r.source, err = r.core.readSource(r.tx, row.DataSourceID); err != nil {
		return err
	}
	if r.ask.Filter, err = view.Effective(r.source.props, row.Filter, row.QuickFilters); err != nil {
		return err
	}
	if r.ask.Sorts, err = view.ShowSorts(r.source.props, row.Sorts); err != nil {
		return err
	}
	r.query, err = query.Parse(r.env(), r.ask.Filter, r.ask.Sorts)
	return err
}

// ViewQueryResults returns pages of an answer of a view that is still kept. Those that have
// gone to the trash since, or away, or have become templates, are left out.
func (c *Core) ViewQueryResults(ctx context.Context, p *Principal, id, queryID notion.ID, part PageOf) (notion.Object, error) {
	list := &notion.List{Type: "page"}
	err := c.view(ctx, p, func(tx *store.Tx) error {
		row, _, err := c.locateView(tx, p, id)
		if err != nil {
			return err
		}
		q, err := tx.ViewQuery(queryID)
		mine := q.ViewID == id && q.IntegrationID == p.Integration && q.ExpiresTime.After(tx.Now())
		if errors.Is(err, store.ErrNotFound) || err == nil && !mine {
			return p.notFound("view_query", queryID)
		}
		if err != nil {
			return err
		}
		from := 0
		if part.Cursor != "" {
			first, _ := notion.ParseID(part.Cursor)
			if from = slices.Index(q.Pages, first); from < 0 {
				return invalid("The start_cursor provided is invalid: %s", part.Cursor)
			}
		}
		list.Incomplete = q.Incomplete
		return c.fillResults(tx, list, row.DataSourceID, q.Pages[from:], part.Size)
	})
	return list, err
}

// fillResults lists the first of some pages that are rows of a data source, not in the trash
// and no templates.
func (c *Core) fillResults(tx *store.Tx, list *notion.List, source notion.ID, pages []notion.ID, size int) error {
	for some := range slices.Chunk(pages, size+1) {
		rows, err := tx.Blocks(some)
		if err != nil {
			return err
		}
		templates, err := tx.TemplateRows(some)
		if err != nil {
			return err
		}
		there := make(map[notion.ID]bool, len(rows))
		for i := range rows {
			there[rows[i].ID] = rows[i].ParentID == source && !rows[i].InTrash && !slices.Contains(templates, rows[i].ID)
		}
		for _, id := range some {
			if !there[id] {
				continue
			}
			if len(list.Results) == size {
				list.NextCursor = id.String()
				return nil
			}
			list.Results = append(list.Results, notion.Partial{Object: "page", ID: id})
		}
	}
	return nil
}

// DeleteViewQuery gives up an answer of a view, if there is one.
func (c *Core) DeleteViewQuery(ctx context.Context, p *Principal, id, queryID notion.ID) (notion.Object, error) {
	err := storeError(c.store.UpdateAside(ctx, p.Workspace, func(tx *store.Tx) error {
		if _, _, err := c.locateView(tx, p, id); err != nil {
			return err
		}
		q, err := tx.ViewQuery(queryID)
		if errors.Is(err, store.ErrNotFound) || err == nil && (q.ViewID != id || q.IntegrationID != p.Integration) {
			return nil
		}
		if err != nil {
			return err
		}
		return tx.DeleteViewQuery(queryID)
	}))
	return notion.DeletedViewQuery{ID: queryID}, err
}
