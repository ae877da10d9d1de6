package core

import (
	"cmp"
	"context"
	"slices"

	"octavo/internal/block"
	"octavo/internal/jsonx"
	"octavo/internal/markdown"
	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/richtext"
	"octavo/internal/store"
)

// NewPage is what a client says of a page to be made. Undefined means not said.
type NewPage struct {
	Parent, Properties, Icon, Cover, Children jsonx.Value
	// Markdown is the content as text, in place of Children.
	Markdown        jsonx.Value
	MarkdownVersion markdown.Version
	Position        Position
	Template        UseTemplate
	// Show lists the ids of the properties to answer with; nil means all.
	Show []string
}

// PageChange is what a client says of a page to be changed. Undefined means: keep.
type PageChange struct {
	Properties, Icon, Cover, IsLocked, IsArchived, InTrash jsonx.Value
	// Erase moves the content of the page into the trash.
	Erase bool
	// Template gives the page content, after what is left of its own, and what it has empty.
	Template UseTemplate
	Show     []string
}

// Page returns a page, in the trash or not.
func (c *Core) Page(ctx context.Context, p *Principal, id notion.ID, show []string) (notion.Object, error) {
	var o notion.Object
	err := c.view(ctx, p, func(tx *store.Tx) error {
		at, err := c.locate(tx, p, id, "page")
		switch {
		case err != nil:
			return err
		case at.kind() == childDatabase:
			return errDatabase(id)
		case at.kind() != childPage:
			return p.notFound("page", id)
		}
		o, err = c.showPage(tx, p, at, show)
		return err
	})
	return o, err
}

// CreatePage makes a page below another page, or at the top of the workspace for
// connections that act for a person (pages-blocks.md §5.1).
func (c *Core) CreatePage(ctx context.Context, p *Principal, n NewPage) (notion.Object, error) {
	// What is wrong with the page matters only where there is a place for it.
	content, wrong := block.DecodeAll(n.Children, c.opts.MaxBlocks)
	var o notion.Object
	err := c.update(ctx, p, func(tx *store.Tx) (err error) {
		o, err = c.makePage(tx, p, n, content, wrong)
		return err
	})
	return o, err
}

// makePage makes a page with content, unless that is wrong, and returns it.
func (c *Core) makePage(tx *store.Tx, p *Principal, n NewPage, content []*block.New, wrong error) (notion.Object, error) {
	pictures, wrongPicture := decodePictures(n.Icon, n.Cover)
	at, err := c.pageParent(tx, p, n.Parent)
	if err := cmp.Or(err, wrong, wrongPicture); err != nil {
		return nil, err
	}
	if err := c.attachPictures(tx, p, pictures); err != nil {
		return nil, err
	}
	written, n, err := c.readMarkdown(tx, p, at, n)
	if err != nil {
		return nil, err
	}
	template, err := c.readTemplate(tx, p, at, n.Template)
	if err != nil {
		return nil, err
	}
	page, err := c.newPage(tx, p, at, n, pictures)
	if err != nil {
		return nil, err
	}
	at = append(place{{ID: page.ID, Type: childPage, ParentID: page.ParentID, PageID: page.PageID}}, at...)
	if _, err := c.insertTree(tx, p, at, content, Position{}); err != nil {
		return nil, err
	}
	if err := written.fill(at); err != nil {
		return nil, err
	}
	said := said{properties: n.Properties, icon: n.Icon.Defined(), cover: n.Cover.Defined(), created: true}
	if err := c.applyTemplate(tx, p, at, template, said); err != nil {
		return nil, err
	}
	return c.showWritten(tx, p, at, n.Show)
}

// newPage writes a page below a page, in a data source, or at the top of the workspace.
func (c *Core) newPage(tx *store.Tx, p *Principal, at place, n NewPage, d pictures) (store.Page, error) {
	if len(at) > 0 && at.kind() == dataSource {
		if n.Position.At != AtEnd {
			return store.Page{}, invalid("A `position` can only be given for a page whose parent is a page.")
		}
		return c.insertRow(tx, p, at, n.Properties, d)
	}
	title, err := decodeTitle(n.Properties)
	if err != nil {
		return store.Page{}, err
	}
	return c.insertPage(tx, p, at, title, d, n.Position)
}

