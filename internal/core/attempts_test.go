package core_test

import (
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"octavo/internal/clock"
	"octavo/internal/core"
	"octavo/internal/store"
	"octavo/internal/store/storetest"
)

// tries is a core whose attempts at passwords are counted.
type tries struct {
	t     *testing.T
	store *store.Store
	core  *core.Core
	clock *clock.Manual
}

func newTries(t *testing.T, opts store.Options) *tries {
	t.Helper()
	c := clock.NewManual(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	opts.Clock = c
	s := storetest.Open(t, opts)
	return &tries{t, s, core.New(s, c, clock.Random{}, core.Options{}), c}
}

// begin fails the test unless an attempt has to wait for so long.
func (k *tries) begin(email, network string, want time.Duration) {
	k.t.Helper()
	if wait, err := k.core.Begin(k.t.Context(), email, network); err != nil || wait != want {
		k.t.Fatalf("%s from %s has to wait %v, %v, want %v", email, network, wait, err, want)
	}
}

func (k *tries) succeed(email, network string) {
	k.t.Helper()
	if err := k.core.Succeed(k.t.Context(), email, network); err != nil {
		k.t.Fatal(err)
	}
}

// kept is how many tallies there are.
func (k *tries) kept() (n int) {
	k.t.Helper()
	err := k.store.ViewDirectory(k.t.Context(), func(tx *store.Tx) (err error) {
		n, err = tx.CountTallies(tx.Now().AddDate(1, 0, 0), 2*core.MaxTallies)
		return err
	})
	if err != nil {
		k.t.Fatal(err)
	}
	return n
}

// TestWhoCanLockSomebodyOut: guesses from many networks stop others from guessing, and not the
// person where they have signed in before; guesses from their own network do for a while.
func TestWhoCanLockSomebodyOut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		k := newTries(t, opts)
		k.begin("ada@example.com", "home", 0)
		k.succeed("Ada@example.com", "home")
		for i := range core.SoleAttempts {
			k.begin("ada@example.com", fmt.Sprint("guesser ", i), 0)
		}
		k.clock.Advance(time.Minute)
		const left = core.AttemptWindow - time.Minute
		k.begin("ada@example.com", "another guesser", left)
		k.begin("ada@example.com", "home", 0)
		k.succeed("ada@example.com", "home")
		// One network cannot try everybody's either, but for who is at home there.
		for i := range core.SoleAttempts - 1 {
			k.begin(fmt.Sprint("guessed ", i), "home", 0)
		}
		k.begin("somebody@example.com", "home", 0)
		k.begin("eve@example.com", "home", core.AttemptWindow)
		for range core.PairAttempts {
			k.begin("ada@example.com", "home", 0)
		}
		k.begin("ada@example.com", "home", core.AttemptWindow)
		k.clock.Advance(core.AttemptWindow)
		k.begin("ada@example.com", "home", 0)
		k.succeed("ada@example.com", "home")
		if n := k.kept(); n != 1 { // the network that is known
			t.Errorf("%d tallies are kept", n)
		}
		k.clock.Advance(core.KnownNetwork)
		k.begin("eve@example.com", "elsewhere", 0)
		k.succeed("eve@example.com", "elsewhere")
		if n := k.kept(); n != 1 {
			t.Errorf("%d tallies are kept, one is of a network that is not known any more", n)
		}
		// A clock that is set back locks nobody out.
		for range core.PairAttempts {
			k.begin("ada@example.com", "office", 0)
		}
		k.clock.Advance(-time.Hour)
		k.begin("ada@example.com", "office", 0)
	})
}

// TestAttemptsOfTwoProcesses: what two servers on one database are asked at once counts together.
func TestAttemptsOfTwoProcesses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		one := newTries(t, opts)
		other := one
		if opts.DatabaseURL != "" {
			other = newTries(t, opts)
		}
		var taken atomic.Int64
		var wg sync.WaitGroup
		for _, k := range []*tries{one, other} {
			for range 2 * core.PairAttempts {
				wg.Go(func() {
					wait, err := k.core.Begin(t.Context(), "ada@example.com", "home")
					if err != nil {
						t.Error(err)
					} else if wait == 0 {
						taken.Add(1)
					}
				})
			}
		}
		wg.Wait()
		if n := taken.Load(); n != core.PairAttempts {
			t.Errorf("%d passwords were looked at, want %d", n, core.PairAttempts)
		}
	})
}

// TestAttemptsAreBounded: a flood of attempts fills no more than so much, and does not stop who
// is at home.
func TestAttemptsAreBounded(t *testing.T) {
	k := newTries(t, store.Options{Memory: true})
	k.begin("ada@example.com", "home", 0)
	k.succeed("ada@example.com", "home")
	err := k.store.UpdateDirectory(t.Context(), func(tx *store.Tx) error {
		for i := range core.MaxTallies {
			hash := binary.BigEndian.AppendUint32(nil, uint32(i))
			if err := tx.SetTally(store.Tally{Hash: hash, Tried: 1, Ends: tx.Now().Add(core.AttemptWindow)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	k.begin("ada@example.com", "elsewhere", core.AttemptWindow)
	if n := k.kept(); n != core.MaxTallies+1 {
		t.Errorf("%d tallies are kept", n)
	}
	k.begin("ada@example.com", "home", 0)
	k.clock.Advance(core.AttemptWindow)
	k.begin("ada@example.com", "elsewhere", 0)
}
