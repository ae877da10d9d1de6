package store

import (
	"strconv"
	"strings"

	"octavo/internal/notion"
)

// Cell is what the query index holds of one item of a value of a row.
type Cell struct {
	Source   notion.ID
	Property string // raw id
	Page     notion.ID
	// Seq is the place of the item in a value that has several.
	Seq int64
	// Key is the value in bytes whose order is that of values of its kind (package query).
	Key []byte
	// Folded is the whole of a text, folded for comparing.
	Folded string
	// To is the end of what has one, in microseconds since 1970.
	To *int64
	// WholeDay says that the value is a day without a time.
	WholeDay bool
}

// InsertCells adds cells.
func (tx *Tx) InsertCells(cells []Cell) error { return tx.insertCells(cells, "") }

// InsertMissingCells adds cells, but for those of items that have one.
func (tx *Tx) InsertMissingCells(cells []Cell) error {
	return tx.insertCells(cells, " ON CONFLICT DO NOTHING")
}

// insertCells inserts the cells of a row in one statement: a row has about as many as it has
// properties, and there are only so many texts to prepare.
func (tx *Tx) insertCells(cells []Cell, otherwise string) error {
	const most = 32
	for len(cells) > 0 {
		n := 1
		for n < min(len(cells), most) && cells[n].Source == cells[0].Source {
			n++
		}
		list := append(make([]any, 0, 2+cellColumns*n), tx.workspace[:], cells[0].Source[:])
		for i := range cells[:n] {
			c := &cells[i]
			list = append(list, c.Property, c.Page[:], c.Seq, notNil(c.Key), foldedOrNull(c.Folded), intOrNull(c.To), c.WholeDay)
		}
		if _, err := tx.exec(insertCellsText(n)+otherwise, list...); err != nil {
			return err
		}
		cells = cells[n:]
	}
	return nil
}

// cellColumns is how many columns differ between the cells of one statement.
const cellColumns = 7

// insertCellsText returns the statement that inserts n cells of one data source.
func insertCellsText(n int) string {
	var text strings.Builder
	text.WriteString(`INSERT INTO cell (workspace_id, data_source_id, property_id, page_id, seq, key, folded, to_time, whole_day) VALUES `)
	for i := range n {
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteString("($1,$2")
		for j := range cellColumns {
			text.WriteString(",$")
			text.WriteString(strconv.Itoa(3 + i*cellColumns + j))
		}
		text.WriteByte(')')
	}
	return text.String()
}

// DeleteCells removes what the index holds of some properties of a page.
func (tx *Tx) DeleteCells(source, page notion.ID, properties ...string) error {
	return inPieces(len(properties), func(i int) any { return properties[i] }, 4, func(list string, texts []any) error {
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

// PagesWith reads the pages whose value of a property has one of the keys.
func (tx *Tx) PagesWith(source notion.ID, property string, keys [][]byte) ([]notion.ID, error) {
	var all []notion.ID
	err := inPieces(len(keys), func(i int) any { return keys[i] }, 4, func(list string, keys []any) error {
		ids, err := tx.ids(`SELECT DISTINCT page_id FROM cell WHERE workspace_id = $1 AND data_source_id = $2 AND property_id = $3 AND key IN `+list,
			append(args(tx.workspace[:], source[:], property), keys...))
		all = append(all, ids...)
		return err
	})
	return all, err
}

// notNil keeps the drivers from taking no bytes for NULL.
func notNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// foldedOrNull leaves out the NUL characters that PostgreSQL cannot hold.
func foldedOrNull(s string) any { return textOrNull(strings.ReplaceAll(s, "\x00", "")) }
