package octavo_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"octavo"

	"pgregory.net/rapid"
)

// TestQueryModel compares the server with the model, over random schemas, rows, edits,
// filters and sorts, read in pages of random sizes.
func TestQueryModel(t *testing.T) { testQueryModel(t, serverOptions{}) }

// TestQueryModelInMemory does so with tables in memory, which a data source of so few rows
// has no need of.
func TestQueryModelInMemory(t *testing.T) {
	testQueryModel(t, serverOptions{change: func(o *octavo.Options) { o.EagerTables = true }})
}

func testQueryModel(t *testing.T, o serverOptions) {
	noRaces(t, oneByOne)
	t.Parallel()
	const cases = 100 // queries for each of rapid's runs, which are 100
	eachDatabase(t, func(t *testing.T, db database) {
		w := newQueryWorld(t, db, o)
		runs := 0
		rapid.Check(t, func(rt *rapid.T) {
			if runs++; runs > 3 && !db.first {
				return
			}
			d := w.newSource(rt)
			for range cases / 4 {
				for range 4 {
					d.ask(rt)
				}
				d.edit(rt)
			}
		})
	})
}

// queryWorld is a server with users, a second author and pages to relate to.
type queryWorld struct {
	*conversation
	tokens       []string
	authors      []string          // of the tokens
	users, parts map[string]string // names and titles by id
	other        string            // data source
	steps        int
}

func newQueryWorld(t *testing.T, db database, o serverOptions) *queryWorld {
	w := &queryWorld{conversation: hold(t, db, o), users: map[string]string{}, parts: map[string]string{}}
	for _, name := range []string{"Zoe", "ada 10", "Ada 9", "bob"} {
		a := w.ok("POST /_octavo/users\n\n" + `{"name":"` + name + `"}`)
		w.users[a.field("id")] = name
	}
	second := w.newToken(t, `{"name":"Second","capabilities":["read_content","update_content","insert_content","read_user_with_email"]}`)
	w.ok("POST /_octavo/integrations/" + second.id + "/shares\n\n" + `{"workspace":true}`)
	w.tokens = []string{w.token, second.token}
	for _, token := range w.tokens {
		a := w.do("GET", "/v1/users/me", http.Header{"Authorization": {"Bearer " + token}, "Notion-Version": {"2026-03-11"}}, nil)
		w.authors = append(w.authors, a.field("id"))
		w.users[a.field("id")] = a.field("name")
	}
	w.other = w.newDatabase(`{"Name":{"title":{}}}`)
	for _, title := range []string{"Part 2", "part 10", "", "aa", "Part 1"} {
		a := w.ok("POST /v1/pages\n\n" + `{"parent":{"data_source_id":"` + w.other + `"},"properties":{"Name":{"title":[` + textOf(title) + `]}}}`)
		w.parts[a.field("id")] = title
	}
	return w
}

func (w *queryWorld) newDatabase(properties string) string {
	w.t.Helper()
	a := w.ok("POST /v1/databases\n\n" + `{"parent":{"page_id":"$page"},"initial_data_source":{"properties":` + properties + `}}`)
	var database struct {
		Sources []struct{ ID string } `json:"data_sources"`
	}
	if err := json.Unmarshal(a.body, &database); err != nil || len(database.Sources) != 1 {
		w.t.Fatalf("%v: %s", err, a.body)
	}
	return database.Sources[0].ID
}

// send sends a request as one of the authors and returns what is answered.
func (w *queryWorld) send(author int, method, target string, body any) (int, object) {
	data, err := json.Marshal(body)
	if err != nil {
		w.t.Fatal(err)
	}
	h := http.Header{"Authorization": {"Bearer " + w.tokens[author]}, "Notion-Version": {"2026-03-11"}, "Content-Type": {"application/json"}}
	a := w.do(method, target, h, data)
	var answer object
	if err := json.Unmarshal(a.body, &answer); err != nil {
		w.t.Fatalf("%s: %s", target, a.body)
	}
	return a.status, answer
}

// querySource is a data source and the model of it.
type querySource struct {
	*queryWorld
	model
	id         string
	properties []string
}

