package octavo_test

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"pgregory.net/rapid"
)

// What follows says what formulas and rollups yield and what a query makes of them, written
// from databases.md §3 to §5 in the plainest way. It shares nothing with the server: formulas
// are drawn as functions in Go, together with their text.

// computedRow is a row of the model of computed values, or a page that rows relate to.
type computedRow struct {
	id                string
	born              int
	trashed, archived bool
	template          bool // of its data source
	// seen says that the page is shared by itself with the integration that sees no others.
	seen   bool
	values map[string]any // nil, float64, string, bool or modelDate
	parts  []*computedRow
}

// modelDate is a day or a moment.
type modelDate struct {
	t   time.Time
	day bool
}

func (d modelDate) text() string {
	if d.day {
		return d.t.Format("2006-01-02")
	}
	return d.t.Format("2006-01-02T15:04:05Z")
}

// reading is when and by whom values are looked at.
type reading struct {
	now    time.Time
	narrow bool // by the integration that sees single parts only
}

// related are the parts that show.
func (r *computedRow) related(at reading) []*computedRow {
	var shown []*computedRow
	for _, p := range r.parts {
		if !p.trashed && !p.template && (!at.narrow || p.seen) {
			shown = append(shown, p)
		}
	}
	return shown
}

// computedProperty is a property of the model: stored, a formula or a rollup.
type computedProperty struct {
	name string
	// kind is number, text, checkbox or date; mixed for a formula whose type differs from row
	// to row; list for a rollup that shows values.
	kind   string
	stored bool
	// config is what the schema is given, for a stored property its type.
	config object
	eval   func(*computedRow, reading) any
	// of is what a rollup that shows values is over.
	of *computedProperty
}

// drawnFormula is a formula: its text and what it yields.
type drawnFormula struct {
	text string
	eval func(*computedRow, reading) any
}

// formulas draws formulas over properties. Some may look at related parts, or at the time.
type formulas struct {
	rt         *rapid.T
	properties []*computedProperty
	parts      []*computedProperty // nil where there is no relation
}

func (f *formulas) one(kind string, depth int) drawnFormula {
	if kind == "mixed" {
		c, x, y := f.one("checkbox", depth-1), f.one("number", depth-1), f.one("text", depth-1)
		return drawnFormula{fmt.Sprintf("if(%s, %s, %s)", c.text, x.text, y.text), func(r *computedRow, at reading) any {
			if c.eval(r, at) == true {
				return x.eval(r, at)
			}
			return y.eval(r, at)
		}}
	}
	choice := rapid.IntRange(0, 9).Draw(f.rt, "formula")
	if depth <= 0 || choice < 3 {
		return f.leaf(kind)
	}
	if choice == 3 {
		c, x, y := f.one("checkbox", depth-1), f.one(kind, depth-1), f.one(kind, depth-1)
		return drawnFormula{fmt.Sprintf("if(%s, %s, %s)", c.text, x.text, y.text), func(r *computedRow, at reading) any {
			if c.eval(r, at) == true {
				return x.eval(r, at)
			}
			return y.eval(r, at)
		}}
	}
	switch kind {
	case "number":
		return f.number(choice, depth)
	case "text":
		return f.textual(choice, depth)
	case "checkbox":
		return f.checkbox(choice, depth)
	}
	x := f.one("date", depth-1)
	days := rapid.IntRange(-3, 3).Draw(f.rt, "days")
	return drawnFormula{fmt.Sprintf(`dateAdd(%s, %d, "days")`, x.text, days), func(r *computedRow, at reading) any {
		d, ok := x.eval(r, at).(modelDate)
		if !ok {
			return nil
		}
		return modelDate{d.t.AddDate(0, 0, days), d.day}
	}}
}

