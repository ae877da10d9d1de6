package property_test

import (
	"strconv"
	"strings"
	"testing"

	"octavo/internal/property"
)

// named stands, in wanted text, for an id that is made.
var named = strings.NewReplacer(
	"ID1", "00000000-0000-4000-8000-000000000001", "ID2", "00000000-0000-4000-8000-000000000002",
	"ID3", "00000000-0000-4000-8000-000000000003", "ID4", "00000000-0000-4000-8000-000000000004",
	"ID5", "00000000-0000-4000-8000-000000000005", "ID6", "00000000-0000-4000-8000-000000000006",
	"ID7", "00000000-0000-4000-8000-000000000007", "ID8", "00000000-0000-4000-8000-000000000008",
	"ID9", "00000000-0000-4000-8000-000000000009",
)

func TestConfigurations(t *testing.T) {
	const (
		high  = `{"id":"ID2","name":"High","color":"red","description":null}`
		low   = `{"id":"ID3","name":"Low","color":"default","description":"Later"}`
		both  = `{"options":[{"name":"High","color":"red"},{"name":"Low","description":"Later"}]}`
		begun = `{"id":"ID2","name":"Not started","color":"default","description":null}`
		doing = `{"id":"ID3","name":"In progress","color":"blue","description":null}`
		done  = `{"id":"ID4","name":"Done","color":"green","description":null}`
	)
	// The groups of a status take their ids before the options that are made for it.
	group := func(id, name, color, options string) string {
		return `{"id":"` + id + `","name":"` + name + `","color":"` + color + `","option_ids":[` + options + `]}`
	}
	cases := []struct {
		name string
		// typ is the type, create its configuration when it is made and update, if any, the one
		// that changes it.
		typ, create, update string
		want                string
	}{
		{"number", "number", `{}`, ``, `{"format":"number"}`},
		{"number with a format", "number", `{"format":"euro"}`, ``, `{"format":"euro"}`},
		{"number keeps its format", "number", `{"format":"euro"}`, `{}`, `{"format":"euro"}`},
		{"number changes its format", "number", `{"format":"euro"}`, `{"format":"percent"}`, `{"format":"percent"}`},
		{"select without options", "select", `{}`, ``, `{"options":[]}`},
		{"select", "select", both, ``, `{"options":[` + high + `,` + low + `]}`},
		{"multi_select", "multi_select", both, ``, `{"options":[` + high + `,` + low + `]}`},
		{"options left out are kept", "select", both, `{}`, `{"options":[` + high + `,` + low + `]}`},
		{"options not listed are removed", "select", both, `{"options":[{"name":"Low"}]}`, `{"options":[` + low + `]}`},
		{"the list is the order", "select", both, `{"options":[{"id":"ID3"},{"name":"high"}]}`, `{"options":[` + low + `,` + high + `]}`},
		{"an option cannot be renamed", "select", both, `{"options":[{"id":"ID2","name":"Urgent"}]}`, `{"options":[` + high + `]}`},
		{"the color may be repeated", "select", both, `{"options":[{"name":"High","color":"red"}]}`, `{"options":[` + high + `]}`},
		{"a description changes", "select", both, `{"options":[{"name":"High","description":"Now"},{"id":"ID3","description":null}]}`,
			`{"options":[{"id":"ID2","name":"High","color":"red","description":"Now"},{"id":"ID3","name":"Low","color":"default","description":null}]}`},
		{"an option with an id of elsewhere is new", "select", both, `{"options":[{"id":"abc","name":"Third","color":"pink"}]}`,
			`{"options":[{"id":"ID4","name":"Third","color":"pink","description":null}]}`},
		{"status", "status", `{}`, ``, `{"options":[{"id":"ID5","name":"Not started","color":"default","description":null},` +
			`{"id":"ID6","name":"In progress","color":"blue","description":null},{"id":"ID7","name":"Done","color":"green","description":null}],` +
			`"groups":[` + group("ID2", "To-do", "gray", `"ID5"`) + `,` + group("ID3", "In progress", "blue", `"ID6"`) + `,` +
			group("ID4", "Complete", "green", `"ID7"`) + `]}`},
		{"status with options of its own", "status",
			`{"options":[{"name":"Not started"},{"name":"In progress","color":"blue","group":"In progress"},{"name":"Done","color":"green","group":"Complete"}]}`, ``,
			`{"options":[` + begun + `,` + doing + `,` + done + `],"groups":[` + group("ID5", "To-do", "gray", `"ID2"`) + `,` +
				group("ID6", "In progress", "blue", `"ID3"`) + `,` + group("ID7", "Complete", "green", `"ID4"`) + `]}`},
		{"status keeps what is left out", "status", `{"options":[{"name":"Not started"}]}`, `{}`,
			`{"options":[` + begun + `],"groups":[` + group("ID3", "To-do", "gray", `"ID2"`) + `,` + group("ID4", "In progress", "blue", ``) + `,` +
				group("ID5", "Complete", "green", ``) + `]}`},
		{"a status option keeps its group, moves or starts in the first", "status",
			`{"options":[{"name":"Not started"},{"name":"In progress","color":"blue","group":"In progress"},{"name":"Done","color":"green","group":"Complete"}]}`,
			`{"options":[{"name":"Done"},{"name":"New"},{"name":"In progress","group":"To-do"}]}`,
			`{"options":[` + done + `,{"id":"ID8","name":"New","color":"default","description":null},` + doing + `],"groups":[` +
				group("ID5", "To-do", "gray", `"ID8","ID3"`) + `,` + group("ID6", "In progress", "blue", ``) + `,` + group("ID7", "Complete", "green", `"ID4"`) + `]}`},
		{"formula", "formula", `{"expression":"(1+2)*3"}`, ``, `{"expression":"(1 + 2) * 3"}`},
		{"leaving the expression out wipes it", "formula", `{"expression":"1"}`, `{}`, `{"expression":""}`},
		{"unique_id", "unique_id", `{}`, ``, `{"prefix":null}`},
		{"unique_id keeps its prefix", "unique_id", `{"prefix":"TASK"}`, `{}`, `{"prefix":"TASK"}`},
		{"unique_id changes its prefix", "unique_id", `{"prefix":"TASK"}`, `{"prefix":"BUG"}`, `{"prefix":"BUG"}`},
		{"unique_id loses its prefix", "unique_id", `{"prefix":"TASK"}`, `{"prefix":null}`, `{"prefix":null}`},
	}
	for _, plain := range []string{"rich_text", "url", "people", "files", "email", "phone_number", "date", "checkbox",
		"created_by", "created_time", "last_edited_by", "last_edited_time", "place"} {
		cases = append(cases, struct{ name, typ, create, update, want string }{plain, plain, `{}`, `{}`, `{}`})
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld()
			must[*property.Change](t)(w.create(1, "Tasks", `{"Name":{"title":{}},"P":{"`+c.typ+`":`+c.create+`}}`))
			if c.update != "" {
				must[*property.Change](t)(w.change(1, `{"P":{"`+c.typ+`":`+named.Replace(c.update)+`}}`))
			}
			if got := w.config(1, "P"); got != named.Replace(c.want) {
				t.Errorf("got  %s\nwant %s", got, named.Replace(c.want))
			}
		})
	}
}

