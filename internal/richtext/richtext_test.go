package richtext_test

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

const (
	ada   = "11111111-1111-4111-8111-111111111111"
	home  = "22222222-2222-4222-8222-222222222222"
	other = "33333333-3333-4333-8333-333333333333"
	plain = `"annotations":{"bold":false,"italic":false,"strikethrough":false,"underline":false,"code":false,"color":"default"}`
	bold  = `"annotations":{"bold":true,"italic":false,"strikethrough":false,"underline":false,"code":false,"color":"default"}`
)

func parse(t testing.TB, text string) jsonx.Value {
	t.Helper()
	v, err := jsonx.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func message(t testing.TB, err error) string {
	t.Helper()
	var e *apierr.Error
	if !errors.As(err, &e) || e.Code != apierr.ValidationError {
		t.Fatalf("%v is not a validation_error", err)
	}
	return e.Message
}

func requests() *schema.Set {
	s := schema.NewSet()
	richtext.Define(s)
	s.Seal()
	return s
}

// check reports how the schema of rich text refuses v, "" when it does not.
func check(t testing.TB, v jsonx.Value) string {
	t.Helper()
	if err := requests().Check("body", "rich_text", v); err != nil {
		return message(t, err)
	}
	return ""
}

// text is a stored text item.
func text(content, annotations string) string {
	return `{"type":"text","text":{"content":"` + content + `","link":null},` + annotations + `,"plain_text":"` + content + `","href":null}`
}

func TestDecode(t *testing.T) {
	linked := func(url string) string {
		return `{"type":"text","text":{"content":"a","link":{"url":"` + url + `"}},` + plain + `,"plain_text":"a","href":"` + url + `"}`
	}
	mention := func(payload, plainText string) string {
		return `{"type":"mention","mention":` + payload + `,` + plain + `,"plain_text":"` + plainText + `","href":null}`
	}
	cases := []struct {
		name, sent, want string
		dynamic          bool
	}{
		{"nothing", ``, ``, false},
		{"text", `{"text":{"content":"a"}}`, text("a", plain), false},
		{"what was read", text("a", bold), text("a", bold), false},
		{"partial annotations", `{"text":{"content":"a"},"annotations":{"bold":true}}`, text("a", bold), false},
		{"all annotations", `{"text":{"content":"a"},"annotations":{"bold":true,"italic":true,"strikethrough":true,"underline":true,"code":true,"color":"red_background"}}`,
			text("a", `"annotations":{"bold":true,"italic":true,"strikethrough":true,"underline":true,"code":true,"color":"red_background"}`), false},
		{"default_background", `{"text":{"content":"a"},"annotations":{"color":"default_background"}}`, text("a", plain), false},
		{"plain_text and href are ignored", `{"type":"text","text":{"content":"a","link":null},"plain_text":"b","href":"https://b.example"}`, text("a", plain), false},
		{"link", `{"text":{"content":"a","link":{"url":"https://www.google.com"}}}`, linked("https://www.google.com"), false},
		{"link to a page", `{"text":{"content":"a","link":{"url":"/22222222222242228222222222222222"}}}`, linked("/22222222222242228222222222222222"), false},
		{"empty text is dropped", `{"text":{"content":""}},{"text":{"content":"a"}},{"text":{"content":""}}`, text("a", plain), false},
		{"same style is merged", `{"text":{"content":"a"}},{"text":{"content":"b"},"annotations":{"bold":false}},{"text":{"content":"c"}}`, text("abc", plain), false},
		{"merged across empty text", `{"text":{"content":"a"}},{"text":{"content":""},"annotations":{"bold":true}},{"text":{"content":"b"}}`, text("ab", plain), false},
		{"other style is not", `{"text":{"content":"a"}},{"text":{"content":"b"},"annotations":{"bold":true}},{"text":{"content":"c"}}`,
			text("a", plain) + "," + text("b", bold) + "," + text("c", plain), false},
		{"other link is not", `{"text":{"content":"a"}},{"text":{"content":"a","link":{"url":"https://a.example"}}},{"text":{"content":"a","link":{"url":"https://b.example"}}}`,
			text("a", plain) + "," + linked("https://a.example") + "," + linked("https://b.example"), false},
		{"same link is merged", `{"text":{"content":"","link":{"url":"https://a.example"}}},{"text":{"content":"a","link":{"url":"https://a.example"}}}`,
			linked("https://a.example"), false},
		{"equation", `{"equation":{"expression":"e=mc^2"}},{"equation":{"expression":"e=mc^2"}}`,
			`{"type":"equation","equation":{"expression":"e=mc^2"},` + plain + `,"plain_text":"e=mc^2","href":null},` +
				`{"type":"equation","equation":{"expression":"e=mc^2"},` + plain + `,"plain_text":"e=mc^2","href":null}`, false},
		{"text around an equation", `{"text":{"content":"a"}},{"equation":{"expression":"x"}},{"text":{"content":"b"}}`,
			text("a", plain) + `,{"type":"equation","equation":{"expression":"x"},` + plain + `,"plain_text":"x","href":null},` + text("b", plain), false},
		{"user", `{"mention":{"user":{"id":"11111111111141118111111111111111"}}}`,
			mention(`{"type":"user","user":{"object":"user","id":"`+ada+`"}}`, ""), true},
		{"user as read", `{"type":"mention","mention":{"type":"user","user":{"object":"user","id":"` + ada + `","name":"Ada","avatar_url":null,"type":"person","person":{}}},"plain_text":"@Ada"}`,
			mention(`{"type":"user","user":{"object":"user","id":"`+ada+`"}}`, ""), true},
		{"page", `{"mention":{"type":"page","page":{"id":"` + home + `"}}}`, mention(`{"type":"page","page":{"id":"`+home+`"}}`, ""), true},
		{"database", `{"mention":{"database":{"id":"` + home + `"}}}`, mention(`{"type":"database","database":{"id":"`+home+`"}}`, ""), true},
		{"custom emoji", `{"mention":{"custom_emoji":{"id":"` + home + `","name":"x","url":"y"}}}`, mention(`{"type":"custom_emoji","custom_emoji":{"id":"`+home+`"}}`, ""), true},
		{"date", `{"mention":{"date":{"start":"2022-12-16"}}}`,
			mention(`{"type":"date","date":{"start":"2022-12-16","end":null,"time_zone":null}}`, "2022-12-16"), false},
		{"date range", `{"mention":{"date":{"start":"2022-01-01T00:00Z","end":"2022-01-02T12:34:56Z"}}}`,
			mention(`{"type":"date","date":{"start":"2022-01-01T00:00:00.000+00:00","end":"2022-01-02T12:34:00.000+00:00","time_zone":null}}`,
				"2022-01-01T00:00:00.000+00:00 → 2022-01-02T12:34:00.000+00:00"), false},
		{"today", `{"mention":{"template_mention":{"template_mention_date":"today"}}}`,
			mention(`{"type":"template_mention","template_mention":{"type":"template_mention_date","template_mention_date":"today"}}`, "@Today"), false},
		{"now", `{"mention":{"template_mention":{"type":"template_mention_date","template_mention_date":"now"}}}`,
			mention(`{"type":"template_mention","template_mention":{"type":"template_mention_date","template_mention_date":"now"}}`, "@Now"), false},
		{"me", `{"mention":{"template_mention":{"template_mention_user":"me"}}}`,
			mention(`{"type":"template_mention","template_mention":{"type":"template_mention_user","template_mention_user":"me"}}`, "@Me"), false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v := parse(t, "["+c.sent+"]")
			if got := check(t, v); got != "" {
				t.Fatal(got)
			}
			got, err := richtext.Decode(v)
			if err != nil {
				t.Fatal(err)
			}
			if want := "[" + c.want + "]"; got.Value.String() != want || got.Dynamic != c.dynamic {
				t.Errorf("got  %s, dynamic %v\nwant %s", got.Value, got.Dynamic, want)
			}
		})
	}
}

