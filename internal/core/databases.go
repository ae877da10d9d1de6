package core

import (
	"cmp"
	"context"

	"octavo/internal/block"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/richtext"
	"octavo/internal/store"
)

// NewDatabase is what a client says of a database to be made. Undefined means not said.
type NewDatabase struct {
	Parent, Title, Description, Icon, Cover jsonx.Value
	IsInline                                bool
	// Properties are those of its first data source.
	Properties jsonx.Value
}

// DatabaseChange is what a client says of a database to be changed. Undefined means: keep.
type DatabaseChange struct {
	Parent, Title, Description, Icon, Cover, IsInline, IsLocked, InTrash jsonx.Value
	// AsSource says that the database and its only data source are one to the client, as
	// they were before 2025-09-03: then a title is both's, and Properties are the schema's.
	AsSource   bool
	Properties jsonx.Value
}

// Database returns a database, in the trash or not.
func (c *Core) Database(ctx context.Context, p *Principal, id notion.ID) (notion.Object, error) {
	var o notion.Object
	err := c.view(ctx, p, func(tx *store.Tx) error {
		at, err := c.locateDatabase(tx, p, id)
		if err != nil {
			return err
		}
		o, err = c.showDatabase(tx, p, at)
		return err
	})
	return o, err
}

// Databases lists the databases that p may see and that are not in the trash, by id.
func (c *Core) Databases(ctx context.Context, p *Principal, part PageOf) (notion.Object, error) {
	list := &notion.List{Type: "page_or_data_source"}
	err := c.view(ctx, p, func(tx *store.Tx) error {
		var after notion.ID
		if part.Cursor != "" {
			at, ok := notion.ParseID(part.Cursor)
			if !ok {
				return invalid("The start_cursor provided is invalid: %s", part.Cursor)
			}
			after = before(at)
		}
		for {
			rows, err := tx.Databases(after, part.Size+1)
			if err != nil || len(rows) == 0 {
				return err
			}
			for i := range rows {
				after = rows[i].ID
				at, err := c.locateDatabase(tx, p, after)
				if isNotFound(err) || err == nil && at.inTrash() {
					continue
				}
				if err != nil {
					return err
				}
				if len(list.Results) == part.Size {
					list.NextCursor = after.String()
					return nil
				}
				o, err := c.showDatabase(tx, p, at)
				if err != nil {
					return err
				}
				list.Results = append(list.Results, o)
			}
		}
	})
	return list, err
}

// before returns the id that comes just before one.
func before(id notion.ID) notion.ID {
	for i := len(id) - 1; i >= 0; i-- {
		id[i]--
		if id[i] != 0xff {
			break
		}
	}
	return id
}

// CreateDatabase makes a database with one data source, below a page or at the top of the
// workspace (databases.md §1.3).
func (c *Core) CreateDatabase(ctx context.Context, p *Principal, n NewDatabase) (notion.Object, error) {
	d, wrong := decodePictures(n.Icon, n.Cover)
	var o notion.Object
	err := c.update(ctx, p, func(tx *store.Tx) error {
		at, err := c.databaseParent(tx, p, n.Parent)
		if err := cmp.Or(err, wrong); err != nil {
			return err
		}
		if err := c.attachPictures(tx, p, d); err != nil {
			return err
		}
		row, err := c.insertDatabase(tx, p, at, n, d)
		if err != nil {
			return err
		}
		if !p.Caps.Has(ReadContent) {
			o = notion.Partial{Object: "database", ID: row.ID}
			return nil
		}
		link := store.Link{ID: row.ID, Type: row.Type, ParentID: row.ParentID, PageID: row.PageID}
		o, err = c.showDatabase(tx, p, append(place{link}, at...))
		return err
	})
	return o, err
}

// databaseParent finds where a database goes: a page, or an empty place for the top of the
// workspace.
func (c *Core) databaseParent(tx *store.Tx, p *Principal, parent jsonx.Value) (place, error) {
	if parent.Has("workspace") {
		if p.Kind == Internal {
			return nil, errNoWorkspace("`parent.page_id`", "database")
		}
		return nil, nil
	}
	id, _ := notion.ParseID(parent.Get("page_id").Text())
	at, err := c.locatePage(tx, p, id)
	if err != nil {
		return nil, err
	}
	return at, at.checkEditable()
}

// insertDatabase writes a database at the end of a page, or of the top of the workspace when
// the place is empty.
func (c *Core) insertDatabase(tx *store.Tx, p *Principal, at place, n NewDatabase, d pictures) (store.Database, error) {
	var parent notion.ID
	if len(at) > 0 {
		parent = at[0].ID
	}
	_, last, err := tx.Ends(parent)
	if err != nil {
		return store.Database{}, err
	}
	return c.insertDatabaseAt(tx, p, at, n, d, store.Between(last, ""))
}

