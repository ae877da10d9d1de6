package core_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"octavo/internal/core"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// sums is rows that rollups and formulas are about, and rows that have those: what each of
// them should show is worked out here from the values alone, in the plainest way, and shares
// nothing with the server.
type sums struct {
	b            *bench
	p            *core.Principal
	items, lists notion.ID
	things       []*thing
	holders      []*holder
}

// thing is a row that others relate to.
type thing struct {
	id            notion.ID
	number        *float64
	text          string
	box           bool
	day           int // of January, 0 for none
	tags          []string
	trashed, away bool
}

// holder is a row with rollups.
type holder struct {
	id notion.ID
	of []*thing
}

// rollups are the properties of holders: the property of things, the function, and what it
// should show of some things.
var rollups = []struct {
	property, function string
	want               func([]*thing) string
}{
	{"Name", "count", func(of []*thing) string { return number(float64(len(of))) }},
	{"Number", "sum", func(of []*thing) string {
		total := 0.0
		for _, n := range numbersOf(of) {
			total += n
		}
		return number(total)
	}},
	{"Number", "average", func(of []*thing) string {
		total := 0.0
		for _, n := range numbersOf(of) {
			total += n
		}
		return orNull(len(numbersOf(of)), total/float64(len(numbersOf(of))))
	}},
	{"Number", "median", func(of []*thing) string {
		n := numbersOf(of)
		slices.Sort(n)
		switch {
		case len(n) == 0:
			return `{"type":"number","number":null}`
		case len(n)%2 == 1:
			return number(n[len(n)/2])
		}
		return number((n[len(n)/2] + n[len(n)/2-1]) / 2)
	}},
	{"Number", "min", func(of []*thing) string { return orNull(len(numbersOf(of)), least(numbersOf(of))) }},
	{"Number", "max", func(of []*thing) string { return orNull(len(numbersOf(of)), most(numbersOf(of))) }},
	{"Number", "range", func(of []*thing) string {
		return orNull(len(numbersOf(of)), most(numbersOf(of))-least(numbersOf(of)))
	}},
	{"Number", "count_values", func(of []*thing) string { return number(float64(len(numbersOf(of)))) }},
	{"Number", "unique", func(of []*thing) string {
		distinct := map[float64]bool{}
		for _, n := range numbersOf(of) {
			distinct[n] = true
		}
		return number(float64(len(distinct)))
	}},
	{"Number", "show_original", func(of []*thing) string {
		var elements []string
		for _, t := range of {
			n := "null"
			if t.number != nil {
				n = fmt.Sprint(*t.number)
			}
			elements = append(elements, `{"type":"number","number":`+n+`}`)
		}
		return array(elements)
	}},
	{"Text", "empty", func(of []*thing) string { return number(float64(blankTexts(of))) }},
	{"Text", "not_empty", func(of []*thing) string { return number(float64(len(of) - blankTexts(of))) }},
	{"Text", "percent_empty", func(of []*thing) string {
		return orNull(len(of), float64(blankTexts(of))/float64(len(of)))
	}},
	{"Box", "checked", func(of []*thing) string { return number(float64(ticked(of))) }},
	{"Box", "percent_unchecked", func(of []*thing) string {
		return orNull(len(of), float64(len(of)-ticked(of))/float64(len(of)))
	}},
	{"Day", "earliest_date", func(of []*thing) string { return date(daysOf(of), 0, -1) }},
	{"Day", "latest_date", func(of []*thing) string { return date(daysOf(of), len(daysOf(of))-1, -1) }},
	{"Day", "date_range", func(of []*thing) string { return date(daysOf(of), 0, len(daysOf(of))-1) }},
	{"Tags", "count_values", func(of []*thing) string {
		n := 0
		for _, t := range of {
			n += len(t.tags)
		}
		return number(float64(n))
	}},
	{"Tags", "unique", func(of []*thing) string {
		distinct := map[string]bool{}
		for _, t := range of {
			for _, tag := range t.tags {
				distinct[tag] = true
			}
		}
		return number(float64(len(distinct)))
	}},
	{"Double", "sum", func(of []*thing) string {
		total := 0.0
		for _, n := range numbersOf(of) {
			total += 2 * n
		}
		return number(total)
	}},
	{"Double", "show_unique", func(of []*thing) string {
		var elements []string
		for _, t := range of {
			n := 0.0
			if t.number != nil {
				n = *t.number * 2
			}
			element := `{"type":"formula","formula":` + number(n) + `}`
			if !slices.Contains(elements, element) {
				elements = append(elements, element)
			}
		}
		return array(elements)
	}},
}

