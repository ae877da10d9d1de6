package core

import (
	"context"
	"strconv"
	"strings"
	"time"
	"unicode"

	"octavo/internal/notion"
	"octavo/internal/store"
)

// The longest texts that an entry of the audit log keeps of a client, in characters.
const (
	maxActor  = 200
	maxClient = 200
)

// BeginAudit notes in the audit log that somebody is about to do something, at the time that
// is set in the entry it returns. What cannot be noted must not be done: nothing happens that the log does not know of,
// whenever the process dies.
func (c *Core) BeginAudit(ctx context.Context, e store.AuditEntry) (store.AuditEntry, error) {
	e.Actor, e.Client = plain(e.Actor, maxActor), plain(e.Client, maxClient)
	err := c.store.UpdateDirectory(ctx, func(tx *store.Tx) error {
		e.Time = tx.Now()
		if oldest := c.oldestAudit(tx.Now()); !oldest.IsZero() {
			if err := tx.PruneAudit(oldest); err != nil {
				return err
			}
		}
		return tx.InsertAuditEntry(e)
	})
	return e, storeError(err)
}

// EndAudit notes what came of it: the status, the code of an error, and the object, which may
// not have been known before. A failure is logged: what was to be done has been done.
func (c *Core) EndAudit(ctx context.Context, e store.AuditEntry) {
	err := c.store.UpdateDirectory(context.WithoutCancel(ctx), func(tx *store.Tx) error { return tx.EndAuditEntry(e) })
	if err != nil {
		c.log.Warn("note what came of an action in the audit log", "entry_id", e.ID.String(), "error", err)
	}
}

// oldestAudit is the time before which entries are forgotten; zero when none are.
func (c *Core) oldestAudit(now time.Time) time.Time {
	if c.opts.AuditRetention <= 0 {
		return time.Time{}
	}
	return now.Add(-c.opts.AuditRetention)
}

// AuditFilter says which entries of the audit log are asked for. The zero value of a field
// leaves nothing out.
type AuditFilter struct {
	Workspace, Target notion.ID
	Action, Actor     string
	// Since is the first time and Until the first that is too late.
	Since, Until time.Time
}

// AuditLog lists what administrators have done, the newest first.
func (c *Core) AuditLog(ctx context.Context, filter AuditFilter, part PageOf) (Listing[store.AuditEntry], error) {
	var l Listing[store.AuditEntry]
	q := store.AuditQuery{
		WorkspaceID: filter.Workspace, TargetID: filter.Target, Action: filter.Action, Actor: filter.Actor,
		Since: filter.Since, Until: filter.Until,
	}
	if oldest := c.oldestAudit(c.clock.Now()); oldest.After(q.Since) {
		q.Since = oldest
	}
	if part.Cursor != "" {
		var ok bool
		if q.Before, ok = parseAuditCursor(part.Cursor); !ok {
			return l, invalid("The start_cursor provided is invalid: %s", shown(part.Cursor))
		}
	}
	err := c.store.ViewDirectory(ctx, func(tx *store.Tx) (err error) {
		l.Items, err = tx.AuditEntries(q, part.Size+1)
		return err
	})
	if err == nil && len(l.Items) > part.Size {
		l.Items = l.Items[:part.Size]
		l.Next = auditCursor(l.Items[part.Size-1])
	}
	return l, storeError(err)
}

// FindAuditEntry returns an entry of the audit log.
func (c *Core) FindAuditEntry(ctx context.Context, id notion.ID) (store.AuditEntry, error) {
	var e store.AuditEntry
	err := c.store.ViewDirectory(ctx, func(tx *store.Tx) (err error) {
		e, err = tx.AuditEntry(id)
		return err
	})
	if err == nil && e.Time.Before(c.oldestAudit(c.clock.Now())) {
		err = store.ErrNotFound
	}
	return e, adminError(err, "audit entry", id)
}

// auditCursor is the place of an entry: its time in microseconds since 1970 and its id.
func auditCursor(e store.AuditEntry) string {
	return strconv.FormatInt(e.Time.UnixMicro(), 10) + "." + e.ID.String()
}

func parseAuditCursor(s string) (store.AuditEntry, bool) {
	before, after, _ := strings.Cut(s, ".")
	micros, err := strconv.ParseInt(before, 10, 64)
	id, ok := notion.ParseID(after)
	return store.AuditEntry{ID: id, Time: time.UnixMicro(micros).UTC()}, err == nil && ok
}

// plain is what a client says of itself, cut, and without what a log should not hold.
func plain(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	if r := []rune(s); len(r) > most {
		s = string(r[:most])
	}
	return s
}
