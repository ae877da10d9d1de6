package schema_test

import (
	"net/url"
	"testing"

	"octavo/internal/schema"
)

func querySet() *schema.Set {
	s := schema.NewSet()
	s.Define("list", schema.Object(
		schema.Opt("start_cursor", schema.UUID()),
		schema.Opt("page_size", schema.Ref("page_size")),
		schema.Opt("filter_properties", schema.Array(schema.String(), 2)),
		schema.Opt("numbers", schema.Nullable(schema.Array(schema.Number(), 0))),
		schema.Opt("include_transcript", schema.Bool()),
		schema.Opt("name", schema.String())))
	s.Define("page_size", schema.Number().Min(1).Max(100))
	return s
}

func TestCheckQuery(t *testing.T) {
	const failed = "query failed validation: query."
	cases := []struct{ query, value, want string }{
		{"", `{}`, "accepted"},
		{"page_size=50&name=50&include_transcript=true", `{"page_size":50,"include_transcript":true,"name":"50"}`, "accepted"},
		{"include_transcript=false", `{"include_transcript":false}`, "accepted"},
		{"name=true", `{"name":"true"}`, "accepted"},
		{"page_size=1e1", `{"page_size":10}`, "accepted"},
		{"page_size=101", `{"page_size":101}`, failed + "page_size should be ≤ `100` or `undefined`, instead was `101`."},
		{"page_size=0", `{"page_size":0}`, failed + "page_size should be ≥ `1` or `undefined`, instead was `0`."},
		{"page_size=ten", `{"page_size":"ten"}`, failed + "page_size should be a number or `undefined`, instead was `\"ten\"`."},
		{"page_size=", `{"page_size":""}`, failed + "page_size should be a number or `undefined`, instead was `\"\"`."},
		{"page_size=0x10", `{"page_size":"0x10"}`, failed + "page_size should be a number or `undefined`, instead was `\"0x10\"`."},
		{"page_size=Infinity", `{"page_size":"Infinity"}`, failed + "page_size should be a number or `undefined`, instead was `\"Infinity\"`."},
		{"page_size=1_0", `{"page_size":"1_0"}`, failed + "page_size should be a number or `undefined`, instead was `\"1_0\"`."},
		{"page_size=1e999", `{"page_size":null}`, failed + "page_size should be a number or `undefined`, instead was `null`."},
		{"page_size=5&page_size=6", `{"page_size":[5,6]}`, failed + "page_size should be a number or `undefined`, instead was `[5,6]`."},
		{"page_size[]=5", `{"page_size[]":"5"}`, failed + "page_size[] should be not present, instead was `\"5\"`."},
		{"start_cursor=bogus", `{"start_cursor":"bogus"}`, failed + "start_cursor should be a valid uuid or `undefined`, instead was `\"bogus\"`."},
		{"start_cursor=a&start_cursor=b", `{"start_cursor":["a","b"]}`, failed + "start_cursor should be a string or `undefined`, instead was `[\"a\",\"b\"]`."},
		{"filter_properties=a", `{"filter_properties":["a"]}`, "accepted"},
		{"filter_properties=a&filter_properties=b", `{"filter_properties":["a","b"]}`, "accepted"},
		{"filter_properties[]=b&filter_properties=a", `{"filter_properties":["a","b"]}`, "accepted"},
		{"filter_properties=a&filter_properties=b&filter_properties=c", `{"filter_properties":["a","b","c"]}`, failed + "filter_properties.length should be ≤ `2`, instead was `3`."},
		{"numbers=1&numbers=x", `{"numbers":[1,"x"]}`, failed + "numbers[1] should be a number, instead was `\"x\"`."},
		{"zzz=1&unknown=2", `{"unknown":"2","zzz":"1"}`, failed + "unknown should be not present, instead was `\"2\"`."},
		{"name=%FFx", `{"name":"�x"}`, "accepted"},
		{"name=a%00", `{"name":"a\u0000"}`, failed + "name should be a string without null characters or `undefined`, instead was `\"a\\u0000\"`."},
		{"%FF=1", `{"�":"1"}`, failed + "� should be not present, instead was `\"1\"`."},
	}
	s := querySet()
	for _, c := range cases {
		q, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		v, err := s.CheckQuery("list", q)
		if got := messageOf(t, err); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.query, got, c.want)
		}
		if v.String() != c.value {
			t.Errorf("%s is read as %s, want %s", c.query, v, c.value)
		}
	}
}
