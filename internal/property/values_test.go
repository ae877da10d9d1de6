package property_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/richtext"
)

const (
	ada    = "aaaaaaaa-0000-4000-8000-000000000001"
	bob    = "aaaaaaaa-0000-4000-8000-000000000002"
	page1  = "bbbbbbbb-0000-4000-8000-000000000001"
	page2  = "bbbbbbbb-0000-4000-8000-000000000002"
	upload = "cccccccc-0000-4000-8000-000000000001"
	author = "dddddddd-0000-4000-8000-000000000001"
)

// everything is a stored schema with a property of every type, named like it.
const everything = `[{"id":"title","name":"title","type":"title","config":{}},
	{"id":"rich","name":"rich_text","type":"rich_text","config":{}},
	{"id":"numb","name":"number","type":"number","config":{"format":"number"}},
	{"id":"urlu","name":"url","type":"url","config":{}},
	{"id":"sele","name":"select","type":"select","config":{"options":[
		{"id":"opt1","name":"High","color":"red","description":"first"},{"id":"opt2","name":"Low","color":"default","description":null}]}},
	{"id":"mult","name":"multi_select","type":"multi_select","config":{"options":[
		{"id":"opt1","name":"One","color":"red","description":null},{"id":"opt2","name":"Two","color":"blue","description":null}]}},
	{"id":"stat","name":"status","type":"status","config":{"options":[
		{"id":"done","name":"Done","color":"green","description":null},{"id":"todo","name":"To do","color":"default","description":null},
		{"id":"busy","name":"Busy","color":"blue","description":null}],"groups":[
		{"id":"g1","name":"To-do","color":"gray","option_ids":["todo"]},{"id":"g2","name":"In progress","color":"blue","option_ids":["busy"]},
		{"id":"g3","name":"Complete","color":"green","option_ids":["done"]}]}},
	{"id":"date","name":"date","type":"date","config":{}},
	{"id":"peop","name":"people","type":"people","config":{}},
	{"id":"file","name":"files","type":"files","config":{}},
	{"id":"chec","name":"checkbox","type":"checkbox","config":{}},
	{"id":"emai","name":"email","type":"email","config":{}},
	{"id":"phon","name":"phone_number","type":"phone_number","config":{}},
	{"id":"rela","name":"relation","type":"relation","config":{"database_id":"dddddddd-0000-4000-8000-000000000009",
		"data_source_id":"dddddddd-0000-4000-8000-000000000008","type":"single_property","single_property":{}}},
	{"id":"plac","name":"place","type":"place","config":{}},
	{"id":"veri","name":"verification","type":"verification","config":{}},
	{"id":"uniq","name":"unique_id","type":"unique_id","config":{"prefix":"T"}},
	{"id":"form","name":"formula","type":"formula","config":{"expression":"1"}},
	{"id":"roll","name":"rollup","type":"rollup","config":{"rollup_property_name":"a","relation_property_name":"b",
		"rollup_property_id":"aaaa","relation_property_id":"rela","function":"sum"}},
	{"id":"crea","name":"created_time","type":"created_time","config":{}},
	{"id":"crby","name":"created_by","type":"created_by","config":{}},
	{"id":"edit","name":"last_edited_time","type":"last_edited_time","config":{}},
	{"id":"edby","name":"last_edited_by","type":"last_edited_by","config":{}},
	{"id":"butt","name":"button","type":"button","config":{}}]`

