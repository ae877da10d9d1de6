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
// has yet to be told of, the deliveries that need no more attempts, and the tasks that were
// done too long ago to be asked for. A paused subscription keeps nothing from being forgotten. Failures are logged: there is a next time.
func (c *Core) Prune(ctx context.Context, ws notion.ID, before time.Time) {
	for _, step := range []func(*store.Tx) (int64, error){
		func(tx *store.Tx) (int64, error) {
			read, err := readByAll(tx)
			if err != nil {
				return 0, err
			}
			return tx.PruneEvents(before, read, pruneBatch)
		},
		func(tx *store.Tx) (int64, error) { return tx.PruneDeliveries(before, pruneBatch) },
		func(tx *store.Tx) (int64, error) { return tx.PruneViewQueries(pruneBatch) },
		func(tx *store.Tx) (int64, error) { return tx.PruneAsyncTasks(tx.Now().Add(-asyncTaskLife), pruneBatch) },
	} {
		for forgotten := int64(pruneBatch); forgotten >= pruneBatch; {
			err := c.store.UpdateAside(ctx, ws, func(tx *store.Tx) (err error) {
				forgotten, err = step(tx)
				return err
			})
			if err != nil {
				if ctx.Err() == nil {
					c.log.Warn("forget old changes", "workspace_id", ws.String(), "error", err)
				}
				return
			}
		}
	}
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
