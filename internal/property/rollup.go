package property

import (
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

var rollup = Type{
	Name: "rollup",
	Config: schema.Union(
		rollupConfig("relation_property_name", "rollup_property_name"),
		rollupConfig("relation_property_id", "rollup_property_name"),
		rollupConfig("relation_property_name", "rollup_property_id"),
		rollupConfig("relation_property_id", "rollup_property_id"),
	),
	Filters:   []string{"rollup"},
	Sort:      SortByResult,
	configure: configureRollup,
	live:      liveRollup,
	empty:     jsonx.NullValue,
	cells:     resultCells,
}

func rollupConfig(relation, target string) schema.Type {
	fields := []schema.Field{
		schema.Req("function", schema.Literal(RollupFunctions...)),
		schema.Req(relation, schema.String()),
		schema.Req(target, schema.String()),
		schema.Opt(otherRollupKey[relation], schema.String()),
		schema.Opt(otherRollupKey[target], schema.String()),
	}
	return schema.Object(fields...)
}

var otherRollupKey = map[string]string{
	"relation_property_name": "relation_property_id",
	"relation_property_id":   "relation_property_name",
	"rollup_property_name":   "rollup_property_id",
	"rollup_property_id":     "rollup_property_name",
}

// Rollup is what a rollup property computes.
type Rollup struct {
	// Relation is the raw id of the relation of the same data source, Target that of the
	// property of the related pages.
	Relation, Target string
	Function         string
}

// Rollup returns what the property computes, the zero Rollup when it is of another type.
func (p *Property) Rollup() Rollup {
	if p.Type.Name != "rollup" {
		return Rollup{}
	}
	return rollupOf(p.Config)
}

func rollupOf(config jsonx.Value) Rollup {
	return Rollup{
		Relation: config.Get("relation_property_id").Text(),
		Target:   config.Get("rollup_property_id").Text(),
		Function: config.Get("function").Text(),
	}
}

func configureRollup(c *changer, p *Property, _, sent jsonx.Value) (jsonx.Value, error) {
	relation := pick(c.own, sent, "relation_property_id", "relation_property_name")
	if relation == nil || relation.Type.Name != "relation" {
		return sent, badRollup(p, "Could not find relation property %s", given(sent, "relation_property_id", "relation_property_name"))
	}
	target := c.draft(relation.Relation().Source)
	var of *Property
	if target != nil {
		of = pick(target, sent, "rollup_property_id", "rollup_property_name")
	}
	if of == nil {
		return sent, badRollup(p, "Could not find property %s in the related data source", given(sent, "rollup_property_id", "rollup_property_name"))
	}
	if of.Type.Name == "rollup" {
		return sent, badRollup(p, "Cannot create rollup with rollup property")
	}
	function := sent.Get("function").Text()
	if !aggregateOf(function).takes(of.Type) {
		return sent, badRollup(p, "Cannot use function %s with %s property", function, of.Type.Name)
	}
	c.computed = append(c.computed, p.ID)
	return rollupValue(of.Name, relation.Name, of.ID, relation.ID, function), nil
}

func badRollup(p *Property, format string, args ...any) error {
	return invalid("Invalid rollup schema for property %q: "+format, append([]any{p.Name}, args...)...)
}

// pick returns the property of the draft that one of the keys names, the id first.
func pick(d *draft, sent jsonx.Value, id, name string) *Property {
	if v := sent.Get(id); v.Defined() {
		if p := d.find(v.Text()); p != nil {
			return p
		}
	}
	if v := sent.Get(name); v.Defined() {
		return d.find(v.Text())
	}
	return nil
}

func given(sent jsonx.Value, keys ...string) string {
	for _, key := range keys {
		if v := sent.Get(key); v.Defined() {
			return v.String()
		}
	}
	return ""
}

// rollupValue returns a configuration in wire order, ids raw (databases.md §5.1).
func rollupValue(target, relation, targetID, relationID, function string) jsonx.Value {
	return jsonx.ObjectValue(
		jsonx.M("rollup_property_name", jsonx.StringValue(target)),
		jsonx.M("relation_property_name", jsonx.StringValue(relation)),
		jsonx.M("rollup_property_id", jsonx.StringValue(targetID)),
		jsonx.M("relation_property_id", jsonx.StringValue(relationID)),
		jsonx.M("function", jsonx.StringValue(function)),
	)
}

// liveRollup shows the names that the relation and the target have now.
func liveRollup(s *Schema, config jsonx.Value, sources Sources) jsonx.Value {
	r := rollupOf(config)
	target, name := config.Get("rollup_property_name").Text(), config.Get("relation_property_name").Text()
	if relation := s.byID[r.Relation]; relation != nil {
		name = relation.Name
		if source := lookUp(sources, relation.Relation().Source); source != nil && source.Schema != nil {
			if p := source.Schema.byID[r.Target]; p != nil {
				target = p.Name
			}
		}
	}
	return rollupValue(target, name, r.Target, r.Relation, r.Function)
}
