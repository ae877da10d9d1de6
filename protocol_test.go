package octavo_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"octavo"
	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/store"
)

// defect is one thing wrong with an append, and what is answered when nothing before it in
// the order of checks is wrong.
type defect struct {
	name string
	// apply spoils the request.
	apply func(*spoiled)
	code  string
	// begins is how the message begins, "" for any.
	begins string
	// excludes names a defect that cannot be had together with this one.
	excludes string
}

// spoiled is a request being spoiled.
type spoiled struct {
	path, query, body string
	header            http.Header
}

// defects are in the order of checks of contract.md §1.7. The capability comes after the
// schema, and existence before semantics.
var defects = []defect{
	{name: "route", apply: func(r *spoiled) { r.path = "/v1/nothing/" + strings.TrimPrefix(r.path, "/v1/blocks/") }, code: "invalid_request_url"},
	{name: "json", apply: func(r *spoiled) { r.body = "{" + r.body }, code: "invalid_json"},
	{name: "authorization", apply: func(r *spoiled) { r.header.Set("Authorization", "Token abc") }, code: "unauthorized", begins: "Authorization header must use", excludes: "capability"},
	{name: "token", apply: func(r *spoiled) { r.header.Set("Authorization", "Bearer ntn_unknown") }, code: "unauthorized", begins: "API token is invalid.", excludes: "capability"},
	{name: "fault", apply: func(r *spoiled) { r.header.Set("Octavo-Fault", "gateway_timeout") }, code: "gateway_timeout"},
	{name: "version", apply: func(r *spoiled) { r.header.Set("Notion-Version", "2020-01-01") }, code: "missing_version"},
	{name: "beta", apply: func(r *spoiled) { r.header.Set("Notion-Beta", "x") }, code: "invalid_beta"},
	{name: "path", apply: func(r *spoiled) { r.path = strings.Replace(r.path, "/children", "x/children", 1) }, code: "validation_error", begins: "path failed validation"},
	{name: "query", apply: func(r *spoiled) { r.query = "?a=b" }, code: "validation_error", begins: "query failed validation"},
	{name: "body", apply: func(r *spoiled) { r.body = strings.Replace(r.body, `"children"`, `"kids"`, 1) }, code: "validation_error", begins: "body failed validation"},
	{name: "capability", apply: func(r *spoiled) { r.header.Set("Authorization", "Bearer $reader") }, code: "restricted_resource"},
	{name: "existence", apply: func(r *spoiled) { r.path = "/v1/blocks/$absent/children" }, code: "object_not_found"},
	{name: "semantics", apply: func(r *spoiled) { r.body = strings.Replace(r.body, "https://example.com", "no url", 1) }, code: "validation_error", begins: "Content creation Failed."},
}

// TestOrderOfChecks spoils a request in two ways at a time: the check that comes first
// answers.
func TestOrderOfChecks(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		c := hold(t, db, serverOptions{faults: true})
		c.set("absent", "11111111-1111-4111-8111-111111111111")
		c.set("reader", c.newToken(t, `{"name":"Reader","capabilities":["read_content"]}`).token)
		send := func(spoil ...defect) *answer {
			r := spoiled{
				path:   "/v1/blocks/$page/children",
				body:   `{"children":[{"bookmark":{"url":"https://example.com"}},{"paragraph":{"rich_text":[{"text":{"content":"a","link":{"url":"https://example.com"}}}]}}]}`,
				header: c.headers(),
			}
			for _, d := range spoil {
				d.apply(&r)
			}
			r.header.Set("Authorization", c.expand(r.header.Get("Authorization")))
			return c.do("PATCH", c.expand(r.path+r.query), r.header, []byte(r.body))
		}
		if a := send(); a.status != 200 {
			t.Fatalf("nothing is wrong: %d %s", a.status, a.body)
		}
		check := func(first defect, a *answer, name string) {
			t.Helper()
			if a.field("code") != first.code || !strings.HasPrefix(a.field("message"), first.begins) {
				t.Errorf("%s: %d %s, want %s of %s", name, a.status, a.body, first.code, first.name)
			}
		}
		for i, first := range defects {
			check(first, send(first), first.name)
			for _, second := range defects[i+1:] {
				if first.excludes == second.name || first.name == "authorization" && second.name == "token" {
					continue
				}
				// In both orders, since one may undo the other.
				check(first, send(second, first), first.name+" and "+second.name)
			}
		}
		v := parsed(c.request("GET /v1/blocks/$page/children"))
		if n := len(v.Get("results").Items()); n != 2 {
			t.Errorf("%d blocks, want the two of the good request", n)
		}
	})
}

