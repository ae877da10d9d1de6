package formula

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestTypes(t *testing.T) {
	for text, want := range map[string]string{
		`1`: "Number", `"a"`: "Text", `true`: "Boolean", `now()`: "Date", `empty()`: "blank", `[]`: "List", `[1]`: "List of Number",
		`[1, "a"]`: "List of Number or Text", `[[1], [empty()]]`: "List of List of Number", `if(true, 1, "a")`: "Number or Text",
		`if(true, 1, empty())`: "Number", `if(true, empty(), 1)`: "Number", `ifs(true, "a", true, 1, now())`: "Number, Text or Date",
		`if(true, [1], ["a"])`: "List of Number or Text", `if(true, [1], "a")`: "Text or List of Number",
		`prop("Projects")`: "List of Page", `prop("Projects").first()`: "Page", `prop("Projects").map(current.prop("Hours"))`: "List of Number",
		`prop("Created by")`: "Person", `prop("Mixed")`: "Number or Text", `prop("Mixed") + 1`: "Number or Text", `"a" + 1`: "Text",
		`empty() + empty()`: "Number", `[1, "a"].first()`: "Number or Text", `[1].find(true)`: "Number", `[1].map("a")`: "List of Text",
		`flat([1, [2], ["a"]])`: "List of Number or Text", `flat([[1]])`: "List of Number", `flat([1])`: "List of Number", `flat([[[1]]])`: "List of List of Number",
		`concat([1], ["a"])`: "List of Number or Text", `splice([1], 0, 0, "a")`: "List of Number or Text", `sort([1, "a"])`: "List of Number or Text",
		`let(x, 1, [x])`: "List of Number", `1 / 0`: "Number", `1e999`: "Number", `match("a", "a")`: "List of Text", `at([], 0)`: "blank",
		`reverse(prop("Projects")).at(0).prop("Name")`: "Text", `1 == "a"`: "Boolean", `if(true, "a", 1) + true`: "Number or Text",
		`if(true, "a", [1]) + empty()`: "Text", `true ? empty() : empty()`: "blank", `format(1)`: "Text",
	} {
		if got := compile(t, text).Type().String(); got != want {
			t.Errorf("%s is of type %s, want %s", text, got, want)
		}
	}
}

