package version

import "octavo/internal/schema"

// newPagesHaveOneShape restores the two bodies that creating a page had: one for rows of a
// database, whose refusals come first, and one for pages below a page (contract.md §3.4).
// Connections that act for a person may name the workspace as the parent all the same.
var newPagesHaveOneShape = Change{
	Since: V20250903,
	Sentence: "A new page is described by one body whose `parent` and `properties` may be left out; before, by one of two, " +
		"for a page in a database or below a page, and both keys had to be there.",
	Amend: func(set *schema.Set) {
		body := set.Object("create_page")
		kind := func(key string, t schema.Type, name string) *schema.ObjectType {
			return schema.Object(schema.Req(key, t), schema.Opt("type", schema.Literal(name)))
		}
		set.Define("create_page.database_parent", kind("database_id", schema.UUID(), "database_id"))
		set.Define("create_page.page_parent", kind("page_id", schema.UUID(), "page_id"))
		shape := func(name string, parent, properties schema.Type) {
			set.Define(name, body)
			set.Object(name).Remove("parent").Remove("properties").
				AddBefore("icon", schema.Req("parent", parent)).
				AddBefore("icon", schema.Req("properties", properties))
		}
		shape("create_page.in_database",
			schema.Union(
				schema.Ref("create_page.database_parent"),
				kind("workspace", schema.True(), "workspace"),
			).Hide("workspace"),
			body.Field("properties"))
		shape("create_page.below_page",
			schema.Ref("create_page.page_parent"),
			schema.Object(schema.Opt("title", schema.Union(set.Union("property_value").Variant("title"), schema.Ref("rich_text")))))
		set.Redefine("create_page", schema.Union(schema.Ref("create_page.in_database"), schema.Ref("create_page.below_page")))
	},
}
