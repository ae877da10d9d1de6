// Package view knows the views of databases: which types there are, what each can be
// configured with, what is stored of a view's filter, sorts and configuration, and how
// they are shown while the schema of the data source goes on changing (databases.md §6).
//
// What is stored names properties by their raw ids and options by theirs, so that renaming
// either changes nothing. What a view says of a property that is gone, or is of another
// type by now, stays stored and is left out when it is shown.
package view

import (
	"slices"

	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/schema"
)

// The types of views that are more than a way to show rows.
const (
	Table     = "table"
	Form      = "form"
	Dashboard = "dashboard"
)

// Type is one type of view.
type Type struct {
	// Name is the type as the API writes it.
	Name string
	// config is what the type is configured with; nil when no request can configure it.
	config *object
}

// Types are the types of views, in the order in which refusals list them.
var Types = []Type{
	{Table, configOf(Table,
		opt("properties", columns),
		opt("group_by", groupBy),
		opt("subtasks", subtasks),
		given("wrap_cells", flag),
		given("frozen_column_index", number),
		given("show_vertical_lines", flag),
	)},
	{"board", configOf("board",
		req("group_by", groupBy),
		opt("sub_group_by", groupBy),
		opt("properties", columns),
		opt("cover", cover),
		opt("cover_size", oneOf("small", "medium", "large")),
		opt("cover_aspect", oneOf("contain", "cover")),
		opt("card_layout", oneOf("list", "compact")),
	)},
	{"list", configOf("list", opt("properties", columns))},
	{"calendar", configOf("calendar",
		req("date_property_id", dateProperty),
		named("date_property_name", "date_property_id"),
		opt("properties", columns),
		opt("view_range", oneOf("week", "month")),
		opt("show_weekends", flag),
	)},
	{"timeline", configOf("timeline",
		req("date_property_id", dateProperty),
		named("date_property_name", "date_property_id"),
		opt("end_date_property_id", dateProperty),
		named("end_date_property_name", "end_date_property_id"),
		opt("properties", columns),
		opt("show_table", flag),
		opt("table_properties", columns),
		opt("preference", preference),
		opt("arrows_by", &object{opt("property_id", reference{types: []string{"relation"}})}),
		opt("color_by", flag),
	)},
	{"gallery", configOf("gallery",
		opt("properties", columns),
		opt("cover", cover),
		opt("cover_size", oneOf("small", "medium", "large")),
		opt("cover_aspect", oneOf("contain", "cover")),
		opt("card_layout", oneOf("list", "compact")),
	)},
	{Form, configOf(Form,
		opt("is_form_closed", flag),
		opt("anonymous_submissions", flag),
		opt("submission_permissions", oneOf("none", "comment_only", "reader", "read_and_write", "editor")),
	)},
	{"chart", configOf("chart",
		req("chart_type", oneOf("column", "bar", "line", "donut", "number")),
		opt("x_axis", groupBy),
		opt("y_axis", aggregation),
		opt("x_axis_property_id", reference{}),
		opt("y_axis_property_id", reference{}),
		opt("value", aggregation),
		opt("sort", oneOf("manual", "x_ascending", "x_descending", "y_ascending", "y_descending")),
		opt("color_theme", oneOf("gray", "blue", "yellow", "green", "purple", "teal", "orange", "pink", "red", "auto", "colorful")),
		opt("height", heights),
		opt("hide_empty_groups", flag),
		opt("legend_position", oneOf("off", "bottom", "side")),
		opt("show_data_labels", flag),
		opt("axis_labels", oneOf("none", "x_axis", "y_axis", "both")),
		opt("grid_lines", oneOf("none", "horizontal", "vertical", "both")),
		opt("cumulative", flag),
		opt("smooth_line", flag),
		opt("hide_line_fill_area", flag),
		opt("group_style", oneOf("normal", "percent", "side_by_side")),
		opt("y_axis_min", number),
		opt("y_axis_max", number),
		opt("donut_labels", oneOf("none", "value", "name", "name_and_value")),
		opt("hide_title", flag),
		opt("stack_by", groupBy),
		opt("reference_lines", list{of: referenceLine}),
		opt("caption", text),
		opt("color_by_value", flag),
	)},
	{"map", configOf("map",
		opt("height", heights),
		opt("map_by", reference{types: []string{"place"}}),
		named("map_by_property_name", "map_by"),
		opt("properties", columns),
	)},
	// A dashboard is configured by the views that are put into it; see [Layout].
	{Dashboard, nil},
}

