package files

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Disk is a [Storage] in a directory. The directory is made when the first file is
// written.
type Disk struct{ dir string }

// NewDisk returns the storage in a directory.
func NewDisk(dir string) *Disk { return &Disk{dir} }

// unfinished is what the name of a file ends with while it is being written.
const unfinished = ".part"

func (d *Disk) path(key string) string { return filepath.Join(d.dir, filepath.FromSlash(key)) }

// Write implements [Storage]. The file appears under its name only when all of it is on
// the disk.
func (d *Disk) Write(ctx context.Context, key string, r io.Reader) error {
	path := d.path(key)
	if err := makeDir(filepath.Dir(path)); err != nil {
		return refused(err)
	}
	from := &source{Reader: r}
	err := writeFile(path+unfinished, from)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = os.Rename(path+unfinished, path)
	}
	if err != nil {
		_ = os.Remove(path + unfinished) // or Delete does
		switch {
		case from.err != nil:
			return from.err
		case ctx.Err() != nil:
			return ctx.Err()
		}
		return refused(err)
	}
	if err := syncDir(filepath.Dir(path)); err != nil {
		return refused(err)
	}
	return nil
}

// writeFile writes a new file and waits for the disk.
func writeFile(path string, r io.Reader) (err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	// What arrives comes in pieces far smaller than a disk likes.
	w := bufio.NewWriterSize(file, 256<<10)
	if _, err := w.ReadFrom(r); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return file.Sync()
}

// makeDir makes a directory and those above it, each of them on the disk.
func makeDir(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := makeDir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(parent)
}

// Open implements [Storage].
func (d *Disk) Open(_ context.Context, key string, offset int64) (io.ReadCloser, error) {
	file, err := os.Open(d.path(key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrMissing
	}
	if err != nil {
		return nil, unavailable(err)
	}
	if _, err := file.Seek(offset, io.SeekStart); err != nil {
		return nil, errors.Join(unavailable(err), file.Close())
	}
	return file, nil
}

// Delete implements [Storage].
func (d *Disk) Delete(_ context.Context, key string) error {
	for _, path := range []string{d.path(key), d.path(key) + unfinished} {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return unavailable(err)
		}
	}
	return nil
}
