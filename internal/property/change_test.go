package property_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"octavo/internal/clock"
	"octavo/internal/jsonx"
	"octavo/internal/property"
)

func TestANewSchema(t *testing.T) {
	w := newWorld()
	must[*property.Change](t)(w.create(1, "Tasks", ""))
	want := `{"Name":{"id":"title","name":"Name","description":null,"type":"title","title":{}}}`
	if got := w.wire(1); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, c := range []struct{ properties, want string }{
		{`{}`, "validation_error: Title is not provided"},
		{`{"A":{"number":{}}}`, "validation_error: Title is not provided"},
		{`{"A":{"title":{}},"B":{"title":{}}}`, `validation_error: A data source has exactly one title property: "B" cannot be another.`},
		{`{"A":{"title":{}},"B":{"number":{},"name":"A"}}`, `validation_error: Property names are unique: there would be more than one called "A".`},
		{`{"":{"title":{}}}`, "validation_error:  is not a valid property schema"},
		{`{"A":null}`, "validation_error: body failed validation: body.properties.A should be an object, instead was `null`."},
	} {
		if _, err := w.create(2, "", c.properties); refusal(err) != c.want {
			t.Errorf("%s: %s", c.properties, refusal(err))
		}
	}
}

func TestPropertiesAreShownByID(t *testing.T) {
	stored := `[{"id":"title","name":"Name","type":"title","config":{}},` +
		`{"id":"~abc","name":"Last","type":"checkbox","config":{}},` +
		`{"id":"?B:W","name":"Odd \"one\"","description":"of it","type":"url","config":{}},` +
		`{"id":":J{:","name":"First","type":"number","config":{"format":"number"}}]`
	s := must[*property.Schema](t)(property.ParseSchema([]byte(stored)))
	want := `{"First":{"id":"%3AJ%7B%3A","name":"First","description":null,"type":"number","number":{"format":"number"}},` +
		`"Odd \"one\"":{"id":"%3FB%3AW","name":"Odd \"one\"","description":"of it","type":"url","url":{}},` +
		`"Last":{"id":"~abc","name":"Last","description":null,"type":"checkbox","checkbox":{}},` +
		`"Name":{"id":"title","name":"Name","description":null,"type":"title","title":{}}}`
	if got := string(s.AppendJSON(nil, nil)); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := string(s.Append(nil)); got != stored {
		t.Errorf("got  %s\nwant %s", got, stored)
	}
	for key, want := range map[string]string{"?B:W": "?B:W", "%3FB%3AW": "?B:W", "%3fB%3aW": "?B:W", `Odd "one"`: "?B:W", "title": "title", "Name": "title", "name": ""} {
		got := ""
		if p := s.Find(key); p != nil {
			got = p.ID
		}
		if got != want {
			t.Errorf("Find(%q) = %q, want %q", key, got, want)
		}
	}
	for _, broken := range []string{`{`, `[{"id":"a","name":"b","type":"shape","config":{}}]`} {
		if _, err := property.ParseSchema([]byte(broken)); err == nil {
			t.Errorf("%s was read", broken)
		}
	}
}

func TestAnIDWinsOverAName(t *testing.T) {
	s := must[*property.Schema](t)(property.ParseSchema([]byte(`[{"id":"title","name":"abcd","type":"title","config":{}},` +
		`{"id":"abcd","name":"Other","type":"checkbox","config":{}}]`)))
	if p := s.Find("abcd"); p.Name != "Other" {
		t.Errorf("found %s", p.Name)
	}
}

// edits describes what a change did.
func edits(c *property.Change) string {
	var words []string
	for _, e := range c.Edits {
		switch {
		case e.Old == nil:
			words = append(words, "+"+e.New.Name+":"+e.New.Type.Name)
		case e.New == nil:
			words = append(words, "-"+e.Old.Name)
		case e.Retyped():
			words = append(words, e.New.Name+":"+e.Old.Type.Name+">"+e.New.Type.Name)
		case e.Old.Name != e.New.Name:
			words = append(words, e.Old.Name+">"+e.New.Name)
		default:
			words = append(words, "*"+e.New.Name)
		}
		if e.Old != nil && e.New != nil && e.Old.ID != e.New.ID {
			words = append(words, "OTHER ID")
		}
	}
	return strings.Join(words, " ")
}

