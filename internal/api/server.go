// Package api is the wire: it routes a request, checks it in the order of the hosted
// API, hands it to the core, and writes the answer.
package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/gzip"

	"octavo/internal/apierr"
	"octavo/internal/clock"
	"octavo/internal/core"
	"octavo/internal/faults"
	"octavo/internal/files"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/ratelimit"
	"octavo/internal/version"
)

// Options are the settings of the API that a deployment chooses.
type Options struct {
	Clock clock.Clock
	IDs   clock.IDs
	Log   *slog.Logger
	// Limiter refuses requests over the rate limit; nil never does.
	Limiter *ratelimit.Limiter
	// Faults are the failures to inject; nil never does.
	Faults *faults.Set
	// RequestTimeout is how long a request may run; zero means [DefaultRequestTimeout].
	RequestTimeout time.Duration
	// MaxInFlight is how many requests may run at once; zero means [DefaultMaxInFlight].
	MaxInFlight int
	// MaxBody is the largest request body, in bytes; zero means [DefaultMaxBody].
	MaxBody int64
	// MaxPart is the largest file that one request may send, in bytes; zero means
	// [DefaultMaxPart].
	MaxPart int64
	// Unbounded takes strings and arrays of any length.
	Unbounded bool
	// Metrics counts requests; nil does not.
	Metrics *Metrics
	// Requests remembers the latest requests; nil does not.
	Requests *RequestLog
	// Secure says that clients reach the server over TLS.
	Secure bool
}

// DefaultRequestTimeout is the deadline of a request on the hosted API.
const DefaultRequestTimeout = 60 * time.Second

// DefaultMaxInFlight bounds the memory that bodies of running requests can take to
// about 250 MB.
const DefaultMaxInFlight = 512

// API answers the operations of [routes]. It is an [http.Handler].
type API struct {
	core    *core.Core
	opts    Options
	schemas *version.Schemas
	mux     *http.ServeMux
	running chan struct{}
	// fetching bounds downloads apart, since they take as long as their clients please.
	fetching chan struct{}
	headers  http.Header
	answers  answers
}

// minCompress is the size from which an answer is worth compressing, in bytes: what fits
// into one packet is not.
const minCompress = 1400

// New returns the API over a core.
func New(c *core.Core, opts Options) http.Handler {
	if opts.RequestTimeout == 0 {
		opts.RequestTimeout = DefaultRequestTimeout
	}
	if opts.MaxInFlight == 0 {
		opts.MaxInFlight = DefaultMaxInFlight
	}
	if opts.MaxBody == 0 {
		opts.MaxBody = DefaultMaxBody
	}
	if opts.MaxPart == 0 {
		opts.MaxPart = DefaultMaxPart
	}
	newest := requestSchemas()
	if opts.Unbounded {
		newest = newest.WithoutLimits()
	}
	a := &API{
		core:     c,
		opts:     opts,
		schemas:  version.NewSchemas(newest),
		mux:      http.NewServeMux(),
		running:  make(chan struct{}, opts.MaxInFlight),
		fetching: make(chan struct{}, opts.MaxInFlight),
		headers:  constantHeaders(opts.Secure),
	}
	for i := range routes {
		r := &routes[i]
		a.mux.Handle(r.method+" "+r.path, boundRoute{a, r})
	}
	a.mux.Handle("/", boundRoute{a, nil})
	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(minCompress), gzhttp.CompressionLevel(gzip.BestSpeed))
	if err != nil {
		panic(err) // the options above are constants
	}
	return front{compressed: compress(a), api: a}
}

// front tells requests for files, whose answers are theirs to shape, from those of the API.
type front struct {
	compressed http.Handler
	api        *API
}

// ServeHTTP implements [http.Handler].
func (f front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, files.LinkPrefix) {
		f.api.download(w, r)
		return
	}
	f.compressed.ServeHTTP(w, r)
}

// boundRoute is what the mux finds: the route of a request, nil when it has none.
type boundRoute struct {
	api   *API
	route *route
}

// ServeHTTP implements [http.Handler]. The exchange is the writer it is called with.
func (b boundRoute) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := w.(*exchange)
	x.route = b.route
	x.answer(b.api, r)
}

// ServeHTTP implements [http.Handler].
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := &exchange{ResponseWriter: w, id: a.opts.IDs.Request(), start: a.opts.Clock.Now()}
	defer a.record(x, r)
	select {
	case a.running <- struct{}{}:
		defer func() { <-a.running }()
	default:
		e := apierr.New(apierr.ServiceOverload)
		e.RetryAfter = time.Second
		x.fail(a, e)
		return
	}
	defer a.recoverPanic(x)

	path, ok := cleanPath(r.URL)
	if !ok {
		x.answer(a, r)
		return
	}
	// The mux would redirect a path that is not clean; the hosted API answers it.
	if path != r.URL.EscapedPath() {
		u := *r.URL
		u.RawPath = path
		u.Path, _ = url.PathUnescape(path)
		r.URL = &u
	}
	a.mux.ServeHTTP(x, r)
}

