// Package block knows the types of block: what a client may write of each, how it is
// stored, what may stand in what, and how a change to one is made
// (pages-blocks.md §2).
//
// A payload is stored as the newest version shows it, with every default filled in and
// its keys in wire order, so that reading it is copying it. Only mentions wait for a
// reader (see package richtext).
package block

import (
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

// holds says what may stand in a block.
type holds uint8

const (
	nothing holds = iota
	anything
	// whenToggleable is anything, if the block's is_toggleable is set.
	whenToggleable
	// anythingInOriginal is anything, unless the block is a synced copy.
	anythingInOriginal
	onlyRows
	onlyColumns
	onlyParagraphs
)

// Type is one type of block.
type Type struct {
	Name string
	// Deepest is the lowest level of one request at which the type may stand: 1 for the
	// top only, 3 for all. Zero means that a client cannot create it.
	Deepest int
	// fields are the keys of the payload in wire order.
	fields []field
	// holds says what the type may have as children.
	holds holds
	// childrenRequired says that it cannot be made without children.
	childrenRequired bool
	// fixed says that the payload cannot be changed.
	fixed bool
	// finish looks at a decoded block as a whole; it may refuse or complete it.
	finish func(n *New) error
	// refusal, if not empty, is why a client cannot create the type although the schema
	// knows it.
	refusal string
}

// Names of types that other packages speak of.
const (
	ChildPage     = "child_page"
	ChildDatabase = "child_database"
	Synced        = "synced_block"
)

// Types is every type of block, in the order in which refusals name those that can be
// created (contract.md §3.4).
var Types = []*Type{
	{Name: "embed", Deepest: 3, fields: []field{caption, address}},
	{Name: "bookmark", Deepest: 3, fields: []field{caption, address}},
	file("image"),
	file("video"),
	file("pdf"),
	file("file"),
	file("audio"),
	{Name: "code", Deepest: 3, fields: []field{caption, text.optionalInUpdate(), language}},
	{Name: "equation", Deepest: 3, fields: []field{expression}},
	{Name: "divider", Deepest: 3},
	{Name: "breadcrumb", Deepest: 3},
	{Name: "tab", Deepest: 3, holds: onlyParagraphs},
	{Name: "table_of_contents", Deepest: 3, fields: []field{color}},
	linkToPage,
	{Name: "table_row", Deepest: 3, fields: []field{cells}},
	{Name: "ai_block", Deepest: 3, refusal: "Block type ai_block is not supported via the API."},
	{Name: "meeting_notes", Deepest: 3, refusal: "Meeting notes are created with POST /v1/blocks/meeting_notes."},
	{Name: "custom_block", Deepest: 3, refusal: "Block type custom_block is not supported via the API."},
	table,
	columnList,
	column,
	heading("heading_1"),
	heading("heading_2"),
	heading("heading_3"),
	heading("heading_4"),
	{Name: "paragraph", Deepest: 3, fields: []field{text.optionalInUpdate(), icon(jsonx.NullValue), color}, holds: anything},
	{Name: "bulleted_list_item", Deepest: 3, fields: []field{text, color}, holds: anything},
	{Name: "numbered_list_item", Deepest: 3, fields: []field{text, color}, holds: anything},
	{Name: "quote", Deepest: 3, fields: []field{text, color}, holds: anything},
	{Name: "to_do", Deepest: 3, fields: []field{text.optionalInUpdate(), flag("checked"), color}, holds: anything},
	{Name: "toggle", Deepest: 3, fields: []field{text, color}, holds: anything},
	{Name: "template", Deepest: 3, fields: []field{text}, holds: anything},
	{Name: "callout", Deepest: 3, fields: []field{text.optionalInUpdate(), icon(lightBulb), color}, holds: anything},
	synced,

	{Name: ChildPage, holds: anything, fixed: true},
	{Name: ChildDatabase, fixed: true},
	{Name: "link_preview", fixed: true},
	{Name: "transcription", fixed: true},
	{Name: "unsupported", fixed: true},
}

var byName = func() map[string]*Type {
	m := make(map[string]*Type, len(Types))
	for _, t := range Types {
		m[t.Name] = t
	}
	return m
}()

// Lookup returns the type called name, nil when there is none.
func Lookup(name string) *Type { return byName[name] }

// field is one key of a payload.
type field struct {
	key string
	// typ is what a client may write.
	typ schema.Type
	// required and requiredInUpdate say whether it must be written.
	required, requiredInUpdate bool
	// unset is what the field is when nothing was written; Undefined leaves the key out.
	unset jsonx.Value
	// read turns what was written into what is stored, and tells whether that must be
	// resolved when it is shown; nil stores it as it was written.
	read func(jsonx.Value) (stored jsonx.Value, dynamic bool, err error)
}

func (f field) optionalInUpdate() field {
	f.requiredInUpdate = false
	return f
}

var (
	text = field{
		key: "rich_text", typ: schema.Ref("rich_text"), required: true, requiredInUpdate: true,
		unset: jsonx.ArrayValue(), read: readText,
	}
	caption = field{key: "caption", typ: schema.Ref("rich_text"), unset: jsonx.ArrayValue(), read: readText}
	color   = field{key: "color", typ: schema.Ref("color"), unset: jsonx.StringValue("default"), read: readColor}
	address = field{
		key: "url", typ: schema.String().Max(richtext.MaxURL), required: true,
		unset: jsonx.StringValue(""), read: readAddress,
	}
	expression = field{
		key: "expression", typ: schema.String().Max(1000), required: true, requiredInUpdate: true,
		unset: jsonx.StringValue(""),
	}
	language = field{key: "language", typ: schema.Literal(Languages...), required: true, unset: jsonx.StringValue("plain text")}

	lightBulb = jsonx.ObjectValue(jsonx.M("type", jsonx.StringValue("emoji")), jsonx.M("emoji", jsonx.StringValue("💡")))
)

func flag(key string) field {
	return field{key: key, typ: schema.Bool(), unset: jsonx.BoolValue(false)}
}

// icon is an icon field that reads unset when nothing was written.
func icon(unset jsonx.Value) field {
	return field{key: "icon", typ: schema.Ref("icon"), unset: unset, read: readIcon}
}

func heading(name string) *Type {
	return &Type{Name: name, Deepest: 3, fields: []field{text, flag("is_toggleable"), color}, holds: whenToggleable}
}

func readText(v jsonx.Value) (jsonx.Value, bool, error) {
	t, err := richtext.Decode(v)
	return t.Value, t.Dynamic, err
}

func readColor(v jsonx.Value) (jsonx.Value, bool, error) {
	return jsonx.StringValue(richtext.Color(v)), false, nil
}

func readAddress(v jsonx.Value) (jsonx.Value, bool, error) {
	if !richtext.ValidURL(v.Text()) {
		return v, false, invalid("Content creation Failed. Fix the following: \nInvalid URL for link.")
	}
	return v, false, nil
}

func readIcon(v jsonx.Value) (jsonx.Value, bool, error) {
	stored, err := media.DecodeIcon(v)
	return stored, false, err
}
