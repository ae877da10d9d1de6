package core

import (
	"context"
	"errors"
	"time"

	"octavo/internal/notion"
	"octavo/internal/store"
)

const (
	// sweepBatch is how many uploads or parts one write of a sweep is about, so that no other
	// write waits long.
	sweepBatch = 100
	// writingLife is how long a part may be on its way: longer than any request, and than any
	// part of an import.
	writingLife = time.Hour
	// endedLife is how long an upload that has expired or failed is still shown and listed. The
	// hosted API has been seen to list such for two weeks (services.md §3.5).
	endedLife = 30 * 24 * time.Hour
	// collectEvery is how often it is looked for files that nothing refers to. It reads all
	// that is there.
	collectEvery = 24 * time.Hour
)

// SweepHourly sweeps the files and forgets what has expired, at once and then five minutes
// past each hour, until ctx ends (services.md §3.1).
func (c *Core) SweepHourly(ctx context.Context) {
	for {
		if err := c.SweepFiles(ctx); err != nil && ctx.Err() == nil {
			c.log.Error("files cannot be swept now", "error", err)
		}
		if err := c.ForgetExpired(ctx); err != nil && ctx.Err() == nil {
			c.log.Error("what has expired cannot be forgotten now", "error", err)
		}
		now := c.clock.Now()
		turn, cancel := c.clock.WithTimeout(ctx, nextSweep(now.Add(1)).Sub(now))
		<-turn.Done()
		cancel()
		if ctx.Err() != nil {
			return
		}
	}
}

// SweepFiles does what time brings: uploads expire and in the end are forgotten, imports that
// nobody is at work on begin again, and what is in the storage for nothing is removed from it.
// It is safe to do at any time, and on several servers at once.
func (c *Core) SweepFiles(ctx context.Context) error {
	c.sweeping.Lock()
	defer c.sweeping.Unlock()
	all := !c.clock.Now().Before(c.collected.Add(collectEvery))
	err := c.eachWorkspace(ctx, func(w store.Workspace) error {
		s := sweep{core: c, ctx: ctx, workspace: w.ID}
		if err := s.expire(); err != nil {
			return err
		}
		if all && c.opts.Files.KeepUnused > 0 {
			if err := s.collectUnused(); err != nil {
				return err
			}
		}
		if err := s.forget(); err != nil {
			return err
		}
		if err := s.giveUp(writingLife); err != nil {
			return err
		}
		return s.removeDropped()
	})
	if err != nil {
		return storeError(err)
	}
	if all {
		c.collected = c.clock.Now()
	}
	return c.ResumeImports(ctx)
}

// RecoverFiles notes at a start that what was being written to the storage no longer is. It
// does nothing where other servers may be writing.
func (c *Core) RecoverFiles(ctx context.Context) error {
	if !c.store.Exclusive() {
		return nil
	}
	err := c.eachWorkspace(ctx, func(w store.Workspace) error {
		return (&sweep{core: c, ctx: ctx, workspace: w.ID}).giveUp(0)
	})
	return storeError(err)
}

// sweep is one sweep of one workspace.
type sweep struct {
	core      *Core
	ctx       context.Context
	workspace notion.ID
}

// batches calls write until it finds less to do than would fill a batch, and collects the
// parts that each drops.
func (s *sweep) batches(write func(tx *store.Tx) (done int, dropped []store.FilePart, err error)) error {
	for done := sweepBatch; done >= sweepBatch; {
		var dropped []store.FilePart
		err := s.core.store.Update(s.ctx, s.workspace, func(tx *store.Tx) (err error) {
			done, dropped, err = write(tx)
			return err
		})
		if err != nil {
			return err
		}
		s.core.collect(s.ctx, s.workspace, dropped)
	}
	return nil
}

// any reports whether there is something for a write to do, so that a sweep which finds
// nothing leaves no revision.
func (s *sweep) any(look func(tx *store.Tx) (int, error)) (bool, error) {
	found := 0
	err := s.core.store.View(s.ctx, s.workspace, func(tx *store.Tx) (err error) {
		found, err = look(tx)
		return err
	})
	return found > 0, err
}

// expire ends the uploads whose time is over.
func (s *sweep) expire() error {
	over := func(tx *store.Tx, limit int) ([]store.FileUpload, error) { return tx.ExpiredFileUploads(limit) }
	some, err := s.any(func(tx *store.Tx) (int, error) {
		uploads, err := over(tx, 1)
		return len(uploads), err
	})
	if err != nil || !some {
		return err
	}
	return s.batches(func(tx *store.Tx) (int, []store.FilePart, error) {
		uploads, err := over(tx, sweepBatch)
		if err != nil {
			return 0, nil, err
		}
		var dropped []store.FilePart
		for _, u := range uploads {
			parts, err := s.end(tx, asOf(u, tx.Now()))
			if err != nil {
				return 0, nil, err
			}
			dropped = append(dropped, parts...)
			if err := tx.AppendEvent(store.Event{Type: fileUploadExpired, NodeID: u.ID}); err != nil {
				return 0, nil, err
			}
		}
		return len(uploads), dropped, nil
	})
}