// Lookup returns the type of that name, nil when there is none.
func Lookup(name string) *Type {
	i := slices.IndexFunc(Types, func(t Type) bool { return t.Name == name })
	if i < 0 {
		return nil
	}
	return &Types[i]
}

func typeNames() []string {
	names := make([]string, len(Types))
	for i := range Types {
		names[i] = Types[i].Name
	}
	return names
}

// configOf is a configuration, which begins with the type.
func configOf(name string, members ...member) *object {
	o := object(append([]member{req("type", oneOf(name))}, members...))
	return &o
}

// Reader is what a configuration is read in.
type Reader struct {
	Schema *property.Schema
	// NewID makes ids for parts that have one.
	NewID func() notion.ID
}

// Configure returns what is stored of a configuration that was sent for a view of the type
// and has passed "view_configuration", given what was stored before, nil for a new view.
// The keys that were sent take the place of those before, null takes one away
// (databases.md §6.3). Sent may be Undefined. The error is a validation_error.
func (t *Type) Configure(r *Reader, before []byte, sent jsonx.Value) ([]byte, error) {
	stored := jsonx.ObjectValue(jsonx.M("type", jsonx.StringValue(t.Name)))
	if before != nil {
		var err error
		if stored, err = jsonx.Parse(before); err != nil {
			return nil, err
		}
	}
	if !sent.Defined() {
		if t.Name == Dashboard && before == nil {
			return (&Layout{}).Append(nil), nil
		}
		return stored.Append(nil), t.complete(stored)
	}
	if given := sent.Get("type").Text(); t.config == nil || given != t.Name {
		return nil, invalid(`Configuration type "%s" does not match view type "%s"`, given, t.Name)
	}
	if err := t.config.merge(r, "body.configuration", stored, sent); err != nil {
		return nil, err
	}
	return stored.Append(nil), nil
}

// complete refuses a view without the configuration that its type needs.
func (t *Type) complete(stored jsonx.Value) error {
	if t.config == nil {
		return nil
	}
	for _, m := range *t.config {
		if m.required && !stored.Has(m.key) {
			return invalid("body failed validation: body.configuration should be defined, instead was `undefined`.")
		}
	}
	return nil
}

// Show returns the configuration that an answer has, with the names that properties have
// now.
func (t *Type) Show(s *property.Schema, stored []byte) (notion.Raw, error) {
	if t.config == nil {
		return stored, nil
	}
	v, err := jsonx.Parse(stored)
	if err != nil {
		return nil, err
	}
	return t.config.show(s, v, true).Append(nil), nil
}

// Define adds to the set what requests may hold of views: "view_type",
// "view_configuration", "view_sorts", "quick_filters" and "quick_filter_updates". It needs
// the definitions of package query.
func Define(set *schema.Set) {
	set.Define("view_type", schema.Literal(typeNames()...))
	var variants []schema.Type
	for i := range Types {
		if c := Types[i].config; c != nil {
			variants = append(variants, c.accept())
		}
	}
	set.Define("view_configuration", schema.Union(variants...))
	set.Define("view_sorts", schema.Array(schema.Object(
		schema.Req("property", schema.String()), schema.Req("direction", schema.Literal("ascending", "descending")),
	), maxSorts))
	set.Define("quick_filter", quickFilter())
	set.Define("quick_filters", schema.Map(schema.Ref("quick_filter")))
	set.Define("quick_filter_updates", schema.Map(schema.Nullable(schema.Ref("quick_filter"))))
}

// maxSorts bounds a list of sorts (contract.md §7).
const maxSorts = 100

func invalid(format string, args ...any) error {
	return apierr.Errorf(apierr.ValidationError, format, args...)
}
