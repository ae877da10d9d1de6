package store

import (
	"time"

	"octavo/internal/notion"
)

// User is a person or a bot of a workspace.
type User struct {
	ID notion.ID
	// Type is person or bot.
	Type string
	Name string
	// AvatarURL and Email are "" when there is none. Two users of a workspace cannot have
	// the same address; the caller folds its case.
	AvatarURL string
	Email     string
	// Role is owner, member, guest or bot.
	Role        string
	CreatedTime time.Time
	Deactivated bool
}

const userColumns = `SELECT id, type, name, avatar_url, email, role, created_time, deactivated FROM user_account`

func (u *User) columns() []any {
	return []any{
		(*idColumn)(&u.ID), &u.Type, &u.Name, (*textColumn)(&u.AvatarURL), (*textColumn)(&u.Email), &u.Role,
		(*timeColumn)(&u.CreatedTime), &u.Deactivated,
	}
}

// InsertUser adds a user, ErrExists when its id or address is there.
func (tx *Tx) InsertUser(u User) error {
	_, err := tx.exec(`INSERT INTO user_account
		(workspace_id, id, type, name, avatar_url, email, role, created_time, deactivated)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		tx.workspace[:], u.ID[:], u.Type, u.Name, textOrNull(u.AvatarURL), textOrNull(u.Email), u.Role,
		micros(u.CreatedTime), u.Deactivated)
	return err
}

// UpdateUser writes everything of a user but id, type and creation.
func (tx *Tx) UpdateUser(u User) error {
	return tx.change(`UPDATE user_account SET name = $3, avatar_url = $4, email = $5, role = $6, deactivated = $7
		WHERE workspace_id = $1 AND id = $2`,
		tx.workspace[:], u.ID[:], u.Name, textOrNull(u.AvatarURL), textOrNull(u.Email), u.Role, u.Deactivated)
}

// User reads a user, also a deactivated one.
func (tx *Tx) User(id notion.ID) (u User, err error) {
	err = tx.one(userColumns+` WHERE workspace_id = $1 AND id = $2`, args(tx.workspace[:], id[:]), u.columns()...)
	return u, err
}

// UserByEmail reads the user with exactly this address.
func (tx *Tx) UserByEmail(email string) (u User, err error) {
	err = tx.one(userColumns+` WHERE workspace_id = $1 AND email = $2`, args(tx.workspace[:], email), u.columns()...)
	return u, err
}

// Users reads the users with the given ids, in no particular order; unknown ids are left
// out.
func (tx *Tx) Users(ids []notion.ID) ([]User, error) {
	return collectByIDs[User](tx, userColumns+` WHERE workspace_id = $1 AND id IN `, ids)
}

// ListUsers reads up to limit active users in the order of their ids, without guests: those
// after the id, or from it on when inclusive.
func (tx *Tx) ListUsers(after notion.ID, inclusive bool, limit int) ([]User, error) {
	return collect[User](tx, userColumns+` WHERE workspace_id = $1 AND id `+beyond(inclusive)+` $2
		AND deactivated = FALSE AND role <> 'guest' ORDER BY id LIMIT $3`, args(tx.workspace[:], after[:], limit))
}

// AllUsers reads up to limit users after the id, in the order of their ids, deactivated
// ones included.
func (tx *Tx) AllUsers(after notion.ID, limit int) ([]User, error) {
	return collect[User](tx, userColumns+` WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
		args(tx.workspace[:], after[:], limit))
}
