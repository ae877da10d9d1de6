package media_test

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/schema"
)

const (
	emoji  = "11111111-1111-4111-8111-111111111111"
	upload = "22222222-2222-4222-8222-222222222222"
	other  = "33333333-3333-4333-8333-333333333333"
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
	media.Define(s)
	s.Define("page", schema.Object(schema.Opt("icon", schema.Ref("page_icon")), schema.Opt("cover", schema.Ref("page_cover"))))
	s.Seal()
	return s
}

func TestDecode(t *testing.T) {
	const uploaded = `{"type":"file_upload","file_upload":{"id":"` + upload + `"}}`
	cases := []struct {
		key, sent, want string
		dynamic         bool
	}{
		{"icon", `null`, ``, false},
		{"icon", `{"emoji":"🎉"}`, `{"type":"emoji","emoji":"🎉"}`, false},
		{"icon", `{"type":"emoji","emoji":"⚠️"}`, `{"type":"emoji","emoji":"⚠️"}`, false},
		{"icon", `{"emoji":"🩷"}`, `{"type":"emoji","emoji":"🩷"}`, false},
		{"icon", `{"external":{"url":"https://example.com/a.png"}}`, `{"type":"external","external":{"url":"https://example.com/a.png"}}`, false},
		{"icon", `{"file_upload":{"id":"22222222222242228222222222222222"}}`, uploaded, true},
		{"icon", `{"custom_emoji":{"id":"` + emoji + `","name":"a","url":"b"}}`, `{"type":"custom_emoji","custom_emoji":{"id":"` + emoji + `"}}`, true},
		{"icon", `{"icon":{"name":"pizza","color":"lightgray"}}`, `{"type":"icon","icon":{"name":"pizza","color":"lightgray"}}`, false},
		{"icon", `{"type":"icon","icon":{"name":"pizza"}}`, `{"type":"icon","icon":{"name":"pizza","color":"gray"}}`, false},
		{"icon", `{"external":{"url":"https://www.notion.so/icons/snake_purple.svg"}}`, `{"type":"icon","icon":{"name":"snake","color":"purple"}}`, false},
		{"icon", `{"external":{"url":"https://notion.so/icons/arrow_up-line_blue.svg?mode=light"}}`, `{"type":"icon","icon":{"name":"arrow_up-line","color":"blue"}}`, false},
		{"icon", `{"external":{"url":"https://www.notion.so/icons/snake_teal.svg"}}`,
			`{"type":"external","external":{"url":"https://www.notion.so/icons/snake_teal.svg"}}`, false},
		{"icon", `{"external":{"url":"https://www.notion.so/icons/_red.svg"}}`, `{"type":"external","external":{"url":"https://www.notion.so/icons/_red.svg"}}`, false},
		{"icon", `{"external":{"url":"https://www.notion.so/icons/a/b_red.svg"}}`, `{"type":"external","external":{"url":"https://www.notion.so/icons/a/b_red.svg"}}`, false},
		{"icon", `{"external":{"url":"https://www.notion.so/icons/snake_red.png"}}`, `{"type":"external","external":{"url":"https://www.notion.so/icons/snake_red.png"}}`, false},
		{"cover", `null`, ``, false},
		{"cover", `{"type":"external","external":{"url":"https://example.com/a.png"}}`, `{"type":"external","external":{"url":"https://example.com/a.png"}}`, false},
		{"cover", `{"file_upload":{"id":"` + upload + `"},"type":"file_upload"}`, uploaded, true},
	}
	set := requests()
	for _, c := range cases {
		body := parse(t, `{"`+c.key+`":`+c.sent+`}`)
		if err := set.Check("body", "page", body); err != nil {
			t.Errorf("%s %s: %v", c.key, c.sent, err)
			continue
		}
		decode := media.DecodeIcon
		if c.key == "cover" {
			decode = media.DecodeCover
		}
		got, err := decode(body.Get(c.key))
		if err != nil || string(got.JSON) != c.want || got.Dynamic != c.dynamic || (c.want == "") != (got.JSON == nil) {
			t.Errorf("%s %s\ngot  %s, dynamic %v, %v\nwant %s", c.key, c.sent, got.JSON, got.Dynamic, err, c.want)
		}
		want := notion.ID{}
		if c.want == uploaded {
			want, _ = notion.ParseID(upload)
		}
		if got.Upload != want {
			t.Errorf("%s %s: upload %s", c.key, c.sent, got.Upload)
		}
	}
	if v, err := media.DecodeIcon(jsonx.Value{}); v.JSON != nil || err != nil {
		t.Errorf("no icon: %s, %v", v.JSON, err)
	}
}

