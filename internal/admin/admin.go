// Package admin serves Octavo's own endpoints under /_octavo/: health, metrics, and all
// that the public API has no operation for (services.md §8.2). Nothing here is spoken by
// the hosted API; errors share its shape, so that one reader of errors is enough.
package admin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"octavo/internal/api"
	"octavo/internal/apierr"
	"octavo/internal/clock"
	"octavo/internal/core"
	"octavo/internal/faults"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/schema"
)

// Prefix is what the path of every endpoint begins with.
const Prefix = "/_octavo/"

// Options are what the endpoints act on.
type Options struct {
	Core  *core.Core
	Clock clock.Clock
	IDs   clock.IDs
	// Log receives every request and the causes of errors. Nil discards.
	Log *slog.Logger
	// Faults is nil when fault injection is off.
	Faults *faults.Set
	// Token opens the endpoints. When it is "" nobody gets in.
	Token string
	// Metrics answers Prometheus.
	Metrics http.Handler
	// Draining reports whether the server is shutting down.
	Draining func() bool
	// TempDir is where a backup is put together before it is sent; "" is the system's
	// directory for temporary files.
	TempDir string
	// Requests is nil when no requests of the API are remembered. WholeRequests shows them with
	// what people wrote, and PublicURL is where commands that make them again go to.
	Requests      *api.RequestLog
	WholeRequests bool
	PublicURL     string
	// Limits are those that requests of the API are held to.
	Limits Limits
	// Version is the version of the server.
	Version string
}

// Admin answers the endpoints of [routes]. It is an [http.Handler].
type Admin struct {
	opts    Options
	token   [sha256.Size]byte
	schemas *schema.Set
	mux     *http.ServeMux
	openAPI jsonx.Value
}

// call is one request that is being answered with JSON.
type call struct {
	ctx       context.Context
	workspace notion.ID
	ids       map[string]notion.ID
	// query and body have passed their schemas.
	query, body jsonx.Value
}

// New returns the endpoints.
func New(opts Options) *Admin {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	a := &Admin{opts: opts, token: sha256.Sum256([]byte(opts.Token)), schemas: schema.NewSet(), mux: http.NewServeMux()}
	a.schemas.Define("id", schema.UUID())
	for i := range routes {
		r := &routes[i]
		a.schemas.Define(r.name+".query", object(r.queryFields()))
		a.schemas.Define(r.name, object(r.body))
		a.mux.HandleFunc(r.method+" "+r.path, func(w http.ResponseWriter, req *http.Request) { a.answer(w, req, r) })
	}
	a.mux.HandleFunc("/", func(w http.ResponseWriter, req *http.Request) { a.answer(w, req, nil) })
	a.schemas.Seal()
	a.openAPI = describe(opts.Version)
	return a
}

// queryFields are what the query string may hold.
func (r *route) queryFields() []field {
	if !r.scoped {
		return r.query
	}
	return append([]field{workspaceID}, r.query...)
}

// ServeHTTP implements [http.Handler].
func (a *Admin) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// answer carries out a request of a route, nil when it has none.
func (a *Admin) answer(w http.ResponseWriter, r *http.Request, route *route) {
	id := a.opts.IDs.Request()
	err := a.try(w, r, route, id)
	if err == nil {
		return
	}
	e := apierr.From(err)
	level := slog.LevelInfo
	if e.Status() >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	a.opts.Log.Log(r.Context(), level, "admin request refused",
		"request_id", id.String(), "method", r.Method, "path", api.WithoutSecrets(r.URL.Path), "error", api.WithoutSecrets(e.Error()))
	write(w, e.Status(), e.AppendJSON(nil), id)
}

