package jsonx_test

import (
	"encoding/json"
	"math"
	"testing"

	"octavo/internal/jsonx"
)

// FuzzParse: no text makes Parse panic; what is written can be read and is the same;
// whatever Parse takes, the standard library takes too.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,-2.5e-3,"x\u00e9\ud83d\ude00",null,true,{}]}`, `{"a":1,"b":2,"a":3}`, `[[[[]]]]`, `1e999`, `-0`, `"\ud83d"`, "\"\xff\"", `{} {}`, `[1,]`, ` `,
		`{"":{"":{"":""}}}`, `"\u0000\u001f\u2028"`, `5e-324`, `123456789012345678901234567890`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := jsonx.Parse(data)
		if err != nil {
			return
		}
		if !json.Valid(data) {
			t.Fatalf("%q is not JSON", data)
		}
		text := v.Append(nil)
		again, err := jsonx.Parse(text)
		if err != nil {
			t.Fatalf("%q is written as %q: %v", data, text, err)
		}
		if !same(v, again) {
			t.Fatalf("%q is written as %q and read as %s", data, text, again)
		}
		if !same(v, v.Clone()) {
			t.Fatalf("%q: the clone differs", data)
		}
	})
}

// FuzzParseOwn: no text makes ParseOwn panic, and of what is our own it makes what Parse
// makes.
func FuzzParseOwn(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,-2.5e-7,"x\u00e9\ud83d\ude00",null,true,false,{},[],""]}`, `1e21`, `"\u0000\u001f\u2028\"\\\b\f\n\r\t/"`,
		`{"":{"":{"":""}}}`, `{"a\"b":1}`, `[`, `[1`, `[1,`, `{"a"`, `{"a":`, `"`, `"\`, `"\u0`, `"\u00`, `"\u00zz"`, `nul`, `-`, ``, `1 2`, `[1 2]`, `{"a" 1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = jsonx.ParseOwn(data)
		v, err := jsonx.Parse(data)
		if err != nil {
			return
		}
		text := v.Append(nil)
		want, err := jsonx.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		got, err := jsonx.ParseOwn(text)
		if err != nil || !same(want, got) || got.String() != string(text) {
			t.Fatalf("%s is read as %s: %v", text, got, err)
		}
	})
}

// FuzzSpans: no text makes AppendSpans panic, and of an object of our own it makes the
// members.
func FuzzSpans(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,-2.5e-7,"x\"]}\\",null],"b\\\"":{"c":[{}]},"":"","d":12}`, `{}`, `{"a":1}`, `[1]`, `{`, `{"a":}`, `{"a":1,}`, `{"a":]}`, `{"a":[}`, `{"a}`, `{"\`, `{"\u0001":"\\"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = jsonx.AppendSpans(nil, data)
		v, err := jsonx.Parse(data)
		if err != nil || v.Kind() != jsonx.Object {
			return
		}
		text := v.Append(nil)
		spans, err := jsonx.AppendSpans(nil, text)
		if err != nil || len(spans) != len(v.Members()) {
			t.Fatalf("%s has %d members: %v", text, len(spans), err)
		}
		for i, m := range v.Members() {
			if string(spans[i].Value) != m.Value.String() || string(jsonx.FindSpan(spans, string(spans[i].Key))) != m.Value.String() {
				t.Fatalf("%s: %q is %s", text, spans[i].Key, spans[i].Value)
			}
			if key, _ := jsonx.ParseOwn(jsonx.AppendString(nil, m.Key)); string(spans[i].Key) != key.Text() {
				t.Fatalf("%s: key %q", text, spans[i].Key)
			}
		}
	})
}

// same reports whether a was written and read as b; infinities are written as null.
func same(a, b jsonx.Value) bool {
	if a.Kind() == jsonx.Number && math.IsInf(a.Float(), 0) {
		return b.IsNull() || a.Float() == b.Float()
	}
	if a.Kind() != b.Kind() || a.Text() != b.Text() || a.Float() != b.Float() || a.True() != b.True() ||
		len(a.Items()) != len(b.Items()) || len(a.Members()) != len(b.Members()) {
		return false
	}
	for i := range a.Items() {
		if !same(a.Items()[i], b.Items()[i]) {
			return false
		}
	}
	for i, m := range a.Members() {
		if m.Key != b.Members()[i].Key || !same(m.Value, b.Members()[i].Value) {
			return false
		}
	}
	return true
}
