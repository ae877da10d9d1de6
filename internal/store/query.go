package store

import (
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

// Count implements [query.Database].
func (tx *Tx) Count(text string, args []any) (n int, err error) {
	err = tx.one(text, args, &n)
	return n, err
}
