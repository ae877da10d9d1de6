package api

import (
	"octavo/internal/notion"
	"octavo/internal/schema"
	"octavo/internal/view"
)

func listViews(a *API, c *call) (notion.Object, error) {
	return a.core.Views(c.ctx, c.principal, idOf(c.query.Get("database_id")), idOf(c.query.Get("data_source_id")), c.pageOf())
}

func createView(a *API, c *call) (notion.Object, error) {
	return a.core.CreateView(c.ctx, c.principal, c.body)
}

func getView(a *API, c *call) (notion.Object, error) {
	return a.core.View(c.ctx, c.principal, c.ids["view_id"])
}

func updateView(a *API, c *call) (notion.Object, error) {
	return a.core.UpdateView(c.ctx, c.principal, c.ids["view_id"], c.body)
}

func deleteView(a *API, c *call) (notion.Object, error) {
	return a.core.DeleteView(c.ctx, c.principal, c.ids["view_id"])
}

func createViewQuery(a *API, c *call) (notion.Object, error) {
	return a.core.CreateViewQuery(c.ctx, c.principal, c.ids["view_id"], bodyPageOf(c.body).Size)
}

func getViewQueryResults(a *API, c *call) (notion.Object, error) {
	return a.core.ViewQueryResults(c.ctx, c.principal, c.ids["view_id"], c.ids["query_id"], c.pageOf())
}

func deleteViewQuery(a *API, c *call) (notion.Object, error) {
	return a.core.DeleteViewQuery(c.ctx, c.principal, c.ids["view_id"], c.ids["query_id"])
}

// defineViews adds what requests for views hold (databases.md §6). Keys stand in the order of
// the official SDK's types.
func defineViews(set *schema.Set) {
	view.Define(set)
	cursor := schema.Opt("start_cursor", schema.UUID())
	pageSize := schema.Opt("page_size", schema.Number().Min(1).Max(100))
	set.Redefine("list_views.query", schema.Object(
		schema.Opt("database_id", schema.UUID()), schema.Opt("data_source_id", schema.UUID()), cursor, pageSize,
	))
	set.Redefine("get_view_query_results.query", schema.Object(cursor, pageSize))
	set.Define("create_view_query", schema.Object(pageSize))
	set.Define("create_view", schema.Object(
		schema.Req("data_source_id", schema.UUID()),
		schema.Req("name", schema.String()),
		schema.Req("type", schema.Ref("view_type")),
		schema.Opt("database_id", schema.UUID()),
		schema.Opt("view_id", schema.UUID()),
		schema.Opt("filter", schema.Ref("filter")),
		schema.Opt("sorts", schema.Ref("sorts")),
		schema.Opt("quick_filters", schema.Ref("quick_filters")),
		schema.Opt("create_database", schema.Object(
			schema.Req("parent", schema.Object(schema.Req("page_id", schema.UUID()), schema.Req("type", schema.Literal("page_id")))),
			schema.Opt("position", schema.Object(schema.Req("block_id", schema.UUID()), schema.Req("type", schema.Literal("after_block")))),
		)),
		schema.Opt("configuration", schema.Ref("view_configuration")),
		schema.Opt("position", schema.Union(
			schema.Object(schema.Req("type", schema.Literal("start"))),
			schema.Object(schema.Req("type", schema.Literal("end"))),
			schema.Object(schema.Req("view_id", schema.UUID()), schema.Req("type", schema.Literal("after_view"))),
		)),
		schema.Opt("placement", schema.Union(
			schema.Object(schema.Req("type", schema.Literal("new_row")), schema.Opt("row_index", schema.Number().Min(0))),
			schema.Object(schema.Req("row_index", schema.Number().Min(0)), schema.Req("type", schema.Literal("existing_row"))),
		)),
	))
	set.Define("update_view", schema.Object(
		schema.Opt("name", schema.String()),
		schema.Opt("filter", schema.Nullable(schema.Ref("filter"))),
		schema.Opt("sorts", schema.Nullable(schema.Ref("view_sorts"))),
		schema.Opt("quick_filters", schema.Nullable(schema.Ref("quick_filter_updates"))),
		schema.Opt("configuration", schema.Ref("view_configuration")),
	))
}
