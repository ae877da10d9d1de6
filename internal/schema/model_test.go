package schema_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

// modelSet is the slice of the API's schemas that the model of testdata/model.txt knows.
func modelSet() *schema.Set {
	s := schema.NewSet()
	text := schema.Loose(
		schema.Req("content", schema.String().Max(2000)),
		schema.Opt("link", schema.Nullable(schema.Loose(schema.Req("url", schema.String().Max(2000))))))
	item := schema.Union(
		schema.Loose(schema.Req("text", text), typed("text")),
		schema.Loose(schema.Req("mention", schema.Loose()), typed("mention")),
		schema.Loose(schema.Req("equation", schema.Loose(schema.Req("expression", schema.String().Max(1000)))), typed("equation")))
	s.Define("rich_text", schema.Array(item, 100))
	defineBlocks(s)
	definePages(s)
	s.Define("search", schema.Object(schema.Opt("sort", schema.Object(
		schema.Opt("direction", schema.Literal("ascending", "descending")),
		schema.Req("timestamp", schema.Literal("last_edited_time"))))))
	s.Define("paging", schema.Object(schema.Opt("page_size", schema.Number().Min(1).Max(100))))
	s.Define("database22", schema.Loose(schema.Req("properties", schema.Map(propertySchema()))))
	return s
}

func typed(name string) schema.Field { return schema.Opt("type", schema.Literal(name)) }

const (
	before23 = "embed bookmark image video pdf file audio code equation divider breadcrumb "
	after23  = " heading_1 heading_2 heading_3 paragraph bulleted_list_item numbered_list_item quote to_do toggle template callout synced_block"
)

func defineBlocks(s *schema.Set) {
	define := func(name, types string, lax bool) {
		s.Define(name, schema.Object(
			schema.Req("children", schema.Array(blocks(2, strings.Fields(types), lax), 100)),
			schema.Opt("after", schema.UUID())))
	}
	define("append23lax", before23+"table_of_contents link_to_page table_row column_list column table"+after23, true)
	define("append24lax", before23+"table_of_contents link_to_page table_row ai_block table column_list column"+after23, true)
	after26 := strings.Replace(after23, "heading_3", "heading_3 heading_4", 1)
	define("append26", before23+"tab table_of_contents link_to_page table_row ai_block meeting_notes custom_block table column_list column"+after26, false)
	s.Define("children26", schema.Array(blocks(2, strings.Fields(
		before23+"tab table_of_contents link_to_page table_row ai_block meeting_notes custom_block table column_list column"+after26), false), 100))
}

func blocks(depth int, types []string, lax bool) *schema.UnionType {
	u := schema.Union()
	for _, t := range types {
		u.Add(block(t, payload(t, depth, types, lax), lax))
	}
	return u
}

func block(name string, payload schema.Type, lax bool) *schema.ObjectType {
	fields := []schema.Field{schema.Req(name, payload), typed(name), schema.Opt("object", schema.Literal("block"))}
	if lax {
		return schema.Loose(fields...)
	}
	return schema.Object(fields...)
}

func payload(name string, depth int, types []string, lax bool) schema.Type {
	richText := schema.Ref("rich_text")
	row := schema.Object(schema.Req("cells", schema.Array(richText, 100)))
	color := schema.Opt("color", schema.String())
	switch name {
	case "image":
		return schema.Union(schema.Loose(schema.Req("external", schema.Object(schema.Req("url", schema.String().Max(2000)))), typed("external")))
	case "code":
		return schema.Loose(schema.Req("rich_text", richText),
			schema.Req("language", schema.Literal("abap", "bash", "plain text", "python")), schema.Opt("caption", richText))
	case "table_row":
		return row
	case "table":
		return schema.Object(schema.Req("table_width", schema.Number()),
			schema.Req("children", schema.Array(block("table_row", row, lax), 100)),
			schema.Opt("has_column_header", schema.Bool()), schema.Opt("has_row_header", schema.Bool()))
	case "to_do":
		return schema.Loose(schema.Req("rich_text", richText), schema.Opt("checked", schema.Bool()), color)
	case "heading_1", "heading_2", "heading_3", "paragraph", "bulleted_list_item", "numbered_list_item", "quote", "toggle", "callout":
		o := schema.Object(schema.Req("rich_text", richText), color, schema.Opt("icon", schema.Loose()))
		if depth > 0 {
			o.Add(schema.Opt("children", schema.Array(blocks(depth-1, types, lax), 100)))
		}
		return o
	}
	return schema.Loose()
}

