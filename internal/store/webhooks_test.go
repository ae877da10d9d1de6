package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"octavo/internal/notion"
	"octavo/internal/store"
	"octavo/internal/store/storetest"
)

func TestWebhooks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		at := func(n int64) time.Time { return time.UnixMicro(n).UTC() }
		w := store.Webhook{
			ID: id(1), IntegrationID: id(2), URL: "https://example.com/", Events: "page.created page.locked", APIVersion: "2026-03-11",
			Token: "secret_x", State: "pending", CreatedTime: at(1), Revision: 3, Seq: 4,
		}
		err := s.UpdateDirectory(t.Context(), func(tx *store.Tx) error {
			return errors.Join(tx.AddWebhookHome(wsA), tx.AddWebhookHome(wsA))
		})
		if err != nil {
			t.Fatal(err)
		}
		update(t, s, wsA, func(tx *store.Tx) error { return tx.InsertWebhook(w) })
		err = s.ViewDirectory(t.Context(), func(tx *store.Tx) error {
			homes, err := tx.WebhookHomes()
			same(t, []notion.ID{wsA}, homes, err)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		w.URL, w.State, w.Reason, w.FailingSince, w.Events, w.APIVersion = "https://example.org/", "active", "r", at(9), "page.locked", "2022-06-28"
		update(t, s, wsA, func(tx *store.Tx) error {
			moved := w
			moved.Seq = 5
			if err := tx.AdvanceWebhook(moved, 9, 9); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("moving on from another place: %v", err)
			}
			return errors.Join(tx.UpdateWebhook(w), tx.AdvanceWebhook(w, 7, 8))
		})
		w.Revision, w.Seq = 7, 8
		read := func() {
			t.Helper()
			view(t, s, wsA, func(tx *store.Tx) error {
				got, err := tx.Webhook(w.ID)
				same(t, w, got, err)
				all, err := tx.Webhooks()
				same(t, []store.Webhook{w}, all, err)
				return nil
			})
		}
		read()
		update(t, s, wsA, func(tx *store.Tx) error { return tx.NoteReceiver(w.ID, at(11), "") })
		w.FailingSince = at(11)
		read()
		update(t, s, wsA, func(tx *store.Tx) error { return tx.NoteReceiver(w.ID, at(12), "down") })
		w.FailingSince, w.State, w.Reason = at(12), "paused", "down"
		read()
		update(t, s, wsA, func(tx *store.Tx) error { return tx.NoteReceiver(w.ID, time.Time{}, "again") })
		w.FailingSince = time.Time{}
		read()

		fold := func(node byte, due int64) store.WebhookFold {
			return store.WebhookFold{WebhookID: w.ID, NodeID: id(node), DueTime: at(due), State: []byte(fmt.Sprintf(`{"n":%d}`, node))}
		}
		delivery := func(n byte, due int64, state string) store.WebhookDelivery {
			d := store.WebhookDelivery{
				WebhookID: w.ID, ID: id(n), Type: "page.created", EntityID: id(99), CreatedTime: at(int64(n)), State: state,
				Attempts: int64(n), Body: []byte(`{}`), Log: []byte(`[]`),
			}
			if due > 0 {
				d.DueTime = at(due)
			}
			return d
		}
		waiting, later, done := delivery(20, 200, "waiting"), delivery(21, 100, "waiting"), delivery(22, 0, "delivered")
		update(t, s, wsA, func(tx *store.Tx) error {
			return errors.Join(
				tx.InsertFolds([]store.WebhookFold{fold(30, 300), fold(31, 100), fold(32, 200)}),
				tx.InsertDeliveries([]store.WebhookDelivery{waiting, later, done}),
			)
		})
		view(t, s, wsA, func(tx *store.Tx) error {
			folds, err := tx.DueFolds(w.ID, at(200), 10)
			same(t, []store.WebhookFold{fold(31, 100), fold(32, 200)}, folds, err)
			folds, err = tx.DueFolds(w.ID, at(200), 1)
			same(t, []store.WebhookFold{fold(31, 100)}, folds, err)
			folds, err = tx.Folds(w.ID, []notion.ID{id(30), id(77)})
			same(t, []store.WebhookFold{fold(30, 300)}, folds, err)
			due, err := tx.DueDeliveries(w.ID, at(200), 10)
			same(t, []store.WebhookDelivery{later, waiting}, due, err)
			due, err = tx.DueDeliveries(w.ID, at(150), 10)
			same(t, []store.WebhookDelivery{later}, due, err)
			n, err := tx.Waiting(w.ID, 10)
			same(t, 2, n, err)
			n, err = tx.Waiting(w.ID, 1)
			same(t, 1, n, err)
			next, err := tx.NextDue(w.ID, at(150))
			same(t, at(200), next, err)
			next, err = tx.NextDue(w.ID, at(200))
			same(t, at(300), next, err)
			next, err = tx.NextDue(w.ID, at(300))
			same(t, time.Time{}, next, err)
			all, err := tx.Deliveries(w.ID, "", id(255), 10)
			same(t, []store.WebhookDelivery{done, later, waiting}, all, err)
			all, err = tx.Deliveries(w.ID, "waiting", id(21), 10)
			same(t, []store.WebhookDelivery{waiting}, all, err)
			one, err := tx.Delivery(w.ID, done.ID)
			same(t, done, one, err)
			return nil
		})
		update(t, s, wsA, func(tx *store.Tx) error {
			changed := waiting
			changed.State, changed.DueTime, changed.Attempts, changed.Log = "failed", time.Time{}, 1, []byte(`[1]`)
			if err := tx.UpdateDelivery(changed, 19); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("an attempt that is not the next: %v", err)
			}
			waiting = changed
			return errors.Join(tx.UpdateDelivery(changed, 20), tx.DeleteFolds(w.ID, []notion.ID{id(30), id(31)}))
		})
		view(t, s, wsA, func(tx *store.Tx) error {
			one, err := tx.Delivery(w.ID, waiting.ID)
			same(t, waiting, one, err)
			folds, err := tx.DueFolds(w.ID, at(999), 10)
			same(t, []store.WebhookFold{fold(32, 200)}, folds, err)
			return nil
		})

		// What waits is never forgotten, nor what is too young.
		update(t, s, wsA, func(tx *store.Tx) error {
			n, err := tx.PruneDeliveries(at(22), 10)
			same(t, 1, n, err)
			return nil
		})
		view(t, s, wsA, func(tx *store.Tx) error {
			all, err := tx.Deliveries(w.ID, "", id(255), 10)
			same(t, []store.WebhookDelivery{done, later}, all, err)
			return nil
		})
		update(t, s, wsA, func(tx *store.Tx) error { return tx.DeleteWebhook(w.ID) })
		view(t, s, wsA, func(tx *store.Tx) error {
			all, err := tx.Deliveries(w.ID, "", id(255), 10)
			same(t, nil, all, err)
			folds, err := tx.DueFolds(w.ID, at(999), 10)
			same(t, nil, folds, err)
			return nil
		})
	})
}