var (
	queryTexts = []string{"", " ", "Ab 2", "ab 10", "AB", "b", "a1b02", "a1b2", "cab", "aB", "10", "9", "1.5", "a", "b b", "Item 100"}
	queryNames = []string{"red", "Blue", "green", "To-do", "x"}
	queryKinds = []string{
		"title", "rich_text", "url", "email", "phone_number", "number", "checkbox", "select", "multi_select", "status", "date",
		"people", "relation", "files", "unique_id", "created_time", "last_edited_time", "created_by", "last_edited_by", "place",
	}
)

func (w *queryWorld) newSource(rt *rapid.T) *querySource {
	d := &querySource{queryWorld: w}
	d.model = model{kinds: map[string]string{}, options: map[string][]string{}, groups: map[string][]string{}, people: w.users, titles: w.parts}
	schema := object{}
	for _, kind := range queryKinds {
		if kind != "title" && rapid.IntRange(0, 4).Draw(rt, "leave out") == 0 {
			continue
		}
		name := "P " + kind
		d.kinds[name] = kind
		d.properties = append(d.properties, name)
		config := object{}
		switch kind {
		case "select", "multi_select", "status":
			options := rapid.Permutation(queryNames).Draw(rt, "options")[:rapid.IntRange(1, 5).Draw(rt, "number of options")]
			d.options[name] = options
			var list []any
			groups := []string{"To-do", "In progress", "Complete"}
			for _, o := range options {
				option := object{"name": o}
				if kind == "status" {
					g := rapid.SampledFrom(groups).Draw(rt, "group")
					d.groups[g] = append(d.groups[g], o)
					option["group"] = g
				}
				list = append(list, option)
			}
			config["options"] = list
			if kind == "status" {
				for _, g := range groups {
					d.groups[g] = append([]string{}, d.groups[g]...)
				}
			}
		case "relation":
			config = object{"data_source_id": w.other, "single_property": object{}}
		}
		schema[name] = object{kind: config}
	}
	data, _ := json.Marshal(schema)
	d.id = w.newDatabase(string(data))
	for range rapid.IntRange(0, 12).Draw(rt, "rows") {
		d.create(rt)
	}
	return d
}

// later lets some time pass, or none.
func (d *querySource) later(rt *rapid.T) {
	d.clock.Advance(rapid.SampledFrom([]time.Duration{0, 0, time.Second, 40 * time.Second, time.Hour, 26 * time.Hour}).Draw(rt, "later"))
}

func (d *querySource) create(rt *rapid.T) {
	d.later(rt)
	author := rapid.IntRange(0, 1).Draw(rt, "author")
	status, page := d.send(author, "POST", "/v1/pages", object{"parent": object{"data_source_id": d.id}, "properties": d.values(rt, 3)})
	if status != http.StatusOK {
		rt.Fatalf("create: %v", page)
	}
	r := &modelRow{born: d.steps, created: d.clock.Now(), maker: d.authors[author]}
	d.steps++
	d.rows = append(d.rows, r)
	d.learn(r, author, page)
}

// learn keeps what the API shows of a row.
func (d *querySource) learn(r *modelRow, author int, page object) {
	r.id, r.values = page["id"].(string), map[string]any{}
	r.edited, r.toucher = d.clock.Now(), d.authors[author]
	r.trashed, r.archived = page["in_trash"].(bool), page["is_archived"].(bool)
	for name, v := range page["properties"].(object) {
		r.values[name] = v.(object)[d.kinds[name]]
	}
}

// edit changes one row, or makes one.
func (d *querySource) edit(rt *rapid.T) {
	if len(d.rows) == 0 || rapid.IntRange(0, 4).Draw(rt, "create") == 0 {
		d.create(rt)
		return
	}
	d.later(rt)
	author := rapid.IntRange(0, 1).Draw(rt, "author")
	r := rapid.SampledFrom(d.rows).Draw(rt, "row")
	change := object{}
	switch what := rapid.IntRange(0, 6).Draw(rt, "what"); {
	case what == 6:
		r.template = d.mark(d.id, r.id, r.template)
		return
	case r.trashed || what == 0:
		change["in_trash"] = !r.trashed
	case what == 1:
		change["is_archived"] = !r.archived
	default:
		change["properties"] = d.values(rt, 1)
	}
	status, page := d.send(author, "PATCH", "/v1/pages/"+r.id, change)
	if status != http.StatusOK {
		rt.Fatalf("edit: %v", page)
	}
	d.learn(r, author, page)
}