func definePages(s *schema.Set) {
	parent := func(key string) *schema.ObjectType {
		return schema.Object(schema.Req(key, schema.UUID()), typed(key))
	}
	s.Define("icon", schema.Union(
		schema.Object(schema.Req("emoji", schema.Literal("😀", "😃")), typed("emoji")),
		schema.Object(schema.Req("external", schema.Object(schema.Req("url", schema.String()))), typed("external"))))
	s.Define("title", schema.Object(schema.Req("title", schema.Ref("rich_text")), typed("title")))
	s.Define("properties", schema.Union(schema.Map(wrapped()), schema.Map(shorthand())))
	rest := []schema.Field{schema.Opt("icon", schema.Ref("icon")), schema.Opt("children", schema.Ref("children26"))}
	s.Define("page22", schema.Union(
		schema.Object(schema.Req("parent", parent("database_id")), schema.Req("properties", schema.Ref("properties"))).Add(rest...),
		schema.Object(schema.Req("parent", parent("page_id")), schema.Req("properties", schema.Object(
			schema.Opt("title", schema.Union(schema.Ref("title"), schema.Ref("rich_text")))))).Add(rest...)))
	s.Define("page25", schema.Object(
		schema.Opt("parent", schema.Union(parent("page_id"), parent("database_id"), parent("data_source_id"),
			schema.Object(schema.Req("workspace", schema.True()), typed("workspace")))),
		schema.Opt("properties", schema.Ref("properties")),
		schema.Opt("icon", schema.Nullable(schema.Ref("icon")))))
}

func wrapped() *schema.UnionType {
	value := func(key string, t schema.Type) schema.Type { return schema.Object(schema.Req(key, t), typed(key)) }
	id, name := schema.String(), schema.String()
	return schema.Union(
		schema.Ref("title"),
		value("rich_text", schema.Ref("rich_text")),
		value("number", schema.Nullable(schema.Number())),
		value("url", schema.Nullable(schema.String())),
		value("select", schema.Union(
			schema.Object(schema.Req("id", id), schema.Opt("name", name)),
			schema.Object(schema.Req("name", name), schema.Opt("id", id)), schema.Null())),
		value("date", schema.Nullable(schema.Object(schema.Req("start", schema.String())))))
}

func shorthand() *schema.UnionType {
	str := schema.String()
	return schema.Union(schema.Ref("rich_text"), schema.Number(), schema.Null(), str,
		schema.Object(schema.Req("id", str), schema.Opt("name", str), schema.Opt("color", str)),
		schema.Object(schema.Req("name", str), schema.Opt("id", str), schema.Opt("color", str)),
		schema.Object(schema.Req("start", str), schema.Opt("end", str)),
		schema.Object(schema.Req("lat", schema.Number()), schema.Req("lon", schema.Number())),
		schema.Object(schema.Req("state", str)), schema.Bool())
}

func propertySchema() *schema.UnionType {
	u := schema.Union()
	for _, kind := range strings.Fields("number formula select multi_select status rollup title rich_text url people files email phone_number date checkbox created_by created_time last_edited_by last_edited_time unique_id") {
		u.Add(schema.Loose(schema.Req(kind, schema.Loose())))
	}
	return u.Add(
		schema.Loose(schema.Req("relation", schema.Union(
			schema.Loose(schema.Req("single_property", schema.Loose())),
			schema.Loose(schema.Req("dual_property", schema.Loose()))))),
		schema.Null(), schema.Object(schema.Req("name", schema.String())))
}

type modelCase struct{ name, schema, request, want string }

func modelCases(t testing.TB) []modelCase {
	t.Helper()
	data, err := os.ReadFile("testdata/model.txt")
	if err != nil {
		t.Fatal(err)
	}
	var cases []modelCase
	for _, part := range strings.Split(string(data), "\n## ")[1:] {
		lines := strings.SplitN(strings.TrimRight(part, "\n"), "\n", 4)
		if len(lines) != 4 {
			t.Fatalf("a case is not complete: %q", part)
		}
		cases = append(cases, modelCase{lines[0], lines[1], lines[2], lines[3]})
	}
	return cases
}

func TestModel(t *testing.T) {
	s := modelSet()
	cases := modelCases(t)
	if len(cases) < 330 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		if got := refusal(t, s, "body", c.schema, c.request); got != c.want {
			t.Errorf("%s\n%s %s\ngot  %s\nwant %s", c.name, c.schema, c.request, got, c.want)
		}
	}
}

// refusal returns the message for a request, "accepted" when there is none.
func refusal(t testing.TB, s *schema.Set, loc, name, request string) string {
	t.Helper()
	v, err := jsonx.Parse([]byte(request))
	if err != nil {
		t.Fatalf("%s: %v", request, err)
	}
	return messageOf(t, s.Check(loc, name, v))
}

func messageOf(t testing.TB, err error) string {
	t.Helper()
	if err == nil {
		return "accepted"
	}
	var e *apierr.Error
	if !errors.As(err, &e) || e.Code != apierr.ValidationError {
		t.Fatalf("not a validation error: %v", err)
	}
	return e.Message
}
