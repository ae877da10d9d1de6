package formula

import (
	"strings"

	"octavo/internal/notion"
)

// Text returns the formula in its canonical form: one space on either side of operators and
// after commas, no brackets that change nothing, no comments. A property given by its id is
// shown as prop("name") when scope knows it and finds it again by that name, else as its
// placeholder. Without a scope, properties are shown as they are written.
func (x *Expr) Text(scope Scope) string {
	p := printer{show: func(n *node) string { return n.ref.shown(scope) }}
	p.node(x.root, choiceBinds)
	return p.String()
}

func (r *reference) shown(scope Scope) string {
	if r.key != "" || r.id == "" {
		return "prop(" + quote(r.key) + ")"
	}
	if scope != nil {
		if property, known := scope.Lookup(r.source, r.id); known {
			again, found := scope.Find(r.source, property.Name)
			if found && again.ID == property.ID {
				return "prop(" + quote(property.Name) + ")"
			}
		}
	}
	return placeholder(r.id, r.source, r.workspace)
}

// placeholder returns the stored form of a reference (databases.md §4.1).
func placeholder(id string, source, workspace notion.ID) string {
	return "{{notion:block_property:" + escape(id) + ":" + source.String() + ":" + workspace.String() + "}}"
}

// escape is JavaScript's encodeURIComponent.
func escape(s string) string {
	const plain = "-_.!~*'()"
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		if isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' || strings.IndexByte(plain, c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}

var quoter = strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\n", `\n`, "\t", `\t`)

func quote(s string) string { return `"` + quoter.Replace(s) + `"` }

type printer struct {
	strings.Builder
	// show returns a reference to a property, without the page it is read of.
	show func(*node) string
	// found has the calls that turned out to be properties, as in current.Name.
	found map[*node]found
}

// binds returns how tightly the outermost piece of n holds together.
func (n *node) binds() int {
	switch {
	case n.kind == choiceNode:
		return choiceBinds
	case n.kind == unaryNode:
		return unaryBinds
	case n.kind == binaryNode && n.text == "^":
		return powerBinds
	case n.kind == binaryNode:
		return binaryOperators[n.text]
	}
	return primaryBinds
}

// node prints n where something is wanted that binds at least so tightly.
func (p *printer) node(n *node, least int) {
	if n.binds() < least {
		p.WriteByte('(')
		defer p.WriteByte(')')
	}
	switch n.kind {
	case numberNode, boolNode, nameNode:
		p.WriteString(n.text)
	case textNode:
		p.WriteString(quote(n.text))
	case propertyNode:
		for _, base := range n.args {
			p.node(base, primaryBinds)
			p.WriteByte('.')
		}
		p.WriteString(p.show(n))
	case listNode:
		p.WriteByte('[')
		p.list(n.args)
		p.WriteByte(']')
	case unaryNode:
		p.WriteString(n.text)
		if n.text == "not" {
			p.WriteByte(' ')
		}
		p.node(n.args[0], unaryBinds)
	case binaryNode:
		p.operation(n)
	case choiceNode:
		p.node(n.args[0], choiceBinds+1)
		p.WriteString(" ? ")
		p.node(n.args[1], choiceBinds)
		p.WriteString(" : ")
		p.node(n.args[2], choiceBinds)
	case callNode:
		p.call(n)
	}
}

func (p *printer) operation(n *node) {
	left, right := n.binds(), n.binds()+1
	if n.text == "^" {
		left, right = primaryBinds, unaryBinds
	}
	p.node(n.args[0], left)
	p.WriteString(" " + n.text + " ")
	p.node(n.args[1], right)
}

func (p *printer) call(n *node) {
	args := n.args
	if n.dotted {
		p.node(args[0], primaryBinds)
		p.WriteByte('.')
		args = args[1:]
	}
	if _, isProperty := p.found[n]; isProperty {
		p.WriteString(p.show(n))
		return
	}
	p.WriteString(n.text)
	if n.bare {
		return
	}
	p.WriteByte('(')
	p.list(args)
	p.WriteByte(')')
}

func (p *printer) list(items []*node) {
	for i, item := range items {
		if i > 0 {
			p.WriteString(", ")
		}
		p.node(item, choiceBinds)
	}
}
