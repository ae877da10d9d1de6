package store_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"octavo/internal/notion"
	"octavo/internal/store"
	"octavo/internal/store/storetest"
	"octavo/internal/words"
)

// titledPage is a page below another with a title.
func titledPage(n, parent byte, title string) store.Page {
	p := store.Page{Block: block(n, id(parent), "a0"), Title: title, Properties: []byte(`{}`)}
	p.Type, p.PageID = "child_page", id(parent)
	return p
}

// letters lists the last bytes of ids as letters: 1 is a.
func letters(hits []store.Hit) string {
	var text strings.Builder
	for _, h := range hits {
		text.WriteByte('a' - 1 + h.ID[15])
	}
	return text.String()
}

// TestHits: the three ways to find what was written agree, in every order and from every
// place.
func TestHits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		pages := []store.Page{
			titledPage(1, 0, "root"), titledPage(2, 1, "Alpha two"), titledPage(3, 1, "beta two two"), titledPage(4, 2, "alpha beta two"),
			titledPage(5, 2, ""), titledPage(6, 9, "two"),
		}
		for i := range pages {
			pages[i].LastEditedTime = micros.AddDate(0, 0, []int{0, 3, 1, 3, 2, 1}[i])
		}
		pages[2].InTrash = true
		source := store.DataSource{
			Block: block(8, id(7), "a"), Name: "Two sources", Title: []byte(`[]`), Description: []byte(`[]`), Schema: []byte(`[]`), NextNumber: 1,
		}
		source.Type, source.LastEditedTime = "data_source", micros.AddDate(0, 0, 2)
		update(t, s, wsA, func(tx *store.Tx) error {
			if err := tx.InsertPages(pages); err != nil {
				return err
			}
			return tx.InsertDataSource(source)
		})
		update(t, s, wsB, func(tx *store.Tx) error { return tx.InsertPages([]store.Page{titledPage(11, 0, "two")}) })
		all := store.Search{Pages: true, Sources: true, Trash: true}
		cases := []struct {
			name   string
			search store.Search
			want   string
		}{
			{"everything", all, "dbhefca"},
			{"oldest", store.Search{Pages: true, Sources: true, Trash: true, Oldest: true}, "acfehbd"},
			{"pages", store.Search{Pages: true, Trash: true}, "dbefca"},
			{"sources", store.Search{Sources: true}, "h"},
			{"not in the trash", store.Search{Pages: true, Sources: true}, "dbhefa"},
			{"words", store.Search{Pages: true, Sources: true, Trash: true, Words: []string{"alpha", "two"}}, "dbhfc"},
			{"words, oldest, not in the trash", store.Search{Pages: true, Sources: true, Oldest: true, Words: []string{"beta", "two", "none"}}, "fhbd"},
			{"no such word", store.Search{Pages: true, Words: []string{"tw"}}, ""},
		}
		view(t, s, wsA, func(tx *store.Tx) error {
			for _, c := range cases {
				got, err := tx.HitsByTime(c.search, nil, nil, 100)
				same(t, c.want, letters(got), err)
				if len(c.search.Words) > 0 {
					byWord, err := tx.HitsByWord(c.search, nil, 100)
					same(t, c.want, letters(byWord), err)
				}
				for i := range got {
					rest, err := tx.HitsByTime(c.search, &got[i], nil, 2)
					same(t, c.want[i+1:min(i+3, len(c.want))], letters(rest), err)
					upTo, err := tx.HitsByTime(c.search, nil, &got[i], 100)
					same(t, c.want[:i+1], letters(upTo), err)
					if len(c.search.Words) > 0 {
						rest, err := tx.HitsByWord(c.search, &got[i], 2)
						same(t, c.want[i+1:min(i+3, len(c.want))], letters(rest), err)
					}
				}
			}
			most := store.Search{Pages: true, Sources: true, Trash: true, Words: []string{"alpha", "beta", "two"}, ByWords: true}
			got, err := tx.HitsByWord(most, nil, 100)
			same(t, "dbchf", letters(got), err)
			for i := range got {
				rest, err := tx.HitsByWord(most, &got[i], 100)
				same(t, "dbchf"[i+1:], letters(rest), err)
			}
			n, err := tx.CountHits(most, 100)
			same(t, 9, n, err)
			n, err = tx.CountHits(most, 4)
			same(t, 4, n, err)

			horizon, err := tx.Horizon(store.Search{Pages: true}, nil, 2)
			same(t, "b", letters([]store.Hit{*horizon}), err)
			horizon, err = tx.Horizon(store.Search{Pages: true}, horizon, 4)
			if horizon != nil || err != nil {
				t.Errorf("beyond the end: %v, %v", horizon, err)
			}
			// The newer of the horizons of pages and of pages in the trash.
			horizon, err = tx.Horizon(store.Search{Pages: true, Trash: true}, nil, 1)
			same(t, "d", letters([]store.Hit{*horizon}), err)

			below, whole, err := tx.Below(store.Search{}, []notion.ID{id(2), id(1)}, 4)
			slices.SortFunc(below, func(a, b store.Hit) int { return int(a.ID[15]) - int(b.ID[15]) })
			same(t, "abde", letters(below), err)
			same(t, true, whole, nil)
			below, _, err = tx.Below(store.Search{Trash: true}, []notion.ID{id(1), id(4), id(2)}, 5)
			same(t, 5, len(below), err)
			for limit := range 4 {
				_, whole, err = tx.Below(store.Search{}, []notion.ID{id(1), id(2)}, limit)
				same(t, false, whole, err)
			}
			trash, err := tx.Trash(10)
			same(t, []notion.ID{id(3)}, trash, err)
			counts, err := tx.CountWords(most, []notion.ID{id(4), id(5), id(6), id(8), id(11)})
			same(t, map[notion.ID]int64{id(4): 3, id(6): 1, id(8): 1}, counts, err)

			links, err := tx.Ancestry([]notion.ID{id(4), id(3), id(77), id(8)})
			slices.SortFunc(links, func(a, b store.Link) int { return int(a.ID[15]) - int(b.ID[15]) })
			var ids []byte
			for _, l := range links {
				ids = append(ids, l.ID[15])
			}
			same(t, []byte{1, 2, 3, 4, 8}, ids, err)
			return nil
		})
	})
}

