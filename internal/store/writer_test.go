package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"octavo/internal/clock"
	"octavo/internal/notion"
	"octavo/internal/store"
	"octavo/internal/store/storetest"
)

// hold occupies the writer of a workspace until release is called.
func hold(t *testing.T, s *store.Store, ws notion.ID) (release func()) {
	t.Helper()
	holding, let := make(chan struct{}), make(chan struct{})
	done := make(chan error, 1)
	go func() {
		done <- s.Update(t.Context(), ws, func(*store.Tx) error {
			close(holding)
			<-let
			return nil
		})
	}()
	<-holding
	return func() {
		close(let)
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// enqueue calls Update for each function while the writer is held, in order, and returns
// their answers once it is not.
func enqueue(t *testing.T, s *store.Store, ws notion.ID, fns ...func(*store.Tx) error) []error {
	t.Helper()
	release := hold(t, s, ws)
	answers := make([]error, len(fns))
	var wg sync.WaitGroup
	for i, fn := range fns {
		wg.Go(func() { answers[i] = s.Update(t.Context(), ws, fn) })
		if err := s.AwaitQueued(t.Context(), ws, i+1); err != nil {
			t.Fatal(err)
		}
	}
	release()
	wg.Wait()
	return answers
}

func TestOneFailsOthersDoNot(t *testing.T) {
	own := errors.New("the operation's own")
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		var commits []int64
		revisions := map[byte]int64{}
		s.OnCommit(func(_ notion.ID, revision int64) { commits = append(commits, revision) })
		good := func(n byte) func(tx *store.Tx) error {
			return func(tx *store.Tx) error {
				revision, err := tx.Revision()
				revisions[n] = revision
				return errors.Join(err, tx.InsertBlocks([]store.Block{block(n, id(1), "a0")}), tx.AppendEvent(store.Event{Type: "x"}))
			}
		}
		after := func(fn func(tx *store.Tx) error, then func(tx *store.Tx) error) func(tx *store.Tx) error {
			return func(tx *store.Tx) error { return errors.Join(fn(tx), then(tx)) }
		}
		answers := enqueue(t, s, wsA,
			good(10),
			after(insert(block(20, id(1), "a0")), func(*store.Tx) error { return own }),
			good(11),
			after(insert(block(21, id(1), "a0")), func(*store.Tx) error { panic("by the operation") }),
			after(insert(block(22, id(1), "a0")), func(tx *store.Tx) error {
				_ = tx.InsertBlocks([]store.Block{block(10, id(1), "a0")}) // exists, and nobody cares
				return nil
			}),
			after(insert(block(23, id(1), "a0")), func(*store.Tx) error { runtime.Goexit(); return nil }),
		)
		// The last one ends the writer's goroutine: its whole batch is undone, and said so.
		for i, err := range answers {
			if err == nil {
				t.Errorf("operation %d of the broken batch: %v", i, err)
			}
		}
		clear(revisions)
		commits = nil
		answers = enqueue(t, s, wsA,
			good(10),
			after(insert(block(20, id(1), "a0")), func(*store.Tx) error { return own }),
			good(11),
			after(insert(block(21, id(1), "a0")), func(*store.Tx) error { panic("by the operation") }),
			after(insert(block(22, id(1), "a0")), func(tx *store.Tx) error {
				_ = tx.InsertBlocks([]store.Block{block(10, id(1), "a0")})
				return nil
			}),
			good(12),
		)
		for _, i := range []int{0, 2, 5} {
			if answers[i] != nil {
				t.Errorf("good operation %d: %v", i, answers[i])
			}
		}
		if !errors.Is(answers[1], own) {
			t.Errorf("the failed operation: %v", answers[1])
		}
		var panicked *store.PanicError
		if !errors.As(answers[3], &panicked) || panicked.Value != "by the operation" || !strings.Contains(string(panicked.Stack), "writer_test.go") {
			t.Errorf("the operation that panicked: %v", answers[3])
		}
		if !errors.Is(answers[4], store.ErrExists) {
			t.Errorf("the operation that ignored a failed statement: %v", answers[4])
		}
		same(t, map[byte]int64{10: 3, 11: 4, 12: 5}, revisions, nil)
		same(t, []int64{2, 5}, commits, nil)
		view(t, s, wsA, func(tx *store.Tx) error {
			for n := byte(10); n < 24; n++ {
				_, err := tx.Block(id(n))
				if want := n <= 12; (err == nil) != want {
					t.Errorf("block %d: %v", n, err)
				}
			}
			events, err := tx.Events(0, 0, 10)
			if err != nil || len(events) != 3 {
				t.Errorf("%d events, %v", len(events), err)
			}
			return nil
		})
		now, err := s.Revision(t.Context(), wsA)
		same(t, 5, now, err)
	})
}

