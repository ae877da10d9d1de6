package core

import (
	"slices"
	"time"

	"octavo/internal/jsonx"
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

// template is what a template gives to a page.
type template struct {
	page store.Page
	// source is the data source that the template is in, nil when it is in none.
	source *source
	// properties are the stored values by raw property id, their placeholders filled in.
	properties jsonx.Value
	// related are the related pages that the caller sees, by raw property id.
	related map[string][]notion.ID
	content *subtree
	with    richtext.Filling
	// uploads are what the page comes to refer to.
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
	t := &template{with: richtext.Filling{Now: tx.Now().In(zone), Me: p.Bot}}
	if t.page, err = tx.Page(id); err != nil {
		return nil, err
	}
	if t.source, err = c.sourceIn(tx, &t.page); err != nil {
		return nil, err
	}
	if err := c.readValues(tx, p, t); err != nil {
		return nil, err
	}
	t.content, err = c.readSubtree(tx, id)
	return t, err
}

// readValues reads the properties of a template and what it is related to.
func (c *Core) readValues(tx *store.Tx, p *Principal, t *template) (err error) {
	if t.properties, err = jsonx.Parse(t.page.Properties); err != nil {
		return err
	}
	richtext.Fill(t.properties, t.with)
	if t.source == nil {
		t.properties.Set(property.TitleID, titleOf(t.properties))
		return nil
	}
	t.related = map[string][]notion.ID{}
	for _, prop := range t.source.props.Properties() {
		if prop.Type.Name != "relation" {
			continue
		}
		related, err := c.relatedRows(tx, p, t.source, prop, []notion.ID{t.page.ID}, everyRelated)
		if err != nil {
			return err
		}
		t.related[prop.ID] = related[t.page.ID]
	}
	return nil
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
	// The content comes first: values may lead to what is copied with it.
	copied, top, err := c.copyInto(tx, p, at, t.content, t.with)
	if err != nil {
		return err
	}
	merge := c.mergeTitle
	if at.isRow() {
		merge = c.mergeRow
	}
	written, err := merge(tx, p, at, &page, t, s, copied)
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
	if err := c.keepAll(tx, append(t.uploads, copied.uploads...)); err != nil || len(top) == 0 {
		return err
	}
	return c.touch(tx, p, at, top...)
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

// mergeTitle gives a page that is in no data source the title of a template.
func (c *Core) mergeTitle(tx *store.Tx, p *Principal, _ place, page *store.Page, t *template, s said, copied *copier) ([]string, error) {
	v := t.properties.Get(property.TitleID)
	if s.properties.Has(property.TitleID) || page.Title != "" || len(v.Items()) == 0 {
		return nil, nil
	}
	copied.refer(v)
	title := richtext.Text{Value: v, Dynamic: true}
	page.Properties = property.EncodeTitle(title)
	return []string{property.TitleID}, c.retitle(tx, p, page, title)
}

// mergeRow gives a row the values of a template: those of its own properties in the same data
// source, those of the properties of the same names and types in another. Verifications and
// what is computed stay behind, and so do options that the row's data source does not have.
func (c *Core) mergeRow(tx *store.Tx, p *Principal, at place, page *store.Page, t *template, s said, copied *copier) ([]string, error) {
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
		v := property.Value{Property: prop, Stored: t.value(prop, source.ID)}
		if isEmpty(v.Stored) || slices.Contains(named, prop) {
			continue
		}
		open, err := w.open(prop)
		if err != nil {
			return nil, err
		}
		if !open && !s.created {
			continue
		}
		copied.refer(v.Stored)
		media.Uploads(v.Stored, func(id notion.ID) { t.uploads = append(t.uploads, id) })
		if prop.Type.Name != "relation" {
			w.values.Set(prop.ID, v.Stored)
		}
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

// open reports whether the row has no value of a property.
func (w *row) open(prop *property.Property) (bool, error) {
	if prop.Type.Name != "relation" {
		return isEmpty(w.values.Get(prop.ID)), nil
	}
	related, err := w.tx.AllRelated(w.source.column(prop), w.page.ID)
	return len(related) == 0, err
}

// value returns what a template has for a property of a row of a data source, Undefined for
// nothing.
func (t *template) value(prop *property.Property, source notion.ID) jsonx.Value {
	if prop.ID == property.TitleID {
		return t.properties.Get(prop.ID)
	}
	if t.source == nil || prop.Type.Computed() || prop.Type.Name == "verification" {
		return jsonx.Value{}
	}
	from := prop
	if t.source.ID != source {
		if from = t.source.props.Named(prop.Name); from == nil || from.Type != prop.Type {
			return jsonx.Value{}
		}
	}
	if prop.Type.Name != "relation" {
		return property.Translate(from, prop, t.properties.Get(from.ID))
	}
	if from.Relation().Source != prop.Relation().Source {
		return jsonx.Value{}
	}
	return property.RelationValue(t.related[from.ID])
}

// isEmpty reports whether a stored value is none.
func isEmpty(stored jsonx.Value) bool {
	return !stored.Defined() || stored.Kind() == jsonx.Array && len(stored.Items()) == 0
}
