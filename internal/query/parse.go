package query

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/schema"
)

// Env is what a query is read in.
type Env struct {
	Schema *property.Schema
	// Path is where the filter stands in the request, for refusals; "" is body.filter.
	Path string
	// Now is the moment that relative dates are relative to, Zone the time zone of the days
	// that they name.
	Now  time.Time
	Zone *time.Location
	// Me is the user that "me" stands for, zero for callers that act for nobody.
	Me notion.ID
	// Relation returns how the caller sees a relation property.
	Relation func(*property.Property) (Relation, error)
	// Names ranks all users of the workspace by their names.
	Names func() ([]Rank, error)
	// Computed tells what is known of a formula or a rollup. Results computes it
	// for rows: one result for each.
	Computed func(*property.Property) (Computed, error)
	Results  func(*property.Property, []notion.ID) ([]property.Result, error)
}

// Parse reads a filter and sorts that have passed "filter" and "sorts"; either may be
// Undefined. The error is a validation_error in the words of databases.md §3 and §8, or
// one that Env returned.
func Parse(e *Env, filter, sorts jsonx.Value) (*Query, error) {
	q := &Query{text: sorts.Append(filter.Append(nil)), results: e.Results}
	p := parser{Env: e}
	if filter.Defined() {
		n, err := p.filter(filter, cmp.Or(e.Path, "body.filter"))
		if err != nil {
			return nil, err
		}
		q.filter, q.computed = divide(n)
	}
	for _, s := range sorts.Items() {
		o, err := p.sort(s)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(q.sorts, o.repeats) {
			q.sorts = append(q.sorts, o)
		}
	}
	q.timed = p.timed
	return q, nil
}

// repeats reports whether rows that an earlier sort left together are alike to this one too.
func (o *order) repeats(earlier order) bool {
	if o.column != "" || earlier.column != "" {
		return o.column == earlier.column
	}
	return o.property == earlier.property
}

type parser struct {
	*Env
	timed bool
}

func invalid(format string, args ...any) error {
	return apierr.Errorf(apierr.ValidationError, format, args...)
}

// filter reads a filter that stands at a path, which refusals name.
func (p *parser) filter(f jsonx.Value, path string) (node, error) {
	for _, key := range []string{"or", "and"} {
		list := f.Get(key)
		if !list.Defined() {
			continue
		}
		g := group{any: key == "or"}
		for i, it := range list.Items() {
			n, err := p.filter(it, path+"."+key+"["+strconv.Itoa(i)+"]")
			if err != nil {
				return nil, err
			}
			g.of = append(g.of, n)
		}
		return g, nil
	}
	if t := f.Get("timestamp"); t.Defined() {
		c, operand := condition(f.Get(t.Text()), property.DateFamily)
		return p.date(c, operand, path+"."+t.Text(), pageTime(column(t.Text())))
	}
	return p.property(f, path)
}

// condition returns the condition of a family that an object holds, with its operand.
func condition(v jsonx.Value, family property.Family) (property.Condition, jsonx.Value) {
	for _, c := range property.Conditions[family] {
		if operand := v.Get(c.Name); operand.Defined() {
			return c, operand
		}
	}
	return property.Condition{}, jsonx.Value{}
}

// property reads a filter of one property.
func (p *parser) property(f jsonx.Value, path string) (node, error) {
	name := f.Get("property").Text()
	prop := p.Schema.Find(name)
	if prop == nil {
		return nil, invalid("Could not find property with name or id: %s", name)
	}
	for _, kind := range property.Filters {
		v := f.Get(kind.Kind)
		if !v.Defined() {
			continue
		}
		if !prop.Type.Answers(kind.Kind) {
			return nil, invalid("The property type in the database does not match the property type of the filter provided: database property %s does not match filter %s",
				prop.Type.Name, kind.Kind)
		}
		c, operand := condition(v, kind.Family)
		return p.leaf(prop, kind.Family, c, operand, path+"."+kind.Kind)
	}
	return nil, fmt.Errorf("query: %s is no filter", path)
}

