package markdown

import (
	"slices"
	"strings"
	"sync"

	"octavo/internal/block"
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/notion"
)

// viewer reads stored blocks as what a text says of them. Reading the text that a node is
// written as gives the same node again, so two texts can be compared by their nodes.
type viewer struct {
	o *Options
	// unknown are the blocks that the grammar has no words for, or that are not loaded.
	unknown   []notion.ID
	truncated bool
	// payloads are those of all blocks that are not yet read, in the order of the text.
	payloads []jsonx.Value
}

// read returns the blocks of a page as nodes.
func (v *viewer) read(blocks []*Block) []*Node {
	v.parse(blocks)
	return v.blocks(blocks, 1)
}

// parse reads all payloads as one text, which takes a third of the time that reading each
// by itself does.
func (v *viewer) parse(blocks []*Block) {
	text := []byte{'['}
	n := 0
	var walk func(blocks []*Block)
	walk = func(blocks []*Block) {
		for _, b := range blocks {
			if n++; n > 1 {
				text = append(text, ',')
			}
			text = append(text, b.Payload...)
			walk(b.Children)
		}
	}
	walk(blocks)
	all, err := jsonx.ParseOwn(append(text, ']'))
	if v.payloads = all.Items(); err != nil || len(v.payloads) != n {
		v.payloads = nil
	}
}

// payload returns the payload of the next block. One that is no JSON is Undefined.
func (v *viewer) payload(b *Block) jsonx.Value {
	if len(v.payloads) == 0 {
		return parsed(b.Payload)
	}
	payload := v.payloads[0]
	v.payloads = v.payloads[1:]
	return payload
}

// skip leaves out the payloads below a block that is only named.
func (v *viewer) skip(blocks []*Block) {
	for _, b := range blocks {
		v.payload(b)
		v.skip(b.Children)
	}
}

func (v *viewer) blocks(blocks []*Block, depth int) []*Node {
	if len(blocks) == 0 {
		return nil
	}
	nodes := make([]*Node, len(blocks))
	for i, b := range blocks {
		nodes[i] = v.block(b, depth)
	}
	return nodes
}

func (v *viewer) block(b *Block, depth int) *Node {
	n := &Node{Type: b.Type, Existing: b.ID, stored: b}
	payload := v.payload(b)
	read := readers[b.Type]
	if isMeeting(b.Type) {
		read = readMeeting
	}
	switch {
	case b.Unloaded || depth > MaxDepth:
		v.truncated, n.unloaded = true, true
		return v.unsaid(n, payload)
	case !payload.Defined() || read == nil || !v.o.Version.hasWords(b.Type):
		return v.unsaid(n, payload)
	}
	read(v.o, n, payload)
	if n.Type == meetingType {
		n.Children = v.sections(b, payload, depth)
		return n
	}
	n.Children = v.blocks(b.Children, depth+1)
	return n
}

// unsaid makes the node one that is only named.
func (v *viewer) unsaid(n *Node, payload jsonx.Value) *Node {
	v.unknown = append(v.unknown, n.Existing)
	v.skip(n.stored.Children)
	n.Type = ""
	n.alt = internalName(n.stored.Type, payload)
	return n
}

// hasWords reports whether the grammar can say blocks of the type: the first has none for
// links (pages-blocks.md §6.5, §6.6).
func (v Version) hasWords(typ string) bool {
	return v == V2 || typ != "bookmark" && typ != "embed"
}

// internalNames are the names that <unknown> has for types, where they are not those of the
// API (pages-blocks.md §6.2).
var internalNames = map[string]string{
	"paragraph": "text", "heading_1": "header", "heading_2": "sub_header", "heading_3": "sub_sub_header", "heading_4": "header_4",
	"bulleted_list_item": "bulleted_list", "numbered_list_item": "numbered_list",
	block.Synced: "transclusion_container", block.ChildPage: "page", block.ChildDatabase: "collection_view_page",
	"link_to_page": "alias", "link_preview": "external_object_instance", "template": "factory",
}

func internalName(typ string, payload jsonx.Value) string {
	if name := payload.Get("block_type").Text(); typ == "unsupported" && name != "" {
		return name
	}
	if name, ok := internalNames[typ]; ok {
		return name
	}
	return typ
}

