package admin_test

import (
	"archive/tar"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"octavo/internal/admin"
	"octavo/internal/api"
	"octavo/internal/clock"
	"octavo/internal/core"
	"octavo/internal/faults"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/outbound"
	"octavo/internal/ratelimit"
	"octavo/internal/store"
	"octavo/internal/store/storetest"
	"octavo/internal/webhook"
)

const adminToken = "adm_test"

// site is the endpoints over a store with what a first start makes.
type site struct {
	t        *testing.T
	core     *core.Core
	clock    *clock.Manual
	first    core.Bootstrapped
	store    *store.Store
	handler  http.Handler
	api      http.Handler
	draining bool
	temp     string
	// description is what every answer is held against.
	description *description
}

func newSite(t *testing.T, data store.Options, change func(*admin.Options)) *site {
	t.Helper()
	s := &site{t: t, clock: clock.NewManual(time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)), temp: t.TempDir()}
	ids := new(clock.Sequence)
	data.Clock = s.clock
	s.store = storetest.Open(t, data)
	local, err := outbound.ParsePolicy([]string{"loopback"})
	if err != nil {
		t.Fatal(err)
	}
	s.core = core.New(s.store, s.clock, ids, core.Options{
		Webhooks: core.WebhookOptions{Policy: local, Sender: webhook.NewSender(s.clock, local, "test")},
	})
	if s.first, err = s.core.Bootstrap(context.Background(), core.BootstrapOptions{}); err != nil {
		t.Fatal(err)
	}
	requests := api.NewRequestLog(10)
	s.api = api.New(s.core, api.Options{Clock: s.clock, IDs: ids, Requests: requests})
	opts := admin.Options{
		Requests: requests, PublicURL: "http://octavo.test",
		Limits: admin.Limits{Limiter: ratelimit.New(s.clock, 0), Profile: "default", MaxInFlight: 1, MaxBody: 1, MaxUpload: 1, MaxPart: 1},
		Core:   s.core, Clock: s.clock, IDs: ids, Token: adminToken, Version: "1.2.3", TempDir: s.temp,
		Faults:   faults.New(s.clock, ids),
		Metrics:  http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "metric 1\n") }),
		Draining: func() bool { return s.draining },
	}
	if change != nil {
		change(&opts)
	}
	s.handler = admin.New(opts)
	s.description = readDescription(t, s.handler)
	return s
}

func newSQLite(t *testing.T) *site { return newSite(t, storetest.SQLite(t), nil) }

// send sends a request with the admin token, unless a header says otherwise.
func (s *site) send(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest(method, "/_octavo"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+adminToken)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	s.description.hold(s.t, r, body, w)
	return w
}

