package admin

import (
	"net/http"
	"slices"
	"strings"

	"octavo/internal/core"
	"octavo/internal/jsonx"
	"octavo/internal/schema"
)

// route is one endpoint under /_octavo/.
type route struct {
	method, path string
	name         string
	summary      string
	// query and body are what the request may carry. A body is expected exactly when the
	// route has fields for one.
	query, body []field
	// answer names the shape of the answer; list says that it is a list of them. media is the
	// content type of an answer that is no JSON.
	answer string
	list   bool
	media  string
	// open endpoints take no admin token.
	open bool
	// asks says of a POST that it changes nothing, and copies of a GET that it hands out
	// everything: the audit log has what changes something, and that.
	asks, copies bool
	// rowless says that what a route changes is not in the database.
	rowless bool
	// scoped endpoints act on one workspace: the one in the query, or the oldest.
	scoped bool
	// handle answers with JSON; serve writes an answer of another kind by itself.
	handle func(*Admin, *call) (jsonx.Value, error)
	serve  func(*Admin, http.ResponseWriter, *http.Request) error
}

var (
	workspaceID = id("workspace_id", "The workspace to act on. Without it: the oldest.")
	page        = []field{
		text("start_cursor", "The next_cursor of the part before."),
		{"page_size", "How many results at most.", schema.Number().Min(1).Max(100), `{"type":"integer","minimum":1,"maximum":100,"default":100}`, false},
	}

	name         = text("name", "What people call it, at most 200 characters.")
	timeZone     = text("time_zone", "Where the days of the workspace begin, for filters such as today: a name of the IANA database, such as Europe/Berlin.")
	email        = text("email", "Unique in the workspace. Letter case is not kept.")
	avatarURL    = text("avatar_url", "An http or https URL.")
	role         = oneOf("role", "Guests are left out of the API's user lists.", core.Roles...)
	capabilities = texts("capabilities", "Names: "+strings.Join(core.AllCapabilities.Names(), ", ")+".")
	integration  = id("integration_id", "The integration.")
	redirectURIs = texts("redirect_uris", "Where people may be sent back to, http or https URLs without a fragment.")
	receiverURL  = text("url", "Where events are posted to: an https URL of a public address, or of a network that the server was started with. It can change until the subscription is verified.")
	eventNames   = texts("events", "Names of event types. Without it: all that the version has. "+eventsDoc())
	apiVersion   = oneOf("api_version", "The version of the events. Without it: the newest.", versionNames()...)
)