func TestDecodeUndefined(t *testing.T) {
	got, err := richtext.Decode(jsonx.Value{})
	if err != nil || got.Value.String() != "[]" || got.Dynamic {
		t.Errorf("got %s, %v", got.Value, err)
	}
}

// TestMergedTextMayBeLonger sees that the limit of one item is that of a write alone.
func TestMergedTextMayBeLonger(t *testing.T) {
	long := strings.Repeat("x", richtext.MaxContent)
	v := parse(t, `[{"text":{"content":"`+long+`"}},{"text":{"content":"y"}}]`)
	if got := check(t, v); got != "" {
		t.Fatal(got)
	}
	got, err := richtext.Decode(v)
	if err != nil || len(got.Value.Items()) != 1 || richtext.Plain(got.Value) != long+"y" {
		t.Errorf("got %.80s…, %v", got.Value, err)
	}
	tooLong := parse(t, `[{"text":{"content":"`+long+`y"}}]`)
	if got, want := check(t, tooLong), "body failed validation: body[0].text.content.length should be ≤ `2000`, instead was `2001`."; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestRefusals(t *testing.T) {
	cases := []struct{ sent, want string }{
		{`{"text":{"content":"a","link":{"url":"nowhere"}}}`, "Content creation Failed. Fix the following: \nInvalid URL for link."},
		{`{"text":{"content":"","link":{"url":""}}}`, "Content creation Failed. Fix the following: \nInvalid URL for link."},
		{`{"mention":{"date":{"start":"2026-01-02","end":"2026-01-01"}}}`,
			"The end of a date must not be before its start: 2026-01-01 is before 2026-01-02."},
	}
	for _, c := range cases {
		v := parse(t, "["+c.sent+"]")
		if got := check(t, v); got != "" {
			t.Errorf("%s: %s", c.sent, got)
		}
		if _, err := richtext.Decode(v); err == nil {
			t.Errorf("%s is accepted", c.sent)
		} else if got := message(t, err); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.sent, got, c.want)
		}
	}
}

