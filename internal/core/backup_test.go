package core_test

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"octavo/internal/backup"
	"octavo/internal/files"
	"octavo/internal/store/storetest"
)

// TestNothingIsRemovedDuringABackup: a part that is replaced after the database has been
// copied is still in the archive, and goes afterwards.
func TestNothingIsRemovedDuringABackup(t *testing.T) {
	b := newBench(t, storetest.SQLite(t))
	dir := t.TempDir()
	b.keepFilesIn(files.NewDisk(dir))
	file := b.createUpload(`{"mode":"multi_part","filename":"a.txt","number_of_parts":1}`)
	send := func(content string) {
		t.Helper()
		if _, err := b.SendFile(b.ctx, b.principal(), file, form("1", strings.NewReader(content))); err != nil {
			t.Fatal(err)
		}
	}
	stored := func(want int) {
		t.Helper()
		if err := b.SweepFiles(b.ctx); err != nil {
			t.Fatal(err)
		}
		if found, err := filepath.Glob(filepath.Join(dir, "*", "*", "*")); err != nil || len(found) != want {
			t.Errorf("%d files are stored, want %d, %v", len(found), want, err)
		}
	}
	send("before")
	made, err := b.Backup(b.ctx, filepath.Join(t.TempDir(), "copy.db"), true)
	if err != nil {
		t.Fatal(err)
	}
	send("after")
	stored(2)
	var archive bytes.Buffer
	if err := made.Write(b.ctx, &archive); err != nil {
		t.Fatal(err)
	}
	made.Close()
	if s, err := backup.Inspect(&archive); err != nil || s.Parts != 1 || s.Bytes != int64(len("before")) || len(s.Lost) != 0 {
		t.Errorf("%+v, %v", s, err)
	}
	stored(1)
}