// routes is everything under /_octavo/.
var routes = []route{
	// The process
	{method: "GET", path: "/_octavo/healthz", name: "health", summary: "Whether the process runs.", open: true, answer: "health", serve: health},
	{method: "GET", path: "/_octavo/readyz", name: "readiness", summary: "Whether the server takes requests: the database answers and the server is not shutting down.", open: true, answer: "readiness", serve: readiness},
	{method: "GET", path: "/_octavo/metrics", name: "metrics", summary: "Metrics for Prometheus.", open: true, media: "text/plain", serve: metrics},
	{method: "GET", path: "/_octavo/openapi.json", name: "openapi", summary: "This description.", open: true, handle: openAPI},

	// Workspaces
	{method: "GET", path: "/_octavo/workspaces", name: "list_workspaces", summary: "List the workspaces, oldest first.", query: page, answer: "workspace", list: true, handle: listWorkspaces},
	{method: "POST", path: "/_octavo/workspaces", name: "create_workspace", summary: "Create an empty workspace.", body: []field{must(name), timeZone}, answer: "workspace", handle: createWorkspace},
	{method: "PATCH", path: "/_octavo/workspaces/{workspace_id}", name: "update_workspace", summary: "Change a workspace.", body: []field{name, timeZone}, answer: "workspace", handle: updateWorkspace},

	// People and bots
	{method: "GET", path: "/_octavo/users", name: "list_users", summary: "List people and bots, guests and deactivated ones included.", query: page, scoped: true, answer: "user", list: true, handle: listUsers},
	{method: "POST", path: "/_octavo/users", name: "create_user", summary: "Add a person.", scoped: true, body: []field{must(name), nullable(email), nullable(avatarURL), role}, answer: "user", handle: createUser},
	{method: "GET", path: "/_octavo/users/{user_id}", name: "get_user", summary: "Get a person or bot.", scoped: true, answer: "user", handle: getUser},
	{method: "PATCH", path: "/_octavo/users/{user_id}", name: "update_user", summary: "Change or deactivate a person. Deactivating disables the person's personal integrations.", scoped: true, body: []field{name, nullable(email), nullable(avatarURL), role, flag("deactivated", "Deactivated people are not found through the API.")}, answer: "user", handle: updateUser},
	{method: "POST", path: "/_octavo/users/{user_id}/invite", name: "invite_user", summary: "Make a link with which a person sets a password, once and within a week, whether or not they have one. Links made before stop working.", scoped: true, answer: "invitation", handle: inviteUser},

	// Integrations
	{method: "GET", path: "/_octavo/integrations", name: "list_integrations", summary: "List integrations, disabled ones included.", query: page, scoped: true, answer: "integration", list: true, handle: listIntegrations},
	{method: "POST", path: "/_octavo/integrations", name: "create_integration", summary: "Create an integration and its bot. It sees nothing until something is shared with it.", scoped: true, body: []field{must(name), oneOf("kind", "Without it: internal.", "internal", "public", "personal"), capabilities, id("owner_id", "The person a public or personal integration acts for.")}, answer: "integration", handle: createIntegration},
	{method: "GET", path: "/_octavo/integrations/{integration_id}", name: "get_integration", summary: "Get an integration.", scoped: true, answer: "integration", handle: getIntegration},
	{method: "PATCH", path: "/_octavo/integrations/{integration_id}", name: "update_integration", summary: "Change or disable an integration.", scoped: true, body: []field{name, capabilities, flag("disabled", "The tokens of a disabled integration do not work.")}, answer: "integration", handle: updateIntegration},

	// Shares
	{method: "GET", path: "/_octavo/integrations/{integration_id}/shares", name: "list_shares", summary: "List what is shared with an integration.", query: page, scoped: true, answer: "share", list: true, handle: listShares},
	{method: "POST", path: "/_octavo/integrations/{integration_id}/shares", name: "add_share", summary: "Share a page and everything below it, or the whole workspace, with an integration.", scoped: true, body: shareTarget, answer: "share", handle: addShare},
	{method: "DELETE", path: "/_octavo/integrations/{integration_id}/shares", name: "remove_share", summary: "Take a share back.", query: shareTarget, scoped: true, answer: "share", handle: removeShare},

	// Tokens
	{method: "GET", path: "/_octavo/tokens", name: "list_tokens", summary: "List tokens, expired and revoked ones included. The tokens themselves are not kept.", query: append([]field{integration}, page...), scoped: true, answer: "token", list: true, handle: listTokens},
	{method: "POST", path: "/_octavo/tokens", name: "create_token", summary: "Issue a token. The answer is the only place it is ever shown.", scoped: true, body: []field{must(integration), text("name", "What the token is for."), nullable(when("expires_time", "When the token stops working. Null and absent: never."))}, answer: "token", handle: createToken},
	{method: "DELETE", path: "/_octavo/tokens/{token_id}", name: "revoke_token", summary: "Revoke a token for good.", scoped: true, answer: "token", handle: revokeToken},
	{method: "POST", path: "/_octavo/tokens/{token_id}/rotate", name: "rotate_token", summary: "Issue a token in place of another, for the same integration. The answer is the only place it is ever shown.", scoped: true, body: []field{nullable(when("expires_time", "When the new one stops working. Null: never. Without it: when the old one does.")), text("overlap", "How long the old one still works, such as 24h, at most 720h. Without it: it is revoked at once.")}, answer: "token", handle: rotateToken},

	// Public integrations, which belong to no workspace
	{method: "GET", path: "/_octavo/oauth/clients", name: "list_oauth_clients", summary: "List the public integrations that people can authorise, disabled ones included.", query: page, answer: "oauth_client", list: true, handle: listOAuthClients},
	{method: "POST", path: "/_octavo/oauth/clients", name: "create_oauth_client", summary: "Register a public integration. The answer is the only place its client secret is ever shown.", body: []field{must(name), must(redirectURIs), capabilities}, answer: "oauth_client", handle: createOAuthClient},
	{method: "GET", path: "/_octavo/oauth/clients/{client_id}", name: "get_oauth_client", summary: "Get a public integration.", answer: "oauth_client", handle: getOAuthClient},
	{method: "PATCH", path: "/_octavo/oauth/clients/{client_id}", name: "update_oauth_client", summary: "Change or disable a public integration. Capabilities and redirect URIs hold for authorisations to come.", body: []field{name, redirectURIs, capabilities, flag("disabled", "A disabled one can neither be authorised nor get tokens. Those it has keep working.")}, answer: "oauth_client", handle: updateOAuthClient},
	{method: "POST", path: "/_octavo/oauth/clients/{client_id}/secret", name: "rotate_oauth_secret", summary: "Give a public integration a new client secret. The old one stops working.", answer: "oauth_client", handle: rotateOAuthSecret},
	{method: "POST", path: "/_octavo/oauth/clients/{client_id}/authorize", name: "authorize_oauth_client", summary: "Authorise a public integration for a person, as they would in a browser.", scoped: true, body: authorizeFields, answer: "authorization", handle: authorizeOAuthClient},

	// Discussions
	{method: "GET", path: "/_octavo/discussions", name: "list_discussions", summary: "List discussions, resolved ones included.", query: append([]field{id("block_id", "Only those of one page or block.")}, page...), scoped: true, answer: "discussion", list: true, handle: listDiscussions},
	{method: "PATCH", path: "/_octavo/discussions/{discussion_id}", name: "update_discussion", summary: "Resolve or reopen a discussion. The comments of a resolved one are not found through the API.", scoped: true, body: []field{must(flag("resolved", "Whether it is resolved."))}, answer: "discussion", handle: updateDiscussion},

	// Trash
	{method: "GET", path: "/_octavo/trash", name: "list_trash", summary: "List what is in the trash by itself. What hangs on it is there with it.", query: append(slices.Clone(trashFilter), page...), scoped: true, answer: "trash_item", list: true, handle: listTrash},
	{method: "DELETE", path: "/_octavo/trash", name: "empty_trash", summary: "Remove what is in the trash for good. What is too much for one request is removed in part: ask again while there is more.", query: trashFilter, scoped: true, answer: "purge", handle: emptyTrash},
	{method: "POST", path: "/_octavo/trash/{object_id}/restore", name: "restore_from_trash", summary: "Bring something back to its place. The answer is what it was in the trash.", scoped: true, body: []field{id("user_id", "The person who is noted as the editor. Without it: the oldest active owner.")}, answer: "trash_item", handle: restoreFromTrash},
	{method: "DELETE", path: "/_octavo/trash/{object_id}", name: "purge_from_trash", summary: "Remove something that is in the trash for good, with all that hangs on it. What is too much for one request is removed in part: ask again while there is more.", scoped: true, answer: "purge", handle: purgeFromTrash},

	// Custom emojis
	{method: "GET", path: "/_octavo/emojis", name: "list_emojis", summary: "List the emojis of a workspace's own.", query: page, scoped: true, answer: "emoji", list: true, handle: listEmojis},
	{method: "POST", path: "/_octavo/emojis", name: "create_emoji", summary: "Give a workspace an emoji.", scoped: true, body: []field{must(text("name", "What stands between the colons: unique in the workspace, up to 100 bytes, without spaces and colons.")), text("url", "Where its picture is, an http or https URL. Clients load it from there."), text("filename", "The name of the file that its picture is, with the extension of an image. Without url, together with content."), text("content", "That file in base64, up to 256 KiB. Clients load it by a link that is signed and ends.")}, answer: "emoji", handle: createEmoji},
	{method: "DELETE", path: "/_octavo/emojis/{emoji_id}", name: "delete_emoji", summary: "Take an emoji away. Icons and mentions of it show nothing then.", scoped: true, answer: "emoji", handle: deleteEmoji},

	// Templates
	{method: "GET", path: "/_octavo/data_sources/{data_source_id}/templates", name: "list_templates", summary: "List the pages that are marked as templates of a data source.", query: page, scoped: true, answer: "template", list: true, handle: listTemplates},
	{method: "POST", path: "/_octavo/data_sources/{data_source_id}/templates", name: "add_template", summary: "Mark a page as a template of a data source, or change whether it is the default one. An integration can use it when the page is shared with it. A template that is in the data source is no row of it any more to queries, relations and searches.", scoped: true, body: []field{must(id("page_id", "The page.")), flag("is_default", "Whether it is the default template, in place of the one before. Without it: false.")}, answer: "template", handle: addTemplate},
	{method: "DELETE", path: "/_octavo/data_sources/{data_source_id}/templates/{page_id}", name: "remove_template", summary: "Take the mark of a template from a page. The page stays, and is a row again.", scoped: true, answer: "template", handle: removeTemplate},

	// Webhooks
	{method: "GET", path: "/_octavo/webhooks", name: "list_webhooks", summary: "List subscriptions.", query: append([]field{integration}, page...), scoped: true, answer: "webhook", list: true, handle: listWebhooks},
	{method: "POST", path: "/_octavo/webhooks", name: "create_webhook", summary: "Subscribe a receiver to events. It is sent a verification token at once, and is told of nothing before the token is given back.", scoped: true, body: []field{must(integration), must(receiverURL), eventNames, apiVersion}, answer: "webhook", handle: createWebhook},
	{method: "GET", path: "/_octavo/webhooks/{webhook_id}", name: "get_webhook", summary: "Get a subscription.", scoped: true, answer: "webhook", handle: getWebhook},
	{method: "PATCH", path: "/_octavo/webhooks/{webhook_id}", name: "update_webhook", summary: "Change, pause or resume a subscription. What happens while it is paused is told when it is resumed, as far as the log of changes goes back.", scoped: true, body: []field{receiverURL, eventNames, apiVersion, flag("paused", "Whether nothing is sent.")}, answer: "webhook", handle: updateWebhook},
	{method: "DELETE", path: "/_octavo/webhooks/{webhook_id}", name: "delete_webhook", summary: "Delete a subscription and what is on its way to it.", scoped: true, answer: "webhook", handle: deleteWebhook},
	{method: "POST", path: "/_octavo/webhooks/{webhook_id}/verify", name: "verify_webhook", summary: "Make a subscription active with the token that its receiver was sent.", scoped: true, body: []field{must(text("verification_token", "What the receiver was sent."))}, answer: "webhook", handle: verifyWebhook},
	{method: "POST", path: "/_octavo/webhooks/{webhook_id}/resend", name: "resend_verification", rowless: true, summary: "Send the verification token to the receiver again.", scoped: true, answer: "webhook", handle: resendVerification},
	{method: "GET", path: "/_octavo/webhooks/{webhook_id}/deliveries", name: "list_deliveries", summary: "List the events of a subscription and what came of the attempts to deliver them, newest first.", query: append([]field{oneOf("state", "Only those in one state.", core.DeliveryStates...)}, page...), scoped: true, answer: "delivery", list: true, handle: listDeliveries},
	{method: "GET", path: "/_octavo/webhooks/{webhook_id}/deliveries/{delivery_id}", name: "get_delivery", summary: "Get an event of a subscription.", scoped: true, answer: "delivery", handle: getDelivery},
	{method: "POST", path: "/_octavo/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver", name: "redeliver", summary: "Send an event again, as if for the first time, whatever came of it before.", scoped: true, answer: "delivery", handle: redeliver},

	// Limits
	{method: "GET", path: "/_octavo/limits", name: "get_limits", summary: "Get the limits that requests of the API are held to.", answer: "limits", handle: getLimits},
	{method: "PATCH", path: "/_octavo/limits", name: "update_limits", rowless: true, summary: "Change limits until the server stops. The others are chosen when it starts.", body: []field{whole("rate_limit", "Requests a minute that each connection may make, 0 for no limit.", 0), whole("max_query_rows", "Rows that a query of a data source answers with on all its pages together, 0 for no limit.", 0)}, answer: "limits", handle: updateLimits},

	// Faults
	{method: "GET", path: "/_octavo/faults", name: "list_faults", summary: "List the fault rules, spent ones included.", answer: "fault", list: true, handle: listFaults},
	{method: "POST", path: "/_octavo/faults", name: "add_fault", rowless: true, summary: "Add a rule that makes requests fail.", body: faultFields, answer: "fault", handle: addFault},
	{method: "DELETE", path: "/_octavo/faults", name: "reset_faults", rowless: true, summary: "Remove every fault rule. The answer lists what was removed.", answer: "fault", list: true, handle: resetFaults},
	{method: "DELETE", path: "/_octavo/faults/{fault_id}", name: "delete_fault", rowless: true, summary: "Remove a fault rule.", answer: "fault", handle: deleteFault},

	// Formulas
	{method: "POST", path: "/_octavo/formula/check", name: "check_formula", asks: true, summary: "Say whether an expression is a formula for a data source, what it yields, or where and why not.", scoped: true, body: []field{must(id("data_source_id", "The data source whose properties the formula names.")), must(text("expression", "The formula."))}, answer: "formula_check", handle: checkFormula},

	// Requests of the API
	{method: "GET", path: "/_octavo/requests", name: "list_requests", summary: "List the latest requests of the API, the newest first, as far as the server remembers them.", query: append(slices.Clone(requestFilter), page...), answer: "request", list: true, handle: listRequests},
	{method: "GET", path: "/_octavo/requests/{request_id}", name: "get_request", summary: "Get a request of the API by its request_id.", answer: "request", handle: getRequest},

	// Audit
	{method: "GET", path: "/_octavo/audit", name: "list_audit", summary: "List what was done through these endpoints, the newest first: every request that was to change something, and every backup, whatever came of it.", query: append(slices.Clone(auditFilter), page...), answer: "audit_entry", list: true, handle: listAudit},
	{method: "GET", path: "/_octavo/audit/{entry_id}", name: "get_audit", summary: "Get an entry of the audit log.", answer: "audit_entry", handle: getAudit},

	// Data
	{method: "GET", path: "/_octavo/events", name: "list_events", summary: "List the changes of a workspace, oldest first. next_cursor is the place after the last result, also when there is no more, so that a reader can come back with it.", query: page, scoped: true, answer: "event", list: true, handle: listEvents},
	{method: "GET", path: "/_octavo/backup", name: "backup", rowless: true, copies: true, media: "application/x-tar", summary: "A consistent copy of the SQLite database and of the uploaded files it refers to, taken while the server works, as a tar file. On PostgreSQL: use pg_dump.", query: []field{oneOf("files", "With none, the files are left out.", "none")}, serve: backup},
}