func TestSchema(t *testing.T) {
	defined := func(keys ...string) string {
		s := "body failed validation. Fix one:"
		for _, key := range keys {
			s += "\n" + key + " should be defined, instead was `undefined`."
		}
		return s
	}
	cases := []struct{ sent, want string }{
		{`[{"type":"text","plain_text":"x"}]`, defined("body[0].text", "body[0].mention", "body[0].equation")},
		{`[{"mention":{}}]`, defined("body[0].mention.user", "body[0].mention.date", "body[0].mention.page", "body[0].mention.database",
			"body[0].mention.template_mention", "body[0].mention.custom_emoji")},
		{`[{"text":{"content":"a"},"annotations":{"color":"teal"}}]`,
			"body failed validation: body[0].annotations.color should be `\"" + strings.Join(richtext.Colors, "\"`, `\"") + "\"`, or `undefined`, instead was `\"teal\"`."},
		{`[{"text":{"content":"a"},"annotations":{"bold":1}}]`,
			"body failed validation: body[0].annotations.bold should be a boolean or `undefined`, instead was `1`."},
		{`[{"mention":{"date":{"start":"tomorrow"}}}]`,
			"body failed validation: body[0].mention.date.start should be a valid ISO 8601 date string, instead was `\"tomorrow\"`."},
		{`[{"mention":{"user":{"id":"x"}}}]`, "body failed validation: body[0].mention.user.id should be a valid uuid, instead was `\"x\"`."},
		{`[{"equation":{"expression":"` + strings.Repeat("x", 1001) + `"}}]`,
			"body failed validation: body[0].equation.expression.length should be ≤ `1000`, instead was `1001`."},
	}
	for _, c := range cases {
		if got := check(t, parse(t, c.sent)); got != c.want {
			t.Errorf("%.80s\ngot  %s\nwant %s", c.sent, got, c.want)
		}
	}
}

// reader sees the user ada, hidden or not, and the page home.
type reader struct{ hidden bool }

func (r reader) User(id notion.ID) *notion.User {
	if id.String() != ada {
		return nil
	}
	return &notion.User{ID: id, Name: "Ada", Hidden: r.hidden}
}

func (reader) Title(id notion.ID) (string, bool) { return "Home", id.String() == home }

