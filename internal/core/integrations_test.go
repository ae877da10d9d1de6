package core_test

import (
	"strings"
	"testing"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/core"
	"octavo/internal/notion"
	"octavo/internal/store"
)

func ptr[T any](v T) *T { return &v }

// addPerson adds a person who can own things.
func (b *bench) addPerson(name string) store.User {
	b.t.Helper()
	u, err := b.CreateUser(b.ctx, b.first.Workspace, core.UserSpec{Name: name})
	if err != nil {
		b.t.Fatal(err)
	}
	return u
}

// addIntegration makes an integration and a token for it.
func (b *bench) addIntegration(spec core.IntegrationSpec) (store.Integration, string) {
	b.t.Helper()
	i, err := b.CreateIntegration(b.ctx, b.first.Workspace, spec)
	if err != nil {
		b.t.Fatal(err)
	}
	_, token, err := b.IssueToken(b.ctx, b.first.Workspace, i.ID, core.TokenSpec{})
	if err != nil {
		b.t.Fatal(err)
	}
	return i, token
}

func TestIntegrationKinds(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		ann := b.addPerson("Ann")
		fresh := core.ReadContent | core.UpdateContent | core.InsertContent
		cases := []struct {
			spec       core.IntegrationSpec
			caps       core.Capability
			bot        notion.ID // zero: the integration's own
			everything bool
		}{
			{core.IntegrationSpec{Name: "plain"}, fresh, notion.ID{}, false},
			{core.IntegrationSpec{Name: "none", Capabilities: []string{}}, 0, notion.ID{}, false},
			{core.IntegrationSpec{Name: "mail", Capabilities: []string{"read_user_with_email"}}, core.ReadUsers | core.ReadEmails, notion.ID{}, false},
			{core.IntegrationSpec{Name: "public", Kind: core.Public, Owner: ann.ID}, fresh, notion.ID{}, false},
			{core.IntegrationSpec{Name: "personal", Kind: core.Personal, Owner: ann.ID}, core.AllCapabilities, ann.ID, true},
		}
		for _, c := range cases {
			i, token := b.addIntegration(c.spec)
			p, err := b.Authenticate(b.ctx, token)
			if err != nil {
				t.Fatal(err)
			}
			if c.bot.IsZero() {
				c.bot = i.BotID
			}
			if p.Caps != c.caps || p.Bot != c.bot || p.Everything != c.everything || p.Name != c.spec.Name || p.Owner != c.spec.Owner {
				t.Errorf("%s: %+v", c.spec.Name, p)
			}
			bot, err := b.FindUser(b.ctx, b.first.Workspace, i.BotID)
			if err != nil || bot.Type != "bot" || bot.Name != c.spec.Name {
				t.Errorf("%s: bot %+v, %v", c.spec.Name, bot, err)
			}
		}
	})
}

func TestBadIntegrations(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		ann := b.addPerson("Ann")
		if _, err := b.UpdateUser(b.ctx, b.first.Workspace, ann.ID, core.UserChange{Deactivated: ptr(true)}); err != nil {
			t.Fatal(err)
		}
		cases := []struct {
			spec core.IntegrationSpec
			text string
		}{
			{core.IntegrationSpec{Name: "  "}, "integration name should not be empty."},
			{core.IntegrationSpec{Name: strings.Repeat("ä", 201)}, "at most 200 characters"},
			{core.IntegrationSpec{Name: "a\x1bb"}, "control characters"},
			{core.IntegrationSpec{Name: "x", Kind: "secret"}, "instead was `\"secret\"`."},
			{core.IntegrationSpec{Name: "x", Capabilities: []string{"read_content", "fly"}}, "or `\"read_user_with_email\"`, instead was `\"fly\"`."},
			{core.IntegrationSpec{Name: "x", Capabilities: []string{""}}, "instead was `\"\"`."},
			{core.IntegrationSpec{Name: "x", Owner: ann.ID}, "has no owner"},
			{core.IntegrationSpec{Name: "x", Kind: core.Public}, "owner_id should be defined"},
			{core.IntegrationSpec{Name: "x", Kind: core.Personal, Owner: notion.ID{9}}, "active person"},
			{core.IntegrationSpec{Name: "x", Kind: core.Personal, Owner: ann.ID}, "active person"},
			{core.IntegrationSpec{Name: "x", Kind: core.Personal, Owner: b.integration().BotID}, "active person"},
		}
		for _, c := range cases {
			_, err := b.CreateIntegration(b.ctx, b.first.Workspace, c.spec)
			refuses(t, err, apierr.ValidationError, c.text)
		}
		list, err := b.Integrations(b.ctx, b.first.Workspace, core.PageOf{Size: 10})
		if err != nil || len(list.Items) != 1 {
			t.Errorf("refused integrations were kept: %+v, %v", list, err)
		}
		_, err = b.UpdateIntegration(b.ctx, b.first.Workspace, notion.ID{9}, core.IntegrationChange{})
		refuses(t, err, apierr.ObjectNotFound, "Could not find integration with ID")
		_, err = b.UpdateIntegration(b.ctx, b.first.Workspace, b.integration().ID, core.IntegrationChange{Capabilities: []string{"fly"}})
		refuses(t, err, apierr.ValidationError, "fly")
	})
}

