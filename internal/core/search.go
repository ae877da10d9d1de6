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

	"octavo/internal/clock"
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
	after  *store.Hit         // the place of the last one that was answered, nil at the beginning
	before progress           // on the pages before this one
	of     *reading           // that this page belongs to, nil when it is not remembered
	here   map[notion.ID]bool // what is on this page already; set when what was missed is looked for
	want   int
	ways   []way
	bound  int // on what is read in one way before another is tried
	found  []store.Hit
}

// way finds what is wanted, or reports false if that takes more than a bound on what is read.
type way func(s *search, bound int) (bool, error)

func (s *search) fill(list *notion.List) error {
	places, err := s.run()
	if err != nil {
		return err
	}
	if len(s.found) == s.want {
		s.found = s.found[:s.ask.Size]
		list.NextCursor = s.next(places[s.ask.Size-1])
	}
	list.Results, err = s.show()
	return err
}

// run leaves in found what is on the page that is asked for and, when there is more, the
// next one, and returns their places.
func (s *search) run() ([]store.Hit, error) {
	asked := words.Asked(s.ask.Query)
	if len(asked) > store.MaxWords {
		return nil, invalid("A query may have at most %d different words, instead has %d.", store.MaxWords, len(asked))
	}
	s.store = store.Search{
		Pages: s.ask.Kind != "data_source", Sources: s.ask.Kind != "page", Trash: s.ask.InTrash,
		Words: asked, Oldest: s.ask.Order == OldestFirst, ByWords: s.ask.Order == MostWordsFirst && len(asked) > 0,
	}
	if err := s.begin(); err != nil {
		return nil, err
	}
	if len(asked) == 0 && strings.TrimSpace(s.ask.Query) != "" {
		return nil, nil // signs that no title is found by
	}
	return s.findAll()
}

// begin reads the cursor, or begins a reading.
func (s *search) begin() error {
	if s.ask.Cursor != "" {
		var ok bool
		if s.after, s.before, ok = s.resume(s.ask.Cursor); !ok {
			return invalid("The start_cursor provided is invalid: %s", s.ask.Cursor)
		}
		s.of = s.core.readings.find(s.before.reading)
		return nil
	}
	revision, err := s.tx.Revision()
	s.of = &reading{began: s.tx.Now(), revision: revision, came: map[notion.ID]int{}}
	return err
}

// findAll finds what is wanted: what comes next in the order and, at its end, what was missed
// since it moved before the place that the reading had come to. It returns with each the
// place to go on from.
func (s *search) findAll() ([]store.Hit, error) {
	after := s.after
	if err := s.find(); err != nil {
		return nil, err
	}
	places := slices.Clone(s.found)
	if len(s.found) == s.want || s.of == nil || after == nil {
		return places, nil
	}
	if revision, err := s.tx.Revision(); err != nil || revision == s.of.revision {
		return places, err
	}
	ordered, end := s.found, *after
	s.here = map[notion.ID]bool{}
	for _, h := range ordered {
		s.here[h.ID], end = true, h
	}
	s.after, s.found, s.want = nil, nil, s.want-len(ordered)
	if err := s.find(); err != nil {
		return nil, err
	}
	for range s.found {
		places = append(places, end)
	}
	s.found, s.want = append(ordered, s.found...), s.want+len(ordered)
	return places, nil
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
		templates, err := s.templates(some)
		if err != nil {
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
			if shown && !slices.Contains(templates, h.ID) {
				s.found = append(s.found, h)
			}
		}
	}
	return nil
}

// templates returns those of some hits that are templates in their data source, which
// searches do not find, as queries do not.
func (s *search) templates(hits []store.Hit) ([]notion.ID, error) {
	var rows []notion.ID
	for _, h := range hits {
		if s.survey.links[h.ParentID].Type == dataSource {
			rows = append(rows, h.ID)
		}
	}
	return s.tx.TemplateRows(rows)
}

// isShown reports whether a hit that has been looked at is to be answered with.
func (s *search) isShown(h store.Hit) (bool, error) {
	state := s.survey.of(h.ID)
	if !state.seen || state.trashed != s.ask.InTrash || s.of.had(h.ID, s.before.had) {
		return false, nil
	}
	// What was made since the first page is not missed, or there might be no end.
	if s.here != nil && (s.here[h.ID] || clock.Time(h.ID).After(s.of.began)) {
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

// A cursor reads s:<uuid>:<id>:<values>, as those of queries do: the object whose place the
// next page comes after, that place, what is remembered of the pages before, and a digest of
// all this and of what was asked. So it cannot be used for another search, and goes on
// whatever has been written since (docs/adr/0008-cursors-go-on-under-writes.md).

// next returns the cursor after the objects that are answered, which goes on from a place.
func (s *search) next(place store.Hit) string {
	p := progress{rows: s.before.rows + len(s.found)}
	if s.of != nil {
		came := make([]readRow, len(s.found))
		for i, h := range s.found {
			came[i].page = h.ID
		}
		of := s.core.readings.note(s.of, s.before.had, came, s.core.readingID)
		p.reading, p.had = of.id, s.before.had+len(s.found)
	}
	values := binary.AppendVarint(binary.AppendVarint(nil, place.Edited), place.Words)
	values = append(values, p.memo()...)
	return "s:" + s.digest(place.ID, values).String() + ":" + place.ID.String() + ":" + base64.RawURLEncoding.EncodeToString(values)
}

// resume reads a cursor, and reports false for one that this search did not make.
func (s *search) resume(cursor string) (place *store.Hit, p progress, ok bool) {
	parts := strings.Split(cursor, ":")
	if len(parts) != 4 || parts[0] != "s" {
		return nil, p, false
	}
	id, isID := notion.ParseID(parts[2])
	values, err := base64.RawURLEncoding.Strict().DecodeString(parts[3])
	if !isID || err != nil || parts[1] != s.digest(id, values).String() {
		return nil, p, false
	}
	place = &store.Hit{Link: store.Link{ID: id}}
	for _, part := range []*int64{&place.Edited, &place.Words} {
		n := 0
		if *part, n = binary.Varint(values); n <= 0 {
			return nil, p, false
		}
		values = values[n:]
	}
	p, ok = progressOf(values)
	return place, p, ok
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
