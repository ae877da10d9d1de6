package core

import (
	"errors"

	"octavo/internal/block"
	"octavo/internal/jsonx"
	"octavo/internal/markdown"
	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/richtext"
	"octavo/internal/store"
)

// subtree is all that hangs below a page, read to be copied below another: the blocks of its
// content, the pages and databases among them, their rows and their views. What is in the
// trash is not copied, comments neither.
type subtree struct {
	root notion.ID
	// nodes are in an order in which each comes after its parent, and those of one parent in
	// theirs.
	nodes     []store.Block
	pages     map[notion.ID]store.Page
	databases map[notion.ID]store.Database
	sources   map[notion.ID]*source
	rows      map[notion.ID][]notion.ID // by data source
	links     []copiedLinks
	views     []store.View
	marks     []store.Template
}

// copiedLinks are the links of rows through one property.
type copiedLinks struct {
	through store.Column
	links   []store.Relation
}

// readSubtree reads what is below a page.
func (c *Core) readSubtree(tx *store.Tx, root notion.ID) (*subtree, error) {
	t := &subtree{
		root: root, pages: map[notion.ID]store.Page{}, databases: map[notion.ID]store.Database{},
		sources: map[notion.ID]*source{}, rows: map[notion.ID][]notion.ID{},
	}
	if err := t.readNodes(tx); err != nil {
		return nil, err
	}
	var pages []notion.ID
	for i := range t.nodes {
		n := &t.nodes[i]
		var err error
		switch n.Type {
		case childPage:
			pages = append(pages, n.ID)
			t.rows[n.ParentID] = append(t.rows[n.ParentID], n.ID)
		case childDatabase:
			err = t.readDatabase(tx, n.ID)
		case dataSource:
			if t.sources[n.ID], err = c.readSource(tx, n.ID); err == nil {
				err = t.readMarks(tx, n.ID)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	read, err := tx.Pages(pages)
	for i := range read {
		t.pages[read[i].ID] = read[i]
	}
	if err != nil {
		return nil, err
	}
	return t, t.readLinks(tx)
}

// readNodes reads the nodes, level by level.
func (t *subtree) readNodes(tx *store.Tx) error {
	level := []notion.ID{t.root}
	for len(level) > 0 {
		left := markdown.MaxRecords - len(t.nodes)
		rows, err := tx.ChildrenOf(level, left+1)
		if err != nil {
			return err
		}
		if len(rows) > left {
			return invalid("A template can have up to %d blocks.", markdown.MaxRecords)
		}
		t.nodes = append(t.nodes, rows...)
		level = level[:0:0]
		for i := range rows {
			if rows[i].HasChildren {
				level = append(level, rows[i].ID)
			}
		}
	}
	return nil
}

// readDatabase reads a database and its views.
func (t *subtree) readDatabase(tx *store.Tx, id notion.ID) (err error) {
	const atOnce = 100
	if t.databases[id], err = tx.Database(id); err != nil {
		return err
	}
	for from := (store.From{}); ; {
		views, err := tx.ViewsOf(id, from, atOnce)
		if err != nil {
			return err
		}
		t.views = append(t.views, views...)
		if len(views) < atOnce {
			return nil
		}
		last := views[len(views)-1]
		from = store.From{Ord: last.Ord, ID: last.ID}
	}
}

func (t *subtree) readMarks(tx *store.Tx, source notion.ID) error {
	marks, err := tx.Templates(source)
	t.marks = append(t.marks, marks...)
	return err
}

// readLinks reads the links that the rows show.
func (t *subtree) readLinks(tx *store.Tx) error {
	for _, s := range t.sources {
		for _, prop := range s.props.Properties() {
			if prop.Type.Name != "relation" {
				continue
			}
			links, err := tx.EveryRelated(s.column(prop), prop.Relation().Source, t.rows[s.ID])
			if err != nil {
				return err
			}
			if len(links) > 0 {
				t.links = append(t.links, copiedLinks{s.column(prop), links})
			}
		}
	}
	return nil
}

// copier writes a copy of a subtree below another page. References in it to what is copied
// lead to the copies.
type copier struct {
	core *Core
	tx   *store.Tx
	p    *Principal
	of   *subtree
	with richtext.Filling
	// ids are the copies by what they are copies of.
	ids      map[notion.ID]notion.ID
	sources  map[notion.ID]*source // by their own ids
	blocks   []store.Block
	revision int64
	place    int64 // how many rows have been placed
	// uploads are what the copies refer to.
	uploads []notion.ID
}

// copyInto copies a subtree after what is on a page, and returns what is new right below the
// page and the uploads that are referred to.
func (c *Core) copyInto(tx *store.Tx, p *Principal, at place, of *subtree, with richtext.Filling) (*copier, []store.Link, error) {
	d := &copier{
		core: c, tx: tx, p: p, of: of, with: with,
		ids: map[notion.ID]notion.ID{of.root: at[0].ID}, sources: map[notion.ID]*source{},
	}
	for i := range of.nodes {
		d.ids[of.nodes[i].ID] = c.ids.New(tx.Now())
	}
	for i := range of.views {
		d.ids[of.views[i].ID] = c.ids.New(tx.Now())
	}
	var err error
	if d.revision, err = tx.Revision(); err != nil {
		return nil, nil, err
	}
	if err := d.copySources(); err != nil {
		return nil, nil, err
	}
	top, err := d.copyNodes(at)
	if err != nil {
		return nil, nil, err
	}
	for _, step := range []func() error{d.copyLinks, d.copyViews, d.copyMarks} {
		if err := step(); err != nil {
			return nil, nil, err
		}
	}
	return d, top, nil
}

// copySources makes the schemas of the copies known before any row of them is written.
func (d *copier) copySources() error {
	copied := make(map[notion.ID]property.Source, len(d.of.sources))
	for id, s := range d.of.sources {
		copied[id] = property.Source{ID: d.ids[id], Database: d.ids[s.ParentID]}
	}
	for id, s := range d.of.sources {
		row := s.DataSource
		row.Computed = ""
		props := s.props.Copy(copied)
		row.Schema = props.Append(nil)
		row.ID, row.ParentID = d.ids[id], d.ids[s.ParentID]
		d.sources[row.ID] = &source{DataSource: row, props: props}
	}
	return nil
}

// copyNodes writes the nodes and returns those right below the page.
func (d *copier) copyNodes(at place) ([]store.Link, error) {
	before, after, err := gap(d.tx, at[0].ID, Position{})
	if err != nil {
		return nil, err
	}
	tops := 0
	for tops < len(d.of.nodes) && d.of.nodes[tops].ParentID == d.of.root {
		tops++
	}
	keys := store.Sequence(before, after, tops)
	top := make([]store.Link, tops)
	for i := range d.of.nodes {
		node := d.node(&d.of.nodes[i])
		if i < tops {
			node.Ord, top[i] = keys[i], store.Link{ID: node.ID, Type: node.Type}
		}
		if err := d.copyNode(d.of.nodes[i].ID, node); err != nil {
			return nil, err
		}
	}
	return top, d.tx.InsertBlocks(d.blocks)
}

// node returns the copy of a node as its place in the tree.
func (d *copier) node(of *store.Block) store.Block {
	n := *of
	n.ID, n.ParentID = d.ids[of.ID], d.ids[of.ParentID]
	n.PageID = d.ids[of.PageID]
	n.CreatedTime, n.CreatedBy, n.LastEditedTime, n.LastEditedBy = d.tx.Now(), d.p.Bot, d.tx.Now(), d.p.Bot
	return n
}

func (d *copier) copyNode(of notion.ID, node store.Block) error {
	switch node.Type {
	case childPage:
		return d.copyPage(d.of.pages[of], node)
	case childDatabase:
		return d.copyDatabase(d.of.databases[of], node)
	case dataSource:
		row := d.sources[node.ID].DataSource
		row.Block = node
		d.keepPicture(row.Icon)
		if err := d.tx.InsertDataSource(row); err != nil {
			return err
		}
		return d.core.event(d.tx, d.p, sourceCreated, node.ID)
	}
	payload, err := jsonx.Parse(node.Payload)
	if err != nil {
		return err
	}
	d.fill(payload)
	node.Payload, node.Dynamic = payload.Append(nil), block.IsDynamic(payload)
	d.blocks = append(d.blocks, node)
	return nil
}

// fill fills in the placeholders of stored values, and makes what refers to something that is
// copied refer to its copy.
func (d *copier) fill(v jsonx.Value) {
	richtext.Fill(v, d.with)
	d.refer(v)
	media.Uploads(v, func(id notion.ID) { d.uploads = append(d.uploads, id) })
}

// refer replaces the ids of what is copied. Texts are left as they are.
func (d *copier) refer(v jsonx.Value) {
	v.Walk(func(it jsonx.Value) {
		for _, m := range it.Members() {
			if m.Value.Kind() != jsonx.String || m.Key == "content" || m.Key == "plain_text" {
				continue
			}
			id, isID := notion.ParseID(m.Value.Text())
			if copied, is := d.ids[id]; isID && is {
				*it.Ref(m.Key) = jsonx.StringValue(copied.String())
			}
		}
	})
}

// referIn is refer for a stored value, nil for none.
func (d *copier) referIn(stored *[]byte) error {
	if *stored == nil {
		return nil
	}
	v, err := jsonx.Parse(*stored)
	if err != nil {
		return err
	}
	d.refer(v)
	*stored = v.Append(nil)
	return nil
}

// keepPicture notes the upload of an icon or a cover.
func (d *copier) keepPicture(stored []byte) {
	if v, err := jsonx.Parse(stored); err == nil {
		media.Uploads(v, func(id notion.ID) { d.uploads = append(d.uploads, id) })
	}
}

func (d *copier) copyDatabase(row store.Database, node store.Block) error {
	row.Block, row.IsLocked = node, false
	d.keepPicture(row.Icon)
	d.keepPicture(row.Cover)
	if err := d.tx.InsertDatabase(row); err != nil {
		return err
	}
	return d.core.event(d.tx, d.p, databaseCreated, node.ID)
}

func (d *copier) copyPage(page store.Page, node store.Block) error {
	page.Block, page.Kept, page.IsLocked, page.PropertiesDynamic = node, nil, false, true
	values, err := jsonx.Parse(page.Properties)
	if err != nil {
		return err
	}
	d.fill(values)
	d.keepPicture(page.Icon)
	d.keepPicture(page.Cover)
	page.Properties = values.Append(nil)
	s := d.sources[node.ParentID]
	title := titleOf(values)
	if err := d.core.retitle(d.tx, d.p, &page, richtext.Text{Value: title, Dynamic: titleOnly.Dynamic(title)}); err != nil {
		return err
	}
	if s != nil {
		d.place++
		page.Ord = store.RowOrderAmong(d.tx.Now(), d.revision, d.place)
	}
	if err := d.tx.InsertPages([]store.Page{page}); err != nil {
		return err
	}
	if s != nil {
		w := d.core.newRow(d.tx, d.p, s, &page)
		for _, prop := range s.props.Properties() {
			if stored := values.Get(prop.ID); stored.Defined() {
				w.written = append(w.written, property.Value{Property: prop, Stored: stored})
			}
		}
		if err := w.index(); err != nil {
			return err
		}
	}
	return d.core.event(d.tx, d.p, pageCreated, page.ID)
}

// titleOf returns the title in the stored properties of a page, which say more of it when the
// page is in no data source.
func titleOf(properties jsonx.Value) jsonx.Value {
	title := properties.Get(property.TitleID)
	if title.Has("title") {
		return title.Get("title")
	}
	return title
}

// copied returns the copy of a node, and the node itself when it is not copied.
func (d *copier) copied(id notion.ID) notion.ID {
	if c, is := d.ids[id]; is {
		return c
	}
	return id
}

// copyLinks links the rows as those that they are copies of are.
func (d *copier) copyLinks() error {
	for _, l := range d.of.links {
		through := store.Column{Source: d.ids[l.through.Source], Property: l.through.Property}
		for from, to := range linksOf(l.links) {
			for i := range to {
				to[i] = d.copied(to[i])
			}
			if err := d.tx.SetRelated(through, d.ids[from], to); err != nil {
				return err
			}
		}
	}
	return nil
}

func linksOf(links []store.Relation) map[notion.ID][]notion.ID {
	of := map[notion.ID][]notion.ID{}
	for _, l := range links {
		of[l.From] = append(of[l.From], l.To)
	}
	return of
}

func (d *copier) copyViews() error {
	for _, v := range d.of.views {
		v.ID, v.DatabaseID, v.DataSourceID = d.ids[v.ID], d.ids[v.DatabaseID], d.copied(v.DataSourceID)
		v.DashboardID = d.ids[v.DashboardID]
		v.CreatedTime, v.CreatedBy, v.LastEditedTime, v.LastEditedBy = d.tx.Now(), d.p.Bot, d.tx.Now(), d.p.Bot
		for _, stored := range []*[]byte{&v.Filter, &v.Sorts, &v.QuickFilters, &v.Configuration} {
			if err := d.referIn(stored); err != nil {
				return err
			}
		}
		if err := d.core.addView(d.tx, d.p, v); err != nil {
			return err
		}
	}
	return nil
}

// copyMarks marks the copies of what is marked in a data source that is copied. A template
// that is not copied with it is one of the copy too.
func (d *copier) copyMarks() error {
	for _, m := range d.of.marks {
		m.Source, m.Page, m.CreatedTime = d.ids[m.Source], d.copied(m.Page), d.tx.Now()
		if err := d.tx.SetTemplate(m); err != nil {
			return err
		}
	}
	return nil
}

// sourceIn returns the data source that a page is in, nil when it is in none.
func (c *Core) sourceIn(tx *store.Tx, page *store.Page) (*source, error) {
	s, err := c.readSource(tx, page.ParentID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return s, err
}
