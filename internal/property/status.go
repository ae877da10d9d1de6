package property

import (
	"slices"

	lang "octavo/internal/formula"
	"octavo/internal/jsonx"
)

var status = Type{
	Name:      "status",
	Config:    optionConfig("status_option"),
	Value:     optionOrNull(),
	Shorthand: selectOne.Shorthand,
	Filters:   []string{"status"},
	Sort:      SortByOption,
	configure: configureStatus,
	fits:      isOption,
	decode:    decodeStatus,
	empty:     jsonx.NullValue,
	clearable: true,
	text:      optionText,
	cells:     optionCells,
	seen:      lang.TypeOf(lang.KindText),
	value:     optionValue,
	verbatim:  always,
}

// Group is one group of the options of a status.
type Group struct {
	ID, Name, Color string
	// OptionIDs are its options in list order.
	OptionIDs []string
}

// The groups that every status has, and the options that one has when none are given
// (databases.md §2.4.1).
var (
	statusGroups      = []string{"To-do", "In progress", "Complete"}
	statusGroupColors = []string{"gray", "blue", "green"}
	statusOptions     = []Option{
		{Name: "Not started", Color: "default"},
		{Name: "In progress", Color: "blue"},
		{Name: "Done", Color: "green"},
	}
)

// Groups returns the groups of a status property, none for other types.
func (p *Property) Groups() []Group { return groupsOf(p.Config) }

func groupsOf(config jsonx.Value) []Group {
	var groups []Group
	for _, it := range config.Get("groups").Items() {
		g := Group{ID: it.Get("id").Text(), Name: it.Get("name").Text(), Color: it.Get("color").Text()}
		for _, id := range it.Get("option_ids").Items() {
			g.OptionIDs = append(g.OptionIDs, id.Text())
		}
		groups = append(groups, g)
	}
	return groups
}

func configureStatus(c *changer, p *Property, old, sent jsonx.Value) (jsonx.Value, error) {
	list := sent.Get("options")
	switch {
	case list.Defined():
	case old.Defined():
		return old, nil
	default:
		return c.defaultStatus(), nil
	}
	options, err := replaceOptions(c, p, optionsOf(old), list)
	if err != nil {
		return sent, err
	}
	groups := groupsOf(old)
	if len(groups) == 0 {
		groups = c.newGroups()
	}
	return statusValue(options, regroup(groups, options, list)), nil
}

func (c *changer) newGroups() []Group {
	groups := make([]Group, len(statusGroups))
	for i := range groups {
		groups[i] = Group{ID: c.env.IDs.Request().String(), Name: statusGroups[i], Color: statusGroupColors[i]}
	}
	return groups
}

func (c *changer) defaultStatus() jsonx.Value {
	options, groups := slices.Clone(statusOptions), c.newGroups()
	for i := range options {
		options[i].ID = c.env.IDs.Request().String()
		groups[i].OptionIDs = []string{options[i].ID}
	}
	return statusValue(options, groups)
}

// regroup puts every option into the group that was asked for, else the one it was in, else
// the first. list is the request that the options were read from.
func regroup(old []Group, options []Option, list jsonx.Value) []Group {
	groups := make([]Group, len(old))
	for i, g := range old {
		groups[i] = g
		groups[i].OptionIDs = nil
	}
	for i, o := range options {
		at := slices.IndexFunc(old, func(g Group) bool { return slices.Contains(g.OptionIDs, o.ID) })
		if asked := list.Items()[i].Get("group"); asked.Defined() {
			at = slices.IndexFunc(old, func(g Group) bool { return g.Name == asked.Text() })
		}
		at = max(at, 0)
		groups[at].OptionIDs = append(groups[at].OptionIDs, o.ID)
	}
	return groups
}

func statusValue(options []Option, groups []Group) jsonx.Value {
	items := make([]jsonx.Value, len(groups))
	for i, g := range groups {
		ids := make([]jsonx.Value, len(g.OptionIDs))
		for j, id := range g.OptionIDs {
			ids[j] = jsonx.StringValue(id)
		}
		items[i] = jsonx.ObjectValue(
			jsonx.M("id", jsonx.StringValue(g.ID)),
			jsonx.M("name", jsonx.StringValue(g.Name)),
			jsonx.M("color", jsonx.StringValue(g.Color)),
			jsonx.M("option_ids", jsonx.ArrayValue(ids...)),
		)
	}
	return jsonx.ObjectValue(
		jsonx.M("options", optionConfigs(options)),
		jsonx.M("groups", jsonx.ArrayValue(items...)),
	)
}

// DefaultOption returns the option that a status without a value has, the first of the first
// group that has any; nil for other types and for a status without options.
func (p *Property) DefaultOption() *Option {
	for _, g := range p.Groups() {
		if len(g.OptionIDs) > 0 {
			return optionByID(p.options, g.OptionIDs[0])
		}
	}
	return nil
}

// decodeStatus creates no options (databases.md §2.4.1).
func decodeStatus(_ *decoder, p *Property, sent jsonx.Value) (jsonx.Value, error) {
	name := sent.Get("name").Text()
	o := optionByID(p.options, sent.Get("id").Text())
	if o == nil && sent.Has("name") {
		o = optionByName(p.options, name)
	}
	if o == nil {
		if !sent.Has("name") {
			name = sent.Get("id").Text()
		}
		return sent, invalid(`Invalid status option. Status option "%s" does not exist".`, name)
	}
	return o.value(), nil
}
