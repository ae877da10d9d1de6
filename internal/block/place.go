package block

import (
	"octavo/internal/jsonx"
	"octavo/internal/notion"
)

// CanHold reports whether a block of type child may hang on a stored block of type parent
// with that payload; the parent may be a page, which is a block of type child_page. The
// error is a validation_error that says why not (pages-blocks.md §2.4).
func CanHold(parent string, payload []byte, child string) error {
	t := Lookup(parent)
	if t == nil {
		return errChildless(parent)
	}
	v, err := jsonx.Parse(payload)
	if err != nil {
		return err
	}
	return t.canHold(v, child)
}

// CanTake reports whether new blocks may all hang on a stored block: by their types, as
// [CanHold] says, and in what else the parent asks of them, as a table asks of its rows
// that they have as many cells as it is wide. The error is a validation_error for the
// first that may not.
func CanTake(parent string, payload []byte, children []*New) error {
	t := Lookup(parent)
	if t == nil {
		return errChildless(parent)
	}
	v, err := jsonx.Parse(payload)
	if err != nil {
		return err
	}
	return t.canTake(v, children)
}

func (t *Type) canTake(payload jsonx.Value, children []*New) error {
	for _, child := range children {
		if err := t.canHold(payload, child.Type); err != nil {
			return err
		}
		if err := fits(t, payload, child); err != nil {
			return err
		}
	}
	return nil
}

func errChildless(parent string) error {
	return invalid("Blocks of type %s cannot have children.", parent)
}

// only are the holdings that want one type of children.
var only = map[holding]string{onlyRows: "table_row", onlyColumns: "column", onlyTabs: "paragraph"}

func (t *Type) canHold(payload jsonx.Value, child string) error {
	wants, choosy := only[t.holds]
	switch {
	case t.holds == nothing:
		return errChildless(t.Name)
	case choosy && child != wants:
		return invalid("Blocks of type %s can only have children of type %s, not %s.", t.Name, wants, child)
	case choosy:
		return nil
	case t.holds == ifToggle && !payload.Get("is_toggleable").True():
		return invalid("Blocks of type %s can only have children when `is_toggleable` is true.", t.Name)
	case t.holds == ifOriginal && !payload.Get("synced_from").IsNull():
		return invalid("A synced block that is a copy cannot have children of its own; add them to the original.")
	}
	if c := Lookup(child); c != nil && c.under != "" {
		return invalid("Blocks of type %s can only be children of a block of type %s, not of %s.", child, c.under, t.Name)
	}
	return nil
}

// SyncedFrom returns the original that a stored synced block is a copy of; false when the
// block is an original itself.
func SyncedFrom(payload []byte) (notion.ID, bool) {
	v, err := jsonx.Parse(payload)
	if err != nil {
		return notion.ID{}, false
	}
	id, ok := notion.ParseID(v.Get("synced_from").Get("block_id").Text())
	return id, ok
}
