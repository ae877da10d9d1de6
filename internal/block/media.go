package block

import (
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

func mediaShape(update bool) schema.Type { return sourceShape(update) }

func fileShape(update bool) schema.Type {
	return sourceShape(update, schema.Opt("name", schema.String()))
}

// sourceShape is what a request may say of a media block: on creation exactly one source,
// on update whatever is to change. Only creation knows the `type` (contract.md §4.3 row 42).
func sourceShape(update bool, more ...schema.Field) schema.Type {
	caption := schema.Opt("caption", schema.Ref("rich_text"))
	external, upload := schema.Ref("external_file"), schema.Ref("file_upload_id")
	if update {
		return schema.Object(caption, schema.Opt("external", external), schema.Opt("file_upload", upload)).Add(more...)
	}
	kind := func(key string, t schema.Type) schema.Type {
		return schema.Object(schema.Req(key, t), schema.Opt("type", schema.Literal(key)), caption).Add(more...)
	}
	return schema.Union(kind("external", external), kind("file_upload", upload))
}

// embedShape is what a request may say of an embed: the address of what it shows, or an
// upload (services.md §3.8).
func embedShape(update bool) schema.Type {
	caption := schema.Opt("caption", schema.Ref("rich_text"))
	url, upload := schema.String().Max(richtext.MaxURL), schema.Ref("file_upload_id")
	if update {
		return schema.Object(schema.Opt("url", url), caption, schema.Opt("file_upload", upload))
	}
	return schema.Union(
		schema.Object(schema.Req("url", url), caption),
		schema.Object(schema.Req("file_upload", upload), schema.Opt("type", schema.Literal("file_upload")), caption),
	)
}

// settleEmbed puts an upload in the place of an address, or the other way round.
func settleEmbed(r *reader, payload, sent jsonx.Value) (jsonx.Value, error) {
	if sent.Has("url") && sent.Has("file_upload") {
		return payload, invalid("Provide either `url` or `file_upload`, not both.")
	}
	source, err := media.DecodeSource(sent, r.typ.Name)
	switch {
	case err != nil:
		return payload, err
	case source.Defined():
		payload, _, err = settleSource(r, payload, sent)
		payload.Set("url", jsonx.StringValue(""))
		return payload, err
	case sent.Has("url"):
		payload.Delete("type")
		payload.Delete("file_upload")
	}
	return payload, nil
}

// settleMedia puts the source of a file behind its caption.
func settleMedia(r *reader, payload, sent jsonx.Value) (jsonx.Value, error) {
	payload, _, err := settleSource(r, payload, sent)
	return payload, err
}

// settleFile gives a file its name as well (pages-blocks.md §2.2). An upload without a
// name is stored with the empty one and read with its file's.
func settleFile(r *reader, payload, sent jsonx.Value) (jsonx.Value, error) {
	payload, source, err := settleSource(r, payload, sent)
	if err != nil {
		return payload, err
	}
	name := sent.Get("name")
	switch {
	case r.updates && name.Defined():
		name = jsonx.StringValue(media.WithExtension(name.Text(), source))
	case r.updates:
		name = r.old.Get("name")
	}
	if name.Text() == "" {
		name = jsonx.StringValue(media.NameOf(source))
	}
	payload.Set("name", name)
	return payload, nil
}

// settleSource returns the payload with the caption and the source, that of the request or
// else the old one, and the source by itself.
func settleSource(r *reader, payload, sent jsonx.Value) (result, source jsonx.Value, err error) {
	source, err = media.DecodeSource(sent, r.typ.Name)
	if err != nil {
		return payload, source, err
	}
	if source.Defined() && media.IsUpload(source) {
		r.dynamic = true
		// The types of media blocks are named like what they show.
		media.Uploads(source, func(id notion.ID) {
			r.uploads = append(r.uploads, media.Use{Upload: id, As: media.Slot(r.typ.Name)})
		})
	}
	if !source.Defined() {
		source = r.old
	}
	members := []jsonx.Member{jsonx.M("caption", payload.Get("caption")), jsonx.M("type", source.Get("type"))}
	for _, key := range []string{"external", "file_upload"} {
		if v := source.Get(key); v.Defined() {
			members = append(members, jsonx.M(key, v))
		}
	}
	return jsonx.ObjectValue(members...), source, nil
}
