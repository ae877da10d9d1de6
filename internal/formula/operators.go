package formula

import (
	"math"
	"strings"
)

// numeric are the kinds that arithmetic takes: a boolean counts as 1 or 0, and so does a
// blank value as 0 (databases.md §4.4).
const numeric = 1<<KindNumber | 1<<KindBoolean

// asNumber returns what the value counts for in arithmetic.
func (v Value) asNumber() float64 {
	if v.kind == KindBoolean {
		return float64(v.bits)
	}
	return v.Number()
}

// operators are the operators and functions of arithmetic. The sum of texts is in
// [checker.plus].
var operators = map[string]func(a, b float64) float64{
	"add": func(a, b float64) float64 { return a + b }, "subtract": func(a, b float64) float64 { return a - b },
	"multiply": func(a, b float64) float64 { return a * b }, "divide": func(a, b float64) float64 { return a / b },
	"mod": math.Mod, "pow": math.Pow,
}

var operatorNames = map[string]string{
	"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "mod", "^": "pow",
}

func (c *checker) binary(n *node) operand {
	switch n.text {
	case "and", "&&":
		return c.connect(true, n.args)
	case "or", "||":
		return c.connect(false, n.args)
	case "==", "!=":
		return c.equality(n)
	case "<", "<=", ">", ">=":
		return c.comparison(n)
	case "+":
		return c.plus(n)
	}
	return c.arithmetic(n, operators[operatorNames[n.text]])
}

// arithmetic checks an operation on two numbers.
func (c *checker) arithmetic(n *node, apply func(a, b float64) float64) operand {
	x, y := c.expr(n.args[0]), c.expr(n.args[1])
	return c.compute(n, x, y, apply)
}

func (c *checker) compute(n *node, x, y operand, apply func(a, b float64) float64) operand {
	for i, o := range []operand{x, y} {
		if c.err == nil && !o.typ.within(numeric) {
			c.mismatch(n.args[i], "An operand of “"+n.text+"”", "Number", o.typ)
		}
	}
	if c.err != nil {
		return operand{}
	}
	a, b := x.code, y.code
	return operand{typ: TypeOf(KindNumber), code: inline(n.text, a, b, func(r *Run) Value {
		v := a(r)
		if v.kind == failed {
			return v
		}
		w := b(r)
		if w.kind == failed {
			return w
		}
		return NumberValue(apply(v.asNumber(), w.asNumber()))
	})}
}

// inline returns code for the most common operations in which nothing is called, and
// general for the others.
func inline(operator string, a, b, general code) code {
	switch operator {
	case "+":
		return func(r *Run) Value {
			v, w := a(r), b(r)
			if v.kind == KindNumber && w.kind == KindNumber {
				return NumberValue(v.float() + w.float())
			}
			return arithmetic(v, w, v.asNumber()+w.asNumber())
		}
	case "-":
		return func(r *Run) Value {
			v, w := a(r), b(r)
			if v.kind == KindNumber && w.kind == KindNumber {
				return NumberValue(v.float() - w.float())
			}
			return arithmetic(v, w, v.asNumber()-w.asNumber())
		}
	case "*":
		return func(r *Run) Value {
			v, w := a(r), b(r)
			if v.kind == KindNumber && w.kind == KindNumber {
				return NumberValue(v.float() * w.float())
			}
			return arithmetic(v, w, v.asNumber()*w.asNumber())
		}
	case "/":
		return func(r *Run) Value {
			v, w := a(r), b(r)
			if v.kind == KindNumber && w.kind == KindNumber {
				return NumberValue(v.float() / w.float())
			}
			return arithmetic(v, w, v.asNumber()/w.asNumber())
		}
	}
	return general
}

// arithmetic returns the result of an operation unless an operand failed.
func arithmetic(v, w Value, result float64) Value {
	if v.kind == failed || w.kind == failed {
		return failure
	}
	return NumberValue(result)
}

// float is Number for a value that is known to be one.
func (v Value) float() float64 { return math.Float64frombits(v.bits) }

