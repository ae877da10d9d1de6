package property

import (
	"slices"

	"octavo/internal/jsonx"
	"octavo/internal/notion"
)

// Change is what becomes of the schema of one data source. Whoever stores it carries its
// edits out on the pages.
type Change struct {
	Source notion.ID
	Schema *Schema
	// Edits are the properties that differ, in the order of the new schema, removed ones last.
	Edits []Edit
	// Partners are the changes that this one brings to other data sources: back properties of
	// relations that are made or that lose their partner.
	Partners []Change
}

// Edit is one property before and after a change.
type Edit struct {
	// Old is nil for a property that is added, New for one that is removed.
	Old, New *Property
}

// Retyped reports whether the property is of another type than before; its values then
// become what [Convert] makes of them.
func (e Edit) Retyped() bool { return e.Old != nil && e.New != nil && e.Old.Type != e.New.Type }

// RemovedOptions returns the ids of the options that are gone from a property that keeps its
// type. Pages lose them; see [DropOptions].
func (e Edit) RemovedOptions() []string {
	if e.Old == nil || e.New == nil || e.Retyped() {
		return nil
	}
	var gone []string
	for _, o := range e.Old.options {
		if optionByID(e.New.options, o.ID) == nil {
			gone = append(gone, o.ID)
		}
	}
	return gone
}

// Relations returns what the property related to before and what it does now; the zero
// [Relation] when it is or was no relation. Links to another data source than before are
// dropped; a partner that is new mirrors the links that there are.
func (e Edit) Relations() (old, now Relation) {
	if e.Old != nil {
		old = e.Old.Relation()
	}
	if e.New != nil {
		now = e.New.Relation()
	}
	return old, now
}

// NewSchema makes the schema of a new data source from `properties` that have passed
// "property_schemas"; Undefined gives it a title called Name and nothing else. The error is
// a validation_error or comes from env.
func NewSchema(env *Env, sent jsonx.Value) (*Change, error) {
	if !sent.Defined() {
		sent = jsonx.ObjectValue(jsonx.M("Name", jsonx.ObjectValue(jsonx.M("title", jsonx.ObjectValue()))))
	}
	from := *env
	from.Source.Schema = newSchema(nil)
	return from.Source.Schema.change(&from, sent)
}

// Change returns what `properties` that have passed "property_schema_updates" make of the
// schema (databases.md §2.2). One bad entry refuses them all. The error is a
// validation_error, an object_not_found or comes from env. Nothing changes in s or in env.
func (s *Schema) Change(env *Env, sent jsonx.Value) (*Change, error) {
	from := *env
	from.Source.Schema = s
	return s.change(&from, sent)
}

func (s *Schema) change(env *Env, sent jsonx.Value) (*Change, error) {
	c := &changer{env: env, drafts: map[notion.ID]*draft{}}
	c.own = c.draft(env.Source.ID)
	entries, err := c.entries(s, sent)
	if err != nil {
		return nil, err
	}
	// Rollups read the relations and the properties of the same request, so they come last.
	for _, rollups := range []bool{false, true} {
		for _, e := range entries {
			if e.sent.Has("rollup") != rollups {
				continue
			}
			if err := c.apply(e); err != nil {
				return nil, err
			}
		}
	}
	if err := c.settle(); err != nil {
		return nil, err
	}
	return c.result()
}

// changer carries one request out on drafts.
type changer struct {
	env    *Env
	own    *draft
	drafts map[notion.ID]*draft
	order  []*draft
	// computed are the ids of the formulas and rollups that the request gives a configuration.
	computed []string
}

// entry is one member of the request.
type entry struct {
	key  string
	id   string // of the property it names, "" for a new one
	sent jsonx.Value
}

