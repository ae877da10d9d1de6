package core

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"octavo/internal/apierr"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// The longest texts that an entry of the audit log keeps of a client, in characters.
const (
	maxActor  = 200
	maxClient = 200
)

// Audited returns a context under which something is to be done that the audit log tells of,
// and its note: the first write takes the entry along, with the status of success and, where
// it makes something, what that is. [Core.EndAudit] has to follow.
func (c *Core) Audited(ctx context.Context, e store.AuditEntry) (context.Context, *store.AuditNote) {
	e.Actor, e.Client, e.Status = plain(e.Actor, maxActor), plain(e.Client, maxClient), http.StatusOK
	n := &store.AuditNote{Entry: e}
	return store.WithAudit(ctx, n), n
}

// BeginAudit is [Core.Audited] for what changes no rows: the entry is on disk before it is
// done, without a status until it is known what came of it. What cannot be noted must not be
// done.
func (c *Core) BeginAudit(ctx context.Context, e store.AuditEntry) (context.Context, *store.AuditNote, error) {
	noted, n := c.Audited(ctx, e)
	n.Entry.Status = 0
	err := c.store.UpdateDirectory(noted, func(*store.Tx) error { return nil })
	return noted, n, storeError(err)
}

// EndAudit notes what came of it, nil for success. Nothing has to be written when the entry
// says so already. A failure is logged: what was to be done has been done or refused.
func (c *Core) EndAudit(ctx context.Context, n *store.AuditNote, done error) {
	before := n.Entry.Status
	n.Entry.Status, n.Entry.Code = http.StatusOK, ""
	if done != nil {
		e := apierr.From(done)
		n.Entry.Status, n.Entry.Code = int64(e.Status()), string(e.Code)
	}
	ctx = context.WithoutCancel(ctx)
	var err error
	switch {
	case !n.Written():
		err = c.store.UpdateDirectory(store.WithAudit(ctx, n), func(*store.Tx) error { return nil })
	case n.Entry.Status != before:
		err = c.store.UpdateDirectory(ctx, func(tx *store.Tx) error { return tx.EndAuditEntry(n.Entry) })
	}
	if err != nil {
		c.log.Warn("note what came of an action in the audit log", "entry_id", n.Entry.ID.String(), "error", err)
	}
	c.pruneAudit(ctx)
}

// pruneAudit forgets old entries, once in an hour in which something is noted.
func (c *Core) pruneAudit(ctx context.Context) {
	now := c.clock.Now()
	oldest, last := c.oldestAudit(now), c.auditPruned.Load()
	if oldest.IsZero() || now.Sub(time.UnixMicro(last)) < time.Hour || !c.auditPruned.CompareAndSwap(last, now.UnixMicro()) {
		return
	}
	if err := c.store.UpdateDirectory(ctx, func(tx *store.Tx) error { return tx.PruneAudit(oldest) }); err != nil {
		c.log.Warn("forget old entries of the audit log", "error", err)
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
