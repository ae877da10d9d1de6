package store

import (
	"time"

	"octavo/internal/notion"
)

// Login is how a person of a workspace signs in, a row of the directory.
type Login struct {
	WorkspaceID notion.ID
	UserID      notion.ID
	// Email is folded as that of the person's [User] row.
	Email string
	// Password is a hash; the caller chooses the function.
	Password string
}

func (l *Login) columns() []any {
	return []any{(*idColumn)(&l.WorkspaceID), (*idColumn)(&l.UserID), &l.Email, &l.Password}
}

// SetLogin writes how a person signs in from now on.
func (tx *Tx) SetLogin(l Login) error {
	_, err := tx.exec(`INSERT INTO login (workspace_id, user_id, email, password, changed_time) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (workspace_id, user_id) DO UPDATE
		SET email = excluded.email, password = excluded.password, changed_time = excluded.changed_time`,
		l.WorkspaceID[:], l.UserID[:], l.Email, l.Password, micros(tx.now))
	return err
}

// Logins reads up to limit logins with exactly this e-mail, in the order of their workspaces.
func (tx *Tx) Logins(email string, limit int) ([]Login, error) {
	return collect[Login](tx, `SELECT workspace_id, user_id, email, password FROM login WHERE email = $1
		ORDER BY workspace_id LIMIT $2`, args(email, limit))
}

// MoveLogin changes the e-mail a person signs in with, if they have a password.
func (tx *Tx) MoveLogin(workspace, user notion.ID, email string) error {
	_, err := tx.exec(`UPDATE login SET email = $3 WHERE workspace_id = $1 AND user_id = $2`, workspace[:], user[:], email)
	return err
}

// Invitation is a link that lets a person set their password, a row of the directory.
type Invitation struct {
	Hash        []byte
	WorkspaceID notion.ID
	UserID      notion.ID
	ExpiresTime time.Time
}

// ReplaceInvitation adds an invitation in place of those that the person has.
func (tx *Tx) ReplaceInvitation(i Invitation) error {
	_, err := tx.exec(`DELETE FROM invitation WHERE workspace_id = $1 AND user_id = $2`, i.WorkspaceID[:], i.UserID[:])
	if err == nil {
		_, err = tx.exec(`INSERT INTO invitation (hash, workspace_id, user_id, expires_time) VALUES ($1, $2, $3, $4)`,
			i.Hash, i.WorkspaceID[:], i.UserID[:], micros(i.ExpiresTime))
	}
	return err
}

// Invitation reads an invitation, also an expired one.
func (tx *Tx) Invitation(hash []byte) (i Invitation, err error) {
	err = tx.one(`SELECT hash, workspace_id, user_id, expires_time FROM invitation WHERE hash = $1`, args(hash),
		&i.Hash, (*idColumn)(&i.WorkspaceID), (*idColumn)(&i.UserID), (*timeColumn)(&i.ExpiresTime))
	return i, err
}

// DeleteInvitation removes an invitation, ErrNotFound when somebody else did.
func (tx *Tx) DeleteInvitation(hash []byte) error {
	return tx.change(`DELETE FROM invitation WHERE hash = $1`, hash)
}

// Session is one person who is signed in in a browser, a row of the directory. The rows of
// one browser share their hash.
type Session struct {
	Hash        []byte
	WorkspaceID notion.ID
	UserID      notion.ID
	ExpiresTime time.Time
}

func (s *Session) columns() []any {
	return []any{&s.Hash, (*idColumn)(&s.WorkspaceID), (*idColumn)(&s.UserID), (*timeColumn)(&s.ExpiresTime)}
}

// InsertSession adds a session.
func (tx *Tx) InsertSession(s Session) error {
	_, err := tx.exec(`INSERT INTO session (hash, workspace_id, user_id, expires_time) VALUES ($1, $2, $3, $4)`,
		s.Hash, s.WorkspaceID[:], s.UserID[:], micros(s.ExpiresTime))
	return err
}

// Sessions reads the sessions of a browser, expired ones too, in the order of their workspaces.
func (tx *Tx) Sessions(hash []byte) ([]Session, error) {
	return collect[Session](tx, `SELECT hash, workspace_id, user_id, expires_time FROM session WHERE hash = $1
		ORDER BY workspace_id, user_id`, args(hash))
}

// EndSessions removes the sessions of a browser.
func (tx *Tx) EndSessions(hash []byte) error {
	_, err := tx.exec(`DELETE FROM session WHERE hash = $1`, hash)
	return err
}

// EndSessionsOf removes the sessions of a person in every browser.
func (tx *Tx) EndSessionsOf(workspace, user notion.ID) error {
	_, err := tx.exec(`DELETE FROM session WHERE workspace_id = $1 AND user_id = $2`, workspace[:], user[:])
	return err
}

// ForgetSessions removes the sessions that expired before a time.
func (tx *Tx) ForgetSessions(before time.Time) error {
	_, err := tx.exec(`DELETE FROM session WHERE expires_time < $1`, micros(before))
	return err
}