func TestRefusedConfigurations(t *testing.T) {
	const v = "validation_error: "
	cases := []struct{ typ, create, update, want string }{
		{"number", `{"format":"shells"}`, ``, v + "body failed validation: body.properties.P.number.format should be `\"number\"`, `\"number_with_commas\"`, `\"percent\"`"},
		{"select", `{"options":[{"name":"High, really"}]}`, ``, v + "Invalid select option, commas not allowed: High, really"},
		{"multi_select", `{"options":[{"name":"a,b"}]}`, ``, v + "Invalid select option, commas not allowed: a,b"},
		{"status", `{"options":[{"name":"a,b"}]}`, ``, v + "Invalid status option, commas not allowed: a,b"},
		{"select", `{"options":[{"name":"a"},{"name":"A"}]}`, ``, v + `Invalid select option: "A" is given more than once in property "P".`},
		{"select", `{"options":[{"name":"a"}]}`, `{"options":[{"name":"a"},{"id":"ID2"}]}`, v + `Invalid select option: "a" is given more than once in property "P".`},
		{"select", `{"options":[{"id":"abc"}]}`, ``, v + `Invalid select option. Property "P" has no option with id "abc".`},
		{"select", `{"options":[{"name":"a"}]}`, `{"options":[{"name":"a","color":"red"}]}`, v + "Cannot update color of select with name: a"},
		{"select", `{"options":[{"name":"a"}]}`, `{"options":[{"id":"ID2","color":"red"}]}`, v + "Cannot update color of select with id: ID2"},
		{"status", `{"options":[{"name":"a"}]}`, `{"options":[{"name":"a","color":"red"}]}`, v + "Cannot update color of status with name: a"},
		{"select", `{"options":[{"name":""}]}`, ``, v + "body failed validation. Fix one:\nbody.properties.P.select.options[0].name should be populated, instead was `\"\"`."},
		{"select", `{"options":[{"name":"` + strings.Repeat("x", 101) + `"}]}`, ``, v + "body failed validation: body.properties.P.select.options[0].name.length should be ≤ `100`, instead was `101`."},
		{"status", `{"options":[{"name":"a","group":"Later"}]}`, ``, v + "body failed validation. Fix one:\nbody.properties.P.status.options[0].group should be `\"To-do\"`, `\"In progress\"`, `\"Complete\"`, or `undefined`"},
		{"title", `{"placeholder":""}`, ``, v + "body failed validation: body.properties.P.title.placeholder should be not present, instead was `\"\"`."},
		{"title", `{}`, ``, v + `A data source has exactly one title property: "P" cannot be another.`},
	}
	for _, c := range cases {
		w := newWorld()
		_, err := w.create(1, "Tasks", `{"Name":{"title":{}},"P":{"`+c.typ+`":`+c.create+`}}`)
		if c.update != "" {
			if err != nil {
				t.Fatal(err)
			}
			_, err = w.change(1, `{"P":{"`+c.typ+`":`+named.Replace(c.update)+`}}`)
		}
		if got := refusal(err); !strings.HasPrefix(got, named.Replace(c.want)) {
			t.Errorf("%s %s %s:\ngot  %s\nwant %s", c.typ, c.create, c.update, got, named.Replace(c.want))
		}
	}
}

