package query

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"octavo/internal/notion"
)

// memory is a database of rows, of which each has values by part. It knows the statements of
// tables alone.
type memory struct {
	Database
	rows map[notion.ID]map[Part][][]byte
}

// Items implements [Database].
func (m *memory) Items(text string, args []any, integers bool, row func(*Item) error) error {
	some := map[notion.ID]bool{}
	for _, arg := range args {
		if id, ok := arg.([]byte); ok && len(id) == len(notion.ID{}) && strings.Contains(text, " IN ($") {
			some[notion.ID(id)] = true
		}
	}
	var part Part
	for _, values := range m.rows {
		for p := range values {
			if p.property != "" && slices.Contains(args, any(p.property)) && strings.Contains(text, "seq, "+string(p.aspect)+" FROM") {
				part = p
			}
		}
	}
	for id, values := range m.rows {
		if len(some) > 0 && !some[id] {
			continue
		}
		if !strings.Contains(text, "FROM cell") {
			if err := row(&Item{Page: id}); err != nil {
				return err
			}
			continue
		}
		for seq, value := range values[part] {
			if err := row(&Item{Page: id, Seq: int64(seq), Bytes: value}); err != nil {
				return err
			}
		}
	}
	return nil
}

func idOf(n int) (id notion.ID) {
	binary.BigEndian.PutUint64(id[8:], uint64(n+1))
	return id
}

var (
	numberPart = Part{property: "n", aspect: keyAspect, shape: numbers}
	textPart   = Part{property: "t", aspect: keyAspect, shape: texts}
	listPart   = Part{property: "l", aspect: keyAspect, shape: lists}
)

// random gives a row values, or none.
func (m *memory) random(r *rand.Rand, n int) {
	values := map[Part][][]byte{}
	if r.IntN(4) > 0 {
		values[numberPart] = [][]byte{NumberKey(float64(r.IntN(20) - 10))}
	}
	if r.IntN(4) > 0 {
		values[textPart] = [][]byte{[]byte("same beginning "[:r.IntN(15)] + fmt.Sprint(r.IntN(5)))}
	}
	for range r.IntN(4) {
		values[listPart] = append(values[listPart], fmt.Appendf(nil, "w%d", r.IntN(3)))
	}
	m.rows[idOf(n)] = values
}

func load(t testing.TB, m *memory) *Table {
	t.Helper()
	table, err := LoadTable(m, Rows{Source: notion.ID{1}}, 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []Part{numberPart, textPart, listPart} {
		if err := table.Load(m, p, 1<<30); err != nil {
			t.Fatal(err)
		}
	}
	return table
}

// TestTable compares a table that follows changes with one that is loaded after them: both
// have the same rows with the same values, in the same order.
func TestTable(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const rows = 60
	m := &memory{rows: map[notion.ID]map[Part][][]byte{}}
	for i := range rows / 2 {
		m.random(r, i)
	}
	table := load(t, m)
	for turn := range 200 {
		var changed []notion.ID
		for range r.IntN(6) {
			n := r.IntN(rows)
			if r.IntN(3) == 0 {
				delete(m.rows, idOf(n))
			} else {
				m.random(r, n)
			}
			changed = append(changed, idOf(n), idOf(n))
		}
		if err := table.Update(m, changed); err != nil {
			t.Fatal(err)
		}
		fresh := load(t, m)
		if table.Len() != len(m.rows) || fresh.Len() != len(m.rows) {
			t.Fatalf("turn %d: %d rows and %d, want %d", turn, table.Len(), fresh.Len(), len(m.rows))
		}
		for name, q := range someQueries {
			want, _ := q.Scan(fresh, nil, rows)
			var got []Found
			var after *Found
			for {
				size := 1 + r.IntN(20)
				page, ok := q.Scan(table, after, size)
				if !ok {
					t.Fatalf("%s: a place of its own is not known", name)
				}
				got = append(got, page...)
				if len(page) < size {
					break
				}
				after = &page[size-1]
			}
			if !slices.EqualFunc(got, want, sameFound) {
				t.Fatalf("turn %d, %s:\ngot  %v\nwant %v", turn, name, got, want)
			}
		}
		if table.Worn() {
			table = fresh
		}
	}
}

func sameFound(a, b Found) bool { return fmt.Sprint(a) == fmt.Sprint(b) }

var ranked = []Rank{{[]byte("w2"), 0}, {[]byte("w0"), 1}}

var someQueries = map[string]*Query{
	"numbers":    {sorts: []order{{by: byKey, property: "n", shape: numbers}, {by: byKey, property: "t", descending: true}}},
	"texts":      {sorts: []order{{by: byKey, property: "t"}, {by: byRanks, property: "l", shape: lists, ranks: ranked}}},
	"lists":      {sorts: []order{{by: byRanks, property: "l", shape: lists, ranks: ranked, descending: true}}},
	"first word": {sorts: []order{{by: byRanks, property: "l", shape: lists, ranks: ranked, first: true}}},
	"ticked":     {sorts: []order{{by: byTicked, property: "n", shape: numbers, descending: true}}},
	"filtered": {
		filter: group{any: true, of: []node{
			cells{property: "l", shape: lists, many: true, test: test{keys: [][]byte{[]byte("w1")}}},
			not{cells{property: "n", shape: numbers, test: test{low: NumberKey(-3), high: successor(NumberKey(4))}}},
		}},
		sorts: []order{{by: byKey, property: "n", shape: numbers, descending: true}},
	},
}

// TestScanOrder compares the order of a scan with that of the values themselves.
func TestScanOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	m := &memory{rows: map[notion.ID]map[Part][][]byte{}}
	for i := range 500 {
		m.random(r, i)
	}
	table := load(t, m)
	want := slices.Collect(func(yield func(notion.ID) bool) {
		for id := range m.rows {
			if !yield(id) {
				return
			}
		}
	})
	text := func(id notion.ID) []byte { return slices.Concat(m.rows[id][textPart]...) }
	slices.SortFunc(want, func(a, b notion.ID) int {
		x, y := text(a), text(b)
		switch {
		case x == nil && y != nil:
			return 1
		case x != nil && y == nil:
			return -1
		}
		return cmp.Or(bytes.Compare(x, y), compareIDs(b, a))
	})
	found, _ := (&Query{sorts: []order{{by: byKey, property: "t"}}}).Scan(table, nil, 300)
	for i, f := range found {
		if f.Page != want[i] {
			t.Fatalf("%d: got %s, want %s", i, f.Page, want[i])
		}
	}
}

