package markdown

import (
	"strings"
	"testing"

	"octavo/internal/block"
	"octavo/internal/notion"
)

func TestParseVersion(t *testing.T) {
	for name, want := range map[string]Version{"": V1, "v1": V1, "v2": V2} {
		if v, ok := ParseVersion(name); !ok || v != want {
			t.Error(name, v, ok)
		}
	}
	if _, ok := ParseVersion("v3"); ok {
		t.Error("there is no v3")
	}
}

func TestComments(t *testing.T) {
	id := someID(1).String()
	for _, c := range []struct {
		v          Version
		text, want string
	}{
		{V1, "**b** `c`\n- no list", `[{"text":{"content":"b"},"annotations":{"bold":true}},{"text":{"content":" "}},{"text":{"content":"c"},"annotations":{"code":true}},{"text":{"content":"\n- no list"}}]`},
		{V1, `<mention-user url="` + id + `">Ada</mention-user>`, `[{"mention":{"user":{"id":"` + id + `"}}}]`},
		{V1, "$x$ and $$y$$ here", `[{"equation":{"expression":"x"}},{"text":{"content":" and "}},{"equation":{"expression":"y"}},{"text":{"content":" here"}}]`},
		{V2, "# $$x$$", `[{"text":{"content":"# "}},{"equation":{"expression":"x"}}]`},
		{V2, "", `[]`},
		{V2, "\n", `[{"text":{"content":"\n"}}]`},
	} {
		if got := ParseText(c.text, options(c.v)).String(); got != c.want {
			t.Errorf("%q: got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestTakeTitle(t *testing.T) {
	read, err := Parse("intro\n# The *title* {toggle=\"true\"}\n\tbelow\n# Another", options(V1))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := read.TakeTitle().String(), `[{"text":{"content":"The "}},{"text":{"content":"title"},"annotations":{"italic":true}}]`; got != want {
		t.Error(got)
	}
	c, err := Render(nil, options(V1)).ReplaceBy(read, false)
	if err != nil {
		t.Fatal(err)
	}
	if got := changed(t, V1, nil, c); got != "intro\nbelow\n# Another" {
		t.Error(got)
	}
	read, _ = Parse("## no title", options(V1))
	if read.TakeTitle().Defined() || len(read.Nodes) != 1 {
		t.Error("there is no title")
	}
}

// meetingBlocks are meeting notes with their three sections.
func meetingBlocks(typ string) []*Block {
	text := func(id byte, s string) *Block {
		return &Block{ID: someID(id), Type: "paragraph", Payload: []byte(`{"rich_text":[{"type":"text","text":{"content":"` + s + `"},"plain_text":"` + s + `"}],"color":"default"}`)}
	}
	section := func(id byte, children ...*Block) *Block {
		return &Block{ID: someID(id), Type: "unsupported", Payload: []byte(`{"block_type":"section"}`), Children: children}
	}
	return []*Block{{
		ID: someID(0x51), Type: typ,
		Payload: []byte(`{"title":[{"type":"text","text":{"content":"Standup"},"plain_text":"Standup"}],"status":"notes_ready","children":{"summary_block_id":"` + someID(0x52).String() +
			`","notes_block_id":"` + someID(0x53).String() + `","transcript_block_id":"` + someID(0x54).String() + `"}}`),
		Children: []*Block{section(0x52, text(0x61, "In short")), section(0x53, text(0x62, "Noted")), section(0x54, text(0x63, "Said")), text(0x64, "loose")},
	}}
}

func TestMeetingNotes(t *testing.T) {
	for v, want := range map[Version]string{
		V1: "<meeting-notes url=\"https://octavo.test/090102030405890780090a0b0c0d0e09#" + someID(0x51).Compact() + "\">\n\tStandup\n\t<summary>\n\t\tIn short\n\t</summary>\n" +
			"\t<notes>\n\t\tNoted\n\t</notes>\n\t<transcript>\n\t\tSaid\n\t</transcript>\n\tloose\n</meeting-notes>",
		V2: "<meeting-notes view-url=\"https://octavo.test/090102030405890780090a0b0c0d0e09#" + someID(0x51).Compact() + "\">\nStandup\n\n<meeting-notes-section-summary>\nIn short\n</meeting-notes-section-summary>\n\n" +
			"<meeting-notes-section-notes>\nNoted\n</meeting-notes-section-notes>\n\n<meeting-notes-section-transcript>\nSaid\n</meeting-notes-section-transcript>\n\nloose\n</meeting-notes>",
	} {
		for _, typ := range []string{"meeting_notes", "transcription"} {
			o := options(v)
			d := Render(meetingBlocks(typ), o)
			if d.Text != want {
				t.Errorf("got\n%s\nwant\n%s", d.Text, want)
			}
			c, err := d.Replace(d.Text, false)
			if err != nil || len(c.Edits) > 0 {
				t.Error(c, err)
			}
			// Only the notes can be changed, and nothing is lost that is left out.
			text := strings.NewReplacer("Noted", "Noted down", "In short", "In other words", "Standup", "Sitdown").Replace(d.Text)
			c, err = d.Replace(text, false)
			if err != nil || len(c.Edits) != 1 || c.Edits[0].Block != someID(0x62) {
				t.Error(c, err)
			}
			o.OmitTranscript = true
			d = Render(meetingBlocks(typ), o)
			if strings.Contains(d.Text, "Said") || !strings.Contains(d.Text, "Transcript omitted.") {
				t.Error(d.Text)
			}
			c, err = d.Replace(d.Text, false)
			if err != nil || len(c.Edits) > 0 {
				t.Error(c, err)
			}
			tag := map[Version]string{V1: "transcript", V2: "meeting-notes-section-transcript"}[v]
			_, rest, _ := strings.Cut(d.Text, "<"+tag+">")
			_, rest, _ = strings.Cut(rest, "</"+tag+">")
			c, err = d.Replace(strings.Split(d.Text, "<"+tag+">")[0]+rest, false)
			if err != nil || len(c.Edits) > 0 {
				t.Error(c, err)
			}
		}
	}
}

func TestMeetingNotesOfAnotherPage(t *testing.T) {
	text := Render(meetingBlocks("meeting_notes"), options(V2)).Text
	c, err := Render(nil, options(V2)).Replace(text, false)
	if err != nil || len(c.Edits) > 0 || len(c.Warnings) != 1 {
		t.Error(c, err)
	}
}

func TestIDsInAddresses(t *testing.T) {
	want := someID(0x71)
	for _, address := range []string{
		want.String(), want.Compact(), "https://e.com/" + want.Compact(), "https://e.com/Title-" + want.Compact(), "https://e.com/Title-" + want.String(), "https://e.com/a/" + want.Compact() + "/",
		"https://e.com/" + want.Compact() + "?pvs=4", "https://e.com/" + someID(1).Compact() + "#" + want.Compact(), "https://e.com/" + want.Compact() + "#section", "user://" + want.String(), "{{user://" + want.String() + "}}",
		strings.ToUpper(want.Compact()),
	} {
		if id, ok := idIn(address); !ok || id != want {
			t.Errorf("%s: %s", address, id)
		}
	}
	for _, address := range []string{"", "https://e.com", "https://e.com/x", "a" + want.Compact(), want.Compact() + "a", "https://e.com/" + want.Compact() + "/x"} {
		if id, ok := idIn(address); ok {
			t.Errorf("%s: %s", address, id)
		}
	}
}

func TestPercent(t *testing.T) {
	for ratio, want := range map[float64]string{0: "", 1: "100", 0.5: "50", 0.05: "5", 0.0001: "0.01", 0.333: "33.3", 0.33333333333333337: "33.333333333333337"} {
		if got := percent(ratio); got != want {
			t.Errorf("%v: %s", ratio, got)
		}
		if back, ok := ratioFrom(want); want != "" && (!ok || back != ratio) {
			t.Errorf("%s: %v", want, back)
		}
	}
	for _, s := range []string{"0", "101", "-5", "x", "1e1", "5%", "1.2.3", "."} {
		if ratio, ok := ratioFrom(s); ok {
			t.Errorf("%s: %v", s, ratio)
		}
	}
}

func TestEveryLanguageHasItsName(t *testing.T) {
	for _, name := range block.Languages {
		if got, ok := languageOf(name); !ok || got != name {
			t.Errorf("%s: %s", name, got)
		}
	}
	for alias, want := range aliases {
		if got, ok := languageOf(strings.ToUpper(alias) + " title=x"); alias != "" && (!ok || got != want) {
			t.Errorf("%s: %s", alias, got)
		}
	}
}

// TestEveryTypeIsKnown holds that no type of block is forgotten: each is read, or is one that
// neither grammar has words for.
func TestEveryTypeIsKnown(t *testing.T) {
	unsaid := set("breadcrumb", "link_to_page", "template", "link_preview", "unsupported", "ai_block", "custom_block", "meeting_notes", "transcription")
	for i := range block.Types {
		typ := &block.Types[i]
		if (readers[typ.Name] == nil) != unsaid[typ.Name] {
			t.Errorf("%s", typ.Name)
		}
		if (fields[typ.Name] != nil) != (typ.Creatable() && !unsaid[typ.Name]) {
			t.Errorf("%s has fields", typ.Name)
		}
	}
}

func TestNodesAsRequests(t *testing.T) {
	read, err := Parse("<columns>\n<column ratio=\"50\">\n- a\n\n<page>x</page>\n</column>\n<column></column>\n</columns>\n\n| a |\n| --- |\n| b |", options(V2))
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"type":"column_list","column_list":{"children":[{"type":"column","column":{"width_ratio":0.5,"children":[{"type":"bulleted_list_item","bulleted_list_item":{"rich_text":[{"text":{"content":"a"}}],"color":"default"}}]}},` +
		`{"type":"column","column":{}}]}},{"type":"table","table":{"table_width":1,"has_column_header":true,"has_row_header":false,"children":[{"type":"table_row","table_row":{"cells":[[{"text":{"content":"a"}}]]}},` +
		`{"type":"table_row","table_row":{"cells":[[{"text":{"content":"b"}}]]}}]}}]`
	if got := Values(read.Nodes).String(); got != want {
		t.Errorf("got %s", got)
	}
	if _, err := block.DecodeAll(Values(read.Nodes), block.MaxBlocks); err != nil {
		t.Error(err)
	}
	if _, err := read.Nodes[0].Children[0].Children[1].New(); message(t, err) != "Block type child_page is not supported via the API." {
		t.Error(err)
	}
	bad, _ := Parse("<bookmark source=\"nowhere\" />", options(V2))
	if _, err := bad.Nodes[0].New(); message(t, err) != "Content creation Failed. Fix the following: \nInvalid URL for link." {
		t.Error(err)
	}
}

func TestNothingNeedsToBeKnown(t *testing.T) {
	g := `[{"mention":{"user":{"id":"` + someID(1).String() + `"}}},{"mention":{"page":{"id":"` + someID(2).String() + `"}}},{"mention":{"custom_emoji":{"id":"` + someID(3).String() + `"}}}]`
	blocks := []*Block{
		{ID: someID(4), Type: "paragraph", Payload: stored(t, "paragraph", `{"rich_text":`+g+`}`)},
		{ID: someID(5), Type: "image", Payload: stored(t, "image", `{"file_upload":{"id":"`+someID(6).String()+`"}}`)},
		{ID: someID(7), Type: "child_database", Payload: block.TitlePayload("Tasks")},
		{ID: someID(8), Type: "callout", Payload: []byte(`{"rich_text":[],"icon":null,"color":"default"}`)},
		{ID: someID(9), Type: block.Synced, Payload: stored(t, block.Synced, `{"synced_from":{"block_id":"`+someID(1).String()+`"}}`)},
		{ID: someID(10), Type: "image", Payload: []byte(`{"caption":[],"type":"file","file":{"url":"https://e.com/a.png","expiry_time":"x"}}`)},
		{ID: someID(11), Type: "paragraph", Payload: []byte(`{"rich_text":[{"type":"mention","mention":{"type":"link_preview","link_preview":{"url":"https://e.com"}},"plain_text":"https://e.com","href":"https://e.com"}],"color":"default"}`)},
	}
	for v, want := range map[Version]string{
		V1: `<mention-user url="user://` + someID(1).String() + `"/><mention-page url="https://www.notion.so/` + someID(2).Compact() + `"/><mention-custom-emoji url="emoji://` + someID(3).String() + `"/>` + "\n" +
			`![](file-upload://` + someID(6).String() + ")\n" + `<database url="https://www.notion.so/` + someID(7).Compact() + `" inline="false">Tasks</database>` + "\n<callout>\n</callout>\n" +
			`<synced_block_reference url="https://www.notion.so/00000000000000000000000000000000#` + someID(1).Compact() + `">` + "\n</synced_block_reference>\n![](https://e.com/a.png)\nhttps://e.com",
		V2: `<mention url="user://` + someID(1).String() + `" /><mention url="https://www.notion.so/` + someID(2).Compact() + `" /><mention url="emoji://` + someID(3).String() + `" />` + "\n\n" +
			`![](file-upload://` + someID(6).String() + ")\n\n" + `<database url="https://www.notion.so/` + someID(7).Compact() + `" inline="false">Tasks</database>` + "\n\n<callout></callout>\n\n" +
			`<synced-block-reference url="https://www.notion.so/00000000000000000000000000000000#` + someID(1).Compact() + `">` + "\n</synced-block-reference>\n\n![](https://e.com/a.png)\n\n<https://e.com>",
	} {
		d := Render(blocks, Options{Version: v})
		if d.Text != want {
			t.Errorf("got\n%s\nwant\n%s", d.Text, want)
		}
		c, err := d.Replace(d.Text, false)
		if err != nil || len(c.Edits) > 0 {
			t.Error(c, err)
		}
	}
	if _, err := Parse(":smile: <mention url=\"collection://"+someID(1).String()+"\">x</mention>", Options{Version: V2}); err != nil {
		t.Error(err)
	}
}

func TestMarksHaveALimit(t *testing.T) {
	read, err := Parse(strings.Repeat("*a* ", maxMarks), options(V2))
	if err != nil || len(read.Nodes) != 1 {
		t.Fatal(err)
	}
	if n := len(read.Nodes[0].text); n < maxMarks/2 || n > maxMarks+1 {
		t.Errorf("%d spans", n)
	}
	read, err = Parse(strings.Repeat("[a]: https://e.com\n", 600)+"[a]", options(V2))
	if err != nil || !strings.HasPrefix(plainText(read.Nodes[0].text), "[a]:") {
		t.Error(err, len(read.Nodes))
	}
	var many strings.Builder
	for range 2 * maxWarnings {
		many.WriteString("<p color=\"none\">x</p>\n")
	}
	read, err = Parse(many.String(), options(V2))
	if err != nil || len(read.Warnings) != maxWarnings {
		t.Error(len(read.Warnings), err)
	}
}

func TestIDOfTheZeroPage(t *testing.T) {
	if got, want := (&Options{}).blockAddress(notion.ID{}, someID(1)), "https://www.notion.so/00000000000000000000000000000000#"+someID(1).Compact(); got != want {
		t.Error(got)
	}
}
