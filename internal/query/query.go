// Package query turns the filters and sorts of the API into what a database can answer
// (databases.md §3): it says what a request may write ([Define]), reads it against the
// schema of a data source into an ordered tree ([Parse]), and writes the tree as one text
// of SQL that means the same to every database ([Query.Find]). It opens no database.
// DESIGN.md says how a query is planned.
package query

import (
	"octavo/internal/notion"
	"octavo/internal/property"
)

// Query is a filter and the order of its answer.
type Query struct {
	filter node
	sorts  []order
	// computed is the part of the filter that the database cannot answer: all must hold for
	// the rows that it finds.
	computed []node
	// results computes what that part and the sorts ask for.
	results func(*property.Property, []notion.ID) ([]property.Result, error)
	// timed says that what the query asks depends on the time.
	timed bool
	// text is the request that the query was read from, for telling cursors of different
	// queries apart.
	text []byte
}

// node is a part of a filter. It holds for a row or does not; there is no unknown.
type node interface{ isNode() }

type (
	// group holds when all of its parts do, or one of them if any is set. One without parts
	// holds for every row.
	group struct {
		any bool
		of  []node
	}
	// not holds when its part does not.
	not struct{ of node }
	// cells holds when a cell of a property passes a test.
	cells struct {
		property string // raw id
		test     test
		// many says that a value may have several cells.
		many bool
		// shape is how a table keeps the keys, made is that of their [Part].
		shape shape
		made  string
	}
	// within holds when a time of the page is in a range of microseconds since 1970.
	within struct {
		column    column
		low, high *int64 // high is not in the range
	}
	// by holds when the page has a certain author.
	by struct {
		column column
		user   notion.ID
	}
	// linked holds when a relation has a link to a page, or to any if it is zero.
	linked struct {
		relation Relation
		page     notion.ID
	}
	// related holds when one of the pages of a relation passes a node, which is about that
	// page; any page does when it is nil.
	related struct {
		relation Relation
		of       node
	}
	// derived holds when what a property computes for the row passes a node, which has cells
	// of no other property.
	derived struct {
		property *property.Property
		// kind is what the node is about: results of another kind are none to it.
		kind property.ResultKind
		of   node
		// elements asks for one of the elements of an array; any one does when of is nil.
		elements bool
	}
)

func (group) isNode()   {}
func (not) isNode()     {}
func (cells) isNode()   {}
func (within) isNode()  {}
func (by) isNode()      {}
func (linked) isNode()  {}
func (related) isNode() {}
func (derived) isNode() {}

// column is a column of the table of blocks that a page's own times and authors are in.
type column string

const (
	createdTime    column = "created_time"
	lastEditedTime column = "last_edited_time"
	createdBy      column = "created_by"
	lastEditedBy   column = "last_edited_by"
)

// Relation is a relation property as a query sees it.
type Relation struct {
	Property string // raw id
	// Source is the data source of the related pages. Links to pages that are elsewhere or in
	// the trash do not show, and neither does a query see them.
	Source notion.ID
	// Sight says which of the related pages the caller may see.
	Sight Sight
}

// Sight is what a caller may see of the pages of a data source.
type Sight uint8

// The sights.
const (
	SeesAll Sight = iota
	// SeesShared is of pages that are shared by themselves, while their data source is not.
	SeesShared
	// SeesNone is of a data source that is in the trash or gone.
	SeesNone
)

// test is what a cell is asked. Every part that is set must hold.
type test struct {
	// keys lists the keys of which the cell must have one.
	keys [][]byte
	// low and high bound the key: from low on, up to but without high.
	low, high []byte
	// text compares the folded text.
	text    textTest
	operand string
	// day, when set, asks whether the value is a whole day.
	day *bool
	// ends, when set, asks that the value ends before a moment, or does not.
	ends *end
}

type end struct {
	at     int64 // microseconds since 1970
	before bool
}

type textTest uint8

const (
	noTextTest textTest = iota
	equals
	contains
	startsWith
	endsWith
)

// order is one sort. Rows without a value come last, but for boxes, where no cell is one
// that is not ticked and comes first.
type order struct {
	by         orderBy
	descending bool
	property   string // raw id
	shape      shape  // how a table keeps the keys of the property
	made       string // of their [Part]
	column     column
	relation   Relation
	// ranks gives the place of keys; what is not listed comes after all of them. Rows
	// without a cell have the place of the key fallback, when there is one.
	ranks    []Rank
	fallback []byte
	// first says that only the first cell counts.
	first bool
	// of is what computes the values, kinds what they can be.
	of    *property.Property
	kinds []property.ResultKind
}

// Rank is a key and its place among others. Keys may share one.
type Rank struct {
	Key   []byte
	Place int
}

type orderBy uint8

const (
	byKey     orderBy = iota // of the first cell
	byTicked                 // whether there is a cell
	byRanks                  // of all cells, one after the other
	byTime                   // a column of the block
	byAuthor                 // a column of the block, by rank
	byRelated                // the title of the first related page
	byResult                 // what is computed for the row
)
