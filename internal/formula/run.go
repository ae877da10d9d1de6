package formula

import (
	"time"
	_ "time/tzdata" // zones must be known where the machine has none installed

	"github.com/dlclark/regexp2/v2"
)

// Run evaluates formulas: many rows one after the other, and the formulas a row's formula
// refers to within it. It keeps what can be used again, such as compiled regular
// expressions. It must not be used by two goroutines at once.
type Run struct {
	// Now is what now() and today() are computed from.
	Now time.Time
	// Zone is where days begin and what times are shown in; nil is UTC.
	Zone *time.Location
	// Steps is the work allowed for a row; 0 is [MaxSteps].
	Steps int

	row   Record
	frame []Value // the names and arguments of the formula being evaluated
	stack []Value // the frames of all formulas being evaluated
	text  []byte  // where texts are put together
	depth int
	left  int
	err   error

	regexLeft time.Duration
	regexes   cache[*regexp2.Regexp]
	layouts   cache[[]dateWriter]
	zones     cache[*time.Location]
}

// code computes the value of a piece of a formula.
type code func(*Run) Value

// begin starts the account of a row.
func (r *Run) begin() {
	r.left, r.err, r.regexLeft = r.Steps, nil, MaxRegexTime
	if r.left <= 0 {
		r.left = MaxSteps
	}
	if r.Zone == nil {
		r.Zone = time.UTC
	}
	if r.stack == nil {
		r.stack = make([]Value, 0, stackChunk)
	}
}

// Fail ends the evaluation of the row: [Program.Eval] will return err, or what it was
// ended with before. It is for a [Record] that cannot give a value.
func (r *Run) Fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// fail is Fail for a function: it returns the value to return.
func (r *Run) fail(err error) Value {
	r.Fail(err)
	return failure
}

// spend takes n steps off the account. When it reports false, the caller must return at
// once; what it returns is not looked at.
func (r *Run) spend(n int) bool {
	r.left -= n
	if r.left < 0 {
		r.Fail(ErrSteps)
	}
	return r.err == nil
}

// spendText takes the steps for n bytes of text off the account.
func (r *Run) spendText(n int) bool { return r.spend(1 + n/16) }

// newText returns s after having paid for it.
func (r *Run) newText(s string) Value {
	if len(s) > MaxText {
		return r.fail(ErrText)
	}
	if !r.spendText(len(s)) {
		return failure
	}
	return TextValue(s)
}

// newList returns a list of n blank items to be filled, after having paid for it.
func (r *Run) newList(n int) ([]Value, bool) {
	if n > MaxList {
		r.Fail(ErrList)
		return nil, false
	}
	if !r.spend(n) {
		return nil, false
	}
	return make([]Value, n), true
}

// Eval evaluates the formula for a row. The value is one of [Program.Type], or blank. The
// error is a [LimitError] or what [Run.Fail] was told. Called from within an evaluation, by
// a [Record] whose property is a formula, it works on the account of the outer one.
func (p *Program) Eval(r *Run, row Record) (Value, error) {
	if r.depth == 0 {
		r.begin()
	}
	if r.depth >= MaxLayers {
		r.Fail(ErrLayers)
		return Value{}, r.err
	}
	if !r.spend(p.size) {
		return Value{}, r.err
	}
	outerRow, outerFrame, outerStack := r.row, r.frame, r.stack
	r.row, r.frame = row, r.push(p.slots)
	r.depth++
	v := p.code(r)
	r.depth--
	r.row, r.frame, r.stack = outerRow, outerFrame, outerStack
	if r.err != nil {
		return Value{}, r.err
	}
	return v, nil
}

// stackChunk is how many values of frames are made room for at a time.
const stackChunk = 256

// push returns a frame of n values. Frames that were handed out before stay where they are.
func (r *Run) push(n int) []Value {
	top := len(r.stack)
	if cap(r.stack)-top < n {
		r.stack, top = make([]Value, 0, max(stackChunk, n)), 0
	}
	r.stack = r.stack[:top+n]
	return r.stack[top : top+n : top+n]
}

// cache keeps a few things that are costly to make. The formula decides the keys, so when
// it is full it starts anew.
type cache[T any] map[string]T

const cacheSize = 64

func (c *cache[T]) get(key string, make func(string) T) T {
	v, ok := (*c)[key]
	if ok {
		return v
	}
	if *c == nil || len(*c) >= cacheSize {
		*c = cache[T]{}
	}
	v = make(key)
	(*c)[key] = v
	return v
}
