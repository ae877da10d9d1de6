package core

import (
	"context"
	"time"

	"octavo/internal/jsonx"
	"octavo/internal/markdown"
	"octavo/internal/notion"
	"octavo/internal/store"
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

// PlanHolds plans a change to a page by its text, lets something else be done, and reports
// whether a write would still make the change as planned.
func (c *Core) PlanHolds(ctx context.Context, p *Principal, page notion.ID, body jsonx.Value, between func()) (holds bool, err error) {
	var plan *textPlan
	err = c.view(ctx, p, func(tx *store.Tx) (err error) {
		plan, _, err = c.planText(tx, p, page, markdown.V1, body)
		return err
	})
	if err != nil {
		return false, err
	}
	between()
	err = c.update(ctx, p, func(tx *store.Tx) (err error) {
		holds, err = c.stillHolds(tx, p, plan)
		return err
	})
	return holds, err
}

// TextsWaiting is how many pages somebody writes to by text.
func (c *Core) TextsWaiting() int {
	c.texts.mu.Lock()
	defer c.texts.mu.Unlock()
	return len(c.texts.pages)
}

// TextTurn has something done in the turn on a page.
func (c *Core) TextTurn(ctx context.Context, workspace, page notion.ID, do func()) error {
	leave, err := c.texts.take(ctx, pageRef{workspace, page})
	if err == nil {
		do()
		leave()
	}
	return err
}
