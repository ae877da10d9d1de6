package octavo_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"octavo"
	"octavo/internal/store/storetest"
	"octavo/internal/webhook"
)

// subscribed begins a conversation with a server that has a receiver for everything.
func subscribed(t *testing.T, db database, receiver string, events string) *conversation {
	t.Helper()
	s := newSink(t)
	c := hold(t, db, serverOptions{sink: s, change: func(o *octavo.Options) {
		o.AllowTargets, o.WebhookWindow = []string{"loopback"}, -1
	}})
	c.save("bot results.0.id", c.ok("GET /_octavo/integrations"))
	c.make("hook", "POST /_octavo/webhooks", `{"integration_id":"$bot","url":"$sink/hook","events":[`+events+`]}`)
	c.received()
	if receiver != "" {
		c.ok("PATCH /_octavo/webhooks/$hook\n\n" + `{"url":"` + receiver + `"}`)
	}
	c.ok("POST /_octavo/webhooks/$hook/verify\n\n" + `{"verification_token":"$verification_token"}`)
	return c
}

// lastError is what the newest attempt at the newest event came to.
func (c *conversation) lastError() string {
	c.t.Helper()
	log := walk(parsed(c.ok("GET /_octavo/webhooks/$hook/deliveries")), "results.0.log").Items()
	if len(log) == 0 {
		return "no attempt"
	}
	return log[len(log)-1].Get("error").Text()
}

// TestReceiversThatMisbehave: whatever a receiver answers, or does not, the server notes it,
// goes on working, and sends the event again.
func TestReceiversThatMisbehave(t *testing.T) {
	cases := []struct {
		name   string
		answer func(net.Conn)
		hangs  bool
		want   string
	}{
		{"garbage", func(c net.Conn) { fmt.Fprint(c, "\x00\xffnonsense\r\n\r\n") }, false, "malformed HTTP"},
		{"nothing", func(net.Conn) {}, false, "The receiver broke the connection off."},
		{"half an answer", func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 500 Oops\r\nContent-Length: 1000\r\n\r\nx") }, false, "The receiver answered 500."},
		{"huge headers", func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 200 OK\r\n")
			for n := range 10_000 {
				if _, err := fmt.Fprintf(c, "X-%d: %s\r\n", n, strings.Repeat("x", 1000)); err != nil {
					return
				}
			}
		}, false, "exceeded"},
		{"a body without an end", func(c net.Conn) {
			fmt.Fprint(c, "HTTP/1.1 410 Gone\r\n\r\n")
			for {
				if _, err := c.Write(make([]byte, 1<<20)); err != nil {
					return
				}
			}
		}, false, "The receiver answered 410."},
		{"a redirect to itself", func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 307 Again\r\nLocation: /hook\r\nContent-Length: 0\r\n\r\n") }, false, "redirect (307)"},
		{"silence", nil, true, "No answer within 10s."},
		{"a few bytes now and then", nil, true, "No answer within 10s."},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			arrived := make(chan struct{}, 10)
			release := make(chan struct{})
			defer close(release)
			receiver := takeConnections(t, func(conn net.Conn) {
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
					return
				}
				arrived <- struct{}{}
				if !tc.hangs {
					tc.answer(conn)
					return
				}
				if tc.name != "silence" {
					fmt.Fprint(conn, "HTTP/1.1 2")
				}
				<-release
			})
			db := database{options: storetest.SQLite(t)}
			c := subscribed(t, db, receiver+"/hook", `"page.locked","page.unlocked"`)
			c.ok("PATCH /v1/pages/$page\n\n" + `{"is_locked":true}`)
			<-arrived
			if tc.hangs {
				ctx, cancel := context.WithTimeout(t.Context(), sentTimeout)
				defer cancel()
				if err := c.clock.BlockUntil(ctx, 1); err != nil {
					t.Fatal(err)
				}
				c.clock.Advance(10 * time.Second)
			}
			c.settle()
			if got := c.lastError(); !strings.Contains(got, tc.want) {
				t.Errorf("the administrator reads %q, want %q", got, tc.want)
			}
			c.ok("GET /v1/pages/$page")
		})
	}
}

// takeConnections takes connections until the test ends, and returns the URL.
func takeConnections(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	t.Cleanup(func() {
		_ = l.Close()
		running.Wait()
	})
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				serve(conn)
				_ = conn.Close()
			})
		}
	})
	return "http://" + l.Addr().String()
}