func TestBadURL(t *testing.T) {
	for _, url := range []string{"", "nowhere", "/22222222222242228222222222222222", "mailto:a@example.com", "javascript:alert(1)", "http://"} {
		v := jsonx.ObjectValue(jsonx.M("external", jsonx.ObjectValue(jsonx.M("url", jsonx.StringValue(url)))))
		for _, decode := range []func(jsonx.Value) (media.Value, error){media.DecodeIcon, media.DecodeCover} {
			if _, err := decode(v); err == nil {
				t.Errorf("%q is accepted", url)
			} else if got := message(t, err); got != "Content creation Failed. Fix the following: \nInvalid image url." {
				t.Error(got)
			}
		}
	}
}

func TestSchema(t *testing.T) {
	const many = "body failed validation. Fix one:"
	defined := func(keys ...string) string {
		var s string
		for _, key := range keys {
			s += "\n" + key + " should be defined, instead was `undefined`."
		}
		return s
	}
	cases := []struct{ sent, want string }{
		{`{"icon":{"type":"file","file":{}}}`,
			many + defined("body.icon.emoji", "body.icon.external", "body.icon.file_upload", "body.icon.custom_emoji", "body.icon.icon")},
		{`{"icon":{"type":"externaeel","external":{"url":"x"}}}`,
			many + defined("body.icon.emoji") + "\nbody.icon.type should be `\"external\"` or `undefined`, instead was `\"externaeel\"`." +
				defined("body.icon.file_upload", "body.icon.custom_emoji", "body.icon.icon")},
		{`{"icon":"x"}`, "body failed validation: body.icon should be an object, `null`, or `undefined`, instead was `\"x\"`."},
		{`{"icon":{"icon":{"name":"x","color":"teal"}}}`,
			"body failed validation: body.icon.icon.color should be `\"gray\"`, `\"lightgray\"`, `\"brown\"`, `\"yellow\"`, `\"orange\"`, `\"green\"`, `\"blue\"`, `\"purple\"`, `\"pink\"`, `\"red\"`, or `undefined`, instead was `\"teal\"`."},
		{`{"cover":{"emoji":"🎉"}}`, many + defined("body.cover.external", "body.cover.file_upload")},
		{`{"cover":{"external":{"url":"` + strings.Repeat("x", 2001) + `"}}}`,
			"body failed validation: body.cover.external.url.length should be ≤ `2000`, instead was `2001`."},
	}
	set := requests()
	for _, c := range cases {
		err := set.Check("body", "page", parse(t, c.sent))
		if err == nil {
			t.Errorf("%s is accepted", c.sent)
		} else if got := message(t, err); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.sent, got, c.want)
		}
	}
}

func TestEmojis(t *testing.T) {
	all := media.Emojis()
	if len(all) != 3667+49 || all[0] != "😀" {
		t.Errorf("%d emojis, the first is %s", len(all), all[0])
	}
	slices.Sort(all)
	if n := len(slices.Compact(all)); n != len(all) {
		t.Errorf("%d are there twice", len(all)-n)
	}
	err := requests().Check("body", "page", parse(t, `{"icon":{"emoji":"x"}}`))
	if err == nil || !strings.Contains(message(t, err), "\nbody.icon.external should be defined") ||
		!strings.HasPrefix(message(t, err), "body failed validation. Fix one:\nbody.icon.emoji should be `\"😀\"`, `\"😃\"`, ") {
		t.Errorf("%.200v", err)
	}
}

func TestListsAreThoseOfTheSDK(t *testing.T) {
	data, err := os.ReadFile("../../testdata/sdk_types.json")
	if err != nil {
		t.Fatal(err)
	}
	var sdk struct {
		Colors []string `json:"icon_colors"`
		Icons  []string `json:"icon_request_types"`
		Covers []string `json:"cover_request_types"`
	}
	if err := json.Unmarshal(data, &sdk); err != nil || len(sdk.Icons) == 0 || len(sdk.Covers) == 0 {
		t.Fatal("no lists", err)
	}
	if !slices.Equal(media.IconColors, sdk.Colors) {
		t.Errorf("colors:\ngot  %v\nwant %v", media.IconColors, sdk.Colors)
	}
	set := requests()
	for union, want := range map[string][]string{"icon": sdk.Icons, "cover": sdk.Covers} {
		for _, name := range want {
			if !set.Union(union).Has(name) {
				t.Errorf("%s lacks %s", union, name)
			}
		}
	}
}

// reader sees one emoji and one file.
type reader struct{ nobody }

func (reader) CustomEmoji(id notion.ID) (name, url string, ok bool) {
	return "party", "https://e.example/party.png", id.String() == emoji
}

func (reader) File(id notion.ID) (media.File, bool) {
	if id.String() != upload {
		return media.File{}, false
	}
	return media.File{Name: "a.png", URL: "https://f.example/a.png?sig=1", Expiry: "2026-01-02T03:04:05.000Z"}, true
}

// nobody sees nothing.
type nobody struct{}

func (nobody) User(notion.ID) *notion.User    { return nil }
func (nobody) Title(notion.ID) (string, bool) { return "", false }
func (nobody) URL(notion.ID) string           { return "" }

