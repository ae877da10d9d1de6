package version

import "octavo/internal/jsonx"

var listsGainedType = Change{
	Since:    V20220222,
	Sentence: "Lists say the type of their results in `type` and carry an object under that name; before, neither.",
	Down: func(r *Response) error {
		objects(r.Body, "list", func(l jsonx.Value) { l.Delete(l.Delete("type").Text()) })
		return nil
	},
}
