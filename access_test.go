package octavo_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"octavo/internal/api"
	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/version"
)

// integration is an integration of a test, with a token.
type integration struct{ id, bot, token, tokenID string }

// newToken makes an integration as the body says, in the workspace of the query (or the
// oldest), and a token for it.
func (c *conversation) newToken(t *testing.T, body string, query ...string) integration {
	t.Helper()
	in := strings.Join(query, "")
	made := c.ok("POST /_octavo/integrations" + in + "\n\n" + body)
	i := integration{id: made.field("id"), bot: made.field("bot_id")}
	issued := c.ok("POST /_octavo/tokens" + in + "\n\n" + `{"integration_id":"` + i.id + `"}`)
	i.token, i.tokenID = issued.field("token"), issued.field("id")
	return i
}

// ok sends a request that has to succeed.
func (c *conversation) ok(text string) *answer {
	c.t.Helper()
	a := c.request(text)
	if a.status != 200 {
		c.t.Fatalf("%s: %d %s", a.request, a.status, a.body)
	}
	return a
}

// make creates an object and names its id; of blocks that are appended, the first one's.
func (c *conversation) make(name, request, body string) {
	c.t.Helper()
	a := c.ok(request + "\n\n" + body)
	path := "id"
	if a.field("object") == "list" {
		path = "results.0.id"
	}
	c.save(name+" "+path, a)
}

// access is how one operation is asked for in the access matrix, and what it asks of the
// integration. In the request $object is a page or block and $user a person.
type access struct {
	operation string
	request   string
	needs     string // a capability, "" for none, "users" for either of the two
	object    string // of the answer; "" when it does not hang on what is shared
	of        kind
	writes    bool
	shows     string // the capability that a full answer takes, read_content when ""
	// foreign says that the request is about something of another integration, whoever
	// may see what.
	foreign bool
	// refused is the code of who may ask, "" when they are answered.
	refused string
	// client says that the operation is for clients of OAuth, which have no token.
	client bool
}

// kind is what a request is about.
type kind uint8

const (
	ofPage kind = iota
	ofBlock
	ofDatabase
	ofSource
	ofMovable
	ofSingle // a database with one data source
	ofComment
	ofView
)

// never is the capability of who is shown more than kind, id and place of what an operation
// answers with: there is none.
const never = "never"

