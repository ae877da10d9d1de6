package core

import (
	"errors"
	"time"

	"octavo/internal/files"
	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// fits says which kinds of files a slot takes; a slot that is not in it takes all.
var fits = map[media.Slot]files.Kind{
	media.AsImage: files.Image,
	media.AsIcon:  files.Image,
	media.AsCover: files.Image,
	media.AsVideo: files.Video,
	media.AsAudio: files.Audio,
	media.AsPDF:   files.PDF,
	media.AsEmbed: files.HTML,
}

// attach keeps an upload of p's own for good, because something is about to refer to it
// (services.md §3.8). One that is not p's, not complete or over is not found.
func (c *Core) attach(tx *store.Tx, p *Principal, use media.Use) (store.FileUpload, error) {
	u, err := tx.FileUpload(use.Upload)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return u, err
	}
	if err != nil || u.IntegrationID != p.Integration || asOf(u, tx.Now()).Status != uploadUploaded {
		return u, media.UploadNotFound(use.Upload)
	}
	if kinds, few := fits[use.As]; few && files.KindOf(u.ContentType)&kinds == 0 {
		return u, invalid("Content creation Failed. Fix the following: \nThe file upload with ID %s has the content type %s, which does not fit `%s`.",
			u.ID, u.ContentType, use.As)
	}
	return u, noteUse(tx, &u)
}

// keep is attach for an upload that p has found attached already, whoever made it.
func (c *Core) keep(tx *store.Tx, id notion.ID) (store.FileUpload, error) {
	u, err := tx.FileUpload(id)
	if errors.Is(err, store.ErrNotFound) || err == nil && u.Status != uploadUploaded {
		return u, media.UploadNotFound(id)
	}
	if err != nil {
		return u, err
	}
	return u, noteUse(tx, &u)
}

// noteUse notes that this write refers to an upload.
func noteUse(tx *store.Tx, u *store.FileUpload) error {
	revision, err := tx.Revision()
	if err != nil || u.AttachedRevision == revision {
		return err
	}
	if !u.ExpiresTime.IsZero() {
		u.ExpiresTime, u.LastEditedTime = time.Time{}, tx.Now()
	}
	u.AttachedRevision, u.UnreferencedTime = revision, time.Time{}
	return tx.UpdateFileUpload(*u)
}
