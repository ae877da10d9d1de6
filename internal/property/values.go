package property

import (
	"bytes"
	"slices"
	"strings"

	"octavo/internal/clock"
	"octavo/internal/jsonx"
	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/richtext"
)

// Writer is who writes values.
type Writer struct {
	IDs clock.IDs
	// Author is the user that verifies.
	Author notion.ID
	// NoOptions, when not nil, is the refusal of a value that would add an option to the schema.
	NoOptions error
	// Upload returns the upload behind an address that a file was read with; false when it is
	// none of ours. Nil knows none.
	Upload func(address string) (notion.ID, bool)
}

// Value is a property of a page with its value in stored form; Undefined for no value, which
// is not stored.
type Value struct {
	Property *Property
	Stored   jsonx.Value
}

// Decoded is what a request writes into the properties of one page.
type Decoded struct {
	// Values are in the order sent, a property that is named twice once, as sent last.
	Values []Value
	// Schema is the schema with the options that the request adds, nil when it adds none. It is
	// to be stored together with the values.
	Schema *Schema
}

// Decode reads the `properties` of a page, which have passed "property_values". Ids of users,
// pages and uploads are only read; whoever stores the values sees to it that they exist:
// [Mentions], [References] and [media.Uploads] find them. The error is a validation_error.
func (s *Schema) Decode(w *Writer, sent jsonx.Value) (*Decoded, error) {
	named, err := s.match(sent)
	if err != nil {
		return nil, err
	}
	d := &decoder{writer: w, schema: s}
	out := &Decoded{}
	for _, v := range named {
		stored := jsonx.Value{}
		if !v.sent.IsNull() {
			if stored, err = v.property.Type.decode(d, v.property, v.sent); err != nil {
				return nil, err
			}
		}
		out.put(v.property.ID, stored)
	}
	if d.schema != s {
		if err := d.schema.check(); err != nil {
			return nil, err
		}
		out.Schema = d.schema
	}
	for i := range out.Values {
		out.Values[i].Property = d.schema.byID[out.Values[i].Property.ID]
	}
	return out, nil
}

func (d *Decoded) put(id string, stored jsonx.Value) {
	if stored.Kind() == jsonx.Array && len(stored.Items()) == 0 {
		stored = jsonx.Value{}
	}
	v := Value{Property: &Property{ID: id}, Stored: stored}
	i := slices.IndexFunc(d.Values, func(v Value) bool { return v.Property.ID == id })
	if i >= 0 {
		d.Values[i] = v
		return
	}
	d.Values = append(d.Values, v)
}

// sentValue is a bare value with the property it is for.
type sentValue struct {
	property *Property
	sent     jsonx.Value
}

// match finds the properties and takes the values out of their wrapping. What cannot be is
// refused all at once (contract.md §4.4 rows 79, 80, 88 and 104).
func (s *Schema) match(sent jsonx.Value) ([]sentValue, error) {
	var matched []sentValue
	var sentences, nulls []string
	computed := 0
	for _, m := range sent.Members() {
		p := s.Find(m.Key)
		if p == nil {
			sentences = append(sentences, m.Key+" is not a property that exists.")
			continue
		}
		v, ok := p.Type.unwrap(m.Value)
		switch {
		case p.Type.Computed():
			computed++
			sentences = append(sentences, p.Name+" is expected to be "+p.Type.Name+".")
		case !ok:
			sentences = append(sentences, p.Name+" is expected to be "+p.Type.Name+".")
		case v.IsNull() && !p.Type.clearable:
			nulls = append(nulls, `Invalid property value for: "`+p.Name+`".`)
		default:
			matched = append(matched, sentValue{p, v})
		}
	}
	switch {
	case computed > 0 && computed == len(sent.Members()):
		return nil, invalid("Couldn't find editable properties")
	case len(sentences) > 0:
		return nil, invalid("%s", strings.Join(sentences, " "))
	case len(nulls) > 0:
		return nil, invalid("Body Validation Failed. Fix the following:\n%s", strings.Join(nulls, "\n"))
	}
	return matched, nil
}

