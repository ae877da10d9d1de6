package version

import (
	"octavo/internal/jsonx"
	"octavo/internal/notion"
)

var parentsAreDirect = Change{
	Since:    V20220628,
	Sentence: "The parent of a page is what it directly hangs on, a block included; before, the page around it.",
	Down: func(r *Response) error {
		var failed error
		objects(r.Body, "page", func(p jsonx.Value) {
			parent := p.Get("parent")
			if parent.Get("type").Text() != "block_id" {
				return
			}
			block, _ := notion.ParseID(parent.Get("block_id").Text())
			page, err := r.Lookup.PageOf(r.Context, block)
			if err != nil {
				failed = err
				return
			}
			p.Set("parent", jsonx.ObjectValue(
				jsonx.M("type", jsonx.StringValue("page_id")),
				jsonx.M("page_id", jsonx.StringValue(page.String())),
			))
		})
		return failed
	},
}