// recoverPanic turns a fault of ours into an internal_server_error. The stack goes to
// the log only.
func (a *API) recoverPanic(x *exchange) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler { //nolint:errorlint // a sentinel passed to panic, never wrapped
		panic(v)
	}
	x.fail(a, fmt.Errorf("panic: %v\n%s", v, debug.Stack()))
}

// answer carries out the request of the exchange, whose route the mux has found.
func (x *exchange) answer(a *API, r *http.Request) {
	ctx, cancel := a.opts.Clock.WithTimeout(r.Context(), x.timeout(a))
	defer cancel()
	r = r.WithContext(ctx)
	o, err := x.do(a, r)
	if err != nil {
		x.drain(r)
		x.fail(a, err)
		return
	}
	x.write(a, cmp.Or(x.success, http.StatusOK), o)
}

// timeout is how long the request may run.
func (x *exchange) timeout(a *API) time.Duration {
	if x.route != nil && x.route.form {
		return max(a.opts.RequestTimeout, formTimeout)
	}
	return a.opts.RequestTimeout
}

// do takes a request through the checks in the order of contract.md §1.7.
func (x *exchange) do(a *API, r *http.Request) (notion.Object, error) {
	if x.route == nil {
		return nil, apierr.New(apierr.InvalidRequestURL)
	}
	body, err := a.readBody(x, r)
	if err != nil {
		return nil, err
	}
	if x.route.open {
		return x.doOpen(a, r, body)
	}
	token, err := bearer(r.Header)
	if err != nil {
		return nil, err
	}
	p, err := a.core.Authenticate(r.Context(), token)
	if err != nil {
		return nil, err
	}
	x.principal = p
	if x.fault, err = a.opts.Faults.Match(r, p.Integration); err != nil {
		return nil, err
	}
	if err := x.beforeFault(r.Context(), a.opts.Clock); err != nil {
		return nil, err
	}
	if err := a.opts.Limiter.Allow(p.Integration); err != nil {
		return nil, err
	}
	if x.version, err = version.Parse(r.Header["Notion-Version"]); err != nil {
		return nil, err
	}
	if err := checkBeta(r.Header); err != nil {
		return nil, err
	}
	if !x.route.existsIn(x.version) {
		return nil, apierr.New(apierr.InvalidRequestURL)
	}
	if x.route.standing != served {
		return nil, x.route.unsupported()
	}
	c := &call{ctx: r.Context(), route: x.route, principal: p, version: x.version}
	switch {
	case x.route.form:
		return x.receive(a, c, r)
	case !x.route.remember || x.fault != nil:
		return x.carryOut(a, c, r, body)
	}
	return x.recall(a, c, r, body)
}

// receive carries out a request whose body is a form.
func (x *exchange) receive(a *API, c *call, r *http.Request) (notion.Object, error) {
	defer giveUpReading(x, r)()
	c.form = newForm(x, r, a.opts.MaxPart)
	return x.carryOut(a, c, r, jsonx.ObjectValue())
}

// drain reads what is left of a form that has been refused. A client that is still sending
// would otherwise find its connection broken and never read why. Whoever has shown no token
// is not waited for.
func (x *exchange) drain(r *http.Request) {
	if x.principal == nil || !x.route.form || r.Header.Get("Expect") != "" {
		return
	}
	defer giveUpReading(x, r)()
	_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, drainAtMost))
}

// recall answers with what is remembered, or carries the request out and remembers it.
func (x *exchange) recall(a *API, c *call, r *http.Request, body jsonx.Value) (notion.Object, error) {
	// The revision is read first: what is read after it is at least as new.
	revision, known := a.core.Revision(c.principal)
	if !known {
		return x.carryOut(a, c, r, body)
	}
	q := ask(c.principal, c.version, r.URL)
	if answer := a.answers.get(q, revision); answer != nil {
		return answer, nil
	}
	o, err := x.carryOut(a, c, r, body)
	if err != nil {
		return nil, err
	}
	answer := notion.Raw(o.AppendJSON(nil))
	if !c.timed {
		a.answers.put(q, revision, answer)
	}
	return answer, nil
}