// TestMethods: a method that no operation has is a route that does not exist. HEAD is GET
// without the body.
func TestMethods(t *testing.T) {
	s := inMemory(t, serverOptions{})
	for _, method := range []string{"OPTIONS", "PUT", "TRACE", "PROPFIND", "get", "POST", "PATCH", "DELETE"} {
		a := s.do(method, "/v1/users/me", s.headers(), nil)
		s.want(a, 400, "invalid_request_url")
		if a.header.Get("Allow") != "" {
			t.Errorf("%s: Allow is %q", method, a.header.Get("Allow"))
		}
	}
	get := s.get("/v1/users/me")
	head := s.do("HEAD", "/v1/users/me", s.headers(), nil)
	if head.status != 200 || len(head.body) != 0 || head.header.Get("Content-Length") != get.header.Get("Content-Length") {
		t.Errorf("HEAD: %d, %d bytes, %v", head.status, len(head.body), head.header)
	}
	if a := s.do("HEAD", "/v1/users/me", http.Header{}, nil); a.status != 401 {
		t.Errorf("HEAD without a token: %d", a.status)
	}
	if a := s.do("HEAD", "/v1/nothing", s.headers(), nil); a.status != 400 {
		t.Errorf("HEAD of nothing: %d", a.status)
	}
}

// TestOddTargets: whatever stands in a path or query string is refused as the path or the
// query, in valid JSON.
func TestOddTargets(t *testing.T) {
	const page = "11111111-1111-4111-8111-111111111111"
	many := strings.Repeat("&filter_properties=title", 20_000)
	cases := []struct {
		target, code, begins string
	}{
		{"/v1/pages/%ff", "validation_error", "path failed validation: path.page_id should be a valid uuid, instead was `\"\ufffd\"`."},
		{"/v1/pages/%00", "validation_error", "path failed validation: path.page_id should be a valid uuid, instead was `\"\\u0000\"`."},
		{"/v1/pages/" + strings.Repeat("a", 50_000), "validation_error", "path failed validation: path.page_id should be a valid uuid, instead was `\"aaa"},
		{"/v1/pages/%F0%9F%98%80", "validation_error", "path failed validation: path.page_id should be a valid uuid, instead was `\"😀\"`."},
		{"/v1/pages/" + strings.ToUpper(page) + "%20", "validation_error", "path failed validation"},
		{"/v1/pages/$page/properties/%00", "object_not_found", "Could not find property with ID: \x00."},
		{"/v1/pages/$page/properties/%ff", "object_not_found", "Could not find property with ID: "},
		{"/v1/pages/$page/properties/" + strings.Repeat("a", 50_000), "object_not_found", "Could not find property with ID: "},
		{"/v1/users/..%2f..", "invalid_request_url", ""},
		{"/v1/" + strings.Repeat("a/", 20_000), "invalid_request_url", ""},
		{"/v1/users?start_cursor=%ff", "validation_error", "The start_cursor provided is invalid: "},
		{"/v1/users?start_cursor=%00", "validation_error", "query failed validation: query.start_cursor should be a string without null characters or `undefined`"},
		{"/v1/users?%ff=1", "validation_error", "query failed validation: query.\ufffd should be not present, instead was `\"1\"`."},
		{"/v1/users?%00=1", "validation_error", "query failed validation: query.\x00 should be not present"},
		{"/v1/users?" + strings.Repeat("a", 500_000), "validation_error", "query failed validation: query.aaa"},
		{"/v1/users?a=" + strings.Repeat("b", 500_000), "validation_error", "query failed validation: query.a should be not present, instead was `\"bbb"},
		{"/v1/users?" + strings.Repeat("a=b&", 9_000), "validation_error", "query failed validation: query.a should be not present, instead was `[\"b\",\"b\""},
		{"/v1/users?page_size=1e400", "validation_error", "query failed validation: query.page_size should be a number or `undefined`"},
		{"/v1/users?page_size=-1", "validation_error", "query failed validation: query.page_size should be ≥ `1`"},
		{"/v1/users?page_size=%zz", "validation_error", "query failed validation"},
		{"/v1/users?page_size=1;start_cursor=x", "validation_error", "query failed validation"},
		{"/v1/pages/$page?filter_properties=%00", "validation_error", "query failed validation: query.filter_properties[0] should be a string without null characters"},
		{"/v1/pages/$page?" + many[1:200*len("&filter_properties=title")], "validation_error", "query failed validation: query.filter_properties.length should be ≤ `100`, instead was `200`."},
		{"/v1/pages/$page?" + many[1:], "validation_error", "query failed validation: query should be well-formed, instead was `\"filter_properties=title&filter"},
		{"/v1/pages/$page?filter_properties[a]=b", "validation_error", "query failed validation: query.filter_properties[a] should be not present"},
	}
	eachDatabase(t, func(t *testing.T, db database) {
		c := hold(t, db, serverOptions{})
		for _, tc := range cases {
			a := c.do("GET", c.expand(tc.target), c.headers(), nil)
			shown := tc.target[:min(len(tc.target), 60)]
			if a.field("code") != tc.code || !strings.HasPrefix(a.field("message"), tc.begins) {
				t.Errorf("%s: %d %s, want %s %s", shown, a.status, a.body[:min(len(a.body), 300)], tc.code, tc.begins)
			}
			if _, err := jsonx.Parse(a.body); err != nil || !utf8.Valid(a.body) || len(a.body) > len(tc.target)+4096 {
				t.Errorf("%s: %d bytes, %v", shown, len(a.body), err)
			}
		}
	})
}