func (reader) URL(id notion.ID) string { return "https://www.notion.so/" + id.Compact() }

// emojis is a reader in a workspace with the emoji home, called party.
type emojis struct{ reader }

func (emojis) CustomEmoji(id notion.ID) (name, url string, ok bool) {
	return "party", "https://e.example/party.png", id.String() == home
}

func TestResolve(t *testing.T) {
	styled := `"annotations":{"bold":true}`
	cases := []struct {
		name, sent, want string
		resolver         richtext.Resolver
	}{
		{"text stays", `{"text":{"content":"a"}}`, text("a", plain), reader{}},
		{"user", `{"mention":{"user":{"id":"` + ada + `"}},` + styled + `}`,
			`{"type":"mention","mention":{"type":"user","user":{"object":"user","id":"` + ada + `","name":"Ada","avatar_url":null,"type":"person","person":{}}},` +
				bold + `,"plain_text":"@Ada","href":null}`, reader{}},
		{"hidden user", `{"mention":{"user":{"id":"` + ada + `"}}}`,
			`{"type":"mention","mention":{"type":"user","user":{"object":"user","id":"` + ada + `"}},` + plain + `,"plain_text":"@Anonymous","href":null}`, reader{hidden: true}},
		{"unknown user", `{"mention":{"user":{"id":"` + other + `"}}}`,
			`{"type":"mention","mention":{"type":"user","user":{"object":"user","id":"` + other + `"}},` + plain + `,"plain_text":"@Anonymous","href":null}`, reader{}},
		{"page", `{"mention":{"page":{"id":"` + home + `"}},` + styled + `}`,
			`{"type":"mention","mention":{"type":"page","page":{"id":"` + home + `"}},` + bold +
				`,"plain_text":"Home","href":"https://www.notion.so/22222222222242228222222222222222"}`, reader{}},
		{"page out of sight", `{"mention":{"page":{"id":"` + other + `"}},` + styled + `}`,
			`{"type":"mention","mention":{"type":"page","page":{"id":"` + other + `"}},` + plain +
				`,"plain_text":"Untitled","href":"https://www.notion.so/33333333333343338333333333333333"}`, nameless{}},
		{"page without a title", `{"mention":{"page":{"id":"` + home + `"}},` + styled + `}`,
			`{"type":"mention","mention":{"type":"page","page":{"id":"` + home + `"}},` + bold +
				`,"plain_text":"Untitled","href":"https://www.notion.so/22222222222242228222222222222222"}`, nameless{}},
		{"database", `{"mention":{"database":{"id":"` + home + `"}}}`,
			`{"type":"mention","mention":{"type":"database","database":{"id":"` + home + `"}},` + plain +
				`,"plain_text":"Home","href":"https://www.notion.so/22222222222242228222222222222222"}`, reader{}},
		{"emoji", `{"mention":{"custom_emoji":{"id":"` + home + `"}}}`,
			`{"type":"mention","mention":{"type":"custom_emoji","custom_emoji":{"id":"` + home + `","name":"party","url":"https://e.example/party.png"}},` +
				plain + `,"plain_text":":party:","href":null}`, emojis{}},
		{"emoji where there are none", `{"mention":{"custom_emoji":{"id":"` + home + `"}}}`,
			`{"type":"mention","mention":{"type":"custom_emoji","custom_emoji":{"id":"` + home + `","name":"","url":""}},` +
				plain + `,"plain_text":"","href":null}`, reader{}},
		{"date stays", `{"mention":{"date":{"start":"2022-12-16"}}}`,
			`{"type":"mention","mention":{"type":"date","date":{"start":"2022-12-16","end":null,"time_zone":null}},` + plain + `,"plain_text":"2022-12-16","href":null}`, reader{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text, err := richtext.Decode(parse(t, "["+c.sent+"]"))
			if err != nil {
				t.Fatal(err)
			}
			stored := parse(t, text.Value.String())
			if got := richtext.Resolve(stored, c.resolver); got.String() != "["+c.want+"]" {
				t.Errorf("got  %s\nwant [%s]", got, c.want)
			}
		})
	}
}

