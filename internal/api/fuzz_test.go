package api_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"octavo/internal/api"
	"octavo/internal/clock"
	"octavo/internal/core"
	"octavo/internal/faults"
	"octavo/internal/jsonx"
	"octavo/internal/store"
	"octavo/internal/version"
)

// fuzzed is a server that is replaced before it has kept so much that every request is
// slow.
type fuzzed struct {
	handler http.Handler
	store   *store.Store
	page    string
	served  int
}

const fuzzToken = "ntn_fuzz"

// fresh replaces the server when it is time. It panics when that fails, since only the
// target itself may use its [testing.F].
func (s *fuzzed) fresh() {
	const most = 1000
	if s.served++; s.handler != nil && s.served < most {
		return
	}
	s.close()
	c := clock.NewManual(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	ids := &clock.Sequence{}
	data, err := store.Open(context.Background(), store.Options{Memory: true, Clock: c})
	if err != nil {
		panic(err)
	}
	octavo := core.New(data, c, ids, core.Options{PublicURL: "http://octavo.test", MaxBlocks: 1000})
	ready, err := octavo.Bootstrap(context.Background(), core.BootstrapOptions{Token: fuzzToken})
	if err != nil {
		panic(err)
	}
	// Faults are on: what the header may hold is input too.
	s.handler = api.New(octavo, api.Options{Clock: c, IDs: ids, Faults: faults.New(c, ids)})
	s.store, s.page, s.served = data, ready.Page.String(), 0
}

func (s *fuzzed) close() {
	if s.store == nil {
		return
	}
	if err := s.store.Close(); err != nil {
		panic(err)
	}
}

// ask sends a request that no client library would refuse to send, and holds the answer
// against what is true of every answer.
func (s *fuzzed) ask(t *testing.T, method, target string, h http.Header, body []byte) {
	u, err := url.ParseRequestURI(target)
	if err != nil || !strings.HasPrefix(target, "/") {
		return // net/http answers it
	}
	r := &http.Request{
		Method: method, URL: u, RequestURI: target, Header: h, Host: "octavo.test",
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r.WithContext(t.Context()))
	fine := w.Code == http.StatusOK || w.Code == http.StatusAccepted
	if !fine && (w.Code < 400 || w.Code >= 500) {
		t.Fatalf("%s %q: %d %s", method, target, w.Code, w.Body)
	}
	if method == http.MethodHead {
		return
	}
	v, err := jsonx.Parse(w.Body.Bytes())
	if err != nil {
		t.Fatalf("%s %q: %v: %s", method, target, err, w.Body)
	}
	members := v.Members()
	if len(members) == 0 || members[len(members)-1].Key != "request_id" {
		t.Fatalf("%s %q: %s", method, target, w.Body)
	}
	if strings.Contains(u.Path, "/v1/oauth/") && v.Get("error").Text() != "" && !fine {
		return // in a form of its own
	}
	if isError := v.Get("object").Text() == "error"; isError == fine || isError && v.Get("status").Float() != float64(w.Code) {
		t.Fatalf("%s %q: %d %s", method, target, w.Code, w.Body)
	}
}

// FuzzRouter: no method, path, header or body is answered with a 5xx or a panic.
func FuzzRouter(f *testing.F) {
	s := &fuzzed{}
	defer s.close()
	s.fresh()
	for _, o := range api.Operations() {
		f.Add(o.Method, strings.NewReplacer("{page_id}", s.page, "{block_id}", s.page).Replace(o.Path), "Bearer "+fuzzToken, "2026-03-11", "", []byte(`{}`))
	}
	for _, target := range []string{
		"/", "//", "/v1//pages", "/v1/pages/..", "/v1/pages/%2e%2e/x", "/v1/pages/%2F%2F", "/v1/pages/%00", "/v1/pages/%ff?%ff=%00",
		"/v1/users?page_size=1e999", "/v1/users?start_cursor=%zz", "/v1/users?a;b", "/v1/users/me/?", "/v1/pages/" + s.page + "/properties/%25",
	} {
		f.Add("GET", target, "bearer  "+fuzzToken, "2021-05-11", "latency=0s", []byte(nil))
	}
	f.Add("OPTIONS", "/v1/pages", "Bearer", "", "x", []byte("\xff"))
	f.Add("CONNECT", "/v1/pages", "Basic eDp5", "2022-06-28", "", []byte("[[[["))
	f.Fuzz(func(t *testing.T, method, target, authorization, notionVersion, fault string, body []byte) {
		if strings.Contains(fault, "latency") || strings.Contains(fault, "cut") {
			return // nobody moves the clock, and a cut has no answer
		}
		s.fresh()
		h := http.Header{"Authorization": {authorization}, "Notion-Version": {notionVersion}}
		if fault != "" {
			h.Set(faults.Header, fault)
			// A fault that can be read is answered as it says, 5xx included.
			if _, err := faults.ParseHeader(h.Values(faults.Header)); err == nil {
				return
			}
		}
		s.ask(t, method, target, h, body)
	})
}

// FuzzRequest: no query string and no body of an operation that is served is answered
// with a 5xx or a panic, in any version. $page in them is the id of a page.
func FuzzRequest(f *testing.F) {
	s := &fuzzed{}
	defer s.close()
	var served []api.Operation
	for _, o := range api.Operations() {
		if o.Standing == "served" {
			served = append(served, o)
		}
	}
	bodies := []string{
		`{}`, `{"parent":{"page_id":"$page"},"properties":{"title":[{"text":{"content":"a"}}]},"icon":{"emoji":"🚶"},"cover":{"external":{"url":"https://x.example"}}}`,
		`{"children":[{"paragraph":{"rich_text":[{"text":{"content":"a","link":{"url":"https://x.example"}},"annotations":{"bold":true,"color":"red"}},{"equation":{"expression":"x"}},{"mention":{"page":{"id":"$page"}}},{"mention":{"date":{"start":"2026-01-02T03:04:05+01:00","end":null,"time_zone":null}}}]}}]}`,
		`{"children":[{"table":{"table_width":1,"children":[{"table_row":{"cells":[[]]}}]}},{"column_list":{"children":[{"column":{"children":[{"divider":{}}]}},{"column":{"width_ratio":0.5,"children":[]}}]}},{"synced_block":{"synced_from":null,"children":[{"to_do":{"rich_text":[],"checked":true}}]}}],"position":{"type":"start"}}`,
		`{"children":[{"paragraph":{"text":[]}}],"after":"$page"}`, `{"in_trash":true}`, `{"archived":false,"is_locked":true}`, `{"child_page":{"title":"x"}}`,
		`{"properties":{"Name":null}}`, `{"erase_content":true,"template":{"type":"default"}}`,
	}
	for i := range served {
		for _, body := range bodies {
			f.Add(uint8(i), uint8(len(version.All)-1), "", []byte(body))
		}
		f.Add(uint8(i), uint8(i), "start_cursor=$page&page_size=1&filter_properties=title", []byte(bodies[2]))
	}
	f.Fuzz(func(t *testing.T, operation, at uint8, query string, body []byte) {
		s.fresh()
		o := served[int(operation)%len(served)]
		target := strings.NewReplacer("{page_id}", s.page, "{block_id}", s.page, "{user_id}", s.page, "{property_id}", "title").Replace(o.Path)
		if query != "" {
			target += "?" + strings.ReplaceAll(query, "$page", s.page)
		}
		h := http.Header{
			"Authorization":  {"Bearer " + fuzzToken},
			"Notion-Version": {string(version.All[int(at)%len(version.All)])},
		}
		s.ask(t, o.Method, target, h, bytes.ReplaceAll(body, []byte("$page"), []byte(s.page)))
	})
}
