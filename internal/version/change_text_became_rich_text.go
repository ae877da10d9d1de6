package version

import (
	"slices"

	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

// textTypes are the block types of versions before 2022-02-22 whose payload held its
// text under `text`.
var textTypes = []string{
	"paragraph", "heading_1", "heading_2", "heading_3", "heading_4", "bulleted_list_item", "numbered_list_item",
	"quote", "to_do", "toggle", "template", "callout", "code",
}

var textBecameRichText = Change{
	Since:    V20220222,
	Sentence: "The text of a block is under `rich_text`; before, under `text`.",
	Amend: func(set *schema.Set) {
		for _, definitions := range []string{"block", "update_block"} {
			for _, payload := range set.Having(definitions, "rich_text") {
				payload.Rename("rich_text", "text")
			}
		}
	},
	Up: func(r *Request) error {
		requestBlocks(r.Body, func(b jsonx.Value) { renameText(b, "text", "rich_text") })
		return nil
	},
	Down: func(r *Response) error {
		objects(r.Body, "block", func(b jsonx.Value) { renameText(b, "rich_text", "text") })
		return nil
	},
}

func renameText(block jsonx.Value, from, to string) {
	for _, m := range block.Members() {
		if slices.Contains(textTypes, m.Key) {
			m.Value.Rename(from, to)
		}
	}
}
