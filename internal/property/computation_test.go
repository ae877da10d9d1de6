package property_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/property"
)

// taskProperties are a data source with a property of every type that a request can make.
const taskProperties = `{"title":{"title":{}},"rich_text":{"rich_text":{}},"number":{"number":{}},"select":{"select":{}},"multi_select":{"multi_select":{}},
	"status":{"status":{}},"date":{"date":{}},"people":{"people":{}},"files":{"files":{}},"checkbox":{"checkbox":{}},"url":{"url":{}},"email":{"email":{}},
	"phone_number":{"phone_number":{}},"place":{"place":{}},"unique_id":{"unique_id":{}},"created_time":{"created_time":{}},"created_by":{"created_by":{}},
	"last_edited_time":{"last_edited_time":{}},"last_edited_by":{"last_edited_by":{}},"self":{"relation":{"data_source_id":"%s","single_property":{}}}}`

func newTasks(t *testing.T) *world {
	t.Helper()
	w := newWorld()
	must[*property.Change](t)(w.create(1, "Tasks", fmt.Sprintf(taskProperties, sourceID(1))))
	return w
}

func rollupOf(target, function string) string {
	return fmt.Sprintf(`{"rollup":{"relation_property_name":"self","rollup_property_name":%q,"function":%q}}`, target, function)
}

func formulaOf(expression string) string {
	return `{"formula":{"expression":` + string(jsonx.AppendString(nil, expression)) + `}}`
}

// TestTypesOfFormulas: what properties of every type are to formulas (databases.md §4.4).
func TestTypesOfFormulas(t *testing.T) {
	w := newTasks(t)
	must[*property.Change](t)(w.change(1, `{"late":`+formulaOf(`prop("created_time") < now()`)+`,"some":`+formulaOf(`if(prop("checkbox"), 1, "x")`)+`}`))
	for _, c := range [][3]string{
		{"number", "sum", "r sum"}, {"date", "date_range", "r range"}, {"title", "show_original", "r titles"}, {"multi_select", "show_unique", "r tags"},
		{"late", "show_original", "r late"}, {"some", "count_values", "r count"}, {"late", "percent_checked", "r checked"}, {"self", "show_original", "r self"}, {"late", "count", "r pages"},
	} {
		must[*property.Change](t)(w.change(1, fmt.Sprintf(`{%q:%s}`, c[2], rollupOf(c[0], c[1]))))
	}
	all := property.NewComputations(w, nil)
	for _, c := range []struct {
		expression, typ, results string
		timed                    bool
	}{
		{`prop("title")`, "Text", "string", false},
		{`prop("rich_text")`, "Text", "string", false},
		{`prop("number")`, "Number", "number", false},
		{`prop("select")`, "Text", "string", false},
		{`prop("multi_select")`, "List of Text", "string", false},
		{`prop("status")`, "Text", "string", false},
		{`prop("date")`, "Date", "date", false},
		{`prop("people")`, "List of Person", "string", false},
		{`prop("files")`, "List of Text", "string", false},
		{`prop("checkbox")`, "Boolean", "boolean", false},
		{`prop("url")`, "Text", "string", false},
		{`prop("email")`, "Text", "string", false},
		{`prop("phone_number")`, "Text", "string", false},
		{`prop("place")`, "Text", "string", false},
		{`prop("unique_id")`, "Text", "string", false},
		{`prop("created_time")`, "Date", "date", false},
		{`prop("created_by")`, "Person", "string", false},
		{`prop("last_edited_time")`, "Date", "date", false},
		{`prop("last_edited_by")`, "Person", "string", false},
		{`prop("self")`, "List of Page", "string", false},
		{`prop("self").map(current.prop("number"))`, "List of Number", "string", false},
		{`prop("late")`, "Boolean", "boolean", true},
		{`prop("some")`, "Number or Text", "number string", false},
		{`prop("r sum")`, "Number", "number", false},
		{`prop("r range")`, "Date", "date", false},
		{`prop("r titles")`, "List of Text", "string", false},
		{`prop("r tags")`, "List of List of Text", "string", false},
		{`prop("r late")`, "List of Boolean", "string", true},
		{`prop("r count")`, "Number", "number", false},
		{`prop("r checked")`, "Number", "number", true},
		{`prop("r self")`, "List of List of Page", "string", false},
		{`prop("r pages")`, "Number", "number", false},
	} {
		made, err := all.Check(sourceID(1), c.expression)
		if err != nil {
			t.Errorf("%s: %v", c.expression, err)
			continue
		}
		var results []string
		for _, kind := range property.ResultKinds(made.Type) {
			results = append(results, string(kind))
		}
		if made.Type.String() != c.typ || strings.Join(results, " ") != c.results || made.Timed != c.timed {
			t.Errorf("%s is %s, shown as %v, timed %v", c.expression, made.Type, results, made.Timed)
		}
		if got := all.Text(c.expression); got != c.expression {
			t.Errorf("%s is shown as %s", c.expression, got)
		}
	}
}

