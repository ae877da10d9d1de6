// Package storagetest holds what every file storage must do.
package storagetest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"octavo/internal/files"
)

// Run tests a storage that is empty.
func Run(t *testing.T, s files.Storage) {
	ctx := t.Context()
	large := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // a megabyte
	write := func(t *testing.T, key string, content []byte) {
		t.Helper()
		if err := s.Write(ctx, key, bytes.NewReader(content)); err != nil {
			t.Fatal(err)
		}
	}

	t.Run("what is written is read", func(t *testing.T) {
		write(t, "a/b/c-1", large)
		write(t, "a/b/c-2", []byte("x"))
		write(t, "empty", nil)
		same(t, s, "a/b/c-1", 0, large)
		same(t, s, "a/b/c-1", 1<<19, large[1<<19:])
		same(t, s, "a/b/c-1", int64(len(large)), nil)
		same(t, s, "a/b/c-2", 0, []byte("x"))
		same(t, s, "empty", 0, nil)
	})

	t.Run("what is not there is missing", func(t *testing.T) {
		if _, err := s.Open(ctx, "a/b/c-9", 0); !errors.Is(err, files.ErrMissing) {
			t.Errorf("opened: %v", err)
		}
	})

	t.Run("what is deleted is gone, once or twice", func(t *testing.T) {
		write(t, "gone", large)
		for range 2 {
			if err := s.Delete(ctx, "gone"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Open(ctx, "gone", 0); !errors.Is(err, files.ErrMissing) {
			t.Errorf("opened: %v", err)
		}
	})

	t.Run("a reader that fails leaves nothing, and its error comes back", func(t *testing.T) {
		broken := errors.New("broken")
		r := io.MultiReader(bytes.NewReader(large), iotest.ErrReader(broken))
		if err := s.Write(ctx, "failed", r); err != broken { //nolint:errorlint // it has to be the same
			t.Errorf("the error is %v", err)
		}
		if _, err := s.Open(ctx, "failed", 0); !errors.Is(err, files.ErrMissing) {
			t.Errorf("opened: %v", err)
		}
		write(t, "failed", []byte("second try"))
		same(t, s, "failed", 0, []byte("second try"))
	})

	t.Run("the end of the caller's context is the caller's error", func(t *testing.T) {
		gone, cancel := context.WithCancel(ctx)
		r := io.MultiReader(strings.NewReader("x"), cancelling{cancel})
		if err := s.Write(gone, "cancelled", r); !errors.Is(err, context.Canceled) {
			t.Errorf("the error is %v", err)
		}
		if _, err := s.Open(ctx, "cancelled", 0); !errors.Is(err, files.ErrMissing) {
			t.Errorf("opened: %v", err)
		}
	})
}

// cancelling is an empty reader that ends the context it is read in.
type cancelling struct{ cancel func() }

// Read implements [io.Reader].
func (c cancelling) Read([]byte) (int, error) {
	c.cancel()
	return 0, io.EOF
}

func same(t *testing.T, s files.Storage, key string, offset int64, want []byte) {
	t.Helper()
	r, err := s.Open(t.Context(), key, offset)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s from %d has %d bytes, not the %d that were written", key, offset, len(got), len(want))
	}
}
