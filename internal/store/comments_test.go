package store_test

import (
	"errors"
	"testing"
	"time"

	"octavo/internal/notion"
	"octavo/internal/store"
	"octavo/internal/store/storetest"
)

func TestComments(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		thread := store.Discussion{ID: id(1), NodeID: id(9), CreatedTime: time.UnixMicro(5).UTC()}
		other := store.Discussion{ID: id(2), NodeID: id(9), CreatedTime: time.UnixMicro(6).UTC()}
		comment := func(n byte, of store.Discussion) store.Comment {
			return store.Comment{
				ID: id(n), DiscussionID: of.ID, NodeID: of.NodeID, CreatedTime: time.UnixMicro(7).UTC(), CreatedBy: id(50),
				LastEditedTime: time.UnixMicro(8).UTC(), RichText: []byte(`[1]`), Dynamic: true, Attachments: []byte(`[2]`),
				DisplayType: "custom", DisplayID: id(51), DisplayName: "Name",
			}
		}
		// The ids do not stand in the order of creation.
		first, second, third := comment(30, thread), comment(20, other), comment(10, thread)
		update(t, s, wsA, func(tx *store.Tx) error {
			return errors.Join(tx.InsertDiscussion(thread), tx.InsertDiscussion(other))
		})
		for _, c := range []*store.Comment{&first, &second, &third} {
			update(t, s, wsA, func(tx *store.Tx) error {
				revision, err := tx.Revision()
				c.Revision = revision
				return errors.Join(err, tx.InsertComment(*c))
			})
		}
		update(t, s, wsB, func(tx *store.Tx) error { return tx.InsertComment(comment(40, thread)) })
		open := func(from store.Comment, limit int, want ...store.Comment) {
			t.Helper()
			view(t, s, wsA, func(tx *store.Tx) error {
				got, err := tx.OpenComments(id(9), from, limit)
				same(t, want, got, err)
				return nil
			})
		}
		open(store.Comment{}, 10, first, second, third)
		open(second, 1, second)
		view(t, s, wsA, func(tx *store.Tx) error {
			d, err := tx.OpenDiscussion(id(9))
			same(t, thread, d, err)
			all, err := tx.Discussions(notion.ID{}, 10)
			same(t, []store.Discussion{thread, other}, all, err)
			of, err := tx.DiscussionsOf(id(9), thread.ID, 10)
			same(t, []store.Discussion{other}, of, err)
			of, err = tx.DiscussionsOf(id(8), notion.ID{}, 10)
			same(t, nil, of, err)
			if _, err := tx.OpenDiscussion(id(8)); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("the discussion of another node: %v", err)
			}
			return nil
		})

		update(t, s, wsA, func(tx *store.Tx) error { return tx.ResolveDiscussion(thread.ID, true) })
		open(store.Comment{}, 10, second)
		view(t, s, wsA, func(tx *store.Tx) error {
			d, err := tx.OpenDiscussion(id(9))
			same(t, other, d, err)
			c, err := tx.Comment(first.ID)
			same(t, true, c.Resolved, err)
			return nil
		})
		update(t, s, wsA, func(tx *store.Tx) error { return tx.ResolveDiscussion(thread.ID, false) })
		open(store.Comment{}, 10, first, second, third)

		first.RichText, first.Dynamic = []byte(`[3]`), false
		update(t, s, wsA, func(tx *store.Tx) error {
			first.LastEditedTime = tx.Now()
			return errors.Join(tx.UpdateComment(first), tx.DeleteComment(second))
		})
		open(store.Comment{}, 10, first, third)
		open(second, 10, third)
		view(t, s, wsA, func(tx *store.Tx) error {
			left, err := tx.Comment(second.ID)
			if err != nil || !left.Deleted || string(left.RichText) != "[]" || left.Attachments != nil || left.DisplayName != "" {
				t.Errorf("what is left of a deleted comment: %+v, %v", left, err)
			}
			if _, err := tx.Discussion(other.ID); !errors.Is(err, store.ErrNotFound) {
				t.Errorf("a discussion without comments: %v", err)
			}
			_, err = tx.Discussion(thread.ID)
			return err
		})
		update(t, s, wsA, func(tx *store.Tx) error { return tx.DeleteComment(first) })
		view(t, s, wsA, func(tx *store.Tx) error {
			_, err := tx.Discussion(thread.ID) // the third is in it
			return err
		})
		err := s.Update(t.Context(), wsA, func(tx *store.Tx) error { return tx.ResolveDiscussion(other.ID, true) })
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("resolving a discussion that is gone: %v", err)
		}
	})
}
