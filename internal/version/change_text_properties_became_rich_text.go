package version

import (
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

var textPropertiesBecameRichText = Change{
	Since:    V20210513,
	Sentence: "Properties that hold text are of type `rich_text`; before, of type `text`.",
	Amend: func(set *schema.Set) {
		for _, definitions := range []string{"property_value", "property_schema"} {
			for _, o := range set.Having(definitions, "rich_text") {
				o.Rename("rich_text", "text").Replace("type", schema.Literal("text"))
			}
		}
	},
	Up: func(r *Request) error {
		for _, m := range r.Body.Get("properties").Members() {
			if !m.Value.Has("text") {
				continue
			}
			m.Value.Rename("text", "rich_text")
			if t := m.Value.Ref("type"); t != nil {
				*t = jsonx.StringValue("rich_text")
			}
		}
		return nil
	},
	Down: func(r *Response) error {
		for _, kind := range []string{"page", "database"} {
			objects(r.Body, kind, func(o jsonx.Value) {
				for _, m := range o.Get("properties").Members() {
					renameType(m.Value, "rich_text", "text")
				}
			})
		}
		objects(r.Body, "property_item", func(o jsonx.Value) { renameType(o, "rich_text", "text") })
		renameType(r.Body.Get("property_item"), "rich_text", "text")
		return nil
	},
}
