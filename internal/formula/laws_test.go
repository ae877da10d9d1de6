package formula

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// trees draws trees that need not have a meaning.
func trees(t *rapid.T, depth int) *node {
	kinds := []nodeKind{numberNode, textNode, boolNode, nameNode, propertyNode, listNode, unaryNode, binaryNode, choiceNode, callNode}
	if depth == 0 {
		kinds = kinds[:5]
	}
	n := &node{kind: rapid.SampledFrom(kinds).Draw(t, "kind")}
	args := func(least, most int) {
		for range rapid.IntRange(least, most).Draw(t, "args") {
			n.args = append(n.args, trees(t, depth-1))
		}
	}
	switch n.kind {
	case numberNode:
		n.text = rapid.StringMatching(`(0|[1-9][0-9]{0,3})(\.[0-9]{1,3})?([eE][+-]?[0-9]{1,2})?`).Draw(t, "number")
	case textNode:
		n.text = rapid.String().Draw(t, "text")
	case boolNode:
		n.text = rapid.SampledFrom([]string{"true", "false"}).Draw(t, "boolean")
	case nameNode:
		n.text = rapid.SampledFrom([]string{"current", "index", "x", "größe", "_1", "prop", "iffy"}).Draw(t, "name")
	case propertyNode:
		n.ref = &reference{key: rapid.SampledFrom([]string{"Name", "Number", "Tags", `a "b"`}).Draw(t, "key")}
		if rapid.Bool().Draw(t, "stored") {
			n.ref = &reference{id: rapid.SampledFrom([]string{"title", "nu;m", "}{|~"}).Draw(t, "id"), source: tasks, workspace: workspace}
		}
		if depth > 0 && rapid.Bool().Draw(t, "of a page") {
			args(1, 1)
		}
	case listNode:
		args(0, 3)
	case unaryNode:
		n.text = rapid.SampledFrom([]string{"-", "!", "not"}).Draw(t, "operator")
		args(1, 1)
	case binaryNode:
		n.text = rapid.SampledFrom([]string{"or", "||", "and", "&&", "==", "!=", ">", ">=", "<", "<=", "+", "-", "*", "/", "%", "^"}).Draw(t, "operator")
		args(2, 2)
	case choiceNode:
		args(3, 3)
	case callNode:
		n.text = table[rapid.IntRange(0, len(table)-1).Draw(t, "function")].name
		n.dotted = rapid.Bool().Draw(t, "dotted")
		args(0, 3)
		n.dotted = n.dotted && len(n.args) > 0
		n.bare = n.dotted && len(n.args) == 1 && rapid.Bool().Draw(t, "bare")
		if n.text == "not" && !n.dotted && len(n.args) == 1 {
			n.text = "abs" // the operator
		}
	}
	return n
}

// TestPrintedTreesAreReadBack: reading what is printed gives the tree that was printed, and
// printing that gives the same text.
func TestPrintedTreesAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree := trees(t, 4)
		text := (&Expr{root: tree}).Text(nil)
		x, err := Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if !sameTree(x.root, tree) {
			t.Fatalf("%s is read as %s", text, x.Text(nil))
		}
		if again := x.Text(nil); again != text {
			t.Fatalf("%s is printed as %s", text, again)
		}
	})
}

// sound draws formulas of a kind that have a type by the way they are made.
type sound struct {
	*rapid.T
	names []string // of numbers
}

func (s *sound) pick(options ...func() string) string {
	return options[rapid.IntRange(0, len(options)-1).Draw(s.T, "form")]()
}

func (s *sound) text(format string, parts ...string) string {
	var b strings.Builder
	for _, piece := range strings.SplitAfter(format, "%") {
		b.WriteString(strings.TrimSuffix(piece, "%"))
		if strings.HasSuffix(piece, "%") {
			b.WriteString(parts[0])
			parts = parts[1:]
		}
	}
	return b.String()
}

func (s *sound) sample(options ...string) string {
	return rapid.SampledFrom(options).Draw(s.T, "leaf")
}

