package property

import (
	"strings"

	"octavo/internal/jsonx"
	"octavo/internal/notion"
)

// Copy returns the schema for a copy of its data source, whose properties keep their ids.
// What leads to a data source that is copied with it, as copied knows by its id, leads to that
// copy. A relation that leads elsewhere is one on its own: the other side has no property for
// the copy. A unique_id has no prefix, since no two of a workspace have the same.
func (s *Schema) Copy(copied map[notion.ID]Source) *Schema {
	properties := make([]*Property, len(s.properties))
	for i, p := range s.properties {
		c := *p
		switch p.Type.Name {
		case "relation":
			c.Config = copyRelation(p.Config, copied)
		case "unique_id":
			c.Config = jsonx.ObjectValue(jsonx.M("prefix", jsonx.NullValue))
		case "formula":
			c.Config = copyFormula(p.Config, copied)
		}
		properties[i] = &c
	}
	return newSchema(properties)
}

func copyRelation(config jsonx.Value, copied map[notion.ID]Source) jsonx.Value {
	r := relationOf(config)
	database, partner := parseID(config.Get("database_id")), ""
	if target, ok := copied[r.Source]; ok {
		r.Source, database = target.ID, target.Database
		partner = config.Get("dual_property").Get("synced_property_name").Text()
	} else {
		r.Partner = ""
	}
	return relationValue(database, r, partner)
}

// copyFormula names the copies in the placeholders of an expression.
func copyFormula(config jsonx.Value, copied map[notion.ID]Source) jsonx.Value {
	text := config.Get("expression").Text()
	for id, target := range copied {
		text = strings.ReplaceAll(text, ":"+id.String()+":", ":"+target.ID.String()+":")
	}
	config = config.Clone()
	config.Set("expression", jsonx.StringValue(text))
	return config
}

// Translate returns a stored value of one property for another of the same type, which has
// options of its own: those of the same names, as far as there are any. Undefined is no value.
func Translate(from, to *Property, stored jsonx.Value) jsonx.Value {
	switch from.Type.Name {
	case "select", "status":
		if o := from.optionIn(to, stored); o != nil {
			return o.value()
		}
		return jsonx.Value{}
	case "multi_select":
		var chosen []jsonx.Value
		for _, it := range stored.Items() {
			if o := from.optionIn(to, it); o != nil {
				chosen = append(chosen, o.value())
			}
		}
		return jsonx.ArrayValue(chosen...)
	}
	return stored
}

// optionIn returns the option of another property that is called like a stored one.
func (p *Property) optionIn(to *Property, stored jsonx.Value) *Option {
	if o := optionByID(p.options, stored.Get("id").Text()); o != nil {
		return optionByName(to.options, o.Name)
	}
	return nil
}
