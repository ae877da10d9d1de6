package core

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"sync"

	"octavo/internal/apierr"
	"octavo/internal/block"
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/richtext"
	"octavo/internal/store"
)

// untitled is what a data source without a title is called (databases.md §1.2).
const untitled = "New database"

// source is a data source with its schema read.
type source struct {
	store.DataSource
	props *property.Schema
}

// readSource reads a data source, in the trash or not, whoever may see it.
func (c *Core) readSource(tx *store.Tx, id notion.ID) (*source, error) {
	row, err := tx.DataSource(id)
	if err != nil {
		return nil, err
	}
	return c.sourceOf(row)
}

func (c *Core) sourceOf(row store.DataSource) (*source, error) {
	s := &source{DataSource: row}
	var err error
	s.props, err = c.schemas.parse(row.Schema)
	return s, err
}

// column names a property of the data source for the store.
func (s *source) column(p *property.Property) store.Column {
	return store.Column{Source: s.ID, Property: p.ID}
}

func (s *source) described() property.Source {
	return property.Source{
		ID: s.ID, Database: s.ParentID, Title: s.Name, Schema: s.props, Retired: strings.Fields(s.Retired),
	}
}

// schemaCache keeps schemas by their stored form, so that what it holds is never stale.
type schemaCache struct {
	mu     sync.RWMutex
	byText map[string]*property.Schema
	bytes  int
}

func (c *schemaCache) parse(stored []byte) (*property.Schema, error) {
	const most = 8 << 20 // bytes of stored form
	c.mu.RLock()
	s := c.byText[string(stored)]
	c.mu.RUnlock()
	if s != nil {
		return s, nil
	}
	s, err := property.ParseSchema(stored)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byText == nil || c.bytes > most {
		c.byText, c.bytes = map[string]*property.Schema{}, 0
	}
	c.byText[string(stored)] = s
	c.bytes += len(stored)
	return s, nil
}

// sources reads data sources for schemas that lead to them.
type sources struct {
	core  *Core
	tx    *store.Tx
	p     *Principal
	known map[notion.ID]*source
	err   error // the first failure of the database
}

func (c *Core) sources(tx *store.Tx, p *Principal) *sources {
	return &sources{core: c, tx: tx, p: p, known: map[notion.ID]*source{}}
}

// read returns nil when there is no such data source or it cannot be read.
func (r *sources) read(id notion.ID) *source {
	s, done := r.known[id]
	if done || r.err != nil {
		return s
	}
	s, err := r.core.readSource(r.tx, id)
	if err != nil {
		s = nil
		if !errors.Is(err, store.ErrNotFound) {
			r.err = err
		}
	}
	r.known[id] = s
	return s
}

// Source implements [property.Sources].
func (r *sources) Source(id notion.ID) *property.Source {
	s := r.read(id)
	if s == nil {
		return nil
	}
	d := s.described()
	return &d
}

// Reach implements [property.Sources].
func (r *sources) Reach(id notion.ID) error {
	_, err := r.core.locateSource(r.tx, r.p, id)
	return err
}

// env is what the schema of a data source changes in.
func (c *Core) env(tx *store.Tx, p *Principal, of property.Source) (*property.Env, *sources) {
	r := c.sources(tx, p)
	return &property.Env{Source: of, Sources: r, Workspace: p.Workspace, IDs: c.ids, NotFound: p.notFoundText}, r
}

// NewSource is what a client says of a data source to be made. Undefined means not said.
type NewSource struct {
	// Database is the database that it is added to.
	Database          notion.ID
	Title, Properties jsonx.Value
	Icon              jsonx.Value
}

// SourceChange is what a client says of a data source to be changed. Undefined means: keep.
type SourceChange struct {
	Title, Icon, Properties, InTrash jsonx.Value
	// Database is the database to move to, zero to stay.
	Database notion.ID
}

