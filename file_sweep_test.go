package octavo_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"octavo"
	"octavo/internal/jsonx"
)

// filesIn counts the files below a directory.
func filesIn(t *testing.T, dir string) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// sweep sweeps the files after a time.
func (c *conversation) sweep(after time.Duration) {
	c.t.Helper()
	c.clock.Advance(after)
	if err := c.server.SweepFiles(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
}

// upload uploads a file and names it.
func (c *conversation) upload(name, filename string) {
	c.t.Helper()
	c.make(name, "POST /v1/file_uploads", `{"filename":"`+filename+`"}`)
	if a := c.sendText("$"+name, "content of "+name); a.status != http.StatusOK {
		c.t.Fatalf("%d %s", a.status, a.body)
	}
}

// sweeping is a conversation with a server whose files lie in a directory.
func sweeping(t *testing.T, db database, change func(*octavo.Options)) (*conversation, string) {
	t.Helper()
	dir := t.TempDir()
	opts := serverOptions{change: change}
	opts.also(func(o *octavo.Options) { o.Files = dir })
	return hold(t, db, opts), dir
}

func (c *conversation) statusOf(upload string) string {
	c.t.Helper()
	return c.ok("GET /v1/file_uploads/$" + upload).field("status")
}

// TestSweepOfUploads: what nobody attached in its hour is over, and its bytes are gone.
func TestSweepOfUploads(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		c, dir := sweeping(t, db, nil)
		c.upload("attached", "a.txt")
		c.ok("PATCH /v1/blocks/$page/children\n\n" + `{"children":[{"file":{"file_upload":{"id":"$attached"}}}]}`)
		c.upload("forgotten", "b.txt")
		c.make("half", "POST /v1/file_uploads", `{"mode":"multi_part","filename":"c.txt","number_of_parts":1}`)
		part := "POST /v1/file_uploads/$half/send\nContent-Type: multipart/form-data; boundary=x\n\n" +
			"--x\r\nContent-Disposition: form-data; name=\"part_number\"\r\n\r\n1\r\n" +
			"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"c\"\r\n\r\nhalf\r\n--x--\r\n"
		c.ok(part)
		c.ok(part) // once more: the first is of no use any more
		if n := filesIn(t, dir); n != 3 {
			t.Errorf("%d files are stored, and three are of use", n)
		}
		c.sweep(59 * time.Minute)
		if n := filesIn(t, dir); n != 3 {
			t.Errorf("%d files are stored before the hour is over", n)
		}
		before := c.events()
		c.sweep(2 * time.Minute)
		if n := filesIn(t, dir); n != 1 {
			t.Errorf("%d files are stored, and one is attached", n)
		}
		for upload, want := range map[string]string{"attached": "uploaded", "forgotten": "expired", "half": "expired"} {
			if got := c.statusOf(upload); got != want {
				t.Errorf("%s is %s", upload, got)
			}
		}
		if got := c.ok("GET /v1/file_uploads/$forgotten"); got.field("last_edited_time") != "2026-01-02T04:05:00.000Z" {
			t.Errorf("the sweep has left %s", got.body)
		}
		c.sweep(0)
		if after := c.events(); after != before+2 {
			t.Errorf("sweeps have logged %d events, and two uploads have expired", after-before)
		}
	})
}

