package formula

// Shown is the type of a result of the API (databases.md §4.6).
type Shown uint8

// The types of results.
const (
	ShownString Shown = iota
	ShownNumber
	ShownBoolean
	ShownDate
)

var shownNames = [...]string{ShownString: "string", ShownNumber: "number", ShownBoolean: "boolean", ShownDate: "date"}

// String returns the type as the API writes it.
func (s Shown) String() string { return shownNames[s] }

// Result is what the API shows of a value.
type Result struct {
	Type Shown
	// Value is a text, number, boolean or date as Type says, or blank, which is shown as
	// null.
	Value Value
}

// Shown returns the type of results that blank values of the type have, and whether others
// can have another type.
func (t Type) Shown() (s Shown, mixed bool) {
	s = shownAs(t.first)
	for _, k := range t.Kinds() {
		mixed = mixed || shownAs(k) != s
	}
	return s, mixed
}

func shownAs(k Kind) Shown {
	switch k {
	case KindNumber:
		return ShownNumber
	case KindBoolean:
		return ShownBoolean
	case KindDate:
		return ShownDate
	}
	return ShownString
}

// Show returns what the API shows of a value of type t. A list becomes a text: its items,
// and those of the lists in it, joined by commas without the blank ones. The error is a
// [LimitError].
func (r *Run) Show(v Value, t Type) (Result, error) {
	if v.IsBlank() {
		s, _ := t.Shown()
		return Result{Type: s}, nil
	}
	s := shownAs(v.kind)
	if s != ShownString || v.kind == KindText {
		return Result{s, v}, nil
	}
	if r.depth == 0 {
		r.begin()
	}
	mark := len(r.text)
	n := r.appendItems(v, mark, 0)
	text := r.cutText(mark)
	if r.err != nil {
		return Result{}, r.err
	}
	if n == 0 {
		return Result{Type: s}, nil
	}
	return Result{s, text}, nil
}

// appendItems adds what is not blank in v to r.text, after n items before it, and returns
// how many there are then.
func (r *Run) appendItems(v Value, mark, n int) int {
	if v.kind == KindList {
		for _, item := range v.Items() {
			if !r.spend(1) || len(r.text)-mark > MaxText {
				break
			}
			n = r.appendItems(item, mark, n)
		}
		return n
	}
	if v.IsBlank() {
		return n
	}
	if n > 0 {
		r.text = append(r.text, ',')
	}
	r.appendFormat(v)
	return n + 1
}
