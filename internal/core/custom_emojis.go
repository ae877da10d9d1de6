package core

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"unicode"

	"octavo/internal/files"
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/store"
)

const (
	// maxEmojiName is how long the name of an emoji can be, in bytes.
	maxEmojiName = 100
	// MaxEmojiPicture is how large the picture of an emoji can be, in bytes.
	MaxEmojiPicture = 256 << 10
)

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
			if err := c.linkPicture(tx, &e); err != nil {
				return err
			}
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
			if rows, err = tx.CustomEmojis(orZero(after), limit); err != nil {
				return err
			}
			for i := range rows {
				err = errors.Join(err, c.linkPicture(tx, &rows[i]))
			}
			return err
		})
		return rows, err
	})
}

// NewEmoji is an emoji to be added. Its picture stays where it is, at URL, or comes with it.
type NewEmoji struct {
	Name string
	// URL is "" when the picture is Content, a file that is called Filename.
	URL      string
	Filename string
	Content  []byte
}

// AddCustomEmoji gives a workspace an emoji. Its picture can be at an address, or be kept with
// the uploaded files: an image of up to [MaxEmojiPicture] bytes.
func (c *Core) AddCustomEmoji(ctx context.Context, ws notion.ID, n NewEmoji) (store.CustomEmoji, error) {
	odd := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == ':' }
	switch {
	case n.Name == "" || len(n.Name) > maxEmojiName || strings.ContainsFunc(n.Name, odd):
		return store.CustomEmoji{}, invalid("body.name should be up to %d bytes without spaces and colons.", maxEmojiName)
	case n.URL == "":
		return c.addDrawnEmoji(ctx, ws, n)
	case !media.ValidURL(n.URL):
		return store.CustomEmoji{}, invalid("body.url should be an http or https URL.")
	}
	e := store.CustomEmoji{Name: n.Name, URL: n.URL}
	err := c.store.Update(ctx, ws, func(tx *store.Tx) error { return c.insertEmoji(tx, &e) })
	return e, storeError(err)
}

func (c *Core) insertEmoji(tx *store.Tx, e *store.CustomEmoji) error {
	if err := checkNewEmoji(tx, e.Name); err != nil {
		return err
	}
	e.ID, e.CreatedTime = c.ids.New(tx.Now()), tx.Now()
	tx.About(e.ID)
	return tx.InsertCustomEmoji(*e)
}

func checkNewEmoji(tx *store.Tx, name string) error {
	_, err := tx.CustomEmojiNamed(name)
	switch {
	case err == nil:
		return invalid("There is already a custom emoji with the name %q.", name)
	case errors.Is(err, store.ErrNotFound):
		return nil
	}
	return err
}

// addDrawnEmoji adds an emoji with the picture that came with it. The picture is an upload of
// nobody's, so that it can be attached to nothing else.
func (c *Core) addDrawnEmoji(ctx context.Context, ws notion.ID, n NewEmoji) (store.CustomEmoji, error) {
	d, err := files.Describe(files.Described{Name: n.Filename}, false)
	switch {
	case err != nil:
		return store.CustomEmoji{}, err
	case files.KindOf(d.ContentType)&files.Image == 0:
		return store.CustomEmoji{}, invalid("The picture of an emoji should be an image, which %q is not.", d.Name)
	case len(n.Content) == 0:
		return store.CustomEmoji{}, invalid("The picture of the emoji has no content.")
	case len(n.Content) > MaxEmojiPicture:
		return store.CustomEmoji{}, invalid("The picture of an emoji should be no larger than %d bytes, instead it has %d.", MaxEmojiPicture, len(n.Content))
	}
	u := store.FileUpload{Status: uploadUploaded, Mode: singlePart, Filename: d.Name, ContentType: d.ContentType, ContentLength: int64(len(n.Content))}
	part := store.FilePart{Number: 1, State: store.PartWriting}
	aside := store.WithAudit(ctx, nil) // the audit log tells of the write that adds the emoji
	err = c.store.Update(aside, ws, func(tx *store.Tx) error {
		u.ID, part.ID = c.ids.New(tx.Now()), c.ids.New(tx.Now())
		part.UploadID = u.ID
		if err := checkNewEmoji(tx, n.Name); err != nil {
			return err
		}
		if err := c.initLinkKey(tx); err != nil {
			return err
		}
		return tx.InsertFilePart(part)
	})
	if err != nil {
		return store.CustomEmoji{}, storeError(err)
	}
	e := store.CustomEmoji{Name: n.Name, Picture: media.Upload(u.ID)}
	part.Size, part.SHA256, err = c.storePart(ctx, ws, part.ID, bytes.NewReader(n.Content), MaxEmojiPicture)
	if err == nil {
		err = c.store.Update(ctx, ws, func(tx *store.Tx) error { return c.insertDrawnEmoji(tx, &e, u, part) })
	}
	if err != nil {
		c.abandon(aside, ws, part, err)
	}
	return e, storeError(err)
}

