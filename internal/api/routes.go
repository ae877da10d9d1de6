package api

import (
	"octavo/internal/core"
	"octavo/internal/notion"
	"octavo/internal/version"
)

// standing says how far an operation of the hosted API is served here.
type standing uint8

const (
	served standing = iota
	// notPlanned is out of scope and answers invalid_request for good.
	notPlanned
)

// route is one operation of the API. Its name also names its request schemas: the body
// is checked against name, the query string against name + ".query".
type route struct {
	method, path string
	name         string
	// sdk is the method of the official SDK that calls it.
	sdk    string
	handle handler
	// needs is the capability without which the answer is restricted_resource.
	needs core.Capability
	// since and until bound the versions in which the operation exists: since is the
	// first, until the first without it. Empty means no bound.
	since, until version.Version
	// remember marks an operation that only reads what has a revision, so that its answers
	// can be remembered.
	remember bool
	// open marks an operation that takes the id and secret of a client in place of a bearer
	// token, and no version: those of OAuth (contract.md §6).
	open bool
	// form marks an operation whose body is a form, which is read as it arrives and may
	// hold a file.
	form     bool
	standing standing
}

// handler carries out one operation whose request has passed every check of
// contract.md §1.7 up to the capability.
type handler func(*API, *call) (notion.Object, error)

// none marks an operation that any token may use.
const none core.Capability = 0