// ok sends a request that must succeed and returns the answer.
func (s *site) ok(method, path, body string) jsonx.Value {
	s.t.Helper()
	w := s.send(method, path, body)
	v, err := jsonx.Parse(w.Body.Bytes())
	if err != nil || w.Code != http.StatusOK {
		s.t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	members := v.Members()
	if members[len(members)-1].Key != "request_id" {
		s.t.Errorf("%s %s: request_id is not the last key of %s", method, path, w.Body)
	}
	v.Delete("request_id")
	return v
}

// refused sends a request that must fail with a code and part of a message.
func (s *site) refused(method, path, body string, status int, code, message string) {
	s.t.Helper()
	w := s.send(method, path, body)
	v, err := jsonx.Parse(w.Body.Bytes())
	if err != nil || w.Code != status || v.Get("code").Text() != code || !strings.Contains(v.Get("message").Text(), message) {
		s.t.Errorf("%s %s %s: %d %s, want %d %s %q", method, path, body, w.Code, w.Body, status, code, message)
	}
	if v.Get("object").Text() != "error" || v.Get("request_id").Text() == "" {
		s.t.Errorf("%s %s: not the shape of an error: %s", method, path, w.Body)
	}
}

func TestWhoGetsIn(t *testing.T) {
	s := newSQLite(t)
	nobody := newSite(t, storetest.SQLite(t), func(o *admin.Options) { o.Token = "" })
	cases := []struct {
		site   *site
		path   string
		header string
		status int
	}{
		{s, "/users", "Bearer " + adminToken, 200},
		{s, "/users", "bearer  " + adminToken, 200},
		{s, "/users", "Bearer adm_tesT", 401},
		{s, "/users", "Bearer", 401},
		{s, "/users", "", 401},
		{s, "/users", "Basic " + adminToken, 401},
		{s, "/users", "Bearer " + s.first.Token, 401},
		{s, "/backup", "", 401},
		{nobody, "/users", "Bearer ", 401},
		{nobody, "/users", "Bearer adm_test", 401},
		{s, "/healthz", "", 200},
		{s, "/readyz", "", 200},
		{s, "/metrics", "", 200},
		{s, "/openapi.json", "", 200},
		{nobody, "/healthz", "", 200},
	}
	for _, c := range cases {
		if w := c.site.send("GET", c.path, "", "Authorization", c.header); w.Code != c.status {
			t.Errorf("GET %s with %q: %d %s, want %d", c.path, c.header, w.Code, w.Body, c.status)
		}
	}
}

// addDelivery notes an event that a subscription has taken.
func (s *site) addDelivery(hook string) string {
	s.t.Helper()
	webhook, _ := notion.ParseID(hook)
	d := store.WebhookDelivery{
		WebhookID: webhook, ID: notion.ID{6: 0x80, 8: 0x80, 15: 1}, Type: "page.locked", State: "delivered", Attempts: 1,
		EntityID: s.first.Page, CreatedTime: s.clock.Now(),
		Body: []byte(`{}`), Log: []byte(`[{"attempt":1,"time":"2026-01-02T03:04:05Z","took_ms":3,"status":204,"error":""}]`),
	}
	err := s.store.UpdateAside(context.Background(), s.first.Workspace, func(tx *store.Tx) error {
		return tx.InsertDeliveries([]store.WebhookDelivery{d})
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return d.ID.String()
}

// TestEveryEndpointAndItsDescription walks through the endpoints and holds each answer
// against the OpenAPI description: no key more, no key less.
func TestEveryEndpointAndItsDescription(t *testing.T) {
	s := newSQLite(t)
	d := s.ok("GET", "/openapi.json", "")
	if d.Get("info").Get("version").Text() != "1.2.3" {
		t.Errorf("info %s", d.Get("info"))
	}
	used := map[string]bool{}
	secrets := make(chan string, 1)
	// do sends a request and returns the answer. Params fill in the path.
	do := func(method, path, query, body string, params ...string) jsonx.Value {
		t.Helper()
		used[method+" "+path] = true
		operation := d.Get("paths").Get("/_octavo" + path).Get(strings.ToLower(method))
		if !operation.Defined() {
			t.Fatalf("%s %s is not described", method, path)
		}
		real := path
		for i := 0; i < len(params); i += 2 {
			real = strings.ReplaceAll(real, "{"+params[i]+"}", params[i+1])
		}
		v := s.ok(method, real+query, body)
		if id := v.Get("id").Text(); method != "GET" && id != "" {
			if latest := s.ok("GET", "/audit?page_size=1", "").Get("results").Items()[0]; latest.Get("target_id").Text() != id {
				t.Errorf("%s %s: the audit log has %s, not %s", method, path, latest, id)
			}
		}
		answer := operation.Get("responses").Get("200").Get("content").Get("application/json").Get("schema").Get("allOf").Items()[0]
		if results := v.Get("results"); v.Get("object").Text() == "list" {
			if len(results.Items()) == 0 {
				t.Errorf("%s %s: nothing to hold against the description", method, path)
			}
			for _, item := range results.Items() {
				describes(t, d, answer.Get("properties").Get("results").Get("items"), item)
			}
		} else {
			describes(t, d, answer, v)
		}
		return v
	}
	at := func(v jsonx.Value) string { return v.Get("id").Text() }

	second := at(do("POST", "/workspaces", "", `{"name":"Second","time_zone":"Europe/Berlin"}`))
	do("GET", "/workspaces", "", "")
	do("PATCH", "/workspaces/{workspace_id}", "", `{"time_zone":"Asia/Tokyo"}`, "workspace_id", second)

	ann := do("POST", "/users", "", `{"name":"Ann","email":"a@example.com","avatar_url":null,"role":"guest"}`)
	do("GET", "/users", "", "")
	do("GET", "/users/{user_id}", "", "", "user_id", at(ann))
	if v := do("PATCH", "/users/{user_id}", "", `{"email":null,"deactivated":true}`, "user_id", at(ann)); !v.Get("email").IsNull() || !v.Get("deactivated").True() {
		t.Errorf("updated %s", v)
	}
	do("PATCH", "/users/{user_id}", "", `{"deactivated":false}`, "user_id", at(ann))

	bot := do("POST", "/integrations", "", `{"name":"Bot","kind":"public","owner_id":"`+at(ann)+`","capabilities":["read_content"]}`)
	do("GET", "/integrations", "", "")
	do("GET", "/integrations/{integration_id}", "", "", "integration_id", at(bot))
	do("PATCH", "/integrations/{integration_id}", "", `{"name":"Robot","capabilities":[],"disabled":false}`, "integration_id", at(bot))

	page := s.first.Page.String()
	do("POST", "/integrations/{integration_id}/shares", "", `{"page_id":"`+page+`"}`, "integration_id", at(bot))
	do("POST", "/integrations/{integration_id}/shares", "", `{"workspace":true}`, "integration_id", at(bot))
	do("GET", "/integrations/{integration_id}/shares", "", "", "integration_id", at(bot))
	do("DELETE", "/integrations/{integration_id}/shares", "?page_id="+page, "", "integration_id", at(bot))
	do("DELETE", "/integrations/{integration_id}/shares", "?workspace=true", "", "integration_id", at(bot))

	made := do("POST", "/tokens", "", `{"integration_id":"`+at(bot)+`","name":"ci","expires_time":"2027-01-01"}`)
	secret := made.Get("token").Text()
	if p, err := s.core.Authenticate(context.Background(), secret); err != nil || p.Integration.String() != at(bot) {
		t.Errorf("the token %q: %+v, %v", secret, p, err)
	}
	if list := do("GET", "/tokens", "?integration_id="+at(bot), ""); len(list.Get("results").Items()) != 1 || strings.Contains(list.String(), secret) {
		t.Errorf("tokens of the integration: %s", list)
	}
	next := do("POST", "/tokens/{token_id}/rotate", "", `{"overlap":"1h"}`, "token_id", at(made))
	if _, err := s.core.Authenticate(context.Background(), next.Get("token").Text()); err != nil || next.Get("name").Text() != "ci" {
		t.Errorf("rotated: %s, %v", next, err)
	}
	do("DELETE", "/tokens/{token_id}", "", "", "token_id", at(made))
	if _, err := s.core.Authenticate(context.Background(), secret); err == nil {
		t.Error("the token works after it was revoked")
	}

	client := do("POST", "/oauth/clients", "", `{"name":"App","redirect_uris":["https://app.example/back"],"capabilities":["read_content"]}`)
	do("GET", "/oauth/clients", "", "")
	do("GET", "/oauth/clients/{client_id}", "", "", "client_id", at(client))
	do("PATCH", "/oauth/clients/{client_id}", "", `{"name":"Application","disabled":false}`, "client_id", at(client))
	if v := do("POST", "/oauth/clients/{client_id}/secret", "", "", "client_id", at(client)); v.Get("client_secret").Text() == client.Get("client_secret").Text() {
		t.Errorf("the secret is still %s", v)
	}
	do("PATCH", "/users/{user_id}", "", `{"role":"member"}`, "user_id", at(ann))
	do("POST", "/users/{user_id}/invite", "", "", "user_id", at(ann))
	given := do("POST", "/oauth/clients/{client_id}/authorize", "", `{"user_id":"`+at(ann)+`","page_ids":["`+page+`"],"redirect_uri":"https://app.example/back","state":"s",
		"code_challenge":"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM","code_challenge_method":"S256"}`, "client_id", at(client))
	if want := "https://app.example/back?code=" + given.Get("code").Text() + "&state=s"; given.Get("url").Text() != want {
		t.Errorf("the person is sent to %s, want %s", given.Get("url"), want)
	}

	me, err := s.core.Authenticate(context.Background(), s.first.Token)
	if err != nil {
		t.Fatal(err)
	}
	parent := jsonx.ObjectValue(jsonx.M("page_id", jsonx.StringValue(page)))
	if _, err := s.core.CreateComment(context.Background(), me, core.NewComment{Parent: parent}); err != nil {
		t.Fatal(err)
	}
	thread := do("GET", "/discussions", "?block_id="+page, "").Get("results").Items()[0]
	if v := do("PATCH", "/discussions/{discussion_id}", "", `{"resolved":true}`, "discussion_id", at(thread)); !v.Get("resolved").True() {
		t.Errorf("resolved %s", v)
	}

	emoji := do("POST", "/emojis", "", `{"name":"parrot","url":"https://example.com/parrot.gif"}`)
	if v := do("GET", "/emojis", "", "").Get("results").Items(); len(v) != 1 || v[0].Get("name").Text() != "parrot" {
		t.Errorf("emojis: %v", v)
	}
	do("DELETE", "/emojis/{emoji_id}", "", "", "emoji_id", at(emoji))

	database, err := s.core.CreateDatabase(context.Background(), me, core.NewDatabase{Parent: parent})
	if err != nil {
		t.Fatal(err)
	}
	shown, err := jsonx.Parse(database.AppendJSON(nil))
	if err != nil {
		t.Fatal(err)
	}
	source := at(shown.Get("data_sources").Items()[0])
	do("POST", "/data_sources/{data_source_id}/templates", "", `{"page_id":"`+page+`","is_default":true}`, "data_source_id", source)
	if v := do("GET", "/data_sources/{data_source_id}/templates", "", "", "data_source_id", source).Get("results").Items(); len(v) != 1 || !v[0].Get("is_default").True() {
		t.Errorf("templates: %v", v)
	}
	do("DELETE", "/data_sources/{data_source_id}/templates/{page_id}", "", "", "data_source_id", source, "page_id", page)
	for expression, want := range map[string]string{
		`length(prop(\"Name\"))`: `true`, `prop(\"Name\") * 2`: `false`,
	} {
		v := do("POST", "/formula/check", "", `{"data_source_id":"`+source+`","expression":"`+expression+`"}`)
		if v.Get("sound").String() != want {
			t.Errorf("%s: %s", expression, v)
		}
	}

	sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		v, _ := jsonx.Parse(body)
		secrets <- v.Get("verification_token").Text()
	}))
	defer sink.Close()
	hook := do("POST", "/webhooks", "", `{"integration_id":"`+at(bot)+`","url":"`+sink.URL+`","events":["page.locked"],"api_version":"2025-09-03"}`)
	if v := hook.Get("verification"); !v.Get("delivered").True() || strings.Contains(hook.String(), "secret_") {
		t.Errorf("the new subscription is %s", hook)
	}
	first := <-secrets
	do("POST", "/webhooks/{webhook_id}/resend", "", "", "webhook_id", at(hook))
	if again := <-secrets; again != first || !strings.HasPrefix(again, "secret_") || len(again) != len("secret_")+43 {
		t.Errorf("the token is %q, then %q", first, again)
	}
	if v := do("POST", "/webhooks/{webhook_id}/verify", "", `{"verification_token":"`+first+`"}`, "webhook_id", at(hook)); v.Get("state").Text() != "active" {
		t.Errorf("verified %s", v)
	}
	do("GET", "/webhooks", "?integration_id="+at(bot), "")
	do("GET", "/webhooks/{webhook_id}", "", "", "webhook_id", at(hook))
	do("PATCH", "/webhooks/{webhook_id}", "", `{"events":["page.locked","page.unlocked"],"paused":true}`, "webhook_id", at(hook))
	delivery := s.addDelivery(at(hook))
	do("GET", "/webhooks/{webhook_id}/deliveries", "?state=delivered", "", "webhook_id", at(hook))
	do("GET", "/webhooks/{webhook_id}/deliveries/{delivery_id}", "", "", "webhook_id", at(hook), "delivery_id", delivery)
	if v := do("POST", "/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver", "", "", "webhook_id", at(hook), "delivery_id", delivery); v.Get("state").Text() != "waiting" {
		t.Errorf("to be sent again: %s", v)
	}
	do("DELETE", "/webhooks/{webhook_id}", "", "", "webhook_id", at(hook))

	do("GET", "/limits", "", "")
	do("PATCH", "/limits", "", `{"rate_limit":180,"max_query_rows":10000}`)

	rule := do("POST", "/faults", "", `{"code":"rate_limited","retry_after":2,"latency":"250ms","cut":"mid_body","after_commit":true,"method":"GET",
		"path":"/v1/pages/*","token":"ntn_abcd1234","integration_id":"`+at(bot)+`","nth":2,"probability":0.5,"seed":7,"count":3,"message":"m"}`)
	for key, want := range map[string]string{
		"retry_after": "2", "latency": `"250ms"`, "cut": `"mid_body"`, "after_commit": "true", "token": `"…1234"`,
		"nth": "2", "probability": "0.5", "seed": "7", "count": "3", "message": `"m"`, "spent": "false",
	} {
		if got := rule.Get(key).String(); got != want {
			t.Errorf("fault %s is %s, want %s", key, got, want)
		}
	}
	do("GET", "/faults", "", "")
	do("DELETE", "/faults/{fault_id}", "", "", "fault_id", at(rule))
	do("POST", "/faults", "", `{"latency":"1s"}`)
	do("DELETE", "/faults", "", "")

	do("GET", "/events", "", "")

	trashed := func() string {
		t.Helper()
		made, err := s.core.CreatePage(context.Background(), me, core.NewPage{Parent: parent})
		if err != nil {
			t.Fatal(err)
		}
		v, err := jsonx.Parse(made.AppendJSON(nil))
		if err != nil {
			t.Fatal(err)
		}
		id, _ := notion.ParseID(at(v))
		if _, err := s.core.DeleteBlock(context.Background(), me, id); err != nil {
			t.Fatal(err)
		}
		return at(v)
	}
	kept, gone := trashed(), trashed()
	do("GET", "/trash", "?type=page", "")
	do("POST", "/trash/{object_id}/restore", "", "{}", "object_id", kept)
	do("DELETE", "/trash/{object_id}", "", "", "object_id", gone)
	trashed()
	if v := do("DELETE", "/trash", "", ""); v.Get("items").Float() != 1 || v.Get("has_more").True() {
		t.Errorf("emptied %s", v)
	}

	r := httptest.NewRequest("GET", "/v1/users/me", nil)
	r.Header.Set("Authorization", "Bearer "+s.first.Token)
	asked := httptest.NewRecorder()
	s.api.ServeHTTP(asked, r)
	do("GET", "/requests", "", "")
	do("GET", "/requests/{request_id}", "", "", "request_id", asked.Header().Get("X-Notion-Request-Id"))

	entry := do("GET", "/audit", "?page_size=1", "").Get("results").Items()[0]
	do("GET", "/audit/{entry_id}", "", "", "entry_id", at(entry))
	if w := s.send("GET", "/backup", ""); w.Code != 200 {
		t.Errorf("backup: %d %s", w.Code, w.Body)
	}
	s.audited(t, d, used)

	for _, path := range d.Get("paths").Members() {
		for _, method := range path.Value.Members() {
			name := strings.ToUpper(method.Key) + " " + strings.TrimPrefix(path.Key, "/_octavo")
			if method.Value.Get("security").Defined() && !used[name] && name != "GET /backup" {
				t.Errorf("%s was not tried", name)
			}
		}
	}
}

