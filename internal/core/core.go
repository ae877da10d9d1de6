// Package core is what Octavo does: pages, blocks, users, access and the workspace
// around them, in the shape of the newest version of the API. It knows nothing of HTTP
// and nothing of SQL.
package core

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"octavo/internal/clock"
	"octavo/internal/property"
	"octavo/internal/store"
)

// Options are the settings of a [Core] that a deployment chooses.
type Options struct {
	// PublicURL is the address clients know the server by, without a closing slash. Urls
	// of pages begin with it.
	PublicURL string
	// MaxUpload is the largest file the server takes, in bytes.
	MaxUpload int64
	// MaxBlocks is how many blocks one request may create; zero is no limit.
	MaxBlocks int
	// MaxRows is how many rows a query answers with on all its pages together at first; zero is
	// no limit. [Core.SetMaxRows] changes it.
	MaxRows int
	// Files says where uploaded files go. File uploads need it.
	Files FileOptions
	// Webhooks says how subscribers are told of changes. Subscriptions need it.
	Webhooks WebhookOptions
	// AuditRetention is how long the audit log remembers; zero is for ever.
	AuditRetention time.Duration
	// Log receives what clients must not read. Nil discards.
	Log *slog.Logger
	// EagerTables keeps a table of every data source that is queried, from its first query on.
	EagerTables bool
}

// Core carries out the operations of the API on a store. It is safe for concurrent use.
type Core struct {
	store *store.Store
	clock clock.Clock
	ids   clock.IDs
	log   *slog.Logger
	opts  Options

	links        linkCache
	imports      *imports
	sweeping     sync.Mutex   // one sweep of the files at a time
	backups      atomic.Int32 // how many are being made
	collected    time.Time    // when it was last looked for unused files
	principals   principalCache
	schemas      schemaCache
	computations property.ComputationCache
	answers      queryAnswers
	readings     readings
	indexing     sync.Mutex // one source's formulas at a time
	tables       *rowTables
	maxRows      atomic.Int64
	auditPruned  atomic.Int64 // when old entries of the audit log were last forgotten, in microseconds since 1970
	passwords    *passwords
	tasks        *taskQueue
	texts        textQueue
}

// New returns a core over an open store. The store stays the caller's to close.
func New(s *store.Store, c clock.Clock, ids clock.IDs, opts Options) *Core {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	core := &Core{store: s, clock: c, ids: ids, log: opts.Log, opts: opts, passwords: newPasswords(), tables: newRowTables(s, opts.Log, opts.EagerTables)}
	core.imports = newImports(core)
	core.tasks = newTaskQueue(core.doTask)
	core.SetMaxRows(opts.MaxRows)
	return core
}

// MaxRows is how many rows a query answers with on all its pages together, zero for no limit.
func (c *Core) MaxRows() int { return int(c.maxRows.Load()) }

// SetMaxRows changes what [Core.MaxRows] is, for pages of queries that come from now on.
func (c *Core) SetMaxRows(rows int) { c.maxRows.Store(int64(max(rows, 0))) }

// Close ends what the core does in the background. It is to be called before the store is
// closed.
func (c *Core) Close() {
	c.imports.close()
	c.tasks.close()
	c.tables.close()
}

// Revision returns the revision of the principal's workspace: how many writes it has
// taken. The second result is false where other processes write to the database too, and
// the revision cannot be told without asking it.
func (c *Core) Revision(p *Principal) (int64, bool) {
	if !c.store.Exclusive() {
		return 0, false
	}
	revision, err := c.store.Revision(context.Background(), p.Workspace)
	return revision, err == nil
}
