package octavo_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"octavo"

	"pgregory.net/rapid"
)

// TestComputedQueryModel compares queries by formulas and rollups with a model of them: over
// random formulas, rollups, rows and relations, with edits, the trash, templates, changes of the schema
// and time that passes in between, as two integrations of which one sees single related
// pages only. Queries are repeated, with and without a write somewhere else before the next
// page, so that remembered answers are compared too.
func TestComputedQueryModel(t *testing.T) { testComputedQueryModel(t, serverOptions{}, 100) }

// TestComputedQueryModelInMemory does so with tables in memory.
func TestComputedQueryModelInMemory(t *testing.T) {
	testComputedQueryModel(t, serverOptions{change: func(o *octavo.Options) { o.EagerTables = true }}, 25)
}

func testComputedQueryModel(t *testing.T, o serverOptions, most int) {
	noRaces(t, oneByOne)
	t.Parallel()
	eachDatabase(t, func(t *testing.T, db database) {
		w := newQueryWorld(t, db, o)
		narrow := w.newToken(t, `{"name":"Narrow","capabilities":["read_content","update_content","insert_content"]}`)
		w.tokens = append(w.tokens, narrow.token)
		runs := 0
		rapid.Check(t, func(rt *rapid.T) {
			if runs++; runs > most || runs > 3 && !db.first {
				return
			}
			d := newComputedSource(rt, w, narrow.id)
			for range 4 {
				for range 3 {
					d.ask(rt)
				}
				d.later(rt)
				d.ask(rt)
				for range rapid.IntRange(0, 3).Draw(rt, "edits") {
					d.edit(rt)
				}
			}
		})
	})
}

// TestTablesForgetFormulasThatAreMadeAgain has a formula lose its cells because a row mentions
// something, and get them back, while a table is asked for other things.
func TestTablesForgetFormulasThatAreMadeAgain(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		c := hold(t, db, serverOptions{change: func(o *octavo.Options) { o.EagerTables = true }})
		var made struct {
			Sources []struct{ ID string } `json:"data_sources"`
		}
		a := c.ok("POST /v1/databases\n\n" + `{"parent":{"page_id":"$page"},"initial_data_source":{"properties":{
			"Name":{"title":{}},"N":{"number":{}},"F":{"formula":{"expression":"prop(\"Name\") + \"!\""}}}}}`)
		if err := json.Unmarshal(a.body, &made); err != nil {
			t.Fatal(err)
		}
		c.set("source", made.Sources[0].ID)
		for _, name := range []string{"one", "two"} {
			c.make(name, "POST /v1/pages", `{"parent":{"data_source_id":"$source"},"properties":{"Name":{"title":[`+textOf(name)+`]},"N":{"number":1}}}`)
		}
		const byFormula, byNumber = `{"property":"F","formula":{"string":{"contains":"w"}}}`, `{"property":"N","number":{"equals":1}}`
		count := func(filter string, want int) {
			t.Helper()
			a := c.ok("POST /v1/data_sources/$source/query\n\n" + `{"filter":` + filter + `,"sorts":[{"property":"Name","direction":"ascending"}]}`)
			var list struct{ Results []struct{} }
			if err := json.Unmarshal(a.body, &list); err != nil || len(list.Results) != want {
				t.Errorf("%s: %d rows, want %d (%v)", filter, len(list.Results), want, err)
			}
		}
		title := func(page, text string) {
			c.ok("PATCH /v1/pages/$" + page + "\n\n" + `{"properties":{"Name":{"title":[` + text + `]}}}`)
		}
		count(byFormula, 1)
		title("one", `{"mention":{"page":{"id":"$two"}}}`)
		count(byNumber, 2)
		title("two", textOf("new"))
		count(byNumber, 2)
		count(byFormula, 2) // the mention reads "new"
		title("one", textOf("old"))
		count(byFormula, 1)
		title("two", textOf("none"))
		count(byFormula, 0)
	})
}

// computedSource is a data source with formulas and rollups, one that it relates to, and the
// model of both.
type computedSource struct {
	*queryWorld
	narrow       string // the integration
	id, partsID  string
	rows, parts  []*computedRow
	own, ofParts []*computedProperty
	history      []question
}