// formulas are properties of holders that are computed from the same things.
var formulas = []struct {
	expression string
	want       func([]*thing) string
}{
	{`prop("Items").map(current.prop("Number")).sum()`, func(of []*thing) string {
		total := 0.0
		for _, n := range numbersOf(of) {
			total += n
		}
		return number(total)
	}},
	{`prop("Items").filter(current.prop("Box")).length()`, func(of []*thing) string { return number(float64(ticked(of))) }},
	{`prop("Items").map(current.prop("Text")).join("|")`, func(of []*thing) string {
		texts := make([]string, len(of))
		for i, t := range of {
			texts[i] = t.text
		}
		return `{"type":"string","string":` + string(jsonx.AppendString(nil, strings.Join(texts, "|"))) + `}`
	}},
	{`prop("Number sum") + prop("Double show_unique").length()`, func(of []*thing) string {
		total := 0.0
		distinct := map[float64]bool{}
		for _, t := range of {
			n := 0.0
			if t.number != nil {
				n = *t.number
			}
			total += n
			distinct[n] = true
		}
		return number(total + float64(len(distinct)))
	}},
}

func number(f float64) string { return fmt.Sprintf(`{"type":"number","number":%v}`, f+0) }

func orNull(n int, f float64) string {
	if n == 0 {
		return `{"type":"number","number":null}`
	}
	return number(f)
}

func array(elements []string) string {
	return `{"type":"array","array":[` + strings.Join(elements, ",") + `]}`
}

func date(days []int, start, end int) string {
	if len(days) == 0 {
		return `{"type":"date","date":null}`
	}
	until := "null"
	if end >= 0 {
		until = fmt.Sprintf(`"2026-01-%02d"`, days[end])
	}
	return fmt.Sprintf(`{"type":"date","date":{"start":"2026-01-%02d","end":%s,"time_zone":null}}`, days[start], until)
}

func numbersOf(of []*thing) []float64 {
	var all []float64
	for _, t := range of {
		if t.number != nil {
			all = append(all, *t.number)
		}
	}
	return all
}

func least(numbers []float64) float64 {
	found := math.Inf(1)
	for _, n := range numbers {
		found = math.Min(found, n)
	}
	return found
}

func most(numbers []float64) float64 {
	found := math.Inf(-1)
	for _, n := range numbers {
		found = math.Max(found, n)
	}
	return found
}

func blankTexts(of []*thing) int {
	n := 0
	for _, t := range of {
		if strings.TrimSpace(t.text) == "" {
			n++
		}
	}
	return n
}

func ticked(of []*thing) int {
	n := 0
	for _, t := range of {
		if t.box {
			n++
		}
	}
	return n
}

func daysOf(of []*thing) []int {
	var days []int
	for _, t := range of {
		if t.day > 0 {
			days = append(days, t.day)
		}
	}
	slices.Sort(days)
	return days
}

func newSums(t fataler, b *bench, p *core.Principal) *sums {
	t.Helper()
	s := &sums{b: b, p: p}
	s.items = b.newSource(t, p, `{"Name":{"title":{}},"Number":{"number":{}},"Text":{"rich_text":{}},"Box":{"checkbox":{}},"Day":{"date":{}},"Tags":{"multi_select":{}},
		"Double":{"formula":{"expression":"prop(\"Number\") * 2"}}}`)
	s.lists = b.newSource(t, p, fmt.Sprintf(`{"Name":{"title":{}},"Items":{"relation":{"data_source_id":"%s","single_property":{}}}}`, s.items))
	properties := jsonx.ObjectValue()
	for _, r := range rollups {
		properties.Set(r.property+" "+r.function, parse(t, `{"rollup":{"relation_property_name":"Items","rollup_property_name":"%s","function":"%s"}}`, r.property, r.function))
	}
	for _, f := range formulas {
		properties.Set(f.expression, parse(t, `{"formula":{"expression":%s}}`, jsonx.AppendString(nil, f.expression)))
	}
	o, err := b.UpdateDataSource(b.ctx, p, s.lists, core.SourceChange{Properties: properties})
	shown(t, o, err)
	return s
}

