package oauth

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"octavo/internal/clock"
)

// OIDC says which OpenID Connect provider people sign in with. The zero value is none.
type OIDC struct {
	// Issuer is the URL of the provider, exactly as it names itself.
	Issuer string
	// ClientID and ClientSecret are what the provider knows this server by.
	ClientID, ClientSecret string
	// Name is what people know the provider by.
	Name string
	// Domains are those of the e-mails that are let in. Nil is every domain.
	Domains []string
	// Join makes a member of the oldest workspace of whoever is let in and not known.
	Join bool
	// Only turns passwords off.
	Only bool
}

// The bounds of what a provider may take and answer with.
const (
	providerTimeout = 10 * time.Second
	providerAnswer  = 1 << 20 // bytes
)

// provider is the provider that people sign in with. It is safe for concurrent use.
type provider struct {
	OIDC
	clock    clock.Clock
	redirect string
	client   *http.Client

	mu    sync.Mutex
	found *oidc.Provider // nil until it has been asked
}

func newProvider(o OIDC, c clock.Clock, publicURL string) *provider {
	if o.Issuer == "" {
		return nil
	}
	return &provider{
		OIDC: o, clock: c, redirect: publicURL + CallbackPath,
		client: &http.Client{Timeout: providerTimeout, Transport: shortAnswers{http.DefaultTransport}},
	}
}

// shortAnswers ends answers that are too long, since they are read whole.
type shortAnswers struct{ http.RoundTripper }

func (s shortAnswers) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.RoundTripper.RoundTrip(r)
	if err == nil {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, providerAnswer), resp.Body}
	}
	return resp, err
}

// discover asks the provider where its endpoints are, once it can be reached.
func (p *provider) discover(ctx context.Context) (*oidc.Provider, oauth2.Config, error) {
	p.mu.Lock()
	found := p.found
	p.mu.Unlock()
	if found == nil {
		var err error
		if found, err = oidc.NewProvider(ctx, p.Issuer); err != nil {
			return nil, oauth2.Config{}, err
		}
		p.mu.Lock()
		p.found = found
		p.mu.Unlock()
	}
	endpoint := found.Endpoint()
	endpoint.AuthStyle = authStyle(found)
	return found, oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: endpoint, RedirectURL: p.redirect,
		Scopes: []string{oidc.ScopeOpenID, "email", "profile"},
	}, nil
}

// authStyle is how the provider wants to be shown the client secret: in the header unless it
// says otherwise. Left to itself the library tries both, and would show a code that was refused
// for the second time.
func authStyle(found *oidc.Provider) oauth2.AuthStyle {
	var says struct {
		Methods []string `json:"token_endpoint_auth_methods_supported"`
	}
	err := found.Claims(&says)
	if err == nil && slices.Contains(says.Methods, "client_secret_post") && !slices.Contains(says.Methods, "client_secret_basic") {
		return oauth2.AuthStyleInParams
	}
	return oauth2.AuthStyleInHeader
}

// flow is one way of a browser to the provider and back. All of it comes of a secret that only
// the browser has.
type flow struct{ state, nonce, verifier string }

func flowOf(secret string) flow {
	derive := func(use string) string {
		sum := sha256.Sum256([]byte("oidc " + use + "\x00" + secret))
		return base64.RawURLEncoding.EncodeToString(sum[:])
	}
	return flow{derive("state"), derive("nonce"), derive("verifier")}
}

// address is where the browser is sent to.
func (p *provider) address(ctx context.Context, f flow) (string, error) {
	_, config, err := p.discover(oidc.ClientContext(ctx, p.client))
	return config.AuthCodeURL(f.state, oidc.Nonce(f.nonce), oauth2.S256ChallengeOption(f.verifier)), err
}

// identity is whom the provider has seen.
type identity struct {
	Email    string  `json:"email"`
	Verified loosely `json:"email_verified"`
	Name     string  `json:"name"`
}

// loosely is a boolean that some providers write as a string.
type loosely bool

// UnmarshalJSON takes what is not true for false.
func (b *loosely) UnmarshalJSON(data []byte) error {
	*b = string(data) == "true" || string(data) == `"true"`
	return nil
}

// refusedError says to the person why they are not let in.
type refusedError struct {
	says string
	err  error // the cause, for the log
}

func (r *refusedError) Error() string {
	if r.err == nil {
		return r.says
	}
	return fmt.Sprintf("%s: %v", r.says, r.err)
}

func (r *refusedError) Unwrap() error { return r.err }

// identify gets to know who comes back with a code. The error is a *refusedError unless the
// provider could not be asked.
func (p *provider) identify(ctx context.Context, f flow, code string) (identity, error) {
	var who identity
	ctx = oidc.ClientContext(ctx, p.client)
	found, config, err := p.discover(ctx)
	if err != nil {
		return who, err
	}
	token, err := config.Exchange(ctx, code, oauth2.VerifierOption(f.verifier))
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) && refused.Response.StatusCode < http.StatusInternalServerError {
		return who, &refusedError{p.Name + " does not take the code that it gave you.", err}
	}
	if err != nil {
		return who, err
	}
	raw, _ := token.Extra("id_token").(string)
	verified, err := found.Verifier(&oidc.Config{ClientID: p.ClientID, Now: p.clock.Now}).Verify(ctx, raw)
	var expired *oidc.TokenExpiredError
	switch {
	case errors.As(err, &expired):
		return who, &refusedError{"What " + p.Name + " says of you has expired. Is the time right, there and here?", err}
	case err != nil:
		return who, &refusedError{"What " + p.Name + " says of you cannot be verified. The server's log says why.", err}
	case verified.Nonce != f.nonce:
		return who, &refusedError{"What " + p.Name + " says of you is not the answer to this sign-in.", nil}
	}
	if err := verified.Claims(&who); err != nil {
		return who, &refusedError{"What " + p.Name + " says of you cannot be read.", err}
	}
	if who.Email == "" && found.UserInfoEndpoint() != "" {
		info, err := found.UserInfo(ctx, oauth2.StaticTokenSource(token))
		if err != nil {
			return who, err
		}
		if info.Subject != verified.Subject {
			return who, &refusedError{p.Name + " says who somebody else is.", nil}
		}
		if err := info.Claims(&who); err != nil {
			return who, &refusedError{"What " + p.Name + " says of you cannot be read.", err}
		}
	}
	return who, p.admit(who)
}

// admit refuses those whose e-mail is nothing to go by.
func (p *provider) admit(who identity) error {
	_, domain, _ := strings.Cut(who.Email, "@")
	switch {
	case who.Email == "":
		return &refusedError{p.Name + " does not say which e-mail you have.", nil}
	case !bool(who.Verified):
		return &refusedError{p.Name + " has not verified that " + who.Email + " is yours.", nil}
	case len(p.Domains) > 0 && !slices.ContainsFunc(p.Domains, func(d string) bool { return strings.EqualFold(d, domain) }):
		return &refusedError{"Nobody signs in here with an e-mail of " + domain + ".", nil}
	}
	return nil
}
