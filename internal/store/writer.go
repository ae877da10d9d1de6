package store

import (
	"context"
	"errors"
	"runtime/debug"
	"slices"
	"sync/atomic"

	"octavo/internal/notion"
)

const (
	// maxBatch bounds the operations of one commit, and with it the time the first of
	// them waits for the last.
	maxBatch = 128
	// maxAttempts bounds how often a batch runs that the database could not serialise.
	maxAttempts = 4
)

// Update runs fn in a write on a workspace and returns once its effect is on disk. fn's
// effects happen wholly or, when fn or the commit fails, not at all; a panic in fn
// becomes a *PanicError. A statement that failed spoils the operation even if fn
// returns nil.
//
// Writes of a workspace run one after another, in the order they were called; what waits
// while one commit runs shares the next. fn may run more than once, when the database asks
// for a retry, so it must not change anything outside its Tx except by assignment. It must
// not call the store's other methods.
//
// If ctx ends before fn starts, fn does not run and Update returns ctx's error. Once fn
// has started ctx no longer counts: interrupting a statement would undo the other
// operations of the commit, and the caller would not know whether its own had happened.
func (s *Store) Update(ctx context.Context, workspace notion.ID, fn func(*Tx) error) error {
	return s.update(ctx, &operation{ctx: ctx, workspace: workspace, fn: fn, done: make(chan error, 1)})
}

// UpdateDirectory is Update for the directory: workspaces and tokens. It takes no
// revision and its Tx has no workspace.
func (s *Store) UpdateDirectory(ctx context.Context, fn func(*Tx) error) error {
	return s.update(ctx, &operation{ctx: ctx, directory: true, fn: fn, done: make(chan error, 1)})
}

// UpdateAside is Update for bookkeeping about a workspace that nothing shows which depends
// on its revision, such as what has been sent of its log. It takes no revision, and is not
// kept apart from the writes of other processes.
func (s *Store) UpdateAside(ctx context.Context, workspace notion.ID, fn func(*Tx) error) error {
	return s.update(ctx, &operation{ctx: ctx, workspace: workspace, aside: true, fn: fn, done: make(chan error, 1)})
}

// operation is one call of Update on its way through a batch.
type operation struct {
	ctx       context.Context
	workspace notion.ID
	directory bool
	aside     bool // takes no revision
	fn        func(*Tx) error
	state     atomic.Int32
	done      chan error // receives the answer once

	err error // what fn came to in the transaction being tried
}

const (
	queued int32 = iota
	started
	abandoned
)

// lane is the queue of one writer. Its goroutine lives only while there is work.
type lane struct {
	queue []*operation
}

func (s *Store) update(ctx context.Context, op *operation) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	note := noteOf(ctx)
	if note == nil {
		return s.wait(ctx, op)
	}
	op.fn = note.noted(op.fn)
	err := s.wait(ctx, op)
	note.written = err == nil
	return err
}

// wait queues an operation and returns what came of it.
func (s *Store) wait(ctx context.Context, op *operation) error {
	if err := s.enqueue(op); err != nil {
		return err
	}
	select {
	case err := <-op.done:
		return err
	case <-ctx.Done():
		if op.state.CompareAndSwap(queued, abandoned) {
			return ctx.Err()
		}
		return <-op.done
	}
}

func (s *Store) enqueue(op *operation) error {
	key := op.workspace
	if s.Exclusive() {
		key = notion.ID{} // the file has one writer, whatever the workspace
	}
	s.lanesMu.Lock()
	defer s.lanesMu.Unlock()
	if s.closed {
		return errClosed
	}
	if l := s.lanes[key]; l != nil {
		l.queue = append(l.queue, op)
		return nil
	}
	s.lanes[key] = &lane{queue: []*operation{op}}
	s.running.Add(1)
	go s.drain(key)
	return nil
}

