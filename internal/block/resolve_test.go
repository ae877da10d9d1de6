package block_test

import (
	"strings"
	"testing"

	"octavo/internal/block"
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/richtext"
)

// reader sees one user, one page, one emoji and one file, all with the id of its constants.
type reader struct{}

func (reader) User(at notion.ID) *notion.User {
	if at.String() != id {
		return nil
	}
	return &notion.User{ID: at, Name: "Ada", Person: &notion.Person{Email: "ada@example.com"}}
}

func (reader) Title(at notion.ID) (string, bool) { return "Home", at.String() == id }

func (reader) URL(at notion.ID) string { return "https://notes.example/" + at.Compact() }

func (reader) CustomEmoji(at notion.ID) (name, url string, ok bool) {
	return "party", "https://notes.example/party.png", at.String() == id
}

func (reader) File(at notion.ID) (media.File, bool) {
	return media.File{Name: "a.png", URL: "https://files.example/a.png?sig=1", Expiry: "2026-01-02T03:04:05.000Z"}, at.String() == upload
}

func TestResolve(t *testing.T) {
	const (
		person  = `{"object":"user","id":"` + id + `","name":"Ada","avatar_url":null,"type":"person","person":{"email":"ada@example.com"}}`
		mention = `{"mention":{"user":{"id":"` + noDash + `"}}}`
		user    = `{"type":"mention","mention":{"type":"user","user":` + person + `},` + plain + `,"plain_text":"@Ada","href":null}`
		emoji   = `{"type":"custom_emoji","custom_emoji":{"id":"` + id + `","name":"party","url":"https://notes.example/party.png"}}`
		file    = `"type":"file","file":{"url":"https://files.example/a.png?sig=1","expiry_time":"2026-01-02T03:04:05.000Z"}`
	)
	cases := []struct{ typ, sent, want string }{
		{"paragraph", `{"rich_text":[` + mention + `]}`, `{"rich_text":[` + user + `],"icon":null,"color":"default"}`},
		{"bookmark", `{"url":"https://example.com","caption":[` + mention + `]}`, `{"caption":[` + user + `],"url":"https://example.com"}`},
		{"table_row", `{"cells":[[],[` + mention + `]]}`, `{"cells":[[],[` + user + `]]}`},
		{"callout", `{"rich_text":[],"icon":{"custom_emoji":{"id":"` + id + `"}}}`, `{"rich_text":[],"icon":` + emoji + `,"color":"default"}`},
		{"callout", `{"rich_text":[],"icon":{"custom_emoji":{"id":"` + upload + `"}}}`, `{"rich_text":[],"icon":null,"color":"default"}`},
		{"callout", `{"rich_text":[],"icon":{"file_upload":{"id":"` + upload + `"}}}`, `{"rich_text":[],"icon":{` + file + `},"color":"default"}`},
		{"image", `{"file_upload":{"id":"` + upload + `"},"caption":[` + mention + `]}`, `{"caption":[` + user + `],` + file + `}`},
		{"embed", `{"file_upload":{"id":"` + upload + `"}}`, `{"caption":[],"url":"https://files.example/a.png?sig=1"}`},
		{"file", `{"file_upload":{"id":"` + upload + `"}}`, `{"caption":[],` + file + `,"name":"a.png"}`},
		{"file", `{"file_upload":{"id":"` + upload + `"},"name":"b"}`, `{"caption":[],` + file + `,"name":"b"}`},
	}
	for _, c := range cases {
		n, err := block.Decode(parse(t, `{"`+c.typ+`":`+c.sent+`}`))
		if err != nil {
			t.Errorf("%s %s: %v", c.typ, c.sent, err)
			continue
		}
		if !n.Dynamic {
			t.Errorf("%s %s is not dynamic", c.typ, c.sent)
		}
		if got := block.Resolve(parse(t, string(n.Payload)), reader{}).String(); got != c.want {
			t.Errorf("%s %s\ngot  %s\nwant %s", c.typ, c.sent, got, c.want)
		}
	}
}

func TestReferences(t *testing.T) {
	n, err := block.Decode(parse(t, `{"table_row":{"cells":[[{"mention":{"page":{"id":"`+id+`"}}}],[{"text":{"content":"x"}},{"mention":{"database":{"id":"`+upload+`"}}}]]}}`))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	block.References(parse(t, string(n.Payload)), func(kind richtext.Kind, at notion.ID) {
		got = append(got, []string{"user", "page", "database", "custom_emoji"}[kind]+" "+at.String())
	})
	if want := "page " + id + ", database " + upload; strings.Join(got, ", ") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// FuzzBlocks feeds whatever the schema accepts to everything that trusts it to.
func FuzzBlocks(f *testing.F) {
	for _, seed := range []string{
		`{"paragraph":{"rich_text":[{"text":{"content":"a","link":{"url":"https://a.example"}},"annotations":{"bold":true}},{"equation":{"expression":"x"}}]}}`,
		`{"callout":{"rich_text":[{"mention":{"user":{"id":"` + id + `"}}},{"mention":{"date":{"start":"2026-01-02T03:04","time_zone":"Europe/London"}}}],"icon":{"custom_emoji":{"id":"` + id + `"}}}}`,
		`{"quote":{"rich_text":[{"mention":{"template_mention":{"template_mention_date":"now"}}},{"mention":{"custom_emoji":{"id":"` + id + `"}}}]}}`,
		`{"file":{"external":{"url":"https://a.example/%zz"},"name":"x"}}`,
		`{"image":{"file_upload":{"id":"` + upload + `"},"caption":[{"mention":{"page":{"id":"` + id + `"}}}]}}`,
		`{"table":{"table_width":2,"children":[{"table_row":{"cells":[[],[]]}}]}}`,
		`{"column_list":{"children":[{"column":{"children":[]}},{"column":{"children":[{"divider":{}}],"width_ratio":0.5}}]}}`,
		`{"tab":{"children":[{"paragraph":{"rich_text":[],"icon":{"icon":{"name":"x"}}}}]}}`,
		`{"synced_block":{"synced_from":{"block_id":"` + id + `"}}}`,
		`{"link_to_page":{"page_id":"` + id + `"}}`,
		`{"heading_1":{"rich_text":[],"is_toggleable":false}}`,
		`{"code":{"rich_text":[],"language":"go"}}`,
		`{"in_trash":true}`,
	} {
		f.Add([]byte(seed))
	}
	set := requests()
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := jsonx.Parse(data)
		if err != nil {
			return
		}
		if set.Check("body", "update_block", v) == nil {
			if name, patch := block.UpdateKey(v); name != "" {
				updateAll(t, name, patch)
			}
		}
		valid := set.Check("body", "append", jsonx.ObjectValue(jsonx.M("children", jsonx.ArrayValue(v)))) == nil
		n, err := block.Decode(v) // what the schema refuses must not break it either
		if !valid || err != nil {
			return
		}
		checkNew(t, n)
	})
}