// of draws a formula whose values are of kind k.
func (s *sound) of(k Kind, depth int) string {
	if depth == 0 {
		return s.leaf(k)
	}
	d := depth - 1
	number, text, boolean := func() string { return s.of(KindNumber, d) }, func() string { return s.of(KindText, d) }, func() string { return s.of(KindBoolean, d) }
	date, list, value := func() string { return s.of(KindDate, d) }, func() string { return s.of(KindList, d) }, func() string { return s.value(d) }
	same := func() string { return s.of(k, d) }
	forms := []func() string{
		func() string { return s.leaf(k) },
		func() string { return s.text("if(%, %, %)", value(), same(), same()) },
		func() string { return s.text("(% ? % : %)", value(), same(), same()) },
		func() string { return s.text("ifs(%, %, %, %)", value(), same(), value(), same()) },
		func() string { return s.text("if(%, %, empty())", value(), same()) },
		func() string { return s.bind(k, d) },
		func() string { return s.text("%([%, %])", s.sample("first", "last"), same(), same()) },
		func() string { return s.text("[%, %].at(%)", same(), same(), number()) },
	}
	switch k {
	case KindNumber:
		forms = append(forms,
			func() string { return s.text("(% "+s.sample("+", "-", "*", "/", "^")+" %)", number(), number()) },
			func() string {
				return s.text("%(%, %)", s.sample("add", "subtract", "multiply", "divide", "mod", "pow"), number(), number())
			},
			func() string {
				return s.text("%(%)", s.sample("abs", "round", "ceil", "floor", "sqrt", "cbrt", "exp", "ln", "log10", "log2", "sign"), number())
			},
			func() string { return s.text("round(%, %)", number(), number()) },
			func() string { return s.text("-%", number()) },
			func() string {
				return s.text("%(%, %)", s.sample("min", "max", "sum", "mean", "median"), number(), number())
			},
			func() string { return s.text("sum(map(%, %))", list(), s.inList(KindNumber, d)) },
			func() string { return s.text("toNumber(%)", value()) },
			func() string { return s.text("length(%)", s.pick(text, list)) },
			func() string {
				return s.text("%(%, %)", s.sample("count", "findIndex"), list(), s.inList(KindBoolean, d))
			},
			func() string {
				return s.text("%(%)", s.sample("year", "month", "day", "date", "week", "hour", "minute", "timestamp"), date())
			},
			func() string { return s.text(`dateBetween(%, %, "%")`, date(), date(), s.unit()) },
		)
	case KindText:
		forms = append(forms,
			func() string { return s.text("(% + %)", text(), value()) },
			func() string { return s.text("(% + %)", value(), text()) },
			func() string { return s.text("format(%)", value()) },
			func() string { return s.text("%(%)", s.sample("upper", "lower", "trim", "unstyle"), text()) },
			func() string { return s.text("substring(%, %, %)", text(), number(), number()) },
			func() string {
				return s.text("%(%, %, %)", s.sample("padStart", "padEnd"), s.pick(text, number), s.small(), text())
			},
			func() string { return s.text("repeat(%, %)", text(), s.small()) },
			func() string {
				return s.text("%(%, %, %)", s.sample("replace", "replaceAll"), text(), s.pattern(), text())
			},
			func() string { return s.text("join(%, %)", list(), text()) },
			func() string { return s.text(`formatDate(%, "%")`, date(), s.sample("LLLL", "YYYY-MM-DD", "[x]z")) },
			func() string {
				return s.text(`formatNumber(%, "%", %)`, number(), s.sample("usd", "commas", "percent", "x"), number())
			},
			func() string { return s.text(`%(%)`, s.sample("name", "email"), `prop("Created by")`) },
		)
	case KindBoolean:
		forms = append(forms,
			func() string { return s.text("(% "+s.sample("==", "!=")+" %)", value(), value()) },
			func() string { return s.text("(% "+s.sample("<", ">=", ">", "<=")+" %)", number(), number()) },
			func() string { return s.text("(% < %)", text(), text()) },
			func() string { return s.text("(% > %)", date(), date()) },
			func() string { return s.text("(% "+s.sample("and", "or", "&&", "||")+" %)", value(), value()) },
			func() string { return s.text("not %", boolean()) },
			func() string { return s.text("empty(%)", value()) },
			func() string { return s.text("contains(%, %)", text(), text()) },
			func() string { return s.text("test(%, %)", text(), s.pattern()) },
			func() string { return s.text("%(%, %)", s.sample("some", "every"), list(), s.inList(KindBoolean, d)) },
			func() string { return s.text("includes(%, %)", list(), value()) },
		)
	case KindDate:
		forms = append(forms,
			func() string {
				return s.text(`%(%, %, "%")`, s.sample("dateAdd", "dateSubtract"), date(), number(), s.unit())
			},
			func() string { return s.text("dateRange(%, %)", date(), date()) },
			func() string { return s.text("%(%)", s.sample("dateStart", "dateEnd"), date()) },
			func() string { return s.text("fromTimestamp(%)", number()) },
			func() string { return s.text("parseDate(%)", text()) },
		)
	case KindList:
		forms = append(forms,
			func() string { return s.text("[%, %]", value(), value()) },
			func() string {
				return s.text("map(%, %)", list(), s.inList(rapid.SampledFrom(kinds).Draw(s.T, "kind"), d))
			},
			func() string { return s.text("filter(%, %)", list(), s.inList(KindBoolean, d)) },
			func() string {
				return s.text("sort(%, %)", list(), s.inList(rapid.SampledFrom(kinds).Draw(s.T, "kind"), d))
			},
			func() string { return s.text("%(%)", s.sample("sort", "reverse", "unique", "flat"), list()) },
			func() string { return s.text("concat(%, %)", list(), list()) },
			func() string { return s.text("slice(%, %, %)", list(), number(), number()) },
			func() string { return s.text("splice(%, %, %, %)", list(), number(), number(), value()) },
			func() string { return s.text("split(%, %)", text(), text()) },
			func() string { return s.text("match(%, %)", text(), s.pattern()) },
		)
	}
	return s.pick(forms...)
}