var accesses = []access{
	{operation: "get_self", request: "GET /v1/users/me"},
	{operation: "get_user", request: "GET /v1/users/$user", needs: "users"},
	{operation: "list_users", request: "GET /v1/users", needs: "users"},
	{operation: "create_page", request: "POST /v1/pages\n\n{\"parent\":{\"page_id\":\"$object\"},\"children\":[{\"divider\":{}}]}", needs: "insert_content", object: "page", writes: true},
	{operation: "get_page", request: "GET /v1/pages/$object", needs: "read_content", object: "page"},
	{operation: "update_page", request: "PATCH /v1/pages/$object\n\n{\"icon\":null}", needs: "update_content", object: "page", writes: true},
	{operation: "move_page", request: "POST /v1/pages/$object/move\n\n{\"parent\":{\"page_id\":\"$destination\"}}", needs: "update_content", object: "page", of: ofMovable, writes: true},
	{operation: "get_page_property", request: "GET /v1/pages/$object/properties/title", needs: "read_content", object: "list"},
	{operation: "get_page_markdown", request: "GET /v1/pages/$object/markdown", needs: "read_content", object: "page_markdown"},
	{operation: "update_page_markdown", request: "PATCH /v1/pages/$object/markdown\n\n{\"type\":\"insert_content\",\"insert_content\":{\"content\":\"x\"}}", needs: "update_content", object: "page_markdown", writes: true},
	{operation: "get_async_task", request: "GET /v1/async_tasks/$task", foreign: true},
	{operation: "get_block", request: "GET /v1/blocks/$object", needs: "read_content", object: "block", of: ofBlock},
	{operation: "update_block", request: "PATCH /v1/blocks/$object\n\n{\"in_trash\":false}", needs: "update_content", object: "block", of: ofBlock, writes: true},
	{operation: "delete_block", request: "DELETE /v1/blocks/$object", needs: "update_content", object: "block", of: ofBlock, writes: true},
	{operation: "list_block_children", request: "GET /v1/blocks/$object/children", needs: "read_content", object: "list", of: ofBlock},
	{operation: "append_block_children", request: "PATCH /v1/blocks/$object/children\n\n{\"children\":[{\"divider\":{}},{\"divider\":{}}]}", needs: "insert_content", object: "list", of: ofBlock, writes: true},
	{operation: "create_database", request: "POST /v1/databases\n\n{\"parent\":{\"page_id\":\"$object\"}}", needs: "insert_content", object: "database", writes: true},
	{operation: "get_database", request: "GET /v1/databases/$object", needs: "read_content", object: "database", of: ofDatabase},
	{operation: "update_database", request: "PATCH /v1/databases/$object\n\n{\"is_inline\":true}", needs: "update_content", object: "database", of: ofDatabase, writes: true},
	{operation: "list_databases", request: "GET /v1/databases\nNotion-Version: 2021-08-16", needs: "read_content"},
	{operation: "search", request: "POST /v1/search\n\n{}", needs: "read_content"},
	{operation: "create_data_source", request: "POST /v1/data_sources\n\n{\"parent\":{\"database_id\":\"$object\"},\"properties\":{\"Name\":{\"title\":{}}}}", needs: "insert_content", object: "data_source", of: ofDatabase, writes: true},
	{operation: "get_data_source", request: "GET /v1/data_sources/$object", needs: "read_content", object: "data_source", of: ofSource},
	{operation: "query_data_source", request: "POST /v1/data_sources/$object/query\n\n{}", needs: "read_content", object: "list", of: ofSource},
	{operation: "list_data_source_templates", request: "GET /v1/data_sources/$object/templates", needs: "read_content", object: "templates", of: ofSource},
	{operation: "query_database", request: "POST /v1/databases/$object/query\nNotion-Version: 2022-06-28\n\n{}", needs: "read_content", object: "list", of: ofSingle},
	{operation: "create_file_upload", request: "POST /v1/file_uploads\n\n{}"},
	{operation: "list_file_uploads", request: "GET /v1/file_uploads"},
	{operation: "get_file_upload", request: "GET /v1/file_uploads/$upload", foreign: true},
	{operation: "send_file_upload", request: "POST /v1/file_uploads/$upload/send", foreign: true},
	{operation: "complete_file_upload", request: "POST /v1/file_uploads/$upload/complete", foreign: true},
	{operation: "update_data_source", request: "PATCH /v1/data_sources/$object\n\n{\"title\":[]}", needs: "update_content", object: "data_source", of: ofSource, writes: true},
	{operation: "list_comments", request: "GET /v1/comments?block_id=$object", needs: "read_comment", object: "list", shows: "read_comment"},
	{operation: "create_comment", request: "POST /v1/comments\n\n{\"parent\":{\"page_id\":\"$object\"},\"rich_text\":[]}", needs: "insert_comment", object: "comment", writes: true, shows: "read_comment"},
	{operation: "get_comment", request: "GET /v1/comments/$object", needs: "read_comment", object: "comment", of: ofComment, shows: "read_comment"},
	{operation: "update_comment", request: "PATCH /v1/comments/$object\n\n{\"rich_text\":[]}", needs: "insert_comment", object: "comment", of: ofComment, writes: true, shows: "read_comment"},
	{operation: "list_custom_emojis", request: "GET /v1/custom_emojis"},
	{operation: "query_meeting_notes", request: "POST /v1/blocks/meeting_notes/query\n\n{}", needs: "read_content"},
	{operation: "create_meeting_notes", request: "POST /v1/blocks/meeting_notes\n\n{\"source\":{\"type\":\"block\",\"block_id\":\"$object\"}}", needs: "insert_content", refused: "validation_error"},
	{operation: "list_views", request: "GET /v1/views?data_source_id=$object", needs: "read_content", object: "list", of: ofSource, shows: never},
	{operation: "create_view", request: "POST /v1/views\n\n{\"data_source_id\":\"$object\",\"name\":\"A\",\"type\":\"table\",\"database_id\":\"$shareddatabase\"}", needs: "insert_content", object: "view", of: ofSource, writes: true},
	{operation: "get_view", request: "GET /v1/views/$object", needs: "read_content", object: "view", of: ofView},
	{operation: "update_view", request: "PATCH /v1/views/$object\n\n{\"name\":\"B\"}", needs: "update_content", object: "view", of: ofView, writes: true},
	{operation: "delete_view", request: "DELETE /v1/views/$object", needs: "update_content", object: "view", of: ofView, writes: true, shows: never},
	{operation: "create_view_query", request: "POST /v1/views/$object/queries\n\n{}", needs: "read_content", object: "view_query", of: ofView},
	{operation: "get_view_query_results", request: "GET /v1/views/$object/queries/$query", needs: "read_content", of: ofView, foreign: true},
	{operation: "delete_view_query", request: "DELETE /v1/views/$object/queries/$absent", needs: "read_content", object: "view_query", of: ofView},
	{operation: "delete_comment", request: "DELETE /v1/comments/$object", needs: "insert_comment", object: "comment", of: ofComment, writes: true, shows: "read_comment"},
	{operation: "create_token", request: "POST /v1/oauth/token\n\n{\"grant_type\":\"refresh_token\",\"refresh_token\":\"nrt_none\"}", client: true},
	{operation: "introspect_token", request: "POST /v1/oauth/introspect\n\n{\"token\":\"$token\"}", client: true},
	{operation: "revoke_token", request: "POST /v1/oauth/revoke\n\n{\"token\":\"$token\"}", client: true},
}

