package property

import (
	"cmp"
	"fmt"
	"slices"

	"octavo/internal/jsonx"
)

// Limits of the schema of one data source (databases.md §1.3).
const (
	MaxProperties = 500
	MaxSchemaSize = 50 << 10 // bytes of its stored form
)

// Schema is the ordered properties of a data source. It never changes: a change makes
// another. Any number of goroutines may use it.
type Schema struct {
	properties []*Property // in the order they were added
	shown      []*Property // in the order of answers
	byID       map[string]*Property
	byName     map[string]*Property
}

func newSchema(properties []*Property) *Schema {
	s := &Schema{
		properties: properties,
		shown:      slices.Clone(properties),
		byID:       make(map[string]*Property, len(properties)),
		byName:     make(map[string]*Property, len(properties)),
	}
	for _, p := range properties {
		s.byID[p.ID] = p
		s.byName[p.Name] = p
	}
	slices.SortFunc(s.shown, func(a, b *Property) int {
		// Ids that have more than four characters come after all others.
		return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	return s
}

// ParseSchema reads the stored form that [Schema.Append] writes.
func ParseSchema(stored []byte) (*Schema, error) {
	v, err := jsonx.Parse(stored)
	if err != nil {
		return nil, fmt.Errorf("property: stored schema: %w", err)
	}
	properties := make([]*Property, 0, len(v.Items()))
	for _, it := range v.Items() {
		p := &Property{
			ID: it.Get("id").Text(), Name: it.Get("name").Text(),
			Type: Lookup(it.Get("type").Text()), Config: it.Get("config"),
		}
		p.options = optionsOf(p.Config)
		if p.Type == nil {
			return nil, fmt.Errorf("property: stored schema: no type is called %q", it.Get("type").Text())
		}
		if d := it.Get("description"); d.Kind() == jsonx.String {
			text := d.Text()
			p.Description = &text
		}
		properties = append(properties, p)
	}
	return newSchema(properties), nil
}

// Append appends the stored form: an array of properties in the order they were added,
// ids raw.
func (s *Schema) Append(dst []byte) []byte {
	dst = append(dst, '[')
	for i, p := range s.properties {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = p.appendStored(dst)
	}
	return append(dst, ']')
}

func (p *Property) appendStored(dst []byte) []byte {
	dst = append(dst, `{"id":`...)
	dst = jsonx.AppendString(dst, p.ID)
	dst = append(dst, `,"name":`...)
	dst = jsonx.AppendString(dst, p.Name)
	if p.Description != nil {
		dst = append(dst, `,"description":`...)
		dst = jsonx.AppendString(dst, *p.Description)
	}
	dst = append(dst, `,"type":`...)
	dst = jsonx.AppendString(dst, p.Type.Name)
	dst = append(dst, `,"config":`...)
	dst = p.Config.Append(dst)
	return append(dst, '}')
}

// AppendJSON appends the schema as the `properties` of a data source: an object keyed by
// name, by raw id in byte order with the title last. Names that other data sources own are
// looked up in sources; those of sources that it does not know, or all if it is nil, are
// shown as they last were (databases.md §2.1).
func (s *Schema) AppendJSON(dst []byte, sources Sources) []byte {
	dst = append(dst, '{')
	for i, p := range s.shown {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = jsonx.AppendString(dst, p.Name)
		dst = append(dst, ':')
		dst = s.appendProperty(dst, p, sources)
	}
	return append(dst, '}')
}

func (s *Schema) appendProperty(dst []byte, p *Property, sources Sources) []byte {
	dst = append(dst, `{"id":`...)
	dst = jsonx.AppendString(dst, EncodeID(p.ID))
	dst = append(dst, `,"name":`...)
	dst = jsonx.AppendString(dst, p.Name)
	dst = append(dst, `,"description":`...)
	if p.Description == nil {
		dst = append(dst, "null"...)
	} else {
		dst = jsonx.AppendString(dst, *p.Description)
	}
	dst = append(dst, `,"type":`...)
	dst = jsonx.AppendString(dst, p.Type.Name)
	dst = append(dst, ',')
	dst = jsonx.AppendString(dst, p.Type.Name)
	dst = append(dst, ':')
	config := p.Config
	if p.Type.live != nil {
		config = p.Type.live(s, config, sources)
	}
	return append(config.Append(dst), '}')
}

// Properties returns the properties in the order they were added. The caller leaves the
// slice as it is.
func (s *Schema) Properties() []*Property { return s.properties }

// Shown returns the properties in the order of answers: by raw id, the title last. The
// caller leaves the slice as it is.
func (s *Schema) Shown() []*Property { return s.shown }

// Title returns the title property.
func (s *Schema) Title() *Property { return s.byID[TitleID] }

// ByID returns the property with a raw id, nil when there is none.
func (s *Schema) ByID(raw string) *Property { return s.byID[raw] }

// Find returns the property that a request names by its id, raw or encoded, or by its
// name; ids win (databases.md §2.1). It is nil when there is none.
func (s *Schema) Find(key string) *Property {
	if p := s.byID[key]; p != nil {
		return p
	}
	if p := s.byID[DecodeID(key)]; p != nil {
		return p
	}
	return s.byName[key]
}

// Named returns the property of that name, nil when there is none.
func (s *Schema) Named(name string) *Property { return s.byName[name] }

// with returns the schema with a property in the place of the one that has its id.
func (s *Schema) with(p *Property) *Schema {
	properties := slices.Clone(s.properties)
	for i, old := range properties {
		if old.ID == p.ID {
			properties[i] = p
		}
	}
	return newSchema(properties)
}

// check returns the refusal of a schema that is too large (databases.md §1.3).
func (s *Schema) check() error {
	if n := len(s.properties); n > MaxProperties {
		return invalid("A data source can have at most %d properties, this one would have %d.", MaxProperties, n)
	}
	var buf []byte
	var largest *Property
	total, most := 0, 0
	for _, p := range s.properties {
		buf = p.appendStored(buf[:0])
		total += len(buf)
		if len(buf) > most {
			largest, most = p, len(buf)
		}
	}
	if total > MaxSchemaSize {
		return invalid("The schema of a data source can have at most %d bytes, this one would have %d. "+
			"Its largest property is %q with ID %s, which has %d bytes.", MaxSchemaSize, total, largest.Name, EncodeID(largest.ID), most)
	}
	return nil
}
