package core

import (
	"context"
	"errors"
	"slices"

	"octavo/internal/block"
	"octavo/internal/jsonx"
	"octavo/internal/markdown"
	"octavo/internal/notion"
	"octavo/internal/property"
	"octavo/internal/richtext"
	"octavo/internal/store"
)

// PageMarkdown returns the content of a page as text (pages-blocks.md §6.2). The id may also
// be that of a block on a page: the text then is of the block and of what hangs on it. The
// transcript of meeting notes is left out unless it is asked for.
func (c *Core) PageMarkdown(ctx context.Context, p *Principal, id notion.ID, v markdown.Version, transcript bool) (notion.Object, error) {
	var o notion.Object
	err := c.view(ctx, p, func(tx *store.Tx) error {
		at, err := c.locateText(tx, p, id)
		if err != nil {
			return err
		}
		t := c.newText(tx, p, at, v)
		t.options.OmitTranscript = !transcript
		d, err := t.render()
		if err == nil {
			o = t.show(d, nil)
		}
		return err
	})
	return o, err
}

// locateText finds the page or block whose text is asked for. As with its children, nothing
// is found of what is in the trash.
func (c *Core) locateText(tx *store.Tx, p *Principal, id notion.ID) (place, error) {
	at, err := c.locate(tx, p, id, "page")
	switch {
	case err != nil:
		return nil, err
	case at.kind() == childDatabase:
		return nil, errDatabase(id)
	case at.kind() == dataSource || at.inTrash():
		return nil, p.notFound("page", id)
	}
	return at, nil
}

// UpdatePageMarkdown changes the content of a page by the command of a request body and
// returns the text of the page then (pages-blocks.md §6.3). Blocks that stay keep their ids,
// and a command that changes nothing writes nothing.
func (c *Core) UpdatePageMarkdown(ctx context.Context, p *Principal, id notion.ID, v markdown.Version, body jsonx.Value) (notion.Object, error) {
	u := textUpdate{core: c, p: p, page: id, version: v, body: body}
	// Who finds a writer of the page at work would plan in vain. A text that changes nothing
	// needs no turn.
	page := pageRef{p.Workspace, id}
	if !c.texts.busy(page) {
		if err := u.plan(ctx); err != nil || u.changesNothing() {
			return u.answer, err
		}
	}
	leave, err := c.texts.take(ctx, page)
	if err != nil {
		return nil, storeError(err)
	}
	defer leave()
	if err := u.plan(ctx); err != nil || u.changesNothing() {
		return u.answer, err
	}
	err = c.update(ctx, p, u.write)
	return u.answer, err
}

// textUpdate is one change to a page by text.
type textUpdate struct {
	core    *Core
	p       *Principal
	page    notion.ID
	version markdown.Version
	body    jsonx.Value

	planned *textPlan // nil until there is one
	answer  notion.Object
}

// plan finds out what changes before the write, so that other writes need not wait for it. A
// plan that is there already and still holds stays.
func (u *textUpdate) plan(ctx context.Context) error {
	return u.core.view(ctx, u.p, func(tx *store.Tx) (err error) {
		if u.planned != nil {
			if holds, err := u.core.stillHolds(tx, u.p, u.planned); err != nil || holds {
				return err
			}
		}
		u.planned, u.answer, err = u.core.planText(tx, u.p, u.page, u.version, u.body)
		return err
	})
}

func (u *textUpdate) changesNothing() bool { return len(u.planned.change.Edits) == 0 }

// write makes the change as planned. If something else has written to the page since, it is
// found out again what to change.
func (u *textUpdate) write(tx *store.Tx) error {
	holds, err := u.core.stillHolds(tx, u.p, u.planned)
	if err != nil {
		return err
	}
	if !holds {
		u.answer, err = u.core.editText(tx, u.p, u.page, u.version, u.body)
		return err
	}
	if err := u.core.applyText(tx, u.p, u.planned); err != nil {
		return err
	}
	u.answer, err = u.core.showText(tx, u.p, u.planned.at, u.version, u.planned.change.Warnings)
	return err
}

