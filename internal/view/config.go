package view

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"octavo/internal/jsonx"
	"octavo/internal/property"
	"octavo/internal/schema"
)

// value is what stands under one key of a configuration.
type value interface {
	// accept is what a request may write.
	accept() schema.Type
	// keep returns what is stored of what a request has at a path, which refusals name.
	keep(r *Reader, path string, sent jsonx.Value) (jsonx.Value, error)
	// show returns what an answer has for what is stored, Undefined when the property that
	// it is about is gone. What must be there is shown all the same.
	show(s *property.Schema, stored jsonx.Value, must bool) jsonx.Value
}

// member is one key of an object, in the order of answers.
type member struct {
	key      string
	value    value // nil for the name of a property
	required bool
	// plain says that a request cannot clear it by null.
	plain bool
	// tied says that the object means nothing without it once it has it.
	tied bool
	// of is the key that names the property whose name this is.
	of string
}

func req(key string, v value) member { return member{key: key, value: v, required: true, plain: true} }

// opt is a key that may be left out, and that null clears.
func opt(key string, v value) member { return member{key: key, value: v} }

// given is a key that may be left out, and not be null.
func given(key string, v value) member { return member{key: key, value: v, plain: true} }

// tied is a key that may be left out, but not be lost.
func tied(key string, v value) member { return member{key: key, value: v, plain: true, tied: true} }

// named is the name of the property that another key has the id of. Only answers have it.
func named(key, of string) member { return member{key: key, of: of} }

// scalar is a value that is stored and shown as it was sent.
type scalar struct{ schema.Type }

var (
	flag   = scalar{schema.Bool()}
	number = scalar{schema.Number()}
	text   = scalar{schema.String()}
)

func oneOf(names ...string) scalar { return scalar{schema.Literal(names...)} }

func (v scalar) accept() schema.Type { return v.Type }

func (v scalar) keep(_ *Reader, _ string, sent jsonx.Value) (jsonx.Value, error) { return sent, nil }

func (v scalar) show(_ *property.Schema, stored jsonx.Value, _ bool) jsonx.Value { return stored }

// whole is a whole number from 0 to most.
type whole struct{ most float64 }

func (v whole) accept() schema.Type { return schema.Number().Min(0).Max(v.most) }

func (v whole) keep(_ *Reader, path string, sent jsonx.Value) (jsonx.Value, error) {
	return sent, checkWhole(path, sent)
}

func (v whole) show(_ *property.Schema, stored jsonx.Value, _ bool) jsonx.Value { return stored }

func checkWhole(path string, v jsonx.Value) error {
	if v.Float() != math.Trunc(v.Float()) {
		return invalid("body failed validation: %s should be a whole number, instead was %s.", path, schema.Show(v))
	}
	return nil
}

// reference is a property, by its id or its name in requests and by its id in answers.
type reference struct {
	// types are the types that the property can have; nil is any.
	types []string
}

// dateProperty is what calendars and timelines place pages by.
var dateProperty = reference{types: []string{"date", "created_time", "last_edited_time", "formula", "rollup"}}

func (v reference) accept() schema.Type { return schema.String() }

func (v reference) keep(r *Reader, path string, sent jsonx.Value) (jsonx.Value, error) {
	p := r.Schema.Find(sent.Text())
	if p == nil {
		return jsonx.Value{}, errNoProperty(sent.Text())
	}
	if !v.fits(p) {
		return jsonx.Value{}, invalid("%s should be a property of the type %s, instead was the property %q of the type %s.",
			path, strings.Join(v.types, ", "), p.Name, p.Type.Name)
	}
	return jsonx.StringValue(p.ID), nil
}

func (v reference) fits(p *property.Property) bool {
	return v.types == nil || slices.Contains(v.types, p.Type.Name)
}

func (v reference) show(s *property.Schema, stored jsonx.Value, must bool) jsonx.Value {
	if p := s.ByID(stored.Text()); !must && (p == nil || !v.fits(p)) {
		return jsonx.Value{}
	}
	return jsonx.StringValue(property.EncodeID(stored.Text()))
}

func errNoProperty(key string) error {
	return invalid("Could not find property with name or id: %s", key)
}

// object is a value with keys.
type object []member

