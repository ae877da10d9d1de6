package api

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"octavo/internal/clock"
	"octavo/internal/core"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// TestPanic: a fault of ours is answered as an error and logged with its stack; the client
// reads nothing of it, and the server goes on.
func TestPanic(t *testing.T) {
	whole := routes
	defer func() { routes = whole }()
	routes = append(routes[:len(routes):len(routes)], route{
		method: "GET", path: "/v1/panic/{page_id}", name: "panic",
		handle: func(*API, *call) (notion.Object, error) { panic("the secret cause") },
	})
	data, err := store.Open(t.Context(), store.Options{Memory: true, Clock: clock.System{}})
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	ids := &clock.Sequence{}
	c := core.New(data, clock.System{}, ids, core.Options{})
	if _, err := c.Bootstrap(t.Context(), core.BootstrapOptions{Token: "ntn_test"}); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	handler := New(c, Options{Clock: clock.System{}, IDs: ids, Log: slog.New(slog.NewTextHandler(&log, nil)), MaxInFlight: 1})
	ask := func(path string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header = http.Header{"Authorization": {"Bearer ntn_test"}, "Notion-Version": {"2026-03-11"}}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	// Twice, since a panic must not keep the one place among the requests that run.
	for range 2 {
		w := ask("/v1/panic/11111111-1111-4111-8111-111111111111")
		id := w.Header().Get("X-Notion-Request-Id")
		want := `{"object":"error","status":500,"code":"internal_server_error","message":"Unexpected error occurred.","request_id":"` + id + `"}`
		if w.Code != http.StatusInternalServerError || w.Body.String() != want {
			t.Errorf("%d %s, want %s", w.Code, w.Body, want)
		}
		if !strings.Contains(log.String(), id) {
			t.Errorf("request %s is not in the log", id)
		}
	}
	for _, part := range []string{"the secret cause", "panic_test.go", "internal_server_error", "level=ERROR"} {
		if !strings.Contains(log.String(), part) {
			t.Errorf("the log lacks %q: %s", part, &log)
		}
	}
	if w := ask("/v1/users/me"); w.Code != http.StatusOK {
		t.Errorf("after the panic: %d %s", w.Code, w.Body)
	}
}
