// Package webhook knows what subscriptions are told of a workspace: which events there are
// in which version, how changes that follow each other become one event, what is sent and
// how it is signed, and when what was not taken is sent again (services.md §4). The
// [Dispatcher] does the sending; what it sends comes from a [Book], which the core keeps.
package webhook

import (
	"slices"

	"octavo/internal/version"
)

// Part says what an event is about. Changes of one part of one object become one event when
// they follow each other closely.
type Part uint8

// The parts. Presence is whether there is such an object at all and whether it is in the
// trash.
const (
	// AtOnce is no part: each change is an event of its own, and is sent at once.
	AtOnce Part = iota
	Presence
	Place
	Content
	Properties
	Schema
)

// Reach says which connections may be told of an event.
type Reach uint8

// The reaches.
const (
	// ReadContent is whoever sees the object and may read content.
	ReadContent Reach = iota
	// ReadComments is whoever sees what the comment is on and may read comments.
	ReadComments
	// Uploader is the connection whose file upload it is.
	Uploader
	// ReadParent is whoever sees what the change names as the parent of the object, and may
	// read content.
	ReadParent
)

// Kind is an event that subscriptions can ask for.
type Kind struct {
	// Name is what subscribers call it, such as page.created.
	Name string
	// Log is the change in the log that it tells of.
	Log string
	// Entity is the type of the object that changed.
	Entity string
	Part   Part
	// Since and Until bound the versions of subscriptions that have it: Since is the first,
	// Until the first without it. Empty is no bound.
	Since, Until version.Version
	// Reach says who is told.
	Reach Reach
	// OfDatabase says that the log tells of a data source and the event of its database,
	// which is the same thing to versions that know one data source.
	OfDatabase bool
}

// Kinds is every event there is, in the order in which those of one object are sent.
var Kinds = []Kind{
	{Name: "page.created", Log: "page.created", Entity: "page", Part: Presence},
	{Name: "page.undeleted", Log: "page.undeleted", Entity: "page", Part: Presence},
	{Name: "page.moved", Log: "page.moved", Entity: "page", Part: Place},
	{Name: "page.content_updated", Log: "page.content_updated", Entity: "page", Part: Content},
	{Name: "page.properties_updated", Log: "page.properties_updated", Entity: "page", Part: Properties},
	{Name: "page.deleted", Log: "page.deleted", Entity: "page", Part: Presence},
	{Name: "page.locked", Log: "page.locked", Entity: "page"},
	{Name: "page.unlocked", Log: "page.unlocked", Entity: "page"},

	{Name: "database.created", Log: "database.created", Entity: "database", Part: Presence},
	{Name: "database.undeleted", Log: "database.undeleted", Entity: "database", Part: Presence},
	{Name: "database.moved", Log: "database.moved", Entity: "database", Part: Place},
	{Name: "database.content_updated", Log: "database.content_updated", Entity: "database", Part: Content, Until: version.V20250903},
	{Name: "database.content_updated", Log: "data_source.content_updated", Entity: "database", Part: Content, Until: version.V20250903, OfDatabase: true},
	{Name: "database.schema_updated", Log: "data_source.schema_updated", Entity: "database", Part: Schema, Until: version.V20250903, OfDatabase: true},
	{Name: "database.deleted", Log: "database.deleted", Entity: "database", Part: Presence},

	{Name: "data_source.created", Log: "data_source.created", Entity: "data_source", Part: Presence, Since: version.V20250903},
	{Name: "data_source.undeleted", Log: "data_source.undeleted", Entity: "data_source", Part: Presence, Since: version.V20250903},
	{Name: "data_source.moved", Log: "data_source.moved", Entity: "data_source", Part: Place, Since: version.V20250903},
	{Name: "data_source.content_updated", Log: "data_source.content_updated", Entity: "data_source", Part: Content, Since: version.V20250903},
	{Name: "data_source.schema_updated", Log: "data_source.schema_updated", Entity: "data_source", Part: Schema, Since: version.V20250903},
	{Name: "data_source.deleted", Log: "data_source.deleted", Entity: "data_source", Part: Presence, Since: version.V20250903},

	{Name: "comment.created", Log: "comment.created", Entity: "comment", Reach: ReadComments},
	{Name: "comment.updated", Log: "comment.updated", Entity: "comment", Reach: ReadComments},
	{Name: "comment.deleted", Log: "comment.deleted", Entity: "comment", Reach: ReadComments},

	{Name: "file_upload.created", Log: "file_upload.created", Entity: "file_upload", Reach: Uploader},
	{Name: "file_upload.completed", Log: "file_upload.completed", Entity: "file_upload", Reach: Uploader},
	{Name: "file_upload.upload_failed", Log: "file_upload.upload_failed", Entity: "file_upload", Reach: Uploader},
	{Name: "file_upload.expired", Log: "file_upload.expired", Entity: "file_upload", Reach: Uploader},

	{Name: "view.created", Log: "view.created", Entity: "view", Since: version.V20250903, Reach: ReadParent},
	{Name: "view.updated", Log: "view.updated", Entity: "view", Since: version.V20250903, Reach: ReadParent},
	{Name: "view.deleted", Log: "view.deleted", Entity: "view", Since: version.V20250903, Reach: ReadParent},
}

// Versions are the versions that a subscription can have, oldest first.
var Versions = []version.Version{version.V20220628, version.V20250903, version.V20260311}

func (k *Kind) existsIn(v version.Version) bool {
	return v >= k.Since && (k.Until == "" || v < k.Until)
}

// Names lists the events that a subscription of a version can ask for.
func Names(v version.Version) []string {
	var names []string
	for i := range Kinds {
		if k := &Kinds[i]; k.existsIn(v) && !slices.Contains(names, k.Name) {
			names = append(names, k.Name)
		}
	}
	return names
}

// Find returns the event that a subscription of a version is told of for a change in the
// log; nil when it is none.
func Find(v version.Version, log string) *Kind {
	for i := range Kinds {
		if k := &Kinds[i]; k.Log == log && k.existsIn(v) {
			return k
		}
	}
	return nil
}

// Concerns reports whether a subscription to some events has to look at a change that k
// tells of: also at those it has not asked for, when they decide what becomes of one that
// it has.
func (k *Kind) Concerns(asked []string, v version.Version) bool {
	if k.Part == AtOnce {
		return slices.Contains(asked, k.Name)
	}
	for i := range Kinds {
		if other := &Kinds[i]; other.Entity == k.Entity && other.Part != AtOnce && other.existsIn(v) && slices.Contains(asked, other.Name) {
			return true
		}
	}
	return false
}
