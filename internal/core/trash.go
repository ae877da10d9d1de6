package core

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/richtext"
	"octavo/internal/store"
)

// The kinds of events that tell of what was removed for good. No subscriber is told of them:
// the hosted API has none such. The tables in memory read those of pages.
const (
	pagePurged     = "page.purged"
	databasePurged = "database.purged"
	sourcePurged   = "data_source.purged"
)

var purgeEvents = map[string]string{childPage: pagePurged, childDatabase: databasePurged, dataSource: sourcePurged}

// TrashTypes are the types of what can be in the trash.
var TrashTypes = []string{"page", "database", "data_source", "block"}

// trashTypes are the types of nodes that each of the types of [TrashTypes] means; a block is
// what is none of the others.
var trashTypes = map[string]string{"page": childPage, "database": childDatabase, "data_source": dataSource}

// TrashItem is something that was put into the trash by itself; what hangs on it is there
// with it and is no item of its own.
type TrashItem struct {
	store.Trashed
	// Kind is one of [TrashTypes].
	Kind string
	// Title is the plain title of what has one.
	Title string
}

// TrashFilter says what of the trash is asked for. The zero value of a field leaves nothing
// out.
type TrashFilter struct {
	// Type is one of [TrashTypes].
	Type string
	// Before is the first time that is too late.
	Before time.Time
}

func (f TrashFilter) query() store.TrashQuery {
	q := store.TrashQuery{Before: f.Before}
	switch f.Type {
	case "":
	case "block":
		q.Types, q.Except = slices.Sorted(maps.Values(trashTypes)), true
	default:
		q.Types = []string{trashTypes[f.Type]}
	}
	return q
}

// Trash lists what is in the trash of a workspace, by id.
func (c *Core) Trash(ctx context.Context, ws notion.ID, filter TrashFilter, part PageOf) (Listing[TrashItem], error) {
	id := func(t *TrashItem) notion.ID { return t.ID }
	return list(part, id, func(after *notion.ID, limit int) (items []TrashItem, err error) {
		q := filter.query()
		q.After = orZero(after)
		err = c.store.View(ctx, ws, func(tx *store.Tx) error {
			rows, err := tx.TrashList(q, limit)
			if err != nil {
				return err
			}
			items, err = c.trashItems(tx, rows)
			return err
		})
		return items, err
	})
}

// trashItems gives nodes their titles.
func (c *Core) trashItems(tx *store.Tx, rows []store.Trashed) ([]TrashItem, error) {
	ids := make([]notion.ID, len(rows))
	for i := range rows {
		ids[i] = rows[i].ID
	}
	titles, err := tx.Titles(ids)
	if err != nil {
		return nil, err
	}
	items := make([]TrashItem, len(rows))
	for i, row := range rows {
		items[i] = TrashItem{Trashed: row, Kind: "block", Title: titles[row.ID]}
		for kind, node := range trashTypes {
			if node == row.Type {
				items[i].Kind = kind
			}
		}
		if err := items[i].entitle(tx); err != nil {
			return nil, err
		}
	}
	return items, nil
}

// entitle finds the title of what is no page.
func (t *TrashItem) entitle(tx *store.Tx) error {
	switch t.Type {
	case dataSource:
		source, err := tx.DataSource(t.ID)
		t.Title = source.Name
		return err
	case childDatabase:
		database, err := tx.Database(t.ID)
		if err != nil {
			return err
		}
		title, err := jsonx.Parse(database.Title)
		t.Title = richtext.Plain(title)
		return err
	}
	return nil
}

// RestoreFromTrash brings something back to its place and returns what it was in the trash.
// It is edited by a person of the workspace, for the zero id by the oldest active owner.
func (c *Core) RestoreFromTrash(ctx context.Context, ws, id, by notion.ID) (TrashItem, error) {
	var item TrashItem
	err := c.store.Update(ctx, ws, func(tx *store.Tx) error {
		at, err := trashedPlace(tx, id)
		if err != nil {
			return err
		}
		p, err := administrator(tx, by)
		if err != nil {
			return err
		}
		node, err := tx.Block(id)
		if err != nil {
			return err
		}
		if p.Bot.IsZero() {
			p.Bot = node.LastEditedBy // who put it there
		}
		items, err := c.trashItems(tx, []store.Trashed{{Link: at[0], Time: node.LastEditedTime, By: node.LastEditedBy}})
		if err != nil {
			return err
		}
		item = items[0]
		return c.setTrash(tx, p, at, false)
	})
	return item, storeError(err)
}