// audited fails the test unless the audit log has each of the operations that change something,
// and the backup, and no other.
func (s *site) audited(t *testing.T, d jsonx.Value, used map[string]bool) {
	t.Helper()
	all, err := s.core.AuditLog(context.Background(), core.AuditFilter{}, core.PageOf{Size: 1000})
	if err != nil {
		t.Fatal(err)
	}
	noted := map[string]bool{}
	for _, e := range all.Items {
		noted[e.Action] = true
		if e.Status != 200 || e.Address == "" {
			t.Errorf("entry %+v", e)
		}
	}
	want := map[string]bool{"backup": true}
	for name := range used {
		method, path, _ := strings.Cut(name, " ")
		operation := d.Get("paths").Get("/_octavo" + path).Get(strings.ToLower(method)).Get("operationId").Text()
		if method != "GET" && operation != "check_formula" {
			want[operation] = true
		}
	}
	if diff := cmp.Diff(want, noted); diff != "" {
		t.Errorf("the audit log (-want +got):\n%s", diff)
	}
}

// TestAuditOfWhatNeverEnded: an action that the server did not live to answer is in the log,
// and nothing is done that the log cannot take.
func TestAuditOfWhatNeverEnded(t *testing.T) {
	s := newSQLite(t)
	_, begun, err := s.core.BeginAudit(t.Context(), store.AuditEntry{ID: new(clock.Sequence).Request(), Action: "create_user", Actor: "a\x00b\xff" + strings.Repeat("é", 300), Parameters: []byte(`{}`)})
	if err != nil {
		t.Fatal(err)
	}
	v := s.ok("GET", "/audit/"+begun.Entry.ID.String(), "")
	if !v.Get("status").IsNull() || v.Get("actor").Text() != "ab\uFFFD"+strings.Repeat("é", 197) {
		t.Errorf("the entry is %s", v)
	}
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	s.refused("POST", "/faults", `{"latency":"1s"}`, 503, "database_connection_unavailable", "")
	if rules := s.ok("GET", "/faults", ""); len(rules.Get("results").Items()) != 0 {
		t.Errorf("a rule was added: %s", rules)
	}
}

