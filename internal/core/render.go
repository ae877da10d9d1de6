package core

import (
	"encoding/base64"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"octavo/internal/block"
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/richtext"
	"octavo/internal/store"
)

// showBlock renders the node of a place as a block. It is in the trash when it, or what
// it hangs on, is.
func (c *Core) showBlock(tx *store.Tx, p *Principal, at place) (notion.Object, error) {
	row, err := tx.Block(at[0].ID)
	if err != nil {
		return nil, err
	}
	row.InTrash = at.inTrash()
	blocks, err := c.showBlocks(tx, p, []store.Block{row})
	if err != nil {
		return nil, err
	}
	return blocks[0], nil
}

func (c *Core) showBlockByID(tx *store.Tx, p *Principal, id notion.ID) (notion.Object, error) {
	at, err := tx.Chain(id)
	if err != nil {
		return nil, err
	}
	return c.showBlock(tx, p, at)
}

// showBlocks renders rows. What their payloads refer to is read once for all of them.
func (c *Core) showBlocks(tx *store.Tx, p *Principal, rows []store.Block) ([]notion.Object, error) {
	payloads, r, err := c.resolvePayloads(tx, p, rows)
	if err != nil {
		return nil, err
	}
	parents, err := parentsOf(tx, rows)
	if err != nil {
		return nil, err
	}
	out := make([]notion.Object, len(rows))
	blocks := make([]notion.Block, len(rows))
	for i := range rows {
		row := &rows[i]
		b := &blocks[i]
		*b = notion.Block{
			ID: row.ID, Parent: parents[i], HasChildren: row.HasChildren && row.Type != childDatabase, InTrash: row.InTrash, Type: row.Type,
			Stamps:  stampsOf(row),
			Payload: row.Payload,
		}
		if row.Dynamic {
			b.Payload = block.Resolve(payloads[i], r).Append(nil)
			b.Timed = r.timed
		}
		if row.Type == block.Synced {
			if original, isCopy := block.SyncedFrom(row.Payload); isCopy {
				if b.HasChildren, err = hasContent(tx, original); err != nil {
					return nil, err
				}
			}
		}
		out[i] = b
	}
	return out, nil
}

