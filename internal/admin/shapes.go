package admin

import (
	"strings"
	"time"

	"octavo/internal/core"
	"octavo/internal/faults"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// shape is one kind of object that answers hold.
type shape struct {
	name   string
	fields []field
}

// shownOnce is the key of a shape that only the answer has that makes the object.
var shownOnce = map[string]string{"token": "token", "oauth_client": "client_secret"}

// shapes are the objects of the admin endpoints. A test holds answers against them.
var shapes = []shape{
	{"health", []field{oneOf("status", "", "ok")}},
	{"readiness", []field{oneOf("status", "", "ready")}},
	{"workspace", []field{
		id("id", ""),
		text("name", ""),
		text("time_zone", "Where its days begin, a name of the IANA database."),
		date("created_time", ""),
	}},
	{"user", []field{
		id("id", ""),
		oneOf("type", "", "person", "bot"),
		text("name", ""),
		nullable(text("email", "")),
		nullable(text("avatar_url", "")),
		oneOf("role", "", "owner", "member", "guest", "bot"),
		flag("deactivated", ""),
		date("created_time", ""),
	}},
	{"invitation", []field{
		id("user_id", ""),
		text("url", "The link. Whoever has it can set the password of the person."),
		date("expires_time", ""),
	}},
	{"integration", []field{
		id("id", ""),
		text("name", ""),
		oneOf("kind", "", "internal", "public", "personal"),
		texts("capabilities", ""),
		id("bot_id", "The user that stands as the author of what the integration writes."),
		nullable(id("owner_id", "The person a public or personal integration acts for.")),
		nullable(id("client_id", "The public integration that the person authorised.")),
		flag("disabled", "The tokens of a disabled integration do not work."),
		date("created_time", ""),
	}},
	{"token", []field{
		id("id", ""),
		text("name", ""),
		id("integration_id", ""),
		text("last4", "The last four characters of the token."),
		date("created_time", ""),
		nullable(date("expires_time", "")),
		nullable(date("revoked_time", "")),
		text("token", "The token itself, shown only in the answer that makes it."),
	}},
	{"oauth_client", []field{
		id("id", "The client_id."),
		text("name", ""),
		texts("capabilities", "What those who authorise it let it do."),
		texts("redirect_uris", ""),
		flag("disabled", ""),
		date("created_time", ""),
		text("client_secret", "Shown only in the answer that makes it."),
	}},
	{"authorization", []field{
		text("code", ""),
		text("url", "Where the person's browser would be sent: the redirect URI with code and state."),
		id("integration_id", "What the tokens will act as."),
		date("expires_time", "When the code stops working."),
	}},
	{"share", []field{
		id("integration_id", ""),
		oneOf("type", "", "page", "workspace"),
		nullable(id("page_id", "Null when the whole workspace is shared.")),
	}},
	{"emoji", []field{
		id("id", ""),
		text("name", "What stands between the colons."),
		text("url", "Where its picture is: where it was said to be, or a signed link that ends."),
		date("created_time", ""),
	}},
	{"template", []field{
		id("data_source_id", ""),
		id("page_id", ""),
		flag("is_default", "It is the default template of the data source."),
		date("created_time", "When the page was marked."),
	}},
	{"discussion", []field{
		id("id", ""),
		id("block_id", "The page or block it is on."),
		flag("resolved", "Its comments are not found through the API."),
		date("created_time", ""),
	}},
	{"webhook", []field{
		id("id", ""),
		id("integration_id", "The integration that the events are for."),
		text("url", ""),
		texts("events", ""),
		oneOf("api_version", "", versionNames()...),
		oneOf("state", "A pending subscription waits for its receiver's token.", core.WebhookStates...),
		nullable(text("reason", "Why it is paused, or what it missed when it was resumed.")),
		nullable(date("failing_since", "When the first attempt failed since the receiver last took an event.")),
		date("created_time", ""),
		{key: "verification", describe: `{"anyOf":[{"type":"object","properties":{"delivered":{"type":"boolean"},"status":{"type":["integer","null"]},"error":{"type":["string","null"]}}},{"type":"null"}]}`, doc: "What came of sending the token, in the answer to the request that sent it."},
	}},
	{"delivery", []field{
		id("id", "The id of the event, which all attempts share."),
		id("webhook_id", ""),
		text("type", "Such as page.created."),
		id("entity_id", "What the event is about."),
		oneOf("state", "", core.DeliveryStates...),
		whole("attempts", "How many have been made.", 0),
		date("created_time", ""),
		nullable(date("next_attempt_time", "")),
		{key: "log", describe: `{"type":"array","items":{"type":"object","properties":{"attempt":{"type":"integer"},"time":{"type":"string","format":"date-time"},"took":{"type":"string"},"status":{"type":["integer","null"]},"error":{"type":["string","null"]}}}}`, doc: "What came of the attempts, the last twenty of them."},
		{key: "event", describe: `{"type":"object"}`, doc: "What is sent, as in the first attempt."},
	}},
	{"limits", []field{
		text("profile", "The profile that the server was started with."),
		nullable(whole("rate_limit", "Requests a minute that each connection may make; null when there is no limit.", 1)),
		nullable(whole("max_query_rows", "Rows that a query of a data source answers with on all its pages together; null when there is no limit.", 1)),
		text("request_timeout", "How long a request may run, a duration such as 1m0s."),
		whole("max_in_flight", "How many requests may run at once.", 1),
		whole("max_body", "The largest body, in bytes.", 1),
		nullable(whole("max_blocks", "How many blocks a request may create; null when there is no limit.", 1)),
		whole("max_upload", "The largest file, in bytes.", 1),
		whole("max_part", "The largest part of a file that a request may send, in bytes.", 1),
		flag("unbounded", "Whether texts and arrays may have any length."),
	}},
	{"fault", []field{
		id("id", ""),
		nullable(text("method", "")),
		nullable(text("path", "")),
		nullable(text("token", "The last four characters of the token.")),
		nullable(id("integration_id", "")),
		nullable(text("code", "")),
		nullable(text("message", "")),
		whole("retry_after", "Seconds.", 0),
		text("latency", "A duration such as 250ms."),
		nullable(oneOf("cut", "", "after_headers", "mid_body")),
		flag("after_commit", ""),
		whole("nth", "", 0),
		number("probability", ""),
		whole("seed", "", 0),
		whole("count", "", 0),
		whole("matched", "How many requests fitted the rule so far.", 0),
		whole("applied", "How many of them failed.", 0),
		flag("spent", "The rule has failed count requests and does nothing more."),
	}},
	{"formula_check", []field{
		flag("sound", "Whether the expression would be taken. The next four are null when it would not, the others when it would."),
		nullable(text("expression", "The canonical form, with the names of the properties.")),
		nullable(text("type", "The type of the value, for people, such as List of Text.")),
		nullable(texts("results", "The types of results that pages can show; the first is that of pages without a value.")),
		nullable(flag("timed", "Whether the value changes with time alone.")),
		nullable(text("error", "What the API says, such as Type error with formula.")),
		nullable(text("message", "A sentence that says why.")),
		nullable(text("expected", "The types or pieces of syntax that would fit; null also when the refusal is not about such.")),
		nullable(text("found", "What was found in their place.")),
		nullable(whole("line", "The line of the place, from 1.", 1)),
		nullable(whole("column", "Its column in characters, from 1.", 1)),
		nullable(whole("start", "Where the place begins in the expression, in bytes.", 0)),
		nullable(whole("end", "Where it ends.", 0)),
		nullable(text("snippet", "The line, and under it another with carets at the place.")),
	}},
	{"trash_item", []field{
		id("id", ""),
		oneOf("type", "", core.TrashTypes...),
		text("title", "The plain title of what has one."),
		nullable(id("parent_id", "What it hangs on; null at the top of the workspace.")),
		date("trashed_time", "When it was put there."),
		nullable(id("trashed_by", "The user who did it; null for an administrator, where the workspace has no owner.")),
	}},
	{"purge", []field{
		whole("items", "How many of what was in the trash by itself have been removed.", 0),
		whole("nodes", "How many pages, databases, data sources and blocks that was, with all that hung on them.", 0),
		flag("has_more", "There is more to remove."),
	}},
	{"request", []field{
		id("id", "The request_id of the answer."),
		date("time", "When it came."),
		text("took", "A duration such as 1.5ms, from the first byte of the request to the last of the answer."),
		text("method", ""),
		text("target", "The path with the query."),
		nullable(text("route", "The path of the operation; null when there is none.")),
		nullable(text("version", "The Notion-Version, as sent.")),
		whole("status", "", 0),
		whole("bytes", "How large the answer was.", 0),
		nullable(text("code", "The code of the error.")),
		nullable(text("message", "What the error said.")),
		nullable(id("workspace_id", "Null when the token was none.")),
		nullable(id("integration_id", "Null when the token was none.")),
		flag("redacted", "Whether what people wrote is masked."),
		whole("body_bytes", "How much was sent; of a form, nothing is counted.", 0),
		{key: "body", describe: `{}`, doc: "What was sent; null when there was nothing, when it was too much to keep, and when it was no JSON."},
		nullable(text("curl", "A command that makes the request again, with the token in OCTAVO_TOKEN, or the id and secret of a client, with a colon between, in OCTAVO_CLIENT; null when what was sent is not kept.")),
	}},
	{"audit_entry", []field{
		id("id", "The request_id of the answer to the request."),
		date("time", "When it began."),
		text("action", "The operation, as this description names it."),
		nullable(text("actor", "Who did it, as the client says in the Octavo-Actor header; nobody checks it.")),
		nullable(id("workspace_id", "The workspace it was about.")),
		nullable(id("target_id", "The object it was about, or made.")),
		nullable(whole("status", "The HTTP status of the answer; null when the server did not live to give one, which only happens to what changes no data.", 0)),
		nullable(text("code", "The code of the error.")),
		nullable(text("address", "Where the request came from.")),
		nullable(text("client", "The program that made it.")),
		{key: "parameters", describe: `{"type":"object"}`, doc: "What was asked for, without secrets."},
	}},
	{"event", []field{
		whole("revision", "The revision of the workspace that the change made.", 1),
		whole("seq", "The place of the change within its revision.", 1),
		text("type", "Such as page.created."),
		id("node_id", "The page, block, database, data source or comment that changed."),
		nullable(id("author_id", "The user who changed it; null for an administrator, where the workspace has no owner.")),
		date("time", ""),
		{key: "data", describe: `{}`, doc: "What more there is to say of the change, by type; null when there is nothing."},
	}},
}

// The functions below write each shape, keys in the order of the table.

func workspaceValue(w store.Workspace) jsonx.Value {
	return tagged("workspace",
		jsonx.M("id", idValue(w.ID)),
		jsonx.M("name", jsonx.StringValue(w.Name)),
		jsonx.M("time_zone", jsonx.StringValue(w.TimeZone)),
		jsonx.M("created_time", timeValue(w.CreatedTime)),
	)
}

func userValue(u store.User) jsonx.Value {
	return tagged("user",
		jsonx.M("id", idValue(u.ID)),
		jsonx.M("type", jsonx.StringValue(u.Type)),
		jsonx.M("name", jsonx.StringValue(u.Name)),
		jsonx.M("email", orNull(u.Email)),
		jsonx.M("avatar_url", orNull(u.AvatarURL)),
		jsonx.M("role", jsonx.StringValue(u.Role)),
		jsonx.M("deactivated", jsonx.BoolValue(u.Deactivated)),
		jsonx.M("created_time", timeValue(u.CreatedTime)),
	)
}

func integrationValue(i store.Integration) jsonx.Value {
	var capabilities []jsonx.Value
	for _, name := range strings.Fields(i.Capabilities) {
		capabilities = append(capabilities, jsonx.StringValue(name))
	}
	return tagged("integration",
		jsonx.M("id", idValue(i.ID)),
		jsonx.M("name", jsonx.StringValue(i.Name)),
		jsonx.M("kind", jsonx.StringValue(i.Kind)),
		jsonx.M("capabilities", jsonx.ArrayValue(capabilities...)),
		jsonx.M("bot_id", idValue(i.BotID)),
		jsonx.M("owner_id", idValue(i.OwnerID)),
		jsonx.M("client_id", idValue(i.ClientID)),
		jsonx.M("disabled", jsonx.BoolValue(i.Disabled)),
		jsonx.M("created_time", timeValue(i.CreatedTime)),
	)
}

func tokenValue(t store.Token) jsonx.Value {
	return tagged("token",
		jsonx.M("id", idValue(t.ID)),
		jsonx.M("name", jsonx.StringValue(t.Name)),
		jsonx.M("integration_id", idValue(t.IntegrationID)),
		jsonx.M("last4", jsonx.StringValue(t.Last4)),
		jsonx.M("created_time", timeValue(t.CreatedTime)),
		jsonx.M("expires_time", timeValue(t.ExpiresTime)),
		jsonx.M("revoked_time", timeValue(t.RevokedTime)),
	)
}

func shareValue(integration, page notion.ID) jsonx.Value {
	kind := "page"
	if page.IsZero() {
		kind = "workspace"
	}
	return tagged("share",
		jsonx.M("integration_id", idValue(integration)),
		jsonx.M("type", jsonx.StringValue(kind)),
		jsonx.M("page_id", idValue(page)),
	)
}

func templateValue(t store.Template) jsonx.Value {
	return tagged("template",
		jsonx.M("data_source_id", idValue(t.Source)),
		jsonx.M("page_id", idValue(t.Page)),
		jsonx.M("is_default", jsonx.BoolValue(t.IsDefault)),
		jsonx.M("created_time", timeValue(t.CreatedTime)),
	)
}

func emojiValue(e store.CustomEmoji) jsonx.Value {
	return tagged("emoji",
		jsonx.M("id", idValue(e.ID)),
		jsonx.M("name", jsonx.StringValue(e.Name)),
		jsonx.M("url", jsonx.StringValue(e.URL)),
		jsonx.M("created_time", timeValue(e.CreatedTime)),
	)
}

func discussionValue(d store.Discussion) jsonx.Value {
	return tagged("discussion",
		jsonx.M("id", idValue(d.ID)),
		jsonx.M("block_id", idValue(d.NodeID)),
		jsonx.M("resolved", jsonx.BoolValue(d.Resolved)),
		jsonx.M("created_time", timeValue(d.CreatedTime)),
	)
}

func faultValue(s faults.Status) jsonx.Value {
	return tagged("fault",
		jsonx.M("id", idValue(s.ID)),
		jsonx.M("method", orNull(s.Method)),
		jsonx.M("path", orNull(s.Path)),
		jsonx.M("token", orNull(s.Token.Shown)),
		jsonx.M("integration_id", idValue(s.Integration)),
		jsonx.M("code", orNull(string(s.Code))),
		jsonx.M("message", orNull(s.Message)),
		jsonx.M("retry_after", wholeValue(int64(s.RetryAfter/time.Second))),
		jsonx.M("latency", jsonx.StringValue(s.Latency.String())),
		jsonx.M("cut", orNull(s.Cut.String())),
		jsonx.M("after_commit", jsonx.BoolValue(s.AfterCommit)),
		jsonx.M("nth", wholeValue(int64(s.Nth))),
		jsonx.M("probability", jsonx.NumberValue(s.Probability)),
		jsonx.M("seed", wholeValue(int64(s.Seed))),
		jsonx.M("count", wholeValue(int64(s.Count))),
		jsonx.M("matched", wholeValue(int64(s.Matched))),
		jsonx.M("applied", wholeValue(int64(s.Applied))),
		jsonx.M("spent", jsonx.BoolValue(s.Spent())),
	)
}

func formulaCheckValue(c core.FormulaCheck) jsonx.Value {
	null := jsonx.NullValue
	v := tagged("formula_check", jsonx.M("sound", jsonx.BoolValue(c.Refused == nil)))
	for _, key := range []string{"expression", "type", "results", "timed", "error", "message", "expected", "found", "line", "column", "start", "end", "snippet"} {
		v.Set(key, null)
	}
	if c.Refused == nil {
		var results []jsonx.Value
		for _, kind := range c.Results {
			results = append(results, jsonx.StringValue(string(kind)))
		}
		v.Set("expression", jsonx.StringValue(c.Expression))
		v.Set("type", jsonx.StringValue(c.Type))
		v.Set("results", jsonx.ArrayValue(results...))
		v.Set("timed", jsonx.BoolValue(c.Timed))
		return v
	}
	line, column := c.Refused.Position()
	v.Set("error", jsonx.StringValue(c.Refused.Wire()))
	v.Set("message", jsonx.StringValue(c.Refused.Message))
	v.Set("expected", orNull(c.Refused.Expected))
	v.Set("found", orNull(c.Refused.Found))
	v.Set("line", wholeValue(int64(line)))
	v.Set("column", wholeValue(int64(column)))
	v.Set("start", wholeValue(int64(c.Refused.Start)))
	v.Set("end", wholeValue(int64(c.Refused.End)))
	v.Set("snippet", jsonx.StringValue(c.Refused.Snippet()))
	return v
}

func eventValue(e store.Event) (jsonx.Value, error) {
	data := jsonx.NullValue
	if e.Data != "" {
		var err error
		if data, err = jsonx.Parse([]byte(e.Data)); err != nil {
			return data, err
		}
	}
	return tagged("event",
		jsonx.M("revision", wholeValue(e.Revision)),
		jsonx.M("seq", wholeValue(e.Seq)),
		jsonx.M("type", jsonx.StringValue(e.Type)),
		jsonx.M("node_id", idValue(e.NodeID)),
		jsonx.M("author_id", idValue(e.AuthorID)),
		jsonx.M("time", timeValue(e.Time)),
		jsonx.M("data", data),
	), nil
}

func tagged(object string, members ...jsonx.Member) jsonx.Value {
	return jsonx.ObjectValue(append([]jsonx.Member{jsonx.M("object", jsonx.StringValue(object))}, members...)...)
}

// idValue is an id; the zero ID is null.
func idValue(id notion.ID) jsonx.Value {
	if id.IsZero() {
		return jsonx.NullValue
	}
	return jsonx.StringValue(id.String())
}

// timeValue is a time in UTC to the millisecond; the zero time is null.
func timeValue(t time.Time) jsonx.Value {
	if t.IsZero() {
		return jsonx.NullValue
	}
	return jsonx.StringValue(t.UTC().Format("2006-01-02T15:04:05.000Z"))
}

func orNull(s string) jsonx.Value {
	if s == "" {
		return jsonx.NullValue
	}
	return jsonx.StringValue(s)
}

func wholeValue(n int64) jsonx.Value { return jsonx.NumberValue(float64(n)) }
