package block

import (
	"path"

	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/schema"
)

// file is the type of a block that shows a file. Its payload is a caption and the keys of
// one source, which of them says `type`; file blocks also have a name.
func file(name string) *Type {
	t := &Type{Name: name, Deepest: 3, fields: []field{caption}}
	t.finish = func(n *New) error {
		source, err := media.DecodeFile(name, n.written)
		if err != nil {
			return err
		}
		if source.Kind() != jsonx.Object {
			source = sourceOf(n.payload) // an update that leaves the file alone
		}
		for _, m := range source.Members() {
			n.payload.Set(m.Key, m.Value)
		}
		if t == byName["file"] {
			n.payload.Set("name", fileName(n, source))
		}
		return nil
	}
	return t
}

// sourceOf returns the members of a stored payload that say where the file is.
func sourceOf(payload jsonx.Value) jsonx.Value {
	kind := payload.Get("type")
	return jsonx.ObjectValue(jsonx.M("type", kind), jsonx.M(kind.Text(), payload.Get(kind.Text())))
}

// fileName returns the name a file block shows: the one written, else the one it has,
// else the end of the address. A new name without an extension keeps the file's
// (pages-blocks.md §2.2).
func fileName(n *New, source jsonx.Value) jsonx.Value {
	written, old := n.written.Get("name"), n.old.Get("name")
	switch {
	case !written.Defined() && old.Defined():
		return old
	case !written.Defined():
		return jsonx.StringValue(media.NameOf(source))
	case n.old.Defined() && path.Ext(written.Text()) == "":
		return jsonx.StringValue(written.Text() + path.Ext(media.NameOf(source)))
	}
	return written
}

// fileSchema is what a client may write of a file block: exactly one source when it is
// made, any part of it when it is changed.
func fileSchema(t *Type, update bool) schema.Type {
	common := []schema.Field{schema.Opt("caption", schema.Ref("rich_text"))}
	if t.Name == "file" {
		common = append(common, schema.Opt("name", schema.String()))
	}
	if update {
		return schema.Object(append([]schema.Field{
			schema.Opt("external", schema.Ref("external_file")),
			schema.Opt("file_upload", schema.Ref("file_upload")),
		}, common...)...)
	}
	source := func(kind, payload string) schema.Type {
		return schema.Object(append([]schema.Field{
			schema.Req(kind, schema.Ref(payload)), schema.Opt("type", schema.Literal(kind)),
		}, common...)...)
	}
	return schema.Union(source("external", "external_file"), source("file_upload", "file_upload"))
}

func isFile(t *Type) bool {
	switch t.Name {
	case "image", "video", "pdf", "file", "audio":
		return true
	}
	return false
}
