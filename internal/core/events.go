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
	pageMoved         = "page.moved"
	contentUpdated    = "page.content_updated"
	propertiesUpdated = "page.properties_updated"

	databaseCreated        = "database.created"
	databaseDeleted        = "database.deleted"
	databaseUndeleted      = "database.undeleted"
	databaseMoved          = "database.moved"
	databaseContentUpdated = "database.content_updated"

	sourceCreated        = "data_source.created"
	sourceDeleted        = "data_source.deleted"
	sourceUndeleted      = "data_source.undeleted"
	sourceMoved          = "data_source.moved"
	sourceContentUpdated = "data_source.content_updated"
	sourceSchemaUpdated  = "data_source.schema_updated"

	commentCreated = "comment.created"
	commentUpdated = "comment.updated"
	commentDeleted = "comment.deleted"
)

// trashEvents are the events of nodes that go to the trash and come back, by their type.
var trashEvents = map[string]struct{ deleted, undeleted string }{
	childPage:     {pageDeleted, pageUndeleted},
	childDatabase: {databaseDeleted, databaseUndeleted},
	dataSource:    {sourceDeleted, sourceUndeleted},
}

// event records what happened, in the transaction in which it happens.
func (c *Core) event(tx *store.Tx, p *Principal, kind string, node notion.ID) error {
	return tx.AppendEvent(store.Event{Type: kind, NodeID: node, AuthorID: p.Bot})
}
