package main

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "github.com/ncruces/go-sqlite3/driver" // the driver of the server
)

// rawDatabase is a table like the server's, written to by nobody else: what a durable
// write costs without a server around it.
type rawDatabase struct {
	db     *sql.DB
	conn   *sql.Conn
	nextID uint64
	insert map[int]*sql.Stmt // by the number of rows
}

const rawColumns = 13

func openRaw(dir string) (*rawDatabase, error) {
	db, err := sql.Open("sqlite3", "file:"+filepath.ToSlash(filepath.Join(dir, "raw.db")))
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	r := &rawDatabase{db: db, conn: conn, insert: map[int]*sql.Stmt{}}
	for _, text := range []string{
		"PRAGMA journal_mode = WAL",
		"PRAGMA synchronous = FULL",
		`CREATE TABLE block (workspace_id BLOB NOT NULL, id BLOB NOT NULL, type TEXT NOT NULL, parent_id BLOB NOT NULL,
			page_id BLOB NOT NULL, ord TEXT NOT NULL, created_time INTEGER NOT NULL, created_by BLOB NOT NULL,
			last_edited_time INTEGER NOT NULL, last_edited_by BLOB NOT NULL, in_trash INTEGER NOT NULL,
			dynamic INTEGER NOT NULL, payload TEXT NOT NULL, PRIMARY KEY (workspace_id, id)) STRICT`,
		"CREATE INDEX block_children ON block (workspace_id, parent_id, in_trash, ord, id)",
	} {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return nil, err
		}
	}
	for _, rows := range []int{1, 100} {
		values := "(" + strings.TrimSuffix(strings.Repeat("?,", rawColumns), ",") + "),"
		text := "INSERT INTO block VALUES " + strings.TrimSuffix(strings.Repeat(values, rows), ",")
		if r.insert[rows], err = conn.PrepareContext(ctx, text); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *rawDatabase) close() error {
	for _, stmt := range r.insert {
		_ = stmt.Close()
	}
	_ = r.conn.Close()
	return r.db.Close()
}

// commits writes transactions of so many rows, one after the other.
func (r *rawDatabase) commits(rows int, duration time.Duration) (sample, error) {
	insert, ok := r.insert[rows]
	if !ok {
		return sample{}, fmt.Errorf("no statement for %d rows", rows)
	}
	ctx := context.Background()
	return repeat(duration, func() error {
		if _, err := r.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
			return err
		}
		if _, err := insert.ExecContext(ctx, r.values(rows)...); err != nil {
			return err
		}
		_, err := r.conn.ExecContext(ctx, "COMMIT")
		return err
	})
}

// values makes up rows as long as those of a short paragraph.
func (r *rawDatabase) values(rows int) []any {
	var author, parent [16]byte
	list := make([]any, 0, rows*rawColumns)
	for range rows {
		r.nextID++
		id := make([]byte, 16)
		binary.BigEndian.PutUint64(id, r.nextID)
		list = append(list, author[:], id, "paragraph", parent[:], parent[:], fmt.Sprintf("d%08d", r.nextID),
			r.nextID, author[:], r.nextID, author[:], false, false, rawPayload)
	}
	return list
}

const rawPayload = `{"rich_text":[{"type":"text","text":{"content":"The quick brown fox jumps over the lazy dog.","link":null},` +
	`"annotations":{"bold":false,"italic":false,"strikethrough":false,"underline":false,"code":false,"color":"default"},` +
	`"plain_text":"The quick brown fox jumps over the lazy dog.","href":null}],"color":"default"}`

// syncs writes a page to a file and waits for the disk, again and again: the most that a
// log which is on disk before it answers can do, one commit at a time. Like SQLite's log the
// file is written over from its beginning when it has grown to a size, which is cheaper for
// the file system than to make it longer.
func syncs(dir string, duration time.Duration) (_ sample, err error) {
	const page, pages = 4096, 1000
	file, err := os.OpenFile(filepath.Join(dir, "sync"), os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return sample{}, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.Write(make([]byte, page*pages)); err != nil {
		return sample{}, err
	}
	if err := file.Sync(); err != nil {
		return sample{}, err
	}
	data := make([]byte, page)
	n := int64(0)
	return repeat(duration, func() error {
		n++
		if _, err := file.WriteAt(data, n%pages*page); err != nil {
			return err
		}
		return file.Sync()
	})
}

// repeat measures something that is done one time after the other.
func repeat(duration time.Duration, f func() error) (sample, error) {
	var took []time.Duration
	begin := time.Now()
	from, until := begin.Add(time.Duration(warmUp*float64(duration))), begin.Add(duration)
	for start := begin; start.Before(until); {
		if err := f(); err != nil {
			return sample{}, err
		}
		end := time.Now()
		if start.After(from) {
			took = append(took, end.Sub(start))
		}
		start = end
	}
	return sampled(took, time.Since(from))
}
