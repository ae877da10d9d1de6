package cli

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"octavo/internal/clock"
	"octavo/internal/core"
	"octavo/internal/jsonx"
)

// The columns that tables show of each object.
var (
	workspaceColumns   = []string{"id", "name", "time_zone", "created_time"}
	userColumns        = []string{"id", "type", "name", "email", "role", "deactivated"}
	integrationColumns = []string{"id", "name", "kind", "capabilities", "disabled"}
	tokenColumns       = []string{"id", "name", "integration_id", "last4", "created_time", "expires_time", "revoked_time"}
	shareColumns       = []string{"integration_id", "type", "page_id"}
	discussionColumns  = []string{"id", "block_id", "resolved", "created_time"}
	templateColumns    = []string{"data_source_id", "page_id", "is_default", "created_time"}
	emojiColumns       = []string{"id", "name", "url", "created_time"}
	webhookColumns     = []string{"id", "integration_id", "url", "api_version", "state", "reason", "failing_since"}
	deliveryColumns    = []string{"id", "type", "entity_id", "state", "attempts", "created_time", "next_attempt_time"}
	faultColumns       = []string{"id", "method", "path", "code", "latency", "cut", "nth", "probability", "count", "matched", "applied", "spent"}
)

// zoneFlag is the zone of a workspace.
type zoneFlag struct {
	TimeZone *string `placeholder:"ZONE" help:"Where its days begin: a name of the IANA database, such as Europe/Berlin. At first: UTC."`
}

type workspaceCreate struct {
	remote
	zoneFlag
	Name string `arg:"" help:"Its name."`
}

// Run creates a workspace.
func (c *workspaceCreate) Run(p *process) error {
	b := body("name", c.Name)
	setText(b, "time_zone", c.TimeZone)
	return c.printAnswer(p, http.MethodPost, "workspaces", nil, b, workspaceColumns)
}

type workspaceUpdate struct {
	remote
	zoneFlag
	ID   string  `arg:"" help:"Id of the workspace."`
	Name *string `placeholder:"NAME" help:"New name."`
}

// Run changes a workspace.
func (c *workspaceUpdate) Run(p *process) error {
	b := body()
	setText(b, "name", c.Name)
	setText(b, "time_zone", c.TimeZone)
	return c.printAnswer(p, http.MethodPatch, "workspaces/"+segment(c.ID), nil, b, workspaceColumns)
}

type workspaceList struct{ remote }

// Run lists workspaces.
func (c *workspaceList) Run(p *process) error { return c.printAll(p, "workspaces", workspaceColumns) }

type userFields struct {
	Email     *string `placeholder:"EMAIL" help:"E-mail; empty removes it."`
	AvatarURL *string `name:"avatar-url" placeholder:"URL" help:"Picture; empty removes it."`
	Role      string  `enum:"owner,member,guest," default:"" placeholder:"ROLE" help:"owner, member or guest."`
}

// set puts the fields that were given into a body.
func (f userFields) set(b jsonx.Value) {
	setText(b, "email", f.Email)
	setText(b, "avatar_url", f.AvatarURL)
	if f.Role != "" {
		b.Set("role", jsonx.StringValue(f.Role))
	}
}

type userCreate struct {
	scoped
	userFields
	Name string `arg:"" help:"The person's name."`
}

// Run adds a person.
func (c *userCreate) Run(p *process) error {
	b := body("name", c.Name)
	c.set(b)
	return c.printOne(p, http.MethodPost, "users", b, userColumns)
}

type userList struct{ scoped }

// Run lists people and bots.
func (c *userList) Run(p *process) error { return c.printAll(p, "users", userColumns) }

type userUpdate struct {
	scoped
	userFields
	ID   string  `arg:"" help:"Id of the person."`
	Name *string `placeholder:"NAME" help:"New name."`
}

// Run changes a person.
func (c *userUpdate) Run(p *process) error {
	b := body()
	setText(b, "name", c.Name)
	c.set(b)
	return c.printOne(p, http.MethodPatch, "users/"+segment(c.ID), b, userColumns)
}

type userDeactivate struct {
	scoped
	ID string `arg:"" help:"Id of the person."`
}

// Run deactivates a person.
func (c *userDeactivate) Run(p *process) error {
	return c.printOne(p, http.MethodPatch, "users/"+segment(c.ID), flagBody("deactivated", true), userColumns)
}

type userActivate struct {
	scoped
	ID string `arg:"" help:"Id of the person."`
}

// Run activates a person.
func (c *userActivate) Run(p *process) error {
	return c.printOne(p, http.MethodPatch, "users/"+segment(c.ID), flagBody("deactivated", false), userColumns)
}