func TestChanges(t *testing.T) {
	const start = `{"Name":{"title":{}},"A":{"number":{},"description":"about A"},"B":{"select":{"options":[{"name":"x"},{"name":"y"}]},"description":"about B"},"P":{"place":{}}}`
	cases := []struct{ name, change, want string }{
		{"nothing", `{}`, ""},
		{"nothing new", `{"A":{"number":{}}}`, ""},
		{"rename", `{"A":{"name":"C"}}`, "A>C"},
		{"rename by id", `{"$A":{"name":"C"}}`, "A>C"},
		{"rename to the same", `{"A":{"name":"A"}}`, ""},
		{"rename the title", `{"title":{"name":"Task"}}`, "Name>Task"},
		{"rename and configure", `{"A":{"name":"C","number":{"format":"euro"}}}`, "A>C"},
		{"swap names", `{"A":{"name":"B"},"B":{"name":"A"}}`, "A>B B>A"},
		{"take a name that becomes free", `{"A":null,"B":{"name":"A"}}`, "B>A -A"},
		{"remove", `{"A":null}`, "-A"},
		{"remove and make anew", `{"$A":null,"C":{"number":{},"name":"A"}}`, "+A:number -A"},
		{"add", `{"C":{"checkbox":{}}}`, "+C:checkbox"},
		{"add under another name", `{"C":{"checkbox":{},"name":"D"}}`, "+D:checkbox"},
		{"change the type", `{"A":{"rich_text":{}}}`, "A:number>rich_text"},
		{"change type and name", `{"A":{"rich_text":{},"name":"C"}}`, "C:number>rich_text"},
		{"configure", `{"A":{"number":{"format":"euro"}}}`, "*A"},
		{"describe", `{"A":{"name":"A","description":"else"}}`, "*A"},
		{"a rename keeps the description", `{"B":{"name":"C"}}`, "B>C"},
		{"options without a description clear it", `{"B":{"select":{}}}`, "*B"},
		{"what was read is no change", `{"A":{"id":"x","name":"A","description":"about A","type":"number","number":{"format":"number"}}}`, ""},
		{"rename a place", `{"P":{"name":"Where"}}`, "P>Where"},
		{"several", `{"A":null,"B":{"name":"b"},"C":{"url":{}}}`, "B>b +C:url -A"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld()
			must[*property.Change](t)(w.create(1, "Tasks", start))
			before := w.wire(1)
			old := w.sources[sourceID(1)].Schema
			change := must[*property.Change](t)(w.change(1, strings.ReplaceAll(c.change, "$A", property.EncodeID(w.property(1, "A").ID))))
			if got := edits(change); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if got := string(old.AppendJSON(nil, w)); got != before {
				t.Errorf("the old schema changed:\n%s\n%s", before, got)
			}
			if c.want == "" && w.wire(1) != before {
				t.Errorf("no edit, but\n%s\n%s", before, w.wire(1))
			}
			if again := must[*property.Schema](t)(property.ParseSchema(change.Schema.Append(nil))); string(again.AppendJSON(nil, w)) != w.wire(1) {
				t.Error("the schema does not survive storing")
			}
		})
	}
	w := newWorld()
	must[*property.Change](t)(w.create(1, "Tasks", start))
	must[*property.Change](t)(w.change(1, `{"A":{"name":"C"},"B":{"select":{}}}`))
	if w.property(1, "C").Description == nil || w.property(1, "B").Description != nil {
		t.Error("a rename keeps the description, a list of options clears it")
	}
	must[*property.Change](t)(w.change(1, `{"C":{"name":"C","description":null}}`))
	if w.property(1, "C").Description != nil {
		t.Error("null clears the description")
	}
}

