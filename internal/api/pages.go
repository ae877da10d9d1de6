package api

import (
	"net/http"

	"octavo/internal/apierr"
	"octavo/internal/core"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
)

func createPage(a *API, c *call) (notion.Object, error) {
	content := c.body.Get("children")
	if alias := c.body.Get("content"); alias.Defined() {
		if content.Defined() {
			return nil, apierr.Errorf(apierr.ValidationError, "Provide either `children` or `content`, not both.")
		}
		content = alias
	}
	if err := checkMarkdown(c.body, content); err != nil {
		return nil, err
	}
	if err := checkTemplate(c.body, content); err != nil {
		return nil, err
	}
	page := core.NewPage{
		Parent:     c.body.Get("parent"),
		Properties: c.body.Get("properties"),
		Icon:       c.body.Get("icon"),
		Cover:      c.body.Get("cover"),
		Children:   content,
		Markdown:   c.body.Get("markdown"), MarkdownVersion: grammar(c.body),
		Position: position(c.body.Get("position")),
		Template: useTemplate(c.body),
		Show:     c.filterProperties(),
	}
	if c.body.Get("allow_async").True() {
		c.status = http.StatusAccepted
		return a.core.CreatePageLater(c.ctx, c.principal, page)
	}
	return a.core.CreatePage(c.ctx, c.principal, page)
}

// checkMarkdown refuses what does not go with each other in a page to be made
// (pages-blocks.md §5.3, §6.1).
func checkMarkdown(body, content jsonx.Value) error {
	switch has := body.Has("markdown"); {
	case has && content.Defined():
		return apierr.Errorf(apierr.ValidationError, "Provide either `markdown` or `children`, not both.")
	case !has && body.Has("markdown_version"):
		return apierr.Errorf(apierr.ValidationError, "`markdown_version` can only be given together with `markdown`.")
	case !has && body.Has("allow_async"):
		return apierr.Errorf(apierr.ValidationError, "`allow_async` can only be given together with `markdown`.")
	}
	return nil
}

func getPage(a *API, c *call) (notion.Object, error) {
	return a.core.Page(c.ctx, c.principal, c.ids["page_id"], c.filterProperties())
}

func updatePage(a *API, c *call) (notion.Object, error) {
	return a.core.UpdatePage(c.ctx, c.principal, c.ids["page_id"], core.PageChange{
		Properties: c.body.Get("properties"),
		Icon:       c.body.Get("icon"),
		Cover:      c.body.Get("cover"),
		IsLocked:   c.body.Get("is_locked"),
		IsArchived: c.body.Get("is_archived"),
		InTrash:    c.body.Get("in_trash"),
		Erase:      c.body.Get("erase_content").True(),
		Template:   useTemplate(c.body),
		Show:       c.filterProperties(),
	})
}

func movePage(a *API, c *call) (notion.Object, error) {
	return a.core.MovePage(c.ctx, c.principal, c.ids["page_id"], c.body.Get("parent"))
}

func getPageProperty(a *API, c *call) (notion.Object, error) {
	return a.core.PageProperty(c.ctx, c.principal, c.ids["page_id"], c.text["property_id"], c.pageOf())
}

// filterProperties returns the ids the client asked to see; nil means all.
func (c *call) filterProperties() []string {
	v := c.query.Get("filter_properties")
	if !v.Defined() {
		return nil
	}
	ids := make([]string, 0, len(v.Items()))
	for _, id := range v.Items() {
		ids = append(ids, id.Text())
	}
	return ids
}

// position reads a place among siblings; both spellings of the two ends are one.
func position(v jsonx.Value) core.Position {
	switch v.Get("type").Text() {
	case "start", "page_start":
		return core.Position{At: core.AtStart}
	case "after_block":
		id, _ := notion.ParseID(v.Get("after_block").Get("id").Text())
		return core.Position{At: core.AfterBlock, Block: id}
	}
	return core.Position{At: core.AtEnd}
}