// TestTypeErrors holds refusals with the place shown to people.
func TestTypeErrors(t *testing.T) {
	for _, c := range []struct{ text, message, place string }{
		{`1 + [1]`, `An operand of “+” must be Number or Text, not List of Number.`, `[1]`},
		{`now() + 1`, `An operand of “+” must be Number or Text, not Date.`, `now()`},
		{`1 + now()`, `An operand of “+” must be Number or Text, not Date.`, `now()`},
		{`prop("Mixed") + now()`, `An operand of “+” must be Number or Text, not Date.`, `now()`},
		{`"a" * 2`, `An operand of “*” must be Number, not Text.`, `"a"`},
		{`2 - "a"`, `An operand of “-” must be Number, not Text.`, `"a"`},
		{`prop("Mixed") * 2`, `An operand of “*” must be Number, not Number or Text.`, `prop("Mixed")`},
		{`add("a", 1)`, `An operand of “add” must be Number, not Text.`, `"a"`},
		{`-"a"`, `What is negated must be Number, not Text.`, `"a"`},
		{`1 < "a"`, `The right operand of “<” must be Number, not Text.`, `"a"`},
		{`[1] < [2]`, `An operand of “<” must be Number, Text, Boolean or Date, not List of Number.`, `[1]`},
		{`1 < 2 < 3`, `The right operand of “<” must be Boolean, not Number.`, `3`},
		{`abs("a")`, `“number” of “abs” must be Number, not Text.`, `"a"`},
		{`lower(5)`, `“text” of “lower” must be Text, not Number.`, `5`},
		{`length(5)`, `“value” of “length” must be Text or List of any value, not Number.`, `5`},
		{`map(1, current)`, `“list” of “map” must be List, not Number.`, `1`},
		{`prop("Name").map(current)`, `“list” of “map” must be List, not Text.`, `prop("Name")`},
		{`sum(["a"])`, `“values” of “sum” must be Number or List of Number, not List of Text.`, `["a"]`},
		{`sum(empty())`, `“values” of “sum” must be Number or List of Number, not blank.`, `empty()`},
		{`mean([])`, `“values” of “mean” must be Number or List of Number, not blank.`, `[]`},
		{`max(1, [])`, `“values” of “max” must be Number or List of Number, not blank.`, `[]`},
		{`concat([1], 2)`, `“lists” of “concat” must be List, not Number.`, `2`},
		{`dateAdd("2023", 1, "days")`, `“date” of “dateAdd” must be Date, not Text.`, `"2023"`},
		{`name("a")`, `“person” of “name” must be Person, not Text.`, `"a"`},
		{`if(true, 1)`, `“if” takes 3 arguments, not 2: if(condition: Any, then: T, else: T) → T.`, `if(true, 1)`},
		{`ifs(true)`, `“ifs” takes at least 2 arguments, not 1: ifs(condition: Any, value: T, ...more: T) → T.`, `ifs(true)`},
		{`ifs()`, `“ifs” takes at least 2 arguments, not 0: ifs(condition: Any, value: T, ...more: T) → T.`, `ifs()`},
		{`abs()`, `“abs” takes 1 argument, not 0: abs(number: Number) → Number.`, `abs()`},
		{`pi(1)`, `“pi” takes 0 arguments, not 1: pi() → Number.`, `pi(1)`},
		{`1.pi`, `“pi” takes 0 arguments, not 1: pi() → Number.`, `pi`},
		{`round(1, 2, 3)`, `“round” takes 1 or 2 arguments, not 3: round(number: Number, places?: Number) → Number.`, `round(1, 2, 3)`},
		{`sum()`, `“sum” takes at least 1 argument, not 0: sum(...values: Number | List<Number>) → Number.`, `sum()`},
		{`not(1, 2)`, `“not” takes 1 argument, not 2: not(condition: Any) → Boolean.`, `not(1, 2)`},
		{`not()`, `“not” takes 1 argument, not 0: not(condition: Any) → Boolean.`, `not()`},
		{`lets(a, 1, b, 2)`, `“lets” takes an odd number of arguments, not 4: lets(name: Any, value: Any, body: T, ...more: T) → T.`, `lets(a, 1, b, 2)`},
		{`let(1, 2, 3)`, `What is bound must be a name.`, `1`},
		{`foo(1)`, `There is no function “foo”.`, `foo`},
		{`lenght("a")`, `There is no function “lenght”. Did you mean “length”?`, `lenght`},
		{`larger(1, 2)`, `There is no function “larger”. Did you mean “>”?`, `larger`},
		{`"a".uper()`, `There is no function “uper”. Did you mean “upper”?`, `uper`},
		{`prop(1)`, `The name of a property is written as prop("Name").`, `prop`},
		{`prop("Missing")`, `There is no property "Missing".`, `prop("Missing")`},
		{`1 + prop("Missing")`, `There is no property "Missing".`, `prop("Missing")`},
		{`prop("Projects").map(current.prop("Missing"))`, `There is no property "Missing".`, `prop("Missing")`},
		{`prop("Projects").map(current.Missing)`, `There is no property "Missing".`, `Missing`},
		{`prop("Projects").prop("Name")`, `What a property is read of must be Page, not List of Page.`, `prop("Projects")`},
		{`prop("Name").prop("Name")`, `What a property is read of must be Page, not Text.`, `prop("Name")`},
		{`{{notion:block_property:gone:10000000-0000-4000-8000-000000000001:30000000-0000-4000-8000-000000000003}}`, `The property does not exist any more.`,
			`{{notion:block_property:gone:10000000-0000-4000-8000-000000000001:30000000-0000-4000-8000-000000000003}}`},
		{`{{notion:block_property:title:20000000-0000-4000-8000-000000000002:30000000-0000-4000-8000-000000000003}}`, `The property belongs to another data source.`,
			`{{notion:block_property:title:20000000-0000-4000-8000-000000000002:30000000-0000-4000-8000-000000000003}}`},
		{`foo`, `“foo” is not known. A property is written prop("foo"), a text "foo".`, `foo`},
		{`pi * 2`, `“pi” is a function: write “pi()”.`, `pi`},
		{`current`, `“current” has a meaning only inside of map, filter and other functions that go through a list.`, `current`},
		{`let(x, 1, 2) + x`, `“x” is not known. A property is written prop("x"), a text "x".`, `x`},
		{`map([1], 1) + index`, `An operand of “+” must be Number or Text, not List of Number.`, ``},
		{`let(x, x, 1)`, `“x” is not known. A property is written prop("x"), a text "x".`, `x`},
	} {
		x, err := Parse(c.text)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		_, err = x.Check(tasks, scope)
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%s is accepted", c.text)
			continue
		}
		if c.place == "" { // the first of two errors
			continue
		}
		if e.Class != TypeError || e.Wire() != "Type error with formula" || e.Message != c.message || c.text[e.Start:e.End] != c.place {
			t.Errorf("%s\n got %s at %q\nwant %s at %q", c.text, e.Message, c.text[e.Start:e.End], c.message, c.place)
		}
	}
}

