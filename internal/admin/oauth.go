package admin

import (
	"strings"

	"octavo/internal/core"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/oauth"
	"octavo/internal/schema"
	"octavo/internal/store"
)

func listOAuthClients(a *Admin, c *call) (jsonx.Value, error) {
	part, err := c.part()
	if err != nil {
		return jsonx.Value{}, err
	}
	rows, err := a.opts.Core.OAuthClients(c.ctx, part)
	return listOf(rows, oauthClientValue), err
}

func createOAuthClient(a *Admin, c *call) (jsonx.Value, error) {
	client, secret, err := a.opts.Core.RegisterOAuthClient(c.ctx, core.OAuthClientSpec{
		Name:         c.body.Get("name").Text(),
		Capabilities: stringsOf(c.body, "capabilities"),
		RedirectURIs: stringsOf(c.body, "redirect_uris"),
	})
	return withClientSecret(client, secret), err
}

func getOAuthClient(a *Admin, c *call) (jsonx.Value, error) {
	client, err := a.opts.Core.FindOAuthClient(c.ctx, c.ids["client_id"])
	return oauthClientValue(client), err
}

func updateOAuthClient(a *Admin, c *call) (jsonx.Value, error) {
	client, err := a.opts.Core.UpdateOAuthClient(c.ctx, c.ids["client_id"], core.OAuthClientChange{
		Name:         optional(c.body, "name"),
		Capabilities: stringsOf(c.body, "capabilities"),
		RedirectURIs: stringsOf(c.body, "redirect_uris"),
		Disabled:     optionalFlag(c.body, "disabled"),
	})
	return oauthClientValue(client), err
}

func rotateOAuthSecret(a *Admin, c *call) (jsonx.Value, error) {
	client, secret, err := a.opts.Core.RotateOAuthClientSecret(c.ctx, c.ids["client_id"])
	return withClientSecret(client, secret), err
}

func authorizeOAuthClient(a *Admin, c *call) (jsonx.Value, error) {
	var pages []notion.ID
	for _, text := range stringsOf(c.body, "page_ids") {
		page, ok := notion.ParseID(text)
		if !ok || page.IsZero() {
			return jsonx.Value{}, invalid("page_ids should be IDs of pages or databases, instead one was %s.", schema.Show(jsonx.StringValue(text)))
		}
		pages = append(pages, page)
	}
	challenge, ok := core.ParseChallenge(c.body.Get("code_challenge").Text(), c.body.Get("code_challenge_method").Text())
	if !ok {
		return jsonx.Value{}, invalid("code_challenge should be 43 to 128 letters, digits or any of -._~, with code_challenge_method plain or S256.")
	}
	person, _ := notion.ParseID(c.body.Get("user_id").Text())
	given, err := a.opts.Core.Authorize(c.ctx, c.ids["client_id"], core.Consent{
		Workspace: c.workspace, Person: person, Pages: pages, RedirectURI: c.body.Get("redirect_uri").Text(), Challenge: challenge,
	})
	return authorizationValue(given, c.body.Get("state").Text()), err
}

func inviteUser(a *Admin, c *call) (jsonx.Value, error) {
	user := c.ids["user_id"]
	link, err := a.opts.Core.Invite(c.ctx, c.workspace, user)
	return tagged("invitation",
		jsonx.M("user_id", idValue(user)),
		jsonx.M("url", jsonx.StringValue(link.URL)),
		jsonx.M("expires_time", timeValue(link.Expires)),
	), err
}

func oauthClientValue(client store.OAuthClient) jsonx.Value {
	return tagged("oauth_client",
		jsonx.M("id", idValue(client.ID)),
		jsonx.M("name", jsonx.StringValue(client.Name)),
		jsonx.M("capabilities", textsValue(strings.Fields(client.Capabilities))),
		jsonx.M("redirect_uris", textsValue(core.RedirectURIs(client))),
		jsonx.M("disabled", jsonx.BoolValue(client.Disabled)),
		jsonx.M("created_time", timeValue(client.CreatedTime)),
	)
}

func withClientSecret(client store.OAuthClient, secret string) jsonx.Value {
	v := oauthClientValue(client)
	v.Set("client_secret", jsonx.StringValue(secret))
	return v
}

func authorizationValue(given core.Authorized, state string) jsonx.Value {
	return tagged("authorization",
		jsonx.M("code", jsonx.StringValue(given.Code)),
		jsonx.M("url", jsonx.StringValue(oauth.Answer{Code: given.Code, State: state}.URL(given.RedirectURI))),
		jsonx.M("integration_id", idValue(given.Integration)),
		jsonx.M("expires_time", timeValue(given.Expires)),
	)
}

func textsValue(list []string) jsonx.Value {
	var items []jsonx.Value
	for _, s := range list {
		items = append(items, jsonx.StringValue(s))
	}
	return jsonx.ArrayValue(items...)
}