// standpoint is where the object of a request is, seen from the integration that asks.
type standpoint struct {
	name string
	// variables, by what the request is about
	objects [8]string
	seen    bool
	user    string
}

var standpoints = []standpoint{
	{"shared", [8]string{"$shared", "$shared", "$shareddatabase", "$sharedsource", "$movable", "$sharedsingle", "$sharedcomment", "$sharedview"}, true, "$person"},
	{"below what is shared", [8]string{"$inner", "$deep", "$innerdatabase", "$innersource", "$innermovable", "$innersingle", "$innercomment", "$innerview"}, true, "$person"},
	{"not shared", [8]string{"$other", "$otherblock", "$otherdatabase", "$othersource", "$other", "$othersingle", "$othercomment", "$otherview"}, false, "$person"},
	{"above what is shared", [8]string{"$page", "$page", "$topdatabase", "$topsource", "$page", "$topsingle", "$topcomment", "$topview"}, false, "$person"},
	{"absent", [8]string{"$absent", "$absent", "$absent", "$absent", "$absent", "$absent", "$absent", "$absent"}, false, "$absent"},
	{"in another workspace", [8]string{"$foreign", "$foreignblock", "$foreigndatabase", "$foreignsource", "$foreign", "$foreignsingle", "$foreigncomment", "$foreignview"}, false, "$foreigner"},
}

// capabilitySets is every set of the capabilities that served operations ask for.
func capabilitySets() [][]string {
	names := []string{"read_content", "update_content", "insert_content", "read_comment", "insert_comment"}
	var sets [][]string
	for bits := range 1 << len(names) {
		for _, users := range []string{"", "read_user_without_email", "read_user_with_email"} {
			set := []string{}
			for i, name := range names {
				if bits&(1<<i) != 0 {
					set = append(set, name)
				}
			}
			if users != "" {
				set = append(set, users)
			}
			sets = append(sets, set)
		}
	}
	return sets
}