// mark marks a page as a template of a data source, or no more, and returns whether it is one
// now.
func (w *queryWorld) mark(source, page string, marked bool) bool {
	if marked {
		w.ok("DELETE /_octavo/data_sources/" + source + "/templates/" + page)
	} else {
		w.ok("POST /_octavo/data_sources/" + source + "/templates\n\n" + `{"page_id":"` + page + `"}`)
	}
	return !marked
}

// values draws new values for some properties, the likelier the larger share is.
func (d *querySource) values(rt *rapid.T, share int) object {
	values := object{}
	for _, name := range d.properties {
		if rapid.IntRange(0, 3).Draw(rt, "value") >= share {
			continue
		}
		if v := d.value(rt, name); v != nil {
			values[name] = object{d.kinds[name]: v.of}
		}
	}
	if len(values) == 0 {
		values["P title"] = object{"title": []any{object{"text": object{"content": "a"}}}}
	}
	return values
}

// drawn is a value that may be null.
type drawn struct{ of any }

func (d *querySource) value(rt *rapid.T, name string) *drawn {
	empty := rapid.IntRange(0, 4).Draw(rt, "empty") == 0
	words := rapid.SampledFrom(queryTexts)
	kind := d.kinds[name]
	switch kind {
	case "title", "rich_text":
		items := []any{}
		for range rapid.IntRange(0, 2).Draw(rt, "items") {
			items = append(items, object{"text": object{"content": words.Draw(rt, "text")}})
		}
		return &drawn{items}
	case "url", "email", "phone_number":
		text := words.Draw(rt, "text")
		if empty || text == "" {
			return &drawn{nil}
		}
		return &drawn{text}
	case "checkbox":
		return &drawn{rapid.Bool().Draw(rt, "ticked")}
	case "multi_select":
		list := []any{}
		options := rapid.Permutation(d.options[name]).Draw(rt, "options")
		for _, o := range options[:rapid.IntRange(0, len(options)).Draw(rt, "number")] {
			list = append(list, object{"name": o})
		}
		return &drawn{list}
	case "people":
		return &drawn{refs(rt, d.people)}
	case "relation":
		return &drawn{refs(rt, d.titles)}
	case "files":
		if empty {
			return &drawn{[]any{}}
		}
		return &drawn{[]any{object{"name": "f", "external": object{"url": "https://example.com/f"}}}}
	}
	if empty {
		switch kind {
		case "number", "select", "status", "date", "place":
			return &drawn{nil}
		}
	}
	switch kind {
	case "number":
		return &drawn{rapid.SampledFrom([]float64{-1e300, -2.5, -1, 0, 0.1, 1, 2, 10, 9, 1e21}).Draw(rt, "number")}
	case "select", "status":
		return &drawn{object{"name": rapid.SampledFrom(d.options[name]).Draw(rt, "option")}}
	case "date":
		return &drawn{d.date(rt)}
	case "place":
		return &drawn{object{"lat": 1, "lon": 2, "name": words.Draw(rt, "name"), "address": words.Draw(rt, "address")}}
	}
	return nil // the server's own
}

func refs(rt *rapid.T, from map[string]string) []any {
	ids := make([]string, 0, len(from))
	for id := range from {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	ids = rapid.Permutation(ids).Draw(rt, "refs")
	list := []any{}
	for _, id := range ids[:rapid.IntRange(0, 3).Draw(rt, "number of refs")] {
		list = append(list, object{"id": id})
	}
	return list
}

// day draws a day near today, or near the ends of the periods that conditions name.
func (d *querySource) day(rt *rapid.T) time.Time {
	today := dayOf(d.clock.Now())
	switch rapid.IntRange(0, 3).Draw(rt, "near") {
	case 0:
		return today.AddDate(0, rapid.SampledFrom([]int{-12, -1, 1, 12}).Draw(rt, "months"), rapid.IntRange(-1, 1).Draw(rt, "days"))
	case 1:
		return today.AddDate(0, 0, rapid.SampledFrom([]int{-8, -7, -6, 6, 7, 8}).Draw(rt, "days"))
	}
	return today.AddDate(0, 0, rapid.IntRange(-2, 2).Draw(rt, "days"))
}

func (d *querySource) dateText(rt *rapid.T) string {
	t := d.day(rt)
	if rapid.Bool().Draw(rt, "whole day") {
		return t.Format("2006-01-02")
	}
	t = t.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 60 * 23, 60*23 + 59, 600}).Draw(rt, "minutes"))*time.Minute +
		time.Duration(rapid.SampledFrom([]int{0, 59}).Draw(rt, "seconds"))*time.Second)
	switch rapid.IntRange(0, 2).Draw(rt, "zone") {
	case 0:
		return t.Format("2006-01-02T15:04:05") // UTC
	case 1:
		return t.In(time.FixedZone("", 9*3600)).Format(time.RFC3339)
	}
	return t.In(time.FixedZone("", -11*3600)).Format("2006-01-02T15:04:05.000Z07:00")
}