// TestReceiversOfOthers: without leave, no webhook goes to this machine, whatever name it has.
func TestReceiversOfOthers(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		reached := takeConnections(t, func(net.Conn) { t.Error("the receiver was reached") })
		_, port, _ := strings.Cut(strings.TrimPrefix(reached, "http://"), ":")
		c := hold(t, db, serverOptions{})
		c.save("bot results.0.id", c.ok("GET /_octavo/integrations"))
		for _, url := range []string{
			reached, "https://127.0.0.1:" + port, "https://localhost:" + port, "https://[::1]:" + port, "https://0.0.0.0:" + port,
			"https://[::ffff:127.0.0.1]:" + port,
		} {
			a := c.request("POST /_octavo/webhooks\n\n" + `{"integration_id":"$bot","url":"` + url + `"}`)
			if a.field("code") != "validation_error" {
				t.Errorf("%s: %d %s", url, a.status, a.body)
			}
		}
		// Names that are only found to lead here when a connection is made.
		for _, url := range []string{"https://127.1:" + port, "https://2130706433:" + port, "https://0x7f.1:" + port} {
			a := c.request("POST /_octavo/webhooks\n\n" + `{"integration_id":"$bot","url":"` + url + `"}`)
			if a.status == 200 && walk(parsed(a), "verification.delivered").True() {
				t.Errorf("%s: %s", url, a.body)
			}
		}
	})
}

// TestWebhooksOfTwoServers: of two servers on one database one sends, and the other goes on
// when it is gone.
func TestWebhooksOfTwoServers(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		if db.options.DatabaseURL == "" {
			t.Skip("a SQLite database belongs to one server")
		}
		c := subscribed(t, db, "", `"page.locked","page.unlocked"`)
		second := newTestServer(t, db, serverOptions{change: func(o *octavo.Options) {
			o.AllowTargets, o.WebhookWindow = []string{"loopback"}, -1
		}})
		second.token, second.adminToken = c.token, c.adminToken
		lock := func(s *testServer, locked bool) {
			t.Helper()
			h := http.Header{"Authorization": {"Bearer " + c.token}, "Notion-Version": {"2026-03-11"}, "Content-Type": {"application/json"}}
			a := s.do("PATCH", "/v1/pages/"+c.page, h, fmt.Appendf(nil, `{"is_locked":%v}`, locked))
			if a.status != 200 {
				t.Fatalf("%d %s", a.status, a.body)
			}
		}
		lock(second, true)
		second.settle()
		if n := len(c.sink.take()); n != 0 {
			t.Fatalf("the server without the lease sent %d", n)
		}
		if got := c.received(); len(got) != 1 || got[0].json().Get("type").Text() != "page.locked" {
			t.Fatalf("the server with the lease sent %d", len(got))
		}
		if err := c.server.Close(); err != nil {
			t.Fatal(err)
		}
		lock(second, false)
		second.settle()
		got := c.sink.take()
		if len(got) != 1 || got[0].json().Get("type").Text() != "page.unlocked" {
			t.Fatalf("the server that is left sent %d", len(got))
		}
	})
}

// TestWebhooksCrash kills the server while it sends, again and again: each page that was
// made is told of by one event, which may come twice, and no other page is.
func TestWebhooksCrash(t *testing.T) {
	noRaces(t, otherProcess)
	t.Parallel()
	binary := buildCommand(t)
	eachDatabase(t, func(t *testing.T, db database) {
		args, lives := []string{"--data", db.options.Dir}, 8
		if db.options.DatabaseURL != "" {
			// The next server has to wait until the lease of the one that was killed is over.
			args, lives = []string{"--database", db.options.DatabaseURL}, 1
		}
		args = append([]string{"serve", "--listen", "127.0.0.1:0", "--token", crashToken, "--allow-targets", "loopback",
			"--webhook-window", "0s", "--log-level", "error"}, args...)
		w := &webhookCrash{t: t, sink: newSink(t), made: map[string]bool{}, random: rand.New(rand.NewPCG(crashSeed, 1))}
		w.start(binary, args)
		w.subscribe()
		for range lives {
			w.live()
			w.start(binary, args)
		}
		w.finish()
	})
}

// webhookCrash is the server that is killed and what it has said and sent.
type webhookCrash struct {
	t      *testing.T
	sink   *sink
	random *rand.Rand

	server                 *exec.Cmd
	url, page, hook, token string

	mu   sync.Mutex
	made map[string]bool // pages that were acknowledged
}

