package core

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// maxTemplates is how many pages can be marked as templates of one data source.
const maxTemplates = 100

// Templates lists the templates of a data source that the caller may see, the default one
// first, or those of them with a text in their titles (databases.md §1.3).
func (c *Core) Templates(ctx context.Context, p *Principal, source notion.ID, name string, part PageOf) (notion.Object, error) {
	list := &notion.TemplateList{}
	err := c.view(ctx, p, func(tx *store.Tx) error {
		at, err := c.locateSource(tx, p, source)
		if err != nil {
			return err
		}
		if at.inTrash() {
			return p.notFound("data_source", source)
		}
		all, err := c.visibleTemplates(tx, p, source)
		if err != nil {
			return err
		}
		folded := strings.ToLower(name)
		all = slices.DeleteFunc(all, func(t notion.Template) bool { return !strings.Contains(strings.ToLower(t.Name), folded) })
		if part.Cursor != "" {
			first, _ := notion.ParseID(part.Cursor)
			i := slices.IndexFunc(all, func(t notion.Template) bool { return t.ID == first })
			if i < 0 {
				return invalid("The start_cursor provided is invalid: %s", part.Cursor)
			}
			all = all[i:]
		}
		if len(all) > part.Size {
			list.NextCursor = all[part.Size].ID.String()
			all = all[:part.Size]
		}
		list.Templates = all
		return nil
	})
	return list, err
}

// visibleTemplates reads the templates of a data source that are shared with p and not in
// the trash, in order.
func (c *Core) visibleTemplates(tx *store.Tx, p *Principal, source notion.ID) ([]notion.Template, error) {
	marks, err := tx.Templates(source)
	if err != nil {
		return nil, err
	}
	var all []notion.Template
	for _, mark := range marks {
		seen, err := c.canUse(tx, p, mark.Page)
		if err != nil {
			return nil, err
		}
		if !seen {
			continue
		}
		page, err := tx.Page(mark.Page)
		if err != nil {
			return nil, err
		}
		all = append(all, notion.Template{ID: page.ID, Name: page.Title, IsDefault: mark.IsDefault})
	}
	return all, nil
}

// canUse reports whether p may read a page that is to be a template.
func (c *Core) canUse(tx *store.Tx, p *Principal, page notion.ID) (bool, error) {
	at, err := c.locatePage(tx, p, page)
	var refused *apierr.Error
	if errors.As(err, &refused) {
		return false, nil
	}
	return err == nil && p.Caps.Has(ReadContent) && !at.inTrash(), err
}

// AllTemplates lists the marks of the templates of a data source, by the ids of the pages.
func (c *Core) AllTemplates(ctx context.Context, ws, source notion.ID, part PageOf) (Listing[store.Template], error) {
	id := func(t *store.Template) notion.ID { return t.Page }
	return list(part, id, func(after *notion.ID, limit int) (rows []store.Template, err error) {
		err = c.store.View(ctx, ws, func(tx *store.Tx) error {
			if err := checkSource(tx, source); err != nil {
				return err
			}
			rows, err = tx.Templates(source)
			return err
		})
		return pick(rows, id, after, limit), err
	})
}

// checkSource refuses an id, named by an administrator, that is no data source's.
func checkSource(tx *store.Tx, id notion.ID) error {
	_, err := tx.DataSource(id)
	if err != nil {
		return adminError(err, "data source", id)
	}
	return nil
}

// AddTemplate marks a page as a template of a data source, or changes whether it is the
// default one. A template that is in the data source is no row to queries, to relations that
// lead there and to searches (pages-blocks.md §5.4).
func (c *Core) AddTemplate(ctx context.Context, ws, source, page notion.ID, isDefault bool) (store.Template, error) {
	t := store.Template{Source: source, Page: page, IsDefault: isDefault}
	err := c.store.Update(ctx, ws, func(tx *store.Tx) error {
		if err := checkSource(tx, source); err != nil {
			return err
		}
		if _, err := tx.Page(page); err != nil {
			return adminError(err, "page", page)
		}
		all, err := tx.Templates(source)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(t store.Template) bool { return t.Page == page })
		switch {
		case i >= 0:
			t.CreatedTime = all[i].CreatedTime
		case len(all) == maxTemplates:
			return invalid("A data source can have up to %d templates.", maxTemplates)
		default:
			t.CreatedTime = tx.Now().Truncate(time.Microsecond)
			if err := c.marked(tx, page); err != nil {
				return err
			}
		}
		return tx.SetTemplate(t)
	})
	return t, storeError(err)
}

// RemoveTemplate takes the mark of a template from a page and returns it. The page stays, and is
// a row again if it is in the data source.
func (c *Core) RemoveTemplate(ctx context.Context, ws, source, page notion.ID) (store.Template, error) {
	var t store.Template
	err := c.store.Update(ctx, ws, func(tx *store.Tx) (err error) {
		if t, err = tx.Template(source, page); err != nil {
			return err
		}
		if err := c.marked(tx, page); err != nil {
			return err
		}
		return tx.DeleteTemplate(source, page)
	})
	return t, adminError(err, "template", page)
}

// marked records that a page has become a template or is one no more: queries of the data
// source have a row less or more.
func (c *Core) marked(tx *store.Tx, page notion.ID) error {
	p, err := administrator(tx, notion.ID{})
	if err != nil {
		return err
	}
	return c.event(tx, p, pageMarked, page)
}
