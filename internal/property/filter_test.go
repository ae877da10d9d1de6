package property_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"octavo/internal/jsonx"
	"octavo/internal/property"
)

func TestFiltersAreThoseOfTheSDK(t *testing.T) {
	data, err := os.ReadFile("../../testdata/sdk_types.json")
	if err != nil {
		t.Fatal(err)
	}
	var sdk struct {
		Filters   []string `json:"property_filter_types"`
		Functions []string `json:"rollup_functions"`
		Configs   []string `json:"property_config_request_types"`
		Listed    []string `json:"property_item_list_types"`
	}
	if err := json.Unmarshal(data, &sdk); err != nil || len(sdk.Filters) == 0 || len(sdk.Configs) == 0 {
		t.Fatal("no types in the SDK's list", err)
	}
	var kinds, configs, listed []string
	for _, f := range property.Filters {
		kinds = append(kinds, f.Kind)
		if _, ok := property.Conditions[f.Family]; !ok {
			t.Errorf("family %s has no conditions", f.Family)
		}
	}
	if !slices.Equal(kinds, sdk.Filters) {
		t.Errorf("filters:\ngot  %v\nwant %v", kinds, sdk.Filters)
	}
	if !slices.Equal(property.RollupFunctions, sdk.Functions) {
		t.Errorf("functions:\ngot  %v\nwant %v", property.RollupFunctions, sdk.Functions)
	}
	for _, p := range property.Types {
		if p.Config != nil {
			configs = append(configs, p.Name)
		}
		if p.Listed() {
			listed = append(listed, p.Name)
		}
		for _, kind := range p.Filters {
			if !slices.Contains(kinds, kind) {
				t.Errorf("%s answers to %s, which is no kind of filter", p.Name, kind)
			}
		}
	}
	// The SDK lets a request name these too; the hosted API makes none of them.
	want := slices.DeleteFunc(slices.Clone(sdk.Configs), func(name string) bool {
		return slices.Contains([]string{"button", "location", "verification", "last_visited_time"}, name)
	})
	slices.Sort(configs)
	slices.Sort(want)
	if !slices.Equal(configs, want) {
		t.Errorf("types that a schema can be given:\ngot  %v\nwant %v", configs, want)
	}
	slices.Sort(listed)
	slices.Sort(sdk.Listed)
	if !slices.Equal(listed, sdk.Listed) {
		t.Errorf("listed types:\ngot  %v\nwant %v", listed, sdk.Listed)
	}
}

func TestNumberFormats(t *testing.T) {
	if n := len(property.NumberFormats); n != 45 {
		t.Errorf("%d formats", n)
	}
	if sorted := slices.Sorted(slices.Values(property.NumberFormats)); len(slices.Compact(sorted)) != 45 {
		t.Error("a format stands twice")
	}
}

// operands is a value for each operand.
var operands = map[property.Operand]string{
	property.NoOperand: `true`, property.TextOperand: `"x"`, property.NumberOperand: `1`, property.CheckboxOperand: `false`,
	property.OptionOperand: `["a","b"]`, property.DateOperand: `"today"`, property.PeriodOperand: `{}`,
	property.UserOperand: `"me"`, property.PageOperand: `"` + page1 + `"`, property.StateOperand: `"none"`,
}

func TestEveryConditionIsAccepted(t *testing.T) {
	check := func(filter string) error {
		v, err := jsonx.Parse([]byte(filter))
		if err != nil {
			t.Fatalf("%s: %v", filter, err)
		}
		return schemas.Check("body", "filter", v)
	}
	n := 0
	var conditions func(family property.Family) []string
	conditions = func(family property.Family) []string {
		var all []string
		for _, c := range property.Conditions[family] {
			if c.Operand != property.FilterOperand {
				all = append(all, `{"`+c.Name+`":`+operands[c.Operand]+`}`)
				continue
			}
			for _, inside := range c.Inside {
				for _, condition := range conditions(inside.Family) {
					if inside.Kind != c.Name {
						condition = `{"` + inside.Kind + `":` + condition + `}`
					}
					all = append(all, `{"`+c.Name+`":`+condition+`}`)
				}
			}
		}
		return all
	}
	for _, f := range property.Filters {
		for _, condition := range conditions(f.Family) {
			n++
			if err := check(`{"property":"P","` + f.Kind + `":` + condition + `}`); err != nil {
				t.Errorf("%s %s: %v", f.Kind, condition, err)
			}
		}
	}
	if n < 250 {
		t.Errorf("only %d conditions", n)
	}
	for _, c := range []struct{ filter, want string }{
		{`{"property":"P","number":{"equals":"1"}}`, "body.number.equals should be a number, instead was `\"1\"`."},
		{`{"property":"P","date":{"this_month":{}}}`, "body.date.equals should be defined, instead was `undefined`."},
		{`{"property":"P","checkbox":{"is_empty":true}}`, "body.checkbox.equals should be defined, instead was `undefined`."},
		{`{"property":"P","select":{"equals":1}}`, "body.select.equals should be a string or an array, instead was `1`."},
		{`{"property":"P","people":{"contains":"you"}}`, "body.people.contains should be a valid uuid or `\"me\"`, instead was `\"you\"`."},
		{`{"property":"P","date":{"equals":{}}}`, "body.date.equals should be a string, instead was `{}`."},
	} {
		if err := check(c.filter); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s:\ngot  %v\nwant %s", c.filter, err, c.want)
		}
	}
}

func TestWhatATypeAnswersTo(t *testing.T) {
	for _, c := range []struct {
		typ, kind      string
		answers, inner bool
	}{
		{"title", "title", true, true}, {"title", "rich_text", true, true}, {"rich_text", "title", false, false},
		{"url", "rich_text", true, true}, {"email", "rich_text", true, true}, {"phone_number", "rich_text", true, true},
		{"select", "status", false, false}, {"select", "rich_text", false, false}, {"number", "number", true, true},
		{"created_time", "date", false, true}, {"created_by", "people", false, true}, {"unique_id", "number", false, true},
		{"formula", "number", false, false}, {"rollup", "date", false, false}, {"status", "select", false, false},
		{"place", "rich_text", false, false}, {"button", "checkbox", false, false},
	} {
		typ := property.Lookup(c.typ)
		if typ.Answers(c.kind) != c.answers || typ.AnswersElement(c.kind) != c.inner {
			t.Errorf("%s to %s: %t, and as an element %t", c.typ, c.kind, typ.Answers(c.kind), typ.AnswersElement(c.kind))
		}
	}
	if _, ok := property.FilterFamily("colour"); ok {
		t.Error("colour is a kind of filter")
	}
}
