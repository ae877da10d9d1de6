package oauth

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/core"
)

// flowLifetime is how long a browser may take to the provider and back.
const flowLifetime = 10 * time.Minute

// maxOnward bounds the address to go on to, so that it fits into a cookie.
const maxOnward = 2500

// externalURL is where a person begins to sign in with the provider, to go on to one of the
// pages afterwards.
func externalURL(onward string) string {
	return ExternalPath + "?" + url.Values{"to": {onward}}.Encode()
}

// isOnward reports whether an address is one of the pages that people sign in for: nobody is
// sent anywhere else.
func isOnward(address string) bool {
	return len(address) <= maxOnward && (address == SignInPath || strings.HasPrefix(address, AuthorizePath+"?"))
}

// external sends a person to the provider.
func (p *Pages) external(v *visit) error {
	onward := v.r.URL.Query().Get("to")
	if p.provider == nil || !isOnward(onward) {
		v.notice(http.StatusNotFound, "This link does not work", "There is no such way to sign in.")
		return nil
	}
	secret := core.NewSecret(p.opts.IDs, "oidc_")
	address, err := p.provider.address(v.r.Context(), flowOf(secret))
	if err != nil {
		p.unreachable(v, err)
		return nil
	}
	p.setFlow(v, secret+"."+base64.RawURLEncoding.EncodeToString([]byte(onward)), flowLifetime)
	v.redirect(address)
	return nil
}

func (p *Pages) unreachable(v *visit, err error) {
	p.opts.Log.Error("the OpenID Connect provider", "issuer", p.provider.Issuer, "error", err)
	v.notice(http.StatusBadGateway, "Not signed in", p.provider.Name+" cannot be reached, or does not answer as a provider does. The server's log says more.")
}

// flowCookie is the name of the cookie with the secret of a flow.
func (p *Pages) flowCookie() string { return p.cookiePrefix() + "octavo_oidc" }

// setFlow gives the browser the secret of a flow, or with "" takes it away.
func (p *Pages) setFlow(v *visit, value string, life time.Duration) {
	age := int(life / time.Second)
	if value == "" {
		age = -1
	}
	// Lax: the browser comes back from another site.
	http.SetCookie(v.w, &http.Cookie{
		Name: p.flowCookie(), Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: p.opts.Secure, SameSite: http.SameSiteLaxMode,
	})
}

// readFlow returns the flow of the browser and where to go on to, false when it has none.
func (p *Pages) readFlow(v *visit) (f flow, onward string, ok bool) {
	cookie, err := v.r.Cookie(p.flowCookie())
	if err != nil {
		return f, "", false
	}
	secret, encoded, _ := strings.Cut(cookie.Value, ".")
	decoded, err := base64.RawURLEncoding.DecodeString(encoded)
	return flowOf(secret), string(decoded), err == nil && isOnward(string(decoded))
}

// callback is where the provider sends people back to.
func (p *Pages) callback(v *visit) error {
	if p.provider == nil {
		v.notice(http.StatusNotFound, "This link does not work", "There is no such way to sign in.")
		return nil
	}
	q := v.r.URL.Query()
	f, onward, ok := p.readFlow(v)
	if !ok || subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(f.state)) != 1 {
		v.notice(http.StatusForbidden, "Not signed in", "This sign-in was not begun in this browser, has been used, or took longer than ten minutes. Begin again.")
		return nil
	}
	p.setFlow(v, "", 0)
	people, err := p.peopleOf(v, f, q)
	var refused *refusedError
	switch {
	case errors.As(err, &refused):
		p.opts.Log.Warn("somebody is not signed in", "issuer", p.provider.Issuer, "error", refused)
		v.notice(http.StatusForbidden, "Not signed in", refused.says)
		return nil
	case errors.Is(err, errUnreachable):
		p.unreachable(v, err)
		return nil
	case err != nil:
		return err
	}
	if err := p.begin(v, people); err != nil {
		return err
	}
	v.redirect(onward)
	return nil
}

// errUnreachable says that it is the provider's fault, or that of the way to it.
var errUnreachable = errors.New("the provider cannot be asked")

// peopleOf returns whom the provider sends back.
func (p *Pages) peopleOf(v *visit, f flow, q url.Values) ([]core.Person, error) {
	const longest = 200
	if code := q.Get("error"); code != "" {
		why := strings.TrimSpace(code + " " + q.Get("error_description"))
		return nil, &refusedError{p.provider.Name + " says: " + strings.ToValidUTF8(why[:min(len(why), longest)], ""), nil}
	}
	if issuer := q.Get("iss"); issuer != "" && issuer != p.provider.Issuer { // RFC 9207
		return nil, &refusedError{"Another provider than " + p.provider.Name + " has sent you back.", nil}
	}
	who, err := p.provider.identify(v.r.Context(), f, q.Get("code"))
	var refused *refusedError
	switch {
	case errors.As(err, &refused):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errUnreachable, err)
	}
	people, err := p.opts.Core.PeopleByEmail(v.r.Context(), who.Email)
	if err != nil || len(people) > 0 {
		return people, err
	}
	if !p.provider.Join {
		return nil, &refusedError{"Nobody here has the e-mail " + who.Email + ". Ask whoever runs this server to add you.", nil}
	}
	joined, err := p.opts.Core.JoinOldest(v.r.Context(), who.Email, who.Name)
	var e *apierr.Error
	if errors.As(err, &e) && e.Code == apierr.ValidationError {
		return nil, &refusedError{"You cannot be added: " + e.Message, err}
	}
	return []core.Person{joined}, err
}
