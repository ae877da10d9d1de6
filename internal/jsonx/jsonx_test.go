package jsonx_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"octavo/internal/jsonx"
)

func TestParse(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"scalars", ` [ null , true,false, "a" , -1.50e1 ] `, `[null,true,false,"a",-15]`},
		{"order is kept", `{"b":1,"a":{"d":[],"c":{}}}`, `{"b":1,"a":{"d":[],"c":{}}}`},
		{"the last duplicate wins in the first place", `{"a":1,"b":2,"a":{"x":1}}`, `{"a":{"x":1},"b":2}`},
		{"the same key escaped", `{"a":1,"\u0061":2}`, `{"a":2}`},
		{"an empty key", `{"":1}`, `{"":1}`},
		{"escapes", `"\u0000\b\f\n\r\t\u001f\"\\\/\u00e9\ud83d\ude00"`, `"\u0000\b\f\n\r\t\u001f\"\\/é😀"`},
		{"line separators stay", "\"\u2028\u2029\u007f\"", "\"\u2028\u2029\u007f\""},
		{"beyond float64", `[1e999,-1e999,1e-999]`, `[null,null,0]`},
		{"minus zero", `-0`, `0`},
		{"more digits than float64", `0.1000000000000000055511151231257827`, `0.1`},
	}
	for _, c := range cases {
		v, err := jsonx.Parse([]byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := v.String(); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	cases := []struct{ name, text string }{
		{"nothing", ""},
		{"white space alone", " \n"},
		{"data after the text", `{} {}`},
		{"a comma after the text", `1,`},
		{"a broken array", `[1,`},
		{"a comma too many", `[1,]`},
		{"a broken object", `{"a":1`},
		{"a missing value", `{"a":}`},
		{"a missing colon", `{"a" 1}`},
		{"a number as key", `{1:1}`},
		{"a broken string", `"abc`},
		{"a bare word", `nul`},
		{"NaN", `NaN`},
		{"a leading zero", `01`},
		{"a plus sign", `+1`},
		{"no digits after the point", `1.`},
		{"a comment", `{} // x`},
		{"a byte order mark", "\ufeff{}"},
		{"a control character", "\"\x01\""},
		{"a wrong escape", `"\x"`},
		{"a lone high surrogate", `"\ud83d"`},
		{"a lone low surrogate", `"\ude00x"`},
		{"surrogates the wrong way round", `"\ude00\ud83d"`},
		{"a lone surrogate in a key", `{"\ud83d":1}`},
		{"a byte that is not UTF-8", "\"\xff\""},
		{"a rune cut short", "\"\xe2\x82\""},
		{"an overlong rune", "\"\xc0\x80\""},
		{"a surrogate written in UTF-8", "\"\xed\xa0\xbd\""},
	}
	for _, c := range cases {
		if v, err := jsonx.Parse([]byte(c.text)); err == nil {
			t.Errorf("%s: read as %s", c.name, v)
		} else if v.Defined() {
			t.Errorf("%s: a value comes with the error", c.name)
		}
	}
}

func TestParseDepth(t *testing.T) {
	for _, c := range []struct {
		open, closed string
	}{{"[", "]"}, {`{"a":`, "}"}} {
		nested := func(n int) []byte {
			return []byte(strings.Repeat(c.open, n) + "1" + strings.Repeat(c.closed, n))
		}
		if _, err := jsonx.Parse(nested(jsonx.MaxDepth)); err != nil {
			t.Errorf("%s: the greatest depth is refused: %v", c.open, err)
		}
		if _, err := jsonx.Parse(nested(jsonx.MaxDepth + 1)); !errors.Is(err, jsonx.ErrDepth) {
			t.Errorf("%s: one level more gives %v", c.open, err)
		}
		if _, err := jsonx.Parse([]byte(strings.Repeat(c.open, 1<<20))); !errors.Is(err, jsonx.ErrDepth) {
			t.Errorf("%s: a million levels give %v", c.open, err)
		}
	}
}

// Objects past the size where duplicates are found by an index behave like small ones.
func TestParseManyKeys(t *testing.T) {
	for _, n := range []int{31, 32, 33, 34, 100} {
		var text, want strings.Builder
		for i := range n {
			fmt.Fprintf(&text, `"k%d":%d,`, i, i)
			if i > 0 {
				want.WriteByte(',')
			}
			value := i
			if i == 0 || i == n-1 {
				value = -1
			}
			fmt.Fprintf(&want, `"k%d":%d`, i, value)
		}
		v, err := jsonx.Parse(fmt.Appendf(nil, `{%s"k%d":-1,"k0":-1}`, text.String(), n-1))
		if err != nil {
			t.Fatal(err)
		}
		if got := v.String(); got != "{"+want.String()+"}" {
			t.Errorf("%d keys: %s", n, got)
		}
	}
}

// The texts are what ECMAScript's Number::toString writes.
func TestAppendNumber(t *testing.T) {
	cases := []struct {
		f    float64
		want string
	}{
		{0, "0"}, {math.Copysign(0, -1), "0"}, {1, "1"}, {-1.5, "-1.5"}, {100, "100"}, {1e20, "100000000000000000000"}, {1e21, "1e+21"},
		{123456789012345680000, "123456789012345680000"}, {1.5e300, "1.5e+300"}, {1e-6, "0.000001"}, {1e-7, "1e-7"}, {-1.25e-9, "-1.25e-9"},
		{1e-10, "1e-10"}, {5e-324, "5e-324"}, {math.MaxFloat64, "1.7976931348623157e+308"}, {0.1, "0.1"}, {1 << 53, "9007199254740992"},
		{math.Inf(1), "null"}, {math.Inf(-1), "null"}, {math.NaN(), "null"},
	}
	for _, c := range cases {
		if got := string(jsonx.AppendNumber(nil, c.f)); got != c.want {
			t.Errorf("%g is written %s, want %s", c.f, got, c.want)
		}
	}
}

func TestAppendString(t *testing.T) {
	cases := []struct{ s, want string }{
		{"", `""`},
		{"a\xffb\xe2\x82", "\"a\uFFFDb\uFFFD\uFFFD\""},
		{"\uFFFD", "\"\uFFFD\""},
		{"<&>", `"<&>"`},
		{"\x00\x1f\x7f", "\"\\u0000\\u001f\x7f\""},
	}
	for _, c := range cases {
		if got := string(jsonx.AppendString(nil, c.s)); got != c.want {
			t.Errorf("%q is written %s, want %s", c.s, got, c.want)
		}
	}
}

func TestUndefinedIsWrittenAsNothing(t *testing.T) {
	if got := (jsonx.Value{}).String(); got != "" {
		t.Errorf("got %q", got)
	}
}

func parse(t testing.TB, text string) jsonx.Value {
	t.Helper()
	v, err := jsonx.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestObjects(t *testing.T) {
	cases := []struct {
		name string
		do   func(jsonx.Value)
		want string
	}{
		{"set a new key", func(v jsonx.Value) { v.Set("c", jsonx.NullValue) }, `{"a":1,"b":{"x":true},"c":null}`},
		{"set an old key", func(v jsonx.Value) { v.Set("a", jsonx.StringValue("s")) }, `{"a":"s","b":{"x":true}}`},
		{"set inside", func(v jsonx.Value) { v.Get("b").Set("y", jsonx.NumberValue(2)) }, `{"a":1,"b":{"x":true,"y":2}}`},
		{"set in no object", func(v jsonx.Value) { v.Get("a").Set("y", jsonx.NullValue) }, `{"a":1,"b":{"x":true}}`},
		{"delete", func(v jsonx.Value) {
			if v.Delete("a").Float() != 1 {
				t.Error("delete returns something else")
			}
		}, `{"b":{"x":true}}`},
		{"delete nothing", func(v jsonx.Value) {
			if v.Delete("z").Defined() || v.Get("a").Delete("z").Defined() {
				t.Error("delete returns something")
			}
		}, `{"a":1,"b":{"x":true}}`},
		{"rename", func(v jsonx.Value) { v.Rename("a", "z") }, `{"z":1,"b":{"x":true}}`},
		{"rename nothing", func(v jsonx.Value) { v.Rename("q", "z"); v.Get("a").Rename("q", "z") }, `{"a":1,"b":{"x":true}}`},
		{"change in place", func(v jsonx.Value) { *v.Ref("a") = jsonx.BoolValue(false) }, `{"a":false,"b":{"x":true}}`},
		{"a copy shares", func(v jsonx.Value) { w := v; w.Set("a", jsonx.NumberValue(2)) }, `{"a":2,"b":{"x":true}}`},
		{"a clone does not", func(v jsonx.Value) { w := v.Clone(); w.Set("a", jsonx.NullValue); w.Get("b").Delete("x") }, `{"a":1,"b":{"x":true}}`},
	}
	for _, c := range cases {
		v := parse(t, `{"a":1,"b":{"x":true}}`)
		c.do(v)
		if got := v.String(); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestDeleteLeavesTakenMembersAlone(t *testing.T) {
	v := parse(t, `{"a":1,"b":2,"c":3}`)
	before := v.Members()
	v.Delete("a")
	if before[0].Key != "a" || before[1].Key != "b" || before[2].Key != "c" {
		t.Errorf("members taken before became %v", before)
	}
}

func TestWrongKindsAreEmpty(t *testing.T) {
	s, n := jsonx.StringValue("s"), jsonx.NumberValue(1)
	if n.Text() != "" || s.Float() != 0 || s.True() || s.Items() != nil || s.Members() != nil || s.Get("a").Defined() || s.Has("a") || s.Ref("a") != nil {
		t.Error("a value answers for another kind")
	}
	if !jsonx.NullValue.IsNull() || !jsonx.NullValue.Defined() || (jsonx.Value{}).Defined() || (jsonx.Value{}).IsNull() || jsonx.BoolValue(false).True() || !jsonx.BoolValue(true).True() {
		t.Error("null, undefined and the booleans are mixed up")
	}
}

func TestWalk(t *testing.T) {
	var seen []string
	parse(t, `{"a":[1,{"b":null}]}`).Walk(func(v jsonx.Value) { seen = append(seen, v.String()) })
	want := `{"a":[1,{"b":null}]} [1,{"b":null}] 1 {"b":null} null`
	if got := strings.Join(seen, " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestParseOwnIsFreeToChange: the lists of its values are cut from larger ones, and one that
// grows must not run into the next.
func TestParseOwnIsFreeToChange(t *testing.T) {
	v, err := jsonx.ParseOwn([]byte(`{"a":{"x":1},"b":{"y":2},"c":[{"z":3},{"z":4}]}`))
	if err != nil {
		t.Fatal(err)
	}
	v.Get("a").Set("new", jsonx.StringValue("a"))
	v.Get("c").Items()[0].Set("new", jsonx.NullValue)
	v.Get("b").Delete("y")
	v.Get("c").Items()[1].Rename("z", "zz")
	v.Set("d", jsonx.BoolValue(true))
	const want = `{"a":{"x":1,"new":"a"},"b":{},"c":[{"z":3,"new":null},{"zz":4}],"d":true}`
	if got := v.String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestParseOwnDepth(t *testing.T) {
	for _, depth := range []int{jsonx.MaxDepth, jsonx.MaxDepth + 1} {
		_, err := jsonx.ParseOwn([]byte(strings.Repeat("[", depth) + strings.Repeat("]", depth)))
		if wrong := depth > jsonx.MaxDepth; wrong != errors.Is(err, jsonx.ErrDepth) {
			t.Errorf("depth %d: %v", depth, err)
		}
	}
}
