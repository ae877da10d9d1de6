package schema_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

// line is the refusal of a body with a single line.
func line(path, want, was string) string {
	return fmt.Sprintf("body failed validation: %s should be %s, instead was `%s`.", path, want, was)
}

func lines(all ...string) string {
	return "body failed validation. Fix one:\n" + strings.Join(all, "\n")
}

func missing(path string) string {
	return path + " should be defined, instead was `undefined`."
}

// catalogueSet has a definition for each row of contract.md §4.3 that modelSet lacks.
func catalogueSet() *schema.Set {
	s := modelSet()
	define := func(name string, fields ...schema.Field) { s.Define(name, schema.Object(fields...)) }
	define("parent required", schema.Req("parent", schema.Object()), schema.Req("properties", schema.Map(schema.Any())))
	define("parent optional", schema.Opt("parent", schema.Object()))
	define("cursor", schema.Opt("start_cursor", schema.String()))
	define("icon optional", schema.Opt("icon", schema.Object()))
	define("update image", schema.Req("image", schema.Object(schema.Opt("external", schema.Object()))))
	define("list item", schema.Req("children", schema.Array(schema.Object(
		schema.Req("numbered_list_item", schema.Object(schema.Req("rich_text", schema.Ref("rich_text"))))), 100)))
	define("update paragraph", schema.Req("paragraph", schema.Object()))
	define("date", schema.Req("properties", schema.Map(schema.Object(schema.Req("date", schema.Object(schema.Req("start", schema.Date())))))))
	define("search value", schema.Req("filter", schema.Object(schema.Req("value", schema.Literal("page", "database")))))
	define("comment", schema.Req("rich_text", schema.Ref("rich_text")))
	define("relation", schema.Req("initial_data_source", schema.Object(schema.Req("properties", schema.Map(
		schema.Object(schema.Req("relation", schema.Object(schema.Req("data_source_id", schema.UUID())))))))))
	define("title schema", schema.Req("properties", schema.Map(schema.Object(schema.Req("title", schema.Object())))))
	condition := schema.Object(schema.Req("date", schema.Object(schema.Req("equals", schema.Date()))))
	define("filter", schema.Req("filter", schema.Object(schema.Req("and", schema.Array(condition, 100)))))
	define("width", schema.Req("table_width", schema.Number().Min(1)))
	define("url", schema.Req("url", schema.Nullable(schema.String().NonEmpty())))
	define("select", schema.Req("select", schema.Union(
		schema.Object(schema.Req("id", schema.String()), schema.Opt("color", schema.Literal("default", "gray"))),
		schema.Object(schema.Opt("color", schema.Literal("default", "gray")), schema.Req("name", schema.String())))))
	define("redirect", schema.Req("redirect_uri", schema.String()))
	return s
}

