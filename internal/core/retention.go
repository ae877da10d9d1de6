package core

import (
	"context"
	"math"
	"time"

	"octavo/internal/notion"
	"octavo/internal/store"
)

// pruneBatch is how many rows are forgotten in one write, so that no other write waits long.
const pruneBatch = 1000

// Prune forgets the changes of a workspace before a time, but for those that a subscription
// has yet to be told of, and the deliveries that need no more attempts. A paused subscription
// keeps nothing from being forgotten. Failures are logged: there is a next time.
func (c *Core) Prune(ctx context.Context, ws notion.ID, before time.Time) {
	err := c.forget(ctx, ws,
		func(tx *store.Tx) (int64, error) {
			read, err := readByAll(tx)
			if err != nil {
				return 0, err
			}
			return tx.PruneEvents(before, read, pruneBatch)
		},
		func(tx *store.Tx) (int64, error) { return tx.PruneDeliveries(before, pruneBatch) })
	if err != nil && ctx.Err() == nil {
		c.log.Warn("forget old changes", "workspace_id", ws.String(), "error", err)
	}
}

// ForgetExpired forgets what can no longer be asked for, in every workspace: answers of views
// whose time is over, and tasks that were done too long ago.
func (c *Core) ForgetExpired(ctx context.Context) error {
	return c.eachWorkspace(ctx, func(w store.Workspace) error {
		some := false
		err := c.store.View(ctx, w.ID, func(tx *store.Tx) (err error) {
			some, err = tx.AnyExpired(tx.Now().Add(-asyncTaskLife))
			return err
		})
		if err == nil && some {
			err = c.forget(ctx, w.ID,
				func(tx *store.Tx) (int64, error) { return tx.PruneViewQueries(pruneBatch) },
				func(tx *store.Tx) (int64, error) { return tx.PruneAsyncTasks(tx.Now().Add(-asyncTaskLife), pruneBatch) })
		}
		return storeError(err)
	})
}

// forget takes each step until it finds less to forget than would fill a batch.
func (c *Core) forget(ctx context.Context, ws notion.ID, steps ...func(*store.Tx) (int64, error)) error {
	for _, step := range steps {
		for forgotten := int64(pruneBatch); forgotten >= pruneBatch; {
			err := c.store.UpdateAside(ctx, ws, func(tx *store.Tx) (err error) {
				forgotten, err = step(tx)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// readByAll is the revision up to which every active subscription has read the log.
func readByAll(tx *store.Tx) (int64, error) {
	subscriptions, err := active(tx)
	least := int64(math.MaxInt64)
	for _, w := range subscriptions {
		least = min(least, w.Revision-1) // it may be in the middle of one
	}
	return least, err
}
