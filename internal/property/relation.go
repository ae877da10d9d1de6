package property

import (
	"fmt"
	"strconv"

	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/schema"
)

var relation = Type{
	Name:      "relation",
	Config:    schema.Union(relationConfig("single_property"), relationConfig("dual_property")),
	Value:     schema.Array(pageReference(), maxItems),
	Shorthand: schema.Array(pageReference(), maxItems),
	Filters:   []string{"relation"},
	Sort:      SortByPageTitle,
	configure: configureRelation,
	live:      liveRelation,
	fits:      isReferences,
	decode:    decodeRelation,
	empty:     jsonx.ArrayValue(),
	cells:     referenceCells,
}

func pageReference() schema.Type { return schema.Object(schema.Req("id", schema.UUID())) }

func relationConfig(kind string) schema.Type {
	var of schema.Type = schema.Object()
	if kind == "dual_property" {
		of = schema.Object(
			schema.Opt("synced_property_name", schema.String()),
			schema.Opt("synced_property_id", schema.String()),
		)
	}
	return schema.Object(
		schema.Req("data_source_id", schema.UUID()),
		schema.Req(kind, of),
		schema.Opt("type", schema.Literal(kind)),
		schema.Opt("database_id", schema.UUID()), // as it was read
	)
}

// Relation is what a relation property leads to.
type Relation struct {
	// Source is the data source of the related pages, the zero id for what is no relation.
	Source notion.ID
	// Partner is the raw id of the property of Source that shows the same links the other way
	// round; "" for a relation that has none, a single_property.
	Partner string
}

// Relation returns what the property leads to, the zero Relation when it is of another type.
func (p *Property) Relation() Relation {
	if p.Type.Name != "relation" {
		return Relation{}
	}
	return relationOf(p.Config)
}

func relationOf(config jsonx.Value) Relation {
	return Relation{
		Source:  parseID(config.Get("data_source_id")),
		Partner: DecodeID(config.Get("dual_property").Get("synced_property_id").Text()),
	}
}

func configureRelation(c *changer, p *Property, old, sent jsonx.Value) (jsonx.Value, error) {
	var was Relation
	if old.Defined() {
		was = relationOf(old)
	}
	now := Relation{Source: parseID(sent.Get("data_source_id"))}
	if was.Source != now.Source {
		if err := c.env.reach(now.Source); err != nil {
			return sent, err
		}
	}
	target := c.draft(now.Source)
	if target == nil {
		return sent, c.env.notFound("data_source", now.Source.String())
	}
	dual := sent.Get("dual_property")
	if was.Source == now.Source && dual.Defined() {
		now.Partner = was.Partner
	}
	if was.Partner != now.Partner {
		c.release(was)
	}
	if dual.Defined() && (now.Partner == "" || target.get(now.Partner) == nil) {
		now.Partner = c.pair(target, p, dual.Get("synced_property_name").Text())
	}
	return c.relationConfig(now, target), nil
}

// pair makes the back property of a dual relation and returns its id. It has the name that
// was asked for, or the one the API gives it (databases.md §2.6); a name that is taken gets
// a number.
func (c *changer) pair(target *draft, p *Property, name string) string {
	title := c.env.Source.Title
	if title == "" {
		title = "Untitled Database"
	}
	if name == "" {
		name = fmt.Sprintf("Related to %s (%s)", title, p.Name)
	}
	free := name
	for n := 1; target.named(free) != nil; n++ {
		free = name + " " + strconv.Itoa(n)
	}
	back := &Property{ID: target.newID(c), Name: free, Type: p.Type}
	target.put(back)
	configured := *back
	configured.Config = relationValue(c.env.Source.Database, Relation{Source: c.env.Source.ID, Partner: p.ID}, p.Name)
	target.put(&configured)
	return back.ID
}