// draw gives a thing other values and returns them as a request.
func (t *thing) draw(r *rapid.T) string {
	t.number, t.text, t.day, t.tags = nil, "", 0, nil
	if rapid.Bool().Draw(r, "has number") {
		n := float64(rapid.IntRange(-8, 8).Draw(r, "number")) / 2
		t.number = &n
	}
	t.text = rapid.SampledFrom([]string{"", " ", "a", "b", `"`}).Draw(r, "text")
	t.box = rapid.Bool().Draw(r, "box")
	if rapid.Bool().Draw(r, "has day") {
		t.day = rapid.IntRange(1, 5).Draw(r, "day")
	}
	tags := jsonx.ArrayValue()
	for _, tag := range []string{"x", "y", "z"} {
		if rapid.Bool().Draw(r, "has "+tag) {
			t.tags = append(t.tags, tag)
			tags = jsonx.ArrayValue(append(tags.Items(), jsonx.ObjectValue(jsonx.M("name", jsonx.StringValue(tag))))...)
		}
	}
	n, day := "null", "null"
	if t.number != nil {
		n = fmt.Sprint(*t.number)
	}
	if t.day > 0 {
		day = fmt.Sprintf(`{"start":"2026-01-%02d"}`, t.day)
	}
	return fmt.Sprintf(`{"Number":{"number":%s},"Text":{"rich_text":[{"text":{"content":%s}}]},"Box":{"checkbox":%v},"Day":{"date":%s},"Tags":{"multi_select":%s}}`,
		n, jsonx.AppendString(nil, t.text), t.box, day, tags)
}

func (s *sums) write(t *rapid.T) {
	thing := rapid.SampledFrom(s.things).Draw(t, "thing")
	if thing.trashed || thing.away {
		return
	}
	o, err := s.b.UpdatePage(s.b.ctx, s.p, thing.id, core.PageChange{Properties: parse(t, "%s", thing.draw(t))})
	shown(t, o, err)
}

func (s *sums) shake(t *rapid.T) {
	thing := rapid.SampledFrom(s.things).Draw(t, "thing")
	if !thing.trashed && rapid.Bool().Draw(t, "move") {
		parent := parse(t, `{"data_source_id":"%s"}`, s.items)
		if !thing.away {
			parent = parse(t, `{"page_id":"%s"}`, s.b.first.Page)
		}
		o, err := s.b.MovePage(s.b.ctx, s.p, thing.id, parent)
		shown(t, o, err)
		thing.away = !thing.away
		return
	}
	thing.trashed = !thing.trashed
	o, err := s.b.UpdatePage(s.b.ctx, s.p, thing.id, core.PageChange{InTrash: jsonx.BoolValue(thing.trashed)})
	shown(t, o, err)
}

// relate gives a holder other things, those that are there.
func (s *sums) relate(t *rapid.T) {
	h := rapid.SampledFrom(s.holders).Draw(t, "holder")
	h.of = nil
	var ids []notion.ID
	for _, thing := range rapid.Permutation(s.things).Draw(t, "order") {
		if !thing.trashed && !thing.away && rapid.Bool().Draw(t, "related") {
			h.of = append(h.of, thing)
			ids = append(ids, thing.id)
		}
	}
	o, err := s.b.UpdatePage(s.b.ctx, s.p, h.id, core.PageChange{Properties: parse(t, "%s", relationValue("Items", ids))})
	s.compare(t, h, shown(t, o, err))
}

// compare holds what a holder shows against what it should.
func (s *sums) compare(t *rapid.T, h *holder, page jsonx.Value) {
	of := slices.DeleteFunc(slices.Clone(h.of), func(t *thing) bool { return t.trashed || t.away })
	for _, r := range rollups {
		want := strings.TrimSuffix(r.want(of), "}") + `,"function":"` + r.function + `"}`
		if got := page.Get("properties").Get(r.property + " " + r.function).Get("rollup").String(); got != want {
			t.Fatalf("%s of %s of %d things:\ngot  %s\nwant %s", r.function, r.property, len(of), got, want)
		}
	}
	for _, f := range formulas {
		if got, want := page.Get("properties").Get(f.expression).Get("formula").String(), f.want(of); got != want {
			t.Fatalf("%s of %d things:\ngot  %s\nwant %s", f.expression, len(of), got, want)
		}
	}
}

func (s *sums) check(t *rapid.T) {
	for _, h := range s.holders {
		o, err := s.b.Page(s.b.ctx, s.p, h.id, nil)
		s.compare(t, h, shown(t, o, err))
	}
	o, err := s.b.Query(s.b.ctx, s.p, s.lists, core.RowQuery{PageOf: core.PageOf{Size: 100}})
	for _, page := range shown(t, o, err).Get("results").Items() {
		i := slices.IndexFunc(s.holders, func(h *holder) bool { return h.id == idIn(page.Get("id")) })
		s.compare(t, s.holders[i], page)
	}
}

