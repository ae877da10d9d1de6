package oauth

import (
	"errors"
	"net/http"
	"strings"

	"octavo/internal/apierr"
	"octavo/internal/core"
	"octavo/internal/notion"
	"octavo/internal/store"
)

// abilities says in words what each capability lets an integration do.
var abilities = []struct {
	core.Capability
	words string
}{
	{core.ReadContent, "read content"},
	{core.UpdateContent, "change content"},
	{core.InsertContent, "add content"},
	{core.ReadComments, "read comments"},
	{core.InsertComments, "write comments"},
	{core.ReadUsers, "see who is in the workspace"},
	{core.ReadEmails, "see their e-mail addresses"},
}

// authorize is the page to which clients send people (contract.md §6). The request of the
// client is in the query string of every step.
func (p *Pages) authorize(v *visit) error {
	ask := ReadRequest(v.r.URL.Query())
	client, redirect, wrong, err := p.client(v, ask)
	if err != nil {
		return err
	}
	if wrong != "" {
		v.notice(http.StatusBadRequest, "This link does not work", wrong)
		return nil
	}
	if refusal := ask.Refusal(); refusal != "" {
		v.redirect(Answer{Error: refusal, State: ask.State}.URL(redirect))
		return nil
	}
	v.destination = sourceOf(redirect)
	if len(v.people) == 0 {
		return p.askWho(v, client.Name, here(v))
	}
	c := &consent{pages: p, visit: v, ask: ask, client: client, redirect: redirect}
	return c.answer()
}

// here is the address of the page with the request of the client.
func here(v *visit) string { return AuthorizePath + "?" + v.r.URL.RawQuery }

// client finds who sent the person, and where to send them back to. The text says what is
// wrong with the request, in which case the person cannot be sent anywhere.
func (p *Pages) client(v *visit, ask Request) (client store.OAuthClient, redirect, wrong string, err error) {
	id, ok := notion.ParseID(ask.ClientID)
	if ok {
		client, err = p.opts.Core.FindOAuthClient(v.r.Context(), id)
	}
	var e *apierr.Error
	if !ok || errors.As(err, &e) && e.Code == apierr.ObjectNotFound || err == nil && client.Disabled {
		return client, "", "Missing or invalid client_id", nil
	}
	if err != nil {
		return client, "", "", err
	}
	redirect, ok = core.RedirectURI(client, ask.RedirectURI)
	if !ok {
		return client, "", "Missing or invalid redirect_uri", nil
	}
	return client, redirect, "", nil
}

// consent is the step in which a person chooses pages and agrees.
type consent struct {
	pages    *Pages
	visit    *visit
	ask      Request
	client   store.OAuthClient
	redirect string

	person core.Person
	chosen []notion.ID
}

type consentData struct {
	common
	Person    core.Person
	Others    []otherWorkspace
	Abilities []string
	choice
	// Destination is where the person will be sent.
	Destination string
}

type otherWorkspace struct{ Name, URL string }

// maxChosen is how many pages can be chosen at once.
const maxChosen = 200

func (c *consent) answer() error {
	v := c.visit
	do := v.r.PostForm.Get("do")
	if do == "sign-out" {
		if err := c.pages.end(v); err != nil {
			return err
		}
		v.redirect(here(v))
		return nil
	}
	if do == "deny" {
		v.redirect(Answer{Error: "access_denied", State: c.ask.State}.URL(c.redirect))
		return nil
	}
	if !c.choosePerson() {
		v.notice(http.StatusForbidden, "Not for guests", "Guests of a workspace cannot let integrations into it.")
		return nil
	}
	if !c.readChosen() {
		v.notice(http.StatusBadRequest, "Not accepted", "These are too many pages to choose at once. Choose a page above them instead.")
		return nil
	}
	if do == "approve" {
		return c.approve()
	}
	return c.offer(do)
}

// choosePerson takes the person of the workspace in the query string, or the first who may
// let integrations in.
func (c *consent) choosePerson() bool {
	asked := c.visit.r.URL.Query().Get("workspace")
	found := false
	for _, p := range c.visit.people {
		if p.User.Role == "guest" {
			continue
		}
		if !found || p.Workspace.ID.String() == asked {
			c.person, found = p, true
		}
	}
	return found
}

// readChosen reads the pages that are ticked.
func (c *consent) readChosen() bool {
	for _, text := range c.visit.r.PostForm["page"] {
		if id, ok := notion.ParseID(text); ok && !id.IsZero() {
			c.chosen = append(c.chosen, id)
		}
	}
	return len(c.chosen) <= maxChosen
}

// approve sends the person back with a code.
func (c *consent) approve() error {
	ctx := c.visit.r.Context()
	// What has been removed since the page was shown is not there to be shared.
	there, err := c.pages.opts.Core.ChosenNodes(ctx, c.person.Workspace.ID, c.chosen)
	if err != nil {
		return err
	}
	challenge, _ := core.ParseChallenge(c.ask.Challenge, c.ask.Method)
	given, err := c.pages.opts.Core.Authorize(ctx, c.client.ID, core.Consent{
		Workspace: c.person.Workspace.ID, Person: c.person.User.ID, Pages: idsOf(there), RedirectURI: c.ask.RedirectURI, Challenge: challenge,
	})
	if err != nil {
		return err
	}
	c.visit.redirect(Answer{Code: given.Code, State: c.ask.State}.URL(given.RedirectURI))
	return nil
}

func idsOf(nodes []core.Node) []notion.ID {
	var ids []notion.ID
	for _, n := range nodes {
		ids = append(ids, n.ID)
	}
	return ids
}

// offer shows pages to choose from.
func (c *consent) offer(do string) error {
	choice, problem, err := c.choose(do)
	if err != nil {
		return err
	}
	data := consentData{
		common: commonOf("Let " + c.client.Name + " in?"), Person: c.person, Others: c.others(), Abilities: c.abilities(),
		choice: choice, Destination: originOf(c.redirect),
	}
	data.Problem = problem
	data.Form = c.pages.form(c.visit)
	c.visit.show(http.StatusOK, consentTemplate, data)
	return nil
}

func (c *consent) abilities() []string {
	set, _ := core.ParseCapabilities(strings.Fields(c.client.Capabilities))
	var words []string
	for _, a := range abilities {
		if set.Has(a.Capability) {
			words = append(words, a.words)
		}
	}
	return words
}

// others lists the other workspaces that the person could choose.
func (c *consent) others() []otherWorkspace {
	var list []otherWorkspace
	for _, p := range c.visit.people {
		if p.User.Role == "guest" || p.Workspace.ID == c.person.Workspace.ID {
			continue
		}
		q := c.visit.r.URL.Query()
		q.Set("workspace", p.Workspace.ID.String())
		list = append(list, otherWorkspace{p.Workspace.Name, AuthorizePath + "?" + q.Encode()})
	}
	return list
}
