package formula

import (
	"math"
	"slices"

	"octavo/internal/notion"
)

func at(_ *Run, list, index Value) Value {
	items, i := list.Items(), math.Trunc(index.Number())
	if i < 0 || i >= float64(len(items)) {
		return Value{}
	}
	return items[int(i)]
}

func first(_ *Run, list Value) Value {
	if items := list.Items(); len(items) > 0 {
		return items[0]
	}
	return Value{}
}

func last(_ *Run, list Value) Value {
	if items := list.Items(); len(items) > 0 {
		return items[len(items)-1]
	}
	return Value{}
}

func slice(_ *Run, args []Value) Value {
	items := args[0].Items()
	from, to := bounds(args, len(items))
	return ListValue(items[from:to:to])
}

// splice returns the list with some items removed and others put in their place.
func splice(r *Run, args []Value) Value {
	items := args[0].Items()
	from, removed := place(args[1].Number(), len(items)), 0
	if len(args) > 2 {
		removed = int(max(0, min(math.Trunc(args[2].Number()), float64(len(items)-from))))
	}
	added := args[min(3, len(args)):]
	list, ok := r.newList(len(items) - removed + len(added))
	if !ok {
		return failure
	}
	n := copy(list, items[:from])
	n += copy(list[n:], added)
	copy(list[n:], items[from+removed:])
	return ListValue(list)
}

func concat(r *Run, lists []Value) Value {
	n := 0
	for _, list := range lists {
		n += len(list.Items())
	}
	all, ok := r.newList(n)
	if !ok {
		return failure
	}
	n = 0
	for _, list := range lists {
		n += copy(all[n:], list.Items())
	}
	return ListValue(all)
}

func reverse(r *Run, list Value) Value {
	items, ok := r.newList(len(list.Items()))
	if !ok {
		return failure
	}
	copy(items, list.Items())
	slices.Reverse(items)
	return ListValue(items)
}

// flat takes one level of lists away.
func flat(r *Run, list Value) Value {
	n := 0
	for _, item := range list.Items() {
		if item.kind == KindList {
			n += len(item.Items())
		} else {
			n++
		}
	}
	all, ok := r.newList(n)
	if !ok || !r.spend(len(list.Items())) {
		return failure
	}
	all = all[:0]
	for _, item := range list.Items() {
		if item.kind == KindList {
			all = append(all, item.Items()...)
		} else {
			all = append(all, item)
		}
	}
	return ListValue(all)
}

func unique(r *Run, list Value) Value {
	var kept []Value
	seen := map[identity]bool{}
	for _, item := range list.Items() {
		if !r.spend(2) {
			return failure
		}
		if item.kind == KindList {
			if r.index(kept, item) < 0 {
				kept = append(kept, item)
			}
			continue
		}
		if key := r.identity(item); !seen[key] {
			seen[key] = true
			kept = append(kept, item)
		}
	}
	return ListValue(kept)
}

// identity is the same for equal values. It is not made of lists.
type identity struct {
	kind Kind
	a, b int64
	text string
	id   notion.ID
}

func (r *Run) identity(v Value) identity {
	switch v.kind {
	case KindNumber, KindBoolean:
		return identity{kind: v.kind, a: int64(v.bits)}
	case KindText:
		r.spendText(len(v.Text()))
		return identity{kind: v.kind, text: v.Text()}
	case KindDate:
		return identity{kind: v.kind, a: r.instant(v), b: r.instantOfEnd(v)}
	case KindPerson:
		return identity{kind: v.kind, id: v.Person().ID}
	case KindPage:
		return identity{kind: v.kind, id: v.Page().ID()}
	}
	return identity{}
}

// index returns the place of the first item equal to v, -1 when there is none.
func (r *Run) index(items []Value, v Value) int {
	for i, item := range items {
		if !r.spend(1) {
			return -1
		}
		if r.equal(item, v) {
			return i
		}
	}
	return -1
}

func includes(r *Run, list, v Value) Value {
	return BoolValue(r.index(list.Items(), v) >= 0)
}

// eachTrue calls found for the items for which the body is true, until it reports false.
func (r *Run) eachTrue(items []Value, body lambda, found func(i int) bool) {
	for i, item := range items {
		v, ok := body.at(r, item, i)
		if !ok || v.isTrue() && !found(i) {
			return
		}
	}
}

// firstMatch returns the index of the first item for which the body is true, else -1.
func (r *Run) firstMatch(items []Value, body lambda) int {
	place := -1
	r.eachTrue(items, body, func(i int) bool {
		place = i
		return false
	})
	return place
}

func find(r *Run, items []Value, body lambda) Value {
	if i := r.firstMatch(items, body); i >= 0 {
		return items[i]
	}
	return Value{}
}

func findIndex(r *Run, items []Value, body lambda) Value {
	return NumberValue(float64(r.firstMatch(items, body)))
}

func some(r *Run, items []Value, body lambda) Value {
	return BoolValue(r.firstMatch(items, body) >= 0)
}

func every(r *Run, items []Value, body lambda) Value {
	n := 0
	r.eachTrue(items, body, func(int) bool { n++; return true })
	return BoolValue(n == len(items))
}

func count(r *Run, items []Value, body lambda) Value {
	n := 0
	r.eachTrue(items, body, func(int) bool { n++; return true })
	return NumberValue(float64(n))
}

func filter(r *Run, items []Value, body lambda) Value {
	var kept []Value
	r.eachTrue(items, body, func(i int) bool {
		kept = append(kept, items[i])
		return true
	})
	return ListValue(kept)
}

func mapList(r *Run, items []Value, body lambda) Value {
	list, ok := r.newList(len(items))
	if !ok {
		return failure
	}
	for i, item := range items {
		if list[i], ok = body.at(r, item, i); !ok {
			return failure
		}
	}
	return ListValue(list)
}

// sortList sorts by the items or, when there is a body, by its values. Items that are
// blank are left out; those whose value is blank come last.
func sortList(r *Run, items []Value, body lambda) Value {
	type pair struct{ item, by Value }
	pairs := make([]pair, 0, len(items))
	for i, item := range items {
		if item.IsBlank() {
			continue
		}
		by := item
		if body.code != nil {
			var ok bool
			if by, ok = body.at(r, item, i); !ok {
				return failure
			}
		}
		pairs = append(pairs, pair{item, by})
	}
	list, ok := r.newList(len(pairs))
	if !ok {
		return failure
	}
	slices.SortStableFunc(pairs, func(a, b pair) int {
		if !r.spend(1) {
			return 0
		}
		if a.by.IsBlank() != b.by.IsBlank() {
			return order(int(b.by.kind), int(a.by.kind))
		}
		return r.compare(a.by, b.by)
	})
	for i := range list {
		list[i] = pairs[i].item
	}
	return ListValue(list)
}
