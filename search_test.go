package octavo_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"octavo/internal/jsonx"
)

// TestSearchModel compares the server with the model, over random trees, titles, edits and
// shares, read in pages of random sizes.
func TestSearchModel(t *testing.T) {
	noRaces(t, oneByOne)
	t.Parallel()
	eachDatabase(t, func(t *testing.T, db database) {
		runs := 0
		rapid.Check(t, func(rt *rapid.T) {
			if runs++; runs > 20 && !db.first || runs > 60 {
				return
			}
			w := newSearchWorld(rt, t, db)
			for range 30 {
				w.edit(rt)
				w.ask(rt)
			}
		})
	})
}

// searchWorld is a workspace of a server and the model of it.
type searchWorld struct {
	*conversation
	searchModel
	in     string // the query that names the workspace to the admin endpoints
	all    string // the token that sees everything
	guests map[string]string
	births int
}

// newSearchWorld makes a workspace of its own on one server for all worlds of a test.
func newSearchWorld(rt *rapid.T, t *testing.T, db database) *searchWorld {
	w := &searchWorld{conversation: searchServers.of(t, db), guests: map[string]string{}}
	w.shares = map[string][]*searchNode{}
	workspace := w.ok("POST /_octavo/workspaces\n\n" + `{"name":"Searched"}`).field("id")
	in := "?workspace_id=" + workspace
	w.in = in
	owner := w.ok("POST /_octavo/users" + in + "\n\n" + `{"name":"Owner"}`).field("id")
	w.all = w.newToken(t, `{"name":"All","kind":"personal","owner_id":"`+owner+`"}`, in).token
	for range 2 {
		guest := w.newToken(t, `{"name":"Guest"}`, in)
		w.guests[guest.token], w.shares[guest.token] = guest.id+"/shares"+in, nil
	}
	for range 3 {
		w.newNode(rt, nil)
	}
	return w
}

// servers keeps a server for each test and database: rapid draws many worlds.
type servers struct {
	mu sync.Mutex
	by map[*testing.T]*conversation
}

var searchServers servers

func (s *servers) of(t *testing.T, db database) *conversation {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by == nil {
		s.by = map[*testing.T]*conversation{}
	}
	if s.by[t] == nil {
		s.by[t] = hold(t, db, serverOptions{})
	}
	return s.by[t]
}

// send sends a request with the token that sees everything and returns what is answered.
func (w *searchWorld) send(rt *rapid.T, token, version, method, target string, body any) object {
	data, err := json.Marshal(body)
	if err != nil {
		rt.Fatal(err)
	}
	h := http.Header{"Authorization": {"Bearer " + token}, "Notion-Version": {version}, "Content-Type": {"application/json"}}
	a := w.do(method, target, h, data)
	var answer object
	if err := json.Unmarshal(a.body, &answer); err != nil || a.status != http.StatusOK {
		rt.Fatalf("%s %s %s: %d %s", method, target, data, a.status, a.body)
	}
	delete(answer, "request_id")
	return answer
}

func (w *searchWorld) write(rt *rapid.T, method, target string, body any) object {
	return w.send(rt, w.all, "2026-03-11", method, target, body)
}

// title draws words and writes them as a title.
func (w *searchWorld) title(rt *rapid.T) (words []string, title []any) {
	text := ""
	for i := range rapid.IntRange(0, 4).Draw(rt, "words") {
		if i > 0 {
			text += rapid.SampledFrom(searchJoints).Draw(rt, "joint")
		}
		word := rapid.SampledFrom(rapid.SampledFrom(searchWords).Draw(rt, "line")).Draw(rt, "word")
		words, text = append(words, word), text+word
	}
	return words, []any{object{"text": object{"content": text}}}
}

