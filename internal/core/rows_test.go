package core_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"octavo/internal/core"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
)

// principal is who the first integration acts as.
func (b *bench) principal() *core.Principal {
	b.t.Helper()
	p, err := b.Authenticate(b.ctx, b.first.Token)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

func parse(t fataler, format string, args ...any) jsonx.Value {
	t.Helper()
	v, err := jsonx.Parse(fmt.Appendf(nil, format, args...))
	if err != nil {
		t.Fatalf("%v: "+format, append([]any{err}, args...)...)
	}
	return v
}

// fataler is a test, drawn or not.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// shown parses an answer that must have succeeded.
func shown(t fataler, o notion.Object, err error) jsonx.Value {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
	return parse(t, "%s", o.AppendJSON(nil))
}

func idIn(v jsonx.Value) notion.ID {
	id, _ := notion.ParseID(v.Text())
	return id
}

// newSource makes a database and returns its data source.
func (b *bench) newSource(t fataler, p *core.Principal, properties string) notion.ID {
	t.Helper()
	o, err := b.CreateDatabase(b.ctx, p, core.NewDatabase{
		Parent: parse(t, `{"page_id":"%s"}`, b.first.Page), Properties: parse(t, "%s", properties),
	})
	return idIn(shown(t, o, err).Get("data_sources").Items()[0].Get("id"))
}

func (b *bench) newRow(t fataler, p *core.Principal, source notion.ID, properties string) jsonx.Value {
	t.Helper()
	o, err := b.CreatePage(b.ctx, p, core.NewPage{Parent: parse(t, `{"data_source_id":"%s"}`, source), Properties: parse(t, "%s", properties)})
	return shown(t, o, err)
}

// relationValue is a value that relates to pages.
func relationValue(property string, ids []notion.ID) string {
	refs := make([]string, len(ids))
	for i, id := range ids {
		refs[i] = `{"id":"` + id.String() + `"}`
	}
	return `{` + string(jsonx.AppendString(nil, property)) + `:{"relation":[` + strings.Join(refs, ",") + `]}}`
}

// related returns the pages that a page relates to.
func related(page jsonx.Value, property string) []notion.ID {
	var ids []notion.ID
	for _, it := range page.Get("properties").Get(property).Get("relation").Items() {
		ids = append(ids, idIn(it.Get("id")))
	}
	return ids
}

// pair is a dual relation between two data sources, as it should be: links from rows of the
// one to rows of the other, whatever has happened to the rows.
type pair struct {
	b       *bench
	p       *core.Principal
	sources [2]notion.ID
	sides   [2]string // the names of the properties
	rows    [2][]*pairRow
	links   map[[2]notion.ID]bool
}

type pairRow struct {
	id            notion.ID
	trashed, away bool
}

func newPair(t fataler, b *bench, p *core.Principal) *pair {
	t.Helper()
	r := &pair{b: b, p: p, links: map[[2]notion.ID]bool{}, sides: [2]string{"X", "Y"}}
	r.sources[1] = b.newSource(t, p, `{"Name":{"title":{}}}`)
	r.sources[0] = b.newSource(t, p, fmt.Sprintf(
		`{"Name":{"title":{}},"X":{"relation":{"data_source_id":"%s","dual_property":{"synced_property_name":"Y"}}}}`, r.sources[1]))
	return r
}

// present are the rows of a side that can be related to.
func (r *pair) present(side int) []*pairRow {
	return slices.DeleteFunc(slices.Clone(r.rows[side]), func(row *pairRow) bool { return row.trashed || row.away })
}

func (r *pair) link(side int, from, to notion.ID) [2]notion.ID {
	if side == 1 {
		from, to = to, from
	}
	return [2]notion.ID{from, to}
}

// write relates a row to some of the rows of the other side.
func (r *pair) write(t *rapid.T, side int) {
	from, others := r.present(side), r.present(1-side)
	if len(from) == 0 {
		return
	}
	row := rapid.SampledFrom(from).Draw(t, "row")
	var to []notion.ID
	for _, other := range rapid.Permutation(others).Draw(t, "order") {
		if rapid.Bool().Draw(t, "related") {
			to = append(to, other.id)
		}
	}
	o, err := r.b.UpdatePage(r.b.ctx, r.p, row.id, core.PageChange{Properties: parse(t, "%s", relationValue(r.sides[side], to))})
	if got := related(shown(t, o, err), r.sides[side]); !slices.Equal(got, to) {
		t.Fatalf("wrote %v, got %v", to, got)
	}
	for link := range r.links {
		if link[side] == row.id {
			delete(r.links, link)
		}
	}
	for _, id := range to {
		r.links[r.link(side, row.id, id)] = true
	}
}

// shake trashes, restores or moves a row, out of its data source or back.
func (r *pair) shake(t *rapid.T, side int) {
	if len(r.rows[side]) == 0 {
		return
	}
	row := rapid.SampledFrom(r.rows[side]).Draw(t, "row")
	if !row.trashed && rapid.Bool().Draw(t, "move") {
		parent := parse(t, `{"data_source_id":"%s"}`, r.sources[side])
		if !row.away {
			parent = parse(t, `{"page_id":"%s"}`, r.b.first.Page)
		}
		o, err := r.b.MovePage(r.b.ctx, r.p, row.id, parent)
		shown(t, o, err)
		row.away = !row.away
		return
	}
	row.trashed = !row.trashed
	o, err := r.b.UpdatePage(r.b.ctx, r.p, row.id, core.PageChange{InTrash: jsonx.BoolValue(row.trashed)})
	shown(t, o, err)
}

// renew takes the other side of the relation away and gives it a new one.
func (r *pair) renew(t *rapid.T) {
	for _, kind := range []string{"single_property", "dual_property"} {
		o, err := r.b.UpdateDataSource(r.b.ctx, r.p, r.sources[0], core.SourceChange{
			Properties: parse(t, `{"X":{"relation":{"data_source_id":"%s","%s":{}}}}`, r.sources[1], kind),
		})
		config := shown(t, o, err).Get("properties").Get("X").Get("relation")
		r.sides[1] = config.Get("dual_property").Get("synced_property_name").Text()
	}
}

// check compares what every row shows with what it should.
func (r *pair) check(t *rapid.T) {
	for side := range r.rows {
		for _, row := range r.rows[side] {
			if row.away {
				continue
			}
			var want []notion.ID
			for _, other := range r.present(1 - side) {
				if r.links[r.link(side, row.id, other.id)] {
					want = append(want, other.id)
				}
			}
			o, err := r.b.Page(r.b.ctx, r.p, row.id, nil)
			got := related(shown(t, o, err), r.sides[side])
			if !slices.Equal(sorted(got), sorted(want)) {
				t.Fatalf("%s of %s: got %v, want %v", r.sides[side], row.id, got, want)
			}
		}
	}
}

func sorted(ids []notion.ID) []notion.ID {
	return slices.SortedFunc(slices.Values(ids), func(a, b notion.ID) int { return slices.Compare(a[:], b[:]) })
}

// TestBothSidesOfARelationAgree writes either side of dual relations, trashes, restores and
// moves rows and gives relations other sides, and compares every row with a model.
func TestBothSidesOfARelationAgree(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		p := b.principal()
		rapid.Check(t, func(t *rapid.T) {
			r := newPair(t, b, p)
			for range rapid.IntRange(1, 20).Draw(t, "steps") {
				side := rapid.IntRange(0, 1).Draw(t, "side")
				switch rapid.SampledFrom([]string{"row", "row", "write", "write", "write", "shake", "renew"}).Draw(t, "step") {
				case "row":
					row := b.newRow(t, p, r.sources[side], `{}`)
					r.rows[side] = append(r.rows[side], &pairRow{id: idIn(row.Get("id"))})
				case "write":
					r.write(t, side)
				case "shake":
					r.shake(t, side)
				case "renew":
					r.renew(t)
				}
			}
			r.check(t)
		})
	})
}

