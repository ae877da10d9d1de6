package schema

import (
	"strings"
	"testing"
	"unicode/utf8"

	"octavo/internal/jsonx"
)

// fuzzSet has every kind of type, recursion and unions that overlap.
func fuzzSet() *Set {
	s := NewSet()
	s.Define("root", Union(Ref("node"), Map(Ref("leaf")), Array(Ref("root"), 3).Min(1), Literal("a", "b")))
	s.Define("node", Object(
		Req("n", Union(Number().Min(0).Max(9), True(), Null(), Ref("node"))),
		Opt("s", Nullable(String().NonEmpty().Max(4))),
		Opt("c", Array(Ref("root"), 2)),
		Opt("u", UUID()), Opt("d", Date()), Opt("b", Bool()), Opt("x", Any())))
	s.Define("leaf", Union(
		Loose(Req("n", Ref("leaf")), Req("c", Array(Ref("leaf"), 0))),
		Loose(Req("n", Ref("leaf"))),
		Loose(Opt("length", String())),
		String().Max(2),
		Map(Ref("leaf"))))
	s.Seal()
	return s
}

// FuzzCheck: no request makes a check panic, a refusal is one of the grammar, and both
// passes agree, whether the first remembers or not.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{
		`{"n":1}`, `{"n":10,"s":""}`, `{"n":{"n":null},"c":[{"n":true},"a"]}`, `[[["b"]]]`, `[]`, `{"a":{"n":{"n":"xx"}},"b":"yyy"}`,
		`{"n":1,"u":"deadbeefdeadbeefdeadbeefdeadbeef","d":"2026-09-15","b":false,"x":{"y":[]}}`, `{"n":1e999,"s":"\u0000"}`, `{"k\u0000":""}`,
		`{"a":{"length":1}}`, `{"a":"xyz"}`, `"😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀"`,
	} {
		f.Add([]byte(seed))
	}
	s := fuzzSet()
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := jsonx.Parse(data)
		if err != nil {
			return
		}
		for _, name := range s.Names() {
			a := acceptor{}
			ok := a.accept(s.get(name), &v)
			remembering := acceptor{steps: patience}
			if remembering.accept(s.get(name), &v) != ok {
				t.Fatalf("%s: remembering changes the verdict %t", name, ok)
			}
			faults := newExplainer().explainRoot("body", s.get(name), v)
			if (len(faults) == 0) != ok {
				t.Fatalf("%s: accepted is %t with %d lines", name, ok, len(faults))
			}
			err := s.Check("body", name, v)
			if (err == nil) != ok {
				t.Fatalf("%s: accepted is %t, error is %v", name, ok, err)
			}
			if ok {
				continue
			}
			text := message("body", faults)
			if !strings.HasPrefix(text, "body failed validation") || !strings.HasSuffix(text, "`.") || !utf8.ValidString(text) {
				t.Fatalf("%s: %q", name, text)
			}
			if len(faults) > maxLines || len(text) > maxMessage+2*maxPath {
				t.Fatalf("%s: %d lines, %d bytes", name, len(faults), len(text))
			}
		}
	})
}
