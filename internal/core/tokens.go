package core

import (
	"context"
	"crypto/sha256"
	"errors"
	"math/big"
	"slices"
	"strings"
	"time"

	"octavo/internal/clock"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// TokenSpec describes a token to be issued.
type TokenSpec struct {
	// Name reminds people of what the token is for; it may be "".
	Name string
	// Expires is when the token stops working; zero is never.
	Expires time.Time
}

// IssueToken makes a token for an integration. The second result is the token itself:
// only its hash is kept, so that nobody can be shown it again.
func (c *Core) IssueToken(ctx context.Context, ws, integration notion.ID, spec TokenSpec) (store.Token, string, error) {
	secret := NewSecret(c.ids, tokenPrefix)
	t, err := c.addToken(ctx, ws, integration, spec, secret)
	return t, secret, err
}

// addToken stores the hash of a token for an integration.
func (c *Core) addToken(ctx context.Context, ws, integration notion.ID, spec TokenSpec, secret string) (store.Token, error) {
	var t store.Token
	if spec.Name != "" {
		var err error
		if spec.Name, err = checkName("token", spec.Name); err != nil {
			return t, err
		}
	}
	if !spec.Expires.IsZero() && !spec.Expires.After(c.clock.Now()) {
		return t, invalid("expires_time should be in the future, instead was `%q`.", spec.Expires.UTC().Format(time.RFC3339))
	}
	if _, err := c.FindIntegration(ctx, ws, integration); err != nil {
		return t, err
	}
	err := c.store.UpdateDirectory(ctx, func(tx *store.Tx) error {
		hash := sha256.Sum256([]byte(secret))
		t = store.Token{
			Hash: hash[:], ID: c.ids.New(tx.Now()), WorkspaceID: ws, IntegrationID: integration,
			Name: spec.Name, Last4: secret[max(0, len(secret)-4):], CreatedTime: tx.Now(), ExpiresTime: spec.Expires,
		}
		return tx.InsertToken(t)
	})
	c.principals.clear()
	return t, storeError(err)
}

// Tokens lists the tokens of a workspace, or of one of its integrations, oldest first,
// expired and revoked ones included. What the tokens are cannot be seen.
func (c *Core) Tokens(ctx context.Context, ws, integration notion.ID, part PageOf) (Listing[store.Token], error) {
	id := func(t *store.Token) notion.ID { return t.ID }
	return list(part, id, func(after *notion.ID, limit int) (rows []store.Token, err error) {
		err = c.store.ViewDirectory(ctx, func(tx *store.Tx) error {
			rows, err = tx.Tokens(ws)
			return err
		})
		if !integration.IsZero() {
			rows = slices.DeleteFunc(rows, func(t store.Token) bool { return t.IntegrationID != integration })
		}
		return pick(rows, id, after, limit), err
	})
}

// RevokeToken ends a token for good. Revoking one that is revoked already changes
// nothing.
func (c *Core) RevokeToken(ctx context.Context, ws, id notion.ID) (store.Token, error) {
	var t store.Token
	err := c.store.UpdateDirectory(ctx, func(tx *store.Tx) (err error) {
		if t, err = tx.Token(id); err != nil {
			return err
		}
		if t.WorkspaceID != ws {
			return store.ErrNotFound
		}
		if err := tx.RevokeToken(id); err != nil {
			return err
		}
		t, err = tx.Token(id)
		return err
	})
	c.principals.clear()
	return t, adminError(err, "token", id)
}

// The form of a token (contract.md §5): the prefix of the hosted API, and more characters
// behind it than anybody can guess.
const (
	tokenPrefix = "ntn_"
	tokenDigits = 46
)

// NewSecret makes a token with a prefix. 34 bytes are the most that always fit into 46
// digits of base 62, so that no digit is likelier than it should be.
func NewSecret(ids clock.IDs, prefix string) string {
	var b [34]byte
	ids.Secret(b[:])
	digits := new(big.Int).SetBytes(b[:]).Text(62)
	return prefix + strings.Repeat("0", tokenDigits-len(digits)) + digits
}

// checkSecret refuses a token given by the operator that no header could carry or that
// is guessed at once.
func checkSecret(secret string) error {
	const least, most = 8, 200
	if len(secret) < least || len(secret) > most || strings.ContainsFunc(secret, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return invalid("token should be %d to %d visible ASCII characters.", least, most)
	}
	return nil
}

// errRevoked is why a given token does not work.
var errRevoked = errors.New("the given token has been revoked or has expired: give another")

// ensureToken sees to it that a token given by the operator works in the workspace. A
// token that was revoked stays so: a restart must not bring back what leaked.
func (c *Core) ensureToken(ctx context.Context, ws notion.ID, secret string) error {
	if err := checkSecret(secret); err != nil {
		return err
	}
	hash := sha256.Sum256([]byte(secret))
	var t store.Token
	err := c.store.ViewDirectory(ctx, func(tx *store.Tx) (err error) {
		t, err = tx.TokenByHash(hash[:])
		return err
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		integration, err := c.firstIntegration(ctx, ws)
		if err != nil {
			return err
		}
		_, err = c.addToken(ctx, ws, integration, TokenSpec{Name: "given at start"}, secret)
		if errors.Is(err, store.ErrExists) {
			return nil // another process was given the same token and was first
		}
		return err
	case err != nil:
		return storeError(err)
	case !t.RevokedTime.IsZero(), !t.ExpiresTime.IsZero() && !c.clock.Now().Before(t.ExpiresTime):
		return errRevoked
	}
	return nil
}
