package api

import (
	"octavo/internal/notion"
	"octavo/internal/schema"
)

func listCustomEmojis(a *API, c *call) (notion.Object, error) {
	return a.core.CustomEmojis(c.ctx, c.principal, c.query.Get("name").Text(), c.pageOf())
}

// defineCustomEmojis adds what requests for custom emojis hold (services.md §5.1).
func defineCustomEmojis(set *schema.Set) {
	set.Redefine("list_custom_emojis.query", schema.Object(
		schema.Opt("start_cursor", schema.UUID()),
		schema.Opt("page_size", schema.Number().Min(1).Max(100)),
		schema.Opt("name", schema.String().NonEmpty()),
	))
}