// TestTitlesStoredBeforeAreFound opens data as format 9 left it, without any words in the
// index and without names of data sources.
func TestTitlesStoredBeforeAreFound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s, err := store.Open(t.Context(), opts)
		if err != nil {
			t.Fatal(err)
		}
		const many = 1100
		pages := make([]store.Page, many)
		for i := range pages {
			pages[i] = titledPage(1, 0, fmt.Sprintf("Page number %d", i))
			pages[i].ID = notion.ID{13: 1, 14: byte(i >> 8), 15: byte(i)}
		}
		pages[0].Title = ""
		source := store.DataSource{
			Block: block(2, id(1), "a"), Name: "Old sources", Title: []byte(`[]`), Description: []byte(`[]`), Schema: []byte(`[]`), NextNumber: 1,
		}
		source.Type, source.ID[0], source.Payload = "data_source", 1, []byte(`{"title":"Old sources"}`)
		for _, ws := range []notion.ID{wsA, wsB} {
			update(t, s, ws, func(tx *store.Tx) error { return errors.Join(tx.InsertPages(pages), tx.InsertDataSource(source)) })
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		backTo(t, opts, 9, "DELETE FROM title_word", "UPDATE data_source SET name = ''")
		s = open(t, opts)
		for _, ws := range []notion.ID{wsA, wsB} {
			view(t, s, ws, func(tx *store.Tx) error {
				for word, want := range map[string]int{"page": many - 1, "1099": 1, "0": 0, "old": 1, "sourc": 1} {
					hits, err := tx.HitsByWord(store.Search{Pages: true, Sources: true, Words: []string{word}}, nil, 2*many)
					same(t, want, len(hits), err)
				}
				d, err := tx.DataSource(source.ID)
				same(t, "Old sources", d.Name, err)
				return nil
			})
		}
	})
}

// TestTitlesAreFoundAsTheyAre: the index follows titles, whatever is changed and however
// often.
func TestTitlesAreFoundAsTheyAre(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		source := store.DataSource{
			Block: block(2, id(1), "a"), Name: "base", Title: []byte(`[]`), Description: []byte(`[]`), Schema: []byte(`[]`), NextNumber: 1,
		}
		source.Type = "data_source"
		update(t, s, wsA, func(tx *store.Tx) error {
			return errors.Join(tx.InsertPages([]store.Page{titledPage(1, 0, "one")}), tx.InsertDataSource(source))
		})
		for _, title := range []string{"one", "two one", "", "three three", "Three four", strings.Repeat("many words ", 90) + wordsTo(300), "x"} {
			update(t, s, wsA, func(tx *store.Tx) error {
				p, err := tx.Page(id(1))
				if err != nil {
					return err
				}
				d, err := tx.DataSource(id(2))
				if err != nil {
					return err
				}
				p.Title, d.Name = title, title+" base"
				// Writing the same twice is no mistake.
				return errors.Join(tx.UpdatePage(p, id(9)), tx.UpdatePage(p, id(9)), tx.UpdateDataSource(d), tx.UpdateDataSource(d))
			})
			view(t, s, wsA, func(tx *store.Tx) error {
				for _, n := range []struct {
					node  byte
					title string
				}{{1, title}, {2, title + " base"}} {
					var indexed int
					err := tx.OneWith(`SELECT COUNT(*) FROM title_word WHERE workspace_id = $1 AND node_id = $2`, []any{wsA[:], idOf(n.node)}, &indexed)
					want := words.Of(n.title)
					same(t, len(want), indexed, err)
					if len(want) > 0 {
						counts, err := tx.CountWords(store.Search{Words: want}, []notion.ID{id(n.node)})
						same(t, len(want), int(counts[id(n.node)]), err)
					}
				}
				return nil
			})
		}
	})
}

func idOf(n byte) []byte { b := id(n); return b[:] }

// wordsTo is n different words.
func wordsTo(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, "w%d ", i)
	}
	return text.String()
}