func TestRefusedChanges(t *testing.T) {
	cases := []struct{ change, want string }{
		{`{"Nope":null}`, "object_not_found: Could not find property_item with ID: Nope. Make sure the relevant pages and databases are shared with your integration."},
		{`{"Nope":{"name":"x"}}`, "validation_error: Nope is not a valid property schema"},
		{`{"Name":null}`, "validation_error: The title property cannot be removed."},
		{`{"title":null}`, "validation_error: The title property cannot be removed."},
		{`{"Name":{"rich_text":{}}}`, `validation_error: The type of property "Name" cannot be changed from title to rich_text.`},
		{`{"A":{"title":{}}}`, `validation_error: The type of property "A" cannot be changed from number to title.`},
		{`{"A":{"place":{}}}`, `validation_error: The type of property "A" cannot be changed from number to place.`},
		{`{"P":{"rich_text":{}}}`, `validation_error: The type of property "P" cannot be changed from place to rich_text.`},
		{`{"New":{"title":{}}}`, `validation_error: A data source has exactly one title property: "New" cannot be another.`},
		{`{"A":{"name":"B"}}`, `validation_error: Property names are unique: there would be more than one called "B".`},
		{`{"New":{"url":{},"name":"B"}}`, `validation_error: Property names are unique: there would be more than one called "B".`},
		{`{"A":{"name":""}}`, "validation_error: body failed validation: body.properties.A.name should be populated, instead was `\"\"`."},
		{`{"A":null,"$A":{"name":"x"}}`, `validation_error: Property "A" is given more than once, by its id and by its name.`},
		// One bad entry refuses them all.
		{`{"A":{"name":"C"},"B":{"name":"D"},"Nope":{"name":"E"}}`, "validation_error: Nope is not a valid property schema"},
	}
	for _, c := range cases {
		w := newWorld()
		must[*property.Change](t)(w.create(1, "Tasks", `{"Name":{"title":{}},"A":{"number":{}},"B":{"url":{}},"P":{"place":{}}}`))
		before := w.wire(1)
		_, err := w.change(1, strings.ReplaceAll(c.change, "$A", property.EncodeID(w.property(1, "A").ID)))
		if got := refusal(err); got != c.want && !(strings.Contains(c.want, "should be populated") && strings.Contains(got, c.want[len("validation_error: body failed validation: "):])) {
			t.Errorf("%s:\ngot  %s\nwant %s", c.change, got, c.want)
		}
		if w.wire(1) != before {
			t.Errorf("%s: something changed", c.change)
		}
	}
}

func TestRemovedOptions(t *testing.T) {
	w := newWorld()
	must[*property.Change](t)(w.create(1, "", `{"Name":{"title":{}},"S":{"select":{"options":[{"name":"a"},{"name":"b"},{"name":"c"}]}}}`))
	gone := []string{w.property(1, "S").Option("A").ID, w.property(1, "S").Option("c").ID}
	change := must[*property.Change](t)(w.change(1, `{"S":{"select":{"options":[{"name":"b"}]}}}`))
	if got := change.Edits[0].RemovedOptions(); !slices.Equal(got, gone) {
		t.Errorf("got %v, want %v", got, gone)
	}
	change = must[*property.Change](t)(w.change(1, `{"S":{"multi_select":{}}}`))
	if got := change.Edits[0].RemovedOptions(); got != nil {
		t.Errorf("a change of type removes no options, got %v", got)
	}
}

// relations tells of the relations of the first two data sources: to which source, and with
// which partner by name.
func (w *world) relations() string {
	var words []string
	for _, n := range []byte{1, 2, 3} {
		s := w.sources[sourceID(n)]
		if s == nil {
			continue
		}
		for _, p := range s.Schema.Properties() {
			r := p.Relation()
			if r.Source.IsZero() {
				continue
			}
			word := string('0'+n) + "." + p.Name + "→" + string('0'+r.Source[0])
			if r.Partner != "" {
				partner := w.sources[r.Source].Schema.ByID(r.Partner)
				if partner == nil {
					word += ".MISSING"
				} else {
					word += "." + partner.Name
				}
			}
			words = append(words, word)
		}
	}
	return strings.Join(words, "; ")
}