// readers fill in what a stored payload says. A type without one is unknown.
var readers = map[string]func(o *Options, n *Node, payload jsonx.Value){
	"paragraph":          readIconed,
	"heading_1":          readHeading,
	"heading_2":          readHeading,
	"heading_3":          readHeading,
	"heading_4":          readHeading,
	"bulleted_list_item": readColored,
	"numbered_list_item": readColored,
	"quote":              readColored,
	"toggle":             readColored,
	"to_do":              readToDo,
	"callout":            readIconed,
	"code":               readCode,
	"equation":           readEquation,
	"divider":            readNothing,
	"table_of_contents":  readColored,
	"image":              readMedia,
	"video":              readMedia,
	"audio":              readMedia,
	"pdf":                readMedia,
	"file":               readMedia,
	"bookmark":           readLink,
	"embed":              readLink,
	"table":              readTable,
	"table_row":          readRow,
	"column_list":        readNothing,
	"column":             readColumn,
	"tab":                readNothing,
	block.Synced:         readSynced,
	block.ChildPage:      readTitle,
	block.ChildDatabase:  readTitle,
}

func readNothing(*Options, *Node, jsonx.Value) {}

func readColored(o *Options, n *Node, payload jsonx.Value) {
	n.text = o.readSpans(payload.Get("rich_text"))
	if color := payload.Get("color").Text(); color != "default" {
		n.color = color
	}
}

func readIconed(o *Options, n *Node, payload jsonx.Value) {
	readColored(o, n, payload)
	n.icon = canonicalIcon(payload.Get("icon"))
}

func readHeading(o *Options, n *Node, payload jsonx.Value) {
	readColored(o, n, payload)
	n.toggleable = payload.Get("is_toggleable").True()
}

func readToDo(o *Options, n *Node, payload jsonx.Value) {
	readColored(o, n, payload)
	n.checked = payload.Get("checked").True()
}

// readCode keeps the text alone: nothing in code has a style.
func readCode(o *Options, n *Node, payload jsonx.Value) {
	n.text = plainSpans(plainText(o.readSpans(payload.Get("rich_text"))))
	n.language = payload.Get("language").Text()
}

// plainSpans returns text without any style.
func plainSpans(s string) []span {
	if s == "" {
		return nil
	}
	return []span{{text: s}}
}

func readEquation(_ *Options, n *Node, payload jsonx.Value) {
	n.expression = clean(payload.Get("expression").Text())
}

func readMedia(o *Options, n *Node, payload jsonx.Value) {
	n.text = o.readSpans(payload.Get("caption"))
	switch typ := payload.Get("type").Text(); typ {
	case "file_upload":
		n.upload, _ = notion.ParseID(payload.Get(typ).Get("id").Text())
	default:
		n.address = payload.Get(typ).Get("url").Text()
	}
}

func readLink(o *Options, n *Node, payload jsonx.Value) {
	n.text = o.readSpans(payload.Get("caption"))
	n.address = payload.Get("url").Text()
}

func readTable(_ *Options, n *Node, payload jsonx.Value) {
	n.columns = payload.Get("has_column_header").True()
	n.rows = payload.Get("has_row_header").True()
	n.width = int(payload.Get("table_width").Float())
}

func readRow(o *Options, n *Node, payload jsonx.Value) {
	for _, cell := range payload.Get("cells").Items() {
		n.cells = append(n.cells, o.readSpans(cell))
	}
}

// readColumn reads the share of a column, for which the first grammar has no word.
func readColumn(o *Options, n *Node, payload jsonx.Value) {
	if o.Version == V2 {
		n.ratio = payload.Get("width_ratio").Float()
	}
}

func readSynced(_ *Options, n *Node, payload jsonx.Value) {
	n.original, _ = notion.ParseID(payload.Get("synced_from").Get("block_id").Text())
}

func readTitle(_ *Options, n *Node, payload jsonx.Value) {
	n.text = plainSpans(clean(payload.Get("title").Text()))
}

// canonicalIcon returns an icon as a request has it, Undefined for none.
func canonicalIcon(v jsonx.Value) jsonx.Value {
	if v.Kind() != jsonx.Object {
		return jsonx.Value{}
	}
	kind := v.Get("type").Text()
	inner := v.Get(kind)
	switch kind {
	case "emoji":
		return media.Emoji(inner.Text())
	case "external":
		return taggedIcon(kind, "url", inner.Get("url").Text())
	case "custom_emoji", "file_upload":
		return taggedIcon(kind, "id", inner.Get("id").Text())
	case "icon":
		return builtInIcon(clean(inner.Get("name").Text()), inner.Get("color").Text())
	}
	return jsonx.Value{}
}

