package octavo_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"octavo/internal/clock"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"octavo"
	"octavo/internal/jsonx"
	"octavo/internal/store/storetest"
)

// source serves the files that tests import.
type source struct {
	*httptest.Server
	mux *http.ServeMux
}

func newSource(t *testing.T) *source {
	s := &source{mux: http.NewServeMux()}
	s.Server = httptest.NewServer(s.mux)
	t.Cleanup(s.Close)
	return s
}

// file serves a file with a content type and returns its address.
func (s *source) file(path, contentType string, content []byte) string {
	s.mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		_, _ = w.Write(content) // HEAD takes none of it
	})
	return s.URL + path
}

// fails answers HEAD as if a file were there, and GET in another way.
func (s *source) fails(path string, get http.HandlerFunc) string {
	s.mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		if r.Method == http.MethodHead {
			return
		}
		get(w, r)
	})
	return s.URL + path
}

// importing is a server that may import from this machine.
func importing(o *octavo.Options) { o.AllowTargets = []string{"loopback"} }

// importFile begins an import as the other members of the body say.
func (c *conversation) importFile(address, more string) *answer {
	return c.request(`POST /v1/file_uploads` + "\n\n" + `{"mode":"external_url","external_url":"` + address + `"` + more + `}`)
}

// imported waits until an import has come to an end and returns the upload.
func (c *conversation) imported(a *answer) jsonx.Value {
	c.t.Helper()
	if a.status != http.StatusOK {
		c.t.Fatalf("%s: %d %s", a.request, a.status, a.body)
	}
	for c.t.Context().Err() == nil {
		v, err := jsonx.Parse(c.ok("GET /v1/file_uploads/" + a.field("id")).body)
		if err != nil {
			c.t.Fatal(err)
		}
		if v.Get("status").Text() != "pending" {
			return v
		}
		runtime.Gosched()
	}
	c.t.Fatal("the import does not end")
	return jsonx.Value{}
}

// fetch attaches an upload as a file and returns what its link leads to.
func (c *conversation) fetch(upload string) []byte {
	c.t.Helper()
	made := c.ok("PATCH /v1/blocks/$page/children\n\n" + `{"children":[{"file":{"file_upload":{"id":"` + upload + `"}}}]}`)
	v, err := jsonx.Parse(made.body)
	if err != nil {
		c.t.Fatal(err)
	}
	resp, err := c.client.Get(walk(v, "results.0.file.file.url").Text())
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		c.t.Fatalf("fetched: %d, %v", resp.StatusCode, err)
	}
	return data
}

func TestImport(t *testing.T) {
	s := newSource(t)
	large := bytes.Repeat([]byte("0123456789abcdef"), 1<<20+1) // a part and a piece
	cases := []struct {
		name, address, more string
		content             []byte
		filename, kind      string
	}{
		{"by its address", s.file("/a%20b.txt", "text/plain", []byte("hello")), "", []byte("hello"), "a b.txt", "text/plain"},
		{"as it is said to be", s.file("/page", "text/html; charset=utf-8", []byte("<p>")), `,"content_type":"application/pdf","filename":"dummy.pdf"`, []byte("<p>"), "dummy.pdf", "application/pdf"},
		{"without an extension", s.file("/blob", "image/png", []byte("png")), "", []byte("png"), "blob.png", "image/png"},
		{"of no type", s.file("/c.csv", "application/octet-stream", []byte("a,b")), "", []byte("a,b"), "c.csv", "text/csv; charset=utf-8"},
		{"without a name", s.file("/d/", "image/gif", []byte("gif")), "", []byte("gif"), "d.gif", "image/gif"},
		{"in parts", s.file("/e.json", "application/json", large), "", large, "e.json", "application/json"},
		{"elsewhere", s.URL + "/moved", "", []byte("hello"), "moved.txt", "text/plain"},
	}
	s.mux.Handle("/moved", http.RedirectHandler("/moved2", http.StatusFound))
	s.mux.Handle("/moved2", http.RedirectHandler("/moved3", http.StatusMovedPermanently))
	s.mux.Handle("/moved3", http.RedirectHandler("/a%20b.txt", http.StatusTemporaryRedirect))
	eachDatabase(t, func(t *testing.T, db database) {
		c := hold(t, db, serverOptions{change: importing})
		for _, tc := range cases {
			begun := c.importFile(tc.address, tc.more)
			if begun.field("status") != "pending" || begun.field("filename") != tc.filename || begun.field("content_type") != tc.kind || begun.field("upload_url") == "" {
				t.Errorf("%s: begun as %s", tc.name, begun.body)
			}
			u := c.imported(begun)
			const result = `{"type":"success","success":{},"imported_time":"2026-01-02T03:04:05.000+00:00"}`
			if u.Get("status").Text() != "uploaded" || int(u.Get("content_length").Float()) != len(tc.content) ||
				u.Get("file_import_result").String() != result || u.Get("upload_url").Defined() {
				t.Errorf("%s: %s", tc.name, u)
				continue
			}
			if got := c.fetch(begun.field("id")); !bytes.Equal(got, tc.content) {
				t.Errorf("%s: %d bytes are not the %d of the source", tc.name, len(got), len(tc.content))
			}
		}
	})
}

