package octavo_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"octavo"
	"octavo/internal/store/storetest"
)

// zeros are bytes without end, counted as they are taken.
type zeros struct{ taken atomic.Int64 }

// Read implements [io.Reader].
func (z *zeros) Read(p []byte) (int, error) {
	clear(p)
	z.taken.Add(int64(len(p)))
	return len(p), nil
}

const (
	formHead = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n"
	formTail = "\r\n--x--\r\n"
	fiveGB   = 5 << 30
)

// TestFarTooMuch: a file that is far too large is refused once that can be known, by what the
// request says or by what has come, and its sender reads why.
func TestFarTooMuch(t *testing.T) {
	cases := []struct {
		name      string
		announced bool
		profile   string
		maxUpload int64
		limit     int64
	}{
		{"announced", true, "", 0, octavoPart},
		{"streamed", false, "", 0, octavoPart},
		{"announced, in one piece of any size", true, "unbounded", fiveGB - 1<<20, fiveGB - 1<<20},
		{"streamed, in one piece of any size", false, "unbounded", 3 << 20, 3 << 20},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			c, dir := sweeping(t, database{options: storetest.SQLite(t)}, func(o *octavo.Options) {
				o.Profile, o.MaxUpload = tc.profile, tc.maxUpload
			})
			c.make("file", "POST /v1/file_uploads", `{"filename":"a.txt"}`)
			content := &zeros{}
			body := io.MultiReader(strings.NewReader(formHead), io.LimitReader(content, fiveGB), strings.NewReader(formTail))
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.url+c.expand("/v1/file_uploads/$file/send"), body)
			if err != nil {
				t.Fatal(err)
			}
			if tc.announced {
				r.ContentLength = int64(len(formHead)) + fiveGB + int64(len(formTail))
			}
			r.Header.Set("Authorization", "Bearer "+c.token)
			r.Header.Set("Notion-Version", "2026-03-11")
			r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
			resp, err := c.client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			answer, err := io.ReadAll(resp.Body)
			if want := fmt.Sprintf("exceeds the limit of %d bytes.", tc.limit); err != nil || resp.StatusCode != 400 || !strings.Contains(string(answer), want) {
				t.Errorf("%d %s, %v; want %q", resp.StatusCode, answer, err, want)
			}
			const read = 3 * octavoPart // up to the limit, a while longer, and what is in between
			if n := content.taken.Load(); n > read {
				t.Errorf("%d bytes were taken in", n)
			}
			if n := filesIn(t, dir); n != 0 {
				t.Errorf("%d files are left", n)
			}
			if a := c.sendText("$file", "small"); a.status != 200 {
				t.Errorf("then: %d %s", a.status, a.body)
			}
		})
	}
}

// octavoPart is the largest request with a file that the default profile takes, in bytes.
const octavoPart = 20 << 20

// raw sends what no client would, ends its side of the connection if that is all, and returns
// the answer.
func (c *conversation) raw(request string, all bool) (status int, answer string) {
	c.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(c.url, "http://"))
	if err != nil {
		c.t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		c.t.Fatal(err)
	}
	if all {
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			c.t.Fatal(err)
		}
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

// TestLengthsThatLie: what a request says of its length and what comes do not agree.
func TestLengthsThatLie(t *testing.T) {
	form := formHead + "hello" + formTail
	cut := formHead + "hel"
	cases := []struct {
		name, header, body string
		all                bool
	}{
		{"less than comes", "Content-Length: " + strconv.Itoa(len(cut)), form, false},
		{"more than comes", "Content-Length: 100000", cut, true},
		{"more than is taken", "Content-Length: 5368709120\r\nExpect: 100-continue", "", false},
		{"pieces that end too soon", "Transfer-Encoding: chunked", fmt.Sprintf("%x\r\n%s", len(form), cut), true},
		{"pieces of no size", "Transfer-Encoding: chunked", "zz\r\n" + form, true},
	}
	c, dir := sweeping(t, database{options: storetest.SQLite(t)}, nil)
	c.make("file", "POST /v1/file_uploads", `{"filename":"a.txt"}`)
	for _, tc := range cases {
		status, answer := c.raw(c.expand("POST /v1/file_uploads/$file/send HTTP/1.1\r\nHost: octavo\r\nNotion-Version: 2026-03-11\r\n")+
			"Authorization: Bearer "+c.token+"\r\nContent-Type: multipart/form-data; boundary=x\r\n"+tc.header+"\r\n\r\n"+tc.body, tc.all)
		if status != 400 || !strings.Contains(answer, `"validation_error"`) {
			t.Errorf("%s: %d %s", tc.name, status, answer)
		}
		if n := filesIn(t, dir); n != 0 {
			t.Errorf("%s: %d files are left", tc.name, n)
		}
	}
	if a := c.sendText("$file", "hello"); a.status != 200 {
		t.Errorf("then: %d %s", a.status, a.body)
	}
}

// TestImportOfASlowSource: a source that does not say in time what it has is not waited for.
func TestImportOfASlowSource(t *testing.T) {
	s := newSource(t)
	asked := make(chan struct{})
	s.mux.HandleFunc("/slow.txt", func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	})
	c := hold(t, database{options: storetest.SQLite(t)}, serverOptions{change: importing})
	answered := make(chan *answer)
	go func() { answered <- c.importFile(s.URL+"/slow.txt", "") }()
	<-asked
	if err := c.clock.BlockUntil(t.Context(), 2); err != nil { // the request's bound, and the source's
		t.Fatal(err)
	}
	c.clock.Advance(10 * time.Second)
	if a := <-answered; a.status != 400 || a.field("message") != "The file at `external_url` cannot be imported: it cannot be reached." {
		t.Errorf("%d %s", a.status, a.body)
	}
}
