package query

import (
	"slices"
	"strings"

	"octavo/internal/jsonx"
	"octavo/internal/property"
)

// Computed is what is known of a formula or a rollup before it is computed.
type Computed struct {
	// Kinds are what its results can be, an unsupported one aside. Without any, such as for a
	// broken formula, nothing can be asked of it.
	Kinds []property.ResultKind
	// Indexed is not empty when the index has the cells of the results of all rows, which are
	// of one kind then. Cells that were made at another time have another name.
	Indexed string
	// Elements says what the elements are if the results are arrays, nil for others.
	Elements *Elements
	// Timed says that results can change without anything being written; see [Query.Timed].
	Timed bool
}

// Elements is what the elements of the results of a rollup are: the values of a property of
// the pages of a relation.
type Elements struct {
	Relation Relation
	Target   *property.Property
	// Computed is what is known of the target when it is a formula.
	Computed Computed
}

// Timed reports whether the answer can change without anything being written: at the
// beginning of a minute, or when one has just begun.
func (q *Query) Timed() bool { return q.timed }

// Text is the filter and the sorts as they were sent.
func (q *Query) Text() []byte { return q.text }

// Computes reports whether the query asks for more than the database knows: finding rows
// then takes their results.
func (q *Query) Computes() bool {
	return len(q.computed) > 0 || slices.ContainsFunc(q.sorts, computedOrder)
}

func computedOrder(o order) bool { return o.by == byResult }

// members are the kinds of results that the members of a formula filter and the conditions
// on whole rollups are about (databases.md §3.5).
var members = map[string]property.ResultKind{
	"string": property.StringResult, "checkbox": property.BooleanResult,
	"number": property.NumberResult, "date": property.DateResult,
}

// elementMembers are the same for filters on the elements of a rollup over a formula.
var elementMembers = map[string]property.ResultKind{
	"rich_text": property.StringResult, "checkbox": property.BooleanResult,
	"number": property.NumberResult, "date": property.DateResult,
}

func errUnknownType(prop *property.Property) error {
	return invalid("Unable to filter based on a %s of unknown type", prop.Type.Name)
}

func errMismatch(have, asked string) error {
	return invalid("The property type in the database does not match the property type of the filter provided: database property %s does not match filter %s",
		have, asked)
}

// describe names the type of a property and the kinds of its results as filters name them:
// formula.number.
func (c *Computed) describe(prop *property.Property) string {
	names := make([]string, len(c.Kinds))
	for i, kind := range c.Kinds {
		names[i] = prop.Type.Name + "." + string(kind)
		for member, of := range members {
			if of == kind {
				names[i] = prop.Type.Name + "." + member
			}
		}
	}
	return strings.Join(names, " or ")
}

// computed reads a condition on what a property computes.
func (p *parser) computed(prop *property.Property, c property.Condition, operand jsonx.Value, path string) (node, error) {
	known, err := p.known(prop)
	switch {
	case err != nil:
		return nil, err
	case len(known.Kinds) == 0:
		return nil, errUnknownType(prop)
	}
	path += "." + c.Name
	kind, whole := members[c.Name]
	if !whole && known.Elements != nil {
		return p.elements(prop, known.Elements, c, operand, path)
	}
	if !whole || !slices.Contains(known.Kinds, kind) {
		return nil, errMismatch(known.describe(prop), prop.Type.Name+"."+c.Name)
	}
	family := c.Inside[0].Family
	inner, operand := condition(operand, family)
	n, err := p.leaf(prop, family, inner, operand, path)
	switch {
	case err != nil:
		return nil, err
	case known.Indexed != "":
		return known.copied(n), nil
	}
	return derived{property: prop, kind: kind, of: n}, nil
}

// shapes are how tables keep the keys of results.
var shapes = map[property.ResultKind]shape{
	property.NumberResult: numbers, property.DateResult: numbers, property.StringResult: texts, property.BooleanResult: words,
}

// copied tells a node about the results how tables keep their cells.
func (c *Computed) copied(n node) node {
	switch n := n.(type) {
	case not:
		return not{c.copied(n.of)}
	case group:
		for i := range n.of {
			n.of[i] = c.copied(n.of[i])
		}
		return n
	case cells:
		n.shape, n.made = shapes[c.Kinds[0]], c.Indexed
		return n
	}
	return n
}

func (p *parser) known(prop *property.Property) (Computed, error) {
	known, err := p.Computed(prop)
	p.timed = p.timed || known.Timed
	return known, err
}

