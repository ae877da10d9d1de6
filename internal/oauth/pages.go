package oauth

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"embed"
	"encoding/base64"
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/clock"
	"octavo/internal/core"
)

// timeout is how long a page may take to answer.
const timeout = time.Minute

// The paths of the pages. The secret of an invitation follows [core.JoinPath].
const (
	AuthorizePath = "/v1/oauth/authorize"
	SignInPath    = "/_octavo/sign-in"
	// ExternalPath leads to the OpenID Connect provider, which sends people back to CallbackPath.
	ExternalPath = SignInPath + "/external"
	CallbackPath = SignInPath + "/callback"
)

// Options are what the pages act on.
type Options struct {
	Core  *core.Core
	Clock clock.Clock
	IDs   clock.IDs
	// Log receives a line for each request, and the causes of errors. Nil discards.
	Log *slog.Logger
	// PublicURL is how people reach the server; Secure says that it is over TLS.
	PublicURL string
	Secure    bool
	// OIDC is the provider that people sign in with, the zero value for none.
	OIDC OIDC
}

// Pages serves the pages for people. It is an [http.Handler].
type Pages struct {
	opts     Options
	provider *provider // nil for none
	origins  *http.CrossOriginProtection
}

// New returns the pages over a core.
func New(opts Options) *Pages {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	return &Pages{opts: opts, provider: newProvider(opts.OIDC, opts.Clock, opts.PublicURL), origins: http.NewCrossOriginProtection()}
}

// Handles reports whether a request is for one of the pages.
func Handles(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead || r.Method == http.MethodPost) && pageOf(r.URL.Path) != nil
}

// page answers the requests for one path.
type page struct {
	name  string
	serve func(*Pages, *visit) error
}

var (
	authorizePage = &page{"authorize", (*Pages).authorize}
	signInPage    = &page{"sign-in", (*Pages).signIn}
	joinPage      = &page{"join", (*Pages).join}
	externalPage  = &page{"external", (*Pages).external}
	callbackPage  = &page{"callback", (*Pages).callback}
)

func pageOf(path string) *page {
	switch {
	case path == AuthorizePath:
		return authorizePage
	case path == SignInPath:
		return signInPage
	case path == ExternalPath:
		return externalPage
	case path == CallbackPath:
		return callbackPage
	case strings.HasPrefix(path, core.JoinPath):
		return joinPage
	}
	return nil
}

// visit is one request of a person and its answer.
type visit struct {
	w http.ResponseWriter
	r *http.Request
	// secret is what the browser's cookie holds, "" for none.
	secret string
	// people are those who are signed in.
	people []core.Person
	// destination is the origin of the client that a form may lead to, "" for none.
	destination string
	status      int
}

// ServeHTTP implements [http.Handler].
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := p.opts.Clock.WithTimeout(r.Context(), timeout)
	defer cancel()
	v := &visit{w: w, r: r.WithContext(ctx)}
	at := pageOf(r.URL.Path)
	defer func() {
		if x := recover(); x != nil {
			p.opts.Log.Error("panic on a page", "page", at.name, "panic", x, "stack", string(debug.Stack()))
			v.notice(http.StatusInternalServerError, "Something went wrong", "This is a fault of the server. Its log says more.")
		}
	}()
	// The path is not logged: it can hold the secret of an invitation.
	if err := p.answer(v, at); err != nil {
		p.fail(v, at, err)
	}
	p.opts.Log.Info("page", "method", r.Method, "page", at.name, "status", v.status)
}

func (p *Pages) answer(v *visit, at *page) error {
	if cookie, err := v.r.Cookie(p.cookieName()); err == nil {
		v.secret = cookie.Value
	}
	if v.r.Method == http.MethodPost {
		if err := p.checkForm(v); err != nil {
			return err
		}
	}
	if v.secret != "" {
		var err error
		if v.people, err = p.opts.Core.SignedIn(v.r.Context(), v.secret); err != nil {
			return err
		}
	}
	return at.serve(p, v)
}

// maxForm bounds what a form may send, in bytes.
const maxForm = 64 << 10

var (
	errForm   = errors.New("a form that this page has not sent")
	errTooBig = errors.New("a form that is too large")
)

// checkForm refuses a form that comes from another site: one that a browser says so of, and
// one without the mark that only a page of ours has, which knows the cookie.
func (p *Pages) checkForm(v *visit) error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	if err := v.r.ParseForm(); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return errTooBig
		}
		return errForm
	}
	if err := p.origins.Check(v.r); err != nil {
		return errForm
	}
	if v.secret == "" || subtle.ConstantTimeCompare([]byte(v.r.PostForm.Get("form")), []byte(mark(v.secret))) != 1 {
		return errForm
	}
	return nil
}

