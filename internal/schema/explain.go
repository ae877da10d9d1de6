package schema

import (
	"slices"
	"strconv"

	"octavo/internal/jsonx"
)

// maxLines is how many lines a refusal has at most. The longest list the API is known
// to give names the block types, fewer than forty.
const maxLines = 200

const (
	aString     = "a string"
	notPresent  = "not present"
	orUndefined = "`undefined`"
	lengthLeaf  = "length"
)

var (
	wantDefined    = []string{"defined"}
	wantNotPresent = []string{notPresent}
)

// place is where in the request a value is. Each place exists once, so places compare
// as pointers.
type place struct {
	parent *place
	key    string
	index  int // -1 for a key
	depth  int
}

// location is a place or something below it that has no value of its own: a missing key
// or the length.
type location struct {
	at   *place
	leaf string
}

func (l location) depth() int {
	if l.leaf != "" {
		return l.at.depth + 1
	}
	return l.at.depth
}

// fault is one line of a refusal. Lists of faults are shared and never changed in place.
type fault struct {
	location
	want  []string
	value jsonx.Value
}

// explainer is the second pass: it finds the lines of a refusal (contract.md §3.3).
type explainer struct {
	finder
	steps  int
	places map[placeKey]*place
	known  map[explanation][]fault
}

type placeKey struct {
	parent *place
	key    string
	index  int
}

type explanation struct {
	name string
	at   *place
}

func newExplainer() *explainer {
	return &explainer{places: map[placeKey]*place{}, known: map[explanation][]fault{}}
}

func (x *explainer) explainRoot(loc string, t Type, v jsonx.Value) []fault {
	root := &place{key: loc, index: -1, depth: 1}
	if !v.Defined() {
		return one(location{at: root}, v, wantDefined...)
	}
	return x.explain(t, root, &v)
}

func (x *explainer) explain(t Type, at *place, v *jsonx.Value) []fault {
	x.steps++
	here := location{at: at}
	switch t := t.(type) {
	case *ObjectType:
		return x.object(t, at, v)
	case *UnionType:
		return x.union(t, at, v)
	case *ArrayType:
		return x.array(t, at, v)
	case *MapType:
		return x.entries(t, at, v)
	case *RefType:
		return x.ref(t, at, v)
	case StringType:
		return t.explain(here, v)
	case NumberType:
		return t.explain(here, v)
	case *LiteralType:
		if !t.judge(v) {
			return one(here, *v, t.wanting...)
		}
	case simple:
		if want := t.judge(v); want != "" {
			return one(here, *v, want)
		}
	}
	return nil
}

func (t StringType) explain(here location, v *jsonx.Value) []fault {
	switch t.judge(v) {
	case wrongKind:
		return one(here, *v, aString)
	case hasNull:
		return one(here, *v, "a string without null characters")
	case notPopulated:
		return one(here, *v, "populated")
	case tooLong:
		return lengthFault(here, units(v.Text()), "≤", t.max)
	}
	return nil
}

func (t NumberType) explain(here location, v *jsonx.Value) []fault {
	switch t.judge(v) {
	case wrongKind:
		return one(here, *v, "a number")
	case tooGreat:
		return one(here, *v, bound("≤", t.max))
	case tooSmall:
		return one(here, *v, bound("≥", t.min))
	}
	return nil
}

func (x *explainer) array(t *ArrayType, at *place, v *jsonx.Value) []fault {
	here, items := location{at: at}, v.Items()
	switch t.judge(v) {
	case wrongKind:
		return one(here, *v, "an array")
	case tooLong:
		return lengthFault(here, len(items), "≤", t.max)
	case tooShort:
		return lengthFault(here, len(items), "≥", t.min)
	}
	for i := range items {
		if fs := x.explain(t.item, x.below(at, "", i), &items[i]); fs != nil {
			return fs
		}
	}
	return nil
}

func (x *explainer) entries(t *MapType, at *place, v *jsonx.Value) []fault {
	if v.Kind() != jsonx.Object {
		return one(location{at: at}, *v, "an object")
	}
	members := v.Members()
	for i := range members {
		m := &members[i]
		if !m.Value.Defined() {
			continue
		}
		entry := x.below(at, m.Key, -1)
		if !keepable(m.Key) {
			return one(location{at: entry}, m.Value, wantNotPresent...)
		}
		if fs := x.explain(t.item, entry, &m.Value); fs != nil {
			return fs
		}
	}
	return nil
}