// nameless sees the page home, which has no title.
type nameless struct{ reader }

func (nameless) Title(id notion.ID) (string, bool) { return "", id.String() == home }

func TestReferences(t *testing.T) {
	text, err := richtext.Decode(parse(t, `[{"mention":{"user":{"id":"`+ada+`"}}},{"text":{"content":"x"}},{"mention":{"page":{"id":"`+home+`"}}},
		{"mention":{"database":{"id":"`+other+`"}}},{"mention":{"date":{"start":"2026-01-01"}}},{"mention":{"custom_emoji":{"id":"`+home+`"}}}]`))
	if err != nil {
		t.Fatal(err)
	}
	var kinds []richtext.Kind
	var ids []string
	payload := jsonx.ObjectValue(jsonx.M("cells", jsonx.ArrayValue(text.Value)))
	richtext.References(payload, func(kind richtext.Kind, id notion.ID) {
		kinds, ids = append(kinds, kind), append(ids, id.String())
	})
	if want := []richtext.Kind{richtext.UserMention, richtext.PageMention, richtext.DatabaseMention, richtext.CustomEmojiMention}; !slices.Equal(kinds, want) {
		t.Errorf("kinds %v, want %v", kinds, want)
	}
	if want := []string{ada, home, other, home}; !slices.Equal(ids, want) {
		t.Errorf("ids %v, want %v", ids, want)
	}
}

func TestPlain(t *testing.T) {
	text, err := richtext.Decode(parse(t, `[{"text":{"content":"a "}},{"equation":{"expression":"x"}},{"text":{"content":" b"},"annotations":{"bold":true}}]`))
	if err != nil {
		t.Fatal(err)
	}
	if got := richtext.Plain(text.Value); got != "a x b" {
		t.Errorf("got %q", got)
	}
	if got := richtext.Plain(jsonx.Value{}); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}

func TestListsAreThoseOfTheSDK(t *testing.T) {
	data, err := os.ReadFile("../../testdata/sdk_types.json")
	if err != nil {
		t.Fatal(err)
	}
	var sdk struct {
		Colors   []string `json:"colors"`
		Items    []string `json:"rich_text_request_types"`
		Mentions []string `json:"mention_request_types"`
	}
	if err := json.Unmarshal(data, &sdk); err != nil || len(sdk.Items) == 0 || len(sdk.Mentions) == 0 {
		t.Fatal("no lists", err)
	}
	if !slices.Equal(richtext.Colors, sdk.Colors) {
		t.Errorf("colors:\ngot  %v\nwant %v", richtext.Colors, sdk.Colors)
	}
	set := requests()
	for union, want := range map[string][]string{"rich_text_item": sdk.Items, "mention": sdk.Mentions} {
		for _, name := range want {
			if !set.Union(union).Has(name) {
				t.Errorf("%s lacks %s", union, name)
			}
		}
	}
}

func TestValidURL(t *testing.T) {
	valid := []string{
		"https://example.com", "http://localhost:8080/a b?c#d", "HTTPS://EXAMPLE.COM", "https://user:pw@example.com/", "https://例え.jp/ü", "https://[::1]:80/",
		" https://example.com ", "mailto:a@example.com", "tel:+49123", "notion://www.notion.so/x", "obsidian://open?vault=x", "ftp://example.com/a",
		"/22222222222242228222222222222222", "/22222222222242228222222222222222?pvs=4#block", "https://example.com/%zz",
	}
	invalid := []string{
		"", " ", "example", "example.com", "www.example.com/x", "/relative", "/2222", "//example.com", "http:", "http://", "http:///path", "https://:80", "https:example.com",
		"https://exa mple.com", "https://a\x00b.example", "https://a.example/\nb", "javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "vbscript:x",
		":x", "1a:x", "-a:x", "#anchor", "https://user@",
	}
	for _, s := range valid {
		if !richtext.ValidURL(s) {
			t.Errorf("%q is refused", s)
		}
	}
	for _, s := range invalid {
		if richtext.ValidURL(s) {
			t.Errorf("%q is accepted", s)
		}
	}
}
