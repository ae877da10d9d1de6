// Package store keeps Octavo's rows: workspaces, users, integrations, tokens, shares,
// blocks, pages and the log of changes, in SQLite or PostgreSQL. It knows transactions,
// durability and the order of siblings; it knows neither JSON nor the rules of the API.
// DESIGN.md in this folder says why it is as it is.
package store

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"octavo/internal/clock"
	"octavo/internal/notion"
)

// Options say where the data is. Exactly one of Dir, Memory and DatabaseURL is set.
type Options struct {
	// Dir is the directory of a SQLite database. It is made when it does not exist, and
	// locked against other servers while the store is open.
	Dir string
	// Memory keeps the data in a directory of its own that is removed by Close. It
	// behaves as Dir in everything but durability.
	Memory bool
	// DatabaseURL is a postgres:// URL. Its parameter search_path selects the schema.
	DatabaseURL string

	// Clock is where transactions take their time from. Nil is the machine's.
	Clock clock.Clock
	// Logger receives what no caller can be told. Nil discards.
	Logger *slog.Logger
	// Readers is the number of connections for reading. Zero is 4 for SQLite and 8 for
	// PostgreSQL.
	Readers int
	// LockTimeout is how long a write waits for another process. Zero is five seconds.
	LockTimeout time.Duration
}

// Store is an open database. It is safe for concurrent use.
type Store struct {
	backend
	clock       clock.Clock
	log         *slog.Logger
	hooks       []func(notion.ID, int64)
	revisionsMu sync.Mutex
	revisions   map[notion.ID]int64 // only when this process is the only writer

	lanesMu sync.Mutex
	lanes   map[notion.ID]*lane
	closed  bool
	running sync.WaitGroup
}

// Open opens the database, creates or migrates its tables, and checks that this binary
// knows its state format (ErrFormat). It fails with ErrLocked when another server uses
// the directory.
func Open(ctx context.Context, opts Options) (*Store, error) {
	if opts.Clock == nil {
		opts.Clock = clock.System{}
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.LockTimeout == 0 {
		opts.LockTimeout = 5 * time.Second
	}
	b, err := openBackend(opts)
	if err != nil {
		return nil, err
	}
	s := &Store{
		backend:   b,
		clock:     opts.Clock,
		log:       opts.Logger,
		revisions: make(map[notion.ID]int64),
		lanes:     make(map[notion.ID]*lane),
	}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(wrap(ctx, s.dialect, err, false), s.Close())
	}
	return s, nil
}

func openBackend(opts Options) (backend, error) {
	chosen := 0
	for _, set := range []bool{opts.Dir != "", opts.Memory, opts.DatabaseURL != ""} {
		if set {
			chosen++
		}
	}
	if chosen != 1 {
		return backend{}, errors.New("store: set exactly one of Dir, Memory and DatabaseURL")
	}
	if opts.DatabaseURL != "" {
		return openPostgres(opts)
	}
	return openSQLite(opts)
}

// Close refuses new work, finishes the writes that were accepted and the reads that
// run, and closes the database. Later calls of any method return ErrConnection.
func (s *Store) Close() error {
	s.lanesMu.Lock()
	if s.closed {
		s.lanesMu.Unlock()
		return nil
	}
	s.closed = true
	s.lanesMu.Unlock()
	s.running.Wait()
	return errors.Join(s.reads.close(), s.writes.close(), s.release())
}

// Exclusive reports whether this process is the only one that writes, so that what it
// has read stays true until it writes itself.
func (s *Store) Exclusive() bool { return s.dialect.exclusive() }

// OnCommit registers a function that hears of each commit of this process: the workspace
// and its newest revision. It runs after the commit is on disk and before the callers of
// Update return; it must be quick and must not write. Call OnCommit before the first
// Update.
func (s *Store) OnCommit(hook func(workspace notion.ID, revision int64)) {
	s.hooks = append(s.hooks, hook)
}

// View runs fn on one consistent snapshot of a workspace. Each call of fn's Tx sees the
// same state, whatever is committed meanwhile. The Tx must not be used after fn returns.
func (s *Store) View(ctx context.Context, workspace notion.ID, fn func(*Tx) error) error {
	return s.view(ctx, workspace, s.dialect.beginRead(), fn)
}

// ViewDirectory runs fn on the directory: the workspaces and tokens of the whole
// installation. Each method reads by itself; fn does not see one snapshot.
func (s *Store) ViewDirectory(ctx context.Context, fn func(*Tx) error) error {
	return s.view(ctx, notion.ID{}, "", fn)
}

func (s *Store) view(ctx context.Context, workspace notion.ID, begin string, fn func(*Tx) error) (err error) {
	c, err := s.reads.get(ctx)
	if err != nil {
		return wrap(ctx, s.dialect, err, false)
	}
	tx := Tx{ctx: ctx, session: c, dialect: s.dialect, workspace: workspace, now: s.now()}
	broken := false
	defer func() { s.reads.put(c, broken || errors.Is(tx.failed, ErrConnection)) }()
	if begin == "" {
		return fn(&tx)
	}
	if _, err := c.exec(ctx, begin); err != nil {
		broken = true
		return wrap(ctx, s.dialect, err, false)
	}
	defer func() {
		// A read that failed or panicked must not leave its snapshot open.
		if _, err := c.exec(context.WithoutCancel(ctx), "ROLLBACK"); err != nil {
			broken = true
		}
	}()
	return fn(&tx)
}

// Revision returns the newest committed revision of a workspace: 0 before its first
// write. It is as cheap as a map lookup while this process is the only writer.
func (s *Store) Revision(ctx context.Context, workspace notion.ID) (int64, error) {
	if s.Exclusive() {
		if s.isClosed() {
			return 0, errClosed
		}
		s.revisionsMu.Lock()
		revision, ok := s.revisions[workspace]
		s.revisionsMu.Unlock()
		if ok {
			return revision, nil
		}
	}
	var revision int64
	err := s.view(ctx, workspace, "", func(tx *Tx) (err error) {
		revision, err = tx.Revision()
		return err
	})
	if err == nil && s.Exclusive() {
		s.remember(workspace, revision)
	}
	return revision, err
}

func (s *Store) isClosed() bool {
	s.lanesMu.Lock()
	defer s.lanesMu.Unlock()
	return s.closed
}

// remember keeps the highest revision heard of.
func (s *Store) remember(workspace notion.ID, revision int64) {
	s.revisionsMu.Lock()
	defer s.revisionsMu.Unlock()
	s.revisions[workspace] = max(s.revisions[workspace], revision)
}

// Backup writes a copy of the whole database, as of one moment during the call, to a new
// file, while reads and writes go on. On PostgreSQL it returns ErrNoBackup.
func (s *Store) Backup(ctx context.Context, path string) error {
	return wrap(ctx, s.dialect, s.dialect.backup(ctx, path), false)
}

func (s *Store) now() time.Time { return s.clock.Now().UTC().Truncate(time.Microsecond) }
