package store

import (
	"database/sql"
	"time"

	"octavo/internal/notion"
)

// AsyncTask is something that a connection has asked to be done later.
type AsyncTask struct {
	ID            notion.ID
	IntegrationID notion.ID
	Operation     string
	// Request is what was asked for, JSON; "" once it is done.
	Request     string
	CreatedTime time.Time
	// FinishedTime is zero until it is done.
	FinishedTime time.Time
	// Result is what it came to, and Error why it failed, JSON; nil where it does not apply.
	Result, Error []byte
}

const selectAsyncTask = `SELECT id, integration_id, operation, request, created_time, finished_time, result, error FROM async_task`

func (t *AsyncTask) columns() []any {
	return []any{
		(*idColumn)(&t.ID), (*idColumn)(&t.IntegrationID), &t.Operation, &t.Request,
		(*timeColumn)(&t.CreatedTime), (*timeColumn)(&t.FinishedTime), (*rawColumn)(&t.Result), (*rawColumn)(&t.Error),
	}
}

// InsertAsyncTask adds a task that is not done yet.
func (tx *Tx) InsertAsyncTask(t AsyncTask) error {
	_, err := tx.exec(`INSERT INTO async_task (workspace_id, id, integration_id, operation, request, created_time)
		VALUES ($1, $2, $3, $4, $5, $6)`, tx.workspace[:], t.ID[:], t.IntegrationID[:], t.Operation, t.Request, micros(t.CreatedTime))
	return err
}

// AsyncTask reads a task, ErrNotFound when there is none.
func (tx *Tx) AsyncTask(id notion.ID) (t AsyncTask, err error) {
	err = tx.one(selectAsyncTask+` WHERE workspace_id = $1 AND id = $2`, args(tx.workspace[:], id[:]), t.columns()...)
	return t, err
}

// WaitingAsyncTasks reads up to limit ids of tasks that are not done yet, in order, after one.
func (tx *Tx) WaitingAsyncTasks(after notion.ID, limit int) ([]notion.ID, error) {
	return tx.ids(`SELECT id FROM async_task WHERE workspace_id = $1 AND finished_time IS NULL AND id > $2 ORDER BY id LIMIT $3`,
		args(tx.workspace[:], after[:], limit))
}

// FinishAsyncTask notes that a task is done at the transaction's time: what it came to, or why
// it failed. What was asked for is forgotten.
func (tx *Tx) FinishAsyncTask(id notion.ID, result, failure []byte) error {
	return tx.change(`UPDATE async_task SET finished_time = $3, result = $4, error = $5, request = '' WHERE workspace_id = $1 AND id = $2`,
		tx.workspace[:], id[:], micros(tx.now), rawOrNull(result), rawOrNull(failure))
}

// ForgetAsyncTasks forgets the tasks that were done up to a time.
func (tx *Tx) ForgetAsyncTasks(until time.Time) error {
	_, err := tx.exec(`DELETE FROM async_task WHERE workspace_id = $1 AND finished_time <= $2`, tx.workspace[:], micros(until))
	return err
}

// AnyExpired reports whether there is something for [Tx.PruneAsyncTasks] or
// [Tx.PruneViewQueries] to forget.
func (tx *Tx) AnyExpired(before time.Time) (bool, error) {
	n := 0
	err := tx.one(`SELECT CASE WHEN EXISTS (SELECT 1 FROM async_task WHERE workspace_id = $1 AND finished_time <= $2)
		OR EXISTS (SELECT 1 FROM view_query WHERE workspace_id = $1 AND expires_time <= $3) THEN 1 ELSE 0 END`,
		args(tx.workspace[:], micros(before), micros(tx.now)), &n)
	return n == 1, err
}

// PruneAsyncTasks forgets up to limit tasks that were done up to a time, and returns how many.
func (tx *Tx) PruneAsyncTasks(before time.Time, limit int) (int64, error) {
	return tx.exec(`DELETE FROM async_task WHERE workspace_id = $1 AND id IN (
		SELECT id FROM async_task WHERE workspace_id = $1 AND finished_time <= $2 ORDER BY finished_time, id LIMIT $3)`,
		tx.workspace[:], micros(before), limit)
}

// AddAsyncTaskHome notes in the directory that a workspace has tasks.
func (tx *Tx) AddAsyncTaskHome(workspace notion.ID) error {
	_, err := tx.exec(`INSERT INTO async_task_home (workspace_id) VALUES ($1) ON CONFLICT (workspace_id) DO NOTHING`, workspace[:])
	return err
}

// AsyncTaskHomes reads the workspaces that have, or have had, tasks.
func (tx *Tx) AsyncTaskHomes() ([]notion.ID, error) {
	var homes []notion.ID
	err := tx.each(`SELECT workspace_id FROM async_task_home ORDER BY workspace_id`, nil, func(rows *sql.Rows) error {
		var id notion.ID
		err := rows.Scan((*idColumn)(&id))
		homes = append(homes, id)
		return err
	})
	return homes, err
}
