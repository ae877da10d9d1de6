package core_test

import (
	"context"
	"testing"
	"time"

	"octavo/internal/clock"
	"octavo/internal/core"
	"octavo/internal/notion"
	"octavo/internal/store"
	"octavo/internal/store/storetest"
)

// TestAuditGoesWithTheWrite: an entry and what it tells of are one write, so that neither is
// there without the other.
func TestAuditGoesWithTheWrite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		now := clock.NewManual(time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC))
		opts.Clock = now
		data := storetest.Open(t, opts)
		ids := new(clock.Sequence)
		c := core.New(data, now, ids, core.Options{AuditRetention: 24 * time.Hour})
		first, err := c.Bootstrap(t.Context(), core.BootstrapOptions{})
		if err != nil {
			t.Fatal(err)
		}
		entry := func(action string) store.AuditEntry {
			return store.AuditEntry{ID: ids.Request(), Action: action, WorkspaceID: first.Workspace, Parameters: []byte("{}")}
		}
		read := func(id notion.ID) (e store.AuditEntry, err error) {
			err = data.ViewDirectory(t.Context(), func(tx *store.Tx) error {
				e, err = tx.AuditEntry(id)
				return err
			})
			return e, err
		}
		people := func() int {
			t.Helper()
			all, err := c.AllUsers(context.Background(), first.Workspace, core.PageOf{Size: 100})
			if err != nil {
				t.Fatal(err)
			}
			return len(all.Items)
		}

		// What is made is in the entry before anybody ends it.
		ctx, made := c.Audited(t.Context(), entry("create_user"))
		ann, err := c.CreateUser(ctx, first.Workspace, core.UserSpec{Name: "Ann", Email: "ann@example.com"})
		if err != nil {
			t.Fatal(err)
		}
		if e, err := read(made.Entry.ID); err != nil || e.Status != 200 || e.TargetID != ann.ID || !e.Time.Equal(now.Now()) {
			t.Errorf("the entry is %+v, %v", e, err)
		}

		// No entry, no write: one with this id is there already.
		before := people()
		again, _ := c.Audited(t.Context(), made.Entry)
		if _, err := c.CreateUser(again, first.Workspace, core.UserSpec{Name: "Bob"}); err == nil || people() != before {
			t.Errorf("somebody was added without an entry: %v", err)
		}

		// No write, no entry that says so.
		ctx, refused := c.Audited(t.Context(), entry("create_user"))
		_, err = c.CreateUser(ctx, first.Workspace, core.UserSpec{Name: "Eve", Email: "ann@example.com"})
		if _, none := read(refused.Entry.ID); err == nil || none == nil {
			t.Errorf("an entry of what was refused (%v) says that it was done", err)
		}
		c.EndAudit(ctx, refused, err)
		if e, err := read(refused.Entry.ID); err != nil || e.Status != 400 || e.Code != "validation_error" || !e.TargetID.IsZero() {
			t.Errorf("what was refused is %+v, %v", e, err)
		}

		// What takes two writes is told of by the first; what changes nothing, at the end.
		ctx, moved := c.Audited(t.Context(), entry("update_user"))
		email := "anna@example.com"
		if _, err := c.UpdateUser(ctx, first.Workspace, ann.ID, core.UserChange{Email: &email}); err != nil {
			t.Fatal(err)
		}
		c.EndAudit(ctx, moved, nil)
		ctx, nothing := c.Audited(t.Context(), entry("empty_trash"))
		if _, err := c.EmptyTrash(ctx, first.Workspace, core.TrashFilter{}); err != nil {
			t.Fatal(err)
		}
		c.EndAudit(ctx, nothing, nil)
		for _, n := range []*store.AuditNote{moved, nothing} {
			if e, err := read(n.Entry.ID); err != nil || e.Status != 200 {
				t.Errorf("%s is %+v, %v", n.Entry.Action, e, err)
			}
		}

		// Old entries are forgotten when later ones come.
		now.Advance(25 * time.Hour)
		ctx, late, err := c.BeginAudit(t.Context(), entry("backup"))
		if err != nil {
			t.Fatal(err)
		}
		if e, err := read(late.Entry.ID); err != nil || e.Status != 0 {
			t.Errorf("what has begun is %+v, %v", e, err)
		}
		c.EndAudit(ctx, late, nil)
		if _, err := read(made.Entry.ID); err == nil {
			t.Error("an old entry is there still")
		}
		if e, err := read(late.Entry.ID); err != nil || e.Status != 200 {
			t.Errorf("what has ended is %+v, %v", e, err)
		}
	})
}