// TestRange: the bounds of a range may be longer or shorter than the keys.
func TestRange(t *testing.T) {
	c := newVector(numbers)
	c.grow(3)
	keys := [][]byte{{0, 0, 0, 0, 0, 0, 0, 0}, {5, 0, 0, 0, 0, 0, 0, 7}, bytes.Repeat([]byte{255}, 8)}
	for i, key := range keys {
		if err := c.put(int32(i), 0, key); err != nil {
			t.Fatal(err)
		}
	}
	bounds := [][]byte{nil, {}, {5}, {5, 1}, keys[0], keys[1], keys[2], successor(keys[0]), successor(keys[1]), successor(keys[2])}
	for _, low := range bounds {
		for _, high := range bounds {
			asked := test{low: low, high: high}
			passes := c.inRange(asked)
			for i, key := range keys {
				if got, want := passes(int32(i)), asked.hasKey(key); got != want {
					t.Errorf("%x is in [%x, %x): %v", key, low, high, got)
				}
			}
		}
	}
}

// TestTableRoom: what does not fit is not loaded, and what was there before stays.
func TestTableRoom(t *testing.T) {
	m := &memory{rows: map[notion.ID]map[Part][][]byte{}}
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 3000 {
		m.random(r, i)
	}
	if _, err := LoadTable(m, Rows{}, 1000); !errors.Is(err, ErrTooLarge) {
		t.Errorf("rows without room: %v", err)
	}
	table, err := LoadTable(m, Rows{}, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Load(m, textPart, table.Size()+100); !errors.Is(err, ErrTooLarge) || table.Has([]Part{textPart}) {
		t.Errorf("a part without room: %v", err)
	}
	if err := table.Load(m, numberPart, 1<<20); err != nil || !table.Has([]Part{numberPart}) {
		t.Errorf("a part with room: %v", err)
	}
}

func BenchmarkScan(b *testing.B) {
	m := &memory{rows: map[notion.ID]map[Part][][]byte{}}
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 100_000 {
		m.rows[idOf(i)] = map[Part][][]byte{
			numberPart: {NumberKey(float64(r.IntN(1000)))},
			textPart:   {fmt.Appendf(nil, "%d row", r.IntN(1e6))},
			listPart:   {fmt.Appendf(nil, "w%d", r.IntN(10))},
		}
	}
	table := load(b, m)
	both := group{of: []node{
		cells{property: "l", shape: lists, many: true, test: test{keys: [][]byte{[]byte("w1")}}},
		cells{property: "n", shape: numbers, test: test{low: NumberKey(500)}},
	}}
	half := cells{property: "n", shape: numbers, test: test{low: NumberKey(500)}}
	for name, q := range map[string]*Query{
		"two filters, by number": {filter: both, sorts: []order{{by: byKey, property: "n", shape: numbers}}},
		"half, by text":          {filter: half, sorts: []order{{by: byKey, property: "t"}}},
		"all, by option":         {sorts: []order{{by: byRanks, property: "l", shape: lists, ranks: ranked}}},
	} {
		first, _ := q.Scan(table, nil, 20_000)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				q.Scan(table, nil, 101)
			}
		})
		if len(first) < 4000 {
			b.Fatal(len(first))
		}
		b.Run(name+", from the middle", func(b *testing.B) {
			for b.Loop() {
				q.Scan(table, &first[len(first)/2], 101)
			}
		})
	}
}