func (w *webhookCrash) start(binary string, args []string) {
	w.t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = append(cmd.Environ(), "OCTAVO_ADMIN_TOKEN="+crashToken)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	for _, word := range strings.Fields(line) {
		switch key, value, _ := strings.Cut(word, "="); key {
		case "url":
			w.url = value
		case "page":
			w.page = value
		}
	}
	if err != nil || w.url == "" {
		w.t.Fatalf("the server said %q, %v", line, err)
	}
	w.server = cmd
}

func (w *webhookCrash) send(method, path, body string) (string, error) {
	req, err := http.NewRequest(method, w.url+path, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer "+crashToken)
	req.Header.Set("Notion-Version", "2026-03-11")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %d %s", method, path, resp.StatusCode, answer)
	}
	return string(answer), err
}

func (w *webhookCrash) must(method, path, body string) *answer {
	w.t.Helper()
	text, err := w.send(method, path, body)
	if err != nil {
		w.t.Fatal(err)
	}
	return &answer{status: 200, body: []byte(text)}
}

func (w *webhookCrash) subscribe() {
	w.t.Helper()
	bot := walk(parsed(w.must("GET", "/_octavo/integrations", "")), "results.0.id").Text()
	made := w.must("POST", "/_octavo/webhooks", `{"integration_id":"`+bot+`","url":"`+w.sink.url+`/hook","events":["page.created"]}`)
	w.hook = made.field("id")
	w.token = w.sink.take()[0].json().Get("verification_token").Text()
	w.must("POST", "/_octavo/webhooks/"+w.hook+"/verify", `{"verification_token":"`+w.token+`"}`)
}

// live makes pages until the server is killed.
func (w *webhookCrash) live() {
	const writers = 4
	var running sync.WaitGroup
	for range writers {
		running.Go(func() {
			for {
				text, err := w.send("POST", "/v1/pages", `{"parent":{"page_id":"`+w.page+`"}}`)
				if err != nil {
					return // the server is dead
				}
				id := (&answer{body: []byte(text)}).field("id")
				w.mu.Lock()
				w.made[id] = true
				w.mu.Unlock()
			}
		})
	}
	// The kill comes when a number of events have come, whatever that takes.
	w.sink.mu.Lock()
	want := len(w.sink.got) + 5 + w.random.IntN(60)
	w.sink.mu.Unlock()
	w.sink.wait(w.t, func() bool { return len(w.sink.got) >= want })
	_ = w.server.Process.Signal(syscall.SIGKILL)
	_ = w.server.Wait()
	running.Wait()
}

// finish waits until every page that is there has been told of, acknowledged or not, and
// looks at what was sent.
func (w *webhookCrash) finish() {
	w.t.Helper()
	pages := w.pages()
	for page := range w.made {
		if !pages[page] {
			w.t.Errorf("page %s was acknowledged and is lost", page)
		}
	}
	events := map[string]map[string]bool{} // ids, by the page they tell of
	seen, told := 0, 0
	w.sink.wait(w.t, func() bool {
		for _, d := range w.sink.got[seen:] {
			v := d.json()
			page := v.Get("entity").Get("id").Text()
			if events[page] == nil {
				events[page] = map[string]bool{}
				if pages[page] {
					told++
				}
			}
			events[page][v.Get("id").Text()] = true
			if d.signature != webhook.Sign(d.body, w.token) {
				w.t.Error("an event is not signed")
			}
		}
		seen = len(w.sink.got)
		return told == len(pages)
	})
	for page, ids := range events {
		if len(ids) != 1 || !pages[page] {
			w.t.Errorf("page %s, there: %v, is told of by %d events", page, pages[page], len(ids))
		}
	}
	w.t.Logf("%d pages acknowledged of %d, told of in %d requests", len(w.made), len(pages), seen)
}

// pages are the pages that were made, acknowledged or not.
func (w *webhookCrash) pages() map[string]bool {
	w.t.Helper()
	pages := map[string]bool{}
	for cursor := ""; ; {
		list := parsed(w.must("GET", "/v1/blocks/"+w.page+"/children"+cursor, ""))
		for _, child := range list.Get("results").Items() {
			if child.Get("type").Text() == "child_page" {
				pages[child.Get("id").Text()] = true
			}
		}
		if !list.Get("has_more").True() {
			return pages
		}
		cursor = "?start_cursor=" + list.Get("next_cursor").Text()
	}
}