func (d *querySource) date(rt *rapid.T) object {
	start := d.dateText(rt)
	date := object{"start": start}
	if t, isDay := parseModelTime(start); isDay && rapid.Bool().Draw(rt, "range") {
		date["end"] = t.AddDate(0, 0, 3).Format("2006-01-02")
	}
	return date
}

// ask sends one query and compares the answer.
func (d *querySource) ask(rt *rapid.T) {
	d.now = d.clock.Now()
	body := object{}
	var filter any
	var sorts []any
	if rapid.IntRange(0, 9).Draw(rt, "filter") > 0 {
		filter = d.filter(rt, 2)
		body["filter"] = filter
	}
	for range rapid.IntRange(0, 3).Draw(rt, "sorts") {
		sorts = append(sorts, d.sort(rt))
		body["sorts"] = sorts
	}
	trashed, archived := rapid.IntRange(0, 9).Draw(rt, "trash") == 0, rapid.IntRange(0, 9).Draw(rt, "archive") == 0
	if trashed {
		body["in_trash"] = true
	}
	if archived {
		body["is_archived"] = true
	}
	size := rapid.IntRange(1, 20).Draw(rt, "page size")
	want := d.answer(filter, sorts, trashed, archived)
	if got := d.query(rt, body, size); !slices.Equal(got, want) {
		text, _ := json.MarshalIndent(body, "", " ")
		rt.Fatalf("%s\nin pages of %d: got\n%s\nwant\n%s", text, size, d.describe(got), d.describe(want))
	}
}

// query reads all pages of an answer.
func (d *querySource) query(rt *rapid.T, body object, size int) []string {
	body["page_size"] = size
	ids := []string{}
	for {
		status, list := d.send(0, "POST", "/v1/data_sources/"+d.id+"/query?filter_properties=title", body)
		if status != http.StatusOK {
			text, _ := json.Marshal(body)
			rt.Fatalf("%s: %v", text, list)
		}
		results := list["results"].([]any)
		for _, r := range results {
			ids = append(ids, r.(object)["id"].(string))
		}
		if list["has_more"] == false {
			delete(body, "start_cursor")
			return ids
		}
		if len(results) != size {
			rt.Fatalf("%d results and more to come", len(results))
		}
		body["start_cursor"] = list["next_cursor"]
	}
}

func (d *querySource) describe(ids []string) string {
	var text strings.Builder
	for _, id := range ids {
		i := slices.IndexFunc(d.rows, func(r *modelRow) bool { return r.id == id })
		if i < 0 {
			fmt.Fprintf(&text, "  %s, which is no row\n", id)
			continue
		}
		values, _ := json.Marshal(d.rows[i].values)
		fmt.Fprintf(&text, "  %d (edited %s) %s\n", d.rows[i].born, d.rows[i].edited, values)
	}
	return text.String()
}

func (d *querySource) sort(rt *rapid.T) object {
	direction := rapid.SampledFrom([]string{"ascending", "descending"}).Draw(rt, "direction")
	name := rapid.SampledFrom(append([]string{"created_time", "last_edited_time"}, d.properties...)).Draw(rt, "sort")
	kind := d.kinds[name]
	switch {
	case kind == "files":
		name = "P title"
	case kind == "":
		return object{"timestamp": name, "direction": direction}
	}
	return object{"property": name, "direction": direction}
}