func TestExpectedAndFound(t *testing.T) {
	for text, want := range map[string][2]string{
		`abs("a")`: {"Number", "Text"}, `if(1, 2)`: {"3 arguments", "2"}, `1 + [1]`: {"Number or Text", "List of Number"}, `foo()`: {"", ""},
	} {
		x, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		_, err = x.Check(tasks, scope)
		var e *Error
		if !errors.As(err, &e) || e.Expected != want[0] || e.Found != want[1] {
			t.Errorf("%s: %+v, want %q", text, e, want)
		}
	}
}

func TestReferences(t *testing.T) {
	const text = `prop("Number") + prop("nu;m") + length(prop("Projects").map(current.Name + current.prop("title"))) + length(prop("Name"))`
	p := compile(t, text)
	const stored = `{{notion:block_property:nu%3Bm:10000000-0000-4000-8000-000000000001:30000000-0000-4000-8000-000000000003}}`
	const want = stored + ` + ` + stored + ` + length({{notion:block_property:rela:10000000-0000-4000-8000-000000000001:30000000-0000-4000-8000-000000000003}}` +
		`.map(current.{{notion:block_property:title:20000000-0000-4000-8000-000000000002:30000000-0000-4000-8000-000000000003}}` +
		` + current.{{notion:block_property:title:20000000-0000-4000-8000-000000000002:30000000-0000-4000-8000-000000000003}}))` +
		` + length({{notion:block_property:title:10000000-0000-4000-8000-000000000001:30000000-0000-4000-8000-000000000003}})`
	if got := p.Stored(workspace); got != want {
		t.Fatalf("stored as\n%s\nwant\n%s", got, want)
	}
	var names []string
	for _, ref := range p.References() {
		names = append(names, ref.Source.String()[:1]+ref.Property.ID)
	}
	if got := strings.Join(names, " "); got != "1nu;m 1rela 2title 1title" {
		t.Errorf("references are %s", got)
	}

	x, err := Parse(want)
	if err != nil {
		t.Fatal(err)
	}
	const shown = `prop("Number") + prop("Number") + length(prop("Projects").map(current.prop("Name") + current.prop("Name"))) + length(prop("Name"))`
	if got := x.Text(scope); got != shown {
		t.Errorf("shown as\n%s\nwant\n%s", got, shown)
	}
	again, err := x.Check(tasks, scope)
	if err != nil {
		t.Fatal(err)
	}
	if got := again.Stored(workspace); got != want {
		t.Errorf("stored again as\n%s", got)
	}
}

