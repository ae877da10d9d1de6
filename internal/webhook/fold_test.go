package webhook

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"octavo/internal/jsonx"
	"octavo/internal/version"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// story folds changes written as "type author item item…", a second apart, and keeps the
// fold as JSON in between as the database does.
func story(t *testing.T, v version.Version, lines ...string) string {
	t.Helper()
	var f Fold
	for i, line := range lines {
		words := strings.Fields(line)
		k := Find(v, words[0])
		if k == nil {
			t.Fatalf("%s is no event of %s", words[0], v)
		}
		c := Change{Kind: k, Time: noon.Add(time.Duration(i) * time.Second), Author: words[1]}
		for _, w := range words[2:] {
			id, action, _ := strings.Cut(w, ":")
			item := Item{ID: id, Type: "block"}
			switch k.Part {
			case Schema:
				item = Item{ID: id, Action: action}
				if action != "deleted" {
					name := strings.ToUpper(id)
					item.Name = &name
				}
			case Properties:
				item = Item{ID: id}
			}
			c.Items = append(c.Items, item)
		}
		f.Add(c)
		kept, err := json.Marshal(&f)
		if err != nil {
			t.Fatal(err)
		}
		f = Fold{}
		if err := json.Unmarshal(kept, &f); err != nil {
			t.Fatal(err)
		}
	}
	var out []string
	for _, e := range f.Events(v) {
		out = append(out, fmt.Sprintf("%s %s at %d %s", e.Kind.Name, strings.Join(e.Authors, "+"), e.Last.Sub(noon)/time.Second,
			jsonx.ObjectValue(e.Data()...)))
	}
	return strings.Join(out, "\n")
}

