package core

import (
	"slices"

	"octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/store"
)

// deriver computes formulas and rollups as one caller sees them, within one transaction.
// What the caller may not see contributes nothing, as it does not show in relations.
//
// It reads by cohorts: rows that are asked for together, and the pages that all of them
// lead to through one relation. What one row of a cohort needs is read for the whole of it,
// so that the number of statements depends on how deep properties refer to one another and
// not on how many rows there are; and a level that no row looks at is never read.
type deriver struct {
	core         *Core
	tx           *store.Tx
	p            *Principal
	sources      *sources
	computations *property.Computations
	resolver     *resolver
	run          formula.Run
	// evaluating is how many formulas are being evaluated, one within the other.
	evaluating int
	// timed says that a value has been given that changes with time alone.
	timed bool
	// wanted are the properties whose values are read with the documents, by data source.
	wanted map[notion.ID][]form
}

// form says in which forms the value of a property is needed.
type form uint8

const (
	asValue form = 1 << iota // as formulas see it
	asShown                  // as pages show it
)

func (c *Core) newDeriver(tx *store.Tx, p *Principal) *deriver {
	known := c.sources(tx, p)
	return &deriver{
		core: c, tx: tx, p: p, sources: known,
		computations: property.NewComputations(known, &c.computations),
		resolver:     c.newResolver(), run: formula.Run{Now: tx.Now(), Zone: p.Zone},
		wanted: map[notion.ID][]form{},
	}
}

// deriveBatch is how many rows are computed at once.
const deriveBatch = 1000

// Results returns the values of a formula or rollup for rows of a data source, one for each.
// The rows are ones that the caller may see.
func (d *deriver) Results(s *source, prop *property.Property, rows []notion.ID) ([]property.Result, error) {
	all := make([]property.Result, 0, len(rows))
	for part := range slices.Chunk(rows, deriveBatch) {
		results, err := d.rows(s, part).results(prop)
		if err != nil {
			return nil, err
		}
		all = append(all, results[0]...)
	}
	return all, nil
}

// computation returns how a property comes to its value.
func (d *deriver) computation(s *source, prop *property.Property) (*property.Computation, error) {
	made := d.computations.Of(s.ID, prop)
	return made, d.sources.err
}

// want notes that a property will be needed in a form, and with it all that it is made from.
func (d *deriver) want(s *source, prop *property.Property, as form) error {
	forms := d.wanted[s.ID]
	if forms == nil {
		forms = make([]form, len(s.props.Properties()))
		d.wanted[s.ID] = forms
	}
	slot := s.slot(prop)
	if forms[slot]&as == as {
		return nil
	}
	forms[slot] |= as
	made, err := d.computation(s, prop)
	if err != nil || made == nil {
		return err
	}
	d.timed = d.timed || made.Timed
	if made.Program != nil {
		for _, r := range made.Program.References() {
			if err := d.wantIn(r.Source, r.Property.ID, asValue); err != nil {
				return err
			}
		}
	}
	if made.Target == nil || prop.Rollup().OnlyCounts() {
		return nil
	}
	if prop.Rollup().Lists() && as&asValue != 0 {
		if err := d.wantIn(made.Source, made.Target.ID, asValue); err != nil {
			return err
		}
	}
	return d.wantIn(made.Source, made.Target.ID, asShown)
}

func (d *deriver) wantIn(source notion.ID, id string, as form) error {
	s := d.sources.read(source)
	if s == nil || s.props.ByID(id) == nil {
		return d.sources.err
	}
	return d.want(s, s.props.ByID(id), as)
}

// slot is the place of a property in the schema, which formulas know it by.
func (s *source) slot(prop *property.Property) int {
	return slices.IndexFunc(s.props.Properties(), func(p *property.Property) bool { return p.ID == prop.ID })
}

// cohort is some rows of a data source of which everything is read at once.
type cohort struct {
	d       *deriver
	source  *source
	ids     []notion.ID
	columns []*derivedColumn // by slot
	// pages are the rows themselves if they were given.
	pages   []store.Page
	records []record
}

// derivedColumn is what is known of one property of all rows of a cohort.
type derivedColumn struct {
	// read are the forms in which the values have been read.
	read   form
	values []formula.Value
	shown  []jsonx.Value
	// results are the values of a formula or rollup, done those that have been computed.
	results []property.Result
	done    []bool
	// valued are those of values that have been computed from others.
	valued []bool
	// target are the pages that a relation leads to, links those of each row by their place
	// among them.
	target *cohort
	links  [][]int32
}