func TestFailedWriteTakesNoRevision(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		fail := func(*store.Tx) error { return errors.New("no") }
		if err := s.Update(t.Context(), wsA, fail); err == nil {
			t.Error("no error")
		}
		for i, err := range enqueue(t, s, wsA, fail, fail) {
			if err == nil {
				t.Errorf("operation %d: no error", i)
			}
		}
		update(t, s, wsA, func(tx *store.Tx) error {
			revision, err := tx.Revision()
			same(t, 2, revision, err) // the operation that held the writer was the first
			return nil
		})
	})
}

func TestLongQueueIsServedWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		var order []int
		var fns []func(*store.Tx) error
		for i := range store.MaxBatch + 10 {
			fns = append(fns, func(*store.Tx) error { order = append(order, i); return nil })
		}
		for i, err := range enqueue(t, s, wsA, fns...) {
			if err != nil {
				t.Errorf("operation %d: %v", i, err)
			}
		}
		if len(order) != len(fns) || !slices.IsSorted(order) {
			t.Errorf("ran in the order %v", order)
		}
	})
}

func TestQueuedWriteEndsWithItsContext(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		ctx, cancel := context.WithCancel(t.Context())
		release := hold(t, s, wsA)
		answer := make(chan error)
		go func() { answer <- s.Update(ctx, wsA, func(*store.Tx) error { t.Error("it ran"); return nil }) }()
		if err := s.AwaitQueued(t.Context(), wsA, 1); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := <-answer; !errors.Is(err, context.Canceled) {
			t.Errorf("the waiting operation: %v", err)
		}
		release()
		if err := s.Update(ctx, wsA, insert(block(2, id(1), "a0"))); !errors.Is(err, context.Canceled) {
			t.Errorf("an operation begun after the end: %v", err)
		}
		// One that has started finishes, and its caller learns how.
		ctx, cancel = context.WithCancel(t.Context())
		err := s.Update(ctx, wsA, func(tx *store.Tx) error {
			cancel()
			return tx.InsertBlocks([]store.Block{block(3, id(1), "a0")})
		})
		if err != nil {
			t.Errorf("an operation that had started: %v", err)
		}
		view(t, s, wsA, func(tx *store.Tx) error { _, err := tx.Block(id(3)); return err })
	})
}

// TestAnswerComesAfterTheCommit looks at the database from outside, from within the hook
// that runs between the commit and the answers.
func TestAnswerComesAfterTheCommit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		db := outside(t, opts)
		count := func() (n int) {
			if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM block").Scan(&n); err != nil {
				t.Error(err)
			}
			return n
		}
		answered := false
		heard := 0
		s.OnCommit(func(ws notion.ID, revision int64) {
			heard++
			if ws != wsA || revision != 1 || answered || count() != 1 {
				t.Errorf("commit of %v at %d, answered %t, %d rows", ws, revision, answered, count())
			}
			if got, err := s.Revision(t.Context(), wsA); got != 1 || err != nil {
				t.Errorf("revision %d, %v", got, err)
			}
		})
		update(t, s, wsA, func(tx *store.Tx) error {
			err := tx.InsertBlocks([]store.Block{block(2, id(1), "a0")})
			if n := count(); n != 0 {
				t.Errorf("%d rows are to be seen before the commit", n)
			}
			return err
		})
		answered = true
		if heard != 1 {
			t.Errorf("heard of %d commits", heard)
		}
	})
}

