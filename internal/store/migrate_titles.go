package store

import (
	"context"
	"database/sql"
	"errors"

	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/words"
)

// indexTitles is migration 10: it writes what searches need of the titles that were stored
// before there were searches.
func (s *Store) indexTitles(ctx context.Context, tx *sql.Tx) error {
	m := titleMigration{ctx, tx, s.dialect}
	pages := `SELECT workspace_id, id, title FROM page WHERE (workspace_id, id) > ($1, $2) ORDER BY workspace_id, id LIMIT $3`
	if err := m.each(pages, m.index); err != nil {
		return err
	}
	sources := `SELECT d.workspace_id, d.id, b.payload FROM data_source d JOIN block b ON b.workspace_id = d.workspace_id AND b.id = d.id
		WHERE (d.workspace_id, d.id) > ($1, $2) ORDER BY d.workspace_id, d.id LIMIT $3`
	if err := m.each(sources, m.nameSource); err != nil {
		return err
	}
	return m.exec(`UPDATE meta SET value = '10' WHERE name = 'state_format'`)
}

type titleMigration struct {
	ctx     context.Context
	tx      *sql.Tx
	dialect dialect
}

// titled is a node with its title, or the payload that has it.
type titled struct {
	workspace, id notion.ID
	text          string
}

// each calls use for all rows of a query, some at a time.
func (m titleMigration) each(text string, use func([]titled) error) error {
	const atOnce = 1000
	var last titled
	for {
		some, err := m.read(text, last.workspace[:], last.id[:], atOnce)
		if err != nil || len(some) == 0 {
			return err
		}
		if err := use(some); err != nil {
			return err
		}
		last = some[len(some)-1]
	}
}

func (m titleMigration) read(text string, args ...any) (list []titled, err error) {
	rows, err := m.tx.QueryContext(m.ctx, m.dialect.rewrite(text), args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var t titled
		if err := rows.Scan((*idColumn)(&t.workspace), (*idColumn)(&t.id), &t.text); err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

// nameSource takes the titles of data sources from their payloads.
func (m titleMigration) nameSource(list []titled) error {
	for i := range list {
		payload, err := jsonx.Parse([]byte(list[i].text))
		if err != nil {
			return err
		}
		t := &list[i]
		t.text = payload.Get("title").Text()
		if err := m.exec(`UPDATE data_source SET name = $3 WHERE workspace_id = $1 AND id = $2`, t.workspace[:], t.id[:], t.text); err != nil {
			return err
		}
	}
	return m.index(list)
}

func (m titleMigration) index(list []titled) error {
	var rows [][]any
	for i := range list {
		t := &list[i]
		for _, word := range words.Of(t.text) {
			rows = append(rows, []any{t.workspace[:], word, t.id[:]})
		}
	}
	return insertWords(len(rows), func(i int) []any { return rows[i] }, func(text string, args []any) error {
		return m.exec(text, args...)
	})
}

func (m titleMigration) exec(text string, args ...any) error {
	_, err := m.tx.ExecContext(m.ctx, m.dialect.rewrite(text), args...)
	return err
}
