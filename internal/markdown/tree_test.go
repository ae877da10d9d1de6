package markdown

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"octavo/internal/block"
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/richtext"
)

// world knows a few of everything that text can name.
type world struct{}

func (world) User(id notion.ID) *notion.User {
	if id == someID(3) {
		return nil
	}
	return &notion.User{ID: id, Name: "Ada `<b>` </mention> | \\"}
}

func (world) Title(id notion.ID) (string, bool) {
	if id == someID(3) {
		return "", false
	}
	return "A *page* </quote> `x`", true
}

func (world) URL(id notion.ID) string { return "https://octavo.test/" + id.Compact() }

func (world) CustomEmoji(id notion.ID) (name, url string, ok bool) {
	for _, name := range emojiNames {
		if emojiID(name) == id {
			return name, "https://octavo.test/" + name + ".png", true
		}
	}
	return "", "", false
}

// emojiNames are those of someID(1) and someID(2).
var emojiNames = []string{"bufo", "かえる_2"}

func emojiID(name string) notion.ID {
	return someID(byte(1 + slices.Index(emojiNames, name)))
}

func (world) File(id notion.ID) (media.File, bool) {
	if id == someID(3) {
		return media.File{}, false
	}
	return media.File{Name: "a.png", URL: fileBase + id.Compact() + "?sig=`<|\"&amp;>(x", Expiry: "later"}, true
}

const fileBase = "https://octavo.test/files/"

func someID(n byte) notion.ID {
	return notion.ID{n, 1, 2, 3, 4, 5, 0x80 | n&15, 7, 0x80, 9, 10, 11, 12, 13, 14, n}
}

// options know the world.
func options(v Version) Options {
	return Options{
		Version: v, Page: someID(9), Names: world{},
		Database: func(id notion.ID) (Database, bool) {
			return Database{Inline: true, Icon: []byte(`{"type":"emoji","emoji":"🎯"}`), DataSource: someID(8)}, true
		},
		PageOf: func(notion.ID) (notion.ID, bool) { return someID(7), true },
		EmojiNamed: func(name string) (notion.ID, bool) {
			return emojiID(name), slices.Contains(emojiNames, name)
		},
		UploadAt: func(url string) (notion.ID, bool) {
			rest, ok := strings.CutPrefix(url, fileBase)
			rest, _, _ = strings.Cut(rest, "?")
			id, valid := notion.ParseID(rest)
			return id, ok && valid
		},
		DatabaseOf: func(notion.ID) (notion.ID, bool) { return someID(6), true },
	}
}

// tricky are texts with everything that means something to a grammar.
var tricky = []string{
	"a", "b c", " ", "  ", "\t", "\n", "\n\n", "*", "**", "_", "__", "snake_case", "_x_", "`", "``", "~", "~~", "$", "$x$", "$5 and $6", "$$", "[", "]", "[x](y)",
	"![", "!", "<", "<b>", "</p>", "<quote>", "</quote>", "<p>", "<br>", "< 1", "a<b", ">", "> x", "{", "}", `{color="red"}`, "|", "| a | b |", "| --- |", "^", "[^1]",
	"#", "##", " #", "# x", "###### y", "- x", "-", "---", "+", "+ x", "1. x", "2)", "123456789. z", "=", "===", ":", ":bufo:", ":かえる_2:", ":smile:", "bufo:", "&", "&amp;", "&lt", "&#32;", "\\", "\\*", "x\\",
	"https://example.com", "http://a.b/c_d?e=f&g=h.", "xhttps://a.b", "https://a.b/(c)", "https://a.b/*", "www.a.b", "é", "日本語", "“q”", "…", "\u00a0", "\u2003", "😀", ".", ",", "(", ")", "\"", "'",
	"a*b*c", "**a**", "<https://a.b>", "<a@b.c>", "```", "~~~", "```go", "a\n- b", "a\n# b", "a\n===", "a\n---", "a\n> b", "a\n1. b", "a \nb", "a\n b", "a\\\nb", "x | y\n--- | ---", "[ ] x", "[x]",
	"\r\n", "\v", "a\x00b", "<mention url=\"x\">", "</mention>", "<unknown>", "&quot;", "<span>", "</span>", "<td>", "</td>", "<!-- x -->",
}

