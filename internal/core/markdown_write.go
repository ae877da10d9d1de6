package core

import (
	"cmp"

	"octavo/internal/block"
	"octavo/internal/jsonx"
	"octavo/internal/markdown"
	"octavo/internal/media"
	"octavo/internal/notion"
	"octavo/internal/richtext"
	"octavo/internal/store"
)

// textWriter makes the changes to a page that its text asks for.
type textWriter struct {
	core *Core
	tx   *store.Tx
	p    *Principal
	plan *textPlan
	// touched are the nodes that were added, changed, moved or taken away, and around those
	// whose children these were or are.
	touched []store.Link
	listed  map[notion.ID]bool // whether it is in touched
	around  []notion.ID
	// rows are new blocks that are not written yet. What takes them as parents comes later.
	rows  []store.Block
	later []func() error
}

// applyText makes the changes of a plan, and one note of them in the log.
func (c *Core) applyText(tx *store.Tx, p *Principal, plan *textPlan) error {
	w := &textWriter{core: c, tx: tx, p: p, plan: plan, listed: map[notion.ID]bool{}, around: []notion.ID{plan.at[0].ID}}
	for i := range plan.change.Edits {
		if err := w.edit(&plan.change.Edits[i]); err != nil {
			return err
		}
	}
	if err := tx.Touch(p.Bot, w.around...); err != nil {
		return err
	}
	return c.contentEvent(tx, p, contentUpdated, plan.at[0].ID, w.touched)
}

func (w *textWriter) edit(e *markdown.Edit) error {
	switch e.Op {
	case markdown.Update:
		return w.update(e)
	case markdown.Place:
		return w.place(e)
	}
	return w.remove(e.Block)
}

func (w *textWriter) update(e *markdown.Edit) error {
	row, err := w.tx.Block(e.Block)
	if err != nil {
		return err
	}
	changed, err := block.Update(row.Type, row.Payload, e.Patch, row.HasChildren)
	if err != nil {
		return err
	}
	if err := w.check(w.plan.at, changed, row.Payload); err != nil {
		return err
	}
	row.Payload, row.Dynamic = changed.Payload, changed.Dynamic
	w.touch(row.ID, row.Type)
	return w.tx.UpdateBlock(row, w.p.Bot)
}

func (w *textWriter) touch(id notion.ID, typ string) {
	if !w.listed[id] {
		w.listed[id] = true
		w.touched = append(w.touched, store.Link{ID: id, Type: typ})
	}
}

// check is checkReferences, but for uploads named by an address that was read, which may be
// someone else's.
func (w *textWriter) check(at place, n *block.New, old []byte) error {
	var own []media.Use
	for _, use := range n.Uploads {
		if !w.plan.byAddress[use.Upload] {
			own = append(own, use)
			continue
		}
		if _, err := w.core.keep(w.tx, use.Upload); err != nil {
			return err
		}
	}
	n.Uploads = own
	return w.core.checkReferences(w.tx, w.p, at, n, old)
}

// remove moves a block into the trash.
func (w *textWriter) remove(id notion.ID) error {
	row, err := w.tx.Block(id)
	if err != nil {
		return err
	}
	node := store.Link{ID: id, Type: row.Type}
	w.around = append(w.around, row.ParentID)
	w.touch(id, row.Type)
	if err := w.tx.SetTrash(true, w.p.Bot, id); err != nil {
		return err
	}
	return w.core.trashEvent(w.tx, w.p, node, true)
}

