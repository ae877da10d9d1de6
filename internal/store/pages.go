package store

import (
	"database/sql"

	"octavo/internal/notion"
)

// Page is a page: a block, and what only pages have.
type Page struct {
	// Block is the page as a node. Its HasChildren is set by reading.
	Block
	Properties []byte
	// Icon and Cover are nil when there is none.
	Icon  []byte
	Cover []byte
	// Title is the title as plain text. The page is found by its words.
	Title      string
	IsLocked   bool
	IsArchived bool
	// PropertiesDynamic says that properties, icon or cover hold references to resolve
	// when they are read.
	PropertiesDynamic bool
	// Kept is what the page keeps of data sources that it has left, nil when there is nothing.
	Kept []byte
	// indexed is the title that was read.
	indexed string
}

const selectPage = `SELECT ` + blockColumns + `, p.properties, p.icon, p.cover, p.title, p.is_locked, p.is_archived, p.dynamic, p.kept
	FROM page p JOIN block b ON b.workspace_id = p.workspace_id AND b.id = p.id`

func (p *Page) columns() []any {
	return append(p.Block.columns(), (*rawColumn)(&p.Properties), (*rawColumn)(&p.Icon), (*rawColumn)(&p.Cover),
		titleColumn{&p.Title, &p.indexed}, &p.IsLocked, &p.IsArchived, &p.PropertiesDynamic, (*rawColumn)(&p.Kept))
}

// InsertPages adds pages, both halves of them.
func (tx *Tx) InsertPages(pages []Page) error {
	blocks := make([]Block, len(pages))
	for i := range pages {
		blocks[i] = pages[i].Block
	}
	if err := tx.InsertBlocks(blocks); err != nil {
		return err
	}
	err := insertAll(tx, `INSERT INTO page (workspace_id, id, properties, icon, cover, title, is_locked, is_archived, dynamic, kept)`,
		10, pages, func(p *Page) []any {
			return []any{
				tx.workspace[:], p.ID[:], string(p.Properties), rawOrNull(p.Icon), rawOrNull(p.Cover), p.Title,
				p.IsLocked, p.IsArchived, p.PropertiesDynamic, rawOrNull(p.Kept),
			}
		})
	for i := 0; err == nil && i < len(pages); i++ {
		err = tx.indexTitle(pages[i].ID, "", pages[i].Title)
	}
	return err
}

// Page reads a page, also one in the trash, ErrNotFound when the id is no page's.
func (tx *Tx) Page(id notion.ID) (p Page, err error) {
	err = tx.one(selectPage+` WHERE p.workspace_id = $1 AND p.id = $2`, args(tx.workspace[:], id[:]), p.columns()...)
	return p, err
}

// Pages reads the pages with the given ids, in no particular order; unknown ids are left
// out.
func (tx *Tx) Pages(ids []notion.ID) ([]Page, error) {
	return collectByIDs[Page](tx, selectPage+` WHERE p.workspace_id = $1 AND p.id IN `, ids)
}

// RowPages reads what a query shows of the pages with the given ids, in no particular order:
// all but the type, the parent, the page, the payload, the children and what is kept of
// other data sources. Unknown ids are left out.
func (tx *Tx) RowPages(ids []notion.ID) ([]Page, error) {
	pages := make([]Page, 0, len(ids))
	err := inLists(ids, 2, func(list string, ids []any) error {
		return tx.each(`SELECT b.id, b.ord, b.created_time, b.created_by, b.last_edited_time, b.last_edited_by, b.in_trash,
				p.properties, p.icon, p.cover, p.title, p.is_locked, p.is_archived, p.dynamic
			FROM page p JOIN block b ON b.workspace_id = p.workspace_id AND b.id = p.id
			WHERE p.workspace_id = $1 AND p.id IN `+list, append(args(tx.workspace[:]), ids...), func(rows *sql.Rows) error {
			pages = append(pages, Page{})
			p := &pages[len(pages)-1]
			return rows.Scan((*idColumn)(&p.ID), &p.Ord, (*timeColumn)(&p.CreatedTime), (*idColumn)(&p.CreatedBy),
				(*timeColumn)(&p.LastEditedTime), (*idColumn)(&p.LastEditedBy), &p.InTrash,
				(*rawColumn)(&p.Properties), (*rawColumn)(&p.Icon), (*rawColumn)(&p.Cover),
				&p.Title, &p.IsLocked, &p.IsArchived, &p.PropertiesDynamic)
		})
	})
	return pages, err
}

// UpdatePage writes what only pages have of a page that was read, and notes who edited the
// page at the transaction's time. The block's payload is UpdateBlock's.
func (tx *Tx) UpdatePage(p Page, by notion.ID) error {
	err := tx.change(`UPDATE page SET properties = $3, icon = $4, cover = $5, title = $6, is_locked = $7, is_archived = $8, dynamic = $9, kept = $10
		WHERE workspace_id = $1 AND id = $2`,
		tx.workspace[:], p.ID[:], string(p.Properties), rawOrNull(p.Icon), rawOrNull(p.Cover), p.Title,
		p.IsLocked, p.IsArchived, p.PropertiesDynamic, rawOrNull(p.Kept))
	if err != nil {
		return err
	}
	if err := tx.indexTitle(p.ID, p.indexed, p.Title); err != nil {
		return err
	}
	return tx.Touch(by, p.ID)
}

// SetProperties writes the properties of a page without it being edited: the schema of its
// data source has changed.
func (tx *Tx) SetProperties(id notion.ID, properties []byte) error {
	return tx.change(`UPDATE page SET properties = $3 WHERE workspace_id = $1 AND id = $2`, tx.workspace[:], id[:], string(properties))
}

// Document is what a page says of itself.
type Document struct {
	ID         notion.ID
	Properties []byte
}

func (d *Document) columns() []any { return []any{(*idColumn)(&d.ID), (*rawColumn)(&d.Properties)} }

// Documents reads the properties of pages, in no particular order; ids that are no page's
// are left out.
func (tx *Tx) Documents(ids []notion.ID) ([]Document, error) {
	return collectByIDs[Document](tx, `SELECT id, properties FROM page WHERE workspace_id = $1 AND id IN `, ids)
}

// Titles reads the plain titles of pages; ids that are no page's are left out.
func (tx *Tx) Titles(ids []notion.ID) (map[notion.ID]string, error) {
	titles := make(map[notion.ID]string, len(ids))
	err := inLists(ids, 2, func(list string, ids []any) error {
		return tx.each(`SELECT id, title FROM page WHERE workspace_id = $1 AND id IN `+list,
			append(args(tx.workspace[:]), ids...), func(rows *sql.Rows) error {
				var id notion.ID
				var title string
				err := rows.Scan((*idColumn)(&id), &title)
				titles[id] = title
				return err
			})
	})
	return titles, err
}
