package store

import (
	"database/sql"

	"octavo/internal/notion"
)

// Column names a property of a data source.
type Column struct {
	Source   notion.ID
	Property string // raw id
}

// Relation is one link that a relation property of a page has.
type Relation struct {
	From notion.ID
	Ord  int64
	To   notion.ID
}

func (r *Relation) columns() []any {
	return []any{(*idColumn)(&r.From), &r.Ord, (*idColumn)(&r.To)}
}

// Links to pages that are in the trash, that are templates of the data source that the property
// leads to, or that have left it, are kept and not shown; they return with the page.

// notTemplate is the condition that a link, r, leads to no template of the data source that is
// the argument it ends before.
const notTemplate = `r.to_id NOT IN (SELECT t.page_id FROM page_template t WHERE t.workspace_id = $1 AND t.data_source_id = `

// Related reads the first links, up to limit for each of the pages, that lead to pages of
// the target data source which are not in the trash and no templates of it. They come by page, then in order.
func (tx *Tx) Related(c Column, target notion.ID, from []notion.ID, limit int) ([]Relation, error) {
	var all []Relation
	err := inLists(from, 6, func(list string, ids []any) error {
		some, err := collect[Relation](tx, `SELECT from_id, ord, to_id FROM (
				SELECT r.from_id, r.ord, r.to_id, ROW_NUMBER() OVER (PARTITION BY r.from_id ORDER BY r.ord) AS place
				FROM relation r JOIN block b ON b.workspace_id = r.workspace_id AND b.id = r.to_id
				WHERE r.workspace_id = $1 AND r.data_source_id = $2 AND r.property_id = $3
					AND b.parent_id = $4 AND b.in_trash = FALSE AND `+notTemplate+`$4) AND r.from_id IN `+list+`
			) numbered WHERE place <= $5 ORDER BY from_id, ord`,
			append(args(tx.workspace[:], c.Source[:], c.Property, target[:], limit), ids...))
		all = append(all, some...)
		return err
	})
	return all, err
}

// EveryRelated is Related without a limit.
func (tx *Tx) EveryRelated(c Column, target notion.ID, from []notion.ID) ([]Relation, error) {
	var all []Relation
	err := inLists(from, 5, func(list string, ids []any) error {
		some, err := collect[Relation](tx, `SELECT r.from_id, r.ord, r.to_id
			FROM relation r JOIN block b ON b.workspace_id = r.workspace_id AND b.id = r.to_id
			WHERE r.workspace_id = $1 AND r.data_source_id = $2 AND r.property_id = $3
				AND b.parent_id = $4 AND b.in_trash = FALSE AND `+notTemplate+`$4) AND r.from_id IN `+list+`
			ORDER BY r.from_id, r.ord`,
			append(args(tx.workspace[:], c.Source[:], c.Property, target[:]), ids...))
		all = append(all, some...)
		return err
	})
	return all, err
}

// RelatedFrom is Related for one page, from an order key on.
func (tx *Tx) RelatedFrom(c Column, target, from notion.ID, ord int64, limit int) ([]Relation, error) {
	return collect[Relation](tx, `SELECT r.from_id, r.ord, r.to_id
		FROM relation r JOIN block b ON b.workspace_id = r.workspace_id AND b.id = r.to_id
		WHERE r.workspace_id = $1 AND r.data_source_id = $2 AND r.property_id = $3 AND r.from_id = $4 AND r.ord >= $5
			AND b.parent_id = $6 AND b.in_trash = FALSE AND `+notTemplate+`$6)
		ORDER BY r.ord LIMIT $7`,
		args(tx.workspace[:], c.Source[:], c.Property, from[:], ord, target[:], limit))
}

// AllRelated reads every link of a page through a property, in order.
func (tx *Tx) AllRelated(c Column, from notion.ID) ([]notion.ID, error) {
	return tx.ids(`SELECT to_id FROM relation
		WHERE workspace_id = $1 AND data_source_id = $2 AND property_id = $3 AND from_id = $4 ORDER BY ord`,
		args(tx.workspace[:], c.Source[:], c.Property, from[:]))
}

// SetRelated replaces the links of a page through a property.
func (tx *Tx) SetRelated(c Column, from notion.ID, to []notion.ID) error {
	_, err := tx.exec(`DELETE FROM relation WHERE workspace_id = $1 AND data_source_id = $2 AND property_id = $3 AND from_id = $4`,
		tx.workspace[:], c.Source[:], c.Property, from[:])
	if err != nil {
		return err
	}
	place := 0
	return insertAll(tx, insertRelation, 6, to, func(id *notion.ID) []any {
		place++
		return []any{tx.workspace[:], c.Source[:], c.Property, from[:], place, id[:]}
	})
}

const insertRelation = `INSERT INTO relation (workspace_id, data_source_id, property_id, from_id, ord, to_id)`

// AddRelated adds a link behind those that the page has. A link that is there stays as it is.
func (tx *Tx) AddRelated(c Column, from, to notion.ID) error {
	var last sql.NullInt64
	err := tx.one(`SELECT MAX(ord) FROM relation WHERE workspace_id = $1 AND data_source_id = $2 AND property_id = $3 AND from_id = $4`,
		args(tx.workspace[:], c.Source[:], c.Property, from[:]), &last)
	if err != nil {
		return err
	}
	_, err = tx.exec(insertText(insertRelation, 6, 1)+` ON CONFLICT (workspace_id, to_id, data_source_id, property_id, from_id) DO NOTHING`,
		tx.workspace[:], c.Source[:], c.Property, from[:], last.Int64+1, to[:])
	return err
}

// RemoveRelated removes a link if it is there.
func (tx *Tx) RemoveRelated(c Column, from, to notion.ID) error {
	_, err := tx.exec(`DELETE FROM relation
		WHERE workspace_id = $1 AND to_id = $2 AND data_source_id = $3 AND property_id = $4 AND from_id = $5`,
		tx.workspace[:], to[:], c.Source[:], c.Property, from[:])
	return err
}

// DeleteRelations removes all links of a property.
func (tx *Tx) DeleteRelations(c Column) error {
	_, err := tx.exec(`DELETE FROM relation WHERE workspace_id = $1 AND data_source_id = $2 AND property_id = $3`,
		tx.workspace[:], c.Source[:], c.Property)
	return err
}

// MirrorRelations gives a property without links those of another the other way round.
func (tx *Tx) MirrorRelations(of, to Column) error {
	_, err := tx.exec(`INSERT INTO relation (workspace_id, data_source_id, property_id, from_id, ord, to_id)
		SELECT $1, $4, $5, to_id, ROW_NUMBER() OVER (PARTITION BY to_id ORDER BY from_id), from_id
		FROM relation WHERE workspace_id = $1 AND data_source_id = $2 AND property_id = $3`,
		tx.workspace[:], of.Source[:], of.Property, to.Source[:], to.Property)
	return err
}
