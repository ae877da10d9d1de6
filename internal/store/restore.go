package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"

	"octavo/internal/clock"
	"octavo/internal/notion"
)

// ErrNoData means that a file is no backup of an Octavo server, or is damaged.
var ErrNoData = errors.New("not a sound backup of an Octavo server")

// RestoreOptions say how a backup becomes the data of a directory.
type RestoreOptions struct {
	// Database opens the copy of a database that is to be restored.
	Database func() (io.ReadCloser, error)
	// Dir is the directory, which no server may use.
	Dir string
	// Verify, if it is set, looks at what belongs to the database, which is whole and as it
	// was backed up. Place puts that where the server will look for it, once nothing is in
	// the way of restoring the database. They get the path of a copy that nobody writes to.
	Verify, Place func(database string) error
	// Replace puts a database that is in the directory aside. Without it there must be none.
	Replace bool
	// Check only looks whether the backup can be restored.
	Check bool
	// Entry is what the audit log of the restored data says of it.
	Entry AuditEntry
	// Clock is where the time comes from.
	Clock clock.Clock
}

// Restored is what there is to say of a backup that has been restored, or could be.
type Restored struct {
	// Format is the state format of the backup; the restored data has the newest.
	Format int
	// Workspaces is how many there are.
	Workspaces int
	// Replaced is the file that the former database is in now, "" when there was none.
	Replaced string
}

// Restore makes a backup the database of a directory, once it has been shown to be whole and
// of a format that this binary knows: it fails with ErrNoData or ErrFormat otherwise, with
// ErrLocked when a server uses the directory, and with ErrExists when it has a database
// already. Until the last step the directory is as it was.
func Restore(ctx context.Context, opts RestoreOptions) (r Restored, err error) {
	dir, release, err := sqliteDir(Options{Dir: opts.Dir})
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, release()) }()
	target := filepath.Join(dir, sqliteFile)
	taken, err := hasData(target)
	if err != nil {
		return r, err
	}
	if taken && !opts.Replace && !opts.Check {
		return r, fmt.Errorf("%w: %s", ErrExists, target)
	}
	if err := RemoveRestores(dir); err != nil {
		return r, err
	}
	temp, err := os.MkdirTemp(dir, restoreDir+"*")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
	if err := opts.ready(ctx, temp, &r); err != nil || opts.Check {
		return r, err
	}
	if taken {
		r.Replaced = filepath.Join(dir, opts.Clock.Now().UTC().Format("octavo-replaced-20060102-150405.db"))
		if err := putAside(target, r.Replaced); err != nil {
			return r, err
		}
	}
	if err := os.Rename(filepath.Join(temp, sqliteFile), target); err != nil {
		return r, err
	}
	return r, syncDir(dir)
}

// ready makes the database ready in a directory of its own, and then what belongs to it.
func (opts *RestoreOptions) ready(ctx context.Context, temp string, r *Restored) (err error) {
	copied := filepath.Join(temp, "copy.db")
	if err := copyDatabase(opts.Database, copied); err != nil {
		return err
	}
	if r.Format, err = inspect(ctx, copied); err != nil {
		return err
	}
	if r.Format > Format {
		return newerFormat(r.Format)
	}
	if opts.Verify != nil {
		if err := opts.Verify(copied); err != nil {
			return err
		}
	}
	again := func() (io.ReadCloser, error) { return os.Open(copied) }
	if err := copyDatabase(again, filepath.Join(temp, sqliteFile)); err != nil { // what is opened is written to
		return err
	}
	if r.Workspaces, err = settle(ctx, temp, *opts); err != nil || opts.Check || opts.Place == nil {
		return err
	}
	return opts.Place(copied)
}

// restoreDir is what the names of directories begin with in which a backup is made ready.
const restoreDir = "octavo-restore-"

// RemoveRestores removes what a restore that was killed has left in a data directory; "" is a
// server without one.
func RemoveRestores(dir string) error { return RemoveUnfinished(dir, restoreDir) }