// of draws one of the nodes that fit, nil when none does.
func (w *searchWorld) of(rt *rapid.T, fits func(*searchNode) bool) *searchNode {
	var list []*searchNode
	for _, n := range w.nodes {
		if fits(n) {
			list = append(list, n)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return rapid.SampledFrom(list).Draw(rt, "node")
}

// kept returns whether a node is of a kind and not in the trash.
func kept(kinds ...string) func(*searchNode) bool {
	return func(n *searchNode) bool { return slices.Contains(kinds, n.kind) && !n.inTrash() }
}

// touch is what a change notes on the node and the pages around it.
func (w *searchWorld) touch(nodes ...*searchNode) {
	for _, n := range nodes {
		if n != nil && n.kind == "page" {
			n.edited = w.clock.Now()
		}
	}
}

func (w *searchWorld) add(kind, id string, parent *searchNode, title []string) *searchNode {
	w.births++
	n := &searchNode{id: id, kind: kind, parent: parent, title: title, born: w.births, edited: w.clock.Now()}
	w.nodes = append(w.nodes, n)
	w.touch(parent)
	return n
}

// newNode makes a page, a row, a database or a data source, below a parent or at the top.
func (w *searchWorld) newNode(rt *rapid.T, parent *searchNode) {
	words, title := w.title(rt)
	where := object{"workspace": true}
	if parent != nil {
		where = object{parent.kind + "_id": parent.id}
	}
	schema := object{"Name": object{"title": object{}}}
	switch {
	case parent != nil && parent.kind == "database":
		w.add("data_source", w.write(rt, "POST", "/v1/data_sources", object{"parent": where, "title": title, "properties": schema})["id"].(string), parent, words)
	case parent != nil && parent.kind == "data_source":
		w.add("page", w.write(rt, "POST", "/v1/pages", object{"parent": where, "properties": object{"Name": object{"title": title}}})["id"].(string), parent, words)
	case rapid.Bool().Draw(rt, "database"):
		made := w.write(rt, "POST", "/v1/databases", object{"parent": where, "title": title, "initial_data_source": object{"properties": schema}})
		database := w.add("database", made["id"].(string), parent, words)
		source := made["data_sources"].([]any)[0].(object)["id"].(string)
		w.add("data_source", source, database, words)
	default:
		w.add("page", w.write(rt, "POST", "/v1/pages", object{"parent": where, "properties": object{"title": title}})["id"].(string), parent, words)
	}
}

// edit changes something.
func (w *searchWorld) edit(rt *rapid.T) {
	w.clock.Advance(rapid.SampledFrom([]time.Duration{0, 0, time.Microsecond, time.Second, time.Hour}).Draw(rt, "later"))
	switch rapid.IntRange(0, 10).Draw(rt, "edit") {
	case 0, 1, 2:
		w.newNode(rt, w.of(rt, kept("page", "database", "data_source")))
	case 3, 4:
		w.rename(rt)
	case 5, 6:
		w.trash(rt)
	case 7:
		w.move(rt)
	case 8:
		if n := w.of(rt, kept("page")); n != nil {
			w.write(rt, "PATCH", "/v1/blocks/"+n.id+"/children", object{"children": []any{object{"divider": object{}}}})
			w.touch(n)
		}
	case 9:
		w.share(rt)
	case 10:
		w.mark(rt)
	}
}

// mark makes a row a template of its data source, or a page that is a template none.
func (w *searchWorld) mark(rt *rapid.T) {
	n := w.of(rt, func(n *searchNode) bool {
		return n.templateOf != nil || n.kind == "page" && n.parent != nil && n.parent.kind == "data_source"
	})
	switch {
	case n == nil:
	case n.templateOf != nil:
		w.ok("DELETE /_octavo/data_sources/" + n.templateOf.id + "/templates/" + n.id + w.in)
		n.templateOf = nil
	default:
		w.ok("POST /_octavo/data_sources/" + n.parent.id + "/templates" + w.in + "\n\n" + `{"page_id":"` + n.id + `"}`)
		n.templateOf = n.parent
	}
}

func (w *searchWorld) rename(rt *rapid.T) {
	n := w.of(rt, kept("page", "data_source"))
	if n == nil {
		return
	}
	words, title := w.title(rt)
	n.title, n.edited = words, w.clock.Now()
	switch {
	case n.kind == "data_source":
		w.write(rt, "PATCH", "/v1/data_sources/"+n.id, object{"title": title})
	case n.parent != nil && n.parent.kind == "data_source":
		w.write(rt, "PATCH", "/v1/pages/"+n.id, object{"properties": object{"Name": object{"title": title}}})
	default:
		w.write(rt, "PATCH", "/v1/pages/"+n.id, object{"properties": object{"title": title}})
	}
}

// trash moves something into the trash or back. Nothing changes below what is in the trash.
func (w *searchWorld) trash(rt *rapid.T) {
	n := w.of(rt, func(n *searchNode) bool { return n.parent == nil || !n.parent.inTrash() })
	if n == nil {
		return
	}
	w.write(rt, "PATCH", "/v1/"+n.kind+"s/"+n.id, object{"in_trash": !n.trashed})
	n.trashed, n.edited = !n.trashed, w.clock.Now()
	w.touch(n.parent)
}

func (w *searchWorld) move(rt *rapid.T) {
	n := w.of(rt, kept("page"))
	if n == nil {
		return
	}
	to := w.of(rt, func(to *searchNode) bool { return kept("page", "data_source")(to) && to != n.parent && !to.within(n) })
	if to == nil {
		return
	}
	w.write(rt, "POST", "/v1/pages/"+n.id+"/move", object{"parent": object{to.kind + "_id": to.id}})
	w.touch(n, n.parent, to)
	n.parent = to
}

// share shares something with a guest, or no longer.
func (w *searchWorld) share(rt *rapid.T) {
	guest := rapid.SampledFrom(slices.Sorted(maps.Keys(w.guests))).Draw(rt, "guest")
	n := w.of(rt, func(n *searchNode) bool { return n.kind != "data_source" })
	path, in, _ := strings.Cut(w.guests[guest], "?")
	if i := slices.Index(w.shares[guest], n); i >= 0 {
		w.ok("DELETE /_octavo/integrations/" + path + "?" + in + "&page_id=" + n.id)
		w.shares[guest] = slices.Delete(w.shares[guest], i, i+1)
		return
	}
	w.ok("POST /_octavo/integrations/" + path + "?" + in + "\n\n" + `{"page_id":"` + n.id + `"}`)
	w.shares[guest] = append(w.shares[guest], n)
}

// ask sends one search and compares the answer.
func (w *searchWorld) ask(rt *rapid.T) {
	w.compare(w.draw(rt))
}

// draw draws a search, and what to send for it at which version.
func (w *searchWorld) draw(rt *rapid.T) (_ *rapid.T, ask searchAsk, version string, body object) {
	tokens := append(slices.Sorted(maps.Keys(w.guests)), w.all)
	ask = searchAsk{token: rapid.SampledFrom(tokens).Draw(rt, "token")}
	version = rapid.SampledFrom([]string{"2026-03-11", "2026-03-11", "2025-09-03", "2022-06-28"}).Draw(rt, "version")
	ask.databases = version < "2025-09-03"
	body = object{}
	switch rapid.IntRange(0, 9).Draw(rt, "query") {
	case 0:
		body["query"], ask.noneAtAll = "?!", true
	case 1:
		body["query"] = rapid.SampledFrom([]string{"", "  \n"}).Draw(rt, "blank")
	case 2, 3, 4:
	default:
		text := ""
		for range rapid.IntRange(1, 4).Draw(rt, "asked") {
			line := rapid.IntRange(0, len(searchWords)-1).Draw(rt, "line")
			ask.words = append(ask.words, line)
			text += rapid.SampledFrom(searchWords[line]).Draw(rt, "word") + rapid.SampledFrom(searchJoints).Draw(rt, "joint")
		}
		body["query"] = text + "unheardof"
	}
	filter := object{}
	if ask.kind = rapid.SampledFrom([]string{"", "", "page", "data_source"}).Draw(rt, "kind"); ask.kind != "" {
		filter["property"], filter["value"] = "object", ask.kind
		if ask.databases && ask.kind == "data_source" {
			filter["value"] = "database"
		}
	}
	if ask.trash = rapid.IntRange(0, 3).Draw(rt, "trash") == 0; ask.trash {
		filter["in_trash"] = true
	}
	if len(filter) > 0 {
		body["filter"] = filter
	}
	switch rapid.IntRange(0, 4).Draw(rt, "sort") {
	case 0:
		body["sort"], ask.oldest = object{"timestamp": "last_edited_time", "direction": "ascending"}, true
	case 1:
		body["sort"] = object{"timestamp": "last_edited_time", "direction": "descending"}
	case 2:
		body["sort"], ask.byMost = object{"property": "relevance"}, true
	}
	return rt, ask, version, body
}

func (w *searchWorld) compare(rt *rapid.T, ask searchAsk, version string, body object) {
	body["page_size"] = rapid.IntRange(1, 20).Draw(rt, "page size")
	found := w.search(rt, ask.token, version, body)
	var got []string
	for _, o := range found {
		got = append(got, o["id"].(string))
	}
	want := w.expected(ask)
	if !slices.Equal(got, want) {
		text, _ := json.Marshal(body)
		rt.Fatalf("%s at %s: got\n%s\nwant\n%s", text, version, w.describe(got), w.describe(want))
	}
	if len(found) > 0 {
		w.compareRetrieved(rt, ask, version, rapid.SampledFrom(found).Draw(rt, "shown"))
	}
}

// expected are the ids of what is found.
func (w *searchWorld) expected(ask searchAsk) []string {
	var ids []string
	for _, n := range w.answer(ask) {
		id := n.id
		if ask.databases && n.kind == "data_source" {
			id = n.parent.id
		}
		ids = append(ids, id)
	}
	return ids
}

// TestSearchPagesUnderWrites reads answers page by page while everything is changed between
// the pages: nothing comes twice, and what was found all the time comes.
func TestSearchPagesUnderWrites(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		runs := 0
		rapid.Check(t, func(rt *rapid.T) {
			if runs++; runs > 6 && !db.first || runs > 25 {
				return
			}
			w := newSearchWorld(rt, t, db)
			for range rapid.IntRange(5, 30).Draw(rt, "edits") {
				w.edit(rt)
			}
			for range 10 {
				w.readUnderWrites(rt)
			}
		})
	})
}

