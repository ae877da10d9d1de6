package files_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"octavo/internal/files"
	"octavo/internal/files/storagetest"
)

func TestDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	storagetest.Run(t, files.NewDisk(dir))
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v", path, info.Mode())
		}
		if strings.HasSuffix(path, ".part") {
			t.Errorf("%s is left over", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestDiskAfterACrash: what an interrupted write has left is neither read nor kept for good.
func TestDiskAfterACrash(t *testing.T) {
	dir := t.TempDir()
	s := files.NewDisk(dir)
	left := filepath.Join(dir, "key.part")
	if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(t.Context(), "key", 0); !errors.Is(err, files.ErrMissing) {
		t.Errorf("opened: %v", err)
	}
	if err := s.Delete(t.Context(), "key"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}

func TestDiskThatRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := files.NewDisk(file) // a file where a directory should be
	if err := s.Write(t.Context(), "a/b", strings.NewReader("x")); !errors.Is(err, files.ErrRefused) {
		t.Errorf("written: %v", err)
	}
	if _, err := s.Open(t.Context(), "a/b", 0); !errors.Is(err, files.ErrUnavailable) {
		t.Errorf("opened: %v", err)
	}
	if err := s.Delete(t.Context(), "a/b"); !errors.Is(err, files.ErrUnavailable) {
		t.Errorf("deleted: %v", err)
	}
}
