package property

import "octavo/internal/schema"

var files = &Type{
	Name: "files",
	Value: schema.Array(schema.Union(
		schema.Object(
			schema.Req("external", schema.Ref("external_file")),
			schema.Req("name", schema.String()),
			schema.Opt("type", schema.Literal("external")),
		),
		schema.Object(
			schema.Req("file_upload", schema.Ref("file_upload")),
			schema.Opt("type", schema.Literal("file_upload")),
			schema.Opt("name", schema.String()),
		),
		schema.Object(
			schema.Req("file", schema.Loose(schema.Req("url", schema.String()))),
			schema.Req("name", schema.String()),
			schema.Opt("type", schema.Literal("file")),
		),
	), 100),
}
