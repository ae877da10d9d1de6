package version

import (
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

var searchesFindDataSources = Change{
	Since: V20250903,
	Sentence: "A search finds data sources, and is narrowed to them by `data_source`; before, it found databases that have one data source, " +
		"and was narrowed to them by `database`.",
	Amend: func(set *schema.Set) {
		set.Object("search_filter").Replace("value", schema.Literal("page", "database"))
	},
	Up: func(r *Request) error {
		if r.Operation != "search" {
			return nil
		}
		r.Body.Set("as_databases", jsonx.BoolValue(true))
		if kind := r.Body.Get("filter").Ref("value"); kind != nil && kind.Text() == "database" {
			*kind = jsonx.StringValue("data_source")
		}
		return nil
	},
}
