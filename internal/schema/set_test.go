package schema_test

import (
	"strings"
	"testing"

	"octavo/internal/schema"
)

func TestCloneIsIndependent(t *testing.T) {
	newest := schema.NewSet()
	newest.Define("append", schema.Object(schema.Req("children", schema.Array(schema.Ref("block"), 100))))
	newest.Define("block", schema.Union(
		schema.Object(schema.Req("paragraph", schema.Ref("paragraph"))),
		schema.Object(schema.Req("meeting_notes", schema.Object()))))
	newest.Define("paragraph", schema.Object(schema.Req("rich_text", schema.String()), schema.Opt("children", schema.Array(schema.Ref("block"), 100))))
	newest.Seal()

	older := newest.Clone()
	older.Object("append").Add(schema.Opt("after", schema.UUID()))
	older.Union("block").Remove("meeting_notes")
	older.Object("paragraph").Rename("rich_text", "text")
	oldest := older.Clone()
	oldest.Object("paragraph").Remove("children")

	const (
		after = `{"children":[],"after":"deadbeefdeadbeefdeadbeefdeadbeef"}`
		notes = `{"children":[{"meeting_notes":{}}]}`
		deep  = `{"children":[{"paragraph":{"text":"a","children":[{"paragraph":{"text":"b"}}]}}]}`
		rich  = `{"children":[{"paragraph":{"rich_text":"a"}}]}`
	)
	cases := []struct {
		name string
		set  *schema.Set
		body string
		want string
	}{
		{"newest", newest, after, line("body.after", "not present", `"deadbeefdeadbeefdeadbeefdeadbeef"`)},
		{"older", older, after, "accepted"},
		{"newest", newest, notes, "accepted"},
		{"older", older, notes, "body failed validation: " + missing("body.children[0].paragraph")},
		{"newest", newest, rich, "accepted"},
		{"older", older, rich, "body failed validation: " + missing("body.children[0].paragraph.text")},
		{"older", older, deep, "accepted"},
		{"oldest", oldest, deep, line("body.children[0].paragraph.children", "not present", `[{"paragraph":{"text":"b"}}]`)},
	}
	for _, c := range cases {
		if got := refusal(t, c.set, "body", "append", c.body); got != c.want {
			t.Errorf("%s %s\ngot  %s\nwant %s", c.name, c.body, got, c.want)
		}
	}
}

// A set keeps its own copy of what is defined, and one copy of what is shared inside.
func TestDefineCopies(t *testing.T) {
	shared := schema.Object(schema.Req("a", schema.Bool()))
	s := schema.NewSet()
	s.Define("x", schema.Object(schema.Req("one", shared), schema.Req("two", shared)))
	s.Define("y", shared)
	shared.Add(schema.Req("b", schema.Bool()))
	s.Object("y").Add(schema.Req("c", schema.Bool()))

	if got := refusal(t, s, "body", "x", `{"one":{"a":true},"two":{"a":true}}`); got != "accepted" {
		t.Errorf("a change from outside is felt: %s", got)
	}
	found := s.Clone().Having("x", "a")
	if len(found) != 1 {
		t.Errorf("an object used twice was copied into %d", len(found))
	}
}

// What an amendment brings in is copied too.
func TestAmendmentsCopy(t *testing.T) {
	cases := []struct {
		name  string
		amend func(*schema.Set, schema.Type)
	}{
		{"add", func(s *schema.Set, in schema.Type) { s.Object("o").Add(schema.Req("x", in)) }},
		{"replace", func(s *schema.Set, in schema.Type) {
			s.Object("o").Add(schema.Req("x", schema.Null()))
			s.Object("o").Replace("x", in)
		}},
		{"union add", func(s *schema.Set, in schema.Type) { s.Union("u").Add(schema.Object(schema.Req("x", in))) }},
		{"union replace", func(s *schema.Set, in schema.Type) { s.Union("u").Replace("null", schema.Object(schema.Req("x", in))) }},
	}
	for _, c := range cases {
		shared := schema.Object(schema.Opt("a", schema.Bool()))
		s := schema.NewSet()
		s.Define("o", schema.Object())
		s.Define("u", schema.Union(schema.Object(schema.Req("x", schema.Ref("o"))), schema.Null()))
		c.amend(s, shared)
		shared.Add(schema.Req("b", schema.Bool()))
		name := "o"
		if strings.HasPrefix(c.name, "union") {
			name = "u"
		}
		if got := refusal(t, s, "body", name, `{"x":{"a":true}}`); got != "accepted" {
			t.Errorf("%s: a change from outside is felt: %s", c.name, got)
		}
	}
}