func TestImportRefused(t *testing.T) {
	s := newSource(t)
	s.mux.HandleFunc("/untyped", func(w http.ResponseWriter, _ *http.Request) { w.Header()["Content-Type"] = nil })
	s.mux.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Content-Length", "1048577")
	})
	s.mux.Handle("/round", http.RedirectHandler("/round", http.StatusFound))
	s.mux.Handle("/inside", http.RedirectHandler("http://169.254.169.254/latest/meta-data/", http.StatusFound))
	s.mux.Handle("/file", http.RedirectHandler("file:///etc/passwd", http.StatusFound))
	s.mux.HandleFunc("/packed", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "identity" {
			t.Errorf("asked for %q", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Content-Encoding", "gzip")
	})
	gone := httptest.NewServer(nil)
	gone.Close()
	cases := []struct{ address, more, want string }{
		{s.URL + "/untyped", "", "The file at `external_url` cannot be imported: its server does not say what type of file it is."},
		{s.URL + "/nothing", "", "The file at `external_url` cannot be imported: it answers with status 404."},
		{s.URL + "/large", "", "The file size of the upload exceeds the limit of 1048576 bytes."},
		{s.URL + "/round", "", "The file at `external_url` cannot be imported: it leads elsewhere too often."},
		{s.URL + "/inside", "", "The file at `external_url` cannot be imported: its address is not a public one."},
		{s.URL + "/file", "", `The file at ` + "`external_url`" + ` cannot be imported: "file:///etc/passwd" is not an absolute URL.`},
		{s.URL + "/packed", "", "The file at `external_url` cannot be imported: its server sends it compressed although it was asked not to."},
		{gone.URL + "/a.txt", "", "The file at `external_url` cannot be imported: it cannot be reached."},
		{s.file("/a.exe", "application/x-msdownload", nil), "", "The content type application/x-msdownload is not supported for the File Upload API."},
		{s.file("/b.exe", "application/octet-stream", nil), "", "Provided `filename` has an extension that is not supported for the File Upload API."},
		{s.file("/c.txt", "text/plain", nil), `,"filename":"../c.txt"`, "Provided `filename` is a path. Provide the name of the file alone."},
	}
	eachDatabase(t, func(t *testing.T, db database) {
		c := hold(t, db, serverOptions{change: func(o *octavo.Options) {
			importing(o)
			o.MaxUpload = 1 << 20
		}})
		for _, tc := range cases {
			if got := c.importFile(tc.address, tc.more); got.status != http.StatusBadRequest || got.field("message") != tc.want {
				t.Errorf("%s: %d %s\nwant %s", tc.address, got.status, got.body, tc.want)
			}
		}
		// Without leave, nothing on this machine is reached.
		strict := hold(t, database{options: storetest.SQLite(t)}, serverOptions{})
		if got := strict.importFile(s.URL+"/a.txt", ""); got.field("message") != "The file at `external_url` cannot be imported: only https URLs are taken." {
			t.Errorf("%s", got.body)
		}
	})
}