// TestConcurrentWriters lets many callers write to two workspaces, on PostgreSQL through
// two stores as two servers would.
func TestConcurrentWriters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		stores := []*store.Store{open(t, opts)}
		if opts.DatabaseURL != "" {
			stores = append(stores, open(t, opts))
		}
		const callers, each = 8, 20
		var mu sync.Mutex
		given := map[notion.ID][]int64{}
		var wg sync.WaitGroup
		for caller := range callers {
			wg.Go(func() {
				s, ws := stores[caller%len(stores)], []notion.ID{wsA, wsB}[caller/2%2]
				for i := range each {
					var revision int64
					err := s.Update(t.Context(), ws, func(tx *store.Tx) (err error) {
						revision, err = tx.Revision()
						b := block(0, id(1), "a0")
						b.ID = notion.ID{0: 1, 13: byte(caller), 14: byte(i)}
						return errors.Join(err, tx.InsertBlocks([]store.Block{b}), tx.AppendEvent(store.Event{Type: "x"}))
					})
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					given[ws] = append(given[ws], revision)
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		for ws, revisions := range maps.All(given) {
			slices.Sort(revisions)
			for i, r := range revisions {
				if r != int64(i+1) {
					t.Fatalf("revisions have a gap or a double at %d: %v", i+1, revisions)
				}
			}
			for _, s := range stores {
				got, err := s.Revision(t.Context(), ws)
				same(t, int64(len(revisions)), got, err)
			}
			view(t, stores[0], ws, func(tx *store.Tx) error {
				events, err := tx.Events(0, 0, callers*each+1)
				if err != nil || len(events) != callers*each/2 {
					t.Errorf("%d events, %v", len(events), err)
				}
				return nil
			})
		}
	})
}

func TestClosedStore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s, err := store.Open(t.Context(), opts)
		if err != nil {
			t.Fatal(err)
		}
		release := hold(t, s, wsA)
		accepted := make(chan error, 1)
		go func() { accepted <- s.Update(t.Context(), wsA, insert(block(2, id(1), "a0"))) }()
		if err := s.AwaitQueued(t.Context(), wsA, 1); err != nil {
			t.Fatal(err)
		}
		closed := make(chan error, 1)
		go func() { closed <- s.Close() }()
		release()
		if err := <-closed; err != nil {
			t.Error(err)
		}
		if err := <-accepted; err != nil {
			t.Errorf("a write accepted before the close: %v", err)
		}
		nothing := func(*store.Tx) error { return nil }
		for name, err := range map[string]error{
			"update":    s.Update(t.Context(), wsA, nothing),
			"view":      s.View(t.Context(), wsA, nothing),
			"directory": s.UpdateDirectory(t.Context(), nothing),
		} {
			if !errors.Is(err, store.ErrConnection) {
				t.Errorf("%s after the close: %v", name, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Errorf("the second close: %v", err)
		}
		s = open(t, opts)
		view(t, s, wsA, func(tx *store.Tx) error { _, err := tx.Block(id(2)); return err })
	})
}

func TestFullDisk(t *testing.T) {
	s := open(t, storetest.SQLite(t))
	update(t, s, wsA, insert(block(2, id(1), "a0")))
	// The limit is the connection's, and one that was full may have been replaced.
	limited := func(pages int, b store.Block) func(*store.Tx) error {
		return func(tx *store.Tx) error {
			return errors.Join(tx.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", pages)), tx.InsertBlocks([]store.Block{b}))
		}
	}
	const few, many = 60, 1_000_000
	large := block(3, id(1), "a1")
	large.Payload = bytes.Repeat([]byte("x"), 1<<20)
	if err := s.Update(t.Context(), wsA, limited(few, large)); !errors.Is(err, store.ErrUnavailable) {
		t.Fatalf("a write that does not fit: %v", err)
	}
	// Among others, only what does not fit fails.
	answers := enqueue(t, s, wsA,
		limited(few, block(4, id(1), "a0")), limited(few, large), limited(few, block(5, id(1), "a0")))
	if answers[0] != nil || !errors.Is(answers[1], store.ErrUnavailable) || answers[2] != nil {
		t.Errorf("answers: %v", answers)
	}
	update(t, s, wsA, limited(many, large))
	view(t, s, wsA, func(tx *store.Tx) error {
		children, err := tx.Children(id(1), store.From{}, 10)
		if err != nil || len(children) != 4 {
			t.Errorf("%d children, %v", len(children), err)
		}
		return nil
	})
	revision, err := s.Revision(t.Context(), wsA)
	same(t, 5, revision, err) // with the operation that held the writer
}

// TestAnotherWriter has another program hold what a write needs.
func TestAnotherWriter(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		opts.LockTimeout = 20 * time.Millisecond
		s := open(t, opts)
		update(t, s, wsA, insert(block(2, id(1), "a0")))
		lock := "BEGIN IMMEDIATE"
		if opts.DatabaseURL != "" {
			lock = "BEGIN; UPDATE workspace_state SET revision = revision"
		}
		other, err := outside(t, opts).Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		for _, text := range strings.Split(lock, ";") {
			if _, err := other.ExecContext(t.Context(), text); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Update(t.Context(), wsA, insert(block(3, id(1), "a1"))); !errors.Is(err, store.ErrConflict) {
			t.Errorf("a write that found the workspace locked: %v", err)
		}
		view(t, s, wsA, func(tx *store.Tx) error { _, err := tx.Block(id(2)); return err })
		if _, err := other.ExecContext(t.Context(), "ROLLBACK"); err != nil {
			t.Fatal(err)
		}
		update(t, s, wsA, insert(block(3, id(1), "a1")))
		revision, err := s.Revision(t.Context(), wsA)
		same(t, 2, revision, err)
	})
}

