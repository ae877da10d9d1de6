package query

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/property"
)

// TestPlacesAreInTheOrderOfRows compares places with a plain comparison of rows, and reads
// the rows back from them.
func TestPlacesAreInTheOrderOfRows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sorts := make([]order, rapid.IntRange(1, 3).Draw(t, "sorts"))
		kinds := make([]int, len(sorts))
		for i := range sorts {
			sorts[i].descending = rapid.Bool().Draw(t, "descending")
			kinds[i] = rapid.IntRange(0, 2).Draw(t, "kind")
		}
		draw := func() Found {
			row := Found{Values: make([]any, len(sorts))}
			row.Page[15] = rapid.Byte().Draw(t, "page")
			for i := range sorts {
				short := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 'a', 0xff}), 0, 3)
				switch {
				case rapid.IntRange(0, 3).Draw(t, "value") == 0:
				case kinds[i] == 0:
					row.Values[i] = rapid.Int64Range(-2, 2).Draw(t, "int")
				case kinds[i] == 1:
					row.Values[i] = string(short.Draw(t, "text"))
				default:
					row.Values[i] = short.Draw(t, "bytes")
				}
			}
			return row
		}
		a, b := draw(), draw()
		x, y := appendPlace([]byte("before"), sorts, &a)[6:], appendPlace(nil, sorts, &b)
		if got, want := bytes.Compare(x, y), compareRows(sorts, a, b); got != want {
			t.Fatalf("%v and %v by %v: places say %d, want %d", a, b, sorts, got, want)
		}
		if read := readPlace(x, sorts); fmt.Sprint(read) != fmt.Sprint(a) {
			t.Fatalf("%v reads as %v", a, read)
		}
	})
}

func compareRows(sorts []order, a, b Found) int {
	for i := range sorts {
		x, y := a.Values[i], b.Values[i]
		n := 0
		switch {
		case x == nil && y == nil:
			continue
		case x == nil:
			return 1
		case y == nil:
			return -1
		}
		switch x := x.(type) {
		case int64:
			n = cmp.Compare(x, y.(int64))
		case string:
			n = cmp.Compare(x, y.(string))
		case []byte:
			n = bytes.Compare(x, y.([]byte))
		}
		if sorts[i].descending {
			n = -n
		}
		if n != 0 {
			return n
		}
	}
	return slices.Compare(b.Page[:], a.Page[:])
}

// TestPartsThatAreComputed compares the evaluation of filters over computed properties, all
// rows at a time, with that of one row, and sees that nothing is computed twice.
func TestPartsThatAreComputed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const properties, rows = 3, 4
		props := make([]*property.Property, properties)
		truth := map[*property.Property]map[notion.ID]bool{}
		ids := make([]notion.ID, rows)
		for i := range ids {
			ids[i][0] = byte(i)
		}
		for i := range props {
			props[i] = &property.Property{ID: fmt.Sprint(i)}
			truth[props[i]] = map[notion.ID]bool{}
			for _, id := range ids {
				truth[props[i]][id] = rapid.Bool().Draw(t, "holds")
			}
		}
		var tree func(depth int) node
		tree = func(depth int) node {
			kind := rapid.IntRange(0, 3).Draw(t, "node")
			if depth == 0 {
				kind = 3
			}
			switch kind {
			case 0:
				return not{tree(depth - 1)}
			case 1, 2:
				g := group{any: kind == 1}
				for range rapid.IntRange(1, 3).Draw(t, "parts") {
					g.of = append(g.of, tree(depth-1))
				}
				return g
			}
			p := rapid.SampledFrom(props).Draw(t, "property")
			return derived{property: p, kind: property.BooleanResult, of: cells{property: p.ID}}
		}
		root := tree(3)
		asked := map[string]bool{}
		q := &Query{results: func(p *property.Property, of []notion.ID) ([]property.Result, error) {
			results := make([]property.Result, len(of))
			for i, id := range of {
				if key := p.ID + id.String(); asked[key] {
					t.Fatal("computed twice: " + key)
				} else {
					asked[key] = true
				}
				results[i] = property.Result{Kind: property.BooleanResult, Value: jsonx.BoolValue(truth[p][id])}
			}
			return results, nil
		}}
		plain, computed := divide(root)
		if g, isGroup := plain.(group); plain != nil && (!isGroup || len(g.of) > 0) {
			t.Fatalf("the database is asked for %v", plain)
		}
		q.computed = computed
		got, err := q.batch(nil, Rows{}, ids).passing()
		if err != nil {
			t.Fatal(err)
		}
		var want []int
		for i, id := range ids {
			if plainly(root, func(p *property.Property) bool { return truth[p][id] }) {
				want = append(want, i)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%v: got %v, want %v", root, got, want)
		}
	})
}

func plainly(n node, holds func(*property.Property) bool) bool {
	switch n := n.(type) {
	case not:
		return !plainly(n.of, holds)
	case derived:
		return holds(n.property)
	case group:
		for _, part := range n.of {
			if plainly(part, holds) == n.any {
				return n.any
			}
		}
		return !n.any
	}
	panic("unknown")
}

// TestUndecidedRowsAlone sees that a part is only computed for rows that the parts before it
// have left open, and that its failure is the query's.
func TestUndecidedRowsAlone(t *testing.T) {
	first, second := &property.Property{ID: "1"}, &property.Property{ID: "2"}
	ids := []notion.ID{{1}, {2}, {3}}
	failure := errors.New("no")
	for _, c := range []struct {
		any  bool
		want []notion.ID
	}{{false, ids[:1]}, {true, ids[1:]}} {
		var asked []notion.ID
		q := &Query{results: func(p *property.Property, of []notion.ID) ([]property.Result, error) {
			if p == second {
				asked = of
				return nil, failure
			}
			results := make([]property.Result, len(of))
			results[0] = property.Result{Kind: property.NumberResult, Value: jsonx.NumberValue(1)}
			return results, nil
		}}
		part := func(p *property.Property) node {
			return derived{property: p, kind: property.NumberResult, of: cells{property: p.ID}}
		}
		q.computed = []node{group{any: c.any, of: []node{part(first), part(second)}}}
		if _, err := q.batch(nil, Rows{}, ids).passing(); !errors.Is(err, failure) {
			t.Errorf("got %v", err)
		}
		if !slices.Equal(asked, c.want) {
			t.Errorf("any %v: asked for %v", c.any, asked)
		}
	}
}
