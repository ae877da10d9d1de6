package backup

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"

	"octavo/internal/clock"
	"octavo/internal/files"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// RestoreOptions say how a backup becomes the data of a directory.
type RestoreOptions struct {
	// File is the backup, and Dir the directory, which no server may use.
	File, Dir string
	// Storage is where the parts of files go.
	Storage files.Storage
	// Replace puts a database that is in the directory aside. Without it there must be none.
	Replace bool
	// Check only looks whether the backup can be restored.
	Check bool
	// Entry is what the audit log of the restored data says of it.
	Entry store.AuditEntry
	// Clock is where the time comes from.
	Clock clock.Clock
}

// Restored is what there is to say of a backup that has been restored, or could be.
type Restored struct {
	store.Restored
	Summary
}

// Restore makes a backup the data of a directory: an archive, or a database alone, which is
// what backups were at first. All of it is looked at before anything is changed: an archive
// that is damaged or not one of ours fails with [store.ErrNoData], and otherwise everything is
// as with [store.Restore]. The parts of files are in the storage before the database that
// knows of them is in place, and replace nothing else there.
func Restore(ctx context.Context, o RestoreOptions) (Restored, error) {
	r := &restoring{RestoreOptions: o, ctx: ctx}
	opts := store.RestoreOptions{
		Database: r.bare, Dir: o.Dir, Replace: o.Replace, Check: o.Check, Entry: o.Entry, Clock: o.Clock,
	}
	alone, err := isDatabase(o.File)
	if err != nil {
		return Restored{}, err
	}
	if !alone {
		opts.Database, opts.Verify, opts.Place = r.database, r.verify, r.place
	}
	r.done.WithoutFiles = alone
	r.done.Restored, err = store.Restore(ctx, opts)
	return r.done, err
}

// isDatabase reports whether a file begins as a database does.
func isDatabase(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	head := make([]byte, len(store.DatabaseMagic))
	if _, err := io.ReadFull(f, head); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false, err
	}
	return string(head) == store.DatabaseMagic, nil
}

// restoring is one restore.
type restoring struct {
	RestoreOptions
	ctx  context.Context
	done Restored
}

func (r *restoring) bare() (io.ReadCloser, error) { return os.Open(r.File) }

// opened is an archive in a file.
type opened struct {
	*reader
	io.Closer
}

func (r *restoring) open() (opened, error) {
	f, err := os.Open(r.File)
	if err != nil {
		return opened{}, err
	}
	a, err := newReader(f)
	if err != nil {
		return opened{}, errors.Join(err, f.Close())
	}
	return opened{a, f}, nil
}

// database reads the database out of the archive.
func (r *restoring) database() (io.ReadCloser, error) {
	a, err := r.open()
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{a.reader.database(), a}, nil
}

// verify looks whether the archive has the parts of files that its database keeps, whole, and
// nothing else.
func (r *restoring) verify(database string) error {
	var lost []string
	summary, err := r.each(database, func(key string, p store.FilePart, content io.Reader) error {
		if content != nil {
			_, err := io.Copy(io.Discard, newChecked(content, p.SHA256, key))
			if err == nil {
				return nil
			}
		}
		lost = append(lost, key)
		return nil
	})
	if err != nil {
		return err
	}
	if !slices.Equal(lost, summary.Lost) && !summary.WithoutFiles {
		return damaged("parts of files in it are not as they were written, or missing")
	}
	r.done.Summary = summary
	return nil
}

// place puts the parts of files into the storage. When that fails it takes those away again
// that were not there before.
func (r *restoring) place(database string) error {
	if r.done.WithoutFiles {
		return nil
	}
	var placed []string
	_, err := r.each(database, func(key string, p store.FilePart, content io.Reader) error {
		if _, lost := slices.BinarySearch(r.lost(), key); lost || content == nil {
			return nil
		}
		there, err := r.has(key, p)
		if err != nil || there {
			return err
		}
		// A restore that was killed may have left the beginning of it.
		if err := r.Storage.Delete(r.ctx, key); err != nil {
			return err
		}
		placed = append(placed, key)
		return r.Storage.Write(r.ctx, key, newChecked(content, p.SHA256, key))
	})
	if err == nil {
		return nil
	}
	for _, key := range placed {
		err = errors.Join(err, r.Storage.Delete(context.WithoutCancel(r.ctx), key))
	}
	return err
}

// has reports whether the storage has a part already, as it must be.
func (r *restoring) has(key string, p store.FilePart) (bool, error) {
	content, err := r.Storage.Open(r.ctx, key, 0)
	if errors.Is(err, files.ErrMissing) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer content.Close()
	n, err := io.Copy(io.Discard, newChecked(io.LimitReader(content, p.Size+1), p.SHA256, key))
	if errors.Is(err, store.ErrNoData) {
		return false, nil
	}
	return n == p.Size, err
}

// lost are the keys of the lost parts, sorted.
func (r *restoring) lost() []string {
	if !slices.IsSorted(r.done.Lost) {
		slices.Sort(r.done.Lost)
	}
	return r.done.Lost
}

// each calls visit for every part that the database keeps, with what the archive has of it,
// nil when it has nothing, and returns how the archive ends.
func (r *restoring) each(database string, visit func(key string, p store.FilePart, content io.Reader) error) (Summary, error) {
	a, err := r.open()
	if err != nil {
		return Summary{}, err
	}
	defer a.Close()
	h, err := a.next()
	if err != nil {
		return Summary{}, err
	}
	err = store.KeptParts(r.ctx, database, func(workspace notion.ID, p store.FilePart) error {
		key := files.Key(workspace, p.ID)
		if h.Name != filesPrefix+key || h.Size != p.Size {
			return visit(key, p, nil)
		}
		if err := visit(key, p, a.tar); err != nil {
			return err
		}
		h, err = a.next()
		return err
	})
	if err != nil {
		return Summary{}, err
	}
	return a.end(h)
}
