package store

import (
	"time"

	"octavo/internal/notion"
)

// OAuthClient is a public integration as it is registered, a row of the directory.
type OAuthClient struct {
	ID   notion.ID
	Name string
	// Capabilities are words separated by spaces.
	Capabilities string
	// RedirectURIs are separated by spaces.
	RedirectURIs string
	// SecretHash identifies the client secret; the caller chooses the function.
	SecretHash  []byte
	CreatedTime time.Time
	Disabled    bool
}

const oauthClientColumns = `SELECT id, name, capabilities, redirect_uris, secret_hash, created_time, disabled FROM oauth_client`

func (c *OAuthClient) columns() []any {
	return []any{
		(*idColumn)(&c.ID), &c.Name, &c.Capabilities, &c.RedirectURIs, &c.SecretHash, (*timeColumn)(&c.CreatedTime), &c.Disabled,
	}
}

// InsertOAuthClient adds a client to the directory.
func (tx *Tx) InsertOAuthClient(c OAuthClient) error {
	_, err := tx.exec(`INSERT INTO oauth_client (id, name, capabilities, redirect_uris, secret_hash, created_time, disabled)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		c.ID[:], c.Name, c.Capabilities, c.RedirectURIs, c.SecretHash, micros(c.CreatedTime), c.Disabled)
	return err
}

// UpdateOAuthClient writes everything of a client but id and creation.
func (tx *Tx) UpdateOAuthClient(c OAuthClient) error {
	return tx.change(`UPDATE oauth_client SET name = $2, capabilities = $3, redirect_uris = $4, secret_hash = $5, disabled = $6
		WHERE id = $1`,
		c.ID[:], c.Name, c.Capabilities, c.RedirectURIs, c.SecretHash, c.Disabled)
}

// OAuthClient reads a client, also a disabled one.
func (tx *Tx) OAuthClient(id notion.ID) (c OAuthClient, err error) {
	err = tx.one(oauthClientColumns+` WHERE id = $1`, args(id[:]), c.columns()...)
	return c, err
}

// OAuthClients reads up to limit clients after the id, in the order of their ids.
func (tx *Tx) OAuthClients(after notion.ID, limit int) ([]OAuthClient, error) {
	return collect[OAuthClient](tx, oauthClientColumns+` WHERE id > $1 ORDER BY id LIMIT $2`, args(after[:], limit))
}

// Grant is one authorisation of a client by a person: its code, and the family of the
// tokens that come of it. It is a row of the directory.
type Grant struct {
	ID            notion.ID
	CodeHash      []byte
	ClientID      notion.ID
	WorkspaceID   notion.ID
	IntegrationID notion.ID
	// RedirectURI is the one the authorisation was asked with, "" when it named none.
	RedirectURI string
	// Challenge is what the code must be shown to belong to, "" when it is not bound.
	Challenge   string
	CreatedTime time.Time
	CodeExpires time.Time
	// CodeUsed is zero as long as nobody has used the code.
	CodeUsed time.Time
	// Revoked is zero as long as the tokens of the family may work.
	Revoked time.Time
}

const grantColumns = `SELECT id, code_hash, client_id, workspace_id, integration_id, redirect_uri, challenge,
	created_time, code_expires_time, code_used_time, revoked_time FROM oauth_grant`

func (g *Grant) columns() []any {
	return []any{
		(*idColumn)(&g.ID), &g.CodeHash, (*idColumn)(&g.ClientID), (*idColumn)(&g.WorkspaceID), (*idColumn)(&g.IntegrationID),
		(*textColumn)(&g.RedirectURI), (*textColumn)(&g.Challenge),
		(*timeColumn)(&g.CreatedTime), (*timeColumn)(&g.CodeExpires), (*timeColumn)(&g.CodeUsed), (*timeColumn)(&g.Revoked),
	}
}

// InsertGrant adds a grant whose code has not been used.
func (tx *Tx) InsertGrant(g Grant) error {
	_, err := tx.exec(`INSERT INTO oauth_grant
		(id, code_hash, client_id, workspace_id, integration_id, redirect_uri, challenge, created_time, code_expires_time)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		g.ID[:], g.CodeHash, g.ClientID[:], g.WorkspaceID[:], g.IntegrationID[:], textOrNull(g.RedirectURI), textOrNull(g.Challenge),
		micros(g.CreatedTime), micros(g.CodeExpires))
	return err
}