type integrationCreate struct {
	scoped
	Name         string   `arg:"" help:"Its name, which is also its bot's."`
	Kind         string   `enum:"internal,public,personal" default:"internal" help:"internal, public or personal. Default: ${default}."`
	Capabilities []string `placeholder:"NAME" help:"What it may do: read_content, update_content, insert_content, read_comment, insert_comment, read_user_without_email, read_user_with_email; all for everything, none for nothing. Default: the first three; for a personal one, everything."`
	Owner        string   `placeholder:"ID" help:"The person a public or personal integration acts for."`
}

// Run creates an integration.
func (c *integrationCreate) Run(p *process) error {
	b := body("name", c.Name, "kind", c.Kind)
	setCapabilities(b, c.Capabilities)
	if c.Owner != "" {
		b.Set("owner_id", jsonx.StringValue(c.Owner))
	}
	return c.printOne(p, http.MethodPost, "integrations", b, integrationColumns)
}

type integrationList struct{ scoped }

// Run lists integrations.
func (c *integrationList) Run(p *process) error {
	return c.printAll(p, "integrations", integrationColumns)
}

type integrationUpdate struct {
	scoped
	ID           string   `arg:"" help:"Id of the integration."`
	Name         *string  `placeholder:"NAME" help:"New name."`
	Capabilities []string `placeholder:"NAME" help:"What it may do from now on; all for everything, none for nothing."`
}

// Run changes an integration.
func (c *integrationUpdate) Run(p *process) error {
	b := body()
	setText(b, "name", c.Name)
	setCapabilities(b, c.Capabilities)
	return c.printOne(p, http.MethodPatch, "integrations/"+segment(c.ID), b, integrationColumns)
}

type integrationDisable struct {
	scoped
	ID string `arg:"" help:"Id of the integration."`
}

// Run disables an integration.
func (c *integrationDisable) Run(p *process) error {
	return c.printOne(p, http.MethodPatch, "integrations/"+segment(c.ID), flagBody("disabled", true), integrationColumns)
}

type integrationEnable struct {
	scoped
	ID string `arg:"" help:"Id of the integration."`
}

// Run enables an integration.
func (c *integrationEnable) Run(p *process) error {
	return c.printOne(p, http.MethodPatch, "integrations/"+segment(c.ID), flagBody("disabled", false), integrationColumns)
}

type tokenCreate struct {
	scoped
	Integration string `arg:"" help:"Id of the integration the token acts as."`
	Name        string `placeholder:"NAME" help:"What the token is for."`
	Expires     expiry `placeholder:"WHEN" help:"When it stops working: 90d, 12h, or a date such as 2027-01-31. Default: never."`
}

// expiry is when a token stops working, in the form the server reads.
type expiry string

// UnmarshalText reads a duration from now, or a date.
func (e *expiry) UnmarshalText(text []byte) error {
	s := string(text)
	if d, ok := span(s); ok {
		s = clock.System{}.Now().Add(d).Format(time.RFC3339)
	}
	*e = expiry(s)
	return nil
}

// Run issues a token.
func (c *tokenCreate) Run(p *process) error {
	b := body("integration_id", c.Integration)
	if c.Name != "" {
		b.Set("name", jsonx.StringValue(c.Name))
	}
	if c.Expires != "" {
		b.Set("expires_time", jsonx.StringValue(string(c.Expires)))
	}
	return c.printOne(p, http.MethodPost, "tokens", b, []string{"token", "id", "integration_id", "expires_time"})
}

type tokenList struct {
	scoped
	Integration string `placeholder:"ID" help:"Only the tokens of this integration."`
}

// Run lists tokens.
func (c *tokenList) Run(p *process) error {
	q := c.query()
	if c.Integration != "" {
		q.Set("integration_id", c.Integration)
	}
	return c.printQuery(p, "tokens", q, tokenColumns)
}

type tokenRotate struct {
	scoped
	ID      string `arg:"" help:"Id of the token, not the token itself."`
	Expires expiry `placeholder:"WHEN" help:"When the new one stops working: 90d, 12h, a date such as 2027-01-31, or never. Default: when the old one does."`
	Overlap spell  `placeholder:"DURATION" help:"How long the old one still works, such as 1d or 12h. Default: not at all."`
}

// Run replaces a token.
func (c *tokenRotate) Run(p *process) error {
	b := body()
	switch c.Expires {
	case "":
	case "never":
		b.Set("expires_time", jsonx.NullValue)
	default:
		b.Set("expires_time", jsonx.StringValue(string(c.Expires)))
	}
	if c.Overlap != "" {
		b.Set("overlap", jsonx.StringValue(string(c.Overlap)))
	}
	return c.printOne(p, http.MethodPost, "tokens/"+segment(c.ID)+"/rotate", b, []string{"token", "id", "integration_id", "expires_time"})
}

