package api

import (
	"octavo/internal/apierr"
	"octavo/internal/core"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/schema"
)

func listTemplates(a *API, c *call) (notion.Object, error) {
	return a.core.Templates(c.ctx, c.principal, c.ids["data_source_id"], c.query.Get("name").Text(), c.pageOf())
}

// defineTemplates adds what requests for templates hold (databases.md §1.3).
func defineTemplates(set *schema.Set) {
	templates := []schema.Type{
		schema.Object(schema.Req("type", schema.Literal("default")), schema.Opt("timezone", schema.String())),
		schema.Object(
			schema.Req("template_id", schema.UUID()),
			schema.Req("type", schema.Literal("template_id")),
			schema.Opt("timezone", schema.String()),
		),
	}
	none := schema.Object(schema.Req("type", schema.Literal("none")))
	set.Define("template", schema.Union(append([]schema.Type{none}, templates...)...))
	set.Define("template_update", schema.Union(templates...)) // only a new page may name none
	set.Redefine("list_data_source_templates.query", schema.Object(
		schema.Opt("name", schema.String()),
		schema.Opt("start_cursor", schema.UUID()),
		schema.Opt("page_size", schema.Number().Min(1).Max(100)),
	))
}

// useTemplate reads which template a request asks for.
func useTemplate(body jsonx.Value) core.UseTemplate {
	t := body.Get("template")
	use := core.UseTemplate{Default: t.Get("type").Text() == "default", TimeZone: t.Get("timezone").Text()}
	if t.Get("type").Text() == "template_id" {
		use.Page, _ = notion.ParseID(t.Get("template_id").Text())
	}
	return use
}

// checkTemplate refuses content of a new page besides that of a template (pages-blocks.md
// §5.3).
func checkTemplate(body, content jsonx.Value) error {
	if kind := body.Get("template").Get("type").Text(); kind == "" || kind == "none" {
		return nil
	}
	switch {
	case content.Defined():
		return apierr.Errorf(apierr.ValidationError, "Provide either `children` or a `template`, not both.")
	case body.Has("markdown"):
		return apierr.Errorf(apierr.ValidationError, "Provide either `markdown` or a `template`, not both.")
	}
	return nil
}