func TestChangesOfAnIntegrationAreFeltAtOnce(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		i, token := b.addIntegration(core.IntegrationSpec{Name: "before"})
		update := func(change core.IntegrationChange) {
			t.Helper()
			if _, err := b.UpdateIntegration(b.ctx, b.first.Workspace, i.ID, change); err != nil {
				t.Fatal(err)
			}
		}
		if !b.works(token) {
			t.Fatal("a fresh token does not work")
		}
		update(core.IntegrationChange{Name: ptr("after"), Capabilities: []string{"read_comment"}})
		if p, err := b.Authenticate(b.ctx, token); err != nil || p.Name != "after" || p.Caps != core.ReadComments {
			t.Errorf("after the change: %+v, %v", p, err)
		}
		update(core.IntegrationChange{Disabled: ptr(true)})
		if b.works(token) {
			t.Error("the token of a disabled integration works")
		}
		if bot, err := b.FindUser(b.ctx, b.first.Workspace, i.BotID); err != nil || !bot.Deactivated || bot.Name != "after" {
			t.Errorf("its bot: %+v, %v", bot, err)
		}
		update(core.IntegrationChange{Disabled: ptr(false)})
		if !b.works(token) {
			t.Error("the token of an integration that is enabled again does not work")
		}
	})
}

func TestTokens(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		ws, i := b.first.Workspace, b.integration()
		b.clock.Advance(time.Minute)
		tok, secret, err := b.IssueToken(b.ctx, ws, i.ID, core.TokenSpec{Name: "ci", Expires: b.clock.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		if !b.works(secret) || tok.Last4 != secret[len(secret)-4:] || tok.Name != "ci" {
			t.Errorf("token %+v for %s", tok, secret)
		}
		b.clock.Advance(time.Hour - time.Second)
		if !b.works(secret) {
			t.Error("the token expired early")
		}
		b.clock.Advance(time.Second)
		if b.works(secret) {
			t.Error("the token works after it has expired")
		}

		other, secret, err := b.IssueToken(b.ctx, ws, i.ID, core.TokenSpec{})
		if err != nil || !b.works(secret) {
			t.Fatalf("token: %v", err)
		}
		at := b.clock.Now()
		for range 2 {
			revoked, err := b.RevokeToken(b.ctx, ws, other.ID)
			if err != nil || !revoked.RevokedTime.Equal(at) {
				t.Errorf("revoked %+v, %v, want at %v", revoked, err, at)
			}
			b.clock.Advance(time.Minute)
		}
		if b.works(secret) {
			t.Error("a revoked token works")
		}
		if !b.works(b.first.Token) {
			t.Error("another token was revoked with it")
		}

		_, _, err = b.IssueToken(b.ctx, ws, notion.ID{9}, core.TokenSpec{})
		refuses(t, err, apierr.ObjectNotFound, "Could not find integration")
		_, _, err = b.IssueToken(b.ctx, ws, i.ID, core.TokenSpec{Expires: b.clock.Now()})
		refuses(t, err, apierr.ValidationError, "in the future")
		_, err = b.RevokeToken(b.ctx, ws, notion.ID{9})
		refuses(t, err, apierr.ObjectNotFound, "Could not find token")
	})
}

