package version_test

import (
	"context"
	"testing"

	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/version"
)

func TestParse(t *testing.T) {
	for _, v := range version.All {
		if got, err := version.Parse([]string{string(v)}); err != nil || got != v {
			t.Errorf("Parse(%s) = %s, %v", v, got, err)
		}
	}
	cases := []struct {
		header []string
		want   string
	}{
		{nil, "Notion-Version header failed validation: Notion-Version header should be defined, instead was `undefined`."},
		{[]string{""}, "Notion-Version header failed validation: Notion-Version header should be `\"2021-05-11\"`, `\"2021-05-13\"`, `\"2021-08-16\"`, `\"2022-02-22\"`, `\"2022-06-28\"`, `\"2025-09-03\"`, or `\"2026-03-11\"`, instead was `\"\"`."},
		{[]string{"2022-06-29"}, "Notion-Version header failed validation: Notion-Version header should be `\"2021-05-11\"`, `\"2021-05-13\"`, `\"2021-08-16\"`, `\"2022-02-22\"`, `\"2022-06-28\"`, `\"2025-09-03\"`, or `\"2026-03-11\"`, instead was `\"2022-06-29\"`."},
	}
	for _, c := range cases {
		_, err := version.Parse(c.header)
		e := apierr.From(err)
		if err == nil || e.Code != apierr.MissingVersion || e.Message != c.want {
			t.Errorf("Parse(%q): %v", c.header, err)
		}
	}
}

func TestChangesAreInOrder(t *testing.T) {
	var last version.Version
	for _, c := range version.Changes {
		if c.Since < last {
			t.Errorf("%q of %s stands after one of %s", c.Sentence, c.Since, last)
		}
		last = c.Since
		if c.Sentence == "" || c.Amend == nil && c.Up == nil && c.Down == nil {
			t.Errorf("an empty change at %s", c.Since)
		}
	}
}

// world is a workspace with one block in one page, for the changes that look things up.
type world struct{}

var (
	pageID, _  = notion.ParseID("11111111111141118111111111111111")
	blockID, _ = notion.ParseID("22222222222242228222222222222222")

	databaseID, _ = notion.ParseID("33333333333343338333333333333333")
	sourceID, _   = notion.ParseID("44444444444444448444444444444444")
)

func (world) Block(_ context.Context, id notion.ID, v version.Version) (jsonx.Value, error) {
	return jsonx.ObjectValue(
		jsonx.M("object", jsonx.StringValue("block")),
		jsonx.M("id", jsonx.StringValue(id.String())),
		jsonx.M("version", jsonx.StringValue(string(v))),
	), nil
}

func (world) DataSource(_ context.Context, id notion.ID, v version.Version) (jsonx.Value, error) {
	return jsonx.Parse([]byte(`{"object":"data_source","id":"` + id.String() + `","cover":null,"icon":null,"created_time":"` + string(v) + `",` +
		`"title":[],"description":[],"is_inline":false,"properties":{},"parent":{"type":"database_id","database_id":"` + databaseID.String() + `"},` +
		`"database_parent":{"type":"workspace","workspace":true},"url":"u","public_url":null,"in_trash":false,"archived":false}`))
}

// OnlySource knows one database with one data source.
func (world) OnlySource(_ context.Context, database notion.ID) (notion.ID, error) {
	if database != databaseID {
		return notion.ID{}, apierr.Errorf(apierr.ValidationError, "several")
	}
	return sourceID, nil
}

func (world) PageOf(context.Context, notion.ID) (notion.ID, error) { return pageID, nil }

