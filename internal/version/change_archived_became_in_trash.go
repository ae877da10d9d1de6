package version

import (
	"slices"

	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

// trashable are the kinds of objects that say whether they are in the trash.
var trashable = []string{"page", "block", "database", "data_source", "file_upload"}

var archivedBecameInTrash = Change{
	Since:    V20260311,
	Sentence: "Trash is `in_trash` alone, in requests and answers; before, `archived` meant the same and stood last in every page and block.",
	Amend: func(set *schema.Set) {
		for _, name := range []string{"update_page", "update_block", "update_database", "update_data_source", "query_data_source", "query_database"} {
			for _, body := range set.Having(name, "in_trash") {
				body.Add(schema.Opt("archived", schema.Bool()))
			}
		}
	},
	Up: func(r *Request) error {
		if archived := r.Body.Delete("archived"); archived.Defined() && !r.Body.Has("in_trash") {
			r.Body.Set("in_trash", archived)
		}
		return nil
	},
	Down: func(r *Response) error {
		// One walk for all kinds: a listing has thousands of values.
		r.Body.Walk(func(o jsonx.Value) {
			if !slices.Contains(trashable, o.Get("object").Text()) {
				return
			}
			if trashed := o.Get("in_trash"); trashed.Defined() {
				o.Set("archived", trashed)
			}
		})
		return nil
	},
}
