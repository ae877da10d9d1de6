package version

import (
	"slices"

	"octavo/internal/jsonx"
)

// leftOut are the types of properties that pages did not show without a value.
var leftOut = []string{"number", "email", "select", "date", "rollup"}

var emptyValuesAreNull = Change{
	Since:    V20210816,
	Sentence: "A page shows null for a number, email, select, date or rollup without a value; before, it left the property out.",
	Down: func(r *Response) error {
		objects(r.Body, "page", func(o jsonx.Value) {
			properties := o.Get("properties")
			for _, m := range slices.Clone(properties.Members()) {
				kind := m.Value.Get("type").Text()
				if slices.Contains(leftOut, kind) && isEmpty(m.Value.Get(kind)) {
					properties.Delete(m.Key)
				}
			}
		})
		return nil
	},
}

// isEmpty reports whether a value is null, or the rollup of nothing.
func isEmpty(v jsonx.Value) bool {
	return v.IsNull() || v.Has("function") && v.Get(v.Get("type").Text()).IsNull()
}
