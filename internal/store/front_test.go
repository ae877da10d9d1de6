package store_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"octavo/internal/api"
	"octavo/internal/clock"
	"octavo/internal/core"
	"octavo/internal/jsonx"
	"octavo/internal/store"
	"octavo/internal/store/storetest"
)

// TestFullDiskAtTheFrontDoor stands here because only tests of this package can fill a
// disk: a write that does not fit is service_unavailable and leaves nothing, reads go on,
// and so do writes once there is room.
func TestFullDiskAtTheFrontDoor(t *testing.T) {
	s := open(t, storetest.SQLite(t))
	c := core.New(s, clock.System{}, &clock.Sequence{}, core.Options{PublicURL: "http://octavo.test"})
	ready, err := c.Bootstrap(t.Context(), core.BootstrapOptions{Token: "ntn_test"})
	if err != nil {
		t.Fatal(err)
	}
	handler := api.New(c, api.Options{Clock: clock.System{}, IDs: &clock.Sequence{}})
	ask := func(method, path, body string, status int, code string) jsonx.Value {
		t.Helper()
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header = http.Header{"Authorization": {"Bearer ntn_test"}, "Notion-Version": {"2026-03-11"}}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		v, err := jsonx.Parse(w.Body.Bytes())
		if err != nil || w.Code != status || v.Get("code").Text() != code {
			t.Errorf("%s %s: %d %s, want %d %q", method, path, w.Code, w.Body, status, code)
		}
		return v
	}
	children := "/v1/blocks/" + ready.Page.String() + "/children"
	text := `{"paragraph":{"rich_text":[{"text":{"content":"` + strings.Repeat("x", 2000) + `"}}]}}`
	large := `{"children":[` + strings.Repeat(text+",", 99) + text + `]}`
	count := func() int { return len(ask("GET", children, "", 200, "").Get("results").Items()) }

	ask("PATCH", children, `{"children":[{"divider":{}}]}`, 200, "")
	update(t, s, ready.Workspace, func(tx *store.Tx) error { return tx.Exec("PRAGMA max_page_count = 40") })
	ask("PATCH", children, large, 503, "service_unavailable")
	if n := count(); n != 1 {
		t.Errorf("%d blocks after a write that did not fit, want 1", n)
	}
	update(t, s, ready.Workspace, func(tx *store.Tx) error { return tx.Exec("PRAGMA max_page_count = 1000000") })
	ask("PATCH", children, large, 200, "")
	if n := count(); n != 100 {
		t.Errorf("%d blocks in the first part, want 100", n)
	}
}
