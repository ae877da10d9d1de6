package markdown

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"octavo/internal/apierr"
	"octavo/internal/block"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
)

// page makes blocks of a text, as if it had been the whole content of a page.
func page(t testing.TB, v Version, text string) []*Block {
	t.Helper()
	o := options(v)
	c, err := Render(nil, o).Replace(text, false)
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, nil)
	s.apply(c)
	return s.roots
}

// changed applies a change to blocks and returns their text then.
func changed(t testing.TB, v Version, blocks []*Block, c *Change) string {
	t.Helper()
	s := newSite(t, clone(blocks))
	s.next = 30_000
	s.apply(c)
	return Render(s.roots, options(v)).Text
}

// command is a body of PATCH …/markdown.
func command(t testing.TB, body string) jsonx.Value {
	t.Helper()
	v, err := jsonx.Parse([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// commands are what is done to a page of the first grammar, and what its text is then.
var commands = []struct{ name, text, body, want string }{
	{"insert at the end", "a\nb", `{"type":"insert_content","insert_content":{"content":"c\nd"}}`, "a\nb\nc\nd"},
	{"insert at the end by position", "a", `{"type":"insert_content","insert_content":{"content":"c","position":{"type":"end"}}}`, "a\nc"},
	{"insert at the start", "a\nb", `{"type":"insert_content","insert_content":{"content":"c","position":{"type":"start"}}}`, "c\na\nb"},
	{"insert into nothing", "", `{"type":"insert_content","insert_content":{"content":"# c"}}`, "# c"},
	{"insert after a text", "a\nb\nc", `{"type":"insert_content","insert_content":{"content":"x","after":"b"}}`, "a\nb\nx\nc"},
	{"insert after a range", "one\ntwo\nthree", `{"type":"insert_content","insert_content":{"content":"x","after":"one...two"}}`, "one\ntwo\nx\nthree"},
	{"insert after what has children", "- a\n\t- b\n- c", `{"type":"insert_content","insert_content":{"content":"x","after":"- a"}}`, "- a\n\t- b\nx\n- c"},
	{"insert after a child", "- a\n\t- b\n\t- d\n- c", `{"type":"insert_content","insert_content":{"content":"- x","after":"- b"}}`, "- a\n\t- b\n\t- x\n\t- d\n- c"},
	{"insert after a line end", "a\nb\n", `{"type":"insert_content","insert_content":{"content":"x","after":"a\n"}}`, "a\nx\nb"},
	{"insert after a cell", "<table>\n<tr>\n<td>a</td>\n</tr>\n</table>\nb", `{"type":"insert_content","insert_content":{"content":"x","after":"<td>a"}}`,
		"<table>\n<tr>\n<td>a</td>\n</tr>\n</table>\nx\nb"},
	{"insert into a column", "<columns>\n\t<column>\n\t\ta\n\t</column>\n\t<column>\n\t\tb\n\t</column>\n</columns>", `{"type":"insert_content","insert_content":{"content":"x","after":"a"}}`,
		"<columns>\n\t<column>\n\t\ta\n\t\tx\n\t</column>\n\t<column>\n\t\tb\n\t</column>\n</columns>"},
	{"insert after the tag of a column", "<columns>\n\t<column>\n\t\ta\n\t</column>\n</columns>", `{"type":"insert_content","insert_content":{"content":"x","after":"<column>"}}`,
		"<columns>\n\t<column>\n\t\tx\n\t\ta\n\t</column>\n</columns>"},
	{"insert after an end tag", "<details>\n<summary>s</summary>\n\ta\n</details>\nb", `{"type":"insert_content","insert_content":{"content":"x","after":"</details>"}}`,
		"<details>\n<summary>s</summary>\n\ta\n</details>\nx\nb"},
	{"insert an open fence", "a\nb", `{"type":"insert_content","insert_content":{"content":"` + "```" + `\ncode","after":"a"}}`, "a\n```plain text\ncode\n```\nb"},
	{"replace everything", "a\nb", `{"type":"replace_content","replace_content":{"new_str":"c"}}`, "c"},
	{"replace everything by nothing", "a\nb", `{"type":"replace_content","replace_content":{"new_str":""}}`, ""},
	{"replace a text", "a\n- [ ] To Do\nb", `{"type":"replace_content_range","replace_content_range":{"content":"x\ny","content_range":"- [ ] To Do"}}`, "a\nx\ny\nb"},
	{"replace a range", "# A\nold\nmore end\nlast", `{"type":"replace_content_range","replace_content_range":{"content":"new","content_range":"old...end"}}`, "# A\nnew\nlast"},
	{"replace within a line", "one two three", `{"type":"replace_content_range","replace_content_range":{"content":"**2**","content_range":"two"}}`, "one **2** three"},
	{"replace a child by two", "- a\n\t- b\n- c", `{"type":"replace_content_range","replace_content_range":{"content":"- x\n- y","content_range":"- b"}}`, "- a\n\t- x\n\t- y\n- c"},
	{"replace from the start", "one\ntwo\nthree", `{"type":"replace_content_range","replace_content_range":{"content":"x","content_range":"...two"}}`, "x\nthree"},
	{"replace to the end", "one\ntwo\nthree", `{"type":"replace_content_range","replace_content_range":{"content":"x","content_range":"two..."}}`, "one\nx"},
	{"replace what has dots", "wait... what\nb", `{"type":"replace_content_range","replace_content_range":{"content":"x","content_range":"wait... what"}}`, "x\nb"},
	{"replace by the second ellipsis", "a...b c", `{"type":"replace_content_range","replace_content_range":{"content":"x","content_range":"a...b...c"}}`, "x"},
	{"update one", "a b\nc", `{"type":"update_content","update_content":{"content_updates":[{"old_str":"b","new_str":"x"}]}}`, "a x\nc"},
	{"update one after the other", "a", `{"type":"update_content","update_content":{"content_updates":[{"old_str":"a","new_str":"b"},{"old_str":"b","new_str":"c"}]}}`, "c"},
	{"update all", "a a\na", `{"type":"update_content","update_content":{"content_updates":[{"old_str":"a","new_str":"b","replace_all_matches":true}]}}`, "b b\nb"},
	{"update by nothing", "a\nb\nc", `{"type":"update_content","update_content":{"content_updates":[{"old_str":"b\n","new_str":""}]}}`, "a\nc"},
	{"update nothing", "a", `{"type":"update_content","update_content":{"content_updates":[]}}`, "a"},
	{"turn a paragraph into a heading", "a\nb", `{"type":"update_content","update_content":{"content_updates":[{"old_str":"a\n","new_str":"# a\n"}]}}`, "# a\nb"},
	{"make a toggle of a heading", "# a", `{"type":"replace_content","replace_content":{"new_str":"# a {toggle=\"true\"}\n\tb"}}`, "# a {toggle=\"true\"}\n\tb"},
	{"make a heading of a toggle", "# a {toggle=\"true\"}\n\tb", `{"type":"replace_content","replace_content":{"new_str":"# a\nb"}}`, "# a\nb"},
	{"widen a table", "<table>\n<tr>\n<td>a</td>\n</tr>\n</table>", `{"type":"replace_content","replace_content":{"new_str":"<table>\n<tr>\n<td>a</td>\n<td>b</td>\n</tr>\n</table>"}}`,
		"<table>\n<tr>\n<td>a</td>\n<td>b</td>\n</tr>\n</table>"},
	{"replace a file", "<pdf src=\"https://e.com/a.pdf\">a</pdf>", `{"type":"replace_content","replace_content":{"new_str":"<pdf src=\"https://e.com/b.pdf\">a</pdf>"}}`, `<pdf src="https://e.com/b.pdf">a</pdf>`},
}

func TestCommands(t *testing.T) {
	for _, c := range commands {
		t.Run(c.name, func(t *testing.T) {
			blocks := page(t, V1, c.text)
			change, err := Render(blocks, options(V1)).Apply(command(t, c.body))
			if err != nil {
				t.Fatal(err)
			}
			if got := changed(t, V1, blocks, change); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestInsertInTheSecondGrammar(t *testing.T) {
	for _, c := range []struct{ text, after, want string }{
		{"a\n\nb", "a", "a\n\nx\n\nb"},
		{"- a\n- b\n- c", "- b", "- a\n- b\n\nx\n\n- c"},
		{"- a\n\t- b\n- c", "b", "<ul>\n<li>\na\n\n- b\n\nx\n</li>\n<li>c</li>\n</ul>"},
		{"<ul>\n<li color=\"red\">a</li>\n</ul>\n\nb", "<ul>", "x\n\n<ul>\n<li color=\"red\">a</li>\n</ul>\n\nb"},
		{"<toggle>\nt\n\na\n\nb\n</toggle>", "a\n\n", "<toggle>\nt\n\na\n\nx\n\nb\n</toggle>"},
		{"<tabs>\n<tab>\nt\n\na\n</tab>\n</tabs>", "a\n</tab>", "<tabs>\n<tab>\nt\n\nx\n\na\n</tab>\n</tabs>"},
		{"| a |\n| --- |\n| b |\n\nc", "| b", "| a |\n| --- |\n| b |\n\nx\n\nc"},
	} {
		blocks := page(t, V2, c.text)
		change, err := Render(blocks, options(V2)).Insert("x", Insertion{After: c.after})
		if err != nil {
			t.Fatal(err)
		}
		if got := changed(t, V2, blocks, change); got != c.want {
			t.Errorf("%q after %q: got\n%s\nwant\n%s", c.text, c.after, got, c.want)
		}
	}
}

// references is a page with two pages, a database and something that is only named.
func references(unloaded bool) []*Block {
	return []*Block{
		{ID: someID(0x21), Type: "child_page", Payload: block.TitlePayload(`First "page"`)},
		{ID: someID(0x22), Type: "toggle", Payload: []byte(`{"rich_text":[],"color":"default"}`), Children: []*Block{
			{ID: someID(0x23), Type: "child_page", Payload: block.TitlePayload("Second")},
			{ID: someID(0x24), Type: "child_database", Payload: block.TitlePayload("Tasks")},
		}},
		{ID: someID(0x25), Type: "breadcrumb", Payload: []byte(`{}`), Unloaded: unloaded},
	}
}

// refusals are commands on such a page that are refused, and how.
var refusals = []struct{ body, want string }{
	{`{"type":"insert_content","insert_content":{"content":"x","after":"nowhere"}}`, "String not found: <pattern>nowhere</pattern>"},
	{`{"type":"insert_content","insert_content":{"content":"x","after":"First...nowhere"}}`, "String not found: <pattern>First...nowhere</pattern>"},
	{`{"type":"insert_content","insert_content":{"content":"x","after":"First","position":{"type":"end"}}}`, "Provide either `after` or `position`, not both."},
	{`{"type":"insert_content","insert_content":{"content":"<unknown url=\"x\"/>"}}`, "Invalid Notion page or block URL: x"},
	{`{"type":"replace_content_range","replace_content_range":{"content":"x","content_range":"full_page"}}`, "String not found: <pattern>full_page</pattern>"},
	{`{"type":"replace_content_range","replace_content_range":{"content":"x","content_range":""}}`, "String not found: <pattern></pattern>"},
	{`{"type":"update_content","update_content":{"content_updates":[{"old_str":"nowhere","new_str":"x"}]}}`, "No matches found for `old_str`: \"nowhere\""},
	{`{"type":"update_content","update_content":{"content_updates":[{"old_str":"First","new_str":"x"},{"old_str":"First","new_str":"x"}]}}`, "No matches found for `old_str`: \"First\""},
	{`{"type":"update_content","update_content":{"content_updates":[{"old_str":"<page","new_str":"x"}]}}`,
		"Multiple matches found for `old_str`: \"<page\". It must match exactly once (found 2), unless `replace_all_matches` is true."},
	{`{"type":"update_content","update_content":{"content_updates":[{"old_str":"","new_str":"x"}]}}`, "`old_str` must not be empty."},
	{`{"type":"replace_content","replace_content":{"new_str":"x"}}`, `This operation would delete 3 child page(s) or database(s): page: "First "page"", page: "Second", database: "Tasks". ` +
		`To proceed, either include these items in the new content using <page url="..."> and <database url="..."> tags, OR set allow_deleting_content: true.`},
	{`{"type":"replace_content","replace_content":{"new_str":"<page url=\"https://octavo.test/nothing\">x</page>","allow_deleting_content":true}}`, "Invalid Notion page or block URL: https://octavo.test/nothing"},
	{`{"type":"replace_content","replace_content":{"new_str":"<unknown url=\"x\" alt=\"y\"/>","allow_deleting_content":true}}`, "Invalid Notion page or block URL: x"},
	{`{"type":"replace_content","replace_content":{"new_str":"<synced_block_reference>\n</synced_block_reference>","allow_deleting_content":true}}`, "Invalid Notion page or block URL: "},
	{`{"type":"replace_content","replace_content":{"new_str":"<database data-source-url=\"collection://x\">x</database>","allow_deleting_content":true}}`, "Invalid Notion data source URL: collection://x"},
	{`{"type":"replace_content","replace_content":{"new_str":"<page url=\"https://octavo.test/090102030405890780090a0b0c0d0e09\">x</page>","allow_deleting_content":true}}`,
		"A page cannot be moved into itself or into what is below it."},
	{`{"type":"other"}`, `There is no command of type "other".`},
}

func TestRefusals(t *testing.T) {
	for _, c := range refusals {
		_, err := Render(references(false), options(V1)).Apply(command(t, c.body))
		if err == nil {
			t.Errorf("%s is not refused", c.body)
			continue
		}
		if got := message(t, err); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.body, got, c.want)
		}
	}
}

func TestLongTextsAreCutInRefusals(t *testing.T) {
	_, err := Render(nil, options(V1)).Update([]Replacement{{Old: "x" + strings.Repeat("é", 300)}}, false)
	if got, want := message(t, err), "No matches found for `old_str`: \"x"+strings.Repeat("é", 99)+`"…`; got != want {
		t.Errorf("got %s", got)
	}
}

func TestManyLostPages(t *testing.T) {
	var blocks []*Block
	for i := range 12 {
		blocks = append(blocks, &Block{ID: someID(byte(i + 1)), Type: "child_page", Payload: block.TitlePayload(fmt.Sprint(i))})
	}
	_, err := Render(blocks, options(V1)).Replace("", false)
	if got := message(t, err); !strings.Contains(got, `would delete 12 child page(s) or database(s): page: "0", `) || !strings.Contains(got, `page: "9", and 2 more.`) {
		t.Error(got)
	}
}

func TestPagesMayBeDeletedWhenAllowed(t *testing.T) {
	c, err := Render(references(false), options(V1)).Replace("x", true)
	if err != nil || c.Writes() != 4 {
		t.Fatal(c, err)
	}
}

func TestWhatIsNotLoadedIsNotLost(t *testing.T) {
	d := Render(references(true), options(V1))
	if !d.Truncated || len(d.Unknown) != 1 || d.Unknown[0] != someID(0x25) {
		t.Fatal(d.Truncated, d.Unknown)
	}
	_, err := d.Replace("x", true)
	var e *apierr.Error
	if !errors.As(err, &e) || len(e.Data) != 1 || e.Data[0].Key != "limit_kind" || e.Data[0].Value.Text() != "page_record_count" {
		t.Fatal(err)
	}
	if _, err := d.Insert("x", Insertion{}); err != nil {
		t.Fatal(err)
	}
}

func TestTextsCanBeTooLargeOrTooDeep(t *testing.T) {
	for _, v := range []Version{V1, V2} {
		o := options(v)
		if _, err := Parse(strings.Repeat("a\n\n", MaxRecords+1), o); err == nil || !strings.Contains(message(t, err), "too large") {
			t.Error(err)
		}
		full := &Document{o: o, nodes: make([]*Node, MaxRecords)}
		for i := range full.nodes {
			full.nodes[i] = &Node{Type: "divider"}
		}
		if _, err := full.Insert("b", Insertion{}); err == nil || !strings.Contains(message(t, err), "too large") {
			t.Error(err)
		}
	}
	deep := func(n int) string {
		return strings.Repeat("<quote>\n", n) + "<p>x</p>" + strings.Repeat("\n</quote>", n)
	}
	if _, err := Parse(deep(MaxDepth-1), options(V2)); err != nil {
		t.Error(err)
	}
	if _, err := Parse(deep(MaxDepth), options(V2)); err == nil || message(t, err) != "Blocks can be nested 64 levels deep at most." {
		t.Error(err)
	}
	// Beyond any use, tags and markers are text.
	if _, err := Parse(deep(10000), options(V2)); err == nil {
		t.Error("blocks are nested without end")
	}
	if read, err := Parse(strings.Repeat("> ", 10000)+"x", options(V2)); err != nil || Count(read.Nodes) != MaxDepth {
		t.Error("quotes are nested without end", err)
	}
}

func TestDeepBlocksAreOnlyNamed(t *testing.T) {
	var blocks []*Block
	for i := range MaxDepth + 3 {
		blocks = []*Block{{ID: notion.ID{byte(i + 1)}, Type: "bulleted_list_item", Payload: []byte(`{"rich_text":[],"color":"default"}`), Children: blocks}}
	}
	for _, v := range []Version{V1, V2} {
		d := Render(blocks, options(v))
		if !d.Truncated || len(d.Unknown) != 1 || d.Unknown[0] != (notion.ID{3}) {
			t.Fatal(d.Truncated, d.Unknown)
		}
		c, err := d.Replace(d.Text, false)
		if err != nil || len(c.Edits) > 0 {
			t.Fatal(c, err)
		}
	}
}

func TestBrokenPayloadsAreOnlyNamed(t *testing.T) {
	for _, payload := range []string{"", "{", `{},{}`} {
		d := Render([]*Block{
			{ID: someID(1), Type: "paragraph", Payload: []byte(payload)},
			{ID: someID(2), Type: "divider", Payload: []byte(`{}`)},
		}, options(V2))
		if !strings.HasSuffix(d.Text, "---") || !strings.HasPrefix(d.Text, "<unknown") && payload != `{},{}` {
			t.Errorf("%q: %s", payload, d.Text)
		}
	}
}
