package store

import (
	"database/sql"
	"time"

	"octavo/internal/notion"
)

// Block is a node of the tree: a block, or the block half of a page.
type Block struct {
	ID   notion.ID
	Type string
	// ParentID is zero at the top of the workspace.
	ParentID notion.ID
	// PageID is the page whose content the block is, not the page itself; zero at the top.
	PageID notion.ID
	// Ord is the block's place among its siblings ([Between], [Sequence]).
	Ord            string
	CreatedTime    time.Time
	CreatedBy      notion.ID
	LastEditedTime time.Time
	LastEditedBy   notion.ID
	// InTrash is the block's own mark, not its ancestors'.
	InTrash bool
	// Dynamic says that the payload holds references to resolve when it is read.
	Dynamic bool
	Payload []byte
	// HasChildren is set by reading: whether a child is not in the trash. It is not
	// stored.
	HasChildren bool
}

const (
	blockColumns = `b.id, b.type, b.parent_id, b.page_id, b.ord, b.created_time, b.created_by,
		b.last_edited_time, b.last_edited_by, b.in_trash, b.dynamic, b.payload,
		EXISTS (SELECT 1 FROM block c WHERE c.workspace_id = b.workspace_id AND c.parent_id = b.id AND c.in_trash = FALSE)`
	selectBlock = `SELECT ` + blockColumns + ` FROM block b`
)

func (b *Block) columns() []any {
	return []any{
		(*idColumn)(&b.ID), &b.Type, (*idColumn)(&b.ParentID), (*idColumn)(&b.PageID), &b.Ord,
		(*timeColumn)(&b.CreatedTime), (*idColumn)(&b.CreatedBy),
		(*timeColumn)(&b.LastEditedTime), (*idColumn)(&b.LastEditedBy),
		&b.InTrash, &b.Dynamic, (*rawColumn)(&b.Payload), &b.HasChildren,
	}
}

// InsertBlocks adds blocks, ErrExists when an id is there.
func (tx *Tx) InsertBlocks(blocks []Block) error {
	return insertAll(tx, `INSERT INTO block (workspace_id, id, type, parent_id, page_id, ord, created_time, created_by,
		last_edited_time, last_edited_by, in_trash, dynamic, payload)`, 13, blocks, func(b *Block) []any {
		return []any{
			tx.workspace[:], b.ID[:], b.Type, b.ParentID[:], b.PageID[:], b.Ord, micros(b.CreatedTime), b.CreatedBy[:],
			micros(b.LastEditedTime), b.LastEditedBy[:], b.InTrash, b.Dynamic, string(b.Payload),
		}
	})
}

// Block reads a block or the block half of a page, also one in the trash.
func (tx *Tx) Block(id notion.ID) (b Block, err error) {
	err = tx.one(selectBlock+` WHERE b.workspace_id = $1 AND b.id = $2`, args(tx.workspace[:], id[:]), b.columns()...)
	return b, err
}

// Blocks reads the blocks with the given ids, in no particular order; unknown ids are
// left out.
func (tx *Tx) Blocks(ids []notion.ID) ([]Block, error) {
	return collectByIDs[Block](tx, selectBlock+` WHERE b.workspace_id = $1 AND b.id IN `, ids)
}

// From is a place in a listing of children. The zero value is the beginning.
type From struct {
	Ord string
	ID  notion.ID
	// Inclusive keeps the block at this very place.
	Inclusive bool
}

// Children reads up to limit children of a node that are not in the trash, in order. The
// zero parent is the workspace.
func (tx *Tx) Children(parent notion.ID, from From, limit int) ([]Block, error) {
	return collect[Block](tx, selectBlock+`
		WHERE b.workspace_id = $1 AND b.parent_id = $2 AND b.in_trash = FALSE AND (b.ord, b.id) `+beyond(from.Inclusive)+` ($3, $4)
		ORDER BY b.ord, b.id LIMIT $5`,
		args(tx.workspace[:], parent[:], from.Ord, from.ID[:], limit))
}

// ChildrenOf reads children of several nodes that are not in the trash, up to limit of them.
// Those of one node stand together, in order; the nodes are in no particular order.
func (tx *Tx) ChildrenOf(parents []notion.ID, limit int) ([]Block, error) {
	var all []Block
	err := inLists(parents, 3, func(list string, ids []any) error {
		if len(all) >= limit {
			return nil
		}
		some, err := collect[Block](tx, selectBlock+`
			WHERE b.workspace_id = $1 AND b.parent_id IN `+list+` AND b.in_trash = FALSE
			ORDER BY b.parent_id, b.ord, b.id LIMIT $2`,
			append(args(tx.workspace[:], limit-len(all)), ids...))
		all = append(all, some...)
		return err
	})
	return all, err
}

// ChildPages reads up to limit pages and databases that are right below a node, in their
// order, without those in the trash.
func (tx *Tx) ChildPages(parent notion.ID, limit int) ([]Block, error) {
	return collect[Block](tx, selectBlock+`
		WHERE b.workspace_id = $1 AND b.parent_id = $2 AND b.in_trash = FALSE AND (b.type = 'child_page' OR b.type = 'child_database')
		ORDER BY b.ord, b.id LIMIT $3`, args(tx.workspace[:], parent[:], limit))
}

