package backup_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"octavo/internal/backup"
	"octavo/internal/clock"
	"octavo/internal/files"
	"octavo/internal/notion"
	"octavo/internal/store"
)

var (
	workspace = notion.ID{1}
	now       = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
)

// contents are the parts of files that the data of a test keeps.
var contents = []string{"first", "second", strings.Repeat("third", 10000), "fourth"}

func partID(i int) notion.ID { return notion.ID{2, 15: byte(i)} }

// data makes the data of a server, with one part being written and one dropped besides the
// contents, and returns a copy of its database and its storage.
func data(t *testing.T) (database string, storage *files.Disk) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	storage = files.NewDisk(t.TempDir())
	err = s.UpdateDirectory(t.Context(), func(tx *store.Tx) error {
		return tx.InsertWorkspace(store.Workspace{ID: workspace, Name: "One", TimeZone: "UTC"})
	})
	if err != nil {
		t.Fatal(err)
	}
	err = s.Update(t.Context(), workspace, func(tx *store.Tx) error {
		for i, content := range append(slices.Clone(contents), "being written", "dropped") {
			sum := sha256.Sum256([]byte(content))
			p := store.FilePart{ID: partID(i), UploadID: notion.ID{3}, Number: int64(i + 1), Size: int64(len(content)), SHA256: sum[:], State: store.PartWriting}
			if err := tx.InsertFilePart(p); err != nil {
				return err
			}
			if content == "being written" {
				continue
			}
			if _, err := tx.KeepFilePart(p); err != nil {
				return err
			}
			if content == "dropped" {
				if err := tx.DropFilePart(p.ID); err != nil {
					return err
				}
			}
			if err := storage.Write(t.Context(), files.Key(workspace, p.ID), strings.NewReader(content)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	database = filepath.Join(t.TempDir(), "copy.db")
	if err := s.Backup(t.Context(), database); err != nil {
		t.Fatal(err)
	}
	return database, storage
}

func archiveOf(t *testing.T, database string, storage files.Storage) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := backup.Write(t.Context(), &b, backup.WriteOptions{Database: database, Storage: storage, Time: now}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// restored restores an archive into a directory.
func restored(t *testing.T, archive []byte, dir string, change func(*backup.RestoreOptions)) (backup.Restored, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "archive.tar")
	if err := os.WriteFile(path, archive, 0o600); err != nil {
		t.Fatal(err)
	}
	o := backup.RestoreOptions{
		File: path, Dir: dir, Storage: files.NewDisk(filepath.Join(dir, "files")), Clock: clock.NewManual(now),
		Entry: store.AuditEntry{ID: notion.ID{9}, Action: "restore", Parameters: []byte(`{}`), Status: 200},
	}
	if change != nil {
		change(&o)
	}
	return backup.Restore(context.Background(), o)
}

// inDir lists the files below a directory, but the lock.
func inDir(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && entry.Name() != "octavo.lock" {
			path, err = filepath.Rel(dir, path)
			found = append(found, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// has fails the test unless exactly the parts with these numbers are in the storage.
func has(t *testing.T, dir string, numbers ...int) {
	t.Helper()
	want := []string{}
	for _, i := range numbers {
		key := files.Key(workspace, partID(i))
		want = append(want, "files/"+key)
		got, err := os.ReadFile(filepath.Join(dir, "files", filepath.FromSlash(key)))
		if err != nil || string(got) != contents[i] {
			t.Errorf("part %d: %d bytes, %v", i, len(got), err)
		}
	}
	got := slices.DeleteFunc(inDir(t, dir), func(path string) bool { return !strings.HasPrefix(path, "files/") })
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("there are %v, want %v", got, want)
	}
}

func TestArchive(t *testing.T) {
	database, storage := data(t)
	archive := archiveOf(t, database, storage)
	s, err := backup.Inspect(bytes.NewReader(archive))
	if err != nil || s.Parts != 4 || s.Bytes != 5+6+50000+6 || len(s.Lost) != 0 || s.WithoutFiles {
		t.Errorf("%+v, %v", s, err)
	}
	dir := filepath.Join(t.TempDir(), "new")
	if _, err := restored(t, archive, dir, func(o *backup.RestoreOptions) { o.Check = true }); err != nil || len(inDir(t, dir)) != 0 {
		t.Errorf("checked: %v, left %v", err, inDir(t, dir))
	}
	r, err := restored(t, archive, dir, nil)
	if err != nil || r.Workspaces != 1 || r.Format != store.Format || r.Parts != 4 {
		t.Errorf("%+v, %v", r, err)
	}
	has(t, dir, 0, 1, 2, 3)
	if _, err := restored(t, archive, dir, nil); !errors.Is(err, store.ErrExists) {
		t.Errorf("restored again: %v", err)
	}

	// What has been put aside needs its files, which stay.
	left := archiveOf(t, database, nil)
	r, err = restored(t, left, dir, func(o *backup.RestoreOptions) { o.Replace = true })
	if err != nil || !r.WithoutFiles || r.Replaced == "" {
		t.Errorf("without files: %+v, %v", r, err)
	}
	has(t, dir, 0, 1, 2, 3)

	// A database alone is what backups were at first.
	alone, err := os.ReadFile(database)
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	if r, err := restored(t, alone, dir, nil); err != nil || !r.WithoutFiles || r.Workspaces != 1 {
		t.Errorf("a database alone: %+v, %v", r, err)
	}
	has(t, dir)
}

// TestLostParts: what the storage does not have, or not as it was, is missing from the backup,
// which says so; the rest is restored.
func TestLostParts(t *testing.T) {
	database, storage := data(t)
	for i, instead := range map[int]string{0: "", 1: "secomd", 2: "short"} {
		key := files.Key(workspace, partID(i))
		if err := storage.Delete(t.Context(), key); err != nil {
			t.Fatal(err)
		}
		if instead == "" {
			continue
		}
		if err := storage.Write(t.Context(), key, strings.NewReader(instead)); err != nil {
			t.Fatal(err)
		}
	}
	archive := archiveOf(t, database, storage)
	if s, err := backup.Inspect(bytes.NewReader(archive)); err != nil || len(s.Lost) != 3 || s.Parts != 3 {
		t.Errorf("%+v, %v", s, err)
	}
	dir := t.TempDir()
	if r, err := restored(t, archive, dir, nil); err != nil || len(r.Lost) != 3 {
		t.Errorf("%+v, %v", r, err)
	}
	has(t, dir, 3)
}

// entry is one file in an archive.
type entry struct {
	name, content string
	kind          byte
}

func unpacked(t *testing.T, archive []byte) []entry {
	t.Helper()
	var list []entry
	for r := tar.NewReader(bytes.NewReader(archive)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, entry{h.Name, string(content), h.Typeflag})
	}
}

func packed(t *testing.T, list []entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range list {
		h := &tar.Header{Typeflag: e.kind, Name: e.name, Size: int64(len(e.content)), Mode: 0o600}
		if e.kind == tar.TypeSymlink {
			h.Size, h.Linkname = 0, e.content
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := io.WriteString(w, e.content); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestDamagedArchives: what is not whole, or not ours, is refused and changes nothing.
func TestDamagedArchives(t *testing.T) {
	database, storage := data(t)
	archive := archiveOf(t, database, storage)
	edited := func(edit func(list []entry) []entry) []byte { return packed(t, edit(unpacked(t, archive))) }
	flipped := func(i int) []byte {
		return edited(func(list []entry) []entry {
			b := []byte(list[i].content)
			b[len(b)/2] ^= 1
			list[i].content = string(b)
			return list
		})
	}
	replaced := func(i int, old, with string) []byte {
		return edited(func(list []entry) []entry {
			list[i].content = strings.Replace(list[i].content, old, with, 1)
			return list
		})
	}
	const firstPart, last = 2, 6
	end := bytes.LastIndex(archive, []byte("octavo-backup-end.json"))
	cases := map[string][]byte{
		"empty":                       nil,
		"text":                        []byte(strings.Repeat("text ", 1000)),
		"another archive":             packed(t, []entry{{"octavo.db", "x", tar.TypeReg}}),
		"an archive of a later form":  replaced(0, `"octavo_backup": 1`, `"octavo_backup": 2`),
		"a beginning that is no JSON": replaced(0, "{", "["),
		"without its last entry":      edited(func(list []entry) []entry { return list[:last] }),
		"cut off before the last":     archive[:end],
		"cut off in a part":           archive[:end-30000],
		"cut off in the database":     archive[:20000],
		"a database that has changed": flipped(1),
		"a part that has changed":     flipped(firstPart),
		"a part that is missing":      edited(func(list []entry) []entry { return slices.Delete(list, firstPart, firstPart+1) }),
		"a part that comes twice":     edited(func(list []entry) []entry { return slices.Insert(list, firstPart, list[firstPart]) }),
		"parts in another order":      edited(func(list []entry) []entry { list[2], list[3] = list[3], list[2]; return list }),
		"a part of another size":      replaced(firstPart, "first", "first!"),
		"a part called lost":          replaced(last, `"lost": []`, `"lost": ["x"]`),
		"something that is not of it": edited(func(list []entry) []entry { return slices.Insert(list, last, entry{"../evil", "x", tar.TypeReg}) }),
		"a link": edited(func(list []entry) []entry {
			return slices.Insert(list, last, entry{"files/a", "/etc", tar.TypeSymlink})
		}),
		"something after its end":       edited(func(list []entry) []entry { return append(list, entry{"files/a", "x", tar.TypeReg}) }),
		"the database of somebody else": edited(func(list []entry) []entry { list[1].content = "none"; return list }),
	}
	for name, damaged := range cases {
		dir := t.TempDir()
		if _, err := restored(t, damaged, dir, nil); !errors.Is(err, store.ErrNoData) {
			t.Errorf("%s: %v", name, err)
		}
		if left := inDir(t, dir); len(left) != 0 {
			t.Errorf("%s: left %v", name, left)
		}
	}
}

var errBroken = errors.New("broken")

// breaking is a storage that fails after some writes, or at reading.
type breaking struct {
	files.Storage
	writes int
	reads  bool
}

// Write implements [files.Storage].
func (b *breaking) Write(ctx context.Context, key string, r io.Reader) error {
	if b.writes--; b.writes < 0 {
		return errBroken
	}
	return b.Storage.Write(ctx, key, r)
}

// Open implements [files.Storage].
func (b *breaking) Open(ctx context.Context, key string, offset int64) (io.ReadCloser, error) {
	if b.reads {
		return nil, errBroken
	}
	return b.Storage.Open(ctx, key, offset)
}

// TestStorageFails: what was there before is there after, and nothing else.
func TestStorageFails(t *testing.T) {
	database, storage := data(t)
	err := backup.Write(t.Context(), io.Discard, backup.WriteOptions{Database: database, Storage: &breaking{storage, 0, true}, Time: now})
	if !errors.Is(err, errBroken) {
		t.Errorf("written: %v", err)
	}
	archive, dir := archiveOf(t, database, storage), t.TempDir()
	disk := files.NewDisk(filepath.Join(dir, "files"))
	if err := disk.Write(t.Context(), files.Key(workspace, partID(1)), strings.NewReader(contents[1])); err != nil {
		t.Fatal(err)
	}
	// The second part is there, and needs no writing; of the three others, two can be written.
	_, err = restored(t, archive, dir, func(o *backup.RestoreOptions) { o.Storage = &breaking{disk, 2, false} })
	if !errors.Is(err, errBroken) {
		t.Errorf("restored: %v", err)
	}
	has(t, dir, 1)
	if left := inDir(t, dir); len(left) != 1 {
		t.Errorf("left %v", left)
	}
	// One that was killed while it wrote a part has left some of it.
	half := filepath.Join(dir, "files", filepath.FromSlash(files.Key(workspace, partID(2)))+".part")
	if err := os.MkdirAll(filepath.Dir(half), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(half, []byte("thi"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := restored(t, archive, dir, func(o *backup.RestoreOptions) { o.Storage = &breaking{disk, 3, false} }); err != nil {
		t.Errorf("restored again: %v", err)
	}
	has(t, dir, 0, 1, 2, 3)
}
