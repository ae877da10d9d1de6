package query

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

// everything is a data source with a property of every type that a request can make, but
// for relations, formulas and rollups.
const everything = `{"Title":{"title":{}},"Text":{"rich_text":{}},"URL":{"url":{}},"Email":{"email":{}},"Phone":{"phone_number":{}},
	"Number":{"number":{}},"Box":{"checkbox":{}},"Select":{"select":{"options":[{"name":"a"},{"name":"b"}]}},
	"Multi":{"multi_select":{"options":[{"name":"a"},{"name":"b"}]}},"Status":{"status":{}},"Date":{"date":{}},"People":{"people":{}},
	"Files":{"files":{}},"ID":{"unique_id":{}},"Made":{"created_time":{}},"Edited":{"last_edited_time":{}},"Maker":{"created_by":{}},
	"Editor":{"last_edited_by":{}},"Place":{"place":{}}}`

func everyEnv(t testing.TB) *Env {
	return &Env{
		Schema: schemaOf(t, everything), Now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Zone: time.UTC, Names: names,
		Relation: func(p *property.Property) (Relation, error) { return Relation{Property: p.ID}, nil },
	}
}

func TestRefusals(t *testing.T) {
	e := everyEnv(t)
	mismatch := func(have, asked string) string {
		return "The property type in the database does not match the property type of the filter provided: database property " + have + " does not match filter " + asked
	}
	for _, c := range []struct{ filter, sorts, want string }{
		{`{"property":"None","number":{"equals":1}}`, "[]", "Could not find property with name or id: None"},
		{`{"and":[{"or":[{"property":"None","number":{"equals":1}}]}]}`, "[]", "Could not find property with name or id: None"},
		{`{"property":"Number","rich_text":{"equals":"1"}}`, "[]", mismatch("number", "rich_text")},
		{`{"property":"Text","title":{"equals":"1"}}`, "[]", mismatch("rich_text", "title")},
		{`{"property":"Place","rich_text":{"equals":"1"}}`, "[]", mismatch("place", "rich_text")},
		{`{"property":"Select","select":{"equals":["a","x"]}}`, "[]", `select option "x" not found for property "Select". Available options: "a", "b"`},
		{`{"property":"Status","status":{"does_not_equal":"x"}}`, "[]",
			`status option "x" not found for property "Status". Available options: "Not started", "In progress", "Done"`},
		{`{"or":[{"property":"Date","date":{"before":"soon"}}]}`, "[]",
			"body failed validation: body.filter.or[0].date.before should be a valid ISO 8601 date string, instead was `\"soon\"`."},
		{`{"timestamp":"created_time","created_time":{"after":"2026-02-30"}}`, "[]",
			"body failed validation: body.filter.created_time.after should be a valid ISO 8601 date string, instead was `\"2026-02-30\"`."},
		{`{"and":[]}`, `[{"property":"None","direction":"ascending"}]`, "Could not find sort property with name or id: None"},
		{`{"and":[]}`, `[{"property":"Files","direction":"ascending"}]`, `Property "Files" cannot be sorted by: it is of the type files, which has no order.`},
	} {
		filter, sorts := mustJSON(t, c.filter), mustJSON(t, c.sorts)
		for name, v := range map[string]jsonx.Value{"filter": filter, "sorts": sorts} {
			if err := requests.Check("body", name, v); err != nil {
				t.Errorf("%s: %v", v, err)
			}
		}
		_, err := Parse(e, filter, sorts)
		if got := refusal(err); got != c.want {
			t.Errorf("%s %s:\ngot  %s\nwant %s", c.filter, c.sorts, got, c.want)
		}
	}
}

