package block_test

import (
	"errors"
	"strings"
	"testing"

	"octavo/internal/apierr"
	"octavo/internal/block"
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/notion"
)

const (
	id     = "11111111-1111-4111-8111-111111111111"
	noDash = "11111111111141118111111111111111"
	upload = "22222222-2222-4222-8222-222222222222"

	plain  = `"annotations":{"bold":false,"italic":false,"strikethrough":false,"underline":false,"code":false,"color":"default"}`
	stored = `[{"type":"text","text":{"content":"a","link":null},` + plain + `,"plain_text":"a","href":null}]`
	sent   = `[{"text":{"content":"a"}}]`
)

func parse(t testing.TB, text string) jsonx.Value {
	t.Helper()
	v, err := jsonx.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// message is the message of a validation_error.
func message(t testing.TB, err error) string {
	t.Helper()
	var e *apierr.Error
	if !errors.As(err, &e) || e.Code != apierr.ValidationError {
		t.Fatalf("%v is not a validation_error", err)
	}
	return e.Message
}

// payloads are blocks of every type, as they are sent with as little as the API wants and
// with everything it takes, and as they are stored.
var payloads = []struct{ typ, sent, want string }{
	{"paragraph", `{"rich_text":[]}`, `{"rich_text":[],"icon":null,"color":"default"}`},
	{"paragraph", `{"rich_text":` + sent + `,"color":"red","icon":{"emoji":"🎉"},"children":[]}`,
		`{"rich_text":` + stored + `,"icon":{"type":"emoji","emoji":"🎉"},"color":"red"}`},
	{"heading_1", `{"rich_text":` + sent + `}`, `{"rich_text":` + stored + `,"is_toggleable":false,"color":"default"}`},
	{"heading_2", `{"rich_text":[],"is_toggleable":true,"color":"default_background"}`, `{"rich_text":[],"is_toggleable":true,"color":"default"}`},
	{"heading_3", `{"rich_text":[]}`, `{"rich_text":[],"is_toggleable":false,"color":"default"}`},
	{"heading_4", `{"rich_text":[],"children":[]}`, `{"rich_text":[],"is_toggleable":false,"color":"default"}`},
	{"heading_4", `{"rich_text":[],"children":[{"divider":{}}]}`, `{"rich_text":[],"is_toggleable":true,"color":"default"}`},
	{"bulleted_list_item", `{"rich_text":[]}`, `{"rich_text":[],"color":"default"}`},
	{"numbered_list_item", `{"rich_text":[],"color":"blue_background"}`, `{"rich_text":[],"color":"blue_background"}`},
	{"quote", `{"rich_text":[]}`, `{"rich_text":[],"color":"default"}`},
	{"toggle", `{"rich_text":[]}`, `{"rich_text":[],"color":"default"}`},
	{"to_do", `{"rich_text":[]}`, `{"rich_text":[],"checked":false,"color":"default"}`},
	{"to_do", `{"rich_text":[],"checked":true}`, `{"rich_text":[],"checked":true,"color":"default"}`},
	{"template", `{"rich_text":[]}`, `{"rich_text":[]}`},
	{"callout", `{"rich_text":[]}`, `{"rich_text":[],"icon":{"type":"emoji","emoji":"💡"},"color":"default"}`},
	{"callout", `{"rich_text":[],"icon":{"external":{"url":"https://www.notion.so/icons/snake_purple.svg"}},"color":"gray_background"}`,
		`{"rich_text":[],"icon":{"type":"icon","icon":{"name":"snake","color":"purple"}},"color":"gray_background"}`},
	{"code", `{"rich_text":` + sent + `,"language":"go"}`, `{"caption":[],"rich_text":` + stored + `,"language":"go"}`},
	{"code", `{"rich_text":[],"language":"plain text","caption":` + sent + `}`, `{"caption":` + stored + `,"rich_text":[],"language":"plain text"}`},
	{"equation", `{"expression":"e=mc^2"}`, `{"expression":"e=mc^2"}`},
	{"divider", `{}`, `{}`},
	{"breadcrumb", `{}`, `{}`},
	{"table_of_contents", `{}`, `{"color":"default"}`},
	{"table_of_contents", `{"color":"gray"}`, `{"color":"gray"}`},
	{"bookmark", `{"url":"https://example.com"}`, `{"caption":[],"url":"https://example.com"}`},
	{"embed", `{"url":"https://example.com/x","caption":` + sent + `}`, `{"caption":` + stored + `,"url":"https://example.com/x"}`},
	{"image", `{"external":{"url":"https://example.com/a.png"}}`,
		`{"caption":[],"type":"external","external":{"url":"https://example.com/a.png"}}`},
	{"video", `{"type":"external","external":{"url":"https://example.com/a.mp4"},"caption":` + sent + `}`,
		`{"caption":` + stored + `,"type":"external","external":{"url":"https://example.com/a.mp4"}}`},
	{"pdf", `{"file_upload":{"id":"` + upload + `"}}`, `{"caption":[],"type":"file_upload","file_upload":{"id":"` + upload + `"}}`},
	{"audio", `{"file_upload":{"id":"22222222222242228222222222222222"},"type":"file_upload"}`,
		`{"caption":[],"type":"file_upload","file_upload":{"id":"` + upload + `"}}`},
	{"file", `{"external":{"url":"https://example.com/d/robots.txt?v=1"}}`,
		`{"caption":[],"type":"external","external":{"url":"https://example.com/d/robots.txt?v=1"},"name":"robots.txt"}`},
	{"file", `{"external":{"url":"https://example.com/a.txt"},"name":"b"}`,
		`{"caption":[],"type":"external","external":{"url":"https://example.com/a.txt"},"name":"b"}`},
	{"file", `{"file_upload":{"id":"` + upload + `"}}`, `{"caption":[],"type":"file_upload","file_upload":{"id":"` + upload + `"},"name":""}`},
	{"link_to_page", `{"page_id":"` + noDash + `"}`, `{"type":"page_id","page_id":"` + id + `"}`},
	{"link_to_page", `{"type":"database_id","database_id":"` + id + `"}`, `{"type":"database_id","database_id":"` + id + `"}`},
	{"link_to_page", `{"comment_id":"` + id + `"}`, `{"type":"comment_id","comment_id":"` + id + `"}`},
	{"synced_block", `{"synced_from":null,"children":[{"divider":{}}]}`, `{"synced_from":null}`},
	{"synced_block", `{"synced_from":{"block_id":"` + noDash + `"},"children":[]}`, `{"synced_from":{"type":"block_id","block_id":"` + id + `"}}`},
	{"table_row", `{"cells":[]}`, `{"cells":[]}`},
	{"table", `{"table_width":2,"children":[{"table_row":{"cells":[[],` + sent + `]}}]}`,
		`{"table_width":2,"has_column_header":false,"has_row_header":false}`},
	{"table", `{"table_width":1,"has_row_header":true,"has_column_header":true,"children":[{"type":"table_row","object":"block","table_row":{"cells":[[]]}}]}`,
		`{"table_width":1,"has_column_header":true,"has_row_header":true}`},
	{"column_list", `{"children":[{"column":{"children":[]}},{"column":{"children":[{"divider":{}}],"width_ratio":0.25}}]}`, `{}`},
	{"column", `{"children":[]}`, `{}`},
	{"column", `{"children":[],"width_ratio":0.33333333333333337}`, `{"width_ratio":0.33333333333333337}`},
	{"tab", `{"children":[{"paragraph":{"rich_text":` + sent + `,"icon":{"emoji":"🎉"},"children":[{"divider":{}}]}}]}`, `{}`},
}

func TestPayloads(t *testing.T) {
	set := requests()
	made := map[string]bool{}
	for _, c := range payloads {
		body := parse(t, `{"children":[{"object":"block","type":"`+c.typ+`","`+c.typ+`":`+c.sent+`}]}`)
		if err := set.Check("body", "append", body); err != nil {
			t.Errorf("%s %s: %v", c.typ, c.sent, err)
			continue
		}
		n, err := block.Decode(body.Get("children").Items()[0])
		if err != nil {
			t.Errorf("%s %s: %v", c.typ, c.sent, err)
			continue
		}
		if n.Type != c.typ || string(n.Payload) != c.want {
			t.Errorf("%s %s\ngot  %s %s\nwant %s", c.typ, c.sent, n.Type, n.Payload, c.want)
		}
		made[c.typ] = true
	}
	for _, typ := range block.Types {
		if typ.Creatable() && !made[typ.Name] {
			t.Errorf("no case makes a %s", typ.Name)
		}
	}
}

func TestChildren(t *testing.T) {
	tree, err := block.DecodeAll(parse(t, `[
		{"toggle":{"rich_text":[],"children":[{"quote":{"rich_text":[],"children":[{"divider":{}}]}},{"divider":{}}]}},
		{"table":{"table_width":1,"children":[{"table_row":{"cells":[`+sent+`]}}]}},
		{"column_list":{"children":[{"column":{"children":[{"toggle":{"rich_text":[],"children":[{"divider":{}}]}}]}},{"column":{"children":[]}}]}},
		{"tab":{"children":[{"paragraph":{"rich_text":[],"children":[{"divider":{}}]}}]}}]`), block.MaxBlocks)
	if err != nil {
		t.Fatal(err)
	}
	var walk func(level []*block.New) string
	walk = func(level []*block.New) string {
		var all []string
		for _, n := range level {
			s := n.Type
			if len(n.Children) > 0 {
				s += "(" + walk(n.Children) + ")"
			}
			all = append(all, s)
		}
		return strings.Join(all, " ")
	}
	const want = "toggle(quote(divider) divider) table(table_row) column_list(column(toggle(divider)) column) tab(paragraph(divider))"
	if got := walk(tree); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if n := block.Count(tree); n != 14 {
		t.Errorf("%d blocks, want 14", n)
	}
	if got := string(tree[1].Children[0].Payload); got != `{"cells":[`+stored+`]}` {
		t.Errorf("row: %s", got)
	}
	if none, err := block.DecodeAll(jsonx.Value{}, block.MaxBlocks); none != nil || err != nil {
		t.Errorf("no children: %v, %v", none, err)
	}
}

func TestTooManyBlocks(t *testing.T) {
	build := func(n int) jsonx.Value {
		hundred := `{"divider":{}}` + strings.Repeat(`,{"divider":{}}`, 98)
		parts := make([]string, n)
		for i := range parts {
			parts[i] = `{"toggle":{"rich_text":[],"children":[` + hundred + `]}}`
		}
		return parse(t, "["+strings.Join(parts, ",")+"]")
	}
	tree, err := block.DecodeAll(build(10), block.MaxBlocks)
	if err != nil || block.Count(tree) != block.MaxBlocks {
		t.Errorf("%d blocks: %v", block.Count(tree), err)
	}
	_, err = block.DecodeAll(build(11), block.MaxBlocks)
	if got := message(t, err); got != "One request can create at most 1000 blocks." {
		t.Error(got)
	}
}

// TestRefusals are requests that the schema takes and the meaning forbids.
func TestRefusals(t *testing.T) {
	const width = "Content creation Failed. Fix the following: \nNumber of cells in table row must match the table width of the parent table"
	cases := []struct{ sent, want string }{
		{`{"table":{"table_width":2,"children":[{"table_row":{"cells":[[]]}}]}}`, width},
		{`{"table":{"table_width":1,"children":[{"table_row":{"cells":[[]]}},{"table_row":{"cells":[[],[]]}}]}}`, width},
		{`{"table":{"table_width":1.5,"children":[{"table_row":{"cells":[[]]}}]}}`, "The `table_width` of a table is a whole number, not 1.5."},
		{`{"table_row":{"cells":[[]]}}`, "accepted"}, // where it goes is for CanHold to say
		{`{"toggle":{"rich_text":[],"children":[{"table_row":{"cells":[]}}]}}`,
			"Blocks of type table_row can only be children of a block of type table, not of toggle."},
		{`{"heading_1":{"rich_text":[],"is_toggleable":false,"children":[{"divider":{}}]}}`,
			"Blocks of type heading_1 can only have children when `is_toggleable` is true."},
		{`{"synced_block":{"synced_from":{"block_id":"` + id + `"},"children":[{"divider":{}}]}}`,
			"A synced block that is a copy cannot have children of its own; add them to the original."},
		{`{"column_list":{"children":[{"column":{"children":[]}},{"column":{"children":[],"width_ratio":0}}]}}`,
			"The `width_ratio` of a column is greater than 0."},
		{`{"ai_block":{}}`, "Block type ai_block is not supported via the API."},
		{`{"meeting_notes":{"anything":1}}`, "Block type meeting_notes is not supported via the API."},
		{`{"toggle":{"rich_text":[],"children":[{"custom_block":{}}]}}`, "Block type custom_block is not supported via the API."},
		{`{"bookmark":{"url":"example"}}`, "Content creation Failed. Fix the following: \nInvalid URL for link."},
		{`{"embed":{"url":""}}`, "Content creation Failed. Fix the following: \nInvalid URL for link."},
		{`{"image":{"external":{"url":"a.png"}}}`, "Content creation Failed. Fix the following: \nInvalid image url."},
		{`{"pdf":{"external":{"url":"mailto:a@example.com"}}}`, "Content creation Failed. Fix the following: \nInvalid pdf url."},
		{`{"quote":{"rich_text":[{"text":{"content":"a","link":{"url":"nowhere"}}}]}}`,
			"Content creation Failed. Fix the following: \nInvalid URL for link."},
		{`{"code":{"rich_text":[],"language":"go","caption":[{"text":{"content":"a","link":{"url":"nowhere"}}}]}}`,
			"Content creation Failed. Fix the following: \nInvalid URL for link."},
		{`{"callout":{"rich_text":[],"icon":{"external":{"url":"nowhere"}}}}`, "Content creation Failed. Fix the following: \nInvalid image url."},
	}
	set := requests()
	for _, c := range cases {
		body := parse(t, `{"children":[`+c.sent+`]}`)
		if err := set.Check("body", "append", body); err != nil {
			t.Errorf("%s: %v", c.sent, err)
			continue
		}
		_, err := block.DecodeAll(body.Get("children"), block.MaxBlocks)
		if c.want == "accepted" {
			if err != nil {
				t.Errorf("%s: %v", c.sent, err)
			}
			continue
		}
		if err == nil {
			t.Errorf("%s is accepted", c.sent)
		} else if got := message(t, err); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.sent, got, c.want)
		}
	}
}

