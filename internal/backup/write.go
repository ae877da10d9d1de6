package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"time"

	"octavo/internal/files"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// WriteOptions say what an archive is made of.
type WriteOptions struct {
	// Database is a copy of the database that nobody writes to.
	Database string
	// Storage is where the parts of files are read from. They must not be removed from it
	// meanwhile. Nil leaves them where they are.
	Storage files.Storage
	// Time is when the copy was made.
	Time time.Time
}

// writer writes an archive.
type writer struct {
	WriteOptions
	ctx  context.Context
	tar  *tar.Writer
	last Summary
}

// Write writes an archive. A part that is missing from the storage or damaged there is noted
// as lost; a storage that fails is an error, and what has been written then is no archive.
func Write(ctx context.Context, w io.Writer, o WriteOptions) error {
	a := &writer{WriteOptions: o, ctx: ctx, tar: tar.NewWriter(w), last: Summary{Lost: []string{}}}
	if err := a.database(); err != nil {
		return err
	}
	if a.Storage != nil {
		if err := store.KeptParts(ctx, a.Database, a.part); err != nil {
			return err
		}
	}
	if err := a.note(lastName, a.last); err != nil {
		return err
	}
	return a.tar.Close()
}

func (a *writer) header(name string, size int64) error {
	return a.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: a.Time})
}

func (a *writer) note(name string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	data = append(data, '\n')
	if err := a.header(name, int64(len(data))); err != nil {
		return err
	}
	_, err = a.tar.Write(data)
	return err
}

// database writes the first entry and the database.
func (a *writer) database() error {
	f, err := os.Open(a.Database)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, f)
	if err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	begin := first{Format: archiveFormat, CreatedTime: a.Time.UTC(), Files: a.Storage != nil}
	begin.Database.Bytes, begin.Database.SHA256 = size, hex.EncodeToString(sum.Sum(nil))
	if err := a.note(firstName, begin); err != nil {
		return err
	}
	if err := a.header(databaseName, size); err != nil {
		return err
	}
	_, err = io.Copy(a.tar, f)
	return err
}

// part writes a part of a file.
func (a *writer) part(workspace notion.ID, p store.FilePart) error {
	key := files.Key(workspace, p.ID)
	content, err := a.Storage.Open(a.ctx, key, 0)
	if errors.Is(err, files.ErrMissing) {
		a.last.Lost = append(a.last.Lost, key)
		return nil
	}
	if err != nil {
		return err
	}
	defer content.Close()
	if err := a.header(filesPrefix+key, p.Size); err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(a.tar, io.TeeReader(io.LimitReader(content, p.Size), sum))
	if err != nil {
		return err
	}
	// The size has been promised. What is there instead of the part is of no use.
	if _, err := io.CopyN(a.tar, zeros{}, p.Size-n); err != nil {
		return err
	}
	if n < p.Size || !bytes.Equal(sum.Sum(nil), p.SHA256) {
		a.last.Lost = append(a.last.Lost, key)
	}
	a.last.Parts++
	a.last.Bytes += p.Size
	return nil
}

// zeros are bytes without end.
type zeros struct{}

// Read implements [io.Reader].
func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