// TestRollupsAgreeWithAPlainModel writes, trashes, restores and moves rows and relates
// others to them, and compares all rollups, and formulas over the same rows, with the model.
func TestRollupsAgreeWithAPlainModel(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		p := b.principal()
		rapid.Check(t, func(t *rapid.T) {
			s := newSums(t, b, p)
			for range rapid.IntRange(1, 4).Draw(t, "things") {
				made := &thing{}
				made.id = idIn(b.newRow(t, p, s.items, made.draw(t)).Get("id"))
				s.things = append(s.things, made)
			}
			for range rapid.IntRange(1, 3).Draw(t, "holders") {
				s.holders = append(s.holders, &holder{id: idIn(b.newRow(t, p, s.lists, `{}`).Get("id"))})
				s.relate(t)
			}
			for range rapid.IntRange(0, 8).Draw(t, "steps") {
				switch rapid.SampledFrom([]string{"write", "relate", "shake"}).Draw(t, "step") {
				case "write":
					s.write(t)
				case "relate":
					s.relate(t)
				case "shake":
					s.shake(t)
				}
			}
			s.check(t)
		})
	})
}

// TestManyRelatedPages: a rollup counts all pages of a relation, however few of them a page
// shows, and reads them in few statements.
func TestManyRelatedPages(t *testing.T) {
	const n = 100
	eachBench(t, func(t *testing.T, b *bench) {
		p := b.principal()
		items := b.newSource(t, p, `{"Name":{"title":{}},"Number":{"number":{}}}`)
		lists := b.newSource(t, p, fmt.Sprintf(`{"Name":{"title":{}},"Items":{"relation":{"data_source_id":"%s","single_property":{}}},
			"Sum":{"rollup":{"relation_property_name":"Items","rollup_property_name":"Number","function":"sum"}},
			"Text":{"formula":{"expression":"prop(\"Items\").map(current.prop(\"Number\")).sum() + prop(\"Items\").length()"}}}`, items))
		var ids []notion.ID
		for i := range n {
			ids = append(ids, idIn(b.newRow(t, p, items, fmt.Sprintf(`{"Number":{"number":%d}}`, i)).Get("id")))
		}
		row := b.newRow(t, p, lists, relationValue("Items", ids))
		if got := row.Get("properties").Get("Items"); len(got.Get("relation").Items()) != 25 || !got.Get("has_more").True() {
			t.Errorf("relation %s", got)
		}
		if got := row.Get("properties").Get("Sum").Get("rollup").Get("number").Float(); got != n*(n-1)/2 {
			t.Errorf("the sum is %v", got)
		}
		if got := row.Get("properties").Get("Text").Get("formula").Get("number").Float(); got != n*(n-1)/2+n {
			t.Errorf("the formula is %v", got)
		}
	})
}

// TestVerificationsExpire: a page, and a formula over it, change when its verification ends,
// and say until then that they will.
func TestVerificationsExpire(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		p := b.principal()
		source := b.newSource(t, p, `{"Name":{"title":{}}}`)
		err := b.store.Update(b.ctx, p.Workspace, func(tx *store.Tx) error {
			s, err := tx.DataSource(source) // no request makes such a property
			if err != nil {
				return err
			}
			s.Schema = []byte(`[{"id":"title","name":"Name","type":"title","config":{}},{"id":"vvvv","name":"V","type":"verification","config":{}}]`)
			return tx.UpdateDataSource(s)
		})
		if err != nil {
			t.Fatal(err)
		}
		o, err := b.UpdateDataSource(b.ctx, p, source, core.SourceChange{
			Properties: parse(t, `{"F":{"formula":{"expression":"prop(\"V\")"}},"Self":{"relation":{"data_source_id":"%s","single_property":{}}}}`, source),
		})
		shown(t, o, err)
		row := idIn(b.newRow(t, p, source, `{"V":{"verification":{"state":"verified","date":{"start":"2026-07-01T00:00:00Z","end":"2026-07-01T13:00:00Z"}}}}`).Get("id"))
		look := func(show ...string) (state string, timed bool) {
			t.Helper()
			o, err := b.Page(b.ctx, p, row, show)
			page := shown(t, o, err).Get("properties")
			if state = page.Get("V").Get("verification").Get("state").Text(); state == "" {
				state = page.Get("F").Get("formula").Get("string").Text()
			}
			return state, o.(*notion.Page).ChangesWithTime()
		}
		for _, show := range []string{"vvvv", "F"} {
			if state, timed := look(show); state != "verified" || !timed {
				t.Errorf("%s before: %s, %v", show, state, timed)
			}
		}
		if _, timed := look("title"); timed {
			t.Error("a page of which only the title is shown changes with time")
		}
		b.clock.Advance(2 * time.Hour)
		if state, timed := look("vvvv"); state != "expired" || timed {
			t.Errorf("after: %s, %v", state, timed)
		}
		if state, _ := look("F"); state != "expired" {
			t.Errorf("the formula after: %s", state)
		}
	})
}
