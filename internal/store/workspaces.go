package store

import (
	"time"

	"octavo/internal/notion"
)

// Workspace is a row of the directory.
type Workspace struct {
	ID   notion.ID
	Name string
	// Node names the database the workspace's rows are in, "" for this one.
	Node        string
	CreatedTime time.Time
	// TimeZone is the zone of its days, a name of the IANA database.
	TimeZone string
}

// InsertWorkspace adds a workspace to the directory. The transaction is a directory's.
func (tx *Tx) InsertWorkspace(w Workspace) error {
	_, err := tx.exec(`INSERT INTO workspace (id, name, node, created_time, time_zone) VALUES ($1, $2, $3, $4, $5)`,
		w.ID[:], w.Name, w.Node, micros(w.CreatedTime), w.TimeZone)
	return err
}

const workspaceColumns = `SELECT id, name, node, created_time, time_zone FROM workspace`

func (w *Workspace) columns() []any {
	return []any{(*idColumn)(&w.ID), &w.Name, &w.Node, (*timeColumn)(&w.CreatedTime), &w.TimeZone}
}

// DirectoryWorkspace reads a workspace of the directory.
func (tx *Tx) DirectoryWorkspace(id notion.ID) (w Workspace, err error) {
	err = tx.one(workspaceColumns+` WHERE id = $1`, args(id[:]), w.columns()...)
	return w, err
}

// Workspaces reads up to limit workspaces in the order of their ids, from after on.
func (tx *Tx) Workspaces(after notion.ID, limit int) ([]Workspace, error) {
	return collect[Workspace](tx, workspaceColumns+` WHERE id > $1 ORDER BY id LIMIT $2`, args(after[:], limit))
}

// UpdateWorkspace writes the name and the zone of a workspace of the directory.
func (tx *Tx) UpdateWorkspace(w Workspace) error {
	return tx.change(`UPDATE workspace SET name = $2, time_zone = $3 WHERE id = $1`, w.ID[:], w.Name, w.TimeZone)
}
