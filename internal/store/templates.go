package store

import (
	"time"

	"octavo/internal/notion"
)

// Template marks a page as a template of a data source.
type Template struct {
	Source, Page notion.ID
	IsDefault    bool
	CreatedTime  time.Time
}

const selectTemplate = `SELECT data_source_id, page_id, is_default, created_time FROM page_template`

func (t *Template) columns() []any {
	return []any{(*idColumn)(&t.Source), (*idColumn)(&t.Page), &t.IsDefault, (*timeColumn)(&t.CreatedTime)}
}

// SetTemplate marks a page, or changes the mark it has. A new default takes the place of the
// one before.
func (tx *Tx) SetTemplate(t Template) error {
	if t.IsDefault {
		_, err := tx.exec(`UPDATE page_template SET is_default = FALSE WHERE workspace_id = $1 AND data_source_id = $2`,
			tx.workspace[:], t.Source[:])
		if err != nil {
			return err
		}
	}
	_, err := tx.exec(`INSERT INTO page_template (workspace_id, data_source_id, page_id, is_default, created_time) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (workspace_id, data_source_id, page_id) DO UPDATE SET is_default = excluded.is_default`,
		tx.workspace[:], t.Source[:], t.Page[:], t.IsDefault, micros(t.CreatedTime))
	return err
}

// Template reads the mark of a page, ErrNotFound when it has none for the data source.
func (tx *Tx) Template(source, page notion.ID) (t Template, err error) {
	err = tx.one(selectTemplate+` WHERE workspace_id = $1 AND data_source_id = $2 AND page_id = $3`,
		args(tx.workspace[:], source[:], page[:]), t.columns()...)
	return t, err
}

// Templates reads all marks of a data source, that of the default template first, then the
// oldest first.
func (tx *Tx) Templates(source notion.ID) ([]Template, error) {
	return collect[Template](tx, selectTemplate+` WHERE workspace_id = $1 AND data_source_id = $2
		ORDER BY is_default DESC, created_time, page_id`, args(tx.workspace[:], source[:]))
}

// TemplateRows returns those of some pages that are rows of the data source which they are
// marked as templates of, in no particular order.
func (tx *Tx) TemplateRows(pages []notion.ID) ([]notion.ID, error) {
	var all []notion.ID
	err := inLists(pages, 2, func(list string, ids []any) error {
		some, err := tx.ids(`SELECT t.page_id FROM page_template t JOIN block b ON b.workspace_id = t.workspace_id AND b.id = t.page_id
			WHERE t.workspace_id = $1 AND b.parent_id = t.data_source_id AND t.page_id IN `+list, append(args(tx.workspace[:]), ids...))
		all = append(all, some...)
		return err
	})
	return all, err
}

// DeleteTemplate takes the mark from a page, ErrNotFound when it has none.
func (tx *Tx) DeleteTemplate(source, page notion.ID) error {
	return tx.change(`DELETE FROM page_template WHERE workspace_id = $1 AND data_source_id = $2 AND page_id = $3`,
		tx.workspace[:], source[:], page[:])
}