// TestEndedUploadsAreForgotten: what has expired or failed is shown as that for a month, and
// then not at all; what is attached stays.
func TestEndedUploadsAreForgotten(t *testing.T) {
	const day = 24 * time.Hour
	source := newSource(t)
	broken := source.fails("/broken.txt", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	eachDatabase(t, func(t *testing.T, db database) {
		c, _ := sweeping(t, db, importing)
		c.upload("attached", "a.txt")
		c.ok("PATCH /v1/blocks/$page/children\n\n" + `{"children":[{"file":{"file_upload":{"id":"$attached"}}}]}`)
		begun := c.importFile(broken, "")
		c.imported(begun)
		c.save("failed id", begun)
		c.upload("unused", "b.txt")
		for range 2*100 + 1 { // more than two batches of a sweep
			c.make("forgotten", "POST /v1/file_uploads", `{"filename":"c.txt"}`)
		}
		c.sweep(2 * time.Hour)
		c.sweep(30*day - 2*time.Hour - time.Second)
		for upload, want := range map[string]string{"attached": "uploaded", "failed": "failed", "unused": "expired", "forgotten": "expired"} {
			if got := c.statusOf(upload); got != want {
				t.Errorf("%s is %s after a month", upload, got)
			}
		}
		c.sweep(time.Second)
		if a := c.request("GET /v1/file_uploads/$failed"); a.status != http.StatusNotFound {
			t.Errorf("what failed a month ago: %d %s", a.status, a.body)
		}
		c.sweep(2 * time.Hour)
		if left := parsed(c.ok("GET /v1/file_uploads")).Get("results").Items(); len(left) != 1 || left[0].Get("id").Text() != c.expand("$attached") {
			t.Errorf("%d uploads are left: %v", len(left), left)
		}
		if a := c.sendText("$forgotten", "late"); a.status != http.StatusNotFound {
			t.Errorf("sent: %d %s", a.status, a.body)
		}
	})
}

// events counts the events of the log.
func (c *conversation) events() int {
	c.t.Helper()
	return len(parsed(c.ok("GET /_octavo/events")).Get("results").Items())
}

// places are requests that refer to the upload $file, and each place in which a reference is
// kept has one.
var places = []struct{ name, refer, drop string }{
	{"block", "PATCH /v1/blocks/$page/children\n\n" + `{"children":[{"image":{"file_upload":{"id":"$file"}}}]}`, ""},
	{"callout", "PATCH /v1/blocks/$page/children\n\n" + `{"children":[{"callout":{"rich_text":[],"icon":{"file_upload":{"id":"$file"}}}}]}`, ""},
	{"icon", "PATCH /v1/pages/$page\n\n" + `{"icon":{"file_upload":{"id":"$file"}}}`, "PATCH /v1/pages/$page\n\n" + `{"icon":null}`},
	{"cover", "PATCH /v1/pages/$page\n\n" + `{"cover":{"file_upload":{"id":"$file"}}}`, "PATCH /v1/pages/$page\n\n" + `{"cover":null}`},
	{"property", "POST /v1/pages\n\n" + `{"parent":{"data_source_id":"$source"},"properties":{"Files":{"files":[{"name":"x","file_upload":{"id":"$file"}}]}}}`, ""},
	{"database icon", "PATCH /v1/databases/$database\n\n" + `{"icon":{"file_upload":{"id":"$file"}}}`, "PATCH /v1/databases/$database\n\n" + `{"icon":{"emoji":"💡"}}`},
	{"database cover", "PATCH /v1/databases/$database\n\n" + `{"cover":{"file_upload":{"id":"$file"}}}`, "PATCH /v1/databases/$database\n\n" + `{"cover":{"external":{"url":"https://example.com/a.png"}}}`},
	{"data source icon", "PATCH /v1/data_sources/$source\n\n" + `{"icon":{"file_upload":{"id":"$file"}}}`, "PATCH /v1/data_sources/$source\n\n" + `{"icon":{"emoji":"💡"}}`},
	{"comment", "POST /v1/comments\n\n" + `{"parent":{"page_id":"$page"},"rich_text":[{"text":{"content":"See"}}],"attachments":[{"file_upload_id":"$file"}]}`, "DELETE /v1/comments/$made"},
}

// TestUnusedFiles: a file is kept as long as anything refers to it, and for a time after.
func TestUnusedFiles(t *testing.T) {
	const day = 24 * time.Hour
	eachDatabase(t, func(t *testing.T, db database) {
		c, dir := sweeping(t, db, nil)
		c.make("database", "POST /v1/databases", `{"parent":{"page_id":"$page"},"initial_data_source":{"properties":{"Name":{"title":{}},"Files":{"files":{}}}}}`)
		c.save("source data_sources.0.id", c.ok("GET /v1/databases/$database"))
		for _, place := range places {
			c.upload("file", "a.png")
			made := c.ok(place.refer)
			if place.name == "property" || place.name == "comment" {
				c.save("made id", made)
			}
			c.sweep(0)
			c.sweep(31 * day)
			c.sweep(31 * day)
			if n := filesIn(t, dir); n != 1 {
				t.Fatalf("%s: %d files are stored while one is referred to", place.name, n)
			}
			if place.drop == "" {
				children := parsed(c.ok("GET /v1/blocks/$page/children?page_size=100")).Get("results").Items()
				last := children[len(children)-1].Get("id").Text()
				if place.name == "property" {
					last = c.expand("$made")
				}
				c.ok("PATCH /v1/blocks/" + last + "\n\n" + `{"in_trash":true}`)
				c.sweep(31 * day)
				c.sweep(31 * day)
				if n := filesIn(t, dir); n != 1 {
					t.Fatalf("%s: %d files are stored while one is in the trash", place.name, n)
				}
				c.dropLast(place.name, last)
			} else {
				c.ok(place.drop)
			}
			c.sweep(day)
			c.sweep(30*day - time.Minute)
			if n := filesIn(t, dir); n != 1 {
				t.Fatalf("%s: %d files are stored just after nothing refers to one", place.name, n)
			}
			c.sweep(day)
			if n, status := filesIn(t, dir), c.statusOf("file"); n != 0 || status != "expired" {
				t.Fatalf("%s: %d files are stored long after, and the upload is %s", place.name, n, status)
			}
			if a := c.request(place.refer); a.field("code") != "object_not_found" {
				t.Errorf("%s: referred to again: %s", place.name, a.body)
			}
		}
	})
}

// TestPicturesOfEmojis: the picture that an emoji came with is kept as long as the emoji.
func TestPicturesOfEmojis(t *testing.T) {
	const day = 24 * time.Hour
	eachDatabase(t, func(t *testing.T, db database) {
		c, dir := sweeping(t, db, nil)
		c.make("parrot", "POST /_octavo/emojis", `{"name":"parrot","filename":"a.png","content":"iVBORw0KGgo="}`)
		c.request("POST /_octavo/emojis\n\n" + `{"name":"parrot","filename":"b.png","content":"iVBORw0KGgo="}`)
		for range 3 {
			c.sweep(31 * day)
		}
		if n := filesIn(t, dir); n != 1 {
			t.Fatalf("%d files are stored for one emoji", n)
		}
		c.ok("DELETE /_octavo/emojis/$parrot")
		c.sweep(day)
		c.sweep(31 * day)
		if n := filesIn(t, dir); n != 0 {
			t.Errorf("%d files are stored long after the emoji is gone", n)
		}
	})
}

// dropLast takes a reference out of what was in the trash.
func (c *conversation) dropLast(place, id string) {
	c.t.Helper()
	c.ok("PATCH /v1/blocks/" + id + "\n\n" + `{"in_trash":false}`)
	switch place {
	case "block":
		c.ok("PATCH /v1/blocks/" + id + "\n\n" + `{"image":{"external":{"url":"https://example.com/a.png"}}}`)
	case "callout":
		c.ok("PATCH /v1/blocks/" + id + "\n\n" + `{"callout":{"icon":{"emoji":"💡"}}}`)
	default:
		c.ok("PATCH /v1/pages/" + id + "\n\n" + `{"properties":{"Files":{"files":[]}}}`)
	}
}

// TestFilesUsedAgain: who refers to a file again keeps it, however long nobody did.
func TestFilesUsedAgain(t *testing.T) {
	const day = 24 * time.Hour
	eachDatabase(t, func(t *testing.T, db database) {
		c, dir := sweeping(t, db, nil)
		c.upload("file", "a.png")
		use, drop := places[2].refer, places[2].drop
		for range 3 {
			c.ok(use)
			c.ok(drop)
			c.sweep(day)
			c.sweep(29 * day)
			c.ok(use)
			c.sweep(2 * day)
			if n := filesIn(t, dir); n != 1 {
				t.Fatalf("%d files are stored", n)
			}
		}
	})
	t.Run("for ever", func(t *testing.T) {
		eachDatabase(t, func(t *testing.T, db database) {
			c, dir := sweeping(t, db, func(o *octavo.Options) { o.KeepUnusedFiles = -1 })
			c.upload("file", "a.png")
			c.ok(places[2].refer)
			c.ok(places[2].drop)
			c.sweep(day)
			c.sweep(1000 * day)
			if n := filesIn(t, dir); n != 1 {
				t.Fatalf("%d files are stored", n)
			}
		})
	})
}

// TestFilesOfTemplates: what a page has from a template is its own, wherever in it, and lasts
// when the template is gone.
func TestFilesOfTemplates(t *testing.T) {
	const day = 24 * time.Hour
	eachDatabase(t, func(t *testing.T, db database) {
		c, dir := sweeping(t, db, nil)
		c.make("form", "POST /v1/pages", `{"parent":{"page_id":"$page"}}`)
		c.make("below", "POST /v1/pages", `{"parent":{"page_id":"$form"}}`)
		refer := []string{
			"PATCH /v1/pages/$form\n\n" + `{"cover":{"file_upload":{"id":"$file"}}}`,
			"PATCH /v1/blocks/$form/children\n\n" + `{"children":[{"image":{"file_upload":{"id":"$file"}}}]}`,
			"PATCH /v1/pages/$below\n\n" + `{"icon":{"file_upload":{"id":"$file"}}}`,
			"PATCH /v1/blocks/$below/children\n\n" + `{"children":[{"image":{"file_upload":{"id":"$file"}}}]}`,
			"POST /v1/databases\n\n" + `{"parent":{"page_id":"$below"},"cover":{"file_upload":{"id":"$file"}},"initial_data_source":{"properties":{"Name":{"title":{}}}}}`,
		}
		for _, request := range refer {
			c.upload("file", "a.png")
			c.ok(request)
		}
		c.ok("POST /v1/pages\n\n" + `{"parent":{"page_id":"$page"},"template":{"type":"template_id","template_id":"$form"}}`)
		c.ok("PATCH /v1/pages/$form\n\n" + `{"in_trash":true}`)
		c.ok("DELETE /_octavo/trash/$form")
		for range 3 {
			c.sweep(31 * day)
		}
		if n := filesIn(t, dir); n != len(refer) {
			t.Errorf("%d files are stored, want %d", n, len(refer))
		}
	})
}

// TestFilesCrash kills the server while files are sent, again and again: every file that was
// acknowledged is there, whole, and nothing else is in the storage once it has been swept.
func TestFilesCrash(t *testing.T) {
	noRaces(t, otherProcess)
	t.Parallel()
	binary := buildCommand(t)
	eachDatabase(t, func(t *testing.T, db database) {
		files, args, lives := t.TempDir(), []string{"--data", db.options.Dir}, 6
		if db.options.DatabaseURL != "" {
			args, lives = []string{"--database", db.options.DatabaseURL}, 2
		}
		f := &filesCrash{
			crashTest: &crashTest{t: t, binary: binary, args: append(args, "--files", files), random: rand.New(rand.NewPCG(crashSeed, 2))},
			sent:      map[string][]byte{},
		}
		for range lives {
			f.start()
			f.live()
		}
		// Long after the last kill nothing is on its way any more, wherever it came from.
		server, err := octavo.New(octavo.Options{
			Dir: db.options.Dir, DatabaseURL: db.options.DatabaseURL, Files: files, Token: crashToken, AdminToken: crashToken,
			PublicURL: "http://files.test", Now: func() time.Time { return time.Now().Add(2 * time.Hour) },
		})
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		if err := server.SweepFiles(t.Context()); err != nil {
			t.Fatal(err)
		}
		f.check(server, files)
	})
}

// filesCrash is what clients know of the files they have sent.
type filesCrash struct {
	*crashTest

	mu   sync.Mutex
	sent map[string][]byte // content of uploads, by the block that has them
}

// live sends files until the server is killed.
func (f *filesCrash) live() {
	const writers = 4
	most := 3 + f.random.IntN(20)
	enough := make(chan struct{})
	var sending sync.WaitGroup
	acknowledged := 0
	for n := range writers {
		random := rand.New(rand.NewPCG(crashSeed, f.random.Uint64()))
		sending.Go(func() {
			for i := 0; ; i++ {
				content := bytes.Repeat([]byte(fmt.Sprintf("%d %d %d;", n, i, random.Uint64())), 1+random.IntN(20_000))
				block, err := f.send(content, random.IntN(2) == 0)
				if err != nil {
					return // the server is dead
				}
				f.mu.Lock()
				f.sent[block] = content
				if acknowledged++; acknowledged == most {
					close(enough)
				}
				f.mu.Unlock()
			}
		})
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		sending.Wait()
	}()
	select {
	case <-enough:
	case <-over:
		f.t.Fatal("the server takes no files")
	}
	_ = f.server.Process.Kill()
	_ = f.server.Wait()
	f.stopped = true
	<-over
}

// send uploads a file, attaches it and returns the block that has it.
func (f *filesCrash) send(content []byte, parts bool) (string, error) {
	create := `{"filename":"a.txt"}`
	if parts {
		create = `{"mode":"multi_part","number_of_parts":1,"filename":"a.txt"}`
	}
	upload, err := f.call("POST", "/v1/file_uploads", "application/json", strings.NewReader(create))
	if err != nil {
		return "", err
	}
	id := upload.Get("id").Text()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if parts {
		_ = form.WriteField("part_number", "1")
	}
	file, _ := form.CreateFormFile("file", "a.txt")
	_, _ = file.Write(content)
	_ = form.Close() // into memory
	if _, err := f.call("POST", "/v1/file_uploads/"+id+"/send", form.FormDataContentType(), &body); err != nil {
		return "", err
	}
	if parts {
		if _, err := f.call("POST", "/v1/file_uploads/"+id+"/complete", "", http.NoBody); err != nil {
			return "", err
		}
	}
	made, err := f.call("PATCH", "/v1/blocks/"+f.root+"/children", "application/json",
		strings.NewReader(`{"children":[{"file":{"file_upload":{"id":"`+id+`"}}}]}`))
	return walk(made, "results.0.id").Text(), err
}

func (f *filesCrash) call(method, path, contentType string, body io.Reader) (jsonx.Value, error) {
	req, err := http.NewRequest(method, f.url+path, body)
	if err != nil {
		return jsonx.Value{}, err
	}
	req.Header.Set("Authorization", "Bearer "+crashToken)
	req.Header.Set("Notion-Version", "2026-03-11")
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return jsonx.Value{}, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		return jsonx.Value{}, err
	}
	if resp.StatusCode != http.StatusOK {
		return jsonx.Value{}, fmt.Errorf("%s %s: %d %s", method, path, resp.StatusCode, data)
	}
	return jsonx.Parse(data)
}

