package property

import (
	lang "octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/schema"
)

var files = Type{
	Name:      "files",
	Config:    schema.Object(),
	Value:     schema.Array(file(), maxItems),
	Shorthand: schema.Array(file(), maxItems),
	Filters:   []string{"files"},
	Sort:      Unsorted,
	fits:      isFiles,
	decode:    decodeFiles,
	empty:     jsonx.ArrayValue(),
	cells:     filesCells,
	seen:      lang.ListOf(lang.TypeOf(lang.KindText)),
	value:     namesValue,
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

func isFiles(sent jsonx.Value) bool {
	return eachItem(sent, func(it jsonx.Value) bool {
		return it.Has("file") || it.Has("external") || it.Has("file_upload")
	})
}

func decodeFiles(d *decoder, p *Property, sent jsonx.Value) (jsonx.Value, error) {
	items := make([]jsonx.Value, 0, len(sent.Items()))
	for _, it := range sent.Items() {
		stored, err := d.file(p, it)
		if err != nil {
			return sent, err
		}
		items = append(items, stored)
	}
	return jsonx.ArrayValue(items...), nil
}

// file returns one file in its stored form: its name, then the source with its type.
func (d *decoder) file(p *Property, sent jsonx.Value) (jsonx.Value, error) {
	source, err := d.fileSource(p, sent)
	if err != nil {
		return sent, err
	}
	members := []jsonx.Member{jsonx.M("name", jsonx.StringValue(sent.Get("name").Text()))}
	return jsonx.ObjectValue(append(members, source.Members()...)...), nil
}

func (d *decoder) fileSource(p *Property, sent jsonx.Value) (jsonx.Value, error) {
	if !sent.Has("file") {
		return media.DecodeSource(sent, "file")
	}
	address := sent.Get("file").Get("url").Text()
	if d.writer.Upload != nil {
		if id, ok := d.writer.Upload(address); ok {
			return jsonx.ObjectValue(
				jsonx.M("type", jsonx.StringValue("file_upload")),
				jsonx.M("file_upload", jsonx.ObjectValue(jsonx.M("id", jsonx.StringValue(id.String())))),
			), nil
		}
	}
	return sent, invalid("Invalid file url for property %q: %s is not the address of a file that was uploaded here. Use `external` for other files.",
		p.Name, address)
}

func filesCells(dst []Cell, stored jsonx.Value) []Cell {
	if len(stored.Items()) == 0 {
		return dst
	}
	return append(dst, Cell{})
}