// FuzzValidBlocks builds blocks that the schema accepts out of the choices it is given.
func FuzzValidBlocks(f *testing.F) {
	f.Add([]byte("paragraph and its children"), "plain")
	f.Add([]byte{200, 3, 9, 27, 81, 243, 0, 1, 2, 4, 8, 16, 32, 64, 128}, "a\"b\\")
	set := requests()
	f.Fuzz(func(t *testing.T, choices []byte, text string) {
		c := chooser{choices, jsonx.StringValue(text).String()}
		body := parse(t, `{"children":[`+c.block(1)+`]}`)
		if set.Check("body", "append", body) != nil {
			return // the text, or a type that is not for its tier
		}
		tree, err := block.DecodeAll(body.Get("children"), block.MaxBlocks)
		if err != nil {
			message(t, err)
			return
		}
		for _, n := range tree {
			checkNew(t, n)
		}
	})
}

// chooser makes JSON of one choice after the other.
type chooser struct {
	choices []byte
	text    string
}

func (c *chooser) pick(n int) int {
	if len(c.choices) == 0 {
		return 0
	}
	b := c.choices[0]
	c.choices = c.choices[1:]
	return int(b) % n
}

func (c *chooser) block(tier int) string {
	p := payloads[c.pick(len(payloads))]
	body := strings.ReplaceAll(strings.ReplaceAll(p.sent, sent, "[]"), `"rich_text":[]`, `"rich_text":[`+c.items()+`]`)
	if strings.HasPrefix(body, `{"rich_text"`) && !strings.Contains(body, `"children"`) && p.typ != "code" && tier < 3 && c.pick(2) == 1 {
		body = strings.TrimSuffix(body, "}") + `,"children":[` + c.block(tier+1) + `,` + c.block(tier+1) + `]}`
	}
	return `{"` + p.typ + `":` + body + `}`
}

func (c *chooser) items() string {
	kinds := []string{
		`{"text":{"content":` + c.text + `}}`,
		`{"text":{"content":` + c.text + `,"link":{"url":"https://a.example"}},"annotations":{"bold":true,"color":"red"}}`,
		`{"equation":{"expression":` + c.text + `}}`,
		`{"mention":{"user":{"id":"` + id + `"}}}`,
		`{"mention":{"page":{"id":"` + upload + `"}}}`,
		`{"mention":{"custom_emoji":{"id":"` + id + `"}}}`,
		`{"mention":{"date":{"start":"2026-01-02","end":"2026-01-03"}}}`,
		`{"mention":{"date":{"start":"0001-01-01T00:00","time_zone":"Asia/Tokyo"}}}`,
	}
	items := make([]string, c.pick(4))
	for i := range items {
		items[i] = kinds[c.pick(len(kinds))]
	}
	return strings.Join(items, ",")
}

func checkNew(t *testing.T, n *block.New) {
	payload := parse(t, string(n.Payload))
	block.References(payload, func(richtext.Kind, notion.ID) {
		if !n.Dynamic {
			t.Fatalf("%s %s has a reference and is not dynamic", n.Type, n.Payload)
		}
	})
	block.Resolve(payload.Clone(), reader{})
	updateAll(t, n.Type, payload)
	for _, child := range n.Children {
		if err := block.CanHold(n.Type, n.Payload, child.Type); err != nil {
			t.Fatalf("%s was decoded with a %s: %v", n.Type, child.Type, err)
		}
		checkNew(t, child)
	}
}

// updateAll changes every stored payload of the type by the patch.
func updateAll(t *testing.T, name string, patch jsonx.Value) {
	for _, p := range payloads {
		if p.typ != name {
			continue
		}
		if n, err := block.Update(name, []byte(p.want), patch, true); err == nil {
			block.Resolve(parse(t, string(n.Payload)), reader{})
		}
	}
}

// BenchmarkDecode reads the children of an append of 100 paragraphs.
func BenchmarkDecode(b *testing.B) {
	const item = `{"object":"block","type":"paragraph","paragraph":{"rich_text":[{"type":"text","text":{"content":"Lorem ipsum dolor sit amet, consectetur adipiscing elit."}}]}}`
	children := parse(b, "["+strings.Repeat(item+",", 99)+item+"]")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := block.DecodeAll(children, block.MaxBlocks); err != nil {
			b.Fatal(err)
		}
	}
}