func TestUpdate(t *testing.T) {
	const (
		paragraph = `{"rich_text":` + stored + `,"icon":null,"color":"red"}`
		heading   = `{"rich_text":` + stored + `,"is_toggleable":true,"color":"default"}`
		file      = `{"caption":[],"type":"external","external":{"url":"https://example.com/a.txt"},"name":"a.txt"}`
		row       = `{"cells":[[],[]]}`
		original  = `{"synced_from":null}`
		copied    = `{"synced_from":{"type":"block_id","block_id":"` + id + `"}}`
		mention   = `[{"mention":{"page":{"id":"` + id + `"}}}]`
	)
	cases := []struct {
		typ, old, patch string
		want            string // the new payload, or the refusal
	}{
		{"paragraph", paragraph, `{"color":"blue"}`, `{"rich_text":` + stored + `,"icon":null,"color":"blue"}`},
		{"paragraph", paragraph, `{"rich_text":[]}`, `{"rich_text":[],"icon":null,"color":"red"}`},
		{"paragraph", paragraph, `{"icon":{"emoji":"🎉"},"children":[]}`,
			`{"rich_text":` + stored + `,"icon":{"type":"emoji","emoji":"🎉"},"color":"red"}`},
		{"paragraph", paragraph, `{}`, paragraph},
		{"heading_1", heading, `{"rich_text":[]}`, `{"rich_text":[],"is_toggleable":true,"color":"default"}`},
		{"heading_1", heading, `{"rich_text":[],"is_toggleable":false}`, `{"rich_text":[],"is_toggleable":false,"color":"default"}`},
		{"to_do", `{"rich_text":[],"checked":false,"color":"default"}`, `{"checked":true}`, `{"rich_text":[],"checked":true,"color":"default"}`},
		{"code", `{"caption":[],"rich_text":[],"language":"go"}`, `{"language":"rust"}`, `{"caption":[],"rich_text":[],"language":"rust"}`},
		{"bookmark", `{"caption":[],"url":"https://a.example"}`, `{"caption":` + sent + `}`, `{"caption":` + stored + `,"url":"https://a.example"}`},
		{"embed", `{"caption":[],"url":"https://a.example"}`, `{"url":"https://b.example"}`, `{"caption":[],"url":"https://b.example"}`},
		{"embed", `{"caption":[],"url":"https://a.example"}`, `{"url":"b"}`, "Content creation Failed. Fix the following: \nInvalid URL for link."},
		{"equation", `{"expression":"a"}`, `{"expression":"b"}`, `{"expression":"b"}`},
		{"divider", `{}`, `{}`, `{}`},
		{"table_of_contents", `{"color":"default"}`, `{"color":"gray"}`, `{"color":"gray"}`},
		{"link_to_page", `{"type":"page_id","page_id":"` + upload + `"}`, `{"database_id":"` + id + `"}`, `{"type":"database_id","database_id":"` + id + `"}`},
		{"image", `{"caption":` + stored + `,"type":"external","external":{"url":"https://a.example/a.png"}}`, `{"external":{"url":"https://b.example/b.png"}}`,
			`{"caption":` + stored + `,"type":"external","external":{"url":"https://b.example/b.png"}}`},
		{"image", `{"caption":[],"type":"external","external":{"url":"https://a.example/a.png"}}`, `{"caption":` + sent + `}`,
			`{"caption":` + stored + `,"type":"external","external":{"url":"https://a.example/a.png"}}`},
		{"image", `{"caption":[],"type":"external","external":{"url":"https://a.example/a.png"}}`, `{"file_upload":{"id":"` + upload + `"}}`,
			`{"caption":[],"type":"file_upload","file_upload":{"id":"` + upload + `"}}`},
		{"image", `{"caption":[],"type":"external","external":{"url":"https://a.example/a.png"}}`,
			`{"external":{"url":"https://b.example"},"file_upload":{"id":"` + upload + `"}}`,
			"Provide either `external` or `file_upload`, not both."},
		{"file", file, `{"name":"my_robot"}`, strings.Replace(file, `"name":"a.txt"`, `"name":"my_robot.txt"`, 1)},
		{"file", file, `{"name":"my.robot"}`, strings.Replace(file, `"name":"a.txt"`, `"name":"my.robot"`, 1)},
		{"file", file, `{"name":""}`, file},
		{"file", file, `{"caption":[]}`, file},
		{"file", file, `{"external":{"url":"https://example.com/b.pdf"},"name":"c"}`,
			`{"caption":[],"type":"external","external":{"url":"https://example.com/b.pdf"},"name":"c.pdf"}`},
		{"file", file, `{"external":{"url":"https://example.com/b.pdf"}}`,
			`{"caption":[],"type":"external","external":{"url":"https://example.com/b.pdf"},"name":"a.txt"}`},
		{"table", `{"table_width":2,"has_column_header":false,"has_row_header":false}`, `{"has_row_header":true}`,
			`{"table_width":2,"has_column_header":false,"has_row_header":true}`},
		{"table_row", row, `{"cells":[` + sent + `,[]]}`, `{"cells":[` + stored + `,[]]}`},
		{"table_row", row, `{"cells":[[]]}`,
			"Content creation Failed. Fix the following: \nNumber of cells in table row must match the table width of the parent table"},
		{"column", `{}`, `{"width_ratio":0.5}`, `{"width_ratio":0.5}`},
		{"column", `{"width_ratio":0.5}`, `{"width_ratio":0}`, "The `width_ratio` of a column is greater than 0."},
		{"synced_block", original, `{"synced_from":null}`, original},
		{"synced_block", copied, `{"synced_from":{"block_id":"` + noDash + `"}}`, copied},
		{"synced_block", original, `{"synced_from":{"block_id":"` + id + `"}}`,
			"The `synced_from` of a synced block cannot be changed. Create another block instead."},
		{"synced_block", copied, `{"synced_from":null}`, "The `synced_from` of a synced block cannot be changed. Create another block instead."},
		{"tab", `{}`, `{"children":[]}`, `{}`},
	}
	set := requests()
	for _, c := range cases {
		body := parse(t, `{"`+c.typ+`":`+c.patch+`}`)
		if err := set.Check("body", "update_block", body); err != nil {
			t.Errorf("%s %s: %v", c.typ, c.patch, err)
			continue
		}
		name, patch := block.UpdateKey(body)
		if name != c.typ {
			t.Errorf("the key of %s is %q", body, name)
		}
		n, err := block.Update(name, []byte(c.old), patch, false)
		if err != nil {
			if got := message(t, err); got != c.want {
				t.Errorf("%s %s %s\ngot  %s\nwant %s", c.typ, c.old, c.patch, got, c.want)
			}
			continue
		}
		if string(n.Payload) != c.want || n.Dynamic != strings.Contains(c.want, `"file_upload"`) {
			t.Errorf("%s %s %s\ngot  %s, dynamic %v\nwant %s", c.typ, c.old, c.patch, n.Payload, n.Dynamic, c.want)
		}
	}
	t.Run("children", func(t *testing.T) {
		_, err := block.Update("heading_1", []byte(heading), parse(t, `{"rich_text":[],"is_toggleable":false}`), true)
		if got := message(t, err); got != "`is_toggleable` cannot be false while the heading has children. Remove them first." {
			t.Error(got)
		}
		if _, err := block.Update("heading_1", []byte(heading), parse(t, `{"rich_text":[]}`), true); err != nil {
			t.Error(err)
		}
	})
	t.Run("dynamic", func(t *testing.T) {
		n, err := block.Update("paragraph", []byte(paragraph), parse(t, `{"rich_text":`+mention+`}`), false)
		if err != nil || !n.Dynamic {
			t.Fatalf("a mention does not make the block dynamic: %v", err)
		}
		if n, err = block.Update("paragraph", n.Payload, parse(t, `{"color":"red"}`), false); err != nil || !n.Dynamic {
			t.Errorf("a mention that stays is forgotten: %v", err)
		}
		if n, err = block.Update("paragraph", n.Payload, parse(t, `{"rich_text":[]}`), false); err != nil || n.Dynamic {
			t.Errorf("a mention that goes is not: %v", err)
		}
	})
	t.Run("not updatable", func(t *testing.T) {
		for _, name := range []string{"column_list", "child_page", "child_database", "unsupported", "no_such_type"} {
			_, err := block.Update(name, []byte(`{}`), parse(t, `{}`), false)
			if got := message(t, err); got != "Blocks of type "+name+" cannot be updated via the API." {
				t.Error(got)
			}
		}
	})
	t.Run("no key", func(t *testing.T) {
		if name, patch := block.UpdateKey(parse(t, `{"in_trash":true}`)); name != "" || patch.Defined() {
			t.Errorf("got %q %s", name, patch)
		}
	})
}

