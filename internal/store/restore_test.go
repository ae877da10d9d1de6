package store_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"

	"octavo/internal/clock"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// backupOf returns a backup of a new store with one workspace of a name, none for "".
func backupOf(t *testing.T, name string) string {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if name != "" {
		err = s.UpdateDirectory(t.Context(), func(tx *store.Tx) error {
			return tx.InsertWorkspace(store.Workspace{ID: notion.ID{1}, Name: name, TimeZone: "UTC"})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "backup.db")
	if err := s.Backup(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	return path
}

// change runs a statement on a database file, which stays open as it was left.
func change(t *testing.T, path, text string) {
	t.Helper()
	c, err := sqlite3.OpenFlags("file:"+path, sqlite3.OPEN_READWRITE|sqlite3.OPEN_CREATE|sqlite3.OPEN_URI)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if err := c.Exec(text); err != nil {
		t.Fatal(err)
	}
}

// nameIn returns the name of the workspace in a directory, and the entries of its audit log.
func nameIn(t *testing.T, dir string) (string, []store.AuditEntry) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var list []store.Workspace
	var entries []store.AuditEntry
	err = s.ViewDirectory(t.Context(), func(tx *store.Tx) (err error) {
		if list, err = tx.Workspaces(notion.ID{}, 2); err == nil {
			entries, err = tx.AuditEntries(store.AuditQuery{}, 10)
		}
		return err
	})
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	return list[0].Name, entries
}

func restoreInto(dir, file string, change func(*store.RestoreOptions)) (store.Restored, error) {
	opts := store.RestoreOptions{
		Database: func() (io.ReadCloser, error) { return os.Open(file) }, Dir: dir, Clock: clock.NewManual(time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)),
		Entry: store.AuditEntry{ID: notion.ID{9}, Action: "restore", Parameters: []byte(`{}`), Status: 200},
	}
	if change != nil {
		change(&opts)
	}
	return store.Restore(context.Background(), opts)
}

func TestRestore(t *testing.T) {
	first, second, dir := backupOf(t, "First"), backupOf(t, "Second"), filepath.Join(t.TempDir(), "new")
	r, err := restoreInto(dir, first, nil)
	if err != nil || r.Workspaces != 1 || r.Format != store.Format || r.Replaced != "" {
		t.Fatal(r, err)
	}
	name, entries := nameIn(t, dir)
	if name != "First" || len(entries) != 1 || entries[0].Action != "restore" || entries[0].Time.Year() != 2026 {
		t.Errorf("restored %s, %+v", name, entries)
	}
	if _, err := restoreInto(dir, second, nil); !errors.Is(err, store.ErrExists) {
		t.Errorf("over a database: %v", err)
	}
	if _, err := restoreInto(dir, second, func(o *store.RestoreOptions) { o.Check = true }); err != nil {
		t.Errorf("checked: %v", err)
	}
	if name, _ := nameIn(t, dir); name != "First" {
		t.Errorf("the data is %s's", name)
	}
	// A server that was killed leaves part of its data in a file beside the database.
	change(t, filepath.Join(dir, "octavo.db"), "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; UPDATE workspace SET name = 'Changed'")
	r, err = restoreInto(dir, second, func(o *store.RestoreOptions) { o.Replace = true })
	if err != nil || filepath.Base(r.Replaced) != "octavo-replaced-20260701-120000.db" {
		t.Fatal(r, err)
	}
	if name, _ := nameIn(t, dir); name != "Second" {
		t.Errorf("the data is %s's", name)
	}
	aside := t.TempDir()
	if err := os.Rename(r.Replaced, filepath.Join(aside, "octavo.db")); err != nil {
		t.Fatal(err)
	}
	if name, _ := nameIn(t, aside); name != "Changed" {
		t.Errorf("what was put aside is %s's", name)
	}
}

func TestRestoreRefuses(t *testing.T) {
	cases := []struct {
		name  string
		spoil func(t *testing.T, path string)
		want  error
	}{
		{"cut off", func(t *testing.T, path string) {
			if err := os.Truncate(path, 4096*3); err != nil {
				t.Fatal(err)
			}
		}, store.ErrNoData},
		{"damaged", func(t *testing.T, path string) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for i := 4096; i < len(data); i += 512 {
				data[i] ^= 0xff
			}
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}, store.ErrNoData},
		{"no database", func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(strings.Repeat("text ", 1000)), 0o600); err != nil {
				t.Fatal(err)
			}
		}, store.ErrNoData},
		{"empty", func(t *testing.T, path string) {
			if err := os.Truncate(path, 0); err != nil {
				t.Fatal(err)
			}
		}, store.ErrNoData},
		{"somebody else's", func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			change(t, path, "CREATE TABLE other (x)")
		}, store.ErrNoData},
		{"no number", func(t *testing.T, path string) {
			change(t, path, "UPDATE meta SET value = 'new' WHERE name = 'state_format'")
		}, store.ErrNoData},
		{"newer", func(t *testing.T, path string) {
			change(t, path, "UPDATE meta SET value = '99' WHERE name = 'state_format'")
		}, store.ErrFormat},
		{"no workspace", func(t *testing.T, path string) { change(t, path, "DELETE FROM workspace") }, store.ErrNoData},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			file, dir := backupOf(t, "First"), t.TempDir()
			c.spoil(t, file)
			if _, err := restoreInto(dir, file, nil); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			left, err := os.ReadDir(dir)
			if err != nil || len(left) != 1 || left[0].Name() != "octavo.lock" {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// TestRestoreAfterOneThatWasKilled: what that has left goes.
func TestRestoreAfterOneThatWasKilled(t *testing.T) {
	file, dir := backupOf(t, "First"), t.TempDir()
	left := filepath.Join(dir, "octavo-restore-1")
	if err := os.Mkdir(left, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(left, "octavo.db"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := restoreInto(dir, file, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}

func TestRestoreLeavesARunningServerAlone(t *testing.T) {
	file, dir := backupOf(t, "First"), t.TempDir()
	s, err := store.Open(t.Context(), store.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := restoreInto(dir, file, func(o *store.RestoreOptions) { o.Replace = true }); !errors.Is(err, store.ErrLocked) {
		t.Errorf("got %v", err)
	}
}