func (w *searchWorld) readUnderWrites(rt *rapid.T) {
	_, ask, version, body := w.draw(rt)
	body["page_size"] = rapid.IntRange(1, 5).Draw(rt, "page size")
	page := func() (ids []string, next any) {
		list := w.send(rt, ask.token, version, "POST", "/v1/search", body)
		for _, o := range list["results"].([]any) {
			ids = append(ids, o.(object)["id"].(string))
		}
		return ids, list["next_cursor"]
	}
	throughout, seen := w.expected(ask), []string(nil)
	for {
		ids, next := page()
		now := w.expected(ask)
		for _, id := range ids {
			if slices.Contains(seen, id) || !slices.Contains(now, id) {
				rt.Fatalf("%v at %s: after\n%s comes\n%sof\n%s", body, version, w.describe(seen), w.describe(ids), w.describe(now))
			}
			seen = append(seen, id)
		}
		if next == nil {
			break
		}
		if again, _ := page(); !slices.Equal(again, ids) {
			rt.Fatalf("%v at %s: the same page again is\n%snot\n%s", body, version, w.describe(again), w.describe(ids))
		}
		body["start_cursor"] = next
		for range rapid.IntRange(0, 3).Draw(rt, "edits") {
			w.edit(rt)
			throughout = both(throughout, w.expected(ask))
		}
	}
	if missing := slices.DeleteFunc(throughout, func(id string) bool { return slices.Contains(seen, id) }); len(missing) > 0 {
		rt.Fatalf("%v at %s: there did not come\n%sbut\n%s", body, version, w.describe(missing), w.describe(seen))
	}
}

