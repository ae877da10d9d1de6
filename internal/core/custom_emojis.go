package core

import (
	"context"
	"errors"
	"strings"
	"unicode"

	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// maxEmojiName is how long the name of an emoji can be, in bytes.
const maxEmojiName = 100

// CustomEmojis lists the emojis of the caller's workspace, or the one of a name if one is
// given (services.md §5.1).
func (c *Core) CustomEmojis(ctx context.Context, p *Principal, name string, part PageOf) (notion.Object, error) {
	list := &notion.EmojiList{}
	err := c.view(ctx, p, func(tx *store.Tx) error {
		rows, err := emojis(tx, name, part)
		if err != nil {
			return err
		}
		if len(rows) > part.Size {
			list.NextCursor = rows[part.Size].ID.String()
			rows = rows[:part.Size]
		}
		for _, e := range rows {
			list.Results = append(list.Results, notion.CustomEmoji{ID: e.ID, Name: e.Name, URL: e.URL})
		}
		return nil
	})
	return list, err
}

// emojis reads one more than a part of the listing has. A cursor is the id of the first
// emoji of the part, whether there still is one of that id or not.
func emojis(tx *store.Tx, name string, part PageOf) ([]store.CustomEmoji, error) {
	var after notion.ID
	if part.Cursor != "" {
		first, _ := notion.ParseID(part.Cursor)
		after = before(first)
	}
	if name == "" {
		return tx.CustomEmojis(after, part.Size+1)
	}
	e, err := tx.CustomEmojiNamed(name)
	if errors.Is(err, store.ErrNotFound) || err == nil && strings.Compare(string(e.ID[:]), string(after[:])) <= 0 {
		return nil, nil
	}
	return []store.CustomEmoji{e}, err
}

// AllCustomEmojis lists the emojis of a workspace.
func (c *Core) AllCustomEmojis(ctx context.Context, ws notion.ID, part PageOf) (Listing[store.CustomEmoji], error) {
	id := func(e *store.CustomEmoji) notion.ID { return e.ID }
	return list(part, id, func(after *notion.ID, limit int) (rows []store.CustomEmoji, err error) {
		err = c.store.View(ctx, ws, func(tx *store.Tx) (err error) {
			rows, err = tx.CustomEmojis(orZero(after), limit)
			return err
		})
		return rows, err
	})
}

// AddCustomEmoji gives a workspace an emoji. Its picture stays where it is.
func (c *Core) AddCustomEmoji(ctx context.Context, ws notion.ID, name, url string) (store.CustomEmoji, error) {
	e := store.CustomEmoji{Name: name, URL: url}
	odd := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == ':' }
	switch {
	case name == "" || len(name) > maxEmojiName || strings.ContainsFunc(name, odd):
		return e, invalid("body.name should be up to %d bytes without spaces and colons.", maxEmojiName)
	case !media.ValidURL(url):
		return e, invalid("body.url should be an http or https URL.")
	}
	err := c.store.Update(ctx, ws, func(tx *store.Tx) error {
		_, err := tx.CustomEmojiNamed(name)
		if err == nil {
			return invalid("There is already a custom emoji with the name %q.", name)
		}
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		e.ID, e.CreatedTime = c.ids.New(tx.Now()), tx.Now()
		tx.About(e.ID)
		return tx.InsertCustomEmoji(e)
	})
	return e, storeError(err)
}

// RemoveCustomEmoji takes an emoji from a workspace, and returns it. What refers to it shows
// nothing in its place.
func (c *Core) RemoveCustomEmoji(ctx context.Context, ws, id notion.ID) (store.CustomEmoji, error) {
	var e store.CustomEmoji
	err := c.store.Update(ctx, ws, func(tx *store.Tx) (err error) {
		if e, err = tx.CustomEmoji(id); err != nil {
			return err
		}
		return tx.DeleteCustomEmoji(id)
	})
	return e, adminError(err, "custom emoji", id)
}

// readEmoji makes an emoji known to a resolver.
func readEmoji(tx *store.Tx, r *resolver, id notion.ID) error {
	if _, done := r.emojis[id]; done {
		return nil
	}
	e, err := tx.CustomEmoji(id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	r.emojis[id] = e
	return err
}

// CustomEmoji implements [richtext.EmojiResolver].
func (r *resolver) CustomEmoji(id notion.ID) (name, url string, ok bool) {
	e, ok := r.emojis[id]
	return e.Name, e.URL, ok
}