// release makes the partner of a dual relation a relation on its own.
func (c *changer) release(r Relation) {
	if r.Partner == "" {
		return
	}
	d := c.draft(r.Source)
	if d == nil {
		return
	}
	partner := d.get(r.Partner)
	if partner == nil || partner.Relation().Source != c.env.Source.ID {
		return
	}
	single := *partner
	single.Config = relationValue(c.env.Source.Database, Relation{Source: c.env.Source.ID}, "")
	d.put(&single)
}

func (c *changer) relationConfig(r Relation, target *draft) jsonx.Value {
	name := ""
	if partner := target.get(r.Partner); partner != nil {
		name = partner.Name
	}
	return relationValue(c.env.source(r.Source).Database, r, name)
}

// relationValue returns a configuration in wire order (databases.md §2.6).
func relationValue(database notion.ID, r Relation, partner string) jsonx.Value {
	kind, of := "single_property", jsonx.ObjectValue()
	if r.Partner != "" {
		kind, of = "dual_property", jsonx.ObjectValue(
			jsonx.M("synced_property_name", jsonx.StringValue(partner)),
			jsonx.M("synced_property_id", jsonx.StringValue(EncodeID(r.Partner))),
		)
	}
	return jsonx.ObjectValue(
		jsonx.M("database_id", jsonx.StringValue(database.String())),
		jsonx.M("data_source_id", jsonx.StringValue(r.Source.String())),
		jsonx.M("type", jsonx.StringValue(kind)),
		jsonx.M(kind, of),
	)
}

// liveRelation shows the database that the target is in now, and the partner's name.
func liveRelation(_ *Schema, config jsonx.Value, sources Sources) jsonx.Value {
	r := relationOf(config)
	target := lookUp(sources, r.Source)
	if target == nil {
		return config
	}
	name := config.Get("dual_property").Get("synced_property_name").Text()
	if target.Schema != nil {
		if partner := target.Schema.byID[r.Partner]; partner != nil {
			name = partner.Name
		}
	}
	return relationValue(target.Database, r, name)
}

func lookUp(sources Sources, id notion.ID) *Source {
	if sources == nil {
		return nil
	}
	return sources.Source(id)
}

func decodeRelation(_ *decoder, _ *Property, sent jsonx.Value) (jsonx.Value, error) {
	return referencesValue(References(sent)), nil
}

// RelationValue returns related pages as the stored value of a relation.
func RelationValue(ids []notion.ID) jsonx.Value { return referencesValue(ids) }

// References returns the ids in a stored value of type relation or people, in order and
// each once.
func References(stored jsonx.Value) []notion.ID {
	items := stored.Items()
	ids := make([]notion.ID, 0, len(items))
	seen := make(map[notion.ID]bool, len(items))
	for _, it := range items {
		if id := parseID(it.Get("id")); !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

func referencesValue(ids []notion.ID) jsonx.Value {
	items := make([]jsonx.Value, len(ids))
	for i, id := range ids {
		items[i] = jsonx.ObjectValue(jsonx.M("id", jsonx.StringValue(id.String())))
	}
	return jsonx.ArrayValue(items...)
}

// isReferences tells bare references from the arrays that other types have as their shorthand.
func isReferences(sent jsonx.Value) bool {
	return eachItem(sent, func(it jsonx.Value) bool {
		_, ok := notion.ParseID(it.Get("id").Text())
		return ok && len(it.Members()) == 1
	})
}

// eachItem reports whether v is an array all of whose items are as asked.
func eachItem(v jsonx.Value, is func(jsonx.Value) bool) bool {
	if v.Kind() != jsonx.Array {
		return false
	}
	for _, it := range v.Items() {
		if !is(it) {
			return false
		}
	}
	return true
}

func referenceCells(dst []Cell, stored jsonx.Value) []Cell {
	for i, id := range References(stored) {
		dst = append(dst, Cell{Position: i, Ref: id.String()})
	}
	return dst
}

func parseID(v jsonx.Value) notion.ID {
	id, _ := notion.ParseID(v.Text())
	return id
}
