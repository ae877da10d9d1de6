package formula

import (
	"fmt"
	"slices"
	"strings"

	"octavo/internal/notion"
)

// Program is a formula whose properties are found and whose types fit. It can be used by
// many goroutines at once, each with its own [Run].
type Program struct {
	expr  *Expr
	code  code
	typ   Type
	slots int
	size  int
	refs  []Reference
	found map[*node]found
	timed bool
}

// Reference is a property a formula reads.
type Reference struct {
	// Source is the data source of the property: that of the formula, or that of a related
	// page.
	Source notion.ID
	// Property is what the [Scope] has given out.
	Property *Property
}

// found is what a node turned out to name.
type found struct {
	source   notion.ID
	property *Property
}

// Type returns the type of the formula's values.
func (p *Program) Type() Type { return p.typ }

// References returns the properties the formula reads, each once, in the order of their
// first use.
func (p *Program) References() []Reference { return p.refs }

// DependsOnTime reports whether the formula itself calls now or today. Those it refers to
// must be asked too.
func (p *Program) DependsOnTime() bool { return p.timed }

// Stored returns the formula as it is to be stored: canonical, with every property as its
// placeholder, so that it survives renames.
func (p *Program) Stored(workspace notion.ID) string {
	out := printer{show: func(n *node) string {
		f := p.found[n]
		return placeholder(f.property.ID, f.source, workspace)
	}, found: p.found}
	out.node(p.expr.root, choiceBinds)
	return out.String()
}

// Check finds the properties of a formula of a data source, checks its types and makes it
// ready to be evaluated. The error is an [Error] of class [TypeError].
func (x *Expr) Check(source notion.ID, scope Scope) (*Program, error) {
	c := checker{tree: x, source: source, scope: scope, found: map[*node]found{}}
	root := c.expr(x.root)
	if c.err != nil {
		return nil, c.err
	}
	return &Program{
		expr: x, code: root.code, typ: root.typ, slots: c.slots, size: x.size,
		refs: c.refs, found: c.found, timed: c.timed,
	}, nil
}

// checker keeps the first error; after it, what it returns is of no use.
type checker struct {
	tree   *Expr
	source notion.ID
	scope  Scope
	names  []name
	// top is the next free place of the frame, slots the number of places needed.
	top, slots int
	// visited counts the nodes seen, to know the cost of a body.
	visited int
	found   map[*node]found
	refs    []Reference
	timed   bool
	err     *Error
}

// name is what let, lets or a function that goes through a list has bound.
type name struct {
	text string
	typ  Type
	slot int
}

// operand is a checked piece of a formula.
type operand struct {
	typ  Type
	code code
	// parts are what is put together when the piece is a text made by +.
	parts []code
}

func (c *checker) fail(n *node, format string, args ...any) operand {
	return c.failAt(n.start, n.end, fmt.Sprintf(format, args...))
}

func (c *checker) failAt(start, end int, message string) operand {
	if c.err == nil {
		c.err = &Error{Class: TypeError, Message: message, Start: start, End: end, text: c.tree.text}
	}
	return operand{code: func(*Run) Value { return failure }}
}

func (c *checker) expected(start, end int, expected, found, message string) operand {
	if c.err != nil {
		return operand{}
	}
	o := c.failAt(start, end, message)
	c.err.Expected, c.err.Found = expected, found
	return o
}

// mismatch refuses the type of n.
func (c *checker) mismatch(n *node, what, wanted string, found Type) operand {
	return c.expected(n.start, n.end, wanted, found.String(), fmt.Sprintf("%s must be %s, not %s.", what, wanted, found))
}

// reserve takes n places of the frame; release gives all from base on back.
func (c *checker) reserve(n int) (base int) {
	base = c.top
	c.top += n
	c.slots = max(c.slots, c.top)
	return base
}

func (c *checker) release(base int) { c.top = base }

func literal(v Value) operand {
	return operand{typ: TypeOf(v.kind), code: func(*Run) Value { return v }}
}

func (c *checker) expr(n *node) operand {
	c.visited++
	if c.err != nil {
		return operand{}
	}
	switch n.kind {
	case numberNode:
		o := literal(NumberValue(n.number()))
		o.typ = TypeOf(KindNumber) // a number beyond all bounds is blank
		return o
	case textNode:
		return literal(TextValue(n.text))
	case boolNode:
		return literal(BoolValue(n.text == "true"))
	case nameNode:
		return c.name(n)
	case propertyNode:
		return c.property(n)
	case listNode:
		return c.list(n)
	case unaryNode:
		return c.unary(n)
	case binaryNode:
		return c.binary(n)
	case choiceNode:
		return c.choose(n.args)
	}
	return c.call(n)
}