// plus checks +, which adds numbers, and puts together the texts of both sides when one
// of them is a text.
func (c *checker) plus(n *node) operand {
	x, y := c.expr(n.args[0]), c.expr(n.args[1])
	if c.err != nil {
		return operand{}
	}
	left, right := x.typ.kinds&^setOf(KindText), y.typ.kinds&^setOf(KindText)
	if x.typ.only(KindText) || y.typ.only(KindText) {
		parts := []code{x.code}
		if x.parts != nil {
			// Grouping from the left, "a" + b + c is one text of three.
			parts = x.parts
		}
		parts = append(parts[:len(parts):len(parts)], y.code)
		return operand{typ: TypeOf(KindText), parts: parts, code: concatenation(parts)}
	}
	if left != 0 && right != 0 && (left|right)&^numeric != 0 {
		i := 0
		if left&^numeric == 0 {
			i = 1
		}
		return c.mismatch(n.args[i], "An operand of “+”", "Number or Text", [...]Type{x.typ, y.typ}[i])
	}
	if !x.typ.can(KindText) && !y.typ.can(KindText) {
		return c.compute(n, x, y, operators["add"])
	}
	typ := TypeOf(KindText)
	if x.typ.first != KindText && left&^numeric == 0 && right&^numeric == 0 {
		typ = TypeOf(KindNumber, KindText)
	} else if left&^numeric == 0 && right&^numeric == 0 {
		typ = TypeOf(KindText, KindNumber)
	}
	a, b := x.code, y.code
	return operand{typ: typ, code: func(r *Run) Value { return r.plus(a(r), b(r), typ) }}
}

// plus adds two values of which it was not known whether they are texts.
func (r *Run) plus(v, w Value, typ Type) Value {
	if v.kind == failed || w.kind == failed {
		return failure
	}
	if v.kind != KindText && w.kind != KindText && typ.can(KindNumber) {
		return NumberValue(v.asNumber() + w.asNumber())
	}
	mark := len(r.text)
	r.appendFormat(v)
	r.appendFormat(w)
	return r.cutText(mark)
}

func concatenation(parts []code) code {
	return func(r *Run) Value {
		mark := len(r.text)
		for _, part := range parts {
			v := part(r)
			if v.kind == failed {
				r.text = r.text[:mark]
				return v
			}
			r.appendFormat(v)
			if len(r.text)-mark > MaxText {
				break
			}
		}
		return r.cutText(mark)
	}
}

// cutText makes a value of the text put together since mark.
func (r *Run) cutText(mark int) Value {
	made := r.text[mark:]
	r.text = r.text[:mark]
	if len(made) > MaxText {
		return r.fail(ErrText)
	}
	if !r.spendText(len(made)) {
		return failure
	}
	return TextValue(string(made))
}

func (c *checker) equality(n *node) operand {
	x, y := c.expr(n.args[0]), c.expr(n.args[1])
	a, b, same := x.code, y.code, n.text == "=="
	return operand{typ: TypeOf(KindBoolean), code: func(r *Run) Value {
		v, w := a(r), b(r)
		if v.kind == failed || w.kind == failed {
			return failure
		}
		return BoolValue(r.equal(v, w) == same)
	}}
}

// equal reports whether two values are the same: of one kind, lists with the same items,
// dates by their instants, people and pages by their ids.
func (r *Run) equal(v, w Value) bool {
	if v.kind != w.kind {
		return v.IsBlank() && w.IsBlank()
	}
	switch v.kind {
	case KindNumber:
		return v.float() == w.float()
	case KindBoolean:
		return v.bits == w.bits
	case KindText:
		return r.spend(1+min(len(v.Text()), len(w.Text()))/16) && v.Text() == w.Text()
	case KindDate:
		return r.instant(v) == r.instant(w) && r.instantOfEnd(v) == r.instantOfEnd(w)
	case KindPerson:
		return v.Person().ID == w.Person().ID
	case KindPage:
		return v.Page().ID() == w.Page().ID()
	case KindList:
		return r.equalLists(v.Items(), w.Items())
	}
	return true
}