func TestAmendments(t *testing.T) {
	base := func() *schema.Set {
		s := schema.NewSet()
		s.Define("o", schema.Object(schema.Req("a", schema.Bool()), schema.Opt("b", schema.Bool())))
		s.Define("alias", schema.Ref("o"))
		s.Define("part", schema.Object(schema.Req("p", schema.Bool())))
		s.Define("u", schema.Union(schema.Object(schema.Opt("x", schema.Bool()), schema.Req("k", schema.Bool())), schema.Ref("part"), schema.Null()))
		s.Define("named", schema.Union(schema.Ref("text"), schema.Number()))
		s.Define("text", schema.String())
		return s
	}
	cases := []struct {
		name  string
		amend func(*schema.Set)
		def   string
		body  string
		want  string
	}{
		{"nothing", func(*schema.Set) {}, "o", `{"a":true,"b":false}`, "accepted"},
		{"remove", func(s *schema.Set) { s.Object("o").Remove("b") }, "o", `{"a":true,"b":false}`, line("body.b", "not present", "false")},
		{"add", func(s *schema.Set) { s.Object("alias").Add(schema.Opt("c", schema.Null())) }, "o", `{"a":true,"c":null}`, "accepted"},
		{"add before", func(s *schema.Set) { s.Object("o").AddBefore("a", schema.Req("first", schema.Null())) }, "o", `{}`, "body failed validation: " + missing("body.first")},
		{"rename", func(s *schema.Set) { s.Object("o").Rename("a", "z") }, "alias", `{"b":1}`, "body failed validation: " + missing("body.z")},
		{"replace keeps optional", func(s *schema.Set) { s.Object("o").Replace("b", schema.Number()) }, "o", `{"a":true,"b":"x"}`, line("body.b", "a number or `undefined`", `"x"`)},
		{"replace resolves references", func(s *schema.Set) { s.Object("o").Replace("b", schema.Ref("text")) }, "o", `{"a":true,"b":1}`, line("body.b", "a string or `undefined`", `1`)},
		{"redefine", func(s *schema.Set) { s.Redefine("o", schema.Null()) }, "alias", `null`, "accepted"},
		{"union", func(*schema.Set) {}, "u", `{}`, lines(missing("body.k"), missing("body.p"))},
		{"union remove by key", func(s *schema.Set) { s.Union("u").Remove("k") }, "u", `{}`, "body failed validation: " + missing("body.p")},
		{"union remove by key of a reference", func(s *schema.Set) { s.Union("u").Remove("p") }, "u", `{}`, "body failed validation: " + missing("body.k")},
		{"union remove by name of a reference", func(s *schema.Set) { s.Union("u").Remove("part") }, "u", `{}`, "body failed validation: " + missing("body.k")},
		{"union remove null", func(s *schema.Set) { s.Union("u").Remove("null") }, "u", `null`, line("body", "an object", "null")},
		{"union remove a string by name", func(s *schema.Set) { s.Union("named").Remove("text") }, "named", `"x"`, line("body", "a number", `"x"`)},
		{"union add", func(s *schema.Set) { s.Union("u").Add(schema.Object(schema.Req("n", schema.Bool()))) }, "u", `{}`, lines(missing("body.k"), missing("body.p"), missing("body.n"))},
		{"union add before", func(s *schema.Set) { s.Union("u").AddBefore("p", schema.Object(schema.Req("n", schema.Bool()))) }, "u", `{}`, lines(missing("body.k"), missing("body.n"), missing("body.p"))},
		{"union replace", func(s *schema.Set) { s.Union("u").Replace("k", schema.Object(schema.Req("n", schema.Bool()))) }, "u", `{}`, lines(missing("body.n"), missing("body.p"))},
		{"union variant", func(s *schema.Set) { s.Union("u").Variant("p").(*schema.ObjectType).Rename("p", "q") }, "part", `{}`, "body failed validation: " + missing("body.q")},
		{"union hide", func(s *schema.Set) { s.Union("u").Hide("p") }, "u", `{}`, "body failed validation: " + missing("body.k")},
		{"union hide, accepted", func(s *schema.Set) { s.Union("u").Hide("part") }, "u", `{"p":true}`, "accepted"},
		{"union hide, explained", func(s *schema.Set) { s.Union("u").Hide("p") }, "u", `{"p":1}`, lines(missing("body.k"), strings.TrimPrefix(line("body.p", "a boolean", "1"), "body failed validation: "))},
		{"field", func(s *schema.Set) { s.Object("o").Replace("a", s.Object("o").Field("b")) }, "o", `{"a":true}`, "accepted"},
		{"having", func(s *schema.Set) {
			for _, o := range s.Having("", "k") {
				o.Rename("k", "kk")
			}
		}, "u", `{}`, lines(missing("body.kk"), missing("body.p"))},
		{"having elsewhere", func(s *schema.Set) {
			for _, o := range s.Having("pa", "k") {
				o.Rename("k", "kk")
			}
		}, "u", `{}`, lines(missing("body.k"), missing("body.p"))},
	}
	for _, c := range cases {
		s := base()
		c.amend(s)
		if got := refusal(t, s, "body", c.def, c.body); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestFaultsOfTheProgramPanic(t *testing.T) {
	base := func() *schema.Set {
		s := schema.NewSet()
		s.Define("o", schema.Object(schema.Req("a", schema.Bool()), schema.Opt("b", schema.Bool())))
		s.Define("u", schema.Union(schema.Ref("o"), schema.Null()))
		return s
	}
	cases := []struct {
		want string
		do   func(*schema.Set)
	}{
		{"nothing is called x", func(s *schema.Set) { s.Object("x") }},
		{"nothing is called x", func(s *schema.Set) { s.Redefine("x", schema.Null()) }},
		{"no variant x among a, o, null", func(s *schema.Set) { s.Union("u").Hide("x") }},
		{"hides all of its variants", func(s *schema.Set) { s.Union("u").Hide("a").Hide("null"); s.Seal() }},
		{"u is not an object", func(s *schema.Set) { s.Object("u") }},
		{"o is not a union", func(s *schema.Set) { s.Union("o") }},
		{"amended after it was sealed", func(s *schema.Set) { s.Seal(); s.Redefine("o", schema.Null()) }},
		{"amended after it was sealed", func(s *schema.Set) { s.Seal(); s.Union("u").Add(schema.Null()) }},
		{"amended after it was sealed", func(s *schema.Set) { s.Seal(); s.Union("u").Replace("null", schema.Null()) }},
		{"amended after it was sealed", func(s *schema.Set) { s.Seal(); s.Object("o").Add(schema.Opt("c", schema.Null())) }},
		{"amended after it was sealed", func(s *schema.Set) { s.Seal(); s.Object("o").Rename("a", "c") }},
		{"amended after it was sealed", func(s *schema.Set) { s.Seal(); s.Object("o").Replace("a", schema.Null()) }},
		{"o is defined twice", func(s *schema.Set) { s.Define("o", schema.Null()) }},
		{"no key x among a, b", func(s *schema.Set) { s.Object("o").Remove("x") }},
		{"no key x among a, b", func(s *schema.Set) { s.Object("o").Rename("x", "y") }},
		{"no key x among a, b", func(s *schema.Set) { s.Object("o").Replace("x", schema.Null()) }},
		{"no key x among a, b", func(s *schema.Set) { s.Object("o").AddBefore("x", schema.Opt("c", schema.Null())) }},
		{"has a already", func(s *schema.Set) { s.Object("o").Add(schema.Opt("a", schema.Null())) }},
		{"has b already", func(s *schema.Set) { s.Object("o").Rename("a", "b") }},
		{"has a already", func(*schema.Set) { schema.Object(schema.Opt("a", schema.Null()), schema.Opt("a", schema.Null())) }},
		{"no variant x among a, o, null", func(s *schema.Set) { s.Union("u").Remove("x") }},
		{"amended after it was sealed", func(s *schema.Set) { s.Seal(); s.Object("o").Remove("a") }},
		{"amended after it was sealed", func(s *schema.Set) { s.Seal(); s.Union("u").Remove("null") }},
		{"amended after it was sealed", func(s *schema.Set) { s.Seal(); s.Define("n", schema.Null()) }},
		{"n refers to gone, which nothing is called", func(s *schema.Set) { s.Define("n", schema.Ref("gone")); s.Seal() }},
		{"deep refers to gone, which nothing is called", func(s *schema.Set) {
			s.Define("deep", schema.Array(schema.Map(schema.Ref("gone")), 0))
			s.Seal()
		}},
		{"n is defined by itself: n, m, n", func(s *schema.Set) {
			s.Define("n", schema.Nullable(schema.Ref("m")))
			s.Define("m", schema.Ref("n"))
			s.Seal()
		}},
		{"a type is nil", func(s *schema.Set) { s.Define("n", schema.Array(nil, 1)) }},
	}
	for _, c := range cases {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.HasSuffix(text, c.want) || !strings.HasPrefix(text, "schema: ") {
					t.Errorf("panics with %q, want %q", text, c.want)
				}
			}()
			c.do(base())
		}()
	}
}

func TestNames(t *testing.T) {
	s := schema.NewSet()
	s.Define("b", schema.Null())
	s.Define("a", schema.Null())
	if got := strings.Join(s.Names(), " "); got != "b a" || !s.Has("a") || s.Has("c") {
		t.Errorf("names are %s", got)
	}
}
