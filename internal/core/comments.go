package core

import (
	"cmp"
	"context"
	"errors"

	"octavo/internal/jsonx"
	"octavo/internal/markdown"
	"octavo/internal/notion"
	"octavo/internal/richtext"
	"octavo/internal/store"
)

// NewComment is what a client says of a comment to be made. It has either a Parent or a
// Discussion; Undefined means not said.
type NewComment struct {
	Parent                             jsonx.Value
	Discussion                         notion.ID
	RichText, Attachments, DisplayName jsonx.Value
	// Markdown is the text in place of RichText.
	Markdown        jsonx.Value
	MarkdownVersion markdown.Version
}

// CreateComment adds a comment: to a discussion, to the discussion of a page, or as a new
// discussion of a block (services.md §2.3).
func (c *Core) CreateComment(ctx context.Context, p *Principal, n NewComment) (notion.Object, error) {
	// What is wrong with the text matters only where there is a place for it.
	text, wrong := richtext.Decode(n.RichText)
	var o notion.Object
	err := c.update(ctx, p, func(tx *store.Tx) error {
		at, thread, err := c.discussionFor(tx, p, n)
		if err := cmp.Or(err, wrong); err != nil {
			return err
		}
		if n.Markdown.Defined() {
			if text, err = c.commentText(tx, p, n.Markdown.Text(), n.MarkdownVersion); err != nil {
				return err
			}
		}
		row, err := c.insertComment(tx, p, thread, text, n)
		if err != nil {
			return err
		}
		if err := c.commentEvent(tx, p, commentCreated, at, row.ID); err != nil {
			return err
		}
		o, err = c.showComment(tx, p, at, row)
		return err
	})
	return o, err
}

// discussionFor finds where a comment goes. A page has one open discussion, which is made
// when it is first needed; a block gets a new one for each comment that replies to none.
func (c *Core) discussionFor(tx *store.Tx, p *Principal, n NewComment) (place, store.Discussion, error) {
	if !n.Parent.Defined() {
		return c.openDiscussion(tx, p, n.Discussion)
	}
	at, err := c.commentParent(tx, p, n.Parent)
	if err != nil {
		return nil, store.Discussion{}, err
	}
	if at.kind() == childPage {
		d, err := tx.OpenDiscussion(at[0].ID)
		if !errors.Is(err, store.ErrNotFound) {
			return at, d, err
		}
	}
	d := store.Discussion{ID: c.ids.New(tx.Now()), NodeID: at[0].ID, CreatedTime: tx.Now()}
	return at, d, tx.InsertDiscussion(d)
}

// openDiscussion finds a discussion to reply to. One that is resolved is not there for the
// API (services.md §2.1).
func (c *Core) openDiscussion(tx *store.Tx, p *Principal, id notion.ID) (place, store.Discussion, error) {
	d, err := tx.Discussion(id)
	if errors.Is(err, store.ErrNotFound) || err == nil && d.Resolved {
		return nil, d, p.notFound("discussion", id)
	}
	if err != nil {
		return nil, d, err
	}
	at, err := c.locate(tx, p, d.NodeID, "discussion")
	if isNotFound(err) {
		return nil, d, p.notFound("discussion", id)
	}
	if err != nil {
		return nil, d, err
	}
	return at, d, at.checkEditable()
}

// commentParent finds the page or block that a new comment names.
func (c *Core) commentParent(tx *store.Tx, p *Principal, parent jsonx.Value) (place, error) {
	locate, key := c.locatePage, "page_id"
	if parent.Has("block_id") {
		locate, key = c.locateBlock, "block_id"
	}
	id, _ := notion.ParseID(parent.Get(key).Text())
	at, err := locate(tx, p, id)
	if err != nil {
		return nil, err
	}
	return at, at.checkEditable()
}