// compareRetrieved holds what a search shows against what its own endpoint shows. The trash
// is left out of a database that is its data source: the database itself may not be in it.
func (w *searchWorld) compareRetrieved(rt *rapid.T, ask searchAsk, version string, shown object) {
	kind := shown["object"].(string)
	retrieved := w.send(rt, ask.token, version, "GET", "/v1/"+kind+"s/"+shown["id"].(string), nil)
	if kind == "database" {
		for _, o := range []object{shown, retrieved} {
			delete(o, "in_trash")
			delete(o, "archived")
		}
	}
	got, _ := json.Marshal(shown)
	if want, _ := json.Marshal(retrieved); string(got) != string(want) {
		rt.Fatalf("at %s a search shows\n%s\nretrieved\n%s", version, got, want)
	}
}

// search reads all pages of an answer.
func (w *searchWorld) search(rt *rapid.T, token, version string, body object) []object {
	var found []object
	for {
		list := w.send(rt, token, version, "POST", "/v1/search", body)
		results := list["results"].([]any)
		for _, r := range results {
			found = append(found, r.(object))
		}
		if list["has_more"] == false {
			delete(body, "start_cursor")
			return found
		}
		if len(results) != body["page_size"] {
			rt.Fatalf("%d results and more to come", len(results))
		}
		body["start_cursor"] = list["next_cursor"]
	}
}