// shownOnce is what only the answer shows that makes it.
var shownOnce = map[string]string{"token": "token", "oauth_client": "client_secret"}

// describes fails the test unless the keys of v are those of its schema.
func describes(t *testing.T, d, schema, v jsonx.Value) {
	t.Helper()
	name := strings.TrimPrefix(schema.Get("$ref").Text(), "#/components/schemas/")
	var want, got []string
	for _, m := range d.Get("components").Get("schemas").Get(name).Get("properties").Members() {
		if m.Key != shownOnce[name] || v.Has(m.Key) {
			want = append(want, m.Key)
		}
	}
	for _, m := range v.Members() {
		got = append(got, m.Key)
	}
	if !slices.Equal(got, want) || v.Get("object").Text() != name {
		t.Errorf("%s has the keys %v, described are %v", name, got, want)
	}
}

func TestRefusals(t *testing.T) {
	s := newSQLite(t)
	list, err := s.core.Integrations(context.Background(), s.first.Workspace, core.PageOf{Size: 1})
	if err != nil {
		t.Fatal(err)
	}
	bot := list.Items[0].ID.String()
	const absent = "deadbeef-0000-4000-8000-000000000000"
	cases := []struct {
		method, path, body string
		status             int
		code, message      string
	}{
		{"GET", "/nothing", "", 400, "invalid_request_url", "Invalid request URL."},
		{"PUT", "/users", "", 400, "invalid_request_url", "Invalid request URL."},
		{"GET", "/users/x/y", "", 400, "invalid_request_url", "Invalid request URL."},
		{"POST", "/users", "{", 400, "invalid_json", "Error parsing JSON body."},
		{"POST", "/users", `{"name":"\ud800"}`, 400, "invalid_json", ""},
		{"POST", "/users", `[]`, 400, "validation_error", "body failed validation"},
		{"POST", "/users", `{}`, 400, "validation_error", "body.name should be defined, instead was `undefined`."},
		{"POST", "/users", `{"name":"A","age":3}`, 400, "validation_error", "body.age should be not present, instead was `3`."},
		{"POST", "/users", `{"name":"A","role":"king"}`, 400, "validation_error", "body.role should be"},
		{"POST", "/users", `{"name":"A\u0000"}`, 400, "validation_error", "null characters"},
		{"POST", "/users", `{"name":"` + strings.Repeat("a", 600_000) + `"}`, 400, "validation_error", "too large"},
		{"POST", "/users?workspace_id=" + absent, `{"name":"A"}`, 404, "object_not_found", "Could not find workspace with ID: " + absent},
		{"GET", "/users?workspace_id=x", "", 400, "validation_error", "query.workspace_id should be a valid uuid"},
		{"GET", "/users?page_size=0", "", 400, "validation_error", "query.page_size"},
		{"GET", "/users?page_size=1.5", "", 400, "validation_error", "query.page_size should be a whole number"},
		{"GET", "/users?start_cursor=x", "", 400, "validation_error", "start_cursor provided is invalid"},
		{"GET", "/users?nothing=1", "", 400, "validation_error", "query.nothing should be not present"},
		{"GET", "/workspaces?workspace_id=" + absent, "", 400, "validation_error", "not present"},
		{"GET", "/users/x", "", 400, "validation_error", "path.user_id should be a valid uuid, instead was `\"x\"`."},
		{"GET", "/users/" + absent, "", 404, "object_not_found", "Could not find user with ID: " + absent},
		{"PATCH", "/workspaces/" + absent, "{}", 404, "object_not_found", "Could not find workspace with ID: " + absent},
		{"POST", "/workspaces", `{"name":"x","time_zone":"Local"}`, 400, "validation_error", `"Local" is not a time zone of the IANA database.`},
		{"PATCH", "/integrations/" + absent, "{}", 404, "object_not_found", "Could not find integration"},
		{"POST", "/integrations", `{"name":"x","capabilities":["fly"]}`, 400, "validation_error", "`\"fly\"`"},
		{"POST", "/tokens", `{"integration_id":"` + bot + `","expires_time":"2020-01-01"}`, 400, "validation_error", "in the future"},
		{"POST", "/tokens", `{"integration_id":"` + bot + `","expires_time":"soon"}`, 400, "validation_error", "body.expires_time"},
		{"DELETE", "/tokens/" + absent, "", 404, "object_not_found", "Could not find token"},
		{"POST", "/integrations/" + bot + "/shares", "{}", 400, "validation_error", "either body.page_id or body.workspace should be defined"},
		{"POST", "/integrations/" + bot + "/shares", `{"page_id":"` + absent + `","workspace":true}`, 400, "validation_error", "either"},
		{"POST", "/integrations/" + bot + "/shares", `{"workspace":false}`, 400, "validation_error", "body.workspace"},
		{"POST", "/integrations/" + bot + "/shares", `{"page_id":"` + absent + `"}`, 404, "object_not_found", "Could not find page"},
		{"POST", "/integrations/" + bot + "/shares", `{"page_id":"00000000-0000-0000-0000-000000000000"}`, 404, "object_not_found", "Could not find page"},
		{"DELETE", "/integrations/" + bot + "/shares?page_id=" + absent, "", 404, "object_not_found", "not shared"},
		{"POST", "/faults", `{}`, 400, "validation_error", "a code, `latency` or `cut` should be given"},
		{"POST", "/faults", `{"code":"teapot"}`, 400, "validation_error", "`\"teapot\"`"},
		{"POST", "/faults", `{"code":"conflict_error","nth":1.5}`, 400, "validation_error", "body.nth should be a whole number"},
		{"POST", "/faults", `{"code":"conflict_error","count":-1}`, 400, "validation_error", "body.count"},
		{"POST", "/faults", `{"code":"conflict_error","seed":1e300}`, 400, "validation_error", "body.seed"},
		{"POST", "/faults", `{"code":"conflict_error","retry_after":9007199254740991}`, 400, "validation_error", "retry_after"},
		{"POST", "/faults", `{"code":"conflict_error","probability":0}`, 400, "validation_error", "body.probability"},
		{"POST", "/faults", `{"code":"conflict_error","probability":2}`, 400, "validation_error", "probability"},
		{"POST", "/faults", `{"latency":"soon"}`, 400, "validation_error", "body.latency"},
		{"DELETE", "/faults/" + absent, "", 404, "object_not_found", "Could not find fault"},
		{"POST", "/formula/check", `{"data_source_id":"` + absent + `","expression":"1"}`, 404, "object_not_found", "Could not find data_source with ID: " + absent},
		{"POST", "/formula/check", `{"expression":"1"}`, 400, "validation_error", "body.data_source_id should be defined"},
		{"GET", "/events?start_cursor=-1", "", 400, "validation_error", "start_cursor"},
		{"GET", "/events?start_cursor=1.x", "", 400, "validation_error", "start_cursor"},
		{"GET", "/backup?x=1", "", 400, "validation_error", "not present"},
	}
	for _, c := range cases {
		s.refused(c.method, c.path, c.body, c.status, c.code, c.message)
	}
}

