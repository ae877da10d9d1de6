package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestClient reads answers of both kinds, one after the other over one connection.
func TestClient(t *testing.T) {
	long := strings.Repeat("abcdefgh", 50_000)
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/length":
			_, _ = io.WriteString(w, "short")
		case "/chunks":
			for part := range slices.Chunk([]byte(long), 100_000) {
				_, _ = w.Write(part)
				_ = http.NewResponseController(w).Flush()
			}
		default:
			http.Error(w, "refused", http.StatusConflict)
		}
	}))
	defer ts.Close()
	s := &site{address: ts.Listener.Addr().String()}
	c, err := dial(s.address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.conn.Close()
	for range 2 {
		for path, want := range map[string]string{"/length": "short", "/chunks": long} {
			got, err := c.do(s.request("GET", path, newest, "", nil))
			if err != nil || string(got) != want {
				t.Fatalf("%s: %d bytes, %v; want %d", path, len(got), err, len(want))
			}
		}
		if _, err := c.do(s.request("POST", "/other", newest, "", map[string]any{"a": 1})); err == nil || err.Error() != "status 409: refused\n" {
			t.Fatalf("a refusal: %v", err)
		}
	}
}

// TestLoadFails: figures of a server that refuses would be worse than none.
func TestLoadFails(t *testing.T) {
	ts := httptest.NewServer(http.NotFoundHandler())
	defer ts.Close()
	s := &site{address: ts.Listener.Addr().String()}
	if _, err := load(s.address, 2, time.Minute, [][]byte{s.request("GET", "/", newest, "", nil)}); err == nil {
		t.Error("refusals were counted as answers")
	}
}

func TestSampled(t *testing.T) {
	var took []time.Duration
	for i := range 200 {
		took = append(took, time.Duration(200-i)*time.Millisecond)
	}
	got, err := sampled(took, 4*time.Second)
	want := sample{perSecond: 50, p50: 101 * time.Millisecond, p99: 199 * time.Millisecond}
	if err != nil || got != want {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if _, err := sampled(nil, time.Second); err == nil {
		t.Error("nothing is no sample")
	}
}

func TestRatioIsOfTheSameRound(t *testing.T) {
	own := []sample{{perSecond: 10}, {perSecond: 100}, {perSecond: 30}}
	other := []sample{{perSecond: 20}, {perSecond: 200}, {perSecond: 10}}
	if got := ratio(own, other, 1); got != 0.5 {
		t.Errorf("got %v, want 0.5", got)
	}
	if got := median([]float64{4, 1, 3, 2}); got != 2.5 {
		t.Errorf("median %v, want 2.5", got)
	}
}

// TestParagraphsDiffer: equal ones would compress to nothing.
func TestParagraphsDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range paragraphs(many) {
		text, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		seen[string(text)] = true
	}
	if len(seen) != many {
		t.Errorf("%d different paragraphs, want %d", len(seen), many)
	}
}

// TestSpell: all spellings differ and are the same id.
func TestSpell(t *testing.T) {
	const id = "01a20d0c-1a28-81fa-a647-b4b4cc00453b"
	seen := map[string]bool{}
	for n := range spellings {
		text := spell(id, n)
		if seen[text] || !strings.EqualFold(text, id) {
			t.Errorf("spelling %d: %s", n, text)
		}
		seen[text] = true
	}
}
