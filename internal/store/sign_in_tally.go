package store

import "time"

// Tally counts what was tried in a window of time, a row of the directory.
type Tally struct {
	// Hash says what is counted; the caller chooses the function.
	Hash  []byte
	Tried int
	Ends  time.Time
}

func (t *Tally) columns() []any { return []any{&t.Hash, &t.Tried, (*timeColumn)(&t.Ends)} }

// Tally reads what was counted, also when its window has ended, ErrNotFound when nothing was.
func (tx *Tx) Tally(hash []byte) (t Tally, err error) {
	err = tx.one(`SELECT hash, tried, ends_time FROM sign_in_tally WHERE hash = $1`, args(hash), t.columns()...)
	return t, err
}

// AddToTally counts one more and returns what that comes to. Where nothing was counted, or in a
// window that does not end after now and by latest, a window begins that ends at the given time.
// Writers that count the same thing wait for each other, those of other processes too.
func (tx *Tx) AddToTally(hash []byte, ends, latest time.Time) (t Tally, err error) {
	err = tx.one(`INSERT INTO sign_in_tally (hash, tried, ends_time) VALUES ($1, 1, $2)
		ON CONFLICT (hash) DO UPDATE SET
			tried = CASE WHEN sign_in_tally.ends_time > $3 AND sign_in_tally.ends_time <= $4 THEN sign_in_tally.tried + 1 ELSE 1 END,
			ends_time = CASE WHEN sign_in_tally.ends_time > $3 AND sign_in_tally.ends_time <= $4 THEN sign_in_tally.ends_time ELSE excluded.ends_time END
		RETURNING hash, tried, ends_time`,
		args(hash, micros(ends), micros(tx.now), micros(latest)), t.columns()...)
	return t, err
}

// TakeFromTally counts one less. What comes to nothing is forgotten.
func (tx *Tx) TakeFromTally(hash []byte) error {
	if _, err := tx.exec(`DELETE FROM sign_in_tally WHERE hash = $1 AND tried <= 1`, hash); err != nil {
		return err
	}
	_, err := tx.exec(`UPDATE sign_in_tally SET tried = tried - 1 WHERE hash = $1`, hash)
	return err
}

// SetTally writes a tally whatever was counted before.
func (tx *Tx) SetTally(t Tally) error {
	_, err := tx.exec(`INSERT INTO sign_in_tally (hash, tried, ends_time) VALUES ($1, $2, $3)
		ON CONFLICT (hash) DO UPDATE SET tried = excluded.tried, ends_time = excluded.ends_time`, t.Hash, t.Tried, micros(t.Ends))
	return err
}

// ForgetTallies removes the tallies whose windows ended before a time.
func (tx *Tx) ForgetTallies(before time.Time) error {
	_, err := tx.exec(`DELETE FROM sign_in_tally WHERE ends_time <= $1`, micros(before))
	return err
}

// CountTallies counts the tallies whose windows have not ended and end by a time, up to limit of
// them.
func (tx *Tx) CountTallies(by time.Time, limit int) (n int, err error) {
	err = tx.one(`SELECT COUNT(*) FROM (SELECT 1 FROM sign_in_tally WHERE ends_time > $1 AND ends_time <= $2 LIMIT $3) kept`,
		args(micros(tx.now), micros(by), limit), &n)
	return n, err
}
