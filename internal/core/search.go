package core

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"

	"octavo/internal/notion"
	"octavo/internal/store"
	"octavo/internal/words"
)

// Search is what a client looks for by title (databases.md §7).
type Search struct {
	// Query is matched word by word; a blank one matches every title.
	Query string
	// Kind is "page" or "data_source", "" for both.
	Kind string
	// InTrash looks at what is in the trash in place of the rest.
	InTrash bool
	Order   SearchOrder
	// AsDatabases shows the data source of a database that has only one as the database, as
	// versions before 2025-09-03 do, and leaves out those of databases that have several.
	AsDatabases bool
	PageOf
}

// SearchOrder is the order of what a search finds.
type SearchOrder uint8

// The orders. What was edited at the same time comes in the order in which it was made.
const (
	NewestFirst SearchOrder = iota
	OldestFirst
	// MostWordsFirst puts titles that have more of the words of the query before others, and
	// the newest first among those that have as many.
	MostWordsFirst
)

// Search finds pages and data sources that p may see by their titles.
func (c *Core) Search(ctx context.Context, p *Principal, ask Search) (notion.Object, error) {
	list := &notion.List{Type: "page_or_data_source"}
	err := c.view(ctx, p, func(tx *store.Tx) error {
		return c.newSearch(tx, p, ask).fill(list)
	})
	return list, err
}

func (c *Core) newSearch(tx *store.Tx, p *Principal, ask Search) *search {
	return &search{
		core: c, tx: tx, p: p, ask: ask, survey: c.survey(tx, p), want: ask.Size + 1,
		ways: []way{(*search).fromWords, (*search).byTime, (*search).fromRoots}, bound: 250,
	}
}

// search answers one search.
type search struct {
	core   *Core
	tx     *store.Tx
	p      *Principal
	ask    Search
	store  store.Search
	survey *survey
	single map[notion.ID]bool // databases by whether they have one data source
	after  *store.Hit         // the last one that was answered, nil at the beginning
	want   int
	ways   []way
	bound  int // on what is read in one way before another is tried
	found  []store.Hit
}

// way finds what is wanted, or reports false if that takes more than a bound on what is read.
type way func(s *search, bound int) (bool, error)

func (s *search) fill(list *notion.List) error {
	asked := words.Asked(s.ask.Query)
	if len(asked) > store.MaxWords {
		return invalid("A query may have at most %d different words, instead has %d.", store.MaxWords, len(asked))
	}
	s.store = store.Search{
		Pages: s.ask.Kind != "data_source", Sources: s.ask.Kind != "page", Trash: s.ask.InTrash,
		Words: asked, Oldest: s.ask.Order == OldestFirst, ByWords: s.ask.Order == MostWordsFirst && len(asked) > 0,
	}
	if s.ask.Cursor != "" {
		var ok bool
		if s.after, ok = s.resume(s.ask.Cursor); !ok {
			return invalid("The start_cursor provided is invalid: %s", s.ask.Cursor)
		}
	}
	if len(asked) == 0 && strings.TrimSpace(s.ask.Query) != "" {
		return nil // signs that no title is found by
	}
	if err := s.find(); err != nil {
		return err
	}
	if len(s.found) == s.want {
		s.found = s.found[:s.ask.Size]
		list.NextCursor = s.cursor(s.found[s.ask.Size-1])
	}
	var err error
	list.Results, err = s.show()
	return err
}

// find collects what is wanted, in order. There are three ways to it, each of which is quick
// where the others may not be: to walk all nodes by time, which ends early when most of them
// are found; to go from the words to their titles, when these are few; and to go down from
// what is shared with the caller, when that is little. How many there are cannot be told
// beforehand, so each is tried with a bound on what it reads, and the bound is raised until
// one of them has the answer. That costs a small multiple of what the best of them does.
func (s *search) find() error {
	for bound := s.bound; ; bound *= 4 {
		for _, try := range s.ways {
			if done, err := try(s, bound); err != nil || done {
				return err
			}
		}
	}
}

// fromWords goes from the words to their titles, unless there are more than a bound.
func (s *search) fromWords(bound int) (bool, error) {
	if len(s.store.Words) == 0 {
		return false, nil
	}
	if !s.store.ByWords || s.hasRoots() { // else there is no other way
		n, err := s.tx.CountHits(s.store, bound+1)
		if err != nil || n > bound {
			return false, err
		}
	}
	s.found = nil
	return true, s.read(s.after, func(after *store.Hit, limit int) ([]store.Hit, error) {
		return s.tx.HitsByWord(s.store, after, limit)
	})
}

