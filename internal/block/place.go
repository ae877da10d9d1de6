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
		return invalid("Blocks of type %s cannot have children.", parent)
	}
	v, err := jsonx.Parse(payload)
	if err != nil {
		return err
	}
	return t.canHold(v, child)
}

// Fits reports whether a new block agrees with the stored block it is to hang on, beyond
// its type: whether a row has as many cells as its table is wide. The error is a
// validation_error.
func Fits(parent string, payload []byte, child *New) error {
	t := Lookup(parent)
	if t == nil || t.holds != onlyRows {
		return nil
	}
	v, err := jsonx.Parse(payload)
	if err != nil {
		return err
	}
	return fits(t, v, child)
}

// only are the holdings that want one type of children.
var only = map[holding]string{onlyRows: "table_row", onlyColumns: "column", onlyTabs: "paragraph"}

func (t *Type) canHold(payload jsonx.Value, child string) error {
	wants, choosy := only[t.holds]
	switch {
	case t.holds == nothing:
		return invalid("Blocks of type %s cannot have children.", t.Name)
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
