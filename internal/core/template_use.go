package core

import (
	"slices"
	"time"

	"octavo/internal/block"
	"octavo/internal/jsonx"
	"octavo/internal/markdown"
	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/richtext"
	"octavo/internal/store"
)

// UseTemplate says which template fills a page. The zero value is none.
type UseTemplate struct {
	// Default is the default template of the data source that the page is in.
	Default bool
	// Page is the page to use as a template, marked as one or not.
	Page notion.ID
	// TimeZone is where the days of its placeholders begin: a name of the IANA database, ""
	// for the caller's own.
	TimeZone string
}

func (u UseTemplate) none() bool { return !u.Default && u.Page.IsZero() }

// zone returns the time zone of a use: that of the workspace for connections that act for a
// person, UTC for the others (pages-blocks.md §5.4).
func (u UseTemplate) zone(p *Principal) (*time.Location, error) {
	switch {
	case u.TimeZone != "":
		return richtext.Zone(u.TimeZone)
	case p.Kind == Internal:
		return time.UTC, nil
	}
	return p.Zone, nil
}

// template is what a template gives to a page, its placeholders filled in.
type template struct {
	page store.Page
	// properties are the stored values by raw property id.
	properties jsonx.Value
	tree       []*block.New
	// uploads are what the content refers to.
	uploads []notion.ID
}

// readTemplate reads the template for a page in a place, which is that of what the page
// hangs on; nil when none is asked for.
func (c *Core) readTemplate(tx *store.Tx, p *Principal, parent place, u UseTemplate) (*template, error) {
	if u.none() {
		return nil, nil
	}
	zone, err := u.zone(p)
	if err != nil {
		return nil, err
	}
	id, err := c.chooseTemplate(tx, p, parent, u)
	if err != nil {
		return nil, err
	}
	t := &template{}
	if t.page, err = tx.Page(id); err != nil {
		return nil, err
	}
	if t.properties, err = jsonx.Parse(t.page.Properties); err != nil {
		return nil, err
	}
	with := richtext.Filling{Now: tx.Now().In(zone), Me: p.Bot}
	richtext.Fill(t.properties, with)
	return t, t.readContent(tx, with)
}

// chooseTemplate returns the page to use as a template.
func (c *Core) chooseTemplate(tx *store.Tx, p *Principal, parent place, u UseTemplate) (notion.ID, error) {
	if !u.Default {
		seen, err := c.canUse(tx, p, u.Page)
		if err == nil && !seen {
			err = invalid("Could not find a page to use as a template with ID: %s. Make sure that it is shared with your integration.", u.Page)
		}
		return u.Page, err
	}
	if len(parent) > 0 && parent.kind() == dataSource {
		all, err := c.visibleTemplates(tx, p, parent[0].ID)
		if err != nil || len(all) > 0 && all[0].IsDefault {
			return firstTemplate(all), err
		}
	}
	return notion.ID{}, invalid("The parent of the page is not a data source with a default template.")
}

func firstTemplate(all []notion.Template) notion.ID {
	if len(all) == 0 {
		return notion.ID{}
	}
	return all[0].ID
}

// readContent reads the blocks of the template, without the pages and databases below it.
func (t *template) readContent(tx *store.Tx, with richtext.Filling) error {
	top := &block.New{}
	level, left := map[notion.ID]*block.New{t.page.ID: top}, markdown.MaxRecords
	for len(level) > 0 {
		parents := make([]notion.ID, 0, len(level))
		for id := range level {
			parents = append(parents, id)
		}
		rows, err := tx.ChildrenOf(parents, left+1)
		if err != nil {
			return err
		}
		if left -= len(rows); left < 0 {
			return invalid("A template can have up to %d blocks.", markdown.MaxRecords)
		}
		below := map[notion.ID]*block.New{}
		for i := range rows {
			row := &rows[i]
			if row.Type == childPage || row.Type == childDatabase {
				continue
			}
			n, payload, err := block.Copy(row.Type, row.Payload, with)
			if err != nil {
				return err
			}
			media.Uploads(payload, func(id notion.ID) { t.uploads = append(t.uploads, id) })
			level[row.ParentID].Children = append(level[row.ParentID].Children, n)
			if row.HasChildren {
				below[row.ID] = n
			}
		}
		level = below
	}
	t.tree = top.Children
	return nil
}

// said is what a request has said of a page itself, which a template does not change.
type said struct {
	properties  jsonx.Value
	icon, cover bool
	// created reports that the request makes the page: what it has not said is open then. A
	// page that was there keeps what is not empty.
	created bool
}

