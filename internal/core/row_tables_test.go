package core_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"octavo/internal/core"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
)

// counted is a data source whose rows are named and numbered alike.
type counted struct {
	*bench
	p      *core.Principal
	source notion.ID
	rows   []notion.ID
}

func newCounted(b *bench, rows int) *counted {
	c := &counted{bench: b, p: b.principal()}
	c.source = b.newSource(b.t, c.p, `{"Name":{"title":{}},"N":{"number":{}},"On":{"checkbox":{}}}`)
	for i := range rows {
		c.rows = append(c.rows, idIn(b.newRow(b.t, c.p, c.source, fmt.Sprintf(
			`{"Name":[{"text":{"content":"row %[1]d"}}],"N":%[1]d,"On":true}`, i)).Get("id")))
	}
	return c
}

// walk sends a query that no index answers, and returns the names in the answer.
func (c *counted) walk() string {
	c.t.Helper()
	o, err := c.Query(c.ctx, c.p, c.source, core.RowQuery{
		Filter: parse(c.t, `{"or":[{"property":"On","checkbox":{"equals":true}},{"property":"N","number":{"equals":-1}}]}`),
		Sorts:  parse(c.t, `[{"property":"N","direction":"descending"}]`),
		PageOf: core.PageOf{Size: 100},
	})
	var names []string
	for _, row := range shown(c.t, o, err).Get("results").Items() {
		names = append(names, row.Get("properties").Get("Name").Get("title").Items()[0].Get("plain_text").Text())
	}
	return strings.Join(names, ", ")
}

func (c *counted) change(row int, change core.PageChange) {
	c.t.Helper()
	if _, err := c.UpdatePage(c.ctx, c.p, c.rows[row], change); err != nil {
		c.t.Fatal(err)
	}
}

// TestTables: a data source gets a table when it has been walked, and the table follows what
// is written.
func TestTables(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		b.LimitTables(3, 1<<20)
		c := newCounted(b, 4)
		hasTable := func() bool { return b.HasTable(c.p.Workspace, c.source) }
		same := func(want string) {
			t.Helper()
			if got := c.walk(); got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		}
		if hasTable() {
			t.Error("there is a table that nobody has asked for")
		}
		same("row 3, row 2, row 1, row 0")
		if !hasTable() {
			t.Fatal("there is no table")
		}
		same("row 3, row 2, row 1, row 0")
		for _, step := range []struct {
			do   func()
			want string
		}{
			{func() { c.change(2, core.PageChange{Properties: parse(t, `{"N":7}`)}) }, "row 2, row 3, row 1, row 0"},
			{func() { c.change(1, core.PageChange{InTrash: jsonx.BoolValue(true)}) }, "row 2, row 3, row 0"},
			{func() { c.change(0, core.PageChange{IsArchived: jsonx.BoolValue(true)}) }, "row 2, row 3"},
			{func() { c.change(1, core.PageChange{InTrash: jsonx.BoolValue(false)}) }, "row 2, row 3, row 1"},
			{func() { c.change(3, core.PageChange{Properties: parse(t, `{"On":false}`)}) }, "row 2, row 1"},
			{func() {
				b.newRow(t, c.p, c.source, `{"Name":[{"text":{"content":"new"}}],"N":8,"On":true}`)
			}, "new, row 2, row 1"},
			{func() {
				to := parse(t, `{"page_id":"%s"}`, b.first.Page)
				if _, err := b.MovePage(b.ctx, c.p, c.rows[2], to); err != nil {
					t.Fatal(err)
				}
			}, "new, row 1"},
		} {
			step.do()
			same(step.want)
			if !hasTable() {
				t.Fatal("the table is gone")
			}
		}
	})
}

// TestTablesThatAreNotKept: of few rows, or larger than there is room.
func TestTablesThatAreNotKept(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		c, other := newCounted(b, 4), newCounted(b, 4)
		for _, limit := range []struct {
			rows, room  int
			first, both bool
		}{
			{5, 1 << 20, false, false},
			{3, 1, false, false},
			{3, 1 << 20, true, true},
		} {
			b.start(core.BootstrapOptions{})
			b.LimitTables(limit.rows, limit.room)
			for range 2 {
				c.walk()
				if got := b.HasTable(c.p.Workspace, c.source); got != limit.first {
					t.Errorf("%+v: there is a table: %v", limit, got)
				}
			}
			if other.walk(); b.HasTable(c.p.Workspace, c.source) && b.HasTable(c.p.Workspace, other.source) != limit.both {
				t.Errorf("%+v: there are two tables", limit)
			}
		}
		// Room for one: the one that was used last stays.
		b.start(core.BootstrapOptions{})
		const oneTable = 300
		b.LimitTables(3, oneTable)
		for _, used := range []*counted{c, other, c} {
			used.walk()
			for _, any := range []*counted{c, other} {
				if got := b.HasTable(c.p.Workspace, any.source); got != (any == used) {
					t.Errorf("there is a table: %v", got)
				}
			}
		}
	})
}

// TestTablesWhileRowsAreWritten: every answer is of one snapshot. A writer turns rows off and
// on again, one of them at a time.
func TestTablesWhileRowsAreWritten(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		b.LimitTables(3, 1<<20)
		c := newCounted(b, 4)
		var wait sync.WaitGroup
		stop := make(chan struct{})
		for range 4 {
			wait.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					if got := strings.Count(c.walk(), "row"); got != 3 && got != 4 {
						t.Errorf("%d rows", got)
					}
				}
			})
		}
		const turns = 100
		for i := range turns {
			c.change(i/2%4, core.PageChange{Properties: parse(t, `{"On":%v}`, i%2 == 1)})
		}
		close(stop)
		wait.Wait()
		if got := c.walk(); got != "row 3, row 2, row 1, row 0" {
			t.Error(got)
		}
	})
}