// PagesInside reads up to limit pages and databases that are in the content of a page, inside
// of other blocks too, in the order in which they stand there and without those in the trash.
// It walks over the whole content.
func (tx *Tx) PagesInside(page notion.ID, limit int) ([]Block, error) {
	// A blank sorts before every digit of an order key, so that paths sort as the tree does.
	return collect[Block](tx, `WITH RECURSIVE inside (id, type, path) AS (
			SELECT id, type, ord FROM block WHERE workspace_id = $1 AND parent_id = $2 AND in_trash = FALSE
			UNION ALL
			SELECT c.id, c.type, inside.path || ' ' || c.ord
			FROM inside JOIN block c ON c.workspace_id = $1 AND c.parent_id = inside.id AND c.in_trash = FALSE
			WHERE inside.type <> 'child_page' AND inside.type <> 'child_database'
		)
		SELECT `+blockColumns+` FROM inside JOIN block b ON b.workspace_id = $1 AND b.id = inside.id
		WHERE inside.type = 'child_page' OR inside.type = 'child_database'
		ORDER BY inside.path, b.id LIMIT $3`, args(tx.workspace[:], page[:], limit))
}

// HasChildren reports whether a node has a child that is not in the trash.
func (tx *Tx) HasChildren(id notion.ID) (has bool, err error) {
	err = tx.one(`SELECT EXISTS (SELECT 1 FROM block WHERE workspace_id = $1 AND parent_id = $2 AND in_trash = FALSE)`,
		args(tx.workspace[:], id[:]), &has)
	return has, err
}

// UpdateBlock writes a block's type, payload and dynamic mark, and notes who edited it at
// the transaction's time.
func (tx *Tx) UpdateBlock(b Block, by notion.ID) error {
	return tx.change(`UPDATE block SET type = $3, payload = $4, dynamic = $5, last_edited_time = $6, last_edited_by = $7
		WHERE workspace_id = $1 AND id = $2`,
		tx.workspace[:], b.ID[:], b.Type, string(b.Payload), b.Dynamic, micros(tx.now), by[:])
}

// MoveBlock puts a block elsewhere in the tree. What is below it goes with it, but its
// content keeps its page: see SetPage.
func (tx *Tx) MoveBlock(id, parent, page notion.ID, ord string) error {
	return tx.change(`UPDATE block SET parent_id = $3, page_id = $4, ord = $5 WHERE workspace_id = $1 AND id = $2`,
		tx.workspace[:], id[:], parent[:], page[:], ord)
}

// SetPage changes the page of blocks, after one above them has moved to another page.
func (tx *Tx) SetPage(ids []notion.ID, page notion.ID) error {
	return inLists(ids, 3, func(list string, ids []any) error {
		_, err := tx.exec(`UPDATE block SET page_id = $2 WHERE workspace_id = $1 AND id IN `+list,
			append(args(tx.workspace[:], page[:]), ids...)...)
		return err
	})
}

// Touch notes who edited blocks at the transaction's time. Unknown ids are left out.
func (tx *Tx) Touch(by notion.ID, ids ...notion.ID) error {
	return inLists(ids, 4, func(list string, ids []any) error {
		_, err := tx.exec(`UPDATE block SET last_edited_time = $2, last_edited_by = $3 WHERE workspace_id = $1 AND id IN `+list,
			append(args(tx.workspace[:], micros(tx.now), by[:]), ids...)...)
		return err
	})
}

// SetTrash moves blocks to the trash or back, and notes who did. What is below them keeps
// its own mark.
func (tx *Tx) SetTrash(inTrash bool, by notion.ID, ids ...notion.ID) error {
	return inLists(ids, 5, func(list string, ids []any) error {
		_, err := tx.exec(`UPDATE block SET in_trash = $2, last_edited_time = $3, last_edited_by = $4
			WHERE workspace_id = $1 AND id IN `+list,
			append(args(tx.workspace[:], inTrash, micros(tx.now), by[:]), ids...)...)
		return err
	})
}

// Link is a node as its place in the tree.
type Link struct {
	ID       notion.ID
	Type     string
	ParentID notion.ID
	PageID   notion.ID
	InTrash  bool
}

func (l *Link) columns() []any {
	return []any{(*idColumn)(&l.ID), &l.Type, (*idColumn)(&l.ParentID), (*idColumn)(&l.PageID), &l.InTrash}
}

// Chain reads a node and its ancestors, from the node up to the top of the workspace,
// ErrNotFound when there is no such node. A chain whose last link has a parent is cut off:
// no link above it exists.
func (tx *Tx) Chain(id notion.ID) ([]Link, error) {
	// UNION, not UNION ALL: it ends the walk of a ring, which no operation makes.
	links, err := collect[Link](tx, `WITH RECURSIVE chain (id, type, parent_id, page_id, in_trash) AS (
			SELECT id, type, parent_id, page_id, in_trash FROM block WHERE workspace_id = $1 AND id = $2
			UNION
			SELECT b.id, b.type, b.parent_id, b.page_id, b.in_trash
			FROM chain JOIN block b ON b.workspace_id = $1 AND b.id = chain.parent_id
		)
		SELECT id, type, parent_id, page_id, in_trash FROM chain`,
		args(tx.workspace[:], id[:]))
	if err != nil {
		return nil, err
	}
	if len(links) == 0 {
		return nil, ErrNotFound
	}
	return upward(links, id), nil
}