// textPlan is what a text changes of a page.
type textPlan struct {
	at     place // of the page
	change *markdown.Change
	// parents are those of the page's own blocks, by their ids.
	parents map[notion.ID]notion.ID
	// from are the pages that copies of synced blocks come from.
	from map[notion.ID]bool
	// byAddress are the uploads that came by the address of a file that was read.
	byAddress map[notion.ID]bool
	// revision is that of the workspace the plan is made from.
	revision int64
}

// stillHolds reports whether what a plan is made from is there as it was: nothing that was
// written since is about the page, a page or database on it, or a page that it shows a part of.
// What else a plan leads to is looked at when it is applied.
func (c *Core) stillHolds(tx *store.Tx, p *Principal, plan *textPlan) (bool, error) {
	const most = 100 // changes of others to look at
	at, err := c.locateWritable(tx, p, plan.at[0].ID)
	if err != nil {
		return false, err
	}
	plan.at = at
	changes, err := tx.Changes(plan.revision, most)
	if errors.Is(err, store.ErrForgotten) {
		return false, nil
	}
	for _, change := range changes {
		_, on := plan.parents[change.NodeID]
		if on || change.NodeID == at[0].ID || plan.from[change.NodeID] {
			return false, nil
		}
	}
	return len(changes) < most, err
}

// planText finds what the command of a request body changes of a page, and the answer if
// that is nothing.
func (c *Core) planText(tx *store.Tx, p *Principal, id notion.ID, v markdown.Version, body jsonx.Value) (*textPlan, notion.Object, error) {
	at, err := c.locateWritable(tx, p, id)
	if err != nil {
		return nil, nil, err
	}
	revision, err := tx.Revision()
	if err != nil {
		return nil, nil, err
	}
	t := c.newText(tx, p, at, v)
	t.options.OmitTranscript = true
	d, err := t.render()
	if err != nil {
		return nil, nil, err
	}
	change, err := d.Apply(body)
	if err := errors.Join(t.failed, err); err != nil {
		return nil, nil, err
	}
	plan := &textPlan{at: at, change: change, parents: t.parents, from: t.from, byAddress: t.byAddress, revision: revision}
	if !p.Caps.Has(ReadContent) {
		return plan, notion.Partial{Object: "page_markdown", ID: id}, nil
	}
	return plan, t.show(d, change.Warnings), nil
}

// locateWritable finds the page whose content a text is to change.
func (c *Core) locateWritable(tx *store.Tx, p *Principal, id notion.ID) (place, error) {
	at, err := c.locate(tx, p, id, "page")
	switch {
	case err != nil:
		return nil, err
	case at.kind() == childDatabase:
		return nil, errDatabase(id)
	case at.kind() == dataSource:
		return nil, p.notFound("page", id)
	case at.kind() != childPage:
		return nil, invalid("Provided ID %s is a block, not a page. Only the content of a whole page can be updated as markdown.", id)
	}
	return at, at.checkEditable()
}

// editText is [Core.UpdatePageMarkdown] within a write.
func (c *Core) editText(tx *store.Tx, p *Principal, id notion.ID, v markdown.Version, body jsonx.Value) (notion.Object, error) {
	plan, o, err := c.planText(tx, p, id, v, body)
	if err != nil || len(plan.change.Edits) == 0 {
		return o, err
	}
	if err := c.applyText(tx, p, plan); err != nil {
		return nil, err
	}
	return c.showText(tx, p, plan.at, v, plan.change.Warnings)
}

// showText is the answer to a write: the text of the page as it is now.
func (c *Core) showText(tx *store.Tx, p *Principal, at place, v markdown.Version, warnings []markdown.Warning) (notion.Object, error) {
	if !p.Caps.Has(ReadContent) {
		return notion.Partial{Object: "page_markdown", ID: at[0].ID}, nil
	}
	t := c.newText(tx, p, at, v)
	t.options.OmitTranscript = true
	d, err := t.render()
	if err != nil {
		return nil, err
	}
	if !t.cyclic.IsZero() {
		return nil, errCopyInItself(t.cyclic)
	}
	return t.show(d, warnings), nil
}

func errDatabase(id notion.ID) error {
	return invalid("Provided ID %s is a database, not a page. Use the retrieve database API instead.", id)
}

