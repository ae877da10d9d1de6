package store

import (
	"time"

	"octavo/internal/notion"
)

// Token is what the directory knows of an access token: never the token itself.
type Token struct {
	// Hash identifies the token; the caller chooses the function.
	Hash          []byte
	ID            notion.ID
	WorkspaceID   notion.ID
	IntegrationID notion.ID
	// Name and Last4 are for people who look at a list of tokens.
	Name        string
	Last4       string
	CreatedTime time.Time
	// ExpiresTime is zero for a token that does not expire.
	ExpiresTime time.Time
	// RevokedTime is zero for a token that is not revoked.
	RevokedTime time.Time
	// GrantID is the authorisation a token came of, zero for one that an administrator issued.
	GrantID notion.ID
}

const tokenColumns = `SELECT hash, id, workspace_id, integration_id, name, last4, created_time, expires_time, revoked_time, grant_id FROM token`

func (t *Token) columns() []any {
	return []any{
		&t.Hash, (*idColumn)(&t.ID), (*idColumn)(&t.WorkspaceID), (*idColumn)(&t.IntegrationID), &t.Name, &t.Last4,
		(*timeColumn)(&t.CreatedTime), (*timeColumn)(&t.ExpiresTime), (*timeColumn)(&t.RevokedTime),
		(*optionalID)(&t.GrantID),
	}
}

// InsertToken adds a token to the directory, ErrExists when its hash or id is there.
func (tx *Tx) InsertToken(t Token) error {
	_, err := tx.exec(`INSERT INTO token
		(hash, id, workspace_id, integration_id, name, last4, created_time, expires_time, revoked_time, grant_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		t.Hash, t.ID[:], t.WorkspaceID[:], t.IntegrationID[:], t.Name, t.Last4,
		micros(t.CreatedTime), microsOrNull(t.ExpiresTime), microsOrNull(t.RevokedTime), idOrNull(t.GrantID))
	return err
}

// TokenByHash reads the token a client has shown, also when it is revoked or expired.
func (tx *Tx) TokenByHash(hash []byte) (t Token, err error) {
	err = tx.one(tokenColumns+` WHERE hash = $1`, args(hash), t.columns()...)
	return t, err
}

// Token reads a token by its id.
func (tx *Tx) Token(id notion.ID) (t Token, err error) {
	err = tx.one(tokenColumns+` WHERE id = $1`, args(id[:]), t.columns()...)
	return t, err
}

// Tokens reads all tokens of a workspace, by integration and id.
func (tx *Tx) Tokens(workspace notion.ID) ([]Token, error) {
	return collect[Token](tx, tokenColumns+` WHERE workspace_id = $1 ORDER BY integration_id, id`, args(workspace[:]))
}

// RevokeToken marks a token revoked as of now. One that is revoked keeps its time.
func (tx *Tx) RevokeToken(id notion.ID) error {
	return tx.change(`UPDATE token SET revoked_time = COALESCE(revoked_time, $2) WHERE id = $1`, id[:], micros(tx.now))
}

// ExpireToken makes a token stop working at a time, or earlier if it did already.
func (tx *Tx) ExpireToken(id notion.ID, at time.Time) error {
	return tx.change(`UPDATE token SET expires_time = CASE WHEN expires_time < $2 THEN expires_time ELSE $2 END WHERE id = $1`, id[:], micros(at))
}

// DeleteTokensOf removes the tokens of a grant, which others take the place of.
func (tx *Tx) DeleteTokensOf(grant notion.ID) error {
	_, err := tx.exec(`DELETE FROM token WHERE grant_id = $1`, grant[:])
	return err
}
