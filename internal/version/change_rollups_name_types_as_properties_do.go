package version

import "octavo/internal/jsonx"

// oldElements are the types of the elements of a rollup by what they were called.
var oldElements = []struct{ now, before string }{{"files", "file"}, {"rich_text", "text"}, {"people", "person"}}

var rollupsNameTypesAsPropertiesDo = Change{
	Since:    V20210816,
	Sentence: "The elements of a rollup have the types `files`, `rich_text` and `people`; before, `file`, `text` and `person`.",
	Down: func(r *Response) error {
		objects(r.Body, "page", func(o jsonx.Value) {
			for _, m := range o.Get("properties").Members() {
				for _, element := range m.Value.Get("rollup").Get("array").Items() {
					for _, name := range oldElements {
						renameType(element, name.now, name.before)
					}
				}
			}
		})
		return nil
	},
}
