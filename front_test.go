package octavo_test

import (
	"bufio"
	"context"
	"crypto/sha1"
	"database/sql"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/ncruces/go-sqlite3/driver"

	"octavo"
	"octavo/internal/jsonx"
)

// headers returns what every request of these tests sends.
func (s *testServer) headers(more ...string) http.Header {
	h := http.Header{"Authorization": {"Bearer " + s.token}, "Notion-Version": {"2026-03-11"}}
	for i := 0; i+1 < len(more); i += 2 {
		h.Set(more[i], more[i+1])
	}
	return h
}

func (s *testServer) get(target string, more ...string) *answer {
	s.t.Helper()
	return s.do("GET", target, s.headers(more...), nil)
}

// field returns a string of an answer, "" when it has none.
func (a *answer) field(path ...string) string {
	v, err := jsonx.Parse(a.body)
	if err != nil {
		return ""
	}
	for _, key := range path {
		v = v.Get(key)
	}
	return v.Text()
}

func (s *testServer) want(a *answer, status int, code string) {
	s.t.Helper()
	if a.status != status || a.field("code") != code {
		s.t.Errorf("%s: got %d %s, want %d %q", a.request, a.status, a.body, status, code)
	}
}

// inMemory runs a test on one database, for behaviour that the database has no part in.
func inMemory(t *testing.T, o serverOptions) *testServer {
	return newTestServer(t, database{}, serverOptions{
		faults: o.faults, rateLimit: o.rateLimit, profile: o.profile,
		change: func(opts *octavo.Options) {
			opts.Memory = true
			if o.change != nil {
				o.change(opts)
			}
		},
	})
}

func TestHeaders(t *testing.T) {
	s := inMemory(t, serverOptions{})
	for _, a := range []*answer{s.get("/v1/users/me"), s.get("/v1/nothing")} {
		want := map[string]string{
			"Content-Type":                      "application/json; charset=utf-8",
			"Vary":                              "Accept-Encoding",
			"Content-Security-Policy":           "default-src 'none'",
			"Referrer-Policy":                   "strict-origin-when-cross-origin",
			"X-Content-Type-Options":            "nosniff",
			"X-Dns-Prefetch-Control":            "off",
			"X-Download-Options":                "noopen",
			"X-Frame-Options":                   "SAMEORIGIN",
			"X-Permitted-Cross-Domain-Policies": "none",
			"X-Xss-Protection":                  "0",
			"X-Notion-Request-Id":               a.field("request_id"),
			"Strict-Transport-Security":         "",
			"Content-Length":                    fmt.Sprint(len(a.body)),
		}
		sum := sha1.Sum(a.body)
		want["Etag"] = fmt.Sprintf(`W/"%x-%s"`, len(a.body), base64.StdEncoding.EncodeToString(sum[:])[:27])
		for key, value := range want {
			if got := a.header.Get(key); got != value {
				t.Errorf("%s: %s is %q, want %q", a.request, key, got, value)
			}
		}
		for key := range a.header {
			if _, known := want[key]; !known && key != "Date" {
				t.Errorf("%s: unexpected header %s", a.request, key)
			}
		}
		if !strings.HasSuffix(string(a.body), `,"request_id":"`+a.field("request_id")+`"}`) {
			t.Errorf("%s: request_id is not last: %s", a.request, a.body)
		}
	}
}

func TestCompression(t *testing.T) {
	s := inMemory(t, serverOptions{})
	var children []string
	for range 20 {
		children = append(children, `{"divider":{}}`)
	}
	body := []byte(`{"children":[` + strings.Join(children, ",") + `]}`)
	plain := s.do("PATCH", "/v1/blocks/"+s.page+"/children", s.headers(), body)
	packed := s.get("/v1/blocks/"+s.page+"/children", "Accept-Encoding", "gzip")
	if plain.status != 200 || packed.header.Get("Content-Encoding") != "gzip" || len(packed.body) >= len(plain.body) {
		t.Errorf("not compressed: %v, %d bytes after %d", packed.header, len(packed.body), len(plain.body))
	}
	if small := s.get("/v1/users/me", "Accept-Encoding", "gzip"); small.header.Get("Content-Encoding") != "" {
		t.Error("a small answer is compressed")
	}
}

func TestSecureServersPromiseTLS(t *testing.T) {
	s := inMemory(t, serverOptions{change: func(o *octavo.Options) { o.PublicURL = "https://octavo.example" }})
	if got := s.get("/v1/users/me").header.Get("Strict-Transport-Security"); got != "max-age=31536000; includeSubDomains; preload" {
		t.Errorf("Strict-Transport-Security is %q", got)
	}
}