// leaf draws a property, a literal, or the time.
func (f *formulas) leaf(kind string) drawnFormula {
	var of []*computedProperty
	for _, p := range f.properties {
		if p.kind == kind {
			of = append(of, p)
		}
	}
	if len(of) > 0 && rapid.IntRange(0, 3).Draw(f.rt, "property") > 0 {
		p := rapid.SampledFrom(of).Draw(f.rt, "which")
		return drawnFormula{`prop("` + p.name + `")`, func(r *computedRow, at reading) any { return p.eval(r, at) }}
	}
	constant := func(text string, v any) drawnFormula {
		return drawnFormula{text, func(*computedRow, reading) any { return v }}
	}
	switch kind {
	case "number":
		n := rapid.SampledFrom([]float64{0, 1, 2, 10}).Draw(f.rt, "number")
		return constant(strconv.FormatFloat(n, 'g', -1, 64), n)
	case "text":
		s := rapid.SampledFrom([]string{"", " ", "Ab 2", "ab 10", "b"}).Draw(f.rt, "text")
		return constant(`"`+s+`"`, s)
	case "checkbox":
		b := rapid.Bool().Draw(f.rt, "checkbox")
		return constant(strconv.FormatBool(b), b)
	}
	if rapid.Bool().Draw(f.rt, "now") {
		return drawnFormula{"now()", func(_ *computedRow, at reading) any { return modelDate{at.now.Truncate(time.Minute), false} }}
	}
	return drawnFormula{"today()", func(_ *computedRow, at reading) any { return modelDate{dayOf(at.now), true} }}
}

func asNumber(v any) float64 {
	n, _ := v.(float64)
	return n // blank is zero
}

func asText(v any) string {
	s, _ := v.(string)
	return s
}

func (f *formulas) number(choice, depth int) drawnFormula {
	if f.parts != nil && choice >= 7 {
		return f.ofParts(choice)
	}
	if choice == 4 {
		x := f.one("text", depth-1)
		return drawnFormula{"length(" + x.text + ` + "x")`, func(r *computedRow, at reading) any {
			return float64(len(asText(x.eval(r, at))) + 1)
		}}
	}
	x, y := f.one("number", depth-1), f.one("number", depth-1)
	if choice == 5 {
		return drawnFormula{"(" + x.text + " - " + y.text + ")", func(r *computedRow, at reading) any {
			return asNumber(x.eval(r, at)) - asNumber(y.eval(r, at))
		}}
	}
	return drawnFormula{"(" + x.text + " + " + y.text + ")", func(r *computedRow, at reading) any {
		return asNumber(x.eval(r, at)) + asNumber(y.eval(r, at))
	}}
}

// ofParts draws a number that is made of related pages.
func (f *formulas) ofParts(choice int) drawnFormula {
	if choice == 7 {
		return drawnFormula{`prop("Parts").length()`, func(r *computedRow, at reading) any { return float64(len(r.related(at))) }}
	}
	var numbers []*computedProperty
	for _, p := range f.parts {
		if p.kind == "number" {
			numbers = append(numbers, p)
		}
	}
	p := rapid.SampledFrom(numbers).Draw(f.rt, "of parts")
	return drawnFormula{`prop("Parts").map(current.prop("` + p.name + `")).sum()`, func(r *computedRow, at reading) any {
		total := 0.0
		for _, part := range r.related(at) {
			total += asNumber(p.eval(part, at))
		}
		return total
	}}
}

func (f *formulas) textual(choice, depth int) drawnFormula {
	x := f.one("text", depth-1)
	switch choice {
	case 4:
		return drawnFormula{"upper(" + x.text + ")", func(r *computedRow, at reading) any { return strings.ToUpper(asText(x.eval(r, at))) }}
	case 5:
		return drawnFormula{"format(length(" + x.text + ` + "x"))`, func(r *computedRow, at reading) any {
			return strconv.Itoa(len(asText(x.eval(r, at))) + 1)
		}}
	}
	y := f.one("text", depth-1)
	return drawnFormula{"(" + x.text + " + " + y.text + ")", func(r *computedRow, at reading) any {
		return asText(x.eval(r, at)) + asText(y.eval(r, at))
	}}
}