func TestUploadsAreNamed(t *testing.T) {
	want, _ := notion.ParseID(upload)
	for sent, as := range map[string]media.Slot{
		`{"image":{"file_upload":{"id":"` + upload + `"}}}`:                           media.AsImage,
		`{"video":{"file_upload":{"id":"` + upload + `"}}}`:                           media.AsVideo,
		`{"audio":{"file_upload":{"id":"` + upload + `"}}}`:                           media.AsAudio,
		`{"pdf":{"file_upload":{"id":"` + upload + `"}}}`:                             media.AsPDF,
		`{"file":{"file_upload":{"id":"` + upload + `"},"name":"x"}}`:                 media.AsFile,
		`{"embed":{"file_upload":{"id":"` + upload + `"},"type":"file_upload"}}`:      media.AsEmbed,
		`{"callout":{"rich_text":[],"icon":{"file_upload":{"id":"` + upload + `"}}}}`: media.AsIcon,
	} {
		n, err := block.Decode(parse(t, sent))
		if err != nil {
			t.Fatal(err)
		}
		if len(n.Uploads) != 1 || n.Uploads[0] != (media.Use{Upload: want, As: as}) || !n.Dynamic {
			t.Errorf("%s: uploads %v, dynamic %v", sent, n.Uploads, n.Dynamic)
		}
	}
	n, err := block.Update("image", []byte(`{"caption":[],"type":"external","external":{"url":"https://a.example"}}`),
		parse(t, `{"file_upload":{"id":"`+upload+`"}}`), false)
	if err != nil || len(n.Uploads) != 1 || n.Uploads[0].Upload != want || !n.Dynamic {
		t.Errorf("update: %+v, %v", n, err)
	}
	n, err = block.Update("image", n.Payload, parse(t, `{"caption":[]}`), false)
	if err != nil || len(n.Uploads) != 0 || !n.Dynamic {
		t.Errorf("an upload that was there before is named, or forgotten: %+v, %v", n, err)
	}
}

