package view

import (
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/schema"
)

// KeepFilter returns what is stored of a filter that has passed "filter" and means
// something to the schema; nil for null and Undefined.
func KeepFilter(s *property.Schema, sent jsonx.Value) []byte {
	if sent.Kind() != jsonx.Object {
		return nil
	}
	return rewrite(s, sent, keeping).Append(nil)
}

// ShowFilter returns a stored filter as answers have it, Undefined when there is none or
// all that it is about is gone.
func ShowFilter(s *property.Schema, stored []byte) (jsonx.Value, error) {
	if stored == nil {
		return jsonx.Value{}, nil
	}
	v, err := jsonx.Parse(stored)
	if err != nil {
		return v, err
	}
	return rewrite(s, v, showing), nil
}

// way is one of the two ways in which filters are rewritten.
type way struct {
	find     func(s *property.Schema, key string) *property.Property
	property func(*property.Property) string
	// option is what a condition has for an option or a group of them, false when there is
	// none of that name or id.
	option func(p *property.Property, key string) (string, bool)
}

var (
	keeping = way{
		find:     (*property.Schema).Find,
		property: func(p *property.Property) string { return p.ID },
		option:   optionID,
	}
	showing = way{
		find:     (*property.Schema).ByID,
		property: func(p *property.Property) string { return property.EncodeID(p.ID) },
		option:   optionName,
	}
)

func optionID(p *property.Property, key string) (string, bool) {
	if o := p.Option(key); o != nil {
		return o.ID, true
	}
	for _, g := range p.Groups() {
		if g.ID == key || g.Name == key {
			return g.ID, true
		}
	}
	return "", false
}

func optionName(p *property.Property, id string) (string, bool) {
	for _, o := range p.Options() {
		if o.ID == id {
			return o.Name, true
		}
	}
	for _, g := range p.Groups() {
		if g.ID == id {
			return g.Name, true
		}
	}
	return "", false
}

// rewrite returns a filter in the other form, Undefined when nothing of it is left.
func rewrite(s *property.Schema, f jsonx.Value, w way) jsonx.Value {
	for _, key := range []string{"or", "and"} {
		parts := f.Get(key)
		if !parts.Defined() {
			continue
		}
		var left []jsonx.Value
		for _, it := range parts.Items() {
			if v := rewrite(s, it, w); v.Defined() {
				left = append(left, v)
			}
		}
		if left == nil {
			return jsonx.Value{}
		}
		return jsonx.ObjectValue(jsonx.M(key, jsonx.ArrayValue(left...)))
	}
	if t := f.Get("timestamp"); t.Defined() {
		return jsonx.ObjectValue(jsonx.M("timestamp", t), jsonx.M(t.Text(), f.Get(t.Text())))
	}
	p := w.find(s, f.Get("property").Text())
	if p == nil {
		return jsonx.Value{}
	}
	condition := rewriteCondition(p, f, w)
	if !condition.Defined() {
		return condition
	}
	return jsonx.ObjectValue(append([]jsonx.Member{jsonx.M("property", jsonx.StringValue(w.property(p)))}, condition.Members()...)...)
}

// rewriteCondition returns the condition of a filter on a property, under the key of its
// kind, without anything else; Undefined when the property cannot answer it.
func rewriteCondition(p *property.Property, f jsonx.Value, w way) jsonx.Value {
	for _, kind := range p.Type.Filters {
		condition := f.Get(kind)
		if !condition.Defined() {
			continue
		}
		family, _ := property.FilterFamily(kind)
		for _, c := range property.Conditions[family] {
			operand := condition.Get(c.Name)
			if !operand.Defined() {
				continue
			}
			if c.Operand == property.OptionOperand {
				operand = rewriteOptions(p, operand, w)
			}
			if !operand.Defined() {
				return jsonx.Value{}
			}
			return jsonx.ObjectValue(jsonx.M(kind, jsonx.ObjectValue(jsonx.M(c.Name, operand))))
		}
	}
	return jsonx.Value{}
}

// rewriteOptions returns an option, or those of a list that there are.
func rewriteOptions(p *property.Property, operand jsonx.Value, w way) jsonx.Value {
	if operand.Kind() == jsonx.String {
		option, ok := w.option(p, operand.Text())
		if !ok {
			return jsonx.Value{}
		}
		return jsonx.StringValue(option)
	}
	left := []jsonx.Value{}
	for _, it := range operand.Items() {
		if option, ok := w.option(p, it.Text()); ok {
			left = append(left, jsonx.StringValue(option))
		}
	}
	if len(left) == 0 && len(operand.Items()) > 0 {
		return jsonx.Value{}
	}
	return jsonx.ArrayValue(left...)
}

// KeepSorts returns what is stored of sorts that mean something to the schema; nil for null
// and Undefined.
func KeepSorts(s *property.Schema, sent jsonx.Value) []byte {
	if sent.Kind() != jsonx.Array {
		return nil
	}
	return rewriteSorts(s, sent, keeping).Append(nil)
}

// ShowSorts returns stored sorts as answers have them, Undefined when there are none.
func ShowSorts(s *property.Schema, stored []byte) (jsonx.Value, error) {
	if stored == nil {
		return jsonx.Value{}, nil
	}
	v, err := jsonx.Parse(stored)
	if err != nil {
		return v, err
	}
	if v = rewriteSorts(s, v, showing); len(v.Items()) == 0 {
		return jsonx.Value{}, nil
	}
	return v, nil
}

