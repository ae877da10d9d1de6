// Package backup puts everything that a server keeps into one archive, and brings it back.
//
// The archive is a tar file that any tool can unpack. In this order it has:
//
//   - octavo-backup.json, which says what it is;
//   - octavo.db, the database as of one moment;
//   - files/KEY for each part of a file that the database keeps, in the order of their keys
//     as the database sorts them, with the bytes that the file storage has under the key;
//   - octavo-backup-end.json, which shows that nothing is cut off and says what was missing.
//
// The checksum of the database is in the first of them, those of the parts are in the
// database.
package backup

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"

	"octavo/internal/store"
)

// The names in an archive.
const (
	firstName    = "octavo-backup.json"
	databaseName = "octavo.db"
	filesPrefix  = "files/"
	lastName     = "octavo-backup-end.json"
)

// archiveFormat is the number of this form of archives.
const archiveFormat = 1

// maxNote is the largest first or last entry that is read, in bytes.
const maxNote = 16 << 20

// first is the entry that an archive begins with.
type first struct {
	Format      int       `json:"octavo_backup"`
	CreatedTime time.Time `json:"created_time"`
	// Database is the size and the checksum of the database.
	Database struct {
		Bytes  int64  `json:"bytes"`
		SHA256 string `json:"sha256"`
	} `json:"database"`
	// Files says whether the parts of files are in the archive.
	Files bool `json:"files"`
}

// Summary is the entry that an archive ends with.
type Summary struct {
	// Parts is how many parts of files are in the archive, and Bytes how large they are
	// together.
	Parts int   `json:"parts"`
	Bytes int64 `json:"bytes"`
	// Lost are the keys of parts that the database keeps and the storage did not have, or
	// not as they were written.
	Lost []string `json:"lost"`
	// WithoutFiles says that the parts were left where they are.
	WithoutFiles bool `json:"-"`
}

// damaged is a [store.ErrNoData] with what is wrong.
func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %w", store.ErrNoData, fmt.Errorf(format, args...))
}

// reader reads an archive entry by entry.
type reader struct {
	tar   *tar.Reader
	first first
}

// newReader reads the beginning of an archive.
func newReader(r io.Reader) (*reader, error) {
	a := &reader{tar: tar.NewReader(r)}
	h, err := a.tar.Next()
	if err != nil || h.Name != firstName {
		return nil, damaged("it is neither an archive nor a database of Octavo")
	}
	if err := a.note(h, &a.first); err != nil {
		return nil, err
	}
	if a.first.Format != archiveFormat {
		return nil, damaged("it is an archive of the format %d, and this binary knows %d", a.first.Format, archiveFormat)
	}
	if h, err = a.next(); err != nil {
		return nil, err
	}
	if h.Name != databaseName || h.Size != a.first.Database.Bytes {
		return nil, damaged("its database is not where it should be")
	}
	return a, nil
}

// next goes to the next entry.
func (a *reader) next() (*tar.Header, error) {
	h, err := a.tar.Next()
	switch {
	case errors.Is(err, io.EOF):
		return nil, damaged("it is cut off")
	case err != nil:
		return nil, damaged("%w", err)
	case h.Typeflag != tar.TypeReg:
		return nil, damaged("%q in it is no file", h.Name)
	}
	return h, nil
}

// note reads an entry that is JSON.
func (a *reader) note(h *tar.Header, v any) error {
	if h.Size > maxNote {
		return damaged("%s in it is too large", h.Name)
	}
	data, err := io.ReadAll(a.tar)
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		return damaged("%s in it: %w", h.Name, err)
	}
	return nil
}

// end reads the last entry, which h is the header of, and looks whether anything follows.
func (a *reader) end(h *tar.Header) (Summary, error) {
	s := Summary{WithoutFiles: !a.first.Files}
	if h.Name != lastName {
		return s, damaged("%q has no place in it", h.Name)
	}
	if err := a.note(h, &s); err != nil {
		return s, err
	}
	if _, err := a.tar.Next(); !errors.Is(err, io.EOF) {
		return s, damaged("it goes on after its end")
	}
	return s, nil
}

// Inspect reads an archive to its end and says what is in it. It looks at the database's
// checksum, but not into the database: what the parts of files must be is not known then.
func Inspect(r io.Reader) (Summary, error) {
	a, err := newReader(r)
	if err != nil {
		return Summary{}, err
	}
	if _, err := io.Copy(io.Discard, a.database()); err != nil {
		return Summary{}, err
	}
	parts, size := 0, int64(0)
	for {
		h, err := a.next()
		if err != nil {
			return Summary{}, err
		}
		if !strings.HasPrefix(h.Name, filesPrefix) {
			s, err := a.end(h)
			if err == nil && (s.Parts != parts || s.Bytes != size) {
				err = damaged("parts of files are missing")
			}
			return s, err
		}
		if _, err := io.Copy(io.Discard, a.tar); err != nil {
			return Summary{}, damaged("%w", err)
		}
		parts, size = parts+1, size+h.Size
	}
}

// database reads the database, which is the entry that the archive stands at.
func (a *reader) database() io.Reader {
	sum, _ := hex.DecodeString(a.first.Database.SHA256)
	return newChecked(a.tar, sum, "its database")
}

// checked reads what must have a checksum, and fails at its end when it has another.
type checked struct {
	r    io.Reader
	hash hash.Hash
	want []byte
	what string
}

func newChecked(r io.Reader, want []byte, what string) *checked {
	return &checked{r, sha256.New(), want, what}
}

// Read implements [io.Reader].
func (c *checked) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	_, _ = c.hash.Write(p[:n]) // a hash takes everything
	switch {
	case errors.Is(err, io.EOF) && string(c.hash.Sum(nil)) != string(c.want):
		return n, damaged("%s is not as it was written", c.what)
	case err != nil && !errors.Is(err, io.EOF):
		return n, damaged("%s: %w", c.what, err)
	}
	return n, err
}
