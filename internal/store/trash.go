package store

import (
	"database/sql"
	"time"

	"octavo/internal/notion"
)

// Trashed is a node that is itself in the trash.
type Trashed struct {
	Link
	// Time is when it was put there, and By who did it.
	Time time.Time
	By   notion.ID
}

func (t *Trashed) columns() []any {
	return append(t.Link.columns(), (*timeColumn)(&t.Time), (*idColumn)(&t.By))
}

// TrashQuery says what of the trash to read.
type TrashQuery struct {
	// Types are those of the nodes to read, or with Except of those to leave out. None is all.
	Types  []string
	Except bool
	// Before is the first time that is too late, zero for none.
	Before time.Time
	// After is a node: only those whose ids come after it are read.
	After notion.ID
}

// TrashList reads up to limit nodes that are themselves in the trash, in the order of their
// ids.
func (tx *Tx) TrashList(q TrashQuery, limit int) ([]Trashed, error) {
	list := args(tx.workspace[:], q.After[:], limit)
	condition := ``
	if !q.Before.IsZero() {
		list = append(list, micros(q.Before))
		condition += ` AND last_edited_time < $4`
	}
	if len(q.Types) > 0 {
		in := ` AND type IN `
		if q.Except {
			in = ` AND type NOT IN `
		}
		condition += in + placeholders(len(list)+1, len(q.Types))
		for _, t := range q.Types {
			list = append(list, t)
		}
	}
	// The condition on the trash stands in the text, for the index that has nothing else.
	return collect[Trashed](tx, `SELECT id, type, parent_id, page_id, in_trash, last_edited_time, last_edited_by FROM block
		WHERE workspace_id = $1 AND in_trash = TRUE AND id > $2`+condition+` ORDER BY id LIMIT $3`, list)
}

// ChildLinks reads up to limit nodes directly below one, trash included, in no particular order.
func (tx *Tx) ChildLinks(id notion.ID, limit int) ([]Link, error) {
	return collect[Link](tx, `SELECT id, type, parent_id, page_id, in_trash FROM block WHERE workspace_id = $1 AND parent_id = $2 LIMIT $3`,
		args(tx.workspace[:], id[:], limit))
}

// removals are the statements by which nodes are removed with what hangs on them, in order:
// what is found through other rows goes before those. The values of rows in the index and the
// links that lead from rows are not found by the row; the caller has removed them.
var removals = []string{
	`DELETE FROM comment WHERE workspace_id = $1 AND deleted = FALSE AND discussion_id IN
		(SELECT id FROM discussion WHERE workspace_id = $1 AND node_id IN `,
	`DELETE FROM discussion WHERE workspace_id = $1 AND node_id IN `,
	`DELETE FROM share WHERE workspace_id = $1 AND node_id IN `,
	`DELETE FROM page_template WHERE workspace_id = $1 AND page_id IN `,
	`DELETE FROM page_template WHERE workspace_id = $1 AND data_source_id IN `,
	`DELETE FROM relation WHERE workspace_id = $1 AND to_id IN `,
	`DELETE FROM relation WHERE workspace_id = $1 AND data_source_id IN `,
	`DELETE FROM cell WHERE workspace_id = $1 AND data_source_id IN `,
	`DELETE FROM id_prefix WHERE workspace_id = $1 AND data_source_id IN `,
	`DELETE FROM database_view WHERE workspace_id = $1 AND data_source_id IN `,
	`DELETE FROM database_view WHERE workspace_id = $1 AND database_id IN `,
	`DELETE FROM data_source WHERE workspace_id = $1 AND id IN `,
	`DELETE FROM database WHERE workspace_id = $1 AND id IN `,
	`DELETE FROM page WHERE workspace_id = $1 AND id IN `,
	`DELETE FROM block WHERE workspace_id = $1 AND id IN `,
}

// Remove removes nodes for good, with their comments, shares, views, template marks, words, and the links that
// lead to them. What is below them must have gone before.
func (tx *Tx) Remove(ids []notion.ID) error {
	if err := tx.removeTitles(ids); err != nil {
		return err
	}
	for _, text := range removals {
		end := ``
		if text == removals[0] {
			end = `)`
		}
		err := inLists(ids, 2, func(list string, ids []any) error {
			_, err := tx.exec(text+list+end, append(args(tx.workspace[:]), ids...)...)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// removeTitles makes nodes be found by no words any more.
func (tx *Tx) removeTitles(ids []notion.ID) error {
	titles, err := tx.Titles(ids)
	if err != nil {
		return err
	}
	err = inLists(ids, 2, func(list string, ids []any) error {
		return tx.each(`SELECT id, name FROM data_source WHERE workspace_id = $1 AND id IN `+list,
			append(args(tx.workspace[:]), ids...), func(rows *sql.Rows) error {
				var id notion.ID
				var name string
				err := rows.Scan((*idColumn)(&id), &name)
				titles[id] = name
				return err
			})
	})
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := tx.indexTitle(id, titles[id], ""); err != nil {
			return err
		}
	}
	return nil
}
