package store

import (
	"database/sql"
	"errors"
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

// ErrForgotten says that the log does not go back as far as it was asked for.
var ErrForgotten = errors.New("store: the log of changes does not go back that far")

// Changes reads up to limit different changes that happened after a revision, in no
// particular order. It fails with ErrForgotten when some of them have been forgotten.
func (tx *Tx) Changes(afterRevision int64, limit int) ([]Change, error) {
	forgotten, err := tx.Forgotten()
	if err != nil {
		return nil, err
	}
	if afterRevision < forgotten {
		return nil, ErrForgotten
	}
	return collect[Change](tx, `SELECT DISTINCT type, node_id FROM event WHERE workspace_id = $1 AND revision > $2 LIMIT $3`,
		args(tx.workspace[:], afterRevision, limit))
}

// LastEvent returns the place of the newest line of the log, 0 and 0 when it is empty.
func (tx *Tx) LastEvent() (revision, seq int64, err error) {
	err = tx.one(`SELECT revision, seq FROM event WHERE workspace_id = $1 ORDER BY revision DESC, seq DESC LIMIT 1`,
		args(tx.workspace[:]), &revision, &seq)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return revision, seq, err
}

// Forgotten returns the revision up to which the log has been forgotten, 0 when it is whole:
// it tells of every change that came later.
func (tx *Tx) Forgotten() (revision int64, err error) {
	err = tx.one(`SELECT forgotten FROM workspace_state WHERE workspace_id = $1`, args(tx.workspace[:]), &revision)
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return revision, err
}

// PruneEvents forgets about limit of the oldest lines of the log that were written before a
// time and whose revision is at most the given one, and reports how many it forgot.
func (tx *Tx) PruneEvents(before time.Time, revision int64, limit int) (int64, error) {
	// Revisions are in the order of time, so that the oldest lines are the first.
	var last sql.NullInt64
	err := tx.one(`SELECT MAX(revision) FROM (SELECT revision, time FROM event
			WHERE workspace_id = $1 AND revision <= $3 ORDER BY revision, seq LIMIT $4) oldest
		WHERE time < $2`, args(tx.workspace[:], micros(before), revision, limit), &last)
	if err != nil || !last.Valid {
		return 0, err
	}
	if err := tx.change(`UPDATE workspace_state SET forgotten = $2 WHERE workspace_id = $1`, tx.workspace[:], last.Int64); err != nil {
		return 0, err
	}
	return tx.exec(`DELETE FROM event WHERE workspace_id = $1 AND revision <= $2`, tx.workspace[:], last.Int64)
}

// Events reads up to limit lines of the log after a place in it. Revisions come in the
// order they were committed, so that a reader that has seen revision r misses nothing by
// asking for what comes after it.
func (tx *Tx) Events(afterRevision, afterSeq int64, limit int) ([]Event, error) {
	return collect[Event](tx, `SELECT revision, seq, type, node_id, author_id, time, data FROM event
		WHERE workspace_id = $1 AND (revision, seq) > ($2, $3) ORDER BY revision, seq LIMIT $4`,
		args(tx.workspace[:], afterRevision, afterSeq, limit))
}
