package formula

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"octavo/internal/notion"
)

type nodeKind uint8

const (
	numberNode   nodeKind = iota // text is the number as written
	textNode                     // text is the text meant
	boolNode                     // text is "true" or "false"
	nameNode                     // text is the name
	propertyNode                 // ref, and args holds the page it is read of, or nothing
	listNode                     // args are the items
	unaryNode                    // text is the operator, args its operand
	binaryNode                   // text is the operator, args its operands
	choiceNode                   // args are the condition and the two branches
	callNode                     // text is the function, args its arguments
)

// node is a piece of the tree of a formula.
type node struct {
	kind nodeKind
	// dotted is set on a call written after its first argument, as in x.f(y); bare on one
	// without brackets, as in x.f.
	dotted, bare bool
	text         string
	args         []*node
	ref          *reference
	// start and end are the place of the whole piece; at and atEnd that of the operator or
	// the name of the function.
	start, end, at, atEnd int
}

// reference names a property: by key, which is a name or an id, or, when key is "", by id.
type reference struct {
	key               string
	id                string
	source, workspace notion.ID
}

// Expr is a formula whose syntax is sound.
type Expr struct {
	root *node
	text string
	size int
}

// Parse reads a formula. The error is an [Error] of class [ParseError].
func Parse(text string) (*Expr, error) {
	if len(text) > MaxLength {
		return nil, tooBig(text, 0, "The formula is longer than "+strconv.Itoa(MaxLength)+" bytes.")
	}
	if at := invalidUTF8(text); at >= 0 {
		return nil, tooBig(text, at, "The formula is not valid UTF-8.")
	}
	tokens, err := scan(text)
	if err != nil {
		return nil, err
	}
	p := parser{text: text, tokens: tokens}
	root := p.expr()
	if p.err == nil && p.peek().kind != endToken {
		p.unexpected("an operator or the end")
	}
	if p.err != nil {
		return nil, p.err
	}
	return &Expr{root: root, text: text, size: p.nodes}, nil
}

func tooBig(text string, at int, message string) error {
	return &Error{Class: ParseError, Message: message, Start: at, End: at, text: text}
}

func invalidUTF8(text string) int {
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd") {
			return i
		}
	}
	return -1
}

// parser keeps the first error; after it, what it returns is of no use.
type parser struct {
	text   string
	tokens []token
	next   int
	nodes  int
	depth  int
	err    *Error
}

func (p *parser) peek() token { return p.tokens[p.next] }

func (p *parser) take() token {
	t := p.tokens[p.next]
	if t.kind != endToken {
		p.next++
	}
	return t
}

// is reports whether the next token is the symbol or keyword.
func (p *parser) is(text string) bool {
	t := p.peek()
	return t.text == text && (t.kind == symbolToken || t.kind == nameToken)
}

func (p *parser) skip(text string) bool {
	if p.err != nil || !p.is(text) {
		return false
	}
	p.take()
	return true
}

// want takes the symbol and returns where it ends.
func (p *parser) want(text string) int {
	if p.err == nil && !p.is(text) {
		p.unexpected("“" + text + "”")
	}
	return p.take().end
}

func (p *parser) unexpected(wanted string) {
	if p.err != nil {
		return
	}
	t := p.peek()
	p.fail(t.start, t.end, "Expected "+wanted+", found "+t.describe()+".")
	p.err.Expected, p.err.Found = wanted, t.describe()
}

func (p *parser) fail(start, end int, message string) {
	if p.err == nil {
		p.err = &Error{Class: ParseError, Message: message, Start: start, End: end, text: p.text}
		p.next = len(p.tokens) - 1
	}
}

// enter counts a level of nesting; what it returns leaves it.
func (p *parser) enter() func() {
	p.depth++
	if p.depth > MaxNesting {
		p.fail(p.peek().start, p.peek().end, "The formula is nested more than "+strconv.Itoa(MaxNesting)+" levels deep.")
	}
	return func() { p.depth-- }
}