func (r *Run) equalLists(a, b []Value) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !r.spend(1) || !r.equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

// ordered are the kinds that have an order.
const ordered = 1<<KindNumber | 1<<KindText | 1<<KindBoolean | 1<<KindDate

func (c *checker) comparison(n *node) operand {
	x, y := c.expr(n.args[0]), c.expr(n.args[1])
	if c.err != nil {
		return operand{}
	}
	for i, o := range []operand{x, y} {
		if !o.typ.isBlank() && o.typ.kinds&ordered == 0 {
			return c.mismatch(n.args[i], "An operand of “"+n.text+"”", "Number, Text, Boolean or Date", o.typ)
		}
	}
	if !x.typ.isBlank() && !y.typ.isBlank() && x.typ.kinds&y.typ.kinds&ordered == 0 {
		return c.mismatch(n.args[1], "The right operand of “"+n.text+"”", x.typ.String(), y.typ)
	}
	a, b := x.code, y.code
	holds := orders[n.text]
	return operand{typ: TypeOf(KindBoolean), code: func(r *Run) Value {
		v, w := a(r), b(r)
		if v.kind == KindNumber && w.kind == KindNumber {
			return BoolValue(holds.numbers(v.float(), w.float()))
		}
		if v.kind == failed || w.kind == failed {
			return failure
		}
		if v.kind != w.kind || v.kind == KindBlank {
			return BoolValue(false)
		}
		return BoolValue(holds.order(r.compare(v, w)))
	}}
}

// orders say when a comparison holds.
var orders = map[string]struct {
	numbers func(a, b float64) bool
	order   func(int) bool
}{
	"<":  {func(a, b float64) bool { return a < b }, func(o int) bool { return o < 0 }},
	"<=": {func(a, b float64) bool { return a <= b }, func(o int) bool { return o <= 0 }},
	">":  {func(a, b float64) bool { return a > b }, func(o int) bool { return o > 0 }},
	">=": {func(a, b float64) bool { return a >= b }, func(o int) bool { return o >= 0 }},
}

// compare orders two values: by kind, and within a kind numbers by size, texts by code
// unit, false before true, dates by their start and then their end, people by name, pages
// by title, and lists item by item.
func (r *Run) compare(v, w Value) int {
	if v.kind != w.kind {
		return int(v.kind) - int(w.kind)
	}
	switch v.kind {
	case KindNumber:
		return order(v.float(), w.float())
	case KindBoolean:
		return order(v.bits, w.bits)
	case KindText:
		return r.compareTexts(v.Text(), w.Text())
	case KindDate:
		if o := order(r.instant(v), r.instant(w)); o != 0 {
			return o
		}
		return order(r.instantOfEnd(v), r.instantOfEnd(w))
	case KindPerson:
		return r.compareTexts(v.Person().Name, w.Person().Name)
	case KindPage:
		return r.compareTexts(v.Page().Title(), w.Page().Title())
	case KindList:
		return r.compareLists(v.Items(), w.Items())
	}
	return 0
}

func order[T int | int64 | uint64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (r *Run) compareLists(a, b []Value) int {
	for i := range min(len(a), len(b)) {
		if !r.spend(1) {
			return 0
		}
		if o := r.compare(a[i], b[i]); o != 0 {
			return o
		}
	}
	return order(len(a), len(b))
}

// compareTexts orders by UTF-16 code unit, as JavaScript does. That is the order of the
// bytes but for what needs two units, which comes before U+E000 and what follows.
func (r *Run) compareTexts(a, b string) int {
	if !r.spend(1 + min(len(a), len(b))/64) {
		return 0
	}
	i := commonPrefix(a, b)
	if i == len(a) || i == len(b) {
		return order(len(a), len(b))
	}
	x, y := a[i], b[i]
	const fourBytes, private = 0xF0, 0xEE
	if (x >= fourBytes) != (y >= fourBytes) && min(x, y) >= private {
		return order(uint64(y), uint64(x))
	}
	return strings.Compare(a[i:], b[i:])
}

func commonPrefix(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
