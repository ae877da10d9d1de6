package store

import "octavo/internal/notion"

// Cell is what the query index holds of one item of a value of a row.
type Cell struct {
	Source   notion.ID
	Property string // raw id
	Page     notion.ID
	// Seq is the place of the item in a value that has several.
	Seq int64
	// Folded is text folded for comparing, Sort its place among others, by bytes.
	Folded string
	Sort   []byte
	Number *float64
	// From and To are microseconds since 1970.
	From, To *int64
	// WholeDay says that From and To are days.
	WholeDay bool
	// Ref is the id of an option or a user, or a state.
	Ref string
}

// InsertCells adds cells.
func (tx *Tx) InsertCells(cells []Cell) error {
	return insertAll(tx, `INSERT INTO cell (workspace_id, data_source_id, property_id, page_id, seq, folded, sort_key, num,
		from_time, to_time, whole_day, ref)`, 12, cells, func(c *Cell) []any {
		return []any{
			tx.workspace[:], c.Source[:], c.Property, c.Page[:], c.Seq, textOrNull(c.Folded), bytesOrNull(c.Sort), floatOrNull(c.Number),
			intOrNull(c.From), intOrNull(c.To), c.WholeDay, textOrNull(c.Ref),
		}
	})
}

// DeleteCells removes what the index holds of some properties of a page.
func (tx *Tx) DeleteCells(source, page notion.ID, properties ...string) error {
	return inTexts(properties, 4, func(list string, texts []any) error {
		_, err := tx.exec(`DELETE FROM cell WHERE workspace_id = $1 AND data_source_id = $2 AND page_id = $3 AND property_id IN `+list,
			append(args(tx.workspace[:], source[:], page[:]), texts...)...)
		return err
	})
}

// DeleteColumn removes what the index holds of a property of all pages.
func (tx *Tx) DeleteColumn(source notion.ID, property string) error {
	_, err := tx.exec(`DELETE FROM cell WHERE workspace_id = $1 AND data_source_id = $2 AND property_id = $3`,
		tx.workspace[:], source[:], property)
	return err
}

// PagesWith reads the pages whose value of a property has one of the refs.
func (tx *Tx) PagesWith(source notion.ID, property string, refs []string) ([]notion.ID, error) {
	var all []notion.ID
	err := inTexts(refs, 4, func(list string, texts []any) error {
		ids, err := tx.ids(`SELECT DISTINCT page_id FROM cell WHERE workspace_id = $1 AND data_source_id = $2 AND property_id = $3 AND ref IN `+list,
			append(args(tx.workspace[:], source[:], property), texts...))
		all = append(all, ids...)
		return err
	})
	return all, err
}