// question is a query that has been asked.
type question struct {
	body   object
	author int
}

// storedProperties are the stored properties of both data sources.
func storedProperties() []*computedProperty {
	all := []*computedProperty{
		{name: "Name", kind: "text", config: object{"title": object{}}},
		{name: "T", kind: "text", config: object{"rich_text": object{}}},
		{name: "N", kind: "number", config: object{"number": object{}}},
		{name: "C", kind: "checkbox", config: object{"checkbox": object{}}},
		{name: "D", kind: "date", config: object{"date": object{}}},
	}
	for _, p := range all {
		p.stored = true
		p.eval = func(r *computedRow, _ reading) any { return r.values[p.name] }
	}
	return all
}

func newComputedSource(rt *rapid.T, w *queryWorld, narrow string) *computedSource {
	d := &computedSource{queryWorld: w, narrow: narrow, own: storedProperties(), ofParts: storedProperties()}
	page := func() string {
		return w.ok("POST /v1/pages\n\n" + `{"parent":{"page_id":"$page"},"properties":{"title":{"title":[]}}}`).field("id")
	}
	d.addFormulas(rt, &d.ofParts, nil, 3)
	d.partsID = d.database(page(), d.ofParts, nil)
	for i := range 4 {
		of := rapid.SampledFrom(d.ofParts).Draw(rt, "rollup of")
		function := "show_original"
		if i > 0 {
			function = rollupFunction(rt, of)
		}
		d.own = append(d.own, rollup(fmt.Sprintf("R%d", i+1), function, of))
	}
	d.addFormulas(rt, &d.own, d.ofParts, 4)
	above := page()
	d.id = d.database(above, d.own, object{"Parts": object{"relation": object{"data_source_id": d.partsID, "single_property": object{}}}})
	w.ok("POST /_octavo/integrations/" + narrow + "/shares\n\n" + `{"page_id":"` + above + `"}`)
	for range rapid.IntRange(0, 6).Draw(rt, "parts") {
		d.create(rt, true)
	}
	for range rapid.IntRange(0, 8).Draw(rt, "rows") {
		d.create(rt, false)
	}
	return d
}

// addFormulas draws formulas, each of which may refer to those before it.
func (d *computedSource) addFormulas(rt *rapid.T, to *[]*computedProperty, parts []*computedProperty, n int) {
	for i := range n {
		kind := rapid.SampledFrom([]string{"number", "text", "checkbox", "date", "number", "text", "mixed"}).Draw(rt, "kind")
		f := formulas{rt: rt, properties: *to, parts: parts}
		drawn := f.one(kind, 3)
		*to = append(*to, &computedProperty{
			name: fmt.Sprintf("F%d", i+1), kind: kind, eval: drawn.eval, config: object{"formula": object{"expression": drawn.text}},
		})
	}
}

// database makes a database with a data source, property by property as formulas need it.
func (d *computedSource) database(parent string, properties []*computedProperty, more object) string {
	stored, computed := object{}, object{}
	for name, config := range more {
		stored[name] = config
	}
	for _, p := range properties {
		if p.stored {
			stored[p.name] = p.config
		} else {
			computed[p.name] = p.config
		}
	}
	status, made := d.send(0, "POST", "/v1/databases", object{
		"parent": object{"page_id": parent}, "initial_data_source": object{"properties": stored},
	})
	if status != http.StatusOK {
		d.t.Fatalf("%v", made)
	}
	source := made["data_sources"].([]any)[0].(object)["id"].(string)
	for _, p := range properties {
		if !p.stored {
			d.schema(source, object{p.name: p.config})
		}
	}
	return source
}

func (d *computedSource) schema(source string, properties object) {
	if status, answer := d.send(0, "PATCH", "/v1/data_sources/"+source, object{"properties": properties}); status != http.StatusOK {
		text, _ := json.Marshal(properties)
		d.t.Fatalf("%s: %v", text, answer)
	}
}

