package core

import (
	"context"
	"errors"
	"strings"
	"time"

	"octavo/internal/store"
)

// How many passwords may be wrong in a window: from one network for one e-mail, and for one
// e-mail or from one network at all. The second bound is higher, so that whoever only knows
// somebody's e-mail has to work to lock them out.
const (
	attemptWindow = 15 * time.Minute
	pairAttempts  = 10
	soleAttempts  = 100
	// knownNetwork is how long a network counts as a person's own from which they have signed
	// in. The second bound does not hold there: others cannot lock the person out for good.
	knownNetwork = 90 * 24 * time.Hour
	// maxTallies bounds what is kept of attempts. While there are so many, nobody signs in from
	// a network that is not their own.
	maxTallies = 20_000
)

// attempt is a password that is being tried: what is counted of it, as hashes, so that what was
// tried is not kept.
type attempt struct{ pair, email, network, known []byte }

func attemptOf(email, network string) attempt {
	email = strings.ToLower(email)
	hash := func(parts ...string) []byte { return hashOf(strings.Join(parts, "\x00")) }
	return attempt{hash("pair", network, email), hash("email", email), hash("network", network), hash("known", network, email)}
}

// bound is how often something may be tried in a window.
type bound struct {
	hash []byte
	most int
}

// begin counts an attempt before its password is looked at, so that many at once count too,
// wherever they come in. When there have been too many it returns how long to wait, and counts
// nothing.
func (c *Core) begin(ctx context.Context, try attempt) (wait time.Duration, err error) {
	// Who is refused anyway does not make the database write.
	err = c.store.ViewDirectory(ctx, func(tx *store.Tx) (err error) {
		_, wait, err = try.bounds(tx)
		return err
	})
	if err != nil || wait > 0 {
		return wait, storeError(err)
	}
	err = c.store.UpdateDirectory(ctx, func(tx *store.Tx) (err error) {
		wait, err = try.count(tx)
		return err
	})
	return wait, storeError(err)
}

// bounds returns what an attempt is held to, and how long to wait when that is reached.
func (try attempt) bounds(tx *store.Tx) ([]bound, time.Duration, error) {
	list := []bound{{try.pair, pairAttempts}}
	known, err := tx.Tally(try.known)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, 0, err
	}
	if !known.Ends.After(tx.Now()) {
		list = append(list, bound{try.email, soleAttempts}, bound{try.network, soleAttempts})
		kept, err := tx.CountTallies(latest(tx), maxTallies)
		if err != nil {
			return nil, 0, err
		}
		if kept >= maxTallies {
			return list, attemptWindow, nil
		}
	}
	var wait time.Duration
	for _, b := range list {
		t, err := tx.Tally(b.hash)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, 0, err
		}
		if t.Tried >= b.most && !t.Ends.After(latest(tx)) {
			wait = max(wait, t.Ends.Sub(tx.Now()))
		}
	}
	return list, wait, nil
}

// latest is when a window can end. One that ends later was left behind by a clock that has been
// set back, and is over; the clocks of processes that share a database may differ by a window.
func latest(tx *store.Tx) time.Time { return tx.Now().Add(2 * attemptWindow) }

// count counts an attempt, unless there have been too many.
func (try attempt) count(tx *store.Tx) (time.Duration, error) {
	if err := tx.ForgetTallies(tx.Now()); err != nil {
		return 0, err
	}
	list, wait, err := try.bounds(tx)
	if err != nil || wait > 0 {
		return wait, err
	}
	for i, b := range list {
		t, err := tx.AddToTally(b.hash, tx.Now().Add(attemptWindow), latest(tx))
		if err != nil {
			return 0, err
		}
		if t.Tried > b.most { // another process was first
			return t.Ends.Sub(tx.Now()), takeBack(tx, list[:i+1])
		}
	}
	return 0, nil
}

func takeBack(tx *store.Tx, list []bound) error {
	for _, b := range list {
		if err := tx.TakeFromTally(b.hash); err != nil {
			return err
		}
	}
	return nil
}

// forgive takes an attempt back whose password was not wrong. When it was right, the network is
// the person's own from now on.
func (c *Core) forgive(ctx context.Context, try attempt, right bool) error {
	return storeError(c.store.UpdateDirectory(ctx, func(tx *store.Tx) error {
		list, _, err := try.bounds(tx)
		if err != nil {
			return err
		}
		if err := takeBack(tx, list); err != nil || !right {
			return err
		}
		return tx.SetTally(store.Tally{Hash: try.known, Ends: tx.Now().Add(knownNetwork)})
	}))
}