func (w *searchWorld) describe(ids []string) string {
	var text strings.Builder
	for _, id := range ids {
		i := slices.IndexFunc(w.nodes, func(n *searchNode) bool { return n.id == id })
		if i < 0 {
			fmt.Fprintf(&text, "  %s, which is unknown\n", id)
			continue
		}
		n := w.nodes[i]
		fmt.Fprintf(&text, "  %d (edited %s) %s\n", n.born, n.edited.Format(time.RFC3339Nano), n)
	}
	return text.String()
}

// TestSearchWhileWriting: whoever reads page by page is shown what is left alone meanwhile
// exactly once, whatever else is made, edited, moved, shared and thrown away.
func TestSearchWhileWriting(t *testing.T) {
	const kept, writers = 60, 4
	eachDatabase(t, func(t *testing.T, db database) {
		c := hold(t, db, serverOptions{})
		create := func() string {
			c.clock.Advance(time.Second)
			return c.ok("POST /v1/pages\n\n" + `{"parent":{"page_id":"$page"},"properties":{"title":[{"text":{"content":"found"}}]}}`).field("id")
		}
		var left []string
		busy := make([][]string, writers)
		for i := range kept {
			left = append(left, create())
			if i%3 == 0 {
				busy[i%writers] = append(busy[i%writers], create())
			}
		}
		var wait sync.WaitGroup
		for _, pages := range busy {
			wait.Go(func() { writeWhileSearching(c, pages) })
		}
		done := make(chan struct{})
		go func() {
			wait.Wait()
			close(done)
		}()
		for i, writing := 0, true; writing || i < 2; i++ {
			direction := []string{"descending", "ascending"}[i%2]
			select {
			case <-done:
				writing = false
			default:
			}
			seen := map[string]int{}
			for _, id := range c.searched(`"query":"found","page_size":7,"sort":{"timestamp":"last_edited_time","direction":"` + direction + `"}`) {
				seen[id]++
			}
			for _, id := range left {
				if seen[id] != 1 {
					t.Errorf("%s: a page that was left alone was shown %d times", direction, seen[id])
				}
			}
		}
	})
}

// writeWhileSearching edits, throws away, restores and makes pages.
func writeWhileSearching(c *conversation, pages []string) {
	for i := range 30 {
		c.clock.Advance(time.Millisecond)
		page := pages[i%len(pages)]
		for _, request := range []string{
			"PATCH /v1/pages/" + page + "\n\n" + `{"properties":{"title":[{"text":{"content":"found again"}}]}}`,
			"PATCH /v1/pages/" + page + "\n\n" + `{"in_trash":true}`,
			"PATCH /v1/pages/" + page + "\n\n" + `{"in_trash":false}`,
			"POST /v1/pages\n\n" + `{"parent":{"page_id":"` + page + `"},"properties":{"title":[{"text":{"content":"found new"}}]}}`,
		} {
			if a := c.request(request); a.status != http.StatusOK {
				c.t.Errorf("%s: %s", request, a.body)
			}
		}
	}
}

// searched reads all pages of a search and returns the ids.
func (c *conversation) searched(body string) []string {
	var ids []string
	cursor := "null"
	for {
		v, err := jsonx.Parse(c.ok("POST /v1/search\n\n{" + body + `,"start_cursor":` + cursor + `}`).body)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, o := range v.Get("results").Items() {
			ids = append(ids, o.Get("id").Text())
		}
		if cursor = v.Get("next_cursor").String(); cursor == "null" {
			return ids
		}
	}
}