// applyTemplate gives a page the icon, cover, values and content of a template; nil does
// nothing.
func (c *Core) applyTemplate(tx *store.Tx, p *Principal, at place, t *template, s said) error {
	if t == nil {
		return nil
	}
	page, err := tx.Page(at[0].ID)
	if err != nil {
		return err
	}
	changed := false
	for _, picture := range []struct {
		said     bool
		from, to *[]byte
	}{{s.icon, (*[]byte)(&t.page.Icon), (*[]byte)(&page.Icon)}, {s.cover, (*[]byte)(&t.page.Cover), (*[]byte)(&page.Cover)}} {
		if picture.said || len(*picture.from) == 0 || len(*picture.to) > 0 {
			continue
		}
		v, err := jsonx.Parse(*picture.from)
		if err != nil {
			return err
		}
		media.Uploads(v, func(id notion.ID) { t.uploads = append(t.uploads, id) })
		*picture.to, changed = *picture.from, true
	}
	merge := c.mergeTitle
	if at.isRow() {
		merge = c.mergeRow
	}
	written, err := merge(tx, p, at, &page, t, s)
	if err != nil {
		return err
	}
	if changed || len(written) > 0 {
		// Resolving once too often does no harm.
		page.PropertiesDynamic = true
		if err := tx.UpdatePage(page, p.Bot); err != nil {
			return err
		}
		if err := tx.UpdateBlock(page.Block, p.Bot); err != nil {
			return err
		}
		if err := c.pageEvents(tx, p, at, changed, written); err != nil {
			return err
		}
	}
	if err := c.keepAll(tx, t.uploads); err != nil {
		return err
	}
	return c.copyContent(tx, p, at, t.tree)
}

// keepAll keeps uploads that the template refers to, whoever made them.
func (c *Core) keepAll(tx *store.Tx, uploads []notion.ID) error {
	for _, id := range uploads {
		if _, err := c.keep(tx, id); err != nil {
			return err
		}
	}
	return nil
}

// copyContent puts the blocks of a template after what is on the page.
func (c *Core) copyContent(tx *store.Tx, p *Principal, at place, tree []*block.New) error {
	if len(tree) == 0 {
		return nil
	}
	before, after, err := gap(tx, at[0].ID, Position{})
	if err != nil {
		return err
	}
	var rows []store.Block
	c.layOut(tx, p, &rows, tree, at[0].ID, at[0].ID, store.Sequence(before, after, len(tree)))
	if err := tx.InsertBlocks(rows); err != nil {
		return err
	}
	return c.touch(tx, p, at, links(rows)...)
}

// mergeTitle gives a page that is in no data source the title of a template.
func (c *Core) mergeTitle(tx *store.Tx, p *Principal, _ place, page *store.Page, t *template, s said) ([]string, error) {
	v := t.properties.Get(property.TitleID)
	if s.properties.Has(property.TitleID) || page.Title != "" || len(v.Items()) == 0 {
		return nil, nil
	}
	title := richtext.Text{Value: v, Dynamic: true}
	page.Properties = property.EncodeTitle(title)
	return []string{property.TitleID}, c.retitle(tx, p, page, title)
}

// mergeRow gives a row the values of a template: all that can be written but relations and
// verifications when the template is in the same data source, else the title.
func (c *Core) mergeRow(tx *store.Tx, p *Principal, at place, page *store.Page, t *template, s said) ([]string, error) {
	source, err := c.readSource(tx, at[1].ID)
	if err != nil {
		return nil, err
	}
	w := c.newRow(tx, p, source, page)
	w.exists = true
	if w.values, err = jsonx.Parse(page.Properties); err != nil {
		return nil, err
	}
	var named []*property.Property
	for _, m := range s.properties.Members() {
		named = append(named, source.props.Find(m.Key))
	}
	var written []string
	for _, prop := range source.props.Properties() {
		if !t.gives(prop, source.ID) || slices.Contains(named, prop) || !s.created && !isEmpty(w.values.Get(prop.ID)) {
			continue
		}
		v := property.Value{Property: prop, Stored: t.properties.Get(prop.ID)}
		media.Uploads(v.Stored, func(id notion.ID) { t.uploads = append(t.uploads, id) })
		w.values.Set(prop.ID, v.Stored)
		w.written = append(w.written, v)
		written = append(written, prop.ID)
		if prop.ID != property.TitleID {
			continue
		}
		if err := c.retitle(tx, p, page, richtext.Text{Value: v.Stored, Dynamic: true}); err != nil {
			return nil, err
		}
	}
	if len(written) == 0 {
		return nil, nil
	}
	page.Properties = w.values.Append(nil)
	return written, w.index()
}

// gives reports whether a template has a value for a property of a row of a data source.
func (t *template) gives(prop *property.Property, source notion.ID) bool {
	if isEmpty(t.properties.Get(prop.ID)) || prop.Type.Computed() || prop.Type.Name == "verification" {
		return false
	}
	return prop.ID == property.TitleID || t.page.ParentID == source
}

// isEmpty reports whether a stored value is none.
func isEmpty(stored jsonx.Value) bool {
	return !stored.Defined() || stored.Kind() == jsonx.Array && len(stored.Items()) == 0
}
