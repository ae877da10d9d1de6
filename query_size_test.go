package octavo_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"octavo"
)

// TestRowsAQuery sees which profile limits the rows of a query; query_limit.txtar says how.
func TestRowsAQuery(t *testing.T) {
	for _, p := range octavo.Profiles {
		want := 0
		if p.Name == "hosted" {
			want = 10_000
		}
		if p.MaxQueryRows != want {
			t.Errorf("%s: %d rows a query", p.Name, p.MaxQueryRows)
		}
	}
}

// TestLargeQueries sends the largest queries that a body can hold: whatever passes the
// schema is answered, however many conditions, operands and sorts there are.
func TestLargeQueries(t *testing.T) {
	noRaces(t, oneByOne)
	t.Parallel()
	eachDatabase(t, func(t *testing.T, db database) {
		c := hold(t, db, serverOptions{})
		source, row := wideSource(c)
		ask := func(t *testing.T, body object, want int) {
			t.Helper()
			data, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			h := http.Header{"Authorization": {"Bearer " + c.token}, "Notion-Version": {"2026-03-11"}, "Content-Type": {"application/json"}}
			a := c.do("POST", "/v1/data_sources/"+source+"/query?filter_properties=title", h, data)
			var list struct{ Results []struct{ ID string } }
			if err := json.Unmarshal(a.body, &list); err != nil || a.status != http.StatusOK {
				t.Fatalf("%d bytes: %d %.300s", len(data), a.status, a.body)
			}
			if len(list.Results) != want || want > 0 && list.Results[0].ID != row {
				t.Errorf("%d bytes: %d rows, not %d", len(data), len(list.Results), want)
			}
		}
		sorts := []any{}
		for i := range 100 {
			sorts = append(sorts, object{"property": fmt.Sprint("N", i), "direction": "ascending"})
		}
		for _, filter := range []any{nil, object{"property": "N0", "number": object{"is_not_empty": true}}} {
			body := object{"sorts": sorts, "page_size": 1}
			if filter != nil {
				body["filter"] = filter
			}
			ask(t, body, 1)
		}

		// Each leaf makes the i-th of many conditions. The row passes those that are negative and
		// no others.
		for name, leaf := range map[string]func(i int, negative bool) object{
			"numbers": func(i int, negative bool) object {
				return object{"property": "N1", "number": object{either(negative, "does_not_equal", "equals"): i}}
			},
			"texts": func(i int, negative bool) object {
				return object{"property": "T", "url": object{either(negative, "does_not_contain", "ends_with"): fmt.Sprint(i)}}
			},
			"days": func(i int, negative bool) object {
				return object{"property": "D", "date": object{either(negative, "before", "after"): day(i)}}
			},
			"times": func(i int, negative bool) object {
				return object{"timestamp": "created_time", "created_time": object{either(negative, "after", "before"): day(i)}}
			},
			"pages": func(i int, negative bool) object {
				return object{"property": "R", "relation": object{either(negative, "does_not_contain", "contains"): fmt.Sprintf("%032x", 1+i)}}
			},
			"options": func(i int, negative bool) object {
				return object{"property": "M", "multi_select": object{either(negative, "does_not_contain", "contains"): hundred(i)}}
			},
		} {
			size := map[string]int{"options": 22, "pages": 68, "times": 68, "days": 98}[name]
			if size == 0 {
				size = 100
			}
			filter := func(outer, inner string, negative bool) object {
				groups := []any{}
				for i := range size {
					leaves := []any{}
					for j := range size {
						leaves = append(leaves, leaf(size*i+j, negative))
					}
					groups = append(groups, object{inner: leaves})
				}
				if outer == "or" {
					groups[size-1] = object{"property": "N0", "number": object{"equals": 1}}
				}
				return object{outer: groups}
			}
			t.Run(name, func(t *testing.T) {
				ask(t, object{"filter": filter("or", "or", false)}, 1)
				ask(t, object{"filter": filter("and", "and", true)}, 1)
				ask(t, object{"filter": filter("and", "or", false)}, 0)
			})
		}
	})
}

func either(negative bool, yes, no string) string {
	if negative {
		return yes
	}
	return no
}

func day(i int) string { return fmt.Sprintf("%04d-%02d-%02d", 1900+i/300, 1+i%300/28, 1+i%28) }

func hundred(i int) []string {
	names := make([]string, 100)
	for j := range names {
		names[j] = fmt.Sprintf("o%02d", (i+j)%100)
	}
	return names
}

// wideSource makes a data source with a hundred numbers and one of everything else that can
// be asked many things, and a row in it.
func wideSource(c *conversation) (source, row string) {
	w := queryWorld{conversation: c}
	related := object{"data_source_id": w.newDatabase(`{"Name":{"title":{}}}`), "single_property": object{}}
	schema := object{"Name": object{"title": object{}}, "T": object{"url": object{}}, "D": object{"date": object{}}, "R": object{"relation": related}}
	for i := range 100 {
		schema[fmt.Sprint("N", i)] = object{"number": object{}}
	}
	options := []any{}
	for _, name := range hundred(0) {
		options = append(options, object{"name": name})
	}
	schema["M"] = object{"multi_select": object{"options": options}}
	data, err := json.Marshal(schema)
	if err != nil {
		c.t.Fatal(err)
	}
	source = w.newDatabase(string(data))
	a := c.ok("POST /v1/pages\n\n" + `{"parent":{"data_source_id":"` + source + `"},"properties":{"N0":{"number":1},"T":{"url":"` + strings.Repeat("x", 2000) + `"},"D":{"date":{"start":"1850-01-01"}}}}`)
	return source, a.field("id")
}