func everyType(t testing.TB) *property.Schema {
	t.Helper()
	s, err := property.ParseSchema([]byte(everything))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheTestKnowsEveryType(t *testing.T) {
	s := everyType(t)
	for _, typ := range property.Types {
		if s.Find(typ.Name) == nil {
			t.Errorf("no property of type %s", typ.Name)
		}
	}
}

func writer() *property.Writer {
	w := newWorld()
	id, _ := notion.ParseID(author)
	return &property.Writer{
		IDs: &w.ids, Author: id,
		Upload: func(address string) (notion.ID, bool) {
			id, _ := notion.ParseID(upload)
			return id, strings.HasPrefix(address, "https://files.example/")
		},
	}
}

// write decodes `properties` after holding them to the schema.
func write(s *property.Schema, w *property.Writer, properties string) (*property.Decoded, error) {
	sent, err := request("page", properties)
	if err != nil {
		return nil, err
	}
	return s.Decode(w, sent)
}

const plainStyle = `"annotations":{"bold":false,"italic":false,"strikethrough":false,"underline":false,"code":false,"color":"default"}`

func textItem(s string) string {
	return `{"type":"text","text":{"content":"` + s + `","link":null},` + plainStyle + `,"plain_text":"` + s + `","href":null}`
}

// wrote is the values that requests write and what is then shown; "" is no value.
var wrote = []struct{ key, sent, shown string }{
	{"title", `[{"text":{"content":"Hi"}}]`, `[` + textItem("Hi") + `]`},
	{"title", `[]`, ``},
	{"rich_text", `[{"text":{"content":"a"}},{"text":{"content":"b"}}]`, `[` + textItem("ab") + `]`},
	{"rich_text", `[{"mention":{"user":{"id":"` + ada + `"}}}]`,
		`[{"type":"mention","mention":{"type":"user","user":{"object":"user","id":"` + ada + `"}},` + plainStyle + `,"plain_text":"","href":null}]`},
	{"rich_text", `[{"text":{"content":""}}]`, ``},
	{"number", `1.41421356`, `1.41421356`},
	{"number", `0`, `0`},
	{"number", `null`, ``},
	{"url", `"https://example.com"`, `"https://example.com"`},
	{"url", `"no address at all"`, `"no address at all"`},
	{"url", `null`, ``},
	{"email", `"ada@example.com"`, `"ada@example.com"`},
	{"email", `null`, ``},
	{"phone_number", `"call me"`, `"call me"`},
	{"phone_number", `null`, ``},
	{"select", `{"name":"High"}`, `{"id":"opt1","name":"High","color":"red"}`},
	{"select", `{"name":"hIGH","color":"blue"}`, `{"id":"opt1","name":"High","color":"red"}`},
	{"select", `{"id":"opt2"}`, `{"id":"opt2","name":"Low","color":"default"}`},
	{"select", `{"id":"opt2","name":"High"}`, `{"id":"opt2","name":"Low","color":"default"}`},
	{"select", `{"id":"gone","name":"High"}`, `{"id":"opt1","name":"High","color":"red"}`},
	{"select", `{"name":"New"}`, `{"id":"ID1","name":"New","color":"default"}`},
	{"select", `{"name":"New","color":"pink"}`, `{"id":"ID1","name":"New","color":"pink"}`},
	{"select", `null`, ``},
	{"multi_select", `[{"name":"Two"},{"name":"One"},{"id":"opt2"}]`, `[{"id":"opt2","name":"Two","color":"blue"},{"id":"opt1","name":"One","color":"red"}]`},
	{"multi_select", `[{"name":"Three"},{"name":"Four"},{"name":"THREE"}]`, `[{"id":"ID1","name":"Three","color":"default"},{"id":"ID2","name":"Four","color":"default"}]`},
	{"multi_select", `[]`, ``},
	{"status", `{"name":"Done"}`, `{"id":"done","name":"Done","color":"green"}`},
	{"status", `{"id":"busy"}`, `{"id":"busy","name":"Busy","color":"blue"}`},
	{"status", `null`, ``},
	{"date", `{"start":"2026-09-15"}`, `{"start":"2026-09-15","end":null,"time_zone":null}`},
	{"date", `{"start":"2026-09-15","end":"2026-09-16"}`, `{"start":"2026-09-15","end":"2026-09-16","time_zone":null}`},
	{"date", `{"start":"2026-09-15T16:57:28.513Z"}`, `{"start":"2026-09-15T16:57:00.000+00:00","end":null,"time_zone":null}`},
	{"date", `{"start":"2026-06-15T10:00","time_zone":"Europe/London"}`, `{"start":"2026-06-15T10:00:00.000+01:00","end":null,"time_zone":null}`},
	{"date", `null`, ``},
	{"people", `[{"id":"` + ada + `"},{"object":"group","id":"` + bob + `"},{"id":"` + ada + `"}]`, `[{"object":"user","id":"` + ada + `"},{"object":"group","id":"` + bob + `"}]`},
	{"people", `[{"object":"user","id":"` + strings.ReplaceAll(ada, "-", "") + `","name":"Ada"}]`, `[{"object":"user","id":"` + ada + `"}]`},
	{"people", `[]`, ``},
	{"files", `[{"name":"a","external":{"url":"https://example.com/a.png"}}]`, `[{"name":"a","type":"external","external":{"url":"https://example.com/a.png"}}]`},
	{"files", `[{"file_upload":{"id":"` + upload + `"}}]`, `[{"name":"","type":"file_upload","file_upload":{"id":"` + upload + `"}}]`},
	{"files", `[{"type":"file","name":"mine","file":{"url":"https://files.example/1?sig=2","expiry_time":"2026-01-01T00:00:00.000Z"}}]`,
		`[{"name":"mine","type":"file_upload","file_upload":{"id":"` + upload + `"}}]`},
	{"files", `[]`, ``},
	{"checkbox", `true`, `true`},
	{"checkbox", `false`, ``},
	{"relation", `[{"id":"` + page2 + `"},{"id":"` + page1 + `"},{"id":"` + page2 + `"}]`, `[{"id":"` + page2 + `"},{"id":"` + page1 + `"}]`},
	{"relation", `[]`, ``},
	{"place", `{"lat":1.5,"lon":-2,"name":"Here"}`, `{"lat":1.5,"lon":-2,"name":"Here","address":null,"aws_place_id":null,"google_place_id":null}`},
	{"place", `null`, ``},
	{"verification", `{"state":"verified"}`, `{"state":"verified","verified_by":{"object":"user","id":"` + author + `"},"date":null}`},
	{"verification", `{"state":"verified","date":{"start":"2026-01-01T01:00:00+01:00","end":"2026-02-01T00:00:00Z"}}`,
		`{"state":"verified","verified_by":{"object":"user","id":"` + author + `"},"date":{"start":"2026-01-01T00:00:00.000Z","end":"2026-02-01T00:00:00.000Z","time_zone":null}}`},
	{"verification", `{"state":"unverified"}`, ``},
}

func TestValues(t *testing.T) {
	for _, c := range wrote {
		for form, properties := range map[string]string{
			"wrapped":           `{"` + c.key + `":{"` + c.key + `":` + c.sent + `}}`,
			"wrapped with more": `{"` + c.key + `":{"id":"x","type":"` + c.key + `","` + c.key + `":` + c.sent + `}}`,
			"bare":              `{"` + c.key + `":` + c.sent + `}`,
		} {
			s := everyType(t)
			d, err := write(s, writer(), properties)
			if err != nil {
				t.Errorf("%s: %v", properties, err)
				continue
			}
			if len(d.Values) != 1 || d.Values[0].Property.Name != c.key {
				t.Fatalf("%s: %+v", properties, d.Values)
			}
			v := d.Values[0]
			got := ""
			if v.Stored.Defined() {
				got = v.Property.Show(v.Stored).String()
			}
			if want := named.Replace(c.shown); got != want {
				t.Errorf("%s %s:\ngot  %s\nwant %s", form, c.sent, got, want)
			}
		}
	}
}

// What a page without a value shows (pages-blocks.md §5.6).
func TestNoValues(t *testing.T) {
	want := map[string]string{
		"title": `[]`, "rich_text": `[]`, "number": `null`, "url": `null`, "select": `null`, "multi_select": `[]`,
		"status": `{"id":"todo","name":"To do","color":"default"}`, "date": `null`, "people": `[]`, "files": `[]`,
		"checkbox": `false`, "email": `null`, "phone_number": `null`, "relation": `[]`, "place": `null`,
		"verification": `{"state":"unverified","verified_by":null,"date":null}`, "unique_id": `{"prefix":"T","number":null}`,
		"formula": `null`, "rollup": `null`, "created_time": `null`, "created_by": `null`, "last_edited_time": `null`,
		"last_edited_by": `null`, "button": `{}`,
	}
	for _, p := range everyType(t).Properties() {
		if got := p.Show(jsonx.Value{}).String(); got != want[p.Type.Name] {
			t.Errorf("%s: got %s, want %s", p.Name, got, want[p.Type.Name])
		}
		if cells := p.Cells(jsonx.Value{}); cells != nil {
			t.Errorf("%s: cells of no value: %+v", p.Name, cells)
		}
	}
	bare := must[*property.Schema](t)(property.ParseSchema([]byte(`[{"id":"s","name":"s","type":"status","config":{"options":[],"groups":[]}}]`)))
	if got := bare.Find("s").Show(jsonx.Value{}).String(); got != "null" {
		t.Errorf("a status without options shows %s", got)
	}
}

func TestOptionsThatAWriteMakes(t *testing.T) {
	s := everyType(t)
	before := string(s.Append(nil))
	d := must[*property.Decoded](t)(write(s, writer(), `{"select":{"select":{"name":"New","description":"why"}},"multi_select":{"multi_select":[{"name":"Three"},{"name":"One"}]}}`))
	if string(s.Append(nil)) != before {
		t.Error("the schema itself changed")
	}
	o := d.Schema.Find("select").Option("new")
	if o == nil || o.Name != "New" || *o.Description != "why" || len(d.Schema.Find("select").Options()) != 3 {
		t.Errorf("options: %+v", d.Schema.Find("select").Options())
	}
	if d.Values[0].Property != d.Schema.Find("select") || len(d.Schema.Find("multi_select").Options()) != 3 {
		t.Error("the values are not of the new schema")
	}
	if d := must[*property.Decoded](t)(write(s, writer(), `{"select":{"select":{"name":"High"}}}`)); d.Schema != nil {
		t.Error("a schema although no option was made")
	}

	w := writer()
	w.NoOptions = errors.New("not allowed")
	if _, err := write(s, w, `{"select":{"select":{"name":"New"}}}`); !errors.Is(err, w.NoOptions) {
		t.Errorf("got %v", err)
	}
	if _, err := write(s, w, `{"select":{"select":{"name":"Low"}}}`); err != nil {
		t.Error(err)
	}
}

func TestTheSamePropertyTwice(t *testing.T) {
	d := must[*property.Decoded](t)(write(everyType(t), writer(), `{"numb":{"number":1},"url":{"url":"x"},"number":{"number":2}}`))
	if len(d.Values) != 2 || d.Values[0].Stored.Float() != 2 {
		t.Errorf("%+v", d.Values)
	}
}

func TestRefusedValues(t *testing.T) {
	long := strings.Repeat("x", 201)
	cases := []struct{ properties, want string }{
		{`{"Nope":{"number":1}}`, "Nope is not a property that exists."},
		{`{"Nope":{"number":1},"Other":{"number":1}}`, "Nope is not a property that exists. Other is not a property that exists."},
		{`{"rich_text":{"number":1},"files":{"url":"x"}}`, "rich_text is expected to be rich_text. files is expected to be files."},
		{`{"status":{"id":"done","select":{"name":"Done"}}}`, "status is expected to be status."},
		{`{"number":"1"}`, "number is expected to be number."},
		{`{"relation":[{"id":"` + page1 + `","name":"x"}]}`, "relation is expected to be relation."},
		{`{"title":[{"id":"` + page1 + `"}]}`, "title is expected to be title."},
		{`{"people":[{"name":"Ada"}]}`, "people is expected to be people."},
		{`{"multi_select":[{"id":"` + ada + `","object":"user"}]}`, "multi_select is expected to be multi_select."},
		{`{"place":{"name":"Here"}}`, "place is expected to be place."},
		{`{"select":{"lat":1,"lon":2,"name":"Here"}}`, "select is expected to be select."},
		{`{"date":{"state":"verified","date":{"start":"2026-01-01"}}}`, "date is expected to be date."},
		{`{"title":null,"number":null,"select":null}`, "Body Validation Failed. Fix the following:\nInvalid property value for: \"title\"."},
		{`{"checkbox":null,"people":null}`, "Body Validation Failed. Fix the following:\nInvalid property value for: \"checkbox\".\nInvalid property value for: \"people\"."},
		{`{"formula":{"number":1},"created_time":{"rich_text":[]}}`, "Couldn't find editable properties"},
		{`{"formula":{"number":1},"number":{"number":1}}`, "formula is expected to be formula."},
		{`{"status":{"status":{"name":"Doing"}}}`, `Invalid status option. Status option "Doing" does not exist".`},
		{`{"status":{"status":{"id":"nope"}}}`, `Invalid status option. Status option "nope" does not exist".`},
		{`{"select":{"select":{"name":"High, really"}}}`, "Invalid select option, commas not allowed: High, really"},
		{`{"multi_select":{"multi_select":[{"name":"a,b"}]}}`, "Invalid select option, commas not allowed: a,b"},
		{`{"select":{"select":{"id":"nope"}}}`, `Invalid select option. Property "select" has no option with id "nope".`},
		{`{"files":{"files":[{"name":"x","file":{"url":"https://elsewhere.example/1"}}]}}`,
			`Invalid file url for property "files": https://elsewhere.example/1 is not the address of a file that was uploaded here. Use ` + "`external` for other files."},
		{`{"files":{"files":[{"name":"x","external":{"url":"nowhere"}}]}}`, "Content creation Failed. Fix the following: \nInvalid file url."},
		{`{"verification":{"verification":{"state":"verified","date":{"start":"2026-09-15"}}}}`, `The date of verification property "verification" needs times of day.`},
		{`{"date":{"date":{"start":"2026-09-15","end":"2026-09-14"}}}`, "The end of a date must not be before its start: 2026-09-14 is before 2026-09-15."},
		{`{"email":"` + long + `"}`, "body failed validation: body.properties.email.length should be ≤ `200`, instead was `201`."},
		{`{"phone_number":"` + long + `"}`, "body failed validation: body.properties.phone_number.length should be ≤ `200`, instead was `201`."},
		{`{"relation":{"relation":[` + strings.Repeat(`{"id":"`+page1+`"},`, 100) + `{"id":"` + page2 + `"}]}}`, "body failed validation: body.properties.relation.relation.length should be ≤ `100`, instead was `101`."},
	}
	for _, c := range cases {
		s := everyType(t)
		_, err := write(s, writer(), c.properties)
		if got := refusal(err); got != "validation_error: "+c.want && !strings.Contains(got, "\n"+c.want) {
			t.Errorf("%s:\ngot  %s\nwant %s", c.properties, got, c.want)
		}
	}
}

func TestOnTheWire(t *testing.T) {
	s := everyType(t)
	odd := must[*property.Schema](t)(property.ParseSchema([]byte(`[{"id":"?B:W","name":"n","type":"number","config":{}}]`)))
	n := jsonx.NumberValue(3)
	for _, c := range []struct{ got, want string }{
		{string(odd.Find("n").AppendValue(nil, n)), `{"id":"%3FB%3AW","type":"number","number":3}`},
		{string(odd.Find("n").AppendItem(nil, n)), `{"object":"property_item","type":"number","id":"%3FB%3AW","number":3}`},
		{string(s.Find("relation").AppendRelation(nil, jsonx.ArrayValue(), false)), `{"id":"rela","type":"relation","relation":[],"has_more":false}`},
		{string(s.Find("relation").AppendRelation(nil, jsonx.ArrayValue(), true)), `{"id":"rela","type":"relation","relation":[],"has_more":true}`},
		{string(s.Find("unique_id").AppendValue(nil, s.Find("unique_id").Show(n))), `{"id":"uniq","type":"unique_id","unique_id":{"prefix":"T","number":3}}`},
		{property.Result{Kind: property.NumberResult, Value: n}.Formula().String(), `{"type":"number","number":3}`},
		{property.Result{Kind: property.StringResult}.Formula().String(), `{"type":"string","string":null}`},
		{property.Result{Kind: property.UnsupportedResult}.Formula().String(), `{"type":"unsupported","unsupported":{}}`},
		{property.Result{Kind: property.NumberResult, Value: n}.Rollup("sum").String(), `{"type":"number","number":3,"function":"sum"}`},
		{property.Result{Kind: property.ArrayResult}.Rollup("show_original").String(), `{"type":"array","array":[],"function":"show_original"}`},
		{property.Result{Kind: property.IncompleteResult}.Rollup("sum").String(), `{"type":"incomplete","incomplete":{},"function":"sum"}`},
		{property.ElementValue(s.Find("number").Type, n).String(), `{"type":"number","number":3}`},
	} {
		if c.got != c.want {
			t.Errorf("got  %s\nwant %s", c.got, c.want)
		}
	}
}

// reader sees one user and one file.
type reader struct{}

func (reader) User(id notion.ID) *notion.User {
	if id.String() != ada {
		return nil
	}
	return &notion.User{ID: id, Name: "Ada", Person: &notion.Person{}}
}

func (reader) Title(notion.ID) (string, bool) { return "", false }
func (reader) URL(id notion.ID) string        { return id.Compact() }
func (reader) File(notion.ID) (media.File, bool) {
	return media.File{Name: "a.png", URL: "https://files.example/1?sig=3", Expiry: "2026-01-01T00:00:00.000Z"}, true
}

func TestWhatIsFilledIn(t *testing.T) {
	const full = `{"object":"user","id":"` + ada + `","name":"Ada","avatar_url":null,"type":"person","person":{}}`
	cases := []struct {
		key, sent string
		mentions  int
		want      string
	}{
		{"people", `[{"id":"` + ada + `"},{"id":"` + bob + `"},{"object":"group","id":"` + page1 + `"}]`, 2,
			`[` + full + `,{"object":"user","id":"` + bob + `"},{"object":"group","id":"` + page1 + `"}]`},
		{"rich_text", `[{"mention":{"user":{"id":"` + ada + `"}}}]`, 1,
			`[{"type":"mention","mention":{"type":"user","user":` + full + `},` + plainStyle + `,"plain_text":"@Ada","href":null}]`},
		{"files", `[{"file_upload":{"id":"` + upload + `"}},{"name":"x","external":{"url":"https://example.com"}}]`, 0,
			`[{"name":"a.png","type":"file","file":{"url":"https://files.example/1?sig=3","expiry_time":"2026-01-01T00:00:00.000Z"}},` +
				`{"name":"x","type":"external","external":{"url":"https://example.com"}}]`},
		{"verification", `{"state":"verified"}`, 1, `{"state":"verified","verified_by":{"object":"user","id":"` + author + `"},"date":null}`},
	}
	for _, c := range cases {
		d := must[*property.Decoded](t)(write(everyType(t), writer(), `{"`+c.key+`":{"`+c.key+`":`+c.sent+`}}`))
		p, stored := d.Values[0].Property, d.Values[0].Stored
		n := 0
		p.Mentions(stored, func(richtext.Kind, notion.ID) { n++ })
		if n != c.mentions {
			t.Errorf("%s: %d mentions, want %d", c.sent, n, c.mentions)
		}
		if !p.Dynamic(stored) {
			t.Errorf("%s is not dynamic", c.sent)
		}
		if p.Verbatim(stored.Append(nil)) {
			t.Errorf("%s would be shown as it is stored", c.sent)
		}
		if got := p.Resolve(stored, reader{}).String(); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.sent, got, c.want)
		}
	}
	for _, c := range wrote {
		switch c.key {
		case "people", "verification", "files":
			continue
		}
		if strings.Contains(c.sent, "mention") {
			continue
		}
		d := must[*property.Decoded](t)(write(everyType(t), writer(), `{"`+c.key+`":{"`+c.key+`":`+c.sent+`}}`))
		if p, stored := d.Values[0].Property, d.Values[0].Stored; p.Dynamic(stored) {
			t.Errorf("%s %s is dynamic", c.key, c.sent)
		}
	}
}

