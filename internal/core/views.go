package core

import (
	"context"
	"errors"
	"slices"

	"octavo/internal/block"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/query"
	"octavo/internal/richtext"
	"octavo/internal/store"
	"octavo/internal/view"
)

// View returns a view (databases.md §6.1). It is found by who sees its database and its
// data source; those of a database in the trash are not there.
func (c *Core) View(ctx context.Context, p *Principal, id notion.ID) (notion.Object, error) {
	var o notion.Object
	err := c.view(ctx, p, func(tx *store.Tx) error {
		row, _, err := c.locateView(tx, p, id)
		if err != nil {
			return err
		}
		o, err = c.showView(tx, &row)
		return err
	})
	return o, err
}

// locateView finds a view and the place of its database.
func (c *Core) locateView(tx *store.Tx, p *Principal, id notion.ID) (store.View, place, error) {
	row, err := tx.View(id)
	if errors.Is(err, store.ErrNotFound) {
		return row, nil, p.notFound("view", id)
	}
	if err != nil {
		return row, nil, err
	}
	at, err := c.placeOfView(tx, p, &row)
	if err == nil && at == nil {
		err = p.notFound("view", id)
	}
	return row, at, err
}

// placeOfView returns the place of the database of a view, nil when the view is not there
// for p.
func (c *Core) placeOfView(tx *store.Tx, p *Principal, row *store.View) (place, error) {
	at, err := c.locate(tx, p, row.DatabaseID, "view")
	if isNotFound(err) || err == nil && at.inTrash() {
		return nil, nil
	}
	if err != nil || row.DataSourceID.IsZero() {
		return at, err
	}
	if _, err := c.locate(tx, p, row.DataSourceID, "view"); isNotFound(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	return at, nil
}

// Views lists references to views: those of a database in their order, those of a data
// source wherever they are, or those of both. A zero id is not asked for.
func (c *Core) Views(ctx context.Context, p *Principal, database, source notion.ID, part PageOf) (notion.Object, error) {
	if database.IsZero() && source.IsZero() {
		return nil, invalid("At least one of database_id or data_source_id must be provided.")
	}
	list := &notion.List{Type: "view"}
	err := c.view(ctx, p, func(tx *store.Tx) error {
		l := viewListing{core: c, tx: tx, p: p, database: database, source: source}
		if err := l.check(); err != nil {
			return err
		}
		from, err := l.begin(part.Cursor)
		if err != nil {
			return err
		}
		return l.fill(list, from, part.Size)
	})
	return list, err
}

// viewListing is one listing of views.
type viewListing struct {
	core             *Core
	tx               *store.Tx
	p                *Principal
	database, source notion.ID
}

// check refuses what is asked for when it is not there.
func (l *viewListing) check() error {
	if !l.database.IsZero() {
		at, err := l.core.locateDatabase(l.tx, l.p, l.database)
		if err == nil && at.inTrash() {
			err = l.p.notFound("database", l.database)
		}
		if err != nil {
			return err
		}
	}
	if l.source.IsZero() {
		return nil
	}
	at, err := l.core.locateSource(l.tx, l.p, l.source)
	if err == nil && at.inTrash() {
		err = l.p.notFound("data_source", l.source)
	}
	return err
}

// begin returns the place before the view that a cursor names.
func (l *viewListing) begin(cursor string) (store.From, error) {
	if cursor == "" {
		return store.From{}, nil
	}
	id, _ := notion.ParseID(cursor)
	row, err := l.tx.View(id)
	if errors.Is(err, store.ErrNotFound) || err == nil && !l.holds(&row) {
		return store.From{}, invalid("The start_cursor provided is invalid: %s", cursor)
	}
	return store.From{Ord: row.Ord, ID: before(row.ID)}, err
}

func (l *viewListing) holds(row *store.View) bool {
	return (l.database.IsZero() || row.DatabaseID == l.database) && (l.source.IsZero() || row.DataSourceID == l.source)
}

// next reads views that come after a place.
func (l *viewListing) next(from store.From, limit int) ([]store.View, error) {
	if l.database.IsZero() {
		return l.tx.ViewsOver(l.source, from.ID, limit)
	}
	return l.tx.ViewsOf(l.database, from, limit)
}

func (l *viewListing) fill(list *notion.List, from store.From, size int) error {
	for {
		rows, err := l.next(from, size+1)
		if err != nil || len(rows) == 0 {
			return err
		}
		for i := range rows {
			row := &rows[i]
			from = store.From{Ord: row.Ord, ID: row.ID}
			if !l.holds(row) {
				continue
			}
			at, err := l.core.placeOfView(l.tx, l.p, row)
			if err != nil {
				return err
			}
			if at == nil {
				continue
			}
			if len(list.Results) == size {
				list.NextCursor = row.ID.String()
				return nil
			}
			list.Results = append(list.Results, notion.Partial{Object: "view", ID: row.ID})
		}
	}
}

// CreateView makes a view: a tab of a database, a widget of a dashboard, or the first view
// of a database of its own that shows the rows of another (databases.md §6.2).
func (c *Core) CreateView(ctx context.Context, p *Principal, sent jsonx.Value) (notion.Object, error) {
	if err := checkNewView(sent); err != nil {
		return nil, err
	}
	var o notion.Object
	err := c.update(ctx, p, func(tx *store.Tx) error {
		row, err := c.insertNewView(tx, p, sent)
		if err != nil {
			return err
		}
		o, err = c.showWrittenView(tx, p, &row)
		return err
	})
	return o, err
}

// showWrittenView is the answer to a write of a view: the view, or little more than its id for
// those who may not read.
func (c *Core) showWrittenView(tx *store.Tx, p *Principal, row *store.View) (notion.Object, error) {
	if !p.Caps.Has(ReadContent) {
		return &notion.PartialView{ID: row.ID, Database: row.DatabaseID, Type: row.Type}, nil
	}
	return c.showView(tx, row)
}

// checkNewView refuses what does not go together in a new view.
func checkNewView(sent jsonx.Value) error {
	targets := 0
	for _, key := range []string{"database_id", "view_id", "create_database"} {
		if sent.Has(key) {
			targets++
		}
	}
	switch {
	case targets != 1:
		return invalid("Exactly one of database_id, view_id, or create_database must be provided.")
	case sent.Has("position") && !sent.Has("database_id"):
		return invalid("position can only be provided together with database_id.")
	case sent.Has("placement") && !sent.Has("view_id"):
		return invalid("placement can only be provided together with view_id.")
	case sent.Get("type").Text() != view.Dashboard:
		return nil
	case sent.Has("view_id"):
		return invalid("A dashboard view cannot be a widget of another dashboard.")
	}
	return checkDashboard(sent)
}

// checkDashboard refuses what a dashboard, which has no rows of its own, cannot have.
func checkDashboard(sent jsonx.Value) error {
	for _, key := range []string{"filter", "sorts", "quick_filters"} {
		if sent.Has(key) && !sent.Get(key).IsNull() {
			return invalid("A dashboard view cannot have `%s`; its widgets can.", key)
		}
	}
	return nil
}

func (c *Core) insertNewView(tx *store.Tx, p *Principal, sent jsonx.Value) (store.View, error) {
	id, _ := notion.ParseID(sent.Get("data_source_id").Text())
	over, err := c.locateSource(tx, p, id)
	if err != nil {
		return store.View{}, err
	}
	if err := over.checkEditable(); err != nil {
		return store.View{}, err
	}
	s, err := c.readSource(tx, id)
	if err != nil {
		return store.View{}, err
	}
	row := c.newView(tx, p, sent.Get("type").Text(), sent.Get("name").Text())
	row.DataSourceID = id
	if row.Type == view.Dashboard {
		row.DataSourceID = notion.ID{}
	}
	if err := c.placeView(tx, p, &row, s, sent); err != nil {
		return row, err
	}
	if row.Type == view.Form && row.DatabaseID != s.ParentID {
		return row, invalid("A form view can only be made for a data source of its own database.")
	}
	if err := c.describeView(tx, p, &row, s, over, sent); err != nil {
		return row, err
	}
	return row, c.addView(tx, p, row)
}

// newView is a view without anything that is particular to it.
func (c *Core) newView(tx *store.Tx, p *Principal, kind, name string) store.View {
	return store.View{
		ID: c.ids.New(tx.Now()), Type: kind, Name: name,
		CreatedTime: tx.Now(), CreatedBy: p.Bot, LastEditedTime: tx.Now(), LastEditedBy: p.Bot,
	}
}

// addView stores a view, at the end of its database unless it has a place.
func (c *Core) addView(tx *store.Tx, p *Principal, row store.View) error {
	if row.Ord == "" {
		_, last, err := tx.ViewEnds(row.DatabaseID)
		if err != nil {
			return err
		}
		row.Ord = store.Between(last, "")
	}
	if err := tx.InsertView(row); err != nil {
		return err
	}
	return c.viewEvent(tx, p, viewCreated, &row, jsonx.M("view_type", jsonx.StringValue(row.Type)))
}

// addDefaultView adds to a database the view that each of its data sources begins with
// (databases.md §1.3).
func (c *Core) addDefaultView(tx *store.Tx, p *Principal, database, source notion.ID) error {
	row := c.newView(tx, p, view.Table, store.DefaultView)
	row.DatabaseID, row.DataSourceID = database, source
	var err error
	if row.Configuration, err = view.Lookup(row.Type).Configure(&view.Reader{}, nil, jsonx.Value{}); err != nil {
		return err
	}
	return c.addView(tx, p, row)
}

// placeView finds where a new view goes.
func (c *Core) placeView(tx *store.Tx, p *Principal, row *store.View, s *source, sent jsonx.Value) (err error) {
	switch {
	case sent.Has("view_id"):
		return c.placeWidget(tx, p, row, sent)
	case sent.Has("create_database"):
		row.DatabaseID, err = c.insertLinkedDatabase(tx, p, s, sent.Get("create_database"))
		return err
	}
	row.DatabaseID, _ = notion.ParseID(sent.Get("database_id").Text())
	at, err := c.locateDatabase(tx, p, row.DatabaseID)
	if err != nil {
		return err
	}
	if err := at.checkEditable(); err != nil {
		return err
	}
	row.Ord, err = c.tabOrder(tx, p, row.DatabaseID, sent.Get("position"))
	return err
}

// tabOrder returns the order key of a new tab, "" for the end.
func (c *Core) tabOrder(tx *store.Tx, p *Principal, database notion.ID, position jsonx.Value) (string, error) {
	switch position.Get("type").Text() {
	case "start":
		first, _, err := tx.ViewEnds(database)
		return store.Between("", first), err
	case "after_view":
		id, _ := notion.ParseID(position.Get("view_id").Text())
		row, _, err := c.locateView(tx, p, id)
		if err != nil {
			return "", err
		}
		if row.DatabaseID != database || !row.DashboardID.IsZero() {
			return "", invalid("View with ID %s is not a tab of database %s.", id, database)
		}
		next, err := tx.ViewOrdAfter(database, row.Ord)
		return store.Between(row.Ord, next), err
	}
	return "", nil
}

// placeWidget puts a new view into a dashboard.
func (c *Core) placeWidget(tx *store.Tx, p *Principal, row *store.View, sent jsonx.Value) error {
	id, _ := notion.ParseID(sent.Get("view_id").Text())
	dashboard, at, err := c.locateView(tx, p, id)
	if err != nil {
		return err
	}
	if dashboard.Type != view.Dashboard {
		return invalid("View with ID %s is not a dashboard view.", id)
	}
	if err := at.checkEditable(); err != nil {
		return err
	}
	row.DatabaseID, row.DashboardID = dashboard.DatabaseID, dashboard.ID
	layout, err := layoutOf(tx, &dashboard, notion.ID{})
	if err != nil {
		return err
	}
	if err := layout.Place(row.ID, sent.Get("placement"), func() notion.ID { return c.ids.New(tx.Now()) }); err != nil {
		return err
	}
	return c.setLayout(tx, p, dashboard, layout)
}

// layoutOf returns the layout of a dashboard without a view, and without those that went
// with their data sources.
func layoutOf(tx *store.Tx, dashboard *store.View, without notion.ID) (*view.Layout, error) {
	layout, err := view.ParseLayout(dashboard.Configuration)
	if err != nil {
		return nil, err
	}
	widgets, err := tx.Widgets(*dashboard)
	there := map[string]bool{}
	for i := range widgets {
		there[widgets[i].ID.String()] = widgets[i].ID != without
	}
	layout.Retain(func(id string) bool { return there[id] })
	return layout, err
}

func (c *Core) setLayout(tx *store.Tx, p *Principal, dashboard store.View, layout *view.Layout) error {
	dashboard.Configuration = layout.Append(nil)
	if err := tx.UpdateView(dashboard, p.Bot); err != nil {
		return err
	}
	return c.viewEvent(tx, p, viewUpdated, &dashboard, updatedFields("configuration"))
}

func updatedFields(names ...string) jsonx.Member {
	fields := make([]jsonx.Value, len(names))
	for i, name := range names {
		fields[i] = jsonx.StringValue(name)
	}
	return jsonx.M("updated_fields", jsonx.ArrayValue(fields...))
}

// insertLinkedDatabase makes a database on a page for a view of the rows of another, which it
// is called like.
func (c *Core) insertLinkedDatabase(tx *store.Tx, p *Principal, s *source, sent jsonx.Value) (notion.ID, error) {
	page, _ := notion.ParseID(sent.Get("parent").Get("page_id").Text())
	at, err := c.locatePage(tx, p, page)
	if err != nil {
		return notion.ID{}, err
	}
	if err := at.checkEditable(); err != nil {
		return notion.ID{}, err
	}
	where := Position{}
	if sibling, ok := notion.ParseID(sent.Get("position").Get("block_id").Text()); ok {
		where = Position{At: AfterBlock, Block: sibling}
	}
	before, after, err := gap(tx, page, where)
	if err != nil {
		return notion.ID{}, err
	}
	return c.insertLinkedDatabaseAt(tx, p, at, linkedDatabase{title: s.Name, inline: true}, store.Between(before, after))
}

// linkedDatabase is what is said of a database to be made that has no data source.
type linkedDatabase struct {
	title  string
	inline bool
	icon   pictures
}

// insertLinkedDatabaseAt writes a database without a data source, and without the views that
// make it one, below a page or block by the order key among its children.
func (c *Core) insertLinkedDatabaseAt(tx *store.Tx, p *Principal, at place, n linkedDatabase, ord string) (notion.ID, error) {
	row := store.Database{
		Block: store.Block{
			ID: c.ids.New(tx.Now()), Type: childDatabase, ParentID: at[0].ID, PageID: at.page(), Ord: ord,
			CreatedTime: tx.Now(), CreatedBy: p.Bot, LastEditedTime: tx.Now(), LastEditedBy: p.Bot,
			Payload: block.TitlePayload(n.title),
		},
		Title: richtext.FromPlain(n.title).Value.Append(nil), Description: []byte("[]"), IsInline: n.inline,
		Icon: n.icon.icon.JSON, PartsDynamic: n.icon.dynamic(),
	}
	if err := tx.InsertDatabase(row); err != nil {
		return row.ID, err
	}
	if err := c.event(tx, p, databaseCreated, row.ID); err != nil {
		return row.ID, err
	}
	return row.ID, c.touch(tx, p, at, store.Link{ID: row.ID, Type: row.Type})
}

// describeView reads what a request says of how a view shows rows. What it does not say
// stays.
func (c *Core) describeView(tx *store.Tx, p *Principal, row *store.View, s *source, over place, sent jsonx.Value) (err error) {
	kind := view.Lookup(row.Type)
	r := &view.Reader{NewID: func() notion.ID { return c.ids.New(tx.Now()) }}
	if s != nil {
		r.Schema = s.props
	}
	if config := sent.Get("configuration"); config.Defined() || row.Configuration == nil {
		if row.Configuration, err = kind.Configure(r, row.Configuration, config); err != nil {
			return err
		}
	}
	if s == nil {
		return nil
	}
	check := viewCheck{core: c, tx: tx, p: p, source: s, over: over}
	filter, sorts := sent.Get("filter"), sent.Get("sorts")
	if err := check.parse(filter, sorts, ""); err != nil {
		return err
	}
	if filter.Defined() {
		row.Filter = view.KeepFilter(s.props, filter)
	}
	if sorts.Defined() {
		row.Sorts = view.KeepSorts(s.props, sorts)
	}
	if quick := sent.Get("quick_filters"); quick.Defined() {
		row.QuickFilters, err = view.MergeQuickFilters(s.props, row.QuickFilters, quick, func(filter jsonx.Value, path string) error {
			return check.parse(filter, jsonx.Value{}, path)
		})
	}
	return err
}

// viewCheck sees whether what a view asks for means something.
type viewCheck struct {
	core   *Core
	tx     *store.Tx
	p      *Principal
	source *source
	over   place
}

func (v *viewCheck) parse(filter, sorts jsonx.Value, path string) error {
	r := &rowSearch{core: v.core, tx: v.tx, p: v.p, at: v.over, source: v.source, deriver: v.core.newDeriver(v.tx, v.p), tableless: true}
	env := r.env()
	env.Path = path
	_, err := query.Parse(env, defined(filter), defined(sorts))
	return err
}

// defined is Undefined for null.
func defined(v jsonx.Value) jsonx.Value {
	if v.IsNull() {
		return jsonx.Value{}
	}
	return v
}

// viewFields are the fields that events name as changed, by the keys of requests.
var viewFields = []struct{ key, field string }{
	{"name", "name"}, {"filter", "filter"}, {"quick_filters", "filter"}, {"sorts", "sorts"}, {"configuration", "configuration"},
}

// UpdateView changes the name of a view and how it shows rows (databases.md §6.3).
func (c *Core) UpdateView(ctx context.Context, p *Principal, id notion.ID, sent jsonx.Value) (notion.Object, error) {
	var o notion.Object
	err := c.update(ctx, p, func(tx *store.Tx) error {
		row, at, err := c.locateView(tx, p, id)
		if err != nil {
			return err
		}
		if err := at.checkEditable(); err != nil {
			return err
		}
		if err := c.changeView(tx, p, &row, sent); err != nil {
			return err
		}
		o, err = c.showWrittenView(tx, p, &row)
		return err
	})
	return o, err
}

func (c *Core) changeView(tx *store.Tx, p *Principal, row *store.View, sent jsonx.Value) error {
	var fields []string
	for _, f := range viewFields {
		if sent.Has(f.key) && !slices.Contains(fields, f.field) {
			fields = append(fields, f.field)
		}
	}
	if fields == nil {
		return nil
	}
	if name := sent.Get("name"); name.Defined() {
		row.Name = name.Text()
	}
	var s *source
	var over place
	if row.Type == view.Dashboard {
		if err := checkDashboard(sent); err != nil {
			return err
		}
	} else {
		var err error
		if over, err = c.locateSource(tx, p, row.DataSourceID); err != nil {
			return err
		}
		if s, err = c.readSource(tx, row.DataSourceID); err != nil {
			return err
		}
	}
	if err := c.describeView(tx, p, row, s, over, sent); err != nil {
		return err
	}
	row.LastEditedTime, row.LastEditedBy = tx.Now(), p.Bot
	if err := tx.UpdateView(*row, p.Bot); err != nil {
		return err
	}
	return c.viewEvent(tx, p, viewUpdated, row, updatedFields(fields...))
}

// DeleteView deletes a view, a dashboard with all its widgets, a widget from its dashboard.
// The last view of a database stays (databases.md §6.1).
func (c *Core) DeleteView(ctx context.Context, p *Principal, id notion.ID) (notion.Object, error) {
	var o notion.Object
	err := c.update(ctx, p, func(tx *store.Tx) error {
		row, at, err := c.locateView(tx, p, id)
		if err != nil {
			return err
		}
		if err := at.checkEditable(); err != nil {
			return err
		}
		o = &notion.PartialView{ID: row.ID, Database: row.DatabaseID, Type: row.Type}
		if !row.DashboardID.IsZero() {
			return c.deleteWidget(tx, p, row)
		}
		tabs, err := tx.CountTabs(row.DatabaseID)
		if err != nil {
			return err
		}
		if tabs == 1 {
			return invalid("The last view of a database cannot be deleted. Delete the database instead.")
		}
		widgets, err := tx.Widgets(row)
		if err != nil {
			return err
		}
		for _, v := range append(widgets, row) {
			if err := c.deleteView(tx, p, v); err != nil {
				return err
			}
		}
		return nil
	})
	return o, err
}

func (c *Core) deleteView(tx *store.Tx, p *Principal, row store.View) error {
	if err := tx.DeleteView(row.ID); err != nil {
		return err
	}
	return c.viewEvent(tx, p, viewDeleted, &row)
}

func (c *Core) deleteWidget(tx *store.Tx, p *Principal, row store.View) error {
	dashboard, err := tx.View(row.DashboardID)
	if err != nil {
		return err
	}
	layout, err := layoutOf(tx, &dashboard, row.ID)
	if err != nil {
		return err
	}
	if err := c.setLayout(tx, p, dashboard, layout); err != nil {
		return err
	}
	return c.deleteView(tx, p, row)
}

// showView renders a view with the names that properties and options have now.
func (c *Core) showView(tx *store.Tx, row *store.View) (notion.Object, error) {
	o := &notion.View{
		ID: row.ID, Database: row.DatabaseID, DataSource: row.DataSourceID, Name: row.Name, Type: row.Type, Dashboard: row.DashboardID,
		CreatedTime: row.CreatedTime, CreatedBy: row.CreatedBy, LastEditedTime: row.LastEditedTime, LastEditedBy: row.LastEditedBy,
		URL: c.objectURL(row.DatabaseID) + "?v=" + row.ID.Compact(), Configuration: row.Configuration,
	}
	if row.Type == view.Dashboard {
		layout, err := layoutOf(tx, row, notion.ID{})
		if err != nil {
			return nil, err
		}
		o.Configuration = layout.Append(nil)
		return o, nil
	}
	s, err := c.readSource(tx, row.DataSourceID)
	if err != nil {
		return nil, err
	}
	if o.Configuration, err = view.Lookup(row.Type).Show(s.props, row.Configuration); err != nil {
		return nil, err
	}
	filter, err := view.ShowFilter(s.props, row.Filter)
	if err != nil {
		return nil, err
	}
	sorts, err := view.ShowSorts(s.props, row.Sorts)
	if err != nil {
		return nil, err
	}
	quick, err := view.ShowQuickFilters(s.props, row.QuickFilters)
	o.Filter, o.Sorts, o.QuickFilters = view.Raw(filter), view.Raw(sorts), view.Raw(quick)
	return o, err
}
