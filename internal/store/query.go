package store

import (
	"cmp"
	"database/sql"

	"octavo/internal/query"
)

// Find implements [query.Database].
func (tx *Tx) Find(text string, args []any, values int) ([]query.Found, error) {
	var found []query.Found
	err := tx.each(text, args, func(rows *sql.Rows) error {
		f := query.Found{Values: make([]any, values)}
		dest := append(make([]any, 0, values+1), (*idColumn)(&f.Page))
		for i := range f.Values {
			dest = append(dest, &f.Values[i])
		}
		err := rows.Scan(dest...)
		found = append(found, f)
		return err
	})
	return found, err
}

// Items implements [query.Database].
func (tx *Tx) Items(text string, args []any, integers bool, row func(*query.Item) error) error {
	var it query.Item
	var raw sql.RawBytes
	var number sql.NullInt64
	dest := []any{(*idColumn)(&it.Page), &it.Seq, &raw}
	if integers {
		dest[2] = &number
	}
	var failed error
	err := tx.each(text, args, func(rows *sql.Rows) error {
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		it.Bytes, it.Number = raw, number.Int64
		it.Absent = !number.Valid && raw == nil
		failed = row(&it)
		return failed
	})
	return cmp.Or(failed, err)
}

// Count implements [query.Database].
func (tx *Tx) Count(text string, args []any) (n int, err error) {
	err = tx.one(text, args, &n)
	return n, err
}
