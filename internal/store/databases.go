package store

import "octavo/internal/notion"

// Database is a database: a block, and what only databases have.
type Database struct {
	// Block is the database as a node.
	Block
	// Title and Description are rich text in stored form.
	Title       []byte
	Description []byte
	// Icon and Cover are nil when there is none.
	Icon     []byte
	Cover    []byte
	IsInline bool
	IsLocked bool
	// PartsDynamic says that title, description, icon or cover hold references to resolve
	// when they are read.
	PartsDynamic bool
}

const selectDatabase = `SELECT ` + blockColumns + `, d.title, d.description, d.icon, d.cover, d.is_inline, d.is_locked, d.dynamic
	FROM database d JOIN block b ON b.workspace_id = d.workspace_id AND b.id = d.id`

func (d *Database) columns() []any {
	return append(d.Block.columns(), (*rawColumn)(&d.Title), (*rawColumn)(&d.Description), (*rawColumn)(&d.Icon),
		(*rawColumn)(&d.Cover), &d.IsInline, &d.IsLocked, &d.PartsDynamic)
}

// InsertDatabase adds a database, both halves of it.
func (tx *Tx) InsertDatabase(d Database) error {
	if err := tx.InsertBlocks([]Block{d.Block}); err != nil {
		return err
	}
	_, err := tx.exec(`INSERT INTO database (workspace_id, id, title, description, icon, cover, is_inline, is_locked, dynamic)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		tx.workspace[:], d.ID[:], string(d.Title), string(d.Description), rawOrNull(d.Icon), rawOrNull(d.Cover),
		d.IsInline, d.IsLocked, d.PartsDynamic)
	return err
}

// Database reads a database, also one in the trash, ErrNotFound when the id is no
// database's.
func (tx *Tx) Database(id notion.ID) (d Database, err error) {
	err = tx.one(selectDatabase+` WHERE d.workspace_id = $1 AND d.id = $2`, args(tx.workspace[:], id[:]), d.columns()...)
	return d, err
}

// Databases reads up to limit databases whose ids come after a given one, in the order of
// their ids, trash included.
func (tx *Tx) Databases(after notion.ID, limit int) ([]Database, error) {
	return collect[Database](tx, selectDatabase+` WHERE d.workspace_id = $1 AND d.id > $2 ORDER BY d.id LIMIT $3`,
		args(tx.workspace[:], after[:], limit))
}

// UpdateDatabase writes what only databases have. The block's payload is UpdateBlock's, and
// so is the note of who edited it: some changes of a database are no edit of its block.
func (tx *Tx) UpdateDatabase(d Database) error {
	return tx.change(`UPDATE database SET title = $3, description = $4, icon = $5, cover = $6, is_inline = $7, is_locked = $8, dynamic = $9
		WHERE workspace_id = $1 AND id = $2`,
		tx.workspace[:], d.ID[:], string(d.Title), string(d.Description), rawOrNull(d.Icon), rawOrNull(d.Cover),
		d.IsInline, d.IsLocked, d.PartsDynamic)
}
