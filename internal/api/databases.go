package api

import (
	"octavo/internal/core"
	"octavo/internal/notion"
)

func createDatabase(a *API, c *call) (notion.Object, error) {
	return a.core.CreateDatabase(c.ctx, c.principal, core.NewDatabase{
		Parent:      c.body.Get("parent"),
		Title:       c.body.Get("title"),
		Description: c.body.Get("description"),
		Icon:        c.body.Get("icon"),
		Cover:       c.body.Get("cover"),
		IsInline:    c.body.Get("is_inline").True(),
		Properties:  c.body.Get("initial_data_source").Get("properties"),
	})
}

func getDatabase(a *API, c *call) (notion.Object, error) {
	return a.core.Database(c.ctx, c.principal, c.ids["database_id"])
}

func listDatabases(a *API, c *call) (notion.Object, error) {
	return a.core.Databases(c.ctx, c.principal, c.pageOf())
}

// updateDatabase ignores the `properties` of its newest version, as the hosted API does
// (databases.md §1.3); version changes put those of older ones under `as_source`.
func updateDatabase(a *API, c *call) (notion.Object, error) {
	source := c.body.Get("as_source")
	return a.core.UpdateDatabase(c.ctx, c.principal, c.ids["database_id"], core.DatabaseChange{
		Parent:      c.body.Get("parent"),
		Title:       c.body.Get("title"),
		Description: c.body.Get("description"),
		Icon:        c.body.Get("icon"),
		Cover:       c.body.Get("cover"),
		IsInline:    c.body.Get("is_inline"),
		IsLocked:    c.body.Get("is_locked"),
		InTrash:     c.body.Get("in_trash"),
		AsSource:    source.Defined(),
		Properties:  source.Get("properties"),
	})
}