// upward puts links in the order from id up to the top.
func upward(links []Link, id notion.ID) []Link {
	place := make(map[notion.ID]int, len(links))
	for i := range links {
		place[links[i].ID] = i
	}
	ordered := make([]Link, 0, len(links))
	for i, ok := place[id]; ok && len(ordered) < len(links); i, ok = place[ordered[len(ordered)-1].ParentID] {
		ordered = append(ordered, links[i])
	}
	return ordered
}

const descendants = `WITH RECURSIVE tree (id, type, parent_id, page_id, in_trash) AS (
		SELECT id, type, parent_id, page_id, in_trash FROM block WHERE workspace_id = $1 AND parent_id = $2
		UNION
		SELECT b.id, b.type, b.parent_id, b.page_id, b.in_trash
		FROM tree JOIN block b ON b.workspace_id = $1 AND b.parent_id = tree.id
	) `

// Descendants reads everything below a node, trash included, pages in it included with
// their content, in no particular order. At most limit links are read.
func (tx *Tx) Descendants(id notion.ID, limit int) ([]Link, error) {
	return collect[Link](tx, descendants+`SELECT id, type, parent_id, page_id, in_trash FROM tree LIMIT $3`,
		args(tx.workspace[:], id[:], limit))
}

// CountDescendants returns how many nodes are below a node, trash included.
func (tx *Tx) CountDescendants(id notion.ID) (n int, err error) {
	err = tx.one(descendants+`SELECT COUNT(*) FROM tree`, args(tx.workspace[:], id[:]), &n)
	return n, err
}

// Content reads the nodes below a block that are content of the given page: it stops at
// pages, whose own content is not. Trash is included.
func (tx *Tx) Content(id, page notion.ID, limit int) ([]Link, error) {
	return collect[Link](tx, `WITH RECURSIVE tree (id, type, parent_id, page_id, in_trash) AS (
			SELECT id, type, parent_id, page_id, in_trash FROM block WHERE workspace_id = $1 AND parent_id = $2 AND page_id = $3
			UNION
			SELECT b.id, b.type, b.parent_id, b.page_id, b.in_trash
			FROM tree JOIN block b ON b.workspace_id = $1 AND b.parent_id = tree.id AND b.page_id = $3
		)
		SELECT id, type, parent_id, page_id, in_trash FROM tree LIMIT $4`,
		args(tx.workspace[:], id[:], page[:], limit))
}

// The neighbours count what is in the trash: a block that is restored returns to its
// place, so no other may take it.

// Ends returns the order keys of the first and the last child of a node, "" when it has
// none.
func (tx *Tx) Ends(parent notion.ID) (first, last string, err error) {
	err = tx.each(`SELECT ord FROM (SELECT ord FROM block WHERE workspace_id = $1 AND parent_id = $2 AND in_trash = FALSE ORDER BY ord LIMIT 1) a
		UNION ALL
		SELECT ord FROM (SELECT ord FROM block WHERE workspace_id = $1 AND parent_id = $2 AND in_trash = TRUE ORDER BY ord LIMIT 1) b
		UNION ALL
		SELECT ord FROM (SELECT ord FROM block WHERE workspace_id = $1 AND parent_id = $2 AND in_trash = FALSE ORDER BY ord DESC LIMIT 1) c
		UNION ALL
		SELECT ord FROM (SELECT ord FROM block WHERE workspace_id = $1 AND parent_id = $2 AND in_trash = TRUE ORDER BY ord DESC LIMIT 1) d`,
		args(tx.workspace[:], parent[:]), func(rows *sql.Rows) error {
			var ord string
			if err := rows.Scan(&ord); err != nil {
				return err
			}
			if first == "" || ord < first {
				first = ord
			}
			last = max(last, ord)
			return nil
		})
	return first, last, err
}

// OrdAfter returns the order key of the child that follows a place, "" when none does.
func (tx *Tx) OrdAfter(parent notion.ID, ord string) (next string, err error) {
	err = tx.each(`SELECT ord FROM (SELECT ord FROM block WHERE workspace_id = $1 AND parent_id = $2 AND in_trash = FALSE AND ord > $3 ORDER BY ord LIMIT 1) a
		UNION ALL
		SELECT ord FROM (SELECT ord FROM block WHERE workspace_id = $1 AND parent_id = $2 AND in_trash = TRUE AND ord > $3 ORDER BY ord LIMIT 1) b`,
		args(tx.workspace[:], parent[:], ord), func(rows *sql.Rows) error {
			var ord string
			if err := rows.Scan(&ord); err != nil {
				return err
			}
			if next == "" || ord < next {
				next = ord
			}
			return nil
		})
	return next, err
}