func rewriteSorts(s *property.Schema, sorts jsonx.Value, w way) jsonx.Value {
	left := []jsonx.Value{}
	for _, sort := range sorts.Items() {
		key := "timestamp"
		by := sort.Get(key)
		if !by.Defined() {
			key = "property"
			p := w.find(s, sort.Get(key).Text())
			if p == nil || p.Type.Sort == property.Unsorted {
				continue
			}
			by = jsonx.StringValue(w.property(p))
		}
		left = append(left, jsonx.ObjectValue(jsonx.M(key, by), jsonx.M("direction", sort.Get("direction"))))
	}
	return jsonx.ArrayValue(left...)
}

// quickFilter is a condition under the key of its kind, or {} for one that is shown and
// left open.
func quickFilter() schema.Type {
	var variants []schema.Type
	for _, f := range property.Filters {
		variants = append(variants, schema.Object(schema.Req(f.Kind, schema.Ref("filter."+string(f.Family)))))
	}
	return schema.Union(append(variants, schema.Object())...)
}

// MergeQuickFilters returns what is stored of quick filters once some were sent: they take
// the place of those before on the same properties, null takes one away, and null in place
// of them all takes all away (databases.md §6.3). A condition has to be looked at by check,
// as the filter of a property that it is, with the path that refusals name it by. The error
// is a validation_error, or one of check.
func MergeQuickFilters(s *property.Schema, before []byte, sent jsonx.Value, check func(filter jsonx.Value, path string) error) ([]byte, error) {
	if sent.IsNull() {
		return nil, nil
	}
	stored := jsonx.ObjectValue()
	if before != nil {
		var err error
		if stored, err = jsonx.Parse(before); err != nil {
			return nil, err
		}
	}
	for _, m := range sent.Members() {
		p := s.Find(m.Key)
		switch {
		case p == nil:
			return nil, errNoProperty(m.Key)
		case m.Value.IsNull():
			stored.Delete(p.ID)
			continue
		case len(m.Value.Members()) == 0:
			if p.Type.Name == "files" || p.Type.Name == "place" {
				return nil, invalid("A quick filter of a property of the type %s needs a condition.", p.Type.Name)
			}
			stored.Set(p.ID, jsonx.ObjectValue())
			continue
		}
		filter := jsonx.ObjectValue(append([]jsonx.Member{jsonx.M("property", jsonx.StringValue(p.ID))}, m.Value.Members()...)...)
		if err := check(filter, "body.quick_filters."+m.Key); err != nil {
			return nil, err
		}
		stored.Set(p.ID, rewriteCondition(p, m.Value, keeping))
	}
	if len(stored.Members()) == 0 {
		return nil, nil
	}
	return stored.Append(nil), nil
}

// ShowQuickFilters returns stored quick filters as answers have them, by the ids of their
// properties; Undefined when there are none.
func ShowQuickFilters(s *property.Schema, stored []byte) (jsonx.Value, error) {
	shown := jsonx.ObjectValue()
	err := eachQuickFilter(s, stored, func(p *property.Property, condition jsonx.Value) {
		shown.Set(property.EncodeID(p.ID), condition)
	})
	if len(shown.Members()) == 0 {
		return jsonx.Value{}, err
	}
	return shown, err
}

func eachQuickFilter(s *property.Schema, stored []byte, f func(*property.Property, jsonx.Value)) error {
	if stored == nil {
		return nil
	}
	v, err := jsonx.Parse(stored)
	if err != nil {
		return err
	}
	for _, m := range v.Members() {
		p := s.ByID(m.Key)
		if p == nil {
			continue
		}
		condition := m.Value
		if len(condition.Members()) > 0 {
			condition = rewriteCondition(p, condition, showing)
		}
		if condition.Defined() {
			f(p, condition)
		}
	}
	return nil
}

// Effective returns the filter that a view shows rows by: its own and its quick filters
// that have a condition, all of which must hold. Undefined is every row.
func Effective(s *property.Schema, filter, quick []byte) (jsonx.Value, error) {
	var parts []jsonx.Value
	own, err := ShowFilter(s, filter)
	if err != nil {
		return own, err
	}
	if own.Defined() {
		parts = append(parts, own)
	}
	err = eachQuickFilter(s, quick, func(p *property.Property, condition jsonx.Value) {
		if members := condition.Members(); len(members) > 0 {
			named := jsonx.M("property", jsonx.StringValue(property.EncodeID(p.ID)))
			parts = append(parts, jsonx.ObjectValue(append([]jsonx.Member{named}, members...)...))
		}
	})
	switch {
	case err != nil || len(parts) == 0:
		return jsonx.Value{}, err
	case len(parts) == 1:
		return parts[0], nil
	}
	return jsonx.ObjectValue(jsonx.M("and", jsonx.ArrayValue(parts...))), nil
}

// Raw returns a value as a part of an answer, null for Undefined.
func Raw(v jsonx.Value) notion.Raw {
	if !v.Defined() {
		return nil
	}
	return v.Append(nil)
}
