package store

import (
	"time"

	"octavo/internal/notion"
)

// Event is one line of the log of a workspace: what a revision did.
type Event struct {
	// Revision and Seq order the log. AppendEvent sets them: the transaction's revision,
	// and 1, 2, … within it.
	Revision int64
	Seq      int64
	Type     string
	NodeID   notion.ID
	AuthorID notion.ID
	// Time is set by AppendEvent to the transaction's.
	Time time.Time
	Data string
}

func (e *Event) columns() []any {
	return []any{
		&e.Revision, &e.Seq, &e.Type, (*idColumn)(&e.NodeID), (*idColumn)(&e.AuthorID),
		(*timeColumn)(&e.Time), &e.Data,
	}
}

// AppendEvent adds a line to the log, in the same transaction as the change it tells of.
func (tx *Tx) AppendEvent(e Event) error {
	revision, err := tx.Revision()
	if err != nil {
		return err
	}
	tx.events++
	_, err = tx.exec(`INSERT INTO event (workspace_id, revision, seq, type, node_id, author_id, time, data)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		tx.workspace[:], revision, tx.events, e.Type, e.NodeID[:], e.AuthorID[:], micros(tx.now), e.Data)
	return err
}

// Change is what the log says of one node.
type Change struct {
	Type   string
	NodeID notion.ID
}

func (c *Change) columns() []any { return []any{&c.Type, (*idColumn)(&c.NodeID)} }

// Changes reads up to limit different changes that happened after a revision, in no
// particular order.
func (tx *Tx) Changes(afterRevision int64, limit int) ([]Change, error) {
	return collect[Change](tx, `SELECT DISTINCT type, node_id FROM event WHERE workspace_id = $1 AND revision > $2 LIMIT $3`,
		args(tx.workspace[:], afterRevision, limit))
}

// Events reads up to limit lines of the log after a place in it. Revisions come in the
// order they were committed, so that a reader that has seen revision r misses nothing by
// asking for what comes after it.
func (tx *Tx) Events(afterRevision, afterSeq int64, limit int) ([]Event, error) {
	return collect[Event](tx, `SELECT revision, seq, type, node_id, author_id, time, data FROM event
		WHERE workspace_id = $1 AND (revision, seq) > ($2, $3) ORDER BY revision, seq LIMIT $4`,
		args(tx.workspace[:], afterRevision, afterSeq, limit))
}