// prepareAccess makes the pages and people that the standpoints name.
func prepareAccess(t *testing.T, c *conversation) {
	t.Helper()
	c.set("absent", "11111111-1111-4111-8111-111111111111")
	c.make("person", "POST /_octavo/users", `{"name":"Ada","email":"ada@example.com"}`)
	c.make("shared", "POST /v1/pages", `{"parent":{"page_id":"$page"}}`)
	c.make("toggle", "PATCH /v1/blocks/$shared/children", `{"children":[{"toggle":{"rich_text":[]}}]}`)
	c.make("inner", "POST /v1/pages", `{"parent":{"page_id":"$shared"}}`)
	c.make("deep", "PATCH /v1/blocks/$toggle/children", `{"children":[{"paragraph":{"rich_text":[]}}]}`)
	c.make("destination", "POST /v1/pages", `{"parent":{"page_id":"$shared"}}`)
	c.make("movable", "POST /v1/pages", `{"parent":{"page_id":"$inner"}}`)
	c.make("innermovable", "POST /v1/pages", `{"parent":{"page_id":"$inner"}}`)
	c.make("other", "POST /v1/pages", `{"parent":{"page_id":"$page"}}`)
	c.make("otherblock", "PATCH /v1/blocks/$other/children", `{"children":[{"paragraph":{"rich_text":[]}}]}`)
	c.make("upload", "POST /v1/file_uploads", `{"filename":"a.txt"}`)
	c.save("task id", c.request("PATCH /v1/pages/$other/markdown\n\n"+`{"type":"insert_content","insert_content":{"content":""},"allow_async":true}`))
	c.make("elsewhere", "POST /_octavo/workspaces", `{"name":"Elsewhere"}`)
	const elsewhere = "?workspace_id=$elsewhere"
	c.make("foreigner", "POST /_octavo/users"+elsewhere, `{"name":"Bob"}`)
	c.set("foreigntoken", c.newToken(t, `{"name":"Bob's","kind":"personal","owner_id":"$foreigner"}`, elsewhere).token)
	c.make("foreign", "POST /v1/pages\nAuthorization: Bearer $foreigntoken", `{"parent":{"workspace":true}}`)
	c.make("foreignblock", "PATCH /v1/blocks/$foreign/children\nAuthorization: Bearer $foreigntoken", `{"children":[{"paragraph":{"rich_text":[]}}]}`)
	for name, parent := range map[string]string{"shared": "$shared", "inner": "$inner", "other": "$other", "top": "$page", "foreign": "$foreign"} {
		token := "$token"
		if name == "foreign" {
			token = "$foreigntoken"
		}
		request := "POST /v1/databases\nAuthorization: Bearer " + token + "\n\n" + `{"parent":{"page_id":"` + parent + `"}}`
		c.save(name+"database id\n"+name+"source data_sources.0.id", c.ok(request))
		c.save(name+"single id", c.ok(request))
		c.makeView(name, token)
	}
	c.make("query", "POST /v1/views/$sharedview/queries", "{}")
	c.comment("foreigncomment", "$foreign", "$foreigntoken")
}

// makeView makes a view of a database and names it.
func (c *conversation) makeView(name, token string) {
	c.t.Helper()
	c.make(name+"view", "POST /v1/views\nAuthorization: Bearer "+token,
		`{"data_source_id":"$`+name+`source","database_id":"$`+name+`database","name":"View","type":"list"}`)
}

// comment makes a comment on a page and names it.
func (c *conversation) comment(name, page, token string) {
	c.t.Helper()
	c.make(name, "POST /v1/comments\nAuthorization: Bearer "+token, `{"parent":{"page_id":"`+page+`"},"rich_text":[]}`)
}

// writeComments makes the comments that the standpoints name, all by one integration that
// may do anything: only its own can be changed.
func (c *conversation) writeComments(token string) {
	c.t.Helper()
	for name, page := range map[string]string{"shared": "$shared", "inner": "$inner", "other": "$other", "top": "$page"} {
		c.comment(name+"comment", page, token)
	}
}

// author makes an integration with a set of capabilities, the page $shared, and comments of
// its own that it wrote when it had more.
func (c *conversation) author(t *testing.T, set []string) integration {
	t.Helper()
	i := c.newToken(t, `{"name":"Set","capabilities":["insert_comment"]}`)
	shares := "/_octavo/integrations/" + i.id + "/shares"
	c.ok("POST " + shares + "\n\n" + `{"workspace":true}`)
	c.writeComments(i.token)
	c.ok("DELETE " + shares + "?workspace=true")
	c.ok("POST " + shares + "\n\n" + `{"page_id":"$shared"}`)
	names, _ := json.Marshal(set)
	c.ok("PATCH /_octavo/integrations/" + i.id + "\n\n" + fmt.Sprintf(`{"capabilities":%s}`, names))
	return i
}

// ask sends the request of a row with a token.
func (a access) ask(c *conversation, from standpoint, token string) *answer {
	text := strings.NewReplacer("$object", from.objects[a.of], "$user", from.user).Replace(a.request)
	line, body, _ := strings.Cut(text, "\n\n")
	return c.request(line + "\nAuthorization: Bearer " + token + "\n\n" + body)
}