// hasContent reports whether an original has children to show in its copies. One in the
// trash, by itself or with what it hangs on, has none.
func hasContent(tx *store.Tx, original notion.ID) (bool, error) {
	chain, err := tx.Chain(original)
	if errors.Is(err, store.ErrNotFound) || err == nil && place(chain).inTrash() {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return tx.HasChildren(original)
}

// resolvePayloads parses the payloads that refer to other objects and reads those objects.
func (c *Core) resolvePayloads(tx *store.Tx, p *Principal, rows []store.Block) (map[int]jsonx.Value, *resolver, error) {
	var payloads map[int]jsonx.Value
	var all []jsonx.Value
	for i := range rows {
		if !rows[i].Dynamic {
			continue
		}
		v, err := jsonx.Parse(rows[i].Payload)
		if err != nil {
			return nil, nil, err
		}
		if payloads == nil {
			payloads = map[int]jsonx.Value{}
		}
		payloads[i] = v
		all = append(all, v)
	}
	if all == nil {
		return nil, nil, nil
	}
	r, err := c.resolver(tx, p, all)
	return payloads, r, err
}

// parentsOf tells the wire's parents of rows: the page when one hangs directly on the page
// it is in, the data source and its database for a page that is in no page.
func parentsOf(tx *store.Tx, rows []store.Block) ([]notion.Parent, error) {
	parents := make([]notion.Parent, len(rows))
	for i := range rows {
		row := &rows[i]
		switch {
		case row.ParentID.IsZero():
			parents[i] = notion.Parent{Kind: notion.WorkspaceParent}
		case row.ParentID == row.PageID:
			parents[i] = notion.Parent{Kind: notion.PageParent, ID: row.ParentID}
		case row.PageID.IsZero():
			source, err := tx.Block(row.ParentID)
			if err != nil {
				return nil, err
			}
			parents[i] = notion.Parent{Kind: notion.DataSourceParent, ID: source.ID, Database: source.ParentID}
		default:
			parents[i] = notion.Parent{Kind: notion.BlockParent, ID: row.ParentID}
		}
	}
	return parents, nil
}

// parentOf is parentsOf for one row.
func parentOf(tx *store.Tx, row store.Block) (notion.Parent, error) {
	parents, err := parentsOf(tx, []store.Block{row})
	if err != nil {
		return notion.Parent{}, err
	}
	return parents[0], nil
}

// showWritten is the answer to a write of a page: the page, or its id alone for those who may
// not read.
func (c *Core) showWritten(tx *store.Tx, p *Principal, at place, show []string) (notion.Object, error) {
	if !p.Caps.Has(ReadContent) {
		return notion.Partial{Object: "page", ID: at[0].ID}, nil
	}
	return c.showPage(tx, p, at, show)
}

// showPage renders the page of a place with the properties asked for.
func (c *Core) showPage(tx *store.Tx, p *Principal, at place, show []string) (notion.Object, error) {
	page, err := tx.Page(at[0].ID)
	if err != nil {
		return nil, err
	}
	page.InTrash = at.inTrash()
	if at.isRow() {
		source, err := c.readSource(tx, at[1].ID)
		if err != nil {
			return nil, err
		}
		rows, err := c.showRows(tx, p, source, []store.Page{page}, show)
		if err != nil {
			return nil, err
		}
		return rows[0], nil
	}
	return c.showPlainPage(tx, p, page, show)
}

// showPlainPage renders a page that is in no data source. Whether it is in the trash is what
// its InTrash says.
func (c *Core) showPlainPage(tx *store.Tx, p *Principal, page store.Page, show []string) (notion.Object, error) {
	parent, err := parentOf(tx, page.Block)
	if err != nil {
		return nil, err
	}
	o := c.pageObject(&page, parent)
	o.Properties = page.Properties
	if page.PropertiesDynamic {
		if o.Timed, err = c.resolveParts(tx, p, []*notion.Raw{&o.Properties}, []*notion.Raw{&o.Icon, &o.Cover}); err != nil {
			return nil, err
		}
	}
	if !shows(show, property.TitleID) {
		o.Properties = notion.Raw("{}")
	}
	return o, nil
}

// pageObject renders all of a page but its properties.
func (c *Core) pageObject(page *store.Page, parent notion.Parent) *notion.Page {
	return &notion.Page{
		ID: page.ID, Parent: parent, InTrash: page.InTrash, IsArchived: page.IsArchived, IsLocked: page.IsLocked,
		Stamps: stampsOf(&page.Block), Cover: page.Cover, Icon: page.Icon, URL: c.pageURL(page.ID, page.Title),
	}
}

func stampsOf(row *store.Block) notion.Stamps {
	return notion.Stamps{
		CreatedTime: row.CreatedTime, LastEditedTime: row.LastEditedTime,
		CreatedBy: row.CreatedBy, LastEditedBy: row.LastEditedBy,
	}
}

// resolveParts fills in what stored parts of an object refer to: texts have mentions,
// pictures have emojis and files. It reports whether what they show changes with time
// alone.
func (c *Core) resolveParts(tx *store.Tx, p *Principal, texts, pictures []*notion.Raw) (timed bool, err error) {
	parts := append(slices.Clip(texts), pictures...)
	values := make([]jsonx.Value, len(parts))
	for i, part := range parts {
		if *part == nil {
			continue
		}
		if values[i], err = jsonx.Parse(*part); err != nil {
			return false, err
		}
	}
	r, err := c.resolver(tx, p, values)
	if err != nil {
		return false, err
	}
	for i, part := range parts {
		switch {
		case *part == nil:
		case i < len(texts):
			*part = richtext.Resolve(values[i], r).Append(nil)
		default:
			*part = media.Resolve(values[i], r).Append(nil)
		}
	}
	return r.timed, nil
}

// resolver holds the objects that a set of payloads refers to, as one caller sees them.
type resolver struct {
	base   string
	users  map[notion.ID]*notion.User
	titles map[notion.ID]string
	files  map[notion.ID]fileLink
	emojis map[notion.ID]store.CustomEmoji
	// timed says that what has been filled in changes with time alone.
	timed bool
}

// resolver reads what the values refer to.
func (c *Core) resolver(tx *store.Tx, p *Principal, values []jsonx.Value) (*resolver, error) {
	r := c.newResolver()
	var uploads []notion.ID
	for _, v := range values {
		media.Uploads(v, func(id notion.ID) { uploads = append(uploads, id) })
	}
	failed := c.readFiles(tx, r, uploads)
	for _, v := range values {
		media.CustomEmojis(v, func(id notion.ID) {
			if failed == nil {
				failed = c.readEmoji(tx, r, id)
			}
		})
		richtext.References(v, func(kind richtext.Kind, id notion.ID) {
			if failed == nil {
				failed = c.read(tx, p, r, kind, id)
			}
		})
	}
	return r, failed
}

func (c *Core) newResolver() *resolver {
	return &resolver{
		base: c.opts.PublicURL, users: map[notion.ID]*notion.User{}, titles: map[notion.ID]string{}, files: map[notion.ID]fileLink{},
		emojis: map[notion.ID]store.CustomEmoji{},
	}
}

// read makes one thing known to the resolver.
func (c *Core) read(tx *store.Tx, p *Principal, r *resolver, kind richtext.Kind, id notion.ID) error {
	switch kind {
	case richtext.UserMention:
		return c.readUser(tx, p, r, id)
	case richtext.PageMention:
		return c.readTitle(tx, p, r, id, childPage)
	case richtext.DatabaseMention:
		return c.readTitle(tx, p, r, id, childDatabase)
	case richtext.CustomEmojiMention:
		return c.readEmoji(tx, r, id)
	}
	return nil
}

func (c *Core) readUser(tx *store.Tx, p *Principal, r *resolver, id notion.ID) error {
	if _, done := r.users[id]; done {
		return nil
	}
	row, err := tx.User(id)
	if errors.Is(err, store.ErrNotFound) {
		r.users[id] = nil
		return nil
	}
	if err != nil {
		return err
	}
	r.users[id], err = c.showUser(tx, p, row, false)
	return err
}

// readTitle leaves out pages and databases the caller may not see; they are shown as
// Untitled.
func (c *Core) readTitle(tx *store.Tx, p *Principal, r *resolver, id notion.ID, kind string) error {
	if _, done := r.titles[id]; done {
		return nil
	}
	at, err := c.locate(tx, p, id, "page")
	if isNotFound(err) || err == nil && at.kind() != kind {
		return nil
	}
	if err != nil {
		return err
	}
	row, err := tx.Block(id)
	if err != nil {
		return err
	}
	r.titles[id], err = block.Title(row.Payload)
	return err
}

// User implements [richtext.Resolver].
func (r *resolver) User(id notion.ID) *notion.User { return r.users[id] }

// Title implements [richtext.Resolver].
func (r *resolver) Title(id notion.ID) (string, bool) {
	title, ok := r.titles[id]
	return title, ok
}

// URL implements [richtext.Resolver].
func (r *resolver) URL(id notion.ID) string { return r.base + "/" + id.Compact() }

// maxSlug is how many bytes of a title a page's url carries at most.
const maxSlug = 100

// pageURL returns the address of a page: its title in letters that need no escape, and
// its id (pages-blocks.md §5.9).
func (c *Core) pageURL(id notion.ID, title string) string {
	slug := make([]byte, 0, maxSlug)
	for i := 0; i < len(title) && len(slug) < maxSlug; i++ {
		b := title[i]
		if b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' {
			slug = append(slug, b)
		} else if len(slug) > 0 && slug[len(slug)-1] != '-' {
			slug = append(slug, '-')
		}
	}
	name := strings.Trim(string(slug), "-")
	if name != "" {
		name += "-"
	}
	return c.opts.PublicURL + "/" + name + id.Compact()
}

// propertyURL returns the address of the next part of a property, whose id is encoded.
func (c *Core) propertyURL(page notion.ID, propertyID, cursor string, size int) string {
	return c.opts.PublicURL + "/v1/pages/" + page.String() + "/properties/" + propertyID +
		"?start_cursor=" + url.QueryEscape(cursor) + "&page_size=" + strconv.Itoa(size)
}

// encodeOffset writes a place in a list as an opaque cursor.
func encodeOffset(n int) string { return encodeOpaque(strconv.Itoa(n)) }

var errBadCursor = errors.New("core: malformed cursor")

// decodeOffset reads what encodeOffset wrote; "" is the beginning.
func decodeOffset(cursor string) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	text, err := decodeOpaque(cursor)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || encodeOffset(n) != cursor {
		return 0, errBadCursor
	}
	return n, nil
}

// encodeOpaque writes a text in a form that nobody mistakes for something to compute with.
func encodeOpaque(text string) string {
	return base64.RawURLEncoding.EncodeToString([]byte("o" + text))
}

// decodeOpaque reads what encodeOpaque wrote.
func decodeOpaque(cursor string) (string, error) {
	data, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(data) < 2 || data[0] != 'o' {
		return "", errBadCursor
	}
	return string(data[1:]), nil
}