func TestCatalogue(t *testing.T) {
	s := catalogueSet()
	text := func(n int) string { return `{"text":{"content":"` + strings.Repeat("x", n) + `"}}` }
	many := func(item string, n int) string {
		return "[" + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + "]"
	}
	var types []string
	for _, name := range strings.Fields("embed bookmark image video pdf file audio code equation divider breadcrumb tab table_of_contents link_to_page table_row ai_block meeting_notes custom_block table column_list column heading_1 heading_2 heading_3 heading_4 paragraph bulleted_list_item numbered_list_item quote to_do toggle template callout synced_block") {
		types = append(types, missing("body.children[0]."+name))
	}
	cases := []struct {
		row, schema, body, want string
	}{
		{"29", "parent required", `{}`, "body failed validation: " + missing("body.parent")},
		{"30", "parent required", `{"parent":{}}`, "body failed validation: " + missing("body.properties")},
		{"31", "append26", `{}`, "body failed validation: " + missing("body.children")},
		{"32", "append26", `{"children":"x"}`, line("body.children", "an array", `"x"`)},
		{"33", "append26", `{"children":` + many(`{"divider":{}}`, 124) + `}`, line("body.children.length", "≤ `100`", "124")},
		{"34", "append26", `{"children":[{"paragraph":{"rich_text":` + many(text(1), 180) + `}}]}`,
			line("body.children[0].paragraph.rich_text.length", "≤ `100`", "180")},
		{"35", "append26", `{"children":[{"divider":{}},{"divider":{}},{"divider":{}},{"paragraph":{"rich_text":[` + text(2412) + `]}}]}`,
			line("body.children[3].paragraph.rich_text[0].text.content.length", "≤ `2000`", "2412")},
		{"36", "cursor", `{"an_incorrect_key":"value"}`, line("body.an_incorrect_key", "not present", `"value"`)},
		{"37", "cursor", `{"archived":true}`, line("body.archived", "not present", `true`)},
		{"38", "parent optional", `{"after":"x"}`, line("body.after", "not present", `"x"`)},
		{"39", "parent optional", `{"position":{"type":"end"}}`, line("body.position", "not present", `{"type":"end"}`)},
		{"40", "cursor", `{"Notion-Version":"2022-06-28"}`, line("body.Notion-Version", "not present", `"2022-06-28"`)},
		{"41", "cursor", `{"filter_properties":["ID"]}`, line("body.filter_properties", "not present", `["ID"]`)},
		{"42", "update image", `{"image":{"type":"file_upload"}}`, line("body.image.type", "not present", `"file_upload"`)},
		{"43", "list item", `{"children":[{"numbered_list_item":{"rich_text":[],"list_format":"numbers"}}]}`,
			line("body.children[0].numbered_list_item.list_format", "not present", `"numbers"`)},
		{"44", "append26", `{"children":[{"paragraph":{"rich_text":[]},"archived":false}]}`,
			lines(append(types[:25:25], append([]string{"body.children[0].archived should be not present, instead was `false`."}, types[26:]...)...)...)},
		{"46", "update paragraph", `{"type":"paragraph","paragraph":{}}`, line("body.type", "not present", `"paragraph"`)},
		{"46", "update paragraph", `{"type":"paragraph"}`, "body failed validation: " + missing("body.paragraph")},
		{"47", "parent optional", `{"parent":"{\"database_id\":\"x\"}"}`, line("body.parent", "an object or `undefined`", `"{\"database_id\":\"x\"}"`)},
		{"27", "cursor", `{"start_cursor":{}}`, line("body.start_cursor", "a string or `undefined`", `{}`)},
		{"25", "paging", `{"page_size":"ten"}`, line("body.page_size", "a number or `undefined`", `"ten"`)},
		{"49", "icon optional", `{"icon":null}`, line("body.icon", "an object or `undefined`", `null`)},
		{"51", "append26", `{"children":[{"to_do":{"rich_text":[],"checked":"yes"}}]}`,
			line("body.children[0].to_do.checked", "a boolean or `undefined`", `"yes"`)},
		{"54", "date", `{"properties":{"Due Date":{"date":{"start":"tomorrow"}}}}`,
			line("body.properties.Due Date.date.start", "a valid ISO 8601 date string", `"tomorrow"`)},
		{"55", "append26", `{"children":[{"code":{"rich_text":[],"language":"sh"}}]}`,
			line("body.children[0].code.language", "`\"abap\"`, `\"bash\"`, `\"plain text\"`, or `\"python\"`", `"sh"`)},
		{"56", "page25", `{"icon":{"emoji":"a"}}`, lines("body.icon.emoji should be `\"😀\"` or `\"😃\"`, instead was `\"a\"`.", missing("body.icon.external"))},
		{"62", "append26", `{"children":[{"object":"block","type":"child_page","child_page":{}}]}`, lines(types...)},
		{"64", "comment", `{"rich_text":[{"type":"text"}]}`,
			lines(missing("body.rich_text[0].text"), missing("body.rich_text[0].mention"), missing("body.rich_text[0].equation"))},
		{"69", "relation", `{"initial_data_source":{"properties":{"Project":{"relation":{}}}}}`,
			"body failed validation: " + missing("body.initial_data_source.properties.Project.relation.data_source_id")},
		{"70", "title schema", `{"properties":{"Task Name":{"title":{"placeholder":""}}}}`,
			line("body.properties.Task Name.title.placeholder", "not present", `""`)},
		{"71", "filter", `{"filter":{"and":[{"date":{"equals":{}}}]}}`, line("body.filter.and[0].date.equals", "a string", `{}`)},
		{"72", "search value", `{"filter":{"value":"data_source"}}`, line("body.filter.value", "`\"page\"` or `\"database\"`", `"data_source"`)},
		{"77", "append26", `{"children":[{"table":{"table_width":2}}]}`, "body failed validation: " + missing("body.children[0].table.children")},
		{"78", "url", `{"url":""}`, line("body.url", "populated or `null`", `""`)},
		{"quoted 6", "width", `{"table_width":0}`, line("body.table_width", "≥ `1`", `0`)},
		{"quoted 14", "select", `{"select":{"color":"Unknown"}}`, lines(missing("body.select.id"),
			"body.select.color should be `\"default\"`, `\"gray\"`, or `undefined`, instead was `\"Unknown\"`.")},
		{"§6", "redirect", `{}`, "body failed validation: " + missing("body.redirect_uri")},
		{"not an object", "cursor", `[]`, line("body", "an object", `[]`)},
	}
	for _, c := range cases {
		if got := refusal(t, s, "body", c.schema, c.body); got != c.want {
			t.Errorf("row %s: %.300s\ngot  %s\nwant %s", c.row, c.body, got, c.want)
		}
	}
}