// pageParent finds where a new page goes: a page, a data source, or an empty place for the
// top of the workspace.
func (c *Core) pageParent(tx *store.Tx, p *Principal, parent jsonx.Value) (place, error) {
	if !parent.Defined() || parent.Has("workspace") {
		if p.Kind == Internal {
			return nil, errNoWorkspace("`parent.page_id` or `parent.database_id`", "page")
		}
		return nil, nil
	}
	for _, m := range parent.Members() {
		id, isID := notion.ParseID(m.Value.Text())
		if !isID {
			continue // the type
		}
		at, err := c.parentNamed(tx, p, m.Key, id)
		if err != nil {
			return nil, err
		}
		return at, at.checkEditable()
	}
	return nil, invalid("Provide a parent for the page.")
}

// errNoWorkspace refuses to put something at the top of the workspace (contract.md §4.4 row
// 102, where it is a page).
func errNoWorkspace(keys, what string) error {
	return invalid("Provide a %s parameter to create a %s, or use a public integration with `insert_content` capability. Internal integrations aren't owned by a single user, so creating workspace-level private %[2]ss is not supported.", keys, what)
}

// parentNamed finds the parent that a key of a request names. A database stands for the
// only data source in it.
func (c *Core) parentNamed(tx *store.Tx, p *Principal, key string, id notion.ID) (place, error) {
	switch key {
	case "database_id":
		at, err := c.locateDatabase(tx, p, id)
		if err != nil {
			return nil, err
		}
		source, err := onlySource(tx, id)
		if err != nil {
			return nil, err
		}
		return append(place{source}, at...), nil
	case "data_source_id":
		return c.locateSource(tx, p, id)
	}
	return c.locatePage(tx, p, id)
}

// pictures are the icon and cover of an object in stored form.
type pictures struct{ icon, cover media.Value }

func decodePictures(icon, cover jsonx.Value) (d pictures, err error) {
	if d.icon, err = media.DecodeIcon(icon); err != nil {
		return d, err
	}
	if d.cover, err = media.DecodeCover(cover); err != nil {
		return d, err
	}
	return d, nil
}

// attachPictures keeps the uploads that an icon and a cover refer to.
func (c *Core) attachPictures(tx *store.Tx, p *Principal, d pictures) error {
	for _, use := range []media.Use{{Upload: d.icon.Upload, As: media.AsIcon}, {Upload: d.cover.Upload, As: media.AsCover}} {
		if use.Upload.IsZero() {
			continue
		}
		if _, err := c.attach(tx, p, use); err != nil {
			return err
		}
	}
	return nil
}

func (d pictures) dynamic() bool { return d.icon.Dynamic || d.cover.Dynamic }

// decodeTitle reads the properties of a page that is in no data source: it has a title
// and nothing else (pages-blocks.md §5.2).
func decodeTitle(properties jsonx.Value) (richtext.Text, error) {
	var title richtext.Text
	for _, m := range properties.Members() {
		if m.Key != property.TitleID {
			return title, invalid("%s is not a property that exists.", m.Key)
		}
		if m.Value.IsNull() {
			return title, invalid("Body Validation Failed. Fix the following:\nInvalid property value for: %q.", m.Key)
		}
		var err error
		if title, err = property.DecodeTitle(m.Key, m.Value); err != nil {
			return title, err
		}
	}
	return title, nil
}

// insertPage writes the rows of a new page at a position on another page, or at the top of
// the workspace when the place is empty.
func (c *Core) insertPage(tx *store.Tx, p *Principal, at place, title richtext.Text, d pictures, position Position) (store.Page, error) {
	var parent notion.ID
	if len(at) > 0 {
		parent = at[0].ID
	}
	before, after, err := gap(tx, parent, position)
	if err != nil {
		return store.Page{}, err
	}
	return c.insertPageAt(tx, p, at, title, d, store.Between(before, after))
}

