package core

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"

	"octavo/internal/apierr"
	"octavo/internal/notion"
	"octavo/internal/richtext"
	"octavo/internal/store"
)

// Listing is one part of a list for administrators, in the order of ids, which is that of
// creation.
type Listing[T any] struct {
	Items []T
	// Next is the cursor of the part that follows, "" after the last: the id of the last
	// item of this part.
	Next string
}

// list reads one part of a list. Read returns up to limit rows whose ids come after one,
// or all from the beginning.
func list[T any](part PageOf, id func(*T) notion.ID, read func(after *notion.ID, limit int) ([]T, error)) (Listing[T], error) {
	var after *notion.ID
	if part.Cursor != "" {
		cursor, ok := notion.ParseID(part.Cursor)
		if !ok {
			return Listing[T]{}, invalid("The start_cursor provided is invalid: %s", shown(part.Cursor))
		}
		after = &cursor
	}
	rows, err := read(after, part.Size+1)
	if err != nil {
		return Listing[T]{}, storeError(err)
	}
	if len(rows) <= part.Size {
		return Listing[T]{Items: rows}, nil
	}
	return Listing[T]{Items: rows[:part.Size], Next: id(&rows[part.Size-1]).String()}, nil
}

// pick is read for [list] from all the rows of lists that stay short.
func pick[T any](rows []T, id func(*T) notion.ID, after *notion.ID, limit int) []T {
	compare := func(a, b notion.ID) int { return bytes.Compare(a[:], b[:]) }
	slices.SortFunc(rows, func(a, b T) int { return compare(id(&a), id(&b)) })
	if after != nil {
		rows = slices.DeleteFunc(rows, func(r T) bool { return compare(id(&r), *after) <= 0 })
	}
	return rows[:min(limit, len(rows))]
}

// orZero is the id that comes before every other for a list without a cursor.
func orZero(after *notion.ID) notion.ID {
	if after == nil {
		return notion.ID{}
	}
	return *after
}

// defaultZone is the time zone of a workspace of which nobody said another.
const defaultZone = "UTC"

// CreateWorkspace makes an empty workspace: no users, no pages. Its days are those of a
// zone of the IANA database, of UTC if it is "".
func (c *Core) CreateWorkspace(ctx context.Context, name, zone string) (store.Workspace, error) {
	w := store.Workspace{Name: name, TimeZone: zone}
	if err := checkWorkspace(&w); err != nil {
		return store.Workspace{}, err
	}
	err := c.store.UpdateDirectory(ctx, func(tx *store.Tx) error {
		w.ID, w.CreatedTime = c.ids.New(tx.Now()), tx.Now()
		tx.About(w.ID)
		return tx.InsertWorkspace(w)
	})
	return w, storeError(err)
}

// WorkspaceChange is what to change of a workspace; nil keeps.
type WorkspaceChange struct {
	Name *string
	// TimeZone is a name of the IANA database, "" for UTC.
	TimeZone *string
}

// UpdateWorkspace changes a workspace.
func (c *Core) UpdateWorkspace(ctx context.Context, id notion.ID, change WorkspaceChange) (store.Workspace, error) {
	var w store.Workspace
	err := c.store.UpdateDirectory(ctx, func(tx *store.Tx) (err error) {
		if w, err = tx.DirectoryWorkspace(id); err != nil {
			return err
		}
		if change.Name != nil {
			w.Name = *change.Name
		}
		if change.TimeZone != nil {
			w.TimeZone = *change.TimeZone
		}
		if err := checkWorkspace(&w); err != nil {
			return err
		}
		return tx.UpdateWorkspace(w)
	})
	c.principals.clear() // they know the name and the zone
	return w, adminError(err, "workspace", id)
}

func checkWorkspace(w *store.Workspace) (err error) {
	if w.Name, err = checkName("workspace", w.Name); err != nil {
		return err
	}
	w.TimeZone = cmp.Or(w.TimeZone, defaultZone)
	_, err = richtext.Zone(w.TimeZone)
	return err
}

// Workspaces lists the workspaces of the installation, oldest first.
func (c *Core) Workspaces(ctx context.Context, part PageOf) (Listing[store.Workspace], error) {
	id := func(w *store.Workspace) notion.ID { return w.ID }
	return list(part, id, func(after *notion.ID, limit int) (rows []store.Workspace, err error) {
		err = c.store.ViewDirectory(ctx, func(tx *store.Tx) error {
			rows, err = tx.Workspaces(orZero(after), limit)
			return err
		})
		return rows, err
	})
}

// FindWorkspace returns the workspace with the id, or the oldest for the zero ID: the one
// that the first start made. There is always one after [Core.Bootstrap].
func (c *Core) FindWorkspace(ctx context.Context, id notion.ID) (store.Workspace, error) {
	var w store.Workspace
	err := c.store.ViewDirectory(ctx, func(tx *store.Tx) error {
		if !id.IsZero() {
			var err error
			w, err = tx.DirectoryWorkspace(id)
			return err
		}
		oldest, err := tx.Workspaces(notion.ID{}, 1)
		if err == nil && len(oldest) == 0 {
			err = store.ErrNotFound
		}
		if err == nil {
			w = oldest[0]
		}
		return err
	})
	return w, adminError(err, "workspace", id)
}

// Ping reports whether the database answers.
func (c *Core) Ping(ctx context.Context) error {
	return storeError(c.store.ViewDirectory(ctx, func(tx *store.Tx) error {
		_, err := tx.Workspaces(notion.ID{}, 1)
		return err
	}))
}

// Events lists up to limit changes of a workspace after a place in its log, oldest first.
// Revision 0 is the beginning of what is remembered; within a revision, changes count from 1.
// A place from which on changes have been forgotten is refused, so that nobody misses them
// unknowingly.
func (c *Core) Events(ctx context.Context, ws notion.ID, afterRevision, afterSeq int64, limit int) ([]store.Event, error) {
	var rows []store.Event
	err := c.store.View(ctx, ws, func(tx *store.Tx) (err error) {
		forgotten, err := tx.Forgotten()
		if err != nil {
			return err
		}
		if afterRevision > 0 && afterRevision < forgotten {
			return invalid("Changes up to revision %d have been forgotten (--event-retention): begin again without start_cursor.", forgotten)
		}
		rows, err = tx.Events(afterRevision, afterSeq, limit)
		return err
	})
	return rows, storeError(err)
}

// adminError is storeError with words for the row that was not found.
func adminError(err error, entity string, id notion.ID) error {
	if errors.Is(err, store.ErrNotFound) {
		return apierr.Errorf(apierr.ObjectNotFound, "Could not find %s with ID: %s.", entity, id)
	}
	return storeError(err)
}
