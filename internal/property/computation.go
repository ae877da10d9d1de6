package property

import (
	"errors"
	"slices"
	"sync"

	lang "octavo/internal/formula"
	"octavo/internal/notion"
)

// Computation is how a formula or a rollup comes to its value. It never changes.
type Computation struct {
	// Program is what a formula computes, nil for a rollup and for a formula without a value.
	Program *lang.Program
	// Relation is the relation that a rollup follows, to pages of Source, and Target the
	// property of those pages; nil for a formula and for a rollup without a value.
	Relation, Target *Property
	Source           notion.ID
	// Type is the type of the values.
	Type lang.Type
	// Timed reports whether the value changes with time alone.
	Timed bool
	// TooDeep says that the property refers to others in more than [lang.MaxLayers] layers.
	TooDeep bool
	// Problem is why there is no value, a sentence for people; "" when there is one.
	Problem string

	err    error // the refusal, a [lang.Error], or nil
	layers int
	cyclic bool // it was referred to while it was made
	// schemas are those that it was made from.
	schemas []sourceSchema
}

// sourceSchema is the schema that a data source had.
type sourceSchema struct {
	source notion.ID
	schema *Schema
}

// column is a property of a data source.
type column struct {
	source   notion.ID
	property string // raw id
}

// Computations works out how formulas and rollups of data sources come to their values. It
// is a [lang.Scope]. It must not be used by two goroutines at once, and only as long as the
// data sources stay as they are.
type Computations struct {
	sources Sources
	cache   *ComputationCache
	known   map[column]*Computation
	seen    map[column]*lang.Property
	// making are those that are being made, each for the one before it.
	making []*Computation
}

// NewComputations returns the computations of some data sources. The cache may be nil.
func NewComputations(sources Sources, cache *ComputationCache) *Computations {
	return &Computations{
		sources: sources, cache: cache, known: map[column]*Computation{}, seen: map[column]*lang.Property{},
	}
}

// Of returns how a property of a data source comes to its value, nil when it is neither a
// formula nor a rollup.
func (c *Computations) Of(source notion.ID, p *Property) *Computation {
	if p.Type.Name != "formula" && p.Type.Name != "rollup" {
		return nil
	}
	at := column{source, p.ID}
	made := c.known[at]
	if made == nil {
		made = c.cached(at)
	}
	if made == nil {
		made = c.make(at, p)
	}
	c.refer(made)
	return made
}

// Check reads an expression as the formula of a data source. The error is a [lang.Error].
func (c *Computations) Check(source notion.ID, expression string) (*Computation, error) {
	made := &Computation{layers: 1}
	c.making = append(c.making, made)
	c.program(made, source, expression)
	c.making = c.making[:len(c.making)-1]
	c.limit(made)
	return made, made.err
}

// limit refuses what is in more layers than are allowed.
func (c *Computations) limit(made *Computation) {
	if made.layers <= lang.MaxLayers {
		return
	}
	made.TooDeep = true
	made.refuse(&lang.Error{Class: lang.TypeError, Message: "Formulas and rollups refer to one another in too many layers."})
}

// Text returns an expression in the form that answers show: canonical, with names for the
// properties. What is no formula is returned as it is.
func (c *Computations) Text(expression string) string {
	return formulaText(expression, names{c.sources})
}

// make makes the computation of a property.
func (c *Computations) make(at column, p *Property) *Computation {
	made := &Computation{layers: 1}
	c.known[at] = made
	c.making = append(c.making, made)
	if p.Type.Name == "formula" {
		c.program(made, at.source, p.Config.Get("expression").Text())
	} else {
		c.rollup(made, at.source, p.Rollup())
	}
	c.making = c.making[:len(c.making)-1]
	if made.cyclic {
		made.refuse(&lang.Error{Class: lang.TypeError, Message: "The value would depend on itself."})
	}
	c.limit(made)
	if made.Problem == "" {
		c.cache.put(at, made)
	}
	return made
}

// fail leaves the computation without a value.
func (m *Computation) fail(problem string) {
	m.Problem, m.Program, m.Relation, m.Target, m.Type = problem, nil, nil, nil, lang.Type{}
}

// refuse is fail for what the package of formulas has words for.
func (m *Computation) refuse(err *lang.Error) {
	m.fail(err.Message)
	m.err = err
}

// program reads and checks a formula.
func (c *Computations) program(made *Computation, source notion.ID, expression string) {
	c.read(source)
	var program *lang.Program
	x, err := lang.Parse(expression)
	if err == nil {
		program, err = x.Check(source, c)
	}
	var refused *lang.Error
	if errors.As(err, &refused) {
		made.refuse(refused)
		return
	}
	made.Program, made.Type = program, program.Type()
	made.Timed = made.Timed || program.DependsOnTime()
}