// insertDrawnEmoji writes an emoji and its picture, whose content is in the storage.
func (c *Core) insertDrawnEmoji(tx *store.Tx, e *store.CustomEmoji, u store.FileUpload, part store.FilePart) error {
	revision, err := tx.Revision()
	if err != nil {
		return err
	}
	u.CreatedTime, u.LastEditedTime, u.AttachedRevision = tx.Now(), tx.Now(), revision
	if err := tx.InsertFileUpload(u); err != nil {
		return err
	}
	if _, err := tx.KeepFilePart(part); err != nil {
		return err
	}
	if err := c.insertEmoji(tx, e); err != nil {
		return err
	}
	return c.linkPicture(tx, e)
}

// linkPicture fills in where the picture of an emoji is.
func (c *Core) linkPicture(tx *store.Tx, e *store.CustomEmoji) error {
	return c.fillEmoji(tx, c.newResolver(), e)
}

// fillEmoji is linkPicture with what a resolver knows of files already.
func (c *Core) fillEmoji(tx *store.Tx, r *resolver, e *store.CustomEmoji) error {
	if e.Picture == nil {
		return nil
	}
	picture, err := jsonx.Parse(e.Picture)
	if err != nil {
		return err
	}
	media.Uploads(picture, func(id notion.ID) {
		if err = c.readFiles(tx, r, []notion.ID{id}); err == nil {
			e.URL = r.files[id].url
		}
	})
	return err
}

// RemoveCustomEmoji takes an emoji from a workspace, and returns it. What refers to it shows
// nothing in its place. A picture that came with it goes when files are swept that nothing
// refers to.
func (c *Core) RemoveCustomEmoji(ctx context.Context, ws, id notion.ID) (store.CustomEmoji, error) {
	var e store.CustomEmoji
	err := c.store.Update(ctx, ws, func(tx *store.Tx) (err error) {
		if e, err = tx.CustomEmoji(id); err != nil {
			return err
		}
		if err := c.linkPicture(tx, &e); err != nil {
			return err
		}
		return tx.DeleteCustomEmoji(id)
	})
	return e, adminError(err, "custom emoji", id)
}

// readEmoji makes an emoji known to a resolver.
func (c *Core) readEmoji(tx *store.Tx, r *resolver, id notion.ID) error {
	if _, done := r.emojis[id]; done {
		return nil
	}
	e, err := tx.CustomEmoji(id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	err = c.fillEmoji(tx, r, &e)
	r.emojis[id] = e
	return err
}

// CustomEmoji implements [richtext.EmojiResolver].
func (r *resolver) CustomEmoji(id notion.ID) (name, url string, ok bool) {
	e, ok := r.emojis[id]
	r.timed = r.timed || e.Picture != nil
	return e.Name, e.URL, ok
}
