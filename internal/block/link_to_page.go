package block

import (
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

// linkTargets are the keys by which a link says where it leads. The target need not exist.
var linkTargets = []string{"page_id", "database_id", "comment_id"}

func linkShape(bool) schema.Type {
	var variants []schema.Type
	for _, key := range linkTargets {
		variants = append(variants, schema.Object(schema.Req(key, schema.UUID()), schema.Opt("type", schema.Literal(key))))
	}
	return schema.Union(variants...)
}

func settleLink(_ *reader, payload, sent jsonx.Value) (jsonx.Value, error) {
	for _, key := range linkTargets {
		if id := sent.Get(key); id.Defined() {
			return identified(key, id), nil
		}
	}
	return payload, nil
}
