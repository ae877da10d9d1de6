package property

import (
	"octavo/internal/apierr"
	"octavo/internal/clock"
	"octavo/internal/notion"
)

// Source is a data source as far as the schemas of others depend on it.
type Source struct {
	ID notion.ID
	// Database is the database that it belongs to.
	Database notion.ID
	// Title is its plain title.
	Title  string
	Schema *Schema
	// Retired are the raw ids of properties that are gone but of which pages may still hold
	// values. No new property takes one.
	Retired []string
}

// Sources knows the data sources of a workspace. An implementation that can fail keeps its
// failure to itself, answers nil, and is asked for the failure by whoever made it.
type Sources interface {
	// Source returns a data source, whoever may see it, nil when there is none.
	Source(id notion.ID) *Source
	// Reach returns the refusal of a relation to a data source that does not exist for the
	// caller, nil when it does.
	Reach(id notion.ID) error
}

// Env is what a schema changes in.
type Env struct {
	// Source is the data source whose schema is made or changed. Its own Schema is what a
	// change starts from.
	Source  Source
	Sources Sources
	// Workspace is the workspace, whose id stored formulas carry.
	Workspace notion.ID
	IDs       clock.IDs
	// NotFound returns the refusal of something that does not exist for the caller; nil for
	// the words of contract.md §4.5 row 117, which do not name the integration.
	NotFound func(kind, id string) error
}

func (e *Env) notFound(kind, id string) error {
	if e.NotFound != nil {
		return e.NotFound(kind, id)
	}
	return apierr.Errorf(apierr.ObjectNotFound,
		"Could not find %s with ID: %s. Make sure the relevant pages and databases are shared with your integration.", kind, id)
}

// source returns a data source; the one that changes is known without asking.
func (e *Env) source(id notion.ID) *Source {
	if id == e.Source.ID {
		return &e.Source
	}
	if e.Sources == nil {
		return nil
	}
	return e.Sources.Source(id)
}

func (e *Env) reach(id notion.ID) error {
	switch {
	case id == e.Source.ID:
		return nil
	case e.Sources == nil:
		return e.notFound("data_source", id.String())
	default:
		return e.Sources.Reach(id)
	}
}

func invalid(format string, args ...any) error {
	return apierr.Errorf(apierr.ValidationError, format, args...)
}
