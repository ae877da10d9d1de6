package version

import (
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

var textFiltersBecameRichText = Change{
	Since:    V20220222,
	Sentence: "A filter on text is `rich_text`; before, `text`, and `rich_text` is accepted and not named.",
	Amend: func(set *schema.Set) {
		text := schema.Object(
			schema.Req("text", schema.Ref("filter.text")),
			schema.Req("property", schema.String()),
			schema.Opt("type", schema.Literal("text")),
		)
		for _, name := range []string{"filter.one", "filter.inner", "filter"} {
			set.Union(name).AddBefore("rich_text", text).Hide("rich_text")
		}
	},
	Up: func(r *Request) error {
		if r.Operation != "query_database" {
			return nil
		}
		r.Body.Get("filter").Walk(func(f jsonx.Value) {
			if !f.Has("property") || !f.Has("text") {
				return
			}
			f.Rename("text", "rich_text")
			if t := f.Ref("type"); t != nil {
				*t = jsonx.StringValue("rich_text")
			}
		})
		return nil
	},
}