// DataSource returns a data source, in the trash or not.
func (c *Core) DataSource(ctx context.Context, p *Principal, id notion.ID) (notion.Object, error) {
	var o notion.Object
	err := c.view(ctx, p, func(tx *store.Tx) error {
		at, err := c.locateSource(tx, p, id)
		if err != nil {
			return err
		}
		o, err = c.showSource(tx, p, at)
		return err
	})
	return o, err
}

// CreateDataSource adds a data source to a database.
func (c *Core) CreateDataSource(ctx context.Context, p *Principal, n NewSource) (notion.Object, error) {
	d, wrong := decodePictures(n.Icon, jsonx.Value{})
	var o notion.Object
	err := c.update(ctx, p, func(tx *store.Tx) error {
		at, err := c.locateDatabase(tx, p, n.Database)
		if err := cmp.Or(err, wrong); err != nil {
			return err
		}
		if err := at.checkEditable(); err != nil {
			return err
		}
		title, err := c.readText(tx, p, n.Title, nil)
		if err != nil {
			return err
		}
		row := store.DataSource{Title: title.stored, Description: []byte("[]"), Icon: d.icon.JSON, PartsDynamic: title.dynamic || d.dynamic()}
		if err := c.attachPictures(tx, p, d); err != nil {
			return err
		}
		s, err := c.insertSource(tx, p, n.Database, row, title.plain, n.Properties)
		if err != nil {
			return err
		}
		o, err = c.showSource(tx, p, append(place{{ID: s.ID, Type: dataSource, ParentID: n.Database}}, at...))
		return err
	})
	return o, err
}

// insertSource writes a data source below a database. The row says what the client said.
func (c *Core) insertSource(tx *store.Tx, p *Principal, database notion.ID, row store.DataSource, title string, properties jsonx.Value) (*source, error) {
	_, last, err := tx.Ends(database)
	if err != nil {
		return nil, err
	}
	row.Block = store.Block{
		ID: c.ids.New(tx.Now()), Type: dataSource, ParentID: database, Ord: store.Between(last, ""),
		CreatedTime: tx.Now(), CreatedBy: p.Bot, LastEditedTime: tx.Now(), LastEditedBy: p.Bot,
		Payload: block.TitlePayload(title),
	}
	row.Name, row.NextNumber = title, 1
	env, read := c.env(tx, p, property.Source{ID: row.ID, Database: database, Title: title})
	change, err := property.NewSchema(env, properties)
	if err := errors.Join(read.err, err); err != nil {
		return nil, err
	}
	row.Schema = change.Schema.Append(nil)
	if err := tx.InsertDataSource(row); err != nil {
		return nil, err
	}
	if err := claimPrefixes(tx, change); err != nil {
		return nil, err
	}
	if err := c.event(tx, p, sourceCreated, row.ID); err != nil {
		return nil, err
	}
	for i := range change.Partners {
		if err := c.applyChange(tx, p, &change.Partners[i]); err != nil {
			return nil, err
		}
	}
	if err := c.addDefaultView(tx, p, database, row.ID); err != nil {
		return nil, err
	}
	return &source{DataSource: row, props: change.Schema}, nil
}

// text is rich text of an object: a title or a description.
type text struct {
	stored  []byte
	plain   string
	dynamic bool
}

// readText reads rich text that is sent for the text stored before, nil for none.
func (c *Core) readText(tx *store.Tx, p *Principal, sent jsonx.Value, before []byte) (text, error) {
	decoded, err := richtext.Decode(sent)
	if err != nil {
		return text{}, err
	}
	old := jsonx.Value{}
	if before != nil {
		if old, err = jsonx.Parse(before); err != nil {
			return text{}, err
		}
	}
	if err := c.checkMentions(tx, p, decoded.Value, old); err != nil {
		return text{}, err
	}
	plain, err := c.plainTitle(tx, p, decoded)
	return text{decoded.Value.Append(nil), plain, decoded.Dynamic}, err
}