// rows is a cohort of rows that the caller may see.
func (d *deriver) rows(s *source, ids []notion.ID) *cohort {
	if known := d.sources.known[s.ID]; known != nil {
		s = known // the programs are made for this schema
	} else {
		d.sources.known[s.ID] = s
	}
	return &cohort{d: d, source: s, ids: ids, columns: make([]*derivedColumn, len(s.props.Properties()))}
}

// rowsOf is rows for pages that have been read.
func (d *deriver) rowsOf(s *source, pages []store.Page) *cohort {
	ids := make([]notion.ID, len(pages))
	for i := range pages {
		ids[i] = pages[i].ID
	}
	c := d.rows(s, ids)
	c.pages = pages
	return c
}

func (c *cohort) column(slot int) *derivedColumn {
	if c.columns[slot] == nil {
		c.columns[slot] = &derivedColumn{}
	}
	return c.columns[slot]
}

// results returns the values of formulas and rollups: for each property those of all rows.
func (c *cohort) results(props ...*property.Property) ([][]property.Result, error) {
	slots := make([]int, len(props))
	for n, prop := range props {
		own := c.source.props.ByID(prop.ID)
		if err := c.d.want(c.source, own, asShown); err != nil {
			return nil, err
		}
		slots[n] = c.source.slot(own)
	}
	all := make([][]property.Result, len(props))
	for n, slot := range slots {
		all[n] = make([]property.Result, len(c.ids))
		for i := range c.ids {
			if err := c.d.tx.Expired(); err != nil {
				return nil, err
			}
			var err error
			if all[n][i], err = c.result(i, slot); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// result returns the value of a formula or rollup of one row.
func (c *cohort) result(i, slot int) (property.Result, error) {
	col := c.column(slot)
	if col.done == nil {
		col.results, col.done = make([]property.Result, len(c.ids)), make([]bool, len(c.ids))
	}
	if col.done[i] {
		return col.results[i], nil
	}
	prop := c.source.props.Properties()[slot]
	made, err := c.d.computation(c.source, prop)
	if err != nil {
		return property.Result{}, err
	}
	compute := c.rollupResult
	if prop.Type.Name == "formula" {
		compute = c.formulaResult
	}
	r, err := compute(i, slot, made)
	if formula.IsLimit(err) && c.d.evaluating == 0 {
		r, err = property.Result{Kind: property.UnsupportedResult}, nil
	}
	if err == nil {
		col.results[i], col.done[i] = r, true
	}
	return r, err
}

// formulaResult evaluates a formula. One that is broken is a text that is not there
// (databases.md §4.1).
func (c *cohort) formulaResult(i, slot int, made *property.Computation) (property.Result, error) {
	switch {
	case made.TooDeep:
		return property.Result{Kind: property.UnsupportedResult}, nil
	case made.Program == nil:
		return property.Result{Kind: property.StringResult}, nil
	}
	v, err := c.evaluate(i, slot, made)
	if err != nil {
		return property.Result{}, err
	}
	shown, err := c.d.run.Show(v, made.Type)
	return property.FormulaResult(shown), err
}

// evaluate returns the value of a formula of one row.
func (c *cohort) evaluate(i, slot int, made *property.Computation) (formula.Value, error) {
	col := c.column(slot)
	if col.valued == nil {
		col.values, col.valued = make([]formula.Value, len(c.ids)), make([]bool, len(c.ids))
	}
	if col.valued[i] {
		return col.values[i], nil
	}
	c.d.evaluating++
	v, err := made.Program.Eval(&c.d.run, c.record(i))
	c.d.evaluating--
	if err == nil {
		col.values[i], col.valued[i] = v, true
	}
	return v, err
}

// rollupResult computes a rollup. One whose relation or property is gone has no value.
func (c *cohort) rollupResult(i, slot int, made *property.Computation) (property.Result, error) {
	if made.Target == nil {
		return property.Result{Kind: property.UnsupportedResult}, nil
	}
	r := c.source.props.Properties()[slot].Rollup()
	target, links, err := c.related(i, c.source.slot(made.Relation))
	if err != nil {
		return property.Result{}, err
	}
	shown := make([]jsonx.Value, len(links))
	if !r.OnlyCounts() {
		if shown, err = target.shown(links, made.Target); err != nil {
			return property.Result{}, err
		}
	}
	return r.Result(made.Target, shown), nil
}

// shown returns what some rows show of a property.
func (c *cohort) shown(rows []int32, prop *property.Property) ([]jsonx.Value, error) {
	slot := c.source.slot(prop)
	all := make([]jsonx.Value, len(rows))
	for n, i := range rows {
		var err error
		if all[n], err = c.shownOf(int(i), slot, prop); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (c *cohort) shownOf(i, slot int, prop *property.Property) (jsonx.Value, error) {
	switch prop.Type.Name {
	case "formula":
		r, err := c.result(i, slot)
		return r.Formula(), err
	case "relation":
		target, links, err := c.related(i, slot)
		ids := make([]notion.ID, len(links))
		for n, link := range links {
			ids[n] = target.ids[link]
		}
		return property.RelationValue(ids), err
	}
	col := c.column(slot)
	if col.read&asShown == 0 {
		if err := c.read(slot, asShown); err != nil {
			return jsonx.Value{}, err
		}
	}
	return col.shown[i], nil
}

// value returns what formulas take the property of one row for.
func (c *cohort) value(i, slot int) (formula.Value, error) {
	prop := c.source.props.Properties()[slot]
	switch prop.Type.Name {
	case "formula":
		made, err := c.d.computation(c.source, prop)
		if err != nil || made.Program == nil {
			return formula.Value{}, err
		}
		return c.evaluate(i, slot, made)
	case "rollup":
		return c.rollupValue(i, slot, prop)
	case "relation":
		target, links, err := c.related(i, slot)
		return target.list(links), err
	}
	col := c.column(slot)
	if col.read&asValue == 0 {
		if err := c.read(slot, asValue); err != nil {
			return formula.Value{}, err
		}
	}
	return col.values[i], nil
}

// rollupValue is value for a rollup. An array is the values of the related pages.
func (c *cohort) rollupValue(i, slot int, prop *property.Property) (formula.Value, error) {
	r, err := c.result(i, slot)
	if err != nil || r.Kind != property.ArrayResult {
		return r.FormulaValue(), err
	}
	made, err := c.d.computation(c.source, prop)
	if err != nil {
		return formula.Value{}, err
	}
	target, links, err := c.related(i, c.source.slot(made.Relation))
	if err != nil {
		return formula.Value{}, err
	}
	if links, err = target.listed(links, made.Target, prop.Rollup().Function); err != nil {
		return formula.Value{}, err
	}
	values := make([]formula.Value, len(links))
	for n, link := range links {
		if values[n], err = target.value(int(link), target.source.slot(made.Target)); err != nil {
			return formula.Value{}, err
		}
	}
	return formula.ListValue(values), nil
}

// listed returns those of some rows whose values an array shows.
func (c *cohort) listed(rows []int32, prop *property.Property, function string) ([]int32, error) {
	if function != "show_unique" {
		return rows, nil
	}
	shown, err := c.shown(rows, prop)
	if err != nil {
		return nil, err
	}
	places := property.Distinct(prop, shown)
	distinct := make([]int32, len(places))
	for n, place := range places {
		distinct[n] = rows[place]
	}
	return distinct, nil
}

// list is some rows as formulas see them.
func (c *cohort) list(rows []int32) formula.Value {
	items := make([]formula.Value, len(rows))
	for n, i := range rows {
		items[n] = formula.PageValue(c.record(int(i)))
	}
	return formula.ListValue(items)
}

// record is a row as formulas see it. It implements [formula.Record].
type record struct {
	of *cohort
	i  int
}

func (c *cohort) record(i int) *record {
	if c.records == nil {
		c.records = make([]record, len(c.ids))
		for n := range c.records {
			c.records[n] = record{c, n}
		}
	}
	return &c.records[i]
}

// ID implements [formula.Record].
func (r *record) ID() notion.ID { return r.of.ids[r.i] }

// Title implements [formula.Record]. It is what the title property shows: the title that is
// kept with the page shows what is mentioned in it as its writer saw it.
func (r *record) Title() string {
	title := r.of.source.props.Title()
	if title == nil { // of a data source that is gone
		return ""
	}
	return r.property(r.of.source.slot(title)).Text()
}

// Property implements [formula.Record].
func (r *record) Property(p *formula.Property) formula.Value { return r.property(p.Slot) }

func (r *record) property(slot int) formula.Value {
	v, err := r.of.value(r.i, slot)
	if err != nil {
		r.of.d.run.Fail(err)
	}
	return v
}