// pageText is the content of a page, or of a block, that is being read as text.
type pageText struct {
	core    *Core
	tx      *store.Tx
	p       *Principal
	at      place
	options markdown.Options

	names     *resolver
	emojis    map[string]notion.ID // by name, nil until one is asked for
	payloads  []jsonx.Value        // those that refer to something
	parents   map[notion.ID]notion.ID
	from      map[notion.ID]bool // pages that copies come from
	byAddress map[notion.ID]bool
	left      int  // blocks that may still be read
	full      bool // no more are read
	// cyclic is a synced block that a copy of itself is in, zero when there is none.
	cyclic notion.ID
	failed error // the first failure while the text was read or written
}

func (c *Core) newText(tx *store.Tx, p *Principal, at place, v markdown.Version) *pageText {
	t := &pageText{
		core: c, tx: tx, p: p, at: at, names: c.newResolver(), left: markdown.MaxRecords,
		parents: map[notion.ID]notion.ID{}, from: map[notion.ID]bool{}, byAddress: map[notion.ID]bool{},
	}
	t.options = markdown.Options{
		Version: v, Names: t.names,
		Database: t.database, PageOf: t.pageOf, EmojiNamed: t.emojiNamed, UploadAt: t.uploadAt, DatabaseOf: t.databaseOf,
	}
	if len(at) > 0 {
		t.options.Page = at.page()
	}
	return t
}

// render reads the blocks and writes them as text.
func (t *pageText) render() (*markdown.Document, error) {
	blocks, err := t.read()
	if err != nil {
		return nil, err
	}
	known, err := t.core.resolver(t.tx, t.p, t.payloads)
	if err != nil {
		return nil, err
	}
	*t.names = *known
	d := markdown.Render(blocks, t.options)
	return d, t.failed
}

// show renders the text. Only the second grammar has warnings (pages-blocks.md §6.1).
func (t *pageText) show(d *markdown.Document, warnings []markdown.Warning) notion.Object {
	o := &notion.PageMarkdown{
		ID: t.at[0].ID, Markdown: d.Text, Truncated: d.Truncated, Unknown: d.Unknown, Timed: t.names.timed,
	}
	if t.options.Version == markdown.V2 {
		for _, w := range warnings {
			o.Warnings = append(o.Warnings, notion.MarkdownWarning{Line: w.Line, Message: w.Message})
		}
	}
	return o
}

// branch is a block whose children are to be read.
type branch struct {
	block *markdown.Block
	// from is whose children they are: that of the original for a synced copy.
	from   notion.ID
	parent *branch
	// copied says that what hangs on it is another block's: of the original of a copy that it
	// is or is in.
	copied bool
	depth  int
}

// read returns the blocks of the page, or the block, with all that hangs on them.
func (t *pageText) read() ([]*markdown.Block, error) {
	root := &branch{block: &markdown.Block{}, from: t.at[0].ID}
	level := []*branch{root}
	if t.at.kind() != childPage {
		row, err := t.tx.Block(t.at[0].ID)
		if err != nil {
			return nil, err
		}
		level = nil
		if level, err = t.hang(&branch{block: root.block}, []store.Block{row}, level); err != nil {
			return nil, err
		}
	}
	for len(level) > 0 {
		var err error
		if level, err = t.below(level); err != nil {
			return nil, err
		}
	}
	return root.block.Children, nil
}

// below reads the children of blocks and returns those of them that have children.
func (t *pageText) below(level []*branch) (next []*branch, err error) {
	const atOnce = 1000
	for len(level) > 0 && err == nil {
		some := level[:min(atOnce, len(level))]
		level = level[len(some):]
		next, err = t.belowSome(some, next)
	}
	return next, err
}

func (t *pageText) belowSome(level, next []*branch) ([]*branch, error) {
	if t.full {
		for _, b := range level {
			b.block.Unloaded = true
		}
		return next, nil
	}
	ids := make([]notion.ID, len(level))
	for i, b := range level {
		ids[i] = b.from
	}
	rows, err := t.tx.ChildrenOf(ids, t.left+1)
	if err != nil {
		return nil, err
	}
	if len(rows) > t.left {
		return t.belowLast(level, next)
	}
	children := make(map[notion.ID][]store.Block, len(level))
	for start := 0; start < len(rows); {
		end := start
		for end < len(rows) && rows[end].ParentID == rows[start].ParentID {
			end++
		}
		children[rows[start].ParentID] = rows[start:end]
		start = end
	}
	for _, b := range level {
		if next, err = t.hang(b, children[b.from], next); err != nil {
			return nil, err
		}
	}
	return next, nil
}