func TestTokensOfAnotherWorkspaceAreOutOfReach(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		other, err := b.CreateWorkspace(b.ctx, "Other", "")
		if err != nil {
			t.Fatal(err)
		}
		mine, err := b.Tokens(b.ctx, b.first.Workspace, notion.ID{}, core.PageOf{Size: 10})
		if err != nil || len(mine.Items) != 1 {
			t.Fatalf("tokens %+v, %v", mine, err)
		}
		_, err = b.RevokeToken(b.ctx, other.ID, mine.Items[0].ID)
		refuses(t, err, apierr.ObjectNotFound, "Could not find token")
		_, _, err = b.IssueToken(b.ctx, other.ID, b.integration().ID, core.TokenSpec{})
		refuses(t, err, apierr.ObjectNotFound, "Could not find integration")
		if theirs, err := b.Tokens(b.ctx, other.ID, notion.ID{}, core.PageOf{Size: 10}); err != nil || len(theirs.Items) != 0 {
			t.Errorf("the other workspace has tokens %+v, %v", theirs, err)
		}
		if !b.works(b.first.Token) {
			t.Error("a token was revoked from another workspace")
		}
	})
}

func TestListsInParts(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		ws := b.first.Workspace
		for _, name := range []string{"a", "b", "c", "d"} {
			b.clock.Advance(time.Second)
			b.addIntegration(core.IntegrationSpec{Name: name})
		}
		walk := func(list func(core.PageOf) (names []string, next string, err error)) (all []string) {
			part := core.PageOf{Size: 2}
			for {
				names, next, err := list(part)
				if err != nil || len(names) > 2 {
					t.Fatalf("part %v, %v", names, err)
				}
				all = append(all, names...)
				if next == "" {
					return all
				}
				part.Cursor = next
			}
		}
		integrations := walk(func(part core.PageOf) (names []string, next string, err error) {
			l, err := b.Integrations(b.ctx, ws, part)
			for _, i := range l.Items {
				names = append(names, i.Name)
			}
			return names, l.Next, err
		})
		if got := strings.Join(integrations, " "); got != "Octavo a b c d" {
			t.Errorf("integrations: %s", got)
		}
		bots := walk(func(part core.PageOf) (names []string, next string, err error) {
			l, err := b.AllUsers(b.ctx, ws, part)
			for _, u := range l.Items {
				names = append(names, u.Name)
			}
			return names, l.Next, err
		})
		if got := strings.Join(bots[2:], " "); got != "a b c d" || len(bots) != 6 {
			t.Errorf("users: %v", bots)
		}
		tokens := walk(func(part core.PageOf) (names []string, next string, err error) {
			l, err := b.Tokens(b.ctx, ws, notion.ID{}, part)
			for _, t := range l.Items {
				names = append(names, t.ID.String())
			}
			return names, l.Next, err
		})
		if len(tokens) != 5 {
			t.Errorf("%d tokens", len(tokens))
		}
		_, err := b.AllUsers(b.ctx, ws, core.PageOf{Size: 2, Cursor: "nonsense"})
		refuses(t, err, apierr.ValidationError, "The start_cursor provided is invalid")
	})
}

func TestShares(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		ws, page := b.first.Workspace, b.first.Page
		i, token := b.addIntegration(core.IntegrationSpec{Name: "reader"})
		sees := func() bool {
			t.Helper()
			p, err := b.Authenticate(b.ctx, token)
			if err != nil {
				t.Fatal(err)
			}
			_, err = b.Page(b.ctx, p, page, nil)
			if err != nil && codeOf(err) != apierr.ObjectNotFound {
				t.Fatal(err)
			}
			return err == nil
		}
		change := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		if sees() {
			t.Error("a fresh integration sees a page")
		}
		for _, target := range []notion.ID{page, {}} {
			change(b.AddShare(b.ctx, ws, i.ID, target))
			change(b.AddShare(b.ctx, ws, i.ID, target))
			if !sees() {
				t.Errorf("shared %s and not seen", target)
			}
			if l, err := b.Shares(b.ctx, ws, i.ID, core.PageOf{Size: 10}); err != nil || len(l.Items) != 1 || l.Items[0] != target {
				t.Errorf("shares %+v, %v", l, err)
			}
			change(b.RemoveShare(b.ctx, ws, i.ID, target))
			if sees() {
				t.Errorf("unshared %s and still seen", target)
			}
			refuses(t, b.RemoveShare(b.ctx, ws, i.ID, target), apierr.ObjectNotFound, "not shared")
		}
		refuses(t, b.AddShare(b.ctx, ws, i.ID, notion.ID{9}), apierr.ObjectNotFound, "Could not find page")
		refuses(t, b.AddShare(b.ctx, ws, notion.ID{9}, page), apierr.ObjectNotFound, "Could not find integration")
		_, err := b.Shares(b.ctx, ws, notion.ID{9}, core.PageOf{Size: 10})
		refuses(t, err, apierr.ObjectNotFound, "Could not find integration")
	})
}
