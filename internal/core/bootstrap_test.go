package core_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/clock"
	"octavo/internal/core"
	"octavo/internal/notion"
	"octavo/internal/store"
	"octavo/internal/store/storetest"
)

// bench is a core on one of the databases, with what a first start makes in it.
type bench struct {
	*core.Core
	t     *testing.T
	clock *clock.Manual
	ids   *clock.Sequence
	store *store.Store
	first core.Bootstrapped
	ctx   context.Context
}

// eachBench runs a test on every database.
func eachBench(t *testing.T, f func(t *testing.T, b *bench)) {
	storetest.Each(t, func(t *testing.T, opts store.Options) { f(t, newBench(t, opts)) })
}

func newBench(t *testing.T, opts store.Options) *bench {
	t.Helper()
	b := &bench{t: t, clock: clock.NewManual(time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)), ids: new(clock.Sequence), ctx: context.Background()}
	opts.Clock = b.clock
	b.store = storetest.Open(t, opts)
	b.start(core.BootstrapOptions{})
	return b
}

// start does what the start of a server does, on the same data.
func (b *bench) start(opts core.BootstrapOptions) {
	b.t.Helper()
	b.Core = core.New(b.store, b.clock, b.ids, core.Options{PublicURL: "http://octavo.test"})
	first, err := b.Bootstrap(b.ctx, opts)
	if err != nil {
		b.t.Fatal(err)
	}
	b.first = first
}

// integration returns the integration of the first start.
func (b *bench) integration() store.Integration {
	b.t.Helper()
	list, err := b.Integrations(b.ctx, b.first.Workspace, core.PageOf{Size: 1})
	if err != nil || len(list.Items) == 0 {
		b.t.Fatalf("no integration: %v", err)
	}
	return list.Items[0]
}

// works reports whether a token is accepted; any failure but unauthorized ends the test.
func (b *bench) works(token string) bool {
	b.t.Helper()
	_, err := b.Authenticate(b.ctx, token)
	if err != nil && codeOf(err) != apierr.Unauthorized {
		b.t.Fatal(err)
	}
	return err == nil
}

func codeOf(err error) apierr.Code {
	var e *apierr.Error
	if !errors.As(err, &e) {
		return ""
	}
	return e.Code
}

// refuses fails the test unless err has the code and its message the text.
func refuses(t *testing.T, err error, code apierr.Code, text string) {
	t.Helper()
	if codeOf(err) != code || !strings.Contains(err.Error(), text) {
		t.Errorf("got error %v, want %s with %q", err, code, text)
	}
}

func TestFirstStart(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		first := b.first
		if !first.First || first.Page.IsZero() || len(first.Token) != len("ntn_")+46 || !strings.HasPrefix(first.Token, "ntn_") {
			t.Errorf("first start: %+v", first)
		}
		p, err := b.Authenticate(b.ctx, first.Token)
		if err != nil {
			t.Fatal(err)
		}
		if p.Workspace != first.Workspace || p.Caps != core.AllCapabilities || !p.Everything || p.Name != "Octavo" || p.Kind != core.Internal {
			t.Errorf("the first token is %+v", p)
		}
		w, err := b.FindWorkspace(b.ctx, notion.ID{})
		if err != nil || w.Name != "Octavo" || w.ID != first.Workspace {
			t.Errorf("workspace %+v, %v", w, err)
		}
		users, err := b.AllUsers(b.ctx, first.Workspace, core.PageOf{Size: 10})
		if err != nil || len(users.Items) != 2 {
			t.Fatalf("users %+v, %v", users, err)
		}
	})
}

func TestLaterStartsLeaveThingsAlone(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		first := b.first
		before, err := b.store.Revision(b.ctx, first.Workspace)
		if err != nil {
			t.Fatal(err)
		}
		b.start(core.BootstrapOptions{WorkspaceName: "Other"})
		if b.first.First || b.first.Token != "" || b.first.Page != first.Page || b.first.Workspace != first.Workspace {
			t.Errorf("second start: %+v after %+v", b.first, first)
		}
		if after, err := b.store.Revision(b.ctx, first.Workspace); err != nil || after != before {
			t.Errorf("a later start wrote: revision %d after %d, %v", after, before, err)
		}
		if !b.works(first.Token) {
			t.Error("the token of the first start stopped working")
		}
	})
}

func TestGivenToken(t *testing.T) {
	const given = "ntn_given"
	eachBench(t, func(t *testing.T, b *bench) {
		old := b.first.Token
		for range 2 {
			b.start(core.BootstrapOptions{Token: given})
			if b.first.Token != given || !b.works(given) || !b.works(old) {
				t.Errorf("token %q after a start with %q", b.first.Token, given)
			}
		}
		tokens, err := b.Tokens(b.ctx, b.first.Workspace, notion.ID{}, core.PageOf{Size: 10})
		if err != nil || len(tokens.Items) != 2 {
			t.Fatalf("tokens %+v, %v", tokens, err)
		}
		for _, tok := range tokens.Items {
			if tok.Name != "given at start" {
				continue
			}
			if _, err := b.RevokeToken(b.ctx, b.first.Workspace, tok.ID); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := b.Bootstrap(b.ctx, core.BootstrapOptions{Token: given}); err == nil || b.works(given) {
			t.Errorf("a revoked token came back with a restart: %v", err)
		}
		for _, bad := range []string{"short", "with space", strings.Repeat("x", 201), "ümlaut-token"} {
			_, err := b.Bootstrap(b.ctx, core.BootstrapOptions{Token: bad})
			refuses(t, err, apierr.ValidationError, "visible ASCII")
		}
	})
}

func TestStartAfterOneThatWasCutShort(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		// The first start got no further than the workspace.
		now := clock.NewManual(time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC))
		ids := new(clock.Sequence)
		opts.Clock = now
		s := storetest.Open(t, opts)
		c := core.New(s, now, ids, core.Options{})
		w, err := c.CreateWorkspace(context.Background(), "Half", "")
		if err != nil {
			t.Fatal(err)
		}
		got, err := c.Bootstrap(context.Background(), core.BootstrapOptions{})
		if err != nil || got.Workspace != w.ID || !got.First || got.Token == "" || got.Page.IsZero() {
			t.Errorf("start: %+v, %v", got, err)
		}
	})
}
