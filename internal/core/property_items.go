package core

import (
	"context"
	"errors"

	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/store"
)

// PageProperty returns one property of a page: a value, or a list with one text, user or
// page a result (pages-blocks.md §5.7).
func (c *Core) PageProperty(ctx context.Context, p *Principal, id notion.ID, propertyID string, part PageOf) (notion.Object, error) {
	var o notion.Object
	err := c.view(ctx, p, func(tx *store.Tx) error {
		at, err := c.locatePage(tx, p, id)
		if err != nil {
			return err
		}
		page, err := tx.Page(id)
		if err != nil {
			return err
		}
		v := &rowView{core: c, tx: tx, p: p, resolver: c.newResolver()}
		prop, stored, err := v.find(at, &page, propertyID)
		if err != nil {
			return err
		}
		if err := v.readMentions(prop, stored, &page); err != nil {
			return err
		}
		o, err = v.item(prop, stored, &page, part)
		return err
	})
	return o, err
}

// titleOnly is the property that a page outside every data source has.
var titleOnly = &property.Property{ID: property.TitleID, Name: property.TitleID, Type: property.Lookup("title")}

// find returns the property of a page that an id names, encoded or not, with its stored
// value.
func (v *rowView) find(at place, page *store.Page, id string) (*property.Property, jsonx.Value, error) {
	values, err := jsonx.Parse(page.Properties)
	if err != nil {
		return nil, values, err
	}
	if !at.isRow() {
		if id != property.TitleID {
			return nil, values, propertyNotFound(v.p, id)
		}
		return titleOnly, values.Get(property.TitleID).Get("title"), nil
	}
	if v.source, err = v.core.readSource(v.tx, at[1].ID); err != nil {
		return nil, values, err
	}
	prop := v.source.props.ByID(id)
	if prop == nil {
		prop = v.source.props.ByID(property.DecodeID(id))
	}
	if prop == nil {
		return nil, values, propertyNotFound(v.p, id)
	}
	return prop, values.Get(prop.ID), nil
}

func propertyNotFound(p *Principal, id string) error {
	return apierr.Errorf(apierr.ObjectNotFound,
		"Could not find property with ID: %s. Make sure the relevant pages and databases are shared with your integration \"%s\".",
		id, p.Name).With("integration_id", p.Bot.String())
}

func (v *rowView) item(prop *property.Property, stored jsonx.Value, page *store.Page, part PageOf) (notion.Object, error) {
	switch {
	case prop.Type.Name == "relation":
		return v.relatedItems(prop, page, part)
	case prop.Type.Name == "rollup":
		return v.rollupItems(prop, page, part)
	case prop.Type.Listed():
		return v.listItems(prop, page, v.show(prop, stored, page).Items(), part)
	case isDerived(prop):
		v.properties = []*property.Property{prop}
		if err := v.derive([]store.Page{*page}); err != nil {
			return nil, err
		}
		return v.single(prop, prop.ShowResult(v.derived[prop.ID][0])), nil
	}
	return v.single(prop, v.show(prop, stored, page)), nil
}

// single is the answer with the whole value of a property.
func (v *rowView) single(prop *property.Property, shown jsonx.Value) notion.Object {
	return &notion.PropertyItem{Raw: prop.AppendItem(nil, shown), Timed: v.changesWithTime()}
}

// listItems pages through the items of a value. A cursor is the place of the next one,
// written so that nobody mistakes it for a number to compute with.
func (v *rowView) listItems(prop *property.Property, page *store.Page, items []jsonx.Value, part PageOf) (notion.Object, error) {
	from, err := decodeOffset(part.Cursor)
	if err != nil || from > len(items) {
		return nil, invalid("The start_cursor provided is invalid: %s", part.Cursor)
	}
	items = items[from:]
	next := ""
	if len(items) > part.Size {
		items = items[:part.Size]
		next = encodeOffset(from + part.Size)
	}
	return v.list(prop, page, itemsOf(prop, items), next, part, jsonx.ObjectValue()), nil
}

// itemsOf are values of a property as results.
func itemsOf(prop *property.Property, values []jsonx.Value) []notion.Object {
	var items []notion.Object
	for _, v := range values {
		items = append(items, notion.Raw(prop.AppendItem(nil, v)))
	}
	return items
}

// list is the answer with some items of a property. The value is what the description of
// the property holds under its type.
func (v *rowView) list(prop *property.Property, page *store.Page, items []notion.Object, cursor string, part PageOf, value jsonx.Value) notion.Object {
	list := &notion.List{Type: "property_item", NextCursor: cursor, Results: items, Timed: v.changesWithTime()}
	id, next := property.EncodeID(prop.ID), jsonx.NullValue
	if cursor != "" {
		next = jsonx.StringValue(v.core.propertyURL(page.ID, id, cursor, part.Size))
	}
	list.Property = jsonx.ObjectValue(
		jsonx.M("id", jsonx.StringValue(id)),
		jsonx.M("next_url", next),
		jsonx.M("type", jsonx.StringValue(prop.Type.Name)),
		jsonx.M(prop.Type.Name, value),
	).Append(nil)
	return list
}

// relatedItems pages through related pages. A cursor is the order key of the next link, so
// that what is added or removed meanwhile moves nothing.
func (v *rowView) relatedItems(prop *property.Property, page *store.Page, part PageOf) (notion.Object, error) {
	items, next, err := v.linkItems(prop, page, part)
	if err != nil {
		return nil, err
	}
	return v.list(prop, page, items, next, part, jsonx.ObjectValue()), nil
}

// linkItems returns some related pages as results, and the cursor of those that follow.
func (v *rowView) linkItems(prop *property.Property, page *store.Page, part PageOf) ([]notion.Object, string, error) {
	from, err := decodeOffset(part.Cursor)
	if err != nil {
		return nil, "", invalid("The start_cursor provided is invalid: %s", part.Cursor)
	}
	links, err := v.links(prop, page.ID, int64(from), part.Size+1)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(links) > part.Size {
		next = encodeOffset(int(links[part.Size].Ord))
		links = links[:part.Size]
	}
	return itemsOf(prop, property.RelationValue(linkedPages(links)).Items()), next, nil
}

func linkedPages(links []store.Relation) []notion.ID {
	ids := make([]notion.ID, len(links))
	for i, l := range links {
		ids[i] = l.To
	}
	return ids
}

// links reads some links of a row, from an order key on, that lead to what the caller may
// see.
func (v *rowView) links(prop *property.Property, row notion.ID, from int64, limit int) ([]store.Relation, error) {
	target := prop.Relation().Source
	chain, err := v.tx.Chain(target)
	if errors.Is(err, store.ErrNotFound) || err == nil && place(chain).inTrash() {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var seen []store.Relation
	for {
		links, err := v.tx.RelatedFrom(v.source.column(prop), target, row, from, limit)
		if err != nil {
			return nil, err
		}
		if len(links) > 0 {
			from = links[len(links)-1].Ord + 1
		}
		visible, err := v.core.visibleRows(v.tx, v.p, target, linkedPages(links))
		if err != nil {
			return nil, err
		}
		for _, l := range links {
			if visible(l.To) && len(seen) < limit {
				seen = append(seen, l)
			}
		}
		if len(seen) == limit || len(links) < limit {
			return seen, nil
		}
	}
}
