package api

import (
	"context"

	"octavo/internal/apierr"
	"octavo/internal/core"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/version"
)

func createDataSource(a *API, c *call) (notion.Object, error) {
	if c.body.Has("description") {
		return nil, apierr.Errorf(apierr.ValidationError, "The 'description' parameter is not supported when adding a data source to an existing database")
	}
	return a.core.CreateDataSource(c.ctx, c.principal, core.NewSource{
		Database:   idOf(c.body.Get("parent").Get("database_id")),
		Title:      c.body.Get("title"),
		Icon:       c.body.Get("icon"),
		Properties: c.body.Get("properties"),
	})
}

func getDataSource(a *API, c *call) (notion.Object, error) {
	return a.core.DataSource(c.ctx, c.principal, c.ids["data_source_id"])
}

func updateDataSource(a *API, c *call) (notion.Object, error) {
	return a.core.UpdateDataSource(c.ctx, c.principal, c.ids["data_source_id"], core.SourceChange{
		Title:      c.body.Get("title"),
		Icon:       c.body.Get("icon"),
		Properties: c.body.Get("properties"),
		InTrash:    c.body.Get("in_trash"),
		Database:   idOf(c.body.Get("parent").Get("database_id")),
	})
}

// idOf returns the id in a value that has passed its schema, zero when there is none.
func idOf(v jsonx.Value) notion.ID {
	id, _ := notion.ParseID(v.Text())
	return id
}

// DataSource implements [version.Lookup].
func (l lookup) DataSource(ctx context.Context, id notion.ID, v version.Version) (jsonx.Value, error) {
	o, err := l.core.DataSource(ctx, l.principal, id)
	if err != nil {
		return jsonx.Value{}, err
	}
	return lower(v, o, version.Response{Context: ctx, Operation: "get_data_source", Target: id, Lookup: l})
}

// OnlySource implements [version.Lookup].
func (l lookup) OnlySource(ctx context.Context, database notion.ID) (notion.ID, error) {
	return l.core.OnlySource(ctx, l.principal, database)
}
