package store_test

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"octavo/internal/notion"
	"octavo/internal/store"
	"octavo/internal/store/storetest"
)

func TestChain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		page := block(1, notion.ID{}, "a0")
		page.Type, page.PageID = "child_page", notion.ID{}
		trashed := block(2, id(1), "a0")
		trashed.InTrash = true
		orphan := block(5, id(99), "a0")
		ring := []store.Block{block(6, id(7), "a0"), block(7, id(6), "a0")}
		update(t, s, wsA, insert(append(ring, page, trashed, block(3, id(2), "a0"), orphan)...))
		view(t, s, wsA, func(tx *store.Tx) error {
			chain, err := tx.Chain(id(3))
			same(t, []store.Link{
				{ID: id(3), Type: "paragraph", ParentID: id(2), PageID: id(1)},
				{ID: id(2), Type: "paragraph", ParentID: id(1), PageID: id(1), InTrash: true},
				{ID: id(1), Type: "child_page"},
			}, chain, err)
			chain, err = tx.Chain(id(5))
			same(t, []store.Link{{ID: id(5), Type: "paragraph", ParentID: id(99), PageID: id(1)}}, chain, err)
			// Whatever made a ring, asking for it must come to an end, and below it too.
			if chain, err = tx.Chain(id(6)); err != nil || chain[len(chain)-1].ParentID.IsZero() {
				t.Errorf("a ring of %d links, %v", len(chain), err)
			}
			below, err := tx.CountDescendants(id(6))
			same(t, 2, below, err)
			return nil
		})
	})
}

func TestChildrenPaging(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		// Upper case comes before lower case, whatever the language of the cluster.
		blocks := []store.Block{block(5, id(1), "Zz"), block(4, id(1), "a0"), block(6, id(1), "a0"), block(2, id(1), "a0a0"), block(3, id(1), "b00")}
		trashed := block(9, id(1), "a5")
		trashed.InTrash = true
		update(t, s, wsA, insert(append([]store.Block{trashed}, blocks...)...))
		for n := 1; n <= len(blocks)+1; n++ {
			view(t, s, wsA, func(tx *store.Tx) error {
				var all []store.Block
				from := store.From{}
				for {
					some, err := tx.Children(id(1), from, n)
					if err != nil {
						return err
					}
					all = append(all, some...)
					if len(some) < n {
						break
					}
					last := some[len(some)-1]
					from = store.From{Ord: last.Ord, ID: last.ID}
				}
				same(t, blocks, all, nil)
				from.Inclusive, from.Ord, from.ID = true, blocks[2].Ord, blocks[2].ID
				rest, err := tx.Children(id(1), from, 10)
				same(t, blocks[2:], rest, err)
				return nil
			})
		}
	})
}

// model is the tree as a few loops over a map.
type model map[notion.ID]store.Block

func (m model) children(parent notion.ID, trash bool) []store.Block {
	var list []store.Block
	for _, b := range m {
		if b.ParentID == parent && (trash || !b.InTrash) {
			list = append(list, b)
		}
	}
	slices.SortFunc(list, func(a, b store.Block) int { return cmp.Compare(a.Ord, b.Ord) })
	return list
}

func (m model) below(id notion.ID, content bool) map[notion.ID]bool {
	set := make(map[notion.ID]bool)
	for _, c := range m.children(id, true) {
		set[c.ID] = true
		if !content || c.Type != "child_page" {
			maps.Copy(set, m.below(c.ID, content))
		}
	}
	return set
}

// TestTreeAgainstAModel does random things to a tree and compares every answer with a
// model in memory.
func TestTreeAgainstAModel(t *testing.T) {
	storetest.Each(t, func(t *testing.T, opts store.Options) {
		s := open(t, opts)
		runs := uint16(0)
		rapid.Check(t, func(rt *rapid.T) {
			runs++
			ws := notion.ID{0: 1, 14: byte(runs >> 8), 15: byte(runs)}
			m := model{}
			next := byte(0)
			for range rapid.IntRange(1, 15).Draw(rt, "steps") {
				must(rt, s.Update(context.Background(), ws, func(tx *store.Tx) error { return m.step(rt, tx, &next) }))
			}
			must(rt, s.View(context.Background(), ws, func(tx *store.Tx) error { return m.check(rt, tx) }))
		})
	})
}

