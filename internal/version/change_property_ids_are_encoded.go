package version

import (
	"net/url"

	"octavo/internal/jsonx"
)

var propertyIDsAreEncoded = Change{
	Since:    V20210816,
	Sentence: "The ids of properties are percent-encoded; before, they were shown as they are.",
	Down: func(r *Response) error {
		for _, kind := range []string{"page", "database"} {
			objects(r.Body, kind, func(o jsonx.Value) {
				for _, m := range o.Get("properties").Members() {
					decodeID(m.Value.Ref("id"))
					decodeID(m.Value.Get("relation").Ref("synced_property_id"))
				}
			})
		}
		objects(r.Body, "property_item", func(o jsonx.Value) { decodeID(o.Ref("id")) })
		decodeID(r.Body.Get("property_item").Ref("id"))
		return nil
	},
}

func decodeID(id *jsonx.Value) {
	if id == nil {
		return
	}
	if raw, err := url.PathUnescape(id.Text()); err == nil {
		*id = jsonx.StringValue(raw)
	}
}