// drain commits batch after batch until its lane is empty.
func (s *Store) drain(key notion.ID) {
	var batch []*operation
	defer func() {
		if batch == nil {
			s.running.Done()
			return
		}
		// An operation has ended this goroutine. Its batch is undone; the lane lives on.
		for _, op := range batch {
			op.answer(errExited)
		}
		go s.drain(key)
	}()
	for {
		if batch = s.take(key); batch == nil {
			return
		}
		batch = slices.DeleteFunc(batch, func(op *operation) bool {
			return !op.state.CompareAndSwap(queued, started)
		})
		s.commit(batch)
	}
}

// answer gives the caller its answer, unless it has one.
func (op *operation) answer(err error) {
	select {
	case op.done <- err:
	default:
	}
}

// take removes the next batch from a lane, or the lane when nothing waits.
func (s *Store) take(key notion.ID) []*operation {
	s.lanesMu.Lock()
	defer s.lanesMu.Unlock()
	l := s.lanes[key]
	if len(l.queue) == 0 {
		delete(s.lanes, key)
		return nil
	}
	if len(l.queue) <= maxBatch {
		batch := l.queue
		l.queue = nil
		return batch
	}
	batch := slices.Clone(l.queue[:maxBatch])
	l.queue = slices.Delete(l.queue, 0, maxBatch)
	return batch
}

// commit runs a batch until its fate is decided and answers everyone in it.
func (s *Store) commit(batch []*operation) {
	if len(batch) == 0 {
		return
	}
	var err error
	for range maxAttempts {
		if err = s.try(batch); err == nil || !s.dialect.retryable(err) {
			break
		}
	}
	if errors.Is(err, ErrUnavailable) && len(batch) > 1 {
		// One operation may be too large for what is left of the disk, and the others not.
		for _, op := range batch {
			s.commit([]*operation{op})
		}
		return
	}
	for _, op := range batch {
		if op.err == nil {
			op.err = err
		}
		op.answer(op.err)
	}
}

// errSpoiled says that an operation without a savepoint failed after it had written.
var errSpoiled = errors.New("store: an operation is to be undone by itself")

// try runs a batch as one transaction. Its error is the whole batch's; what an
// operation did wrong by itself is in the operation. Operations that fail have written
// nothing by then, nearly always, so savepoints, which cost each operation a copy of every
// page it changes, are made only when one of the batch has.
func (s *Store) try(batch []*operation) error {
	err := s.transact(batch, false)
	if errors.Is(err, errSpoiled) {
		err = s.transact(batch, true)
	}
	return err
}

func (s *Store) transact(batch []*operation, savepoints bool) (err error) {
	for _, op := range batch {
		op.err = nil
	}
	ctx, cancel := s.dialect.writeContext(s.clock)
	defer cancel()
	c, err := s.writes.get(ctx)
	if err != nil {
		return wrap(ctx, s.dialect, err, true)
	}
	b := batchTx{store: s, ctx: ctx, session: c, alone: len(batch) == 1, savepoints: savepoints}
	broken := true
	defer func() { s.writes.put(c, broken) }()
	if err := b.exec(s.dialect.beginWrite()); err != nil {
		// Nothing has begun, so that a busy connection is as good as it was.
		broken = !errors.Is(err, ErrConflict)
		return err
	}
	open := true
	defer func() {
		if open {
			_, rollbackErr := c.exec(context.WithoutCancel(ctx), "ROLLBACK")
			broken = rollbackErr != nil || errors.Is(err, ErrConnection)
		}
	}()
	for _, op := range batch {
		if err := b.run(op); err != nil {
			return err
		}
	}
	if b.applied == 0 {
		return nil
	}
	if err := b.writeRevisions(); err != nil {
		return err
	}
	if err := b.exec("COMMIT"); err != nil {
		return err
	}
	open, broken = false, false
	s.publish(b.revisions)
	return nil
}

