package octavo_test

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"octavo"
	"octavo/internal/backup"
	"octavo/internal/clock"
	"octavo/internal/files"
	"octavo/internal/store"
	"octavo/internal/store/storetest"
)

// TestBackupHoldsEverything: a server on what has been restored answers with the same pages,
// and the links to their files that were given before still lead to the same bytes.
func TestBackupHoldsEverything(t *testing.T) {
	t.Run("from a disk", func(t *testing.T) { testBackup(t, func(*octavo.Options) {}) })
	t.Run("from a bucket", func(t *testing.T) { testBackup(t, newFakeStore(t).options) })
}

func testBackup(t *testing.T, kept func(*octavo.Options)) {
	ids := new(clock.Sequence) // the next server makes none of the ids again
	c := hold(t, database{options: storetest.SQLite(t)}, serverOptions{change: func(o *octavo.Options) {
		o.IDs = ids
		kept(o)
	}})
	c.upload("file", "a.txt")
	c.save("block results.0.id", c.ok("PATCH /v1/blocks/$page/children\n\n"+`{"children":[{"file":{"file_upload":{"id":"$file"}}}]}`))
	c.save("link file.file.url", c.ok("GET /v1/blocks/$block"))
	made := c.request("GET /_octavo/backup")
	if made.status != http.StatusOK {
		t.Fatalf("%d %s", made.status, made.body)
	}
	archive, dir := filepath.Join(t.TempDir(), "archive.tar"), t.TempDir()
	if err := os.WriteFile(archive, made.body, 0o600); err != nil {
		t.Fatal(err)
	}
	// After the backup the file goes, which the copy knows nothing of.
	c.ok("PATCH /v1/blocks/$block\n\n" + `{"in_trash":true}`)
	r, err := backup.Restore(t.Context(), backup.RestoreOptions{
		File: archive, Dir: dir, Storage: files.NewDisk(filepath.Join(dir, "files")), Clock: clock.System{},
		Entry: store.AuditEntry{Action: "restore", Parameters: []byte(`{}`), Status: 200},
	})
	if err != nil || r.Parts != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	again := hold(t, database{options: store.Options{Dir: dir}}, serverOptions{change: func(o *octavo.Options) {
		o.IDs, o.Files = ids, filepath.Join(dir, "files")
	}})
	for _, name := range []string{"block", "link"} {
		again.set(name, c.expand("$"+name))
	}
	if a := again.request("GET /v1/blocks/$block"); a.status != http.StatusOK {
		t.Errorf("%d %s", a.status, a.body)
	}
	again.set("link", again.url+c.expand("$link")[len(c.url):])
	if a := again.request("GET $link"); a.status != http.StatusOK || string(a.body) != "content of file" {
		t.Errorf("%d %s", a.status, a.body)
	}
}
