package api

import (
	"octavo/internal/apierr"
	"octavo/internal/core"
	"octavo/internal/notion"
	"octavo/internal/schema"
)

func search(a *API, c *call) (notion.Object, error) {
	sort, filter := c.body.Get("sort"), c.body.Get("filter")
	ask := core.Search{
		Query:       c.body.Get("query").Text(),
		Kind:        filter.Get("value").Text(),
		InTrash:     filter.Get("in_trash").True(),
		AsDatabases: c.body.Get("as_databases").True(),
		PageOf:      bodyPageOf(c.body),
	}
	switch {
	case sort.Has("property"):
		ask.Order = core.MostWordsFirst
	case sort.Has("timestamp") && sort.Get("timestamp").Text() != "last_edited_time":
		// The hosted API says it in these words, without those that begin its other refusals
		// of a body (contract.md §4.4 #73).
		return nil, apierr.Errorf(apierr.ValidationError, `body.sort.timestamp should be "last_edited_time" when sorting by timestamp.`)
	case sort.Get("direction").Text() == "ascending":
		ask.Order = core.OldestFirst
	}
	return a.core.Search(c.ctx, c.principal, ask)
}

// defineSearch adds the body of searches. What the hosted API came to take later is taken
// and not named in refusals.
func defineSearch(set *schema.Set) {
	set.Define("search_filter", schema.Object(
		schema.Req("property", schema.Literal("object")),
		schema.Req("value", schema.Literal("page", "data_source")),
		schema.Opt("in_trash", schema.Bool()),
	))
	set.Define("search", schema.Object(
		schema.Opt("sort", schema.Union(
			schema.Object(
				schema.Req("timestamp", schema.String()),
				schema.Opt("direction", schema.Literal("ascending", "descending")),
			),
			schema.Object(schema.Req("property", schema.Literal("relevance"))),
		).Hide("property")),
		schema.Opt("query", schema.String()),
		schema.Opt("start_cursor", schema.Nullable(schema.String()).Hide("null")),
		schema.Opt("page_size", schema.Number().Min(0).Max(100)), // 0 is the default (contract.md §8)
		schema.Opt("filter", schema.Union(
			schema.Ref("search_filter"),
			schema.Object(schema.Req("in_trash", schema.Bool())),
		).Hide("in_trash")),
	))
}
