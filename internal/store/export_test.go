package store

import (
	"context"
	"runtime"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"

	"octavo/internal/notion"
)

// Exec runs any statement in a transaction.
func (tx *Tx) Exec(text string, args ...any) error {
	_, err := tx.exec(text, args...)
	return err
}

// AwaitQueued returns once n operations of a workspace wait for the writer.
func (s *Store) AwaitQueued(ctx context.Context, workspace notion.ID, n int) error {
	if s.Exclusive() {
		workspace = notion.ID{}
	}
	for ctx.Err() == nil {
		s.lanesMu.Lock()
		l := s.lanes[workspace]
		reached := l != nil && len(l.queue) >= n
		s.lanesMu.Unlock()
		if reached {
			return nil
		}
		runtime.Gosched()
	}
	return ctx.Err()
}

// Steps is how many migrations there are.
func (s *Store) Steps() (int, error) {
	steps, err := s.steps()
	return len(steps), err
}

// MaxBatch is the most operations of one commit.
const MaxBatch = maxBatch

// One reads a single row of any query.
func (tx *Tx) One(text string, dest ...any) error { return tx.one(text, nil, dest...) }

// OneWith is One for a query with arguments.
func (tx *Tx) OneWith(text string, args []any, dest ...any) error { return tx.one(text, args, dest...) }

// Replanned counts how often SQLite has planned a statement of this connection anew, and
// the statements.
func (tx *Tx) Replanned() (times, statements int, err error) {
	err = tx.session.conn.Raw(func(c any) error {
		for stmt := range c.(driver.Conn).Raw().Stmts() {
			times += stmt.Status(sqlite3.STMTSTATUS_REPREPARE, false)
			statements++
		}
		return nil
	})
	return times, statements, err
}