func (d *computedSource) property(name string) *computedProperty {
	i := slices.IndexFunc(d.own, func(p *computedProperty) bool { return p.name == name })
	return d.own[i]
}

func (d *computedSource) later(rt *rapid.T) {
	d.clock.Advance(rapid.SampledFrom([]time.Duration{0, time.Second, 40 * time.Second, 26 * time.Hour}).Draw(rt, "later"))
}

// create makes a row, or a page to relate to.
func (d *computedSource) create(rt *rapid.T, part bool) {
	source, to := d.id, &d.rows
	if part {
		source, to = d.partsID, &d.parts
	}
	r := &computedRow{born: d.steps, values: map[string]any{"C": false}}
	d.steps++
	sent := d.values(rt, r, part, 3)
	status, page := d.send(0, "POST", "/v1/pages", object{"parent": object{"data_source_id": source}, "properties": sent})
	if status != http.StatusOK {
		rt.Fatalf("create: %v", page)
	}
	r.id = page["id"].(string)
	*to = append(*to, r)
	if part && rapid.Bool().Draw(rt, "seen") {
		r.seen = true
		d.ok("POST /_octavo/integrations/" + d.narrow + "/shares\n\n" + `{"page_id":"` + r.id + `"}`)
	}
}

// values draws values for the stored properties of a row, notes them, and returns what is to
// be sent.
func (d *computedSource) values(rt *rapid.T, r *computedRow, part bool, share int) object {
	sent := object{}
	for _, p := range storedProperties() {
		if rapid.IntRange(0, 3).Draw(rt, "value") >= share {
			continue
		}
		empty := rapid.IntRange(0, 3).Draw(rt, "empty") == 0
		switch p.name {
		case "Name", "T":
			text := rapid.SampledFrom(queryTexts).Draw(rt, "text")
			r.values[p.name] = text
			kind := "title"
			if p.name == "T" {
				kind = "rich_text"
			}
			sent[p.name] = object{kind: []any{object{"text": object{"content": text}}}}
		case "C":
			ticked := rapid.Bool().Draw(rt, "ticked")
			r.values["C"] = ticked
			sent["C"] = object{"checkbox": ticked}
		case "N":
			sent["N"], r.values["N"] = object{"number": nil}, nil
			if !empty {
				n := rapid.SampledFrom([]float64{-2.5, -1, 0, 0.25, 1, 2, 10}).Draw(rt, "number")
				sent["N"], r.values["N"] = object{"number": n}, n
			}
		case "D":
			sent["D"], r.values["D"] = object{"date": nil}, nil
			if !empty {
				date := d.date(rt)
				sent["D"], r.values["D"] = object{"date": object{"start": date.text()}}, date
			}
		}
	}
	if !part && len(d.parts) > 0 && rapid.IntRange(0, 3).Draw(rt, "relate") < share {
		all := rapid.Permutation(d.parts).Draw(rt, "parts")
		r.parts = nil
		refs := []any{}
		for _, p := range all[:rapid.IntRange(0, min(4, len(all))).Draw(rt, "number of parts")] {
			if !p.trashed && !p.template {
				r.parts = append(r.parts, p)
				refs = append(refs, object{"id": p.id})
			}
		}
		sent["Parts"] = object{"relation": refs}
	}
	return sent
}

// date draws a day or a moment near today.
func (d *computedSource) date(rt *rapid.T) modelDate {
	day := dayOf(d.clock.Now()).AddDate(0, 0, rapid.SampledFrom([]int{-31, -8, -7, -2, -1, 0, 1, 7, 31}).Draw(rt, "day"))
	if rapid.Bool().Draw(rt, "whole day") {
		return modelDate{day, true}
	}
	return modelDate{day.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 185, 60*23 + 59}).Draw(rt, "minutes")) * time.Minute), false}
}

