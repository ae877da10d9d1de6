// Package formula is the language of formula properties (databases.md §4). [Parse] reads
// the text of a formula, [Expr.Check] finds its properties and types and makes a [Program]
// of it, [Program.Eval] evaluates it for a row, and [Run.Show] turns the value into what the
// API shows. The package knows neither pages nor databases: it asks a [Scope] for properties and
// a [Record] for their values. DESIGN.md says why it is built as it is.
package formula

import "octavo/internal/notion"

// Property is a property of a data source as formulas see it.
type Property struct {
	// ID is the id as it is stored, without percent-encoding.
	ID   string
	Name string
	// Type is the type of its values.
	Type Type
	// Slot is for the [Record] that is asked for the value.
	Slot int
	// Problem is why formulas cannot read the property, a sentence for people; "" when they can.
	Problem string
}

// Scope knows the properties of data sources.
type Scope interface {
	// Find returns the property of a data source that is meant by the text between the
	// brackets of prop(): an id, percent-encoded or not, or else a name.
	Find(source notion.ID, key string) (*Property, bool)
	// Lookup returns the property of a data source by its id.
	Lookup(source notion.ID, id string) (*Property, bool)
}
