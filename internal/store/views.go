package store

import (
	"database/sql"
	"time"

	"octavo/internal/notion"
)

// DefaultView is the name of the view that a data source is made with.
const DefaultView = "Default view"

// View is a view of a database.
type View struct {
	ID         notion.ID
	DatabaseID notion.ID
	// DataSourceID is zero for a dashboard.
	DataSourceID notion.ID
	// DashboardID is the dashboard that the view is a widget of, zero for a view that has a
	// tab in its database.
	DashboardID notion.ID
	// Ord is the place among the views of the database ([Between]).
	Ord            string
	Type           string
	Name           string
	CreatedTime    time.Time
	CreatedBy      notion.ID
	LastEditedTime time.Time
	LastEditedBy   notion.ID
	// Filter, Sorts and QuickFilters are in the stored form of package view, nil when there
	// are none; so is Configuration, which is never nil.
	Filter, Sorts, QuickFilters, Configuration []byte
}

const (
	viewColumns = `workspace_id, id, database_id, data_source_id, dashboard_id, ord, type, name, created_time, created_by,
		last_edited_time, last_edited_by, filter, sorts, quick_filters, configuration`
	insertView = `INSERT INTO database_view (` + viewColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`
	selectView = `SELECT id, database_id, data_source_id, dashboard_id, ord, type, name, created_time, created_by,
		last_edited_time, last_edited_by, filter, sorts, quick_filters, configuration FROM database_view`
)

func (v *View) columns() []any {
	return []any{
		(*idColumn)(&v.ID), (*idColumn)(&v.DatabaseID), (*idColumn)(&v.DataSourceID), (*idColumn)(&v.DashboardID),
		&v.Ord, &v.Type, &v.Name, (*timeColumn)(&v.CreatedTime), (*idColumn)(&v.CreatedBy),
		(*timeColumn)(&v.LastEditedTime), (*idColumn)(&v.LastEditedBy),
		(*rawColumn)(&v.Filter), (*rawColumn)(&v.Sorts), (*rawColumn)(&v.QuickFilters), (*rawColumn)(&v.Configuration),
	}
}

// values are the arguments of insertView.
func (v *View) values(workspace notion.ID) []any {
	return args(workspace[:], v.ID[:], v.DatabaseID[:], v.DataSourceID[:], v.DashboardID[:], v.Ord, v.Type, v.Name,
		micros(v.CreatedTime), v.CreatedBy[:], micros(v.LastEditedTime), v.LastEditedBy[:],
		rawOrNull(v.Filter), rawOrNull(v.Sorts), rawOrNull(v.QuickFilters), string(v.Configuration))
}

// InsertView adds a view, ErrExists when its id is there.
func (tx *Tx) InsertView(v View) error {
	_, err := tx.exec(insertView, v.values(tx.workspace)...)
	return err
}

// View reads a view.
func (tx *Tx) View(id notion.ID) (v View, err error) {
	err = tx.one(selectView+` WHERE workspace_id = $1 AND id = $2`, args(tx.workspace[:], id[:]), v.columns()...)
	return v, err
}

// ViewsOf reads up to limit views of a database from a place on, in their order, widgets of
// dashboards among them.
func (tx *Tx) ViewsOf(database notion.ID, from From, limit int) ([]View, error) {
	return collect[View](tx, selectView+`
		WHERE workspace_id = $1 AND database_id = $2 AND (ord, id) `+beyond(from.Inclusive)+` ($3, $4) ORDER BY ord, id LIMIT $5`,
		args(tx.workspace[:], database[:], from.Ord, from.ID[:], limit))
}

// ViewsOver reads up to limit views of a data source, whichever databases they are in, whose
// ids come after a given one, in the order of their ids.
func (tx *Tx) ViewsOver(source, after notion.ID, limit int) ([]View, error) {
	return collect[View](tx, selectView+` WHERE workspace_id = $1 AND data_source_id = $2 AND id > $3 ORDER BY id LIMIT $4`,
		args(tx.workspace[:], source[:], after[:], limit))
}

// SourcesShown reads up to limit of the data sources that the views of a database are of.
func (tx *Tx) SourcesShown(database notion.ID, limit int) (ids []notion.ID, err error) {
	var none notion.ID
	err = tx.each(`SELECT DISTINCT data_source_id FROM database_view WHERE workspace_id = $1 AND database_id = $2 AND data_source_id <> $3 LIMIT $4`,
		args(tx.workspace[:], database[:], none[:], limit), func(rows *sql.Rows) error {
			var id notion.ID
			err := rows.Scan((*idColumn)(&id))
			ids = append(ids, id)
			return err
		})
	return ids, err
}

// Widgets reads the views in a dashboard.
func (tx *Tx) Widgets(dashboard View) ([]View, error) {
	return collect[View](tx, selectView+` WHERE workspace_id = $1 AND database_id = $2 AND dashboard_id = $3 ORDER BY ord, id`,
		args(tx.workspace[:], dashboard.DatabaseID[:], dashboard.ID[:]))
}

// CountTabs returns how many views of a database are no widgets.
func (tx *Tx) CountTabs(database notion.ID) (n int, err error) {
	var none notion.ID
	err = tx.one(`SELECT COUNT(*) FROM database_view WHERE workspace_id = $1 AND database_id = $2 AND dashboard_id = $3`,
		args(tx.workspace[:], database[:], none[:]), &n)
	return n, err
}

// ViewEnds returns the order keys of the first and the last view of a database, "" when it
// has none.
func (tx *Tx) ViewEnds(database notion.ID) (first, last string, err error) {
	err = tx.one(`SELECT MIN(ord), MAX(ord) FROM database_view WHERE workspace_id = $1 AND database_id = $2`,
		args(tx.workspace[:], database[:]), (*textColumn)(&first), (*textColumn)(&last))
	return first, last, err
}

// ViewOrdAfter returns the order key of the view that follows a place, "" when none does.
func (tx *Tx) ViewOrdAfter(database notion.ID, ord string) (next string, err error) {
	err = tx.one(`SELECT MIN(ord) FROM database_view WHERE workspace_id = $1 AND database_id = $2 AND ord > $3`,
		args(tx.workspace[:], database[:], ord), (*textColumn)(&next))
	return next, err
}

// UpdateView writes what can change of a view, and notes who edited it at the transaction's
// time.
func (tx *Tx) UpdateView(v View, by notion.ID) error {
	return tx.change(`UPDATE database_view SET name = $3, filter = $4, sorts = $5, quick_filters = $6, configuration = $7,
			last_edited_time = $8, last_edited_by = $9
		WHERE workspace_id = $1 AND id = $2`,
		tx.workspace[:], v.ID[:], v.Name, rawOrNull(v.Filter), rawOrNull(v.Sorts), rawOrNull(v.QuickFilters),
		string(v.Configuration), micros(tx.now), by[:])
}

// DeleteView forgets a view. Its widgets stay.
func (tx *Tx) DeleteView(id notion.ID) error {
	return tx.change(`DELETE FROM database_view WHERE workspace_id = $1 AND id = $2`, tx.workspace[:], id[:])
}

// ViewQuery is what a view answered at one time.
type ViewQuery struct {
	ID     notion.ID
	ViewID notion.ID
	// IntegrationID is whose answer it is: others may see other pages.
	IntegrationID notion.ID
	ExpiresTime   time.Time
	// Incomplete says that there were more pages.
	Incomplete bool
	// Pages are the ids of the pages in order.
	Pages []notion.ID
}

// InsertViewQuery adds an answer.
func (tx *Tx) InsertViewQuery(q ViewQuery) error {
	pages := make([]byte, 0, len(q.Pages)*len(notion.ID{}))
	for _, id := range q.Pages {
		pages = append(pages, id[:]...)
	}
	_, err := tx.exec(`INSERT INTO view_query (workspace_id, id, view_id, integration_id, expires_time, incomplete, pages)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		tx.workspace[:], q.ID[:], q.ViewID[:], q.IntegrationID[:], micros(q.ExpiresTime), q.Incomplete, pages)
	return err
}