func (c *checker) name(n *node) operand {
	for _, known := range slices.Backward(c.names) {
		if known.text == n.text {
			slot := known.slot
			return operand{typ: known.typ, code: func(r *Run) Value { return r.frame[slot] }}
		}
	}
	if n.text == "current" || n.text == "index" {
		return c.fail(n, "“%s” has a meaning only inside of map, filter and other functions that go through a list.", n.text)
	}
	if f := functions[n.text]; f != nil {
		return c.fail(n, "“%s” is a function: write “%s()”.", n.text, n.text)
	}
	return c.fail(n, "“%s” is not known. A property is written prop(\"%s\"), a text %s.", n.text, n.text, quote(n.text))
}

func (c *checker) property(n *node) operand {
	ref := n.ref
	if len(n.args) == 0 {
		if ref.id != "" && ref.source != c.source {
			return c.fail(n, "The property belongs to another data source.")
		}
		p := c.find(n, c.source, ref)
		if p == nil {
			return operand{}
		}
		return operand{typ: p.Type, code: func(r *Run) Value { return r.property(r.row, p) }}
	}
	return c.propertyOf(n, c.expr(n.args[0]), ref)
}

// propertyOf checks the reading of a property of another page.
func (c *checker) propertyOf(n *node, base operand, ref *reference) operand {
	if c.err != nil {
		return operand{}
	}
	if !base.typ.only(KindPage) {
		return c.mismatch(n.args[0], "What a property is read of", "Page", base.typ)
	}
	source := base.typ.source
	if source.IsZero() {
		return c.fail(n.args[0], "The pages are of more than one data source, so their properties are not known.")
	}
	if ref.id != "" && ref.source != source {
		return c.fail(n, "The property belongs to another data source than the page.")
	}
	p := c.find(n, source, ref)
	if p == nil {
		return operand{}
	}
	return operand{typ: p.Type, code: func(r *Run) Value {
		v := base.code(r)
		if v.kind != KindPage {
			return v
		}
		if !r.spend(1) {
			return failure
		}
		return r.property(v.Page(), p)
	}}
}

func (c *checker) find(n *node, source notion.ID, ref *reference) *Property {
	var p *Property
	var ok bool
	if ref.id != "" {
		p, ok = c.scope.Lookup(source, ref.id)
	} else {
		p, ok = c.scope.Find(source, ref.key)
	}
	if !ok {
		if ref.id != "" {
			c.failAt(n.at, n.end, "The property does not exist any more.")
		} else {
			c.failAt(n.at, n.end, fmt.Sprintf("There is no property %s.", quote(ref.key)))
		}
		return nil
	}
	if p.Problem != "" {
		c.failAt(n.at, n.end, p.Problem)
		return nil
	}
	c.found[n] = found{source, p}
	r := Reference{source, p}
	if !slices.ContainsFunc(c.refs, func(known Reference) bool {
		return known.Source == source && known.Property.ID == p.ID
	}) {
		c.refs = append(c.refs, r)
	}
	return p
}

// property asks for a value. One that is not of the type it was said to be is taken for
// blank: the check relies on it.
func (r *Run) property(row Record, p *Property) Value {
	v := row.Property(p)
	if v.kind > failed && !p.Type.can(v.kind) {
		return Value{}
	}
	return v
}

func (c *checker) list(n *node) operand {
	var item Type
	items := make([]code, len(n.args))
	for i, arg := range n.args {
		o := c.expr(arg)
		item = item.or(o.typ)
		items[i] = o.code
	}
	return operand{typ: ListOf(item), code: func(r *Run) Value {
		list, ok := r.newList(len(items))
		if !ok {
			return failure
		}
		for i, item := range items {
			list[i] = item(r)
		}
		return ListValue(list)
	}}
}

func (c *checker) unary(n *node) operand {
	x := c.expr(n.args[0])
	if c.err != nil {
		return operand{}
	}
	if n.text != "-" {
		return negate(x)
	}
	if !x.typ.within(numeric) {
		return c.mismatch(n.args[0], "What is negated", "Number", x.typ)
	}
	run := x.code
	return operand{typ: TypeOf(KindNumber), code: func(r *Run) Value {
		v := run(r)
		if v.kind == KindNumber {
			return NumberValue(-v.Number())
		}
		if v.kind == failed {
			return v
		}
		return NumberValue(-v.asNumber())
	}}
}