func (x *explainer) object(t *ObjectType, at *place, v *jsonx.Value) []fault {
	if v.Kind() != jsonx.Object {
		return one(location{at: at}, *v, "an object")
	}
	members := v.Members()
	for i := range t.fields {
		f := &t.fields[i]
		val := x.find(members, f.key)
		if val == nil {
			if f.required {
				return one(location{at, f.key}, jsonx.Value{}, wantDefined...)
			}
			continue
		}
		field := x.below(at, f.key, -1)
		if fs := x.explain(f.typ, field, val); fs != nil {
			if !f.required {
				fs = offerUndefined(fs, field)
			}
			return fs
		}
	}
	if !t.strict {
		return nil
	}
	if m := t.unknown(members); m != nil {
		return one(location{at: x.below(at, m.Key, -1)}, m.Value, wantNotPresent...)
	}
	return nil
}

// offerUndefined lets the lines about an optional key itself say that it may be left out,
// unless it should be.
func offerUndefined(fs []fault, key *place) []fault {
	fs = slices.Clone(fs)
	for i := range fs {
		f := &fs[i]
		if f.location == (location{at: key}) && !slices.Equal(f.want, wantNotPresent) {
			f.want = append(slices.Clip(f.want), orUndefined)
		}
	}
	return fs
}

func (x *explainer) ref(t *RefType, at *place, v *jsonx.Value) []fault {
	key := explanation{t.name, at}
	if fs, ok := x.known[key]; ok {
		return fs
	}
	fs := x.explain(t.target, at, v)
	x.known[key] = fs
	return fs
}

func (x *explainer) union(t *UnionType, at *place, v *jsonx.Value) []fault {
	var pool pool
	for i, variant := range t.variants {
		fs := x.explain(variant, at, v)
		if fs == nil {
			return nil
		}
		if t.quiet[i] && fs[0].location == (location{at, t.heads[i]}) {
			continue
		}
		for _, f := range fs {
			pool.add(f)
		}
	}
	return pool.faults()
}

// below returns the place of a key, or of an item when key is "" and index is not -1.
func (x *explainer) below(at *place, key string, index int) *place {
	k := placeKey{at, key, index}
	p, ok := x.places[k]
	if !ok {
		p = &place{parent: at, key: key, index: index, depth: at.depth + 1}
		x.places[k] = p
	}
	return p
}

// pool gathers the faults of the variants of a union: those with the longest path, one
// for each location.
type pool struct {
	list  []fault
	depth int
	index map[location]int
}

func (p *pool) add(f fault) {
	switch d := f.depth(); {
	case d < p.depth:
		return
	case d > p.depth:
		*p = pool{depth: d}
	}
	if i := p.find(f.location); i >= 0 {
		p.list[i].want = merge(p.list[i].want, f.want)
		return
	}
	if len(p.list) == maxLines {
		return
	}
	p.list = append(p.list, f)
	if p.index != nil {
		p.index[f.location] = len(p.list) - 1
	}
}

func (p *pool) find(l location) int {
	const few = 16
	if len(p.list) <= few {
		return slices.IndexFunc(p.list, func(f fault) bool { return f.location == l })
	}
	if p.index == nil {
		p.index = make(map[location]int, 2*len(p.list))
		for i, f := range p.list {
			p.index[f.location] = i
		}
	}
	if i, ok := p.index[l]; ok {
		return i
	}
	return -1
}

// faults returns the lines, each with `undefined` last.
func (p *pool) faults() []fault {
	for i := range p.list {
		f := &p.list[i]
		if n := slices.Index(f.want, orUndefined); n >= 0 && n < len(f.want)-1 {
			f.want = append(slices.Delete(slices.Clone(f.want), n, n+1), orUndefined)
		}
	}
	return p.list
}

// merge returns the expectations of both lists, each once.
func merge(a, b []string) []string {
	out := slices.Clip(a)
	const few = 64
	if len(a)+len(b) <= few {
		for _, s := range b {
			if !slices.Contains(out, s) {
				out = append(out, s)
			}
		}
		return out
	}
	seen := make(map[string]bool, len(a)+len(b))
	for _, s := range a {
		seen[s] = true
	}
	for _, s := range b {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

func one(at location, v jsonx.Value, want ...string) []fault {
	return []fault{{at, want, v}}
}

func lengthFault(here location, n int, sign string, limit int) []fault {
	return one(location{here.at, lengthLeaf}, jsonx.NumberValue(float64(n)), bound(sign, float64(limit)))
}

func bound(sign string, limit float64) string {
	return sign + " `" + string(jsonx.AppendNumber(nil, limit)) + "`"
}

// segment returns the place as it is written in a path.
func (p *place) segment() string {
	if p.index >= 0 {
		return "[" + strconv.Itoa(p.index) + "]"
	}
	if p.parent == nil {
		return p.key
	}
	return "." + p.key
}