// mark is what the forms of a browser hold to show that they come from us.
func mark(secret string) string {
	sum := sha256.Sum256([]byte("form\x00" + secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// form returns the mark for a form, and gives a browser without a cookie one to go with it.
func (p *Pages) form(v *visit) string {
	if v.secret == "" {
		v.secret = core.NewSecret(p.opts.IDs, "ses_")
		p.setCookie(v, v.secret, time.Time{})
	}
	return mark(v.secret)
}

func (p *Pages) cookieName() string { return p.cookiePrefix() + "octavo_session" }

// cookiePrefix begins names that browsers only take from this host over TLS, where there is TLS.
func (p *Pages) cookiePrefix() string {
	if p.opts.Secure {
		return "__Host-"
	}
	return ""
}

// setCookie gives the browser a secret, until a time or, for the zero time, until it is closed.
func (p *Pages) setCookie(v *visit, secret string, expires time.Time) {
	cookie := &http.Cookie{
		Name: p.cookieName(), Value: secret, Path: "/", HttpOnly: true, Secure: p.opts.Secure, SameSite: http.SameSiteLaxMode,
	}
	if !expires.IsZero() {
		cookie.MaxAge = int(expires.Sub(p.opts.Clock.Now()) / time.Second)
	}
	http.SetCookie(v.w, cookie)
}

// begin remembers who has signed in, under a new secret: the old one may be known to others.
func (p *Pages) begin(v *visit, people []core.Person) error {
	secret, expires, err := p.opts.Core.OpenSession(v.r.Context(), people)
	if err != nil {
		return err
	}
	p.setCookie(v, secret, expires)
	return nil
}

// end signs the browser out.
func (p *Pages) end(v *visit) error {
	if err := p.opts.Core.SignOut(v.r.Context(), v.secret); err != nil {
		return err
	}
	p.setCookie(v, core.NewSecret(p.opts.IDs, "ses_"), time.Time{})
	return nil
}

// fail answers with what went wrong.
func (p *Pages) fail(v *visit, at *page, err error) {
	switch {
	case errors.Is(err, errForm):
		v.notice(http.StatusForbidden, "Not accepted", "This form was not sent from a page of this server, or its page was open for too long. Go back, load the page again, and check that your browser takes cookies.")
		return
	case errors.Is(err, errTooBig):
		v.notice(http.StatusRequestEntityTooLarge, "Not accepted", "This form is too large.")
		return
	}
	e := apierr.From(err)
	if e.Status() >= http.StatusInternalServerError {
		p.opts.Log.Error("a page failed", "page", at.name, "error", err)
		v.notice(e.Status(), "Something went wrong", "Please try again later.")
		return
	}
	v.notice(e.Status(), "Not accepted", e.Message)
}

//go:embed pages
var files embed.FS

var style = func() string {
	css, err := files.ReadFile("pages/style.css")
	if err != nil {
		panic(err) // it is in the program
	}
	return string(css)
}()

// policy is the Content-Security-Policy of the pages: they load nothing, and only their own
// style counts. A redirect after a form is held against form-action too.
var policy = func() string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
}()

func parse(name string) *template.Template {
	return template.Must(template.ParseFS(files, "pages/layout.html", "pages/"+name+".html"))
}

var (
	signInTemplate  = parse("sign_in")
	joinTemplate    = parse("join")
	accountTemplate = parse("account")
	consentTemplate = parse("consent")
	noticeTemplate  = parse("notice")
)

// common is what every page shows.
type common struct {
	Title string
	// Problem says what was wrong with what was sent, "" for nothing.
	Problem string
	Form    string
	Style   template.CSS
}

func commonOf(title string) common {
	return common{Title: title, Style: template.CSS(style)} //nolint:gosec // the program's own
}

type noticePage struct {
	common
	Text string
}

// notice shows a text and nothing else.
func (v *visit) notice(status int, title, text string) {
	v.show(status, noticeTemplate, noticePage{commonOf(title), text})
}

// show writes a page.
func (v *visit) show(status int, t *template.Template, data any) {
	var body bytes.Buffer
	if err := t.ExecuteTemplate(&body, "layout", data); err != nil {
		panic(err) // the templates are the program's own, and their data is of one type each
	}
	csp := policy
	if v.destination != "" {
		csp += " " + v.destination
	}
	v.status = status
	h := v.w.Header()
	for _, pair := range [][2]string{
		{"Content-Type", "text/html; charset=utf-8"},
		{"Content-Length", strconv.Itoa(body.Len())},
		{"Content-Security-Policy", csp},
		{"Cache-Control", "no-store"},
		{"Referrer-Policy", "same-origin"},
		{"X-Content-Type-Options", "nosniff"},
		{"X-Frame-Options", "DENY"},
	} {
		h.Set(pair[0], pair[1])
	}
	v.w.WriteHeader(status)
	if v.r.Method != http.MethodHead {
		_, _ = v.w.Write(body.Bytes()) // an error means that the person has gone
	}
}

// redirect sends the browser elsewhere, to be asked for with GET.
func (v *visit) redirect(to string) {
	v.status = http.StatusSeeOther
	h := v.w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Location", to)
	v.w.WriteHeader(v.status)
}

// originOf is the scheme, host and port of a redirect URI.
func originOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// sourceOf is the origin of a redirect URI as a Content-Security-Policy names it. It has no
// words for an IPv6 address.
func sourceOf(uri string) string {
	origin := originOf(uri)
	if scheme, _, isV6 := strings.Cut(origin, "//["); isV6 {
		return scheme
	}
	return origin
}