// expected is the code that a set of capabilities gets from a standpoint; "" is success.
func (a access) expected(set []string, from standpoint) string {
	has := func(name string) bool { return slices.Contains(set, name) }
	switch {
	case a.client:
		return "invalid_client"
	case a.needs == "users" && !has("read_user_with_email") && !has("read_user_without_email"),
		a.needs != "" && a.needs != "users" && !has(a.needs):
		return "restricted_resource"
	case a.object != "" && !from.seen, a.foreign,
		a.operation == "get_user" && from.user != "$person":
		return "object_not_found"
	}
	return a.refused
}

// TestAccessMatrix asks for every served operation with every set of capabilities from
// every standpoint.
func TestAccessMatrix(t *testing.T) {
	noRaces(t, oneByOne)
	t.Parallel()
	served := map[string]bool{}
	for _, o := range api.Operations() {
		served[o.Name] = o.Standing == "served"
	}
	rows := 0
	for _, a := range accesses {
		if !served[a.operation] {
			t.Errorf("%s is not served", a.operation)
		}
		delete(served, a.operation)
	}
	for name, is := range served {
		if is {
			t.Errorf("%s is served and not in the access matrix", name)
		}
	}
	eachDatabase(t, func(t *testing.T, db database) {
		every := 1
		if !db.first {
			every = 9 // what is decided here is decided above the database
		}
		c := hold(t, db, serverOptions{})
		prepareAccess(t, c)
		for n, set := range capabilitySets() {
			if n%every != 0 {
				continue
			}
			i := c.author(t, set)
			for _, from := range standpoints {
				for _, a := range accesses {
					rows++
					a.check(t, c, set, from, i)
				}
			}
			c.ok("DELETE /_octavo/tokens/" + i.tokenID)
			for _, a := range accesses {
				got := a.ask(c, standpoints[n%len(standpoints)], i.token)
				if !a.client && (got.status != 401 || got.field("code") != "unauthorized") {
					t.Errorf("%s, with %v and a revoked token: %d %s", a.operation, set, got.status, got.body)
				}
			}
		}
	})
	if rows == 0 {
		t.Error("nothing was asked")
	}
}

func (a access) check(t *testing.T, c *conversation, set []string, from standpoint, i integration) {
	got := a.ask(c, from, i.token)
	want := a.expected(set, from)
	if cmp.Or(got.field("code"), got.field("error")) != want || got.status != statusOf(want) {
		t.Errorf("%s, %s, with %v: %d %s, want %q", a.operation, from.name, set, got.status, got.body, want)
		return
	}
	switch {
	case want == "object_not_found":
		if bot := got.field("additional_data", "integration_id"); bot != i.bot {
			t.Errorf("%s, %s: integration_id is %q, want the bot %s", a.operation, from.name, bot, i.bot)
		}
	case want != "":
	case a.undo(c, from, i.token, got), a.object != "":
		if full := slices.Contains(set, cmp.Or(a.shows, "read_content")); isFull(got) != full {
			t.Errorf("%s, %s, with %v: full is %v: %s", a.operation, from.name, set, isFull(got), got.body)
		}
	}
}

// statusOf is the status of an error; "" is success.
func statusOf(code string) int {
	if code == "" {
		return 200
	}
	return apierr.Lookup(apierr.Code(code)).Status
}