// byTime goes on walking all nodes by time. When it is the only way, there is no bound.
func (s *search) byTime(bound int) (bool, error) {
	if s.store.ByWords {
		return false, nil
	}
	after := s.after
	if len(s.found) > 0 {
		after = &s.found[len(s.found)-1]
	}
	var until *store.Hit
	if len(s.store.Words) > 0 || s.hasRoots() {
		var err error
		if until, err = s.tx.Horizon(s.store, after, bound); err != nil {
			return false, err
		}
	}
	err := s.read(after, func(after *store.Hit, limit int) ([]store.Hit, error) {
		return s.tx.HitsByTime(s.store, after, until, limit)
	})
	return until == nil || len(s.found) == s.want, err
}

// read takes hits in order, as they are read after a place, until enough are found or there
// are no more.
func (s *search) read(after *store.Hit, next func(after *store.Hit, limit int) ([]store.Hit, error)) error {
	const most = 10_000
	for limit := s.want; ; limit = min(4*limit, most) {
		hits, err := next(after, limit)
		if err != nil {
			return err
		}
		if err := s.take(hits); err != nil {
			return err
		}
		if len(hits) < limit || len(s.found) == s.want {
			return nil
		}
		after = &hits[len(hits)-1]
	}
}

// fromRoots goes down from what is shared with the caller, or when the trash is searched from
// what was put there, unless there is more below it than a bound.
func (s *search) fromRoots(bound int) (bool, error) {
	if !s.hasRoots() {
		return false, nil
	}
	roots, err := s.roots(bound)
	if err != nil || len(roots) > bound {
		return false, err
	}
	hits, all, err := s.tx.Below(s.store, roots, bound)
	if err != nil || !all {
		return false, err
	}
	if hits, err = s.among(hits); err != nil {
		return false, err
	}
	s.found = nil
	return true, s.take(hits)
}

// hasRoots reports whether what is found can only be below some nodes.
func (s *search) hasRoots() bool { return s.ask.InTrash || !s.p.Everything }

func (s *search) roots(bound int) ([]notion.ID, error) {
	if s.ask.InTrash {
		return s.tx.Trash(bound + 1)
	}
	return s.tx.Shares(s.p.Integration)
}

// among returns, in order, those nodes that the search is about and that come after what has
// been answered.
func (s *search) among(nodes []store.Hit) ([]store.Hit, error) {
	var hits []store.Hit
	var ids []notion.ID
	for _, h := range nodes {
		if h.Type == childPage && s.store.Pages || h.Type == dataSource && s.store.Sources {
			hits, ids = append(hits, h), append(ids, h.ID)
		}
	}
	if len(s.store.Words) > 0 {
		counts, err := s.tx.CountWords(s.store, ids)
		if err != nil {
			return nil, err
		}
		for i := range hits {
			hits[i].Words = counts[hits[i].ID]
		}
		hits = slices.DeleteFunc(hits, func(h store.Hit) bool { return h.Words == 0 })
	}
	if s.after != nil {
		hits = slices.DeleteFunc(hits, func(h store.Hit) bool { return s.compare(h, *s.after) <= 0 })
	}
	slices.SortFunc(hits, s.compare)
	return hits, nil
}

func (s *search) compare(a, b store.Hit) int {
	if !s.store.Oldest {
		a, b = b, a
	}
	if s.store.ByWords && a.Words != b.Words {
		return cmp.Compare(a.Words, b.Words)
	}
	return cmp.Or(cmp.Compare(a.Edited, b.Edited), bytes.Compare(a.ID[:], b.ID[:]))
}

// take keeps those hits that are the caller's to see, up to as many as are wanted.
func (s *search) take(hits []store.Hit) error {
	for some := range slices.Chunk(hits, s.want) {
		if err := s.survey.look(some); err != nil {
			return err
		}
		for _, h := range some {
			if len(s.found) == s.want {
				return nil
			}
			shown, err := s.isShown(h)
			if err != nil {
				return err
			}
			if shown {
				s.found = append(s.found, h)
			}
		}
	}
	return nil
}

// isShown reports whether a hit that has been looked at is to be answered with.
func (s *search) isShown(h store.Hit) (bool, error) {
	state := s.survey.of(h.ID)
	if !state.seen || state.trashed != s.ask.InTrash {
		return false, nil
	}
	if s.ask.AsDatabases && h.Type == dataSource {
		return s.isSingle(h.ParentID)
	}
	return true, nil
}