var textGen = rapid.Custom(func(t *rapid.T) string {
	if rapid.IntRange(0, 9).Draw(t, "any") == 0 {
		return rapid.String().Draw(t, "string")
	}
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(tricky), 1, 4).Draw(t, "pieces"), "")
})

var urls = []string{
	"https://example.com", "https://example.com/a_b*c", "https://example.com/a b", "https://example.com/(x", "https://e.com/`x`", "https://e.com/<x>", "mailto:a@b.c",
	"https://e.com/?a=1&amp;b=2", "https://e.com/a|b", `https://e.com/a\b"c"`, "/0123456789abcdef0123456789abcdef", "https://e.com/{x}", "https://e.com/é", "https://e.com/a$b$", "http://a.b/c_d?e=f&g=h",
}

var fileURLs = []string{
	"https://example.com/a.png", "https://example.com/a b.png", "https://e.com/(x)", "http://e.com/`<x>|", `https://e.com/a\b"c"&amp;`, "https://e.com/{x}",
}

func quoted(s string) string { return string(jsonx.AppendString(nil, s)) }

func drawColor(t *rapid.T) string {
	if rapid.IntRange(0, 2).Draw(t, "colored") > 0 {
		return "default"
	}
	return rapid.SampledFrom(richtext.Colors).Draw(t, "color")
}

func drawLook(t *rapid.T) string {
	var parts []string
	for _, a := range annotations {
		if rapid.IntRange(0, 3).Draw(t, a.key) == 0 {
			parts = append(parts, `"`+a.key+`":true`)
		}
	}
	parts = append(parts, `"color":"`+drawColor(t)+`"`)
	return `"annotations":{` + strings.Join(parts, ",") + `}`
}

var dates = []string{
	`{"start":"2024-02-29"}`, `{"start":"2024-02-29","end":"2024-03-01"}`, `{"start":"2024-02-29T10:30:00Z"}`, `{"start":"2024-02-29T10:30:00+05:30","end":"2024-03-01T00:00:00+02:00"}`,
	`{"start":"2024-02-29T10:30:00","time_zone":"America/New_York"}`, `{"start":"0001-01-01"}`,
}

func drawItem(t *rapid.T) string {
	look := drawLook(t)
	id := someID(byte(rapid.IntRange(1, 3).Draw(t, "id"))).String()
	switch rapid.IntRange(0, 11).Draw(t, "item") {
	case 0:
		return `{"equation":{"expression":` + quoted(drawExpression(t)) + `},` + look + `}`
	case 1:
		return `{"mention":{"user":{"id":"` + id + `"}},` + look + `}`
	case 2:
		return `{"mention":{"page":{"id":"` + id + `"}},` + look + `}`
	case 3:
		return `{"mention":{"database":{"id":"` + id + `"}},` + look + `}`
	case 4:
		return `{"mention":{"custom_emoji":{"id":"` + id + `"}},` + look + `}`
	case 5:
		return `{"mention":{"date":` + rapid.SampledFrom(dates).Draw(t, "date") + `},` + look + `}`
	case 6:
		return rapid.SampledFrom([]string{
			`{"mention":{"template_mention":{"template_mention_date":"today"}},` + look + `}`,
			`{"mention":{"template_mention":{"template_mention_date":"now"}},` + look + `}`,
			`{"mention":{"template_mention":{"template_mention_user":"me"}},` + look + `}`,
		}).Draw(t, "template")
	}
	link := ""
	if rapid.IntRange(0, 4).Draw(t, "linked") == 0 {
		link = `,"link":{"url":` + quoted(rapid.SampledFrom(urls).Draw(t, "url")) + `}`
	}
	return `{"text":{"content":` + quoted(textGen.Draw(t, "content")) + link + `},` + look + `}`
}