// insertPageAt is insertPage for a page or block by the order key among its children.
func (c *Core) insertPageAt(tx *store.Tx, p *Principal, at place, title richtext.Text, d pictures, ord string) (store.Page, error) {
	var parent, around notion.ID
	if len(at) > 0 {
		parent, around = at[0].ID, at.page()
	}
	if err := c.checkMentions(tx, p, title.Value, jsonx.Value{}); err != nil {
		return store.Page{}, err
	}
	plain, err := c.plainTitle(tx, p, title)
	if err != nil {
		return store.Page{}, err
	}
	page := store.Page{
		Block: store.Block{
			ID: c.ids.New(tx.Now()), Type: childPage, ParentID: parent, PageID: around,
			Ord:         ord,
			CreatedTime: tx.Now(), CreatedBy: p.Bot, LastEditedTime: tx.Now(), LastEditedBy: p.Bot,
			Payload: block.TitlePayload(plain),
		},
		Properties: property.EncodeTitle(title), Title: plain, Icon: d.icon.JSON, Cover: d.cover.JSON,
		PropertiesDynamic: title.Dynamic || d.dynamic(),
	}
	if err := tx.InsertPages([]store.Page{page}); err != nil {
		return page, err
	}
	if p.Kind == Public && len(at) == 0 {
		if err := tx.Share(p.Integration, page.ID); err != nil {
			return page, err
		}
	}
	if err := c.event(tx, p, pageCreated, page.ID); err != nil {
		return page, err
	}
	if len(at) == 0 {
		return page, nil
	}
	return page, c.touch(tx, p, at, store.Link{ID: page.ID, Type: page.Type})
}

// plainTitle returns the plain text of a title with what it mentions as it is called now.
func (c *Core) plainTitle(tx *store.Tx, p *Principal, title richtext.Text) (string, error) {
	if !title.Dynamic {
		return richtext.Plain(title.Value), nil
	}
	r, err := c.resolver(tx, p, []jsonx.Value{title.Value})
	if err != nil {
		return "", err
	}
	return richtext.Plain(richtext.Resolve(title.Value.Clone(), r)), nil
}

// UpdatePage changes a page: its properties, icon, cover and states (pages-blocks.md
// §5.5). A page in the trash takes no change but its restoring.
func (c *Core) UpdatePage(ctx context.Context, p *Principal, id notion.ID, change PageChange) (notion.Object, error) {
	d, wrong := decodePictures(change.Icon, change.Cover)
	var o notion.Object
	err := c.update(ctx, p, func(tx *store.Tx) error {
		at, err := c.locatePage(tx, p, id)
		if err := cmp.Or(err, wrong); err != nil {
			return err
		}
		restores := change.InTrash.Defined() && !change.InTrash.True()
		if at.trashed() && !restores {
			return errTrashed()
		}
		if err := at.checkAncestors(); err != nil {
			return err
		}
		if err := c.attachPictures(tx, p, d); err != nil {
			return err
		}
		// The template may be the page itself, and be erased.
		template, err := c.readTemplate(tx, p, at[1:], change.Template)
		if err != nil {
			return err
		}
		if err := c.changePage(tx, p, at, change, d); err != nil {
			return err
		}
		said := said{properties: change.Properties, icon: change.Icon.Defined(), cover: change.Cover.Defined()}
		if err := c.applyTemplate(tx, p, at, template, said); err != nil {
			return err
		}
		if change.InTrash.Defined() && change.InTrash.True() != at.trashed() {
			if err := c.setTrash(tx, p, at, change.InTrash.True()); err != nil {
				return err
			}
			at[0].InTrash = change.InTrash.True()
		}
		o, err = c.showWritten(tx, p, at, change.Show)
		return err
	})
	return o, err
}