func TestEmbedsOfUploads(t *testing.T) {
	const uploaded = `{"caption":[],"type":"file_upload","file_upload":{"id":"` + upload + `"},"url":""}`
	n, err := block.Decode(parse(t, `{"embed":{"file_upload":{"id":"`+upload+`"}}}`))
	if err != nil || string(n.Payload) != uploaded {
		t.Errorf("made: %+v, %v", n, err)
	}
	n, err = block.Update("embed", n.Payload, parse(t, `{"caption":[]}`), false)
	if err != nil || string(n.Payload) != uploaded || !n.Dynamic {
		t.Errorf("its caption changed: %+v, %v", n, err)
	}
	n, err = block.Update("embed", n.Payload, parse(t, `{"url":"https://a.example"}`), false)
	if err != nil || string(n.Payload) != `{"caption":[],"url":"https://a.example"}` || n.Dynamic {
		t.Errorf("its address changed: %+v, %v", n, err)
	}
	n, err = block.Update("embed", n.Payload, parse(t, `{"file_upload":{"id":"`+upload+`"}}`), false)
	if err != nil || string(n.Payload) != uploaded || len(n.Uploads) != 1 {
		t.Errorf("its address became an upload: %+v, %v", n, err)
	}
	_, err = block.Update("embed", n.Payload, parse(t, `{"url":"https://a.example","file_upload":{"id":"`+upload+`"}}`), false)
	if err == nil || message(t, err) != "Provide either `url` or `file_upload`, not both." {
		t.Errorf("both: %v", err)
	}
}