// TestRename holds what becomes of a stored formula when its properties change.
func TestRename(t *testing.T) {
	const stored = `{{notion:block_property:nu%3Bm:10000000-0000-4000-8000-000000000001:30000000-0000-4000-8000-000000000003}} * 2`
	x, err := Parse(stored)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		after properties
		want  string
	}{
		{"renamed", properties{tasks: {{ID: "nu;m", Name: `A "b"`}}}, `prop("A \"b\"") * 2`},
		{"deleted", properties{}, stored},
		{"named like the id of another", properties{tasks: {{ID: "nu;m", Name: "abcd"}, {ID: "abcd", Name: "x"}}}, stored},
	} {
		if got := x.Text(c.after); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestPlaceholderForms(t *testing.T) {
	const rest = `:10000000-0000-4000-8000-000000000001:30000000-0000-4000-8000-000000000003}}`
	for id, want := range map[string]string{
		`title`: `title`, `%5Di%3BB`: `%5Di%3BB`, `%5di%3bb`: `%5Di%3Bb`, `a_~z`: `a_~z`, `%7D%7D%7B%7C`: `%7D%7D%7B%7C`,
		`40000000-0000-4000-8000-000000000004`: `40000000-0000-4000-8000-000000000004`,
	} {
		x, err := Parse(`{{notion:block_property:` + id + rest)
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		if got := x.Text(nil); got != `{{notion:block_property:`+want+rest {
			t.Errorf("%s is printed as %s", id, got)
		}
	}
	for _, text := range []string{
		`{{notion:block_property:` + rest, `{{notion:block_property:%` + rest, `{{notion:block_property:%FF` + rest, `{{notion:block_property:a:b:c}}`, `{{}}`,
		`{{ notion:block_property:title` + rest, `{{notion:user:title` + rest,
	} {
		if _, err := Parse(text); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}

func TestDependsOnTime(t *testing.T) {
	for text, want := range map[string]bool{
		`1`: false, `now()`: true, `today()`: true, `if(false, year(now()), 1)`: true, `formatDate(prop("Due"), "YYYY")`: false, `map([1], now())`: true,
	} {
		if got := compile(t, text).DependsOnTime(); got != want {
			t.Errorf("%s depends on time: %t", text, got)
		}
	}
}

// TestShow holds what the API shows of values (databases.md §4.6).
func TestShow(t *testing.T) {
	for _, c := range []struct{ text, kind, value string }{
		{`1`, "number", `1`}, {`"a"`, "string", `"a"`}, {`""`, "string", `""`}, {`true`, "boolean", `true`}, {`prop("Due")`, "date", `2026-09-28T14:08:00.000Z`},
		{`parseDate("2026-09-28")`, "date", `2026-09-28`}, {`style("a", "b")`, "string", `"a"`},
		{`[[0], [false]]`, "string", `"0,false"`}, {`[1, empty(), [2, [empty()]], "a"]`, "string", `"1,2,a"`}, {`["", ""]`, "string", `","`}, {`[""]`, "string", `""`},
		{`[]`, "string", `blank`}, {`[empty(), [empty()]]`, "string", `blank`}, {`[parseDate("2026-09-28")]`, "string", `"September 28, 2026"`},
		{`prop("Created by")`, "string", `"Ada"`}, {`prop("Projects")`, "string", `"Garden,House"`}, {`prop("Projects").first()`, "string", `"Garden"`},
		// Blank is shown by the type it could have had.
		{`empty()`, "string", `blank`}, {`prop("Nothing")`, "number", `blank`}, {`prop("No date")`, "date", `blank`}, {`1 / 0`, "number", `blank`}, {`ifs(false, 1)`, "number", `blank`},
		{`ifs(false, now(), false, "a")`, "date", `blank`}, {`if(false, [1], empty())`, "string", `blank`}, {`test("a", "(")`, "boolean", `blank`}, {`parseDate("x")`, "date", `blank`},
		{`if(true, empty(), true)`, "boolean", `blank`}, {`flat([[1], true]).at(9)`, "boolean", `blank`}, {`name(prop("Created by"))`, "string", `"Ada"`},
		// The value decides where branches differ.
		{`if(true, 11, "hit")`, "number", `11`}, {`if(false, 11, "hit")`, "string", `"hit"`},
	} {
		p := compile(t, c.text)
		r := &Run{}
		v, err := p.Eval(r, task)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Show(v, p.Type())
		if err != nil {
			t.Fatal(err)
		}
		if got.Type.String() != c.kind || got.Value.String() != c.value {
			t.Errorf("%s is shown as %s %s, want %s %s", c.text, got.Type, got.Value, c.kind, c.value)
		}
	}
	for text, want := range map[string]bool{`if(true, 1, "a")`: true, `if(true, 1, 2)`: false, `if(true, [1], "a")`: false, `empty()`: false} {
		if _, mixed := compile(t, text).Type().Shown(); mixed != want {
			t.Errorf("%s is shown in more than one type: %t", text, mixed)
		}
	}
}

// TestLimits holds that nothing can run long or grow large.
func TestLimits(t *testing.T) {
	long := `repeat("aaaaaaaaaa", 10000)`
	many := `split(` + long + `, "")`
	for _, c := range []struct {
		name, text string
		want       error
	}{
		{"steps", `let(l, ` + many + `, map(l, map(l, map(l, 1))))`, ErrSteps},
		{"steps of filter", `let(l, ` + many + `, filter(l, length(filter(l, true)) > 0))`, ErrSteps},
		{"steps of sort", `let(l, ` + many + `, sort(l, length(sort(l))))`, ErrSteps},
		{"steps of unique", `let(l, ` + many + `, unique(map(l, [index])))`, ErrSteps},
		{"steps of equality", `let(l, ` + many + `, map(l, l == l))`, ErrSteps},
		{"steps of text", `let(t, ` + long + `, map(split(repeat("a", 2000), ""), substring(t, 1)))`, ErrSteps},
		{"steps of sum", `let(l, ` + many + `.map(1), map(l, sum(l)))`, ErrSteps},
		{"steps of format", `lets(a, [1, 1, 1, 1, 1, 1, 1, 1], b, [a, a, a, a, a, a, a, a], c, [b, b, b, b, b, b, b, b], d, [c, c, c, c, c, c, c, c],
			e, [d, d, d, d, d, d, d, d], f, [e, e, e, e, e, e, e, e], g, [f, f, f, f, f, f, f, f], length(format(g)))`, ErrText},
		{"steps of shared lists", `lets(a, ["", "", "", "", "", "", "", ""], b, [a, a, a, a, a, a, a, a], c, [b, b, b, b, b, b, b, b], d, [c, c, c, c, c, c, c, c],
			e, [d, d, d, d, d, d, d, d], f, [e, e, e, e, e, e, e, e], g, [f, f, f, f, f, f, f, f], g == map(g, current))`, ErrSteps},
		{"text of repeat", `repeat(` + long + `, 100)`, ErrText},
		{"text of +", `lets(a, ` + long + `, b, a + a + a + a, c, b + b + b, c)`, ErrText},
		{"text of padStart", `padStart("a", 2000000)`, ErrText},
		{"text of padEnd", `padEnd("a", 1e300)`, ErrText},
		{"text of join", `lets(l, ` + many + `, join(l, "bbbbbbbbbbbb"))`, ErrText},
		{"text of replaceAll", `replaceAll(repeat("a", 200), "a", ` + long + `)`, ErrText},
		{"text of a replacement", `replace(` + long + `, "a", repeat("$'", 20))`, ErrText},
		{"text of a date", `let(l, repeat("LLLL", 10000), formatDate(prop("Due"), l + l + l + l))`, ErrText},
		{"list of concat", `let(l, ` + many + `, concat(l, l))`, ErrList},
		{"list of split", `split(` + long + ` + "a", "")`, ErrList},
		{"steps of match", `map(` + many + `, match(repeat("a", 100), "."))`, ErrSteps},
		{"list of flat", `let(l, ` + many + `, flat([l, l]))`, ErrList},
		{"list of splice", `let(l, ` + many + `, splice(l, 0, 0, 1))`, ErrList},
		{"regular expression", `test(` + long + `, "^(a|aa)+$b|^(a+)+$c")`, ErrRegex},
		{"many regular expressions", `some(` + many + `, test(repeat("a", 24) + "!", "^(a|aa)+$"))`, ErrRegex},
		{"places of a regular expression", `test(` + long + ` + ` + long + `, "^(?:(a)|b|(?:a))*$x")`, ErrRegex},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := compile(t, c.text)
			_, err := p.Eval(&Run{}, task)
			if !errors.Is(err, c.want) {
				t.Errorf("the error is %v, want %v", err, c.want)
			}
			if err != nil && !IsLimit(err) {
				t.Errorf("%v is no limit", err)
			}
		})
	}
}

