package core_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"octavo/internal/apierr"
	"octavo/internal/core"
	"octavo/internal/files"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/store"
	"octavo/internal/store/storetest"
)

// counting is a storage that keeps nothing but counts.
type counting struct {
	written int64 // bytes
	deleted int   // keys
}

// Write implements files.Storage.
func (s *counting) Write(_ context.Context, _ string, r io.Reader) error {
	n, err := io.Copy(io.Discard, r)
	s.written += n
	return err
}

// Open implements files.Storage.
func (*counting) Open(context.Context, string, int64) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader("")), nil
}

// Delete implements files.Storage.
func (s *counting) Delete(context.Context, string) error {
	s.deleted++
	return nil
}

// endless gives bytes for as long as it is read. What is in them does not matter.
type endless struct{}

// Read implements [io.Reader].
func (endless) Read(p []byte) (int, error) { return len(p), nil }

// form is a form with a file and, unless it is "", the number of a part.
func form(number string, content io.Reader) func() (*core.FormField, error) {
	fields := []*core.FormField{{Name: "file", Filename: "a.txt", Content: content}}
	if number != "" {
		fields = append(fields, &core.FormField{Name: "part_number", Content: strings.NewReader(number)})
	}
	return func() (*core.FormField, error) {
		if len(fields) == 0 {
			return nil, io.EOF
		}
		next := fields[0]
		fields = fields[1:]
		return next, nil
	}
}

// largestFile is the largest file that the hosted API takes, in bytes.
const largestFile = 5 << 30

// TestTheLargestFile holds uploads to the limit to the byte, all parts of a file together.
func TestTheLargestFile(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		storage := &counting{}
		b.keepFilesIn(storage)
		parts := b.createUpload(`{"mode":"multi_part","filename":"a.txt","number_of_parts":2}`)
		p := b.principal()
		err := b.store.Update(b.ctx, p.Workspace, func(tx *store.Tx) error {
			u, err := tx.FileUpload(parts)
			if err != nil {
				return err
			}
			u.ContentLength, u.PartsSent = largestFile-5, 1 // as if the first part were that large
			return tx.UpdateFileUpload(u)
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.SendFile(b.ctx, p, parts, form("2", strings.NewReader("hello!"))); codeOf(err) != apierr.ValidationError {
			t.Errorf("a byte too many: %v", err)
		}
		if storage.deleted != 1 {
			t.Errorf("%d parts were removed", storage.deleted)
		}
		o, err := b.SendFile(b.ctx, p, parts, form("2", strings.NewReader("hello")))
		if err != nil || o.(*notion.FileUpload).ContentLength != largestFile {
			t.Errorf("%+v, %v", o, err)
		}
	})
}

// TestAnEndlessFile: of a file that does not end no more is taken than the largest has.
func TestAnEndlessFile(t *testing.T) {
	b := newBench(t, storetest.SQLite(t))
	storage := &counting{}
	b.keepFilesIn(storage)
	file := b.createUpload(`{}`)
	_, err := b.SendFile(b.ctx, b.principal(), file, form("", endless{}))
	if codeOf(err) != apierr.ValidationError || !strings.Contains(err.Error(), "exceeds the limit of 5368709120 bytes") {
		t.Errorf("%v", err)
	}
	if storage.written > largestFile || storage.written < largestFile-1<<20 || storage.deleted != 1 {
		t.Errorf("%d bytes were written, %d parts removed", storage.written, storage.deleted)
	}
}

// keepFilesIn starts the core anew with a storage and the limits of a file that may be sent whole.
func (b *bench) keepFilesIn(s files.Storage) {
	b.Core = core.New(b.store, b.clock, b.ids, core.Options{
		PublicURL: "http://octavo.test", MaxUpload: largestFile, Files: core.FileOptions{Storage: s, MinPart: 5 << 20, MaxPart: largestFile},
	})
}

// createUpload begins an upload as a body says and returns its id.
func (b *bench) createUpload(body string) notion.ID {
	b.t.Helper()
	v, err := jsonx.Parse([]byte(body))
	if err != nil {
		b.t.Fatal(err)
	}
	o, err := b.CreateFileUpload(b.ctx, b.principal(), v)
	if err != nil {
		b.t.Fatal(err)
	}
	return o.(*notion.FileUpload).ID
}