// check looks at what is left.
func (f *filesCrash) check(server *octavo.Server, dir string) {
	f.t.Helper()
	get := func(address string) []byte {
		f.t.Helper()
		r := httptest.NewRequestWithContext(context.Background(), "GET", address, http.NoBody)
		r.Header.Set("Authorization", "Bearer "+crashToken)
		r.Header.Set("Notion-Version", "2026-03-11")
		w := httptest.NewRecorder()
		server.Handler().ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			f.t.Fatalf("%s: %d %s", address, w.Code, w.Body)
		}
		return w.Body.Bytes()
	}
	attached := 0
	for cursor := ""; ; {
		list, err := jsonx.Parse(get("/v1/blocks/" + f.root + "/children?page_size=100" + cursor))
		if err != nil {
			f.t.Fatal(err)
		}
		for _, block := range list.Get("results").Items() {
			if block.Get("type").Text() != "file" {
				continue
			}
			attached++
			id := block.Get("id").Text()
			content, acknowledged := f.sent[id]
			got := get(strings.TrimPrefix(walk(block, "file.file.url").Text(), "http://files.test"))
			if acknowledged && !bytes.Equal(got, content) || len(got) == 0 {
				f.t.Errorf("a file has %d bytes, and %d were sent", len(got), len(content))
			}
			delete(f.sent, id)
		}
		if !list.Get("has_more").True() {
			break
		}
		cursor = "&start_cursor=" + list.Get("next_cursor").Text()
	}
	if len(f.sent) != 0 {
		f.t.Errorf("%d files were acknowledged and are lost", len(f.sent))
	}
	if n := filesIn(f.t, dir); n != attached {
		f.t.Errorf("%d files are stored, and %d are attached", n, attached)
	}
	f.t.Logf("%d files survived", attached)
}