// trashedPlace finds what is itself in the trash.
func trashedPlace(tx *store.Tx, id notion.ID) (place, error) {
	chain, err := tx.Chain(id)
	if errors.Is(err, store.ErrNotFound) || err == nil && !place(chain).trashed() {
		return nil, apierr.Errorf(apierr.ObjectNotFound, "Could not find object in the trash with ID: %s.", id)
	}
	return chain, err
}

// administrator returns who an administrator acts as in a workspace: a person of it, for the
// zero id its oldest active owner, or nobody when it has none.
func administrator(tx *store.Tx, id notion.ID) (*Principal, error) {
	p := &Principal{Workspace: tx.Workspace(), Caps: AllCapabilities, Everything: true}
	if !id.IsZero() {
		u, err := tx.User(id)
		if errors.Is(err, store.ErrNotFound) || err == nil && (u.Type != "person" || u.Deactivated) {
			return nil, invalid("user_id should be the ID of an active person of the workspace, instead was `\"%s\"`.", id)
		}
		p.Bot = id
		return p, err
	}
	const some = 100
	for after := (notion.ID{}); ; {
		users, err := tx.AllUsers(after, some)
		if err != nil {
			return nil, err
		}
		for _, u := range users {
			if u.Role == "owner" && !u.Deactivated {
				p.Bot = u.ID
				return p, nil
			}
		}
		if len(users) < some {
			return p, nil
		}
		after = users[some-1].ID
	}
}

// Purged is what was removed for good.
type Purged struct {
	// Items is how many of what was in the trash by itself, and Nodes how many pages,
	// databases, data sources and blocks that was with all that hung on them.
	Items, Nodes int
	// More reports that there is more to remove.
	More bool
}

const (
	// purgeBatch is how many nodes are removed in one write, so that no other write waits
	// long, and purgeMost about how many for one request.
	purgeBatch = 500
	purgeMost  = 10_000
)

// PurgeFromTrash removes something that is in the trash for good, with all that hangs on it.
// What is small goes in one write. Of what is not, the outermost goes last: whenever it ends,
// the rest is still in the trash and can be removed.
func (c *Core) PurgeFromTrash(ctx context.Context, ws, id notion.ID) (Purged, error) {
	var done Purged
	err := c.purge(ctx, ws, id, &done)
	return done, storeError(err)
}

// EmptyTrash removes what is in the trash for good, the oldest ids first.
func (c *Core) EmptyTrash(ctx context.Context, ws notion.ID, filter TrashFilter) (Purged, error) {
	var done Purged
	for done.Nodes < purgeMost {
		var rows []store.Trashed
		err := c.store.View(ctx, ws, func(tx *store.Tx) (err error) {
			rows, err = tx.TrashList(filter.query(), purgeBatch)
			return err
		})
		if err != nil || len(rows) == 0 {
			return done, storeError(err)
		}
		for _, row := range rows {
			err := c.purge(ctx, ws, row.ID, &done)
			if isNotFound(err) {
				continue // it hung on another one, or somebody was faster
			}
			if err != nil || done.More {
				return done, storeError(err)
			}
		}
	}
	err := c.store.View(ctx, ws, func(tx *store.Tx) error {
		left, err := tx.TrashList(filter.query(), 1)
		done.More = len(left) > 0
		return err
	})
	return done, storeError(err)
}

// PruneTrash removes for good what was put into the trash before a time. Failures are logged:
// there is a next time.
func (c *Core) PruneTrash(ctx context.Context, ws notion.ID, before time.Time) {
	var all Purged
	for more := true; more; {
		done, err := c.EmptyTrash(ctx, ws, TrashFilter{Before: before})
		all.Items, all.Nodes, more = all.Items+done.Items, all.Nodes+done.Nodes, done.More
		if err != nil {
			if ctx.Err() == nil {
				c.log.Warn("remove what has been in the trash for long", "workspace_id", ws.String(), "error", err)
			}
			break
		}
	}
	if all.Nodes > 0 {
		c.log.Info("removed what has been in the trash for long", "workspace_id", ws.String(), "items", all.Items, "nodes", all.Nodes)
	}
}

