package property

import (
	"cmp"
	"slices"
	"strings"

	"octavo/internal/jsonx"
	"octavo/internal/richtext"
)

// aggregate is a function of rollups.
type aggregate struct {
	name string
	// of lists the types of properties that the function is for, nil for all. What a formula
	// yields is only known for each page.
	of []string
	// kind is the type of its results.
	kind ResultKind
	// of the property and what the related pages show of it, in order; nil for functions whose
	// result has no documented form.
	result func(p *Property, shown []jsonx.Value) jsonx.Value
	// counts says that it is enough to know how many pages there are.
	counts bool
	// whole says that the endpoint of a property has no form for the result (pages-blocks.md
	// §5.7).
	whole bool
}

// aggregates are the functions in the order the API lists them (databases.md §5.2).
var aggregates = []aggregate{
	{name: "count", kind: NumberResult, counts: true, result: func(_ *Property, shown []jsonx.Value) jsonx.Value { return whole(len(shown)) }},
	{name: "count_values", kind: NumberResult, result: func(p *Property, shown []jsonx.Value) jsonx.Value { return whole(len(p.allParts(shown))) }},
	{name: "empty", kind: NumberResult, result: func(p *Property, shown []jsonx.Value) jsonx.Value { return whole(p.countEmpty(shown)) }},
	{name: "not_empty", kind: NumberResult, result: func(p *Property, shown []jsonx.Value) jsonx.Value { return whole(len(shown) - p.countEmpty(shown)) }},
	{name: "unique", whole: true, kind: NumberResult, result: countUnique},
	{name: "show_unique", whole: true, kind: ArrayResult, result: showUnique},
	{name: "percent_empty", kind: NumberResult, result: func(p *Property, shown []jsonx.Value) jsonx.Value { return share(p.countEmpty(shown), len(shown)) }},
	{name: "percent_not_empty", kind: NumberResult, result: func(p *Property, shown []jsonx.Value) jsonx.Value {
		return share(len(shown)-p.countEmpty(shown), len(shown))
	}},
	{name: "sum", of: numeric, kind: NumberResult, result: func(_ *Property, shown []jsonx.Value) jsonx.Value { return jsonx.NumberValue(sum(numbers(shown))) }},
	{name: "average", of: numeric, kind: NumberResult, result: ofNumbers(func(n []float64) float64 { return sum(n) / float64(len(n)) })},
	{name: "median", whole: true, of: numeric, kind: NumberResult, result: ofNumbers(median)},
	{name: "min", of: numeric, kind: NumberResult, result: ofNumbers(slices.Min[[]float64])},
	{name: "max", of: numeric, kind: NumberResult, result: ofNumbers(slices.Max[[]float64])},
	{name: "range", of: numeric, kind: NumberResult, result: ofNumbers(func(n []float64) float64 { return slices.Max(n) - slices.Min(n) })},
	{name: "earliest_date", of: temporal, kind: DateResult, result: ofDates(func(first, _ richtext.Date) richtext.Date { return first })},
	{name: "latest_date", of: temporal, kind: DateResult, result: ofDates(func(_, last richtext.Date) richtext.Date { return last })},
	{name: "date_range", of: temporal, kind: DateResult, result: ofDates(span)},
	{name: "checked", of: checkable, kind: NumberResult, result: func(_ *Property, shown []jsonx.Value) jsonx.Value { return whole(countChecked(shown)) }},
	{name: "unchecked", of: checkable, kind: NumberResult, result: func(_ *Property, shown []jsonx.Value) jsonx.Value { return whole(len(shown) - countChecked(shown)) }},
	{name: "percent_checked", of: checkable, kind: NumberResult, result: func(_ *Property, shown []jsonx.Value) jsonx.Value {
		return share(countChecked(shown), len(shown))
	}},
	{name: "percent_unchecked", of: checkable, kind: NumberResult, result: func(_ *Property, shown []jsonx.Value) jsonx.Value {
		return share(len(shown)-countChecked(shown), len(shown))
	}},
	{name: "count_per_group", whole: true, of: grouped, kind: UnsupportedResult},
	{name: "percent_per_group", whole: true, of: grouped, kind: UnsupportedResult},
	{name: "show_original", kind: ArrayResult, result: showOriginal},
}

