package octavo_test

import (
	"strings"
	"testing"
)

// integration is an integration of a test, with a token.
type integration struct{ id, bot, token string }

// newToken makes an integration as the body says, in the workspace of the query (or the
// oldest), and a token for it.
func (c *conversation) newToken(t *testing.T, body string, query ...string) integration {
	t.Helper()
	in := strings.Join(query, "")
	made := c.ok("POST /_octavo/integrations" + in + "\n\n" + body)
	i := integration{id: made.field("id"), bot: made.field("bot_id")}
	i.token = c.ok("POST /_octavo/tokens" + in + "\n\n" + `{"integration_id":"` + i.id + `"}`).field("token")
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
