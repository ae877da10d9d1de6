package schema

import "octavo/internal/jsonx"

// patience is how many steps an acceptor takes before it begins to remember verdicts.
// Ordinary requests stay below and allocate nothing; beyond it, schemas whose variants
// look at the same value over and over must not cost more than its size.
const patience = 1 << 16

// acceptor is the first pass: yes or no.
type acceptor struct {
	finder
	steps int
	known map[visit]bool
}

// visit is one value as seen by one definition. Arrays and objects of a parsed text are
// told apart by where their contents are.
type visit struct {
	name   string
	member *jsonx.Member
	item   *jsonx.Value
}

func (a *acceptor) accept(t Type, v *jsonx.Value) bool {
	a.steps++
	switch t := t.(type) {
	case *ObjectType:
		return a.object(t, v)
	case *UnionType:
		return a.union(t, v)
	case *ArrayType:
		return a.array(t, v)
	case *MapType:
		return a.entries(t, v)
	case *RefType:
		return a.ref(t, v)
	case StringType:
		return t.judge(v) == fits
	case NumberType:
		return t.judge(v) == fits
	case *LiteralType:
		return t.judge(v)
	case simple:
		return t.judge(v) == ""
	}
	return false
}

func (a *acceptor) object(t *ObjectType, v *jsonx.Value) bool {
	if v.Kind() != jsonx.Object {
		return false
	}
	members := v.Members()
	found := 0
	for i := range t.fields {
		f := &t.fields[i]
		val := a.find(members, f.key)
		if val == nil {
			if f.required {
				return false
			}
			continue
		}
		found++
		if !a.accept(f.typ, val) {
			return false
		}
	}
	return !t.strict || found == len(members) || t.unknown(members) == nil
}

func (a *acceptor) union(t *UnionType, v *jsonx.Value) bool {
	isObject := v.Kind() == jsonx.Object
	for i, variant := range t.variants {
		if head := t.heads[i]; head != "" && (!isObject || a.find(v.Members(), head) == nil) {
			continue
		}
		if a.accept(variant, v) {
			return true
		}
	}
	return false
}

func (a *acceptor) array(t *ArrayType, v *jsonx.Value) bool {
	if t.judge(v) != fits {
		return false
	}
	items := v.Items()
	for i := range items {
		if !a.accept(t.item, &items[i]) {
			return false
		}
	}
	return true
}

func (a *acceptor) entries(t *MapType, v *jsonx.Value) bool {
	if v.Kind() != jsonx.Object {
		return false
	}
	members := v.Members()
	for i := range members {
		m := &members[i]
		if m.Value.Defined() && (!keepable(m.Key) || !a.accept(t.item, &m.Value)) {
			return false
		}
	}
	return true
}

func (a *acceptor) ref(t *RefType, v *jsonx.Value) bool {
	if a.steps < patience {
		return a.accept(t.target, v)
	}
	at, ok := visitOf(t.name, v)
	if !ok {
		return a.accept(t.target, v)
	}
	if yes, known := a.known[at]; known {
		return yes
	}
	yes := a.accept(t.target, v)
	if a.known == nil {
		a.known = map[visit]bool{}
	}
	a.known[at] = yes
	return yes
}

// visitOf returns false for values without contents, which cost nothing to see again.
func visitOf(name string, v *jsonx.Value) (visit, bool) {
	if items := v.Items(); len(items) > 0 {
		return visit{name: name, item: &items[0]}, true
	}
	if members := v.Members(); len(members) > 0 {
		return visit{name: name, member: &members[0]}, true
	}
	return visit{}, false
}