func (o *object) accept() schema.Type {
	var fields []schema.Field
	for _, m := range *o {
		switch {
		case m.value == nil:
		case m.required:
			fields = append(fields, schema.Req(m.key, m.value.accept()))
		case m.plain:
			fields = append(fields, schema.Opt(m.key, m.value.accept()))
		default:
			fields = append(fields, schema.Opt(m.key, schema.Nullable(m.value.accept())))
		}
	}
	return schema.Object(fields...)
}

func (o *object) keep(r *Reader, path string, sent jsonx.Value) (jsonx.Value, error) {
	stored := jsonx.ObjectValue()
	return stored, o.merge(r, path, stored, sent)
}

// merge puts the keys that were sent into what is stored.
func (o *object) merge(r *Reader, path string, stored, sent jsonx.Value) error {
	for _, m := range *o {
		v := sent.Get(m.key)
		switch {
		case m.value == nil || !v.Defined():
		case v.IsNull():
			stored.Delete(m.key)
		default:
			kept, err := m.value.keep(r, path+"."+m.key, v)
			if err != nil {
				return err
			}
			stored.Set(m.key, kept)
		}
	}
	return nil
}

func (o *object) show(s *property.Schema, stored jsonx.Value, must bool) jsonx.Value {
	shown := jsonx.ObjectValue()
	for _, m := range *o {
		if m.value == nil {
			if p := s.ByID(stored.Get(m.of).Text()); p != nil {
				shown.Set(m.key, jsonx.StringValue(p.Name))
			}
			continue
		}
		v := stored.Get(m.key)
		if !v.Defined() {
			continue
		}
		v = m.value.show(s, v, must && m.required)
		switch {
		case v.Defined():
			shown.Set(m.key, v)
		case m.required || m.tied:
			return jsonx.Value{}
		}
	}
	return shown
}

// variants is an object of one of several types, which it says under `type`.
type variants []variant

type variant struct {
	types []string
	object
}

// of is the variant for some types, whose objects have these keys besides.
func of(types []string, members ...member) variant {
	return variant{types, append([]member{req("type", oneOf(types...))}, members...)}
}

func (v variants) accept() schema.Type {
	all := make([]schema.Type, len(v))
	for i := range v {
		all[i] = v[i].accept()
	}
	return schema.Union(all...)
}

func (v variants) find(o jsonx.Value) *variant {
	i := slices.IndexFunc(v, func(one variant) bool { return slices.Contains(one.types, o.Get("type").Text()) })
	return &v[i]
}

func (v variants) keep(r *Reader, path string, sent jsonx.Value) (jsonx.Value, error) {
	stored, err := v.find(sent).keep(r, path, sent)
	if err == nil && !groups(r.Schema, stored) {
		p := r.Schema.ByID(stored.Get("property_id").Text())
		err = invalid("%s.type should be that of the property %q, which is of the type %s, instead was %s.",
			path, p.Name, p.Type.Name, schema.Show(sent.Get("type")))
	}
	return stored, err
}

func (v variants) show(s *property.Schema, stored jsonx.Value, must bool) jsonx.Value {
	if !must && !groups(s, stored) {
		return jsonx.Value{}
	}
	return v.find(stored).show(s, stored, must)
}

// propertyTypes are the types of properties that are grouped by under other names.
var propertyTypes = map[string]string{"person": "people", "text": "rich_text"}

// groups reports whether a way to group pages is one for the property that it names. What
// names none is a part of another.
func groups(s *property.Schema, stored jsonx.Value) bool {
	id := stored.Get("property_id")
	if !id.Defined() {
		return true
	}
	p := s.ByID(id.Text())
	kind := stored.Get("type").Text()
	return p != nil && p.Type.Name == cmp.Or(propertyTypes[kind], kind)
}

// list is a list of objects. Those about properties that are gone are left out.
type list struct{ of value }

func (l list) accept() schema.Type { return schema.Array(l.of.accept(), 0) }

func (l list) keep(r *Reader, path string, sent jsonx.Value) (jsonx.Value, error) {
	items := make([]jsonx.Value, len(sent.Items()))
	for i, it := range sent.Items() {
		var err error
		if items[i], err = l.of.keep(r, path+"["+strconv.Itoa(i)+"]", it); err != nil {
			return jsonx.Value{}, err
		}
	}
	return jsonx.ArrayValue(items...), nil
}

func (l list) show(s *property.Schema, stored jsonx.Value, _ bool) jsonx.Value {
	items := []jsonx.Value{}
	for _, it := range stored.Items() {
		if v := l.of.show(s, it, false); v.Defined() {
			items = append(items, v)
		}
	}
	return jsonx.ArrayValue(items...)
}

