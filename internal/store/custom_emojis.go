package store

import (
	"database/sql"
	"time"

	"octavo/internal/notion"
)

// CustomEmoji is an emoji of a workspace's own.
type CustomEmoji struct {
	ID notion.ID
	// Name is what stands between the colons, unique in the workspace.
	Name string
	// URL is where its picture is, "" when that is an uploaded file.
	URL         string
	CreatedTime time.Time
	// Picture is the uploaded file in the stored form of package media, nil when there is none.
	Picture []byte
}

const selectEmoji = `SELECT id, name, url, created_time, picture FROM custom_emoji`

func (e *CustomEmoji) columns() []any {
	return []any{(*idColumn)(&e.ID), &e.Name, &e.URL, (*timeColumn)(&e.CreatedTime), (*rawColumn)(&e.Picture)}
}

// InsertCustomEmoji adds an emoji, ErrExists when there is one of that name.
func (tx *Tx) InsertCustomEmoji(e CustomEmoji) error {
	_, err := tx.exec(`INSERT INTO custom_emoji (workspace_id, id, name, url, created_time, picture) VALUES ($1, $2, $3, $4, $5, $6)`,
		tx.workspace[:], e.ID[:], e.Name, e.URL, micros(e.CreatedTime), rawOrNull(e.Picture))
	return err
}

// CustomEmoji reads an emoji.
func (tx *Tx) CustomEmoji(id notion.ID) (e CustomEmoji, err error) {
	err = tx.one(selectEmoji+` WHERE workspace_id = $1 AND id = $2`, args(tx.workspace[:], id[:]), e.columns()...)
	return e, err
}

// CustomEmojiNamed reads the emoji of a name.
func (tx *Tx) CustomEmojiNamed(name string) (e CustomEmoji, err error) {
	err = tx.one(selectEmoji+` WHERE workspace_id = $1 AND name = $2`, args(tx.workspace[:], name), e.columns()...)
	return e, err
}

// CustomEmojiNames reads the ids of all emojis by their names.
func (tx *Tx) CustomEmojiNames() (map[string]notion.ID, error) {
	ids := map[string]notion.ID{}
	err := tx.each(`SELECT name, id FROM custom_emoji WHERE workspace_id = $1`, args(tx.workspace[:]), func(rows *sql.Rows) error {
		var name string
		var id notion.ID
		if err := rows.Scan(&name, (*idColumn)(&id)); err != nil {
			return err
		}
		ids[name] = id
		return nil
	})
	return ids, err
}

// CustomEmojis reads up to limit emojis whose ids come after a given one, in the order of
// their ids.
func (tx *Tx) CustomEmojis(after notion.ID, limit int) ([]CustomEmoji, error) {
	return collect[CustomEmoji](tx, selectEmoji+` WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
		args(tx.workspace[:], after[:], limit))
}

// DeleteCustomEmoji forgets an emoji, ErrNotFound when there is none.
func (tx *Tx) DeleteCustomEmoji(id notion.ID) error {
	return tx.change(`DELETE FROM custom_emoji WHERE workspace_id = $1 AND id = $2`, tx.workspace[:], id[:])
}
