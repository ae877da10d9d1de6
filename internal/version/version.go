// Package version knows the versions of the API and what changed between them.
//
// Octavo's core speaks only the newest version. A request is checked against the
// schema of the client's own version, so that a refusal names the client's own keys,
// then lifted change by change to the newest; the answer is lowered the same way back.
// Each difference is one [Change] in a file of its own.
package version

import (
	"context"
	"strings"
	"sync"

	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/schema"
)

// Version is a value of the Notion-Version header. Versions compare as strings.
type Version string

// The versions, oldest first (contract.md §2.1).
const (
	V20210511 Version = "2021-05-11"
	V20210513 Version = "2021-05-13"
	V20210816 Version = "2021-08-16"
	V20220222 Version = "2022-02-22"
	V20220628 Version = "2022-06-28"
	V20250903 Version = "2025-09-03"
	V20260311 Version = "2026-03-11"

	// Latest is the version the core speaks.
	Latest = V20260311
)

// All lists the versions, oldest first.
var All = []Version{V20210511, V20210513, V20210816, V20220222, V20220628, V20250903, V20260311}

// Parse reads the values of the Notion-Version header. It refuses with
// missing_version, both when the header is absent and when it names no version
// (contract.md §2.1).
func Parse(header []string) (Version, error) {
	const place = "Notion-Version header failed validation: Notion-Version header should be "
	if len(header) == 0 {
		return "", apierr.New(apierr.MissingVersion)
	}
	given := strings.TrimSpace(header[0])
	names := make([]string, len(All))
	for i, v := range All {
		if string(v) == given {
			return v, nil
		}
		names[i] = "`\"" + string(v) + "\"`"
	}
	last := len(names) - 1
	return "", apierr.Errorf(apierr.MissingVersion, "%s%s, or %s, instead was %s.", place,
		strings.Join(names[:last], ", "), names[last], schema.Show(jsonx.StringValue(given)))
}

// Change is one difference between two neighbouring versions. Every part but the
// sentence may be nil.
type Change struct {
	// Since is the first version with the new behaviour.
	Since Version
	// Sentence tells a reader of the versions page what changed.
	Sentence string
	// Amend turns the request schemas of Since into those of the version before.
	Amend func(*schema.Set)
	// Up turns a request of the version before into one of Since. It may refuse what
	// only the lift can see.
	Up func(*Request) error
	// Down turns an answer of Since into one of the version before.
	Down func(*Response) error
}

// Changes is every difference, oldest first.
var Changes = []Change{
	textPropertiesBecameRichText,
	appendAnswersChildren,
	propertyIDsAreEncoded,
	emptyValuesAreNull,
	rollupsNameTypesAsPropertiesDo,
	textBecameRichText,
	textFiltersBecameRichText,
	listsGainedType,
	parentsMaySayTheirType,
	parentsAreDirect,
	relationsSayTheirKind,
	databasesBecameContainers,
	listsSpeakOfDataSources,
	searchesFindDataSources,
	newPagesHaveOneShape,
	newKindsAreNamed,
	afterBecamePosition,
	transcriptionBecameMeetingNotes,
	archivedBecameInTrash,
}

// Request is a request on its way up. Body and Query may be Undefined.
type Request struct {
	Context context.Context
	// Operation is the name the route table gives the operation.
	Operation string
	Query     jsonx.Value
	Body      jsonx.Value
	Lookup    Lookup
}

// Response is a successful answer on its way down.
type Response struct {
	Context   context.Context
	Operation string
	// Target is the id in the path, zero when there is none.
	Target notion.ID
	Body   jsonx.Value
	Lookup Lookup
}

// Lookup answers what a change needs to know beyond what it lifts or lowers.
type Lookup interface {
	// Block returns a block as version v shows it.
	Block(ctx context.Context, id notion.ID, v Version) (jsonx.Value, error)
	// PageOf returns the page whose content the block is.
	PageOf(ctx context.Context, block notion.ID) (notion.ID, error)
	// DataSource returns a data source as version v shows it.
	DataSource(ctx context.Context, id notion.ID, v Version) (jsonx.Value, error)
	// OnlySource returns the data source of a database that has one. Its error is the
	// refusal that versions before 2025-09-03 have for databases with several.
	OnlySource(ctx context.Context, database notion.ID) (notion.ID, error)
}

// Schemas are the request schemas of every version. Those of an older version are made
// from the next newer one's when they are first asked for: most servers see two or three
// versions, and a start should not wait for seven.
type Schemas struct {
	sets map[Version]func() *schema.Set
}

// NewSchemas returns the schemas of every version, made from those of the newest.
func NewSchemas(newest *schema.Set) *Schemas {
	s := &Schemas{sets: map[Version]func() *schema.Set{}}
	newest.Seal()
	newer := func() *schema.Set { return newest }
	s.sets[Latest] = newer
	for i := len(All) - 1; i > 0; i-- {
		since, from := All[i], newer
		newer = sync.OnceValue(func() *schema.Set { return amended(from(), since) })
		s.sets[All[i-1]] = newer
	}
	return s
}

// Of returns the schemas of a version. It panics when a change amends a definition that
// does not exist.
func (s *Schemas) Of(v Version) *schema.Set { return s.sets[v]() }

// amended returns the schemas of the version before since.
func amended(set *schema.Set, since Version) *schema.Set {
	set = set.Clone()
	for i := len(Changes) - 1; i >= 0; i-- {
		if c := &Changes[i]; c.Since == since && c.Amend != nil {
			c.Amend(set)
		}
	}
	set.Seal()
	return set
}

// Up lifts a request of version v to the newest.
func (v Version) Up(r *Request) error {
	for i := range Changes {
		if c := &Changes[i]; c.Since > v && c.Up != nil {
			if err := c.Up(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// Down lowers an answer of the newest version to v.
func (v Version) Down(r *Response) error {
	for i := len(Changes) - 1; i >= 0; i-- {
		if c := &Changes[i]; c.Since > v && c.Down != nil {
			if err := c.Down(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// objects calls f for every object in v whose `object` key is kind, outermost first.
func objects(v jsonx.Value, kind string, f func(jsonx.Value)) {
	v.Walk(func(o jsonx.Value) {
		if o.Get("object").Text() == kind {
			f(o)
		}
	})
}

// renameType renames the type of an object and the key named like it.
func renameType(o jsonx.Value, from, to string) {
	if t := o.Ref("type"); t != nil && t.Text() == from {
		*t = jsonx.StringValue(to)
		o.Rename(from, to)
	}
}

// requestBlocks calls f for every block in a request body: those below `children` or
// `content` at any depth, and the body itself, which is a block when one is updated.
func requestBlocks(body jsonx.Value, f func(block jsonx.Value)) {
	f(body)
	for _, key := range []string{"children", "content"} {
		for _, b := range body.Get(key).Items() {
			requestBlocks(b, f)
		}
	}
	// The children of a child block are inside its payload.
	for _, m := range body.Members() {
		if kids := m.Value.Get("children"); kids.Kind() == jsonx.Array {
			for _, b := range kids.Items() {
				requestBlocks(b, f)
			}
		}
	}
}
