package core

import (
	"context"
	"errors"

	"octavo/internal/files"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// A part of a file is in two places, the database and the file storage. So that no crash
// leaves bytes behind that nobody knows of, the row comes first and goes last.

// abandon gives up a part that was being written, because of an error. When even that fails,
// or when the part has become one of its upload after all, the sweep sees to it, and to what
// is in a storage that does not answer.
func (c *Core) abandon(ctx context.Context, workspace notion.ID, part store.FilePart, because error) {
	ctx = context.WithoutCancel(ctx)
	err := c.store.Update(ctx, workspace, func(tx *store.Tx) error { return tx.AbandonFilePart(part.ID) })
	if err != nil {
		c.log.Warn("a part of a file that was not taken is left to the sweep", "part", part.ID.String(), "error", err)
		return
	}
	if errors.Is(because, files.ErrUnavailable) || errors.Is(because, files.ErrTimeout) {
		return
	}
	c.collect(ctx, workspace, []store.FilePart{part})
}

// collect removes parts of no more use from the storage, then from the database. What
// fails is left to the sweep, and so is everything while a backup is made, which may be of a
// moment when they were of use; the result says how many went.
func (c *Core) collect(ctx context.Context, workspace notion.ID, parts []store.FilePart) int {
	if len(parts) == 0 || c.backups.Load() > 0 {
		return 0
	}
	const enough = 3 // failures, one after the other
	var gone []notion.ID
	for failures, i := 0, 0; i < len(parts) && failures < enough; i++ {
		if err := c.opts.Files.Storage.Delete(ctx, files.Key(workspace, parts[i].ID)); err != nil {
			c.log.Warn("a part of a file cannot be removed yet", "part", parts[i].ID.String(), "error", err)
			failures++
			continue
		}
		failures = 0
		gone = append(gone, parts[i].ID)
	}
	if len(gone) == 0 {
		return 0
	}
	err := c.store.Update(context.WithoutCancel(ctx), workspace, func(tx *store.Tx) error { return tx.DeleteFileParts(gone) })
	if err != nil {
		c.log.Warn("parts of files that are gone cannot be forgotten yet", "error", err)
		return 0
	}
	return len(gone)
}