func TestCanHold(t *testing.T) {
	const (
		toggle = `{"rich_text":[],"is_toggleable":true,"color":"default"}`
		static = `{"rich_text":[],"is_toggleable":false,"color":"default"}`
		copied = `{"synced_from":{"type":"block_id","block_id":"` + id + `"}}`
	)
	cases := []struct{ parent, payload, child, want string }{
		{"child_page", `{"title":""}`, "paragraph", ""},
		{"child_page", `{"title":""}`, "column_list", ""},
		{"child_page", `{"title":""}`, "table", ""},
		{"child_page", `{"title":""}`, "child_page", ""},
		{"child_page", `{"title":""}`, "table_row", "Blocks of type table_row can only be children of a block of type table, not of child_page."},
		{"child_page", `{"title":""}`, "column", "Blocks of type column can only be children of a block of type column_list, not of child_page."},
		{"child_database", `{"title":""}`, "paragraph", "Blocks of type child_database cannot have children."},
		{"divider", `{}`, "paragraph", "Blocks of type divider cannot have children."},
		{"no_such_type", `{}`, "paragraph", "Blocks of type no_such_type cannot have children."},
		{"toggle", `{}`, "table", ""},
		{"heading_1", toggle, "divider", ""},
		{"heading_1", static, "divider", "Blocks of type heading_1 can only have children when `is_toggleable` is true."},
		{"table", `{"table_width":1}`, "table_row", ""},
		{"table", `{"table_width":1}`, "divider", "Blocks of type table can only have children of type table_row, not divider."},
		{"column_list", `{}`, "column", ""},
		{"column_list", `{}`, "divider", "Blocks of type column_list can only have children of type column, not divider."},
		{"column", `{}`, "divider", ""},
		{"column", `{}`, "column", "Blocks of type column can only be children of a block of type column_list, not of column."},
		{"tab", `{}`, "paragraph", ""},
		{"tab", `{}`, "quote", "Blocks of type tab can only have children of type paragraph, not quote."},
		{"synced_block", `{"synced_from":null}`, "divider", ""},
		{"synced_block", copied, "divider", "A synced block that is a copy cannot have children of its own; add them to the original."},
	}
	for _, c := range cases {
		err := block.CanHold(c.parent, []byte(c.payload), c.child)
		switch {
		case err == nil && c.want != "":
			t.Errorf("%s in %s %s is accepted", c.child, c.parent, c.payload)
		case err != nil && message(t, err) != c.want:
			t.Errorf("%s in %s %s\ngot  %v\nwant %s", c.child, c.parent, c.payload, err, c.want)
		}
	}
}