// belowLast is belowSome for when not everything can be read. A block whose children cannot
// all be read is shown as one that was not read. On the page itself those that can be are
// shown, and of the rest no more than of those, since every one is named.
func (t *pageText) belowLast(level, next []*branch) ([]*branch, error) {
	for i, b := range level {
		limit := t.left + 1
		if b.parent == nil {
			limit = t.left + markdown.MaxRecords
		}
		rows, err := t.tx.Children(b.from, store.From{}, limit)
		if err != nil {
			return nil, err
		}
		if len(rows) > t.left && b.parent != nil {
			t.full = true
			for _, b := range level[i:] {
				b.block.Unloaded = true
			}
			return next, nil
		}
		if next, err = t.hang(b, rows, next); err != nil {
			return nil, err
		}
	}
	return next, nil
}

// hang puts rows below a block and appends those of them that have children.
func (t *pageText) hang(b *branch, rows []store.Block, next []*branch) ([]*branch, error) {
	blocks := make([]markdown.Block, len(rows))
	b.block.Children = make([]*markdown.Block, len(rows))
	for i := range rows {
		row := &rows[i]
		blocks[i] = markdown.Block{ID: row.ID, Type: row.Type, Payload: row.Payload}
		b.block.Children[i] = &blocks[i]
		if !b.copied {
			t.parents[row.ID] = row.ParentID
		}
		if t.left == 0 {
			blocks[i].Unloaded = true
			continue
		}
		t.left--
		if row.Dynamic {
			payload, err := jsonx.Parse(row.Payload)
			if err != nil {
				return nil, err
			}
			t.payloads = append(t.payloads, payload)
		}
		kid := &branch{block: &blocks[i], from: row.ID, parent: b, copied: b.copied, depth: b.depth + 1}
		goes, err := t.goesOn(kid, row)
		if err != nil {
			return nil, err
		}
		if goes {
			next = append(next, kid)
		}
	}
	return next, nil
}

// goesOn reports whether there are children of a block to be read, and finds whose they are.
func (t *pageText) goesOn(b *branch, row *store.Block) (bool, error) {
	switch {
	case row.Type == childPage || row.Type == childDatabase:
		return false, nil
	case b.depth > markdown.MaxDepth:
		return false, nil // shown as one that was not read
	case row.Type != block.Synced:
		return row.HasChildren, nil
	}
	original, isCopy := block.SyncedFrom(row.Payload)
	if !isCopy {
		return row.HasChildren, nil
	}
	for up := b.parent; up != nil; up = up.parent {
		if up.from == original {
			b.block.Unloaded = true
			if !b.copied {
				t.cyclic = original
			}
			return false, nil
		}
	}
	at, err := t.core.locateBlock(t.tx, t.p, original)
	if isNotFound(err) {
		b.block.Unloaded = true
		return false, nil
	}
	b.from, b.copied = original, true
	if err == nil {
		t.from[at.page()] = true
	}
	return err == nil && !at.inTrash(), err
}

// note keeps the first failure, for those who asked for it could not be told.
func (t *pageText) note(err error) {
	if t.failed == nil && !isNotFound(err) && !errors.Is(err, store.ErrNotFound) {
		t.failed = err
	}
}

func (t *pageText) database(id notion.ID) (markdown.Database, bool) {
	row, err := t.tx.Database(id)
	if err != nil {
		t.note(err)
		return markdown.Database{}, false
	}
	d := markdown.Database{Inline: row.IsInline, Icon: row.Icon}
	sources, err := sourceNames(t.tx, id)
	switch {
	case err != nil:
	case len(sources) == 1:
		d.DataSource = sources[0].ID
	case len(sources) == 0:
		d.DataSource, err = t.shown(id)
	}
	t.note(err)
	return d, true
}

