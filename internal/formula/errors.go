package formula

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// Class is one of the two kinds of refusal the API knows.
type Class uint8

// The classes and when they are used.
const (
	// ParseError is text that is no formula.
	ParseError Class = iota
	// TypeError is a formula whose names, numbers of arguments or types do not fit.
	TypeError
)

// Error says why a formula is refused, and where.
type Error struct {
	Class Class
	// Message is a sentence for people.
	Message string
	// Expected and Found are the types or pieces of syntax that do not fit, "" when the
	// refusal is about something else.
	Expected, Found string
	// Start and End are the place in bytes of the formula.
	Start, End int

	text string
}

// Error returns the message with its place.
func (e *Error) Error() string { return e.Wire() + ": " + e.Message }

// Wire returns the text of the API's refusal (databases.md §4.1).
func (e *Error) Wire() string {
	if e.Class == ParseError {
		return "Parse error with formula"
	}
	return "Type error with formula"
}

// Position returns the line and the column in characters of the place, both from 1.
func (e *Error) Position() (line, column int) {
	before := e.text[:e.Start]
	start := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[start:]) + 1
}

// snippetWidth is how many characters of a line a snippet shows on either side.
const snippetWidth = 60

// Snippet returns the line of the place, cut on both sides when it is long, and under it a
// line with carets.
func (e *Error) Snippet() string {
	start := strings.LastIndexByte(e.text[:e.Start], '\n') + 1
	end := len(e.text)
	if n := strings.IndexByte(e.text[e.Start:], '\n'); n >= 0 {
		end = e.Start + n
	}
	before := []rune(e.text[start:e.Start])
	place := []rune(e.text[e.Start:max(e.Start, min(e.End, end))])
	after := []rune(e.text[e.Start+len(string(place)) : end])
	var lead, tail string
	if len(before) > snippetWidth {
		before, lead = before[len(before)-snippetWidth:], "…"
	}
	if room := max(snippetWidth-len(place), 0); len(after) > room {
		after, tail = after[:room], "…"
	}
	if len(place) > 2*snippetWidth {
		place, after, tail = place[:2*snippetWidth], nil, "…"
	}
	line := lead + string(before) + string(place) + string(after) + tail
	var carets strings.Builder
	for _, r := range lead + string(before) {
		if r != '\t' {
			r = ' '
		}
		carets.WriteRune(r)
	}
	carets.WriteString(strings.Repeat("^", max(len(place), 1)))
	return line + "\n" + carets.String()
}

// LimitError says which bound a formula has met while it was evaluated. The value of the
// row is then unknown.
type LimitError struct{ message string }

// Error returns the sentence for people.
func (e *LimitError) Error() string { return e.message }

// The bounds of an evaluation, as errors.
var (
	ErrSteps  = &LimitError{"The formula takes too many steps for one page."}
	ErrText   = &LimitError{"The formula makes a text that is too long."}
	ErrList   = &LimitError{"The formula makes a list that is too long."}
	ErrRegex  = &LimitError{"A regular expression of the formula takes too much time or memory."}
	ErrLayers = &LimitError{"Formulas refer to one another in too many layers."}
)

// IsLimit reports whether err is a [LimitError].
func IsLimit(err error) bool {
	var limit *LimitError
	return errors.As(err, &limit)
}
