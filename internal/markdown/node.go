package markdown

import (
	"strconv"

	"octavo/internal/block"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
)

// Node is a block as a text says it: one that [Parse] has read, or a stored one without
// what its grammar has no words for.
type Node struct {
	// Type is the type of the block. A node of [block.ChildPage] or [block.ChildDatabase]
	// without Existing is one to be made, with [Node.Title]; "" is a tag that only says where
	// Existing stands.
	Type string
	// Existing is the block that stands here, zero for a new one. In what [Parse] returns it
	// is the page, database or other block whose address the tag has; in a [Place] it is the
	// block to be moved here.
	Existing notion.ID
	// DataSource is the data source of which a new database shows a view, zero for none.
	DataSource notion.ID
	// Inline says that a new database is shown on the page.
	Inline   bool
	Children []*Node

	text       []span   // rich text, caption or title
	cells      [][]span // of a table_row
	color      string   // "" for the default
	icon       jsonx.Value
	checked    bool
	toggleable bool
	language   string
	expression string
	address    string    // of a bookmark, an embed or a file elsewhere
	upload     notion.ID // a file of ours
	columns    bool      // has_column_header
	rows       bool      // has_row_header
	width      int       // cells in a row of a table
	ratio      float64   // of a column, 0 for none
	original   notion.ID // what a synced block is a copy of
	alt        string    // what cannot be said, by its internal name
	at         int       // where in the text it stands
	end        int       // where in the text it ends, with all that hangs on it
	column     int       // of the marker of a list item
	bare       bool      // a paragraph or an empty one without any tag that says more
	stored     *Block
	unloaded   bool // it is only named because it was not loaded
}

// Title returns the title of a page or database to be made as rich text of a request.
func (n *Node) Title() jsonx.Value { return writeSpans(n.text) }

// PlainTitle returns the title of a page or database to be made.
func (n *Node) PlainTitle() string { return plainText(n.text) }

// Icon returns the icon of a database to be made as a request has it, Undefined for none.
func (n *Node) Icon() jsonx.Value { return n.icon }

// field is a key of the object that a request has for a type.
type field struct {
	key   string
	value func(n *Node) jsonx.Value
}

var (
	textField    = field{"rich_text", func(n *Node) jsonx.Value { return writeSpans(n.text) }}
	captionField = field{"caption", func(n *Node) jsonx.Value { return writeSpans(n.text) }}
	urlField     = field{"url", func(n *Node) jsonx.Value { return jsonx.StringValue(n.address) }}
	iconField    = field{"icon", func(n *Node) jsonx.Value { return n.icon }}
	colorField   = field{"color", func(n *Node) jsonx.Value {
		if n.color == "" {
			return jsonx.StringValue("default")
		}
		return jsonx.StringValue(n.color)
	}}
	toggleField = field{"is_toggleable", func(n *Node) jsonx.Value { return jsonx.BoolValue(n.toggleable) }}
	sourceField = field{"external", func(n *Node) jsonx.Value {
		if !n.upload.IsZero() {
			return jsonx.Value{}
		}
		return jsonx.ObjectValue(jsonx.M("url", jsonx.StringValue(n.address)))
	}}
	uploadField = field{"file_upload", func(n *Node) jsonx.Value {
		if n.upload.IsZero() {
			return jsonx.Value{}
		}
		return jsonx.ObjectValue(jsonx.M("id", jsonx.StringValue(n.upload.String())))
	}}
)

var (
	textFields    = []field{textField, colorField}
	headingFields = []field{textField, toggleField, colorField}
	mediaFields   = []field{captionField, sourceField, uploadField}
	linkFields    = []field{captionField, urlField}
)

// fields are what a text can say of each type. A type that is not here has no words at all.
var fields = map[string][]field{
	"paragraph":          {textField, iconField, colorField},
	"heading_1":          headingFields,
	"heading_2":          headingFields,
	"heading_3":          headingFields,
	"heading_4":          headingFields,
	"bulleted_list_item": textFields,
	"numbered_list_item": textFields,
	"quote":              textFields,
	"toggle":             textFields,
	"to_do":              {textField, {"checked", func(n *Node) jsonx.Value { return jsonx.BoolValue(n.checked) }}, colorField},
	"callout":            {textField, iconField, colorField},
	"code":               {textField, {"language", func(n *Node) jsonx.Value { return jsonx.StringValue(n.language) }}},
	"equation":           {{"expression", func(n *Node) jsonx.Value { return jsonx.StringValue(n.expression) }}},
	"divider":            {},
	"table_of_contents":  {colorField},
	"image":              mediaFields,
	"video":              mediaFields,
	"audio":              mediaFields,
	"pdf":                mediaFields,
	"file":               mediaFields,
	"bookmark":           linkFields,
	"embed":              linkFields,
	"table": {
		{"has_column_header", func(n *Node) jsonx.Value { return jsonx.BoolValue(n.columns) }},
		{"has_row_header", func(n *Node) jsonx.Value { return jsonx.BoolValue(n.rows) }},
	},
	"table_row":   {{"cells", (*Node).cellsValue}},
	"column_list": {},
	"column":      {{"width_ratio", (*Node).ratioValue}},
	"tab":         {},
	block.Synced:  {{"synced_from", (*Node).originalValue}},
}

