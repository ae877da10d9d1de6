package core

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"time"

	"octavo/internal/files"
	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// fileLink is a file that a resolver can show.
type fileLink struct{ name, url, expiry string }

// readFiles makes files known to the resolver, with links that begin to age now.
func (c *Core) readFiles(tx *store.Tx, r *resolver, ids []notion.ID) error {
	var unknown []notion.ID
	for _, id := range ids {
		if _, known := r.files[id]; !known {
			unknown = append(unknown, id)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	rows, err := tx.FileUploads(unknown)
	if err != nil || len(rows) == 0 {
		return err
	}
	links, err := c.linksOf(tx)
	if err != nil {
		return err
	}
	expires := tx.Now().Add(files.LinkLife)
	for i := range rows {
		u := &rows[i]
		r.files[u.ID] = fileLink{u.Filename, links.URL(u.ID, expires, u.Filename), expires.Format("2006-01-02T15:04:05.000Z")}
	}
	return nil
}

// File implements [media.FileResolver].
func (r *resolver) File(upload notion.ID) (media.File, bool) {
	f, known := r.files[upload]
	r.timed = r.timed || known
	return media.File{Name: f.name, URL: f.url, Expiry: f.expiry}, known
}

// linkCache remembers the keys that workspaces sign links with, which never change.
type linkCache struct {
	mu          sync.RWMutex
	byWorkspace map[notion.ID]*files.Links
}

func (c *linkCache) get(workspace notion.ID) *files.Links {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.byWorkspace[workspace]
}

func (c *linkCache) put(workspace notion.ID, links *files.Links) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byWorkspace == nil {
		c.byWorkspace = map[notion.ID]*files.Links{}
	}
	c.byWorkspace[workspace] = links
}

// linksOf returns the links of a workspace. One that has never had an upload has no key to
// sign with, and no link to check.
func (c *Core) linksOf(tx *store.Tx) (*files.Links, error) {
	if links := c.links.get(tx.Workspace()); links != nil {
		return links, nil
	}
	key, err := tx.FileKey()
	if err != nil {
		return nil, err
	}
	links := files.NewLinks(c.opts.PublicURL, tx.Workspace(), key)
	if key != nil && !tx.Writes() { // what a write has made may be undone
		c.links.put(tx.Workspace(), links)
	}
	return links, nil
}

// initLinkKey makes the key of a workspace with its first upload.
func (c *Core) initLinkKey(tx *store.Tx) error {
	key, err := tx.FileKey()
	if err != nil || key != nil {
		return err
	}
	key = make([]byte, 32)
	c.ids.Secret(key)
	return tx.SetFileKey(key)
}

// linkAt returns the link that an address of a file in the workspace is, expired or not;
// false when it is none that was made there.
func (c *Core) linkAt(tx *store.Tx, address string) (files.Link, bool) {
	u, err := url.Parse(address)
	if err != nil {
		return files.Link{}, false
	}
	link, ok := files.ReadLink(u)
	if !ok {
		return link, false
	}
	links, err := c.linksOf(tx)
	return link, err == nil && links.Made(link) // a failed read spoils the write by itself
}

// The ways in which a link to a file leads nowhere.
var (
	ErrLinkInvalid = errors.New("core: no link of this server's")
	ErrLinkExpired = errors.New("core: the link has expired")
	ErrLinkGone    = errors.New("core: the file is gone")
)

// Download is a file as it is fetched by a link.
type Download struct {
	Name, ContentType string
	// ETag names the content, which never changes.
	ETag string
	// Time is when the file was made, Expires when the link ends.
	Time, Expires time.Time
	Content       *files.Content
}

// Download returns the file that a link leads to (services.md §3.9). Whoever has the link
// may have the file. ctx bounds reading its content, too.
func (c *Core) Download(ctx context.Context, address *url.URL) (*Download, error) {
	link, ok := files.ReadLink(address)
	if !ok {
		return nil, ErrLinkInvalid
	}
	var u store.FileUpload
	var parts []store.FilePart
	err := c.store.View(ctx, link.Workspace, func(tx *store.Tx) error {
		links, err := c.linksOf(tx)
		switch {
		case err != nil:
			return err
		case !links.Made(link):
			return ErrLinkInvalid
		case !tx.Now().Before(link.Expires):
			return ErrLinkExpired
		}
		if u, err = tx.FileUpload(link.Upload); err != nil {
			return err
		}
		parts, err = tx.FileParts(link.Upload)
		return err
	})
	if errors.Is(err, store.ErrNotFound) || err == nil && u.Status != uploadUploaded {
		return nil, ErrLinkGone
	}
	if err != nil {
		return nil, storeError(err)
	}
	stored := make([]files.Part, len(parts))
	for i, part := range parts {
		stored[i] = files.Part{Key: files.Key(link.Workspace, part.ID), Size: part.Size}
	}
	return &Download{
		Name: u.Filename, ContentType: u.ContentType, ETag: `"` + u.ID.Compact() + `"`, Time: u.CreatedTime, Expires: link.Expires,
		Content: files.NewContent(ctx, c.opts.Files.Storage, stored),
	}, nil
}
