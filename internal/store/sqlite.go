package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
	"github.com/pressly/goose/v3"

	"octavo/internal/clock"
)

const (
	sqliteFile = "octavo.db"
	// defaultSQLiteReaders is small because each connection has a page cache of its own and
	// the database is in this process: more readers than cores only wait for each other.
	defaultSQLiteReaders = 4
)

// sqlite is the dialect of SQLite. This file is the only one that knows the driver.
type sqlite struct {
	path string
	busy time.Duration
	// durable is false for data that does not outlive the store.
	durable bool
}

func openSQLite(opts Options) (_ backend, err error) {
	dir, release, err := sqliteDir(opts)
	if err != nil {
		return backend{}, err
	}
	d := &sqlite{path: filepath.Join(dir, sqliteFile), busy: opts.LockTimeout, durable: !opts.Memory}
	if err := createFile(d.path); err != nil {
		return backend{}, errors.Join(err, release())
	}
	writes, err := driver.Open(d.uri(), d.prepareWriter)
	if err != nil {
		return backend{}, errors.Join(err, release())
	}
	reads, err := driver.Open(d.uri(), d.prepareReader)
	if err != nil {
		return backend{}, errors.Join(err, writes.Close(), release())
	}
	readers := opts.Readers
	if readers == 0 {
		readers = defaultSQLiteReaders
	}
	return backend{
		dialect: d,
		reads:   newPool(reads, readers, true, d.rewrite),
		writes:  newPool(writes, 1, true, d.rewrite),
		release: release,
	}, nil
}

// sqliteDir returns the directory of the data and what gives it back.
func sqliteDir(opts Options) (string, func() error, error) {
	if opts.Memory {
		dir, err := os.MkdirTemp("", "octavo-*")
		return dir, func() error { return os.RemoveAll(dir) }, err
	}
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return "", nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", nil, fmt.Errorf("%w: %w", ErrConnection, err)
	}
	release, err := lockDir(dir)
	return dir, release, err
}

// createFile makes the database file when it is not there. Only this makes it: a
// connection that is opened after the file has gone must fail, not find an empty one.
func createFile(path string) error {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrConnection, err)
	}
	return file.Close()
}

func (d *sqlite) uri() string { return fileURI(d.path, "mode=rw") }

// fileURI names a database file by its absolute path, and how it is opened.
func fileURI(path, query string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive letter
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: query}).String()
}

// prepareWriter sets everything the behaviour depends on, whatever the driver was
// compiled with. The cache is large because the values of a row go to as many places of the
// index as there are, and what is between two checkpoints is, because many rows go to the
// same ones.
func (d *sqlite) prepareWriter(c *sqlite3.Conn) error {
	synchronous := "FULL"
	if !d.durable {
		synchronous = "OFF"
	}
	return d.prepare(c, "PRAGMA journal_mode = WAL",
		"PRAGMA synchronous = "+synchronous,
		"PRAGMA foreign_keys = ON",
		"PRAGMA wal_autocheckpoint = 4000",
		"PRAGMA journal_size_limit = 67108864",
		"PRAGMA cache_size = -32768")
}

func (d *sqlite) prepareReader(c *sqlite3.Conn) error {
	return d.prepare(c, "PRAGMA cache_size = -8192", "PRAGMA query_only = ON")
}

func (d *sqlite) prepare(c *sqlite3.Conn, pragmas ...string) error {
	if err := c.BusyTimeout(d.busy); err != nil {
		return err
	}
	// Otherwise a statement whose LIMIT is a parameter is planned anew at every run, for
	// the value it has this time.
	if _, err := c.Config(sqlite3.DBCONFIG_ENABLE_QPSG, true); err != nil {
		return err
	}
	for _, pragma := range append(pragmas, "PRAGMA temp_store = MEMORY") {
		if err := c.Exec(pragma); err != nil {
			return err
		}
	}
	return nil
}

func (*sqlite) exclusive() bool { return true }

// rewrite turns $1 into ?1: SQLite takes $1 for a name and numbers names by appearance.
func (*sqlite) rewrite(text string) string { return strings.ReplaceAll(text, "$", "?") }

func (*sqlite) tokens() []string {
	return []string{
		"{{id}}", "BLOB",
		"{{text}}", "TEXT",
		"{{int}}", "INTEGER",
		"{{bool}}", "INTEGER",
		"{{bytes}}", "BLOB",
		"{{table}}", "STRICT",
		"{{keyed}}", "STRICT, WITHOUT ROWID",
	}
}

func (*sqlite) beginRead() string  { return "BEGIN" }
func (*sqlite) beginWrite() string { return "BEGIN IMMEDIATE" }

// writeContext has no end: an interrupted statement undoes the whole transaction, and
// there is no other machine to wait for.
func (*sqlite) writeContext(clock.Clock) (context.Context, context.CancelFunc) {
	return context.Background(), func() {}
}

func (*sqlite) classify(err error, write bool) error {
	var code sqlite3.ExtendedErrorCode
	if !errors.As(err, &code) {
		if errors.Is(err, sql.ErrConnDone) {
			return ErrConnection
		}
		return nil
	}
	switch code {
	case sqlite3.CONSTRAINT_UNIQUE, sqlite3.CONSTRAINT_PRIMARYKEY, sqlite3.CONSTRAINT_ROWID:
		return ErrExists
	}
	switch code.Code() {
	case sqlite3.BUSY, sqlite3.LOCKED:
		if write {
			return ErrConflict
		}
		return ErrUnavailable
	case sqlite3.FULL:
		return ErrUnavailable
	case sqlite3.IOERR, sqlite3.CANTOPEN, sqlite3.CORRUPT, sqlite3.NOTADB, sqlite3.READONLY, sqlite3.PERM, sqlite3.PROTOCOL:
		return ErrConnection
	}
	return nil
}

func (*sqlite) interrupted(err error) bool {
	return errors.Is(err, sqlite3.INTERRUPT) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// retryable is always false: the one writer is never asked to run again, and a lock held
// by another program has been waited for already.
func (*sqlite) retryable(error) bool { return false }

func (*sqlite) missingTable(err error) bool {
	return errors.Is(err, sqlite3.ERROR) && strings.Contains(err.Error(), "no such table")
}

func (*sqlite) migrator() (goose.Dialect, []goose.ProviderOption, error) {
	// The lock on the directory keeps other processes out.
	return goose.DialectSQLite3, nil, nil
}

// backup uses VACUUM INTO: it reads one snapshot, and its file is as small as can be.
func (d *sqlite) backup(ctx context.Context, path string) (err error) {
	// An absolute path cannot be taken for a URI.
	if path, err = filepath.Abs(path); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(path)
		}
	}()
	defer func() { err = errors.Join(err, file.Close()) }()
	db, err := driver.Open(d.uri(), func(c *sqlite3.Conn) error { return d.prepare(c) })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.ExecContext(ctx, "VACUUM INTO ?1", path); err != nil {
		return err
	}
	// SQLite leaves the copy to the operating system; a backup has to be on disk.
	return file.Sync()
}
