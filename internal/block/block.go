package block

import (
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/richtext"
)

// MaxBlocks is how many blocks one request may hold at all levels together
// (contract.md §7).
const MaxBlocks = 1000

// New is a block that has been decoded and is not yet stored.
type New struct {
	Type string
	// Payload is the stored form.
	Payload []byte
	// Dynamic says that the payload must be resolved when it is read.
	Dynamic  bool
	Children []*New

	payload, written, old jsonx.Value
}

// DecodeAll reads the blocks of a request, which have passed the schema, with everything
// in them. Undefined is no blocks.
func DecodeAll(children jsonx.Value) ([]*New, error) {
	count := 0
	return decodeAll(children, &count)
}

func decodeAll(children jsonx.Value, count *int) ([]*New, error) {
	list := make([]*New, 0, len(children.Items()))
	for _, v := range children.Items() {
		if *count++; *count > MaxBlocks {
			return nil, invalid("The request holds more than %d block elements.", MaxBlocks)
		}
		n, err := decode(v, count)
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, nil
}

func decode(v jsonx.Value, count *int) (*New, error) {
	t, written := typeOf(v)
	if t == nil || t.Deepest == 0 {
		return nil, invalid("The request holds a block without a type.")
	}
	if t.refusal != "" {
		return nil, invalid("%s", t.refusal)
	}
	children, err := decodeAll(written.Get("children"), count)
	if err != nil {
		return nil, err
	}
	n := &New{Type: t.Name, Children: children, written: written}
	if err := n.fill(t); err != nil {
		return nil, err
	}
	for _, child := range children {
		if err := canHold(t, n.payload, child); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// typeOf finds the payload of a block by its key.
func typeOf(v jsonx.Value) (*Type, jsonx.Value) {
	for _, m := range v.Members() {
		if t := byName[m.Key]; t != nil {
			return t, m.Value
		}
	}
	return nil, jsonx.Value{}
}

// fill makes the payload from what was written: over the old payload in a change, over
// the defaults in a new block.
func (n *New) fill(t *Type) error {
	members := make([]jsonx.Member, 0, len(t.fields)+3)
	for _, f := range t.fields {
		v := n.written.Get(f.key)
		switch {
		case v.Defined() && f.read != nil:
			stored, dynamic, err := f.read(v)
			if err != nil {
				return err
			}
			v, n.Dynamic = stored, n.Dynamic || dynamic
		case !v.Defined() && n.old.Defined():
			v = n.old.Get(f.key)
		case !v.Defined():
			v = f.unset
		}
		if v.Defined() {
			members = append(members, jsonx.M(f.key, v))
		}
	}
	n.payload = jsonx.ObjectValue(members...)
	if t.finish != nil {
		if err := t.finish(n); err != nil {
			return err
		}
	}
	n.Payload = n.payload.Append(nil)
	return nil
}

// UpdateKey finds in the body of a change the type it speaks of and what it says; the
// type is "" when it says nothing of the payload.
func UpdateKey(body jsonx.Value) (name string, patch jsonx.Value) {
	t, patch := typeOf(body)
	if t == nil {
		return "", jsonx.Value{}
	}
	return t.Name, patch
}

// Update changes a stored payload: a field that is written is replaced whole, one that is
// not stays (pages-blocks.md §2.7). HasChildren says whether the block has children that
// are not in the trash; it decides whether a heading can stop being a toggle.
func Update(name string, payload []byte, patch jsonx.Value, hasChildren bool) (*New, error) {
	t := byName[name]
	if t == nil || t.fixed {
		return nil, invalid("Block type %s cannot be updated.", name)
	}
	if len(patch.Get("children").Items()) > 0 {
		return nil, invalid("The children of a block cannot be updated. Append, update or delete them one by one.")
	}
	old, err := jsonx.Parse(payload)
	if err != nil {
		return nil, err
	}
	n := &New{Type: name, written: patch, old: old}
	if isFile(t) {
		n.payload = old
	}
	if err := n.fill(t); err != nil {
		return nil, err
	}
	richtext.References(n.payload, func(richtext.Kind, notion.ID) { n.Dynamic = true })
	if t.holds == whenToggleable && hasChildren && !n.payload.Get("is_toggleable").True() {
		return nil, invalid("The heading has children. Remove them before is_toggleable is set to false.")
	}
	return n, nil
}

// CanHold refuses a child of a stored block that may not stand in it. A page is a block
// of type child_page.
func CanHold(parent string, payload []byte, child *New) error {
	t := byName[parent]
	if t == nil {
		return invalid("Block type %s does not support children.", parent)
	}
	v, err := jsonx.Parse(payload)
	if err != nil {
		return err
	}
	return canHold(t, v, child)
}

// onlyIn names the parent that a type needs.
var onlyIn = map[string]string{"table_row": "table", "column": "column_list"}

func canHold(parent *Type, payload jsonx.Value, child *New) error {
	if needs := onlyIn[child.Type]; needs != "" && parent.Name != needs {
		return invalid("Block type %s can only be a child of a %s.", child.Type, needs)
	}
	refusal := func(only string) error {
		return invalid("Block type %s can only have %s blocks as children, not %s.", parent.Name, only, child.Type)
	}
	switch parent.holds {
	case nothing:
		return invalid("Block type %s does not support children.", parent.Name)
	case whenToggleable:
		if !payload.Get("is_toggleable").True() {
			return invalid("Block type %s supports children only if is_toggleable is true.", parent.Name)
		}
	case anythingInOriginal:
		if _, isCopy := syncedFrom(payload); isCopy {
			return invalid("A copy of a synced block cannot have children of its own. Append to the original.")
		}
	case onlyRows:
		if child.Type != "table_row" {
			return refusal("table_row")
		}
		return checkRow(payload, child)
	case onlyColumns:
		if child.Type != "column" {
			return refusal("column")
		}
	case onlyParagraphs:
		if child.Type != "paragraph" {
			return refusal("paragraph")
		}
	}
	return nil
}

// ChildPagePayload returns the stored payload of a page as a block, by its plain title.
func ChildPagePayload(title string) []byte {
	return jsonx.ObjectValue(jsonx.M("title", jsonx.StringValue(title))).Append(nil)
}

// Resolve fills in what the payload of a dynamic block shows its reader, in place.
func Resolve(payload jsonx.Value, r richtext.Resolver) jsonx.Value {
	return richtext.Resolve(payload, r)
}