func TestOtherWorkspaces(t *testing.T) {
	s := newSQLite(t)
	second := s.ok("POST", "/workspaces", `{"name":"Second"}`).Get("id").Text()
	ann := s.ok("POST", "/users?workspace_id="+second, `{"name":"Ann"}`).Get("id").Text()
	if list := s.ok("GET", "/users?workspace_id="+second, ""); len(list.Get("results").Items()) != 1 {
		t.Errorf("users of the second workspace: %s", list)
	}
	s.refused("GET", "/users/"+ann, "", 404, "object_not_found", "Could not find user")
}

func TestFaultsSwitchedOff(t *testing.T) {
	s := newSite(t, storetest.SQLite(t), func(o *admin.Options) { o.Faults = nil })
	for _, r := range [][3]string{
		{"GET", "/faults", ""}, {"POST", "/faults", `{"code":"conflict_error"}`}, {"DELETE", "/faults", ""},
		{"DELETE", "/faults/deadbeef-0000-4000-8000-000000000000", ""},
	} {
		s.refused(r[0], r[1], r[2], 400, "invalid_request", "Fault injection is off. Start the server with --faults")
	}
}

func TestReadiness(t *testing.T) {
	s := newSQLite(t)
	s.ok("GET", "/readyz", "")
	s.draining = true
	s.refused("GET", "/readyz", "", 503, "service_unavailable", "shutting down")
	s.ok("GET", "/healthz", "")
	s.draining = false
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	s.refused("GET", "/readyz", "", 503, "database_connection_unavailable", "")
	s.ok("GET", "/healthz", "")
}