func must(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

// node draws a node of the tree, the top of the workspace included.
func (m model) node(t *rapid.T, label string) notion.ID {
	ids := append(slices.SortedFunc(maps.Keys(m), func(a, b notion.ID) int { return slices.Compare(a[:], b[:]) }), notion.ID{})
	return rapid.SampledFrom(ids).Draw(t, label)
}

func (m model) pageOf(parent notion.ID) notion.ID {
	p, ok := m[parent]
	if !ok || p.Type == "child_page" {
		return parent
	}
	return p.PageID
}

// place draws a place among the children of a node and asks the store for its neighbours.
func (m model) place(t *rapid.T, tx *store.Tx, parent notion.ID) (before, after string) {
	siblings := m.children(parent, true)
	first, last, err := tx.Ends(parent)
	must(t, err)
	at := rapid.IntRange(0, len(siblings)).Draw(t, "at")
	if at > 0 {
		before = siblings[at-1].Ord
		after, err = tx.OrdAfter(parent, before)
		must(t, err)
	} else {
		after = first
	}
	want := ""
	if at < len(siblings) {
		want = siblings[at].Ord
	}
	if after != want || at == len(siblings) && before != last {
		t.Fatalf("place %d of %d: between %q and %q, want %q; last %q", at, len(siblings), before, after, want, last)
	}
	return before, after
}

func (m model) step(t *rapid.T, tx *store.Tx, next *byte) error {
	switch rapid.SampledFrom([]string{"insert", "insert", "trash", "move"}).Draw(t, "op") {
	case "insert":
		parent := m.node(t, "parent")
		before, after := m.place(t, tx, parent)
		var added []store.Block
		for _, ord := range store.Sequence(before, after, rapid.IntRange(1, 5).Draw(t, "n")) {
			*next++
			b := block(*next, parent, ord)
			b.PageID, b.Type = m.pageOf(parent), rapid.SampledFrom([]string{"paragraph", "child_page"}).Draw(t, "type")
			added = append(added, b)
		}
		for _, b := range added {
			m[b.ID] = b
		}
		return tx.InsertBlocks(added)
	case "trash":
		id := m.node(t, "id")
		b, ok := m[id]
		if !ok {
			return nil
		}
		b.InTrash = !b.InTrash
		m[id] = b
		return tx.SetTrash(b.InTrash, b.LastEditedBy, id)
	default:
		id, parent := m.node(t, "id"), m.node(t, "to")
		b, ok := m[id]
		if !ok || id == parent || m.below(id, false)[parent] {
			return nil
		}
		before, after := m.place(t, tx, parent)
		content := []notion.ID{}
		if b.Type != "child_page" {
			links, err := tx.Content(id, b.PageID, 1000)
			must(t, err)
			for _, l := range links {
				content = append(content, l.ID)
			}
			if want := m.below(id, true); len(want) != len(content) {
				t.Fatalf("content of %v: %v, want %v", id, content, want)
			}
		}
		b.ParentID, b.PageID, b.Ord = parent, m.pageOf(parent), store.Between(before, after)
		m[id] = b
		for _, c := range content {
			moved := m[c]
			moved.PageID = b.PageID
			m[c] = moved
		}
		return errors.Join(tx.MoveBlock(id, b.ParentID, b.PageID, b.Ord), tx.SetPage(content, b.PageID))
	}
}

func (m model) check(t *rapid.T, tx *store.Tx) error {
	for id := range maps.Keys(m) {
		chain, err := tx.Chain(id)
		must(t, err)
		for i, at := 0, id; !at.IsZero(); i, at = i+1, m[at].ParentID {
			b := m[at]
			if want := (store.Link{ID: at, Type: b.Type, ParentID: b.ParentID, PageID: b.PageID, InTrash: b.InTrash}); chain[i] != want {
				t.Fatalf("link %d of %v is %+v, want %+v", i, id, chain[i], want)
			}
		}
	}
	for _, parent := range append(slices.Collect(maps.Keys(m)), notion.ID{}) {
		got, err := tx.Children(parent, store.From{}, 1000)
		must(t, err)
		want := m.children(parent, false)
		if len(got) != len(want) {
			t.Fatalf("%v has %d children, want %d", parent, len(got), len(want))
		}
		for i := range want {
			has := len(m.children(want[i].ID, false)) > 0
			if got[i].ID != want[i].ID || got[i].PageID != want[i].PageID || got[i].HasChildren != has {
				t.Fatalf("child %d of %v is %+v, want %+v with children %t", i, parent, got[i], want[i], has)
			}
		}
		n, err := tx.CountDescendants(parent)
		must(t, err)
		links, err := tx.Descendants(parent, 1000)
		must(t, err)
		if want := len(m.below(parent, false)); n != want || len(links) != want {
			t.Fatalf("%d and %d descendants of %v, want %d", n, len(links), parent, want)
		}
	}
	return nil
}