// TestCut: a fault can drop the connection within an answer whose work has been done.
func TestCut(t *testing.T) {
	s := inMemory(t, serverOptions{faults: true})
	whole := s.get("/v1/users/me")
	for _, tc := range []struct {
		where string
		bytes int
	}{{"after_headers", 0}, {"mid_body", len(whole.body) / 2}} {
		req, err := http.NewRequest("GET", s.url+"/v1/users/me", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header = s.headers("Octavo-Fault", "cut="+tc.where)
		resp, err := s.client.Do(req)
		if err != nil {
			t.Fatalf("%s: the headers did not arrive: %v", tc.where, err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != 200 || !errors.Is(err, io.ErrUnexpectedEOF) || len(body) != tc.bytes || !strings.HasPrefix(string(whole.body), string(body)[:min(20, len(body))]) {
			t.Errorf("%s: %d, %d bytes, %v", tc.where, resp.StatusCode, len(body), err)
		}
	}
	body := []byte(`{"children":[{"divider":{}}]}`)
	req, err := http.NewRequest("PATCH", s.url+"/v1/blocks/"+s.page+"/children", strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = s.headers("Octavo-Fault", "cut=after_headers")
	if resp, err := s.client.Do(req); err == nil {
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
	if n := len(parsed(s.get("/v1/blocks/" + s.page + "/children")).Get("results").Items()); n != 1 {
		t.Errorf("%d blocks after an append whose answer was cut", n)
	}
	s.want(s.get("/v1/users/me"), 200, "")
}

// TestEveryCodeOnDemand: every error of the table can be had by the header and by a rule,
// and looks the same.
func TestEveryCodeOnDemand(t *testing.T) {
	c := hold(t, database{options: store.Options{Memory: true}}, serverOptions{faults: true})
	for _, row := range apierr.Table {
		byHeader := c.request("GET /v1/users/me\nOctavo-Fault: " + string(row.Code))
		c.ok("POST /_octavo/faults\n\n" + `{"code":"` + string(row.Code) + `","path":"/v1/users/me"}`)
		byRule := c.request("GET /v1/users/me")
		c.ok("DELETE /_octavo/faults")
		for _, a := range []*answer{byHeader, byRule} {
			if a.status != row.Status || a.field("code") != string(row.Code) || a.field("message") != row.Message {
				t.Errorf("%s: %d %s", row.Code, a.status, a.body)
			}
			wantWait := row.Code == apierr.RateLimited || row.Code == apierr.ServiceOverload
			if (a.header.Get("Retry-After") != "") != wantWait {
				t.Errorf("%s: Retry-After is %q", row.Code, a.header.Get("Retry-After"))
			}
		}
		if cutID(string(byHeader.body)) != cutID(string(byRule.body)) {
			t.Errorf("by header %s\nby rule %s", byHeader.body, byRule.body)
		}
	}
}

// TestLatency: a request waits by the clock of the server, then is carried out.
func TestLatency(t *testing.T) {
	s := inMemory(t, serverOptions{faults: true})
	done := make(chan *answer, 1)
	go func() { done <- s.get("/v1/users/me", "Octavo-Fault", "bad_gateway; latency=30s") }()
	if err := s.clock.BlockUntil(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(29 * time.Second)
	select {
	case a := <-done:
		t.Errorf("answered too early: %s", a.body)
	default:
	}
	s.clock.Advance(time.Second)
	s.want(<-done, 502, "bad_gateway")
}

// TestOverloadIsCounted: what is not admitted is counted with its code like any other
// refusal.
func TestOverloadIsCounted(t *testing.T) {
	s := inMemory(t, serverOptions{faults: true, change: func(o *octavo.Options) { o.MaxInFlight = 1 }})
	done := make(chan *answer, 1)
	go func() { done <- s.get("/v1/users/me", "Octavo-Fault", "latency=10s") }()
	if err := s.clock.BlockUntil(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	s.want(s.get("/v1/users/me"), 529, "service_overload")
	s.clock.Advance(10 * time.Second)
	s.want(<-done, 200, "")
	const line = `octavo_requests_total{code="service_overload",method="",route="unknown",status="529"} 1`
	if a := s.get("/_octavo/metrics"); !strings.Contains(string(a.body), line) {
		t.Errorf("no line %s in the metrics", line)
	}
}

// connect opens a connection to a server with its own listener and sends a text.
func (s *listening) connect(text string) *net.TCPConn {
	s.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { conn.Close() })
	if _, err := io.WriteString(conn, text); err != nil {
		s.t.Fatal(err)
	}
	return conn.(*net.TCPConn)
}

const halfRequest = "PATCH /v1/blocks/%s/children HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ntn_test\r\nNotion-Version: 2026-03-11\r\nContent-Length: 100\r\n\r\n{\"children\":["

// TestBodyThatStops: a body that ends early is not JSON; one that never ends is given up
// at the deadline of the request. Neither leaves anything behind.
func TestBodyThatStops(t *testing.T) {
	s := listen(t)
	half := fmt.Sprintf(halfRequest, s.server.Info().Page)
	read := func(conn net.Conn) (int, string) {
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		v, _ := jsonx.Parse(body)
		return resp.StatusCode, v.Get("code").Text()
	}

	ended := s.connect(half)
	if err := ended.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if status, code := read(ended); status != 400 || code != "invalid_json" {
		t.Errorf("a body that ends: %d %s", status, code)
	}

	stalled := s.connect(half)
	if err := s.clock.BlockUntil(t.Context(), 1); err != nil { // its deadline
		t.Fatal(err)
	}
	s.clock.Advance(time.Minute)
	if status, code := read(stalled); status != 503 || code != "service_unavailable" {
		t.Errorf("a body that stalls: %d %s", status, code)
	}
	if _, err := stalled.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the connection goes on: %v", err)
	}

	gone := s.connect(half)
	if err := s.clock.BlockUntil(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	gone.Close()

	req, err := http.NewRequest("GET", s.url+"/v1/blocks/"+s.server.Info().Page+"/children", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Authorization": {"Bearer ntn_test"}, "Notion-Version": {"2026-03-11"}}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || !strings.Contains(string(body), `"results":[]`) {
		t.Errorf("%s, %v", body, err)
	}
}
