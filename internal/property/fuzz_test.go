package property_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/richtext"
)

// FuzzChanges holds that no `properties` of a data source panic or fail with anything but a
// refusal, and that what they make can be stored, read, shown and sent again.
func FuzzChanges(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"A":null}`, `{"A":{"name":"B"}}`, `{"A":{"number":{"format":"euro"}}}`,
		`{"S":{"select":{"options":[{"name":"a"},{"id":"x","name":"b","color":"red"}]},"description":"d"}}`,
		`{"St":{"status":{"options":[{"name":"a","group":"Complete"}]}}}`, `{"St":{"status":{}}}`,
		`{"R":{"relation":{"data_source_id":"` + sourceID(1).String() + `","dual_property":{}}}}`,
		`{"R":{"relation":{"data_source_id":"` + sourceID(2).String() + `","dual_property":{"synced_property_name":"x"}}}}`,
		`{"Ro":{"rollup":{"function":"count","relation_property_name":"R","rollup_property_name":"Name"}}}`,
		`{"U":{"unique_id":{"prefix":"x"}},"F":{"formula":{"expression":"1"}},"title":{"name":"T"}}`,
		`{"A":{"rich_text":{}},"B":{"url":{}},"R":{"checkbox":{}}}`,
	} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		w := newWorld()
		for n := byte(1); n <= 2; n++ {
			must[*property.Change](t)(w.create(n, "S", `{"Name":{"title":{}},"A":{"number":{}},"S":{"select":{"options":[{"name":"a"}]}},
				"R":{"relation":{"data_source_id":"`+sourceID(n).String()+`","dual_property":{}}}}`))
		}
		for _, sent := range []string{first, second} {
			v, err := jsonx.Parse([]byte(sent))
			if err != nil || schemas.Check("body", "property_schema_updates", v) != nil {
				return
			}
			change, err := w.change(1, v.String())
			if err != nil {
				if code := apierr.From(err).Code; code != apierr.ValidationError && code != apierr.ObjectNotFound {
					t.Fatalf("%s: %v", sent, err)
				}
				continue
			}
			wire := w.wire(1)
			if !json.Valid([]byte(wire)) {
				t.Fatalf("%s: shows %s", sent, wire)
			}
			again := must[*property.Schema](t)(property.ParseSchema(change.Schema.Append(nil)))
			if got := string(again.AppendJSON(nil, w)); got != wire {
				t.Fatalf("%s: stored and read:\n%s\n%s", sent, wire, got)
			}
			if change.Schema.Title() == nil {
				t.Fatalf("%s: no title", sent)
			}
		}
	})
}

// FuzzValues holds that no `properties` of a page panic or fail with anything but a refusal,
// that what is stored is shown as JSON, and that what is shown, sent again, changes nothing.
func FuzzValues(f *testing.F) {
	for _, c := range wrote {
		f.Add(`{"` + c.key + `":{"` + c.key + `":` + c.sent + `}}`)
		f.Add(`{"` + c.key + `":` + c.sent + `}`)
	}
	f.Add(`{"title":null,"formula":{"number":1}}`)
	s := everyType(f)
	f.Fuzz(func(t *testing.T, properties string) {
		v, err := jsonx.Parse([]byte(properties))
		if err != nil || schemas.Check("body", "property_values", v) != nil {
			return
		}
		d, err := s.Decode(writer(), v)
		if err != nil {
			if apierr.From(err).Code != apierr.ValidationError {
				t.Fatalf("%s: %v", properties, err)
			}
			return
		}
		for _, v := range d.Values {
			p := v.Property
			if v.Stored.IsNull() {
				t.Fatalf("%s: null is stored", properties)
			}
			p.Mentions(v.Stored, func(richtext.Kind, notion.ID) {})
			for _, to := range s.Properties() {
				to.Show(property.Convert(p, to, v.Stored))
			}
			for _, c := range p.Cells(v.Stored) {
				if len(c.Sort) > 4096 {
					t.Fatalf("%s: a sort key of %d bytes", properties, len(c.Sort))
				}
			}
			shown := string(p.AppendValue(nil, p.Show(v.Stored)))
			if !json.Valid([]byte(shown)) {
				t.Fatalf("%s: shows %s", properties, shown)
			}
			again := sendAgain(t, d, p, v.Stored)
			if again.String() != v.Stored.String() {
				t.Fatalf("%s: stored %s, sent again %s", properties, v.Stored, again)
			}
		}
	})
}

// sendAgain writes what is shown of a value and returns what is stored then.
func sendAgain(t *testing.T, d *property.Decoded, p *property.Property, stored jsonx.Value) jsonx.Value {
	t.Helper()
	s := d.Schema
	if s == nil {
		s = everyType(t)
	}
	shown := p.Show(stored).Clone()
	if p.Type.Name == "verification" {
		shown.Delete("verified_by") // which only the server says
		if !shown.Get("date").Defined() || shown.Get("date").IsNull() {
			shown.Delete("date")
		}
	}
	if shown.IsNull() && stored.Defined() {
		t.Fatalf("%s: shows null of %s", p.Name, stored)
	}
	if !stored.Defined() && p.Type.Name == "status" {
		return stored // shows its default, which would then be chosen
	}
	sent := jsonx.ObjectValue(jsonx.M(p.ID, jsonx.ObjectValue(jsonx.M(p.Type.Name, shown))))
	if err := schemas.Check("body", "property_values", sent); err != nil {
		// Adjacent items of rich text that look alike are merged, and may then be longer than
		// one that is sent.
		if slices.Contains([]string{"title", "rich_text"}, p.Type.Name) && strings.Contains(err.Error(), "length") {
			return stored
		}
		t.Fatalf("%s: what is shown is refused: %v", p.Name, err)
	}
	again, err := s.Decode(writer(), sent)
	if err != nil {
		t.Fatalf("%s: what is shown is refused: %v", p.Name, err)
	}
	return again.Values[0].Stored
}

// FuzzTexts holds that folding and sort keys take any text.
func FuzzTexts(f *testing.F) {
	for _, seed := range []string{"", "Article 10", "é", "\xff", "x٣", strings.Repeat("9", 200)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		property.Fold(s)
		if len(property.SortKey(s)) > 4096 {
			t.Fatalf("the key of %d bytes has %d", len(s), len(property.SortKey(s)))
		}
	})
}
