package schema

import (
	"slices"
	"strings"
)

// Has reports whether the object knows the key.
func (o *ObjectType) Has(key string) bool { return o.index(key) >= 0 }

// Field returns the rule of a key.
func (o *ObjectType) Field(key string) Type { return o.fields[o.at(key)].typ }

// Add appends fields, which checks and refusals reach last.
func (o *ObjectType) Add(fields ...Field) *ObjectType {
	for _, f := range fields {
		o.insert(len(o.fields), f)
	}
	return o
}

// AddBefore puts a field in front of the one called key.
func (o *ObjectType) AddBefore(key string, f Field) *ObjectType {
	o.insert(o.at(key), f)
	return o
}

// Remove takes a key away; a strict object refuses it from then on.
func (o *ObjectType) Remove(key string) *ObjectType {
	o.set.amend()
	i := o.at(key)
	o.fields = slices.Delete(o.fields, i, i+1)
	return o
}

// Rename gives a field another key in the same place.
func (o *ObjectType) Rename(from, to string) *ObjectType {
	o.set.amend()
	i := o.at(from)
	if o.Has(to) {
		panic("schema: an object has " + to + " already")
	}
	o.fields[i].key = to
	return o
}

// Replace gives a key another rule in the same place, required or optional as before.
func (o *ObjectType) Replace(key string, t Type) *ObjectType {
	o.set.amend()
	o.fields[o.at(key)].typ = o.set.own(t)
	return o
}

func (o *ObjectType) insert(i int, f Field) {
	o.set.amend()
	if o.Has(f.key) {
		panic("schema: an object has " + f.key + " already")
	}
	f.typ = o.set.own(f.typ)
	o.fields = slices.Insert(o.fields, i, f)
}

func (o *ObjectType) index(key string) int {
	return slices.IndexFunc(o.fields, func(f Field) bool { return f.key == key })
}

func (o *ObjectType) at(key string) int {
	i := o.index(key)
	if i < 0 {
		panic("schema: no key " + key + " among " + strings.Join(o.keys(), ", "))
	}
	return i
}

func (o *ObjectType) keys() []string {
	keys := make([]string, len(o.fields))
	for i, f := range o.fields {
		keys[i] = f.key
	}
	return keys
}

// head returns the first required key, "" when there is none.
func (o *ObjectType) head() string {
	for _, f := range o.fields {
		if f.required {
			return f.key
		}
	}
	return ""
}

// Variants of a union are named for amending: an object by its first required key,
// null by "null", and a reference by what it refers to or, when that has no such key,
// by the name of the definition.

// Has reports whether the union has a variant of that key.
func (u *UnionType) Has(key string) bool { return u.index(key) >= 0 }

// Variant returns a variant, references followed.
func (u *UnionType) Variant(key string) Type { return u.set.followed(u.variants[u.at(key)]) }

// Add appends variants.
func (u *UnionType) Add(variants ...Type) *UnionType {
	for _, t := range variants {
		u.insert(len(u.variants), t)
	}
	return u
}

// AddBefore puts a variant in front of the one of that key.
func (u *UnionType) AddBefore(key string, t Type) *UnionType {
	u.insert(u.at(key), t)
	return u
}

// Remove takes a variant away.
func (u *UnionType) Remove(key string) *UnionType {
	u.set.amend()
	i := u.at(key)
	u.variants = slices.Delete(u.variants, i, i+1)
	return u
}

// Replace puts another variant in the place of one.
func (u *UnionType) Replace(key string, t Type) *UnionType {
	u.set.amend()
	u.variants[u.at(key)] = u.set.own(t)
	return u
}

// Hide leaves a variant out of refusals: it is accepted as before, and what is wrong with
// a value that has its first key is said, but nobody is told that the key could be there.
// It is for versions that came to take more than their refusals ever named.
func (u *UnionType) Hide(key string) *UnionType {
	u.set.amend()
	u.at(key)
	u.hidden = append(u.hidden, key)
	return u
}

// hides reports whether variant i is hidden.
func (u *UnionType) hides(i int) bool {
	return slices.ContainsFunc(u.hidden, func(key string) bool { return slices.Contains(u.set.variantKeys(u.variants[i]), key) })
}

func (u *UnionType) insert(i int, t Type) {
	u.set.amend()
	u.variants = slices.Insert(u.variants, i, u.set.own(t))
}

func (u *UnionType) index(key string) int {
	return slices.IndexFunc(u.variants, func(t Type) bool { return slices.Contains(u.set.variantKeys(t), key) })
}

func (u *UnionType) at(key string) int {
	i := u.index(key)
	if i >= 0 {
		return i
	}
	var known []string
	for _, t := range u.variants {
		known = append(known, u.set.variantKeys(t)...)
	}
	panic("schema: no variant " + key + " among " + strings.Join(known, ", "))
}

// variantKeys returns the keys a variant goes by. The set is nil while a union belongs
// to none yet.
func (s *Set) variantKeys(t Type) []string {
	switch t := t.(type) {
	case *ObjectType:
		return []string{t.head()}
	case *RefType:
		if s == nil || !s.Has(t.name) {
			return []string{t.name}
		}
		if o, ok := s.follow(t).(*ObjectType); ok && o.head() != "" {
			return []string{o.head(), t.name}
		}
		return []string{t.name}
	}
	if t == nullType {
		return []string{"null"}
	}
	return nil
}

// own returns the set's copy of a type that an amendment brings in.
func (s *Set) own(t Type) Type {
	if s == nil {
		return t
	}
	return adoptInto(s, t)
}

func (s *Set) followed(t Type) Type {
	if s == nil {
		return t
	}
	return s.follow(t)
}