// identified is an object with an id of its own, which the server gives it when a request
// does not.
type identified struct{ *object }

func (v identified) keep(r *Reader, path string, sent jsonx.Value) (jsonx.Value, error) {
	stored, err := v.object.keep(r, path, sent)
	if err == nil && !stored.Has("id") {
		stored.Set("id", jsonx.StringValue(r.NewID().String()))
	}
	return stored, err
}

// The parts that several types of view share, in the order of the official SDK's types.
var (
	columns = list{of: &object{
		req("property_id", reference{}),
		named("property_name", "property_id"),
		given("visible", flag),
		given("width", number),
		given("wrap", flag),
		given("status_show_as", oneOf("select", "checkbox")),
		given("card_property_width_mode", oneOf("full_line", "inline")),
		given("date_format", oneOf("full", "short", "month_day_year", "day_month_year", "year_month_day", "relative")),
		given("time_format", oneOf("12_hour", "24_hour", "hidden")),
	}}
	cover = &object{
		req("type", oneOf("page_cover", "page_content", "property")),
		tied("property_id", reference{types: []string{"files"}}),
	}
	subtasks = &object{
		given("property_id", reference{types: []string{"relation"}}),
		given("display_mode", oneOf("show", "hidden", "flattened", "disabled")),
		given("filter_scope", oneOf("parents", "parents_and_subitems", "subitems")),
		given("toggle_column_id", reference{}),
	}
	preference = &object{
		req("zoom_level", oneOf("hours", "day", "week", "bi_week", "month", "quarter", "year", "5_years")),
		given("center_timestamp", number),
	}
	aggregation = &object{
		req("aggregator", oneOf(
			"count", "count_values", "sum", "average", "median", "min", "max", "range", "unique", "empty", "not_empty",
			"percent_empty", "percent_not_empty", "checked", "unchecked", "percent_checked", "percent_unchecked",
			"earliest_date", "latest_date", "date_range",
		)),
		tied("property_id", reference{}),
	}
	referenceLine = identified{&object{
		given("id", text),
		req("value", number),
		req("label", text),
		req("color", oneOf("gray", "lightgray", "brown", "yellow", "orange", "green", "blue", "purple", "pink", "red")),
		req("dash_style", oneOf("solid", "dash")),
	}}
	heights = oneOf("small", "medium", "large", "extra_large")
)

// How groups are made (databases.md §6.3).
var (
	groupSort  = req("sort", &object{req("type", oneOf("manual", "ascending", "descending"))})
	byText     = req("group_by", oneOf("exact", "alphabet_prefix"))
	byPeriod   = req("group_by", oneOf("relative", "day", "week", "month", "year"))
	weekday    = given("start_day_of_week", whole{most: 1})
	rangeStart = given("range_start", number)
	rangeEnd   = given("range_end", number)
	rangeSize  = given("range_size", number)

	groupBy = variants{
		group([]string{"select", "multi_select"}, nil),
		group([]string{"status"}, []member{req("group_by", oneOf("group", "option"))}),
		group([]string{"person", "created_by", "last_edited_by"}, nil),
		group([]string{"relation"}, nil),
		group([]string{"date", "created_time", "last_edited_time"}, []member{byPeriod}, weekday),
		group([]string{"text", "title", "url", "email", "phone_number"}, []member{byText}),
		group([]string{"number"}, nil, rangeStart, rangeEnd, rangeSize),
		group([]string{"checkbox"}, nil),
		of([]string{"formula"},
			req("property_id", reference{}),
			req("group_by", variants{
				of([]string{"date"}, byPeriod, groupSort, weekday),
				of([]string{"text"}, byText, groupSort),
				of([]string{"number"}, groupSort, rangeStart, rangeEnd, rangeSize),
				of([]string{"checkbox"}, groupSort),
			}),
			named("property_name", "property_id"),
			given("hide_empty_groups", flag),
		),
	}
)

// group is how pages are grouped by properties of some types. How finely stands before the
// order of the groups, what else there is to say after them.
func group(types []string, grain []member, more ...member) variant {
	members := append([]member{req("property_id", reference{})}, grain...)
	members = append(members, groupSort, named("property_name", "property_id"), given("hide_empty_groups", flag))
	return of(types, append(members, more...)...)
}
