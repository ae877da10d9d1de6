package core

import (
	"context"

	"octavo/internal/notion"
	"octavo/internal/store"
)

// A part of a file is in two places, the database and the file storage. So that no crash
// leaves bytes behind that nobody knows of, the row comes first and goes last.

// abandon gives up a part that was being written. When even that fails, or when the part
// has become one of its upload after all, the sweep sees to it.
func (c *Core) abandon(ctx context.Context, workspace notion.ID, part store.FilePart) {
	ctx = context.WithoutCancel(ctx)
	err := c.store.Update(ctx, workspace, func(tx *store.Tx) error { return tx.AbandonFilePart(part.ID) })
	if err != nil {
		c.log.Warn("a part of a file that was not taken is left to the sweep", "part", part.ID.String(), "error", err)
		return
	}
	c.collect(ctx, workspace, []store.FilePart{part})
}

// collect removes parts of no more use from the storage, then from the database. What
// fails is left to the sweep; the result says how many went.
func (c *Core) collect(ctx context.Context, workspace notion.ID, parts []store.FilePart) int {
	if len(parts) == 0 {
		return 0
	}
	ctx = context.WithoutCancel(ctx)
	var gone []notion.ID
	for _, part := range parts {
		if err := c.opts.Files.Storage.Delete(ctx, partKey(workspace, part.ID)); err != nil {
			c.log.Warn("a part of a file cannot be removed yet", "part", part.ID.String(), "error", err)
			continue
		}
		gone = append(gone, part.ID)
	}
	err := c.store.Update(ctx, workspace, func(tx *store.Tx) error { return tx.DeleteFileParts(gone) })
	if err != nil {
		c.log.Warn("parts of files that are gone cannot be forgotten yet", "error", err)
		return 0
	}
	return len(gone)
}