// insertDatabaseAt is insertDatabase for a page or block by the order key among its children.
func (c *Core) insertDatabaseAt(tx *store.Tx, p *Principal, at place, n NewDatabase, d pictures, ord string) (store.Database, error) {
	var parent, page notion.ID
	if len(at) > 0 {
		parent, page = at[0].ID, at.page()
	}
	title, err := c.readText(tx, p, n.Title, nil)
	if err != nil {
		return store.Database{}, err
	}
	description, err := c.readText(tx, p, n.Description, nil)
	if err != nil {
		return store.Database{}, err
	}
	row := store.Database{
		Block: store.Block{
			ID: c.ids.New(tx.Now()), Type: childDatabase, ParentID: parent, PageID: page, Ord: ord,
			CreatedTime: tx.Now(), CreatedBy: p.Bot, LastEditedTime: tx.Now(), LastEditedBy: p.Bot,
		},
		Title: title.stored, Description: description.stored, Icon: d.icon.JSON, Cover: d.cover.JSON, IsInline: n.IsInline,
		PartsDynamic: title.dynamic || description.dynamic || d.dynamic(),
	}
	row.Payload = block.TitlePayload(title.plain)
	if !n.Title.Defined() {
		row.Title, row.Payload = richtext.FromPlain(untitled).Value.Append(nil), block.TitlePayload(untitled)
	}
	if err := tx.InsertDatabase(row); err != nil {
		return row, err
	}
	if err := c.event(tx, p, databaseCreated, row.ID); err != nil {
		return row, err
	}
	first := store.DataSource{Title: title.stored, Description: description.stored, Icon: row.Icon, PartsDynamic: row.PartsDynamic}
	if _, err := c.insertSource(tx, p, row.ID, first, title.plain, n.Properties); err != nil {
		return row, err
	}
	if len(at) > 0 {
		return row, c.touch(tx, p, at, store.Link{ID: row.ID, Type: row.Type})
	}
	if p.Kind == Public {
		return row, tx.Share(p.Integration, row.ID)
	}
	return row, nil
}

// UpdateDatabase changes a database: its parts, its place and its states.
func (c *Core) UpdateDatabase(ctx context.Context, p *Principal, id notion.ID, change DatabaseChange) (notion.Object, error) {
	d, wrong := decodePictures(change.Icon, change.Cover)
	var o notion.Object
	err := c.update(ctx, p, func(tx *store.Tx) error {
		at, err := c.locateDatabase(tx, p, id)
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
		if err := c.changeDatabase(tx, p, id, change, d); err != nil {
			return err
		}
		if at, err = c.moveDatabase(tx, p, at, change.Parent); err != nil {
			return err
		}
		if change.InTrash.Defined() && change.InTrash.True() != at.trashed() {
			if err := c.setTrash(tx, p, at, change.InTrash.True()); err != nil {
				return err
			}
			at[0].InTrash = change.InTrash.True()
		}
		if !p.Caps.Has(ReadContent) {
			o = notion.Partial{Object: "database", ID: id}
			return nil
		}
		o, err = c.showDatabase(tx, p, at)
		return err
	})
	return o, err
}

// changeDatabase writes everything of a change but the trash and the place. Its description
// and icon are also those of its data source while it has only one.
func (c *Core) changeDatabase(tx *store.Tx, p *Principal, id notion.ID, change DatabaseChange, d pictures) error {
	row, err := tx.Database(id)
	if err != nil {
		return err
	}
	sources, err := tx.DataSourcesOf(id)
	if err != nil {
		return err
	}
	if change.AsSource {
		if _, err := onlySource(tx, id); err != nil {
			return err
		}
		part := SourceChange{Title: change.Title, Properties: change.Properties}
		if err := c.changeSource(tx, p, sources[0].ID, part, d.icon); err != nil {
			return err
		}
		if sources, err = tx.DataSourcesOf(id); err != nil {
			return err
		}
	}
	if change.Title.Defined() {
		title, err := c.readText(tx, p, change.Title, row.Title)
		if err != nil {
			return err
		}
		row.Title, row.Payload, row.PartsDynamic = title.stored, block.TitlePayload(title.plain), row.PartsDynamic || title.dynamic
	}
	if change.Description.Defined() {
		description, err := c.readText(tx, p, change.Description, row.Description)
		if err != nil {
			return err
		}
		row.Description, row.PartsDynamic = description.stored, row.PartsDynamic || description.dynamic
	}
	if change.Icon.Defined() {
		row.Icon = d.icon.JSON
	}
	if change.Cover.Defined() {
		row.Cover = d.cover.JSON
	}
	row.PartsDynamic = row.PartsDynamic || d.dynamic()
	for _, state := range []struct {
		said  jsonx.Value
		state *bool
	}{{change.IsInline, &row.IsInline}, {change.IsLocked, &row.IsLocked}} {
		if state.said.Defined() {
			*state.state = state.said.True()
		}
	}
	if err := tx.UpdateDatabase(row); err != nil {
		return err
	}
	if len(sources) == 1 && (change.Description.Defined() || change.Icon.Defined()) {
		only := sources[0]
		only.Description, only.Icon, only.PartsDynamic = row.Description, row.Icon, only.PartsDynamic || row.PartsDynamic
		if err := tx.UpdateDataSource(only); err != nil {
			return err
		}
		if err := tx.Touch(p.Bot, only.ID); err != nil {
			return err
		}
	}
	return c.noteDatabase(tx, p, row, change)
}