func TestResolve(t *testing.T) {
	const file = `{"type":"file","file":{"url":"https://f.example/a.png?sig=1","expiry_time":"2026-01-02T03:04:05.000Z"}`
	custom := func(id string) string { return `{"type":"custom_emoji","custom_emoji":{"id":"` + id + `"}}` }
	uploaded := func(id string) string { return `{"type":"file_upload","file_upload":{"id":"` + id + `"}` }
	cases := []struct{ stored, want string }{
		{`{"type":"emoji","emoji":"🎉"}`, `{"type":"emoji","emoji":"🎉"}`},
		{`{"type":"icon","icon":{"name":"x","color":"red"}}`, `{"type":"icon","icon":{"name":"x","color":"red"}}`},
		{custom(emoji), `{"type":"custom_emoji","custom_emoji":{"id":"` + emoji + `","name":"party","url":"https://e.example/party.png"}}`},
		{custom(other), `null`},
		{uploaded(upload) + `}`, file + `}`},
		{uploaded(upload) + `,"name":""}`, file + `,"name":"a.png"}`},
		{uploaded(upload) + `,"name":"b"}`, file + `,"name":"b"}`},
		{uploaded(other) + `}`, `{"type":"file","file":{"url":"","expiry_time":""}}`},
		{`{"rich_text":[],"icon":` + custom(other) + `,"color":"red"}`, `{"rich_text":[],"icon":null,"color":"red"}`},
		{`{"rich_text":[],"icon":` + uploaded(upload) + `}}`, `{"rich_text":[],"icon":` + file + `}}`},
		{`{"rich_text":[],"icon":null}`, `{"rich_text":[],"icon":null}`},
		{`{"type":"page_id","page_id":"` + other + `"}`, `{"type":"page_id","page_id":"` + other + `"}`},
	}
	for _, c := range cases {
		if got := media.Resolve(parse(t, c.stored), reader{}).String(); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.stored, got, c.want)
		}
	}
	if got := media.Resolve(parse(t, custom(emoji)), nobody{}); !got.IsNull() {
		t.Errorf("an emoji where there are none: %s", got)
	}
}

func TestUploads(t *testing.T) {
	var got []string
	media.Uploads(parse(t, `{"a":[{"type":"file_upload","file_upload":{"id":"`+upload+`"}}],"icon":{"type":"file_upload","file_upload":{"id":"`+other+`"}},
		"b":{"type":"external","external":{"url":"x"}}}`), func(id notion.ID) { got = append(got, id.String()) })
	if want := []string{upload, other}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestUploadNotFound(t *testing.T) {
	id, _ := notion.ParseID(upload)
	var e *apierr.Error
	if !errors.As(media.UploadNotFound(id), &e) || e.Code != apierr.ObjectNotFound || e.Message != "Could not find file_upload with ID: "+upload+
		". Confirm the status of the file upload is `uploaded` and that your integration has capabilities to update or insert content." {
		t.Errorf("got %v", e)
	}
}

func TestNames(t *testing.T) {
	cases := []struct{ url, name, renamed string }{
		{"https://example.com/robots.txt", "robots.txt", "my_robot.txt"},
		{"https://example.com/d/robots.txt?v=1.2#x/y.z", "robots.txt", "my_robot.txt"},
		{"https://example.com/d/", "d", "my_robot"},
		{"https://example.com/archive.tar.gz", "archive.tar.gz", "my_robot.gz"},
		{"https://example.com", "example.com", "my_robot"},
		{"https://example.com/", "example.com", "my_robot"},
		{"https://example.com/my%20file.pdf", "my file.pdf", "my_robot.pdf"},
		{"https://example.com/a%2Fb.pdf", "a/b.pdf", "my_robot.pdf"},
		{"https://example.com/a%zz.pdf", "a%zz.pdf", "my_robot.pdf"},
		{"https://example.com/a%00.pdf", "a%00.pdf", "my_robot.pdf"},
		{"https://example.com/a%ff.pdf", "a%ff.pdf", "my_robot.pdf"},
		{"https://example.com/ü.pdf", "ü.pdf", "my_robot.pdf"},
	}
	for _, c := range cases {
		source := jsonx.ObjectValue(jsonx.M("external", jsonx.ObjectValue(jsonx.M("url", jsonx.StringValue(c.url)))))
		if got := media.NameOf(source); got != c.name {
			t.Errorf("%s: name %q, want %q", c.url, got, c.name)
		}
		if got := media.WithExtension("my_robot", source); got != c.renamed {
			t.Errorf("%s: renamed %q, want %q", c.url, got, c.renamed)
		}
		if got := media.WithExtension("my.robot", source); got != "my.robot" {
			t.Errorf("%s: a second extension: %q", c.url, got)
		}
	}
	uploaded := parse(t, `{"type":"file_upload","file_upload":{"id":"`+upload+`"}}`)
	if media.NameOf(uploaded) != "" || media.WithExtension("x", uploaded) != "x" || media.WithExtension("", uploaded) != "" {
		t.Error("an upload has a name of its own")
	}
}