// TestEveryRouteAsksForAToken goes through the route tables of the API and of the admin
// endpoints: without the token of the one, and with that of the other, nothing is answered,
// changed or noted, whatever stands in the table.
func TestEveryRouteAsksForAToken(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		c := hold(t, db, serverOptions{})
		c.set("absent", "11111111-1111-4111-8111-111111111111")
		parameter := regexp.MustCompile(`\{[a-z_]+\}`)
		ask := func(method, path, authorization string) *answer {
			t.Helper()
			return c.request(method + " " + parameter.ReplaceAllString(path, "$$absent") + "\nAuthorization: " + authorization)
		}
		for _, o := range api.Operations() {
			for _, authorization := range []string{"-", "Bearer ntn_nobodys", "Bearer $admin", "Basic $token"} {
				if a := ask(o.Method, o.Path, authorization); a.status != 401 {
					t.Errorf("%s %s with %q: %d %s", o.Method, o.Path, authorization, a.status, a.body)
				}
			}
			if a := ask(o.Method, o.Path, "Bearer $token"); o.Standing != "served" && (a.status != 400 || a.field("code") != "invalid_request") {
				t.Errorf("%s %s, which is not served: %d %s", o.Method, o.Path, a.status, a.body)
			}
		}
		before := c.ok("GET /_octavo/audit").body
		closed := 0
		for _, path := range parsed(c.ok("GET /_octavo/openapi.json")).Get("paths").Members() {
			for _, method := range path.Value.Members() {
				if !method.Value.Get("security").Defined() {
					continue
				}
				closed++
				for _, authorization := range []string{"-", "Bearer adm_nobodys", "Bearer $token", "Basic $admin"} {
					if a := ask(strings.ToUpper(method.Key), path.Key, authorization); a.status != 401 || a.field("code") != "unauthorized" {
						t.Errorf("%s %s with %q: %d %s", method.Key, path.Key, authorization, a.status, a.body)
					}
				}
			}
		}
		if closed == 0 {
			t.Error("no admin endpoint is closed")
		}
		if after := c.ok("GET /_octavo/audit").body; walk(parsed(&answer{body: after}), "results").String() != walk(parsed(&answer{body: before}), "results").String() {
			t.Errorf("the audit log has %s", after)
		}
	})
}

// undo takes back what would stand in the way of asking again. It reports false.
func (a access) undo(c *conversation, from standpoint, token string, done *answer) bool {
	target := strings.Fields(done.request)[1]
	switch a.operation {
	case "delete_block":
		c.ok("PATCH " + target + "\n\n" + `{"in_trash":false}`)
	case "move_page":
		c.ok("POST " + target + "\n\n" + `{"parent":{"page_id":"$inner"}}`)
	case "delete_comment":
		c.comment(strings.TrimPrefix(from.objects[ofComment], "$"), from.objects[ofPage], token)
	case "delete_view":
		c.makeView(strings.TrimSuffix(strings.TrimPrefix(from.objects[ofView], "$"), "view"), "$token")
	}
	return false
}

// isFull reports whether an answer shows more than kind and id of what it is about.
func isFull(a *answer) bool {
	v, err := jsonx.Parse(a.body)
	if err != nil {
		return false
	}
	objects := []jsonx.Value{v}
	if v.Get("object").Text() == "list" {
		objects = v.Get("results").Items()
	}
	for _, o := range objects {
		for _, m := range o.Members() {
			kind := o.Get("object").Text()
			// What everyone is shown:
			known := m.Key == "properties" && kind == "data_source" || kind == "view" && (m.Key == "parent" || m.Key == "type")
			if m.Key != "object" && m.Key != "id" && m.Key != "request_id" && !known {
				return true
			}
		}
	}
	// A title without text lists nothing.
	return len(objects) == 0
}

// TestWritersReadNothing: what may write and not read is shown kind and id alone, in every
// version.
func TestWritersReadNothing(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		c := hold(t, db, serverOptions{})
		prepareAccess(t, c)
		i := c.newToken(t, `{"name":"Writer","capabilities":["update_content","insert_content"]}`)
		c.ok("POST /_octavo/integrations/" + i.id + "/shares\n\n" + `{"page_id":"$shared"}`)
		for _, v := range version.All {
			for _, request := range []string{
				"PATCH /v1/blocks/$shared/children\n\n{\"children\":[{\"divider\":{}}]}",
				"PATCH /v1/blocks/$deep\n\n{\"archived\":false}",
				"PATCH /v1/blocks/$deep\n\n{}",
				"PATCH /v1/pages/$inner\n\n{\"icon\":null}",
				"POST /v1/pages\n\n{\"parent\":{\"page_id\":\"$shared\"},\"properties\":{}}",
				"DELETE /v1/blocks/$toggle",
				"POST /v1/databases\n\n{\"parent\":{\"page_id\":\"$shared\"},\"properties\":{\"Name\":{\"title\":{}}}}",
				"PATCH /v1/databases/$innerdatabase\n\n{\"is_inline\":true}",
				"POST /v1/pages\n\n{\"parent\":{\"database_id\":\"$innerdatabase\"},\"properties\":{}}",
			} {
				if v == version.Latest {
					request = strings.Replace(request, "archived", "in_trash", 1)
				}
				if v >= version.V20250903 {
					request = strings.Replace(request, `"properties":{"Name":{"title":{}}}`, `"is_inline":true`, 1)
				}
				line, body, _ := strings.Cut(request, "\n\n")
				a := c.ok(line + "\nNotion-Version: " + string(v) + "\nAuthorization: Bearer " + i.token + "\n\n" + body)
				if isFull(a) {
					t.Errorf("%s at %s: %s", line, v, a.body)
				}
			}
			c.ok("PATCH /v1/blocks/$toggle\n\n" + `{"in_trash":false}`)
		}
	})
}