// noteDatabase notes an edit of a database. The hosted API counts neither a description nor
// its states as one (databases.md §1.2).
func (c *Core) noteDatabase(tx *store.Tx, p *Principal, row store.Database, change DatabaseChange) error {
	if change.Title.Defined() || change.Icon.Defined() || change.Cover.Defined() {
		if err := tx.UpdateBlock(row.Block, p.Bot); err != nil {
			return err
		}
	} else if !change.Description.Defined() && !change.IsInline.Defined() && !change.IsLocked.Defined() {
		return nil
	}
	return c.contentEvent(tx, p, databaseContentUpdated, row.ID, []store.Link{{ID: row.ID, Type: row.Type}})
}

// moveDatabase moves a database to the end of another page, or to the top of the workspace,
// and returns its new place.
func (c *Core) moveDatabase(tx *store.Tx, p *Principal, at place, parent jsonx.Value) (place, error) {
	if !parent.Defined() {
		return at, nil
	}
	to, err := c.databaseParent(tx, p, parent)
	if err != nil {
		return nil, err
	}
	var page notion.ID
	if len(to) > 0 {
		page = to[0].ID
	}
	moved := at[0]
	if page == moved.ParentID {
		return at, nil
	}
	if to.within(moved.ID) {
		return nil, invalid("A database cannot be moved into a page that is below it.")
	}
	_, last, err := tx.Ends(page)
	if err != nil {
		return nil, err
	}
	return c.moveDatabaseTo(tx, p, at, to, store.Between(last, ""))
}

// moveDatabaseTo moves a database below a page or block, or to the top of the workspace when
// the place is empty, and returns its new place.
func (c *Core) moveDatabaseTo(tx *store.Tx, p *Principal, at, to place, ord string) (place, error) {
	moved := at[0]
	moved.ParentID, moved.PageID = notion.ID{}, notion.ID{}
	if len(to) > 0 {
		moved.ParentID, moved.PageID = to[0].ID, to.page()
	}
	if err := tx.MoveBlock(moved.ID, moved.ParentID, moved.PageID, ord); err != nil {
		return nil, err
	}
	if err := tx.Touch(p.Bot, moved.ID); err != nil {
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
	return append(place{moved}, to...), c.event(tx, p, databaseMoved, moved.ID)
}

// showDatabase renders the database of a place.
func (c *Core) showDatabase(tx *store.Tx, p *Principal, at place) (notion.Object, error) {
	row, err := tx.Database(at[0].ID)
	if err != nil {
		return nil, err
	}
	parent, err := parentOf(tx, row.Block)
	if err != nil {
		return nil, err
	}
	o := &notion.Database{
		ID: row.ID, Title: row.Title, Description: row.Description, Parent: parent, IsInline: row.IsInline, InTrash: at.inTrash(),
		IsLocked: row.IsLocked, CreatedTime: row.CreatedTime, LastEditedTime: row.LastEditedTime,
		Icon: row.Icon, Cover: row.Cover, URL: c.objectURL(row.ID),
	}
	if row.PartsDynamic {
		if o.Timed, err = c.resolveParts(tx, p, []*notion.Raw{&o.Title, &o.Description}, []*notion.Raw{&o.Icon, &o.Cover}); err != nil {
			return nil, err
		}
	}
	o.DataSources, err = sourceNames(tx, row.ID)
	return o, err
}

// sourceNames lists the data sources of a database that are not in the trash.
func sourceNames(tx *store.Tx, database notion.ID) ([]notion.DataSourceName, error) {
	rows, err := tx.DataSourcesOf(database)
	if err != nil {
		return nil, err
	}
	var names []notion.DataSourceName
	for i := range rows {
		if rows[i].InTrash {
			continue
		}
		names = append(names, notion.DataSourceName{ID: rows[i].ID, Name: cmp.Or(rows[i].Name, untitled)})
	}
	return names, nil
}