// Grant reads a grant, also a revoked one.
func (tx *Tx) Grant(id notion.ID) (g Grant, err error) {
	err = tx.one(grantColumns+` WHERE id = $1`, args(id[:]), g.columns()...)
	return g, err
}

// GrantByCode reads the grant of a code, whatever has become of it.
func (tx *Tx) GrantByCode(hash []byte) (g Grant, err error) {
	err = tx.one(grantColumns+` WHERE code_hash = $1`, args(hash), g.columns()...)
	return g, err
}

// ClaimCode marks the code of a grant used, ErrNotFound when it is used already or the grant
// is revoked.
func (tx *Tx) ClaimCode(grant notion.ID) error {
	return tx.change(`UPDATE oauth_grant SET code_used_time = $2 WHERE id = $1 AND code_used_time IS NULL AND revoked_time IS NULL`, grant[:], micros(tx.now))
}

// RevokeGrant marks a grant and the access tokens of its family revoked as of now.
func (tx *Tx) RevokeGrant(grant notion.ID) error {
	err := tx.change(`UPDATE oauth_grant SET revoked_time = COALESCE(revoked_time, $2) WHERE id = $1`, grant[:], micros(tx.now))
	if err == nil {
		_, err = tx.exec(`UPDATE token SET revoked_time = $2 WHERE grant_id = $1 AND revoked_time IS NULL`, grant[:], micros(tx.now))
	}
	return err
}

// ForgetCodes removes the grants whose codes ended before a time without having been used.
func (tx *Tx) ForgetCodes(before time.Time) error {
	_, err := tx.exec(`DELETE FROM oauth_grant WHERE code_expires_time < $1 AND code_used_time IS NULL`, micros(before))
	return err
}

// RefreshToken is what the directory knows of a refresh token.
type RefreshToken struct {
	Hash        []byte
	GrantID     notion.ID
	CreatedTime time.Time
	// UsedTime is zero as long as the token has not been exchanged.
	UsedTime time.Time
}

// InsertRefreshToken adds a refresh token that has not been used.
func (tx *Tx) InsertRefreshToken(r RefreshToken) error {
	_, err := tx.exec(`INSERT INTO oauth_refresh (hash, grant_id, created_time) VALUES ($1, $2, $3)`,
		r.Hash, r.GrantID[:], micros(r.CreatedTime))
	return err
}

// RefreshToken reads a refresh token, also a used one.
func (tx *Tx) RefreshToken(hash []byte) (r RefreshToken, err error) {
	err = tx.one(`SELECT hash, grant_id, created_time, used_time FROM oauth_refresh WHERE hash = $1`, args(hash),
		&r.Hash, (*idColumn)(&r.GrantID), (*timeColumn)(&r.CreatedTime), (*timeColumn)(&r.UsedTime))
	return r, err
}

// ClaimRefreshToken marks a refresh token of a grant used, ErrNotFound when it is used
// already or the grant is revoked.
func (tx *Tx) ClaimRefreshToken(grant notion.ID, hash []byte) error {
	// Whoever revokes the grant meanwhile waits for this row, and then finds the new tokens.
	if err := tx.change(`UPDATE oauth_grant SET revoked_time = NULL WHERE id = $1 AND revoked_time IS NULL`, grant[:]); err != nil {
		return err
	}
	return tx.change(`UPDATE oauth_refresh SET used_time = $2 WHERE hash = $1 AND used_time IS NULL`, hash, micros(tx.now))
}

// ForgetRefreshTokens removes the refresh tokens of a grant that were used before a time.
func (tx *Tx) ForgetRefreshTokens(grant notion.ID, before time.Time) error {
	_, err := tx.exec(`DELETE FROM oauth_refresh WHERE grant_id = $1 AND used_time < $2`, grant[:], micros(before))
	return err
}
