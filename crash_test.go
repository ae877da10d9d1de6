package octavo_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// What the crash test does to the server on each database. A life is what lies between a
// start and the kill that ends it.
const (
	crashSeed    = 20260102
	crashWriters = 6
	// crashMost bounds the requests of a life.
	crashMost  = 30
	crashToken = "ntn_crash"
)

// TestCrash kills the server while it writes and looks at what the next start finds:
// every acknowledged write whole and in order, every other one whole or not at all, and a
// log of changes that has each of them once and no gap.
//
// SIGKILL takes away the process and what is in its memory, not what the operating system
// has yet to write; that SQLite is told to wait for the disk is proved in internal/store.
func TestCrash(t *testing.T) {
	noRaces(t, otherProcess)
	t.Parallel()
	binary := buildCommand(t)
	eachDatabase(t, func(t *testing.T, db database) {
		target := []string{"--data", db.options.Dir}
		lives := 40
		if db.options.DatabaseURL != "" {
			target = []string{"--database", db.options.DatabaseURL}
			lives = 12
		}
		c := &crashTest{t: t, binary: binary, args: target, random: rand.New(rand.NewPCG(crashSeed, uint64(lives)))}
		var all []*life
		c.start()
		for n := range lives {
			l := c.begin(n)
			if n > 0 {
				c.check(all[n-1])
			}
			c.checkLog(all)
			c.load(l)
			all = append(all, l)
			c.start()
		}
		// Nothing that an early life left behind may have been lost by a later one.
		c.begin(lives)
		for _, l := range all {
			c.check(l)
		}
		c.checkLog(all)
		c.checkAudit()
		c.tally(all)
	})
}

// buildCommand builds the octavo command as it is shipped, without cgo.
func buildCommand(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "octavo")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	build := exec.Command("go", "build", "-o", path, "./cmd/octavo")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return path
}

// crashTest is one database and the server that runs on it.
type crashTest struct {
	t      *testing.T
	binary string
	args   []string
	random *rand.Rand

	server  *exec.Cmd
	client  *http.Client
	url     string
	root    string // a page at the top of the workspace
	logged  int64  // the newest revision of the log that has been checked
	writes  int    // how many writes the log must have had since
	stopped bool
	made    []string // workspaces that an administrator was told of
}

// life is the writes that one server was sent.
type life struct {
	number int
	home   string // the page they all go to
	writes [][]*write
}

// write is one request that must have its effect wholly or not at all.
type write struct {
	key    string
	page   bool // makes a page called key; otherwise appends to the home page
	blocks []node
	sent   atomic.Bool
	acked  bool
	ids    []string // of what the answer said was made
	landed bool     // found after the crash
}

// node is a paragraph or page and what is in it.
type node struct {
	id       string
	text     string
	children []node
}

// start runs the server until it says that it is ready.
func (c *crashTest) start() {
	c.t.Helper()
	var stderr bytes.Buffer
	args := append([]string{"serve", "--listen", "127.0.0.1:0", "--token", crashToken, "--log-level", "warn"}, c.args...)
	server := exec.Command(c.binary, args...)
	server.Env = append(os.Environ(), "OCTAVO_ADMIN_TOKEN="+crashToken)
	server.Stderr = &stderr
	stdout, err := server.StdoutPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.server, c.stopped = server, false
	c.t.Cleanup(func() { c.stop(server) })
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "octavo ready ") {
		_ = server.Process.Kill()
		_ = server.Wait()
		c.stopped = true
		c.t.Fatalf("not ready: %q, %v\n%s", line, err, &stderr)
	}
	for _, field := range strings.Fields(line) {
		switch key, value, _ := strings.Cut(field, "="); key {
		case "url":
			c.url = value
		case "page":
			c.root = value
		}
	}
	c.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: crashWriters}, Timeout: time.Minute}
}

// stop ends a server that a failed test, or the end of one, has left running.
func (c *crashTest) stop(server *exec.Cmd) {
	if c.server == server && !c.stopped {
		_ = server.Process.Kill()
		_ = server.Wait()
		c.stopped = true
	}
}

// begin makes the page of a life. On PostgreSQL this also waits for what the killed
// server's connections were still doing: its write takes the lock they hold.
func (c *crashTest) begin(number int) *life {
	c.t.Helper()
	l := &life{number: number}
	body := newPage(c.root, fmt.Sprintf("life %d", number), nil)
	var page struct{ ID string }
	if err := c.send("POST", "/v1/pages", body, nil, &page); err != nil {
		c.t.Fatal(err)
	}
	l.home = page.ID
	c.writes++
	return l
}

