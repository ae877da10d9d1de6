package core_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"octavo/internal/core"
	"octavo/internal/notion"
	"octavo/internal/store"
	"octavo/internal/store/storetest"
)

// TestPurgeGoesFromTheInside removes trees piece by piece: at no moment does a node hang on
// one that is gone, every node goes once, and what stands beside stays.
func TestPurgeGoesFromTheInside(t *testing.T) {
	s := storetest.Open(t, store.Options{Memory: true})
	ws := notion.ID{1}
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 30 {
		size, most := 1+random.IntN(60), 1+random.IntN(20)
		root := notion.ID{2, byte(round), 0}
		blocks := []store.Block{{ID: root, Type: "toggle", InTrash: true, Payload: []byte(`{}`)}}
		for n := 1; n < size; n++ {
			parent := blocks[random.IntN(len(blocks))].ID
			if random.IntN(3) == 0 { // chains as well as bushes
				parent = blocks[len(blocks)-1].ID
			}
			blocks = append(blocks, store.Block{ID: notion.ID{2, byte(round), byte(n)}, Type: "toggle", ParentID: parent, Payload: []byte(`{}`)})
		}
		beside := store.Block{ID: notion.ID{3, byte(round)}, Type: "toggle", Payload: []byte(`{}`)}
		err := s.Update(t.Context(), ws, func(tx *store.Tx) error { return tx.InsertBlocks(append(blocks, beside)) })
		if err != nil {
			t.Fatal(err)
		}
		left := slices.Clone(blocks)
		for done := false; !done; {
			err := s.Update(t.Context(), ws, func(tx *store.Tx) error {
				nodes, whole, err := core.OutermostLast(tx, store.Link{ID: root}, most)
				if err != nil {
					return err
				}
				if len(nodes) == 0 || len(nodes) > most {
					t.Fatalf("round %d: %d of at most %d nodes", round, len(nodes), most)
				}
				gone := map[notion.ID]bool{}
				ids := make([]notion.ID, len(nodes))
				for i, n := range nodes {
					gone[n.ID], ids[i] = true, n.ID
				}
				before := len(left)
				left = slices.DeleteFunc(left, func(b store.Block) bool { return gone[b.ID] })
				if before-len(left) != len(nodes) {
					t.Fatalf("round %d: %d nodes, %d of them there", round, len(nodes), before-len(left))
				}
				for _, b := range left {
					if gone[b.ParentID] {
						t.Fatalf("round %d: %s hangs on nothing", round, b.ID)
					}
				}
				done = whole
				return tx.Remove(ids)
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		err = s.View(t.Context(), ws, func(tx *store.Tx) error {
			if _, err := tx.Block(beside.ID); err != nil {
				return err
			}
			n, err := tx.CountDescendants(root)
			if n != 0 || len(left) != 0 {
				t.Errorf("round %d: %d nodes are left, of those that should be gone %d", round, n, len(left))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