// changePage writes everything of a change but the trash.
func (c *Core) changePage(tx *store.Tx, p *Principal, at place, change PageChange, d pictures) error {
	page, err := tx.Page(at[0].ID)
	if err != nil {
		return err
	}
	var written []string
	if change.Properties.Defined() {
		write := c.changeTitle
		if at.isRow() {
			write = c.changeRow
		}
		if written, err = write(tx, p, at, &page, change.Properties); err != nil {
			return err
		}
	}
	changed := change.Icon.Defined() || change.Cover.Defined() || change.IsArchived.Defined() || change.IsLocked.Defined()
	if change.Icon.Defined() {
		page.Icon = d.icon.JSON
	}
	if change.Cover.Defined() {
		page.Cover = d.cover.JSON
	}
	// What is replaced may have been all that needed resolving; resolving once too often
	// does no harm.
	page.PropertiesDynamic = page.PropertiesDynamic || d.dynamic()
	wasLocked := page.IsLocked
	for _, state := range []struct {
		said  jsonx.Value
		state *bool
	}{{change.IsLocked, &page.IsLocked}, {change.IsArchived, &page.IsArchived}} {
		if state.said.Defined() {
			*state.state = state.said.True()
		}
	}
	if change.Erase {
		if err := c.trashContent(tx, p, page.ID); err != nil {
			return err
		}
	}
	if len(written) == 0 && !changed && !change.Erase {
		return nil
	}
	if err := tx.UpdatePage(page, p.Bot); err != nil {
		return err
	}
	if err := tx.UpdateBlock(page.Block, p.Bot); err != nil {
		return err
	}
	if page.IsLocked != wasLocked {
		if err := c.lockEvent(tx, p, &page); err != nil {
			return err
		}
		changed = change.Icon.Defined() || change.Cover.Defined() || change.IsArchived.Defined()
	}
	return c.pageEvents(tx, p, at, changed, written)
}

func (c *Core) lockEvent(tx *store.Tx, p *Principal, page *store.Page) error {
	if page.IsLocked {
		return c.event(tx, p, pageLocked, page.ID)
	}
	return c.event(tx, p, pageUnlocked, page.ID)
}

// pageEvents records that properties of a page were written, or that something else it shows
// has changed. A new title counts as content too, as it does for the hosted API, and is no
// property of a page that is in no data source (services.md §4.3).
func (c *Core) pageEvents(tx *store.Tx, p *Principal, at place, changed bool, written []string) error {
	if slices.Contains(written, property.TitleID) {
		if err := c.contentEvent(tx, p, contentUpdated, at[0].ID, at[:1]); err != nil {
			return err
		}
		if !at.isRow() {
			written = nil
		}
	}
	if len(written) == 0 && !changed {
		return nil
	}
	return c.propertiesEvent(tx, p, at[0].ID, written)
}

// changeTitle writes the properties of a page that is in no data source, and returns the
// ids of those that there were.
func (c *Core) changeTitle(tx *store.Tx, p *Principal, _ place, page *store.Page, sent jsonx.Value) ([]string, error) {
	title, err := decodeTitle(sent)
	if err != nil || !sent.Has(property.TitleID) {
		return nil, err
	}
	old, err := jsonx.Parse(page.Properties)
	if err != nil {
		return nil, err
	}
	if err := c.checkMentions(tx, p, title.Value, old); err != nil {
		return nil, err
	}
	page.Properties = property.EncodeTitle(title)
	page.PropertiesDynamic = page.PropertiesDynamic || title.Dynamic
	return []string{property.TitleID}, c.retitle(tx, p, page, title)
}

// retitle gives a page the plain form of a title.
func (c *Core) retitle(tx *store.Tx, p *Principal, page *store.Page, title richtext.Text) (err error) {
	if page.Title, err = c.plainTitle(tx, p, title); err != nil {
		return err
	}
	page.Payload = block.TitlePayload(page.Title)
	return nil
}

// trashContent moves everything directly on a page into the trash, pages included.
func (c *Core) trashContent(tx *store.Tx, p *Principal, page notion.ID) error {
	const atOnce = 1000
	var all []store.Link
	for {
		rows, err := tx.Children(page, store.From{}, atOnce)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return c.contentEvent(tx, p, contentUpdated, page, all)
		}
		nodes := links(rows)
		ids := make([]notion.ID, len(rows))
		for i := range rows {
			ids[i] = rows[i].ID
			if err := c.trashEvent(tx, p, nodes[i], true); err != nil {
				return err
			}
		}
		if err := tx.SetTrash(true, p.Bot, ids...); err != nil {
			return err
		}
		all = append(all, nodes...)
	}
}

// shows reports whether a property is among those asked for, by its id encoded or not.
func shows(asked []string, id string) bool {
	return asked == nil || slices.Contains(asked, id)
}