type tokenRevoke struct {
	scoped
	ID string `arg:"" help:"Id of the token, not the token itself."`
}

// Run revokes a token.
func (c *tokenRevoke) Run(p *process) error {
	return c.printOne(p, http.MethodDelete, "tokens/"+segment(c.ID), jsonx.Value{}, tokenColumns)
}

// target is a page, or the whole workspace.
type target struct {
	Integration    string `arg:"" help:"Id of the integration."`
	Page           string `xor:"target" required:"" placeholder:"ID" help:"The page, with everything below it."`
	WholeWorkspace bool   `xor:"target" required:"" help:"Everything in the workspace."`
}

func (t target) path() string { return "integrations/" + segment(t.Integration) + "/shares" }

type shareAdd struct {
	scoped
	target
}

// Run shares a page with an integration.
func (c *shareAdd) Run(p *process) error {
	b := flagBody("workspace", true)
	if c.Page != "" {
		b = body("page_id", c.Page)
	}
	return c.printOne(p, http.MethodPost, c.path(), b, shareColumns)
}

type shareRemove struct {
	scoped
	target
}

// Run takes a share back.
func (c *shareRemove) Run(p *process) error {
	q := c.query()
	if c.Page != "" {
		q.Set("page_id", c.Page)
	} else {
		q.Set("workspace", "true")
	}
	return c.printAnswer(p, http.MethodDelete, c.path(), q, jsonx.Value{}, shareColumns)
}

type shareList struct {
	scoped
	Integration string `arg:"" help:"Id of the integration."`
}

// Run lists shares.
func (c *shareList) Run(p *process) error {
	return c.printAll(p, target{Integration: c.Integration}.path(), shareColumns)
}

type templateAdd struct {
	scoped
	Source  string `arg:"" name:"data-source" help:"Id of the data source."`
	Page    string `arg:"" help:"Id of the page."`
	Default bool   `help:"Make it the default template."`
}

// Run marks a page as a template.
func (c *templateAdd) Run(p *process) error {
	b := body("page_id", c.Page)
	b.Set("is_default", jsonx.BoolValue(c.Default))
	return c.printOne(p, http.MethodPost, templatesOf(c.Source), b, templateColumns)
}

func templatesOf(source string) string { return "data_sources/" + segment(source) + "/templates" }

type templateList struct {
	scoped
	Source string `arg:"" name:"data-source" help:"Id of the data source."`
}

// Run lists templates.
func (c *templateList) Run(p *process) error {
	return c.printAll(p, templatesOf(c.Source), templateColumns)
}

type templateRemove struct {
	scoped
	Source string `arg:"" name:"data-source" help:"Id of the data source."`
	Page   string `arg:"" help:"Id of the page."`
}

// Run takes the mark of a template from a page.
func (c *templateRemove) Run(p *process) error {
	return c.printOne(p, http.MethodDelete, templatesOf(c.Source)+"/"+segment(c.Page), jsonx.Value{}, templateColumns)
}

type emojiAdd struct {
	scoped
	Name string `arg:"" help:"What stands between the colons."`
	URL  string `arg:"" optional:"" name:"url" help:"Where its picture is."`
	File string `type:"existingfile" placeholder:"FILE" help:"Its picture, an image of up to 256 KiB, which the server keeps."`
}

// Run gives a workspace an emoji.
func (c *emojiAdd) Run(p *process) error {
	b := body("name", c.Name)
	switch {
	case (c.File == "") == (c.URL == ""):
		return errors.New("the emoji needs a picture: give its URL or --file")
	case c.File != "":
		content, err := readPicture(c.File)
		if err != nil {
			return err
		}
		b.Set("filename", jsonx.StringValue(filepath.Base(c.File)))
		b.Set("content", jsonx.StringValue(base64.StdEncoding.EncodeToString(content)))
	default:
		b.Set("url", jsonx.StringValue(c.URL))
	}
	return c.printOne(p, http.MethodPost, "emojis", b, emojiColumns)
}

// readPicture reads a file unless it is larger than the picture of an emoji can be.
func readPicture(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, core.MaxEmojiPicture+1))
	if err == nil && len(content) > core.MaxEmojiPicture {
		err = fmt.Errorf("%s is larger than the picture of an emoji can be, %d bytes", name, core.MaxEmojiPicture)
	}
	return content, err
}

type emojiList struct{ scoped }

