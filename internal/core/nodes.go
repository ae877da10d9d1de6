package core

import (
	"context"

	"octavo/internal/block"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// Node is a page or database as people choose it to be shared.
type Node struct {
	ID       notion.ID
	Database bool
	Title    string
	// Within is the title of the page or database that it is in, "" at the top.
	Within string
}

// Nodes are pages and databases, and whether there are more of them.
type Nodes struct {
	List []Node
	More bool
}

// maxNodes is how many nodes are shown at once.
const maxNodes = 50

// NodesIn lists the pages and databases that are right below a page, or with the zero ID at
// the top of a workspace. Those inside of other blocks are found by [Core.FindNodes] only.
func (c *Core) NodesIn(ctx context.Context, ws, parent notion.ID) (Nodes, error) {
	return c.nodes(ctx, ws, func(tx *store.Tx) ([]store.Block, bool, error) {
		rows, err := tx.ChildPages(parent, maxNodes+1)
		return rows[:min(len(rows), maxNodes)], len(rows) > maxNodes, err
	})
}

// NodesWithIDs lists pages and databases in the order of their ids in the list. Whatever
// else the ids name is left out.
func (c *Core) NodesWithIDs(ctx context.Context, ws notion.ID, ids []notion.ID) (Nodes, error) {
	return c.nodes(ctx, ws, func(tx *store.Tx) ([]store.Block, bool, error) {
		rows, err := blocksInOrder(tx, ids)
		return rows, false, err
	})
}

// FindNodes lists the pages and databases of a workspace that have words of the query in
// their titles, those with the most first. Of a database the titles of its data sources count.
func (c *Core) FindNodes(ctx context.Context, ws notion.ID, query string) (Nodes, error) {
	return c.nodes(ctx, ws, func(tx *store.Tx) ([]store.Block, bool, error) {
		s := c.newSearch(tx, &Principal{Workspace: ws, Everything: true}, Search{
			Query: query, Order: MostWordsFirst, PageOf: PageOf{Size: maxNodes},
		})
		if _, err := s.run(); err != nil {
			return nil, false, err
		}
		var ids []notion.ID
		for _, hit := range s.found[:min(len(s.found), maxNodes)] {
			if hit.Type == dataSource {
				ids = append(ids, hit.ParentID)
				continue
			}
			ids = append(ids, hit.ID)
		}
		rows, err := blocksInOrder(tx, ids)
		return rows, len(s.found) > maxNodes, err
	})
}

// blocksInOrder reads pages and databases that are not in the trash, each once.
func blocksInOrder(tx *store.Tx, ids []notion.ID) ([]store.Block, error) {
	rows, err := tx.Blocks(ids)
	if err != nil {
		return nil, err
	}
	byID := map[notion.ID]store.Block{}
	for _, row := range rows {
		if (row.Type == childPage || row.Type == childDatabase) && !row.InTrash {
			byID[row.ID] = row
		}
	}
	var list []store.Block
	for _, id := range ids {
		if row, found := byID[id]; found {
			list = append(list, row)
			delete(byID, id)
		}
	}
	return list, nil
}

// nodes shows the rows that read returns.
func (c *Core) nodes(ctx context.Context, ws notion.ID, read func(*store.Tx) ([]store.Block, bool, error)) (Nodes, error) {
	var nodes Nodes
	err := c.store.View(ctx, ws, func(tx *store.Tx) error {
		rows, more, err := read(tx)
		if err != nil {
			return err
		}
		nodes.More = more
		nodes.List, err = showNodes(tx, rows)
		return err
	})
	return nodes, storeError(err)
}

func showNodes(tx *store.Tx, rows []store.Block) ([]Node, error) {
	var list []Node
	for _, row := range rows {
		title, err := block.Title(row.Payload)
		if err != nil {
			return nil, err
		}
		within, err := titleAround(tx, row)
		if err != nil {
			return nil, err
		}
		list = append(list, Node{ID: row.ID, Database: row.Type == childDatabase, Title: title, Within: within})
	}
	return list, nil
}

// titleAround returns the title of the page or database that a node is in, "" at the top.
func titleAround(tx *store.Tx, row store.Block) (string, error) {
	if row.ParentID.IsZero() {
		return "", nil
	}
	chain, err := tx.Chain(row.ParentID)
	if err != nil {
		return "", ignoreNotFound(err)
	}
	for _, link := range chain {
		if link.Type != childPage && link.Type != childDatabase {
			continue
		}
		container, err := tx.Block(link.ID)
		if err != nil {
			return "", err
		}
		return block.Title(container.Payload)
	}
	return "", nil
}
