package api

import (
	"strings"
	"testing"

	"octavo/internal/apierr"
	"octavo/internal/notion"
)

// shownRequest is a request with a body, as it is shown.
func shownRequest(body, message string, whole bool) Shown {
	q := Request{
		ID: notion.ID{1}, Method: "PATCH", Target: "/v1/pages/0123456789abcdef0123456789abcdef?filter_properties=title", Route: "/v1/pages/{page_id}",
		Version: "2026-03-11", Status: 400, Code: apierr.ValidationError, Message: message, Body: []byte(body), BodyBytes: len(body),
	}
	return q.Show(whole)
}

func TestWhatPeopleWriteIsMasked(t *testing.T) {
	cases := []struct{ sent, shown string }{
		{`{"properties":{"Name":{"title":[{"text":{"content":"Ada's diary\nII"}}]}}}`, `{"properties":{"Name":{"title":[{"text":{"content":"xxxxx xxxxx\nxx"}}]}}}`},
		{`{"parent":{"type":"page_id","page_id":"0123456789abcdef0123456789abcdef"}}`, `{"parent":{"type":"page_id","page_id":"0123456789abcdef0123456789abcdef"}}`},
		{`{"Pay":{"number":4200},"Born":{"date":{"start":"1990-05-06","end":"1990-05-06T07:08:09Z"}}}`, `{"Pay":{"number":0},"Born":{"date":{"start":"2000-01-01","end":"2000-01-01T00:00:00Z"}}}`},
		{`{"Mail":{"email":"ada@example.org"},"Site":{"url":"https://ada.example.org/x?y=z"},"Call":{"phone_number":"+49 30 1"}}`, `{"Mail":{"email":"person@example.com"},"Site":{"url":"https://example.com/"},"Call":{"phone_number":"xxx xx x"}}`},
		{`{"filter":{"property":"Secret plan","select":{"equals":"Rob the bank"}},"page_size":5,"in_trash":true,"x":null}`, `{"filter":{"property":"Secret plan","select":{"equals":"xxx xxx xxxx"}},"page_size":5,"in_trash":true,"x":null}`},
		{`{"icon":{"type":"emoji","emoji":"🌱"},"cover":{"emoji":"not one"}}`, `{"icon":{"type":"emoji","emoji":"🌱"},"cover":{"emoji":"xxx xxx"}}`},
		{`{"type":"a whole sentence","color":"blue_background","id":"ntn_0123456789abcdef"}`, `{"type":"x xxxxx xxxxxxxx","color":"blue_background","id":"[secret]"}`},
		{`{"ntn_0123456789abcdef":"ünï"}`, `{"[secret]":"xxx"}`},
		{`{"type":"insert_content","insert_content":{"content":"# Ada","after":"word"},"markdown_version":"v2"}`, `{"type":"insert_content","insert_content":{"content":"x xxx","after":"xxxx"},"markdown_version":"v2"}`},
		{`{"after":"0123456789abcdef0123456789abcdef"}`, `{"after":"0123456789abcdef0123456789abcdef"}`},
		{`["a",[1,["b"]]]`, `["x",[0,["x"]]]`},
		{`"alone"`, `"xxxxx"`},
		{`{"code":{"language":"go","rich_text":[]}}`, `{"code":{"language":"go","rich_text":[]}}`},
	}
	for _, c := range cases {
		if got := shownRequest(c.sent, "", false).Sent.String(); got != c.shown {
			t.Errorf("%s\nis shown as %s\nwant        %s", c.sent, got, c.shown)
		}
	}
	for _, c := range cases {
		want := strings.ReplaceAll(c.sent, "ntn_0123456789abcdef", "[secret]")
		if got := shownRequest(c.sent, "", true).Sent.String(); got != want {
			t.Errorf("%s\nis shown whole as %s", c.sent, got)
		}
	}
}