func (c *Core) insertComment(tx *store.Tx, p *Principal, thread store.Discussion, text richtext.Text, n NewComment) (store.Comment, error) {
	if err := c.checkMentions(tx, p, text.Value, jsonx.Value{}); err != nil {
		return store.Comment{}, err
	}
	attachments, err := c.attachToComment(tx, p, n.Attachments)
	if err != nil {
		return store.Comment{}, err
	}
	row := store.Comment{
		ID: c.ids.New(tx.Now()), DiscussionID: thread.ID, NodeID: thread.NodeID,
		CreatedTime: tx.Now(), CreatedBy: p.Bot, LastEditedTime: tx.Now(),
		RichText: text.Value.Append(nil), Dynamic: text.Dynamic, Attachments: attachments,
	}
	if err := displayName(tx, p, &row, n.DisplayName); err != nil {
		return row, err
	}
	return row, tx.InsertComment(row)
}

// The ways in which the author of a comment is shown (services.md §2.3).
const (
	displayIntegration = "integration"
	displayUser        = "user"
	displayCustom      = "custom"
)

// displayName notes under whose name a comment is shown: that of the connection, of the
// person it acts for, or one of the client's choice.
func displayName(tx *store.Tx, p *Principal, row *store.Comment, sent jsonx.Value) error {
	row.DisplayType = sent.Get("type").Text()
	switch {
	case row.DisplayType == "" && p.Kind == Personal:
		row.DisplayType = displayUser
	case row.DisplayType == "":
		row.DisplayType = displayIntegration
	}
	switch row.DisplayType {
	case displayCustom:
		row.DisplayName = sent.Get("custom").Get("name").Text()
	case displayUser:
		if p.Kind == Internal {
			return invalid("`display_name.type` can be `\"user\"` only for a connection that a user has authorized.")
		}
		row.DisplayID = p.Owner
	default:
		i, err := tx.Integration(p.Integration)
		row.DisplayID = i.BotID
		return err
	}
	return nil
}

// Comment returns a comment of a discussion that is not resolved.
func (c *Core) Comment(ctx context.Context, p *Principal, id notion.ID) (notion.Object, error) {
	var o notion.Object
	err := c.view(ctx, p, func(tx *store.Tx) error {
		at, row, err := c.locateComment(tx, p, id)
		if err != nil {
			return err
		}
		if at.inTrash() {
			return p.notFound("comment", id)
		}
		o, err = c.showComment(tx, p, at, row)
		return err
	})
	return o, err
}

// Comments lists the comments on exactly one page or block, of all its discussions that are
// not resolved, oldest first (services.md §2.4).
func (c *Core) Comments(ctx context.Context, p *Principal, node notion.ID, part PageOf) (notion.Object, error) {
	list := &notion.List{Type: "comment"}
	err := c.view(ctx, p, func(tx *store.Tx) error {
		at, err := c.locateBlock(tx, p, node)
		if err != nil {
			return err
		}
		if at.inTrash() {
			return p.notFound("block", node)
		}
		from, err := commentCursor(tx, node, part.Cursor)
		if err != nil {
			return err
		}
		rows, err := tx.OpenComments(node, from, part.Size+1)
		if err != nil {
			return err
		}
		if len(rows) > part.Size {
			list.NextCursor = rows[part.Size].ID.String()
			rows = rows[:part.Size]
		}
		list.Results, err = c.showComments(tx, p, at, rows)
		return err
	})
	return list, err
}

// commentCursor returns where a listing goes on. A comment that has been deleted since, or
// whose discussion has been resolved, still marks its place.
func commentCursor(tx *store.Tx, node notion.ID, cursor string) (store.Comment, error) {
	if cursor == "" {
		return store.Comment{}, nil
	}
	id, _ := notion.ParseID(cursor)
	row, err := tx.Comment(id)
	if errors.Is(err, store.ErrNotFound) || err == nil && row.NodeID != node {
		return row, invalid("The start_cursor provided is invalid: %s", cursor)
	}
	return row, err
}