var kinds = []Kind{KindNumber, KindText, KindBoolean, KindDate, KindList}

func (s *sound) value(depth int) string {
	return s.of(rapid.SampledFrom(kinds).Draw(s.T, "kind"), depth)
}

func (s *sound) leaf(k Kind) string {
	switch k {
	case KindNumber:
		return s.sample(append([]string{"0", "1", "2.5", "1e308", "0.1", `prop("Number")`, `prop("Nothing")`, "pi()", "7"}, s.names...)...)
	case KindText:
		return s.sample(`""`, `"a"`, `"2024-02-29"`, `"é😀x"`, `"12 b"`, `prop("Name")`, `prop("No text")`, `" "`)
	case KindBoolean:
		return s.sample("true", "false", `prop("Done")`, "empty(1)")
	case KindDate:
		return s.sample(`now()`, `today()`, `prop("Due")`, `prop("No date")`, `parseDate("2024-01-31")`, `parseDate("9999-12-31T23:59")`)
	}
	return s.sample(`[]`, `[1, 2, 3]`, `["a", 1, empty()]`, `prop("Tags")`, `prop("Projects")`, `[[1], ["b"]]`, `if(false, [1], [])`)
}

func (s *sound) small() string { return s.sample("-1", "0", "2", "3.5", `prop("Nothing")`) }
func (s *sound) unit() string {
	return s.sample("years", "month", "weeks", "days", "hours", "quarter", "eons")
}
func (s *sound) pattern() string {
	return s.sample(`"a"`, `"(.)\\1"`, `"(?<=a)."`, `"("`, `""`, `"[^a]+"`, `prop("Name")`)
}

// bind draws let or lets.
func (s *sound) bind(k Kind, depth int) string {
	name := s.sample("x", "y", "current")
	value := s.of(KindNumber, depth)
	s.names = append(s.names, name)
	body := s.of(k, depth)
	s.names = s.names[:len(s.names)-1]
	return s.text("let(%, %, %)", name, value, body)
}

// inList draws the body of a function that goes through a list.
func (s *sound) inList(k Kind, depth int) string {
	outer := s.names
	s.names = []string{"index", "toNumber(current)"}
	for _, name := range outer {
		if name != "current" {
			s.names = append(s.names, name)
		}
	}
	body := s.of(k, depth)
	s.names = outer
	return body
}

// TestSoundFormulas: what has a type is accepted, is evaluated without an error to a value
// of that type, and is the same when it is printed and read back.
func TestSoundFormulas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &sound{T: t}
		text := s.of(rapid.SampledFrom(kinds).Draw(t, "kind"), 4)
		p := mustCheck(t, text)
		v := mustEvaluate(t, p, text)
		x, err := Parse(p.Stored(workspace))
		if err != nil {
			t.Fatalf("%s: %v", p.Stored(workspace), err)
		}
		again := mustCheck(t, x.Text(scope))
		if w := mustEvaluate(t, again, x.Text(scope)); !(&Run{Zone: time.UTC, left: MaxSteps}).equal(v, w) {
			t.Fatalf("%s\nis %v, but\n%s\nis %v", text, v, x.Text(scope), w)
		}
		if !again.Type().Equal(p.Type()) {
			t.Fatalf("%s is of type %s, but read back it is of type %s", text, p.Type(), again.Type())
		}
	})
}