// TestTokensThatDoNotWork: a token that is none any more is unauthorized at once, before
// anything else about the request is looked at, and whatever it could do before.
func TestTokensThatDoNotWork(t *testing.T) {
	cases := []struct {
		name   string
		undo   string // makes the token work again, "" when nothing can
		spoil  string
		expire bool
	}{
		{name: "revoked", spoil: "DELETE /_octavo/tokens/$tokenid"},
		{name: "integration disabled", spoil: "PATCH /_octavo/integrations/$integration\n\n{\"disabled\":true}", undo: "PATCH /_octavo/integrations/$integration\n\n{\"disabled\":false}"},
		{name: "expired", expire: true},
	}
	eachDatabase(t, func(t *testing.T, db database) {
		c := hold(t, db, serverOptions{})
		prepareAccess(t, c)
		for _, tc := range cases {
			c.make("integration", "POST /_octavo/integrations", `{"name":"Doomed","capabilities":["read_content","update_content","insert_content","read_comment","insert_comment","read_user_with_email"]}`)
			c.ok("POST /_octavo/integrations/$integration/shares\n\n" + `{"workspace":true}`)
			expires := "null"
			if tc.expire {
				expires = `"` + c.clock.Now().Add(time.Hour).Format(time.RFC3339) + `"`
			}
			made := c.ok("POST /_octavo/tokens\n\n" + `{"integration_id":"$integration","expires_time":` + expires + `}`)
			c.save("tokenid id", made)
			token := made.field("token")
			c.writeComments(token)
			worksFor := func(want bool) {
				t.Helper()
				for _, a := range accesses {
					if a.client {
						continue
					}
					got := a.ask(c, standpoints[0], token)
					works := got.status == 200 || a.foreign && got.status == 404 || a.refused != "" && got.field("code") == a.refused
					if !want && got.field("message") != "API token is invalid." || want != works {
						t.Errorf("%s, %s: %d %s, works should be %v", tc.name, a.operation, got.status, got.body, want)
					}
					if want {
						a.undo(c, standpoints[0], token, got)
					}
				}
			}
			worksFor(true)
			if tc.expire {
				c.clock.Advance(time.Hour - time.Second)
				worksFor(true)
				c.clock.Advance(time.Second)
			} else {
				c.ok(tc.spoil)
			}
			worksFor(false)
			bad := c.request("POST /v1/pages\nNotion-Version: -\nAuthorization: Bearer " + token + "\n\n" + `{"nonsense":1}`)
			if bad.field("code") != "unauthorized" {
				t.Errorf("%s: %s", tc.name, bad.body)
			}
			if tc.undo != "" {
				c.ok(tc.undo)
				worksFor(true)
			}
		}
	})
}

