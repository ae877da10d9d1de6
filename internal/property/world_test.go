package property_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"octavo/internal/apierr"
	"octavo/internal/clock"
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

// schemas are the definitions that requests in these tests are held to.
var schemas = func() *schema.Set {
	s := schema.NewSet()
	richtext.Define(s)
	media.Define(s)
	property.Define(s)
	s.Define("page", schema.Object(schema.Opt("properties", schema.Ref("property_values"))))
	s.Define("create", schema.Object(schema.Opt("properties", schema.Ref("property_schemas"))))
	s.Define("update", schema.Object(schema.Opt("properties", schema.Ref("property_schema_updates"))))
	s.Define("filter", schema.Union(property.FilterVariants()...))
	return s
}()

// world is the data sources that the schemas of a test may lead to.
type world struct {
	sources map[notion.ID]*property.Source
	hidden  map[notion.ID]bool
	ids     clock.Sequence
}

func newWorld() *world {
	return &world{sources: map[notion.ID]*property.Source{}, hidden: map[notion.ID]bool{}}
}

func (w *world) Source(id notion.ID) *property.Source { return w.sources[id] }

func (w *world) Reach(id notion.ID) error {
	if w.hidden[id] || w.sources[id] == nil {
		return apierr.Errorf(apierr.ObjectNotFound, "no data source %s", id)
	}
	return nil
}

func (w *world) env(source property.Source) *property.Env {
	return &property.Env{Source: source, Sources: w, IDs: &w.ids}
}

// sourceID is the id of the n-th data source of a test, databaseID that of its database.
func sourceID(n byte) notion.ID   { return notion.ID{0: n, 6: 0x80, 8: 0x80, 15: 1} }
func databaseID(n byte) notion.ID { return notion.ID{0: n, 6: 0x80, 8: 0x80, 15: 2} }

// create makes the n-th data source, called as given, and keeps it.
func (w *world) create(n byte, title, properties string) (*property.Change, error) {
	source := property.Source{ID: sourceID(n), Database: databaseID(n), Title: title}
	sent, err := request("create", properties)
	if err != nil {
		return nil, err
	}
	change, err := property.NewSchema(w.env(source), sent)
	if err == nil {
		w.sources[source.ID] = &source
		w.keep(change)
	}
	return change, err
}

// change changes the n-th data source and keeps what becomes of it and of its partners.
func (w *world) change(n byte, properties string) (*property.Change, error) {
	source := w.sources[sourceID(n)]
	sent, err := request("update", properties)
	if err != nil {
		return nil, err
	}
	change, err := source.Schema.Change(w.env(*source), sent)
	if err == nil {
		w.keep(change)
	}
	return change, err
}

func (w *world) keep(c *property.Change) {
	w.sources[c.Source].Schema = c.Schema
	for i := range c.Partners {
		w.keep(&c.Partners[i])
	}
}

// wire returns the n-th data source's properties as answers show them.
func (w *world) wire(n byte) string {
	return string(w.sources[sourceID(n)].Schema.AppendJSON(nil, w))
}

func (w *world) property(n byte, key string) *property.Property {
	return w.sources[sourceID(n)].Schema.Find(key)
}

// config returns the configuration of a property as answers show it.
func (w *world) config(n byte, name string) string {
	v, err := jsonx.Parse([]byte(w.wire(n)))
	if err != nil {
		panic(err)
	}
	p := v.Get(name)
	return p.Get(p.Get("type").Text()).String()
}

// request parses `properties` and holds them to a schema.
func request(name, properties string) (jsonx.Value, error) {
	if properties == "" {
		return jsonx.Value{}, nil
	}
	v, err := jsonx.Parse([]byte(`{"properties":` + properties + `}`))
	if err != nil {
		panic(fmt.Sprintf("%s: %v", properties, err))
	}
	return v.Get("properties"), schemas.Check("body", name, v)
}

func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// refusal returns what a client reads of an error.
func refusal(err error) string {
	var e *apierr.Error
	if !errors.As(err, &e) {
		return fmt.Sprint(err)
	}
	return string(e.Code) + ": " + e.Message
}

// contains reports whether the parts are in s in this order.
func contains(s string, parts ...string) bool {
	for _, p := range parts {
		i := strings.Index(s, p)
		if i < 0 {
			return false
		}
		s = s[i+len(p):]
	}
	return true
}
