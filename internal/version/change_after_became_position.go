package version

import (
	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

var afterBecamePosition = Change{
	Since:    V20260311,
	Sentence: "Where appended children go is said by `position`; the older `after` is refused.",
	Amend: func(set *schema.Set) {
		set.Object("append_block_children").Add(schema.Opt("after", schema.UUID()))
	},
	Up: func(r *Request) error {
		if r.Operation != "append_block_children" || !r.Body.Has("after") {
			return nil
		}
		if r.Body.Has("position") {
			return apierr.Errorf(apierr.ValidationError, "Provide either `after` or `position`, not both.")
		}
		after := r.Body.Delete("after")
		r.Body.Set("position", jsonx.ObjectValue(
			jsonx.M("type", jsonx.StringValue("after_block")),
			jsonx.M("after_block", jsonx.ObjectValue(jsonx.M("id", after))),
		))
		return nil
	},
}
