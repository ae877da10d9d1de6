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
		return t, expired(spec.Expires)
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
		tx.About(t.ID)
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

// RevokeToken ends a token for good, and with one that came of an OAuth authorisation all
// that came of it: a refresh token would otherwise bring it back. Revoking one that is
// revoked already changes nothing.
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
		if !t.GrantID.IsZero() {
			if err := ignoreNotFound(tx.RevokeGrant(t.GrantID)); err != nil {
				return err
			}
		}
		t, err = tx.Token(id)
		return err
	})
	c.principals.clear()
	return t, adminError(err, "token", id)
}

// Rotation says how a token is replaced by another.
type Rotation struct {
	// Expires is when the new one stops working; nil is when the old one does, zero is never.
	Expires *time.Time
	// Overlap is how long the old one still works.
	Overlap time.Duration
}

// maxOverlap is how long two tokens may take to change places.
const maxOverlap = 30 * 24 * time.Hour

// RotateToken issues a token in place of another, for the same integration and under the same
// name, and ends the old one, at once or after the overlap. The second result is the new token
// itself.
func (c *Core) RotateToken(ctx context.Context, ws, id notion.ID, r Rotation) (store.Token, string, error) {
	var t store.Token
	if r.Overlap < 0 || r.Overlap > maxOverlap {
		return t, "", invalid("overlap should be a duration of at most %s, instead was `%q`.", maxOverlap, r.Overlap)
	}
	if r.Expires != nil && !r.Expires.IsZero() && !r.Expires.After(c.clock.Now()) {
		return t, "", expired(*r.Expires)
	}
	secret := NewSecret(c.ids, tokenPrefix)
	hash := sha256.Sum256([]byte(secret))
	err := c.store.UpdateDirectory(ctx, func(tx *store.Tx) error {
		old, err := tx.Token(id)
		if err != nil {
			return err
		}
		if old.WorkspaceID != ws {
			return store.ErrNotFound
		}
		if !old.RevokedTime.IsZero() || !old.ExpiresTime.IsZero() && !tx.Now().Before(old.ExpiresTime) {
			return invalid("Token %s has been revoked or has expired. Issue a new one instead.", id)
		}
		t = old
		t.Hash, t.ID, t.Last4, t.CreatedTime = hash[:], c.ids.New(tx.Now()), secret[len(secret)-4:], tx.Now()
		if r.Expires != nil {
			t.ExpiresTime = *r.Expires
		}
		tx.About(t.ID)
		if err := tx.InsertToken(t); err != nil {
			return err
		}
		if r.Overlap == 0 {
			return tx.RevokeToken(id)
		}
		return tx.ExpireToken(id, tx.Now().Add(r.Overlap))
	})
	c.principals.clear()
	return t, secret, adminError(err, "token", id)
}

func expired(at time.Time) error {
	return invalid("expires_time should be in the future, instead was `%q`.", at.UTC().Format(time.RFC3339))
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
