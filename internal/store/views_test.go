package store_test

import (
	"errors"
	"testing"
	"time"

	"octavo/internal/notion"
	"octavo/internal/store"
	"octavo/internal/store/storetest"
)

func viewRow(n byte, database, source, dashboard notion.ID, ord string) store.View {
	return store.View{
		ID: id(n), DatabaseID: database, DataSourceID: source, DashboardID: dashboard, Ord: ord, Type: "table", Name: "View",
		CreatedBy: id(9), LastEditedBy: id(9), Configuration: []byte(`{"type":"table"}`),
	}
}

// TestViews reads views back by what they are of, in their order, and none of another
// workspace.
func TestViews(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		database, source, none := id(50), id(60), notion.ID{}
		full := viewRow(4, database, source, none, "c")
		full.Filter, full.Sorts, full.QuickFilters = []byte(`{"a":1}`), []byte(`[]`), []byte(`{}`)
		update(t, s, wsA, func(tx *store.Tx) error {
			for _, v := range []store.View{
				full, viewRow(1, database, source, none, "b"), viewRow(2, database, id(61), none, "a"), viewRow(3, id(51), source, id(1), "a"),
				viewRow(5, database, none, id(4), "d"),
			} {
				if err := tx.InsertView(v); err != nil {
					return err
				}
			}
			return nil
		})
		update(t, s, wsB, func(tx *store.Tx) error { return tx.InsertView(viewRow(7, database, source, none, "a")) })
		ids := func(list []store.View, err error) []byte {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
			var got []byte
			for _, v := range list {
				got = append(got, v.ID[15])
			}
			return got
		}
		view(t, s, wsA, func(tx *store.Tx) error {
			same(t, []byte{2, 1, 4, 5}, ids(tx.ViewsOf(database, store.From{}, 10)), nil)
			same(t, []byte{4, 5}, ids(tx.ViewsOf(database, store.From{Ord: "b", ID: id(1)}, 10)), nil)
			same(t, []byte{1, 4}, ids(tx.ViewsOf(database, store.From{Ord: "b", ID: id(1), Inclusive: true}, 2)), nil)
			same(t, []byte{1, 3, 4}, ids(tx.ViewsOver(source, none, 10)), nil)
			same(t, []byte{3}, ids(tx.ViewsOver(source, id(1), 1)), nil)
			same(t, []byte{5}, ids(tx.Widgets(full)), nil)
			tabs, err := tx.CountTabs(database)
			same(t, 3, tabs, err)
			first, last, err := tx.ViewEnds(database)
			same(t, "a d", first+" "+last, err)
			first, last, err = tx.ViewEnds(id(99))
			same(t, " ", first+" "+last, err)
			next, err := tx.ViewOrdAfter(database, "b")
			same(t, "c", next, err)
			next, err = tx.ViewOrdAfter(database, "d")
			same(t, "", next, err)
			got, err := tx.View(full.ID)
			got.CreatedTime, got.LastEditedTime = time.Time{}, time.Time{}
			same(t, full, got, err)
			_, err = tx.View(id(7))
			same(t, true, errors.Is(err, store.ErrNotFound), nil)
			return nil
		})
	})
}

// TestViewQueriesExpire forgets what has expired and nothing else.
func TestViewQueriesExpire(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		var now time.Time
		update(t, s, wsA, func(tx *store.Tx) error {
			now = tx.Now()
			for n, expires := range []time.Duration{-time.Hour, -time.Minute, 0, time.Minute} {
				q := store.ViewQuery{ID: id(byte(n + 1)), ViewID: id(8), IntegrationID: id(9), ExpiresTime: now.Add(expires), Incomplete: n == 3}
				for i := range n {
					q.Pages = append(q.Pages, id(byte(i+100)))
				}
				if err := tx.InsertViewQuery(q); err != nil {
					return err
				}
			}
			return nil
		})
		update(t, s, wsA, func(tx *store.Tx) error {
			q, err := tx.ViewQuery(id(4))
			same(t, store.ViewQuery{
				ID: id(4), ViewID: id(8), IntegrationID: id(9), ExpiresTime: now.Add(time.Minute), Incomplete: true, Pages: []notion.ID{id(100), id(101), id(102)},
			}, q, err)
			n, err := tx.PruneViewQueries(2)
			same(t, 2, int(n), err)
			_, err = tx.ViewQuery(id(3))
			same(t, true, err == nil, nil)
			n, err = tx.PruneViewQueries(2)
			same(t, 1, int(n), err)
			_, err = tx.ViewQuery(id(4))
			return err
		})
	})
}

// TestSourcesMadeBeforeHaveViews opens data as format 14 left it, without any views.
func TestSourcesMadeBeforeHaveViews(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		database, sources := id(1), []notion.ID{id(3), id(2)}
		for _, ws := range []notion.ID{wsA, wsB} {
			update(t, s, ws, func(tx *store.Tx) error {
				for i, ord := range []string{"a", "b"} {
					d := store.DataSource{
						Block: block(sources[i][15], database, ord), Name: "S", Title: []byte(`[]`), Description: []byte(`[]`), Schema: []byte(`[]`), NextNumber: 1,
					}
					d.Type = "data_source"
					if err := tx.InsertDataSource(d); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		backTo(t, opts, 14)
		s = open(t, opts)
		for _, ws := range []notion.ID{wsA, wsB} {
			view(t, s, ws, func(tx *store.Tx) error {
				views, err := tx.ViewsOf(database, store.From{}, 10)
				if err != nil || len(views) != len(sources) {
					t.Fatalf("%d views, %v", len(views), err)
				}
				for i, v := range views {
					same(t, sources[i], v.DataSourceID, nil)
					same(t, "table "+store.DefaultView, v.Type+" "+v.Name, nil)
				}
				return nil
			})
		}
	})
}