// shown returns the data source that the views of a database without any are of, zero when
// they are of several.
func (t *pageText) shown(database notion.ID) (notion.ID, error) {
	sources, err := t.tx.SourcesShown(database, 2)
	if err != nil || len(sources) != 1 {
		return notion.ID{}, err
	}
	at, err := t.core.locateSource(t.tx, t.p, sources[0])
	if err != nil || at.inTrash() {
		return notion.ID{}, err
	}
	return sources[0], nil
}

func (t *pageText) pageOf(id notion.ID) (notion.ID, bool) {
	at, err := t.core.locateBlock(t.tx, t.p, id)
	if err != nil {
		t.note(err)
		return notion.ID{}, false
	}
	return at.page(), true
}

func (t *pageText) databaseOf(source notion.ID) (notion.ID, bool) {
	at, err := t.core.locateSource(t.tx, t.p, source)
	if err != nil {
		t.note(err)
		return notion.ID{}, false
	}
	return at[0].ParentID, true
}

// emojiNamed reads the names of all emojis at once: every word between colons is asked for.
func (t *pageText) emojiNamed(name string) (notion.ID, bool) {
	if t.emojis == nil {
		var err error
		t.emojis, err = t.tx.CustomEmojiNames()
		t.note(err)
	}
	id, ok := t.emojis[name]
	return id, ok
}

// uploadAt returns the upload behind an address that a file was read with.
func (t *pageText) uploadAt(address string) (notion.ID, bool) {
	link, ours := t.core.linkAt(t.tx, address)
	if ours {
		t.byAddress[link.Upload] = true
	}
	return link.Upload, ours
}

// newContent is the content of a page to be made that came as text; nil for none.
type newContent struct {
	text *pageText
	read *markdown.Parsed
}

// readMarkdown reads the content of a page to be made, if it came as text. Without a title of
// its own, the page takes the first heading for it (pages-blocks.md §5.3).
func (c *Core) readMarkdown(tx *store.Tx, p *Principal, at place, n NewPage) (*newContent, NewPage, error) {
	if !n.Markdown.Defined() {
		return nil, n, nil
	}
	content := &newContent{text: c.newText(tx, p, at, n.MarkdownVersion)}
	var err error
	if content.read, err = markdown.Parse(n.Markdown.Text(), content.text.options); err != nil {
		return nil, n, err
	}
	titled, err := c.saysTitle(tx, at, n.Properties)
	if err != nil || titled {
		return content, n, errors.Join(content.text.failed, err)
	}
	if title := content.read.TakeTitle(); title.Defined() {
		n.Properties = jsonx.ObjectValue(append(slices.Clip(n.Properties.Members()),
			jsonx.M(property.TitleID, jsonx.ObjectValue(jsonx.M("title", title))))...)
	}
	return content, n, content.text.failed
}

// saysTitle reports whether the properties of a page to be made at a place name its title.
func (c *Core) saysTitle(tx *store.Tx, at place, properties jsonx.Value) (bool, error) {
	if properties.Has(property.TitleID) || len(at) == 0 || at.kind() != dataSource {
		return properties.Has(property.TitleID), nil
	}
	s, err := c.readSource(tx, at[0].ID)
	if err != nil {
		return false, err
	}
	return properties.Has(s.props.Title().Name), nil
}

// fill writes the content of the page, which has none yet.
func (n *newContent) fill(at place) error {
	if n == nil {
		return nil
	}
	t := n.text
	t.at, t.options.Page = at, at[0].ID
	change, err := markdown.Render(nil, t.options).ReplaceBy(n.read, false)
	if err := errors.Join(t.failed, err); err != nil {
		return err
	}
	if len(change.Edits) == 0 {
		return nil
	}
	return t.core.applyText(t.tx, t.p, &textPlan{at: at, change: change, byAddress: t.byAddress})
}

// commentText reads the Markdown of a comment as rich text (services.md §2.3).
func (c *Core) commentText(tx *store.Tx, p *Principal, text string, v markdown.Version) (richtext.Text, error) {
	t := c.newText(tx, p, nil, v)
	read, err := richtext.Decode(markdown.ParseText(text, t.options))
	return read, errors.Join(t.failed, err)
}
