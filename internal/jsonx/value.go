// Package jsonx holds JSON as an ordered tree: what a client sent, in the order it
// was sent, and what Octavo answers, in the order the hosted API answers it.
//
// Request bodies, schema checks and version changes all work on [Value]. Answers
// of the newest version are appended as bytes and never pass through the tree.
package jsonx

// Kind says what a [Value] is.
type Kind uint8

// The kinds. Undefined is the zero value: a key that is not there, as in JavaScript.
const (
	Undefined Kind = iota
	Null
	Bool
	Number
	String
	Array
	Object
)

// Value is one JSON value. Its zero value is Undefined. Copies share arrays and
// objects, so a change through one copy is seen through the other.
type Value struct {
	kind    Kind
	boolean bool
	number  float64
	text    string
	items   []Value
	members *[]Member
}

// Member is one key of an object with its value.
type Member struct {
	Key   string
	Value Value
}

// NullValue is JSON null.
var NullValue = Value{kind: Null}

// StringValue returns s as a JSON string.
func StringValue(s string) Value { return Value{kind: String, text: s} }

// NumberValue returns f as a JSON number.
func NumberValue(f float64) Value { return Value{kind: Number, number: f} }

// BoolValue returns b as a JSON boolean.
func BoolValue(b bool) Value { return Value{kind: Bool, boolean: b} }

// ArrayValue returns the items as a JSON array; it keeps the slice.
func ArrayValue(items ...Value) Value { return Value{kind: Array, items: items} }

// ObjectValue returns an object with the members in order; it keeps the slice.
// The caller sees to it that keys are unique.
func ObjectValue(members ...Member) Value { return Value{kind: Object, members: &members} }

// M is short for a [Member].
func M(key string, v Value) Member { return Member{key, v} }

// Kind returns what the value is.
func (v Value) Kind() Kind { return v.kind }

// Defined reports whether the value is there at all; null is defined.
func (v Value) Defined() bool { return v.kind != Undefined }

// IsNull reports whether the value is JSON null.
func (v Value) IsNull() bool { return v.kind == Null }

// Text returns the string, or "" when the value is not a string.
func (v Value) Text() string { return v.text }

// Float returns the number, or 0 when the value is not a number. A literal
// beyond float64 is an infinity, as in JavaScript.
func (v Value) Float() float64 { return v.number }

// True reports whether the value is the boolean true.
func (v Value) True() bool { return v.kind == Bool && v.boolean }

// Items returns the elements of an array, nil for every other kind.
func (v Value) Items() []Value { return v.items }

// Members returns the members of an object in order, nil for every other kind.
func (v Value) Members() []Member {
	if v.members == nil {
		return nil
	}
	return *v.members
}

// Get returns the value under key, Undefined when v is not an object or lacks it.
func (v Value) Get(key string) Value {
	if p := v.Ref(key); p != nil {
		return *p
	}
	return Value{}
}

// Has reports whether v is an object with that key.
func (v Value) Has(key string) bool { return v.Ref(key) != nil }

// Ref returns the place of key in the object for changing it, nil when absent. It
// is valid until the object gains or loses a key.
func (v Value) Ref(key string) *Value {
	if v.members == nil {
		return nil
	}
	for i := range *v.members {
		if (*v.members)[i].Key == key {
			return &(*v.members)[i].Value
		}
	}
	return nil
}

// Set puts the value under key: in its old place if the key is there, else last.
// It does nothing when v is not an object.
func (v Value) Set(key string, val Value) {
	if v.members == nil {
		return
	}
	if p := v.Ref(key); p != nil {
		*p = val
		return
	}
	*v.members = append(*v.members, Member{key, val})
}

// Delete removes key and returns what it held, Undefined when it was absent.
func (v Value) Delete(key string) Value {
	for i, m := range v.Members() {
		if m.Key == key {
			*v.members = append((*v.members)[:i:i], (*v.members)[i+1:]...)
			return m.Value
		}
	}
	return Value{}
}

// Rename gives the member another key in the same place; absent keys are ignored.
func (v Value) Rename(from, to string) {
	for i, m := range v.Members() {
		if m.Key == from {
			(*v.members)[i].Key = to
			return
		}
	}
}

// Clone returns a deep copy that shares nothing changeable with v.
func (v Value) Clone() Value {
	switch v.kind {
	case Array:
		items := make([]Value, len(v.items))
		for i := range v.items {
			items[i] = v.items[i].Clone()
		}
		v.items = items
	case Object:
		members := make([]Member, len(*v.members))
		for i, m := range *v.members {
			members[i] = Member{m.Key, m.Value.Clone()}
		}
		v.members = &members
	}
	return v
}

// Walk calls f for v and every value below it, parents first.
func (v Value) Walk(f func(Value)) {
	f(v)
	for _, it := range v.items {
		it.Walk(f)
	}
	for _, m := range v.Members() {
		m.Value.Walk(f)
	}
}