// carryOut answers a request that nothing stands in the way of but what it asks for.
func (x *exchange) carryOut(a *API, c *call, r *http.Request, body jsonx.Value) (notion.Object, error) {
	p := c.principal
	if err := a.check(c, r, body); err != nil {
		return nil, err
	}
	if !p.Caps.Has(x.route.needs) {
		return nil, apierr.New(apierr.RestrictedResource)
	}
	if err := a.lift(c); err != nil {
		return nil, err
	}
	o, err := x.route.handle(a, c)
	if err != nil {
		return nil, err
	}
	x.success = c.status
	if t, ok := o.(interface{ ChangesWithTime() bool }); ok {
		c.timed = t.ChangesWithTime()
	}
	if err := x.afterFault(c, o); err != nil {
		return nil, err
	}
	return x.lower(a, c, o)
}

func (r *route) unsupported() error {
	return apierr.Errorf(apierr.InvalidRequest, "Unsupported request: %s.", r.name)
}

func (r *route) existsIn(v version.Version) bool {
	return v >= r.since && (r.until == "" || v < r.until)
}

// lookup gives version changes what they need beyond the answer, with the eyes of the
// caller.
type lookup struct {
	core      *core.Core
	principal *core.Principal
}

// pathOf names the operation in logs and metrics without the ids of the request.
func (x *exchange) pathOf() string {
	if x.route == nil {
		return "unknown"
	}
	return x.route.path
}

// record writes the access log and counts the request.
func (a *API) record(x *exchange, r *http.Request) {
	took := a.opts.Clock.Now().Sub(x.start)
	a.opts.Metrics.observe(x, r.Method, took)
	a.opts.Requests.add(x, r, took)
	if a.opts.Log == nil {
		return
	}
	level := slog.LevelInfo
	if x.status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	if !a.opts.Log.Enabled(r.Context(), level) {
		return
	}
	attrs := make([]slog.Attr, 0, 12)
	attrs = append(attrs,
		slog.String("request_id", x.id.String()),
		slog.String("method", r.Method),
		slog.String("path", x.loggedPath(r)),
		slog.String("route", x.pathOf()),
		slog.Int("status", x.status),
		slog.Int("bytes", x.bytes),
		slog.Duration("took", took),
	)
	if x.version != "" {
		attrs = append(attrs, slog.String("version", string(x.version)))
	}
	if x.principal != nil {
		attrs = append(attrs, slog.String("integration_id", x.principal.Integration.String()))
	}
	if x.err != nil {
		attrs = append(attrs, slog.String("code", string(x.err.Code)))
		if cause := errors.Unwrap(x.err); cause != nil {
			attrs = append(attrs, slog.String("cause", WithoutSecrets(cause.Error())))
		}
	}
	a.opts.Log.LogAttrs(context.WithoutCancel(r.Context()), level, "request", attrs...)
}

// loggedPath is the path of a request for the log. Only a request that failed can have a token
// where an id belongs.
func (x *exchange) loggedPath(r *http.Request) string {
	path := cut(r.URL.Path, 200)
	if x.err == nil {
		return path
	}
	return WithoutSecrets(path)
}

// constantHeaders are the headers of every answer (contract.md §1.3). The hosted API's
// own also promise TLS for a year, which only a server that has TLS may.
func constantHeaders(secure bool) http.Header {
	h := http.Header{}
	for _, pair := range [][2]string{
		{"Content-Type", "application/json; charset=utf-8"},
		{"Vary", "Accept-Encoding"},
		{"Content-Security-Policy", "default-src 'none'"},
		{"Referrer-Policy", "strict-origin-when-cross-origin"},
		{"X-Content-Type-Options", "nosniff"},
		{"X-Dns-Prefetch-Control", "off"},
		{"X-Download-Options", "noopen"},
		{"X-Frame-Options", "SAMEORIGIN"},
		{"X-Permitted-Cross-Domain-Policies", "none"},
		{"X-Xss-Protection", "0"},
	} {
		h[pair[0]] = []string{pair[1]}
	}
	if secure {
		h["Strict-Transport-Security"] = []string{"max-age=31536000; includeSubDomains; preload"}
	}
	return h
}

// Operations lists, for the compatibility table, every operation of the hosted API.
func Operations() []Operation {
	list := make([]Operation, len(routes))
	for i, r := range routes {
		list[i] = Operation{Method: r.method, Path: r.path, Name: r.name, SDK: r.sdk, Standing: standingNames[r.standing]}
	}
	return list
}

// Operation is a row of the compatibility table.
type Operation struct {
	Method, Path, Name string
	// SDK is the method of the official SDK, such as "pages.create".
	SDK string
	// Standing is "served" or "not planned".
	Standing string
}

var standingNames = map[standing]string{served: "served", notPlanned: "not planned"}
