package store

import (
	"time"

	"octavo/internal/notion"
)

// DataSource is a data source: a node below its database, and what only data sources have.
type DataSource struct {
	// Block is the data source as a node. Its ParentID is the database.
	Block
	// Name is the title as plain text. The data source is found by its words.
	Name string
	// Title and Description are rich text in stored form.
	Title       []byte
	Description []byte
	// Icon is nil when there is none.
	Icon []byte
	// PartsDynamic says that title, description or icon hold references to resolve when they
	// are read.
	PartsDynamic bool
	// Schema is the properties in stored form.
	Schema []byte
	// Retired are the ids of properties that are gone, which rows may still have values of,
	// separated by spaces.
	Retired string
	// NextNumber is the next unique_id.
	NextNumber int64
	// Computed says of which computed properties there are cells, in words of the core.
	Computed string
	// indexed is the name that was read.
	indexed string
}

const selectDataSource = `SELECT ` + blockColumns + `, d.name, d.title, d.description, d.icon, d.dynamic, d.properties, d.retired, d.next_number, d.computed
	FROM data_source d JOIN block b ON b.workspace_id = d.workspace_id AND b.id = d.id`

func (d *DataSource) columns() []any {
	return append(d.Block.columns(), titleColumn{&d.Name, &d.indexed}, (*rawColumn)(&d.Title), (*rawColumn)(&d.Description), (*rawColumn)(&d.Icon), &d.PartsDynamic,
		(*rawColumn)(&d.Schema), &d.Retired, &d.NextNumber, &d.Computed)
}

// InsertDataSource adds a data source, both halves of it.
func (tx *Tx) InsertDataSource(d DataSource) error {
	if err := tx.InsertBlocks([]Block{d.Block}); err != nil {
		return err
	}
	_, err := tx.exec(`INSERT INTO data_source (workspace_id, id, title, description, icon, dynamic, properties, retired, next_number, computed, name)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		tx.workspace[:], d.ID[:], string(d.Title), string(d.Description), rawOrNull(d.Icon), d.PartsDynamic,
		string(d.Schema), d.Retired, d.NextNumber, d.Computed, d.Name)
	if err != nil {
		return err
	}
	return tx.indexTitle(d.ID, "", d.Name)
}

// DataSource reads a data source, also one in the trash, ErrNotFound when the id is no data
// source's.
func (tx *Tx) DataSource(id notion.ID) (d DataSource, err error) {
	err = tx.one(selectDataSource+` WHERE d.workspace_id = $1 AND d.id = $2`, args(tx.workspace[:], id[:]), d.columns()...)
	return d, err
}

// DataSourcesOf reads the data sources of a database in their order, trash included.
func (tx *Tx) DataSourcesOf(database notion.ID) ([]DataSource, error) {
	return collect[DataSource](tx, selectDataSource+` WHERE b.workspace_id = $1 AND b.parent_id = $2 ORDER BY b.ord, b.id`,
		args(tx.workspace[:], database[:]))
}

// UpdateDataSource writes what only data sources have of one that was read, but for the
// number of the next row and what says which cells there are. The block's payload is
// UpdateBlock's, and so is the note of who edited it.
func (tx *Tx) UpdateDataSource(d DataSource) error {
	err := tx.change(`UPDATE data_source SET title = $3, description = $4, icon = $5, dynamic = $6, properties = $7, retired = $8, name = $9
		WHERE workspace_id = $1 AND id = $2`,
		tx.workspace[:], d.ID[:], string(d.Title), string(d.Description), rawOrNull(d.Icon), d.PartsDynamic,
		string(d.Schema), d.Retired, d.Name)
	if err != nil {
		return err
	}
	return tx.indexTitle(d.ID, d.indexed, d.Name)
}

// SetNextNumber writes the number of the next row of a data source.
func (tx *Tx) SetNextNumber(id notion.ID, number int64) error {
	return tx.change(`UPDATE data_source SET next_number = $3 WHERE workspace_id = $1 AND id = $2`, tx.workspace[:], id[:], number)
}

// SetComputed writes of which computed properties of a data source there are cells.
func (tx *Tx) SetComputed(id notion.ID, computed string) error {
	return tx.change(`UPDATE data_source SET computed = $3 WHERE workspace_id = $1 AND id = $2`, tx.workspace[:], id[:], computed)
}

// RowOrder returns the order key of a row among those of its data source: by when it was
// made, then by the revision that put it there. So nothing has to be read to place a row,
// and the newest ones are at the end.
func RowOrder(created time.Time, revision int64) string {
	return string(appendOrder(appendOrder(nil, micros(created)), revision))
}

// RowOrderAmong is RowOrder for a row that is put there together with others, by its place
// among them.
func RowOrderAmong(created time.Time, revision, place int64) string {
	return string(appendOrder([]byte(RowOrder(created, revision)), place))
}

// Rows reads up to limit pages of a data source that come after a place, in the order of
// RowOrder, those in the trash before or after the others as the mark says.
func (tx *Tx) Rows(source notion.ID, inTrash bool, from From, limit int) ([]Page, error) {
	return collect[Page](tx, selectPage+`
		WHERE b.workspace_id = $1 AND b.parent_id = $2 AND b.in_trash = $3 AND (b.ord, b.id) `+beyond(from.Inclusive)+` ($4, $5)
		ORDER BY b.ord, b.id LIMIT $6`,
		args(tx.workspace[:], source[:], inTrash, from.Ord, from.ID[:], limit))
}
