package core

import (
	"context"
	"time"

	"octavo/internal/notion"
)

// LimitTables sets how many rows a data source must have for a table and the room for all
// tables, in bytes.
func (c *Core) LimitTables(rows, room int) { c.tables.rows, c.tables.room = rows, room }

// HasTable waits for what is being loaded and reports whether a data source has a table.
func (c *Core) HasTable(workspace, source notion.ID) bool {
	c.tables.fills.Wait()
	t := c.tables.entry(tableID{workspace, source}, false)
	if t == nil {
		return false
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.table != nil
}

// OutermostLast is outermostLast.
var OutermostLast = outermostLast

// HoldTasks leaves tasks undone, as a process that dies does.
func (c *Core) HoldTasks() { c.tasks.do = func(taskRef) {} }

// AsyncTaskLife is asyncTaskLife.
const AsyncTaskLife = asyncTaskLife

// The bounds of attempts at passwords.
const (
	AttemptWindow = attemptWindow
	PairAttempts  = pairAttempts
	SoleAttempts  = soleAttempts
	KnownNetwork  = knownNetwork
	MaxTallies    = maxTallies
)

// Begin counts an attempt at a password.
func (c *Core) Begin(ctx context.Context, email, network string) (time.Duration, error) {
	return c.begin(ctx, attemptOf(email, network))
}

// Succeed is what follows an attempt with the right password.
func (c *Core) Succeed(ctx context.Context, email, network string) error {
	return c.forgive(ctx, attemptOf(email, network), true)
}
