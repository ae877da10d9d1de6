package core

import (
	"context"
	"errors"
	"slices"

	"octavo/internal/block"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// Node is a page or database as people choose it to be shared.
type Node struct {
	ID       notion.ID
	Database bool
	Title    string
	// Within is the title of the page or database that it is in, "" at the top and in a tree.
	Within string
	// Above are the pages and databases that it is in, from the nearest one up.
	Above []notion.ID
	// Openable says that there may be others in it.
	Openable bool
	// Inside are those in it, as far as a tree has been opened.
	Inside Nodes
}

// Nodes are pages and databases, and whether there are more of them.
type Nodes struct {
	List []Node
	More bool
}

// NodeBatch is how many nodes of one level of a tree are shown at first, and how many more
// each time that somebody asks for more.
const NodeBatch = 50

// Tree lists the pages and databases of a workspace, level by level: those at the top, and
// what is in those that are open, each with how many batches of it are wanted. The zero id
// stands for the top, of which there is one batch at least.
func (c *Core) Tree(ctx context.Context, ws notion.ID, open map[notion.ID]int) (Nodes, error) {
	var top Nodes
	err := c.store.View(ctx, ws, func(tx *store.Tx) (err error) {
		top, err = level(tx, Node{}, max(open[notion.ID{}], 1), open)
		return err
	})
	return top, storeError(err)
}

// level lists what is in a node, and in what is open in it.
func level(tx *store.Tx, in Node, batches int, open map[notion.ID]int) (Nodes, error) {
	limit := batches * NodeBatch
	rows, err := insideOf(tx, in, limit+1)
	if err != nil {
		return Nodes{}, err
	}
	nodes := Nodes{More: len(rows) > limit}
	above := in.Above
	if !in.ID.IsZero() {
		above = append([]notion.ID{in.ID}, above...)
	}
	for _, row := range rows[:min(len(rows), limit)] {
		n, err := nodeOf(row)
		if err != nil {
			return nodes, err
		}
		n.Above = above
		if batches := open[n.ID]; batches > 0 && n.Openable {
			if n.Inside, err = level(tx, n, batches, open); err != nil {
				return nodes, err
			}
		}
		nodes.List = append(nodes.List, n)
	}
	return nodes, nil
}

// insideOf reads up to limit pages and databases that are in a node: what is in the content of
// a page, and the rows of a database.
func insideOf(tx *store.Tx, in Node, limit int) ([]store.Block, error) {
	switch {
	case in.ID.IsZero():
		return tx.ChildPages(in.ID, limit)
	case !in.Database:
		return tx.PagesInside(in.ID, limit)
	}
	sources, err := tx.Children(in.ID, store.From{}, limit)
	var rows []store.Block
	for _, source := range sources {
		if err != nil || len(rows) >= limit {
			break
		}
		var some []store.Block
		some, err = tx.ChildPages(source.ID, limit-len(rows))
		rows = append(rows, some...)
	}
	return rows, err
}

func nodeOf(row store.Block) (Node, error) {
	title, err := block.Title(row.Payload)
	return Node{ID: row.ID, Database: row.Type == childDatabase, Title: title, Openable: row.HasChildren}, err
}

// ChosenNodes lists pages and databases that somebody has chosen, in the order of the ids and
// each once. What is in the trash is left out, and so is what is in another one of them: it
// is shared with that. Whatever else the ids name is left out too.
func (c *Core) ChosenNodes(ctx context.Context, ws notion.ID, ids []notion.ID) ([]Node, error) {
	var chosen []Node
	err := c.store.View(ctx, ws, func(tx *store.Tx) error {
		all, err := nodesWithIDs(tx, ids)
		if err != nil {
			return err
		}
		among := map[notion.ID]bool{}
		for _, n := range all {
			among[n.ID] = true
		}
		chosen = nil
		for _, n := range all {
			if !n.In(among) {
				chosen = append(chosen, n)
			}
		}
		return nil
	})
	return chosen, storeError(err)
}

// In reports whether the node is in one of the others.
func (n Node) In(others map[notion.ID]bool) bool {
	return slices.ContainsFunc(n.Above, func(id notion.ID) bool { return others[id] })
}

// FindNodes lists the pages and databases of a workspace that have words of the query in
// their titles, those with the most first. Of a database the titles of its data sources count.
func (c *Core) FindNodes(ctx context.Context, ws notion.ID, query string) (Nodes, error) {
	var nodes Nodes
	err := c.store.View(ctx, ws, func(tx *store.Tx) error {
		s := c.newSearch(tx, &Principal{Workspace: ws, Everything: true}, Search{
			Query: query, Order: MostWordsFirst, PageOf: PageOf{Size: NodeBatch},
		})
		if _, err := s.run(); err != nil {
			return err
		}
		var ids []notion.ID
		for _, hit := range s.found[:min(len(s.found), NodeBatch)] {
			if hit.Type == dataSource {
				ids = append(ids, hit.ParentID)
				continue
			}
			ids = append(ids, hit.ID)
		}
		list, err := nodesWithIDs(tx, ids)
		nodes = Nodes{List: list, More: len(s.found) > NodeBatch}
		return err
	})
	return nodes, storeError(err)
}

// nodesWithIDs reads pages and databases that are not in the trash, each once, with where
// they are.
func nodesWithIDs(tx *store.Tx, ids []notion.ID) ([]Node, error) {
	rows, err := tx.Blocks(ids)
	if err != nil {
		return nil, err
	}
	byID := map[notion.ID]store.Block{}
	for _, row := range rows {
		if row.Type == childPage || row.Type == childDatabase {
			byID[row.ID] = row
		}
	}
	var list []Node
	for _, id := range ids {
		row, found := byID[id]
		if !found {
			continue
		}
		delete(byID, id)
		n, there, err := placedNode(tx, row)
		if err != nil {
			return nil, err
		}
		if there {
			list = append(list, n)
		}
	}
	return list, nil
}

// placedNode reads where a node is, and reports whether it is anywhere but in the trash.
func placedNode(tx *store.Tx, row store.Block) (n Node, there bool, err error) {
	chain, err := tx.Chain(row.ID)
	if errors.Is(err, store.ErrNotFound) || err == nil && place(chain).inTrash() {
		return n, false, nil
	}
	if err != nil {
		return n, false, err
	}
	if n, err = nodeOf(row); err != nil {
		return n, false, err
	}
	for _, link := range chain[1:] {
		if link.Type == childPage || link.Type == childDatabase {
			n.Above = append(n.Above, link.ID)
		}
	}
	if len(n.Above) == 0 {
		return n, true, nil
	}
	container, err := tx.Block(n.Above[0])
	if err != nil {
		return n, false, err
	}
	n.Within, err = block.Title(container.Payload)
	return n, true, err
}