// UpdateDataSource changes a data source: its title, icon, schema, state and database.
func (c *Core) UpdateDataSource(ctx context.Context, p *Principal, id notion.ID, change SourceChange) (notion.Object, error) {
	d, wrong := decodePictures(change.Icon, jsonx.Value{})
	var o notion.Object
	err := c.update(ctx, p, func(tx *store.Tx) error {
		at, err := c.locateSource(tx, p, id)
		if err := cmp.Or(err, wrong); err != nil {
			return err
		}
		if at.trashed() && (!change.InTrash.Defined() || change.InTrash.True()) {
			return errTrashed()
		}
		if err := at.checkAncestors(); err != nil {
			return err
		}
		if err := c.attachPictures(tx, p, d); err != nil {
			return err
		}
		if err := c.changeSource(tx, p, id, change, d.icon); err != nil {
			return err
		}
		if at, err = c.moveSource(tx, p, at, change.Database); err != nil {
			return err
		}
		if change.InTrash.Defined() && change.InTrash.True() != at.trashed() {
			if err := c.setTrash(tx, p, at, change.InTrash.True()); err != nil {
				return err
			}
			at[0].InTrash = change.InTrash.True()
		}
		o, err = c.showSource(tx, p, at)
		return err
	})
	return o, err
}

// changeSource writes everything of a change but the trash and the place.
func (c *Core) changeSource(tx *store.Tx, p *Principal, id notion.ID, change SourceChange, icon media.Value) error {
	if err := c.changeSchema(tx, p, id, change.Properties); err != nil {
		return err
	}
	if !change.Title.Defined() && !change.Icon.Defined() {
		return nil
	}
	row, err := tx.DataSource(id)
	if err != nil {
		return err
	}
	if change.Title.Defined() {
		title, err := c.readText(tx, p, change.Title, row.Title)
		if err != nil {
			return err
		}
		row.Name, row.Title, row.Payload, row.PartsDynamic = title.plain, title.stored, block.TitlePayload(title.plain), row.PartsDynamic || title.dynamic
	}
	if change.Icon.Defined() {
		row.Icon, row.PartsDynamic = icon.JSON, row.PartsDynamic || icon.Dynamic
	}
	if err := tx.UpdateDataSource(row); err != nil {
		return err
	}
	if err := tx.UpdateBlock(row.Block, p.Bot); err != nil {
		return err
	}
	return c.contentEvent(tx, p, sourceContentUpdated, id, nil)
}

// changeSchema changes the properties of a data source by what was sent.
func (c *Core) changeSchema(tx *store.Tx, p *Principal, id notion.ID, sent jsonx.Value) error {
	if len(sent.Members()) == 0 {
		return nil
	}
	s, err := c.readSource(tx, id)
	if err != nil {
		return err
	}
	env, read := c.env(tx, p, s.described())
	change, err := s.props.Change(env, sent)
	if err := errors.Join(read.err, err); err != nil {
		return err
	}
	for _, ch := range append([]property.Change{*change}, change.Partners...) {
		if err := c.applyChange(tx, p, &ch); err != nil {
			return err
		}
	}
	return nil
}

// moveSource moves a data source to the end of another database and returns its new place.
// The views it had stay where they were, and it gets one where it goes (databases.md §1.3).
func (c *Core) moveSource(tx *store.Tx, p *Principal, at place, database notion.ID) (place, error) {
	if database.IsZero() || database == at[1].ID {
		return at, nil
	}
	to, err := c.locateDatabase(tx, p, database)
	if err != nil {
		return nil, err
	}
	if err := to.checkEditable(); err != nil {
		return nil, err
	}
	if to.within(at[0].ID) {
		return nil, invalid("A data source cannot be moved into a database that is below it.")
	}
	_, last, err := tx.Ends(database)
	if err != nil {
		return nil, err
	}
	if err := tx.MoveBlock(at[0].ID, database, notion.ID{}, store.Between(last, "")); err != nil {
		return nil, err
	}
	if err := tx.Touch(p.Bot, at[0].ID); err != nil {
		return nil, err
	}
	moved := at[0]
	moved.ParentID = database
	if err := c.event(tx, p, sourceMoved, moved.ID); err != nil {
		return nil, err
	}
	return append(place{moved}, to...), c.addDefaultView(tx, p, database, moved.ID)
}

