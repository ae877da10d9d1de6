package core

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"octavo/internal/block"
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/richtext"
	"octavo/internal/store"
)

// NewPage is what a client says of a page to be made. Undefined means not said.
type NewPage struct {
	Parent, Properties, Icon, Cover, Children jsonx.Value
	Position                                  Position
	// Show lists the ids of the properties to answer with; nil means all.
	Show []string
}

// PageChange is what a client says of a page to be changed. Undefined means: keep.
type PageChange struct {
	Properties, Icon, Cover, IsLocked, IsArchived, InTrash jsonx.Value
	// Erase moves the content of the page into the trash.
	Erase bool
	Show  []string
}

// Page returns a page, in the trash or not.
func (c *Core) Page(ctx context.Context, p *Principal, id notion.ID, show []string) (notion.Object, error) {
	var o notion.Object
	err := c.view(ctx, p, func(tx *store.Tx) error {
		at, err := c.locatePage(tx, p, id)
		if err != nil {
			return err
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
	draft, wrongDraft := decodePage(n.Properties, n.Icon, n.Cover)
	var o notion.Object
	err := c.update(ctx, p, func(tx *store.Tx) error {
		at, err := c.pageParent(tx, p, n.Parent)
		if err := cmp.Or(err, wrong, wrongDraft); err != nil {
			return err
		}
		page, err := c.insertPage(tx, p, at, draft, n.Position)
		if err != nil {
			return err
		}
		at = append(place{{ID: page.ID, Type: childPage, ParentID: page.ParentID, PageID: page.PageID}}, at...)
		if _, err := c.insertTree(tx, p, at, content, Position{}); err != nil {
			return err
		}
		if !p.Caps.Has(ReadContent) {
			o = notion.Partial{Object: "page", ID: page.ID}
			return nil
		}
		o, err = c.showPage(tx, p, at, n.Show)
		return err
	})
	return o, err
}

// pageParent finds where a new page goes: a page, or an empty place for the top of the
// workspace.
func (c *Core) pageParent(tx *store.Tx, p *Principal, parent jsonx.Value) (place, error) {
	if !parent.Defined() || parent.Has("workspace") {
		if p.Kind == Internal {
			return nil, invalid("Provide a `parent.page_id` or `parent.database_id` parameter to create a page, or use a public integration with `insert_content` capability. Internal integrations aren't owned by a single user, so creating workspace-level private pages is not supported.")
		}
		return nil, nil
	}
	for _, m := range parent.Members() {
		id, isID := notion.ParseID(m.Value.Text())
		if !isID {
			continue // the type
		}
		entity := strings.TrimSuffix(m.Key, "_id")
		at, err := c.locate(tx, p, id, entity)
		switch {
		case err != nil:
			return nil, err
		case entity != "page" && at.kind() == childPage:
			return nil, invalid("Provided %s %s is a page, not a %s. Use the pages API instead, or pass the ID of the %[3]s itself.", m.Key, id, strings.ReplaceAll(entity, "_", " "))
		case at.kind() != childPage:
			return nil, p.notFound(entity, id)
		}
		return at, at.checkEditable()
	}
	return nil, invalid("Provide a parent for the page.")
}

// draft is the decoded part of a page that a client may write.
type draft struct {
	title richtext.Text
	icon  media.Value
	cover media.Value
}

func decodePage(properties, icon, cover jsonx.Value) (d draft, err error) {
	if d.title, err = decodeTitle(properties); err != nil {
		return d, err
	}
	if d.icon, err = media.DecodeIcon(icon); err != nil {
		return d, err
	}
	if d.cover, err = media.DecodeCover(cover); err != nil {
		return d, err
	}
	for _, v := range []media.Value{d.icon, d.cover} {
		if !v.Upload.IsZero() {
			return d, media.UploadNotFound(v.Upload)
		}
	}
	return d, nil
}

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

// insertPage writes the rows of a new page below the place, or at the top of the
// workspace when the place is empty.
func (c *Core) insertPage(tx *store.Tx, p *Principal, at place, d draft, position Position) (store.Page, error) {
	var parent, around notion.ID
	if len(at) > 0 {
		parent, around = at[0].ID, at[0].ID
	}
	before, after, err := gap(tx, parent, position)
	if err != nil {
		return store.Page{}, err
	}
	if err := c.checkMentions(tx, p, d.title.Value, jsonx.Value{}); err != nil {
		return store.Page{}, err
	}
	plain, err := c.plainTitle(tx, p, d.title)
	if err != nil {
		return store.Page{}, err
	}
	page := store.Page{
		Block: store.Block{
			ID: c.ids.New(tx.Now()), Type: childPage, ParentID: parent, PageID: around,
			Ord:         store.Sequence(before, after, 1)[0],
			CreatedTime: tx.Now(), CreatedBy: p.Bot, LastEditedTime: tx.Now(), LastEditedBy: p.Bot,
			Payload: block.ChildPagePayload(plain),
		},
		Properties: property.EncodeTitle(d.title), Title: plain, Icon: d.icon.JSON, Cover: d.cover.JSON,
		PropertiesDynamic: d.title.Dynamic || d.icon.Dynamic || d.cover.Dynamic,
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
	return page, c.touch(tx, p, at)
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
	d, wrong := decodePage(change.Properties, change.Icon, change.Cover)
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
		if err := c.changePage(tx, p, at, change, d); err != nil {
			return err
		}
		if change.InTrash.Defined() && change.InTrash.True() != at.trashed() {
			if err := c.setTrash(tx, p, at, change.InTrash.True()); err != nil {
				return err
			}
			at[0].InTrash = change.InTrash.True()
		}
		if !p.Caps.Has(ReadContent) {
			o = notion.Partial{Object: "page", ID: id}
			return nil
		}
		o, err = c.showPage(tx, p, at, change.Show)
		return err
	})
	return o, err
}

// changePage writes everything of a change but the trash.
func (c *Core) changePage(tx *store.Tx, p *Principal, at place, change PageChange, d draft) error {
	page, err := tx.Page(at[0].ID)
	if err != nil {
		return err
	}
	changed := false
	if change.Properties.Has(property.TitleID) {
		old, err := jsonx.Parse(page.Properties)
		if err != nil {
			return err
		}
		if err := c.checkMentions(tx, p, d.title.Value, old); err != nil {
			return err
		}
		if page.Title, err = c.plainTitle(tx, p, d.title); err != nil {
			return err
		}
		page.Properties = property.EncodeTitle(d.title)
		page.Payload = block.ChildPagePayload(page.Title)
		changed = true
	}
	if change.Icon.Defined() {
		page.Icon, changed = d.icon.JSON, true
	}
	if change.Cover.Defined() {
		page.Cover, changed = d.cover.JSON, true
	}
	// What is replaced may have been all that needed resolving; resolving once too often
	// does no harm.
	page.PropertiesDynamic = page.PropertiesDynamic || d.title.Dynamic || d.icon.Dynamic || d.cover.Dynamic
	for _, state := range []struct {
		said  jsonx.Value
		state *bool
	}{{change.IsLocked, &page.IsLocked}, {change.IsArchived, &page.IsArchived}} {
		if state.said.Defined() {
			*state.state, changed = state.said.True(), true
		}
	}
	if change.Erase {
		if err := c.trashContent(tx, p, page.ID); err != nil {
			return err
		}
		if err := c.event(tx, p, contentUpdated, page.ID); err != nil {
			return err
		}
		changed = true
	}
	if !changed {
		return nil
	}
	if err := tx.UpdatePage(page, p.Bot); err != nil {
		return err
	}
	if err := tx.UpdateBlock(page.Block, p.Bot); err != nil {
		return err
	}
	return c.event(tx, p, propertiesUpdated, page.ID)
}

// trashContent moves everything directly on a page into the trash, pages included.
func (c *Core) trashContent(tx *store.Tx, p *Principal, page notion.ID) error {
	const atOnce = 1000
	for {
		rows, err := tx.Children(page, store.From{}, atOnce)
		if err != nil || len(rows) == 0 {
			return err
		}
		ids := make([]notion.ID, len(rows))
		for i := range rows {
			ids[i] = rows[i].ID
		}
		if err := tx.SetTrash(true, p.Bot, ids...); err != nil {
			return err
		}
	}
}

// PageProperty returns one property of a page. A title is a list of one rich text object
// a result, whatever its length (pages-blocks.md §5.7).
func (c *Core) PageProperty(ctx context.Context, p *Principal, id notion.ID, propertyID string, part PageOf) (notion.Object, error) {
	var o notion.Object
	err := c.view(ctx, p, func(tx *store.Tx) error {
		if _, err := c.locatePage(tx, p, id); err != nil {
			return err
		}
		if propertyID != property.TitleID {
			return p.notFoundText("property", propertyID)
		}
		page, err := tx.Page(id)
		if err != nil {
			return err
		}
		properties, err := jsonx.Parse(page.Properties)
		if err != nil {
			return err
		}
		if page.PropertiesDynamic {
			r, err := c.resolver(tx, p, []jsonx.Value{properties})
			if err != nil {
				return err
			}
			richtext.Resolve(properties, r)
		}
		o, err = c.titleItems(id, properties, part)
		return err
	})
	return o, err
}

// titleItems pages through the rich text objects of a title. A cursor is the place of the
// next one, written so that nobody mistakes it for a number to compute with.
func (c *Core) titleItems(page notion.ID, properties jsonx.Value, part PageOf) (notion.Object, error) {
	items := properties.Get(property.TitleID).Get("title").Items()
	from, err := decodeOffset(part.Cursor)
	if err != nil || from > len(items) {
		return nil, invalid("The start_cursor provided is invalid: %s", part.Cursor)
	}
	items = items[from:]
	list := &notion.List{Type: "property_item"}
	next := jsonx.NullValue
	if len(items) > part.Size {
		items = items[:part.Size]
		list.NextCursor = encodeOffset(from + part.Size)
		next = jsonx.StringValue(c.propertyURL(page, property.TitleID, list.NextCursor, part.Size))
	}
	id, kind := jsonx.M("id", jsonx.StringValue(property.TitleID)), jsonx.M("type", jsonx.StringValue("title"))
	for _, it := range items {
		list.Results = append(list.Results, notion.Raw(jsonx.ObjectValue(
			jsonx.M("object", jsonx.StringValue("property_item")), kind, id, jsonx.M("title", it)).Append(nil)))
	}
	list.Property = jsonx.ObjectValue(id, jsonx.M("next_url", next), kind, jsonx.M("title", jsonx.ObjectValue())).Append(nil)
	return list, nil
}

// shows reports whether a property is among those asked for, by its id encoded or not.
func shows(asked []string, id string) bool {
	return asked == nil || slices.Contains(asked, id)
}