func TestImportFails(t *testing.T) {
	s := newSource(t)
	hanging := make(chan struct{})
	t.Cleanup(func() { close(hanging) })
	cases := []struct {
		name, address, kind, code, message string
		status                             int
	}{
		{"an error", s.fails("/error.txt", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }),
			"download_error", "file_upload_download_failed", "The file could not be downloaded: it answers with status 403.", 403},
		{"less than was said", s.fails("/short.txt", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "short")
			panic(http.ErrAbortHandler)
		}), "download_error", "file_upload_download_failed", "The file could not be downloaded.", 0},
		{"more than can be", s.fails("/endless.txt", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 64<<10)); err != nil {
					return
				}
			}
		}), "validation_error", "file_upload_invalid_size", "The file size is not within the allowed limit of 1 MiB.", 0},
		{"more than can be, as it says at once", s.fails("/vast.txt", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1048577")
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done() // it has nothing to send, and is not waited for
		}), "validation_error", "file_upload_invalid_size", "The file size is not within the allowed limit of 1 MiB.", 0},
		{"a little that unfolds to much", s.fails("/bomb.txt", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			packed := gzip.NewWriter(w)
			_, _ = packed.Write(make([]byte, 8<<20))
			_ = packed.Close()
		}), "download_error", "file_upload_download_failed", "The file could not be downloaded.", 0},
		{"nothing", s.fails("/empty.txt", func(http.ResponseWriter, *http.Request) {}),
			"validation_error", "file_upload_invalid_size", "The file size is not within the allowed limit of 1 MiB.", 0},
		{"somewhere else now", s.fails("/inside.txt", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://10.0.0.1/", http.StatusFound)
		}), "download_error", "file_upload_download_failed", "The file could not be downloaded.", 0},
	}
	eachDatabase(t, func(t *testing.T, db database) {
		c := hold(t, db, serverOptions{change: func(o *octavo.Options) {
			importing(o)
			o.MaxUpload = 1 << 20
		}})
		check := func(name string, u jsonx.Value, kind, code, message string, status int) {
			t.Helper()
			shown := "null"
			if status != 0 {
				shown = strconv.Itoa(status)
			}
			want := fmt.Sprintf(`"error":{"type":%q,"code":%q,"message":%q,"parameter":null,"status_code":%s}`,
				kind, code, message+" Please try again with a new file upload.", shown)
			if u.Get("status").Text() != "failed" || !strings.Contains(u.Get("file_import_result").String(), want) ||
				!u.Get("expiry_time").IsNull() || u.Get("upload_url").Defined() {
				t.Errorf("%s: %s\nwant %s", name, u, want)
			}
		}
		for _, tc := range cases {
			begun := c.importFile(tc.address, "")
			check(tc.name, c.imported(begun), tc.kind, tc.code, tc.message, tc.status)
			attached := c.request("PATCH /v1/blocks/$page/children\n\n" + `{"children":[{"file":{"file_upload":{"id":"` + begun.field("id") + `"}}}]}`)
			if attached.field("code") != "object_not_found" {
				t.Errorf("%s: attached: %s", tc.name, attached.body)
			}
		}
	})
	t.Run("a source that hangs is not waited for", func(t *testing.T) {
		asked := make(chan struct{}, 1)
		address := s.fails("/hanging.txt", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "some")
			_ = http.NewResponseController(w).Flush()
			asked <- struct{}{}
			select {
			case <-hanging:
			case <-r.Context().Done():
			}
		})
		c := hold(t, database{options: storetest.SQLite(t)}, serverOptions{change: importing})
		begun := c.importFile(address, "")
		<-asked
		if err := c.clock.BlockUntil(t.Context(), 2); err != nil { // the import's bound, and its part's
			t.Fatal(err)
		}
		c.clock.Advance(2 * time.Minute)
		u := c.imported(begun)
		if u.Get("file_import_result").Get("error").Get("type").Text() != "download_error" {
			t.Errorf("%s", u)
		}
	})
}