// isSingle reports whether a database has one data source, counting as [onlySource] does.
func (s *search) isSingle(database notion.ID) (bool, error) {
	if single, known := s.single[database]; known {
		return single, nil
	}
	rows, err := s.tx.DataSourcesOf(database)
	if err != nil {
		return false, err
	}
	if s.single == nil {
		s.single = map[notion.ID]bool{}
	}
	s.single[database] = len(rows) == 1
	return len(rows) == 1, nil
}

// show renders what was found, in its order. Rows of one data source are rendered together.
func (s *search) show() ([]notion.Object, error) {
	objects := make([]notion.Object, len(s.found))
	place := make(map[notion.ID]int, len(s.found))
	var ids []notion.ID
	for i, h := range s.found {
		place[h.ID] = i
		if h.Type == childPage {
			ids = append(ids, h.ID)
			continue
		}
		var err error
		if objects[i], err = s.showSource(s.survey.place(h.ID)); err != nil {
			return nil, err
		}
	}
	pages, err := s.tx.RowPages(ids)
	if err != nil {
		return nil, err
	}
	rows := map[notion.ID][]store.Page{}
	for _, page := range pages {
		hit := s.found[place[page.ID]]
		page.ParentID, page.PageID, page.InTrash = hit.ParentID, hit.PageID, s.ask.InTrash
		if s.survey.place(page.ID).isRow() {
			rows[page.ParentID] = append(rows[page.ParentID], page)
			continue
		}
		if objects[place[page.ID]], err = s.core.showPlainPage(s.tx, s.p, page, nil); err != nil {
			return nil, err
		}
	}
	for id, pages := range rows {
		source, err := s.core.readSource(s.tx, id)
		if err != nil {
			return nil, err
		}
		shown, err := s.core.showRows(s.tx, s.p, source, pages, nil)
		if err != nil {
			return nil, err
		}
		for i := range pages {
			objects[place[pages[i].ID]] = shown[i]
		}
	}
	return objects, nil
}

// showSource renders a data source. To versions that turn it into its database it has what
// the two have in common from the database, as when the database itself is retrieved.
func (s *search) showSource(at place) (notion.Object, error) {
	o, err := s.core.showSource(s.tx, s.p, at)
	source, full := o.(*notion.DataSource)
	if err != nil || !s.ask.AsDatabases || !full {
		return o, err
	}
	shown, err := s.core.showDatabase(s.tx, s.p, at[1:])
	if err != nil {
		return nil, err
	}
	database := shown.(*notion.Database)
	source.Title, source.Description, source.Icon = database.Title, database.Description, database.Icon
	return source, nil
}

// A cursor reads s:<uuid>:<id>:<values>, as those of queries do: the last object that was
// answered, the place it had then, and a digest of both and of what was asked. So it goes on
// from there whatever has been written since, and cannot be used for another search.

func (s *search) cursor(last store.Hit) string {
	values := binary.AppendVarint(binary.AppendVarint(nil, last.Edited), last.Words)
	return "s:" + s.digest(last.ID, values).String() + ":" + last.ID.String() + ":" + base64.RawURLEncoding.EncodeToString(values)
}

// resume reads a cursor, and reports false for one that this search did not make.
func (s *search) resume(cursor string) (*store.Hit, bool) {
	parts := strings.Split(cursor, ":")
	if len(parts) != 4 || parts[0] != "s" {
		return nil, false
	}
	id, isID := notion.ParseID(parts[2])
	values, err := base64.RawURLEncoding.Strict().DecodeString(parts[3])
	if !isID || err != nil || parts[1] != s.digest(id, values).String() {
		return nil, false
	}
	edited, n := binary.Varint(values)
	hit := &store.Hit{Link: store.Link{ID: id}, Edited: edited}
	if n <= 0 {
		return nil, false
	}
	hit.Words, n = binary.Varint(values[n:])
	return hit, n > 0
}

// digest is made into an id, which is what cursors of the hosted API are.
func (s *search) digest(last notion.ID, values []byte) notion.ID {
	h := sha256.New()
	h.Write(s.p.Workspace[:])
	h.Write([]byte{byte(s.ask.Order), mark(s.ask.InTrash), mark(s.ask.AsDatabases), byte(len(s.ask.Kind)), byte(len(values))})
	h.Write(last[:])
	h.Write(values)
	h.Write([]byte(s.ask.Query))
	var id notion.ID
	copy(id[:], h.Sum(nil))
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

func mark(b bool) byte {
	if b {
		return 1
	}
	return 0
}
