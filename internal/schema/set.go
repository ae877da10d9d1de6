package schema

import (
	"slices"
	"strings"
	"sync"

	"octavo/internal/apierr"
	"octavo/internal/jsonx"
)

// Set is a collection of named definitions. It is built and amended by one goroutine;
// from the first check (or [Set.Seal]) on it is fixed and any number may check with it.
//
// Whatever is wrong with a set, such as a reference to nothing or the amendment of a
// key that is not there, is a fault in the program and panics when the set is built.
type Set struct {
	names  []string
	types  map[string]Type
	once   sync.Once
	sealed bool
}

// NewSet returns a set without definitions.
func NewSet() *Set { return &Set{types: map[string]Type{}} }

// Define adds a definition. The set keeps a copy, so types may be shared between
// definitions and sets without an amendment in one place being felt in another.
func (s *Set) Define(name string, t Type) {
	s.amend()
	if s.Has(name) {
		panic("schema: " + name + " is defined twice")
	}
	s.names = append(s.names, name)
	s.types[name] = adoptInto(s, t)
}

// Redefine replaces a definition.
func (s *Set) Redefine(name string, t Type) {
	s.amend()
	s.get(name)
	s.types[name] = adoptInto(s, t)
}

// Has reports whether name is defined.
func (s *Set) Has(name string) bool {
	_, ok := s.types[name]
	return ok
}

// Names returns the names of the definitions in the order they were defined.
func (s *Set) Names() []string { return slices.Clone(s.names) }

// Clone returns a copy that can be amended without changing s.
func (s *Set) Clone() *Set { return s.clone(false) }

// WithoutLimits returns a copy in which arrays and strings may have any length. What a
// number may be, such as the size of a page of results, stays.
func (s *Set) WithoutLimits() *Set { return s.clone(true) }

func (s *Set) clone(unlimited bool) *Set {
	c := &Set{names: slices.Clone(s.names), types: make(map[string]Type, len(s.types))}
	a := &adoption{set: c, done: map[Type]Type{}, unlimited: unlimited}
	for _, name := range c.names {
		c.types[name] = a.copy(s.types[name])
	}
	return c
}

// Object returns the definition called name for amending it. A definition that is
// nothing but a reference is followed.
func (s *Set) Object(name string) *ObjectType {
	o, ok := s.follow(s.get(name)).(*ObjectType)
	if !ok {
		panic("schema: " + name + " is not an object")
	}
	return o
}

// Union returns the definition called name for amending it. A definition that is
// nothing but a reference is followed.
func (s *Set) Union(name string) *UnionType {
	u, ok := s.follow(s.get(name)).(*UnionType)
	if !ok {
		panic("schema: " + name + " is not a union")
	}
	return u
}

// Having returns, for amending them, the objects with the given key inside the
// definitions whose name begins with prefix; "" means all definitions. References
// inside a definition are not followed: what they name is a definition of its own.
func (s *Set) Having(prefix, key string) []*ObjectType {
	var found []*ObjectType
	seen := map[Type]bool{}
	for _, name := range s.names {
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		walk(s.types[name], seen, func(t Type) {
			if o, ok := t.(*ObjectType); ok && o.Has(key) {
				found = append(found, o)
			}
		})
	}
	return found
}

// Seal fixes the set: it resolves every reference and panics when one names nothing or
// leads back to itself without an object, array or map in between. Checking seals a set
// by itself; sealing at start finds such faults before the first request does.
func (s *Set) Seal() {
	s.once.Do(func() {
		s.each(func(name string, t Type) {
			if r, ok := t.(*RefType); ok && !s.Has(r.name) {
				panic("schema: " + name + " refers to " + r.name + ", which nothing is called")
			}
		})
		for _, name := range s.names {
			s.refuseCircle(s.types[name], []string{name})
		}
		s.each(func(_ string, t Type) { s.prepare(t) })
		s.sealed = true
	})
}

// Check checks v against the definition called name. The error is a validation_error
// whose message is a refusal in the API's grammar; loc begins its paths and is "body",
// "path", "query" or the name of a header (contract.md §3.1).
func (s *Set) Check(loc, name string, v jsonx.Value) error {
	s.Seal()
	t := s.get(name)
	a := acceptor{}
	if a.accept(t, &v) {
		return nil
	}
	x := newExplainer()
	return apierr.Errorf(apierr.ValidationError, "%s", message(loc, x.explainRoot(loc, t, v)))
}

