package webhook

import (
	"slices"
	"time"

	"octavo/internal/jsonx"
	"octavo/internal/version"
)

// Change is one line of the log, as far as folding needs it.
type Change struct {
	Kind *Kind
	Time time.Time
	// Author is the id of the user.
	Author string
	// Items are the blocks or properties that the change lists.
	Items []Item
}

// Item is a block or property that a change lists.
type Item struct {
	ID string `json:"id"`
	// Type is that of a block: page, database or block.
	Type string `json:"type,omitempty"`
	// Name and Action are those of a property of a schema; Name is nil when it is gone.
	Name   *string `json:"name,omitempty"`
	Action string  `json:"action,omitempty"`
}

// ReadItems reads what a change lists from its data in the log.
func ReadItems(data jsonx.Value) []Item {
	var items []Item
	for _, key := range []string{"updated_blocks", "updated_properties"} {
		for _, v := range data.Get(key).Items() {
			item := Item{ID: v.Text()}
			if v.Kind() == jsonx.Object {
				item = Item{ID: v.Get("id").Text(), Type: v.Get("type").Text(), Action: v.Get("action").Text()}
				if name := v.Get("name"); name.Kind() == jsonx.String {
					text := name.Text()
					item.Name = &text
				}
			}
			items = append(items, item)
		}
	}
	return items
}

// lists is the key under which the items of a part stand in an event, and how each is shown.
var lists = map[Part]struct {
	key  string
	show func(Item) jsonx.Value
}{
	Content: {"updated_blocks", func(it Item) jsonx.Value {
		return jsonx.ObjectValue(jsonx.M("id", jsonx.StringValue(it.ID)), jsonx.M("type", jsonx.StringValue(it.Type)))
	}},
	Properties: {"updated_properties", func(it Item) jsonx.Value { return jsonx.StringValue(it.ID) }},
	Schema: {"updated_properties", func(it Item) jsonx.Value {
		name := jsonx.NullValue
		if it.Name != nil {
			name = jsonx.StringValue(*it.Name)
		}
		return jsonx.ObjectValue(
			jsonx.M("id", jsonx.StringValue(it.ID)), jsonx.M("name", name), jsonx.M("action", jsonx.StringValue(it.Action)),
		)
	}},
}

// presence is whether an object is there.
type presence string

const (
	absent  presence = "absent"
	live    presence = "live"
	trashed presence = "trashed"
)

// moves says what each change of presence leads from and to.
var moves = []struct {
	verb     string
	from, to presence
}{
	{"created", absent, live},
	{"deleted", live, trashed},
	{"undeleted", trashed, live},
}

// Fold is what has happened to one object in a short while (services.md §4.4). Its JSON is
// how it is kept meanwhile.
type Fold struct {
	// First is the time of its first change.
	First time.Time `json:"first"`
	// Before and After are the presence of the object at both ends, "" while no change
	// touched it.
	Before presence `json:"before,omitempty"`
	After  presence `json:"after,omitempty"`
	// Parts are in the order in which they were first touched.
	Parts []*FoldedPart `json:"parts"`
}

// FoldedPart is what has happened to one part of an object.
type FoldedPart struct {
	Part    Part      `json:"part"`
	Last    time.Time `json:"last"`
	Authors []string  `json:"authors"`
	Items   []Item    `json:"items,omitempty"`
	// Log is the newest change of it.
	Log string `json:"log"`

	places map[string]int // of items by id, made when it is first needed
}

// maxItems is how many items a fold gathers before it becomes an event whatever follows.
const maxItems = 1000

// Add folds one more change in, which is newer than those before.
func (f *Fold) Add(c Change) {
	if f.First.IsZero() {
		f.First = c.Time
	}
	p := f.part(c.Kind.Part)
	p.Last, p.Log = c.Time, c.Kind.Log
	if !slices.Contains(p.Authors, c.Author) {
		p.Authors = append(p.Authors, c.Author)
	}
	for _, item := range c.Items {
		p.add(item)
	}
	if c.Kind.Part != Presence {
		return
	}
	for _, m := range moves {
		if m.verb != lastWord(c.Kind.Log) {
			continue
		}
		if f.Before == "" {
			f.Before = m.from
		}
		f.After = m.to
	}
}

// Due returns when the fold has been held back for long enough: a window after its newest
// change, or two after its first.
func (f *Fold) Due(window time.Duration) time.Time {
	due := f.First.Add(2 * window)
	quiet := time.Time{}
	for _, p := range f.Parts {
		if at := p.Last.Add(window); at.After(quiet) {
			quiet = at
		}
	}
	if quiet.Before(due) {
		return quiet
	}
	return due
}

// Full reports whether the fold should not gather more.
func (f *Fold) Full() bool {
	return slices.ContainsFunc(f.Parts, func(p *FoldedPart) bool { return len(p.Items) >= maxItems })
}

func (f *Fold) part(of Part) *FoldedPart {
	for _, p := range f.Parts {
		if p.Part == of {
			return p
		}
	}
	p := &FoldedPart{Part: of}
	f.Parts = append(f.Parts, p)
	return p
}

// add lists an item once, as it was last.
func (p *FoldedPart) add(item Item) {
	if p.places == nil {
		p.places = make(map[string]int, len(p.Items))
		for i, it := range p.Items {
			p.places[it.ID] = i
		}
	}
	at, known := p.places[item.ID]
	if !known {
		p.places[item.ID] = len(p.Items)
		p.Items = append(p.Items, item)
		return
	}
	item.Action = joined(p.Items[at].Action, item.Action)
	p.Items[at] = item
}

// gone marks a property that was made and removed again.
const gone = "gone"

// joined is what two changes of one property come to: a new one that changes is new, a new
// one that goes has never been.
func joined(before, now string) string {
	switch {
	case before == "created" && now == "deleted":
		return gone
	case before == "created", before == gone:
		return "created"
	case before == "deleted":
		return "updated"
	}
	return now
}

// Folded is one event that a fold comes to.
type Folded struct {
	Kind *Kind
	*FoldedPart
}

// Data returns what the event lists, as members of its data.
func (e Folded) Data() []jsonx.Member {
	list, has := lists[e.Part]
	if !has {
		return nil
	}
	values := []jsonx.Value{}
	for _, it := range e.Items {
		if it.Action != gone {
			values = append(values, list.show(it))
		}
	}
	return []jsonx.Member{jsonx.M(list.key, jsonx.ArrayValue(values...))}
}

// Events returns what the changes come to for a subscription of a version, in the order of
// [Kinds]. An object that was made and is gone again has never been; one that is where it
// was has not been anywhere.
func (f *Fold) Events(v version.Version) []Folded {
	if f.Before == absent && f.After != live {
		return nil
	}
	var events []Folded
	for i := range Kinds {
		k := &Kinds[i]
		for _, p := range f.Parts {
			if k.existsIn(v) && p.Part == k.Part && f.logOf(p) == k.Log {
				events = append(events, Folded{k, p})
			}
		}
	}
	return events
}

// logOf is the change that a part comes to, "" for none.
func (f *Fold) logOf(p *FoldedPart) string {
	switch p.Part {
	case Presence:
		for _, m := range moves {
			if m.from == f.Before && m.to == f.After {
				return firstWord(p.Log) + "." + m.verb
			}
		}
		return ""
	case Schema:
		if !slices.ContainsFunc(p.Items, func(it Item) bool { return it.Action != gone }) {
			return ""
		}
	}
	return p.Log
}
