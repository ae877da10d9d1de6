package oauth

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/core"
)

type signInData struct {
	common
	// For is what the person signs in for, "" for nothing in particular.
	For   string
	Email string
	// Provider is the name of the provider to sign in with, "" for none, and External the way
	// there. Passwords says that there are passwords too.
	Provider, External string
	Passwords          bool
}

type accountData struct {
	common
	People []core.Person
}

// signIn is the page on which people sign in, and out again.
func (p *Pages) signIn(v *visit) error {
	if v.r.PostForm.Get("do") == "sign-out" {
		if err := p.end(v); err != nil {
			return err
		}
		v.redirect(SignInPath)
		return nil
	}
	if len(v.people) == 0 {
		return p.askWho(v, "", SignInPath)
	}
	data := accountData{commonOf("You are signed in"), v.people}
	data.Form = p.form(v)
	v.show(http.StatusOK, accountTemplate, data)
	return nil
}

// askWho asks who the person is and, when that is what the form answers, signs them in and
// sends them on.
func (p *Pages) askWho(v *visit, purpose, onward string) error {
	data := signInData{common: commonOf("Sign in"), For: purpose, Passwords: p.passwords()}
	if p.provider != nil && isOnward(onward) {
		data.Provider, data.External = p.provider.Name, externalURL(onward)
	}
	status := http.StatusOK
	if v.r.PostForm.Get("do") == "sign-in" && data.Passwords {
		data.Email = v.r.PostForm.Get("email")
		people, wait, err := p.opts.Core.SignIn(v.r.Context(), core.Credentials{
			Email: data.Email, Password: v.r.PostForm.Get("password"), Network: network(v.r.RemoteAddr),
		})
		switch {
		case err != nil:
			return err
		case len(people) > 0:
			if err := p.begin(v, people); err != nil {
				return err
			}
			v.redirect(onward)
			return nil
		case wait > 0:
			status = http.StatusTooManyRequests
			minutes := int((wait + time.Minute - 1) / time.Minute)
			v.w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
			data.Problem = fmt.Sprintf("Too many passwords were wrong. Try again in %d minutes.", minutes)
		default:
			status = http.StatusForbidden
			data.Problem = "The e-mail or the password is wrong."
		}
	}
	data.Form = p.form(v)
	v.show(status, signInTemplate, data)
	return nil
}

// passwords reports whether people sign in with passwords.
func (p *Pages) passwords() bool { return p.provider == nil || !p.provider.Only }

type joinData struct {
	common
	Person      core.Person
	Email       string
	MinPassword int
}

// join is the page that an invitation leads to.
func (p *Pages) join(v *visit) error {
	if !p.passwords() {
		v.notice(http.StatusNotFound, "This link does not work", "There are no passwords here: people sign in with "+p.provider.Name+".")
		return nil
	}
	secret := strings.TrimPrefix(v.r.URL.Path, core.JoinPath)
	invited, err := p.opts.Core.Invited(v.r.Context(), secret)
	if errors.Is(err, core.ErrNoInvitation) {
		v.notice(http.StatusNotFound, "This link does not work", "It has been used, has expired, or there is a newer one. Ask whoever runs this server for another.")
		return nil
	}
	if err != nil {
		return err
	}
	data := joinData{common: commonOf("Set your password"), Person: invited, MinPassword: core.MinPassword}
	status := http.StatusOK
	if v.r.PostForm.Get("do") == "join" {
		data.Email = strings.TrimSpace(v.r.PostForm.Get("email"))
		joined, problem, err := p.setPassword(v, secret, data.Email)
		if err != nil {
			return err
		}
		if problem == "" {
			if err := p.begin(v, []core.Person{joined}); err != nil {
				return err
			}
			v.redirect(SignInPath)
			return nil
		}
		status, data.Problem = http.StatusBadRequest, problem
	}
	data.Form = p.form(v)
	v.show(status, joinTemplate, data)
	return nil
}

// setPassword carries out the form of an invitation, or says what is wrong with it.
func (p *Pages) setPassword(v *visit, secret, email string) (joined core.Person, problem string, err error) {
	password := v.r.PostForm.Get("password")
	if password != v.r.PostForm.Get("again") {
		return joined, "The two passwords differ.", nil
	}
	joined, err = p.opts.Core.Join(v.r.Context(), secret, email, password)
	var e *apierr.Error
	if errors.As(err, &e) && e.Code == apierr.ValidationError {
		return joined, e.Message, nil
	}
	return joined, "", err
}

// network is the address of a client without its port. Of IPv6 addresses it is the half that
// a client cannot choose.
func network(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.Unmap().Is4() {
		return host
	}
	prefix, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return host
	}
	return prefix.String()
}