// rollup finds what a rollup leads to.
func (c *Computations) rollup(made *Computation, source notion.ID, r Rollup) {
	own := c.read(source)
	if own == nil {
		made.fail("The data source does not exist any more.")
		return
	}
	relation := own.ByID(r.Relation)
	if relation == nil || relation.Type.Name != "relation" {
		made.fail("The relation of the rollup does not exist any more.")
		return
	}
	made.Source = relation.Relation().Source
	target := c.read(made.Source)
	if target == nil || target.ByID(r.Target) == nil {
		made.fail("The property of the rollup does not exist any more.")
		return
	}
	of := target.ByID(r.Target)
	f := aggregateOf(r.Function)
	if f == nil || f.result == nil || of.Type.Name == "rollup" || !f.takes(of.Type) {
		made.fail("The function of the rollup has no value for a property of type " + of.Type.Name + ".")
		return
	}
	made.Relation, made.Target = relation, of
	switch f.kind {
	case NumberResult:
		made.Type = lang.TypeOf(lang.KindNumber)
	case DateResult:
		made.Type = lang.TypeOf(lang.KindDate)
	}
	if f.counts {
		return
	}
	// Even where the target has no value, the rollup has one: of nothing.
	item, _ := c.typeOf(made.Source, of)
	if f.kind == ArrayResult {
		made.Type = lang.ListOf(item)
	}
}

// typeOf returns the type that formulas see values of a property as, and why they have none,
// "" when they have.
func (c *Computations) typeOf(source notion.ID, p *Property) (lang.Type, string) {
	switch p.Type.Name {
	case "relation":
		return lang.ListOf(lang.PageOf(p.Relation().Source)), ""
	case "formula", "rollup":
		return c.typeOfComputed(source, p)
	case "verification":
		c.making[len(c.making)-1].Timed = true // it expires
	}
	return p.Type.seen, ""
}

func (c *Computations) typeOfComputed(source notion.ID, p *Property) (lang.Type, string) {
	if made := c.known[column{source, p.ID}]; made != nil && slices.Contains(c.making, made) {
		made.cyclic = true
		return lang.Type{}, "The value of “" + p.Name + "” would depend on itself."
	}
	made := c.Of(source, p)
	if made.Problem != "" {
		return lang.Type{}, "“" + p.Name + "” has no value: " + made.Problem
	}
	return made.Type, ""
}

// refer notes what follows for those that are being made from what they refer to.
func (c *Computations) refer(to *Computation) {
	for i, made := range c.making {
		made.layers = max(made.layers, to.layers+len(c.making)-i)
		made.Timed = made.Timed || to.Timed
		for _, s := range to.schemas {
			made.reads(s)
		}
	}
}

// read returns the schema of a data source, nil when there is none, and notes that what is
// being made depends on it.
func (c *Computations) read(source notion.ID) *Schema {
	found := c.sources.Source(source)
	s := sourceSchema{source: source}
	if found != nil {
		s.schema = found.Schema
	}
	for _, made := range c.making {
		made.reads(s)
	}
	return s.schema
}

func (m *Computation) reads(s sourceSchema) {
	if !slices.Contains(m.schemas, s) {
		m.schemas = append(m.schemas, s)
	}
}

// Find implements [lang.Scope].
func (c *Computations) Find(source notion.ID, key string) (*lang.Property, bool) {
	schema := c.read(source)
	if schema == nil {
		return nil, false
	}
	return c.property(source, schema, schema.Find(key))
}

// Lookup implements [lang.Scope].
func (c *Computations) Lookup(source notion.ID, id string) (*lang.Property, bool) {
	schema := c.read(source)
	if schema == nil {
		return nil, false
	}
	return c.property(source, schema, schema.ByID(id))
}

// property returns a property as formulas see it. Its slot is its place among
// [Schema.Properties].
func (c *Computations) property(source notion.ID, schema *Schema, p *Property) (*lang.Property, bool) {
	if p == nil {
		return nil, false
	}
	typ, problem := c.typeOf(source, p)
	at := column{source, p.ID}
	if known := c.seen[at]; known != nil && known.Problem == problem {
		return known, true
	}
	seen := &lang.Property{ID: p.ID, Name: p.Name, Type: typ, Slot: slices.Index(schema.properties, p), Problem: problem}
	c.seen[at] = seen
	return seen, true
}

// ComputationCache keeps computations for as long as the schemas they were made from are in
// use. It may be used by many goroutines at once.
type ComputationCache struct {
	mu   sync.RWMutex
	kept map[column]*Computation
}

// maxComputations is how many computations are kept. When there are more, all are dropped.
const maxComputations = 10_000

func (c *ComputationCache) get(at column) *Computation {
	if c == nil {
		return nil
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.kept[at]
}

func (c *ComputationCache) put(at column, made *Computation) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil || len(c.kept) >= maxComputations {
		c.kept = map[column]*Computation{}
	}
	c.kept[at] = made
}

// cached returns a computation of the cache if all that it was made from is as it was.
func (c *Computations) cached(at column) *Computation {
	made := c.cache.get(at)
	if made == nil {
		return nil
	}
	for _, s := range made.schemas {
		if c.read(s.source) != s.schema {
			return nil
		}
	}
	c.known[at] = made
	return made
}