// load has the writers send until the kill. It happens as soon as a random number of
// requests has been sent, or answered, and the others are on their way.
func (c *crashTest) load(l *life) {
	left := atomic.Int64{}
	left.Store(int64(1 + c.random.IntN(crashMost)))
	onSent := c.random.IntN(2) == 0
	server := c.server
	count := func(sent bool) {
		if sent == onSent && left.Add(-1) == 0 {
			if err := server.Process.Kill(); err != nil {
				c.t.Error(err)
			}
		}
	}
	l.writes = make([][]*write, crashWriters)
	var writers sync.WaitGroup
	for w := range crashWriters {
		random := rand.New(rand.NewPCG(c.random.Uint64(), uint64(w)))
		writers.Go(func() {
			// A writer's last request is the one that the kill cut off.
			for n := 0; ; n++ {
				next := newWrite(random, fmt.Sprintf("%d.%d.%d", l.number, w, n))
				l.writes[w] = append(l.writes[w], next)
				if !c.write(l, next, count) {
					return
				}
			}
		})
	}
	writers.Go(func() { c.administer(l.number) })
	writers.Wait()
	_ = server.Wait() // killed, so that it always is an error
	c.stopped = true
	c.client.CloseIdleConnections()
}

// newWrite makes up a request: a page with content, one block, a few that hold others, or
// as many as a request may have.
func newWrite(random *rand.Rand, key string) *write {
	w := &write{key: key}
	switch random.IntN(4) {
	case 0:
		w.page, w.blocks = true, paragraphs(key, 3, 2)
	case 1:
		w.blocks = paragraphs(key, 1)
	case 2:
		w.blocks = paragraphs(key, 4, 3, 2)
	default:
		w.blocks = paragraphs(key, 100)
	}
	return w
}

// paragraphs makes a list of the first length, with lists of the other lengths in each.
func paragraphs(prefix string, lengths ...int) []node {
	if len(lengths) == 0 {
		return nil
	}
	list := make([]node, lengths[0])
	for i := range list {
		text := fmt.Sprintf("%s/%d", prefix, i)
		list[i] = node{text: text, children: paragraphs(text, lengths[1:]...)}
	}
	return list
}

// write sends one request and notes what became of it. It reports false when the
// connection broke, which is how a writer hears of the kill.
func (c *crashTest) write(l *life, w *write, count func(sent bool)) bool {
	method, path, body := "PATCH", "/v1/blocks/"+l.home+"/children", any(map[string]any{"children": wire(w.blocks)})
	if w.page {
		method, path, body = "POST", "/v1/pages", newPage(l.home, w.key, w.blocks)
	}
	var made struct {
		ID      string
		Object  string
		Results []struct{ ID string }
	}
	err := c.send(method, path, body, func() { w.sent.Store(true); count(true) }, &made)
	if refused, ok := err.(refusal); ok { //nolint:errorlint // send does not wrap it
		c.t.Errorf("%s: %v", w.key, refused)
		return false
	}
	if err != nil {
		return false
	}
	w.acked = true
	if w.page {
		w.ids = []string{made.ID}
	}
	for _, r := range made.Results {
		w.ids = append(w.ids, r.ID)
	}
	count(false)
	return true
}

func newPage(parent, title string, content []node) any {
	return map[string]any{
		"parent":     map[string]any{"page_id": parent},
		"properties": map[string]any{"title": []any{map[string]any{"text": map[string]any{"content": title}}}},
		"children":   wire(content),
	}
}

func wire(list []node) []any {
	out := make([]any, len(list))
	for i, n := range list {
		paragraph := map[string]any{"rich_text": []any{map[string]any{"text": map[string]any{"content": n.text}}}}
		if len(n.children) > 0 {
			paragraph["children"] = wire(n.children)
		}
		out[i] = map[string]any{"paragraph": paragraph}
	}
	return out
}

// refusal is an answer that is not 200.
type refusal string

// Error implements error.
func (r refusal) Error() string { return string(r) }

// send sends a request and decodes its answer. It calls sent, if there is one, once the
// whole request has been written.
func (c *crashTest) send(method, path string, body any, sent func(), into any) error {
	var data []byte
	if body != nil {
		var err error
		if data, err = json.Marshal(body); err != nil {
			return err
		}
	}
	req, err := http.NewRequest(method, c.url+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	if sent != nil {
		trace := &httptrace.ClientTrace{WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err == nil {
				sent()
			}
		}}
		req = req.WithContext(httptrace.WithClientTrace(req.Context(), trace))
	}
	req.Header.Set("Authorization", "Bearer "+crashToken)
	req.Header.Set("Notion-Version", "2026-03-11")
	resp, err := c.client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return refusal(fmt.Sprintf("%s %s: %d %s", method, path, resp.StatusCode, answer))
	}
	return json.Unmarshal(answer, into)
}

