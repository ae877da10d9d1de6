package formula

import (
	"testing"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
)

// comparisons are formulas of some ten nodes and what comes closest to them in expr.
var comparisons = []struct{ name, formula, expr string }{
	{"numbers", `(prop("Number") + 1) * 2 - prop("Nothing") / 4`, `(Number + 1) * 2 - Nothing / 4`},
	{"choice", `if(prop("Number") > 5 and prop("Done"), prop("Number") * 2, 0)`, `Number > 5 && Done ? Number * 2 : 0`},
	{"text", `prop("Name") + " (" + upper(prop("Name")) + ")"`, `Name + " (" + upper(Name) + ")"`},
	{"round", `round(prop("Number") / 3) + abs(prop("Nothing") - 1)`, `round(Number / 3) + abs(Nothing - 1)`},
	{"list", `sum(map([1, 2, 3, 4, 5, 6, 7, 8], current * prop("Number")))`, `sum(map([1, 2, 3, 4, 5, 6, 7, 8], # * Number))`},
	{"tags", `length(filter(prop("Tags"), contains(current, "e")))`, `len(filter(Tags, # contains "e"))`},
}

// slots is a row that finds values by slot.
type slots struct {
	*row
	values []Value
}

func (s *slots) Property(p *Property) Value { return s.values[p.Slot] }

func slotted() (*slots, properties) {
	s := &slots{row: task}
	known := properties{}
	for i, p := range scope[tasks] {
		p := *p
		p.Slot = i
		known[tasks] = append(known[tasks], &p)
		s.values = append(s.values, task.values[p.Name])
	}
	return s, known
}

type exprRow struct {
	Name            string
	Number, Nothing float64
	Done            bool
	Tags            []string
}

// BenchmarkRow measures one row, and the same expression in expr.
func BenchmarkRow(b *testing.B) {
	record, known := slotted()
	for _, c := range comparisons {
		b.Run(c.name+"/octavo", func(b *testing.B) {
			x, err := Parse(c.formula)
			if err != nil {
				b.Fatal(err)
			}
			p, err := x.Check(tasks, known)
			if err != nil {
				b.Fatal(err)
			}
			r := &Run{Now: time.Unix(0, 0)}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Eval(r, record); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(c.name+"/expr", func(b *testing.B) {
			env := exprRow{Name: "Dig", Number: 10, Done: true, Tags: []string{"red", "blue"}}
			program, err := expr.Compile(c.expr, expr.Env(exprRow{}))
			if err != nil {
				b.Fatal(err)
			}
			var machine vm.VM
			b.ReportAllocs()
			for b.Loop() {
				if _, err := machine.Run(program, env); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCheck measures reading and checking a formula.
func BenchmarkCheck(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		x, err := Parse(comparisons[1].formula)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := x.Check(tasks, scope); err != nil {
			b.Fatal(err)
		}
	}
}
