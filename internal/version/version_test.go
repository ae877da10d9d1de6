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
