package property

import (
	"slices"
	"strconv"

	lang "octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

// FormulaValue returns what formulas take a value for, given what a page shows of it to the
// caller (databases.md §4.4). Values of relations, rollups and formulas are not known from
// what is shown: they are blank here.
func (p *Property) FormulaValue(shown jsonx.Value) lang.Value {
	if p.Type.value == nil {
		return lang.Value{}
	}
	return p.Type.value(shown)
}

// textValue is a text, blank when there is none.
func textValue(s string) lang.Value {
	if s == "" {
		return lang.Value{}
	}
	return lang.TextValue(s)
}

func richTextValue(shown jsonx.Value) lang.Value { return textValue(richtext.Plain(shown)) }

func stringValue(shown jsonx.Value) lang.Value { return textValue(shown.Text()) }

func optionValue(shown jsonx.Value) lang.Value { return textValue(shown.Get("name").Text()) }

func placeValue(shown jsonx.Value) lang.Value { return textValue(placeText(shown)) }

func stateValue(shown jsonx.Value) lang.Value { return textValue(shown.Get("state").Text()) }

func numberValue(shown jsonx.Value) lang.Value {
	if shown.Kind() != jsonx.Number {
		return lang.Value{}
	}
	return lang.NumberValue(shown.Float())
}

func checkboxValue(shown jsonx.Value) lang.Value { return lang.BoolValue(shown.True()) }

// numberedValue is a unique_id with its prefix, as people write it.
func numberedValue(shown jsonx.Value) lang.Value {
	number := shown.Get("number")
	if number.Kind() != jsonx.Number {
		return lang.Value{}
	}
	text := strconv.FormatInt(int64(number.Float()), 10)
	if prefix := shown.Get("prefix").Text(); prefix != "" {
		text = prefix + "-" + text
	}
	return lang.TextValue(text)
}

// namesValue is what the options or files are called.
func namesValue(shown jsonx.Value) lang.Value {
	names := make([]lang.Value, len(shown.Items()))
	for i, it := range shown.Items() {
		names[i] = textValue(it.Get("name").Text())
	}
	return lang.ListValue(names)
}

func peopleValue(shown jsonx.Value) lang.Value {
	people := make([]lang.Value, len(shown.Items()))
	for i, it := range shown.Items() {
		people[i] = userValue(it)
	}
	return lang.ListValue(people)
}

// userValue has the name and address only of users that are shown whole.
func userValue(shown jsonx.Value) lang.Value {
	if shown.Kind() != jsonx.Object {
		return lang.Value{}
	}
	return lang.PersonValue(&lang.Person{
		ID:    parseID(shown.Get("id")),
		Name:  shown.Get("name").Text(),
		Email: shown.Get("person").Get("email").Text(),
	})
}

func dateValue(shown jsonx.Value) lang.Value {
	d, ok := dateOf(shown)
	if !ok {
		return lang.Value{}
	}
	return lang.DateValue(lang.Date(d))
}

func momentValue(shown jsonx.Value) lang.Value { return dateValue(shown) }

// dateOf reads a date, or a moment as the times of pages are shown; false when it is none.
func dateOf(shown jsonx.Value) (richtext.Date, bool) {
	if shown.Kind() == jsonx.String {
		t, ok := schema.ParseDate(shown.Text())
		return richtext.Date{Start: t.Time, HasTime: true}, ok
	}
	if shown.Kind() != jsonx.Object {
		return richtext.Date{}, false
	}
	d, err := richtext.DecodeDate(shown)
	return d, err == nil
}

// ResultKinds returns the types of results that values of a type are shown as, first that of
// blank ones (databases.md §4.6).
func ResultKinds(t lang.Type) []ResultKind {
	first, _ := t.Shown()
	kinds := []ResultKind{ResultKind(first.String())}
	for _, k := range t.Kinds() {
		shown, _ := lang.TypeOf(k).Shown()
		if kind := ResultKind(shown.String()); !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// FormulaResult returns what the API shows of the value of a formula (databases.md §4.6).
func FormulaResult(r lang.Result) Result {
	kind := ResultKind(r.Type.String())
	if r.Value.IsBlank() {
		return Result{Kind: kind}
	}
	switch kind {
	case NumberResult:
		return Result{kind, jsonx.NumberValue(r.Value.Number())}
	case BooleanResult:
		return Result{kind, jsonx.BoolValue(r.Value.Bool())}
	case DateResult:
		return Result{kind, richtext.Date(r.Value.Date()).Value()}
	}
	return Result{StringResult, jsonx.StringValue(r.Value.Text())}
}

// FormulaValue returns what formulas take the result of a rollup for. An array is made of
// the values it has: it is blank here, and so is what has no value.
func (r Result) FormulaValue() lang.Value {
	switch r.Kind {
	case NumberResult:
		return numberValue(r.Value)
	case DateResult:
		return dateValue(r.Value)
	}
	return lang.Value{}
}
