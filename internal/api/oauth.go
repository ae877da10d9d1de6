package api

import (
	"errors"
	"net/http"
	"slices"

	"octavo/internal/apierr"
	"octavo/internal/core"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/schema"
	"octavo/internal/version"
)

// doOpen takes a request to an OAuth endpoint through its checks: the fault plan, the client,
// the schema. They come after the route and the JSON, whose errors have the ordinary form
// (contract.md §6).
func (x *exchange) doOpen(a *API, r *http.Request, body jsonx.Value) (notion.Object, error) {
	var err error
	if x.fault, err = a.opts.Faults.Match(r, notion.ID{}); err != nil {
		return nil, err
	}
	o, err := x.carryOutOpen(a, r, body)
	if err == nil {
		return o, nil
	}
	var e *apierr.Error
	if errors.As(err, &e) && slices.Contains(oauthCodes, e.Code) && !e.OAuth {
		return nil, apierr.OAuth(e.Code, e.Message).Because(err)
	}
	return nil, err
}

// oauthCodes are the errors that have another form at the OAuth endpoints, when a fault is
// injected too.
var oauthCodes = []apierr.Code{apierr.InvalidClient, apierr.InvalidGrant, apierr.UnsupportedGrantType, apierr.InvalidRequest}

func (x *exchange) carryOutOpen(a *API, r *http.Request, body jsonx.Value) (notion.Object, error) {
	if err := x.beforeFault(r.Context(), a.opts.Clock); err != nil {
		return nil, err
	}
	id, secret, given := r.BasicAuth()
	if !given {
		return nil, apierr.OAuth(apierr.InvalidClient, "")
	}
	client, err := a.core.AuthenticateOAuthClient(r.Context(), id, secret)
	if err != nil {
		return nil, err
	}
	c := &call{ctx: r.Context(), route: x.route, client: client, version: version.Latest}
	if err := checkGrantType(c.route, body); err != nil {
		return nil, err
	}
	if err := a.check(c, r, body); err != nil {
		return nil, asInvalidRequest(err)
	}
	o, err := x.route.handle(a, c)
	if err != nil {
		return nil, err
	}
	return o, x.afterFault(c, o)
}

// checkGrantType refuses a grant_type that there is no way to answer.
func checkGrantType(r *route, body jsonx.Value) error {
	kind := body.Get("grant_type")
	if r.name != "create_token" || kind.Kind() != jsonx.String || slices.Contains(grantTypes, kind.Text()) {
		return nil
	}
	return apierr.OAuth(apierr.UnsupportedGrantType, "Unsupported grant_type: "+schema.Show(kind)+".")
}

// asInvalidRequest gives the refusal of a schema the form of OAuth.
func asInvalidRequest(err error) error {
	var e *apierr.Error
	if errors.As(err, &e) && e.Code == apierr.ValidationError {
		return apierr.OAuth(apierr.InvalidRequest, e.Message)
	}
	return err
}

const (
	byCode    = "authorization_code"
	byRefresh = "refresh_token"
)

var grantTypes = []string{byCode, byRefresh}

// defineOAuth adds the bodies of requests to the OAuth endpoints. code_verifier is not among
// what the official SDK sends; RFC 7636 has it.
func defineOAuth(set *schema.Set) {
	set.Define("create_token", schema.Union(
		schema.Object(
			schema.Req("grant_type", schema.Literal(byCode)),
			schema.Req("code", schema.String()),
			schema.Opt("redirect_uri", schema.String()),
			schema.Opt("external_account", schema.Object(schema.Req("key", schema.String()), schema.Req("name", schema.String()))),
			schema.Opt("code_verifier", schema.String()),
		),
		schema.Object(
			schema.Req("grant_type", schema.Literal(byRefresh)),
			schema.Req("refresh_token", schema.String()),
		),
	))
	token := schema.Object(schema.Req("token", schema.String()))
	set.Define("introspect_token", token)
	set.Define("revoke_token", token)
}

func createToken(a *API, c *call) (notion.Object, error) {
	if c.body.Get("grant_type").Text() == byRefresh {
		return a.core.Refresh(c.ctx, c.client, c.body.Get("refresh_token").Text())
	}
	return a.core.ExchangeCode(c.ctx, c.client, core.CodeExchange{
		Code:        c.body.Get("code").Text(),
		RedirectURI: textIfGiven(c.body, "redirect_uri"),
		Verifier:    textIfGiven(c.body, "code_verifier"),
	})
}

// textIfGiven returns the string under key, nil when it is not there.
func textIfGiven(in jsonx.Value, key string) *string {
	v := in.Get(key)
	if !v.Defined() {
		return nil
	}
	s := v.Text()
	return &s
}

func introspectToken(a *API, c *call) (notion.Object, error) {
	token, err := a.core.Introspect(c.ctx, c.client, c.body.Get("token").Text())
	if err != nil {
		return nil, err
	}
	if !token.Active {
		return notion.Raw(`{"active":false}`), nil
	}
	return notion.Raw(jsonx.ObjectValue(
		jsonx.M("active", jsonx.BoolValue(true)),
		jsonx.M("scope", jsonx.StringValue(token.Scope)),
		jsonx.M("iat", jsonx.NumberValue(float64(token.Issued.UnixMilli()))),
	).Append(nil)), nil
}

func revokeToken(a *API, c *call) (notion.Object, error) {
	return notion.Raw(`{}`), a.core.RevokeFamily(c.ctx, c.client, c.body.Get("token").Text())
}
