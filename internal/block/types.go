package block

import (
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/schema"
)

// Names of types that other packages ask for.
const (
	ChildPage     = "child_page"
	ChildDatabase = "child_database"
	Synced        = "synced_block"
)

// Type is one type of block.
type Type struct {
	Name     string
	standing standing
	// tiers is in how many tiers of one request the type can be created, from the top: 1
	// is the first level only (pages-blocks.md §3.2). It is 0 unless the type is creatable.
	tiers int
	// fields are the keys of the payload in wire order.
	fields []field
	// holds says what may hang on the block, under what the block may hang.
	holds holding
	under string
	// shape returns the schema of what a request may send, for types whose fields do not
	// say it all; nil for the others.
	shape func(update bool) schema.Type
	// settle finishes a payload whose fields are read: what depends on several keys, or on
	// the children. Nil when there is nothing to do.
	settle func(r *reader, payload, sent jsonx.Value) (jsonx.Value, error)
}

// standing says what requests may do with a type.
type standing uint8

const (
	creatable standing = iota // create and update
	refused                   // listed among the types of requests, but not ours to create
	shownOnly                 // only ever read, or made by other endpoints
)

// holding says what may hang on a block.
type holding uint8

const (
	nothing     holding = iota
	anything            // but rows and columns
	ifToggle            // anything, when the payload says is_toggleable
	ifOriginal          // anything, unless the payload says it is a copy
	onlyRows            // table_row
	onlyColumns         // column
	onlyTabs            // paragraph
)

// Types are all types of blocks: those of requests first, in the order in which a refusal
// lists them (contract.md §3.4), then those that are only shown.
var Types = []Type{
	{Name: "embed", tiers: 3, fields: link, shape: embedShape, settle: settleEmbed},
	{Name: "bookmark", tiers: 3, fields: link},
	{Name: "image", tiers: 3, fields: captioned, shape: mediaShape, settle: settleMedia},
	{Name: "video", tiers: 3, fields: captioned, shape: mediaShape, settle: settleMedia},
	{Name: "pdf", tiers: 3, fields: captioned, shape: mediaShape, settle: settleMedia},
	{Name: "file", tiers: 3, fields: captioned, shape: fileShape, settle: settleFile},
	{Name: "audio", tiers: 3, fields: captioned, shape: mediaShape, settle: settleMedia},
	{Name: "code", tiers: 3, fields: []field{caption, text.updateOptional(), language}},
	{Name: "equation", tiers: 3, fields: []field{expression}},
	{Name: "divider", tiers: 3},
	{Name: "breadcrumb", tiers: 3},
	{Name: "tab", tiers: 3, holds: onlyTabs},
	{Name: "table_of_contents", tiers: 3, fields: []field{color}},
	{Name: "link_to_page", tiers: 3, shape: linkShape, settle: settleLink},
	{Name: "table_row", tiers: 3, fields: []field{cells}, under: "table", settle: settleRow},
	{Name: "ai_block", standing: refused},
	{Name: "meeting_notes", standing: refused},
	{Name: "custom_block", standing: refused},
	{Name: "table", tiers: 2, fields: []field{tableWidth, columnHeader, rowHeader}, holds: onlyRows, settle: settleTable},
	{Name: "column_list", tiers: 1, holds: onlyColumns},
	{Name: "column", tiers: 1, fields: []field{widthRatio}, holds: anything, under: "column_list", settle: settleColumn},
	{Name: "heading_1", tiers: 3, fields: heading, holds: ifToggle, settle: settleHeading},
	{Name: "heading_2", tiers: 3, fields: heading, holds: ifToggle, settle: settleHeading},
	{Name: "heading_3", tiers: 3, fields: heading, holds: ifToggle, settle: settleHeading},
	{Name: "heading_4", tiers: 3, fields: heading, holds: ifToggle, settle: settleHeading},
	{Name: "paragraph", tiers: 3, fields: []field{text.updateOptional(), icon(jsonx.NullValue), color}, holds: anything},
	{Name: "bulleted_list_item", tiers: 3, fields: []field{text, color}, holds: anything},
	{Name: "numbered_list_item", tiers: 3, fields: []field{text, color}, holds: anything},
	{Name: "quote", tiers: 3, fields: []field{text, color}, holds: anything},
	{Name: "to_do", tiers: 3, fields: []field{text.updateOptional(), checked, color}, holds: anything},
	{Name: "toggle", tiers: 3, fields: []field{text, color}, holds: anything},
	{Name: "template", tiers: 3, fields: []field{text}, holds: anything},
	{Name: "callout", tiers: 3, fields: []field{text.updateOptional(), icon(media.Emoji("💡")), color}, holds: anything},
	{Name: Synced, tiers: 3, fields: []field{syncedFrom}, holds: ifOriginal, settle: settleSynced},
	{Name: ChildPage, standing: shownOnly, holds: anything},
	{Name: ChildDatabase, standing: shownOnly},
	{Name: "link_preview", standing: shownOnly},
	{Name: "transcription", standing: shownOnly},
	{Name: "unsupported", standing: shownOnly},
}

var (
	link      = []field{caption, address}
	captioned = []field{caption}
	heading   = []field{text, toggleable, color}
)

// byName finds the rows of [Types].
var byName = func() map[string]*Type {
	m := make(map[string]*Type, len(Types))
	for i := range Types {
		m[Types[i].Name] = &Types[i]
	}
	return m
}()

// Lookup returns the type of that name, nil when there is none.
func Lookup(name string) *Type { return byName[name] }

// Creatable reports whether a request can create blocks of the type.
func (t *Type) Creatable() bool { return t.standing == creatable }

// updatable reports whether a request can change the payload of the type. A list of
// columns has none.
func (t *Type) updatable() bool { return t.standing == creatable && t.holds != onlyColumns }

// mayHold reports whether some block of the type can have children.
func (t *Type) mayHold() bool { return t.holds != nothing }