// TestDeadline: a request that runs past its deadline is answered, not dropped.
func TestDeadline(t *testing.T) {
	s := inMemory(t, serverOptions{faults: true})
	done := make(chan *answer)
	go func() { done <- s.get("/v1/users/me", "Octavo-Fault", "latency=90s") }()
	if err := s.clock.BlockUntil(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	s.clock.Advance(time.Minute)
	s.want(<-done, 503, "service_unavailable")
}

// TestOverload: what the server does not admit is refused at once.
func TestOverload(t *testing.T) {
	s := inMemory(t, serverOptions{faults: true, change: func(o *octavo.Options) { o.MaxInFlight = 1 }})
	done := make(chan *answer)
	go func() { done <- s.get("/v1/users/me", "Octavo-Fault", "latency=10s") }()
	if err := s.clock.BlockUntil(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	refused := s.get("/v1/users/me")
	s.want(refused, 529, "service_overload")
	if refused.header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After is %q", refused.header.Get("Retry-After"))
	}
	s.clock.Advance(10 * time.Second)
	s.want(<-done, 200, "")
	s.want(s.get("/v1/users/me"), 200, "")
}

// TestDatabaseGone: a store that is closed is a database that cannot be reached.
func TestDatabaseGone(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		s := newTestServer(t, db, serverOptions{})
		s.want(s.get("/v1/pages/"+s.page), 200, "")
		if err := s.server.Close(); err != nil {
			t.Fatal(err)
		}
		s.want(s.get("/v1/pages/"+s.page), 503, "database_connection_unavailable")
		s.want(s.do("DELETE", "/v1/blocks/"+s.page, s.headers(), nil), 503, "database_connection_unavailable")
	})
}

// TestConflict: while another process keeps writing, a write is a conflict and a read is
// none.
func TestConflict(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		s := newTestServer(t, db, serverOptions{change: func(o *octavo.Options) { o.LockTimeout = 50 * time.Millisecond }})
		release := lockElsewhere(t, db)
		body := []byte(`{"children":[{"divider":{}}]}`)
		s.want(s.do("PATCH", "/v1/blocks/"+s.page+"/children", s.headers(), body), 409, "conflict_error")
		s.want(s.get("/v1/pages/"+s.page), 200, "")
		release()
		s.want(s.do("PATCH", "/v1/blocks/"+s.page+"/children", s.headers(), body), 200, "")
		v, err := jsonx.Parse(s.get("/v1/blocks/" + s.page + "/children").body)
		if err != nil || len(v.Get("results").Items()) != 1 {
			t.Errorf("the conflict left something behind: %s, %v", v, err)
		}
	})
}

// lockElsewhere takes the locks of a writer in another process.
func lockElsewhere(t *testing.T, db database) (release func()) {
	driver, source := "sqlite3", "file:"+filepath.ToSlash(filepath.Join(db.options.Dir, "octavo.db"))
	begin := []string{"BEGIN IMMEDIATE"}
	if db.options.DatabaseURL != "" {
		driver, source = "pgx", db.options.DatabaseURL
		begin = []string{"BEGIN", "SELECT revision FROM workspace_state FOR UPDATE"}
	}
	pool, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := pool.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	run := func(text string) {
		if _, err := conn.ExecContext(context.Background(), text); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
	}
	for _, text := range begin {
		run(text)
	}
	return func() {
		run("ROLLBACK")
		conn.Close()
		pool.Close()
	}
}

// TestConcurrentAppends: requests that race on one page are all kept, each whole and in
// order.
func TestConcurrentAppends(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		s := newTestServer(t, db, serverOptions{})
		const writers, each = 8, 10
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					text := func(part string) string {
						return fmt.Sprintf(`{"paragraph":{"rich_text":[{"text":{"content":"%d-%d-%s"}}]}}`, w, i, part)
					}
					body := `{"children":[` + text("a") + "," + text("b") + `]}`
					a := s.do("PATCH", "/v1/blocks/"+s.page+"/children", s.headers(), []byte(body))
					if a.status != 200 {
						t.Errorf("%d %s", a.status, a.body)
					}
				}
			})
		}
		wg.Wait()
		texts := s.allTexts(s.page)
		if len(texts) != writers*each*2 {
			t.Fatalf("%d blocks, want %d", len(texts), writers*each*2)
		}
		next := map[string]int{}
		for i := 0; i < len(texts); i += 2 {
			w, _, _ := strings.Cut(texts[i], "-")
			want := fmt.Sprintf("%s-%d-", w, next[w])
			if texts[i] != want+"a" || texts[i+1] != want+"b" {
				t.Fatalf("at %d stand %s and %s, want %sa and b", i, texts[i], texts[i+1], want)
			}
			next[w]++
		}
	})
}

