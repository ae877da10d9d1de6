package core

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"octavo/internal/notion"
	"octavo/internal/query"
	"octavo/internal/store"
)

// rowTables keeps tables of data sources for queries that no index answers quickly. A table
// is loaded in the background when the first such query has been answered without it, and
// is brought up to the snapshot of each later one by what the log says has changed
// (docs/adr/0006).
type rowTables struct {
	store *store.Store
	log   *slog.Logger
	// eager loads what a query needs before it is answered, however few rows there are.
	eager bool
	// room bounds what all tables take, in bytes. Rows is how many a data source must have
	// for a table: fewer are walked in the time that keeping it would take.
	room, rows int

	ctx     context.Context // ends with the core
	stop    context.CancelFunc
	fills   sync.WaitGroup
	loading sync.Mutex // one load at a time
	mu      sync.Mutex // of what follows
	tables  map[tableID]*rowTable
	uses    int64
}

type tableID struct{ workspace, source notion.ID }

const (
	tableRoom = 64 << 20
	tableRows = 2000
	// tableChanges is how many lines of the log a table is brought up by. A table that is
	// further behind is loaded anew.
	tableChanges = 5000
)

// rowTable is the table of one data source.
type rowTable struct {
	mu       sync.RWMutex
	table    *query.Table // nil until it is loaded
	revision int64        // that the table shows
	// busy says that the lock is held for as long as a load takes.
	busy atomic.Bool

	// Of rowTables.mu:
	wanted  []query.Part
	queued  bool
	used    int64
	size    int
	refused int64 // the revision at which it had too few rows or was too large, 0 for never
}

// errOldSnapshot says that a table is newer than the snapshot of the query.
var errOldSnapshot = errors.New("core: the snapshot is older than the table")

func newRowTables(s *store.Store, log *slog.Logger, eager bool) *rowTables {
	ctx, stop := context.WithCancel(context.Background())
	return &rowTables{
		store: s, log: log, eager: eager, room: tableRoom, rows: tableRows,
		ctx: ctx, stop: stop, tables: map[tableID]*rowTable{},
	}
}

