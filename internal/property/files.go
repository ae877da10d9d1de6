package property

import "octavo/internal/schema"

var files = Type{
	Name:      "files",
	Value:     schema.Array(file(), maxItems),
	Shorthand: schema.Array(file(), maxItems),
}

// file is a file with its name. One that was read with a signed address may be written
// back; what it is known by is the upload behind that address.
func file() schema.Type {
	signed := schema.Object(
		schema.Req("url", schema.String().Max(maxText)),
		schema.Opt("expiry_time", schema.Date()),
	)
	named := func(key string, t schema.Type, name schema.Field) schema.Type {
		return schema.Object(schema.Req(key, t), name, schema.Opt("type", schema.Literal(key)))
	}
	return schema.Union(
		named("file", signed, schema.Req("name", schema.String())),
		named("external", schema.Ref("external_file"), schema.Req("name", schema.String())),
		named("file_upload", schema.Ref("file_upload_id"), schema.Opt("name", schema.String())),
	)
}