// TestConcurrentRows has 16 writers make rows of one data source, relate them and fail now
// and then: numbers have no gap and none twice, and both sides of the relation agree.
func TestConcurrentRows(t *testing.T) {
	const writers, each = 16, 12
	eachBench(t, func(t *testing.T, b *bench) {
		p := b.principal()
		target := b.newSource(t, p, `{"Name":{"title":{}}}`)
		source := b.newSource(t, p, fmt.Sprintf(`{"Name":{"title":{}},"ID":{"unique_id":{}},"Choice":{"multi_select":{}},
			"X":{"relation":{"data_source_id":"%s","dual_property":{"synced_property_name":"Y"}}}}`, target))
		var targets []notion.ID
		for range 3 {
			targets = append(targets, idIn(b.newRow(t, p, target, `{}`).Get("id")))
		}
		var wg sync.WaitGroup
		made := make([][]notion.ID, writers)
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					properties := relationValue("X", targets[:1+i%3])
					o, err := b.CreatePage(b.ctx, p, core.NewPage{
						Parent:     parse(t, `{"data_source_id":"%s"}`, source),
						Properties: parse(t, `{"X":%s,"Choice":[{"name":"%d"}]}`, parse(t, "%s", properties).Get("X"), i),
					})
					if err != nil {
						t.Error(err)
						return
					}
					id := idIn(parse(t, "%s", o.AppendJSON(nil)).Get("id"))
					made[w] = append(made[w], id)
					// A row that is refused after it was numbered gives its number back.
					_, err = b.CreatePage(b.ctx, p, core.NewPage{
						Parent:     parse(t, `{"data_source_id":"%s"}`, source),
						Properties: parse(t, "%s", relationValue("X", []notion.ID{id})),
					})
					if err == nil {
						t.Error("a row is related to one of its own data source")
					}
					change := core.PageChange{Properties: parse(t, "%s", relationValue("Y", []notion.ID{id}))}
					if i%4 == 0 {
						if _, err := b.UpdatePage(b.ctx, p, targets[w%3], change); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		wg.Wait()
		if t.Failed() {
			return
		}
		numbers := map[int]bool{}
		there := map[notion.ID][]notion.ID{}
		for _, ids := range made {
			for _, id := range ids {
				o, err := b.Page(b.ctx, p, id, nil)
				row := shown(t, o, err)
				numbers[int(row.Get("properties").Get("ID").Get("unique_id").Get("number").Float())] = true
				for _, to := range related(row, "X") {
					there[to] = append(there[to], id)
				}
			}
		}
		for n := 1; n <= writers*each; n++ {
			if !numbers[n] {
				t.Errorf("no row has number %d", n)
			}
		}
		for _, id := range targets {
			if got := b.allRelated(p, id, "Y"); !slices.Equal(sorted(got), sorted(there[id])) {
				t.Errorf("%s is related to %d rows, %d are related to it", id, len(got), len(there[id]))
			}
		}
	})
}

// allRelated reads the whole of a relation.
func (b *bench) allRelated(p *core.Principal, page notion.ID, property string) []notion.ID {
	b.t.Helper()
	o, err := b.Page(b.ctx, p, page, nil)
	property = shown(b.t, o, err).Get("properties").Get(property).Get("id").Text()
	var ids []notion.ID
	part := core.PageOf{Size: 7}
	for {
		o, err := b.PageProperty(b.ctx, p, page, property, part)
		list := shown(b.t, o, err)
		for _, it := range list.Get("results").Items() {
			ids = append(ids, idIn(it.Get("relation").Get("id")))
		}
		if part.Cursor = list.Get("next_cursor").Text(); part.Cursor == "" {
			return ids
		}
	}
}
