// Package oauth serves the pages on which people sign in, set their password, and let public
// integrations act for them (contract.md §6). They are HTML that needs no script. The endpoints
// that clients call are part of the API, in package api.
package oauth

import (
	"net/url"

	"octavo/internal/core"
)

// Request is what a client asks for when it sends a person to the authorize page.
type Request struct {
	ClientID string
	// RedirectURI is "" when the client named none.
	RedirectURI  string
	ResponseType string
	Owner        string
	State        string
	Challenge    string
	Method       string
}

// ReadRequest reads the query string of the authorize page. Of a key that is there twice the
// first counts.
func ReadRequest(q url.Values) Request {
	return Request{
		ClientID: q.Get("client_id"), RedirectURI: q.Get("redirect_uri"), ResponseType: q.Get("response_type"), Owner: q.Get("owner"),
		State: q.Get("state"), Challenge: q.Get("code_challenge"), Method: q.Get("code_challenge_method"),
	}
}

// Refusal returns the error code that the client is sent back with when it asks for what
// there is not, "" when there is nothing to say against it. The client and the redirect URI
// have been found.
func (r Request) Refusal() string {
	_, sound := core.ParseChallenge(r.Challenge, r.Method)
	switch {
	case r.ResponseType != "code":
		return "unsupported_response_type"
	case r.Owner != "" && r.Owner != "user", !sound:
		return "invalid_request"
	}
	return ""
}

// Answer is what a person is sent back to the client with: a code or an error.
type Answer struct{ Code, Error, State string }

// URL returns a redirect URI with the answer added to its query string.
func (a Answer) URL(redirectURI string) string {
	u, err := url.Parse(redirectURI)
	if err != nil {
		return redirectURI // what is registered has been parsed before
	}
	q := u.Query()
	for _, pair := range [][2]string{{"code", a.Code}, {"error", a.Error}, {"state", a.State}} {
		if pair[1] != "" {
			q.Set(pair[0], pair[1])
		}
	}
	u.RawQuery = q.Encode()
	return u.String()
}