func (f *formulas) checkbox(choice, depth int) drawnFormula {
	switch choice {
	case 4:
		x := f.one("checkbox", depth-1)
		return drawnFormula{"not(" + x.text + ")", func(r *computedRow, at reading) any { return x.eval(r, at) != true }}
	case 5:
		x, y := f.one("checkbox", depth-1), f.one("checkbox", depth-1)
		return drawnFormula{"(" + x.text + " and " + y.text + ")", func(r *computedRow, at reading) any {
			return x.eval(r, at) == true && y.eval(r, at) == true
		}}
	case 6:
		x := f.one("number", depth-1)
		return drawnFormula{"empty(" + x.text + ")", func(r *computedRow, at reading) any { return asNumber(x.eval(r, at)) == 0 }}
	case 7:
		x, y := f.one("date", depth-1), f.one("date", depth-1)
		return drawnFormula{"(" + x.text + " < " + y.text + ")", func(r *computedRow, at reading) any {
			a, okA := x.eval(r, at).(modelDate)
			b, okB := y.eval(r, at).(modelDate)
			return okA && okB && a.t.Before(b.t)
		}}
	}
	x, y := f.one("number", depth-1), f.one("number", depth-1)
	return drawnFormula{"(" + x.text + " > " + y.text + ")", func(r *computedRow, at reading) any {
		a, okA := x.eval(r, at).(float64)
		b, okB := y.eval(r, at).(float64)
		return okA && okB && a > b
	}}
}

// The functions of rollups, by the kind of property they are over.
var (
	anyRollups    = []string{"count", "count_values", "empty", "not_empty", "percent_empty", "percent_not_empty", "show_original"}
	numberRollups = []string{"sum", "average", "median", "min", "max", "range"}
	dateRollups   = []string{"earliest_date", "latest_date", "date_range"}
	boxRollups    = []string{"checked", "unchecked", "percent_checked", "percent_unchecked"}
)

// rollupFunction draws a function for a property of the parts.
func rollupFunction(rt *rapid.T, of *computedProperty) string {
	functions := slices.Clone(anyRollups)
	switch of.kind {
	case "number":
		functions = append(functions, numberRollups...)
	case "date":
		functions = append(functions, dateRollups...)
	case "checkbox":
		functions = append(functions, boxRollups...)
	}
	return rapid.SampledFrom(functions).Draw(rt, "function")
}

// rollup makes a rollup over a property of the parts.
func rollup(name, function string, of *computedProperty) *computedProperty {
	p := &computedProperty{name: name, kind: "number", config: object{"rollup": object{
		"relation_property_name": "Parts", "rollup_property_name": of.name, "function": function,
	}}}
	switch {
	case function == "show_original":
		p.kind, p.of = "list", of
	case slices.Contains(dateRollups, function):
		p.kind = "date"
	}
	p.eval = func(r *computedRow, at reading) any {
		var values []any
		for _, part := range r.related(at) {
			values = append(values, of.eval(part, at))
		}
		return rollUp(function, values)
	}
	return p
}

// isBlank reports whether a value is empty. A checkbox never is.
func isBlank(v any) bool {
	s, isText := v.(string)
	return v == nil || isText && strings.TrimSpace(s) == ""
}

func rollUp(function string, values []any) any {
	filled, ticked := 0, 0
	var numbers []float64
	var dates []modelDate
	for _, v := range values {
		if !isBlank(v) {
			filled++
		}
		if v == true {
			ticked++
		}
		switch v := v.(type) {
		case float64:
			numbers = append(numbers, v)
		case modelDate:
			dates = append(dates, v)
		}
	}
	all := len(values)
	share := func(n int) any {
		if all == 0 {
			return nil
		}
		return float64(n) / float64(all)
	}
	switch function {
	case "show_original":
		return values
	case "count":
		return float64(all)
	case "count_values", "not_empty":
		return float64(filled)
	case "empty":
		return float64(all - filled)
	case "percent_empty":
		return share(all - filled)
	case "percent_not_empty":
		return share(filled)
	case "checked":
		return float64(ticked)
	case "unchecked":
		return float64(all - ticked)
	case "percent_checked":
		return share(ticked)
	case "percent_unchecked":
		return share(all - ticked)
	case "earliest_date", "latest_date", "date_range":
		if len(dates) == 0 {
			return nil
		}
		byTime := func(a, b modelDate) int { return a.t.Compare(b.t) }
		first, last := slices.MinFunc(dates, byTime), slices.MaxFunc(dates, byTime)
		switch function {
		case "latest_date":
			return last
		case "date_range":
			first.day = first.day && last.day // only its start is compared
		}
		return first
	}
	total := 0.0
	for _, n := range numbers {
		total += n
	}
	if function == "sum" {
		return total
	}
	if len(numbers) == 0 {
		return nil
	}
	sorted := slices.Sorted(slices.Values(numbers))
	switch function {
	case "average":
		return total / float64(len(numbers))
	case "median":
		return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
	case "min":
		return sorted[0]
	case "max":
		return sorted[len(sorted)-1]
	}
	return sorted[len(sorted)-1] - sorted[0]
}

