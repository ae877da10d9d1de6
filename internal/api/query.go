package api

import (
	"octavo/internal/core"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/query"
	"octavo/internal/schema"
)

func queryDataSource(a *API, c *call) (notion.Object, error) {
	return a.core.Query(c.ctx, c.principal, c.ids["data_source_id"], c.rowQuery())
}

// queryDatabase is for versions in which a database was its only data source.
func queryDatabase(a *API, c *call) (notion.Object, error) {
	return a.core.QueryDatabase(c.ctx, c.principal, c.ids["database_id"], c.rowQuery())
}

func (c *call) rowQuery() core.RowQuery {
	return core.RowQuery{
		Filter:      c.body.Get("filter"),
		Sorts:       c.body.Get("sorts"),
		PageOf:      bodyPageOf(c.body),
		InTrash:     c.body.Get("in_trash").True(),
		Archived:    c.body.Get("is_archived").True(),
		SourcesOnly: c.body.Get("result_type").Text() == "data_source",
		Show:        c.filterProperties(),
	}
}

// bodyPageOf reads which part of a list a request asks for in its body.
func bodyPageOf(body jsonx.Value) core.PageOf {
	p := core.PageOf{Size: 100, Cursor: body.Get("start_cursor").Text()}
	if size := body.Get("page_size"); size.Float() > 0 {
		p.Size = int(size.Float())
	}
	return p
}

// defineQueries adds the bodies of queries.
func defineQueries(set *schema.Set) {
	query.Define(set)
	body := schema.Object(
		schema.Opt("sorts", schema.Ref("sorts")),
		schema.Opt("filter", schema.Ref("filter")),
		schema.Opt("start_cursor", schema.String().NonEmpty()),
		schema.Opt("page_size", schema.Number().Min(1).Max(100)),
		schema.Opt("in_trash", schema.Bool()),
		schema.Opt("is_archived", schema.Bool()),
		schema.Opt("result_type", schema.Literal("page", "data_source")),
	)
	set.Define("query_data_source", body)
	set.Define("query_database", schema.Ref("query_data_source"))
}