// RemoveUnfinished removes the directories in a data directory that have names which begin with
// a prefix: those in which something is put together that is gone when it is done. "" is a
// server without a data directory.
func RemoveUnfinished(dir, prefix string) error {
	if dir == "" {
		return nil
	}
	left, err := filepath.Glob(filepath.Join(dir, prefix+"*"))
	for _, path := range left {
		err = errors.Join(err, os.RemoveAll(path))
	}
	return err
}

// hasData reports whether a file is there and not empty.
func hasData(path string) (bool, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && info.Size() > 0, err
}

// copyDatabase copies a database to the disk.
func copyDatabase(from func() (io.ReadCloser, error), to string) (err error) {
	in, err := from()
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.Copy(out, in); err != nil {
		return err
	}
	return out.Sync()
}

// DatabaseMagic is what every SQLite database begins with.
const DatabaseMagic = "SQLite format 3\x00"

// inspect looks whether a file is a sound database of an Octavo server and returns its state
// format.
func inspect(ctx context.Context, path string) (format int, err error) {
	head := make([]byte, len(DatabaseMagic))
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	_, err = io.ReadFull(f, head)
	_ = f.Close()
	if err != nil || string(head) != DatabaseMagic {
		return 0, fmt.Errorf("%w: it is no SQLite database", ErrNoData)
	}
	d := &sqlite{path: path}
	db, err := driver.Open(d.uri(), func(c *sqlite3.Conn) error { return d.prepare(c) })
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var state string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&state); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrNoData, err)
	}
	if state != "ok" {
		return 0, fmt.Errorf("%w: %s", ErrNoData, state)
	}
	if err := db.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = 'state_format'").Scan(&state); err != nil {
		return 0, fmt.Errorf("%w: it says no state format: %w", ErrNoData, err)
	}
	if format, err = strconv.Atoi(state); err != nil {
		return 0, fmt.Errorf("%w: unreadable state format %q", ErrNoData, state)
	}
	return format, nil
}

// settle opens the copy of a backup as a server would, which brings it to the newest format,
// notes in its audit log that it was restored, and leaves it in one file.
func settle(ctx context.Context, dir string, opts RestoreOptions) (workspaces int, err error) {
	s, err := Open(ctx, Options{Dir: dir, Clock: opts.Clock})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	err = s.ViewDirectory(ctx, func(tx *Tx) error {
		const some = 1000
		for after := (notion.ID{}); ; {
			list, err := tx.Workspaces(after, some)
			workspaces += len(list)
			if err != nil || len(list) < some {
				return err
			}
			after = list[some-1].ID
		}
	})
	if err != nil {
		return 0, err
	}
	if workspaces == 0 {
		return 0, fmt.Errorf("%w: it has no workspace", ErrNoData)
	}
	return workspaces, s.UpdateDirectory(ctx, func(tx *Tx) error {
		e := opts.Entry
		e.Time = tx.Now()
		return tx.InsertAuditEntry(e)
	})
}

// putAside renames a database that nobody uses, in one file if it can be opened and otherwise
// with what a crash has left beside it.
func putAside(from, to string) error {
	d := &sqlite{path: from}
	if db, err := driver.Open(d.uri(), func(c *sqlite3.Conn) error { return d.prepare(c) }); err == nil {
		// A database that is broken stays as it is: it is kept, not repaired.
		_, _ = db.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
		_ = db.Close()
	}
	for _, end := range []string{"-wal", "-shm"} {
		if err := os.Rename(from+end, to+end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	// With both names on it there is never a moment without a database. Not every file system
	// can do that.
	if os.Link(from, to) == nil {
		return nil
	}
	return os.Rename(from, to)
}

// syncDir puts the names in a directory on disk, where that can be asked for.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	_ = d.Sync() // some systems have no such thing
	return nil
}