var (
	numeric   = []string{"number", "formula"}
	temporal  = []string{"date", "created_time", "last_edited_time", "formula"}
	checkable = []string{"checkbox", "formula"}
	grouped   = []string{"select", "multi_select", "status"}
)

// RollupFunctions are the functions of rollups, in the order the API lists them
// (databases.md §5.2).
var RollupFunctions = func() []string {
	names := make([]string, len(aggregates))
	for i := range aggregates {
		names[i] = aggregates[i].name
	}
	return names
}()

// aggregateOf returns the function of that name, nil when there is none.
func aggregateOf(name string) *aggregate {
	for i := range aggregates {
		if aggregates[i].name == name {
			return &aggregates[i]
		}
	}
	return nil
}

// takes reports whether the function is for properties of a type.
func (a *aggregate) takes(t *Type) bool { return a.of == nil || slices.Contains(a.of, t.Name) }

// OnlyCounts reports whether the result of the rollup depends on nothing but how many
// related pages there are.
func (r Rollup) OnlyCounts() bool {
	a := aggregateOf(r.Function)
	return a != nil && a.counts
}

// Lists reports whether the result of the rollup is an array.
func (r Rollup) Lists() bool {
	a := aggregateOf(r.Function)
	return a != nil && a.kind == ArrayResult
}

// Itemized reports whether the endpoint of a property tells the result of the rollup.
func (r Rollup) Itemized() bool {
	a := aggregateOf(r.Function)
	return a != nil && !a.whole
}

// Result returns what the rollup of a property of the related pages yields. shown is what
// each of them shows of it, in the order of the relation; for a rollup that [Rollup.OnlyCounts]
// any values will do. A formula of which one page does not know the value makes the whole
// unsupported where the value would count.
func (r Rollup) Result(target *Property, shown []jsonx.Value) Result {
	a := aggregateOf(r.Function)
	if a == nil || a.result == nil || !a.takes(target.Type) {
		return Result{Kind: UnsupportedResult}
	}
	if !a.counts && a.name != "show_original" && slices.ContainsFunc(shown, isUnknown) {
		return Result{Kind: UnsupportedResult}
	}
	return Result{a.kind, a.result(target, shown)}
}

// isUnknown reports whether what is shown is the result of a formula that has no value.
func isUnknown(shown jsonx.Value) bool { return shown.Get("type").Text() == string(UnsupportedResult) }

func whole(n int) jsonx.Value { return jsonx.NumberValue(float64(n)) }

// share is a part of all, null when there are none.
func share(part, all int) jsonx.Value {
	if all == 0 {
		return jsonx.NullValue
	}
	return jsonx.NumberValue(float64(part) / float64(all))
}

// parts returns what makes one value differ from another, one for each item of a value that
// has several; none when it is empty. Text that is blank is empty, and a box or a time never
// is.
func (p *Property) parts(shown jsonx.Value) []string {
	switch p.Type.Name {
	case "title", "rich_text":
		return textParts(richtext.Plain(shown))
	case "url", "email", "phone_number":
		return textParts(shown.Text())
	case "multi_select", "people", "relation":
		return idParts(shown.Items()...)
	case "select", "status":
		if shown.Kind() != jsonx.Object {
			return nil
		}
		return idParts(shown)
	case "files":
		parts := make([]string, len(shown.Items()))
		for i, it := range shown.Items() {
			parts[i] = it.String()
		}
		return parts
	case "unique_id":
		return jsonParts(shown.Get("number"))
	case "verification":
		if shown.Get("state").Text() == "unverified" {
			return nil
		}
	case "formula":
		result := shown.Get(shown.Get("type").Text())
		if result.Kind() == jsonx.String {
			return textParts(result.Text())
		}
		return jsonParts(result)
	case "button":
		return nil
	}
	return jsonParts(shown)
}

func textParts(s string) []string {
	if strings.TrimSpace(s) == "" {
		return nil
	}
	return []string{s}
}

func idParts(items ...jsonx.Value) []string {
	ids := make([]string, len(items))
	for i, it := range items {
		ids[i] = it.Get("id").Text()
	}
	return ids
}

func jsonParts(v jsonx.Value) []string {
	if !v.Defined() || v.IsNull() {
		return nil
	}
	return []string{v.String()}
}