// end writes an upload that is over, and gives up its content.
func (s *sweep) end(tx *store.Tx, u store.FileUpload) ([]store.FilePart, error) {
	parts, err := tx.FileParts(u.ID)
	if err != nil {
		return nil, err
	}
	if err := tx.DropFileParts(u.ID); err != nil {
		return nil, err
	}
	return parts, tx.UpdateFileUpload(u)
}

// forget removes the uploads that have been over for long enough.
func (s *sweep) forget() error {
	old := func(tx *store.Tx, limit int) ([]store.FileUpload, error) {
		return tx.EndedFileUploads(tx.Now().Add(-endedLife), limit)
	}
	some, err := s.any(func(tx *store.Tx) (int, error) {
		uploads, err := old(tx, 1)
		return len(uploads), err
	})
	if err != nil || !some {
		return err
	}
	return s.batches(func(tx *store.Tx) (int, []store.FilePart, error) {
		uploads, err := old(tx, sweepBatch)
		if err != nil {
			return 0, nil, err
		}
		ids := make([]notion.ID, len(uploads))
		for i, u := range uploads {
			ids[i] = u.ID
		}
		return len(uploads), nil, tx.DeleteFileUploads(ids)
	})
}

// giveUp drops the parts that have been on their way for longer than they may be.
func (s *sweep) giveUp(life time.Duration) error {
	late := func(tx *store.Tx, limit int) ([]store.FilePart, error) {
		return tx.LooseFileParts(store.PartWriting, tx.Now().Add(-life), limit)
	}
	some, err := s.any(func(tx *store.Tx) (int, error) {
		parts, err := late(tx, 1)
		return len(parts), err
	})
	if err != nil || !some {
		return err
	}
	return s.batches(func(tx *store.Tx) (int, []store.FilePart, error) {
		parts, err := late(tx, sweepBatch)
		for _, part := range parts {
			err = errors.Join(err, tx.DropFilePart(part.ID))
		}
		return len(parts), nil, err
	})
}

// removeDropped removes what is of no more use from the storage.
func (s *sweep) removeDropped() error {
	for {
		var parts []store.FilePart
		err := s.core.store.View(s.ctx, s.workspace, func(tx *store.Tx) (err error) {
			parts, err = tx.LooseFileParts(store.PartDropped, tx.Now(), sweepBatch)
			return err
		})
		if err != nil {
			return err
		}
		if removed := s.core.collect(s.ctx, s.workspace, parts); removed < sweepBatch {
			return nil // nothing is left, or nothing can be removed now
		}
	}
}

// collectUnused ends uploads that have been attached once and that nothing has referred to
// for long enough.
func (s *sweep) collectUnused() error {
	var found []usage
	var revision int64
	err := s.core.store.View(s.ctx, s.workspace, func(tx *store.Tx) (err error) {
		if revision, err = tx.Revision(); err != nil {
			return err
		}
		found, err = s.survey(tx)
		return err
	})
	for len(found) > 0 && err == nil {
		some := found[:min(sweepBatch, len(found))]
		found = found[len(some):]
		var dropped []store.FilePart
		err = s.core.store.Update(s.ctx, s.workspace, func(tx *store.Tx) error {
			dropped = nil
			for _, u := range some {
				parts, err := s.note(tx, u, revision)
				if err != nil {
					return err
				}
				dropped = append(dropped, parts...)
			}
			return nil
		})
		if err == nil {
			s.core.collect(s.ctx, s.workspace, dropped)
		}
	}
	return err
}

// usage is whether something refers to an upload.
type usage struct {
	upload notion.ID
	used   bool
}

// survey returns the uploads of whose use there is something new to note.
func (s *sweep) survey(tx *store.Tx) ([]usage, error) {
	var found []usage
	var used map[notion.ID]bool
	for last := (notion.ID{}); ; {
		some, err := tx.LastingFileUploads(last, sweepBatch)
		if err != nil {
			return nil, err
		}
		if len(some) > 0 && used == nil {
			used = map[notion.ID]bool{}
			if err := tx.FileReferences(func(upload notion.ID) { used[upload] = true }); err != nil {
				return nil, err
			}
		}
		for _, u := range some {
			last = u.ID
			noted := !u.UnreferencedTime.IsZero()
			if used[u.ID] == noted || noted && s.over(tx, u) {
				found = append(found, usage{u.ID, used[u.ID]})
			}
		}
		if len(some) < sweepBatch {
			return found, nil
		}
	}
}

// over reports whether nothing has referred to an upload for long enough.
func (s *sweep) over(tx *store.Tx, u store.FileUpload) bool {
	return !tx.Now().Before(u.UnreferencedTime.Add(s.core.opts.Files.KeepUnused))
}

// note notes whether something refers to an upload, or ends one to which nothing has referred
// for long enough. The revision is the one at which it was found so: whoever has attached it
// since counts more.
func (s *sweep) note(tx *store.Tx, found usage, revision int64) ([]store.FilePart, error) {
	u, err := tx.FileUpload(found.upload)
	if err != nil || u.Status != uploadUploaded || u.AttachedRevision > revision {
		return nil, err
	}
	switch {
	case found.used:
		u.UnreferencedTime = time.Time{}
	case u.UnreferencedTime.IsZero():
		u.UnreferencedTime = tx.Now()
	case s.over(tx, u):
		u.Status, u.LastEditedTime = uploadExpired, tx.Now()
		return s.end(tx, u)
	}
	return nil, tx.UpdateFileUpload(u)
}
