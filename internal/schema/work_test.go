package schema

import (
	"fmt"
	"strings"
	"testing"

	"octavo/internal/jsonx"
)

func parse(t testing.TB, text string) jsonx.Value {
	t.Helper()
	v, err := jsonx.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%.80s: %v", text, err)
	}
	return v
}

// ambiguous is a schema in which every level of a request has to be looked at twice, and
// without remembering would be looked at 2^depth times.
func ambiguous(last Type) *Set {
	s := NewSet()
	s.Define("expr", Union(
		Object(Req("not", Ref("expr")), Req("first", Null())),
		Object(Req("not", Ref("expr"))),
		Object(Req("all", Array(Ref("expr"), 0)), Req("first", Null())),
		Object(Req("all", Array(Ref("expr"), 0))),
		Object(Req("leaf", last))))
	s.Seal()
	return s
}

func TestWorkIsLinear(t *testing.T) {
	deep := func(n int) string { return strings.Repeat(`{"not":`, n) + `{"leaf":1}` + strings.Repeat(`}`, n) }
	broad := func(n int) string {
		return `{"all":[` + strings.TrimSuffix(strings.Repeat(`{"all":[{"leaf":1},{"not":{"leaf":1}}]},`, n), ",") + `]}`
	}
	cases := []struct {
		name   string
		text   string
		values int
	}{
		{"deep", deep(500), 501},
		{"broad", broad(10000), 60001},
		{"deep and broad", strings.Repeat(`{"all":[`, 200) + broad(5000) + strings.Repeat(`]}`, 200), 30201},
	}
	for _, c := range cases {
		v := parse(t, c.text)
		for _, last := range []Type{Number(), String()} {
			s := ambiguous(last)
			const perValue = 16 // a reference, a union, its variants and their items, twice
			a := acceptor{}
			ok := a.accept(s.get("expr"), &v)
			if want := last == (Type)(Number()); ok != want {
				t.Fatalf("%s: accepted is %t", c.name, ok)
			}
			if limit := patience + perValue*c.values; a.steps > limit {
				t.Errorf("%s: yes or no took %d steps, more than %d", c.name, a.steps, limit)
			}
			x := newExplainer()
			if faults := x.explainRoot("body", s.get("expr"), v); (faults == nil) != ok {
				t.Errorf("%s: the passes disagree", c.name)
			}
			if limit := perValue * c.values; x.steps > limit {
				t.Errorf("%s: explaining took %d steps, more than %d", c.name, x.steps, limit)
			}
		}
	}
}

// An object with very many keys is searched by an index, made once for all variants.
func TestManyKeys(t *testing.T) {
	var b strings.Builder
	for i := range 20000 {
		fmt.Fprintf(&b, `"k%d":0,`, i)
	}
	v := parse(t, `{`+b.String()+`"last":1}`)
	u := Union()
	for i := range 34 {
		u.Add(Object(Req(fmt.Sprintf("k%d", i), Number()), Opt("last", Number())))
	}
	s := NewSet()
	s.Define("x", u.Add(Loose(Req("k0", Number()), Req("last", Number()))))
	s.Define("y", Loose(Req("last", String())))
	s.Seal()
	a := acceptor{}
	if !a.accept(s.get("x"), &v) {
		t.Error("refused")
	}
	if len(a.indexes) != 1 {
		t.Errorf("%d indexes", len(a.indexes))
	}
	want := "body failed validation: body.last should be a string, instead was `1`."
	if got := message("body", newExplainer().explainRoot("body", s.get("y"), v)); got != want {
		t.Errorf("got %s", got)
	}
}

// One look at its first required key rules a variant out.
func TestVariantsAreRuledOutByTheirHead(t *testing.T) {
	s, u := NewSet(), Union()
	for i := range 34 {
		u.Add(Object(Opt("type", String()), Req(fmt.Sprint("k", i), Number())))
	}
	s.Define("x", u)
	s.Seal()
	for _, c := range []struct {
		text  string
		steps int // the union, the object, its two fields
	}{{`{"type":"k33","k33":1}`, 4}, {`{"type":"k33"}`, 1}, {`[]`, 1}} {
		v, a := parse(t, c.text), acceptor{}
		a.accept(s.get("x"), &v)
		if a.steps != c.steps {
			t.Errorf("%s takes %d steps", c.text, a.steps)
		}
	}
}

// Only as much of a value is rendered as is shown.
func TestRenderingIsBounded(t *testing.T) {
	const limit = 220
	for _, text := range []string{
		`[` + strings.Repeat(`0,`, 100000) + `0]`,
		strings.Repeat(`[`, 500) + strings.Repeat(`]`, 500),
		`{"` + strings.Repeat(`\"`, 100000) + `":"` + strings.Repeat(`x`, 100000) + `"}`,
	} {
		if n := len(appendSome(nil, parse(t, text), limit)); n <= limit || n > 4*limit+500 {
			t.Errorf("%.10s: %d bytes", text, n)
		}
	}
	var b strings.Builder
	for i := range 100000 {
		fmt.Fprintf(&b, `"k%d":0,`, i)
	}
	if n := len(appendSome(nil, parse(t, `{`+b.String()+`"k":0}`), limit)); n <= limit || n > 2*limit {
		t.Errorf("an object: %d bytes", n)
	}
}

// Merging long lists of expectations must not compare each with each.
func TestMergeKeepsOrder(t *testing.T) {
	var a, b, want []string
	for i := range 100 {
		a = append(a, fmt.Sprint("a", i))
		b = append(b, fmt.Sprint("a", 99-i), fmt.Sprint("b", i))
		want = append(want, fmt.Sprint("a", i))
	}
	for i := range 100 {
		want = append(want, fmt.Sprint("b", i))
	}
	for _, n := range []int{2, 10, 100} {
		got := merge(a[:n:n], b[:2*n])
		seen := map[string]bool{}
		for _, s := range got {
			if seen[s] {
				t.Fatalf("%d: %s twice", n, s)
			}
			seen[s] = true
		}
		if n == 100 && strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("got %v", got)
		}
	}
	if strings.Join(a[:2], " ") != "a0 a1" {
		t.Error("a shared list was changed")
	}
}