// A refusal of something that is no configuration at all lists every type.
func TestRefusalsListTheTypes(t *testing.T) {
	w := newWorld()
	must[*property.Change](t)(w.create(1, "Tasks", ""))
	for _, c := range []struct {
		typ string
		err func() error
	}{
		{"button", func() error { _, err := w.create(2, "", `{"P":{"button":{}}}`); return err }},
		{"verification", func() error { _, err := w.change(1, `{"P":{"verification":{}}}`); return err }},
	} {
		lines := strings.Split(refusal(c.err()), "\n")
		var keys []string
		for _, line := range lines[1:] {
			key, rest, _ := strings.Cut(strings.TrimPrefix(line, "body.properties.P."), " ")
			if rest != "should be defined, instead was `undefined`." {
				t.Errorf("%s: %s", c.typ, line)
			}
			keys = append(keys, key)
		}
		want := "number formula select multi_select status relation rollup unique_id title rich_text url people files email " +
			"phone_number date checkbox created_by created_time last_edited_by last_edited_time place"
		if c.typ == "verification" {
			want += " name"
		}
		if got := strings.Join(keys, " "); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.typ, got, want)
		}
	}
}

func TestRelationConfigurationsAreRefused(t *testing.T) {
	w := newWorld()
	must[*property.Change](t)(w.create(1, "Tasks", ""))
	must[*property.Change](t)(w.create(2, "Secret", ""))
	w.hidden[sourceID(2)] = true
	id := func(n byte) string { return sourceID(n).String() }
	cases := []struct{ config, want string }{
		{`{"single_property":{}}`, "validation_error: body failed validation: body.properties.R.relation.data_source_id should be defined, instead was `undefined`."},
		{`{"data_source_id":"` + id(1) + `"}`, "validation_error: body failed validation. Fix one:\n" +
			"body.properties.R.relation.single_property should be defined, instead was `undefined`.\n" +
			"body.properties.R.relation.dual_property should be defined, instead was `undefined`."},
		{`{"data_source_id":"` + id(2) + `","single_property":{}}`, "object_not_found: no data source " + id(2)},
		{`{"data_source_id":"` + id(9) + `","dual_property":{}}`, "object_not_found: no data source " + id(9)},
	}
	for _, c := range cases {
		if _, err := w.change(1, `{"R":{"relation":`+c.config+`}}`); refusal(err) != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.config, refusal(err), c.want)
		}
	}
}