// try answers a request, or returns the error to answer with. Nothing has been written
// then.
func (a *Admin) try(w http.ResponseWriter, r *http.Request, route *route, id notion.ID) (err error) {
	defer func() {
		if v := recover(); v != nil {
			if v == http.ErrAbortHandler { //nolint:errorlint // a sentinel passed to panic, never wrapped
				panic(v)
			}
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	if route == nil {
		return apierr.New(apierr.InvalidRequestURL)
	}
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	if !route.open {
		if err := a.authorize(r.Header); err != nil {
			return err
		}
	}
	c, err := a.check(r, route, body)
	if err != nil {
		return err
	}
	v, err := a.carryOut(w, r, route, c, id)
	if err != nil || route.serve != nil {
		return err
	}
	if !route.open {
		a.opts.Log.InfoContext(r.Context(), "admin request", "request_id", id.String(), "method", r.Method, "route", route.path)
	}
	write(w, http.StatusOK, v.Append(nil), id)
	return nil
}

// readBody reads and parses the body. No body is an empty object.
func readBody(w http.ResponseWriter, r *http.Request) (jsonx.Value, error) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, api.DefaultMaxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return jsonx.Value{}, invalid("Request body is too large: the limit is %d bytes.", tooLarge.Limit)
	case err != nil:
		return jsonx.Value{}, apierr.New(apierr.ServiceUnavailable).Because(err)
	case len(data) == 0:
		return jsonx.ObjectValue(), nil
	}
	v, err := jsonx.Parse(data)
	if err != nil {
		return v, apierr.New(apierr.InvalidJSON).Because(err)
	}
	return v, nil
}

// authorize lets the bearer of the admin token pass.
func (a *Admin) authorize(h http.Header) error {
	scheme, token, found := strings.Cut(h.Get("Authorization"), " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return apierr.Errorf(apierr.Unauthorized, `Authorization header must use the format "Bearer <admin token>".`)
	}
	if a.opts.Token == "" {
		return apierr.Errorf(apierr.Unauthorized, "This server has no admin token. Start it with OCTAVO_ADMIN_TOKEN set to use its admin endpoints.")
	}
	given := sha256.Sum256([]byte(strings.TrimSpace(token)))
	if subtle.ConstantTimeCompare(given[:], a.token[:]) != 1 {
		return apierr.Errorf(apierr.Unauthorized, "Admin token is invalid.")
	}
	return nil
}

// check holds path, query and body against their schemas and finds the workspace.
func (a *Admin) check(r *http.Request, route *route, body jsonx.Value) (*call, error) {
	c := &call{ctx: r.Context(), ids: map[string]notion.ID{}, body: body}
	for _, name := range parameters(route.path) {
		value := r.PathValue(name)
		if err := a.schemas.Check("path."+name, "id", jsonx.StringValue(value)); err != nil {
			return nil, err
		}
		c.ids[name], _ = notion.ParseID(value)
	}
	var err error
	if c.query, err = a.schemas.CheckQuery(route.name+".query", r.URL.Query()); err != nil {
		return nil, err
	}
	if err := a.schemas.Check("body", route.name, body); err != nil {
		return nil, err
	}
	if !route.scoped {
		return c, nil
	}
	asked, _ := notion.ParseID(c.query.Get("workspace_id").Text())
	w, err := a.opts.Core.FindWorkspace(r.Context(), asked)
	c.workspace = w.ID
	return c, err
}

// parameters lists the names in braces of a path.
func parameters(path string) []string {
	var names []string
	for _, part := range strings.Split(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

// part reads which part of a list is asked for.
func (c *call) part() (core.PageOf, error) {
	part := core.PageOf{Size: 100, Cursor: c.query.Get("start_cursor").Text()}
	if size := c.query.Get("page_size"); size.Defined() {
		n, err := wholeOf("query", c.query, "page_size")
		if err != nil {
			return part, err
		}
		part.Size = n
	}
	return part, nil
}

// write sends a JSON object with request_id as its last key.
func write(w http.ResponseWriter, status int, body []byte, id notion.ID) {
	body = append(body[:len(body)-1], `,"request_id":"`...)
	body = append(id.Append(body), `"}`...)
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store") // an answer can hold a token
	w.WriteHeader(status)
	_, _ = w.Write(body) // an error means that the client is gone
}

// readyTimeout is how long the database may take to show that it answers.
const readyTimeout = 2 * time.Second
