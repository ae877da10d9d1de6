package files_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"octavo/internal/files"
)

// stored writes pieces to a storage and returns the file they make.
func stored(t testing.TB, s files.Storage, pieces ...string) *files.Content {
	t.Helper()
	var parts []files.Part
	for i, piece := range pieces {
		key := strings.Repeat("k", i+1)
		if err := s.Write(t.Context(), key, strings.NewReader(piece)); err != nil {
			t.Fatal(err)
		}
		parts = append(parts, files.Part{Key: key, Size: int64(len(piece))})
	}
	return files.NewContent(t.Context(), s, parts)
}

func TestContentIsItsParts(t *testing.T) {
	c := stored(t, files.NewDisk(t.TempDir()), "hello, ", "w", "orld", "!")
	defer c.Close()
	if c.Size() != 13 {
		t.Errorf("it has %d bytes", c.Size())
	}
	if err := iotest.TestReader(c, []byte("hello, world!")); err != nil {
		t.Error(err)
	}
	if _, err := c.Seek(-1, io.SeekStart); err == nil {
		t.Error("it can be read before its beginning")
	}
	empty := files.NewContent(t.Context(), files.NewDisk(t.TempDir()), nil)
	if _, err := empty.Read(make([]byte, 1)); empty.Size() != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("nothing: %v", err)
	}
}

// TestContentIsLikeBytes compares reads, copies and seeks of any kind with those of a text.
func TestContentIsLikeBytes(t *testing.T) {
	disk := files.NewDisk(t.TempDir())
	pieces := []string{"abc", "d", "efghijkl", "mn", "opqrstuvwxyz"}
	whole := strings.Join(pieces, "")
	c := stored(t, disk, pieces...)
	defer c.Close()
	rapid.Check(t, func(r *rapid.T) {
		like := bytes.NewReader([]byte(whole))
		if _, err := c.Seek(0, io.SeekStart); err != nil {
			r.Fatal(err)
		}
		r.Repeat(map[string]func(*rapid.T){
			"seek": func(r *rapid.T) {
				offset, whence := rapid.Int64Range(-30, 30).Draw(r, "offset"), rapid.IntRange(0, 2).Draw(r, "whence")
				want, wantErr := like.Seek(offset, whence)
				got, err := c.Seek(offset, whence)
				if (err == nil) != (wantErr == nil) || err == nil && got != want {
					r.Fatalf("seek: %d, %v, want %d, %v", got, err, want, wantErr)
				}
			},
			"read": func(r *rapid.T) {
				p := make([]byte, rapid.IntRange(1, 30).Draw(r, "size"))
				n, err := c.Read(p)
				q := make([]byte, n)
				m, _ := io.ReadFull(like, q)
				if m != n || !bytes.Equal(p[:n], q) || n == 0 && !errors.Is(err, io.EOF) || n > 0 && err != nil {
					r.Fatalf("read %q, %v, want %q", p[:n], err, q)
				}
			},
			"copy": func(r *rapid.T) {
				var got bytes.Buffer
				n, err := c.CopyN(&got, rapid.Int64Range(1, 30).Draw(r, "size"))
				q := make([]byte, n)
				m, _ := io.ReadFull(like, q)
				if int64(m) != n || got.String() != string(q) || n == 0 && !errors.Is(err, io.EOF) || n > 0 && err != nil {
					r.Fatalf("copied %q, %v, want %q", got.String(), err, q)
				}
			},
		})
	})
}

func TestContentThatIsNotThere(t *testing.T) {
	disk := files.NewDisk(t.TempDir())
	if err := disk.Write(t.Context(), "short", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	short := files.NewContent(t.Context(), disk, []files.Part{{Key: "short", Size: 3}})
	defer short.Close()
	if _, err := io.ReadAll(short); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("less than there should be: %v", err)
	}
	if _, err := short.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if n, err := short.CopyN(io.Discard, 3); n != 1 || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("less than there should be, copied: %d, %v", n, err)
	}
	missing := files.NewContent(context.Background(), disk, []files.Part{{Key: "missing", Size: 3}})
	if err := missing.Ready(); !errors.Is(err, files.ErrMissing) {
		t.Errorf("what is missing is ready: %v", err)
	}
	if _, err := missing.Read(make([]byte, 1)); !errors.Is(err, files.ErrMissing) {
		t.Errorf("what is missing is read: %v", err)
	}
}
