package core

import (
	"context"
	"errors"

	"octavo/internal/block"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// PageOf says which part of a listing is wanted.
type PageOf struct {
	// Size is how many results at most, 1 to 100.
	Size int
	// Cursor is the next_cursor of the part before, "" for the first.
	Cursor string
}

// Where says at which end of its siblings something goes.
type Where uint8

// The places among siblings.
const (
	AtEnd Where = iota
	AtStart
	AfterBlock
)

// Position is a place among the children of a block or page.
type Position struct {
	At Where
	// Block is the sibling to follow, with AfterBlock.
	Block notion.ID
}

// Block returns one block, in the trash or not. A page is found by its id as its
// child_page block (pages-blocks.md §1.2).
func (c *Core) Block(ctx context.Context, p *Principal, id notion.ID) (notion.Object, error) {
	var o notion.Object
	err := c.view(ctx, p, func(tx *store.Tx) error {
		at, err := c.locateBlock(tx, p, id)
		if err != nil {
			return err
		}
		o, err = c.showBlock(tx, p, at)
		return err
	})
	return o, err
}

// PageAround returns the page whose content a block is.
func (c *Core) PageAround(ctx context.Context, p *Principal, id notion.ID) (notion.ID, error) {
	var page notion.ID
	err := c.view(ctx, p, func(tx *store.Tx) error {
		at, err := c.locateBlock(tx, p, id)
		if err == nil {
			page = at.page()
		}
		return err
	})
	return page, err
}

// Children lists the blocks directly below a block or page, without those in the trash
// (pages-blocks.md §1.2). Below something that is in the trash nothing is found.
func (c *Core) Children(ctx context.Context, p *Principal, id notion.ID, page PageOf) (notion.Object, error) {
	var list notion.Object
	err := c.view(ctx, p, func(tx *store.Tx) error {
		at, err := c.locateBlock(tx, p, id)
		if err != nil {
			return err
		}
		if at.inTrash() {
			return p.notFound("block", id)
		}
		content, err := c.contentOf(tx, p, at)
		if err != nil {
			return err
		}
		// The data sources below a database are no blocks.
		if content.inTrash() || content.kind() == childDatabase {
			list = &notion.List{Type: "block"}
			return nil
		}
		parent := content[0].ID
		var from store.From
		if page.Cursor != "" {
			if from, err = childCursor(tx, parent, page.Cursor); err != nil {
				return err
			}
		}
		list, err = c.listChildren(tx, p, parent, from, page.Size)
		return err
	})
	return list, err
}

// contentOf returns the place of the block that holds the children shown at a place: the
// original for a synced copy, the place itself for everything else.
func (c *Core) contentOf(tx *store.Tx, p *Principal, at place) (place, error) {
	if at.kind() != block.Synced {
		return at, nil
	}
	row, err := tx.Block(at[0].ID)
	if err != nil {
		return nil, err
	}
	original, isCopy := block.SyncedFrom(row.Payload)
	if !isCopy {
		return at, nil
	}
	return c.locateBlock(tx, p, original)
}

// childCursor returns where a listing goes on. The cursor is the id of
// the first block of the part to come (contract.md §8); one that has been trashed since
// still marks its place.
func childCursor(tx *store.Tx, parent notion.ID, cursor string) (store.From, error) {
	id, _ := notion.ParseID(cursor)
	row, err := tx.Block(id)
	if errors.Is(err, store.ErrNotFound) || err == nil && row.ParentID != parent {
		return store.From{}, invalid("The start_cursor provided is invalid: %s", cursor)
	}
	return store.From{Ord: row.Ord, ID: row.ID, Inclusive: true}, err
}

// listChildren lists children of parent from a place on.
func (c *Core) listChildren(tx *store.Tx, p *Principal, parent notion.ID, from store.From, size int) (notion.Object, error) {
	rows, err := tx.Children(parent, from, size+1)
	if err != nil {
		return nil, err
	}
	list := &notion.List{Type: "block"}
	if len(rows) > size {
		list.NextCursor = rows[size].ID.String()
		rows = rows[:size]
	}
	list.Results, err = c.showBlocks(tx, p, rows)
	return list, err
}

// AppendChildren adds blocks below a block or page. It answers with the new blocks; when
// they do not go to the end, with everything from the first new block on, as the hosted
// API does (pages-blocks.md §3.3).
func (c *Core) AppendChildren(ctx context.Context, p *Principal, id notion.ID, children jsonx.Value, position Position) (notion.Object, error) {
	// What is wrong with the content matters only where there is a place for it.
	tree, wrong := block.DecodeAll(children, c.opts.MaxBlocks)
	var list notion.Object
	err := c.update(ctx, p, func(tx *store.Tx) error {
		at, err := c.locateBlock(tx, p, id)
		if err != nil {
			return err
		}
		if err := at.checkEditable(); err != nil {
			return err
		}
		if wrong != nil {
			return wrong
		}
		row, err := tx.Block(id)
		if err != nil {
			return err
		}
		if err := block.CanTake(row.Type, row.Payload, tree); err != nil {
			return err
		}
		made, err := c.insertTree(tx, p, at, tree, position)
		if err != nil {
			return err
		}
		first := made[:len(tree)]
		if len(first) == 0 {
			list = &notion.List{Type: "block"}
			return nil
		}
		if err := c.touch(tx, p, at, links(made)...); err != nil {
			return err
		}
		switch {
		case !p.Caps.Has(ReadContent):
			list = partialBlocks(first)
		case position.At == AtEnd:
			list, err = c.showNew(tx, p, first)
		default:
			list, err = c.listChildren(tx, p, id, store.From{Ord: first[0].Ord, ID: first[0].ID, Inclusive: true}, 100)
		}
		return err
	})
	return list, err
}

// partialBlocks is the answer to an integration that may write but not read.
func partialBlocks(rows []store.Block) notion.Object {
	list := &notion.List{Type: "block"}
	for _, r := range rows {
		list.Results = append(list.Results, notion.Partial{Object: "block", ID: r.ID})
	}
	return list
}

func (c *Core) showNew(tx *store.Tx, p *Principal, rows []store.Block) (notion.Object, error) {
	results, err := c.showBlocks(tx, p, rows)
	return &notion.List{Type: "block", Results: results}, err
}

// links names nodes by their rows.
func links(rows []store.Block) []store.Link {
	named := make([]store.Link, len(rows))
	for i := range rows {
		named[i] = store.Link{ID: rows[i].ID, Type: rows[i].Type}
	}
	return named
}

// insertTree writes new blocks and everything in them below the node of the place. It
// returns their rows, those of the first level first.
func (c *Core) insertTree(tx *store.Tx, p *Principal, at place, tree []*block.New, position Position) ([]store.Block, error) {
	if len(tree) == 0 {
		return nil, nil
	}
	parent := at[0].ID
	before, after, err := gap(tx, parent, position)
	if err != nil {
		return nil, err
	}
	if err := c.checkTree(tx, p, at, tree); err != nil {
		return nil, err
	}
	var rows []store.Block
	c.layOut(tx, p, &rows, tree, parent, at.page(), store.Sequence(before, after, len(tree)))
	if err := tx.InsertBlocks(rows); err != nil {
		return nil, err
	}
	return rows, nil
}

// layOut appends the rows of one level, then those below it, so that the first level
// stands first.
func (c *Core) layOut(tx *store.Tx, p *Principal, rows *[]store.Block, level []*block.New, parent, page notion.ID, keys []string) {
	start := len(*rows)
	for i, n := range level {
		*rows = append(*rows, store.Block{
			ID: c.ids.New(tx.Now()), Type: n.Type, ParentID: parent, PageID: page, Ord: keys[i],
			CreatedTime: tx.Now(), CreatedBy: p.Bot, LastEditedTime: tx.Now(), LastEditedBy: p.Bot,
			Dynamic: n.Dynamic, Payload: n.Payload, HasChildren: len(n.Children) > 0,
		})
	}
	for i, n := range level {
		if len(n.Children) > 0 {
			c.layOut(tx, p, rows, n.Children, (*rows)[start+i].ID, page, store.Sequence("", "", len(n.Children)))
		}
	}
}

// gap returns the order keys between which something goes; "" is an open end. Blocks in
// the trash keep their keys, so that a restored one returns to its place.
func gap(tx *store.Tx, parent notion.ID, position Position) (before, after string, err error) {
	switch position.At {
	case AtStart:
		after, _, err = tx.Ends(parent)
	case AfterBlock:
		sibling, err := tx.Block(position.Block)
		if errors.Is(err, store.ErrNotFound) || err == nil && sibling.ParentID != parent {
			return "", "", invalid("Block with ID %s is not a child of %s.", position.Block, parent)
		}
		if err != nil {
			return "", "", err
		}
		after, err = tx.OrdAfter(parent, sibling.Ord)
		return sibling.Ord, after, err
	default:
		_, before, err = tx.Ends(parent)
	}
	return before, after, err
}

// touch records that the content of the place has changed, and which nodes of it: on the
// node, and on the page it is in (pages-blocks.md §1.3).
func (c *Core) touch(tx *store.Tx, p *Principal, at place, updated ...store.Link) error {
	switch at.kind() {
	case dataSource:
		return c.contentEvent(tx, p, sourceContentUpdated, at[0].ID, updated)
	case childDatabase:
		return c.contentEvent(tx, p, databaseContentUpdated, at[0].ID, updated)
	}
	ids := []notion.ID{at[0].ID}
	if page := at.page(); page != at[0].ID && !page.IsZero() {
		ids = append(ids, page)
	}
	if err := tx.Touch(p.Bot, ids...); err != nil {
		return err
	}
	return c.contentEvent(tx, p, contentUpdated, at.page(), updated)
}

// UpdateBlock changes the payload of a block, or moves it into or out of the trash
// (pages-blocks.md §2.7).
func (c *Core) UpdateBlock(ctx context.Context, p *Principal, id notion.ID, body jsonx.Value) (notion.Object, error) {
	return c.editBlock(ctx, p, id, func(tx *store.Tx, at place) error { return c.changeBlock(tx, p, at, body) })
}

// editBlock makes one change to a block in a transaction of its own and answers with the
// block as it is then.
func (c *Core) editBlock(ctx context.Context, p *Principal, id notion.ID, edit func(*store.Tx, place) error) (notion.Object, error) {
	var o notion.Object
	err := c.update(ctx, p, func(tx *store.Tx) error {
		at, err := c.locateBlock(tx, p, id)
		if err != nil {
			return err
		}
		if err := edit(tx, at); err != nil {
			return err
		}
		if !p.Caps.Has(ReadContent) {
			o = notion.Partial{Object: "block", ID: id}
			return nil
		}
		o, err = c.showBlockByID(tx, p, id)
		return err
	})
	return o, err
}

func (c *Core) changeBlock(tx *store.Tx, p *Principal, at place, body jsonx.Value) error {
	key, patch := block.UpdateKey(body)
	if key != "" && key != at.kind() {
		return invalid("Expected block type %s in request body", at.kind())
	}
	trash := body.Get("in_trash")
	if trash.Defined() && !trash.True() && at.trashed() {
		if err := c.setTrash(tx, p, at, false); err != nil {
			return err
		}
		at[0].InTrash = false
	}
	if err := at.checkEditable(); err != nil {
		return err
	}
	if key != "" {
		if err := c.changePayload(tx, p, at, patch); err != nil {
			return err
		}
	}
	if trash.True() {
		return c.setTrash(tx, p, at, true)
	}
	return nil
}

func (c *Core) changePayload(tx *store.Tx, p *Principal, at place, patch jsonx.Value) error {
	row, err := tx.Block(at[0].ID)
	if err != nil {
		return err
	}
	changed, err := block.Update(row.Type, row.Payload, patch, row.HasChildren)
	if err != nil {
		return err
	}
	if err := c.checkReferences(tx, p, at, changed, row.Payload); err != nil {
		return err
	}
	row.Payload, row.Dynamic = changed.Payload, changed.Dynamic
	if err := tx.UpdateBlock(row, p.Bot); err != nil {
		return err
	}
	return c.touch(tx, p, at, at[0])
}

// DeleteBlock moves a block, or a page, into the trash and returns it.
func (c *Core) DeleteBlock(ctx context.Context, p *Principal, id notion.ID) (notion.Object, error) {
	return c.editBlock(ctx, p, id, func(tx *store.Tx, at place) error {
		if err := at.checkEditable(); err != nil {
			return err
		}
		return c.setTrash(tx, p, at, true)
	})
}

// setTrash moves a node into the trash or back to its old place. What hangs on it goes
// with it and keeps its own state.
func (c *Core) setTrash(tx *store.Tx, p *Principal, at place, trashed bool) error {
	if err := at.checkAncestors(); err != nil {
		return err
	}
	if !trashed && len(at) > 1 && block.Lookup(at[1].Type) != nil && at[1].Type != childDatabase {
		// The parent may have changed since: a heading that is no toggle any more.
		parent, err := tx.Block(at[1].ID)
		if err != nil {
			return err
		}
		if err := block.CanHold(parent.Type, parent.Payload, at.kind()); err != nil {
			return err
		}
	}
	if err := tx.SetTrash(trashed, p.Bot, at[0].ID); err != nil {
		return err
	}
	if err := c.trashEvent(tx, p, at[0], trashed); err != nil {
		return err
	}
	if len(at) == 1 {
		return nil // nothing around what is at the top of the workspace
	}
	return c.touch(tx, p, at[1:], at[0])
}

// trashEvent records that a node went to the trash or came back, if it is of a kind that
// has such events.
func (c *Core) trashEvent(tx *store.Tx, p *Principal, node store.Link, trashed bool) error {
	events, has := trashEvents[node.Type]
	switch {
	case !has:
		return nil
	case trashed:
		return c.event(tx, p, events.deleted, node.ID)
	}
	return c.event(tx, p, events.undeleted, node.ID)
}
