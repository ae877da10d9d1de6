package faults_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/clock"
	"octavo/internal/faults"
	"octavo/internal/notion"
)

var (
	start = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	mine  = notion.ID{1}
)

func newSet() *faults.Set { return faults.New(clock.NewManual(start), new(clock.Sequence)) }

func request(method, path string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

func match(t *testing.T, s *faults.Set, r *http.Request) *faults.Plan {
	t.Helper()
	p, err := s.Match(r, mine)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func add(t *testing.T, s *faults.Set, r faults.Rule) notion.ID {
	t.Helper()
	status, err := s.Add(r)
	if err != nil {
		t.Fatal(err)
	}
	return status.ID
}

func TestSwitchedOffIgnoresEverything(t *testing.T) {
	var off *faults.Set
	for _, header := range []string{"rate_limited", "nonsense; ;"} {
		p, err := off.Match(request("GET", "/v1/users", faults.Header, header), mine)
		if p != nil || err != nil {
			t.Errorf("%q: %v, %v", header, p, err)
		}
	}
}

func TestHeader(t *testing.T) {
	cases := []struct {
		header string
		want   faults.Fault
		err    string // part of the message
	}{
		{"rate_limited; retry_after=2", faults.Fault{Code: apierr.RateLimited, RetryAfter: 2 * time.Second}, ""},
		{"conflict_error;after_commit=true", faults.Fault{Code: apierr.ConflictError, AfterCommit: true}, ""},
		{" latency=250ms ", faults.Fault{Latency: 250 * time.Millisecond}, ""},
		{"cut=after_headers", faults.Fault{Cut: faults.AfterHeaders}, ""},
		{"bad_gateway; latency=1s; cut=mid_body", faults.Fault{Code: apierr.BadGateway, Latency: time.Second, Cut: faults.MidBody}, ""},

		{"", faults.Fault{}, "should begin with `invalid_json`, "},
		{"teapot", faults.Fault{}, "or `service_overload`, instead was `\"teapot\"`."},
		{"rate_limited; conflict_error", faults.Fault{}, "form name=value"},
		{"rate_limited; retry_after=0", faults.Fault{}, "retry_after should be a number of seconds from `1` to `3600`, instead was `\"0\"`."},
		{"rate_limited; retry_after=1; retry_after=2", faults.Fault{}, "`\"retry_after\"` should be given once"},
		{"latency=-1s", faults.Fault{}, "latency should be a duration"},
		{"latency=11m", faults.Fault{}, "latency should be a duration"},
		{"cut=everywhere", faults.Fault{}, "cut should be `after_headers` or `mid_body`"},
		{"conflict_error; after_commit=yes", faults.Fault{}, "after_commit should be `true` or `false`"},
		{"colour=red", faults.Fault{}, "instead was `\"colour\"`"},
		{"after_commit=true", faults.Fault{}, "need a code"},
		{"latency=0s", faults.Fault{}, "should be given"},
		{"x" + strings.Repeat("é", 5000), faults.Fault{}, "..."},
	}
	for _, c := range cases {
		got, err := faults.ParseHeader([]string{c.header})
		if c.err == "" {
			if err != nil || got != c.want {
				t.Errorf("%q: %+v, %v", c.header, got, err)
			}
			continue
		}
		var e *apierr.Error
		if !errors.As(err, &e) || e.Code != apierr.ValidationError ||
			!strings.HasPrefix(e.Message, "Octavo-Fault header failed validation: ") || !strings.Contains(e.Message, c.err) {
			t.Errorf("%.50q: error %v, want …%s…", c.header, err, c.err)
		} else if len(e.Message) > 1000 {
			t.Errorf("%.50q: a message of %d bytes", c.header, len(e.Message))
		}
	}
	if _, err := faults.ParseHeader([]string{"conflict_error", "conflict_error"}); err == nil {
		t.Error("a header given twice was accepted")
	}
}

func TestEveryCodeCanBeHad(t *testing.T) {
	s := newSet()
	for _, row := range apierr.Table {
		p := match(t, s, request("GET", "/v1/users", faults.Header, string(row.Code)))
		if p == nil || p.Err == nil || p.Err.Code != row.Code || p.Err.Message != row.Message {
			t.Errorf("%s: %+v", row.Code, p)
		}
	}
}

func TestErrorsLookReal(t *testing.T) {
	cases := []struct {
		header, body string
		retryAfter   time.Duration
	}{
		{"rate_limited; retry_after=49", `"additional_data":{"rate_limit_reason":"public_api_request_rate_limit","retry_after":"49"}}`, 49 * time.Second},
		{"rate_limited", `"retry_after":"1"}}`, time.Second},
		{"service_overload", `"code":"service_overload"`, time.Second},
		{"service_unavailable; after_commit=true", `"additional_data":{"retry_guidance":["Read the object again","Do not repeat the write"]}}`, 0},
		{"service_unavailable; retry_after=3", `try again later."}`, 3 * time.Second},
	}
	for _, c := range cases {
		p := match(t, newSet(), request("POST", "/v1/pages", faults.Header, c.header))
		if body := string(p.Err.AppendJSON(nil)); !strings.Contains(body, c.body) || p.Err.RetryAfter != c.retryAfter {
			t.Errorf("%s: %s, Retry-After %v", c.header, body, p.Err.RetryAfter)
		}
	}
}

func TestWhatRulesMatch(t *testing.T) {
	const token = "ntn_mine"
	cases := []struct {
		rule         faults.Rule
		method, path string
		want         bool
	}{
		{faults.Rule{}, "GET", "/v1/users", true},
		{faults.Rule{Method: "POST"}, "GET", "/v1/users", false},
		{faults.Rule{Method: "GET", Path: "/v1/users"}, "GET", "/v1/users/", true},
		{faults.Rule{Path: "/v1/pages/{page_id}"}, "GET", "/v1/pages/1", true},
		{faults.Rule{Path: "/v1/pages/{page_id}"}, "GET", "/v1/pages", false},
		{faults.Rule{Path: "/v1/pages/{page_id}"}, "GET", "/v1/pages/1/properties/title", false},
		{faults.Rule{Path: "/v1/pages/*/properties/title"}, "GET", "/v1/pages/1/properties/title", true},
		{faults.Rule{Path: "/v1/pages/*"}, "GET", "/v1/pages/1/properties/title", true},
		{faults.Rule{Path: "/v1/*/1"}, "GET", "/v1/pages/2", false},
		{faults.Rule{Path: "*"}, "GET", "/v1/pages/2", true},
		{faults.Rule{Integration: mine}, "GET", "/v1/users", true},
		{faults.Rule{Integration: notion.ID{2}}, "GET", "/v1/users", false},
		{faults.Rule{Token: faults.MatchToken(token)}, "GET", "/v1/users", true},
		{faults.Rule{Token: faults.MatchToken("ntn_other")}, "GET", "/v1/users", false},
		{faults.Rule{Token: faults.MatchToken("")}, "GET", "/v1/users", true},
	}
	for _, c := range cases {
		s := newSet()
		c.rule.Code = apierr.ConflictError
		add(t, s, c.rule)
		if got := match(t, s, request(c.method, c.path, "Authorization", "Bearer "+token)) != nil; got != c.want {
			t.Errorf("%+v on %s %s: %v", c.rule, c.method, c.path, got)
		}
	}
}

func TestNthAndCount(t *testing.T) {
	s := newSet()
	add(t, s, faults.Rule{Fault: faults.Fault{Code: apierr.BadGateway}, Nth: 3, Count: 2})
	var got string
	for range 12 {
		if match(t, s, request("GET", "/v1/users")) == nil {
			got += "."
		} else {
			got += "x"
		}
	}
	if want := "..x..x......"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if st := s.List()[0]; !st.Spent() || st.Applied != 2 || st.Matched != 6 {
		t.Errorf("status %+v", st)
	}
}

func TestProbabilityIsRepeatable(t *testing.T) {
	run := func(seed uint64) (pattern string) {
		s := newSet()
		add(t, s, faults.Rule{Fault: faults.Fault{Code: apierr.BadGateway}, Probability: 0.3, Seed: seed})
		for range 1000 {
			if match(t, s, request("GET", "/v1/users")) == nil {
				pattern += "."
			} else {
				pattern += "x"
			}
		}
		return pattern
	}
	one := run(1)
	if run(1) != one {
		t.Error("the same seed made other choices")
	}
	if run(2) == one {
		t.Error("another seed made the same choices")
	}
	if n := strings.Count(one, "x"); n < 240 || n > 360 {
		t.Errorf("%d of 1000 requests failed at probability 0.3", n)
	}
}

func TestFirstRuleWinsAndHeaderBeatsRules(t *testing.T) {
	s := newSet()
	first := add(t, s, faults.Rule{Fault: faults.Fault{Code: apierr.BadGateway}, Count: 1})
	add(t, s, faults.Rule{Fault: faults.Fault{Code: apierr.GatewayTimeout, Message: "own words"}})

	if p := match(t, s, request("GET", "/v1/users", faults.Header, "conflict_error")); p.Err.Code != apierr.ConflictError {
		t.Errorf("with the header: %v", p.Err)
	}
	if p := match(t, s, request("GET", "/v1/users")); p.Err.Code != apierr.BadGateway {
		t.Errorf("first: %v", p.Err)
	}
	if p := match(t, s, request("GET", "/v1/users")); p.Err.Code != apierr.GatewayTimeout || p.Err.Message != "own words" {
		t.Errorf("after the first is spent: %v", p.Err)
	}
	if gone, err := s.Delete(first); err != nil || gone.ID != first || len(s.List()) != 1 {
		t.Errorf("delete: %+v, %v, %d left", gone, err, len(s.List()))
	}
	var e *apierr.Error
	if _, err := s.Delete(first); !errors.As(err, &e) || e.Code != apierr.ObjectNotFound {
		t.Errorf("deleting twice: %v", err)
	}
	if gone := s.Reset(); len(gone) != 1 {
		t.Errorf("reset removed %d", len(gone))
	}
	if p := match(t, s, request("GET", "/v1/users")); p != nil {
		t.Errorf("after reset: %+v", p)
	}
}

func TestBadRules(t *testing.T) {
	bad := []faults.Rule{
		{},
		{Fault: faults.Fault{Code: "teapot"}},
		{Fault: faults.Fault{AfterCommit: true, Latency: 1}},
		{Fault: faults.Fault{Code: apierr.BadGateway, Latency: -1}},
		{Fault: faults.Fault{Code: apierr.BadGateway, RetryAfter: 2 * time.Hour}},
		{Fault: faults.Fault{Code: apierr.BadGateway, Message: strings.Repeat("x", 1001)}},
		{Fault: faults.Fault{Code: apierr.BadGateway}, Method: "BREW"},
		{Fault: faults.Fault{Code: apierr.BadGateway}, Path: "v1/pages"},
		{Fault: faults.Fault{Code: apierr.BadGateway}, Nth: -1},
		{Fault: faults.Fault{Code: apierr.BadGateway}, Count: -1},
		{Fault: faults.Fault{Code: apierr.BadGateway}, Probability: 1.1},
	}
	for _, r := range bad {
		s := newSet()
		var e *apierr.Error
		if _, err := s.Add(r); !errors.As(err, &e) || e.Code != apierr.ValidationError {
			t.Errorf("%+v: %v", r, err)
		}
		if len(s.List()) != 0 {
			t.Errorf("%+v was kept", r)
		}
	}
}

func TestConcurrentUse(t *testing.T) {
	s := newSet()
	add(t, s, faults.Rule{Fault: faults.Fault{Code: apierr.BadGateway}, Count: 100})
	var wg sync.WaitGroup
	var mu sync.Mutex
	failed := 0
	for range 4 {
		wg.Go(func() {
			for range 100 {
				p, err := s.Match(request("GET", "/v1/users"), mine)
				if err != nil {
					t.Error(err)
				}
				if p != nil {
					mu.Lock()
					failed++
					mu.Unlock()
				}
				s.List()
			}
		})
	}
	wg.Wait()
	if failed != 100 {
		t.Errorf("%d requests failed, want 100", failed)
	}
}

func FuzzParseHeader(f *testing.F) {
	f.Add("rate_limited; retry_after=2; latency=250ms; cut=mid_body; after_commit=true")
	f.Add(";;=;")
	f.Fuzz(func(t *testing.T, header string) {
		if _, err := faults.ParseHeader([]string{header}); err != nil {
			var e *apierr.Error
			if !errors.As(err, &e) || len(e.Message) > 2000 {
				t.Errorf("%q: %v", header, err)
			}
		}
	})
}