// Run lists emojis.
func (c *emojiList) Run(p *process) error { return c.printAll(p, "emojis", emojiColumns) }

type emojiRemove struct {
	scoped
	ID string `arg:"" help:"Id of the emoji."`
}

// Run takes an emoji away.
func (c *emojiRemove) Run(p *process) error {
	return c.printOne(p, http.MethodDelete, "emojis/"+segment(c.ID), jsonx.Value{}, emojiColumns)
}

type discussionList struct {
	scoped
	Block string `placeholder:"ID" help:"Only those of one page or block."`
}

// Run lists discussions.
func (c *discussionList) Run(p *process) error {
	q := c.query()
	if c.Block != "" {
		q.Set("block_id", c.Block)
	}
	list, err := c.list(p, "discussions", q)
	if err != nil {
		return err
	}
	return c.showList(p, list, discussionColumns...)
}

type discussionResolve struct {
	scoped
	ID string `arg:"" help:"Id of the discussion."`
}

// Run resolves a discussion.
func (c *discussionResolve) Run(p *process) error {
	return c.printOne(p, http.MethodPatch, "discussions/"+segment(c.ID), flagBody("resolved", true), discussionColumns)
}

type discussionReopen struct {
	scoped
	ID string `arg:"" help:"Id of the discussion."`
}

// Run reopens a discussion.
func (c *discussionReopen) Run(p *process) error {
	return c.printOne(p, http.MethodPatch, "discussions/"+segment(c.ID), flagBody("resolved", false), discussionColumns)
}

type faultAdd struct {
	remote
	Code        string  `arg:"" optional:"" help:"The error to answer with, such as rate_limited."`
	Message     string  `help:"Takes the place of the documented message."`
	RetryAfter  int     `placeholder:"SECONDS" help:"The Retry-After header."`
	Latency     string  `placeholder:"DURATION" help:"How long to wait first, such as 250ms."`
	Cut         string  `enum:"after_headers,mid_body," default:"" placeholder:"WHERE" help:"Where the connection drops: after_headers or mid_body."`
	AfterCommit bool    `help:"Carry the request out first, writes included."`
	Method      string  `help:"Only requests with this HTTP method."`
	Path        string  `help:"Only requests with this path, such as /v1/pages/{page_id} or /v1/blocks/*."`
	Token       string  `help:"Only requests with this token."`
	Integration string  `placeholder:"ID" help:"Only requests of this integration."`
	Nth         int     `help:"Only every nth of them."`
	Probability float64 `help:"Only by chance, between 0 and 1."`
	Seed        uint64  `help:"The same seed makes the same choices."`
	Count       int     `help:"Only so many, then nothing more."`
}

// Run adds a fault rule.
func (c *faultAdd) Run(p *process) error {
	b := body()
	for _, t := range []struct{ key, value string }{
		{"code", c.Code}, {"message", c.Message}, {"latency", c.Latency}, {"cut", c.Cut}, {"method", c.Method},
		{"path", c.Path}, {"token", c.Token}, {"integration_id", c.Integration},
	} {
		if t.value != "" {
			b.Set(t.key, jsonx.StringValue(t.value))
		}
	}
	for _, n := range []struct {
		key   string
		value float64
	}{
		{"retry_after", float64(c.RetryAfter)}, {"nth", float64(c.Nth)}, {"probability", c.Probability},
		{"seed", float64(c.Seed)}, {"count", float64(c.Count)},
	} {
		if n.value != 0 {
			b.Set(n.key, jsonx.NumberValue(n.value))
		}
	}
	if c.AfterCommit {
		b.Set("after_commit", jsonx.BoolValue(true))
	}
	return c.printAnswer(p, http.MethodPost, "faults", nil, b, faultColumns)
}

type faultList struct{ remote }

// Run lists fault rules.
func (c *faultList) Run(p *process) error { return c.printAll(p, "faults", faultColumns) }

type faultRemove struct {
	remote
	ID string `arg:"" help:"Id of the rule."`
}

// Run removes a fault rule.
func (c *faultRemove) Run(p *process) error {
	return c.printAnswer(p, http.MethodDelete, "faults/"+segment(c.ID), nil, jsonx.Value{}, faultColumns)
}

type faultReset struct{ remote }

// Run removes every fault rule.
func (c *faultReset) Run(p *process) error {
	v, err := c.call(p, http.MethodDelete, "faults", nil, jsonx.Value{})
	if err != nil {
		return err
	}
	if c.JSON {
		return printJSON(p.stdout, v.Get("results"))
	}
	_, err = fmt.Fprintf(p.stdout, "%d rules removed\n", len(v.Get("results").Items()))
	return err
}