func TestShowIsBounded(t *testing.T) {
	p := compile(t, `lets(a, ["", "", "", "", "", "", "", ""], b, [a, a, a, a, a, a, a, a], c, [b, b, b, b, b, b, b, b], d, [c, c, c, c, c, c, c, c],
		e, [d, d, d, d, d, d, d, d], f, [e, e, e, e, e, e, e, e], [f, f, f, f, f, f, f, f])`)
	r := &Run{}
	v, err := p.Eval(r, task)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Show(v, p.Type()); !IsLimit(err) {
		t.Errorf("the error is %v", err)
	}
	if got := v.String(); len(got) > 1<<20 {
		t.Errorf("for people it is %d bytes", len(got))
	}
	if v, err := compile(t, `1`).Eval(r, task); err != nil || v.Number() != 1 {
		t.Errorf("afterwards a row gives %v, %v", v, err)
	}
}

func TestStepsCanBeSet(t *testing.T) {
	p := compile(t, `length(map([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], current + 1))`)
	if _, err := p.Eval(&Run{Steps: 30}, task); !errors.Is(err, ErrSteps) {
		t.Errorf("with 30 steps the error is %v", err)
	}
	if _, err := p.Eval(&Run{Steps: 100}, task); err != nil {
		t.Errorf("with 100 steps: %v", err)
	}
}

