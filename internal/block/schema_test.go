package block_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"octavo/internal/block"
	"octavo/internal/media"
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

// requests is a set with the definitions of blocks and what they need, and "append", the
// body of an append.
func requests() *schema.Set {
	s := schema.NewSet()
	richtext.Define(s)
	media.Define(s)
	block.Define(s)
	s.Define("append", schema.Object(schema.Req("children", schema.Array(schema.Ref("block"), 100))))
	s.Seal()
	return s
}

const (
	one  = "body failed validation: "
	many = "body failed validation. Fix one:\n"
)

// line is one line of a refusal with the value as it is printed.
func line(path, want, was string) string {
	return path + " should be " + want + ", instead was `" + was + "`."
}

func missing(path string, keys ...string) string {
	var all []string
	for _, key := range keys {
		all = append(all, line(path+"."+key, "defined", "undefined"))
	}
	return strings.Join(all, "\n")
}

// TestRecorded replays refusals of the hosted API (contract.md §4.3). Those of old
// versions that list block types lack the types that are newer; they are here with today's
// list.
func TestRecorded(t *testing.T) {
	cases := []struct{ name, schema, body, want string }{
		{"unknown type", "append", `{"children":[{"type":"link_preview","object":"block","link_preview":{"url":"https://www.youtube.com/"}}]}`,
			many + missing("body.children[0]", strings.Fields(`embed bookmark image video pdf file audio code equation divider breadcrumb tab
				table_of_contents link_to_page table_row ai_block meeting_notes custom_block table column_list column heading_1 heading_2
				heading_3 heading_4 paragraph bulleted_list_item numbered_list_item quote to_do toggle template callout synced_block`)...)},
		{"no children", "append", `{}`, one + missing("body", "children")},
		{"children as text", "append", `{"children":"x"}`, one + line("body.children", "an array", `"x"`)},
		{"too many children", "append", `{"children":[` + strings.Repeat(`{"divider":{}},`, 123) + `{"divider":{}}]}`,
			one + line("body.children.length", "≤ `100`", "124")},
		{"too many items", "append", `{"children":[{"paragraph":{"rich_text":[` + strings.Repeat(`{"text":{"content":"x"}},`, 179) + `{"text":{"content":"x"}}]}}]}`,
			one + line("body.children[0].paragraph.rich_text.length", "≤ `100`", "180")},
		{"too long", "append", `{"children":[{"divider":{}},{"divider":{}},{"divider":{}},{"paragraph":{"rich_text":[{"text":{"content":"` + strings.Repeat("x", 2412) + `"}}]}}]}`,
			one + line("body.children[3].paragraph.rich_text[0].text.content.length", "≤ `2000`", "2412")},
		{"too long in an update", "update_block", `{"code":{"rich_text":[{"text":{"content":""}},{"text":{"content":""}},{"text":{"content":"` + strings.Repeat("x", 13647) + `"}}]}}`,
			one + line("body.code.rich_text[2].text.content.length", "≤ `2000`", "13647")},
		{"list_format", "append", `{"children":[{"numbered_list_item":{"rich_text":[],"list_format":"roman"}}]}`,
			one + line("body.children[0].numbered_list_item.list_format", "not present", `"roman"`)},
		{"third level", "append", `{"children":[{"numbered_list_item":{"rich_text":[],"children":[{"bulleted_list_item":{"rich_text":[],
			"children":[{"bulleted_list_item":{"rich_text":[],"children":[{"object":"block","type":"bulleted_list_item","bulleted_list_item":{}}]}}]}}]}}]}`,
			one + line("body.children[0].numbered_list_item.children[0].bulleted_list_item.children[0].bulleted_list_item.children",
				"not present", `[{"object":"block","type":"bulleted_list_item","bullete...`)},
		{"link as an array", "append", `{"children":[{"paragraph":{"rich_text":[{"text":{"content":"a","link":[]}}]}}]}`,
			one + line("body.children[0].paragraph.rich_text[0].text.link", "an object, `null`, or `undefined`", "[]")},
		{"annotations in text", "append", `{"children":[{"paragraph":{"rich_text":[{"text":{"content":"a","annotations":{"bold":true}}}]}}]}`,
			one + line("body.children[0].paragraph.rich_text[0].text.annotations", "not present", `{"bold":true}`)},
		{"null icon", "append", `{"children":[{"callout":{"rich_text":[],"icon":null}}]}`,
			one + line("body.children[0].callout.icon", "an object or `undefined`", "null")},
		{"checked as text", "append", `{"children":[{"to_do":{"rich_text":[],"checked":"yes"}}]}`,
			one + line("body.children[0].to_do.checked", "a boolean or `undefined`", `"yes"`)},
		{"image without a source", "append", `{"children":[{"image":{"type":"external"}}]}`,
			many + missing("body.children[0].image", "external", "file_upload")},
		{"upload with a bad id", "append", `{"children":[{"image":{"type":"file_upload","file_upload":{"id":"x"}}}]}`,
			one + line("body.children[0].image.file_upload.id", "a valid uuid", `"x"`)},
		{"table without rows", "append", `{"children":[{"table":{"table_width":2}}]}`, one + missing("body.children[0].table", "children")},
		{"column list without columns", "append", `{"children":[{"column_list":{}}]}`, one + missing("body.children[0].column_list", "children")},
		{"table without columns", "append", `{"children":[{"table":{"table_width":0,"children":[]}}]}`,
			one + line("body.children[0].table.table_width", "≥ `1`", "0")},
		{"empty table", "append", `{"children":[{"table":{"table_width":1,"children":[]}}]}`,
			one + line("body.children[0].table.children.length", "≥ `1`", "0")},
		{"one column", "append", `{"children":[{"column_list":{"children":[{"column":{"children":[]}}]}}]}`,
			one + line("body.children[0].column_list.children.length", "≥ `2`", "1")},
		{"cells", "append", `{"children":[{"table":{"table_width":2,"children":[{"type":"table_row","object":"block","table_row":{"cells":[[{"type":"text","plain_text":"1"}],[]]}}]}}]}`,
			many + missing("body.children[0].table.children[0].table_row.cells[0][0]", "text", "mention", "equation")},
		{"language", "append", `{"children":[{"code":{"rich_text":[],"language":"sh"}}]}`,
			one + line("body.children[0].code.language", "`\""+strings.Join(block.Languages[:89], "\"`, `\"")+"\"`, or `\"java/c/c++/c#\"`", `"sh"`)},
		{"type of an updated image", "update_block", `{"image":{"type":"file_upload","file_upload":{"id":"` + id + `"}}}`,
			one + line("body.image.type", "not present", `"file_upload"`)},
		{"children of an updated block", "update_block", `{"toggle":{"rich_text":[],"children":[{"divider":{}}]}}`,
			one + line("body.toggle.children", "not present", `[{"divider":{}}]`)},
		{"heading without text", "update_block", `{"heading_1":{"color":"red"}}`, one + missing("body.heading_1", "rich_text")},
	}
	for _, typ := range strings.Fields("bulleted_list_item callout code heading_1 heading_2 heading_3 numbered_list_item paragraph quote to_do") {
		body := `{"children":[{"type":"` + typ + `","` + typ + `":{"rich_text":[{"type":"text","plain_text":"x"}],"color":"default"}}]}`
		if typ == "code" {
			body = strings.Replace(body, `"color":"default"`, `"language":"python"`, 1)
		}
		cases = append(cases, struct{ name, schema, body, want string }{"item of " + typ, "append", body,
			many + missing("body.children[0]."+typ+".rich_text[0]", "text", "mention", "equation")})
	}
	set := requests()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := set.Check("body", c.schema, parse(t, c.body))
			if err == nil {
				t.Fatal("accepted")
			}
			if got := message(t, err); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestAmongMany are single lines of refusals that also list the other types: that a key
// should not be there is no deeper than that another should.
func TestAmongMany(t *testing.T) {
	cases := []struct{ schema, body, want string }{
		{"append", `{"children":[{"type":"paragraph","paragraph":{"rich_text":[]},"archived":false}]}`,
			line("body.children[0].archived", "not present", "false")},
		{"append", `{"children":[{"type":"paragraph","paragraph":{"rich_text":[]},"has_children":false}]}`,
			line("body.children[0].has_children", "not present", "false")},
		{"append", `{"children":[{"type":"paragraph","paragraph":{"rich_text":[]},"in_trash":false}]}`,
			line("body.children[0].in_trash", "not present", "false")},
		{"append", `{"children":[{"type":"quote","paragraph":{"rich_text":[]}}]}`,
			line("body.children[0].type", "`\"paragraph\"` or `undefined`", `"quote"`)},
		{"update_block", `{"type":"paragraph"}`, line("body.type", "not present", `"paragraph"`)},
		{"update_block", `{"type":"paragraph"}`, missing("body", "paragraph")},
		{"update_block", `{"paragraph":{},"quote":{"rich_text":[]}}`, line("body.quote", "not present", `{"rich_text":[]}`)},
	}
	set := requests()
	for _, c := range cases {
		err := set.Check("body", c.schema, parse(t, c.body))
		if err == nil {
			t.Errorf("%s is accepted", c.body)
		} else if got := strings.Split(message(t, err), "\n"); !slices.Contains(got, c.want) {
			t.Errorf("%s\ngot  %q\nwant %q", c.body, got, c.want)
		}
	}
}

func TestAccepted(t *testing.T) {
	cases := []struct{ schema, body string }{
		{"update_block", `{}`},
		{"update_block", `{"in_trash":true}`},
		{"update_block", `{"paragraph":{"color":"red"},"type":"paragraph","in_trash":false}`},
		{"append", `{"children":[]}`},
		{"append", `{"children":[{"quote":{"rich_text":[],"children":[{"quote":{"rich_text":[],"children":[{"quote":{"rich_text":[],"children":[]}}]}}]}}]}`},
		{"append", `{"children":[{"column_list":{"children":[{"column":{"children":[{"quote":{"rich_text":[],"children":[{"quote":{"rich_text":[]}}]}}]}},{"column":{"children":[]}}]}}]}`},
		{"append", `{"children":[{"quote":{"rich_text":[],"children":[{"tab":{"children":[{"paragraph":{"rich_text":[],"children":[]}}]}}]}}]}`},
		{"append", `{"children":[{"quote":{"rich_text":[],"children":[{"quote":{"rich_text":[],"children":[{"tab":{}}]}}]}}]}`},
		{"append", `{"children":[{"paragraph":{"rich_text":[{"type":"mention","mention":{"type":"user","user":{"object":"user","id":"` + id + `","name":"Ada","type":"person","person":{}}},"plain_text":"@Ada","href":null}]}}]}`},
	}
	set := requests()
	for _, c := range cases {
		if err := set.Check("body", c.schema, parse(t, c.body)); err != nil {
			t.Errorf("%s: %v", c.body, err)
		}
	}
}

func TestTiers(t *testing.T) {
	cases := []struct {
		inner string
		deep  int // how many blocks may be around it
	}{
		{`{"divider":{}}`, 2},
		{`{"table":{"table_width":1,"children":[{"table_row":{"cells":[[]]}}]}}`, 1},
		{`{"column_list":{"children":[{"column":{"children":[]}},{"column":{"children":[]}}]}}`, 0},
		{`{"column":{"children":[]}}`, 0},
		{`{"tab":{"children":[]}}`, 2},
		{`{"tab":{"children":[{"paragraph":{"rich_text":[]}}]}}`, 1},
		{`{"tab":{"children":[{"paragraph":{"rich_text":[],"children":[{"divider":{}}]}}]}}`, 0},
		{`{"toggle":{"rich_text":[],"children":[{"divider":{}}]}}`, 1},
	}
	set := requests()
	for _, c := range cases {
		body := c.inner
		for depth := range 4 {
			err := set.Check("body", "append", parse(t, `{"children":[`+body+`]}`))
			if (err == nil) != (depth <= c.deep) {
				t.Errorf("below %d blocks: %s: %v", depth, c.inner, err)
			}
			body = `{"quote":{"rich_text":[],"children":[` + body + `]}}`
		}
	}
}

// TestTypesAreThoseOfTheSDK compares the table with the types of the official client.
func TestTypesAreThoseOfTheSDK(t *testing.T) {
	data, err := os.ReadFile("../../testdata/sdk_types.json")
	if err != nil {
		t.Fatal(err)
	}
	var sdk struct {
		Create    []string `json:"block_request_types"`
		Create2   []string `json:"block_request_types_single_level"`
		Create3   []string `json:"block_request_types_without_children"`
		Update    []string `json:"block_update_types"`
		Response  []string `json:"block_response_types"`
		Languages []string `json:"code_languages"`
	}
	if err := json.Unmarshal(data, &sdk); err != nil {
		t.Fatal(err)
	}
	same := func(what string, got, want []string) {
		t.Helper()
		got, want = slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))
		if len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s:\ngot  %v\nwant %v", what, got, want)
		}
	}
	set := requests()
	notOurs := []string{"ai_block", "meeting_notes", "custom_block"} // in refusals of the API, not in its types
	for i, want := range [][]string{sdk.Create, sdk.Create2, sdk.Create3} {
		name := []string{"block", "block_2", "block_3"}[i]
		same(name, namesIn(set, name), append(want, notOurs...))
	}
	same("update_block", namesIn(set, "update_block"), sdk.Update)
	var all []string
	for _, typ := range block.Types {
		if typ.Name != "ai_block" && typ.Name != "custom_block" {
			all = append(all, typ.Name)
		}
	}
	same("all", all, sdk.Response)
	if !slices.Equal(block.Languages, sdk.Languages) {
		t.Errorf("languages:\ngot  %v\nwant %v", block.Languages, sdk.Languages)
	}
}

// namesIn returns the types of a union of blocks, in order.
func namesIn(set *schema.Set, union string) []string {
	var names []string
	for _, typ := range block.Types {
		if set.Union(union).Has(typ.Name) {
			names = append(names, typ.Name)
		}
	}
	return names
}
