package octavo_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"octavo"

	"pgregory.net/rapid"
)

// TestPagesOfAnswersUnderWrites reads answers page by page while rows are made, edited,
// trashed and restored between the pages, and what rows are sorted by changes: no row comes
// twice, and every row that passed the filter all the time comes.
func TestPagesOfAnswersUnderWrites(t *testing.T) { testPagesUnderWrites(t, serverOptions{}) }

// TestPagesOfTablesUnderWrites does so with tables in memory.
func TestPagesOfTablesUnderWrites(t *testing.T) {
	testPagesUnderWrites(t, serverOptions{change: func(o *octavo.Options) { o.EagerTables = true }})
}

func testPagesUnderWrites(t *testing.T, o serverOptions) {
	noRaces(t, oneByOne)
	t.Parallel()
	eachDatabase(t, func(t *testing.T, db database) {
		w := newQueryWorld(t, db, o)
		runs := 0
		rapid.Check(t, func(rt *rapid.T) {
			most := 20
			if !db.first {
				most = 5
			}
			if runs++; runs > most {
				return
			}
			d := w.newSource(rt)
			for range rapid.IntRange(0, 20).Draw(rt, "more rows") {
				d.create(rt)
			}
			for range 10 {
				d.readUnderWrites(rt)
			}
		})
	})
}

// readUnderWrites asks one query and reads all of its pages.
func (d *querySource) readUnderWrites(rt *rapid.T) {
	body := object{"page_size": rapid.IntRange(1, 5).Draw(rt, "page size")}
	var filter any
	if rapid.Bool().Draw(rt, "filter") {
		filter = d.filter(rt, 2)
		body["filter"] = filter
	}
	var sorts []any
	for range rapid.IntRange(0, 2).Draw(rt, "sorts") {
		sorts = append(sorts, d.sort(rt))
		body["sorts"] = sorts
	}
	passing := func() []string {
		d.now = d.clock.Now()
		return d.answer(filter, nil, false, false)
	}
	throughout := passing()
	seen := map[string]bool{}
	for {
		page, next := d.page(rt, body)
		now := passing()
		throughout = both(throughout, now)
		for _, id := range page {
			if seen[id] {
				d.failRead(rt, body, "row %s comes twice", id)
			}
			seen[id] = true
			if !slices.Contains(now, id) {
				d.failRead(rt, body, "row %s does not pass", id)
			}
		}
		if next == "" {
			break
		}
		if rapid.IntRange(0, 4).Draw(rt, "again") == 0 {
			if again, _ := d.page(rt, body); !slices.Equal(again, page) {
				d.failRead(rt, body, "the same page again is %v, not %v", again, page)
			}
		}
		body["start_cursor"] = next
		if len(seen) > 4*len(d.rows) {
			d.failRead(rt, body, "there is no end")
		}
		for range rapid.IntRange(0, 3).Draw(rt, "writes") {
			d.write(rt)
			throughout = both(throughout, passing())
		}
	}
	for _, id := range throughout {
		if !seen[id] {
			d.failRead(rt, body, "row %s does not come", id)
		}
	}
}

// write changes a row, or what rows are sorted by besides.
func (d *querySource) write(rt *rapid.T) {
	if rapid.IntRange(0, 5).Draw(rt, "title of a part") > 0 {
		d.edit(rt)
		return
	}
	id := idOf(rt, d.parts)
	title := rapid.SampledFrom(queryTexts).Draw(rt, "title")
	if status, page := d.send(0, "PATCH", "/v1/pages/"+id, object{"properties": object{"Name": object{"title": []any{object{"text": object{"content": title}}}}}}); status != http.StatusOK {
		rt.Fatalf("rename: %v", page)
	}
	d.parts[id] = title
}

// page reads one page.
func (d *querySource) page(rt *rapid.T, body object) (ids []string, next string) {
	status, list := d.send(0, "POST", "/v1/data_sources/"+d.id+"/query?filter_properties=title", body)
	if status != http.StatusOK {
		d.failRead(rt, body, "%v", list)
	}
	for _, r := range list["results"].([]any) {
		ids = append(ids, r.(object)["id"].(string))
	}
	next, _ = list["next_cursor"].(string)
	if list["has_more"] != (next != "") || next != "" && len(ids) != body["page_size"] {
		d.failRead(rt, body, "%d rows, then %q", len(ids), next)
	}
	return ids, next
}

func (d *querySource) failRead(rt *rapid.T, body object, format string, args ...any) {
	rt.Helper()
	text, _ := json.MarshalIndent(body, "", " ")
	rt.Fatalf("%s\n"+format+"\nof\n%s", append(append([]any{text}, args...), d.describe(d.answer(nil, nil, false, false)))...)
}

func both(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(id string) bool { return !slices.Contains(b, id) })
}
