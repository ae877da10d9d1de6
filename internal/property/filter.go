package property

import (
	"slices"

	"octavo/internal/schema"
)

// Family is a set of conditions that several kinds of filter share.
type Family string

// The families (databases.md §3.5).
const (
	TextFamily         Family = "text"
	NumberFamily       Family = "number"
	CheckboxFamily     Family = "checkbox"
	OptionFamily       Family = "option"
	OptionsFamily      Family = "options"
	DateFamily         Family = "date"
	PeopleFamily       Family = "people"
	RelationFamily     Family = "relation"
	PresenceFamily     Family = "presence"
	VerificationFamily Family = "verification"
	FormulaFamily      Family = "formula"
	RollupFamily       Family = "rollup"
)

// Operand is what a condition compares with.
type Operand uint8

// The operands.
const (
	NoOperand       Operand = iota // true
	TextOperand                    // a string, to be folded
	NumberOperand                  // a number
	CheckboxOperand                // true or false
	OptionOperand                  // the name or id of an option or group, or an array of them: any or none
	DateOperand                    // a date, a moment or a [RelativeDates] word
	PeriodOperand                  // {}: the condition itself says the days
	UserOperand                    // the id of a user, or "me"
	PageOperand                    // the id of a page
	StateOperand                   // the state of a verification
	FilterOperand                  // a condition of one of [Condition.Inside]
)

// Condition is one condition of a family.
type Condition struct {
	// Name is the condition as the API writes it.
	Name    string
	Operand Operand
	// Negative reports whether it holds for pages that have no value (databases.md §3.5).
	Negative bool
	// Inside are the kinds of filter in a [FilterOperand]: one that is called like the condition
	// and is the operand itself, or several of which the operand has one under its own key.
	Inside []Filter
}

// Filter is a kind of filter, the key beside `property`.
type Filter struct {
	Kind   string
	Family Family
}

// Filters are the kinds of property filter, in the order in which a refusal lists them
// (contract.md §3.4).
var Filters = []Filter{
	{"title", TextFamily}, {"rich_text", TextFamily}, {"number", NumberFamily}, {"checkbox", CheckboxFamily},
	{"select", OptionFamily}, {"multi_select", OptionsFamily}, {"status", OptionFamily}, {"date", DateFamily},
	{"people", PeopleFamily}, {"files", PresenceFamily}, {"url", TextFamily}, {"email", TextFamily},
	{"phone_number", TextFamily}, {"relation", RelationFamily}, {"created_by", PeopleFamily},
	{"created_time", DateFamily}, {"last_edited_by", PeopleFamily}, {"last_edited_time", DateFamily},
	{"formula", FormulaFamily}, {"unique_id", NumberFamily}, {"rollup", RollupFamily}, {"verification", VerificationFamily},
}

// rollupFilters are the kinds of filter on the elements of a rollup.
var rollupFilters = []Filter{
	{"rich_text", TextFamily}, {"number", NumberFamily}, {"checkbox", CheckboxFamily}, {"select", OptionFamily},
	{"multi_select", OptionsFamily}, {"relation", RelationFamily}, {"date", DateFamily}, {"people", PeopleFamily},
	{"files", PresenceFamily}, {"status", OptionFamily},
}

// FilterFamily returns the family of a kind of filter, false when there is no such kind.
func FilterFamily(kind string) (Family, bool) {
	i := slices.IndexFunc(Filters, func(f Filter) bool { return f.Kind == kind })
	if i < 0 {
		return "", false
	}
	return Filters[i].Family, true
}

// Answers reports whether the property can be filtered by that kind.
func (t *Type) Answers(kind string) bool { return slices.Contains(t.Filters, kind) }

// AnswersElement reports whether the elements of a rollup over properties of the type can be
// filtered by that kind, one of those inside `any`, `every` and `none`. These have no kinds of
// their own for times, authors and numbers that the server gives (databases.md §3.5).
func (t *Type) AnswersElement(kind string) bool {
	if t.Answers(kind) {
		return true
	}
	if len(t.Filters) == 0 || kind != "date" && kind != "people" && kind != "number" {
		return false
	}
	own, _ := FilterFamily(t.Filters[0])
	asked, _ := FilterFamily(kind)
	return own == asked
}

// RelativeDates are the words that a date condition takes in place of a date.
var RelativeDates = []string{
	"today", "tomorrow", "yesterday", "one_week_ago", "one_week_from_now", "one_month_ago", "one_month_from_now",
}

// VerificationStates are what a verification is compared with.
var VerificationStates = []string{"verified", "expired", "none"}

var (
	isEmpty    = Condition{Name: "is_empty", Operand: NoOperand, Negative: true}
	isNotEmpty = Condition{Name: "is_not_empty", Operand: NoOperand}
)