// purge removes one thing for good, piece by piece, unless there is too much of it.
func (c *Core) purge(ctx context.Context, ws, root notion.ID, done *Purged) error {
	for {
		if done.Nodes >= purgeMost {
			done.More = true
			return nil
		}
		removed, whole := 0, false
		err := c.store.Update(ctx, ws, func(tx *store.Tx) error {
			at, err := trashedPlace(tx, root)
			if err != nil {
				return err
			}
			var nodes []store.Link
			if nodes, whole, err = outermostLast(tx, at[0], purgeBatch); err != nil {
				return err
			}
			removed = len(nodes)
			if err := forgetResults(tx, root); err != nil {
				return err
			}
			return c.remove(tx, nodes)
		})
		if err != nil {
			return err
		}
		done.Nodes += removed
		if whole {
			done.Items++
			return nil
		}
	}
}

// forgetResults forgets the results of tasks that may show something that is in the trash:
// those of tasks that were done before it came there.
func forgetResults(tx *store.Tx, trashed notion.ID) error {
	row, err := tx.Block(trashed)
	if err != nil {
		return err
	}
	return tx.ForgetAsyncTasks(row.LastEditedTime)
}

// outermostLast returns about a number of nodes at and below one, none of which has something
// below it that is not among them, and reports whether the node is.
func outermostLast(tx *store.Tx, node store.Link, most int) (nodes []store.Link, whole bool, err error) {
	below, err := tx.Descendants(node.ID, most)
	if err != nil || len(below) < most {
		return append(below, node), err == nil, err
	}
	children, err := tx.ChildLinks(node.ID, most)
	if err != nil {
		return nil, false, err
	}
	for _, child := range children {
		some, whole, err := outermostLast(tx, child, most-len(nodes))
		nodes = append(nodes, some...)
		if err != nil || !whole || len(nodes) >= most {
			return nodes, false, err
		}
	}
	return nodes, false, nil
}

// remove removes nodes for good. What is below them is among them.
func (c *Core) remove(tx *store.Tx, nodes []store.Link) error {
	p, err := administrator(tx, notion.ID{})
	if err != nil {
		return err
	}
	ids := make([]notion.ID, len(nodes))
	var pages []notion.ID
	for i, n := range nodes {
		ids[i] = n.ID
		if n.Type == childPage {
			pages = append(pages, n.ID)
		}
	}
	if err := c.removeValues(tx, pages); err != nil {
		return err
	}
	if err := tx.Remove(ids); err != nil {
		return err
	}
	for _, n := range nodes {
		if kind := purgeEvents[n.Type]; kind != "" {
			if err := c.event(tx, p, kind, n.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// removeValues removes what the indexes hold of pages as rows of data sources: the cells of
// the one that each is in, and the links of that and of those that it has left.
func (c *Core) removeValues(tx *store.Tx, ids []notion.ID) error {
	pages, err := tx.Pages(ids)
	if err != nil {
		return err
	}
	known := c.sources(tx, nil)
	for i := range pages {
		page := &pages[i]
		kept, err := parseKept(page.Kept)
		if err != nil {
			return err
		}
		for _, m := range kept.Members() {
			former, _ := notion.ParseID(m.Key)
			if err := unlink(tx, known.read(former), page.ID); err != nil {
				return err
			}
		}
		s := known.read(page.ParentID)
		if known.err != nil {
			return known.err
		}
		if s == nil {
			continue // it is in no data source
		}
		if err := unlink(tx, s, page.ID); err != nil {
			return err
		}
		properties := make([]string, 0, len(s.props.Properties()))
		for _, prop := range s.props.Properties() {
			properties = append(properties, prop.ID)
		}
		if err := s.formulas().release(tx, page.ID); err != nil {
			return err
		}
		if err := tx.DeleteCells(s.ID, page.ID, properties...); err != nil {
			return err
		}
	}
	return known.err
}

// unlink removes the links that lead from a page as a row of a data source, which may be gone.
func unlink(tx *store.Tx, s *source, page notion.ID) error {
	if s == nil {
		return nil
	}
	for _, prop := range s.props.Properties() {
		if prop.Type.Name != "relation" {
			continue
		}
		if err := tx.SetRelated(s.column(prop), page, nil); err != nil {
			return err
		}
	}
	return nil
}