// TestComputationsWithoutAValue: what is broken, too deep or in a circle says why, and so does
// what is made of it.
func TestComputationsWithoutAValue(t *testing.T) {
	w := newTasks(t)
	must[*property.Change](t)(w.change(1, `{"f":`+formulaOf(`prop("number") + 1`)+`,"g":`+formulaOf(`prop("f") * 2`)+`}`))
	must[*property.Change](t)(w.change(1, `{"sum":`+rollupOf("number", "sum")+`,"of f":`+rollupOf("f", "sum")+`,"groups":`+rollupOf("select", "count_per_group")+`,"n":`+rollupOf("number", "count")+`}`))
	must[*property.Change](t)(w.change(1, `{"number":null}`))
	all := property.NewComputations(w, nil)
	problem := func(name string) string { return all.Of(sourceID(1), w.property(1, name)).Problem }
	for name, want := range map[string]string{
		"f":      "The property does not exist any more.",
		"g":      "“f” has no value: The property does not exist any more.",
		"sum":    "The property of the rollup does not exist any more.",
		"n":      "The property of the rollup does not exist any more.",
		"of f":   "",
		"groups": "The function of the rollup has no value for a property of type select.",
	} {
		if got := problem(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for expression, want := range map[string]string{
		`prop("groups")`: "“groups” has no value: The function of the rollup has no value for a property of type select.",
		`prop("sum")`:    "“sum” has no value: The property of the rollup does not exist any more.",
	} {
		if made, err := all.Check(sourceID(1), expression); err == nil || made.Problem != want {
			t.Errorf("%s: %q, want %q", expression, made.Problem, want)
		}
	}
	if all.Of(sourceID(1), w.property(1, "title")) != nil {
		t.Error("a title is computed")
	}
	must[*property.Change](t)(w.change(1, `{"self":{"number":{}}}`))
	if got := property.NewComputations(w, nil).Of(sourceID(1), w.property(1, "of f")).Problem; got != "The relation of the rollup does not exist any more." {
		t.Errorf("without the relation: %q", got)
	}
}

// TestCirclesComeToAnEnd: no change makes a circle, but one that was stored somehow must not
// hang or end the server, wherever it is entered.
func TestCirclesComeToAnEnd(t *testing.T) {
	id := sourceID(1).String()
	stored := `[{"id":"title","name":"T","type":"title","config":{}},
		{"id":"self","name":"S","type":"relation","config":{"data_source_id":"` + id + `","single_property":{}}},
		{"id":"aaaa","name":"A","type":"formula","config":{"expression":"prop(\"B\") + 1"}},
		{"id":"bbbb","name":"B","type":"formula","config":{"expression":"prop(\"A\") + 1"}},
		{"id":"cccc","name":"C","type":"formula","config":{"expression":"prop(\"S\").map(current.prop(\"C\"))"}},
		{"id":"dddd","name":"D","type":"formula","config":{"expression":"prop(\"R\")"}},
		{"id":"rrrr","name":"R","type":"rollup","config":{"rollup_property_id":"dddd","relation_property_id":"self","function":"show_original"}}]`
	schema, err := property.ParseSchema([]byte(stored))
	if err != nil {
		t.Fatal(err)
	}
	for _, first := range []string{"A", "B", "C", "D", "R"} {
		w := newWorld()
		w.sources[sourceID(1)] = &property.Source{ID: sourceID(1), Schema: schema}
		all := property.NewComputations(w, new(property.ComputationCache))
		if made := all.Of(sourceID(1), schema.Find(first)); made.Problem == "" {
			t.Errorf("%s has a value", first)
		}
		for _, other := range []string{"A", "B", "C", "D"} {
			if made := all.Of(sourceID(1), schema.Find(other)); made.Program != nil {
				t.Errorf("%s, asked after %s, has a program", other, first)
			}
		}
	}
}

// TestComputationsAreKept: a computation is made once as long as no schema that it depends on
// changes, also that of another data source.
func TestComputationsAreKept(t *testing.T) {
	w := newTasks(t)
	must[*property.Change](t)(w.create(2, "Projects", fmt.Sprintf(`{"Name":{"title":{}},"Tasks":{"relation":{"data_source_id":"%s","single_property":{}}},
		"far":%s,"near":%s}`, sourceID(1), formulaOf(`prop("Tasks").map(current.prop("number"))`), formulaOf(`length(prop("Name"))`))))
	cache := new(property.ComputationCache)
	of := func(name string) *property.Computation {
		return property.NewComputations(w, cache).Of(sourceID(2), w.property(2, name))
	}
	far, near := of("far"), of("near")
	if of("far") != far || of("near") != near {
		t.Error("made again although nothing has changed")
	}
	must[*property.Change](t)(w.change(1, `{"number":{"checkbox":{}}}`))
	if of("near") != near {
		t.Error("made again although only another data source has changed")
	}
	if now := of("far"); now == far || now.Type.String() != "List of Boolean" {
		t.Errorf("the type is still %s", now.Type)
	}
}

// TestFormulasAreStoredByID: a formula is stored with ids and shown with names.
func TestFormulasAreStoredByID(t *testing.T) {
	w := newTasks(t)
	must[*property.Change](t)(w.change(1, `{"f":`+formulaOf(`prop("self").map(current.number)+prop("title")`)+`}`))
	number, self := w.property(1, "number"), w.property(1, "self")
	reference := func(id string) string {
		return fmt.Sprintf("{{notion:block_property:%s:%s:%s}}", property.EncodeID(id), sourceID(1), notion.ID{})
	}
	want := fmt.Sprintf("%s.map(current.%s) + %s", reference(self.ID), reference(number.ID), reference("title"))
	stored := w.property(1, "f").Config.Get("expression").Text()
	if stored != want {
		t.Errorf("stored\n%s\nwant\n%s", stored, want)
	}
	must[*property.Change](t)(w.change(1, `{"number":{"name":"Nr. \"1\""},"title":{"name":"Name"}}`))
	if got, want := w.config(1, "f"), `{"expression":"prop(\"self\").map(current.prop(\"Nr. \\\"1\\\"\")) + prop(\"Name\")"}`; got != want {
		t.Errorf("shown %s, want %s", got, want)
	}
	alone := string(w.sources[sourceID(1)].Schema.AppendJSON(nil, nil))
	if !strings.Contains(alone, reference("title")) {
		t.Errorf("without data sources: %s", alone)
	}
}

// TestRefusedFormulas holds the two refusals, and that what is refused changes nothing.
func TestRefusedFormulas(t *testing.T) {
	w := newTasks(t)
	must[*property.Change](t)(w.change(1, `{"f":`+formulaOf(`prop("number")`)+`}`))
	before := w.wire(1)
	for expression, want := range map[string]string{
		`1 +`: "Parse error with formula", `prop("number") +* 2`: "Parse error with formula", `"` + strings.Repeat("x", formula.MaxLength) + `"`: "Parse error with formula",
		`nope()`: "Type error with formula", `prop("gone")`: "Type error with formula", `prop("g")`: "Type error with formula", `prop("title") - 1`: "Type error with formula",
	} {
		_, err := w.change(1, `{"g":`+formulaOf(expression)+`}`)
		if refusal(err) != "validation_error: "+want {
			t.Errorf("%.30s: %v", expression, err)
		}
	}
	if _, err := w.change(1, `{"number":`+formulaOf(`prop("f")`)+`}`); refusal(err) != "validation_error: Type error with formula" {
		t.Errorf("a circle: %v", err)
	}
	if w.wire(1) != before {
		t.Error("the schema has changed")
	}
}

// TestRollupResults holds results that no conversation has.
func TestRollupResults(t *testing.T) {
	w := newTasks(t)
	must[*property.Change](t)(w.change(1, `{"f":`+formulaOf(`1`)+`}`))
	values := func(texts ...string) []jsonx.Value {
		var all []jsonx.Value
		for _, text := range texts {
			v, err := jsonx.Parse([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, v)
		}
		return all
	}
	const day, early, late = `{"start":"2026-03-01","end":null}`, `{"start":"2026-02-28T23:00:00.000-01:00","end":null}`, `{"start":"2026-03-01T09:30:00.000+02:00","end":null}`
	for _, c := range []struct {
		function, target string
		shown            []jsonx.Value
		want             string
	}{
		{"date_range", "date", values(day, late), `{"type":"date","date":{"start":"2026-03-01T00:00:00.000+00:00","end":"2026-03-01T09:30:00.000+02:00","time_zone":null},"function":"date_range"}`},
		{"earliest_date", "date", values(late, early, day), `{"type":"date","date":{"start":"2026-02-28T23:00:00.000-01:00","end":null,"time_zone":null},"function":"earliest_date"}`},
		{"latest_date", "created_time", values(`"2026-01-02T03:04:00.000Z"`), `{"type":"date","date":{"start":"2026-01-02T03:04:00.000+00:00","end":null,"time_zone":null},"function":"latest_date"}`},
		{"sum", "number", values(`1e308`, `1e308`), `{"type":"number","number":null,"function":"sum"}`},
		{"sum", "f", values(`{"type":"number","number":1}`, `{"type":"unsupported","unsupported":{}}`), `{"type":"unsupported","unsupported":{},"function":"sum"}`},
		{"count", "f", values(`{"type":"unsupported","unsupported":{}}`), `{"type":"number","number":1,"function":"count"}`},
		{"checked", "number", values(`1`), `{"type":"unsupported","unsupported":{},"function":"checked"}`},
		{"nothing", "number", values(`1`), `{"type":"unsupported","unsupported":{},"function":"nothing"}`},
		{"unique", "people", values(`[{"id":"a"},{"id":"b"}]`, `[{"id":"b"}]`), `{"type":"number","number":2,"function":"unique"}`},
		{"show_unique", "self", values(`[]`, `[]`), `{"type":"array","array":[{"type":"relation","relation":[]},{"type":"relation","relation":[]}],"function":"show_unique"}`},
		{"empty", "f", values(`{"type":"string","string":" "}`, `{"type":"boolean","boolean":false}`, `{"type":"date","date":null}`), `{"type":"number","number":2,"function":"empty"}`},
	} {
		r := property.Rollup{Function: c.function}
		if got := r.Result(w.property(1, c.target), c.shown).Rollup(c.function).String(); got != c.want {
			t.Errorf("%s of %s:\ngot  %s\nwant %s", c.function, c.target, got, c.want)
		}
	}
	verified := property.Property{Type: property.Lookup("verification")}
	if got := (property.Rollup{Function: "count_values"}).Result(&verified, values(`{"state":"unverified"}`, `{"state":"expired"}`)).Value.Float(); got != 1 {
		t.Errorf("%v of two are verified", got)
	}
	if !slices.Contains(property.RollupFunctions, "show_original") || len(property.RollupFunctions) != 24 {
		t.Errorf("functions %v", property.RollupFunctions)
	}
}
