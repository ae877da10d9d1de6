package formula

import (
	"strings"
	"testing"
	"time"

	"octavo/internal/notion"
)

// helpNow is the moment at which the documentation's examples were computed.
var helpNow = time.Date(2023, 8, 30, 17, 55, 30, 0, time.UTC)

// TestExamples runs the example of every function.
func TestExamples(t *testing.T) {
	for i := range table {
		f := &table[i]
		t.Run(f.name, func(t *testing.T) {
			if f.example == "" {
				t.Fatal("there is no example")
			}
			if got := evaluate(t, &Run{Now: helpNow}, f.example).String(); got != f.gives {
				t.Errorf("%s\n got %s\nwant %s", f.example, got, f.gives)
			}
		})
	}
}

// TestFunctionsAreThoseOfTheSpec compares the table with the list of databases.md §4.5.
func TestFunctionsAreThoseOfTheSpec(t *testing.T) {
	const list = `if ifs and or not empty length format equal unequal let lets id
		substring contains test match replace replaceAll lower upper trim repeat padStart padEnd link style unstyle split join concat formatNumber
		add subtract multiply divide mod pow min max sum median mean abs round ceil floor sqrt cbrt exp ln log10 log2 sign pi e toNumber
		now today minute hour day date week month year dateAdd dateSubtract dateBetween dateRange dateStart dateEnd timestamp fromTimestamp formatDate parseDate
		name email
		at first last slice splice sort reverse unique includes find findIndex filter some every map count flat`
	want := strings.Fields(list)
	for i, name := range want {
		if i >= len(table) || table[i].name != name {
			t.Fatalf("%s is not at place %d", name, i)
		}
	}
	if len(table) != len(want) {
		t.Errorf("there are %d functions, want %d", len(table), len(want))
	}
}

var (
	tasks     = mustID("10000000-0000-4000-8000-000000000001")
	projects  = mustID("20000000-0000-4000-8000-000000000002")
	workspace = mustID("30000000-0000-4000-8000-000000000003")
)

func mustID(s string) notion.ID {
	id, ok := notion.ParseID(s)
	if !ok {
		panic(s)
	}
	return id
}

// row is a page made of the values of its properties by name.
type row struct {
	id     notion.ID
	values map[string]Value
}

func (r *row) ID() notion.ID              { return r.id }
func (r *row) Title() string              { return r.values["Name"].Text() }
func (r *row) Property(p *Property) Value { return r.values[p.Name] }

// properties are those of tasks and projects.
type properties map[notion.ID][]*Property

func (s properties) Find(source notion.ID, key string) (*Property, bool) {
	if p, ok := s.Lookup(source, key); ok {
		return p, true
	}
	for _, p := range s[source] {
		if p.Name == key {
			return p, true
		}
	}
	return nil, false
}

func (s properties) Lookup(source notion.ID, id string) (*Property, bool) {
	for _, p := range s[source] {
		if p.ID == id {
			return p, true
		}
	}
	return nil, false
}

var scope = properties{
	tasks: {
		{ID: "title", Name: "Name", Type: TypeOf(KindText)},
		{ID: "nu;m", Name: "Number", Type: TypeOf(KindNumber)},
		{ID: "none", Name: "Nothing", Type: TypeOf(KindNumber)},
		{ID: "bla:", Name: "No text", Type: TypeOf(KindText)},
		{ID: "chec", Name: "Done", Type: TypeOf(KindBoolean)},
		{ID: "}dat", Name: "Due", Type: TypeOf(KindDate)},
		{ID: "noda", Name: "No date", Type: TypeOf(KindDate)},
		{ID: "tags", Name: "Tags", Type: ListOf(TypeOf(KindText))},
		{ID: "made", Name: "Created by", Type: TypeOf(KindPerson)},
		{ID: "rela", Name: "Projects", Type: ListOf(PageOf(projects))},
		{ID: "mixd", Name: "Mixed", Type: TypeOf(KindNumber, KindText)},
	},
	projects: {
		{ID: "title", Name: "Name", Type: TypeOf(KindText)},
		{ID: "hour", Name: "Hours", Type: TypeOf(KindNumber)},
	},
}

var (
	garden = &row{notion.ID{0: 0xaa}, map[string]Value{"Name": TextValue("Garden"), "Hours": NumberValue(3)}}
	house  = &row{notion.ID{0: 0xbb}, map[string]Value{"Name": TextValue("House"), "Hours": NumberValue(5)}}
	task   = &row{mustID("11111111222242228222333333333333"), map[string]Value{
		"Name": TextValue("Dig"), "Number": NumberValue(10), "Done": BoolValue(true),
		"Due":        DateValue(Date{Start: time.Date(2026, 9, 28, 14, 8, 0, 0, time.UTC), HasTime: true}),
		"Tags":       ListValue([]Value{TextValue("red"), TextValue("blue")}),
		"Created by": PersonValue(&Person{Name: "Ada", Email: "ada@example.com"}),
		"Projects":   ListValue([]Value{PageValue(garden), PageValue(house)}),
		"Mixed":      TextValue("m"),
	}}
)

func compile(t testing.TB, text string) *Program {
	t.Helper()
	x, err := Parse(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	p, err := x.Check(tasks, scope)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return p
}

func evaluate(t testing.TB, r *Run, text string) Value {
	t.Helper()
	v, err := compile(t, text).Eval(r, task)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}
