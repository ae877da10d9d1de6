package api

import (
	"net/http"

	"octavo/internal/jsonx"
	"octavo/internal/markdown"
	"octavo/internal/notion"
)

func getPageMarkdown(a *API, c *call) (notion.Object, error) {
	return a.core.PageMarkdown(c.ctx, c.principal, c.ids["page_id"], grammar(c.query), c.query.Get("include_transcript").True())
}

func updatePageMarkdown(a *API, c *call) (notion.Object, error) {
	if c.body.Get("allow_async").True() {
		c.status = http.StatusAccepted
		return a.core.UpdatePageMarkdownLater(c.ctx, c.principal, c.ids["page_id"], grammar(c.body), c.body)
	}
	return a.core.UpdatePageMarkdown(c.ctx, c.principal, c.ids["page_id"], grammar(c.body), c.body)
}

// grammar returns the grammar that a request names, the first if it names none
// (pages-blocks.md §6.1).
func grammar(v jsonx.Value) markdown.Version {
	named, _ := markdown.ParseVersion(v.Get("markdown_version").Text())
	return named
}