func TestEventsCanBeFollowed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := newSite(t, opts, nil)
		ctx := context.Background()
		write := func(types ...string) {
			t.Helper()
			err := s.store.Update(ctx, s.first.Workspace, func(tx *store.Tx) error {
				for _, name := range types {
					if err := tx.AppendEvent(store.Event{Type: name, NodeID: s.first.Page, AuthorID: s.first.Page, Data: `{"a":1}`}); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		cursor := s.ok("GET", "/events", "").Get("next_cursor").Text()
		write("one", "two", "three")
		write("four")
		var seen []string
		for range 4 {
			list := s.ok("GET", "/events?page_size=2&start_cursor="+cursor, "")
			for _, e := range list.Get("results").Items() {
				seen = append(seen, e.Get("type").Text()+e.Get("data").String())
			}
			cursor = list.Get("next_cursor").Text()
			if more := list.Get("has_more").True(); more != (len(seen) < 4) {
				t.Errorf("has_more is %v after %d", more, len(seen))
			}
		}
		if got, want := strings.Join(seen, " "), `one{"a":1} two{"a":1} three{"a":1} four{"a":1}`; got != want {
			t.Errorf("saw %s, want %s", got, want)
		}
		// A bare revision means that all of it has been seen.
		before, _, _ := strings.Cut(cursor, ".")
		if list := s.ok("GET", "/events?start_cursor="+before, ""); len(list.Get("results").Items()) != 0 {
			t.Errorf("after revision %s: %s", before, list)
		}
	})
}

func TestBackup(t *testing.T) {
	s := newSQLite(t)
	w := s.send("GET", "/backup", "")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/x-tar" ||
		w.Header().Get("Content-Disposition") != `attachment; filename="octavo-20260701-120000.tar"` {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	if left, _ := os.ReadDir(s.temp); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	// What is in it is a database that a server can start from.
	dir := t.TempDir()
	for archive := tar.NewReader(w.Body); ; {
		h, err := archive.Next()
		if err != nil {
			t.Fatal(err)
		}
		if h.Name != "octavo.db" {
			continue
		}
		data, err := io.ReadAll(archive)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "octavo.db"), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	restored := newSite(t, store.Options{Dir: dir}, nil)
	if restored.first.First || restored.first.Page != s.first.Page {
		t.Errorf("restored %+v from %+v", restored.first, s.first)
	}
}

func TestBackupOnPostgres(t *testing.T) {
	s := newSite(t, storetest.Postgres(t), nil)
	s.refused("GET", "/backup", "", 400, "invalid_request", "pg_dump")
}

func TestRemoveBackups(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{"octavo-backup-1/octavo.db", "octavo-backup-2/octavo.db", "keep/octavo.db"} {
		full := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := admin.RemoveBackups(dir); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 || left[0].Name() != "keep" {
		t.Errorf("left %v, %v", left, err)
	}
	if err := admin.RemoveBackups(""); err != nil {
		t.Error(err)
	}
}

func TestDescriptionIsJSON(t *testing.T) {
	s := newSQLite(t)
	var description struct {
		OpenAPI string
		Paths   map[string]map[string]struct{ OperationID string }
	}
	if err := json.Unmarshal(s.send("GET", "/openapi.json", "").Body.Bytes(), &description); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for path, methods := range description.Paths {
		for method, op := range methods {
			if op.OperationID == "" || seen[op.OperationID] {
				t.Errorf("%s %s: operation id %q", method, path, op.OperationID)
			}
			seen[op.OperationID] = true
		}
	}
	if description.OpenAPI != "3.1.0" || len(seen) < 20 {
		t.Errorf("%+v", description)
	}
}