func TestWebhookLease(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		one, other := id(1), id(2)
		aside := func(fn func(*store.Tx) error) {
			t.Helper()
			if err := s.UpdateAside(t.Context(), wsA, fn); err != nil {
				t.Fatal(err)
			}
		}
		take := func(owner notion.ID, until time.Duration, want bool) {
			t.Helper()
			aside(func(tx *store.Tx) error {
				got, err := tx.TakeLease(owner, tx.Now().Add(until))
				same(t, want, got, err)
				return nil
			})
		}
		hold := func(owner notion.ID, want error) {
			t.Helper()
			aside(func(tx *store.Tx) error {
				if err := tx.HoldLease(owner); !errors.Is(err, want) {
					t.Errorf("held: %v, want %v", err, want)
				}
				return nil
			})
		}
		take(one, time.Hour, true)
		take(other, time.Hour, false)
		take(one, time.Hour, true)
		hold(one, nil)
		hold(other, store.ErrNotFound)
		take(one, -time.Second, true) // it is over at once
		take(other, time.Hour, true)
		hold(one, store.ErrNotFound)
		aside(func(tx *store.Tx) error { return tx.DropLease(one) }) // not its to drop
		take(one, time.Hour, false)
		aside(func(tx *store.Tx) error { return tx.DropLease(other) })
		take(one, time.Hour, true)
		aside(func(tx *store.Tx) error { return tx.SeizeLease(other, tx.Now().Add(time.Hour)) })
		hold(other, nil)
	})
}