// UpdateComment replaces the text of a comment of the caller's own (services.md §2.5). Of
// what a client may say of it, that is its RichText or its Markdown.
func (c *Core) UpdateComment(ctx context.Context, p *Principal, id notion.ID, n NewComment) (notion.Object, error) {
	text, wrong := richtext.Decode(n.RichText)
	return c.changeComment(ctx, p, id, commentUpdated, func(tx *store.Tx, row *store.Comment) (err error) {
		if wrong != nil {
			return wrong
		}
		text := text // an attempt that is repeated begins anew
		if n.Markdown.Defined() {
			if text, err = c.commentText(tx, p, n.Markdown.Text(), n.MarkdownVersion); err != nil {
				return err
			}
		}
		before, err := jsonx.Parse(row.RichText)
		if err != nil {
			return err
		}
		if err := c.checkMentions(tx, p, text.Value, before); err != nil {
			return err
		}
		row.RichText, row.Dynamic, row.LastEditedTime = text.Value.Append(nil), text.Dynamic, tx.Now()
		return tx.UpdateComment(*row)
	})
}

// DeleteComment deletes a comment of the caller's own, not the replies to it, and returns it
// as it was.
func (c *Core) DeleteComment(ctx context.Context, p *Principal, id notion.ID) (notion.Object, error) {
	return c.changeComment(ctx, p, id, commentDeleted, func(tx *store.Tx, row *store.Comment) error {
		return tx.DeleteComment(*row)
	})
}

// changeComment makes one change to a comment in a transaction of its own. Comments of
// others are not found, whoever may read them (services.md §2.5).
func (c *Core) changeComment(ctx context.Context, p *Principal, id notion.ID, event string, change func(*store.Tx, *store.Comment) error) (notion.Object, error) {
	var o notion.Object
	err := c.update(ctx, p, func(tx *store.Tx) error {
		at, row, err := c.locateComment(tx, p, id)
		if err != nil {
			return err
		}
		if row.CreatedBy != p.Bot {
			return p.notFound("comment", id)
		}
		if err := at.checkEditable(); err != nil {
			return err
		}
		if err := change(tx, &row); err != nil {
			return err
		}
		if err := c.commentEvent(tx, p, event, at, id); err != nil {
			return err
		}
		o, err = c.showComment(tx, p, at, row)
		return err
	})
	return o, err
}

// locateComment finds a comment that p may see, and the place of what it is on.
func (c *Core) locateComment(tx *store.Tx, p *Principal, id notion.ID) (place, store.Comment, error) {
	row, err := tx.Comment(id)
	if errors.Is(err, store.ErrNotFound) || err == nil && (row.Deleted || row.Resolved) {
		return nil, row, p.notFound("comment", id)
	}
	if err != nil {
		return nil, row, err
	}
	at, err := c.locate(tx, p, row.NodeID, "comment")
	if isNotFound(err) {
		return nil, row, p.notFound("comment", id)
	}
	return at, row, err
}

// showComment renders one comment, to who may not read comments its id alone.
func (c *Core) showComment(tx *store.Tx, p *Principal, at place, row store.Comment) (notion.Object, error) {
	if !p.Caps.Has(ReadComments) {
		return notion.Partial{Object: "comment", ID: row.ID}, nil
	}
	shown, err := c.showComments(tx, p, at, []store.Comment{row})
	if err != nil {
		return nil, err
	}
	return shown[0], nil
}

