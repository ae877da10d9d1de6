package store

import (
	"context"
	"errors"
	"fmt"
)

// The ways in which the store fails. Every error of this package that is not the
// caller's own, or the end of the caller's context, wraps at most one of them together
// with its cause; what wraps none of them is a defect.
var (
	// ErrNotFound means that no row has the id in this workspace.
	ErrNotFound = errors.New("not found")
	// ErrExists means that a row with the same key is there already.
	ErrExists = errors.New("already exists")
	// ErrConflict means that another process held or changed the same rows for longer
	// than the store waits. The write has not happened and may be tried again.
	ErrConflict = errors.New("conflict with another writer")
	// ErrUnavailable means that the database is there and cannot serve now: its disk is
	// full, it is out of connections, or it is busy.
	ErrUnavailable = errors.New("database cannot serve now")
	// ErrConnection means that the database is gone or broken, or that the store is
	// closed. The store uses the database again as soon as it is back.
	ErrConnection = errors.New("database connection lost")
	// ErrFormat means that the data was written by a newer Octavo.
	ErrFormat = errors.New("data has a newer state format")
	// ErrLocked means that another server uses the data directory.
	ErrLocked = errors.New("data directory is in use")
	// ErrNoBackup means that the database is backed up with its own tools.
	ErrNoBackup = errors.New("this database is backed up with its own tools (pg_dump)")
)

var errClosed = fmt.Errorf("%w: store is closed", ErrConnection)

// PanicError is what an operation that panicked in a write returns.
type PanicError struct {
	// Value is what was passed to panic.
	Value any
	// Stack is the stack of the goroutine at that moment.
	Stack []byte
}

// Error implements error. It leaves the stack out.
func (e *PanicError) Error() string { return fmt.Sprintf("panic in a write: %v\n%s", e.Value, e.Stack) }

// errExited is the outcome of an operation that ended its goroutine (runtime.Goexit,
// which is how a test gives up).
var errExited = errors.New("operation ended its goroutine")

// wrap adds the class of failure to an error of the database. The end of ctx comes
// before what the driver makes of it: in a read it is the caller's own error, in a write
// it means that the database has not answered for as long as the store waits.
func wrap(ctx context.Context, d dialect, err error, write bool) error {
	if err == nil {
		return nil
	}
	if ctxErr := ctx.Err(); ctxErr != nil && d.interrupted(err) {
		if write {
			return fmt.Errorf("%w: no answer in time: %v", ErrConnection, err)
		}
		return ctxErr
	}
	if class := d.classify(err, write); class != nil && !errors.Is(err, class) {
		return fmt.Errorf("%w: %w", class, err)
	}
	return err
}

// infrastructure reports whether err is the database's failure and not the operation's.
func infrastructure(err error) bool {
	return errors.Is(err, ErrConflict) || errors.Is(err, ErrUnavailable) || errors.Is(err, ErrConnection)
}