// check compares what is on the page of a life with what was sent to it.
func (c *crashTest) check(l *life) {
	c.t.Helper()
	byKey := map[string]*write{}
	for _, list := range l.writes {
		for _, w := range list {
			byKey[w.key] = w
		}
	}
	next := map[int]int{} // by writer
	found := map[string]bool{}
	for rest := c.content(l.home); len(rest) > 0; {
		key, _, _ := strings.Cut(rest[0].text, "/")
		w := byKey[key]
		if w == nil || found[key] {
			c.t.Fatalf("life %d: %q was not sent, or is there twice", l.number, rest[0].text)
		}
		found[key] = true
		want := w.blocks
		if w.page {
			want = []node{{text: w.key, children: w.blocks}}
		}
		if len(rest) < len(want) || !same(rest[:len(want)], want) {
			c.t.Fatalf("life %d: %s is not whole: %v", l.number, key, rest[:min(len(rest), len(want))])
		}
		if w.acked && len(w.ids) != len(want) {
			c.t.Fatalf("life %d: the answer to %s had %d ids, want %d", l.number, key, len(w.ids), len(want))
		}
		for i, id := range w.ids {
			if rest[i].id != id {
				c.t.Fatalf("life %d: %s was said to be %s and is %s", l.number, rest[i].text, id, rest[i].id)
			}
		}
		rest = rest[len(want):]
		// A writer waits for each answer, so that its writes stand in the order it sent them.
		var writer, n int
		if _, err := fmt.Sscanf(key, fmt.Sprintf("%d.%%d.%%d", l.number), &writer, &n); err != nil {
			c.t.Fatal(err)
		}
		if n != next[writer] {
			c.t.Fatalf("life %d: %s stands where write %d of its writer belongs", l.number, key, next[writer])
		}
		next[writer]++
	}
	for key, w := range byKey {
		if w.acked && !found[key] {
			c.t.Errorf("life %d: %s was acknowledged and is lost", l.number, key)
		}
		if found[key] && !w.sent.Load() {
			c.t.Errorf("life %d: %s is there and was never sent whole", l.number, key)
		}
		if found[key] && !w.landed {
			w.landed = true
			c.writes++
		}
	}
}

func same(got, want []node) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		if got[i].text != want[i].text || !same(got[i].children, want[i].children) {
			return false
		}
	}
	return true
}

// content reads everything below a block or page.
func (c *crashTest) content(id string) []node {
	c.t.Helper()
	var all []node
	for cursor := ""; ; {
		var list struct {
			Results []struct {
				ID          string
				HasChildren bool `json:"has_children"`
				Paragraph   struct {
					RichText []struct {
						PlainText string `json:"plain_text"`
					} `json:"rich_text"`
				}
				ChildPage struct{ Title string } `json:"child_page"`
			}
			NextCursor string `json:"next_cursor"`
		}
		if err := c.send("GET", "/v1/blocks/"+id+"/children"+cursor, nil, nil, &list); err != nil {
			c.t.Fatal(err)
		}
		for _, r := range list.Results {
			n := node{id: r.ID, text: r.ChildPage.Title}
			for _, part := range r.Paragraph.RichText {
				n.text += part.PlainText
			}
			if r.HasChildren {
				n.children = c.content(r.ID)
			}
			all = append(all, n)
		}
		if list.NextCursor == "" {
			return all
		}
		cursor = "?start_cursor=" + list.NextCursor
	}
}

// checkLog reads what has been added to the log of changes. Every write that has an
// effect takes the next revision, so that as many revisions as writes, without a gap, is
// neither a change too few nor one too many.
func (c *crashTest) checkLog(earlier []*life) {
	c.t.Helper()
	first := len(earlier) == 0 // what the first start logs is not counted
	revisions := 0
	seq := int64(0)
	cursor := fmt.Sprint(c.logged)
	for more := true; more; {
		var list struct {
			Results []struct{ Revision, Seq int64 }
			More    bool   `json:"has_more"`
			Next    string `json:"next_cursor"`
		}
		if err := c.send("GET", "/_octavo/events?start_cursor="+cursor, nil, nil, &list); err != nil {
			c.t.Fatal(err)
		}
		for _, e := range list.Results {
			switch {
			case e.Revision == c.logged && e.Seq == seq+1:
				seq++
			case e.Seq == 1 && (e.Revision == c.logged+1 || first):
				c.logged, seq = e.Revision, 1
				revisions++
			default:
				c.t.Fatalf("%d.%d follows %d.%d in the log", e.Revision, e.Seq, c.logged, seq)
			}
		}
		more, cursor = list.More, list.Next
	}
	if !first && revisions != c.writes {
		c.t.Fatalf("the log has %d revisions of %d writes", revisions, c.writes)
	}
	c.writes = 0
}

// tally sees to it that the kills hit what they were meant to.
func (c *crashTest) tally(all []*life) {
	acked, cutOff, kept := 0, 0, 0
	for _, l := range all {
		for _, list := range l.writes {
			for _, w := range list {
				switch {
				case w.acked:
					acked++
				case w.sent.Load():
					cutOff++
					if w.landed {
						kept++
					}
				}
			}
		}
	}
	c.t.Logf("%d kills: %d writes acknowledged, %d cut off, of which %d had taken effect", len(all), acked, cutOff, kept)
	if acked < len(all) || cutOff < len(all) || kept == cutOff {
		c.t.Error("the kills came when nothing was being written")
	}
}