func TestRelations(t *testing.T) {
	to := func(n byte, kind string) string {
		return `"relation":{"data_source_id":"` + sourceID(n).String() + `","` + kind + `":{}}`
	}
	single, dual := "single_property", "dual_property"
	cases := []struct {
		name string
		// steps are changes, each to the data source its first character says.
		steps []string
		want  string
	}{
		{"single", []string{`1{"R":{` + to(2, single) + `}}`}, "1.R→2"},
		{"dual", []string{`1{"R":{` + to(2, dual) + `}}`}, "1.R→2.Related to Tasks (R); 2.Related to Tasks (R)→1.R"},
		{"dual with a name", []string{`1{"R":{"relation":{"data_source_id":"` + sourceID(2).String() + `","dual_property":{"synced_property_name":"Back"}}}}`},
			"1.R→2.Back; 2.Back→1.R"},
		{"dual from a source without a title", []string{`3{"R":{` + to(2, dual) + `}}`},
			"2.Related to Untitled Database (R)→3.R; 3.R→2.Related to Untitled Database (R)"},
		{"dual, and the name is taken", []string{`2{"Related to Tasks (R)":{"url":{}}}`, `1{"R":{` + to(2, dual) + `}}`},
			"1.R→2.Related to Tasks (R) 1; 2.Related to Tasks (R) 1→1.R"},
		{"dual again is no change", []string{`1{"R":{` + to(2, dual) + `}}`, `1{"R":{` + to(2, dual) + `}}`},
			"1.R→2.Related to Tasks (R); 2.Related to Tasks (R)→1.R"},
		{"single to dual", []string{`1{"R":{` + to(2, single) + `}}`, `1{"R":{` + to(2, dual) + `}}`},
			"1.R→2.Related to Tasks (R); 2.Related to Tasks (R)→1.R"},
		{"dual to single keeps the other side", []string{`1{"R":{` + to(2, dual) + `}}`, `1{"R":{` + to(2, single) + `}}`},
			"1.R→2; 2.Related to Tasks (R)→1"},
		{"retarget", []string{`1{"R":{` + to(2, dual) + `}}`, `1{"R":{` + to(3, dual) + `}}`},
			"1.R→3.Related to Tasks (R); 2.Related to Tasks (R)→1; 3.Related to Tasks (R)→1.R"},
		{"rename of the property", []string{`1{"R":{` + to(2, dual) + `}}`, `1{"R":{"name":"Of"}}`},
			"1.Of→2.Related to Tasks (R); 2.Related to Tasks (R)→1.Of"},
		{"rename of the partner", []string{`1{"R":{` + to(2, dual) + `}}`, `2{"Related to Tasks (R)":{"name":"Back"}}`},
			"1.R→2.Back; 2.Back→1.R"},
		{"remove one side", []string{`1{"R":{` + to(2, dual) + `}}`, `1{"R":null}`}, "2.Related to Tasks (R)→1"},
		{"remove the other side", []string{`1{"R":{` + to(2, dual) + `}}`, `2{"Related to Tasks (R)":null}`}, "1.R→2"},
		{"change of type", []string{`1{"R":{` + to(2, dual) + `}}`, `1{"R":{"rich_text":{}}}`}, "2.Related to Tasks (R)→1"},
		{"change into a relation", []string{`1{"R":{"rich_text":{}}}`, `1{"R":{` + to(2, dual) + `}}`},
			"1.R→2.Related to Tasks (R); 2.Related to Tasks (R)→1.R"},
		{"to itself", []string{`1{"R":{` + to(1, single) + `}}`}, "1.R→1"},
		{"to itself, dual", []string{`1{"R":{` + to(1, dual) + `}}`}, "1.R→1.Related to Tasks (R); 1.Related to Tasks (R)→1.R"},
		{"to itself, one side removed", []string{`1{"R":{` + to(1, dual) + `}}`, `1{"R":null}`}, "1.Related to Tasks (R)→1"},
		{"to itself, both sides removed", []string{`1{"R":{` + to(1, dual) + `}}`, `1{"R":null,"Related to Tasks (R)":null}`}, ""},
		{"to itself, one side single, the other removed", []string{`1{"R":{` + to(1, dual) + `}}`, `1{"Related to Tasks (R)":null,"R":{` + to(1, single) + `}}`}, "1.R→1"},
		{"what was read may be written", []string{`1{"R":{` + to(2, dual) + `}}`, `1{"R":{"relation":$R}}`},
			"1.R→2.Related to Tasks (R); 2.Related to Tasks (R)→1.R"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld()
			must[*property.Change](t)(w.create(1, "Tasks", ""))
			must[*property.Change](t)(w.create(2, "Projects", ""))
			must[*property.Change](t)(w.create(3, "", ""))
			for _, step := range c.steps {
				if strings.Contains(step, "$R") {
					step = strings.ReplaceAll(step, "$R", w.config(1, "R"))
				}
				must[*property.Change](t)(w.change(step[0]-'0', step[1:]))
			}
			if got := w.relations(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestRelationsOnTheWire(t *testing.T) {
	w := newWorld()
	must[*property.Change](t)(w.create(1, "Tasks", ""))
	must[*property.Change](t)(w.create(2, "Projects", ""))
	change := must[*property.Change](t)(w.change(1, `{"R":{"relation":{"data_source_id":"`+sourceID(2).String()+`","dual_property":{}}}}`))
	if len(change.Partners) != 1 || change.Partners[0].Source != sourceID(2) || edits(&change.Partners[0]) != "+Related to Tasks (R):relation" {
		t.Fatalf("partners: %+v", change.Partners)
	}
	if old, now := change.Edits[0].Relations(); old != (property.Relation{}) || now.Source != sourceID(2) || now.Partner != change.Partners[0].Edits[0].New.ID {
		t.Errorf("relations of the edit: %+v %+v", old, now)
	}
	must[*property.Change](t)(w.change(2, `{"Related to Tasks (R)":{"name":"Back"}}`))
	want := `{"database_id":"` + databaseID(2).String() + `","data_source_id":"` + sourceID(2).String() +
		`","type":"dual_property","dual_property":{"synced_property_name":"Back","synced_property_id":"` +
		property.EncodeID(w.property(2, "Back").ID) + `"}}`
	if got := w.config(1, "R"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	// A source that moves shows its new database; one that is gone shows as it last was.
	w.sources[sourceID(2)].Database = databaseID(7)
	if got := w.config(1, "R"); !contains(got, databaseID(7).String()) {
		t.Error(got)
	}
	if got := string(w.sources[sourceID(1)].Schema.AppendJSON(nil, nil)); !contains(got, databaseID(2).String(), "Related to Tasks (R)") {
		t.Error(got)
	}
	must[*property.Change](t)(w.change(1, `{"R":{"relation":{"data_source_id":"`+sourceID(2).String()+`","single_property":{}}}}`))
	want = `{"database_id":"` + databaseID(7).String() + `","data_source_id":"` + sourceID(2).String() + `","type":"single_property","single_property":{}}`
	if got := w.config(1, "R"); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestIDsOfRemovedPropertiesAreNotTaken(t *testing.T) {
	w := newWorld()
	must[*property.Change](t)(w.create(1, "", ""))
	w.sources[sourceID(1)].Retired = []string{":::;", ":::<"} // what the sequence would give next
	must[*property.Change](t)(w.change(1, `{"A":{"url":{}}}`))
	if id := w.property(1, "A").ID; id != ":::=" {
		t.Errorf("got %s", id)
	}
}

// However dual relations are changed, both sides always name each other.
func TestDualRelationsStaySymmetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld()
		for n := byte(1); n <= 3; n++ {
			if _, err := w.create(n, "S", `{"Name":{"title":{}},"A":{"number":{}},"B":{"url":{}}}`); err != nil {
				t.Fatal(err)
			}
		}
		source := rapid.ByteRange(1, 3)
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			n := source.Draw(t, "source")
			s := w.sources[sourceID(n)].Schema
			var entries []string
			for _, p := range s.Properties()[1:] {
				key := jsonx.StringValue(p.ID).String() + ":"
				relation := `{"relation":{"data_source_id":"` + sourceID(source.Draw(t, "target")).String() + `",`
				switch rapid.IntRange(0, 7).Draw(t, "what") {
				case 0:
					entries = append(entries, key+"null")
				case 1:
					entries = append(entries, key+`{"rich_text":{}}`)
				case 2:
					entries = append(entries, key+relation+`"single_property":{}}}`)
				case 3, 4:
					entries = append(entries, key+relation+`"dual_property":{}}}`)
				}
			}
			if _, err := w.change(n, "{"+strings.Join(entries, ",")+"}"); err != nil {
				t.Fatal(err)
			}
			for _, s := range w.sources {
				for _, p := range s.Schema.Properties() {
					r := p.Relation()
					if r.Partner == "" {
						continue
					}
					back := w.sources[r.Source].Schema.ByID(r.Partner)
					if back == nil || back.Relation() != (property.Relation{Source: s.ID, Partner: p.ID}) {
						t.Fatalf("%s of source %d has no partner: %s", p.Name, s.ID[0], w.relations())
					}
				}
			}
		}
	})
}

func TestIDs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := rapid.String().Draw(t, "id")
		if got := property.DecodeID(property.EncodeID(raw)); got != raw {
			t.Fatalf("%q became %q", raw, got)
		}
		property.DecodeID(raw)
	})
	for raw, want := range map[string]string{"title": "title", "?B:W": "%3FB%3AW", "_~ab": "_~ab", "v_]<": "v_%5D%3C", "a'b": "a'b", "é": "%C3%A9"} {
		if got := property.EncodeID(raw); got != want {
			t.Errorf("EncodeID(%q) = %q, want %q", raw, got, want)
		}
	}
	for _, odd := range []string{"%", "%4", "%zz", "a%4"} {
		if got := property.DecodeID(odd); got != odd {
			t.Errorf("DecodeID(%q) = %q", odd, got)
		}
	}
}

