package core

import (
	"octavo/internal/notion"
	"octavo/internal/store"
)

// The kinds of events in the revision log, named as webhooks name them (services.md §4.3).
const (
	pageCreated       = "page.created"
	pageDeleted       = "page.deleted"
	pageUndeleted     = "page.undeleted"
	contentUpdated    = "page.content_updated"
	propertiesUpdated = "page.properties_updated"
)

// event records what happened, in the transaction in which it happens.
func (c *Core) event(tx *store.Tx, p *Principal, kind string, node notion.ID) error {
	return tx.AppendEvent(store.Event{Type: kind, NodeID: node, AuthorID: p.Bot})
}