func taggedIcon(kind, key, value string) jsonx.Value {
	return jsonx.ObjectValue(jsonx.M("type", jsonx.StringValue(kind)),
		jsonx.M(kind, jsonx.ObjectValue(jsonx.M(key, jsonx.StringValue(value)))))
}

func builtInIcon(name, color string) jsonx.Value {
	return jsonx.ObjectValue(jsonx.M("type", jsonx.StringValue("icon")), jsonx.M("icon", jsonx.ObjectValue(
		jsonx.M("name", jsonx.StringValue(name)), jsonx.M("color", jsonx.StringValue(color)))))
}

// The address of a built-in icon in text, as in /icons/snake_purple.svg.
const (
	iconPrefix = "/icons/"
	iconSuffix = ".svg"
)

// iconText returns what the attribute of a tag says of an icon, "" for none.
func (o *Options) iconText(icon jsonx.Value) string {
	kind := icon.Get("type").Text()
	inner := icon.Get(kind)
	switch kind {
	case "emoji":
		return inner.Text()
	case "external":
		return inner.Get("url").Text()
	case "icon":
		return iconPrefix + inner.Get("name").Text() + "_" + inner.Get("color").Text() + iconSuffix
	case "file_upload":
		id, _ := notion.ParseID(inner.Get("id").Text())
		return o.uploadAddress(id)
	case "custom_emoji":
		id, _ := notion.ParseID(inner.Get("id").Text())
		s := o.named(emojiSpan, id)
		if known, ok := o.emoji(s.text); ok && known == id {
			return ":" + s.text + ":"
		}
		return emojiScheme + id.String()
	}
	return ""
}

// iconFrom reads the attribute of a tag as an icon; false when it is none.
func (o *Options) iconFrom(text string) (jsonx.Value, bool) {
	text = unbrace(text)
	if name, ok := strings.CutPrefix(text, ":"); ok {
		name, _ = strings.CutSuffix(name, ":")
		id, ok := o.emoji(name)
		return taggedIcon("custom_emoji", "id", id.String()), ok
	}
	if rest, ok := strings.CutPrefix(text, emojiScheme); ok {
		id, ok := notion.ParseID(rest)
		return taggedIcon("custom_emoji", "id", id.String()), ok
	}
	if name, ok := strings.CutPrefix(strings.TrimPrefix(text, "/"), iconPrefix[1:]); ok {
		name, _ = strings.CutSuffix(name, iconSuffix)
		at := strings.LastIndexByte(name, '_')
		return builtInIcon(name[:max(at, 0)], name[at+1:]), at > 0 && slices.Contains(media.IconColors, name[at+1:])
	}
	if id, ok := o.uploadIn(text); ok {
		return taggedIcon("file_upload", "id", id.String()), true
	}
	if media.ValidURL(text) {
		return taggedIcon("external", "url", text), true
	}
	return media.Emoji(text), emojis()[text]
}

var emojis = sync.OnceValue(func() map[string]bool { return set(media.Emojis()...) })

// uploadAddress returns the address of an uploaded file.
func (o *Options) uploadAddress(id notion.ID) string {
	if files, ok := o.Names.(media.FileResolver); ok {
		if file, ok := files.File(id); ok && file.URL != "" {
			return file.URL
		}
	}
	return uploadScheme + id.String()
}

// uploadScheme names a file whose address is not known.
const uploadScheme = "file-upload://"

// uploadIn returns the upload that an address leads to.
func (o *Options) uploadIn(address string) (notion.ID, bool) {
	if id, ok := strings.CutPrefix(address, uploadScheme); ok {
		return notion.ParseID(id)
	}
	if o.UploadAt == nil {
		return notion.ID{}, false
	}
	return o.UploadAt(address)
}

// parsed returns stored JSON as a value, Undefined when there is none.
func parsed(stored []byte) jsonx.Value {
	v, err := jsonx.ParseOwn(stored)
	if err != nil {
		return jsonx.Value{}
	}
	return v
}
