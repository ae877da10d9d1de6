package core

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/query"
	"octavo/internal/store"
)

// RowQuery is what a client asks of the rows of a data source. Undefined means not said.
type RowQuery struct {
	Filter, Sorts jsonx.Value
	PageOf
	// InTrash asks for the rows in the trash, Archived for archived ones, in place of the
	// others.
	InTrash, Archived bool
	// SourcesOnly asks for data sources among the rows. Only a wiki has any.
	SourcesOnly bool
	// Show lists the names or ids of the properties to answer with; nil means all.
	Show []string
}

// Query returns rows of a data source (databases.md §3). What is in the trash has none, as
// it has no children (contract.md §4.6).
func (c *Core) Query(ctx context.Context, p *Principal, id notion.ID, ask RowQuery) (notion.Object, error) {
	return c.queryAt(ctx, p, ask, func(tx *store.Tx) (place, error) {
		at, err := c.locateSource(tx, p, id)
		if err == nil && at.inTrash() {
			err = p.notFound("data_source", id)
		}
		return at, err
	})
}

// QueryDatabase is Query of the data source of a database that has one, as versions before
// 2025-09-03 name it.
func (c *Core) QueryDatabase(ctx context.Context, p *Principal, database notion.ID, ask RowQuery) (notion.Object, error) {
	return c.queryAt(ctx, p, ask, func(tx *store.Tx) (place, error) {
		at, err := c.locateDatabase(tx, p, database)
		if err == nil && at.inTrash() {
			err = p.notFound("database", database)
		}
		if err != nil {
			return nil, err
		}
		source, err := onlySource(tx, database)
		if err == nil && source.InTrash {
			err = p.notFound("database", database)
		}
		return append(place{source}, at...), err
	})
}

// locator finds the data source that is queried.
type locator func(*store.Tx) (place, error)

func (c *Core) queryAt(ctx context.Context, p *Principal, ask RowQuery, locate locator) (notion.Object, error) {
	var list *notion.List
	err := c.search(ctx, p, func(r *rowSearch) (err error) {
		if r.at, err = locate(r.tx); err != nil {
			return err
		}
		r.ask, list = ask, &notion.List{Type: "page_or_data_source"}
		return r.fill(list)
	})
	return list, err
}

// search carries out a search in a snapshot, and again when it has asked for formulas that
// could be in the index and were not.
func (c *Core) search(ctx context.Context, p *Principal, carryOut func(*rowSearch) error) error {
	unindexed, err := c.trySearch(ctx, p, carryOut, true)
	if err != nil || unindexed == nil {
		return err
	}
	for source, ids := range unindexed {
		if err := c.indexFormulas(ctx, p, source, ids); err != nil {
			c.log.WarnContext(ctx, "formulas are not indexed", "data_source", source, "error", err)
		}
	}
	_, err = c.trySearch(ctx, p, carryOut, false)
	return err
}

// trySearch carries out a search. When it asks for formulas that could be in the index, and
// are not, these are returned by data source, and the search has no result unless patience
// is over.
func (c *Core) trySearch(ctx context.Context, p *Principal, carryOut func(*rowSearch) error, patient bool) (map[notion.ID][]string, error) {
	const attempts = 3
	for i := range attempts {
		var unindexed map[notion.ID][]string
		err := c.view(ctx, p, func(tx *store.Tx) error {
			r := &rowSearch{core: c, tx: tx, p: p, patient: patient, deriver: c.newDeriver(tx, p), tableless: i == attempts-1}
			if err := carryOut(r); err != nil {
				return err
			}
			unindexed = r.unindexed
			return nil
		})
		// Another query has taken the table further; the next snapshot is as new.
		if !errors.Is(err, errOldSnapshot) {
			return unindexed, err
		}
	}
	return nil, errOldSnapshot
}

// rowSearch answers one query.
type rowSearch struct {
	core   *Core
	tx     *store.Tx
	p      *Principal
	at     place
	ask    RowQuery
	source *source
	query  *query.Query

	deriver *deriver
	// unindexed are the formulas that could be in the index, by data source. A search that is
	// patient has no answer when there are any.
	unindexed map[notion.ID][]string
	patient   bool
	// tableless keeps to the database.
	tableless bool
}

func (r *rowSearch) fill(list *notion.List) error {
	var err error
	if r.source, err = r.core.readSource(r.tx, r.at[0].ID); err != nil {
		return err
	}
	if err := r.checkShown(); err != nil {
		return err
	}
	if r.query, err = query.Parse(r.env(), r.ask.Filter, r.ask.Sorts); err != nil {
		return err
	}
	var after *query.Found
	var had progress
	if r.ask.Cursor != "" {
		last, memo, ok := r.query.Resume(r.scope(), r.ask.Cursor)
		if ok {
			after = last
			had, ok = progressOf(memo)
		}
		if !ok {
			return invalid("The start_cursor provided is invalid: %s", r.ask.Cursor)
		}
	}
	if r.ask.SourcesOnly {
		r.unindexed = nil
		return nil
	}
	if r.patient && r.unindexed != nil {
		return nil
	}
	return r.page(list, after, had)
}