func TestFold(t *testing.T) {
	cases := []struct {
		name    string
		version version.Version
		changes []string
		want    string
	}{
		{"one change", version.Latest, []string{"page.created a"}, `page.created a at 0 {}`},
		{
			"content adds up", version.Latest,
			[]string{"page.content_updated a 1 2", "page.content_updated b 2 3", "page.content_updated a 1"},
			`page.content_updated a+b at 2 {"updated_blocks":[{"id":"1","type":"block"},{"id":"2","type":"block"},{"id":"3","type":"block"}]}`,
		},
		{
			"properties add up", version.Latest,
			[]string{"page.properties_updated a title", "page.properties_updated a %3Aab title"},
			`page.properties_updated a at 1 {"updated_properties":["title","%3Aab"]}`,
		},
		{
			"made, then changed", version.Latest,
			[]string{"page.content_updated a 1", "page.created a", "page.properties_updated a title"},
			"page.created a at 1 {}\n" + `page.content_updated a at 0 {"updated_blocks":[{"id":"1","type":"block"}]}` + "\n" +
				`page.properties_updated a at 2 {"updated_properties":["title"]}`,
		},
		{"made and gone", version.Latest, []string{"page.created a", "page.content_updated a 1", "page.deleted a"}, ""},
		{"made, gone and back", version.Latest, []string{"page.created a", "page.deleted b", "page.undeleted c"}, "page.created a+b+c at 2 {}"},
		{"gone and back", version.Latest, []string{"page.deleted a", "page.undeleted a"}, ""},
		{"back and gone", version.Latest, []string{"page.undeleted a", "page.deleted a"}, ""},
		{"gone, back and gone", version.Latest, []string{"page.deleted a", "page.undeleted a", "page.deleted a"}, "page.deleted a at 2 {}"},
		{
			"changed and gone", version.Latest, []string{"page.moved a", "page.deleted b"},
			"page.moved a at 0 {}\npage.deleted b at 1 {}",
		},
		{
			"a schema", version.Latest,
			[]string{
				"data_source.schema_updated a new:created old:updated both:created gone:deleted",
				"data_source.schema_updated a new:updated old:deleted both:deleted gone:created",
			},
			`data_source.schema_updated a at 1 {"updated_properties":[{"id":"new","name":"NEW","action":"created"},` +
				`{"id":"old","name":null,"action":"deleted"},{"id":"gone","name":"GONE","action":"updated"}]}`,
		},
		{
			"a schema as it was", version.Latest,
			[]string{"data_source.schema_updated a x:created", "data_source.schema_updated a x:deleted"}, "",
		},
		{
			"made, removed and made again", version.Latest,
			[]string{"data_source.schema_updated a x:created", "data_source.schema_updated a x:deleted", "data_source.schema_updated a x:created"},
			`data_source.schema_updated a at 2 {"updated_properties":[{"id":"x","name":"X","action":"created"}]}`,
		},
		{
			"one data source, one database", version.V20220628,
			[]string{"database.created a", "data_source.content_updated a 1", "database.content_updated b 2", "data_source.schema_updated a x:created"},
			"database.created a at 0 {}\n" +
				`database.content_updated a+b at 2 {"updated_blocks":[{"id":"1","type":"block"},{"id":"2","type":"block"}]}` + "\n" +
				`database.schema_updated a at 3 {"updated_properties":[{"id":"x","name":"X","action":"created"}]}`,
		},
	}
	for _, c := range cases {
		if got := story(t, c.version, c.changes...); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

func TestFoldIsFull(t *testing.T) {
	var f Fold
	k := Find(version.Latest, "page.content_updated")
	for i := range maxItems {
		if f.Full() {
			t.Fatalf("full with %d items", i)
		}
		f.Add(Change{Kind: k, Time: noon, Items: []Item{{ID: fmt.Sprint(i)}, {ID: "0"}}})
	}
	if !f.Full() || len(f.Parts[0].Items) != maxItems {
		t.Errorf("full: %v, with %d items", f.Full(), len(f.Parts[0].Items))
	}
}

// TestKinds: a change is one event of a version at most, and the names of each version are
// those of the documentation (services.md §4.3).
func TestKinds(t *testing.T) {
	old, now := Names(version.V20220628), Names(version.V20250903)
	for _, c := range []struct {
		name     string
		old, now bool
	}{
		{"page.created", true, true},
		{"page.locked", true, true},
		{"database.created", true, true},
		{"database.content_updated", true, false},
		{"database.schema_updated", true, false},
		{"data_source.created", false, true},
		{"data_source.content_updated", false, true},
		{"data_source.schema_updated", false, true},
		{"comment.deleted", true, true},
	} {
		if strings.Contains(strings.Join(old, " "), c.name) != c.old || strings.Contains(strings.Join(now, " "), c.name) != c.now {
			t.Errorf("%s: wrong in %v or %v", c.name, old, now)
		}
	}
	for _, v := range Versions {
		for i := range Kinds {
			for j := range i {
				if a, b := &Kinds[i], &Kinds[j]; a.Log == b.Log && a.existsIn(v) && b.existsIn(v) {
					t.Errorf("%s is %s and %s at %s", a.Log, a.Name, b.Name, v)
				}
			}
		}
	}
	if Find(version.V20220628, "data_source.created") != nil {
		t.Error("a data source is made in a version that knows none")
	}
}

func TestConcerns(t *testing.T) {
	for _, c := range []struct {
		log   string
		asked string
		want  bool
	}{
		{"page.created", "page.deleted", true},
		{"page.created", "page.content_updated", true},
		{"page.created", "page.locked", false},
		{"page.created", "database.deleted", false},
		{"page.locked", "page.locked", true},
		{"page.locked", "page.unlocked", false},
		{"comment.created", "comment.created", true},
		{"comment.created", "comment.updated", false},
	} {
		if got := Find(version.Latest, c.log).Concerns([]string{c.asked}, version.Latest); got != c.want {
			t.Errorf("%s for who asked for %s: %v", c.log, c.asked, got)
		}
	}
}