// find answers a query from a table, and reports false when there is none for it.
func (r *rowTables) find(tx *store.Tx, rows query.Rows, q *query.Query, after *query.Found, limit int) ([]query.Found, bool, error) {
	parts, ok := q.Parts()
	if !ok || rows.InTrash || rows.Archived {
		return nil, false, nil
	}
	t := r.entry(tableID{rows.Workspace, rows.Source}, r.eager)
	if t == nil || t.busy.Load() {
		return nil, false, nil
	}
	revision, err := tx.Revision()
	if err != nil {
		return nil, false, err
	}
	if err := t.prepare(tx, rows, parts, revision, r.eager); err != nil {
		return nil, false, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	switch {
	case t.table == nil || !t.table.Has(parts):
		return nil, false, nil
	case t.revision > revision:
		return nil, false, errOldSnapshot
	case t.revision < revision:
		return nil, false, nil
	}
	found, ok := q.Scan(t.table, after, limit)
	return found, ok, nil
}

// entry returns the place of a table; nil when it has none and is not to be given one.
func (r *rowTables) entry(id tableID, create bool) *rowTable {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.tables[id]
	if t == nil && create {
		t = &rowTable{}
		r.tables[id] = t
	}
	if t != nil {
		r.uses++
		t.used = r.uses
	}
	return t
}

// prepare brings the table up to a snapshot, and with load sees to it that it has the parts.
func (t *rowTable) prepare(tx *store.Tx, rows query.Rows, parts []query.Part, revision int64, load bool) error {
	t.mu.RLock()
	ready := t.revision >= revision && (!load || t.table != nil && t.table.Has(parts))
	ready = ready || t.table == nil && !load
	t.mu.RUnlock()
	if ready {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if err := t.refresh(tx, rows.Source, revision); err != nil || !load || t.revision > revision && t.table != nil {
		return err
	}
	return t.load(tx, rows, parts, revision, tableRoom)
}

// refresh brings the table up to a snapshot. It may be gone then. The lock is held.
func (t *rowTable) refresh(tx *store.Tx, source notion.ID, revision int64) error {
	if t.table == nil || t.revision >= revision {
		return nil
	}
	table := t.table
	t.table = nil // unless all goes well
	changes, err := tx.Changes(t.revision, tableChanges)
	if errors.Is(err, store.ErrForgotten) || len(changes) == tableChanges {
		return nil
	}
	if err != nil {
		return err
	}
	var pages []notion.ID
	for _, c := range changes {
		switch {
		case strings.HasPrefix(c.Type, pageEvents):
			pages = append(pages, c.NodeID)
		case c.Type == sourceSchemaUpdated && c.NodeID == source:
			table.Forget(query.Part.OfSchema)
		}
	}
	if err := table.Update(tx, pages); err != nil {
		return err
	}
	if !table.Worn() {
		t.table, t.revision = table, revision
	}
	return nil
}

// load reads what the table lacks from a snapshot. The lock is held.
func (t *rowTable) load(tx *store.Tx, rows query.Rows, parts []query.Part, revision int64, room int) error {
	if t.table == nil {
		table, err := query.LoadTable(tx, rows, room)
		if err != nil {
			return err
		}
		t.table, t.revision = table, revision
	}
	for _, p := range parts {
		if t.table.Has([]query.Part{p}) {
			continue
		}
		if err := t.table.Load(tx, p, room); err != nil {
			return err
		}
	}
	return nil
}

// want has parts loaded that a query has missed.
func (r *rowTables) want(rows query.Rows, q *query.Query) {
	parts, ok := q.Parts()
	if !ok || rows.InTrash || rows.Archived {
		return
	}
	id := tableID{rows.Workspace, rows.Source}
	t := r.entry(id, true)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range parts {
		if !slices.Contains(t.wanted, p) {
			t.wanted = append(t.wanted, p)
		}
	}
	if t.queued {
		return
	}
	t.queued = true
	r.fills.Go(func() { r.fill(id, t) })
}

// fill loads what is wanted of one data source.
func (r *rowTables) fill(id tableID, t *rowTable) {
	r.loading.Lock()
	defer r.loading.Unlock()
	r.mu.Lock()
	wanted, refused := t.wanted, t.refused
	t.wanted, t.queued = nil, false
	r.mu.Unlock()
	err := r.store.View(r.ctx, id.workspace, func(tx *store.Tx) error {
		revision, err := tx.Revision()
		if err != nil || refused > 0 && revision < refused+int64(r.rows)/2 {
			return err // the reason for refusing can hardly be gone yet
		}
		// The snapshot comes before the lock: queries wait for the lock with theirs in hand.
		t.busy.Store(true)
		defer t.busy.Store(false)
		t.mu.Lock()
		defer t.mu.Unlock()
		return r.settle(t, revision, r.fillFrom(tx, id, t, wanted, revision))
	})
	if err != nil && r.ctx.Err() == nil {
		r.log.Warn("a table of rows could not be loaded", "data_source", id.source.String(), "error", err)
	}
}

// fillFrom loads parts from a snapshot, in the room that tables used later leave.
func (r *rowTables) fillFrom(tx *store.Tx, id tableID, t *rowTable, wanted []query.Part, revision int64) error {
	if err := t.refresh(tx, id.source, revision); err != nil {
		return err
	}
	rows := query.Rows{Workspace: id.workspace, Source: id.source}
	for {
		err := t.load(tx, rows, wanted, revision, r.room-r.taken(t))
		switch {
		case !errors.Is(err, query.ErrTooLarge):
			return err
		case r.evict(t):
		case t.table != nil && t.table.Forget(func(p query.Part) bool { return !slices.Contains(wanted, p) }):
		default:
			return err
		}
	}
}

// settle notes what came of a load. The lock of the table is held.
func (r *rowTables) settle(t *rowTable, revision int64, err error) error {
	tooLarge := errors.Is(err, query.ErrTooLarge)
	tooFew := err == nil && t.table != nil && t.table.Len() < r.rows
	if err != nil || tooFew {
		t.table = nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	t.size = 0
	if t.table != nil {
		t.size = t.table.Size()
	}
	if tooFew || tooLarge {
		t.refused = max(revision, 1)
	}
	if tooLarge {
		return nil
	}
	return err
}

// taken returns how much the other tables take.
func (r *rowTables) taken(but *rowTable) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	sum := 0
	for _, t := range r.tables {
		if t != but {
			sum += t.size
		}
	}
	return sum
}

// evict drops the table that was used least lately, and reports false when there is none
// but one.
func (r *rowTables) evict(but *rowTable) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	var oldest tableID
	var victim *rowTable
	for id, t := range r.tables {
		if t != but && t.size > 0 && (victim == nil || t.used < victim.used) {
			oldest, victim = id, t
		}
	}
	delete(r.tables, oldest)
	return victim != nil
}

// close ends the loads.
func (r *rowTables) close() {
	r.stop()
	r.fills.Wait()
}