// ViewQuery reads an answer, also one that has expired.
func (tx *Tx) ViewQuery(id notion.ID) (q ViewQuery, err error) {
	var pages []byte
	err = tx.one(`SELECT id, view_id, integration_id, expires_time, incomplete, pages FROM view_query WHERE workspace_id = $1 AND id = $2`,
		args(tx.workspace[:], id[:]),
		(*idColumn)(&q.ID), (*idColumn)(&q.ViewID), (*idColumn)(&q.IntegrationID), (*timeColumn)(&q.ExpiresTime), &q.Incomplete, &pages)
	for len(pages) >= len(notion.ID{}) {
		q.Pages = append(q.Pages, notion.ID(pages[:len(notion.ID{})]))
		pages = pages[len(notion.ID{}):]
	}
	return q, err
}

// DeleteViewQuery forgets an answer, if there is one.
func (tx *Tx) DeleteViewQuery(id notion.ID) error {
	_, err := tx.exec(`DELETE FROM view_query WHERE workspace_id = $1 AND id = $2`, tx.workspace[:], id[:])
	return err
}

// PruneViewQueries forgets up to limit answers that have expired, and reports how many.
func (tx *Tx) PruneViewQueries(limit int) (int64, error) {
	return tx.exec(`DELETE FROM view_query WHERE workspace_id = $1 AND id IN (
			SELECT id FROM view_query WHERE workspace_id = $1 AND expires_time <= $2 ORDER BY expires_time LIMIT $3)`,
		tx.workspace[:], micros(tx.now), limit)
}
