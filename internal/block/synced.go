package block

import (
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/schema"
)

// syncedFrom is null for an original and names the original for a copy.
var syncedFrom = field{
	key: "synced_from", create: required, update: required, read: readSyncedFrom,
	schema: schema.Nullable(schema.Object(schema.Req("block_id", schema.UUID()), schema.Opt("type", schema.Literal("block_id")))),
}

func readSyncedFrom(_ *reader, sent jsonx.Value) (jsonx.Value, error) {
	if sent.IsNull() {
		return sent, nil
	}
	return identified("block_id", sent.Get("block_id")), nil
}

// settleSynced refuses to turn an original into a copy, or the other way round: the
// content of one or the other would be lost (pages-blocks.md §2.4).
func settleSynced(r *reader, payload, _ jsonx.Value) (jsonx.Value, error) {
	if r.updates && payload.Get("synced_from").String() != r.old.Get("synced_from").String() {
		return payload, invalid("The `synced_from` of a synced block cannot be changed. Create another block instead.")
	}
	return payload, nil
}

// identified returns {"type":key,key:id} with the id as answers show ids.
func identified(key string, id jsonx.Value) jsonx.Value {
	parsed, _ := notion.ParseID(id.Text())
	return jsonx.ObjectValue(
		jsonx.M("type", jsonx.StringValue(key)),
		jsonx.M(key, jsonx.StringValue(parsed.String())),
	)
}
