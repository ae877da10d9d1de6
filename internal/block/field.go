package block

import (
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

// field is one key of the payload of a type.
type field struct {
	key            string
	create, update presence
	schema         schema.Type
	// read returns the stored form of what was sent.
	read func(r *reader, sent jsonx.Value) (jsonx.Value, error)
	// initial stands in a new payload when nothing was sent; Undefined leaves the key out.
	initial jsonx.Value
}

// presence says whether a request may or must have a key.
type presence uint8

const (
	optional presence = iota
	required
	absent
)

// reader reads the object of one block in a request.
type reader struct {
	typ     *Type
	dynamic bool
	uploads []media.Use
	// updates tells an update from a creation, and hasChildren whether the block that is
	// updated has children.
	updates, hasChildren bool
	// old is the payload before an update.
	old jsonx.Value
}

// create returns the payload of a new block.
func (r *reader) create(sent jsonx.Value) (jsonx.Value, error) {
	members := make([]jsonx.Member, 0, len(r.typ.fields)+2)
	for i := range r.typ.fields {
		f := &r.typ.fields[i]
		val := f.initial
		if got := sent.Get(f.key); got.Defined() && f.create != absent {
			var err error
			if val, err = f.read(r, got); err != nil {
				return val, err
			}
		}
		if val.Defined() {
			members = append(members, jsonx.M(f.key, val))
		}
	}
	return r.settle(jsonx.ObjectValue(members...), sent)
}

// update changes, in place, the payload of a stored block.
func (r *reader) update(payload, sent jsonx.Value) (jsonx.Value, error) {
	r.old = payload.Clone()
	for i := range r.typ.fields {
		f := &r.typ.fields[i]
		got := sent.Get(f.key)
		if !got.Defined() || f.update == absent {
			continue
		}
		val, err := f.read(r, got)
		if err != nil {
			return val, err
		}
		payload.Set(f.key, val)
	}
	return r.settle(payload, sent)
}

func (r *reader) settle(payload, sent jsonx.Value) (jsonx.Value, error) {
	if r.typ.settle == nil {
		return payload, nil
	}
	return r.typ.settle(r, payload, sent)
}

// The fields that several types share, or that need no more than this.
var (
	text         = field{key: "rich_text", create: required, update: required, schema: schema.Ref("rich_text"), read: readText}
	caption      = field{key: "caption", schema: schema.Ref("rich_text"), read: readText, initial: jsonx.ArrayValue()}
	color        = field{key: "color", schema: schema.Ref("color"), read: readColor, initial: jsonx.StringValue("default")}
	toggleable   = flag("is_toggleable")
	checked      = flag("checked")
	columnHeader = flag("has_column_header")
	rowHeader    = flag("has_row_header")
	language     = field{key: "language", create: required, schema: schema.Literal(Languages...), read: asSent}
	expression   = field{key: "expression", create: required, update: required,
		schema: schema.String().Max(richtext.MaxExpression), read: asSent}
	address = field{key: "url", create: required, schema: schema.String().Max(richtext.MaxURL), read: readAddress}
)

func flag(key string) field {
	return field{key: key, schema: schema.Bool(), read: asSent, initial: jsonx.BoolValue(false)}
}

// icon is the icon of a block. It is never null in a request (contract.md §4.3 row 50).
func icon(initial jsonx.Value) field {
	return field{key: "icon", schema: schema.Ref("icon"), read: readIcon, initial: initial}
}

// updateOptional returns the field for types whose updates may leave it out.
func (f field) updateOptional() field {
	f.update = optional
	return f
}

func asSent(_ *reader, sent jsonx.Value) (jsonx.Value, error) { return sent, nil }

func readText(r *reader, sent jsonx.Value) (jsonx.Value, error) {
	t, err := richtext.Decode(sent)
	r.dynamic = r.dynamic || t.Dynamic
	return t.Value, err
}

func readColor(_ *reader, sent jsonx.Value) (jsonx.Value, error) {
	return jsonx.StringValue(richtext.Color(sent)), nil
}

func readAddress(_ *reader, sent jsonx.Value) (jsonx.Value, error) {
	if !richtext.ValidURL(sent.Text()) {
		return sent, failed("Invalid URL for link.")
	}
	return sent, nil
}

func readIcon(r *reader, sent jsonx.Value) (jsonx.Value, error) {
	icon, err := media.DecodeIcon(sent)
	if err != nil || icon.JSON == nil {
		return jsonx.NullValue, err
	}
	r.dynamic = r.dynamic || icon.Dynamic
	if !icon.Upload.IsZero() {
		r.uploads = append(r.uploads, media.Use{Upload: icon.Upload, As: media.AsIcon})
	}
	return jsonx.Parse(icon.JSON)
}