// routes is the whole surface of the API: what is served, and what is known and not.
var routes = []route{
	// Users
	{method: "GET", path: "/v1/users/me", name: "get_self", sdk: "users.me", handle: getSelf, needs: none},
	{method: "GET", path: "/v1/users/{user_id}", name: "get_user", sdk: "users.retrieve", handle: getUser, needs: core.ReadUsers},
	{method: "GET", path: "/v1/users", name: "list_users", sdk: "users.list", handle: listUsers, needs: core.ReadUsers},

	// Pages
	{method: "POST", path: "/v1/pages", name: "create_page", sdk: "pages.create", handle: createPage, needs: core.InsertContent},
	{method: "GET", path: "/v1/pages/{page_id}", name: "get_page", sdk: "pages.retrieve", handle: getPage, needs: core.ReadContent, remember: true},
	{method: "PATCH", path: "/v1/pages/{page_id}", name: "update_page", sdk: "pages.update", handle: updatePage, needs: core.UpdateContent},
	{method: "GET", path: "/v1/pages/{page_id}/properties/{property_id}", name: "get_page_property", sdk: "pages.properties.retrieve", handle: getPageProperty, needs: core.ReadContent, remember: true},
	{method: "POST", path: "/v1/pages/{page_id}/move", name: "move_page", sdk: "pages.move", handle: movePage, needs: core.UpdateContent},
	{method: "GET", path: "/v1/pages/{page_id}/markdown", name: "get_page_markdown", sdk: "pages.retrieveMarkdown", handle: getPageMarkdown, needs: core.ReadContent, remember: true},
	{method: "PATCH", path: "/v1/pages/{page_id}/markdown", name: "update_page_markdown", sdk: "pages.updateMarkdown", handle: updatePageMarkdown, needs: core.UpdateContent},

	// Blocks
	{method: "GET", path: "/v1/blocks/{block_id}", name: "get_block", sdk: "blocks.retrieve", handle: getBlock, needs: core.ReadContent, remember: true},
	{method: "PATCH", path: "/v1/blocks/{block_id}", name: "update_block", sdk: "blocks.update", handle: updateBlock, needs: core.UpdateContent},
	{method: "DELETE", path: "/v1/blocks/{block_id}", name: "delete_block", sdk: "blocks.delete", handle: deleteBlock, needs: core.UpdateContent},
	{method: "GET", path: "/v1/blocks/{block_id}/children", name: "list_block_children", sdk: "blocks.children.list", handle: listBlockChildren, needs: core.ReadContent, remember: true},
	{method: "PATCH", path: "/v1/blocks/{block_id}/children", name: "append_block_children", sdk: "blocks.children.append", handle: appendBlockChildren, needs: core.InsertContent},
	{method: "POST", path: "/v1/blocks/meeting_notes/query", name: "query_meeting_notes", sdk: "blocks.meetingNotes.query", handle: queryMeetingNotes, needs: core.ReadContent},
	{method: "POST", path: "/v1/blocks/meeting_notes", name: "create_meeting_notes", sdk: "blocks.meetingNotes.create", handle: createMeetingNotes, needs: core.InsertContent},

	// Databases and data sources
	{method: "POST", path: "/v1/databases", name: "create_database", sdk: "databases.create", handle: createDatabase, needs: core.InsertContent},
	{method: "GET", path: "/v1/databases/{database_id}", name: "get_database", sdk: "databases.retrieve", handle: getDatabase, needs: core.ReadContent, remember: true},
	{method: "PATCH", path: "/v1/databases/{database_id}", name: "update_database", sdk: "databases.update", handle: updateDatabase, needs: core.UpdateContent},
	{method: "GET", path: "/v1/databases", name: "list_databases", until: version.V20220222, handle: listDatabases, needs: core.ReadContent},
	{method: "POST", path: "/v1/databases/{database_id}/query", name: "query_database", until: version.V20260311, handle: queryDatabase, needs: core.ReadContent},
	{method: "POST", path: "/v1/data_sources", name: "create_data_source", sdk: "dataSources.create", since: version.V20250903, handle: createDataSource, needs: core.InsertContent},
	{method: "GET", path: "/v1/data_sources/{data_source_id}", name: "get_data_source", sdk: "dataSources.retrieve", since: version.V20250903, handle: getDataSource, needs: core.ReadContent, remember: true},
	{method: "PATCH", path: "/v1/data_sources/{data_source_id}", name: "update_data_source", sdk: "dataSources.update", since: version.V20250903, handle: updateDataSource, needs: core.UpdateContent},
	{method: "POST", path: "/v1/data_sources/{data_source_id}/query", name: "query_data_source", sdk: "dataSources.query", since: version.V20250903, handle: queryDataSource, needs: core.ReadContent},
	{method: "GET", path: "/v1/data_sources/{data_source_id}/templates", name: "list_data_source_templates", sdk: "dataSources.listTemplates", since: version.V20250903, handle: listTemplates, needs: core.ReadContent},

	// Search
	{method: "POST", path: "/v1/search", name: "search", sdk: "search", handle: search, needs: core.ReadContent},

	// Comments
	{method: "GET", path: "/v1/comments", name: "list_comments", sdk: "comments.list", handle: listComments, needs: core.ReadComments, remember: true},
	{method: "POST", path: "/v1/comments", name: "create_comment", sdk: "comments.create", handle: createComment, needs: core.InsertComments},
	{method: "DELETE", path: "/v1/comments/{comment_id}", name: "delete_comment", sdk: "comments.delete", handle: deleteComment, needs: core.InsertComments},
	{method: "GET", path: "/v1/comments/{comment_id}", name: "get_comment", sdk: "comments.retrieve", handle: getComment, needs: core.ReadComments, remember: true},
	{method: "PATCH", path: "/v1/comments/{comment_id}", name: "update_comment", sdk: "comments.update", handle: updateComment, needs: core.InsertComments},

	// File uploads
	{method: "GET", path: "/v1/file_uploads", name: "list_file_uploads", sdk: "fileUploads.list", handle: listFileUploads, needs: none},
	{method: "POST", path: "/v1/file_uploads", name: "create_file_upload", sdk: "fileUploads.create", handle: createFileUpload, needs: none},
	{method: "GET", path: "/v1/file_uploads/{file_upload_id}", name: "get_file_upload", sdk: "fileUploads.retrieve", handle: getFileUpload, needs: none},
	{method: "POST", path: "/v1/file_uploads/{file_upload_id}/complete", name: "complete_file_upload", sdk: "fileUploads.complete", handle: completeFileUpload, needs: none},
	{method: "POST", path: "/v1/file_uploads/{file_upload_id}/send", name: "send_file_upload", sdk: "fileUploads.send", handle: sendFileUpload, needs: none, form: true},

	// Views
	{method: "GET", path: "/v1/views", name: "list_views", sdk: "views.list", since: version.V20250903, handle: listViews, needs: core.ReadContent, remember: true},
	{method: "POST", path: "/v1/views", name: "create_view", sdk: "views.create", since: version.V20250903, handle: createView, needs: core.InsertContent},
	{method: "DELETE", path: "/v1/views/{view_id}", name: "delete_view", sdk: "views.delete", since: version.V20250903, handle: deleteView, needs: core.UpdateContent},
	{method: "GET", path: "/v1/views/{view_id}", name: "get_view", sdk: "views.retrieve", since: version.V20250903, handle: getView, needs: core.ReadContent, remember: true},
	{method: "PATCH", path: "/v1/views/{view_id}", name: "update_view", sdk: "views.update", since: version.V20250903, handle: updateView, needs: core.UpdateContent},
	{method: "POST", path: "/v1/views/{view_id}/queries", name: "create_view_query", sdk: "views.queries.create", since: version.V20250903, handle: createViewQuery, needs: core.ReadContent},
	{method: "DELETE", path: "/v1/views/{view_id}/queries/{query_id}", name: "delete_view_query", sdk: "views.queries.delete", since: version.V20250903, handle: deleteViewQuery, needs: core.ReadContent},
	{method: "GET", path: "/v1/views/{view_id}/queries/{query_id}", name: "get_view_query_results", sdk: "views.queries.results", since: version.V20250903, handle: getViewQueryResults, needs: core.ReadContent},

	// Custom emojis and async tasks
	{method: "GET", path: "/v1/custom_emojis", name: "list_custom_emojis", sdk: "customEmojis.list", handle: listCustomEmojis, needs: none},
	{method: "GET", path: "/v1/async_tasks/{task_id}", name: "get_async_task", sdk: "asyncTasks.retrieve", handle: getAsyncTask, needs: none},

	// OAuth, which has its own way of authorization
	{method: "POST", path: "/v1/oauth/introspect", name: "introspect_token", sdk: "oauth.introspect", handle: introspectToken, needs: none, open: true},
	{method: "POST", path: "/v1/oauth/revoke", name: "revoke_token", sdk: "oauth.revoke", handle: revokeToken, needs: none, open: true},
	{method: "POST", path: "/v1/oauth/token", name: "create_token", sdk: "oauth.token", handle: createToken, needs: none, open: true},

	// Agents, sessions and threads: they need a model and a hosting platform, which a workspace server is not
	{method: "GET", path: "/v1/agents", name: "list_agents", standing: notPlanned},
	{method: "POST", path: "/v1/agents/batch", name: "batch_agents", sdk: "agents.batch", standing: notPlanned},
	{method: "POST", path: "/v1/agents/query", name: "query_agents", sdk: "agents.query", standing: notPlanned},
	{method: "DELETE", path: "/v1/agents/{agent_id}", name: "delete_agent", sdk: "agents.delete", standing: notPlanned},
	{method: "GET", path: "/v1/agents/{agent_id}", name: "get_agent", sdk: "agents.retrieve", standing: notPlanned},
	{method: "POST", path: "/v1/agents/{agent_id}/chat", name: "chat_with_agent", standing: notPlanned},
	{method: "PATCH", path: "/v1/agents/{agent_id}/credit_limit", name: "update_agent_credit_limit", sdk: "agents.updateCreditLimit", standing: notPlanned},
	{method: "GET", path: "/v1/agents/{agent_id}/insights", name: "get_agent_insights", sdk: "agents.retrieveInsights", standing: notPlanned},
	{method: "PATCH", path: "/v1/agents/{agent_id}/status", name: "update_agent_status", sdk: "agents.updateStatus", standing: notPlanned},
	{method: "GET", path: "/v1/agents/{agent_id}/threads", name: "list_threads", standing: notPlanned},
	{method: "POST", path: "/v1/agents/{agent_id}/threads/query", name: "query_threads", standing: notPlanned},
	{method: "POST", path: "/v1/sessions", name: "update_session", sdk: "sessions.update, sessions.stream", standing: notPlanned},
	{method: "POST", path: "/v1/sessions/query", name: "query_sessions", sdk: "sessions.query", standing: notPlanned},
	{method: "GET", path: "/v1/sessions/{session_id}", name: "get_session", sdk: "sessions.retrieve", standing: notPlanned},
	{method: "POST", path: "/v1/sessions/{session_id}/cancel", name: "cancel_session", sdk: "sessions.cancel", standing: notPlanned},
	{method: "POST", path: "/v1/sessions/{session_id}/events/query", name: "query_session_events", sdk: "sessions.queryEvents", standing: notPlanned},
	{method: "POST", path: "/v1/threads/{thread_id}/continue", name: "continue_thread", standing: notPlanned},
	{method: "GET", path: "/v1/threads/{thread_id}/messages", name: "list_thread_messages", standing: notPlanned},
	{method: "POST", path: "/v1/threads/{thread_id}/messages", name: "send_thread_message", standing: notPlanned},
	{method: "POST", path: "/v1/threads/{thread_id}/messages/query", name: "query_thread_messages", standing: notPlanned},
	{method: "POST", path: "/v1/external_agent_stub/{agent_id}/sessions", name: "start_external_agent_session", standing: notPlanned},
	{method: "GET", path: "/v1/external_agent_stub/{agent_id}/sessions/{session_id}/events", name: "list_external_agent_session_events", standing: notPlanned},
	{method: "POST", path: "/v1/external_agent_stub/{agent_id}/sessions/{session_id}/messages", name: "send_external_agent_session_message", standing: notPlanned},
	{method: "POST", path: "/v1/external_agent_stub/{agent_id}/vaults", name: "create_external_agent_vault", standing: notPlanned},
	{method: "DELETE", path: "/v1/external_agent_stub/{agent_id}/vaults/{vault_id}", name: "delete_external_agent_vault", standing: notPlanned},
	{method: "PATCH", path: "/v1/external_agent_stub/{agent_id}/vaults/{vault_id}", name: "update_external_agent_vault", standing: notPlanned},
}