// allTexts returns the text of every paragraph directly on a page.
func (s *testServer) allTexts(page string) []string {
	s.t.Helper()
	var texts []string
	cursor := ""
	for {
		v, err := jsonx.Parse(s.get("/v1/blocks/" + page + "/children" + cursor).body)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, b := range v.Get("results").Items() {
			texts = append(texts, b.Get("paragraph").Get("rich_text").Items()[0].Get("plain_text").Text())
		}
		if !v.Get("has_more").True() {
			return texts
		}
		cursor = "?start_cursor=" + v.Get("next_cursor").Text()
	}
}

// TestHostileConnections: what is not HTTP as a client would send it is refused by the
// connection, and the server goes on.
func TestHostileConnections(t *testing.T) {
	s := inMemory(t, serverOptions{})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error)
	go func() { served <- s.server.Serve(ctx, l, time.Second) }()
	send := func(text string) string {
		conn, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		go io.WriteString(conn, text) // the server may stop reading before the end
		line, _ := bufio.NewReader(conn).ReadString('\n')
		return strings.TrimSpace(line)
	}
	huge := "GET /v1/users/me HTTP/1.1\r\nHost: x\r\nA: " + strings.Repeat("a", 10<<20) + "\r\n\r\n"
	if got := send(huge); got != "HTTP/1.1 431 Request Header Fields Too Large" {
		t.Errorf("10 MB of headers: %q", got)
	}
	if got := send("nonsense\r\n\r\n"); got != "HTTP/1.1 400 Bad Request" {
		t.Errorf("not HTTP: %q", got)
	}
	if got := send("GET /v1/users/me HTTP/1.1\r\nHost: x\r\n\r\n"); got != "HTTP/1.1 401 Unauthorized" {
		t.Errorf("after the hostile ones: %q", got)
	}
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// TestReadYourWrites: an answer is never older than a write that was acknowledged before
// the question, whoever wrote and whatever was asked before.
func TestReadYourWrites(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		s := newTestServer(t, db, serverOptions{})
		for i := range 20 {
			title := fmt.Sprintf("title %d", i)
			s.want(s.do("PATCH", "/v1/pages/"+s.page, s.headers(), []byte(`{"properties":{"title":[{"text":{"content":"`+title+`"}}]}}`)), 200, "")
			for range 2 { // the second is remembered where answers are
				a := s.get("/v1/blocks/" + s.page)
				if got := a.field("child_page", "title"); got != title {
					t.Fatalf("read %q after %q was acknowledged", got, title)
				}
				if a.field("request_id") != a.header.Get("X-Notion-Request-Id") {
					t.Fatalf("an answer carries the id of another request: %s", a.body)
				}
			}
		}
	})
}

// TestProxies: where a request came from is what the proxies that are named say, and nobody else.
func TestProxies(t *testing.T) {
	for _, c := range []struct {
		proxies   []string
		forwarded []string
		want      string
	}{
		{nil, []string{"198.51.100.1"}, "127.0.0.1"},
		{[]string{"10.0.0.0/8"}, []string{"198.51.100.1"}, "127.0.0.1"},
		{[]string{"loopback"}, nil, "127.0.0.1"},
		{[]string{"loopback"}, []string{"198.51.100.1"}, "198.51.100.1"},
		{[]string{"loopback"}, []string{"198.51.100.1:4711"}, "198.51.100.1"},
		{[]string{"loopback"}, []string{"[2001:db8::1]:4711"}, "2001:db8::1"},
		{[]string{"loopback"}, []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{[]string{"loopback"}, []string{"203.0.113.9, 198.51.100.1"}, "198.51.100.1"},
		{[]string{"loopback", "10.0.0.0/8"}, []string{"203.0.113.9, 198.51.100.1", "10.1.2.3"}, "198.51.100.1"},
		{[]string{"loopback", "10.0.0.0/8"}, []string{"10.1.2.3"}, "10.1.2.3"},
		{[]string{"loopback"}, []string{"198.51.100.1, unknown"}, "127.0.0.1"},
		{[]string{"loopback"}, []string{","}, "127.0.0.1"},
	} {
		s := hold(t, database{}, serverOptions{change: func(o *octavo.Options) { o.Memory, o.Proxies = true, c.proxies }})
		h := http.Header{"Authorization": {"Bearer " + s.adminToken}, "Content-Type": {"application/json"}, "X-Forwarded-For": c.forwarded}
		if a := s.do("POST", "/_octavo/users", h, []byte(`{"name":"Ada"}`)); a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
		log := parsed(s.ok("GET /_octavo/audit"))
		if got := log.Get("results").Items()[0].Get("address").Text(); got != c.want {
			t.Errorf("%q, behind %q: the audit log says %q, want %q", c.forwarded, c.proxies, got, c.want)
		}
	}
}
