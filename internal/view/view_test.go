package view_test

import (
	"strings"
	"testing"

	"octavo/internal/clock"
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/query"
	"octavo/internal/richtext"
	"octavo/internal/schema"
	"octavo/internal/view"
)

func parse(t testing.TB, text string) jsonx.Value {
	t.Helper()
	v, err := jsonx.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

// newSchema is a schema of one property of each type, named like it.
func newSchema(t testing.TB) *property.Schema {
	t.Helper()
	env := &property.Env{IDs: &clock.Sequence{}, Sources: noSources{}}
	change, err := property.NewSchema(env, parse(t, `{"title":{"title":{}},"rich_text":{"rich_text":{}},"number":{"number":{}},
		"select":{"select":{"options":[{"name":"A"},{"name":"B"}]}},"multi_select":{"multi_select":{"options":[{"name":"C"}]}},"status":{"status":{}},
		"date":{"date":{}},"people":{"people":{}},"checkbox":{"checkbox":{}},"files":{"files":{}},"url":{"url":{}},"place":{"place":{}},
		"created_by":{"created_by":{}},"created_time":{"created_time":{}}}`))
	if err != nil {
		t.Fatal(err)
	}
	return change.Schema
}

type noSources struct{}

func (noSources) Source(notion.ID) *property.Source { return nil }
func (noSources) Reach(notion.ID) error             { return nil }

// configurations are of every type that has one, with something under most of their keys.
var configurations = []string{
	`{"type":"table"}`,
	`{"type":"table","properties":[{"property_id":"number","visible":true,"width":10},{"property_id":"title"}],"group_by":{"type":"select","property_id":"select","sort":{"type":"manual"},"hide_empty_groups":true},"subtasks":{"display_mode":"flattened","toggle_column_id":"title"},"wrap_cells":false,"frozen_column_index":2}`,
	`{"type":"board","group_by":{"type":"status","property_id":"status","group_by":"option","sort":{"type":"ascending"}},"sub_group_by":{"type":"person","property_id":"people","sort":{"type":"manual"}},"cover":{"type":"property","property_id":"files"}}`,
	`{"type":"list","properties":[{"property_id":"date","date_format":"short","time_format":"hidden"}]}`,
	`{"type":"calendar","date_property_id":"date","view_range":"month"}`,
	`{"type":"timeline","date_property_id":"date","end_date_property_id":"created_time","preference":{"zoom_level":"5_years","center_timestamp":-1},"arrows_by":{}}`,
	`{"type":"gallery","cover":{"type":"page_cover"},"card_layout":"list"}`,
	`{"type":"form","is_form_closed":true}`,
	`{"type":"map","map_by":"place","height":"small"}`,
	`{"type":"chart","chart_type":"donut","x_axis":{"type":"date","property_id":"date","group_by":"year","sort":{"type":"manual"},"start_day_of_week":0},"y_axis":{"aggregator":"max","property_id":"number"},"y_axis_min":-0.5,"reference_lines":[{"id":"x","value":1,"label":"","color":"gray","dash_style":"solid"}],"caption":""}`,
}

// withoutNames takes away what only answers have.
func withoutNames(v jsonx.Value) jsonx.Value {
	v.Walk(func(o jsonx.Value) {
		for _, key := range []string{"property_name", "date_property_name", "end_date_property_name", "map_by_property_name"} {
			if o.Kind() == jsonx.Object {
				o.Delete(key)
			}
		}
	})
	return v
}

// TestShownIsWrittenBack: a configuration that was read can be written, and is the same
// then; so is what it was once nothing of it is gone.
func TestShownIsWrittenBack(t *testing.T) {
	set := schema.NewSet()
	richtext.Define(set)
	media.Define(set)
	property.Define(set)
	query.Define(set)
	view.Define(set)
	s := newSchema(t)
	r := &view.Reader{Schema: s}
	for _, text := range configurations {
		sent := parse(t, text)
		kind := view.Lookup(sent.Get("type").Text())
		if err := set.Check("body", "view_configuration", sent); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		stored, err := kind.Configure(r, nil, sent)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		shown, err := kind.Show(s, stored)
		if err != nil {
			t.Fatal(err)
		}
		again := withoutNames(parse(t, string(shown)))
		if err := set.Check("body", "view_configuration", again); err != nil {
			t.Errorf("%s, read as %s: %v", text, again, err)
		}
		rewritten, err := kind.Configure(r, nil, again)
		if err != nil || string(rewritten) != string(stored) {
			t.Errorf("%s\nread as %s\nis then %s\nand was  %s\n%v", text, shown, rewritten, stored, err)
		}
	}
}

// TestRequiredStays: what a view cannot be without is shown also when its property is gone,
// without the name that it no longer has; all else is left out.
func TestRequiredStays(t *testing.T) {
	s := newSchema(t)
	env := &property.Env{IDs: &clock.Sequence{}, Sources: noSources{}}
	change, err := property.NewSchema(env, parse(t, `{"title":{"title":{}}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"board":    `{"type":"board","group_by":{"type":"status","property_id":"ID","group_by":"option","sort":{"type":"ascending"}}}`,
		"calendar": `{"type":"calendar","date_property_id":"ID","view_range":"month"}`,
		"list":     `{"type":"list","properties":[]}`,
	}
	of := map[string]string{"board": "status", "calendar": "date", "list": "date"}
	for _, text := range configurations {
		sent := parse(t, text)
		name := sent.Get("type").Text()
		if want[name] == "" {
			continue
		}
		kind := view.Lookup(name)
		stored, err := kind.Configure(&view.Reader{Schema: s}, nil, sent)
		if err != nil {
			t.Fatal(err)
		}
		got, err := kind.Show(change.Schema, stored)
		expected := strings.ReplaceAll(want[name], "ID", property.EncodeID(s.Find(of[name]).ID))
		if err != nil || string(got) != expected {
			t.Errorf("%s\nis shown as %s\nwant        %s\n%v", text, got, expected, err)
		}
	}
}

// TestLayout puts widgets into rows and takes them out again.
func TestLayout(t *testing.T) {
	var ids clock.Sequence
	newID := func() notion.ID { return ids.Request() }
	views := map[string]notion.ID{}
	l := &view.Layout{}
	place := func(name, placement string) error {
		views[name] = newID()
		var v jsonx.Value
		if placement != "" {
			v = parse(t, placement)
		}
		return l.Place(views[name], v, newID)
	}
	shows := func(want string) {
		t.Helper()
		stored := l.Append(nil)
		again, err := view.ParseLayout(stored)
		if err != nil || string(again.Append(nil)) != string(stored) {
			t.Fatalf("%s is read as %s, %v", stored, again.Append(nil), err)
		}
		var got []string
		for i, r := range parse(t, string(stored)).Get("rows").Items() {
			row := ""
			width := 0.0
			for _, w := range r.Get("widgets").Items() {
				width += w.Get("width").Float()
				for name, id := range views {
					if w.Get("view_id").Text() == id.String() {
						row += name
					}
				}
				if int(w.Get("row_index").Float()) != i {
					t.Errorf("row %d has %s", i, w)
				}
			}
			if width != 12 {
				t.Errorf("row %s is %v wide", row, width)
			}
			got = append(got, row)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("rows are %q, want %q", got, want)
		}
	}
	for _, step := range []struct{ name, placement, want string }{
		{"a", "", "a"},
		{"b", `{"type":"new_row"}`, "a b"},
		{"c", `{"type":"new_row","row_index":0}`, "c a b"},
		{"d", `{"type":"existing_row","row_index":1}`, "c ad b"},
		{"e", `{"type":"existing_row","row_index":1}`, "c ade b"},
		{"f", `{"type":"existing_row","row_index":1}`, "c adef b"},
		{"g", `{"type":"new_row","row_index":3}`, "c adef b g"},
	} {
		if err := place(step.name, step.placement); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		shows(step.want)
	}
	for _, bad := range []string{
		`{"type":"existing_row","row_index":1}`, `{"type":"existing_row","row_index":4}`, `{"type":"existing_row","row_index":1.5}`,
		`{"type":"new_row","row_index":5}`, `{"type":"new_row","row_index":1e18}`,
	} {
		if place("x", bad) == nil {
			t.Errorf("%s is taken", bad)
		}
	}
	shows("c adef b g")
	for _, step := range []struct{ name, want string }{{"c", "adef b g"}, {"d", "aef b g"}, {"g", "aef b"}, {"x", "aef b"}} {
		l.Retain(func(view string) bool { return view != views[step.name].String() })
		shows(step.want)
	}
}

// TestTypes are all that there are (databases.md §6.2).
func TestTypes(t *testing.T) {
	var names []string
	for _, k := range view.Types {
		names = append(names, k.Name)
		if view.Lookup(k.Name).Name != k.Name {
			t.Errorf("%s is not found", k.Name)
		}
	}
	const want = "table board list calendar timeline gallery form chart map dashboard"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("types are %s, want %s", got, want)
	}
	if view.Lookup("cards") != nil {
		t.Error("there are no cards")
	}
}