func TestPathsAndHeaders(t *testing.T) {
	s := schema.NewSet()
	s.Define("page", schema.Object(schema.Req("page_id", schema.UUID())))
	s.Define("version", schema.Literal("2021-05-11", "2022-02-22"))
	for _, id := range []string{"AAA", "f3f2e850-b5d4-11ef-ac7e-96584d5248b2", "12345678-1234-1234-1234-123456789abc", "undefined", ""} {
		v := jsonx.ObjectValue(jsonx.M("page_id", jsonx.StringValue(id)))
		want := "path failed validation: path.page_id should be a valid uuid, instead was `\"" + id + "\"`."
		if got := messageOf(t, s.Check("path", "page", v)); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for _, id := range []string{"00000000-0000-0000-0000-000000000000", "deadbeefdeadbeefdeadbeefdeadbeef", "393ABC1E-edcd-814e-95ce-db661df73290"} {
		v := jsonx.ObjectValue(jsonx.M("page_id", jsonx.StringValue(id)))
		if err := s.Check("path", "page", v); err != nil {
			t.Errorf("%s: %v", id, err)
		}
	}
	const header = "Notion-Version header"
	want := "Notion-Version header failed validation: Notion-Version header should be defined, instead was `undefined`."
	if got := messageOf(t, s.Check(header, "version", jsonx.Value{})); got != want {
		t.Errorf("got %s", got)
	}
	want = "Notion-Version header failed validation: Notion-Version header should be `\"2021-05-11\"` or `\"2022-02-22\"`, instead was `\"\"`."
	if got := messageOf(t, s.Check(header, "version", jsonx.StringValue(""))); got != want {
		t.Errorf("got %s", got)
	}
}

func TestBeyondTheModel(t *testing.T) {
	s := schema.NewSet()
	s.Define("text", schema.Object(schema.Opt("a", schema.String().NonEmpty().Max(4))))
	s.Define("number", schema.Object(schema.Req("a", schema.Number().Min(-1.5).Max(1e21))))
	s.Define("map", schema.Object(schema.Req("m", schema.Map(schema.Any()))))
	s.Define("some", schema.Object(schema.Req("a", schema.Array(schema.True(), 0).Min(2))))
	s.Define("any", schema.Object(schema.Req("a", schema.Any())))
	s.Define("none", schema.Object(schema.Opt("a", schema.NoItems())))
	s.Define("half", schema.Union(
		schema.Object(schema.Opt("a", schema.Bool())),
		schema.Object(schema.Req("a", schema.Nullable(schema.Number().Min(1))))))
	cases := []struct{ schema, body, want string }{
		{"text", `{"a":"a\u0000"}`, line("body.a", "a string without null characters or `undefined`", `"a\u0000"`)},
		{"text", `{"a":""}`, line("body.a", "populated or `undefined`", `""`)},
		{"text", `{"a":"é😀x"}`, "accepted"},
		{"text", `{"a":"é😀xy"}`, line("body.a.length", "≤ `4`", `5`)},
		{"text", `{}`, "accepted"},
		{"number", `{"a":1e999}`, line("body.a", "a number", `null`)},
		{"number", `{"a":-1e999}`, line("body.a", "a number", `null`)},
		{"number", `{"a":-2}`, line("body.a", "≥ `-1.5`", `-2`)},
		{"number", `{"a":1e22}`, line("body.a", "≤ `1e+21`", `1e+22`)},
		{"number", `{"a":1e21}`, "accepted"},
		{"map", `{"m":{"":1,"b":2}}`, "accepted"},
		{"map", `{"m":{"a\u0000":1}}`, line("body.m.a\x00", "not present", `1`)},
		{"map", `{"m":[]}`, line("body.m", "an object", `[]`)},
		{"some", `{"a":[true]}`, line("body.a.length", "≥ `2`", `1`)},
		{"some", `{"a":[true,true,false]}`, line("body.a[2]", "`true`", `false`)},
		{"half", `{"a":"x"}`, line("body.a", "a boolean, a number, `null`, or `undefined`", `"x"`)},
		{"half", `{"a":1}`, "accepted"},
		{"none", `{"a":[]}`, "accepted"},
		{"none", `{}`, "accepted"},
		{"none", `{"a":[1]}`, line("body.a", "not present", `[1]`)},
		{"none", `{"a":null}`, line("body.a", "not present", `null`)},
		{"any", `{"a":null}`, "accepted"},
		{"any", `{"b":1}`, "body failed validation: " + missing("body.a")},
		{"any", `{"a":1,"x":2,"y":3}`, line("body.x", "not present", `2`)},
	}
	for _, c := range cases {
		if got := refusal(t, s, "body", c.schema, c.body); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.body, got, c.want)
		}
	}
	nan := jsonx.ObjectValue(jsonx.M("a", jsonx.NumberValue(math.NaN())))
	if got := messageOf(t, s.Check("body", "number", nan)); got != line("body.a", "a number", "null") {
		t.Errorf("NaN: %s", got)
	}
	undefined := jsonx.ObjectValue(jsonx.M("a", jsonx.NullValue), jsonx.M("b", jsonx.Value{}))
	if err := s.Check("body", "any", undefined); err != nil {
		t.Errorf("an undefined member counts as unknown: %v", err)
	}
	undefined = jsonx.ObjectValue(jsonx.M("a", jsonx.Value{}))
	if got := messageOf(t, s.Check("body", "any", undefined)); got != "body failed validation: "+missing("body.a") {
		t.Errorf("an undefined member counts as present: %s", got)
	}
	for _, others := range []int{0, 50} {
		members := []jsonx.Member{jsonx.M("a", jsonx.Value{})}
		for i := range others {
			members = append(members, jsonx.M(fmt.Sprint("k", i), jsonx.Value{}))
		}
		if err := s.Check("body", "text", jsonx.ObjectValue(members...)); err != nil {
			t.Errorf("an optional member that is undefined is checked: %v", err)
		}
	}
}