func TestVerificationsExpire(t *testing.T) {
	d := must[*property.Decoded](t)(write(everyType(t), writer(),
		`{"verification":{"verification":{"state":"verified","date":{"start":"2026-01-01T00:00:00Z","end":"2026-02-01T00:00:00Z"}}}}`))
	stored := d.Values[0].Stored
	end := time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)
	for now, want := range map[time.Time]string{end: "verified", end.Add(1): "expired"} {
		if got := property.ShowVerification(stored, now).Get("state").Text(); got != want {
			t.Errorf("at %s: %s, want %s", now, got, want)
		}
	}
	if got := property.ShowVerification(jsonx.Value{}, end).Get("state").Text(); got != "unverified" {
		t.Error(got)
	}
}

func TestDropOptions(t *testing.T) {
	one := `{"id":"a","name":"A","color":"red"}`
	two := `{"id":"b","name":"B","color":"red"}`
	for _, c := range []struct{ stored, want string }{
		{one, ""}, {two, two}, {`[` + one + `,` + two + `]`, `[` + two + `]`}, {`[` + one + `]`, ""},
	} {
		v := must[jsonx.Value](t)(jsonx.Parse([]byte(c.stored)))
		if got := property.DropOptions(v, []string{"a"}).String(); got != c.want {
			t.Errorf("%s: got %q, want %q", c.stored, got, c.want)
		}
	}
}

// An error of a value is one that a client may read.
func TestRefusalsAreValidationErrors(t *testing.T) {
	_, err := write(everyType(t), writer(), `{"Nope":{"number":1}}`)
	if apierr.From(err).Code != apierr.ValidationError {
		t.Error(err)
	}
}
