package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"octavo/internal/notion"
)

// AuditEntry is what the directory remembers of something that an administrator did or tried
// to do.
type AuditEntry struct {
	// ID is the id of the request, under which the log has more of it.
	ID notion.ID
	// Time is when it began.
	Time time.Time
	// WorkspaceID is the workspace that it was about; zero when it was about all of them.
	WorkspaceID notion.ID
	// Actor is who did it as the client says, "" when it does not. Address is where the request
	// came from and Client the program that made it.
	Actor, Address, Client string
	// Action is the operation, such as create_token.
	Action string
	// TargetID is the object that it was about; zero when there is none.
	TargetID notion.ID
	// Parameters is what was asked for, a JSON object.
	Parameters []byte
	// Status is the HTTP status of the answer, 0 while it is not known, and Code that of the
	// error, "" when there was none.
	Status int64
	Code   string
}

const auditColumns = `SELECT id, time, workspace_id, actor, address, client, action, target_id, parameters, status, code
	FROM audit_entry`

func (e *AuditEntry) columns() []any {
	return []any{
		(*idColumn)(&e.ID), (*timeColumn)(&e.Time), (*idColumn)(&e.WorkspaceID),
		&e.Actor, &e.Address, &e.Client, &e.Action, (*idColumn)(&e.TargetID), (*rawColumn)(&e.Parameters), &e.Status, &e.Code,
	}
}

// InsertAuditEntry adds an entry, in whichever transaction.
func (tx *Tx) InsertAuditEntry(e AuditEntry) error {
	_, err := tx.exec(`INSERT INTO audit_entry
		(id, time, workspace_id, actor, address, client, action, target_id, parameters, status, code)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		e.ID[:], micros(e.Time), e.WorkspaceID[:], e.Actor, e.Address, e.Client, e.Action, e.TargetID[:],
		string(e.Parameters), e.Status, e.Code)
	return err
}

// EndAuditEntry notes what came of an entry: status, code, and the object if it is known now.
func (tx *Tx) EndAuditEntry(e AuditEntry) error {
	return tx.change(`UPDATE audit_entry SET status = $2, code = $3, target_id = $4 WHERE id = $1`,
		e.ID[:], e.Status, e.Code, e.TargetID[:])
}

// AuditNote is an entry on its way into the audit log. The first write that succeeds under
// its context ([WithAudit]) takes it along in its own transaction, so that neither is there
// without the other, whenever the process dies. It belongs to one request, which does one
// thing after the other.
type AuditNote struct {
	// Entry is what will be written; its time and, if it is made by the write, its target
	// are set then.
	Entry   AuditEntry
	written bool
}

// Written reports whether the entry is on disk.
func (n *AuditNote) Written() bool { return n.written }

type auditKey struct{}

// WithAudit returns a context whose first write notes what it is part of. A nil note is
// none: it is for writes that are not what the audit log is to tell of.
func WithAudit(ctx context.Context, n *AuditNote) context.Context {
	return context.WithValue(ctx, auditKey{}, n)
}

// noteOf is the note that the next write under a context has to take along, or nil.
func noteOf(ctx context.Context) *AuditNote {
	n, _ := ctx.Value(auditKey{}).(*AuditNote)
	if n == nil || n.written {
		return nil
	}
	return n
}

// About says what the audit log is to name as what the transaction made.
func (tx *Tx) About(target notion.ID) { tx.target = target }

// noted is fn, and then what there is to note of it.
func (n *AuditNote) noted(fn func(*Tx) error) func(*Tx) error {
	return func(tx *Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		n.Entry.Time = tx.now
		if !tx.target.IsZero() {
			n.Entry.TargetID = tx.target
		}
		return tx.InsertAuditEntry(n.Entry)
	}
}

// AuditEntry reads an entry.
func (tx *Tx) AuditEntry(id notion.ID) (e AuditEntry, err error) {
	err = tx.one(auditColumns+` WHERE id = $1`, args(id[:]), e.columns()...)
	return e, err
}

// AuditQuery says which entries to read. The zero value of a field leaves nothing out.
type AuditQuery struct {
	WorkspaceID, TargetID notion.ID
	Action, Actor         string
	// Since is the first time and Until the first that is too late.
	Since, Until time.Time
	// Before is an entry's place: only what is older is read. Of it, Time and ID count.
	Before AuditEntry
}

// AuditEntries reads up to limit entries, the newest first.
func (tx *Tx) AuditEntries(q AuditQuery, limit int) ([]AuditEntry, error) {
	var conditions []string
	var list []any
	where := func(condition string, values ...any) {
		for _, v := range values {
			list = append(list, v)
			condition = strings.Replace(condition, "?", "$"+strconv.Itoa(len(list)), 1)
		}
		conditions = append(conditions, condition)
	}
	where("time >= ?", microsOrLeast(q.Since))
	if !q.WorkspaceID.IsZero() {
		where("workspace_id = ?", q.WorkspaceID[:])
	}
	if !q.TargetID.IsZero() {
		where("target_id = ?", q.TargetID[:])
	}
	if q.Action != "" {
		where("action = ?", q.Action)
	}
	if q.Actor != "" {
		where("actor = ?", q.Actor)
	}
	if !q.Until.IsZero() {
		where("time < ?", micros(q.Until))
	}
	if !q.Before.Time.IsZero() {
		where("(time, id) < (?, ?)", micros(q.Before.Time), q.Before.ID[:])
	}
	list = append(list, limit)
	return collect[AuditEntry](tx, auditColumns+` WHERE `+strings.Join(conditions, " AND ")+
		` ORDER BY time DESC, id DESC LIMIT $`+strconv.Itoa(len(list)), list)
}

// PruneAudit forgets the entries from before a time.
func (tx *Tx) PruneAudit(before time.Time) error {
	_, err := tx.exec(`DELETE FROM audit_entry WHERE time < $1`, micros(before))
	return err
}

// microsOrLeast is a time, or for the zero time one before every other.
func microsOrLeast(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return micros(t)
}
