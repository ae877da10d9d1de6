package api

import (
	"octavo/internal/block"
	"octavo/internal/media"
	"octavo/internal/property"
	"octavo/internal/richtext"
	"octavo/internal/schema"
)

// requestSchemas returns what the newest version accepts: for every served operation its
// path, its query string and its body. Keys stand in the order in which the hosted API
// checks them (contract.md §3.3).
func requestSchemas() *schema.Set {
	set := schema.NewSet()
	richtext.Define(set)
	media.Define(set)
	property.Define(set)
	block.Define(set)

	for _, r := range routes {
		for _, name := range pathParameters(r.path) {
			if !set.Has("path." + name) {
				set.Define("path."+name, schema.Object(schema.Req(name, schema.UUID())))
			}
		}
		if r.standing == served {
			set.Define(r.name+".query", schema.Object())
		}
	}

	pageSize := schema.Opt("page_size", schema.Number().Min(1).Max(100))
	cursor := schema.Opt("start_cursor", schema.String())
	set.Redefine("list_users.query", schema.Object(cursor, pageSize))
	set.Redefine("list_databases.query", schema.Object(cursor, pageSize))
	set.Redefine("get_page_property.query", schema.Object(cursor, pageSize))
	set.Redefine("list_block_children.query", schema.Object(schema.Opt("start_cursor", schema.UUID()), pageSize))

	set.Redefine("list_comments.query", schema.Object(schema.Req("block_id", schema.UUID()), cursor, pageSize))

	filter := schema.Object(schema.Opt("filter_properties", schema.Array(schema.String(), 100)))
	for _, name := range []string{"create_page", "get_page", "update_page", "query_data_source", "query_database"} {
		set.Redefine(name+".query", filter)
	}

	set.Define("page_parent", schema.Union(
		schema.Object(schema.Req("page_id", schema.UUID()), schema.Opt("type", schema.Literal("page_id"))),
		schema.Object(schema.Req("database_id", schema.UUID()), schema.Opt("type", schema.Literal("database_id"))),
		schema.Object(schema.Req("data_source_id", schema.UUID()), schema.Opt("type", schema.Literal("data_source_id"))),
		schema.Object(schema.Req("workspace", schema.True()), schema.Opt("type", schema.Literal("workspace"))),
	))
	afterBlock := schema.Object(
		schema.Req("after_block", schema.Object(schema.Req("id", schema.UUID()))),
		schema.Req("type", schema.Literal("after_block")),
	)
	set.Define("page_position", schema.Union(
		afterBlock,
		schema.Object(schema.Req("type", schema.Literal("page_start"))),
		schema.Object(schema.Req("type", schema.Literal("page_end"))),
	))
	set.Define("content_position", schema.Union(
		afterBlock,
		schema.Object(schema.Req("type", schema.Literal("start"))),
		schema.Object(schema.Req("type", schema.Literal("end"))),
	))
	defineDatabases(set)
	defineQueries(set)
	defineViews(set)
	defineCustomEmojis(set)
	defineTemplates(set)
	defineMeetingNotes(set)
	defineComments(set)
	defineFileUploads(set)
	defineSearch(set)
	defineMarkdown(set)
	defineOAuth(set)
	children := schema.Array(schema.Ref("block"), 100)
	set.Define("create_page", schema.Object(
		schema.Opt("parent", schema.Ref("page_parent")),
		schema.Opt("properties", schema.Ref("property_values")),
		schema.Opt("icon", schema.Ref("page_icon")),
		schema.Opt("cover", schema.Ref("page_cover")),
		schema.Opt("content", children),
		schema.Opt("children", children),
		schema.Opt("markdown", schema.String()),
		schema.Opt("markdown_version", markdownVersion),
		schema.Opt("allow_async", schema.Bool()),
		schema.Opt("template", schema.Ref("template")),
		schema.Opt("position", schema.Ref("page_position")),
	))
	set.Define("update_page", schema.Object(
		schema.Opt("properties", schema.Ref("property_values")),
		schema.Opt("icon", schema.Ref("page_icon")),
		schema.Opt("cover", schema.Ref("page_cover")),
		schema.Opt("is_locked", schema.Bool()),
		schema.Opt("template", schema.Ref("template_update")),
		schema.Opt("erase_content", schema.Bool()),
		schema.Opt("in_trash", schema.Bool()),
		schema.Opt("is_archived", schema.Bool()),
	))
	set.Define("move_page", schema.Object(schema.Req("parent", schema.Union(
		schema.Object(schema.Req("page_id", schema.UUID()), schema.Opt("type", schema.Literal("page_id"))),
		schema.Object(schema.Req("data_source_id", schema.UUID()), schema.Opt("type", schema.Literal("data_source_id"))),
	))))
	set.Define("append_block_children", schema.Object(
		schema.Req("children", children),
		schema.Opt("position", schema.Ref("content_position")),
	))
	return set
}