// publish tells of a commit that is on disk, before anyone is answered.
func (s *Store) publish(revisions []workspaceRevision) {
	for _, r := range revisions {
		if r.applied == 0 {
			continue
		}
		if s.Exclusive() {
			s.remember(r.workspace, r.base+r.applied)
		}
		for _, hook := range s.hooks {
			hook(r.workspace, r.base+r.applied)
		}
	}
}

// batchTx is the transaction of a batch.
type batchTx struct {
	store      *Store
	ctx        context.Context
	session    *session
	alone      bool // one operation, which is undone with its transaction
	savepoints bool
	applied    int
	revisions  []workspaceRevision
}

// workspaceRevision counts the revisions a batch gives to one workspace.
type workspaceRevision struct {
	workspace notion.ID
	base      int64 // before the batch
	applied   int64 // operations that succeeded
}

func (b *batchTx) exec(text string, args ...any) error {
	_, err := b.session.exec(b.ctx, text, args...)
	return wrap(b.ctx, b.store.dialect, err, true)
}

// run runs one operation. Its error means that the transaction is lost.
func (b *batchTx) run(op *operation) error {
	tx := Tx{
		ctx: b.ctx, session: b.session, dialect: b.store.dialect,
		workspace: op.workspace, now: b.store.now(), write: true,
	}
	counter, err := b.counter(op)
	if err != nil {
		return err
	}
	if counter >= 0 {
		r := &b.revisions[counter]
		tx.revision, tx.hasRevision = r.base+r.applied+1, true
	}
	if b.savepoints {
		if err := b.exec("SAVEPOINT op"); err != nil {
			return err
		}
	}
	op.err = apply(op.fn, &tx)
	if infrastructure(tx.failed) {
		op.err = nil // it shares the fate of the batch
		return tx.failed
	}
	if op.err == nil {
		op.err = tx.failed
	}
	switch {
	case op.err == nil:
		b.applied++
		if counter >= 0 {
			b.revisions[counter].applied++
		}
	case !b.savepoints && !b.alone && (tx.wrote || tx.failed != nil):
		return errSpoiled
	}
	return b.endSavepoint(op.err != nil)
}

func (b *batchTx) endSavepoint(undo bool) error {
	if !b.savepoints {
		return nil
	}
	if undo {
		if err := b.exec("ROLLBACK TO SAVEPOINT op"); err != nil {
			return err
		}
	}
	return b.exec("RELEASE SAVEPOINT op")
}

// counter returns the index of the operation's workspace in b.revisions, -1 for the
// directory and for what takes no revision. The first operation of a workspace takes the lock on its row, which is what
// puts the writers of several processes in order.
func (b *batchTx) counter(op *operation) (int, error) {
	if op.directory || op.aside {
		return -1, nil
	}
	for i := range b.revisions {
		if b.revisions[i].workspace == op.workspace {
			return i, nil
		}
	}
	tx := Tx{ctx: b.ctx, session: b.session, dialect: b.store.dialect, write: true}
	var revision int64
	err := tx.one(`INSERT INTO workspace_state (workspace_id, revision) VALUES ($1, 1)
		ON CONFLICT (workspace_id) DO UPDATE SET revision = workspace_state.revision + 1
		RETURNING revision`, args(op.workspace[:]), &revision)
	if err != nil {
		return 0, err
	}
	b.revisions = append(b.revisions, workspaceRevision{workspace: op.workspace, base: revision - 1})
	return len(b.revisions) - 1, nil
}

// writeRevisions stores what was given out where it is not the one step that taking the
// lock wrote.
func (b *batchTx) writeRevisions() error {
	for _, r := range b.revisions {
		if r.applied == 1 {
			continue
		}
		err := b.exec(`UPDATE workspace_state SET revision = $2 WHERE workspace_id = $1`, r.workspace[:], r.base+r.applied)
		if err != nil {
			return err
		}
	}
	return nil
}

// apply calls fn and turns a panic into an error.
func apply(fn func(*Tx) error, tx *Tx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &PanicError{Value: r, Stack: debug.Stack()}
		}
	}()
	return fn(tx)
}
