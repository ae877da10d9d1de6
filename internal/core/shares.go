package core

import (
	"context"
	"errors"

	"octavo/internal/apierr"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// AddShare lets an integration see a page or database and everything below it, or with the zero ID
// the whole workspace. Adding a share that is there already changes nothing.
func (c *Core) AddShare(ctx context.Context, ws, integration, page notion.ID) error {
	err := c.store.Update(ctx, ws, func(tx *store.Tx) error {
		if err := checkShare(tx, integration, page); err != nil {
			return err
		}
		return tx.Share(integration, page)
	})
	c.principals.clear()
	return storeError(err)
}

// RemoveShare takes a share back. Pages that are shared for themselves, or through
// another page, stay visible.
func (c *Core) RemoveShare(ctx context.Context, ws, integration, page notion.ID) error {
	err := c.store.Update(ctx, ws, func(tx *store.Tx) error {
		if err := checkIntegration(tx, integration); err != nil {
			return err
		}
		err := tx.Unshare(integration, page)
		if errors.Is(err, store.ErrNotFound) && page.IsZero() {
			return apierr.Errorf(apierr.ObjectNotFound, "The whole workspace is not shared with integration %s.", integration)
		}
		if errors.Is(err, store.ErrNotFound) {
			return apierr.Errorf(apierr.ObjectNotFound, "Page %s is not shared with integration %s.", page, integration)
		}
		return err
	})
	c.principals.clear()
	return storeError(err)
}

// Shares lists the pages that are shared with an integration, by id; the zero ID stands
// for the whole workspace.
func (c *Core) Shares(ctx context.Context, ws, integration notion.ID, part PageOf) (Listing[notion.ID], error) {
	id := func(page *notion.ID) notion.ID { return *page }
	return list(part, id, func(after *notion.ID, limit int) (rows []notion.ID, err error) {
		err = c.store.View(ctx, ws, func(tx *store.Tx) error {
			if err := checkIntegration(tx, integration); err != nil {
				return err
			}
			rows, err = tx.Shares(integration)
			return err
		})
		return pick(rows, id, after, limit), err
	})
}

// checkShare refuses a share of or with something that is not there.
func checkShare(tx *store.Tx, integration, page notion.ID) error {
	if err := checkIntegration(tx, integration); err != nil || page.IsZero() {
		return err
	}
	chain, err := tx.Chain(page)
	if errors.Is(err, store.ErrNotFound) || err == nil && place(chain).kind() != childPage && place(chain).kind() != childDatabase {
		return apierr.Errorf(apierr.ObjectNotFound, "Could not find page with ID: %s.", page)
	}
	return err
}

func checkIntegration(tx *store.Tx, id notion.ID) error {
	_, err := tx.Integration(id)
	return adminError(err, "integration", id)
}