func mustJSON(t testing.TB, text string) jsonx.Value {
	t.Helper()
	v, err := jsonx.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// refusal returns the message of a validation_error, and nothing for anything else.
func refusal(err error) string {
	var refused *apierr.Error
	if !errors.As(err, &refused) || refused.Code != apierr.ValidationError {
		return ""
	}
	return refused.Message
}

// TestParsePassesErrorsOn sees that what cannot be looked up is no refusal.
func TestParsePassesErrorsOn(t *testing.T) {
	lost := errors.New("lost")
	e := everyEnv(t)
	e.Names = func() ([]Rank, error) { return nil, lost }
	if _, err := Parse(e, jsonx.Value{}, mustJSON(t, sortBy("People"))); !errors.Is(err, lost) {
		t.Errorf("names that cannot be read: %v", err)
	}
}

// requests are the definitions that filters and sorts are held to.
var requests = func() *schema.Set {
	set := schema.NewSet()
	richtext.Define(set)
	media.Define(set)
	property.Define(set)
	Define(set)
	return set
}()

// recorder is a database that keeps statements and finds nothing.
type recorder struct{ statements []statement }

type statement struct {
	text string
	args []any
}

func (r *recorder) Find(text string, args []any, _ int) ([]Found, error) {
	r.statements = append(r.statements, statement{text, args})
	return nil, nil
}

func (r *recorder) Items(text string, args []any, _ bool, _ func(*Item) error) error {
	r.statements = append(r.statements, statement{text, args})
	return nil
}

func (r *recorder) Count(text string, args []any) (int, error) {
	r.statements = append(r.statements, statement{text, args})
	return few, nil
}

var placeholder = regexp.MustCompile(`\$(\d+)`)

// fault looks at a statement as far as that is possible without a database.
func (s statement) fault() string {
	used := map[int]bool{1: true, 2: true}
	for _, m := range placeholder.FindAllStringSubmatch(s.text, -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil || n < 1 || n > len(s.args) {
			return "no argument for " + m[0]
		}
		used[n] = true
	}
	switch {
	case len(used) < len(s.args):
		return "an argument has no place"
	case strings.Contains(s.text, "?"):
		return "a ? is left"
	case strings.Count(s.text, "(") != strings.Count(s.text, ")"):
		return "brackets do not match"
	}
	return ""
}

// FuzzQuery reads filters and sorts that pass the schema, and writes statements for them.
func FuzzQuery(f *testing.F) {
	for _, seed := range []struct{ filter, sorts string }{
		{`{"and":[{"property":"Title","title":{"contains":"x"}},{"or":[{"property":"Number","number":{"less_than":1}}]}]}`, sortBy("Select")},
		{`{"timestamp":"created_time","created_time":{"past_week":{}}}`, `[{"timestamp":"last_edited_time","direction":"descending"},{"property":"People","direction":"ascending"}]`},
		{`{"property":"People","people":{"does_not_contain":"me"}}`, sortBy("Multi", "Box")},
		{`{"property":"Status","status":{"equals":["Done","To-do"]}}`, sortBy("Status")},
		{`{"or":[{"property":"Date","date":{"on_or_before":"2026-01-01T00:00+14:00"}},{"property":"Edited","last_edited_time":{"equals":"today"}}]}`, `[]`},
		{`{"property":"Multi","multi_select":{"contains":[]}}`, sortBy("Maker", "Place")},
		{`{"property":"ID","unique_id":{"greater_than":-1e308}}`, sortBy("Made")},
		{`{"property":"Text","rich_text":{"ends_with":"?"}}`, sortBy("Email", "Number", "Date")},
	} {
		f.Add([]byte(seed.filter), []byte(seed.sorts), "")
	}
	e := everyEnv(f)
	e.Me = notion.ID{1}
	f.Fuzz(func(t *testing.T, filter, sorts []byte, cursor string) {
		read := func(name string, text []byte) jsonx.Value {
			v, err := jsonx.Parse(text)
			if err != nil || requests.Check("body", name, v) != nil {
				return jsonx.Value{}
			}
			return v
		}
		fv, sv := read("filter", filter), read("sorts", sorts)
		q, err := Parse(e, fv, sv)
		if err != nil {
			if refusal(err) == "" {
				t.Fatalf("%s %s: %v", fv, sv, err)
			}
			return
		}
		q.Resume(nil, cursor)
		last := &Found{Page: notion.ID{9}}
		for _, o := range q.order() {
			for _, v := range []any{int64(1), "0000001", []byte{1}} {
				if o.takes(v) {
					last.Values = append(last.Values, v)
					break
				}
			}
		}
		var db recorder
		for _, after := range []*Found{nil, last} {
			if _, _, err := q.Search(&db, Rows{Workspace: notion.ID{1}, Source: notion.ID{2}}, after, 10); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range db.statements {
			if fault := s.fault(); fault != "" {
				t.Fatalf("%s %s: %s in %s %v", fv, sv, fault, s.text, s.args)
			}
		}
	})
}