func (s *Set) get(name string) Type {
	t, ok := s.types[name]
	if !ok {
		panic("schema: nothing is called " + name)
	}
	return t
}

func (s *Set) follow(t Type) Type {
	for range s.names {
		r, ok := t.(*RefType)
		if !ok {
			break
		}
		t = s.get(r.name)
	}
	return t
}

func (s *Set) amend() {
	if s != nil && s.sealed {
		panic("schema: a set is amended after it was sealed")
	}
}

// prepare computes what checking needs of one type.
func (s *Set) prepare(t Type) {
	switch t := t.(type) {
	case *RefType:
		t.target = s.follow(t)
	case *UnionType:
		t.heads = make([]string, len(t.variants))
		t.quiet = make([]bool, len(t.variants))
		for i, v := range t.variants {
			if o, ok := s.follow(v).(*ObjectType); ok {
				t.heads[i] = o.head()
			}
			t.quiet[i] = t.hides(i)
		}
		if len(t.variants) > 0 && !slices.Contains(t.quiet, false) {
			panic("schema: a union hides all of its variants")
		}
	}
}

// refuseCircle panics when checking one value against the last definition of path could
// come back to one before.
func (s *Set) refuseCircle(t Type, path []string) {
	switch t := t.(type) {
	case *RefType:
		on := append(slices.Clip(path), t.name)
		if slices.Contains(path, t.name) {
			panic("schema: " + t.name + " is defined by itself: " + strings.Join(on, ", "))
		}
		s.refuseCircle(s.types[t.name], on)
	case *UnionType:
		for _, v := range t.variants {
			s.refuseCircle(v, path)
		}
	}
}

// each calls f once for every type in the set with the name of its definition.
func (s *Set) each(f func(name string, t Type)) {
	seen := map[Type]bool{}
	for _, name := range s.names {
		walk(s.types[name], seen, func(t Type) { f(name, t) })
	}
}

// walk calls f once for t and every type inside it, parents first.
func walk(t Type, seen map[Type]bool, f func(Type)) {
	switch t.(type) {
	case *ObjectType, *UnionType, *ArrayType, *MapType, *RefType:
		if seen[t] {
			return
		}
		seen[t] = true
	}
	f(t)
	switch t := t.(type) {
	case *ObjectType:
		for _, field := range t.fields {
			walk(field.typ, seen, f)
		}
	case *UnionType:
		for _, v := range t.variants {
			walk(v, seen, f)
		}
	case *ArrayType:
		walk(t.item, seen, f)
	case *MapType:
		walk(t.item, seen, f)
	}
}

// adoption copies types into a set. A type that occurs in several places is copied
// once: schemas are often graphs that would be huge as trees.
type adoption struct {
	set  *Set
	done map[Type]Type
	// unlimited drops the limits of length on the way.
	unlimited bool
}

func adoptInto(s *Set, t Type) Type {
	return (&adoption{set: s, done: map[Type]Type{}}).copy(t)
}

func (a *adoption) copy(t Type) Type {
	if t == nil {
		panic("schema: a type is nil")
	}
	if c, ok := a.done[t]; ok {
		return c
	}
	c := t.adopt(a)
	a.done[t] = c
	return c
}

func (t *ObjectType) adopt(a *adoption) Type {
	c := &ObjectType{fields: slices.Clone(t.fields), strict: t.strict, set: a.set}
	for i := range c.fields {
		c.fields[i].typ = a.copy(c.fields[i].typ)
	}
	return c
}

func (t *UnionType) adopt(a *adoption) Type {
	c := &UnionType{variants: slices.Clone(t.variants), hidden: slices.Clone(t.hidden), set: a.set}
	for i := range c.variants {
		c.variants[i] = a.copy(c.variants[i])
	}
	return c
}

func (t *ArrayType) adopt(a *adoption) Type {
	c := &ArrayType{a.copy(t.item), t.min, t.max}
	if a.unlimited {
		c.max = 0
	}
	return c
}
func (t *MapType) adopt(a *adoption) Type { return &MapType{a.copy(t.item)} }
func (t *RefType) adopt(*adoption) Type   { return Ref(t.name) }
func (t StringType) adopt(a *adoption) Type {
	if a.unlimited {
		t.max = 0
	}
	return t
}
func (t NumberType) adopt(*adoption) Type   { return t }
func (t *LiteralType) adopt(*adoption) Type { return t }
func (t simple) adopt(*adoption) Type       { return t }