func negate(x operand) operand {
	run := x.code
	return operand{typ: TypeOf(KindBoolean), code: func(r *Run) Value {
		v := run(r)
		if v.kind == failed {
			return v
		}
		return BoolValue(!v.isTrue())
	}}
}

// choose checks a condition with two branches, of which only one is evaluated.
func (c *checker) choose(args []*node) operand {
	condition, then, otherwise := c.expr(args[0]).code, c.expr(args[1]), c.expr(args[2])
	yes, no := then.code, otherwise.code
	return operand{typ: then.typ.or(otherwise.typ), code: func(r *Run) Value {
		v := condition(r)
		if v.isTrue() {
			return yes(r)
		}
		if v.kind == failed {
			return v
		}
		return no(r)
	}}
}

// call checks the call of a function.
func (c *checker) call(n *node) operand {
	f := functions[n.text]
	if f == nil {
		return c.unknown(n)
	}
	if n.isEmptyCall() {
		return literal(Value{})
	}
	if !c.count(n, f) {
		return operand{}
	}
	if f.special {
		return c.special(n)
	}
	return c.ordinary(n, f)
}

// unknown handles a name after a dot that is no function: UIs write current.Name for
// current.prop("Name").
func (c *checker) unknown(n *node) operand {
	if n.bare {
		base := c.expr(n.args[0])
		if c.err == nil && base.typ.only(KindPage) {
			return c.propertyOf(n, base, &reference{key: n.text})
		}
	}
	if c.err != nil {
		return operand{}
	}
	message := fmt.Sprintf("There is no function “%s”.", n.text)
	if n.text == "prop" {
		message = "The name of a property is written as prop(\"Name\")."
	} else if hint := suggestion(n.text); hint != "" {
		message += " Did you mean " + hint + "?"
	}
	return c.failAt(n.at, n.atEnd, message)
}

// count refuses a wrong number of arguments.
func (c *checker) count(n *node, f *function) bool {
	least, most := f.arity()
	have := len(n.args)
	if have >= least && have <= most && (f.name != "lets" || have%2 == 1) {
		return true
	}
	wanted := fmt.Sprint(least)
	switch {
	case f.name == "lets":
		wanted = "an odd number of"
	case most == unlimited:
		wanted = "at least " + wanted
	case most == least+1:
		wanted += " or " + fmt.Sprint(most)
	case most > least:
		wanted += " to " + fmt.Sprint(most)
	}
	noun := "arguments"
	if wanted == "1" || wanted == "at least 1" {
		noun = "argument"
	}
	c.expected(n.at, n.end, wanted+" "+noun, fmt.Sprint(have),
		fmt.Sprintf("“%s” takes %s %s, not %d: %s.", f.name, wanted, noun, have, f.signature))
	return false
}

// ordinary checks a call by the signature of the function.
func (c *checker) ordinary(n *node, f *function) operand {
	base := c.reserve(len(n.args))
	defer c.release(base)
	var item, bodyType Type
	var body lambda
	var strict uint64
	codes := make([]code, 0, len(n.args))
	for i, arg := range n.args {
		p := f.param(i)
		if p.body {
			body, bodyType = c.lambda(arg, item)
			continue
		}
		o := c.expr(arg)
		if c.err != nil {
			return operand{}
		}
		if !p.typ.accepts(o.typ) {
			return c.mismatch(arg, fmt.Sprintf("“%s” of “%s”", p.name, f.name), p.wanted, o.typ)
		}
		if p.some && (arg.kind == listNode && len(arg.args) == 0 || arg.isEmptyCall()) {
			return c.mismatch(arg, fmt.Sprintf("“%s” of “%s”", p.name, f.name), p.wanted, Type{})
		}
		switch p.variable {
		case itself:
			item = item.or(o.typ)
		case itemOf:
			item = item.or(o.typ.Item())
		}
		// A list that is blank has no length when it is asked for by .length, but has the
		// length 0 when it is by length() (databases.md §4.4).
		if p.strict || n.dotted && i == 0 && !p.any && o.typ.only(KindList) {
			strict |= 1 << i
		}
		codes = append(codes, o.code)
	}
	if c.err != nil {
		return operand{}
	}
	c.timed = c.timed || f.name == "now" || f.name == "today"
	return operand{typ: f.resultType(item, bodyType), code: f.build(codes, strict, base, body)}
}

// isEmptyCall reports whether n is empty() without arguments, the literal of blank.
func (n *node) isEmptyCall() bool {
	return n.kind == callNode && n.text == "empty" && len(n.args) == 0
}