// place puts new blocks and such as move below a block or the page.
func (w *textWriter) place(e *markdown.Edit) error {
	at := w.plan.at
	if !e.Block.IsZero() {
		chain, err := w.tx.Chain(e.Block)
		if err != nil {
			return err
		}
		at = chain
	}
	parent, err := w.tx.Block(at[0].ID)
	if err != nil {
		return err
	}
	position := Position{At: AtStart}
	if !e.After.IsZero() {
		position = Position{At: AfterBlock, Block: e.After}
	}
	before, after, err := gap(w.tx, parent.ID, position)
	if err != nil {
		return err
	}
	w.around = append(w.around, parent.ID)
	w.rows, w.later = nil, nil
	if err := w.put(at, parent.Type, parent.Payload, e.Nodes, store.Sequence(before, after, len(e.Nodes))); err != nil {
		return err
	}
	if err := w.tx.InsertBlocks(w.rows); err != nil {
		return err
	}
	for _, f := range w.later {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// put lays out nodes below a parent, which need not be written yet, under keys.
func (w *textWriter) put(at place, parent string, payload []byte, nodes []*markdown.Node, keys []string) error {
	made := make([]*block.New, len(nodes))
	var blocks []*block.New
	for i, n := range nodes {
		if !n.Existing.IsZero() || n.Type == childPage || n.Type == childDatabase {
			continue
		}
		var err error
		if made[i], err = n.New(); err != nil {
			return err
		}
		if err := w.check(at, made[i], nil); err != nil {
			return err
		}
		blocks = append(blocks, made[i])
	}
	if err := block.CanTake(parent, payload, blocks); err != nil {
		return err
	}
	for i, n := range nodes {
		ord := keys[i]
		if made[i] == nil {
			w.later = append(w.later, func() error { return w.putNode(at, parent, payload, n, ord) })
			continue
		}
		if err := w.putBlock(at, made[i], n, ord); err != nil {
			return err
		}
	}
	return nil
}

// putBlock lays out a new block and what is below it.
func (w *textWriter) putBlock(at place, made *block.New, n *markdown.Node, ord string) error {
	row := store.Block{
		ID: w.core.ids.New(w.tx.Now()), Type: made.Type, ParentID: at[0].ID, PageID: at.page(), Ord: ord,
		CreatedTime: w.tx.Now(), CreatedBy: w.p.Bot, LastEditedTime: w.tx.Now(), LastEditedBy: w.p.Bot,
		Dynamic: made.Dynamic, Payload: made.Payload,
	}
	w.rows = append(w.rows, row)
	w.touch(row.ID, row.Type)
	if len(n.Children) == 0 {
		return nil
	}
	inner := append(place{{ID: row.ID, Type: row.Type, ParentID: row.ParentID, PageID: row.PageID}}, at...)
	return w.put(inner, made.Type, made.Payload, n.Children, store.Sequence("", "", len(n.Children)))
}

// putNode puts what is more than a new block below a parent: a block that moves here, or a
// page or database to be made.
func (w *textWriter) putNode(at place, parent string, payload []byte, n *markdown.Node, ord string) error {
	if old, here := w.plan.parents[n.Existing]; here {
		return w.move(at, parent, payload, n.Existing, old, ord)
	}
	kind := n.Type
	if !n.Existing.IsZero() {
		return w.bring(at, parent, payload, n.Existing, ord)
	}
	if err := block.CanHold(parent, payload, kind); err != nil {
		return err
	}
	if kind == childDatabase {
		return w.makeDatabase(at, n, ord)
	}
	title, err := richtext.Decode(n.Title())
	if err != nil {
		return err
	}
	page, err := w.core.insertPageAt(w.tx, w.p, at, title, pictures{}, ord)
	w.touch(page.ID, childPage)
	return err
}

// makeDatabase makes a database, or one without rows for a view of the data source that its
// tag names (pages-blocks.md §6.5).
func (w *textWriter) makeDatabase(at place, n *markdown.Node, ord string) error {
	d, err := decodePictures(n.Icon(), jsonx.Value{})
	if err != nil {
		return err
	}
	if err := w.core.attachPictures(w.tx, w.p, d); err != nil {
		return err
	}
	if !n.DataSource.IsZero() {
		return w.makeLinkedDatabase(at, n, d, ord)
	}
	row, err := w.core.insertDatabaseAt(w.tx, w.p, at, NewDatabase{Title: n.Title(), IsInline: n.Inline}, d, ord)
	w.touch(row.ID, childDatabase)
	return err
}

// makeLinkedDatabase makes a database with a table of the rows of a data source elsewhere,
// which it is called like unless its tag has a title.
func (w *textWriter) makeLinkedDatabase(at place, n *markdown.Node, icon pictures, ord string) error {
	over, err := w.core.locateSource(w.tx, w.p, n.DataSource)
	if err != nil {
		return err
	}
	if err := over.checkEditable(); err != nil {
		return err
	}
	source, err := w.tx.DataSource(n.DataSource)
	if err != nil {
		return err
	}
	linked := linkedDatabase{title: cmp.Or(n.PlainTitle(), source.Name), inline: n.Inline, icon: icon}
	id, err := w.core.insertLinkedDatabaseAt(w.tx, w.p, at, linked, ord)
	if err != nil {
		return err
	}
	w.touch(id, childDatabase)
	return w.core.addDefaultView(w.tx, w.p, id, n.DataSource)
}

// move puts a block of the page elsewhere on it, with all that hangs on it.
func (w *textWriter) move(at place, parent string, payload []byte, id, from notion.ID, ord string) error {
	row, err := w.tx.Block(id)
	if err != nil {
		return err
	}
	if err := block.CanHold(parent, payload, row.Type); err != nil {
		return err
	}
	w.around = append(w.around, from)
	w.touch(id, row.Type)
	return w.tx.MoveBlock(id, at[0].ID, row.PageID, ord)
}

// bring moves a page or database here from elsewhere in the workspace.
func (w *textWriter) bring(to place, parent string, payload []byte, id notion.ID, ord string) error {
	at, err := w.core.locate(w.tx, w.p, id, "page")
	if err != nil {
		return err
	}
	if at.kind() != childPage && at.kind() != childDatabase {
		return w.p.notFound("page", id)
	}
	if err := at.checkEditable(); err != nil {
		return err
	}
	if to.within(id) {
		return invalid("A page cannot be moved into itself or into what is below it.")
	}
	if err := block.CanHold(parent, payload, at.kind()); err != nil {
		return err
	}
	w.touch(id, at.kind())
	if at.kind() == childDatabase {
		_, err = w.core.moveDatabaseTo(w.tx, w.p, at, to, ord)
		return err
	}
	_, err = w.core.movePageTo(w.tx, w.p, at, to, ord)
	return err
}