// defineDatabases adds the bodies of requests for databases and data sources.
func defineDatabases(set *schema.Set) {
	set.Define("database_parent", schema.Union(
		schema.Object(schema.Req("page_id", schema.UUID()), schema.Opt("type", schema.Literal("page_id"))),
		schema.Object(schema.Req("workspace", schema.True()), schema.Opt("type", schema.Literal("workspace"))),
	))
	set.Define("data_source_parent", schema.Object(
		schema.Req("database_id", schema.UUID()), schema.Opt("type", schema.Literal("database_id")),
	))
	text := schema.Ref("rich_text")
	set.Define("create_database", schema.Object(
		schema.Req("parent", schema.Ref("database_parent")),
		schema.Opt("title", text),
		schema.Opt("description", text),
		schema.Opt("is_inline", schema.Bool()),
		schema.Opt("initial_data_source", schema.Object(schema.Opt("properties", schema.Ref("property_schemas")))),
		schema.Opt("icon", schema.Ref("icon")),
		schema.Opt("cover", schema.Ref("cover")),
	))
	set.Define("update_database", schema.Object(
		schema.Opt("parent", schema.Ref("database_parent")),
		schema.Opt("title", text),
		schema.Opt("description", text),
		schema.Opt("is_inline", schema.Bool()),
		schema.Opt("icon", schema.Ref("icon")),
		schema.Opt("cover", schema.Ref("cover")),
		schema.Opt("in_trash", schema.Bool()),
		schema.Opt("is_locked", schema.Bool()),
		schema.Opt("properties", schema.Any()), // ignored
	))
	set.Define("create_data_source", schema.Object(
		schema.Req("parent", schema.Ref("data_source_parent")),
		schema.Req("properties", schema.Ref("property_schemas")),
		schema.Opt("title", text),
		schema.Opt("icon", schema.Ref("page_icon")),
		schema.Opt("description", text), // only to be refused by its own text
	))
	set.Define("update_data_source", schema.Object(
		schema.Opt("title", text),
		schema.Opt("icon", schema.Ref("page_icon")),
		schema.Opt("properties", schema.Ref("property_schema_updates")),
		schema.Opt("in_trash", schema.Bool()),
		schema.Opt("parent", schema.Ref("data_source_parent")),
	))
}

// defineComments adds the bodies of requests for comments. What goes with what is said by
// variants, as in the API's own description (services.md §2.3).
func defineComments(set *schema.Set) {
	set.Define("comment_parent", schema.Union(
		schema.Object(schema.Req("page_id", schema.UUID()), schema.Opt("type", schema.Literal("page_id"))),
		schema.Object(schema.Req("block_id", schema.UUID()), schema.Opt("type", schema.Literal("block_id"))),
	))
	set.Define("comment_attachments", schema.Array(schema.Object(
		schema.Req("file_upload_id", schema.UUID()), schema.Opt("type", schema.Literal("file_upload")),
	), 3))
	set.Define("comment_display_name", schema.Union(
		schema.Object(schema.Req("type", schema.Literal("integration"))),
		schema.Object(schema.Req("type", schema.Literal("user"))),
		schema.Object(
			schema.Req("custom", schema.Object(schema.Req("name", schema.String()))),
			schema.Req("type", schema.Literal("custom")),
		),
	))
	parent := schema.Req("parent", schema.Ref("comment_parent"))
	discussion := schema.Req("discussion_id", schema.UUID())
	richText := schema.Req("rich_text", schema.Ref("rich_text"))
	text, version := schema.Req("markdown", schema.String()), schema.Opt("markdown_version", markdownVersion)
	with := func(fields ...schema.Field) schema.Type {
		return schema.Object(append([]schema.Field{
			schema.Opt("attachments", schema.Ref("comment_attachments")),
			schema.Opt("display_name", schema.Ref("comment_display_name")),
		}, fields...)...)
	}
	set.Define("create_comment", schema.Union(
		with(parent, richText), with(parent, text, version), with(discussion, richText), with(discussion, text, version),
	))
	set.Define("update_comment", schema.Union(schema.Object(richText), schema.Object(text, version)))
}

// markdownVersion names the grammar of a text (pages-blocks.md §6.1).
var markdownVersion = schema.Literal("v1", "v2")

// defineMarkdown adds what requests for the content of pages as text hold.
func defineMarkdown(set *schema.Set) {
	set.Redefine("get_page_markdown.query", schema.Object(
		schema.Opt("include_transcript", schema.Bool()), schema.Opt("markdown_version", markdownVersion),
	))
	allow := schema.Opt("allow_deleting_content", schema.Bool())
	set.Define("insert_content", schema.Object(
		schema.Req("content", schema.String()),
		schema.Opt("after", schema.String()),
		schema.Opt("position", schema.Union(
			schema.Object(schema.Req("type", schema.Literal("start"))),
			schema.Object(schema.Req("type", schema.Literal("end"))),
		)),
	))
	set.Define("replace_content_range", schema.Object(
		schema.Req("content", schema.String()), schema.Req("content_range", schema.String()), allow,
	))
	set.Define("update_content", schema.Object(
		schema.Req("content_updates", schema.Array(schema.Object(
			schema.Req("old_str", schema.String()), schema.Req("new_str", schema.String()), schema.Opt("replace_all_matches", schema.Bool()),
		), 100)),
		allow,
	))
	set.Define("replace_content", schema.Object(schema.Req("new_str", schema.String()), allow))
	var commands []schema.Type
	for _, name := range []string{"insert_content", "replace_content_range", "update_content", "replace_content"} {
		commands = append(commands, schema.Object(
			schema.Req(name, schema.Ref(name)), schema.Req("type", schema.Literal(name)),
			schema.Opt("allow_async", schema.Bool()), schema.Opt("markdown_version", markdownVersion),
		))
	}
	set.Define("update_page_markdown", schema.Union(commands...))
}