// onlySource returns the data source of a database that has one. More than one are refused
// as versions before 2025-09-03 have to (databases.md §1.5); one in the trash counts.
func onlySource(tx *store.Tx, database notion.ID) (store.Link, error) {
	rows, err := tx.DataSourcesOf(database)
	switch {
	case err != nil:
		return store.Link{}, err
	case len(rows) == 0:
		return store.Link{}, invalid("Database with ID %s does not contain any data sources accessible by this API bot.", database)
	case len(rows) > 1:
		return store.Link{}, errManySources(database, rows)
	}
	row := &rows[0]
	return store.Link{ID: row.ID, Type: row.Type, ParentID: row.ParentID, InTrash: row.InTrash}, nil
}

func errManySources(database notion.ID, rows []store.DataSource) error {
	ids := make([]jsonx.Value, len(rows))
	for i := range rows {
		ids[i] = jsonx.StringValue(rows[i].ID.String())
	}
	e := apierr.Errorf(apierr.ValidationError, "Databases with multiple data sources are not supported in this API version.").
		With("error_type", "multiple_data_sources_for_database").
		With("database_id", database.String())
	e.Data = append(e.Data, jsonx.M("child_data_source_ids", jsonx.ArrayValue(ids...)))
	return e.With("minimum_api_version", "2025-09-03")
}

// OnlySource returns the data source of a database that has one, as versions before
// 2025-09-03 need it.
func (c *Core) OnlySource(ctx context.Context, p *Principal, database notion.ID) (notion.ID, error) {
	var id notion.ID
	err := c.view(ctx, p, func(tx *store.Tx) error {
		if _, err := c.locateDatabase(tx, p, database); err != nil {
			return err
		}
		link, err := onlySource(tx, database)
		id = link.ID
		return err
	})
	return id, err
}

// showSource renders the data source of a place. To who may not read it is its schema alone.
func (c *Core) showSource(tx *store.Tx, p *Principal, at place) (notion.Object, error) {
	s, err := c.readSource(tx, at[0].ID)
	if err != nil {
		return nil, err
	}
	read := c.sources(tx, p)
	properties := s.props.AppendJSON(nil, read)
	if read.err != nil {
		return nil, read.err
	}
	if !p.Caps.Has(ReadContent) {
		return &notion.PartialDataSource{ID: s.ID, Properties: properties}, nil
	}
	database, err := tx.Database(at[1].ID)
	if err != nil {
		return nil, err
	}
	parent, err := parentOf(tx, database.Block)
	if err != nil {
		return nil, err
	}
	o := &notion.DataSource{
		ID: s.ID, Cover: database.Cover, Icon: s.Icon, Stamps: stampsOf(&s.Block), Title: s.Title, Description: s.Description,
		IsInline: database.IsInline, Properties: properties, URL: c.objectURL(database.ID), InTrash: at.inTrash(),
		Parent: notion.Parent{Kind: notion.DatabaseParent, ID: database.ID}, DatabaseParent: parent,
	}
	if s.PartsDynamic || database.PartsDynamic {
		o.Timed, err = c.resolveParts(tx, p, []*notion.Raw{&o.Title, &o.Description}, []*notion.Raw{&o.Icon, &o.Cover})
	}
	return o, err
}

// objectURL returns the address of what has no title in it.
func (c *Core) objectURL(id notion.ID) string { return c.opts.PublicURL + "/" + id.Compact() }
