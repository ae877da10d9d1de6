package octavo_test

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"octavo/internal/jsonx"
	"octavo/internal/webhook"
)

// sink is a receiver of webhooks.
type sink struct {
	url string

	mu     sync.Mutex
	status int // 0 breaks the connection off
	got    []delivered
	hold   chan struct{} // requests wait for it, nil for none
	came   *sync.Cond    // a request
}

// delivered is a request that a sink has got.
type delivered struct {
	path, signature string
	header          http.Header
	body            []byte
}

func (d delivered) json() jsonx.Value {
	v, _ := jsonx.Parse(d.body) // what is not JSON has none of the keys looked for
	return v
}

func newSink(t *testing.T) *sink {
	s := &sink{status: http.StatusOK}
	s.came = sync.NewCond(&s.mu)
	ts := httptest.NewServer(s)
	t.Cleanup(ts.Close)
	s.url = ts.URL
	return s
}

// ServeHTTP implements [http.Handler].
func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	s.mu.Lock()
	status, hold := s.status, s.hold
	if err == nil {
		s.got = append(s.got, delivered{path: r.URL.Path, signature: r.Header.Get(webhook.SignatureHeader), header: r.Header, body: body})
		s.came.Broadcast()
	}
	s.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-r.Context().Done():
			return
		}
	}
	switch {
	case status == 0:
		panic(http.ErrAbortHandler)
	case status >= 300 && status < 400:
		w.Header().Set("Location", s.url+"/moved")
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, strings.Repeat("no such thing ", 20)) // nobody reads it
}

// answer sets how requests are answered: a status, or drop.
func (s *sink) answer(how string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, _ = strconv.Atoi(how)
}

// take returns what has come since it was last called.
func (s *sink) take() []delivered {
	s.mu.Lock()
	defer s.mu.Unlock()
	got := s.got
	s.got = nil
	return got
}

// wait returns once enough is true of what has come. Enough is called with the sink locked.
func (s *sink) wait(t *testing.T, enough func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), crashTimeout)
	defer cancel()
	defer context.AfterFunc(ctx, s.came.Broadcast)()
	s.mu.Lock()
	defer s.mu.Unlock()
	for !enough() {
		if ctx.Err() != nil {
			t.Fatalf("%d requests came, and not what had to", len(s.got))
		}
		s.came.Wait()
	}
}

// crashTimeout is how long a test waits for what a server that has been killed sends after
// its next start: that of a receiver has to pass, when the kill came before its answer.
const crashTimeout = 2 * time.Minute

// sentTimeout is how long a test waits for webhooks that must come.
const sentTimeout = 20 * time.Second

// settle waits until what is due has been sent.
func (s *testServer) settle() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), sentTimeout)
	defer cancel()
	if err := s.server.WebhooksSent(ctx); err != nil {
		s.t.Fatal("webhooks were not sent: ", err)
	}
}

// received waits until what is due has been sent, and returns what the sink has got, in the
// order of the events.
func (c *conversation) received() []delivered {
	c.t.Helper()
	c.settle()
	got := c.sink.take()
	for _, d := range got {
		if token := d.json().Get("verification_token").Text(); token != "" {
			c.set("verification_token", token)
		}
	}
	slices.SortStableFunc(got, func(a, b delivered) int {
		return cmp.Compare(a.json().Get("id").Text(), b.json().Get("id").Text())
	})
	return got
}

// sent writes what the sink has got, as it stands in a script.
func (c *conversation) sent() string {
	c.t.Helper()
	var out strings.Builder
	for _, d := range c.received() {
		signed := "signed"
		if d.signature != webhook.Sign(d.body, c.expand("$verification_token")) {
			signed = "NOT SIGNED"
		}
		fmt.Fprintf(&out, "POST %s %s\n%s\n", d.path, signed, d.body)
	}
	return c.withNames(out.String())
}