func (d *querySource) filter(rt *rapid.T, depth int) object {
	if depth > 0 && rapid.IntRange(0, 2).Draw(rt, "compound") > 0 {
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(rt, "parts") {
			list = append(list, d.filter(rt, depth-1))
		}
		return object{rapid.SampledFrom([]string{"and", "or"}).Draw(rt, "word"): list}
	}
	if rapid.IntRange(0, 9).Draw(rt, "timestamp") == 0 {
		name := rapid.SampledFrom([]string{"created_time", "last_edited_time"}).Draw(rt, "time")
		return object{"timestamp": name, name: d.condition(rt, "date", "")}
	}
	name := rapid.SampledFrom(d.properties).Draw(rt, "property")
	kind := d.kinds[name]
	if kind == "place" {
		name, kind = "P title", "title"
	}
	switch kind {
	case "title", "url", "email", "phone_number":
		kind = rapid.SampledFrom([]string{kind, "rich_text"}).Draw(rt, "kind")
	}
	return object{"property": name, kind: d.condition(rt, kind, name)}
}

// condition draws a condition of a kind of filter.
func (d *querySource) condition(rt *rapid.T, kind, name string) object {
	family := kind
	switch kind {
	case "title", "rich_text", "url", "email", "phone_number":
		family = "text"
	case "created_by", "last_edited_by":
		family = "people"
	case "created_time", "last_edited_time":
		family = "date"
	case "unique_id":
		family = "number"
	case "status":
		family = "select"
	}
	conditions := map[string][]string{
		"text":         {"equals", "does_not_equal", "contains", "does_not_contain", "starts_with", "ends_with", "is_empty", "is_not_empty"},
		"number":       {"equals", "does_not_equal", "greater_than", "less_than", "greater_than_or_equal_to", "less_than_or_equal_to", "is_empty", "is_not_empty"},
		"checkbox":     {"equals", "does_not_equal"},
		"select":       {"equals", "does_not_equal", "is_empty", "is_not_empty"},
		"multi_select": {"contains", "does_not_contain", "is_empty", "is_not_empty"},
		"people":       {"contains", "does_not_contain", "is_empty", "is_not_empty"},
		"relation":     {"contains", "does_not_contain", "is_empty", "is_not_empty"},
		"files":        {"is_empty", "is_not_empty"},
		"date": {"equals", "before", "after", "on_or_before", "on_or_after", "is_empty", "is_not_empty",
			"this_week", "past_week", "past_month", "past_year", "next_week", "next_month", "next_year"},
	}
	c := rapid.SampledFrom(conditions[family]).Draw(rt, "condition")
	switch c {
	case "is_empty", "is_not_empty":
		return object{c: true}
	case "this_week", "past_week", "past_month", "past_year", "next_week", "next_month", "next_year":
		return object{c: object{}}
	}
	switch family {
	case "text":
		text := rapid.SampledFrom(queryTexts).Draw(rt, "operand")
		if rapid.Bool().Draw(rt, "part") && len(text) > 1 {
			text = strings.ToUpper(text[1:])
		}
		return object{c: text}
	case "number":
		return object{c: rapid.SampledFrom([]float64{-1e300, -2.5, -1, 0, 0.1, 1, 2, 10, 9, 1e21, 3, 5}).Draw(rt, "operand")}
	case "checkbox":
		return object{c: rapid.Bool().Draw(rt, "operand")}
	case "select", "multi_select":
		names := slices.Clone(d.options[name])
		if kind == "status" {
			names = append(names, "To-do", "In progress", "Complete")
		}
		one := rapid.SampledFrom(names)
		if rapid.Bool().Draw(rt, "one") {
			return object{c: one.Draw(rt, "operand")}
		}
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(rt, "operands") {
			list = append(list, one.Draw(rt, "operand"))
		}
		return object{c: list}
	case "people":
		return object{c: idOf(rt, d.people)}
	case "relation":
		return object{c: idOf(rt, d.titles)}
	}
	if rapid.IntRange(0, 3).Draw(rt, "word") == 0 {
		return object{c: rapid.SampledFrom([]string{"today", "tomorrow", "yesterday", "one_week_ago", "one_week_from_now",
			"one_month_ago", "one_month_from_now"}).Draw(rt, "operand")}
	}
	return object{c: d.dateText(rt)}
}

func idOf(rt *rapid.T, from map[string]string) string {
	ids := make([]string, 0, len(from))
	for id := range from {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return rapid.SampledFrom(ids).Draw(rt, "operand")
}