func drawExpression(t *rapid.T) string {
	if rapid.Bool().Draw(t, "latex") {
		return rapid.SampledFrom([]string{`x`, `\alpha + \beta`, `a_b^c`, `x < y`, `\$5`, `a|b`, `e \`, ` pad `, "`", "$$", "x\n$$\ny", "a\n\nb", "&amp;"}).Draw(t, "expression")
	}
	return textGen.Draw(t, "expression")
}

func drawText(t *rapid.T) string {
	n := rapid.SampledFrom([]int{0, 1, 1, 1, 2, 3, 4}).Draw(t, "items")
	items := make([]string, n)
	for i := range items {
		items[i] = drawItem(t)
	}
	return "[" + strings.Join(items, ",") + "]"
}

func drawSource(t *rapid.T) string {
	if rapid.Bool().Draw(t, "upload") {
		return `"file_upload":{"id":"` + someID(byte(rapid.IntRange(1, 3).Draw(t, "upload id"))).String() + `"}`
	}
	return `"external":{"url":` + quoted(rapid.SampledFrom(fileURLs).Draw(t, "file")) + `}`
}

func drawIcon(t *rapid.T) string {
	id := someID(byte(rapid.IntRange(1, 3).Draw(t, "icon id"))).String()
	return rapid.SampledFrom([]string{
		`{"emoji":"💡"}`, `{"emoji":"🎉"}`, `{"external":{"url":"https://e.com/i.png?a=\"b\""}}`, `{"icon":{"name":"snake","color":"purple"}}`, `{"icon":{"name":"a_b \"c\"","color":"gray"}}`,
		`{"custom_emoji":{"id":"` + id + `"}}`, `{"file_upload":{"id":"` + id + `"}}`,
	}).Draw(t, "icon")
}

// leaves are types without children, by what draws their object.
var leaves = map[string]func(t *rapid.T) string{
	"code": func(t *rapid.T) string {
		return `{"rich_text":` + drawText(t) + `,"caption":` + drawText(t) + `,"language":` + quoted(rapid.SampledFrom(block.Languages).Draw(t, "language")) + `}`
	},
	"equation":          func(t *rapid.T) string { return `{"expression":` + quoted(drawExpression(t)) + `}` },
	"divider":           func(*rapid.T) string { return `{}` },
	"breadcrumb":        func(*rapid.T) string { return `{}` },
	"table_of_contents": func(t *rapid.T) string { return `{"color":"` + drawColor(t) + `"}` },
	"link_to_page":      func(*rapid.T) string { return `{"page_id":"` + someID(1).String() + `"}` },
	"bookmark":          drawLinkBlock,
	"embed":             drawLinkBlock,
	"image":             drawMedia,
	"video":             drawMedia,
	"audio":             drawMedia,
	"pdf":               drawMedia,
	"file":              drawMedia,
}

func drawLinkBlock(t *rapid.T) string {
	return `{"url":` + quoted(rapid.SampledFrom(urls).Draw(t, "url")) + `,"caption":` + drawText(t) + `}`
}

func drawMedia(t *rapid.T) string { return `{` + drawSource(t) + `,"caption":` + drawText(t) + `}` }

// holders are types with a text and children.
var holders = []string{
	"paragraph", "paragraph", "bulleted_list_item", "bulleted_list_item", "numbered_list_item", "to_do", "quote", "toggle", "callout", "template", "heading_1", "heading_2", "heading_3", "heading_4",
}

type trees struct{ ids int }

func (g *trees) id() notion.ID {
	g.ids++
	return notion.ID{0xaa, byte(g.ids >> 8), byte(g.ids), 3, 4, 5, 0x80, 7, 0x80}
}

// stored decodes an object as a request sends it, without its children.
func stored(t testing.TB, typ, object string) []byte {
	t.Helper()
	v, err := jsonx.Parse([]byte(`{"` + typ + `":` + object + `}`))
	if err != nil {
		t.Fatalf("%s: %v", object, err)
	}
	n, err := block.Decode(v)
	if err != nil {
		t.Fatalf("%s: %v", object, err)
	}
	return n.Payload
}

func (g *trees) block(t *rapid.T, tb testing.TB, typ, object string, children []*Block) *Block {
	return &Block{ID: g.id(), Type: typ, Payload: stored(tb, typ, object), Children: children}
}

func (g *trees) draw(t *rapid.T, tb testing.TB, depth int) *Block {
	most := 19
	if depth == 0 {
		most = 9
	}
	switch k := rapid.IntRange(0, most).Draw(t, "block"); {
	case k < 3:
		typ := rapid.SampledFrom(sortedKeys(leaves)).Draw(t, "leaf")
		return g.block(t, tb, typ, leaves[typ](t), nil)
	case k < 7 || depth == 0:
		return g.holder(t, tb, 0)
	case k == 10:
		return g.table(t, tb)
	case k == 11:
		return g.columns(t, tb, depth)
	case k == 12:
		return g.tabs(t, tb, depth)
	case k == 13:
		return g.synced(t, tb, depth)
	case k == 14:
		typ := rapid.SampledFrom([]string{"child_page", "child_database", "link_preview", "unsupported"}).Draw(t, "shown")
		payload := block.TitlePayload(textGen.Draw(t, "title"))
		if typ == "unsupported" {
			payload = []byte(`{"block_type":"button"}`)
		}
		return &Block{ID: g.id(), Type: typ, Payload: payload, Unloaded: rapid.IntRange(0, 3).Draw(t, "unloaded") == 0}
	}
	return g.holder(t, tb, depth)
}

func (g *trees) list(t *rapid.T, tb testing.TB, depth, least int) []*Block {
	if depth <= 0 && least == 0 {
		return nil
	}
	n := rapid.IntRange(least, 4).Draw(t, "blocks")
	blocks := make([]*Block, n)
	for i := range blocks {
		blocks[i] = g.draw(t, tb, max(depth-1, 0))
	}
	return blocks
}

func (g *trees) holder(t *rapid.T, tb testing.TB, depth int) *Block {
	typ := rapid.SampledFrom(holders).Draw(t, "holder")
	children := g.list(t, tb, depth, 0)
	object := `{"rich_text":` + drawText(t)
	if typ != "template" {
		object += `,"color":"` + drawColor(t) + `"`
	}
	switch typ {
	case "to_do":
		object += fmt.Sprintf(`,"checked":%v`, rapid.Bool().Draw(t, "checked"))
	case "callout":
		object += `,"icon":` + drawIcon(t)
	case "paragraph":
		if rapid.IntRange(0, 5).Draw(t, "with icon") == 0 {
			object += `,"icon":` + drawIcon(t)
		}
	case "heading_1", "heading_2", "heading_3", "heading_4":
		toggle := rapid.Bool().Draw(t, "toggle")
		object += fmt.Sprintf(`,"is_toggleable":%v`, toggle)
		if !toggle {
			children = nil
		}
	}
	return g.block(t, tb, typ, object+"}", children)
}

func (g *trees) table(t *rapid.T, tb testing.TB) *Block {
	width := rapid.IntRange(1, 3).Draw(t, "width")
	table := g.block(t, tb, "table", fmt.Sprintf(`{"table_width":%d,"has_column_header":%v,"has_row_header":%v}`,
		width, rapid.Bool().Draw(t, "column header"), rapid.IntRange(0, 3).Draw(t, "row header") == 0), nil)
	for range rapid.IntRange(0, 3).Draw(t, "rows") {
		cells := make([]string, width)
		for i := range cells {
			cells[i] = drawText(t)
		}
		table.Children = append(table.Children, g.block(t, tb, "table_row", `{"cells":[`+strings.Join(cells, ",")+`]}`, nil))
	}
	return table
}

func (g *trees) columns(t *rapid.T, tb testing.TB, depth int) *Block {
	list := g.block(t, tb, "column_list", `{}`, nil)
	for range rapid.IntRange(1, 3).Draw(t, "columns") {
		object := `{}`
		if rapid.Bool().Draw(t, "wide") {
			object = `{"width_ratio":` + rapid.SampledFrom([]string{"0.5", "1", "0.33333333333333337", "0.0001", "0.05", "0.125"}).Draw(t, "ratio") + `}`
		}
		list.Children = append(list.Children, g.block(t, tb, "column", object, g.list(t, tb, depth-1, 0)))
	}
	return list
}

func (g *trees) tabs(t *rapid.T, tb testing.TB, depth int) *Block {
	tab := g.block(t, tb, "tab", `{}`, nil)
	for range rapid.IntRange(0, 2).Draw(t, "tabs") {
		object := `{"rich_text":` + drawText(t) + `,"color":"` + drawColor(t) + `"`
		if rapid.Bool().Draw(t, "with icon") {
			object += `,"icon":` + drawIcon(t)
		}
		tab.Children = append(tab.Children, g.block(t, tb, "paragraph", object+"}", g.list(t, tb, depth-1, 0)))
	}
	return tab
}

func (g *trees) synced(t *rapid.T, tb testing.TB, depth int) *Block {
	if rapid.Bool().Draw(t, "copy") {
		// Of an original of its own: copies of one have the same content, and none is told from another.
		return g.block(t, tb, block.Synced, `{"synced_from":{"block_id":"`+g.id().String()+`"}}`, g.list(t, tb, depth-1, 0))
	}
	return g.block(t, tb, block.Synced, `{"synced_from":null}`, g.list(t, tb, depth-1, 0))
}

func sortedKeys(m map[string]func(*rapid.T) string) []string {
	var keys []string
	for _, typ := range block.Types {
		if m[typ.Name] != nil {
			keys = append(keys, typ.Name)
		}
	}
	return keys
}

// outline writes nodes so that two lists that say the same are equal texts.
func outline(nodes []*Node) string {
	var b strings.Builder
	var walk func(nodes []*Node, indent string)
	walk = func(nodes []*Node, indent string) {
		for _, n := range nodes {
			fmt.Fprintf(&b, "%s%s %s", indent, n.Type, jsonx.ObjectValue(n.says()...))
			if !n.isBlock() || n.Type == block.Synced && n.original.IsZero() {
				fmt.Fprintf(&b, " %s %s", n.Existing, n.alt)
			}
			if n.Type == "table" {
				fmt.Fprintf(&b, " %d", n.width)
			}
			b.WriteString("\n")
			walk(n.Children, indent+"  ")
		}
	}
	walk(nodes, "")
	return b.String()
}

// TestRoundTrip draws trees of all there is and holds that reading their text gives the
// same again, and so that its text is the same.
func TestRoundTrip(t *testing.T) {
	for _, v := range []Version{V1, V2} {
		t.Run(fmt.Sprintf("v%d", v), func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				g := &trees{}
				blocks := g.list(rt, t, 3, 1)
				o := options(v)
				d := Render(blocks, o)
				read, err := Parse(d.Text, o)
				if err != nil {
					rt.Fatalf("%v\n%s", err, d.Text)
				}
				if want, got := outline(d.nodes), outline(read.Nodes); want != got {
					rt.Fatalf("text:\n%s\nwrote:\n%s\nread:\n%s", d.Text, want, got)
				}
				if again := o.write(read.Nodes); again != d.Text {
					rt.Fatalf("text:\n%s\nagain:\n%s", d.Text, again)
				}
			})
		})
	}
}
