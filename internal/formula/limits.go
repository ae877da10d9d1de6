package formula

import "time"

// Bounds of formulas as they are saved. A formula beyond one of the first three is refused
// as a [ParseError].
const (
	// MaxLength is the longest formula, in bytes.
	MaxLength = 64 << 10
	// MaxNesting is how deep brackets, operators before an operand and calls can be nested.
	MaxNesting = 200
	// MaxNodes is how many literals, names, operators and calls a formula can have.
	MaxNodes = 10_000
	// MaxLayers is how many formulas can refer to one another in a row (databases.md §4.1).
	MaxLayers = 15
)

// Bounds of one evaluation. Going beyond one ends it with a [LimitError].
const (
	// MaxSteps is the work for one row: a step is a literal, name, operator or call inside a
	// function that goes through a list, an item looked at or made, or 16 bytes of text
	// looked at or made. It also bounds the memory, to some 24 bytes a step.
	MaxSteps = 2_000_000
	// MaxText is the longest text, in bytes.
	MaxText = 1 << 20
	// MaxList is the longest list.
	MaxList = 100_000
	// MaxRegexTime is the time all regular expressions of a row may take together. It is for
	// those that would run for hours, and so long that those that would not are not refused on
	// a busy machine. The library's clock ticks ten times a second, so it can be overrun.
	MaxRegexTime = time.Second
	// maxRepeat is how often repeat() repeats at most, without an error (databases.md §4.5).
	maxRepeat = 10_000
	// maxRegexStack is how many places a regular expression can note to come back to.
	maxRegexStack = 1 << 20
	// maxPattern is the longest regular expression, in bytes. A longer one fails.
	maxPattern = 4_000
)
