package store

import "errors"

// Meta reads a fact about the data, "" when it is not known. The transaction is a
// directory's.
func (tx *Tx) Meta(name string) (value string, err error) {
	err = tx.one(`SELECT value FROM meta WHERE name = $1`, args(name), &value)
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return value, err
}

// InitMeta notes a fact about the data unless it is known already, by another process
// perhaps. The transaction is a directory's.
func (tx *Tx) InitMeta(name, value string) error {
	_, err := tx.exec(`INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, name, value)
	return err
}