// TestUserInformation: every place that shows a person shows as much as the integration
// may know.
func TestUserInformation(t *testing.T) {
	const avatar = `"avatar_url":"https://example.com/a.png"`
	cases := []struct {
		capability, person, plain string
	}{
		{"", `{"object":"user","id":"$ada"}`, "@Anonymous"},
		{"read_user_without_email", `{"object":"user","id":"$ada","name":"Ada",` + avatar + `,"type":"person","person":{}}`, "@Ada"},
		{"read_user_with_email", `{"object":"user","id":"$ada","name":"Ada",` + avatar + `,"type":"person","person":{"email":"ada@example.com"}}`, "@Ada"},
	}
	const mention = `[{"type":"mention","mention":{"type":"user","user":{"id":"$ada"}}}]`
	eachDatabase(t, func(t *testing.T, db database) {
		c := hold(t, db, serverOptions{})
		c.make("ada", "POST /_octavo/users", `{"name":"Ada","email":"ADA@example.com","avatar_url":"https://example.com/a.png"}`)
		c.make("block", "PATCH /v1/blocks/$page/children", `{"children":[{"paragraph":{"rich_text":`+mention+`}}]}`)
		c.make("titled", "POST /v1/pages", `{"parent":{"page_id":"$page"},"properties":{"title":`+mention+`}}`)
		for _, tc := range cases {
			caps := []string{"read_content", "update_content", "insert_content"}
			if tc.capability != "" {
				caps = append(caps, tc.capability)
			}
			names, _ := json.Marshal(caps)
			owned := func(kind string) integration {
				i := c.newToken(t, fmt.Sprintf(`{"name":"Reader","kind":%q,"owner_id":"$ada","capabilities":%s}`, kind, names))
				if kind == "public" {
					c.ok("POST /_octavo/integrations/" + i.id + "/shares\n\n" + `{"workspace":true}`)
				}
				return i
			}
			public, personal := owned("public"), owned("personal")
			person := c.expand(tc.person)
			at := func(a *answer, path string) {
				t.Helper()
				got := walk(parsed(a), path)
				got.Delete("request_id")
				if got.String() != person {
					t.Errorf("%q, %s, %s\ngot  %s\nwant %s", tc.capability, a.request, path, got, person)
				}
			}
			ask := func(token, text string) *answer {
				t.Helper()
				line, body, _ := strings.Cut(text, "\n\n")
				return c.request(line + "\nAuthorization: Bearer " + token + "\n\n" + body)
			}
			for _, a := range []*answer{
				ask(public.token, "GET /v1/blocks/$block"),
				ask(public.token, "PATCH /v1/blocks/$block\n\n"+`{"paragraph":{"rich_text":`+mention+`}}`),
			} {
				at(a, "paragraph.rich_text.0.mention.user")
				if got := walk(parsed(a), "paragraph.rich_text.0.plain_text").Text(); got != tc.plain {
					t.Errorf("%q: plain text %q", tc.capability, got)
				}
			}
			at(ask(public.token, "GET /v1/blocks/$page/children"), "results.0.paragraph.rich_text.0.mention.user")
			at(ask(public.token, "GET /v1/pages/$titled"), "properties.title.title.0.mention.user")
			at(ask(public.token, "GET /v1/pages/$titled/properties/title"), "results.0.title.mention.user")
			at(ask(public.token, "GET /v1/users/me"), "bot.owner.user")

			made := parsed(ask(personal.token, "POST /v1/pages\n\n"+`{"parent":{"page_id":"$page"}}`))
			for _, key := range []string{"created_by", "last_edited_by"} {
				if got, want := made.Get(key).String(), c.expand(`{"object":"user","id":"$ada"}`); got != want {
					t.Errorf("%s is %s, want %s", key, got, want)
				}
			}
			if tc.capability == "" {
				continue // the endpoints of users are closed, as the matrix shows
			}
			at(ask(public.token, "GET /v1/users/$ada"), "")
			at(ask(personal.token, "GET /v1/users/$ada"), "")
			at(ask(personal.token, "GET /v1/users/me"), "")
			list := parsed(ask(public.token, "GET /v1/users"))
			found := false
			for _, u := range list.Get("results").Items() {
				if u.Get("id").Text() == c.expand("$ada") {
					found = true
					if u.String() != person {
						t.Errorf("%q, in the list: %s", tc.capability, u)
					}
				}
			}
			if !found {
				t.Errorf("%q: not listed in %s", tc.capability, list)
			}
		}
	})
}

func parsed(a *answer) jsonx.Value {
	v, _ := jsonx.Parse(a.body) // what is not JSON has none of the keys looked for
	return v
}

// walk returns what stands at a path such as results.0.id; "" is the value itself.
func walk(v jsonx.Value, path string) jsonx.Value {
	for _, key := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' }) {
		if i, err := strconv.Atoi(key); err == nil {
			if i >= len(v.Items()) {
				return jsonx.Value{}
			}
			v = v.Items()[i]
		} else {
			v = v.Get(key)
		}
	}
	return v
}