// TestAside: bookkeeping takes no revision, alone or among writes that do, and is undone with
// what it shares a commit with no more than they are.
func TestAside(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		update(t, s, wsA, insert(block(2, id(1), "a0")))
		note := func(n byte) error {
			return s.UpdateAside(t.Context(), wsA, func(tx *store.Tx) error {
				revision, err := tx.Revision()
				if err != nil || revision < 1 {
					t.Errorf("the revision it sees is %d, %v", revision, err)
				}
				return tx.InsertWebhook(store.Webhook{ID: id(n)})
			})
		}
		done := make(chan error)
		for n := range byte(20) {
			go func() { done <- note(n + 1) }()
			go func() { done <- s.Update(t.Context(), wsA, insert(block(n+10, id(1), fmt.Sprintf("b%d", n)))) }()
		}
		for range 40 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if err := note(1); !errors.Is(err, store.ErrExists) {
			t.Errorf("a second time: %v", err)
		}
		revision, err := s.Revision(t.Context(), wsA)
		same(t, 21, revision, err)
		view(t, s, wsA, func(tx *store.Tx) error {
			all, err := tx.Webhooks()
			same(t, 20, len(all), err)
			return nil
		})
	})
}

func TestPruneEvents(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		var times []time.Time
		for range 6 {
			update(t, s, wsA, func(tx *store.Tx) error {
				times = append(times, tx.Now())
				return errors.Join(tx.AppendEvent(store.Event{Type: "a"}), tx.AppendEvent(store.Event{Type: "b"}))
			})
		}
		left := func(want ...int64) {
			t.Helper()
			view(t, s, wsA, func(tx *store.Tx) error {
				events, err := tx.Events(0, 0, 100)
				var got []int64
				for _, e := range events {
					got = append(got, e.Revision)
				}
				same(t, want, got, err)
				return nil
			})
		}
		prune := func(before time.Time, revision int64, limit int, want int64) {
			t.Helper()
			err := s.UpdateAside(t.Context(), wsA, func(tx *store.Tx) error {
				n, err := tx.PruneEvents(before, revision, limit)
				same(t, want, n, err)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		late := times[5].Add(time.Hour)
		prune(times[0].Add(-time.Hour), 99, 100, 0)
		prune(late, 0, 100, 0)
		prune(late, 2, 1, 2) // a revision goes as a whole
		left(2, 2, 3, 3, 4, 4, 5, 5, 6, 6)
		prune(late, 4, 100, 6)
		left(5, 5, 6, 6)
		view(t, s, wsA, func(tx *store.Tx) error {
			forgotten, err := tx.Forgotten()
			same(t, 4, forgotten, err)
			if _, err := tx.Changes(3, 10); !errors.Is(err, store.ErrForgotten) {
				t.Errorf("changes that have been forgotten: %v", err)
			}
			changes, err := tx.Changes(4, 10)
			same(t, 2, len(changes), err)
			return nil
		})
		view(t, s, wsA, func(tx *store.Tx) error {
			revision, seq, err := tx.LastEvent()
			same(t, []int64{6, 2}, []int64{revision, seq}, err)
			return nil
		})
		prune(late, 99, 100, 4)
		left()
		view(t, s, wsA, func(tx *store.Tx) error {
			revision, seq, err := tx.LastEvent()
			same(t, []int64{0, 0}, []int64{revision, seq}, err)
			return nil
		})
	})
}
