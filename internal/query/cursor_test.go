package query

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/property"
)

const cursorSchema = `{"Name":{"title":{}},"N":{"number":{}},"Box":{"checkbox":{}},"D":{"date":{}},
	"S":{"select":{"options":[{"name":"a"},{"name":"b"},{"name":"c"}]}},"M":{"multi_select":{"options":[{"name":"a"},{"name":"b"}]}},
	"St":{"status":{}},"P":{"people":{}},"By":{"created_by":{}},"Made":{"created_time":{}},"Edited":{"last_edited_time":{}}}`

// names ranks three users, two of them alike.
func names() ([]Rank, error) {
	return []Rank{{Key: user(1), Place: 0}, {Key: user(2), Place: 1}, {Key: user(3), Place: 1}}, nil
}

func user(n byte) []byte { return slices.Repeat([]byte{n}, 16) }

// failer is a test, of rapid or not.
type failer interface {
	Helper()
	Fatal(args ...any)
}

func parse(t failer, e *Env, filter, sorts string) *Query {
	t.Helper()
	values := make([]jsonx.Value, 2)
	for i, text := range []string{filter, sorts} {
		if text == "" {
			continue
		}
		var err error
		if values[i], err = jsonx.Parse([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	q, err := Parse(e, values[0], values[1])
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func sortBy(names ...string) string {
	sorts := make([]string, len(names))
	for i, n := range names {
		sorts[i] = `{"property":"` + n + `","direction":"ascending"}`
	}
	return "[" + strings.Join(sorts, ",") + "]"
}

// valueOfOrder draws a value as the database gives it for an order.
func valueOfOrder(t *rapid.T, o *order) any {
	if o.takes(nil) && rapid.IntRange(0, 4).Draw(t, "absent") == 0 {
		return nil
	}
	switch {
	case o.ranks != nil:
		places := ""
		for range rapid.IntRange(1, 3).Draw(t, "places") {
			places += strings.Trim(digits(rapid.IntRange(0, lastPlace(o.ranks)).Draw(t, "place")), "'")
		}
		return places
	case o.by == byTicked:
		return int64(rapid.IntRange(0, 1).Draw(t, "ticked"))
	case o.by == byTime && o.column == createdTime:
		return rapid.String().Draw(t, "ord")
	case o.by == byTime:
		return rapid.Int64().Draw(t, "time")
	}
	return rapid.SliceOf(rapid.Byte()).Draw(t, "key")
}

// TestCursorsReadBack writes cursors and reads them, as they are and with something changed.
func TestCursorsReadBack(t *testing.T) {
	e := &Env{Schema: schemaOf(t, cursorSchema), Names: names}
	props := []string{"Name", "N", "Box", "D", "S", "M", "St", "P", "By", "Made", "Edited"}
	other := parse(t, e, `{"property":"N","number":{"equals":1}}`, "")
	rapid.Check(t, func(t *rapid.T) {
		sorts := rapid.SliceOfNDistinct(rapid.SampledFrom(props), 0, 4, rapid.ID).Draw(t, "sorts")
		q := parse(t, e, "", sortBy(sorts...))
		last := Found{}
		copy(last.Page[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "page"))
		last.Page[6], last.Page[8] = 0x80, 0x80 // as ids are
		for _, o := range q.order() {
			last.Values = append(last.Values, valueOfOrder(t, &o))
		}
		memo := rapid.SliceOf(rapid.Byte()).Draw(t, "memo")
		scope := []byte("scope")
		cursor := q.Cursor(scope, last, memo)
		got, gotMemo, ok := q.Resume(scope, cursor)
		if !ok || fmt.Sprint(*got) != fmt.Sprint(last) || string(gotMemo) != string(memo) {
			t.Fatalf("%v with %x reads as %v with %x, %v", last, memo, got, gotMemo, ok)
		}
		if again := q.Cursor(scope, *got, gotMemo); again != cursor {
			t.Fatalf("%s is written again as %s", cursor, again)
		}
		if _, _, ok := q.Resume([]byte("scop"), cursor); ok {
			t.Fatal("a cursor of another scope")
		}
		if _, _, ok := other.Resume(scope, cursor); ok {
			t.Fatal("a cursor of another query")
		}
		// Any other character in any place.
		i := rapid.IntRange(0, len(cursor)-1).Draw(t, "place")
		with := rapid.SampledFrom([]byte("0aZ_-:=")).Draw(t, "character")
		changed := cursor[:i] + string(with) + cursor[i+1:]
		if got, _, ok := q.Resume(scope, changed); ok && !strings.EqualFold(changed, cursor) {
			t.Fatalf("%s reads as %v", changed, got)
		}
	})
}

// TestCursorsFollowOptions reads cursors that stand at options after these have changed
// their order.
func TestCursorsFollowOptions(t *testing.T) {
	schema := schemaOf(t, cursorSchema)
	q := parse(t, &Env{Schema: schema}, "", sortBy("S"))
	at := func(place int) string { return strings.Trim(digits(place), "'") }
	cursors := map[string]string{} // by the name of the option
	for i, o := range schema.Find("S").Options() {
		cursors[o.Name] = q.Cursor(nil, Found{Values: []any{at(i)}}, nil)
	}
	for _, c := range []struct {
		options string
		want    map[string]int
	}{
		{`[{"name":"c"},{"name":"a"},{"name":"b"}]`, map[string]int{"a": 1, "b": 2, "c": 0}},
		{`[{"name":"new"},{"name":"a"},{"name":"b"},{"name":"c"}]`, map[string]int{"a": 1, "b": 2, "c": 3}},
		// One that is gone keeps its place.
		{`[{"name":"b"},{"name":"c"}]`, map[string]int{"a": 0, "b": 0, "c": 1}},
	} {
		sent, err := jsonx.Parse([]byte(`{"S":{"select":{"options":` + c.options + `}}}`))
		if err != nil {
			t.Fatal(err)
		}
		change, err := schema.Change(&property.Env{Source: property.Source{Schema: schema}, IDs: ids}, sent)
		if err != nil {
			t.Fatal(err)
		}
		after := parse(t, &Env{Schema: change.Schema}, "", sortBy("S"))
		for name, place := range c.want {
			last, _, ok := after.Resume(nil, cursors[name])
			if !ok || last.Values[0] != at(place) {
				t.Errorf("%s among %s: %v, %v", name, c.options, last, ok)
			}
		}
	}
}

// TestForgedCursors gives values to orders that have none like them: the digest of a cursor
// is no secret.
func TestForgedCursors(t *testing.T) {
	e := &Env{Schema: schemaOf(t, cursorSchema), Names: names}
	for _, c := range []struct {
		sort   string
		value  any
		passes bool
	}{
		{"N", int64(1), false}, {"N", "x", false}, {"N", []byte{1}, true}, {"N", nil, true},
		{"Box", nil, false}, {"Box", []byte{1}, false}, {"Box", int64(1), true},
		{"S", nil, true}, {"S", int64(1), false}, {"S", "0000001", true}, {"St", nil, false}, {"St", "0000001", true},
		{"Made", int64(1), false}, {"Made", "a", true}, {"Made", nil, false}, {"Edited", "a", false}, {"Edited", int64(1), true},
		{"By", nil, false}, {"By", "0000001", true}, {"P", nil, true},
	} {
		q := parse(t, e, "", sortBy(c.sort))
		var data []byte
		switch v := c.value.(type) {
		case int64:
			data = append([]byte{0, intValue}, byte(2*v))
		case []byte:
			data = appendSized([]byte{0, bytesValue}, v)
		case string:
			data = appendSized([]byte{0, textValue}, []byte(v))
			if q.sorts[0].ranks != nil {
				data = append([]byte{0, placesValue, 1}, 1, 0)
			}
		default:
			data = []byte{0, noValue}
		}
		page := notion.ID{6: 0x80, 8: 0x80}
		forged := "s:" + q.digest(nil, page, data).String() + ":" + page.String() + ":" + base64.RawURLEncoding.EncodeToString(data)
		if last, _, ok := q.Resume(nil, forged); ok != c.passes {
			t.Errorf("%s with %v: %v, %v", c.sort, c.value, last, ok)
		}
	}
}

// FuzzCursor reads what is no cursor, and what has the digest of one.
func FuzzCursor(f *testing.F) {
	q := parse(f, &Env{Schema: schemaOf(f, cursorSchema), Names: names}, "", sortBy("S", "N", "M", "Made"))
	scope := []byte("scope")
	first := Found{Page: notion.ID{6: 0x80, 8: 0x80}, Values: []any{strings.Trim(digits(1), "'"), NumberKey(1), nil, "ord"}}
	cursor := q.Cursor(scope, first, []byte{1})
	data, err := base64.RawURLEncoding.DecodeString(cursor[strings.LastIndexByte(cursor, ':')+1:])
	if err != nil {
		f.Fatal(err)
	}
	f.Add(cursor, []byte{})
	f.Add("s:::", data)
	f.Add("", []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, cursor string, data []byte) {
		q.Resume(scope, cursor)
		page := notion.ID{6: 0x80, 8: 0x80}
		signed := "s:" + q.digest(scope, page, data).String() + ":" + page.String() + ":" + base64.RawURLEncoding.EncodeToString(data)
		last, memo, ok := q.Resume(scope, signed)
		if !ok {
			return
		}
		again := q.Cursor(scope, *last, memo)
		if got, _, ok := q.Resume(scope, again); !ok || fmt.Sprint(*got) != fmt.Sprint(*last) {
			t.Fatalf("%x reads as %v, and that as %v", data, *last, got)
		}
	})
}