// passes tells whether a row passes a filter. Filters name properties of the model, under the
// kind of property; see [computedSource.ask] for what is sent.
func (d *computedSource) passes(r *computedRow, filter object, at reading) bool {
	if list, ok := filter["and"]; ok {
		for _, f := range list.([]any) {
			if !d.passes(r, f.(object), at) {
				return false
			}
		}
		return true
	}
	if list, ok := filter["or"]; ok {
		for _, f := range list.([]any) {
			if d.passes(r, f.(object), at) {
				return true
			}
		}
		return len(list.([]any)) == 0
	}
	p := d.property(filter["property"].(string))
	v := p.eval(r, at)
	family, condition := d.asked(p, filter)
	if p.kind != "list" {
		return d.holdsOf(v, family, condition, at)
	}
	elements, _ := v.([]any)
	passing := 0
	for _, e := range elements {
		if d.holdsOf(e, family, condition, at) {
			passing++
		}
	}
	switch d.over(filter) {
	case "any":
		return passing > 0
	case "every":
		return passing > 0 && passing == len(elements)
	default:
		return passing == 0
	}
}

// asked returns the family of conditions and the condition that a filter has.
func (d *computedSource) asked(p *computedProperty, filter object) (family string, condition object) {
	c := filter
	for _, key := range []string{"formula", "rollup", "any", "every", "none"} {
		if inner, ok := c[key].(object); ok {
			c = inner
		}
	}
	for _, key := range []string{"title", "rich_text", "string", "number", "checkbox", "date"} {
		if inner, ok := c[key].(object); ok {
			return key, inner
		}
	}
	panic(fmt.Sprint(p.name, filter))
}

func (d *computedSource) over(filter object) string {
	for key := range filter["rollup"].(object) {
		return key
	}
	panic("no quantifier")
}

// holdsOf is one condition of one value. A value of another type than is asked for is none.
func (d *computedSource) holdsOf(v any, family string, c object, at reading) bool {
	switch family {
	case "number":
		n, ok := v.(float64)
		if !ok {
			return numberHolds(nil, c)
		}
		return numberHolds(n, c)
	case "checkbox":
		if want, ok := c["equals"]; ok {
			return (v == true) == (want == true)
		}
		return (v == true) != (c["does_not_equal"] == true)
	case "date":
		m := &model{now: at.now}
		if date, ok := v.(modelDate); ok {
			return m.dateHolds(object{"start": date.text()}, c)
		}
		return m.dateHolds(nil, c)
	}
	return textHolds(asText(v), c)
}

// order compares two rows by one sort.
func (d *computedSource) order(a, b *computedRow, sort object, at reading) int {
	p := d.property(sort["property"].(string))
	x, y := p.eval(a, at), p.eval(b, at)
	if p.kind == "checkbox" {
		x, y = x == true, y == true
	}
	n := 0
	switch {
	case isBlank(x) && isBlank(y):
		return 0
	case isBlank(x):
		return 1
	case isBlank(y):
		return -1
	case kindRank(x) != kindRank(y):
		n = cmp.Compare(kindRank(x), kindRank(y))
	default:
		switch x := x.(type) {
		case float64:
			n = cmp.Compare(x, y.(float64))
		case string:
			n = compareNatural(x, y.(string))
		case modelDate:
			n = x.t.Compare(y.(modelDate).t)
		case bool:
			if x != y.(bool) {
				n = -1
				if x {
					n = 1
				}
			}
		}
	}
	if sort["direction"] == "descending" {
		return -n
	}
	return n
}

// kindRank is the order of values of different types: numbers before texts.
func kindRank(v any) int {
	if _, isNumber := v.(float64); isNumber {
		return 0
	}
	return 1
}