func (c *changer) entries(s *Schema, sent jsonx.Value) ([]entry, error) {
	entries := make([]entry, 0, len(sent.Members()))
	named := map[string]bool{}
	for _, m := range sent.Members() {
		e := entry{key: m.Key, sent: m.Value}
		if p := s.Find(m.Key); p != nil {
			if named[p.ID] {
				return nil, invalid("Property %q is given more than once, by its id and by its name.", p.Name)
			}
			named[p.ID] = true
			e.id = p.ID
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func (c *changer) apply(e entry) error {
	switch {
	case e.id == "":
		return c.add(e)
	case e.sent.IsNull():
		return c.remove(e.id)
	default:
		return c.update(e)
	}
}

// typeOf returns the type that a request gives a property, nil when it gives none.
func typeOf(sent jsonx.Value) *Type {
	for i := range Types {
		if Types[i].Config != nil && sent.Has(Types[i].Name) {
			return &Types[i]
		}
	}
	return nil
}

func (c *changer) add(e entry) error {
	if e.sent.IsNull() {
		return c.env.notFound("property_item", e.key)
	}
	t := typeOf(e.sent)
	if t == nil || e.key == "" {
		return invalid("%s is not a valid property schema", e.key)
	}
	p := &Property{ID: TitleID, Name: e.key, Type: t, Description: description(e.sent.Get("description"))}
	if name := e.sent.Get("name"); name.Defined() {
		p.Name = name.Text()
	}
	switch {
	case t.Name != "title":
		p.ID = c.own.newID(c)
	case c.own.get(TitleID) != nil:
		return invalid("A data source has exactly one title property: %q cannot be another.", p.Name)
	}
	c.own.put(p) // before it is configured, for it may relate to itself
	return c.configure(p, jsonx.Value{}, e.sent)
}

func (c *changer) remove(id string) error {
	if id == TitleID {
		return invalid("The title property cannot be removed.")
	}
	c.release(c.own.get(id).Relation())
	c.own.remove(id)
	return nil
}

func (c *changer) update(e entry) error {
	old := c.own.get(e.id)
	p := *old
	if name := e.sent.Get("name"); name.Defined() {
		p.Name = name.Text()
	}
	if d := e.sent.Get("description"); d.Defined() {
		p.Description = description(d)
	}
	t := typeOf(e.sent)
	switch {
	case t == nil:
		c.own.put(&p)
		return nil
	case t == p.Type:
		// A configuration with options is sent whole, description included (databases.md §2.1).
		if (t.Name == "select" || t.Name == "multi_select") && !e.sent.Has("description") {
			p.Description = nil
		}
		c.own.put(&p)
		return c.configure(&p, old.Config, e.sent)
	}
	for _, fixed := range []string{"title", "place"} {
		if p.Type.Name == fixed || t.Name == fixed {
			return invalid("The type of property %q cannot be changed from %s to %s.", p.Name, p.Type.Name, t.Name)
		}
	}
	c.release(old.Relation())
	p.Type = t
	c.own.put(&p)
	return c.configure(&p, jsonx.Value{}, e.sent)
}

// configure gives a property that is already in the draft its configuration.
func (c *changer) configure(p *Property, old, sent jsonx.Value) error {
	config := jsonx.ObjectValue()
	if p.Type.configure != nil {
		var err error
		if config, err = p.Type.configure(c, p, old, sent.Get(p.Type.Name)); err != nil {
			return err
		}
	}
	done := *p
	done.Config = config
	done.options = optionsOf(config)
	c.own.put(&done)
	return nil
}

// result checks the drafts and returns what differs in them.
func (c *changer) result() (*Change, error) {
	var own *Change
	var partners []Change
	for _, d := range c.order {
		change, err := d.result()
		switch {
		case err != nil:
			return nil, err
		case d == c.own:
			own = change
		case len(change.Edits) > 0:
			partners = append(partners, *change)
		}
	}
	own.Partners = partners
	return own, nil
}

// draft is the schema of one data source while it changes.
type draft struct {
	source     notion.ID
	before     *Schema
	retired    []string
	properties []*Property
}

// draft returns the draft of a data source, nil when there is no such source.
func (c *changer) draft(id notion.ID) *draft {
	if d := c.drafts[id]; d != nil {
		return d
	}
	source := c.env.source(id)
	if source == nil || source.Schema == nil {
		return nil
	}
	d := &draft{
		source: id, before: source.Schema, retired: source.Retired,
		properties: slices.Clone(source.Schema.properties),
	}
	c.drafts[id] = d
	c.order = append(c.order, d)
	return d
}

func (d *draft) index(id string) int {
	return slices.IndexFunc(d.properties, func(p *Property) bool { return p.ID == id })
}

// get returns the property as it is now, nil when there is none.
func (d *draft) get(id string) *Property {
	if i := d.index(id); i >= 0 {
		return d.properties[i]
	}
	return nil
}

// find is [Schema.Find] on the draft.
func (d *draft) find(key string) *Property {
	if p := d.get(key); p != nil {
		return p
	}
	if p := d.get(DecodeID(key)); p != nil {
		return p
	}
	return d.named(key)
}

func (d *draft) named(name string) *Property {
	for _, p := range d.properties {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// put adds a property or puts it in the place of the one with its id.
func (d *draft) put(p *Property) {
	if i := d.index(p.ID); i >= 0 {
		d.properties[i] = p
		return
	}
	d.properties = append(d.properties, p)
}

func (d *draft) remove(id string) {
	i := d.index(id)
	d.properties = slices.Delete(d.properties, i, i+1)
}

// newID returns an id that no property has or had, and that no property is called.
func (d *draft) newID(c *changer) string {
	return newID(c.env.IDs, func(id string) bool {
		return d.find(id) != nil || d.before.Find(id) != nil || slices.Contains(d.retired, id)
	})
}

func (d *draft) result() (*Change, error) {
	names := map[string]bool{}
	for _, p := range d.properties {
		if names[p.Name] {
			return nil, invalid("Property names are unique: there would be more than one called %q.", p.Name)
		}
		names[p.Name] = true
	}
	if d.get(TitleID) == nil {
		return nil, invalid("Title is not provided")
	}
	change := &Change{Source: d.source, Schema: newSchema(d.properties), Edits: d.edits()}
	return change, change.Schema.check()
}

func (d *draft) edits() []Edit {
	var edits []Edit
	for _, p := range d.properties {
		old := d.before.byID[p.ID]
		if old == nil || !same(old, p) {
			edits = append(edits, Edit{Old: old, New: p})
		}
	}
	for _, old := range d.before.properties {
		if d.get(old.ID) == nil {
			edits = append(edits, Edit{Old: old})
		}
	}
	return edits
}

func same(a, b *Property) bool {
	return a == b || a.Name == b.Name && a.Type == b.Type && (a.Description == nil) == (b.Description == nil) &&
		(a.Description == nil || *a.Description == *b.Description) && a.Config.String() == b.Config.String()
}

// description reads the description of a property; an empty one is none.
func description(sent jsonx.Value) *string {
	if sent.Text() == "" {
		return nil
	}
	return textOrNil(sent)
}
