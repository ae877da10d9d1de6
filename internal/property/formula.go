package property

import (
	"errors"

	"octavo/internal/apierr"
	lang "octavo/internal/formula"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/schema"
)

var formula = Type{
	Name:      "formula",
	Config:    schema.Object(schema.Opt("expression", schema.String())),
	Filters:   []string{"formula"},
	Sort:      SortByResult,
	configure: configureFormula,
	live:      liveFormula,
	empty:     jsonx.NullValue,
	cells:     resultCells,
}

// configureFormula keeps the text of the expression until all properties are known; see
// [changer.settle]. Leaving it out wipes the formula (databases.md §4.1). One that is sent
// back as it was read stays as it is, even if a property that it names is gone: who writes a
// whole schema back must be able to.
func configureFormula(c *changer, p *Property, old, sent jsonx.Value) (jsonx.Value, error) {
	expression := sent.Get("expression").Text()
	if was := old.Get("expression").Text(); old.Defined() && (expression == was || expression == formulaText(was, names{c.before()})) {
		return old, nil
	}
	c.computed = append(c.computed, p.ID)
	return formulaConfig(expression), nil
}

func formulaConfig(expression string) jsonx.Value {
	return jsonx.ObjectValue(jsonx.M("expression", jsonx.StringValue(expression)))
}

// liveFormula shows the names that the properties of the formula have now.
func liveFormula(_ *Schema, config jsonx.Value, sources Sources) jsonx.Value {
	if sources == nil {
		return config
	}
	return formulaConfig(formulaText(config.Get("expression").Text(), names{sources}))
}

// formulaText returns an expression with the names that properties have in a scope. What is
// no formula is returned as it is.
func formulaText(expression string, scope lang.Scope) string {
	x, err := lang.Parse(expression)
	if err != nil {
		return expression
	}
	return x.Text(scope)
}

// names is a [lang.Scope] that knows of properties only what they are called.
type names struct{ sources Sources }

func (n names) schema(source notion.ID) *Schema {
	found := n.sources.Source(source)
	if found == nil || found.Schema == nil {
		return newSchema(nil)
	}
	return found.Schema
}

// Find implements [lang.Scope].
func (n names) Find(source notion.ID, key string) (*lang.Property, bool) {
	return named(n.schema(source).Find(key))
}

// Lookup implements [lang.Scope].
func (n names) Lookup(source notion.ID, id string) (*lang.Property, bool) {
	return named(n.schema(source).ByID(id))
}

func named(p *Property) (*lang.Property, bool) {
	if p == nil {
		return nil, false
	}
	return &lang.Property{ID: p.ID, Name: p.Name}, true
}

// settle checks the formulas and rollups of the request against what the schemas have become,
// and gives the formulas the form in which they survive renames. What other formulas have
// become of it is theirs to show (databases.md §4.1).
func (c *changer) settle() error {
	if len(c.computed) == 0 {
		return nil
	}
	all := NewComputations(&drafts{changer: c, drawn: map[notion.ID]*Source{}}, nil)
	for _, id := range c.computed {
		p := c.own.get(id)
		if p == nil || p.Type.Name == "formula" && p.Config.Get("expression").Text() == "" {
			continue
		}
		made := all.Of(c.env.Source.ID, p)
		if p.Type.Name == "rollup" {
			if made.cyclic || made.TooDeep {
				return badRollup(p, "%s", made.Problem)
			}
			continue
		}
		if made.Program == nil {
			return refusedFormula(made.err)
		}
		done := *p
		done.Config = formulaConfig(made.Program.Stored(c.env.Workspace))
		c.own.put(&done)
	}
	return nil
}

// refusedFormula is the refusal of a formula in the words of databases.md §4.1. The log has
// the sentence that says where and why.
func refusedFormula(err error) error {
	var refused *lang.Error
	if !errors.As(err, &refused) {
		return err
	}
	return apierr.Errorf(apierr.ValidationError, "%s", refused.Wire()).Because(err)
}

// before are the data sources as a request finds them.
func (c *changer) before() Sources {
	return &drafts{changer: &changer{env: c.env}, drawn: map[notion.ID]*Source{}}
}

// drafts are the data sources as a request leaves them.
type drafts struct {
	changer *changer
	drawn   map[notion.ID]*Source
}

// Source implements [Sources].
func (d *drafts) Source(id notion.ID) *Source {
	if s, done := d.drawn[id]; done {
		return s
	}
	s := d.changer.env.source(id)
	if draft := d.changer.drafts[id]; draft != nil {
		drawn := *s
		drawn.Schema = newSchema(draft.properties)
		s = &drawn
	}
	d.drawn[id] = s
	return s
}

// Reach implements [Sources].
func (d *drafts) Reach(id notion.ID) error { return d.changer.env.reach(id) }