func mustCheck(t *rapid.T, text string) *Program {
	x, err := Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	p, err := x.Check(tasks, scope)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return p
}

func mustEvaluate(t *rapid.T, p *Program, text string) Value {
	r := &Run{Now: helpNow}
	v, err := p.Eval(r, task)
	if err != nil && !IsLimit(err) {
		t.Fatalf("%s: %v", text, err)
	}
	if !p.Type().Has(v) {
		t.Fatalf("%s is %v, which is no %s", text, v, p.Type())
	}
	if _, err := r.Show(v, p.Type()); err != nil && !IsLimit(err) {
		t.Fatalf("%s cannot be shown: %v", text, err)
	}
	return v
}

// TestAcceptedTrees: whatever is accepted, also of what was drawn without regard to types,
// has values of its type.
func TestAcceptedTrees(t *testing.T) {
	accepted := 0
	rapid.Check(t, func(t *rapid.T) {
		text := (&Expr{root: trees(t, 2)}).Text(nil)
		x, err := Parse(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if p, err := x.Check(tasks, scope); err == nil {
			accepted++
			mustEvaluate(t, p, text)
		}
	})
	if accepted == 0 {
		t.Error("none was accepted")
	}
}

// FuzzFormula: no text does harm, what is read can be printed and read back, and an error
// has a place.
func FuzzFormula(f *testing.F) {
	for i := range table {
		f.Add(table[i].example)
	}
	for _, seed := range []string{
		"", "1 +", `"\q"`, "/*", "{{notion:block_property:title:10000000-0000-4000-8000-000000000001:30000000-0000-4000-8000-000000000003}}", "not(1,2)",
		"-2^2", "a?b:c", "'x'", "[[[]]]", "\u00a01\ufeff", `prop("Projects").map(current.Name).join("😀")`, `replaceAll("aXb", "(?<n>X)|(b)", "$<n>$2$$")`,
		`formatDate(now(), "LLLL [x] \\D gggg-ww", "Asia/Kolkata")`, `padStart("é", 9, "ab")`, `test("aaa", "(?=(a+))a*b\\1")`, "let(a,1,a)//x",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		x, err := Parse(text)
		if err != nil {
			checkError(t, text, err, ParseError)
			return
		}
		printed := x.Text(nil)
		if again, err := Parse(printed); err != nil && len(printed) <= MaxLength {
			t.Fatalf("%q is printed as %q, which is refused: %v", text, printed, err)
		} else if err == nil && (!sameTree(x.root, again.root) || again.Text(nil) != printed) {
			t.Fatalf("%q is printed as %q, which is another formula", text, printed)
		}
		p, err := x.Check(tasks, scope)
		if err != nil {
			checkError(t, text, err, TypeError)
			return
		}
		r := &Run{Now: helpNow, Steps: 20_000}
		v, err := p.Eval(r, task)
		if err != nil && !IsLimit(err) {
			t.Fatalf("%q: %v", text, err)
		}
		if !p.Type().Has(v) {
			t.Fatalf("%q is %v, which is no %s", text, v, p.Type())
		}
		shown, err := r.Show(v, p.Type())
		if err == nil && !utf8.ValidString(shown.Value.Text()) {
			t.Fatalf("%q is shown as %q", text, shown.Value.Text())
		}
	})
}

func checkError(t *testing.T, text string, err error, class Class) {
	var e *Error
	if !errors.As(err, &e) || e.Class != class || e.Message == "" {
		t.Fatalf("%q is refused with %v", text, err)
	}
	if e.Start < 0 || e.End < e.Start || e.End > len(text) {
		t.Fatalf("%q is refused at %d:%d", text, e.Start, e.End)
	}
	line, column := e.Position()
	if snippet := e.Snippet(); line < 1 || column < 1 || strings.Count(snippet, "\n") != 1 {
		t.Fatalf("%q is refused at %d:%d: %q", text, line, column, snippet)
	}
}
