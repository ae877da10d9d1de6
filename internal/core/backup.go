package core

import (
	"context"
	"errors"
	"io"

	"octavo/internal/apierr"
	"octavo/internal/backup"
	"octavo/internal/store"
)

// Backup is a backup that is being made. The parts of files that it has to do with are not
// removed from the storage before it is closed.
type Backup struct {
	core *Core
	opts backup.WriteOptions
}

// Backup copies the database, as of one moment, to a new file while the server goes on working.
// With files, what is in the storage becomes part of the backup. A PostgreSQL database is not
// copied by us: that is invalid_request.
func (c *Core) Backup(ctx context.Context, path string, withFiles bool) (*Backup, error) {
	b := &Backup{core: c, opts: backup.WriteOptions{Database: path, Time: c.clock.Now()}}
	if withFiles {
		b.opts.Storage = c.opts.Files.Storage
	}
	// Parts whose removal has begun by now are not in the copy that comes after.
	c.backups.Add(1)
	if err := c.copyDatabase(ctx, path); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// Write writes the archive (package backup). After an error it is none.
func (b *Backup) Write(ctx context.Context, w io.Writer) error { return backup.Write(ctx, w, b.opts) }

// Close ends the backup.
func (b *Backup) Close() { b.core.backups.Add(-1) }

// copyDatabase writes a consistent copy of the database to a new file.
func (c *Core) copyDatabase(ctx context.Context, path string) error {
	err := c.store.Backup(ctx, path)
	if errors.Is(err, store.ErrNoBackup) {
		return apierr.Errorf(apierr.InvalidRequest, "This server keeps its data in PostgreSQL. Back it up with pg_dump.").Because(err)
	}
	return storeError(err)
}
