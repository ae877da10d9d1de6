package markdown

import (
	"fmt"
	"strings"
	"testing"

	"octavo/internal/notion"
)

// thousand is a page of a thousand blocks as people write them: headings, paragraphs with
// some style, lists with a level below, code and to-dos.
func thousand(tb testing.TB) []*Block {
	const n = 1000
	var blocks []*Block
	made := 0
	add := func(typ, object string) *Block {
		made++
		return &Block{ID: notion.ID{byte(made >> 8), byte(made), 0, 0, 0, 0, 0x80, 0, 0x80}, Type: typ, Payload: stored(tb, typ, object)}
	}
	text := func(s string) string { return `{"rich_text":[{"text":{"content":` + quoted(s) + `}}]}` }
	for i := 0; made < n; i++ {
		switch i % 10 {
		case 0:
			blocks = append(blocks, add("heading_2", text(fmt.Sprintf("Section %d", i))))
		case 1, 4:
			blocks = append(blocks, add("paragraph", fmt.Sprintf(`{"rich_text":[{"text":{"content":"Number %d is "}},{"text":{"content":"important"},"annotations":{"bold":true}},`+
				`{"text":{"content":", see "}},{"text":{"content":"the page"},"link":{"url":"https://example.com/%d"}},{"text":{"content":" for all that there is to know about it."}}]}`, i, i)))
		case 6:
			blocks = append(blocks, add("code", fmt.Sprintf(`{"rich_text":[{"text":{"content":"for i := range %d {\n\tfmt.Println(i)\n}"}}],"language":"go"}`, i)))
		case 7:
			blocks = append(blocks, add("to_do", text(fmt.Sprintf("Do the thing with number %d before it is too late", i))))
		case 8:
			item := add("bulleted_list_item", text(fmt.Sprintf("An item, %d, that has something below", i)))
			item.Children = append(item.Children, add("bulleted_list_item", text("which is this")))
			blocks = append(blocks, item)
		default:
			blocks = append(blocks, add("paragraph", text(fmt.Sprintf("Paragraph %d is a sentence of ordinary length, like most of what people write.", i))))
		}
	}
	return blocks
}

func benchmarkVersions(b *testing.B, run func(b *testing.B, blocks []*Block, o Options)) {
	blocks := thousand(b)
	for _, v := range []Version{V1, V2} {
		b.Run(fmt.Sprintf("v%d", v), func(b *testing.B) {
			b.ReportAllocs()
			run(b, blocks, options(v))
		})
	}
}

func BenchmarkRender(b *testing.B) {
	benchmarkVersions(b, func(b *testing.B, blocks []*Block, o Options) {
		for b.Loop() {
			Render(blocks, o)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	benchmarkVersions(b, func(b *testing.B, blocks []*Block, o Options) {
		text := Render(blocks, o).Text
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := Parse(text, o); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkUnchanged parses the text of a page and finds that nothing has changed.
func BenchmarkUnchanged(b *testing.B) {
	benchmarkVersions(b, func(b *testing.B, blocks []*Block, o Options) {
		d := Render(blocks, o)
		for b.Loop() {
			c, err := d.Replace(d.Text, false)
			if err != nil || len(c.Edits) > 0 {
				b.Fatal(err, c)
			}
		}
	})
}

// BenchmarkOneLine changes one line of a thousand.
func BenchmarkOneLine(b *testing.B) {
	benchmarkVersions(b, func(b *testing.B, blocks []*Block, o Options) {
		d := Render(blocks, o)
		for b.Loop() {
			c, err := d.Update([]Replacement{{Old: "Paragraph 505 is a sentence", New: "Paragraph 505 was a sentence"}}, false)
			if err != nil || c.Writes() != 1 {
				b.Fatal(err, c)
			}
		}
	})
}

// BenchmarkEverythingElse replaces a page of a thousand blocks by another text.
func BenchmarkEverythingElse(b *testing.B) {
	benchmarkVersions(b, func(b *testing.B, blocks []*Block, o Options) {
		d := Render(blocks, o)
		text := strings.ReplaceAll(strings.ReplaceAll(d.Text, "a", "u"), "Section", "Part")
		for b.Loop() {
			if _, err := d.Replace(text, false); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// hostile are pieces of which a long text takes time that grows with the square of its
// length, or worse, in one parser of Markdown or another.
var hostile = []string{
	"[", "]", "[]", "[a](", "[a](<b", "[a](b (", "[a](b \"", "![", "![a](", "*", "**", "*a ", "*a_ ", "a**b", "a *", "**a *a ", "_a ", "~", "~~a", "~~a ", "`", "`a``", "``a` ", "$", "$`", "$`a", "$a ",
	"<", "<a", "<b>", "</b>", "<b><i>", "<mention url=\"", "<mention url=\"user://01010203-0405-8107-8009-0a0b0c0d0e01\">", "<span color=\"", "<!--", "<quote>", "</quote>", "<quote>\n", "<quote>\n<li>\n", "<ul><li>", "<table><tr><td>",
	"<columns><column>", "<p>", "<p> ", "<details>\n", "<callout>", "</p></p>", "&", "&#", "&amp", ":a", ":", "[^", "[^a", "http://", "http://a", "\\", "\\\n", "a\n", "\n\n", "- ", "-\n", "- a\n", "1. ", "> ", ">", ">\n", "* > ", "- > ",
	"\t", "\t\n", "\t- a\n", "  - a\n", "#", "# ", "#\n", "```", "```\n", "~~~\n", "$$", "$$\n", "|", "| a ", "|-", "|-|\n", "a|b\n-|-\n", "[a]: b\n", "[a]: b \"\n", "[a]:\n", "{", "{color=\"", "{color=\"red\"}", "<td>\n", "<tr>", "<a@b", "<a:b",
	"\x00", "\xff", "é", "日", "<unknown url=\"x#01010203040581078009000000000001\"/>\n", "<page url=\"https://e.com/01010203040581078009000000000001\">x</page>\n",
}

// BenchmarkHostile reads a hundred thousand bytes of each of them. What an operation takes
// is to be compared with [BenchmarkParse], by the byte.
func BenchmarkHostile(b *testing.B) {
	const size = 100_000
	benchmarkVersions(b, func(b *testing.B, _ []*Block, o Options) {
		for _, piece := range hostile {
			b.Run(fmt.Sprintf("%q", piece), func(b *testing.B) {
				text := strings.Repeat(piece, size/len(piece))
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					Parse(text, o)
				}
			})
		}
	})
}
