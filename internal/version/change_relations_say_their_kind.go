package version

import (
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

var syncedKeys = []string{"synced_property_name", "synced_property_id"}

var relationsSayTheirKind = Change{
	Since: V20220628,
	Sentence: "A relation says whether it has one side or two, in `single_property` or `dual_property`; before, new relations had two, " +
		"and the other side was described by `synced_property_name` and `synced_property_id`.",
	Amend: func(set *schema.Set) {
		set.Redefine("property_config.relation", schema.Object(
			schema.Req("database_id", schema.UUID()),
			schema.Opt("synced_property_name", schema.String()),
			schema.Opt("synced_property_id", schema.String()),
		))
	},
	Up: func(r *Request) error {
		for _, m := range r.Body.Get("properties").Members() {
			config := m.Value.Get("relation")
			if config.Kind() != jsonx.Object || !config.Has("database_id") {
				continue // the value of a page
			}
			dual := jsonx.ObjectValue()
			for _, key := range syncedKeys {
				if v := config.Delete(key); v.Defined() {
					dual.Set(key, v)
				}
			}
			config.Set("dual_property", dual)
		}
		return nil
	},
	Down: func(r *Response) error {
		objects(r.Body, "database", func(o jsonx.Value) {
			for _, m := range o.Get("properties").Members() {
				flattenRelation(m.Value.Get("relation"))
			}
		})
		return nil
	},
}

func flattenRelation(config jsonx.Value) {
	config.Delete("data_source_id")
	config.Delete("type")
	config.Delete("single_property")
	dual := config.Delete("dual_property")
	for _, key := range syncedKeys {
		if v := dual.Get(key); v.Defined() {
			config.Set(key, v)
		}
	}
}
