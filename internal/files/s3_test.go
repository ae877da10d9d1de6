package files_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"octavo/internal/clock"
	"octavo/internal/files"
	"octavo/internal/files/storagetest"
)

// TestS3 holds the storage on the object store that scripts/with-s3 runs.
func TestS3(t *testing.T) {
	address := os.Getenv("OCTAVO_TEST_S3")
	if address == "" {
		t.Skip("no object store; run scripts/with-s3 go test")
	}
	keys := files.S3Keys{ID: os.Getenv("OCTAVO_S3_KEY_ID"), Secret: os.Getenv("OCTAVO_S3_SECRET")}
	for _, folder := range []string{"", "/folder/in a folder"} {
		t.Run(folder, func(t *testing.T) {
			s, err := files.NewS3(strings.Replace(address, "?", folder+"?", 1), keys, clock.System{})
			if err != nil {
				t.Fatal(err)
			}
			storagetest.Run(t, s)
		})
	}
	t.Run("who has the wrong secret is refused", func(t *testing.T) {
		s, err := files.NewS3(address, files.S3Keys{ID: keys.ID, Secret: "guessed"}, clock.System{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Write(t.Context(), "key", strings.NewReader("x")); !errors.Is(err, files.ErrRefused) {
			t.Errorf("written: %v", err)
		}
		if _, err := s.Open(t.Context(), "key", 0); !errors.Is(err, files.ErrUnavailable) {
			t.Errorf("opened: %v", err)
		}
	})
	t.Run("a bucket that is not there", func(t *testing.T) {
		s, err := files.NewS3(strings.Replace(address, "s3://", "s3://no-", 1), keys, clock.System{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Write(t.Context(), "key", strings.NewReader("x")); !errors.Is(err, files.ErrRefused) {
			t.Errorf("written: %v", err)
		}
	})
}

func TestS3Address(t *testing.T) {
	keys := files.S3Keys{ID: "id", Secret: "secret"}
	for _, good := range []string{"s3://bucket", "s3://bucket/", "s3://bucket/a/b?region=eu-central-1", "s3://bucket?endpoint=http://127.0.0.1:9000&region=x"} {
		if _, err := files.NewS3(good, keys, clock.System{}); err != nil {
			t.Errorf("%s: %v", good, err)
		}
		if _, err := files.NewS3(good, files.S3Keys{ID: "id"}, clock.System{}); err == nil {
			t.Errorf("%s was taken without a secret", good)
		}
	}
	for _, bad := range []string{
		"", "bucket", "s3:bucket", "s3:///folder", "https://bucket", "s3://id:secret@bucket", "s3://bucket#x", "s3://bucket?endpoint=example.com",
		"s3://bucket?endpoint=ftp://example.com", "s3://bucket?bucket=x", "s3://bucket?region=a&region=b", "s3://%zz",
	} {
		_, err := files.NewS3(bad, keys, clock.System{})
		if err == nil {
			t.Errorf("%q was taken", bad)
		} else if strings.Contains(err.Error(), "secret@") {
			t.Errorf("%q: the refusal shows the secret: %v", bad, err)
		}
	}
}

// store is an object store that answers as the test says.
func store(t *testing.T, c clock.Clock, answer http.HandlerFunc) *files.S3 {
	t.Helper()
	ts := httptest.NewServer(answer)
	t.Cleanup(ts.Close)
	s, err := files.NewS3("s3://bucket?endpoint="+ts.URL, files.S3Keys{ID: "id", Secret: "secret"}, c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestS3ThatFails(t *testing.T) {
	cases := []struct {
		status                 int
		written, read, deleted error
	}{
		{http.StatusForbidden, files.ErrRefused, files.ErrUnavailable, files.ErrUnavailable},
		{http.StatusNotFound, files.ErrRefused, files.ErrMissing, nil},
		{http.StatusTooManyRequests, files.ErrUnavailable, files.ErrUnavailable, files.ErrUnavailable},
		{http.StatusInternalServerError, files.ErrUnavailable, files.ErrUnavailable, files.ErrUnavailable},
		{http.StatusServiceUnavailable, files.ErrUnavailable, files.ErrUnavailable, files.ErrUnavailable},
	}
	for _, tc := range cases {
		s := store(t, clock.System{}, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.WriteHeader(tc.status)
		})
		if err := s.Write(t.Context(), "key", strings.NewReader("x")); !errors.Is(err, tc.written) {
			t.Errorf("%d: written: %v", tc.status, err)
		}
		if _, err := s.Open(t.Context(), "key", 0); !errors.Is(err, tc.read) {
			t.Errorf("%d: opened: %v", tc.status, err)
		}
		if err := s.Delete(t.Context(), "key"); !errors.Is(err, tc.deleted) {
			t.Errorf("%d: deleted: %v", tc.status, err)
		}
	}
	t.Run("nobody there", func(t *testing.T) {
		gone := httptest.NewServer(nil)
		gone.Close()
		s, err := files.NewS3("s3://bucket?endpoint="+gone.URL, files.S3Keys{ID: "id", Secret: "secret"}, clock.System{})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Write(t.Context(), "key", strings.NewReader("x")); !errors.Is(err, files.ErrUnavailable) {
			t.Errorf("written: %v", err)
		}
	})
	t.Run("what fails once is tried again", func(t *testing.T) {
		var tries int
		var got []byte
		s := store(t, clock.System{}, func(w http.ResponseWriter, r *http.Request) {
			if tries++; tries == 1 {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			got, _ = io.ReadAll(r.Body)
		})
		if err := s.Write(t.Context(), "key", strings.NewReader("content")); err != nil || tries != 2 || string(got) != "content" {
			t.Errorf("%v after %d tries, with %q", err, tries, got)
		}
	})
	t.Run("an object cut off", func(t *testing.T) {
		s := store(t, clock.System{}, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		})
		r, err := s.Open(t.Context(), "key", 0)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if _, err := io.ReadAll(r); !errors.Is(err, files.ErrUnavailable) {
			t.Errorf("read: %v", err)
		}
	})
}

// TestS3ThatHangs: a store that stands still is given up, and only then.
func TestS3ThatHangs(t *testing.T) {
	const patience = 15 * time.Second
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	hang := func(r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	}
	cases := []struct {
		name   string
		answer http.HandlerFunc
		do     func(context.Context, *files.S3) error
	}{
		{"writing", func(_ http.ResponseWriter, r *http.Request) { hang(r) }, func(ctx context.Context, s *files.S3) error {
			return s.Write(ctx, "key", bytes.NewReader(make([]byte, 32<<20))) // more than a connection holds
		}},
		{"opening", func(_ http.ResponseWriter, r *http.Request) { hang(r) }, func(ctx context.Context, s *files.S3) error {
			_, err := s.Open(ctx, "key", 0)
			return err
		}},
		{"deleting", func(_ http.ResponseWriter, r *http.Request) { hang(r) }, func(ctx context.Context, s *files.S3) error {
			return s.Delete(ctx, "key")
		}},
		{"reading", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, "half")
			_ = http.NewResponseController(w).Flush()
			hang(r)
		}, func(ctx context.Context, s *files.S3) error {
			r, err := s.Open(ctx, "key", 0)
			if err != nil {
				return err
			}
			defer r.Close()
			_, err = io.ReadAll(r)
			return err
		}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			manual := clock.NewManual(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
			s := store(t, manual, tc.answer)
			done := make(chan error, 1)
			go func() { done <- tc.do(t.Context(), s) }()
			for {
				if err := manual.BlockUntil(t.Context(), 1); err != nil {
					t.Fatal(err)
				}
				manual.Advance(patience)
				select {
				case err := <-done:
					if !errors.Is(err, files.ErrTimeout) {
						t.Errorf("the error is %v", err)
					}
					return
				case <-waits(t, manual):
				}
			}
		})
	}
	t.Run("the caller goes", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := store(t, clock.System{}, func(_ http.ResponseWriter, r *http.Request) {
			cancel()
			hang(r)
		})
		if _, err := s.Open(ctx, "key", 0); !errors.Is(err, context.Canceled) || errors.Is(err, files.ErrUnavailable) {
			t.Errorf("the error is %v", err)
		}
	})
}

// waits is closed once somebody waits by the clock.
func waits(t *testing.T, c *clock.Manual) <-chan struct{} {
	waiting := make(chan struct{})
	go func() {
		if c.BlockUntil(t.Context(), 1) == nil {
			close(waiting)
		}
	}()
	return waiting
}
