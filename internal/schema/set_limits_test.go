package schema_test

import (
	"strings"
	"testing"

	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

func TestWithoutLimits(t *testing.T) {
	set := schema.NewSet()
	set.Define("body", schema.Object(
		schema.Opt("list", schema.Array(schema.String().Max(3), 2).Min(1)),
		schema.Opt("size", schema.Number().Max(100)),
	))
	free := set.WithoutLimits()
	long := jsonx.StringValue(strings.Repeat("x", 4))
	cases := []struct {
		body           jsonx.Value
		limited, freed bool // accepted
	}{
		{jsonx.ObjectValue(jsonx.M("list", jsonx.ArrayValue(long))), false, true},
		{jsonx.ObjectValue(jsonx.M("list", jsonx.ArrayValue(jsonx.StringValue(""), jsonx.StringValue(""), jsonx.StringValue("")))), false, true},
		{jsonx.ObjectValue(jsonx.M("list", jsonx.ArrayValue())), false, false},
		{jsonx.ObjectValue(jsonx.M("size", jsonx.NumberValue(101))), false, false},
		{jsonx.ObjectValue(jsonx.M("size", jsonx.NumberValue(100))), true, true},
	}
	for _, c := range cases {
		if err := set.Check("body", "body", c.body); (err == nil) != c.limited {
			t.Errorf("with limits, %s: %v", c.body, err)
		}
		if err := free.Check("body", "body", c.body); (err == nil) != c.freed {
			t.Errorf("without limits, %s: %v", c.body, err)
		}
	}
}
