package property

import "octavo/internal/jsonx"

// Result is what a formula or a rollup yields for one page (databases.md §4.6, §5.2).
type Result struct {
	Kind ResultKind
	// Value is of the kind: a number, string, boolean or date, each of which may be null; an
	// array of objects as [ElementValue] makes them; {} for the others.
	Value jsonx.Value
}

// ResultKind is the type of a result as the API writes it.
type ResultKind string

// The kinds. Only rollups yield arrays.
const (
	NumberResult      ResultKind = "number"
	StringResult      ResultKind = "string"
	BooleanResult     ResultKind = "boolean"
	DateResult        ResultKind = "date"
	ArrayResult       ResultKind = "array"
	UnsupportedResult ResultKind = "unsupported"
	IncompleteResult  ResultKind = "incomplete"
)

// Formula returns the value of a formula property: type, then what is of the type.
func (r Result) Formula() jsonx.Value { return jsonx.ObjectValue(r.members()...) }

// Rollup returns the value of a rollup property: type, what is of the type, function.
func (r Result) Rollup(function string) jsonx.Value {
	return jsonx.ObjectValue(append(r.members(), jsonx.M("function", jsonx.StringValue(function)))...)
}

// ShowResult returns what a page shows of a formula or rollup that yields r.
func (p *Property) ShowResult(r Result) jsonx.Value {
	if p.Type.Name == "rollup" {
		return r.Rollup(p.Rollup().Function)
	}
	return r.Formula()
}

func (r Result) members() []jsonx.Member {
	v := r.Value
	if !v.Defined() {
		v = jsonx.NullValue
		switch r.Kind {
		case ArrayResult:
			v = jsonx.ArrayValue()
		case UnsupportedResult, IncompleteResult:
			v = jsonx.ObjectValue()
		}
	}
	return []jsonx.Member{jsonx.M("type", jsonx.StringValue(string(r.Kind))), jsonx.M(string(r.Kind), v)}
}

// ElementValue returns an element of the array of a rollup: type, then the value as it is
// shown, without an id (databases.md §5.2).
func ElementValue(t *Type, shown jsonx.Value) jsonx.Value {
	return jsonx.ObjectValue(jsonx.M("type", jsonx.StringValue(t.Name)), jsonx.M(t.Name, shown))
}

// resultCells are the cells of what [Result.Formula] and [Result.Rollup] return. Arrays have
// none: they are filtered by the cells of the pages they come from.
func resultCells(dst []Cell, shown jsonx.Value) []Cell {
	switch kind := shown.Get("type").Text(); ResultKind(kind) {
	case NumberResult:
		return numberCells(dst, shown.Get(kind))
	case StringResult:
		return stringCells(dst, shown.Get(kind))
	case BooleanResult:
		return checkboxCells(dst, shown.Get(kind))
	case DateResult:
		return dateCells(dst, shown.Get(kind))
	}
	return dst
}

// Cells are the cells of a result, as the query index keeps them of one that is stored.
// Arrays have none.
func (r Result) Cells() []Cell {
	switch r.Kind {
	case NumberResult:
		return numberCells(nil, r.Value)
	case StringResult:
		return stringCells(nil, r.Value)
	case BooleanResult:
		return checkboxCells(nil, r.Value)
	case DateResult:
		return dateCells(nil, r.Value)
	}
	return nil
}

// Elements are the elements of an array over a formula as results of their own, nil for other
// results.
func (r Result) Elements() []Result {
	if r.Kind != ArrayResult {
		return nil
	}
	elements := make([]Result, len(r.Value.Items()))
	for i, it := range r.Value.Items() {
		kind := it.Get("formula").Get("type").Text()
		elements[i] = Result{Kind: ResultKind(kind), Value: it.Get("formula").Get(kind)}
	}
	return elements
}