// nested is a page of which a property is a formula.
type nested struct {
	*row
	run     *Run
	program *Program
	limit   int
	depth   int
}

func (n *nested) Property(p *Property) Value {
	if p.Name != "Number" || n.depth == n.limit {
		return n.row.Property(p)
	}
	n.depth++
	v, _ := n.program.Eval(n.run, n) // the outer formula sees the error
	n.depth--
	return v
}

func TestFormulasOfFormulas(t *testing.T) {
	r := &Run{}
	p := compile(t, `let(x, prop("Number"), map([1, 2], current + x).last())`)
	for limit, want := range map[int]string{0: "12", 1: "14", 14: "40"} {
		n := &nested{row: task, run: r, program: p, limit: limit}
		if v, err := p.Eval(r, n); err != nil || v.String() != want {
			t.Errorf("%d layers give %v (%v), want %s", limit+1, v, err, want)
		}
	}
	n := &nested{row: task, run: r, program: p, limit: 15}
	if _, err := p.Eval(r, n); !errors.Is(err, ErrLayers) {
		t.Errorf("16 layers give the error %v", err)
	}
	steps := &Run{Steps: 300}
	n = &nested{row: task, run: steps, program: p, limit: 14}
	if _, err := p.Eval(steps, n); !errors.Is(err, ErrSteps) {
		t.Errorf("all layers work on one account, but the error is %v", err)
	}
}

type failing struct {
	*row
	run *Run
	err error
}

func (f *failing) Property(*Property) Value {
	f.run.Fail(f.err)
	return Value{}
}

func TestRecordFails(t *testing.T) {
	r, lost := &Run{}, errors.New("lost")
	if _, err := compile(t, `map([1, 2, 3], prop("Number"))`).Eval(r, &failing{task, r, lost}); !errors.Is(err, lost) {
		t.Errorf("the error is %v", err)
	}
	if v, err := compile(t, `1`).Eval(r, task); err != nil || v.Number() != 1 {
		t.Errorf("the next row gives %v, %v", v, err)
	}
}

// TestWrongValues holds that a record that breaks its promise does no harm: a value of
// another kind is blank, and items of another kind are nothing.
func TestWrongValues(t *testing.T) {
	odd := []Value{TextValue("x"), NumberValue(1), ListValue(nil), {}}
	wrong := &row{task.id, map[string]Value{"Number": TextValue("x"), "Name": NumberValue(1), "Due": TextValue("y"), "Created by": TextValue("z"), "Tags": NumberValue(7), "Projects": ListValue(odd)}}
	checkRow := func(text, want string) {
		v, err := compile(t, text).Eval(&Run{}, wrong)
		if err != nil || v.String() != want {
			t.Errorf("%s = %v (%v), want %s", text, v, err, want)
		}
	}
	checkRow(`prop("Number")`, `blank`)
	checkRow(`prop("Name") + "a"`, `"a"`)
	checkRow(`prop("Tags").map(upper(current))`, `blank`)
	checkRow(`year(prop("Due"))`, `blank`)
	checkRow(`name(prop("Created by"))`, `blank`)
	checkRow(`prop("Projects").map(id(current))`, `[blank, blank, blank, blank]`)
	for _, f := range table {
		if f.one == nil && f.two == nil {
			continue
		}
		for _, v := range odd {
			r := &Run{Zone: time.UTC, left: MaxSteps, regexLeft: MaxRegexTime}
			if f.one != nil {
				f.one(r, v)
				continue
			}
			for _, w := range odd {
				f.two(r, v, w)
			}
		}
	}
}

