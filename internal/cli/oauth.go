package cli

import (
	"net/http"

	"octavo/internal/jsonx"
)

var (
	oauthColumns       = []string{"id", "name", "capabilities", "redirect_uris", "disabled"}
	oauthSecretColumns = []string{"id", "client_secret", "name", "capabilities", "redirect_uris"}
)

type userInvite struct {
	scoped
	ID string `arg:"" help:"Id of the person."`
}

// Run makes an invitation.
func (c *userInvite) Run(p *process) error {
	return c.printOne(p, http.MethodPost, "users/"+segment(c.ID)+"/invite", body(), []string{"user_id", "url", "expires_time"})
}

type oauthCreate struct {
	remote
	Name         string   `arg:"" help:"Its name, which people read when they authorise it."`
	RedirectURI  []string `name:"redirect-uri" required:"" placeholder:"URL" help:"Where people may be sent back to."`
	Capabilities []string `placeholder:"NAME" help:"What those who authorise it let it do, as for octavo integration create. Default: to read, update and insert content."`
}

// Run registers a public integration.
func (c *oauthCreate) Run(p *process) error {
	b := body("name", c.Name)
	setTexts(b, "redirect_uris", c.RedirectURI)
	setCapabilities(b, c.Capabilities)
	return c.printAnswer(p, http.MethodPost, "oauth/clients", nil, b, oauthSecretColumns)
}

type oauthList struct{ remote }

// Run lists public integrations.
func (c *oauthList) Run(p *process) error { return c.printAll(p, "oauth/clients", oauthColumns) }

// oauthClient names a public integration.
type oauthClient struct {
	remote
	ID string `arg:"" help:"Its client_id."`
}

func (c *oauthClient) path() string { return "oauth/clients/" + segment(c.ID) }

type oauthShow struct{ oauthClient }

// Run shows a public integration.
func (c *oauthShow) Run(p *process) error {
	return c.printAnswer(p, http.MethodGet, c.path(), nil, jsonx.Value{}, append(oauthColumns, "created_time"))
}

type oauthUpdate struct {
	oauthClient
	Name         *string  `placeholder:"NAME" help:"New name."`
	RedirectURI  []string `name:"redirect-uri" placeholder:"URL" help:"Where people may be sent back to from now on."`
	Capabilities []string `placeholder:"NAME" help:"What those who authorise it from now on let it do; all for everything, none for nothing."`
}

// Run changes a public integration.
func (c *oauthUpdate) Run(p *process) error {
	b := body()
	setText(b, "name", c.Name)
	setTexts(b, "redirect_uris", c.RedirectURI)
	setCapabilities(b, c.Capabilities)
	return c.printAnswer(p, http.MethodPatch, c.path(), nil, b, oauthColumns)
}

type oauthDisable struct{ oauthClient }

// Run disables a public integration.
func (c *oauthDisable) Run(p *process) error {
	return c.printAnswer(p, http.MethodPatch, c.path(), nil, flagBody("disabled", true), oauthColumns)
}

type oauthEnable struct{ oauthClient }

// Run enables a public integration.
func (c *oauthEnable) Run(p *process) error {
	return c.printAnswer(p, http.MethodPatch, c.path(), nil, flagBody("disabled", false), oauthColumns)
}

type oauthRotate struct{ oauthClient }

// Run gives a public integration a new secret.
func (c *oauthRotate) Run(p *process) error {
	return c.printAnswer(p, http.MethodPost, c.path()+"/secret", nil, body(), oauthSecretColumns)
}

type oauthAuthorize struct {
	scoped
	ID          string   `arg:"" help:"Its client_id."`
	User        string   `arg:"" help:"Id of the person who authorises it."`
	Page        []string `placeholder:"ID" help:"Pages and databases to share with it, with everything below them."`
	RedirectURI string   `name:"redirect-uri" placeholder:"URL" help:"Where the code would go. Needed where several are registered."`
	State       string   `placeholder:"TEXT" help:"Goes back with the code."`
	Challenge   string   `name:"code-challenge" placeholder:"TEXT" help:"Binds the code to who knows its code_verifier."`
	Method      string   `name:"code-challenge-method" enum:"plain,S256," default:"" placeholder:"METHOD" help:"plain or S256. Default: plain."`
}

// Run authorises a public integration for a person and prints the code.
func (c *oauthAuthorize) Run(p *process) error {
	b := body("user_id", c.User)
	setTexts(b, "page_ids", c.Page)
	for _, t := range []struct{ key, value string }{
		{"redirect_uri", c.RedirectURI}, {"state", c.State}, {"code_challenge", c.Challenge}, {"code_challenge_method", c.Method},
	} {
		if t.value != "" {
			b.Set(t.key, jsonx.StringValue(t.value))
		}
	}
	return c.printOne(p, http.MethodPost, "oauth/clients/"+segment(c.ID)+"/authorize", b, []string{"code", "url", "integration_id", "expires_time"})
}