func (n *Node) cellsValue() jsonx.Value {
	cells := make([]jsonx.Value, len(n.cells))
	for i := range n.cells {
		cells[i] = writeSpans(n.cells[i])
	}
	return jsonx.ArrayValue(cells...)
}

func (n *Node) ratioValue() jsonx.Value {
	if n.ratio == 0 {
		return jsonx.Value{}
	}
	return jsonx.NumberValue(n.ratio)
}

func (n *Node) originalValue() jsonx.Value {
	if n.original.IsZero() {
		return jsonx.NullValue
	}
	return jsonx.ObjectValue(jsonx.M("block_id", jsonx.StringValue(n.original.String())))
}

// Body returns the object that a request has under the key of the type, without children:
// what [block.Decode] takes.
func (n *Node) Body() jsonx.Value {
	members := n.says()
	if n.Type == "table" {
		members = append([]jsonx.Member{jsonx.M("table_width", jsonx.NumberValue(float64(n.width)))}, members...)
	}
	return jsonx.ObjectValue(members...)
}

// says returns what the text says of the block.
func (n *Node) says() []jsonx.Member {
	of := fields[n.Type]
	members := make([]jsonx.Member, 0, len(of)+1)
	for i := range of {
		if v := of[i].value(n); v.Defined() {
			members = append(members, jsonx.M(of[i].key, v))
		}
	}
	return members
}

// Value returns the block as an element of the `children` of a request, with those of its
// children that are new. What is to be moved here, and pages and databases to be made, are
// not in it.
func (n *Node) Value() jsonx.Value {
	body := n.Body()
	if children := Values(n.Children); len(children.Items()) > 0 {
		body.Set("children", children)
	}
	return jsonx.ObjectValue(jsonx.M("type", jsonx.StringValue(n.Type)), jsonx.M(n.Type, body))
}

// Values returns blocks as the `children` of a request; see [Node.Value].
func Values(nodes []*Node) jsonx.Value {
	values := make([]jsonx.Value, 0, len(nodes))
	for _, n := range nodes {
		if n.isBlock() && n.Existing.IsZero() {
			values = append(values, n.Value())
		}
	}
	return jsonx.ArrayValue(values...)
}

// isBlock reports whether the node is of a type that requests can create.
func (n *Node) isBlock() bool { return fields[n.Type] != nil }

// New returns the block to be stored, without its children, which may be blocks to be moved
// and pages to be made; whoever stores them asks [block.CanHold]. The error is a
// validation_error.
func (n *Node) New() (*block.New, error) {
	if !n.isBlock() || !n.Existing.IsZero() {
		return nil, invalid("Block type %s is not supported via the API.", n.Type)
	}
	return block.Decode(jsonx.ObjectValue(jsonx.M(n.Type, n.Body())))
}

// Count returns how many blocks there are, nested ones included.
func Count(nodes []*Node) int {
	count := len(nodes)
	for _, n := range nodes {
		count += Count(n.Children)
	}
	return count
}

// canHold reports whether blocks of the type can have children at all.
func (n *Node) canHold() bool {
	switch n.Type {
	case "paragraph", "bulleted_list_item", "numbered_list_item", "quote", "toggle", "to_do", "callout", "column", "column_list", "table", "tab":
		return true
	case "heading_1", "heading_2", "heading_3", "heading_4":
		return n.toggleable
	case block.Synced:
		return n.original.IsZero()
	}
	return false
}

// isListItem reports whether the node is written as an item of a list.
func (n *Node) isListItem() bool {
	return n.Type == "bulleted_list_item" || n.Type == "numbered_list_item" || n.Type == "to_do"
}

// headingLevel returns 1 to 4, 0 for what is no heading.
func (n *Node) headingLevel() int {
	const prefix = len("heading_")
	if len(n.Type) <= prefix || n.Type[:prefix] != "heading_" {
		return 0
	}
	level, _ := strconv.Atoi(n.Type[prefix:])
	return level
}

// heading returns a heading of a level; those beyond the fourth are of the fourth.
func heading(level int) *Node {
	return &Node{Type: "heading_" + strconv.Itoa(min(level, 4))}
}