// lambda is an argument that is evaluated for every item of a list.
type lambda struct {
	code code
	slot int // of current; index follows
	cost int
}

// at evaluates the body for an item. When it reports false, the evaluation has ended.
func (b lambda) at(r *Run, item Value, index int) (Value, bool) {
	if !r.spend(b.cost) {
		return failure, false
	}
	r.frame[b.slot] = item
	r.frame[b.slot+1] = NumberValue(float64(index))
	v := b.code(r)
	return v, r.err == nil
}

func (c *checker) lambda(n *node, item Type) (lambda, Type) {
	slot := c.reserve(2)
	before, known := c.visited, len(c.names)
	c.names = append(c.names, name{"current", item, slot}, name{"index", TypeOf(KindNumber), slot + 1})
	o := c.expr(n)
	c.names = c.names[:known]
	return lambda{o.code, slot, 1 + c.visited - before}, o.typ
}

// special checks the functions that are not called with the values of their arguments.
func (c *checker) special(n *node) operand {
	switch n.text {
	case "if":
		return c.choose(n.args)
	case "ifs":
		return c.ifs(n.args)
	case "let", "lets":
		return c.let(n.args)
	case "and", "or":
		return c.connect(n.text == "and", n.args)
	case "not":
		return negate(c.expr(n.args[0]))
	}
	return c.arithmetic(n, operators[n.text])
}

func (c *checker) ifs(args []*node) operand {
	var typ Type
	var conditions, values []code
	for i := 0; i+1 < len(args); i += 2 {
		condition, value := c.expr(args[i]), c.expr(args[i+1])
		conditions, values = append(conditions, condition.code), append(values, value.code)
		typ = typ.or(value.typ)
	}
	otherwise := func(*Run) Value { return Value{} }
	if len(args)%2 == 1 {
		last := c.expr(args[len(args)-1])
		otherwise, typ = last.code, typ.or(last.typ)
	}
	return operand{typ: typ, code: func(r *Run) Value {
		for i, condition := range conditions {
			v := condition(r)
			if v.isTrue() {
				return values[i](r)
			}
			if v.kind == failed {
				return v
			}
		}
		return otherwise(r)
	}}
}

// let checks pairs of names and values and the body that comes after them.
func (c *checker) let(args []*node) operand {
	base, known := c.top, len(c.names)
	pairs := len(args) / 2
	values := make([]code, pairs)
	slots := make([]int, pairs)
	for i := range pairs {
		if args[2*i].kind != nameNode {
			return c.fail(args[2*i], "What is bound must be a name.")
		}
		value := c.expr(args[2*i+1])
		slots[i] = c.reserve(1)
		values[i] = value.code
		c.names = append(c.names, name{args[2*i].text, value.typ, slots[i]})
	}
	body := c.expr(args[len(args)-1])
	c.names = c.names[:known]
	c.release(base)
	run := body.code
	return operand{typ: body.typ, code: func(r *Run) Value {
		for i, value := range values {
			r.frame[slots[i]] = value(r)
		}
		return run(r)
	}}
}

// connect checks and, or: the first operand that decides ends it.
func (c *checker) connect(all bool, args []*node) operand {
	codes := make([]code, len(args))
	for i, arg := range args {
		codes[i] = c.expr(arg).code
	}
	return operand{typ: TypeOf(KindBoolean), code: func(r *Run) Value {
		for _, run := range codes {
			v := run(r)
			if v.kind == failed {
				return v
			}
			if v.isTrue() != all {
				return BoolValue(!all)
			}
		}
		return BoolValue(all)
	}}
}

// suggestion returns what the writer of an unknown function may have meant.
func suggestion(name string) string {
	if hint := formerly[name]; hint != "" {
		return hint
	}
	best, least := "", 1+len(name)/3
	for i := range table {
		if d := distance(strings.ToLower(name), strings.ToLower(table[i].name)); d < least {
			best, least = "“"+table[i].name+"”", d
		}
	}
	return best
}

// formerly says how what the first version of the language had is written now.
var formerly = map[string]string{
	"larger": "“>”", "largerEq": "“>=”", "smaller": "“<”", "smallerEq": "“<=”", "unaryMinus": "“-”",
	"unaryPlus": "“toNumber”", "start": "“dateStart”", "end": "“dateEnd”",
}

// distance returns how many letters are added, left out or changed between two words,
// which are taken to be short.
func distance(a, b string) int {
	if len(a) > 20 || len(b) > 20 {
		return len(a) + len(b)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
