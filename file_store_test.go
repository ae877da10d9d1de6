package octavo_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"octavo"
	"octavo/internal/store/storetest"
)

// bucket is an empty folder in the bucket of scripts/with-s3.
func bucket(t *testing.T) func(*octavo.Options) {
	t.Helper()
	address := os.Getenv("OCTAVO_TEST_S3")
	if address == "" {
		t.Skip("no object store; run scripts/with-s3 go test")
	}
	folder := "/" + rand.Text()
	return func(o *octavo.Options) {
		o.Files = strings.Replace(address, "?", folder+"?", 1)
		o.S3KeyID, o.S3Secret = os.Getenv("OCTAVO_S3_KEY_ID"), os.Getenv("OCTAVO_S3_SECRET")
	}
}

// TestScriptsInABucket: nobody can tell whether files are kept on a disk or in a bucket.
func TestScriptsInABucket(t *testing.T) {
	files, err := filepath.Glob("testdata/script/file_uploads_*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no conversations", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			runScript(t, file, database{options: storetest.SQLite(t)}, bucket(t))
		})
	}
}

// fakeStore is an object store that keeps objects in memory until it is told to fail.
type fakeStore struct {
	url string

	mu      sync.Mutex
	objects map[string][]byte
	fail    http.HandlerFunc
}

func newFakeStore(t *testing.T) *fakeStore {
	s := &fakeStore{objects: map[string][]byte{}}
	ts := httptest.NewServer(s)
	t.Cleanup(ts.Close)
	s.url = ts.URL
	return s
}

// ServeHTTP implements [http.Handler].
func (s *fakeStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	fail := s.fail
	s.mu.Unlock()
	if fail != nil {
		fail(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the connection is gone
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch object, found := s.objects[r.URL.Path]; {
	case r.Method == http.MethodPut:
		s.objects[r.URL.Path] = body
	case r.Method == http.MethodDelete:
		delete(s.objects, r.URL.Path)
	case found:
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(object))
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (s *fakeStore) failing(with http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = with
}

func (s *fakeStore) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.objects)
}

// options keeps files in the store.
func (s *fakeStore) options(o *octavo.Options) {
	o.Files, o.S3KeyID, o.S3Secret = "s3://bucket?endpoint="+s.url, "id", "secret"
}

// sendText sends a file in one piece.
func (c *conversation) sendText(upload, text string) *answer {
	return c.request("POST /v1/file_uploads/" + upload + "/send\nContent-Type: multipart/form-data; boundary=x\n\n" +
		"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n" + text + "\r\n--x--\r\n")
}

// TestFileStoreFails: what is wrong with the store is told as the API tells it (contract.md
// §1.6), nothing is left half done, and afterwards everything goes on.
func TestFileStoreFails(t *testing.T) {
	status := func(n int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(n)
		}
	}
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	asked := make(chan struct{}, 1)
	hang := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		asked <- struct{}{}
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}
	cases := []struct {
		name          string
		fail          http.HandlerFunc
		written, read string
		asked         chan struct{} // set when the store hangs
	}{
		{"it has an error", status(http.StatusInternalServerError), "502 bad_gateway", "502 bad_gateway", nil},
		{"it is overloaded", status(http.StatusServiceUnavailable), "502 bad_gateway", "502 bad_gateway", nil},
		{"it refuses", status(http.StatusForbidden), "409 conflict_error", "502 bad_gateway", nil},
		{"it is full", status(http.StatusInsufficientStorage), "409 conflict_error", "502 bad_gateway", nil},
		{"it talks nonsense", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				fmt.Fprint(conn, "\x00\xffnonsense\r\n\r\n")
				_ = conn.Close()
			}
		}, "502 bad_gateway", "502 bad_gateway", nil},
		{"it hangs", hang, "504 gateway_timeout", "504 gateway_timeout", asked},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			s := newFakeStore(t)
			c := hold(t, database{options: storetest.SQLite(t)}, serverOptions{change: s.options})
			c.save("kept id", c.ok("POST /v1/file_uploads"))
			if a := c.sendText("$kept", "kept"); a.status != 200 {
				t.Fatalf("%d %s", a.status, a.body)
			}
			c.save("link results.0.file.file.url", c.ok("PATCH /v1/blocks/$page/children\n\n"+`{"children":[{"file":{"file_upload":{"id":"$kept"}}}]}`))
			c.save("late id", c.ok("POST /v1/file_uploads"))

			s.failing(tc.fail)
			for _, try := range []struct {
				name, want string
				waiters    int // by the clock, when a store is waited for
				do         func() *answer
			}{
				{"sent", tc.written, 2, func() *answer { return c.sendText("$late", "late") }}, // for the form, too
				{"fetched", tc.read, 1, func() *answer { return c.request("GET $link") }},
			} {
				a := c.impatiently(tc.asked, try.waiters, try.do)
				if got := fmt.Sprintf("%d %s", a.status, a.field("code")); got != try.want {
					t.Errorf("%s: %s, want %s", try.name, a.body, try.want)
				}
			}
			if status := c.ok("GET /v1/file_uploads/$late").field("status"); status != "pending" {
				t.Errorf("the upload is %s", status)
			}

			s.failing(nil)
			if a := c.sendText("$late", "late"); a.status != 200 {
				t.Errorf("sent again: %d %s", a.status, a.body)
			}
			if a := c.request("GET $link"); a.status != 200 || string(a.body) != "kept" {
				t.Errorf("fetched again: %d %q", a.status, a.body)
			}
			if n := s.count(); n != 2 {
				t.Errorf("%d objects are in the store", n)
			}
		})
	}
}

// impatiently moves the clock while a request waits for a store that hangs, until there is an
// answer.
func (c *conversation) impatiently(asked <-chan struct{}, waiters int, do func() *answer) *answer {
	if asked == nil {
		return do()
	}
	ctx, cancel := context.WithCancel(c.t.Context())
	done := make(chan *answer, 1)
	go func() {
		defer cancel()
		done <- do()
	}()
	<-asked
	for c.clock.BlockUntil(ctx, waiters) == nil {
		c.clock.Advance(15 * time.Second)
	}
	return <-done
}