func TestDown(t *testing.T) {
	const (
		block = `{"object":"block","id":"b","in_trash":true,"type":"to_do","to_do":{"rich_text":[],"checked":false}}`
		list  = `{"object":"list","results":[` + block + `],"next_cursor":null,"has_more":false,"type":"block","block":{}}`
		page  = `{"object":"page","id":"p","parent":{"type":"block_id","block_id":"22222222-2222-4222-8222-222222222222"},"in_trash":false}`
	)
	cases := []struct {
		name, operation, body string
		version               version.Version
		want                  string
	}{
		{"newest", "", list, version.Latest, list},
		{"archived comes last", "", block, version.V20250903,
			`{"object":"block","id":"b","in_trash":true,"type":"to_do","to_do":{"rich_text":[],"checked":false},"archived":true}`},
		{"meeting notes", "", `{"object":"block","type":"meeting_notes","meeting_notes":{"a":1}}`, version.V20250903,
			`{"object":"block","type":"transcription","transcription":{"a":1}}`},
		{"list of both kinds", "", `{"object":"list","type":"page_or_data_source","page_or_data_source":{}}`, version.V20220628,
			`{"object":"list","type":"page_or_database","page_or_database":{}}`},
		{"direct parent", "", page, version.V20220628,
			`{"object":"page","id":"p","parent":{"type":"block_id","block_id":"22222222-2222-4222-8222-222222222222"},"in_trash":false,"archived":false}`},
		{"parent page", "", page, version.V20220222,
			`{"object":"page","id":"p","parent":{"type":"page_id","page_id":"11111111-1111-4111-8111-111111111111"},"in_trash":false,"archived":false}`},
		{"text key and bare list", "", list, version.V20210816,
			`{"object":"list","results":[{"object":"block","id":"b","in_trash":true,"type":"to_do","to_do":{"text":[],"checked":false},"archived":true}],"next_cursor":null,"has_more":false}`},
		{"database of one source", "", `{"object":"database","id":"` + databaseID.String() + `","title":["t"],"description":["d"],` +
			`"parent":{"type":"page_id","page_id":"p"},"is_inline":true,"in_trash":true,"data_sources":[],"icon":{"a":1},"cover":null}`, version.V20220628,
			`{"object":"database","id":"` + databaseID.String() + `","cover":null,"icon":{"a":1},"created_time":"2025-09-03","title":["t"],"description":["d"],` +
				`"is_inline":true,"properties":{},"parent":{"type":"page_id","page_id":"p"},"url":"u","public_url":null,"in_trash":true,"archived":true}`},
		{"database in a list of several", "", `{"object":"list","results":[{"object":"database","id":"` + sourceID.String() + `","data_sources":[]},{"object":"page","id":"p"}]}`,
			version.V20220628, `{"object":"list","results":[{"object":"page","id":"p"}]}`},
		{"database nobody may read", "", `{"object":"database","id":"x"}`, version.V20220628, `{"object":"database","id":"x"}`},
		{"data source in a list", "", `{"object":"list","results":[{"object":"data_source","id":"s","parent":{"type":"database_id","database_id":"d"},` +
			`"database_parent":{"type":"workspace","workspace":true}}]}`, version.V20220628,
			`{"object":"list","results":[{"object":"database","id":"d","parent":{"type":"workspace","workspace":true}}]}`},
		{"row", "", `{"object":"page","id":"p","parent":{"type":"data_source_id","data_source_id":"s","database_id":"d"}}`, version.V20220628,
			`{"object":"page","id":"p","parent":{"type":"database_id","database_id":"d"}}`},
		{"relations", "", `{"object":"database","properties":{"A":{"type":"relation","relation":{"database_id":"d","data_source_id":"s","type":"single_property","single_property":{}}},` +
			`"B":{"type":"relation","relation":{"database_id":"d","data_source_id":"s","type":"dual_property","dual_property":{"synced_property_name":"n","synced_property_id":"%3A"}}}}}`,
			version.V20220222, `{"object":"database","properties":{"A":{"type":"relation","relation":{"database_id":"d"}},` +
				`"B":{"type":"relation","relation":{"database_id":"d","synced_property_name":"n","synced_property_id":"%3A"}}}}`},
		{"ids of properties", "", `{"object":"page","properties":{"A":{"id":"%3AA%5D_","type":"people","people":[]}}}`, version.V20210513,
			`{"object":"page","properties":{"A":{"id":":A]_","type":"people","people":[]}}}`},
		{"id of a property item", "", `{"object":"list","results":[{"object":"property_item","id":"%3A","type":"rich_text","rich_text":{}}],"property_item":{"id":"%3A","type":"rich_text","rich_text":{}}}`,
			version.V20210511, `{"object":"list","results":[{"object":"property_item","id":":","type":"text","text":{}}],"property_item":{"id":":","type":"text","text":{}}}`},
		{"values left out", "", `{"object":"page","properties":{"A":{"type":"number","number":null},"B":{"type":"number","number":0},"C":{"type":"select","select":null},` +
			`"D":{"type":"rollup","rollup":{"type":"number","number":null,"function":"max"}},"E":{"type":"rollup","rollup":{"type":"number","number":0,"function":"sum"}},"F":{"type":"url","url":null}}}`,
			version.V20210513, `{"object":"page","properties":{"B":{"type":"number","number":0},"E":{"type":"rollup","rollup":{"type":"number","number":0,"function":"sum"}},"F":{"type":"url","url":null}}}`},
		{"elements of a rollup", "", `{"object":"page","properties":{"A":{"type":"rollup","rollup":{"type":"array","array":[{"type":"people","people":[]},{"type":"number","number":1}],"function":"show_original"}}}}`,
			version.V20210513, `{"object":"page","properties":{"A":{"type":"rollup","rollup":{"type":"array","array":[{"type":"person","person":[]},{"type":"number","number":1}],"function":"show_original"}}}}`},
		{"text properties", "", `{"object":"database","properties":{"A":{"id":"a","type":"rich_text","rich_text":{}}}}`, version.V20210511,
			`{"object":"database","properties":{"A":{"id":"a","type":"text","text":{}}}}`},
		{"append answers children", "append_block_children", `{"object":"list","results":[]}`, version.V20210816,
			`{"object":"list","results":[]}`},
		{"append answered the parent", "append_block_children", `{"object":"list","results":[]}`, version.V20210513,
			`{"object":"block","id":"22222222-2222-4222-8222-222222222222","version":"2021-08-16"}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			body, err := jsonx.Parse([]byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			r := version.Response{Context: t.Context(), Operation: c.operation, Target: blockID, Body: body, Lookup: world{}}
			if err := c.version.Down(&r); err != nil {
				t.Fatal(err)
			}
			if got := r.Body.String(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestUp(t *testing.T) {
	cases := []struct {
		name, operation, body string
		version               version.Version
		want                  string // "" when refused
	}{
		{"newest", "append_block_children", `{"after":"x"}`, version.Latest, `{"after":"x"}`},
		{"after", "append_block_children", `{"after":"x","children":[]}`, version.V20250903,
			`{"children":[],"position":{"type":"after_block","after_block":{"id":"x"}}}`},
		{"after and position", "append_block_children", `{"after":"x","position":{"type":"start"}}`, version.V20250903, ""},
		{"archived", "update_page", `{"archived":true}`, version.V20250903, `{"in_trash":true}`},
		{"in_trash wins", "update_page", `{"archived":true,"in_trash":false}`, version.V20250903, `{"in_trash":false}`},
		{"database", "create_database", `{"properties":{"A":{"relation":{"database_id":"` + databaseID.Compact() + `","single_property":{}}}}}`, version.V20220628,
			`{"initial_data_source":{"properties":{"A":{"relation":{"database_id":"` + databaseID.Compact() + `","single_property":{},"data_source_id":"` + sourceID.String() + `"}}}}}`},
		{"relation to a database of several", "create_database", `{"properties":{"A":{"relation":{"database_id":"` + blockID.String() + `","single_property":{}}}}}`, version.V20220628, ""},
		{"relation to nothing", "update_database", `{"properties":{"A":{"relation":{"single_property":{}}}}}`, version.V20220628, ""},
		{"schema", "update_database", `{"title":[],"properties":{"A":null}}`, version.V20220628, `{"title":[],"as_source":{"properties":{"A":null}}}`},
		{"row", "create_page", `{"parent":{"database_id":"` + databaseID.String() + `"}}`, version.V20220628, `{"parent":{"data_source_id":"` + sourceID.String() + `"}}`},
		{"row of a database of several", "create_page", `{"parent":{"database_id":"` + blockID.String() + `"}}`, version.V20220628, ""},
		{"row at a version that has data sources", "create_page", `{"parent":{"database_id":"x"}}`, version.V20250903, `{"parent":{"database_id":"x"}}`},
		{"two sides", "update_database", `{"properties":{"A":{"relation":{"database_id":"` + databaseID.String() + `","synced_property_name":"n"}}}}`, version.V20220222,
			`{"as_source":{"properties":{"A":{"relation":{"database_id":"` + databaseID.String() + `","dual_property":{"synced_property_name":"n"},"data_source_id":"` + sourceID.String() + `"}}}}}`},
		{"related pages", "update_page", `{"properties":{"A":{"relation":[{"id":"x"}]}}}`, version.V20210511, `{"properties":{"A":{"relation":[{"id":"x"}]}}}`},
		{"text property", "update_page", `{"properties":{"A":{"type":"text","text":[]},"B":{"title":[{"text":{"content":"x"}}]}}}`, version.V20210511,
			`{"properties":{"A":{"type":"rich_text","rich_text":[]},"B":{"title":[{"text":{"content":"x"}}]}}}`},
		{"text in nested blocks", "append_block_children",
			`{"children":[{"toggle":{"text":[{"text":{"content":"a"}}],"children":[{"quote":{"text":[]}}]}}]}`, version.V20210816,
			`{"children":[{"toggle":{"rich_text":[{"text":{"content":"a"}}],"children":[{"quote":{"rich_text":[]}}]}}]}`},
		{"text of an updated block", "update_block", `{"paragraph":{"text":[]}}`, version.V20210816, `{"paragraph":{"rich_text":[]}}`},
		{"text at a version that has rich_text", "update_block", `{"paragraph":{"text":[]}}`, version.V20220222, `{"paragraph":{"text":[]}}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			body, err := jsonx.Parse([]byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			r := version.Request{Context: t.Context(), Operation: c.operation, Body: body, Lookup: world{}}
			err = c.version.Up(&r)
			if c.want == "" {
				if apierr.From(err).Code != apierr.ValidationError {
					t.Fatalf("not refused: %v, %s", err, r.Body)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Body.String(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
