// Package files keeps the bytes of uploaded files, knows which kinds of files may be
// uploaded, and fetches files that are imported from elsewhere. It knows nothing of
// rows: which file a key belongs to, and which keys are of no more use, is for the
// caller to remember (services.md §3).
package files

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"octavo/internal/clock"
	"octavo/internal/notion"
)

// Storage keeps the bytes of files under keys, which are paths of letters, digits, - and
// /. Implementations are safe for concurrent use.
type Storage interface {
	// Write stores everything that r gives under a key that holds nothing, and returns
	// once it would survive a crash. When it fails nothing can be read under the key; an
	// error of r is returned as it is.
	Write(ctx context.Context, key string, r io.Reader) error
	// Open reads what is stored under a key from an offset on, [ErrMissing] when nothing
	// is.
	Open(ctx context.Context, key string, offset int64) (io.ReadCloser, error)
	// Delete removes what is stored under a key and what an interrupted Write has left
	// there. Where nothing is, nothing happens.
	Delete(ctx context.Context, key string) error
}

// Key is the key of a part of a file in a workspace. The last digits of an id are random, so
// that no directory gets too full.
func Key(workspace, part notion.ID) string {
	id := part.Compact()
	return workspace.Compact() + "/" + id[len(id)-2:] + "/" + id
}

// NewStorage returns the storage at an address: a bucket, as [NewS3] has it, or a directory.
func NewStorage(address string, keys S3Keys, c clock.Clock) (Storage, error) {
	if strings.HasPrefix(address, S3Scheme) {
		return NewS3(address, keys, c)
	}
	return NewDisk(address), nil
}

// The ways in which a storage fails. Every error of a [Storage] that is neither the
// reader's own nor the end of the caller's context wraps one of them.
var (
	// ErrMissing means that nothing is stored under the key.
	ErrMissing = errors.New("file is not in the storage")
	// ErrRefused means that the storage is there and does not take the file: it is full,
	// or not ours to write to.
	ErrRefused = errors.New("file storage refuses to save")
	// ErrUnavailable means that the storage cannot be reached or is broken.
	ErrUnavailable = errors.New("file storage is unavailable")
	// ErrTimeout means that the storage has not answered in time.
	ErrTimeout = errors.New("file storage does not answer")
)

func refused(err error) error     { return fmt.Errorf("%w: %w", ErrRefused, err) }
func unavailable(err error) error { return fmt.Errorf("%w: %w", ErrUnavailable, err) }

// source notes the error of a reader, so that it can be told from the writer's.
type source struct {
	io.Reader
	err error
}

// Read implements [io.Reader].
func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}
