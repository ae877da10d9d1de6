package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"octavo/internal/clock"
	"octavo/internal/notion"
)

// giveViews is migration 16: the data sources that were made before there were views get
// the view that new ones are made with.
func (s *Store) giveViews(ctx context.Context, tx *sql.Tx) error {
	m := viewMigration{ctx, tx, s.dialect}
	for {
		sources, err := m.without()
		if err != nil {
			return err
		}
		if len(sources) == 0 {
			return m.exec(`UPDATE meta SET value = '16' WHERE name = 'state_format'`)
		}
		for i := range sources {
			if err := m.give(&sources[i]); err != nil {
				return err
			}
		}
	}
}

type viewMigration struct {
	ctx     context.Context
	tx      *sql.Tx
	dialect dialect
}

// viewless is a data source that no view is of.
type viewless struct {
	workspace, id, database, by notion.ID
	ord                         string
	created                     time.Time
}

// without reads some of the data sources that no view is of.
func (m viewMigration) without() (list []viewless, err error) {
	const atOnce = 1000
	rows, err := m.tx.QueryContext(m.ctx, m.dialect.rewrite(`SELECT b.workspace_id, b.id, b.parent_id, b.ord, b.created_time, b.created_by
		FROM data_source d JOIN block b ON b.workspace_id = d.workspace_id AND b.id = d.id
		WHERE NOT EXISTS (SELECT 1 FROM database_view v WHERE v.workspace_id = d.workspace_id AND v.data_source_id = d.id)
		ORDER BY b.workspace_id, b.id LIMIT $1`), atOnce)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var v viewless
		err := rows.Scan((*idColumn)(&v.workspace), (*idColumn)(&v.id), (*idColumn)(&v.database), &v.ord, (*timeColumn)(&v.created), (*idColumn)(&v.by))
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

// give makes a view. Those of a database are in the order of its data sources.
func (m viewMigration) give(of *viewless) error {
	v := View{
		ID: clock.Random{}.New(of.created), DatabaseID: of.database, DataSourceID: of.id, Ord: of.ord, Type: "table", Name: DefaultView,
		CreatedTime: of.created, CreatedBy: of.by, LastEditedTime: of.created, LastEditedBy: of.by,
		Configuration: []byte(`{"type":"table"}`),
	}
	return m.exec(insertView, v.values(of.workspace)...)
}

func (m viewMigration) exec(text string, args ...any) error {
	_, err := m.tx.ExecContext(m.ctx, m.dialect.rewrite(text), args...)
	return err
}
