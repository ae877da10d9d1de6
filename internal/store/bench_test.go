package store_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"octavo/internal/clock"
	"octavo/internal/notion"
	"octavo/internal/store"
	"octavo/internal/store/storetest"
)

var benchTime = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// benchID makes ids as a server does: in the order of time, random within a millisecond.
func benchID() notion.ID {
	return clock.Random{}.New(benchTime.Add(time.Duration(benchOps.Load()) * time.Millisecond))
}

var benchOps atomic.Int64

func benchBlock(parent notion.ID, ord string) store.Block {
	return store.Block{
		ID: benchID(), Type: "paragraph", ParentID: parent, PageID: parent, Ord: ord,
		CreatedTime: benchTime, LastEditedTime: benchTime,
		Payload: []byte(`{"rich_text":[{"type":"text","text":{"content":"` + strings.Repeat("x", 200) + `","link":null}}],"color":"default"}`),
	}
}

func benchPage(ord string) store.Page {
	p := store.Page{Block: benchBlock(notion.ID{}, ord), Properties: []byte(`{"title":"` + strings.Repeat("x", 500) + `"}`), Title: "x"}
	p.Type, p.Payload = "child_page", []byte("{}")
	return p
}

func eachBench(b *testing.B, run func(b *testing.B, s *store.Store)) {
	b.Run("sqlite", func(b *testing.B) { run(b, storetest.Open(b, storetest.SQLite(b))) })
	b.Run("postgres", func(b *testing.B) { run(b, storetest.Open(b, storetest.Postgres(b))) })
}

func fill(b *testing.B, s *store.Store, pages, children int) (ids []notion.ID) {
	b.Helper()
	for range pages {
		err := s.Update(b.Context(), notion.ID{1}, func(tx *store.Tx) error {
			p := benchPage("a0")
			ids = append(ids, p.ID)
			if err := tx.InsertPages([]store.Page{p}); err != nil {
				return err
			}
			return tx.InsertBlocks(benchBlocks(p.ID, children))
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	return ids
}

func benchBlocks(parent notion.ID, n int) []store.Block {
	benchOps.Add(1)
	blocks := make([]store.Block, n)
	for i, ord := range store.Sequence("", "", n) {
		blocks[i] = benchBlock(parent, ord)
	}
	return blocks
}

func BenchmarkRead(b *testing.B) {
	eachBench(b, func(b *testing.B, s *store.Store) {
		ids := fill(b, s, 500, 100)
		reads := map[string]func(tx *store.Tx, id notion.ID) error{
			"page":        func(tx *store.Tx, id notion.ID) error { _, err := tx.Page(id); return err },
			"chain":       func(tx *store.Tx, id notion.ID) error { _, err := tx.Chain(id); return err },
			"children100": func(tx *store.Tx, id notion.ID) error { _, err := tx.Children(id, store.From{}, 101); return err },
			"nothing":     func(*store.Tx, notion.ID) error { return nil },
		}
		for name, read := range reads {
			b.Run(name, func(b *testing.B) {
				ctx, cancel := context.WithCancel(b.Context())
				defer cancel()
				var n atomic.Uint32
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						id := ids[int(n.Add(7919))%len(ids)]
						if err := s.View(ctx, notion.ID{1}, func(tx *store.Tx) error { return read(tx, id) }); err != nil {
							b.Error(err)
						}
					}
				})
			})
		}
	})
}

func BenchmarkWrite(b *testing.B) {
	eachBench(b, func(b *testing.B, s *store.Store) {
		for _, blocks := range []int{1, 100} {
			for _, callers := range []int{1, 10} {
				b.Run(fmt.Sprintf("blocks%d/callers%d", blocks, callers), func(b *testing.B) {
					ids := fill(b, s, 1, 0)
					b.SetParallelism((callers + 1) / 2)
					if callers == 1 {
						for b.Loop() {
							benchAppend(b, s, ids[0], blocks)
						}
						return
					}
					b.ResetTimer()
					b.RunParallel(func(pb *testing.PB) {
						for pb.Next() {
							benchAppend(b, s, ids[0], blocks)
						}
					})
				})
			}
		}
	})
}

func benchAppend(b *testing.B, s *store.Store, parent notion.ID, n int) {
	blocks := benchBlocks(parent, n)
	err := s.Update(b.Context(), notion.ID{1}, func(tx *store.Tx) error { return tx.InsertBlocks(blocks) })
	if err != nil {
		b.Error(err)
	}
}

// BenchmarkSync is what the disk asks for the smallest durable write.
func BenchmarkSync(b *testing.B) {
	file, err := os.Create(b.TempDir() + "/file")
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	var record [8]byte
	for b.Loop() {
		binary.BigEndian.PutUint64(record[:], 1)
		if _, err := file.Write(record[:]); err != nil {
			b.Fatal(err)
		}
		if err := file.Sync(); err != nil {
			b.Fatal(err)
		}
	}
}