func (p *parser) node(n node) *node {
	p.nodes++
	if p.nodes > MaxNodes {
		p.fail(n.start, n.end, "The formula has more than "+strconv.Itoa(MaxNodes)+" parts.")
	}
	return &n
}

// binary operators and how tightly they bind; all of them group from the left.
var binaryOperators = map[string]int{
	"or": 1, "||": 1, "and": 2, "&&": 2, "==": 3, "!=": 3, ">": 4, ">=": 4, "<": 4, "<=": 4,
	"+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}

// How tightly the rest binds.
const (
	choiceBinds  = 0
	unaryBinds   = 7
	powerBinds   = 8
	primaryBinds = 9
)

func (p *parser) expr() *node {
	defer p.enter()()
	condition := p.binary(1)
	at := p.peek()
	if !p.skip("?") {
		return condition
	}
	then := p.expr()
	p.want(":")
	otherwise := p.expr()
	return p.node(node{
		kind: choiceNode, args: []*node{condition, then, otherwise},
		start: condition.start, end: otherwise.end, at: at.start, atEnd: at.end,
	})
}

func (p *parser) binary(least int) *node {
	left := p.unary()
	for p.err == nil {
		operator := p.peek()
		binds := binaryOperators[operator.text]
		if binds < least || operator.kind != symbolToken && operator.kind != nameToken {
			break
		}
		p.take()
		right := p.binary(binds + 1)
		left = p.node(node{
			kind: binaryNode, text: operator.text, args: []*node{left, right},
			start: left.start, end: right.end, at: operator.start, atEnd: operator.end,
		})
	}
	return left
}

func (p *parser) unary() *node {
	operator := p.peek()
	if !p.is("-") && !p.is("!") && !p.isNot() {
		return p.power()
	}
	defer p.enter()()
	p.take()
	operand := p.unary()
	return p.node(node{
		kind: unaryNode, text: operator.text, args: []*node{operand},
		start: operator.start, end: operand.end, at: operator.start, atEnd: operator.end,
	})
}

// isNot reports whether the next token is the operator not. Before an argument list that
// is not one expression in brackets it is a call, which is then refused for its arguments.
func (p *parser) isNot() bool {
	if !p.is("not") {
		return false
	}
	after := p.tokens[p.next+1:]
	if !after[0].is("(") {
		return true
	}
	if after[1].is(")") {
		return false
	}
	depth := 0
	for _, t := range after {
		switch {
		case t.is("(") || t.is("["):
			depth++
		case t.is(")") || t.is("]"):
			depth--
		case t.is(",") && depth == 1:
			return false
		}
		if depth == 0 {
			break
		}
	}
	return true
}

func (p *parser) power() *node {
	base := p.postfix()
	operator := p.peek()
	if !p.skip("^") {
		return base
	}
	defer p.enter()()
	exponent := p.unary()
	return p.node(node{
		kind: binaryNode, text: "^", args: []*node{base, exponent},
		start: base.start, end: exponent.end, at: operator.start, atEnd: operator.end,
	})
}

func (p *parser) postfix() *node {
	base := p.primary()
	for p.skip(".") {
		base = p.member(base)
	}
	return base
}

// member reads what follows a dot.
func (p *parser) member(base *node) *node {
	t := p.peek()
	if t.kind == placeholderToken {
		return p.property(base)
	}
	if t.kind != nameToken {
		p.unexpected("a function or a property")
		return base
	}
	if p.isPropertyCall() {
		return p.property(base)
	}
	p.take()
	n := node{
		kind: callNode, dotted: true, bare: true, text: t.text, args: []*node{base},
		start: base.start, end: t.end, at: t.start, atEnd: t.end,
	}
	if p.skip("(") {
		n.bare = false
		n.args, n.end = p.list(n.args, ")")
	}
	return p.node(n)
}

// isPropertyCall reports whether prop("…") comes next. Any other use of prop is a call,
// which the check refuses.
func (p *parser) isPropertyCall() bool {
	rest := p.tokens[p.next:]
	return len(rest) > 3 && p.is("prop") && rest[1].is("(") && rest[2].kind == textToken && rest[3].is(")")
}

// property reads prop("…") or a placeholder, of the page base or, for nil, the row.
func (p *parser) property(base *node) *node {
	t := p.take()
	n := node{kind: propertyNode, start: t.start, end: t.end, at: t.start}
	if base != nil {
		n.args, n.start = []*node{base}, base.start
	}
	if t.kind == placeholderToken {
		ref, ok := parsePlaceholder(t.text)
		if !ok {
			p.fail(t.start, t.end, "The placeholder does not name a property.")
		}
		n.ref = ref
	} else {
		p.take()
		n.ref = &reference{key: p.take().text}
		n.end = p.take().end
	}
	n.atEnd = n.end
	return p.node(n)
}

// parsePlaceholder reads what is between the brackets of
// {{notion:block_property:<id>:<data source>:<workspace>}} (databases.md §4.1).
func parsePlaceholder(text string) (*reference, bool) {
	parts := strings.Split(text, ":")
	if len(parts) != 5 || parts[0] != "notion" || parts[1] != "block_property" {
		return nil, false
	}
	id, err := url.PathUnescape(parts[2])
	source, sound := notion.ParseID(parts[3])
	workspace, whole := notion.ParseID(parts[4])
	if err != nil || id == "" || !utf8.ValidString(id) || !sound || !whole {
		return nil, false
	}
	return &reference{id: id, source: source, workspace: workspace}, true
}

func (p *parser) primary() *node {
	t := p.peek()
	leaf := node{text: t.text, start: t.start, end: t.end, at: t.start, atEnd: t.end}
	switch t.kind {
	case numberToken:
		leaf.kind = numberNode
	case textToken:
		leaf.kind = textNode
	case placeholderToken:
		return p.property(nil)
	case nameToken:
		return p.named(leaf)
	case symbolToken:
		if t.text == "(" {
			return p.group()
		}
		if t.text == "[" {
			p.take()
			leaf.kind, leaf.text = listNode, ""
			leaf.args, leaf.end = p.list(nil, "]")
			return p.node(leaf)
		}
		fallthrough
	default:
		p.unexpected("a value")
		return p.node(leaf)
	}
	p.take()
	return p.node(leaf)
}

// named reads what begins with a name.
func (p *parser) named(leaf node) *node {
	if p.isPropertyCall() {
		return p.property(nil)
	}
	p.take()
	switch {
	case leaf.text == "true" || leaf.text == "false":
		leaf.kind = boolNode
	case p.skip("("):
		leaf.kind = callNode
		leaf.args, leaf.end = p.list(nil, ")")
	case leaf.text == "and" || leaf.text == "or" || leaf.text == "not":
		p.next--
		p.unexpected("a value")
	default:
		leaf.kind = nameNode
	}
	return p.node(leaf)
}

func (p *parser) group() *node {
	open := p.take()
	inner := p.expr()
	end := p.want(")")
	// The brackets belong to the place of what they enclose, not to the tree.
	inner.start, inner.end = open.start, end
	return inner
}

// list reads expressions up to the closing symbol, which may follow at once.
func (p *parser) list(items []*node, closing string) ([]*node, int) {
	if p.is(closing) {
		return items, p.take().end
	}
	for p.err == nil {
		items = append(items, p.expr())
		if !p.skip(",") {
			break
		}
	}
	if p.err == nil && !p.is(closing) {
		p.unexpected("“,” or “" + closing + "”")
	}
	return items, p.take().end
}

// number returns the number of a literal, an infinity when it is too large.
func (n *node) number() float64 {
	f, _ := strconv.ParseFloat(n.text, 64)
	return f
}
