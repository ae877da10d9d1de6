package core

import (
	"context"
	"errors"
	"strings"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// The times of OAuth.
const (
	codeLifetime = 10 * time.Minute
	// forgetCodes is how long a code that nobody used is still said to have expired.
	forgetCodes = 24 * time.Hour
	// forgetRefreshes is how long the second use of a refresh token is noticed.
	forgetRefreshes = 90 * 24 * time.Hour
)

// refreshPrefix is what refresh tokens begin with (contract.md §5).
const refreshPrefix = "nrt_"

// Consent is what a person agrees to who authorises a client.
type Consent struct {
	Workspace notion.ID
	// Person is the one who authorises, an owner or a member of the workspace.
	Person notion.ID
	// Pages are shared with the integration, in addition to what was shared before.
	Pages []notion.ID
	// RedirectURI is the one that the authorisation was asked for with, "" for none.
	RedirectURI string
	// Challenge binds the code to who can answer it (RFC 7636); the zero value does not.
	Challenge Challenge
}

// Authorized is the outcome of a consent.
type Authorized struct {
	Code string
	// RedirectURI is where the code goes to.
	RedirectURI string
	// Expires is when the code stops working.
	Expires time.Time
	// Integration is what the tokens will act as.
	Integration notion.ID
}

// Authorize gives a client a code for what a person has agreed to. Whoever has authorised
// the client before keeps its integration, with the capabilities that the client has now.
func (c *Core) Authorize(ctx context.Context, client notion.ID, consent Consent) (Authorized, error) {
	registered, err := c.FindOAuthClient(ctx, client)
	if err != nil {
		return Authorized{}, err
	}
	redirect, ok := RedirectURI(registered, consent.RedirectURI)
	switch {
	case registered.Disabled:
		return Authorized{}, invalid("The integration %s is disabled.", registered.Name)
	case !ok:
		return Authorized{}, invalid("Missing or invalid redirect_uri.")
	}
	var integration store.Integration
	err = c.store.Update(ctx, consent.Workspace, func(tx *store.Tx) (err error) {
		integration, err = c.connect(tx, registered, consent)
		return err
	})
	c.principals.clear()
	if err != nil {
		return Authorized{}, storeError(err)
	}
	code := c.newCode()
	a := Authorized{Code: code, RedirectURI: redirect, Integration: integration.ID}
	err = c.store.UpdateDirectory(ctx, func(tx *store.Tx) error {
		if err := tx.ForgetCodes(tx.Now().Add(-forgetCodes)); err != nil {
			return err
		}
		a.Expires = tx.Now().Add(codeLifetime)
		return tx.InsertGrant(store.Grant{
			ID: c.ids.New(tx.Now()), CodeHash: hashOf(code), ClientID: client, WorkspaceID: consent.Workspace, IntegrationID: integration.ID,
			RedirectURI: consent.RedirectURI, Challenge: consent.Challenge.stored(), CreatedTime: tx.Now(), CodeExpires: a.Expires,
		})
	})
	return a, storeError(err)
}

// newCode makes a code, which looks like an id and is one that nobody can guess.
func (c *Core) newCode() string {
	var code notion.ID
	c.ids.Secret(code[:])
	return code.String()
}

// connect sees to it that a person has the integration of a client, with what they agreed to.
func (c *Core) connect(tx *store.Tx, client store.OAuthClient, consent Consent) (store.Integration, error) {
	person, err := tx.User(consent.Person)
	if errors.Is(err, store.ErrNotFound) || err == nil && (person.Type != "person" || person.Deactivated || person.Role == "guest") {
		return store.Integration{}, invalid("user_id should be the ID of an active owner or member of the workspace, instead was `\"%s\"`.", consent.Person)
	}
	if err != nil {
		return store.Integration{}, err
	}
	i, err := tx.IntegrationOfClient(client.ID, person.ID)
	switch {
	case errors.Is(err, store.ErrNotFound):
		i, err = c.insertIntegration(tx, IntegrationSpec{
			Name: client.Name, Kind: Public, Capabilities: strings.Fields(client.Capabilities), Owner: person.ID, Client: client.ID,
		})
	case err == nil && i.Disabled:
		return i, invalid("Integration %s of %s has been disabled: an administrator can enable it again.", i.ID, person.Name)
	case err == nil:
		i.Name, i.Capabilities = client.Name, client.Capabilities
		err = saveIntegration(tx, i)
	}
	if err != nil {
		return i, err
	}
	for _, page := range consent.Pages {
		if err := checkShare(tx, i.ID, page); err != nil {
			return i, err
		}
		if err := tx.Share(i.ID, page); err != nil {
			return i, err
		}
	}
	return i, nil
}

// CodeExchange is what a client shows to get tokens for a code.
type CodeExchange struct {
	Code string
	// RedirectURI and Verifier are nil when they were not sent.
	RedirectURI, Verifier *string
}

// ExchangeCode gives a client tokens for a code (contract.md §6). A code works once: its
// second use also ends the tokens that came of the first, since one of the two was a thief's.
func (c *Core) ExchangeCode(ctx context.Context, client store.OAuthClient, x CodeExchange) (notion.Object, error) {
	var grant store.Grant
	err := c.store.ViewDirectory(ctx, func(tx *store.Tx) (err error) {
		grant, err = tx.GrantByCode(hashOf(x.Code))
		return err
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, invalidCode("this code does not exist")
	case err != nil:
		return nil, storeError(err)
	case grant.ClientID != client.ID:
		return nil, invalidCode("this code was issued to another client")
	case !grant.CodeUsed.IsZero():
		return nil, c.usedTwice(ctx, grant.ID, errUsedCode())
	case !grant.Revoked.IsZero():
		return nil, errUsedCode()
	case !c.clock.Now().Before(grant.CodeExpires):
		return nil, invalidCode("this code has expired")
	}
	if err := x.check(client, grant); err != nil {
		return nil, err
	}
	return c.issue(ctx, grant, errUsedCode(), func(tx *store.Tx) error { return tx.ClaimCode(grant.ID) })
}

// check holds the rest of an exchange against the authorisation.
func (x CodeExchange) check(client store.OAuthClient, grant store.Grant) error {
	expected := grant.RedirectURI != "" || len(RedirectURIs(client)) > 1
	switch {
	case expected && x.RedirectURI == nil:
		return apierr.OAuth(apierr.InvalidRequest, "body failed validation: body.redirect_uri should be defined, instead was `undefined`.")
	case !expected && x.RedirectURI != nil:
		return apierr.OAuth(apierr.InvalidRequest, "body failed validation: body.redirect_uri should be not present, instead was "+shown(*x.RedirectURI)+".")
	case expected && *x.RedirectURI != grant.RedirectURI:
		return apierr.OAuth(apierr.InvalidGrant, "Invalid redirect_uri: it is not the one of the authorization request.")
	case !answered(grant.Challenge, x.Verifier):
		return apierr.OAuth(apierr.InvalidGrant, "Invalid code_verifier: it does not answer the code_challenge of the authorization request.")
	}
	return nil
}

func invalidCode(why string) *apierr.Error {
	return apierr.OAuth(apierr.InvalidGrant, "Invalid code: "+why+".")
}

func errUsedCode() *apierr.Error { return invalidCode("this code has been revoked") }

func invalidRefresh(why string) *apierr.Error {
	return apierr.OAuth(apierr.InvalidGrant, "Invalid refresh token: "+why+".")
}

// Refresh gives a client new tokens for a refresh token and ends the old ones
// (contract.md §6). The second use of a refresh token ends the whole family.
func (c *Core) Refresh(ctx context.Context, client store.OAuthClient, token string) (notion.Object, error) {
	hash := hashOf(token)
	var refresh store.RefreshToken
	var grant store.Grant
	err := c.store.ViewDirectory(ctx, func(tx *store.Tx) (err error) {
		if refresh, err = tx.RefreshToken(hash); err != nil {
			return err
		}
		grant, err = tx.Grant(refresh.GrantID)
		return err
	})
	revoked := invalidRefresh("this refresh token has been revoked")
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, invalidRefresh("this refresh token does not exist")
	case err != nil:
		return nil, storeError(err)
	case grant.ClientID != client.ID:
		return nil, invalidRefresh("this refresh token was issued to another client")
	case !grant.Revoked.IsZero():
		return nil, revoked
	case !refresh.UsedTime.IsZero():
		return nil, c.usedTwice(ctx, grant.ID, revoked)
	}
	return c.issue(ctx, grant, revoked, func(tx *store.Tx) error {
		if err := tx.ClaimRefreshToken(grant.ID, hash); err != nil {
			return err
		}
		if err := tx.ForgetRefreshTokens(grant.ID, tx.Now().Add(-forgetRefreshes)); err != nil {
			return err
		}
		return tx.DeleteTokensOf(grant.ID)
	})
}

func ignoreNotFound(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// usedTwice ends a family of tokens and returns the refusal for who brought that about.
func (c *Core) usedTwice(ctx context.Context, grant notion.ID, refusal error) error {
	if err := c.endFamily(ctx, grant); err != nil {
		return err
	}
	return refusal
}

// endFamily revokes a grant with all its tokens.
func (c *Core) endFamily(ctx context.Context, grant notion.ID) error {
	err := c.store.UpdateDirectory(ctx, func(tx *store.Tx) error { return ignoreNotFound(tx.RevokeGrant(grant)) })
	c.principals.clear()
	return storeError(err)
}

// issue writes the next tokens of a family in the transaction in which claim uses up what
// they are given for. When claim finds that somebody else was first, the family ends.
func (c *Core) issue(ctx context.Context, grant store.Grant, refusal error, claim func(*store.Tx) error) (notion.Object, error) {
	a, err := c.authorization(ctx, grant)
	if errors.Is(err, store.ErrNotFound) {
		return nil, refusal // the integration was disabled
	}
	if err != nil {
		return nil, storeError(err)
	}
	a.AccessToken, a.RefreshToken = NewSecret(c.ids, tokenPrefix), NewSecret(c.ids, refreshPrefix)
	err = c.store.UpdateDirectory(ctx, func(tx *store.Tx) error {
		if err := claim(tx); err != nil {
			return err
		}
		return c.insertPair(tx, grant, a)
	})
	c.principals.clear()
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, c.usedTwice(ctx, grant.ID, refusal)
	case err != nil:
		return nil, storeError(err)
	}
	return a, nil
}

// insertPair writes an access token and the refresh token that goes with it.
func (c *Core) insertPair(tx *store.Tx, grant store.Grant, a *notion.Authorization) error {
	token := store.Token{
		Hash: hashOf(a.AccessToken), ID: c.ids.New(tx.Now()), WorkspaceID: grant.WorkspaceID, IntegrationID: grant.IntegrationID,
		Name: "OAuth", Last4: a.AccessToken[len(a.AccessToken)-4:], CreatedTime: tx.Now(), GrantID: grant.ID,
	}
	if err := tx.InsertToken(token); err != nil {
		return err
	}
	return tx.InsertRefreshToken(store.RefreshToken{
		Hash: hashOf(a.RefreshToken), GrantID: grant.ID, CreatedTime: tx.Now(),
	})
}

// authorization returns what there is to say about a grant besides its tokens,
// store.ErrNotFound when its integration does not work any more.
func (c *Core) authorization(ctx context.Context, grant store.Grant) (*notion.Authorization, error) {
	w, err := c.FindWorkspace(ctx, grant.WorkspaceID)
	if err != nil {
		return nil, err
	}
	p := &Principal{Workspace: grant.WorkspaceID, WorkspaceName: w.Name, Integration: grant.IntegrationID}
	a := &notion.Authorization{WorkspaceID: w.ID, WorkspaceName: w.Name}
	err = c.store.View(ctx, grant.WorkspaceID, func(tx *store.Tx) error {
		if err := p.read(tx); err != nil {
			return err
		}
		a.BotID = p.Bot
		owner, err := tx.User(p.Owner)
		if err != nil {
			return err
		}
		a.Owner, err = c.showUser(tx, p, owner, false)
		return err
	})
	return a, err
}

// Introspection is what a client is told of a token (contract.md §6).
type Introspection struct {
	// Active says that the token works and is the client's. Without it there is no more to say.
	Active bool
	// Scope lists the capabilities, with spaces between them.
	Scope string
	// Issued is when the token was made.
	Issued time.Time
}

// Introspect tells a client of an access or refresh token.
func (c *Core) Introspect(ctx context.Context, client store.OAuthClient, token string) (Introspection, error) {
	m, err := c.member(ctx, client, token)
	if err != nil || !m.works {
		return Introspection{}, err
	}
	p := &Principal{Workspace: m.grant.WorkspaceID, Integration: m.grant.IntegrationID}
	err = c.store.View(ctx, p.Workspace, p.read)
	if errors.Is(err, store.ErrNotFound) {
		return Introspection{}, nil
	}
	return Introspection{Active: true, Scope: scope(p.Caps), Issued: m.issued}, storeError(err)
}

// RevokeFamily ends the tokens of the authorisation that an access or refresh token came of.
// A token that is not the client's, or is none, changes nothing.
func (c *Core) RevokeFamily(ctx context.Context, client store.OAuthClient, token string) error {
	m, err := c.member(ctx, client, token)
	if err != nil || m.grant.ID.IsZero() {
		return err
	}
	return c.endFamily(ctx, m.grant.ID)
}

// member is an access or refresh token of an authorisation.
type member struct {
	// grant is the zero value for what is no token of the client.
	grant  store.Grant
	issued time.Time
	works  bool
}

// member finds a token of a client.
func (c *Core) member(ctx context.Context, client store.OAuthClient, token string) (member, error) {
	var m member
	err := c.store.ViewDirectory(ctx, func(tx *store.Tx) error {
		id, issued, ended, err := c.findMember(tx, hashOf(token))
		if err != nil || id.IsZero() {
			return err
		}
		grant, err := tx.Grant(id)
		if err == nil && grant.ClientID == client.ID {
			m = member{grant, issued, !ended && grant.Revoked.IsZero()}
		}
		return err
	})
	return m, storeError(ignoreNotFound(err))
}

// findMember reads which grant a token belongs to, when it was made, and whether it has ended.
func (c *Core) findMember(tx *store.Tx, hash []byte) (grant notion.ID, issued time.Time, ended bool, err error) {
	access, err := tx.TokenByHash(hash)
	if err == nil {
		expired := !access.ExpiresTime.IsZero() && !c.clock.Now().Before(access.ExpiresTime)
		return access.GrantID, access.CreatedTime, expired || !access.RevokedTime.IsZero(), nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return grant, issued, ended, err
	}
	refresh, err := tx.RefreshToken(hash)
	return refresh.GrantID, refresh.CreatedTime, !refresh.UsedTime.IsZero(), err
}

// scopeOrder is the order of capabilities in the scope of a token, as the hosted API has it
// (services.md §7.6).
var scopeOrder = []Capability{ReadContent, InsertContent, UpdateContent, ReadComments, InsertComments, ReadEmails, ReadUsers}

// scope lists capabilities as the scope of a token.
func scope(caps Capability) string {
	var names []string
	for _, one := range scopeOrder {
		if caps.Has(one) {
			names = append(names, one.Names()...)
		}
	}
	return strings.Join(names, " ")
}