func TestCanTake(t *testing.T) {
	row, err := block.Decode(parse(t, `{"table_row":{"cells":[[],[]]}}`))
	if err != nil {
		t.Fatal(err)
	}
	other, err := block.Decode(parse(t, `{"divider":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := block.CanTake("table", []byte(`{"table_width":2}`), []*block.New{row, row}); err != nil {
		t.Error(err)
	}
	if err := block.CanTake("toggle", []byte(`{}`), []*block.New{other}); err != nil {
		t.Error(err)
	}
	err = block.CanTake("toggle", []byte(`{}`), []*block.New{other, row})
	if got := message(t, err); got != "Blocks of type table_row can only be children of a block of type table, not of toggle." {
		t.Error(got)
	}
	err = block.CanTake("table", []byte(`{"table_width":3}`), []*block.New{row})
	if got := message(t, err); got != "Content creation Failed. Fix the following: \nNumber of cells in table row must match the table width of the parent table" {
		t.Error(got)
	}
}

func TestSyncedFrom(t *testing.T) {
	want, _ := notion.ParseID(id)
	if got, ok := block.SyncedFrom([]byte(`{"synced_from":{"type":"block_id","block_id":"` + id + `"}}`)); !ok || got != want {
		t.Errorf("copy: %v, %v", got, ok)
	}
	if got, ok := block.SyncedFrom([]byte(`{"synced_from":null}`)); ok {
		t.Errorf("original: %v", got)
	}
}

func TestTitlePayload(t *testing.T) {
	if got := string(block.TitlePayload(`a "b"`)); got != `{"title":"a \"b\""}` {
		t.Error(got)
	}
}
