package octavo_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestFileUploadEvents: the connection whose upload it is, and no other, is told what came of an
// import that failed, and that an upload has expired, which nobody did (services.md §4.3).
func TestFileUploadEvents(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		address := newSource(t).fails("/report.txt", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusGone) })
		const events = `"file_upload.completed","file_upload.upload_failed","file_upload.expired"`
		c := subscribed(t, db, "", events)
		other := c.newToken(t, `{"name":"Other"}`)
		c.make("theirs", "POST /_octavo/webhooks", `{"integration_id":"`+other.id+`","url":"$sink/theirs","events":[`+events+`]}`)
		c.received()
		c.ok("POST /_octavo/webhooks/$theirs/verify\n\n" + `{"verification_token":"$verification_token"}`)

		failed := c.importFile(address, `,"filename":"report.txt"`)
		if v := c.imported(failed); v.Get("status").Text() != "failed" {
			t.Fatalf("the import is %s", v)
		}
		c.told("file_upload.upload_failed", failed.field("id"), `"authors":[{"id":"`, `"data":{"file_import_result":{"type":"error","error":{"type":`)

		c.make("late", "POST /v1/file_uploads", `{}`)
		c.received()
		c.sweep(2 * time.Hour)
		c.told("file_upload.expired", c.expand("$late"), `"authors":[]`)
	})
}

// told fails the test unless one event has been sent since, to /hook, with the texts in it.
func (c *conversation) told(kind, entity string, texts ...string) {
	c.t.Helper()
	got := c.received()
	if len(got) != 1 || got[0].path != "/hook" {
		c.t.Fatalf("%s: %d events were sent: %v", kind, len(got), got)
	}
	body := string(got[0].body)
	for _, text := range append(texts, fmt.Sprintf(`"type":%q`, kind), fmt.Sprintf(`"entity":{"id":%q,"type":"file_upload"}`, entity)) {
		if !strings.Contains(body, text) {
			c.t.Errorf("%s: %s is not in %s", kind, text, body)
		}
	}
	if kind == "file_upload.expired" && strings.Contains(body, `"data"`) {
		c.t.Errorf("there is data in %s", body)
	}
}