func TestValues(t *testing.T) {
	day := Date{Start: time.Date(2026, 9, 28, 0, 0, 0, 0, time.UTC)}
	ranged := Date{Start: day.Start.Add(time.Hour), End: day.Start.Add(2 * time.Hour), HasTime: true}
	ada := &Person{Name: "Ada"}
	if v := DateValue(ranged); v.Date() != ranged || v.Kind() != KindDate {
		t.Errorf("the date is %v", v.Date())
	}
	if v := DateValue(day); v.Date() != day {
		t.Errorf("the day is %v", v.Date())
	}
	if !DateValue(Date{Start: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}).IsBlank() {
		t.Error("the year 10000 is a date")
	}
	if PersonValue(ada).Person() != ada || PageValue(task).Page() != Record(task) || !PersonValue(nil).IsBlank() || !PageValue(nil).IsBlank() {
		t.Error("people and pages are not kept")
	}
	if TextValue("é").Text() != "é" || TextValue("").Text() != "" || len(ListValue(nil).Items()) != 0 || ListValue([]Value{BoolValue(true)}).Items()[0] != BoolValue(true) {
		t.Error("texts and lists are not kept")
	}
	for _, v := range []Value{{}, failure, NumberValue(1), TextValue("a"), BoolValue(true), DateValue(day), PersonValue(ada), PageValue(task), ListValue([]Value{{}})} {
		for _, wrong := range []bool{
			v.Kind() != KindNumber && v.Number() != 0, v.Kind() != KindText && v.Text() != "", v.Kind() != KindBoolean && v.Bool(),
			v.Kind() != KindDate && v.Date() != Date{}, v.Kind() != KindPerson && v.Person() != nil, v.Kind() != KindPage && v.Page() != nil,
			v.Kind() != KindList && v.Items() != nil, v.IsBlank() != (v.Kind() == KindBlank),
		} {
			if wrong {
				t.Errorf("%v has a value of another kind", v)
			}
		}
	}
}

func TestAnyType(t *testing.T) {
	anyone := AnyType()
	for _, u := range []Type{{}, TypeOf(KindNumber, KindList), ListOf(ListOf(TypeOf(KindDate))), anyone, ListOf(anyone), PageOf(tasks)} {
		if !anyone.accepts(u) {
			t.Errorf("any value is not %s", u)
		}
		if joined := anyone.or(u); !joined.accepts(anyone) || !u.or(anyone).accepts(anyone) {
			t.Errorf("any value or %s is %s", u, joined)
		}
	}
	if TypeOf(KindNumber).accepts(anyone) || ListOf(TypeOf(KindNumber)).accepts(ListOf(anyone)) {
		t.Error("any value is taken for a number")
	}
	if PageOf(tasks).or(PageOf(projects)).Source() != (Type{}).Source() || PageOf(tasks).or(TypeOf(KindText)).Source() != tasks || TypeOf(KindText).or(PageOf(tasks)).Source() != tasks {
		t.Error("the data source of pages of either type is wrong")
	}
	if got := TypeOf(KindNumber, KindList, KindText).Kinds(); len(got) != 3 || got[0] != KindNumber || got[2] != KindList {
		t.Errorf("the kinds are %v", got)
	}
	if !ListOf(TypeOf(KindText)).Item().Equal(TypeOf(KindText)) || !TypeOf(KindText).Item().Equal(Type{}) {
		t.Error("the type of items is wrong")
	}
}
