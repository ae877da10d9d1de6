package core

import (
	"context"
	"slices"

	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/richtext"
	"octavo/internal/store"
)

// MovePage moves a page to the end of another page or into a data source
// (pages-blocks.md §5.8). A page that leaves a data source keeps its values there for when
// it comes back.
func (c *Core) MovePage(ctx context.Context, p *Principal, id notion.ID, parent jsonx.Value) (notion.Object, error) {
	var o notion.Object
	err := c.update(ctx, p, func(tx *store.Tx) error {
		at, err := c.locatePage(tx, p, id)
		if err != nil {
			return err
		}
		if err := at.checkEditable(); err != nil {
			return err
		}
		to, err := c.moveTarget(tx, p, parent)
		if err != nil {
			return err
		}
		if err := to.checkEditable(); err != nil {
			return err
		}
		switch {
		case to[0].ID == at[0].ParentID:
			return invalid("New parent must be different from the current parent.")
		case to.within(id):
			return invalid("A page cannot be moved into itself or into what is below it.")
		}
		if at, err = c.movePage(tx, p, at, to); err != nil {
			return err
		}
		o, err = c.showWritten(tx, p, at, nil)
		return err
	})
	return o, err
}

// moveTarget finds where a page moves to. The id of a database works as that of a page
// while the database has one data source.
func (c *Core) moveTarget(tx *store.Tx, p *Principal, parent jsonx.Value) (place, error) {
	if id, ok := notion.ParseID(parent.Get("data_source_id").Text()); ok {
		return c.locateSource(tx, p, id)
	}
	id, _ := notion.ParseID(parent.Get("page_id").Text())
	at, err := c.locate(tx, p, id, "page")
	switch {
	case err != nil:
		return nil, err
	case at.kind() == childDatabase:
		return c.parentNamed(tx, p, "database_id", id)
	case at.kind() != childPage:
		return nil, p.notFound("page", id)
	}
	return at, nil
}

// movePage moves a page to the end of another page, or into a data source, and returns its
// new place.
func (c *Core) movePage(tx *store.Tx, p *Principal, at, to place) (place, error) {
	_, last, err := tx.Ends(to[0].ID)
	if err != nil {
		return nil, err
	}
	return c.movePageTo(tx, p, at, to, store.Between(last, ""))
}

// movePageTo moves a page below another page or a block, by the order key among its
// children, or into a data source, which has an order of its own.
func (c *Core) movePageTo(tx *store.Tx, p *Principal, at, to place, ord string) (place, error) {
	page, err := tx.Page(at[0].ID)
	if err != nil {
		return nil, err
	}
	moved := at[0]
	moved.ParentID, moved.PageID = to[0].ID, to.page()
	if to.kind() == dataSource {
		revision, err := tx.Revision()
		if err != nil {
			return nil, err
		}
		moved.PageID, ord = notion.ID{}, store.RowOrder(page.CreatedTime, revision)
	}
	if err := tx.MoveBlock(page.ID, moved.ParentID, moved.PageID, ord); err != nil {
		return nil, err
	}
	if at.isRow() {
		if err := c.leaveSource(tx, at[1].ID, &page); err != nil {
			return nil, err
		}
	}
	if to.kind() == dataSource {
		err = c.enterSource(tx, p, to[0].ID, &page)
	}
	if err != nil {
		return nil, err
	}
	if err := tx.UpdatePage(page, p.Bot); err != nil {
		return nil, err
	}
	if err := c.event(tx, p, pageMoved, page.ID); err != nil {
		return nil, err
	}
	for _, around := range []place{at[1:], to} {
		if len(around) == 0 {
			continue
		}
		if err := c.touch(tx, p, around, moved); err != nil {
			return nil, err
		}
	}
	return append(place{moved}, to...), nil
}

// leaveSource turns a row into a page with nothing but a title. Its values are kept by data
// source, property and type; its links stay where they are and lead nowhere meanwhile.
func (c *Core) leaveSource(tx *store.Tx, id notion.ID, page *store.Page) error {
	s, err := c.readSource(tx, id)
	if err != nil {
		return err
	}
	values, err := jsonx.Parse(page.Properties)
	if err != nil {
		return err
	}
	kept, err := parseKept(page.Kept)
	if err != nil {
		return err
	}
	left, ids := jsonx.ObjectValue(), make([]string, 0, len(s.props.Properties()))
	for _, prop := range s.props.Properties() {
		ids = append(ids, prop.ID)
		if v := values.Get(prop.ID); v.Defined() && prop.ID != property.TitleID {
			left.Set(prop.ID, jsonx.ObjectValue(jsonx.M(prop.Type.Name, v)))
		}
	}
	kept.Set(id.String(), left)
	page.Kept = kept.Append(nil)
	title := values.Get(property.TitleID)
	page.Properties = property.EncodeTitle(richtext.Text{Value: title})
	page.PropertiesDynamic = page.PropertiesDynamic || titleOnly.Dynamic(title)
	if err := s.formulas().release(tx, page.ID); err != nil {
		return err
	}
	return tx.DeleteCells(id, page.ID, ids...)
}

func parseKept(stored []byte) (jsonx.Value, error) {
	if stored == nil {
		return jsonx.ObjectValue(), nil
	}
	return jsonx.Parse(stored)
}

// enterSource turns a page into a row, with the values it had when it left the data source.
func (c *Core) enterSource(tx *store.Tx, p *Principal, id notion.ID, page *store.Page) error {
	s, err := c.readSource(tx, id)
	if err != nil {
		return err
	}
	properties, err := jsonx.Parse(page.Properties)
	if err != nil {
		return err
	}
	kept, err := parseKept(page.Kept)
	if err != nil {
		return err
	}
	values := kept.Delete(id.String())
	w := c.newRow(tx, p, s, page)
	for _, prop := range s.props.Properties() {
		stored := values.Get(prop.ID).Get(prop.Type.Name)
		if prop.ID == property.TitleID {
			stored = properties.Get(property.TitleID).Get("title")
		}
		stored = stillOffered(prop, stored)
		if !stored.Defined() {
			continue
		}
		w.values.Set(prop.ID, stored)
		w.written = append(w.written, property.Value{Property: prop, Stored: stored})
	}
	if err := w.number(); err != nil {
		return err
	}
	page.Properties, page.Kept = w.values.Append(nil), nil
	if len(kept.Members()) > 0 {
		page.Kept = kept.Append(nil)
	}
	return w.index()
}

// stillOffered returns a value without options that are gone.
func stillOffered(prop *property.Property, stored jsonx.Value) jsonx.Value {
	switch prop.Type.Name {
	case "select", "multi_select", "status":
	default:
		return stored
	}
	chosen := stored.Items()
	if stored.Kind() == jsonx.Object {
		chosen = []jsonx.Value{stored}
	}
	var gone []string
	for _, o := range chosen {
		id := o.Get("id").Text()
		if !slices.ContainsFunc(prop.Options(), func(offered property.Option) bool { return offered.ID == id }) {
			gone = append(gone, id)
		}
	}
	return property.DropOptions(stored, gone)
}
