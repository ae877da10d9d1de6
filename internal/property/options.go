package property

import (
	"slices"

	"octavo/internal/clock"
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

// OptionColors are the colors of options, in the order the API lists them.
var OptionColors = []string{"default", "gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red"}

const maxOptionName = 100

// Option is one option of a select, multi_select or status property.
type Option struct {
	ID, Name, Color string
	// Description is nil when there is none.
	Description *string
}

// Options returns the options of a select, multi_select or status property in their order,
// none for other types. The caller leaves the slice as it is.
func (p *Property) Options() []Option { return p.options }

// Option returns the option with that id or, if there is none, of that name, whose case does
// not matter (databases.md §2.4); nil when there is neither.
func (p *Property) Option(idOrName string) *Option {
	if o := optionByID(p.options, idOrName); o != nil {
		return o
	}
	return optionByName(p.options, idOrName)
}

// Ranks returns the ids of the options in the order by which pages are sorted: that of the
// list, for a status first that of the groups (databases.md §3.3).
func (p *Property) Ranks() []string {
	var ids []string
	for _, g := range p.Groups() {
		ids = append(ids, g.OptionIDs...)
	}
	for _, o := range p.options {
		if !slices.Contains(ids, o.ID) {
			ids = append(ids, o.ID)
		}
	}
	return ids
}

func optionByID(options []Option, id string) *Option {
	for i := range options {
		if options[i].ID == id {
			return &options[i]
		}
	}
	return nil
}

func optionByName(options []Option, name string) *Option {
	folded := Fold(name)
	for i := range options {
		if options[i].Name == name || Fold(options[i].Name) == folded {
			return &options[i]
		}
	}
	return nil
}

// optionsOf returns the options of a configuration.
func optionsOf(config jsonx.Value) []Option {
	items := config.Get("options").Items()
	if len(items) == 0 {
		return nil
	}
	options := make([]Option, len(items))
	for i, it := range items {
		options[i] = Option{ID: it.Get("id").Text(), Name: it.Get("name").Text(), Color: it.Get("color").Text(),
			Description: textOrNil(it.Get("description"))}
	}
	return options
}

// config returns the option as a schema shows it.
func (o Option) config() jsonx.Value {
	return jsonx.ObjectValue(
		jsonx.M("id", jsonx.StringValue(o.ID)),
		jsonx.M("name", jsonx.StringValue(o.Name)),
		jsonx.M("color", jsonx.StringValue(o.Color)),
		jsonx.M("description", nullable(o.Description)),
	)
}

// value returns the option as a page shows it.
func (o Option) value() jsonx.Value {
	return jsonx.ObjectValue(
		jsonx.M("id", jsonx.StringValue(o.ID)),
		jsonx.M("name", jsonx.StringValue(o.Name)),
		jsonx.M("color", jsonx.StringValue(o.Color)),
	)
}

func optionConfigs(options []Option) jsonx.Value {
	items := make([]jsonx.Value, len(options))
	for i, o := range options {
		items[i] = o.config()
	}
	return jsonx.ArrayValue(items...)
}

// configureOptions is the configure of select and multi_select.
func configureOptions(c *changer, p *Property, old, sent jsonx.Value) (jsonx.Value, error) {
	list := sent.Get("options")
	if !list.Defined() {
		if old.Defined() {
			return old, nil
		}
		list = jsonx.ArrayValue()
	}
	options, err := replaceOptions(c, p, optionsOf(old), list)
	return jsonx.ObjectValue(jsonx.M("options", optionConfigs(options))), err
}

// replaceOptions returns the options that a request lists: old ones, found by their id or
// name, and new ones. An old option keeps its name and color whatever is sent, and a change
// of color is refused (databases.md §2.4).
func replaceOptions(c *changer, p *Property, old []Option, list jsonx.Value) ([]Option, error) {
	options := make([]Option, 0, len(list.Items()))
	for _, sent := range list.Items() {
		o, err := replaceOption(c.env.IDs, p, old, sent)
		if err != nil {
			return nil, err
		}
		if optionByID(options, o.ID) != nil || optionByName(options, o.Name) != nil {
			return nil, invalid("Invalid %s option: %q is given more than once in property %q.", p.Type.Name, o.Name, p.Name)
		}
		options = append(options, o)
	}
	return options, nil
}

func replaceOption(ids clock.IDs, p *Property, old []Option, sent jsonx.Value) (Option, error) {
	id, name := sent.Get("id"), sent.Get("name")
	var known *Option
	by := "id"
	if id.Defined() {
		known = optionByID(old, id.Text())
	}
	if known == nil && name.Defined() {
		known, by = optionByName(old, name.Text()), "name"
	}
	if known == nil {
		if !name.Defined() {
			return Option{}, invalid("Invalid %s option. Property %q has no option with id %q.", p.Type.Name, p.Name, id.Text())
		}
		return newOption(ids, p.Type, sent)
	}
	o := *known
	if color := sent.Get("color"); color.Defined() && color.Text() != o.Color {
		return o, invalid("Cannot update color of %s with %s: %s", p.Type.Name, by, sent.Get(by).Text())
	}
	if d := sent.Get("description"); d.Defined() {
		o.Description = textOrNil(d)
	}
	return o, nil
}

// newOption makes an option of the name that is sent.
func newOption(ids clock.IDs, t *Type, sent jsonx.Value) (Option, error) {
	name := sent.Get("name").Text()
	if slices.Contains([]byte(name), ',') {
		what := t.Name
		if what == "multi_select" {
			what = "select"
		}
		return Option{}, invalid("Invalid %s option, commas not allowed: %s", what, name)
	}
	color := "default"
	if c := sent.Get("color"); c.Defined() {
		color = c.Text()
	}
	return Option{ID: ids.Request().String(), Name: name, Color: color, Description: textOrNil(sent.Get("description"))}, nil
}

// option is an option named by one of its keys; what names it is checked first.
func option(by, other string) *schema.ObjectType {
	return schema.Object(
		schema.Req(by, optionKey(by)), schema.Opt(other, optionKey(other)),
		schema.Opt("color", schema.Literal(OptionColors...)),
		schema.Opt("description", schema.Nullable(schema.String())),
	)
}

func optionKey(key string) schema.Type {
	if key == "name" {
		return schema.String().NonEmpty().Max(maxOptionName)
	}
	return schema.String()
}

func optionOrNull() schema.Type { return schema.Nullable(schema.Ref("select_option")) }

func optionConfig(item string) schema.Type {
	return schema.Object(schema.Opt("options", schema.Array(schema.Ref(item), maxItems)))
}

// isOption reports whether a shorthand names an option.
func isOption(sent jsonx.Value) bool {
	return (sent.Has("id") || sent.Has("name")) && !sent.Has("object") && !sent.Has("lat")
}

func textOrNil(v jsonx.Value) *string {
	if v.Kind() != jsonx.String {
		return nil
	}
	s := v.Text()
	return &s
}

func nullable(s *string) jsonx.Value {
	if s == nil {
		return jsonx.NullValue
	}
	return jsonx.StringValue(*s)
}