// Conditions are the conditions of each family, in the order of the API's types.
var Conditions = map[Family][]Condition{
	TextFamily: {
		{Name: "equals", Operand: TextOperand}, {Name: "does_not_equal", Operand: TextOperand, Negative: true},
		{Name: "contains", Operand: TextOperand}, {Name: "does_not_contain", Operand: TextOperand, Negative: true},
		{Name: "starts_with", Operand: TextOperand}, {Name: "ends_with", Operand: TextOperand},
		isEmpty, isNotEmpty,
	},
	NumberFamily: {
		{Name: "equals", Operand: NumberOperand}, {Name: "does_not_equal", Operand: NumberOperand, Negative: true},
		{Name: "greater_than", Operand: NumberOperand}, {Name: "less_than", Operand: NumberOperand},
		{Name: "greater_than_or_equal_to", Operand: NumberOperand}, {Name: "less_than_or_equal_to", Operand: NumberOperand},
		isEmpty, isNotEmpty,
	},
	// A box without a value is one that is not ticked, so no condition is negative.
	CheckboxFamily: {
		{Name: "equals", Operand: CheckboxOperand}, {Name: "does_not_equal", Operand: CheckboxOperand},
	},
	OptionFamily: {
		{Name: "equals", Operand: OptionOperand}, {Name: "does_not_equal", Operand: OptionOperand, Negative: true},
		isEmpty, isNotEmpty,
	},
	OptionsFamily: {
		{Name: "contains", Operand: OptionOperand}, {Name: "does_not_contain", Operand: OptionOperand, Negative: true},
		isEmpty, isNotEmpty,
	},
	DateFamily: {
		{Name: "equals", Operand: DateOperand}, {Name: "before", Operand: DateOperand}, {Name: "after", Operand: DateOperand},
		{Name: "on_or_before", Operand: DateOperand}, {Name: "on_or_after", Operand: DateOperand},
		{Name: "this_week", Operand: PeriodOperand}, {Name: "past_week", Operand: PeriodOperand},
		{Name: "past_month", Operand: PeriodOperand}, {Name: "past_year", Operand: PeriodOperand},
		{Name: "next_week", Operand: PeriodOperand}, {Name: "next_month", Operand: PeriodOperand},
		{Name: "next_year", Operand: PeriodOperand},
		isEmpty, isNotEmpty,
	},
	PeopleFamily: {
		{Name: "contains", Operand: UserOperand}, {Name: "does_not_contain", Operand: UserOperand, Negative: true},
		isEmpty, isNotEmpty,
	},
	RelationFamily: {
		{Name: "contains", Operand: PageOperand}, {Name: "does_not_contain", Operand: PageOperand, Negative: true},
		isEmpty, isNotEmpty,
	},
	PresenceFamily: {isEmpty, isNotEmpty},
	VerificationFamily: {
		{Name: "status", Operand: StateOperand}, {Name: "does_not_equal", Operand: StateOperand},
	},
	FormulaFamily: {
		{Name: "string", Operand: FilterOperand, Inside: []Filter{{"string", TextFamily}}},
		{Name: "checkbox", Operand: FilterOperand, Inside: []Filter{{"checkbox", CheckboxFamily}}},
		{Name: "number", Operand: FilterOperand, Inside: []Filter{{"number", NumberFamily}}},
		{Name: "date", Operand: FilterOperand, Inside: []Filter{{"date", DateFamily}}},
	},
	RollupFamily: {
		{Name: "any", Operand: FilterOperand, Inside: rollupFilters},
		{Name: "none", Operand: FilterOperand, Inside: rollupFilters},
		{Name: "every", Operand: FilterOperand, Inside: rollupFilters},
		{Name: "date", Operand: FilterOperand, Inside: []Filter{{"date", DateFamily}}},
		{Name: "number", Operand: FilterOperand, Inside: []Filter{{"number", NumberFamily}}},
	},
}

// families is the order in which the conditions are defined; those of formulas and rollups
// are made of the others.
var families = []Family{
	TextFamily, NumberFamily, CheckboxFamily, OptionFamily, OptionsFamily, DateFamily, PeopleFamily, RelationFamily,
	PresenceFamily, VerificationFamily, FormulaFamily, RollupFamily,
}

func defineFilters(set *schema.Set) {
	for _, f := range families {
		set.Define("filter."+string(f), conditionUnion(f))
	}
}

// FilterVariants returns the property filters as variants of a union, in order: the
// conditions, then the property, then the type. They refer to what [Define] defines.
func FilterVariants() []schema.Type {
	var variants []schema.Type
	for _, f := range Filters {
		variants = append(variants, schema.Object(
			schema.Req(f.Kind, schema.Ref("filter."+string(f.Family))),
			schema.Req("property", schema.String()),
			schema.Opt("type", schema.Literal(f.Kind)),
		))
	}
	return variants
}

// conditionUnion is exactly one condition of a family.
func conditionUnion(f Family) schema.Type {
	var variants []schema.Type
	for _, c := range Conditions[f] {
		variants = append(variants, schema.Object(schema.Req(c.Name, c.operand())))
	}
	return schema.Union(variants...)
}

func (c Condition) operand() schema.Type {
	switch c.Operand {
	case TextOperand, DateOperand:
		return schema.String()
	case NumberOperand:
		return schema.Number()
	case CheckboxOperand:
		return schema.Bool()
	case OptionOperand:
		return schema.Union(schema.String(), schema.Array(schema.String(), maxItems))
	case PeriodOperand:
		return schema.Object()
	case UserOperand:
		return schema.Union(schema.UUID(), schema.Literal("me"))
	case PageOperand:
		return schema.UUID()
	case StateOperand:
		return schema.Literal(VerificationStates...)
	case FilterOperand:
		return c.inside()
	}
	return schema.True()
}

// inside is the operand of a condition that holds conditions: those of the one kind that it
// is named like, or an object with one of several kinds.
func (c Condition) inside() schema.Type {
	if len(c.Inside) == 1 && c.Inside[0].Kind == c.Name {
		return schema.Ref("filter." + string(c.Inside[0].Family))
	}
	var variants []schema.Type
	for _, f := range c.Inside {
		variants = append(variants, schema.Object(schema.Req(f.Kind, schema.Ref("filter."+string(f.Family)))))
	}
	return schema.Union(variants...)
}
