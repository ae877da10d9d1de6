package store

import (
	"context"

	"github.com/pressly/goose/v3"

	"octavo/internal/clock"
)

// dialect is everything in which the databases differ. It stays small: rows are read and
// written by one SQL text for all of them (DESIGN.md, "Shared SQL").
type dialect interface {
	// exclusive reports whether this process is the only one that writes.
	exclusive() bool
	// rewrite turns the placeholders $1, $2, … of the shared text into the database's.
	rewrite(text string) string
	// tokens are the replacements for {{name}} in migrations.
	tokens() []string
	// beginRead starts a transaction that sees one snapshot.
	beginRead() string
	// beginWrite starts a transaction that may write.
	beginWrite() string
	// writeContext bounds one grouped write.
	writeContext(c clock.Clock) (context.Context, context.CancelFunc)
	// classify returns the class of failure of a driver's error, or nil.
	classify(err error, write bool) error
	// interrupted reports whether err is how the driver tells the end of a context.
	interrupted(err error) bool
	// retryable reports whether the same transaction may succeed when it runs again.
	retryable(err error) bool
	// missingTable reports whether err says that a table does not exist.
	missingTable(err error) bool
	// migrator names the dialect for the migrations, and the lock among processes.
	migrator() (goose.Dialect, []goose.ProviderOption, error)
	// backup writes a copy of the data to a new file.
	backup(ctx context.Context, path string) error
}

// backend is an open database.
type backend struct {
	dialect dialect
	reads   *pool
	writes  *pool
	// release gives back what was taken besides connections, such as the lock file.
	release func() error
}
