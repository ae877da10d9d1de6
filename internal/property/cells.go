package property

import (
	"strings"

	"octavo/internal/jsonx"
)

// Cell is what the query index keeps of one item of a value. Which fields a type fills is in
// DESIGN.md; every condition and every sort of databases.md §3 is answered from them. A value
// that is empty has no cell.
type Cell struct {
	// Position is the place of the item in a value that has several.
	Position int
	// Text is the whole folded text; see [Fold].
	Text string
	// Sort is the place of the folded text among others, compared by bytes; see [SortKey].
	Sort []byte
	// Number is a number, or 1 for a box that is ticked.
	Number *float64
	// From and To are the ends of a date in microseconds since 1970 in UTC. A day begins at
	// midnight UTC.
	From, To *int64
	// Day reports whether the date has no time of day.
	Day bool
	// Ref is the id of an option, a user or a page, or the state of a verification.
	Ref string
}

// Sort is what a property is ordered by (databases.md §3.3). Pages without a cell come last,
// whatever the direction.
type Sort uint8

// The orders.
const (
	Unsorted Sort = iota
	// SortByText is by Cell.Sort.
	SortByText
	// SortByNumber is by Cell.Number.
	SortByNumber
	// SortByCheckbox is by Cell.Number, where no cell is a box that is not ticked and comes
	// before the others.
	SortByCheckbox
	// SortByTime is by Cell.From, or by the page's own times.
	SortByTime
	// SortByOption is by the rank of Cell.Ref in [Property.Ranks], of the first option, then of
	// the next. A status without a cell has the rank of its default option. Ranks are not in the
	// index, because one change of the schema would change them on every page.
	SortByOption
	// SortByUserName is by the [SortKey] of the name of the first user.
	SortByUserName
	// SortByPageTitle is by the [SortKey] of the title of the first page.
	SortByPageTitle
	// SortByResult is by whichever of Sort, Number and From the result has.
	SortByResult
)

// Cells returns what the query index keeps of a stored value, or of the result of a formula
// or rollup; nothing for Undefined. Types whose values are columns of the page (created_time
// and the like) have none.
func (p *Property) Cells(stored jsonx.Value) []Cell {
	if p.Type.cells == nil || !stored.Defined() {
		return nil
	}
	return p.Type.cells(nil, stored)
}

// appendText appends the cell of a text, unless it is blank: blank text counts as empty
// (databases.md §3.5). The place is that of the folded text, so that equal texts share one.
func appendText(dst []Cell, s string) []Cell {
	if strings.TrimSpace(s) == "" {
		return dst
	}
	folded := Fold(s)
	return append(dst, Cell{Text: folded, Sort: SortKey(folded)})
}
