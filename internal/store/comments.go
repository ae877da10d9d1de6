package store

import (
	"time"

	"octavo/internal/notion"
)

// Discussion is a thread of comments on one page or block.
type Discussion struct {
	ID notion.ID
	// NodeID is the page or block it hangs on.
	NodeID      notion.ID
	Resolved    bool
	CreatedTime time.Time
}

const selectDiscussion = `SELECT id, node_id, resolved, created_time FROM discussion`

func (d *Discussion) columns() []any {
	return []any{(*idColumn)(&d.ID), (*idColumn)(&d.NodeID), &d.Resolved, (*timeColumn)(&d.CreatedTime)}
}

// InsertDiscussion adds a discussion, ErrExists when its id is there.
func (tx *Tx) InsertDiscussion(d Discussion) error {
	_, err := tx.exec(`INSERT INTO discussion (workspace_id, id, node_id, resolved, created_time) VALUES ($1, $2, $3, $4, $5)`,
		tx.workspace[:], d.ID[:], d.NodeID[:], d.Resolved, micros(d.CreatedTime))
	return err
}

// Discussion reads a discussion, resolved or not.
func (tx *Tx) Discussion(id notion.ID) (d Discussion, err error) {
	err = tx.one(selectDiscussion+` WHERE workspace_id = $1 AND id = $2`, args(tx.workspace[:], id[:]), d.columns()...)
	return d, err
}

// OpenDiscussion reads the oldest discussion of a node that is not resolved, ErrNotFound
// when there is none.
func (tx *Tx) OpenDiscussion(node notion.ID) (d Discussion, err error) {
	err = tx.one(selectDiscussion+` WHERE workspace_id = $1 AND node_id = $2 AND resolved = FALSE ORDER BY id LIMIT 1`,
		args(tx.workspace[:], node[:]), d.columns()...)
	return d, err
}

// Discussions reads up to limit discussions whose ids come after a given one, in the order
// of their ids.
func (tx *Tx) Discussions(after notion.ID, limit int) ([]Discussion, error) {
	return collect[Discussion](tx, selectDiscussion+` WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
		args(tx.workspace[:], after[:], limit))
}

// DiscussionsOf is [Tx.Discussions] for one page or block.
func (tx *Tx) DiscussionsOf(node, after notion.ID, limit int) ([]Discussion, error) {
	return collect[Discussion](tx, selectDiscussion+` WHERE workspace_id = $1 AND node_id = $2 AND id > $3 ORDER BY id LIMIT $4`,
		args(tx.workspace[:], node[:], after[:], limit))
}

// ResolveDiscussion closes or reopens a discussion and the comments in it.
func (tx *Tx) ResolveDiscussion(id notion.ID, resolved bool) error {
	if err := tx.change(`UPDATE discussion SET resolved = $3 WHERE workspace_id = $1 AND id = $2`,
		tx.workspace[:], id[:], resolved); err != nil {
		return err
	}
	_, err := tx.exec(`UPDATE comment SET resolved = $3 WHERE workspace_id = $1 AND discussion_id = $2 AND deleted = FALSE`,
		tx.workspace[:], id[:], resolved)
	return err
}

// Comment is one comment of a discussion.
type Comment struct {
	ID           notion.ID
	DiscussionID notion.ID
	// NodeID is the page or block of its discussion.
	NodeID notion.ID
	// Revision is the one that made it, and its place among the comments of a node.
	Revision       int64
	CreatedTime    time.Time
	CreatedBy      notion.ID
	LastEditedTime time.Time
	// RichText is in stored form; Dynamic says that it holds references to resolve when it
	// is read.
	RichText []byte
	Dynamic  bool
	// Attachments is nil when there are none.
	Attachments []byte
	// DisplayType says under whose name it is shown: that of the user DisplayID, or
	// DisplayName.
	DisplayType string
	DisplayID   notion.ID
	DisplayName string
	// Resolved is that of its discussion.
	Resolved bool
	// Deleted comments keep their place, for cursors that name them, and nothing else.
	Deleted bool
}

const selectComment = `SELECT id, discussion_id, node_id, revision, created_time, created_by, last_edited_time, rich_text, dynamic,
	attachments, display_type, display_id, display_name, resolved, deleted FROM comment`

func (c *Comment) columns() []any {
	return []any{
		(*idColumn)(&c.ID), (*idColumn)(&c.DiscussionID), (*idColumn)(&c.NodeID), &c.Revision,
		(*timeColumn)(&c.CreatedTime), (*idColumn)(&c.CreatedBy), (*timeColumn)(&c.LastEditedTime),
		(*rawColumn)(&c.RichText), &c.Dynamic, (*rawColumn)(&c.Attachments),
		&c.DisplayType, (*idColumn)(&c.DisplayID), &c.DisplayName, &c.Resolved, &c.Deleted,
	}
}

// InsertComment adds a comment, ErrExists when its id is there. Its revision is the
// transaction's.
func (tx *Tx) InsertComment(c Comment) error {
	revision, err := tx.Revision()
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO comment (workspace_id, id, discussion_id, node_id, revision, created_time, created_by,
		last_edited_time, rich_text, dynamic, attachments, display_type, display_id, display_name, resolved, deleted)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		tx.workspace[:], c.ID[:], c.DiscussionID[:], c.NodeID[:], revision, micros(c.CreatedTime), c.CreatedBy[:],
		micros(c.LastEditedTime), string(c.RichText), c.Dynamic, rawOrNull(c.Attachments),
		c.DisplayType, c.DisplayID[:], c.DisplayName, c.Resolved, c.Deleted)
	return err
}

// Comment reads a comment, also one that is deleted.
func (tx *Tx) Comment(id notion.ID) (c Comment, err error) {
	err = tx.one(selectComment+` WHERE workspace_id = $1 AND id = $2`, args(tx.workspace[:], id[:]), c.columns()...)
	return c, err
}

// OpenComments reads up to limit comments of a node that are neither deleted nor in a
// resolved discussion, oldest first, from the place of one of them on; the zero Comment is
// before them all.
func (tx *Tx) OpenComments(node notion.ID, from Comment, limit int) ([]Comment, error) {
	return collect[Comment](tx, selectComment+`
		WHERE workspace_id = $1 AND node_id = $2 AND deleted = FALSE AND resolved = FALSE AND (revision, id) >= ($3, $4)
		ORDER BY revision, id LIMIT $5`,
		args(tx.workspace[:], node[:], from.Revision, from.ID[:], limit))
}

// UpdateComment writes what a comment says, at the transaction's time.
func (tx *Tx) UpdateComment(c Comment) error {
	return tx.change(`UPDATE comment SET rich_text = $3, dynamic = $4, last_edited_time = $5
		WHERE workspace_id = $1 AND id = $2`,
		tx.workspace[:], c.ID[:], string(c.RichText), c.Dynamic, micros(tx.now))
}

// DeleteComment forgets a comment but for its place, and its discussion when nothing else
// is in it.
func (tx *Tx) DeleteComment(c Comment) error {
	err := tx.change(`UPDATE comment SET deleted = TRUE, rich_text = '[]', dynamic = FALSE, attachments = NULL, display_name = ''
		WHERE workspace_id = $1 AND id = $2`, tx.workspace[:], c.ID[:])
	if err != nil {
		return err
	}
	_, err = tx.exec(`DELETE FROM discussion WHERE workspace_id = $1 AND id = $2 AND NOT EXISTS (
			SELECT 1 FROM comment WHERE workspace_id = $1 AND discussion_id = $2 AND deleted = FALSE)`,
		tx.workspace[:], c.DiscussionID[:])
	return err
}