// TestSecretsAreNeverShown: neither are they when everything else is.
func TestSecretsAreNeverShown(t *testing.T) {
	const sent = `{"code":"plain-9","refresh_token":"plain-9","token":"plain-9","client_secret":"plain-9","password":"plain-9",` +
		`"a":"x ntn_0123456789abcdef y","link":"https://h/f?sig=0123456789abcdefghij"}`
	for _, whole := range []bool{false, true} {
		q := Request{Method: "POST", Target: "/v1/oauth/token?code=plain-9&sig=plain-9", Route: "/v1/oauth/token", Client: true,
			Body: []byte(sent), BodyBytes: len(sent), Message: `The code "plain-9" is none, nor is ntn_0123456789abcdef.`}
		s := q.Show(whole)
		shown := s.Target + s.Message + s.Sent.String() + s.Curl("http://h")
		for _, secret := range []string{"plain-9", "0123456789abcdef"} {
			if strings.Contains(shown, secret) {
				t.Errorf("whole %v: %s is in %s", whole, secret, shown)
			}
		}
		if !strings.Contains(shown, `-u "$OCTAVO_CLIENT"`) || strings.Contains(shown, "Bearer") {
			t.Errorf("whole %v: the command is %s", whole, s.Curl("http://h"))
		}
	}
}

func TestMessagesDoNotShowWhatIsMasked(t *testing.T) {
	cases := []struct{ body, message, shown string }{
		{`{"a":"b"}`, "body failed validation: body.a should be a number, instead was `\"b\"`.", "body failed validation: body.a should be a number, instead was …"},
		{`{"x":{"name":"Rob the bank"},"y":"Rob"}`, `Status option "Rob the bank" does not exist.`, `Status option "…" does not exist.`},
		{`{"x":"a","y":"No"}`, `No option "a" is there`, `No option "…" is there`},
		{`{"x":1}`, "Could not find page with ID: 0123456789abcdef0123456789abcdef.", "Could not find page with ID: 0123456789abcdef0123456789abcdef."},
		{`not JSON about Rob`, "Error parsing JSON body: Rob", ""},
	}
	for _, c := range cases {
		if got := shownRequest(c.body, c.message, false).Message; got != c.shown {
			t.Errorf("%q is shown as %q, want %q", c.message, got, c.shown)
		}
	}
}

func TestTargets(t *testing.T) {
	cases := []struct {
		known         bool
		target, shown string
	}{
		{true, "/v1/pages/0123456789abcdef0123456789abcdef/properties/%3AaB", "/v1/pages/0123456789abcdef0123456789abcdef/properties/%3AaB"},
		{true, "/v1/users?page_size=7&start_cursor=abc%3D", "/v1/users?page_size=7&start_cursor=abc%3D"},
		{true, "/v1/pages/ada@example.org", "/v1/pages/person@example.com"},
		{true, "/v1/users?who=Ada&flag", "/v1/users?who=xxx&flag"},
		{false, "/v1/people/Ada/diary", "/v1/people/xxx/xxxxx"},
		{false, "/v1/ntn_0123456789abcdef", "/v1/[secret]"},
	}
	for _, c := range cases {
		if got := new(redactor).target(c.known, c.target); got != c.shown {
			t.Errorf("%s is shown as %s, want %s", c.target, got, c.shown)
		}
	}
}

func TestCurl(t *testing.T) {
	whole := shownRequest(`{"name":"it's"}`, "", true)
	const want = `curl -g --path-as-is -X 'PATCH' 'http://h/v1/pages/0123456789abcdef0123456789abcdef?filter_properties=title' ` +
		`-H "Authorization: Bearer $OCTAVO_TOKEN" -H 'Notion-Version: 2026-03-11' -H 'Content-Type: application/json' --data-raw '{"name":"it'\''s"}'`
	if got := whole.Curl("http://h"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	large := Request{Method: "POST", Target: "/v1/pages", BodyBytes: keptBody + 1}
	if got := large.Show(false).Curl("http://h"); got != "" {
		t.Errorf("a command without the body: %s", got)
	}
}

// TestRequestLogIsBounded: the log has the latest requests and no others.
func TestRequestLogIsBounded(t *testing.T) {
	l := NewRequestLog(3)
	for n := range 5 {
		l.push(Request{ID: notion.ID{byte(n + 1)}})
	}
	var ids []byte
	for _, q := range l.Latest(RequestFilter{}, 10) {
		ids = append(ids, q.ID[0])
	}
	if string(ids) != "\x05\x04\x03" {
		t.Errorf("remembered %v", ids)
	}
	if _, known := l.Find(notion.ID{2}); known {
		t.Error("an old request is remembered")
	}
	if rest := l.Latest(RequestFilter{Before: 5}, 1); len(rest) != 1 || rest[0].ID[0] != 4 {
		t.Errorf("before the fifth: %+v", rest)
	}
	if NewRequestLog(0).Latest(RequestFilter{}, 1) != nil {
		t.Error("no log remembers something")
	}
}