func (p *Property) allParts(shown []jsonx.Value) []string {
	var all []string
	for _, v := range shown {
		all = append(all, p.parts(v)...)
	}
	return all
}

func (p *Property) countEmpty(shown []jsonx.Value) int {
	n := 0
	for _, v := range shown {
		if len(p.parts(v)) == 0 {
			n++
		}
	}
	return n
}

func countUnique(p *Property, shown []jsonx.Value) jsonx.Value {
	distinct := map[string]bool{}
	for _, part := range p.allParts(shown) {
		distinct[part] = true
	}
	return whole(len(distinct))
}

func showOriginal(p *Property, shown []jsonx.Value) jsonx.Value {
	elements := make([]jsonx.Value, len(shown))
	for i, v := range shown {
		elements[i] = ElementValue(p.Type, v)
	}
	return jsonx.ArrayValue(elements...)
}

func showUnique(p *Property, shown []jsonx.Value) jsonx.Value {
	places := Distinct(p, shown)
	elements := make([]jsonx.Value, len(places))
	for i, place := range places {
		elements[i] = ElementValue(p.Type, shown[place])
	}
	return jsonx.ArrayValue(elements...)
}

// Distinct returns the places of the values that show_unique shows: the first of those that
// are alike. Relations are never taken for alike, as was measured (databases.md §5.2).
func Distinct(p *Property, shown []jsonx.Value) []int {
	places := make([]int, 0, len(shown))
	seen := map[string]bool{}
	for i, v := range shown {
		key := strings.Join(p.parts(v), "\x00")
		if seen[key] && p.Type.Name != "relation" {
			continue
		}
		seen[key] = true
		places = append(places, i)
	}
	return places
}

// numbers returns the numbers among what is shown of numbers or formulas.
func numbers(shown []jsonx.Value) []float64 {
	var all []float64
	for _, v := range shown {
		if v.Kind() == jsonx.Object {
			v = v.Get(string(NumberResult))
		}
		if v.Kind() == jsonx.Number {
			all = append(all, v.Float())
		}
	}
	return all
}

func sum(numbers []float64) float64 {
	total := 0.0
	for _, n := range numbers {
		total += n
	}
	return total
}

func median(numbers []float64) float64 {
	slices.Sort(numbers)
	half := len(numbers) / 2
	if len(numbers)%2 == 1 {
		return numbers[half]
	}
	return (numbers[half-1] + numbers[half]) / 2
}

// ofNumbers is a function of numbers that has no value when there are none.
func ofNumbers(f func([]float64) float64) func(*Property, []jsonx.Value) jsonx.Value {
	return func(_ *Property, shown []jsonx.Value) jsonx.Value {
		n := numbers(shown)
		if len(n) == 0 {
			return jsonx.NullValue
		}
		return jsonx.NumberValue(f(n))
	}
}

// ofDates is a function of the earliest and the latest of dates. Only where they start
// counts, and what they have in common is the first of them.
func ofDates(f func(first, last richtext.Date) richtext.Date) func(*Property, []jsonx.Value) jsonx.Value {
	return func(_ *Property, shown []jsonx.Value) jsonx.Value {
		var dates []richtext.Date
		for _, v := range shown {
			if result := v.Get(string(DateResult)); result.Defined() {
				v = result // of a formula
			}
			if d, ok := dateOf(v); ok {
				dates = append(dates, richtext.Date{Start: d.Start, HasTime: d.HasTime})
			}
		}
		if len(dates) == 0 {
			return jsonx.NullValue
		}
		byStart := func(a, b richtext.Date) int { return cmp.Compare(a.Start.UnixNano(), b.Start.UnixNano()) }
		return f(slices.MinFunc(dates, byStart), slices.MaxFunc(dates, byStart)).Value()
	}
}

// span is from one date to another. Where only one of them has a time of day, the other is
// taken for the midnight it begins with.
func span(first, last richtext.Date) richtext.Date {
	return richtext.Date{Start: first.Start, End: last.Start, HasTime: first.HasTime || last.HasTime}
}

// countChecked counts the boxes that are ticked, or the formulas that are true.
func countChecked(shown []jsonx.Value) int {
	n := 0
	for _, v := range shown {
		if v.True() || v.Get(string(BooleanResult)).True() {
			n++
		}
	}
	return n
}