// unwrap returns the bare value of what may be wrapped in an object with a key named like its
// type; false when it is of another type.
func (t *Type) unwrap(sent jsonx.Value) (jsonx.Value, bool) {
	switch {
	case t.Computed():
		return sent, false
	case isWrapped(sent):
		v := sent.Get(t.Name)
		return v, v.Defined()
	}
	return sent, sent.IsNull() || t.fits(sent)
}

// isWrapped tells objects with a key named like a type from bare ones, one of which, a
// verification, has a `date` too.
func isWrapped(v jsonx.Value) bool {
	return v.Kind() == jsonx.Object && !v.Has("state") &&
		slices.ContainsFunc(Types, func(t Type) bool { return t.decode != nil && v.Has(t.Name) })
}

// decoder reads the values of one page.
type decoder struct {
	writer *Writer
	schema *Schema // with the options added so far
}

// option returns the option that is sent, which a name that is unknown adds to the schema. A
// color sent for an option that exists is ignored (databases.md §2.4).
func (d *decoder) option(p *Property, sent jsonx.Value) (Option, error) {
	p = d.schema.byID[p.ID]
	if id := sent.Get("id"); id.Defined() {
		if o := optionByID(p.options, id.Text()); o != nil {
			return *o, nil
		}
	}
	name := sent.Get("name")
	if !name.Defined() {
		return Option{}, invalid("Invalid select option. Property %q has no option with id %q.", p.Name, sent.Get("id").Text())
	}
	if o := optionByName(p.options, name.Text()); o != nil {
		return *o, nil
	}
	o, err := newOption(d.writer.IDs, p.Type, sent)
	if err != nil {
		return o, err
	}
	if d.writer.NoOptions != nil {
		return o, d.writer.NoOptions
	}
	grown := *p
	grown.options = append(slices.Clip(p.options), o)
	grown.Config = jsonx.ObjectValue(jsonx.M("options", optionConfigs(grown.options)))
	d.schema = d.schema.with(&grown)
	return o, nil
}

// Show returns what is shown of a stored value: of Undefined what a property without a value
// reads as (pages-blocks.md §5.6). References inside stay bare; see [Resolve].
func (p *Property) Show(stored jsonx.Value) jsonx.Value {
	switch {
	case !stored.Defined() && p.Type.Name == "status":
		if o := p.DefaultOption(); o != nil {
			return o.value()
		}
		return p.Type.empty
	case !stored.Defined() && p.Type.show != nil:
		return p.Type.show(p, jsonx.NullValue)
	case !stored.Defined():
		return p.Type.empty.Clone()
	case p.Type.show != nil:
		return p.Type.show(p, stored)
	}
	return stored
}

// AppendValue appends a property as a page shows it: id, type and, under the type, what
// [Property.Show] returned.
func (p *Property) AppendValue(dst []byte, shown jsonx.Value) []byte {
	dst = p.AppendHead(dst)
	dst = shown.Append(dst)
	return append(dst, '}')
}

// Verbatim reports whether a value, given in the bytes in which it is stored, is shown to
// everyone as it is stored, so that nobody has to read it.
func (p *Property) Verbatim(stored []byte) bool {
	return p.Type.verbatim != nil && p.Type.verbatim(stored)
}

func always([]byte) bool { return true }

// withoutMentions reports whether a text mentions nobody. In what somebody has written the
// quotes would be escaped.
func withoutMentions(stored []byte) bool {
	return !bytes.Contains(stored, []byte(`"type":"mention"`))
}

// AppendRelation is [Property.AppendValue] for a relation, of which a page shows the first
// ids and whether there are more (databases.md §2.6).
func (p *Property) AppendRelation(dst []byte, shown jsonx.Value, hasMore bool) []byte {
	dst = p.AppendHead(dst)
	dst = shown.Append(dst)
	if hasMore {
		return append(dst, `,"has_more":true}`...)
	}
	return append(dst, `,"has_more":false}`...)
}

// AppendHead appends what stands before the value of a property as a page shows it; behind
// it there is only a closing brace.
func (p *Property) AppendHead(dst []byte) []byte {
	dst = append(dst, `{"id":`...)
	dst = jsonx.AppendString(dst, EncodeID(p.ID))
	dst = append(dst, `,"type":"`...)
	dst = append(dst, p.Type.Name...)
	dst = append(dst, `","`...)
	dst = append(dst, p.Type.Name...)
	return append(dst, `":`...)
}

