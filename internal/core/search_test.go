package core_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"octavo/internal/core"
	"octavo/internal/notion"
)

// TestSearchWays: whichever way a search takes, and however little it may read before it
// tries another, it finds the same. What that is, the model of searches says.
func TestSearchWays(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		random := rand.New(rand.NewPCG(3, 4))
		principals := growTree(b)
		const searches = 100
		found := map[string]int{}
		for range searches {
			p := principals[random.IntN(len(principals))]
			state := []core.Search{{}, {InTrash: true}, {AsDatabases: true}}[random.IntN(3)]
			ask := core.Search{
				Query: []string{"", "alpha", "alpha gamma", "beta unheardof", "delta"}[random.IntN(5)],
				Kind:  []string{"", "page", "data_source"}[random.IntN(3)],
				Order: core.SearchOrder(random.IntN(3)), InTrash: state.InTrash, AsDatabases: state.AsDatabases,
			}
			want := readAll(b, p, ask, 100, 2000, "words", "time", "roots")
			for name, ways := range map[string][]string{
				"words": {"words"}, "time": {"time"}, "roots": {"roots"}, "all": {"words", "time", "roots"},
			} {
				bound := 1 + random.IntN(30)
				got := readAll(b, p, ask, 5+random.IntN(20), bound, ways...)
				if got == nil {
					continue // this way cannot answer this search
				}
				found[name] += len(got)
				if !slices.Equal(got, want) {
					t.Fatalf("%+v by %s within %d: got %v, want %v", ask, name, bound, got, want)
				}
			}
		}
		for _, name := range []string{"words", "time", "roots", "all"} {
			if found[name] < searches {
				t.Errorf("%d searches found %d by %s: too few to tell anything", searches, found[name], name)
			}
		}
	})
}

// readAll reads all pages of a search and returns the ids, nil when the ways cannot answer.
func readAll(b *bench, p *core.Principal, ask core.Search, size, bound int, ways ...string) []string {
	b.t.Helper()
	ids := []string{}
	ask.PageOf = core.PageOf{Size: size}
	for {
		list, can, err := b.SearchIn(b.ctx, p, ask, bound, ways...)
		if err != nil {
			b.t.Fatal(err)
		}
		if !can {
			return nil
		}
		for _, o := range list.Results {
			id := parse(b.t, "%s", o.AppendJSON(nil)).Get("id").Text()
			ids = append(ids, id[len(id)-3:]) // they count up
		}
		if ask.Cursor = list.NextCursor; ask.Cursor == "" {
			return ids
		}
	}
}

// growTree makes pages, databases and rows at random places, throws some of them away, and
// returns the first integration and some that see parts.
func growTree(b *bench) []*core.Principal {
	p := b.principal()
	random := rand.New(rand.NewPCG(1, 2))
	words := []string{"alpha", "beta", "gamma"}
	pages, sources, roots := []notion.ID{b.first.Page}, []notion.ID(nil), []notion.ID(nil)
	text := func() string {
		title := words[random.IntN(3)]
		if random.IntN(2) == 0 {
			title += " " + words[random.IntN(3)]
		}
		return `[{"text":{"content":"` + title + `"}}]`
	}
	for i := range 120 {
		if random.IntN(3) > 0 {
			b.clock.Advance(time.Second)
		}
		parent := pages[random.IntN(len(pages))]
		switch {
		case i%6 == 0:
			o, err := b.CreateDatabase(b.ctx, p, core.NewDatabase{
				Parent: parse(b.t, `{"page_id":"%s"}`, parent), Title: parse(b.t, "%s", text()), Properties: parse(b.t, `{"Name":{"title":{}}}`),
			})
			database := shown(b.t, o, err)
			roots = append(roots, idIn(database.Get("id")))
			sources = append(sources, idIn(database.Get("data_sources").Items()[0].Get("id")))
		case i%2 == 0:
			source := sources[random.IntN(len(sources))]
			o, err := b.CreatePage(b.ctx, p, core.NewPage{
				Parent: parse(b.t, `{"data_source_id":"%s"}`, source), Properties: parse(b.t, `{"Name":{"title":%s}}`, text()),
			})
			roots = append(roots, idIn(shown(b.t, o, err).Get("id")))
		default:
			o, err := b.CreatePage(b.ctx, p, core.NewPage{
				Parent: parse(b.t, `{"page_id":"%s"}`, parent), Properties: parse(b.t, `{"title":{"title":%s}}`, text()),
			})
			pages = append(pages, idIn(shown(b.t, o, err).Get("id")))
		}
	}
	o, err := b.CreateDataSource(b.ctx, p, core.NewSource{Database: roots[0], Title: parse(b.t, "%s", text()), Properties: parse(b.t, `{"Name":{"title":{}}}`)})
	shown(b.t, o, err)
	roots = append(roots, pages[1:]...)
	for range 12 {
		// What is below something in the trash cannot be thrown away any more.
		_, _ = b.DeleteBlock(b.ctx, p, roots[random.IntN(len(roots))])
	}
	principals := []*core.Principal{p}
	for i := range 4 {
		integration, err := b.CreateIntegration(b.ctx, b.first.Workspace, core.IntegrationSpec{
			Name: fmt.Sprint("Guest ", i), Kind: core.Internal, Capabilities: core.AllCapabilities.Names(),
		})
		if err != nil {
			b.t.Fatal(err)
		}
		for range 3 * i {
			if err := b.AddShare(b.ctx, b.first.Workspace, integration.ID, roots[random.IntN(len(roots))]); err != nil {
				b.t.Fatal(err)
			}
		}
		_, token, err := b.IssueToken(b.ctx, b.first.Workspace, integration.ID, core.TokenSpec{Name: "guest"})
		if err != nil {
			b.t.Fatal(err)
		}
		guest, err := b.Authenticate(b.ctx, token)
		if err != nil {
			b.t.Fatal(err)
		}
		principals = append(principals, guest)
	}
	return principals
}