// page fills the list with the rows after a place.
func (r *rowSearch) page(list *notion.List, after *query.Found, had progress) error {
	size, last := r.ask.Size, false
	if most := r.core.MaxRows(); most > 0 {
		if after == nil {
			all, err := r.find(nil, most+1)
			if err != nil {
				return err
			}
			had.cut = len(all) > most
		}
		size = max(0, min(size, most-had.rows))
		last = had.rows+size == most
	}
	reader, err := r.reader(after, had)
	if err != nil {
		return err
	}
	rows, err := reader.read(size + 1)
	if err != nil {
		return err
	}
	more := len(rows) > size
	rows = rows[:min(len(rows), size)]
	if list.Results, err = r.show(rows); err != nil {
		return err
	}
	list.Incomplete = had.cut || last && more
	if more && !last {
		list.NextCursor = reader.next(rows)
	}
	return nil
}

// checkShown refuses names of properties that the data source does not have.
func (r *rowSearch) checkShown() error {
	for _, key := range r.ask.Show {
		if r.source.props.Find(key) == nil {
			return invalid("Could not find property with name or id: %s", key)
		}
	}
	return nil
}

func (r *rowSearch) rows() query.Rows {
	return query.Rows{
		Workspace: r.p.Workspace, Source: r.source.ID, Integration: r.p.Integration,
		InTrash: r.ask.InTrash, Archived: r.ask.Archived,
	}
}

// scope is what a cursor belongs to besides filter and sorts.
func (r *rowSearch) scope() []byte {
	scope := slices.Clone(r.source.ID[:])
	for _, state := range []bool{r.ask.InTrash, r.ask.Archived} {
		mark := byte(0)
		if state {
			mark = 1
		}
		scope = append(scope, mark)
	}
	return scope
}

func (r *rowSearch) env() *query.Env {
	e := &query.Env{
		Schema: r.source.props, Now: r.tx.Now(), Zone: r.p.Zone, Relation: r.relation, Names: r.names,
		Computed: func(prop *property.Property) (query.Computed, error) { return r.computed(r.source, prop) },
		Results: func(prop *property.Property, rows []notion.ID) ([]property.Result, error) {
			return r.deriver.Results(r.source, prop, rows)
		},
	}
	if r.p.Kind != Internal {
		e.Me = r.p.Owner
	}
	return e
}

// relation tells what of a relation shows to the caller.
func (r *rowSearch) relation(prop *property.Property) (query.Relation, error) {
	relation := query.Relation{Property: prop.ID, Source: prop.Relation().Source, Sight: query.SeesNone}
	chain, err := r.tx.Chain(relation.Source)
	if errors.Is(err, store.ErrNotFound) || err == nil && place(chain).inTrash() {
		return relation, nil
	}
	if err != nil {
		return relation, err
	}
	shared, err := r.core.shared(r.tx, r.p, chain)
	relation.Sight = query.SeesShared
	if shared {
		relation.Sight = query.SeesAll
	}
	return relation, err
}

// names ranks the users of the workspace by their names. Who has none has no place.
func (r *rowSearch) names() ([]query.Rank, error) {
	const atOnce = 1000
	type named struct {
		id  notion.ID
		key []byte
	}
	var users []named
	var last notion.ID
	for {
		some, err := r.tx.AllUsers(last, atOnce)
		if err != nil {
			return nil, err
		}
		for _, u := range some {
			last = u.ID
			if u.Name != "" {
				users = append(users, named{u.ID, property.SortKey(u.Name)})
			}
		}
		if len(some) < atOnce {
			break
		}
	}
	slices.SortFunc(users, func(a, b named) int { return cmp.Or(slices.Compare(a.key, b.key), slices.Compare(a.id[:], b.id[:])) })
	ranks := make([]query.Rank, len(users))
	for i, u := range users {
		ranks[i] = query.Rank{Key: slices.Clone(u.id[:]), Place: i}
		if i > 0 && slices.Equal(u.key, users[i-1].key) {
			ranks[i].Place = ranks[i-1].Place
		}
	}
	return ranks, nil
}

// show renders the rows that were found, in their order.
func (r *rowSearch) show(rows []readRow) ([]notion.Object, error) {
	ids := make([]notion.ID, len(rows))
	for i, row := range rows {
		ids[i] = row.page
	}
	read, err := r.tx.RowPages(ids)
	if err != nil {
		return nil, err
	}
	byID := make(map[notion.ID]int, len(read))
	for i := range read {
		byID[read[i].ID] = i
	}
	pages := make([]store.Page, len(ids))
	for i, id := range ids {
		pages[i] = read[byID[id]]
	}
	return r.core.showRows(r.tx, r.p, r.source, pages, r.ask.Show)
}