// showComments renders comments on the node of a place. What their texts mention is read
// once for all of them.
func (c *Core) showComments(tx *store.Tx, p *Principal, at place, rows []store.Comment) ([]notion.Object, error) {
	parent := notion.Parent{Kind: notion.BlockParent, ID: at[0].ID}
	if at.kind() == childPage {
		parent.Kind = notion.PageParent
	}
	out := make([]notion.Object, len(rows))
	var texts, files []*notion.Raw
	names := map[notion.ID]string{}
	for i := range rows {
		row := &rows[i]
		name, err := shownName(tx, p, row, names)
		if err != nil {
			return nil, err
		}
		o := &notion.Comment{
			ID: row.ID, Parent: parent, Discussion: row.DiscussionID, CreatedTime: row.CreatedTime,
			LastEditedTime: row.LastEditedTime, CreatedBy: row.CreatedBy, RichText: row.RichText,
			DisplayType: row.DisplayType, DisplayName: name,
		}
		if row.Dynamic {
			texts = append(texts, &o.RichText)
		}
		if o.Attachments, err = attachmentsOf(row); err != nil {
			return nil, err
		}
		for i := range o.Attachments {
			files = append(files, &o.Attachments[i].File)
		}
		out[i] = o
	}
	if texts == nil && files == nil {
		return out, nil
	}
	timed, err := c.resolveParts(tx, p, texts, files)
	if err != nil {
		return nil, err
	}
	for _, o := range out {
		o.(*notion.Comment).Timed = timed
	}
	for _, file := range files {
		shown, err := jsonx.Parse(*file)
		if err != nil {
			return nil, err
		}
		*file = shown.Get("file").Append(nil)
	}
	return out, nil
}

// shownName returns the name a comment is shown under, "" when there is none to show: the
// name of a person is for those who may read users.
func shownName(tx *store.Tx, p *Principal, row *store.Comment, known map[notion.ID]string) (string, error) {
	switch {
	case row.DisplayType == displayCustom:
		return row.DisplayName, nil
	case row.DisplayType == displayUser && !p.Caps.Has(ReadUsers) && row.DisplayID != p.Owner:
		return "", nil
	}
	name, done := known[row.DisplayID]
	if done {
		return name, nil
	}
	u, err := tx.User(row.DisplayID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return "", err
	}
	known[row.DisplayID] = u.Name
	return u.Name, nil
}

// commentEvent records what happened to a comment on the node of a place.
func (c *Core) commentEvent(tx *store.Tx, p *Principal, kind string, at place, comment notion.ID) error {
	id := func(id notion.ID) jsonx.Value { return jsonx.StringValue(id.String()) }
	page, parent := at.page(), "block"
	if page.IsZero() { // a database at the top of the workspace
		page = at[0].ID
	}
	switch at.kind() {
	case childPage:
		parent = "page"
	case childDatabase:
		parent = "database"
	}
	return tx.AppendEvent(store.Event{Type: kind, NodeID: comment, AuthorID: p.Bot, Data: jsonx.ObjectValue(
		jsonx.M("page_id", id(page)),
		jsonx.M("parent", jsonx.ObjectValue(jsonx.M("id", id(at[0].ID)), jsonx.M("type", jsonx.StringValue(parent)))),
	).String()})
}

// Discussions lists discussions, resolved ones included, of one page or block or, with the
// zero ID, of the whole workspace.
func (c *Core) Discussions(ctx context.Context, ws, node notion.ID, part PageOf) (Listing[store.Discussion], error) {
	id := func(d *store.Discussion) notion.ID { return d.ID }
	return list(part, id, func(after *notion.ID, limit int) (rows []store.Discussion, err error) {
		err = c.store.View(ctx, ws, func(tx *store.Tx) (err error) {
			if node.IsZero() {
				rows, err = tx.Discussions(orZero(after), limit)
				return err
			}
			if _, err := tx.Block(node); err != nil {
				return adminError(err, "block", node)
			}
			rows, err = tx.DiscussionsOf(node, orZero(after), limit)
			return err
		})
		return rows, err
	})
}

// ResolveDiscussion closes a discussion, which hides its comments from the API, or reopens
// it (services.md §2.1).
func (c *Core) ResolveDiscussion(ctx context.Context, ws, id notion.ID, resolved bool) (store.Discussion, error) {
	var d store.Discussion
	err := c.store.Update(ctx, ws, func(tx *store.Tx) (err error) {
		if err := tx.ResolveDiscussion(id, resolved); err != nil {
			return err
		}
		d, err = tx.Discussion(id)
		return err
	})
	return d, adminError(err, "discussion", id)
}
