package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"octavo/internal/notion"
)

// Tx is a transaction on one workspace, or on the directory. Its methods see and change
// only rows of that workspace. It belongs to the function it was passed to and is not
// safe for concurrent use.
type Tx struct {
	ctx         context.Context
	session     *session
	dialect     dialect
	workspace   notion.ID
	now         time.Time
	write       bool
	revision    int64
	hasRevision bool
	events      int64     // written so far
	wrote       bool      // a statement may have changed something
	failed      error     // the first statement that failed
	target      notion.ID // what it made, for the audit log
}

// Workspace returns the workspace the transaction is on, zero for the directory.
func (tx *Tx) Workspace() notion.ID { return tx.workspace }

// Now returns the time of the transaction: read once, UTC, in whole microseconds.
func (tx *Tx) Now() time.Time { return tx.now }

// Expired returns why a transaction should come to an end by itself, nil as long as its
// caller waits for it. It is for work that takes long between two statements.
func (tx *Tx) Expired() error {
	if tx.ctx.Err() == nil {
		return nil
	}
	return wrap(tx.ctx, tx.dialect, tx.ctx.Err(), tx.write)
}

// Writes reports whether the transaction may write, so that what it reads may yet be undone.
func (tx *Tx) Writes() bool { return tx.write }

// Revision returns, in Update, the revision this write will be if it succeeds; in View,
// the revision of the snapshot.
func (tx *Tx) Revision() (int64, error) {
	if tx.hasRevision {
		return tx.revision, nil
	}
	err := tx.one(`SELECT revision FROM workspace_state WHERE workspace_id = $1`, args(tx.workspace[:]), &tx.revision)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return 0, err
	}
	tx.hasRevision = true
	return tx.revision, nil
}

// args makes the list of arguments of a statement readable at the call.
func args(list ...any) []any { return list }

// fail notes a statement's error: the database may have undone more than the statement,
// so the operation cannot go on as if nothing had happened.
func (tx *Tx) fail(err error) error {
	err = wrap(tx.ctx, tx.dialect, err, tx.write)
	if tx.failed == nil {
		tx.failed = err
	}
	return err
}

// each calls row for every row of a query.
func (tx *Tx) each(text string, args []any, row func(*sql.Rows) error) (err error) {
	tx.wrote = tx.wrote || !strings.HasPrefix(text, "SELECT") && !strings.HasPrefix(text, "WITH")
	rows, err := tx.session.query(tx.ctx, text, args...)
	if err != nil {
		return tx.fail(err)
	}
	defer func() {
		if closeErr := rows.Close(); err == nil && closeErr != nil {
			err = tx.fail(closeErr)
		}
	}()
	for rows.Next() {
		if err := row(rows); err != nil {
			return tx.fail(err)
		}
	}
	if err := rows.Err(); err != nil {
		return tx.fail(err)
	}
	return nil
}

// one reads a single row, ErrNotFound when there is none.
func (tx *Tx) one(text string, args []any, dest ...any) error {
	found := false
	err := tx.each(text, args, func(rows *sql.Rows) error {
		found = true
		return rows.Scan(dest...)
	})
	if err == nil && !found {
		return ErrNotFound
	}
	return err
}

// row is a pointer to a struct that knows where its columns go.
type row[T any] interface {
	*T
	columns() []any
}

// collect reads all rows of a query.
func collect[T any, P row[T]](tx *Tx, text string, args []any) ([]T, error) {
	var list []T
	err := tx.each(text, args, func(rows *sql.Rows) error {
		var item T
		if err := rows.Scan(P(&item).columns()...); err != nil {
			return err
		}
		list = append(list, item)
		return nil
	})
	return list, err
}

// collectByIDs reads the rows whose ids are in the list that text ends before; $1 is the
// workspace.
func collectByIDs[T any, P row[T]](tx *Tx, text string, ids []notion.ID) ([]T, error) {
	var all []T
	err := inLists(ids, 2, func(list string, ids []any) error {
		some, err := collect[T, P](tx, text+list, append(args(tx.workspace[:]), ids...))
		all = append(all, some...)
		return err
	})
	return all, err
}

// beyond is the comparison a listing begins with.
func beyond(inclusive bool) string {
	if inclusive {
		return ">="
	}
	return ">"
}

// exec runs a statement and returns the number of rows it changed.
func (tx *Tx) exec(text string, args ...any) (int64, error) {
	n, err := tx.session.exec(tx.ctx, text, args...)
	if err != nil {
		return 0, tx.fail(err)
	}
	tx.wrote = tx.wrote || n > 0
	return n, nil
}