// AppendItem appends a property item: object, type, id and, under the type, the value or, for
// types that are listed, one of its items (pages-blocks.md §5.7).
func (p *Property) AppendItem(dst []byte, shown jsonx.Value) []byte {
	dst = append(dst, `{"object":"property_item","type":"`...)
	dst = append(dst, p.Type.Name...)
	dst = append(dst, `","id":`...)
	dst = jsonx.AppendString(dst, EncodeID(p.ID))
	dst = append(dst, `,"`...)
	dst = append(dst, p.Type.Name...)
	dst = append(dst, `":`...)
	dst = shown.Append(dst)
	return append(dst, '}')
}

// Listed reports whether a property item of the type is a list of its items.
func (t *Type) Listed() bool {
	switch t.Name {
	case "title", "rich_text", "people", "relation", "rollup":
		return true
	}
	return false
}

// Dynamic reports whether [Resolve] has something to fill in when the stored value is read.
func (p *Property) Dynamic(stored jsonx.Value) bool {
	dynamic := false
	p.Mentions(stored, func(richtext.Kind, notion.ID) { dynamic = true })
	if p.Type.Name == "files" {
		media.Uploads(stored, func(notion.ID) { dynamic = true })
	}
	return dynamic
}

// Mentions calls f for every user, page, database and custom emoji that a stored value
// mentions: in rich text, as people, or as who verified. Pages that it relates to are not
// mentions; see [References]. Groups are left out.
func (p *Property) Mentions(stored jsonx.Value, f func(richtext.Kind, notion.ID)) {
	switch p.Type.Name {
	case "title", "rich_text":
		richtext.References(stored, f)
	case "people":
		for _, it := range stored.Items() {
			if it.Get("object").Text() == "user" {
				f(richtext.UserMention, parseID(it.Get("id")))
			}
		}
	case "verification":
		if by := stored.Get("verified_by"); by.Kind() == jsonx.Object {
			f(richtext.UserMention, parseID(by.Get("id")))
		}
	}
}

// Resolve fills in, in place, what a stored value mentions, as the resolver's reader sees it,
// and returns the value. A reader that knows files is a [media.FileResolver].
func (p *Property) Resolve(stored jsonx.Value, r richtext.Resolver) jsonx.Value {
	switch p.Type.Name {
	case "title", "rich_text":
		return richtext.Resolve(stored, r)
	case "people":
		for i, it := range stored.Items() {
			stored.Items()[i] = resolveUser(it, r)
		}
	case "verification":
		if by := stored.Ref("verified_by"); by != nil && by.Kind() == jsonx.Object {
			*by = resolveUser(*by, r)
		}
	case "files":
		for i, it := range stored.Items() {
			stored.Items()[i] = media.Resolve(it, r)
		}
	}
	return stored
}

// resolveUser returns the user as the reader sees it; what is no user, or one that is gone,
// stays as it is.
func resolveUser(v jsonx.Value, r richtext.Resolver) jsonx.Value {
	if v.Get("object").Text() != "user" {
		return v
	}
	u := r.User(parseID(v.Get("id")))
	if u == nil {
		return v
	}
	full, err := jsonx.Parse(u.AppendJSON(nil))
	if err != nil {
		return v
	}
	return full
}

// DropOptions returns a stored value of type select, multi_select or status without the
// options of these ids, Undefined when nothing is left.
func DropOptions(stored jsonx.Value, ids []string) jsonx.Value {
	if stored.Kind() == jsonx.Object {
		if slices.Contains(ids, stored.Get("id").Text()) {
			return jsonx.Value{}
		}
		return stored
	}
	var left []jsonx.Value
	for _, it := range stored.Items() {
		if !slices.Contains(ids, it.Get("id").Text()) {
			left = append(left, it)
		}
	}
	if len(left) == 0 {
		return jsonx.Value{}
	}
	return jsonx.ArrayValue(left...)
}