func TestShow(t *testing.T) {
	x := strings.Repeat
	cases := []struct {
		value jsonx.Value
		want  string
	}{
		{jsonx.Value{}, "`undefined`"},
		{jsonx.NullValue, "`null`"},
		{jsonx.NumberValue(1e21), "`1e+21`"},
		{jsonx.StringValue(x("x", 53)), "`\"" + x("x", 53) + "\"`"},
		{jsonx.StringValue(x("x", 54)), "`\"" + x("x", 54) + "...`"},
		{jsonx.StringValue(x("é", 54)), "`\"" + x("é", 54) + "...`"},
		// 26 pairs and the quotes are 54 units; the 28th pair would be cut in half.
		{jsonx.StringValue(x("😀", 26)), "`\"" + x("😀", 26) + "\"`"},
		{jsonx.StringValue(x("😀", 28)), "`\"" + x("😀", 27) + "...`"},
		{jsonx.StringValue("x" + x("😀", 28)), "`\"x" + x("😀", 26) + "...`"},
		{jsonx.StringValue(x("\"", 60)), "`\"" + x(`\"`, 27) + "...`"},
		{jsonx.StringValue("\xff"), "`\"\uFFFD\"`"},
		{jsonx.ArrayValue(jsonx.ObjectValue(jsonx.M("a", jsonx.BoolValue(true)), jsonx.M("b", jsonx.ArrayValue()))), "`[{\"a\":true,\"b\":[]}]`"},
		{jsonx.ObjectValue(jsonx.M(x("k", 1<<20), jsonx.StringValue(x("v", 1<<20)))), "`{\"" + x("k", 53) + "...`"},
	}
	for _, c := range cases {
		if got := schema.Show(c.value); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

// A refusal stays small and valid UTF-8 whatever is sent.
func TestMessageIsBounded(t *testing.T) {
	s := schema.NewSet()
	s.Define("strict", schema.Object())
	s.Define("tree", schema.Union(
		schema.Object(schema.Req("l", schema.Ref("tree")), schema.Req("r", schema.Any())),
		schema.Object(schema.Req("r", schema.Ref("tree")), schema.Req("l", schema.Any())),
		schema.Object(schema.Req("leaf", schema.Literal("a", "b")))))
	long := jsonx.ObjectValue(jsonx.M(strings.Repeat("é", 1<<18), jsonx.NullValue))
	want := "body failed validation: body." + strings.Repeat("é", 497) + "... should be not present, instead was `null`."
	if got := messageOf(t, s.Check("body", "strict", long)); got != want {
		t.Errorf("got %d bytes: %.80s", len(got), got)
	}
	var tree func(depth int) jsonx.Value
	tree = func(depth int) jsonx.Value {
		if depth == 0 {
			return jsonx.ObjectValue(jsonx.M("leaf", jsonx.StringValue("c")))
		}
		return jsonx.ObjectValue(jsonx.M("l", tree(depth-1)), jsonx.M("r", tree(depth-1)))
	}
	got := messageOf(t, s.Check("body", "tree", tree(12)))
	if n := strings.Count(got, "\n"); n != 200 || len(got) > 300<<10 || !utf8.ValidString(got) {
		t.Errorf("%d lines, %d bytes", n, len(got))
	}
	leaf := "body" + strings.Repeat(".l", 12)
	first := lines(missing(leaf+".l"), missing(leaf+".r"), leaf+".leaf should be `\"a\"` or `\"b\"`, instead was `\"c\"`.")
	if !strings.HasPrefix(got, first+"\n") {
		t.Errorf("it begins with %.400s", got)
	}

	// Long texts of a schema stop the lines, but never the first.
	huge := make([]string, 30000)
	for i := range huge {
		huge[i] = fmt.Sprintf("choice %d", i)
	}
	s = schema.NewSet()
	s.Define("huge", schema.Union(
		schema.Object(schema.Opt("a", schema.Literal(huge...))),
		schema.Object(schema.Req("b", schema.String()))))
	got = messageOf(t, s.Check("body", "huge", jsonx.ObjectValue(jsonx.M("a", jsonx.StringValue("x")))))
	if !strings.Contains(got, "`\"choice 29999\"`, or `undefined`, instead was `\"x\"`.") || strings.Count(got, "\n") != 1 {
		t.Errorf("%d bytes", len(got))
	}
}