// change runs a statement that must change one row, ErrNotFound when it changes none.
func (tx *Tx) change(text string, args ...any) error {
	n, err := tx.exec(text, args...)
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}

// maxList bounds the values of one list and the rows of one insert, below the parameter
// limits of both databases.
const maxList = 128

// inLists calls use for pieces of ids with the text of the list, whose placeholders begin
// at $first. The last piece is filled up to a power of two by repeating an id, so that few
// different texts have to be prepared.
func inLists(ids []notion.ID, first int, use func(list string, args []any) error) error {
	return inPieces(len(ids), func(i int) any { return ids[i][:] }, first, use)
}

// inPieces is [inLists] for n values of any type.
func inPieces(n int, value func(int) any, first int, use func(list string, args []any) error) error {
	for from := 0; from < n; from += maxList {
		last := min(from+maxList, n) - 1
		size := 1
		for size <= last-from {
			size *= 2
		}
		list := make([]any, size)
		for i := range list {
			list[i] = value(min(from+i, last))
		}
		if err := use(placeholders(first, size), list); err != nil {
			return err
		}
	}
	return nil
}

// placeholders returns ($first,…) with n of them.
func placeholders(first, n int) string {
	var text strings.Builder
	text.WriteByte('(')
	for i := range n {
		if i > 0 {
			text.WriteByte(',')
		}
		text.WriteByte('$')
		text.WriteString(strconv.Itoa(first + i))
	}
	text.WriteByte(')')
	return text.String()
}

// insertAll inserts many rows, in pieces whose sizes are powers of two so that few
// different texts have to be prepared.
func insertAll[T any](tx *Tx, into string, columns int, items []T, values func(*T) []any) error {
	for len(items) > 0 {
		size := maxList
		for size > len(items) {
			size /= 2
		}
		list := make([]any, 0, size*columns)
		for i := range size {
			list = append(list, values(&items[i])...)
		}
		if _, err := tx.exec(insertText(into, columns, size), list...); err != nil {
			return err
		}
		items = items[size:]
	}
	return nil
}

func insertText(into string, columns, rows int) string {
	var text strings.Builder
	text.WriteString(into)
	text.WriteString(" VALUES ")
	for i := range rows {
		if i > 0 {
			text.WriteByte(',')
		}
		for j := range columns {
			text.WriteByte("(,"[min(j, 1)])
			text.WriteByte('$')
			text.WriteString(strconv.Itoa(i*columns + j + 1))
		}
		text.WriteByte(')')
	}
	return text.String()
}

// The types below scan a column into a Go value that database/sql cannot scan into.

type idColumn notion.ID

func (c *idColumn) Scan(value any) error {
	b, ok := value.([]byte)
	if !ok || len(b) != len(c) {
		return fmt.Errorf("id column holds %T of %d bytes", value, len(b))
	}
	copy(c[:], b)
	return nil
}

// optionalID is an id; NULL is the zero id.
type optionalID notion.ID

func (c *optionalID) Scan(value any) error {
	if value == nil {
		*c = optionalID{}
		return nil
	}
	return (*idColumn)(c).Scan(value)
}

// timeColumn is microseconds since 1970; NULL is the zero time.
type timeColumn time.Time

func (c *timeColumn) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*c = timeColumn{}
	case int64:
		*c = timeColumn(time.UnixMicro(v).UTC())
	default:
		return fmt.Errorf("time column holds %T", value)
	}
	return nil
}

// textColumn is text; NULL is "".
type textColumn string

func (c *textColumn) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*c = ""
	case string:
		*c = textColumn(v)
	default:
		return fmt.Errorf("text column holds %T", value)
	}
	return nil
}

// rawColumn is text read as bytes; NULL is nil.
type rawColumn []byte

func (c *rawColumn) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*c = nil
	case string:
		*c = rawColumn(v)
	default:
		return fmt.Errorf("text column holds %T", value)
	}
	return nil
}

func micros(t time.Time) int64 { return t.UnixMicro() }

func microsOrNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

func textOrNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func rawOrNull(b []byte) any {
	if b == nil {
		return nil
	}
	return string(b)
}

func idOrNull(id notion.ID) any {
	if id.IsZero() {
		return nil
	}
	return id[:]
}

func intOrNull(n *int64) any {
	if n == nil {
		return nil
	}
	return *n
}