// leaf reads one condition of a property.
func (p *parser) leaf(prop *property.Property, family property.Family, c property.Condition, operand jsonx.Value, path string) (node, error) {
	switch family {
	case property.TextFamily:
		return text(prop, c, operand.Text()), nil
	case property.NumberFamily:
		return number(prop, c, operand.Float()), nil
	case property.CheckboxFamily:
		ticked := operand.True() == (c.Name == "equals")
		return negate(!ticked, anyCell(prop)), nil
	case property.OptionFamily, property.OptionsFamily:
		return options(prop, c, operand)
	case property.DateFamily:
		return p.date(c, operand, path, timeOf(prop))
	case property.PeopleFamily:
		return p.person(prop, c, operand), nil
	case property.RelationFamily:
		return p.related(prop, c, operand)
	case property.VerificationFamily:
		return p.verification(prop, c, operand.Text()), nil
	case property.PresenceFamily:
		return negate(c.Negative, anyCell(prop)), nil
	case property.FormulaFamily, property.RollupFamily:
		return p.computed(prop, c, operand, path)
	}
	return nil, fmt.Errorf("query: no conditions of the family %s are known", family)
}

func negate(negative bool, n node) node {
	if negative {
		return not{n}
	}
	return n
}

// never holds for no row.
var never node = not{group{}}

func anyCell(prop *property.Property) node { return cellOf(prop, test{}) }

// cellOf asks for a cell of a property.
func cellOf(prop *property.Property, t test) cells {
	return cells{property: prop.ID, test: t, many: many(prop), shape: shapeOf(prop)}
}

// shapeOf is how a table keeps the keys of a property. Those of a type that is not here can
// be anything.
func shapeOf(prop *property.Property) shape {
	switch prop.Type.Name {
	case "number", "unique_id", "date":
		return numbers
	case "select", "status", "checkbox", "verification", "files":
		return words
	case "multi_select", "people":
		return lists
	case "formula", "rollup":
		return uncopied
	}
	return texts
}

// many reports whether a value of the property may have more than one cell.
func many(prop *property.Property) bool {
	return prop.Type.Name == "multi_select" || prop.Type.Name == "people"
}

// text reads a condition on text. Blank text has no cell: to a condition it is an empty
// text, which every text contains.
func text(prop *property.Property, c property.Condition, operand string) node {
	has := cellOf(prop, test{operand: storable(property.Fold(operand))})
	blank := strings.TrimSpace(has.test.operand) == ""
	switch c.Name {
	case "is_empty", "is_not_empty":
		return negate(c.Negative, anyCell(prop))
	case "equals", "does_not_equal":
		if blank {
			return negate(!c.Negative, anyCell(prop))
		}
		has.test.text, has.test.keys = equals, [][]byte{property.SortKey(has.test.operand)}
	case "contains", "does_not_contain":
		has.test.text = contains
	case "starts_with":
		has.test.text = startsWith
	case "ends_with":
		has.test.text = endsWith
	}
	if has.test.operand == "" {
		return negate(c.Negative, group{})
	}
	return negate(c.Negative, has)
}

func number(prop *property.Property, c property.Condition, operand float64) node {
	has := cellOf(prop, test{})
	if c.Operand == property.NoOperand {
		return negate(c.Negative, has)
	}
	key := NumberKey(operand)
	switch c.Name {
	case "equals", "does_not_equal":
		has.test.keys = [][]byte{key}
	case "greater_than":
		has.test.low = successor(key)
	case "greater_than_or_equal_to":
		has.test.low = key
	case "less_than":
		has.test.high = key
	case "less_than_or_equal_to":
		has.test.high = successor(key)
	}
	return negate(c.Negative, has)
}

// successor returns the least key above one.
func successor(key []byte) []byte { return append(key[:len(key):len(key)], 0) }

// options reads a condition on options, one or several of them.
func options(prop *property.Property, c property.Condition, operand jsonx.Value) (node, error) {
	has := cellOf(prop, test{})
	defaulted := prop.DefaultOption()
	if c.Operand == property.NoOperand {
		if defaulted != nil {
			// A status has its default option while it has no other.
			return negate(c.Negative, group{}), nil
		}
		return negate(c.Negative, has), nil
	}
	names := operand.Items()
	if operand.Kind() == jsonx.String {
		names = []jsonx.Value{operand}
	}
	withDefault := false
	for _, name := range names {
		ids := optionIDs(prop, name.Text())
		if ids == nil {
			return nil, errNoOption(prop, name.Text())
		}
		for _, id := range ids {
			has.test.keys = append(has.test.keys, RefKey(id))
			withDefault = withDefault || defaulted != nil && defaulted.ID == id
		}
	}
	var n node = has
	if len(has.test.keys) == 0 {
		n = never
	}
	if withDefault {
		n = group{any: true, of: []node{n, not{anyCell(prop)}}}
	}
	return negate(c.Negative, n), nil
}

// optionIDs returns the options that a filter means: one by its id or name, or those of the
// group of that name (databases.md §3.5); nil when there is neither.
func optionIDs(prop *property.Property, name string) []string {
	if o := prop.Option(name); o != nil {
		return []string{o.ID}
	}
	for _, g := range prop.Groups() {
		if g.Name == name || g.ID == name {
			return append([]string{}, g.OptionIDs...)
		}
	}
	return nil
}

