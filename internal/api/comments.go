package api

import (
	"octavo/internal/core"
	"octavo/internal/notion"
)

func createComment(a *API, c *call) (notion.Object, error) {
	discussion, _ := notion.ParseID(c.body.Get("discussion_id").Text())
	return a.core.CreateComment(c.ctx, c.principal, core.NewComment{
		Parent:          c.body.Get("parent"),
		Discussion:      discussion,
		RichText:        c.body.Get("rich_text"),
		Markdown:        c.body.Get("markdown"),
		MarkdownVersion: grammar(c.body),
		Attachments:     c.body.Get("attachments"),
		DisplayName:     c.body.Get("display_name"),
	})
}

func listComments(a *API, c *call) (notion.Object, error) {
	node, _ := notion.ParseID(c.query.Get("block_id").Text())
	return a.core.Comments(c.ctx, c.principal, node, c.pageOf())
}

func getComment(a *API, c *call) (notion.Object, error) {
	return a.core.Comment(c.ctx, c.principal, c.ids["comment_id"])
}

func updateComment(a *API, c *call) (notion.Object, error) {
	return a.core.UpdateComment(c.ctx, c.principal, c.ids["comment_id"], core.NewComment{
		RichText: c.body.Get("rich_text"), Markdown: c.body.Get("markdown"), MarkdownVersion: grammar(c.body),
	})
}

func deleteComment(a *API, c *call) (notion.Object, error) {
	return a.core.DeleteComment(c.ctx, c.principal, c.ids["comment_id"])
}