// edit changes something that queries may depend on.
func (d *computedSource) edit(rt *rapid.T) {
	d.later(rt)
	part := rapid.IntRange(0, 2).Draw(rt, "part") == 0
	of := d.rows
	if part {
		of = d.parts
	}
	what := rapid.IntRange(0, 9).Draw(rt, "what")
	switch {
	case what == 0:
		d.changeFormula(rt)
		return
	case what == 1 || len(of) == 0:
		d.create(rt, part)
		return
	}
	r := rapid.SampledFrom(of).Draw(rt, "row")
	change := object{}
	switch {
	case what == 4:
		source := d.id
		if part {
			source = d.partsID
		}
		r.template = d.mark(source, r.id, r.template)
		return
	case r.trashed || what == 2:
		r.trashed = !r.trashed
		change["in_trash"] = r.trashed
	case what == 3 && !part:
		r.archived = !r.archived
		change["is_archived"] = r.archived
	default:
		change["properties"] = d.values(rt, r, part, 2)
	}
	if status, page := d.send(0, "PATCH", "/v1/pages/"+r.id, change); status != http.StatusOK {
		rt.Fatalf("edit: %v", page)
	}
}

// changeFormula gives one of the formulas another text. It keeps its kind, so that those
// that refer to it stay sound, and refers to none that come after it.
func (d *computedSource) changeFormula(rt *rapid.T) {
	source, all, parts := d.id, d.own, d.ofParts
	if rapid.Bool().Draw(rt, "of parts") {
		source, all, parts = d.partsID, d.ofParts, nil
	}
	var places []int
	for i, p := range all {
		if p.config["formula"] != nil {
			places = append(places, i)
		}
	}
	i := rapid.SampledFrom(places).Draw(rt, "formula")
	f := formulas{rt: rt, properties: all[:i], parts: parts}
	drawn := f.one(all[i].kind, 3)
	// Others hold on to the property, so it changes in place.
	all[i].config = object{"formula": object{"expression": drawn.text}}
	all[i].eval = drawn.eval
	d.schema(source, object{all[i].name: all[i].config})
}

// ask sends one query, a new one or one of the last, and compares the answers. It does so
// in turns as two integrations, so that answers may be remembered.
func (d *computedSource) ask(rt *rapid.T) {
	var q question
	if len(d.history) > 0 && rapid.Bool().Draw(rt, "again") {
		q = rapid.SampledFrom(d.history[max(0, len(d.history)-4):]).Draw(rt, "question")
	} else {
		q = d.draw(rt)
		d.history = append(d.history, q)
	}
	filter, _ := q.body["filter"].(object)
	sorts, _ := q.body["sorts"].([]any)
	size := rapid.IntRange(1, 12).Draw(rt, "page size")
	for range 3 {
		q.author = narrowAuthor - q.author
		at := reading{d.clock.Now(), q.author == narrowAuthor}
		want := d.answer(filter, sorts, q.body["in_trash"] == true, at)
		writing := rapid.IntRange(0, 3).Draw(rt, "write") == 0
		if got := d.query(rt, q, size, writing); !slices.Equal(got, want) {
			text, _ := json.MarshalIndent(q.body, "", " ")
			rt.Fatalf("%s\nin pages of %d by %d at %s: got\n%s\nwant\n%s\nproperties\n%s", text, size, q.author, at.now,
				d.describe(got, at), d.describe(want, at), d.describeSchema())
		}
	}
}

// narrowAuthor is the place of the integration that sees single parts among the tokens.
const narrowAuthor = 2

// draw draws a query.
func (d *computedSource) draw(rt *rapid.T) question {
	q := question{body: object{}, author: rapid.SampledFrom([]int{0, narrowAuthor}).Draw(rt, "author")}
	if rapid.IntRange(0, 4).Draw(rt, "filter") > 0 {
		q.body["filter"] = d.filter(rt, 2)
	}
	var sorts []any
	for range rapid.IntRange(0, 2).Draw(rt, "sorts") {
		p := rapid.SampledFrom(d.own).Draw(rt, "sort")
		if p.kind == "list" {
			continue
		}
		sorts = append(sorts, object{"property": p.name, "direction": rapid.SampledFrom([]string{"ascending", "descending"}).Draw(rt, "direction")})
		q.body["sorts"] = sorts
	}
	if rapid.IntRange(0, 9).Draw(rt, "trash") == 0 {
		q.body["in_trash"] = true
	}
	return q
}

