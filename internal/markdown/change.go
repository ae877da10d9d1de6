package markdown

import (
	"fmt"
	"strings"

	"octavo/internal/apierr"
	"octavo/internal/block"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
)

// changeWriter turns two aligned trees into edits. A heading must be a toggle before
// anything is put below it, and can stop to be one only when nothing is left there.
type changeWriter struct {
	updates, places, removals, last []Edit
}

func (w *changeWriter) edits() []Edit {
	return append(append(append(w.updates, w.places...), w.removals...), w.last...)
}

// list writes what makes the children of a block, or of the page, those of the text.
func (w *changeWriter) list(parent notion.ID, made []*knot) {
	var after notion.ID
	var run []*Node
	flush := func() {
		if len(run) > 0 {
			w.places = append(w.places, Edit{Op: Place, Block: parent, After: after, Nodes: run})
			run = nil
		}
	}
	var within []*knot // whose own children come once they are in place
	for _, k := range made {
		if k.mate != nil && !k.moved {
			flush()
			after = k.mate.node.Existing
		} else {
			run = append(run, w.placed(k, &within))
		}
		if k.mate != nil {
			within = append(within, k)
		}
	}
	flush()
	for _, k := range within {
		w.kept(k)
	}
}

// placed returns a knot as a node of a [Place], and notes the blocks in it that have edits
// of their own.
func (w *changeWriter) placed(k *knot, within *[]*knot) *Node {
	n := *k.node
	n.Children = nil
	if k.mate != nil {
		n.Existing = k.mate.node.Existing
		return &n
	}
	for _, kid := range k.kids {
		n.Children = append(n.Children, w.placed(kid, within))
		if kid.mate != nil {
			*within = append(*within, kid)
		}
	}
	return &n
}

// kept writes what changes in a block that stays, and below it.
func (w *changeWriter) kept(k *knot) {
	if k.tree == k.mate.tree {
		return
	}
	if k.self != k.mate.self {
		w.update(k.mate.node, k.node)
	}
	w.list(k.mate.node.Existing, k.kids)
}

func (w *changeWriter) update(old, made *Node) {
	e := Edit{Op: Update, Block: old.Existing, Type: made.Type, Patch: patch(old, made)}
	switch {
	case len(e.Patch.Members()) == 0: // an icon that is not given stays
	case old.toggleable && !made.toggleable:
		w.last = append(w.last, e)
	default:
		w.updates = append(w.updates, e)
	}
}

// patch returns the fields in which two nodes differ. What the grammar does not say of a
// block stays as it is.
func patch(old, made *Node) jsonx.Value {
	before := jsonx.ObjectValue(old.says()...)
	var members []jsonx.Member
	for _, m := range made.says() {
		if before.Get(m.Key).String() != m.Value.String() {
			members = append(members, m)
		}
	}
	return jsonx.ObjectValue(members...)
}

// deletes writes what goes: every block without a mate, with all that is left below it.
// What is below a block that goes and has a mate has moved away.
func (w *changeWriter) deletes(old []*knot, gone bool) {
	for _, k := range old {
		switch {
		case k.mate == nil:
			if !gone {
				w.removals = append(w.removals, Edit{Op: Delete, Block: k.node.Existing})
			}
			w.deletes(k.kids, true)
		case k.tree != k.mate.tree:
			w.deletes(k.kids, false)
		}
	}
}

// refuseLoss refuses to delete pages and databases that nobody has allowed to delete, and
// what was not even loaded.
func refuseLoss(old []*knot, allowed bool) error {
	var lost []string
	unloaded := false
	var walk func(list []*knot)
	walk = func(list []*knot) {
		for _, k := range list {
			walk(k.kids)
			if k.mate != nil {
				continue
			}
			switch {
			case k.node.unloaded:
				unloaded = true
			case k.node.Type == block.ChildPage:
				lost = append(lost, `page: "`+plainText(k.node.text)+`"`)
			case k.node.Type == block.ChildDatabase:
				lost = append(lost, `database: "`+plainText(k.node.text)+`"`)
			}
		}
	}
	walk(old)
	switch {
	case unloaded:
		return apierr.Errorf(apierr.ValidationError, "This page could not be loaded in full, and the edit would remove content that was not loaded. It stands as <unknown> in the page's markdown: edit only what is outside of it.").
			With("limit_kind", "page_record_count")
	case len(lost) > 0 && !allowed:
		return invalid(`This operation would delete %d child page(s) or database(s): %s. To proceed, either include these items in the new content using <page url="..."> and <database url="..."> tags, OR set allow_deleting_content: true.`,
			len(lost), list(lost))
	}
	return nil
}

// list joins names, and says how many there are when they are too many to name.
func list(names []string) string {
	const most = 10
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s, and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