func TestRollups(t *testing.T) {
	w := newWorld()
	must[*property.Change](t)(w.create(2, "Projects", `{"Title":{"title":{}},"Hours":{"number":{}},"Due":{"date":{}},"Ok":{"checkbox":{}},
		"State":{"status":{}},"F":{"formula":{"expression":"1"}}}`))
	must[*property.Change](t)(w.create(1, "Tasks", `{"Sum":{"rollup":{"function":"sum","relation_property_name":"Project","rollup_property_name":"Hours"}},
		"Name":{"title":{}},"Project":{"relation":{"data_source_id":"`+sourceID(2).String()+`","single_property":{}}}}`))
	relation, hours := w.property(1, "Project").ID, w.property(2, "Hours").ID
	want := `{"rollup_property_name":"Hours","relation_property_name":"Project","rollup_property_id":"` + hours +
		`","relation_property_id":"` + relation + `","function":"sum"}`
	if got := w.config(1, "Sum"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := w.property(1, "Sum").Rollup(); got != (property.Rollup{Relation: relation, Target: hours, Function: "sum"}) {
		t.Errorf("%+v", got)
	}

	// Names follow what they name, on both sides.
	must[*property.Change](t)(w.change(2, `{"Hours":{"name":"Effort"}}`))
	must[*property.Change](t)(w.change(1, `{"Project":{"name":"Of"}}`))
	if got := w.config(1, "Sum"); !contains(got, `"rollup_property_name":"Effort","relation_property_name":"Of"`) {
		t.Error(got)
	}
	// What was read can be written, and ids count before names.
	must[*property.Change](t)(w.change(1, `{"Sum":{"rollup":`+w.config(1, "Sum")+`}}`))

	roll := func(function, target string) string {
		_, err := w.change(1, `{"R":{"rollup":{"function":"`+function+`","relation_property_name":"Of","rollup_property_name":"`+target+`"}}}`)
		return refusal(err)
	}
	for _, c := range []struct{ function, target, want string }{
		{"average", "Due", `Invalid rollup schema for property "R": Cannot use function average with date property`},
		{"earliest_date", "Effort", `Invalid rollup schema for property "R": Cannot use function earliest_date with number property`},
		{"checked", "State", `Invalid rollup schema for property "R": Cannot use function checked with status property`},
		{"count_per_group", "Ok", `Invalid rollup schema for property "R": Cannot use function count_per_group with checkbox property`},
		{"sum", "None", `Invalid rollup schema for property "R": Could not find property "None" in the related data source`},
	} {
		if got := roll(c.function, c.target); got != "validation_error: "+c.want {
			t.Errorf("%s of %s: %s", c.function, c.target, got)
		}
	}
	for _, c := range []struct{ function, target string }{
		{"count", "Title"}, {"show_original", "State"}, {"latest_date", "Due"}, {"percent_checked", "Ok"}, {"sum", "F"},
		{"percent_per_group", "State"}, {"max", "Effort"},
	} {
		if got := roll(c.function, c.target); got != "<nil>" || w.property(1, "R").Rollup().Function != c.function {
			t.Errorf("%s of %s: %s", c.function, c.target, got)
		}
	}
	_, err := w.change(1, `{"R":{"rollup":{"function":"count","relation_property_name":"Name","rollup_property_name":"Title"}}}`)
	if got := refusal(err); got != `validation_error: Invalid rollup schema for property "R": Could not find relation property "Name"` {
		t.Error(got)
	}
	must[*property.Change](t)(w.change(2, `{"Back":{"relation":{"data_source_id":"`+sourceID(1).String()+`","single_property":{}}}}`))
	_, err = w.change(2, `{"R":{"rollup":{"function":"sum","relation_property_name":"Back","rollup_property_name":"Sum"}}}`)
	if got := refusal(err); !contains(got, "Invalid rollup schema", "Cannot create rollup with rollup property") {
		t.Error(got)
	}
}

func TestLimitsOfASchema(t *testing.T) {
	w := newWorld()
	var b strings.Builder
	b.WriteString(`{"Name":{"title":{}}`)
	for i := range property.MaxProperties {
		b.WriteString(`,"p` + strconv.Itoa(i) + `":{"checkbox":{}}`)
	}
	_, err := w.create(1, "", b.String()+"}")
	if got := refusal(err); got != "validation_error: A data source can have at most 500 properties, this one would have 501." {
		t.Error(got)
	}

	must[*property.Change](t)(w.create(1, "", `{"Name":{"title":{}},"Small":{"select":{}}}`))
	options := make([]string, 100)
	for i := range options {
		options[i] = `{"name":"` + strconv.Itoa(i) + strings.Repeat("x", 90) + `","description":"` + strings.Repeat("d", 400) + `"}`
	}
	_, err = w.change(1, `{"Large":{"select":{"options":[`+strings.Join(options, ",")+`]}}}`)
	if got := refusal(err); !contains(got, "validation_error: The schema of a data source can have at most 51200 bytes, this one would have ",
		`Its largest property is "Large" with ID `, ", which has ", " bytes.") {
		t.Error(got)
	}
	if w.property(1, "Large") != nil {
		t.Error("a refused change was kept")
	}
}