// TestImportGoesOnAfterARestart: a server that ends while it imports leaves the import to
// the next one.
func TestImportGoesOnAfterARestart(t *testing.T) {
	s := newSource(t)
	first := true
	asked := make(chan struct{})
	address := s.fails("/slow.txt", func(w http.ResponseWriter, r *http.Request) {
		if first {
			first = false
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			close(asked)
			<-r.Context().Done()
			return
		}
		_, _ = io.WriteString(w, "whole")
	})
	db := database{options: storetest.SQLite(t)}
	files, ids := t.TempDir(), new(clock.Sequence) // the next server makes none of the ids again
	change := func(o *octavo.Options) {
		importing(o)
		o.Files, o.IDs = files, ids
	}
	c := hold(t, db, serverOptions{change: change})
	begun := c.importFile(address, "")
	<-asked
	if err := c.server.Close(); err != nil {
		t.Fatal(err)
	}
	again := hold(t, db, serverOptions{change: change})
	if u := again.imported(begun); u.Get("status").Text() != "uploaded" || u.Get("content_length").Float() != 5 {
		t.Errorf("%s", u)
	}
	if got := again.fetch(begun.field("id")); string(got) != "whole" {
		t.Errorf("it is %q", got)
	}
}

// TestImportOfAMovingName: a name that leads to an allowed address when it is checked, and to
// another when the file is fetched, is not followed there.
func TestImportOfAMovingName(t *testing.T) {
	var reached atomic.Int32
	serve := func(address string, answer http.HandlerFunc) string {
		l, err := net.Listen("tcp", address)
		if err != nil {
			t.Skip("this machine has one loopback address: ", err)
		}
		ts := &httptest.Server{Listener: l, Config: &http.Server{Handler: answer}}
		ts.Start()
		t.Cleanup(ts.Close)
		return l.Addr().String()
	}
	first := serve("127.0.0.1:0", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		w.Header().Set("Connection", "close")
	})
	_, port, _ := net.SplitHostPort(first)
	serve("127.0.0.2:"+port, func(w http.ResponseWriter, _ *http.Request) {
		reached.Add(1)
		_, _ = io.WriteString(w, "secret")
	})
	asked := resolve(t, [4]byte{127, 0, 0, 1}, [4]byte{127, 0, 0, 2})
	c := hold(t, database{options: storetest.SQLite(t)}, serverOptions{change: func(o *octavo.Options) { o.AllowTargets = []string{"127.0.0.1/32"} }})
	begun := c.importFile("http://moving.example:"+port+"/a.txt", "")
	u := c.imported(begun)
	if got := u.Get("file_import_result").Get("error").Get("type").Text(); got != "download_error" || reached.Load() != 0 {
		t.Errorf("the other address was reached %d times: %s", reached.Load(), u)
	}
	if n := asked.Load(); n != 2 {
		t.Errorf("the name was looked up %d times", n)
	}
}

// resolve gives every name the addresses in turn, the last one for good, until the test ends.
// The result counts how many of them were asked for.
func resolve(t *testing.T, addresses ...[4]byte) *atomic.Int32 {
	t.Helper()
	names, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var asked atomic.Int32
	var serving sync.WaitGroup
	serving.Go(func() {
		query := make([]byte, 512)
		for {
			n, from, err := names.ReadFrom(query)
			if err != nil {
				return
			}
			_, _ = names.WriteTo(nameAnswer(query[:n], func() [4]byte {
				return addresses[min(int(asked.Add(1)), len(addresses))-1]
			}), from)
		}
	})
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", names.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = before
		_ = names.Close()
		serving.Wait()
	})
	return &asked
}

// nameAnswer answers a query of one name: with an address where it asks for one of IPv4, with
// none otherwise (RFC 1035, section 4.1).
func nameAnswer(query []byte, address func() [4]byte) []byte {
	const header = 12
	end := header + bytes.IndexByte(query[header:], 0) + 5 // the name, its type and its class
	answer := append([]byte{query[0], query[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, query[header:end]...)
	if query[end-3] != 1 { // the type is not A
		return answer
	}
	answer[7] = 1
	a := address()
	return append(answer, 0xc0, header, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, a[0], a[1], a[2], a[3])
}
