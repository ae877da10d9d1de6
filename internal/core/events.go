package core

import (
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/store"
)

// pageEvents is how the kinds begin of which each tells of a change of one page: of its
// place, values, marks, or of when and by whom it was edited.
const pageEvents = "page."

// The kinds of events in the revision log, named as webhooks name them (services.md §4.3).
const (
	pageCreated       = "page.created"
	pageDeleted       = "page.deleted"
	pageUndeleted     = "page.undeleted"
	pageMoved         = "page.moved"
	contentUpdated    = "page.content_updated"
	propertiesUpdated = "page.properties_updated"
	pageLocked        = "page.locked"
	pageUnlocked      = "page.unlocked"

	// pageMarked tells that a page has become a template or is one no more. No subscriber is
	// told: the hosted API has no such event. The tables in memory read it.
	pageMarked = "page.marked"

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

	commentCreated      = "comment.created"
	commentUpdated      = "comment.updated"
	commentDeleted      = "comment.deleted"
	fileUploadCreated   = "file_upload.created"
	fileUploadCompleted = "file_upload.completed"
	fileUploadFailed    = "file_upload.upload_failed"
	fileUploadExpired   = "file_upload.expired"
	viewCreated         = "view.created"
	viewUpdated         = "view.updated"
	viewDeleted         = "view.deleted"
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

// nodeTypes are the types that events know of what is in the content of a page, by the type
// of its node; the rest are blocks.
var nodeTypes = map[string]string{childPage: "page", childDatabase: "database"}

func nodeType(kind string) string {
	if t := nodeTypes[kind]; t != "" {
		return t
	}
	return "block"
}

// contentEvent records that nodes directly in the content of one were added, changed or
// taken away.
func (c *Core) contentEvent(tx *store.Tx, p *Principal, kind string, node notion.ID, updated []store.Link) error {
	data := append(make([]byte, 0, 32+64*len(updated)), `{"updated_blocks":[`...)
	for i, n := range updated {
		if i > 0 {
			data = append(data, ',')
		}
		data = append(data, `{"id":"`...)
		data = n.ID.Append(data)
		data = append(data, `","type":"`...)
		data = append(data, nodeType(n.Type)...)
		data = append(data, `"}`...)
	}
	data = append(data, `]}`...)
	return tx.AppendEvent(store.Event{Type: kind, NodeID: node, AuthorID: p.Bot, Data: string(data)})
}

// viewEvent records what happened to a view. What more there is to say of it comes after the
// database that it is in, which is told too because a view that is deleted is nowhere.
func (c *Core) viewEvent(tx *store.Tx, p *Principal, kind string, v *store.View, more ...jsonx.Member) error {
	parent := jsonx.ObjectValue(jsonx.M("id", jsonx.StringValue(v.DatabaseID.String())), jsonx.M("type", jsonx.StringValue("database")))
	return tx.AppendEvent(store.Event{Type: kind, NodeID: v.ID, AuthorID: p.Bot, Data: jsonx.ObjectValue(
		append([]jsonx.Member{jsonx.M("parent", parent)}, more...)...,
	).String()})
}

// propertiesEvent records that properties of a page have other values; ids are raw.
func (c *Core) propertiesEvent(tx *store.Tx, p *Principal, page notion.ID, ids []string) error {
	encoded := make([]jsonx.Value, len(ids))
	for i, id := range ids {
		encoded[i] = jsonx.StringValue(property.EncodeID(id))
	}
	return tx.AppendEvent(store.Event{Type: propertiesUpdated, NodeID: page, AuthorID: p.Bot, Data: jsonx.ObjectValue(
		jsonx.M("updated_properties", jsonx.ArrayValue(encoded...)),
	).String()})
}

// schemaEvent records what became of the properties of a data source.
func (c *Core) schemaEvent(tx *store.Tx, p *Principal, source notion.ID, edits []property.Edit) error {
	updated := make([]jsonx.Value, len(edits))
	for i, e := range edits {
		of, name, action := e.New, jsonx.NullValue, "updated"
		switch {
		case e.New == nil:
			of, action = e.Old, "deleted"
		case e.Old == nil:
			action = "created"
		}
		if e.New != nil {
			name = jsonx.StringValue(e.New.Name)
		}
		updated[i] = jsonx.ObjectValue(
			jsonx.M("id", jsonx.StringValue(property.EncodeID(of.ID))), jsonx.M("name", name), jsonx.M("action", jsonx.StringValue(action)),
		)
	}
	return tx.AppendEvent(store.Event{Type: sourceSchemaUpdated, NodeID: source, AuthorID: p.Bot, Data: jsonx.ObjectValue(
		jsonx.M("updated_properties", jsonx.ArrayValue(updated...)),
	).String()})
}