// elements reads a condition on the elements of a rollup: any, every or none of them.
func (p *parser) elements(prop *property.Property, e *Elements, c property.Condition, operand jsonx.Value, path string) (node, error) {
	i := slices.IndexFunc(c.Inside, func(f property.Filter) bool { return operand.Has(f.Kind) })
	asked := c.Inside[i]
	kind, err := e.check(asked.Kind)
	if err != nil {
		return nil, err
	}
	inner, operand := condition(operand.Get(asked.Kind), asked.Family)
	n, err := p.leaf(e.Target, asked.Family, inner, operand, path+"."+asked.Kind)
	if err != nil {
		return nil, err
	}
	some := func(n node) node { return related{e.Relation, n} }
	if e.Target.Type.Name == "formula" && e.Computed.Indexed == "" {
		some = func(n node) node { return derived{property: prop, kind: kind, of: n, elements: true} }
	}
	switch c.Name {
	case "any":
		return some(n), nil
	case "none":
		return not{some(n)}, nil
	default: // every, of which there must be one
		return group{of: []node{some(nil), not{some(not{n})}}}, nil
	}
}

// check refuses a kind of filter that the elements do not answer to. Of a formula it returns
// the kind of results that is asked for.
func (e *Elements) check(asked string) (property.ResultKind, error) {
	if e.Target.Type.Name != "formula" {
		if !e.Target.Type.AnswersElement(asked) {
			return "", errMismatch(e.Target.Type.Name, asked)
		}
		return "", nil
	}
	kind, ok := elementMembers[asked]
	switch {
	case len(e.Computed.Kinds) == 0:
		return "", errUnknownType(e.Target)
	case !ok || !slices.Contains(e.Computed.Kinds, kind):
		return "", errMismatch(e.Computed.describe(e.Target), asked)
	}
	return kind, nil
}

// sortByResult reads a sort by what a property computes.
func (p *parser) sortByResult(o *order, prop *property.Property) error {
	known, err := p.known(prop)
	switch {
	case err != nil:
		return err
	case len(known.Kinds) == 0:
		return invalid("Unable to sort by a %s of unknown type", prop.Type.Name)
	case known.Elements != nil:
		return errNoOrder(prop, known.describe(prop))
	case known.Indexed == "":
		o.by, o.of, o.kinds = byResult, prop, known.Kinds
		return nil
	}
	o.by, o.shape, o.made = byKey, shapes[known.Kinds[0]], known.Indexed
	if known.Kinds[0] == property.BooleanResult {
		o.by = byTicked
	}
	return nil
}

// maxConditions is how much of a filter one statement asks: the time that SQLite takes to
// read a statement grows with the square of its conditions, and databases bound how many
// arguments it has.
const maxConditions = 256

// divide takes a filter apart into what the database answers at once, and what must hold
// besides.
func divide(n node) (plain node, computed []node) {
	packed, rest := pack(conjuncts(n), false)
	switch {
	case len(packed) == 0:
		return group{}, rest
	case len(packed) == 1 && len(rest) == 0:
		return n, nil
	}
	return packed[0], append(packed[1:], rest...)
}

// pack puts the parts of a group that one statement can ask together into few groups, and
// arranges the others.
func pack(parts []node, any bool) (packed, rest []node) {
	var room int
	for _, part := range parts {
		if apart(part) {
			rest = append(rest, arrange(part))
			continue
		}
		w := weight(part)
		if w > room || len(packed) == 0 {
			packed, room = append(packed, group{any: any}), maxConditions
		}
		g := packed[len(packed)-1].(group)
		g.of = append(g.of, part)
		packed[len(packed)-1] = g
		room -= w
	}
	return packed, rest
}

// apart reports whether more than one statement is needed to tell what passes a node.
func apart(n node) bool { return computes(n) || weight(n) > maxConditions }

func computes(n node) bool {
	switch n := n.(type) {
	case group:
		return slices.ContainsFunc(n.of, computes)
	case not:
		return computes(n.of)
	case derived:
		return true
	}
	return false
}

// weight is how much of a statement a node takes.
func weight(n node) int {
	sum := 0
	switch n := n.(type) {
	case group:
		for _, part := range n.of {
			sum += weight(part)
		}
	case not:
		sum = weight(n.of)
	case related:
		sum = weight(n.of)
	case cells:
		sum = len(n.test.keys)
	}
	return max(1, sum)
}

// arrange puts what the database answers first in every group, in few parts, so that it is
// asked once and leaves fewer rows to compute.
func arrange(n node) node {
	switch n := n.(type) {
	case not:
		return not{arrange(n.of)}
	case group:
		packed, rest := pack(n.of, n.any)
		return group{any: n.any, of: append(packed, rest...)}
	}
	return n
}
