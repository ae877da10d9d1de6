package core

import (
	"errors"

	"octavo/internal/apierr"
	"octavo/internal/block"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/richtext"
	"octavo/internal/store"
)

// isNotFound reports whether err is the API's object_not_found.
func isNotFound(err error) bool {
	var e *apierr.Error
	return errors.As(err, &e) && e.Code == apierr.ObjectNotFound
}

// checkTree refuses new blocks that mention or copy what the caller cannot see: an
// answer that names it would otherwise have to lie.
func (c *Core) checkTree(tx *store.Tx, p *Principal, at place, tree []*block.New) error {
	for _, n := range tree {
		if err := c.checkReferences(tx, p, at, n, nil); err != nil {
			return err
		}
		if err := c.checkTree(tx, p, at, n.Children); err != nil {
			return err
		}
	}
	return nil
}

// checkReferences is checkTree for one block without its children. What the block
// already referred to, in its old payload, need not be visible to who edits it now.
func (c *Core) checkReferences(tx *store.Tx, p *Principal, at place, n *block.New, old []byte) error {
	for _, use := range n.Uploads {
		if _, err := c.attach(tx, p, use); err != nil {
			return err
		}
	}
	if n.Type == block.Synced && old == nil { // it never changes
		if err := c.checkSynced(tx, p, at, n.Payload); err != nil {
			return err
		}
	}
	if !n.Dynamic {
		return nil
	}
	payload, err := jsonx.Parse(n.Payload)
	if err != nil {
		return err
	}
	var before jsonx.Value
	if old != nil {
		if before, err = jsonx.Parse(old); err != nil {
			return err
		}
	}
	return c.checkMentions(tx, p, payload, before)
}

// checkSynced sees to it that a copy is of an original synced block, and that it does not
// go into that original: who follows the children would never come to an end.
func (c *Core) checkSynced(tx *store.Tx, p *Principal, place place, payload []byte) error {
	original, isCopy := block.SyncedFrom(payload)
	if !isCopy {
		return nil
	}
	at, err := c.locateBlock(tx, p, original)
	if err != nil {
		return err
	}
	if at.kind() != block.Synced {
		return invalid("Block with ID %s is not a synced block.", original)
	}
	if place.within(original) {
		return errCopyInItself(original)
	}
	if at.inTrash() {
		return invalid("Block with ID %s is in the trash and cannot be copied.", original)
	}
	row, err := tx.Block(original)
	if err != nil {
		return err
	}
	if _, isCopy := block.SyncedFrom(row.Payload); isCopy {
		return invalid("Block with ID %s is a copy of a synced block, not an original.", original)
	}
	return nil
}

func errCopyInItself(original notion.ID) error {
	return invalid("Block with ID %s cannot be copied into itself.", original)
}

// mention is one thing that text or a value mentions.
type mention struct {
	kind richtext.Kind
	id   notion.ID
}

// checkMentions refuses mentions of objects that do not exist for the caller, but for
// those that were there before.
func (c *Core) checkMentions(tx *store.Tx, p *Principal, v, before jsonx.Value) error {
	known := map[mention]bool{}
	richtext.References(before, func(kind richtext.Kind, id notion.ID) { known[mention{kind, id}] = true })
	var failed error
	richtext.References(v, func(kind richtext.Kind, id notion.ID) {
		if failed == nil && !known[mention{kind, id}] {
			failed = c.checkMention(tx, p, mention{kind, id})
		}
	})
	return failed
}

func (c *Core) checkMention(tx *store.Tx, p *Principal, m mention) error {
	switch m.kind {
	case richtext.UserMention:
		_, err := tx.User(m.id)
		if errors.Is(err, store.ErrNotFound) {
			err = p.userNotFound(m.id)
		}
		return err
	case richtext.PageMention:
		_, err := c.locatePage(tx, p, m.id)
		return err
	case richtext.DatabaseMention:
		at, err := c.locate(tx, p, m.id, "database")
		if err == nil && at.kind() != childDatabase {
			err = p.notFound("database", m.id)
		}
		return err
	case richtext.CustomEmojiMention:
		_, err := tx.CustomEmoji(m.id)
		if errors.Is(err, store.ErrNotFound) {
			err = p.notFound("custom_emoji", m.id)
		}
		return err
	}
	return nil
}