// clashing makes every second id a copy of the one before.
type clashing struct {
	clock.Sequence
	last []byte
}

func (c *clashing) Secret(b []byte) {
	if c.last != nil {
		copy(b, c.last)
		c.last = nil
		return
	}
	c.Sequence.Secret(b)
	c.last = slices.Clone(b)
}

func TestIDsAreUnique(t *testing.T) {
	var properties []string
	for i := range 100 {
		properties = append(properties, `"p`+string(rune('a'+i%26))+string(rune('a'+i/26))+`":{"checkbox":{}}`)
	}
	sent := must[jsonx.Value](t)(request("create", `{"Name":{"title":{}},`+strings.Join(properties, ",")+`}`))
	for _, ids := range []clock.IDs{&clashing{}, clock.Random{}} {
		change := must[*property.Change](t)(property.NewSchema(&property.Env{IDs: ids}, sent))
		seen := map[string]bool{}
		for _, p := range change.Schema.Properties() {
			if seen[p.ID] {
				t.Errorf("%q is taken twice", p.ID)
			}
			seen[p.ID] = true
			if p.ID == property.TitleID {
				continue
			}
			if len(p.ID) != 4 || strings.Trim(p.ID, ":;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~") != "" {
				t.Errorf("%q is no id", p.ID)
			}
		}
	}
}
