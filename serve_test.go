package octavo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"octavo"
	"octavo/internal/clock"
)

// listening is a server behind its own listener.
type listening struct {
	t      *testing.T
	server *octavo.Server
	clock  *clock.Manual
	url    string
	stop   context.CancelFunc
	done   chan error
}

// drain is how long requests have once a server of these tests is told to stop.
const drain = 20 * time.Second

func listen(t *testing.T) *listening {
	t.Helper()
	s := &listening{t: t, clock: clock.NewManual(started), done: make(chan error, 1)}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.url = "http://" + l.Addr().String()
	s.server, err = octavo.New(octavo.Options{Memory: true, Token: "ntn_test", Faults: true, Clock: s.clock, IDs: new(clock.Sequence)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	go func() { s.done <- s.server.Serve(ctx, l, drain) }()
	t.Cleanup(func() {
		stop()
		if err := s.server.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// slow sends a request that waits for d of the server's clock, and returns once the server
// waits. The status arrives when there is an answer, 0 when the connection drops.
func (s *listening) slow(d time.Duration) <-chan int {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodGet, s.url+"/v1/users/me", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer ntn_test")
	req.Header.Set("Notion-Version", "2026-03-11")
	req.Header.Set("Octavo-Fault", "latency="+d.String())
	status := make(chan int, 1)
	go func() {
		resp, err := (&http.Client{Transport: &http.Transport{}}).Do(req)
		if err != nil {
			status <- 0
			return
		}
		defer resp.Body.Close()
		status <- resp.StatusCode
	}()
	// The deadline of the request, and its latency.
	if err := s.clock.BlockUntil(s.t.Context(), 2); err != nil {
		s.t.Fatal(err)
	}
	return status
}

// drains tells the server to stop and returns once it has begun to.
func (s *listening) drains() {
	s.stop()
	for s.ready() != http.StatusServiceUnavailable {
		runtime.Gosched()
	}
}

// ready asks the handler, since the listener of a draining server is closed.
func (s *listening) ready() int {
	w := httptest.NewRecorder()
	s.server.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/_octavo/readyz", nil))
	return w.Code
}

// TestDrain: a server that is told to stop takes nothing new and finishes what runs.
func TestDrain(t *testing.T) {
	s := listen(t)
	status := s.slow(5 * time.Second)
	s.drains()
	for {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			break // nobody listens any more
		}
		conn.Close()
	}
	s.clock.Advance(5 * time.Second)
	if got := <-status; got != http.StatusOK {
		t.Errorf("the request that ran was answered %d", got)
	}
	if err := <-s.done; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

// TestDrainIsBounded: a request that does not finish does not keep the server.
func TestDrainIsBounded(t *testing.T) {
	s := listen(t)
	status := s.slow(drain + time.Second)
	s.drains()
	s.clock.Advance(drain)
	if err := <-s.done; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if got := <-status; got == http.StatusOK {
		t.Error("the request was carried out after its time")
	}
}

func TestServeFailsWithItsListener(t *testing.T) {
	s := listen(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if err := s.server.Serve(t.Context(), l, drain); err == nil {
		t.Error("serving a closed listener succeeded")
	}
}

// open makes a server that is closed when the test ends.
func open(t *testing.T, opts octavo.Options) *octavo.Server {
	t.Helper()
	s, err := octavo.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// administers reports whether a token opens the admin endpoints.
func administers(s *octavo.Server, token string) bool {
	r := httptest.NewRequest(http.MethodGet, "/_octavo/workspaces", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, r)
	return w.Code == http.StatusOK
}

func TestAdminTokenIsKeptInTheDataDirectory(t *testing.T) {
	dir := t.TempDir()
	if _, err := octavo.ReadAdminToken(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("before the first start: %v", err)
	}
	var log bytes.Buffer
	opts := octavo.Options{Dir: dir, Logger: slog.New(slog.NewTextHandler(&log, nil))}
	var first string
	start := func() {
		t.Helper()
		s, err := octavo.New(opts)
		if err != nil {
			t.Fatal(err)
		}
		token, err := octavo.ReadAdminToken(dir)
		if err != nil || !administers(s, token) || first != "" && token != first {
			t.Errorf("the token %q, %v, after %q", token, err, first)
		}
		first = token
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	start()
	start()
	if strings.Contains(log.String(), "admin token") {
		t.Errorf("a warning without cause: %s", &log)
	}
	if runtime.GOOS != "windows" {
		path := filepath.Join(dir, octavo.AdminTokenFile)
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
		start()
		if !strings.Contains(log.String(), "others can read the admin token") {
			t.Errorf("no warning: %s", &log)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, octavo.AdminTokenFile), []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := octavo.New(opts); err == nil || !strings.Contains(err.Error(), "is empty") {
		t.Errorf("with an empty file: %v", err)
	}
}

func TestWithoutAdminTokenNobodyAdministers(t *testing.T) {
	s := open(t, octavo.Options{Memory: true})
	if administers(s, "") || administers(s, "x") {
		t.Error("somebody got in")
	}
	if s := open(t, octavo.Options{Memory: true, AdminToken: "adm_given"}); !administers(s, "adm_given") {
		t.Error("the token given does not work")
	}
}

func TestOptionsThatCannotBe(t *testing.T) {
	for _, opts := range []octavo.Options{
		{},
		{Memory: true, Dir: t.TempDir()},
		{Memory: true, Profile: "fast"},
		{Memory: true, Token: "short"},
		{Memory: true, Proxies: []string{"proxy.example"}},
		{DatabaseURL: "mysql://localhost/x"},
	} {
		if s, err := octavo.New(opts); err == nil {
			s.Close()
			t.Errorf("%+v was accepted", opts)
		}
	}
}

func TestProfiles(t *testing.T) {
	cases := []struct {
		profile string
		limit   int
		refused int // the first request that is refused, 0 for none of 200
	}{
		{"", 0, 0},
		{"default", 0, 0},
		{"default", 3, 4},
		{"hosted", 0, 181},
		{"hosted", 3, 4},
		{"hosted", -1, 0},
		{"unbounded", 0, 0},
	}
	for _, c := range cases {
		s := open(t, octavo.Options{Memory: true, Token: "ntn_test", Profile: c.profile, RateLimit: c.limit, Clock: clock.NewManual(started)})
		refused := 0
		for i := 1; i <= 200 && refused == 0; i++ {
			r := httptest.NewRequest(http.MethodGet, "/v1/users/me", nil)
			r.Header.Set("Authorization", "Bearer ntn_test")
			r.Header.Set("Notion-Version", "2026-03-11")
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, r)
			if w.Code == http.StatusTooManyRequests {
				refused = i
			}
		}
		if refused != c.refused {
			t.Errorf("%q with limit %d: request %d was refused, want %d", c.profile, c.limit, refused, c.refused)
		}
	}
}

// TestSizes: the unbounded profile takes what the others refuse.
func TestSizes(t *testing.T) {
	many := `{"children":[` + strings.Repeat(`{"divider":{}},`, 100) + `{"divider":{}}]}`
	toggle := `{"toggle":{"rich_text":[],"children":[` + strings.Repeat(`{"divider":{}},`, 99) + `{"divider":{}}]}}`
	nested := `{"children":[` + strings.Repeat(toggle+",", 9) + toggle + `]}`
	large := `{"children":[{"divider":{}}]` + strings.Repeat(" ", 600_000) + `}`
	for profile, want := range map[string]int{"default": http.StatusBadRequest, "hosted": http.StatusBadRequest, "unbounded": http.StatusOK} {
		s := open(t, octavo.Options{Memory: true, Token: "ntn_test", Profile: profile})
		for name, body := range map[string]string{"many": many, "many nested": nested, "large": large} {
			r := httptest.NewRequest(http.MethodPatch, "/v1/blocks/"+s.Info().Page+"/children", strings.NewReader(body))
			r.Header.Set("Authorization", "Bearer ntn_test")
			r.Header.Set("Notion-Version", "2026-03-11")
			w := httptest.NewRecorder()
			s.Handler().ServeHTTP(w, r)
			if w.Code != want {
				t.Errorf("%s, %s: %d %.200s", profile, name, w.Code, w.Body)
			}
		}
	}
}

// ExampleNew is how a test of a program that uses the API has a server of its own.
func ExampleNew() {
	server, err := octavo.New(octavo.Options{
		Memory: true,
		Token:  "ntn_example",
		Now:    func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	ts := httptest.NewServer(server.Handler())
	defer ts.Close()

	req, _ := http.NewRequest(http.MethodGet, ts.URL+"/v1/pages/"+server.Info().Page, nil)
	req.Header.Set("Authorization", "Bearer ntn_example")
	req.Header.Set("Notion-Version", "2026-03-11")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	var page struct {
		CreatedTime time.Time `json:"created_time"`
	}
	err = json.NewDecoder(resp.Body).Decode(&page)
	fmt.Println(resp.StatusCode, page.CreatedTime, err)
	// Output: 200 2026-01-02 03:04:00 +0000 UTC <nil>
}