var trashFilter = []field{
	oneOf("type", "Only what is of this type.", core.TrashTypes...),
	when("before", "Only what was put into the trash before this time."),
}

var requestFilter = []field{
	id("workspace_id", "Only those of this workspace."),
	integration,
	text("method", "Only those with this HTTP method."),
	text("route", "Only those of one operation, such as /v1/pages/{page_id}."),
	whole("status", "Only those that were answered with this status.", 100),
	text("code", "Only those that met this error, such as validation_error."),
}

var auditFilter = []field{
	id("workspace_id", "Only what was about this workspace."),
	id("target_id", "Only what was about this object."),
	text("action", "Only this operation, such as create_token."),
	text("actor", "Only what this actor did."),
	when("since", "Only from this time on."),
	when("until", "Only before this time."),
}

var authorizeFields = []field{
	must(id("user_id", "The person who authorises it, an owner or a member of the workspace.")),
	texts("page_ids", "The pages and databases to share with it. Without it: none."),
	text("redirect_uri", "As in the authorization URL: one of those registered. It can be left out where only one is."),
	text("state", "Goes back with the code."),
	text("code_challenge", "Binds the code to who knows its code_verifier (PKCE)."),
	oneOf("code_challenge_method", "Without it: plain.", "plain", "S256"),
}

var shareTarget = []field{
	id("page_id", "The page. Without it, workspace must be true."),
	oneOfTrue("workspace", "The whole workspace, in place of a page."),
}

var faultFields = []field{
	text("code", "The error to answer with, such as rate_limited. Without it only latency and cut have an effect."),
	text("message", "Takes the place of the documented message."),
	whole("retry_after", "Seconds, as the Retry-After header.", 0),
	text("latency", "How long to wait first, such as 250ms."),
	oneOf("cut", "Where the connection drops.", "after_headers", "mid_body"),
	flag("after_commit", "Carry the request out first, writes included."),
	text("method", "Match one HTTP method. Without it: any."),
	text("path", "Match a path such as /v1/pages/{page_id} or /v1/blocks/*. Without it: any."),
	text("token", "Match one token. Without it: any."),
	id("integration_id", "Match the tokens of one integration. Without it: any."),
	whole("nth", "Fail only every nth matching request.", 1),
	number("probability", "Fail matching requests by chance, between 0 and 1."),
	whole("seed", "The same seed makes the same choices.", 0),
	whole("count", "Fail so many requests, then nothing more.", 1),
}
