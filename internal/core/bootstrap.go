package core

import (
	"context"
	"errors"
	"slices"

	"octavo/internal/apierr"
	"octavo/internal/notion"
	"octavo/internal/richtext"
	"octavo/internal/store"
)

// BootstrapOptions say what the first start makes.
type BootstrapOptions struct {
	// WorkspaceName is "Octavo" when it is "".
	WorkspaceName string
	// Token must work after every start; "" leaves it to the first start to make one.
	Token string
}

// Bootstrapped is what there is to work with after a start.
type Bootstrapped struct {
	Workspace notion.ID
	// Page is the first page at the top of the workspace, zero when there is none.
	Page notion.ID
	// Token was made or given at this start; "" otherwise.
	Token string
	// First reports that this start made the workspace's contents.
	First bool
}

// Bootstrap makes what is missing for a first request: a workspace with an owner, one
// integration with every capability that sees everything, a page and a token. It makes up
// for a first start that was cut short, and otherwise leaves alone what is there, except
// that a token given in the options is made to work.
func (c *Core) Bootstrap(ctx context.Context, opts BootstrapOptions) (Bootstrapped, error) {
	if opts.WorkspaceName == "" {
		opts.WorkspaceName = "Octavo"
	}
	var b Bootstrapped
	ws, err := c.firstWorkspace(ctx, opts.WorkspaceName)
	if err != nil {
		return b, err
	}
	b.Workspace = ws
	if b.First, err = c.seed(ctx, ws); err != nil {
		return b, err
	}
	if b.Token, err = c.firstToken(ctx, ws, opts.Token); err != nil {
		return b, err
	}
	b.Page, err = c.firstPage(ctx, ws)
	return b, err
}

// firstWorkspace returns the oldest workspace, which it makes when there is none.
func (c *Core) firstWorkspace(ctx context.Context, name string) (notion.ID, error) {
	w, err := c.FindWorkspace(ctx, notion.ID{})
	var e *apierr.Error
	if errors.As(err, &e) && e.Code == apierr.ObjectNotFound {
		w, err = c.CreateWorkspace(ctx, name, "")
	}
	return w.ID, err
}

// seed fills a workspace that has no users, in one transaction, and reports whether it
// had to.
func (c *Core) seed(ctx context.Context, ws notion.ID) (bool, error) {
	empty := func(tx *store.Tx) (bool, error) {
		users, err := tx.AllUsers(notion.ID{}, 1)
		return len(users) == 0, err
	}
	seeded := false
	err := c.store.View(ctx, ws, func(tx *store.Tx) (err error) {
		seeded, err = empty(tx)
		return err
	})
	if err != nil || !seeded {
		return false, storeError(err)
	}
	err = c.store.Update(ctx, ws, func(tx *store.Tx) (err error) {
		// Another process may have been first.
		if seeded, err = empty(tx); err != nil || !seeded {
			return err
		}
		return c.fill(tx)
	})
	return seeded, storeError(err)
}

// fill writes the contents of a new workspace.
func (c *Core) fill(tx *store.Tx) error {
	owner := store.User{ID: c.ids.New(tx.Now()), Type: "person", Name: "Owner", Role: "owner", CreatedTime: tx.Now()}
	if err := tx.InsertUser(owner); err != nil {
		return err
	}
	i, err := c.insertIntegration(tx, IntegrationSpec{Name: "Octavo", Kind: Internal, Capabilities: AllCapabilities.Names()})
	if err != nil {
		return err
	}
	if err := tx.Share(i.ID, notion.ID{}); err != nil {
		return err
	}
	_, err = c.insertPage(tx, &Principal{Bot: owner.ID}, nil, richtext.FromPlain("Getting started"), pictures{}, Position{})
	return err
}

// firstToken returns a token that was made or given at this start, "" when the tokens
// there are shall do.
func (c *Core) firstToken(ctx context.Context, ws notion.ID, given string) (string, error) {
	if given != "" {
		return given, c.ensureToken(ctx, ws, given)
	}
	tokens, err := c.Tokens(ctx, ws, notion.ID{}, PageOf{Size: 1})
	if err != nil || len(tokens.Items) > 0 {
		return "", err
	}
	integration, err := c.firstIntegration(ctx, ws)
	if err != nil {
		return "", err
	}
	_, secret, err := c.IssueToken(ctx, ws, integration, TokenSpec{Name: "first start"})
	return secret, err
}

// firstIntegration returns the oldest internal integration that is not disabled.
func (c *Core) firstIntegration(ctx context.Context, ws notion.ID) (notion.ID, error) {
	var id notion.ID
	err := c.store.View(ctx, ws, func(tx *store.Tx) error {
		all, err := tx.Integrations()
		at := slices.IndexFunc(all, func(i store.Integration) bool { return !i.Disabled && IntegrationKind(i.Kind) == Internal })
		if err == nil && at >= 0 {
			id = all[at].ID
		}
		return err
	})
	if err == nil && id.IsZero() {
		return id, errors.New("no internal integration is enabled that the token could belong to")
	}
	return id, storeError(err)
}

// firstPage returns the first page at the top of the workspace that is not in the trash.
func (c *Core) firstPage(ctx context.Context, ws notion.ID) (notion.ID, error) {
	var page notion.ID
	err := c.store.View(ctx, ws, func(tx *store.Tx) error {
		top, err := tx.Children(notion.ID{}, store.From{}, 1)
		if err == nil && len(top) > 0 {
			page = top[0].ID
		}
		return err
	})
	return page, storeError(err)
}