func errNoOption(prop *property.Property, name string) error {
	available := make([]string, len(prop.Options()))
	for i, o := range prop.Options() {
		available[i] = `"` + o.Name + `"`
	}
	return invalid(`%s option "%s" not found for property "%s". Available options: %s`,
		prop.Type.Name, name, prop.Name, strings.Join(available, ", "))
}

// person reads a condition on users. Who acts for nobody is in no list of people.
func (p *parser) person(prop *property.Property, c property.Condition, operand jsonx.Value) node {
	own := column(prop.Type.Name)
	isColumn := own == createdBy || own == lastEditedBy
	if c.Operand == property.NoOperand {
		if isColumn {
			return negate(c.Negative, group{}) // every page has an author
		}
		return negate(c.Negative, anyCell(prop))
	}
	user, known := notion.ParseID(operand.Text())
	if operand.Text() == "me" {
		user, known = p.Me, !p.Me.IsZero()
	}
	switch {
	case !known:
		return negate(c.Negative, never)
	case isColumn:
		return negate(c.Negative, by{own, user})
	default:
		return negate(c.Negative, cellOf(prop, test{keys: [][]byte{user[:]}}))
	}
}

func (p *parser) related(prop *property.Property, c property.Condition, operand jsonx.Value) (node, error) {
	relation, err := p.Relation(prop)
	if err != nil {
		return nil, err
	}
	if relation.Sight == SeesNone {
		return negate(c.Negative, never), nil
	}
	page, _ := notion.ParseID(operand.Text())
	if c.Operand == property.PageOperand && page.IsZero() {
		return negate(c.Negative, never), nil // the nil id is a valid one, of no page
	}
	return negate(c.Negative, linked{relation, page}), nil
}

// verification reads a condition on the state that a verification has now.
func (p *parser) verification(prop *property.Property, c property.Condition, state string) node {
	p.timed = true
	has := cellOf(prop, test{ends: &end{at: p.Now.UnixMicro(), before: state == "expired"}})
	negative := c.Name == "does_not_equal"
	if state == "none" {
		has.test.ends = nil
		negative = !negative
	}
	return negate(negative, has)
}

// sort reads one sort.
func (p *parser) sort(s jsonx.Value) (order, error) {
	o := order{descending: s.Get("direction").Text() == "descending"}
	if t := s.Get("timestamp"); t.Defined() {
		o.by, o.column = byTime, column(t.Text())
		return o, nil
	}
	name := s.Get("property").Text()
	prop := p.Schema.Find(name)
	if prop == nil {
		return o, invalid("Could not find sort property with name or id: %s", name)
	}
	o.property, o.shape = prop.ID, shapeOf(prop)
	var err error
	switch prop.Type.Sort {
	case property.SortByText, property.SortByNumber:
		o.by = byKey
	case property.SortByCheckbox:
		o.by = byTicked
	case property.SortByTime:
		o.by = byKey
		if own := column(prop.Type.Name); own == createdTime || own == lastEditedTime {
			o.by, o.column = byTime, own
		}
	case property.SortByOption:
		o.by, o.ranks = byRanks, optionRanks(prop)
		if d := prop.DefaultOption(); d != nil {
			o.fallback = RefKey(d.ID)
		}
	case property.SortByUserName:
		o.by = byRanks
		if own := column(prop.Type.Name); own == createdBy || own == lastEditedBy {
			o.by, o.column = byAuthor, own
		}
		o.first = true
		o.ranks, err = p.Names()
	case property.SortByPageTitle:
		o.by = byRelated
		o.relation, err = p.Relation(prop)
	case property.SortByResult:
		err = p.sortByResult(&o, prop)
	default:
		err = errNoOrder(prop, prop.Type.Name)
	}
	return o, err
}

func errNoOrder(prop *property.Property, kind string) error {
	return invalid("Property %q cannot be sorted by: it is of the type %s, which has no order.", prop.Name, kind)
}

func optionRanks(prop *property.Property) []Rank {
	ids := prop.Ranks()
	ranks := make([]Rank, len(ids))
	for i, id := range ids {
		ranks[i] = Rank{Key: RefKey(id), Place: i}
	}
	return ranks
}

// errBadDate is the refusal of a text that is no date, in the validator's words.
func errBadDate(path string, v jsonx.Value) error {
	return invalid("body failed validation: %s should be a valid ISO 8601 date string, instead was %s.", path, schema.Show(v))
}
