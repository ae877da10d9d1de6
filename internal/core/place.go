package core

import (
	"context"
	"errors"
	"slices"

	"octavo/internal/notion"
	"octavo/internal/store"
)

// The types of the nodes that are more than blocks. A data source is a node below its
// database, so that access and trash run along one chain, and no block of the API.
const (
	childPage     = "child_page"
	childDatabase = "child_database"
	dataSource    = "data_source"
)

// place is a node of the workspace's tree together with its ancestors, nearest first. One
// read of it answers who may see the node and whether it is in the trash.
type place []store.Link

// locate finds a node for p. A node that does not exist and one that is not shared with
// p give the same error, in the word of the endpoint.
func (c *Core) locate(tx *store.Tx, p *Principal, id notion.ID, entity string) (place, error) {
	chain, err := tx.Chain(id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, p.notFound(entity, id)
	}
	if err != nil {
		return nil, err
	}
	shared, err := c.shared(tx, p, chain)
	if err != nil {
		return nil, err
	}
	if !shared {
		return nil, p.notFound(entity, id)
	}
	return chain, nil
}

// shared reports whether p may see the node of a place.
func (c *Core) shared(tx *store.Tx, p *Principal, at place) (bool, error) {
	if p.Everything {
		return true, nil
	}
	ids := make([]notion.ID, len(at))
	for i, link := range at {
		ids[i] = link.ID
	}
	return tx.SharedAny(p.Integration, ids)
}

// locateBlock is locate for an id that must be a block's, pages and databases included.
func (c *Core) locateBlock(tx *store.Tx, p *Principal, id notion.ID) (place, error) {
	at, err := c.locate(tx, p, id, "block")
	if err == nil && at.kind() == dataSource {
		return nil, p.notFound("block", id)
	}
	return at, err
}

// locatePage is locate for an id that must be a page's.
func (c *Core) locatePage(tx *store.Tx, p *Principal, id notion.ID) (place, error) {
	at, err := c.locate(tx, p, id, "page")
	if err == nil && at.kind() != childPage {
		return nil, p.notFound("page", id)
	}
	return at, err
}

// locateDatabase is locate for an id that must be a database's (contract.md §4.4 row 98).
func (c *Core) locateDatabase(tx *store.Tx, p *Principal, id notion.ID) (place, error) {
	at, err := c.locate(tx, p, id, "database")
	switch {
	case err != nil:
		return nil, err
	case at.kind() == childPage:
		return nil, invalid("Provided database_id %s is a page, not a database. Use the pages API instead, or pass the ID of the database itself.", id)
	case at.kind() != childDatabase:
		return nil, p.notFound("database", id)
	}
	return at, nil
}

// locateSource is locate for an id that must be a data source's.
func (c *Core) locateSource(tx *store.Tx, p *Principal, id notion.ID) (place, error) {
	at, err := c.locate(tx, p, id, "data_source")
	if err == nil && at.kind() != dataSource {
		return nil, p.notFound("data_source", id)
	}
	return at, err
}

// kind is the block type of the node.
func (at place) kind() string { return at[0].Type }

// trashed reports whether the node itself is in the trash.
func (at place) trashed() bool { return at[0].InTrash }

// within reports whether the node is, or hangs on, the one with that id.
func (at place) within(id notion.ID) bool {
	return slices.ContainsFunc(at, func(l store.Link) bool { return l.ID == id })
}

// inTrash reports whether the node or anything it hangs on is in the trash.
func (at place) inTrash() bool {
	for _, link := range at {
		if link.InTrash {
			return true
		}
	}
	return false
}

// page is the page whose content the node is, or the node itself when it is a page.
func (at place) page() notion.ID {
	if at.kind() == childPage {
		return at[0].ID
	}
	return at[0].PageID
}

// isRow reports whether the node is a page of a data source.
func (at place) isRow() bool {
	return at.kind() == childPage && len(at) > 1 && at[1].Type == dataSource
}

// checkEditable refuses a change to what is in the trash (contract.md §4.4 #92, #94).
func (at place) checkEditable() error {
	if at.trashed() {
		return errTrashed()
	}
	return at.checkAncestors()
}

func errTrashed() error {
	return invalid("Can't edit block that is archived. You must unarchive the block before editing.")
}

// checkAncestors refuses a change below something that is in the trash. The text speaks of
// pages whatever the node is; no other has been seen (contract.md §4.6).
func (at place) checkAncestors() error {
	if at[1:].inTrash() {
		return invalid("Can't edit page on block with an archived ancestor. You must unarchive the ancestor before editing page.")
	}
	return nil
}

func (c *Core) view(ctx context.Context, p *Principal, f func(*store.Tx) error) error {
	return storeError(c.store.View(ctx, p.Workspace, f))
}

func (c *Core) update(ctx context.Context, p *Principal, f func(*store.Tx) error) error {
	return storeError(c.store.Update(ctx, p.Workspace, f))
}