func TestLostConnection(t *testing.T) {
	opts := storetest.Postgres(t)
	s := open(t, opts)
	db := outside(t, opts)
	terminate := func(tx *store.Tx) {
		// The connection ends itself: the answer to this statement is the end.
		_ = tx.Exec("SELECT pg_terminate_backend(pg_backend_pid())")
	}
	err := s.Update(t.Context(), wsA, func(tx *store.Tx) error {
		if err := tx.InsertBlocks([]store.Block{block(2, id(1), "a0")}); err != nil {
			return err
		}
		terminate(tx)
		return nil
	})
	if !errors.Is(err, store.ErrConnection) {
		t.Errorf("a write whose connection was lost: %v", err)
	}
	err = s.View(t.Context(), wsA, func(tx *store.Tx) error {
		terminate(tx)
		_, err := tx.Block(id(2))
		return err
	})
	if !errors.Is(err, store.ErrConnection) {
		t.Errorf("a read whose connection was lost: %v", err)
	}
	update(t, s, wsA, insert(block(3, id(1), "a0")))
	var n int
	if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM block").Scan(&n); err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestSilentServer(t *testing.T) {
	opts := storetest.Postgres(t)
	c := clock.NewManual(start)
	opts.Clock = c
	s := open(t, opts)
	err := s.Update(t.Context(), wsA, func(tx *store.Tx) error {
		c.Advance(time.Hour)
		return tx.InsertBlocks([]store.Block{block(2, id(1), "a0")})
	})
	if !errors.Is(err, store.ErrConnection) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a write on a server that does not answer: %v", err)
	}
	update(t, s, wsA, insert(block(2, id(1), "a0")))
}

func TestUnreachableServer(t *testing.T) {
	// Port 1 of loopback: nobody listens there.
	_, err := store.Open(t.Context(), store.Options{DatabaseURL: "postgres://nobody@127.0.0.1:1/none?connect_timeout=2"})
	if !errors.Is(err, store.ErrConnection) {
		t.Errorf("opening a database that is not there: %v", err)
	}
}

func TestSerializationFailureIsRetried(t *testing.T) {
	s := open(t, storetest.Postgres(t))
	for _, test := range []struct {
		failures int
		want     error
	}{{2, nil}, {100, store.ErrConflict}} {
		runs := 0
		err := s.Update(t.Context(), wsA, func(tx *store.Tx) error {
			runs++
			if runs <= test.failures {
				return tx.Exec("DO 'BEGIN RAISE EXCEPTION ''again'' USING ERRCODE = ''40001''; END'")
			}
			return nil
		})
		if !errors.Is(err, test.want) || test.want == nil && runs != test.failures+1 {
			t.Errorf("after %d failures and %d runs: %v", test.failures, runs, err)
		}
	}
	revision, err := s.Revision(t.Context(), wsA)
	same(t, 1, revision, err)
}

// TestServerFailures raises SQLSTATEs as the server would and looks at their class.
func TestServerFailures(t *testing.T) {
	s := open(t, storetest.Postgres(t))
	for code, want := range map[string]error{
		"53100": store.ErrUnavailable, // disk_full
		"53300": store.ErrUnavailable, // too_many_connections
		"55P03": store.ErrConflict,    // lock_not_available
		"40P01": store.ErrConflict,    // deadlock_detected
		"57P01": store.ErrConnection,  // admin_shutdown
		"25006": store.ErrConnection,  // read_only_sql_transaction
		"23505": store.ErrExists,      // unique_violation
	} {
		err := s.Update(t.Context(), wsA, func(tx *store.Tx) error {
			return tx.Exec(fmt.Sprintf("DO 'BEGIN RAISE EXCEPTION ''x'' USING ERRCODE = ''%s''; END'", code))
		})
		if !errors.Is(err, want) {
			t.Errorf("%s: %v", code, err)
		}
	}
	update(t, s, wsA, insert(block(2, id(1), "a0")))
}

func TestDamagedFile(t *testing.T) {
	opts := storetest.SQLite(t)
	s, err := store.Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	damage(t, opts)
	if _, err := store.Open(t.Context(), opts); !errors.Is(err, store.ErrConnection) {
		t.Errorf("opening a file that is no database: %v", err)
	}
}

func TestVanishedFile(t *testing.T) {
	opts := storetest.SQLite(t)
	opts.Dir = filepath.Join(opts.Dir, "50% ?#&ü") // nothing in a name may be taken for syntax
	s := open(t, opts)
	update(t, s, wsA, insert(block(2, id(1), "a0")))
	file := filepath.Join(opts.Dir, "octavo.db")
	if err := os.Rename(file, file+".away"); err != nil {
		t.Fatal(err)
	}
	read := func(tx *store.Tx) error { _, err := tx.Block(id(2)); return err }
	if err := s.View(t.Context(), wsA, read); !errors.Is(err, store.ErrConnection) {
		t.Errorf("a connection to a file that is gone: %v", err)
	}
	if err := os.Rename(file+".away", file); err != nil {
		t.Fatal(err)
	}
	view(t, s, wsA, read)
}