func (d *computedSource) answer(filter object, sorts []any, trashed bool, at reading) []string {
	var rows []*computedRow
	for _, r := range d.rows {
		if r.trashed == trashed && !r.archived && !r.template && (filter == nil || d.passes(r, filter, at)) {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b *computedRow) int {
		for _, s := range sorts {
			if n := d.order(a, b, s.(object), at); n != 0 {
				return n
			}
		}
		return b.born - a.born
	})
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.id
	}
	return ids
}

// query reads all pages of an answer, and may write something elsewhere before each.
func (d *computedSource) query(rt *rapid.T, q question, size int, writing bool) []string {
	body := maps.Clone(q.body)
	body["page_size"] = size
	ids := []string{}
	for {
		if writing {
			d.ok("PATCH /v1/pages/$page\n\n" + `{"icon":null}`)
		}
		status, list := d.send(q.author, "POST", "/v1/data_sources/"+d.id+"/query?filter_properties=title", body)
		if status != http.StatusOK {
			text, _ := json.Marshal(body)
			rt.Fatalf("%s: %v\n%s", text, list, d.describeSchema())
		}
		results := list["results"].([]any)
		for _, r := range results {
			ids = append(ids, r.(object)["id"].(string))
		}
		if list["has_more"] == false {
			return ids
		}
		if len(results) != size {
			rt.Fatalf("%d results and more to come", len(results))
		}
		body["start_cursor"] = list["next_cursor"]
	}
}

// filter draws a filter, stored properties and computed ones mixed.
func (d *computedSource) filter(rt *rapid.T, depth int) object {
	if depth > 0 && rapid.IntRange(0, 2).Draw(rt, "compound") > 0 {
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(rt, "parts") {
			list = append(list, d.filter(rt, depth-1))
		}
		return object{rapid.SampledFrom([]string{"and", "or"}).Draw(rt, "word"): list}
	}
	p := rapid.SampledFrom(d.own).Draw(rt, "property")
	if rapid.IntRange(0, 3).Draw(rt, "list") == 0 {
		p = d.property("R1")
	}
	kind, over := p.kind, ""
	if kind == "list" {
		over = rapid.SampledFrom([]string{"any", "every", "none"}).Draw(rt, "over")
		kind = p.of.kind
	}
	if kind == "mixed" {
		kind = rapid.SampledFrom([]string{"number", "text"}).Draw(rt, "of kind")
	}
	q := &querySource{queryWorld: d.queryWorld}
	c := q.condition(rt, kind, "")
	switch {
	case over != "":
		key := kind
		if kind == "text" {
			key = "rich_text"
		}
		return object{"property": p.name, "rollup": object{over: object{key: c}}}
	case p.config["rollup"] != nil:
		return object{"property": p.name, "rollup": object{kind: c}}
	case p.config["formula"] != nil:
		key := kind
		if kind == "text" {
			key = "string"
		}
		return object{"property": p.name, "formula": object{key: c}}
	case kind == "text":
		return object{"property": p.name, "rich_text": c}
	}
	return object{"property": p.name, kind: c}
}

func (d *computedSource) describe(ids []string, at reading) string {
	var text strings.Builder
	for _, id := range ids {
		i := slices.IndexFunc(d.rows, func(r *computedRow) bool { return r.id == id })
		if i < 0 {
			fmt.Fprintf(&text, "  %s, which is no row\n", id)
			continue
		}
		fmt.Fprintf(&text, "  %d:", d.rows[i].born)
		for _, p := range d.own {
			fmt.Fprintf(&text, " %s=%#v", p.name, p.eval(d.rows[i], at))
		}
		text.WriteByte('\n')
	}
	return text.String()
}

func (d *computedSource) describeSchema() string {
	var text strings.Builder
	for _, list := range [][]*computedProperty{d.own, d.ofParts} {
		for _, p := range list {
			if !p.stored {
				config, _ := json.Marshal(p.config)
				fmt.Fprintf(&text, "  %s (%s): %s\n", p.name, p.kind, config)
			}
		}
	}
	return text.String()
}
