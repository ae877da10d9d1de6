package core

import (
	"testing"

	"octavo/internal/notion"
)

func readRows(ids ...byte) []readRow {
	rows := make([]readRow, len(ids))
	for i, id := range ids {
		rows[i].page = notion.ID{id}
	}
	return rows
}

// TestReadings reads the same page twice, as a client does that got no answer.
func TestReadings(t *testing.T) {
	var r readings
	ids := uint64(0)
	newID := func() uint64 { ids++; return ids }
	first := r.note(&reading{came: map[notion.ID]int{}}, 0, readRows(1, 2), newID)
	second := r.note(first, 2, readRows(3, 4), newID)
	again := r.note(first, 2, readRows(3, 5), newID)
	third := r.note(again, 4, readRows(6), newID)
	if first != second || first == again || again != third || r.find(first.id) != first || r.find(again.id) != again || r.find(9) != nil {
		t.Error("a page that is read again is to begin a reading of its own, and no other")
	}
	for _, c := range []struct {
		of   *reading
		id   byte
		n    int
		want bool
	}{
		{first, 1, 2, true}, {first, 3, 2, false}, {first, 3, 4, true}, {first, 4, 4, true}, {first, 5, 4, false},
		{again, 2, 4, true}, {again, 4, 5, false}, {again, 5, 4, true}, {again, 6, 4, false}, {again, 6, 5, true}, {nil, 1, 1, false},
	} {
		if got := c.of.had(notion.ID{c.id}, c.n); got != c.want {
			t.Errorf("%d is one of the first %d: %v", c.id, c.n, got)
		}
	}
	if r.rows != 4+5 {
		t.Errorf("%d rows are counted", r.rows)
	}
}

func TestReadingsAreForgotten(t *testing.T) {
	var r readings
	ids := uint64(0)
	newID := func() uint64 { ids++; return ids }
	many := make([]readRow, maxReadRows/2)
	for i := range many {
		many[i].page = notion.ID{byte(i >> 16), byte(i >> 8), byte(i)}
	}
	begin := func() *reading { return r.note(&reading{came: map[notion.ID]int{}}, 0, many, newID) }
	a, b := begin(), begin()
	r.find(a.id) // used again
	c := begin()
	if r.find(a.id) != a || r.find(b.id) != nil || r.find(c.id) != c || r.rows != 2*len(many) {
		t.Errorf("what was not used for longest is to go: %d rows", r.rows)
	}
	// One that is being read while it is forgotten is kept again, with all that came.
	b = r.note(b, len(many), readRows(255), newID)
	if r.find(b.id) != b || r.find(a.id) != nil || r.find(c.id) != nil || r.rows != len(many)+1 {
		t.Errorf("%d rows", r.rows)
	}
}

func TestProgress(t *testing.T) {
	for _, p := range []progress{{}, {rows: 100}, {rows: 9_999, cut: true}, {rows: 1 << 30, reading: 1<<64 - 1, had: 7}, {cut: true, reading: 1}} {
		if got, ok := progressOf(p.memo()); !ok || got != p {
			t.Errorf("%+v reads as %+v, %v", p, got, ok)
		}
	}
	for _, memo := range [][]byte{nil, {0x80}, {0, 0}, {0, 0, 1, 2, 3}, append(progress{reading: 5}.memo(), 0), {255, 255, 255, 255, 255, 255, 255, 255, 255, 1}} {
		if p, ok := progressOf(memo); ok {
			t.Errorf("%x reads as %+v", memo, p)
		}
	}
}
