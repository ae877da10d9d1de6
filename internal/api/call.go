package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/core"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/schema"
	"octavo/internal/store"
	"octavo/internal/version"
)

// DefaultMaxBody is the largest request body the hosted API takes, in bytes
// (contract.md §7: 500 KB).
const DefaultMaxBody = 500 << 10

// call is one request that is being answered.
type call struct {
	ctx       context.Context
	route     *route
	principal *core.Principal
	// client is who calls an operation of OAuth, which has no principal.
	client  store.OAuthClient
	version version.Version
	// ids holds the path parameters that are ids, by name.
	ids map[string]notion.ID
	// text holds the path parameters that are not ids, decoded.
	text map[string]string
	// query and body have passed the schema of the client's version and, when the handler
	// gets them, been lifted to the newest. The body is an empty object when the request had none.
	query, body jsonx.Value
	// timed says that the answer changes with time alone, so that it cannot be remembered by
	// the revision.
	timed bool
	// form is the body of an operation that has a form.
	form *form
	// status is that of the answer if the request succeeds, 0 for 200.
	status int
}

// readBody reads and parses the body, before anything is known about the client
// (contract.md §1.7 step 2). No body is an empty object; operations that read do not
// look at one.
func (a *API) readBody(x *exchange, r *http.Request) (jsonx.Value, error) {
	if !takesBody(r.Method) || x.route.form {
		return jsonx.ObjectValue(), nil
	}
	defer giveUpReading(x, r)()
	data, err := io.ReadAll(http.MaxBytesReader(x, r.Body, a.opts.MaxBody))
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return jsonx.Value{}, apierr.Errorf(apierr.ValidationError, "Request body is too large: the limit is %d bytes.", tooLarge.Limit)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return jsonx.Value{}, apierr.New(apierr.InvalidJSON).Because(err)
	case err != nil:
		return jsonx.Value{}, apierr.New(apierr.ServiceUnavailable).Because(err)
	case len(data) == 0:
		return jsonx.ObjectValue(), nil
	}
	if a.opts.Requests != nil {
		x.sent = data
	}
	v, err := jsonx.Parse(data)
	if err != nil {
		return jsonx.Value{}, apierr.New(apierr.InvalidJSON).Because(err)
	}
	return v, nil
}

// giveUpReading sees to it that a client which sends too slowly is not waited for beyond
// the deadline of the request, until the function it returns is called. Where the
// connection has none, as in tests, a read ends by itself.
func giveUpReading(w http.ResponseWriter, r *http.Request) (stop func() bool) {
	return context.AfterFunc(r.Context(), func() {
		_ = http.NewResponseController(w).SetReadDeadline(time.Unix(0, 1))
	})
}

// bearer returns the token of the Authorization header (contract.md §1.7 step 3).
func bearer(h http.Header) (string, error) {
	scheme, token, found := strings.Cut(h.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !found || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", apierr.Errorf(apierr.Unauthorized, `Authorization header must use the format "Bearer <token>".`)
	}
	return token, nil
}

// checkBeta refuses every Notion-Beta header: this server has no betas (contract.md §1.6).
func checkBeta(h http.Header) error {
	values, given := h["Notion-Beta"]
	if !given {
		return nil
	}
	if len(values) > 1 {
		return apierr.Errorf(apierr.InvalidBeta, "Notion-Beta header failed validation: Notion-Beta header should be given once.")
	}
	return apierr.Errorf(apierr.InvalidBeta, "Notion-Beta header failed validation: %s names no beta of this server.", jsonx.StringValue(cut(values[0], 100)))
}

func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "..."
}

// check holds the path, the query and the body, in this order, against the schema of
// the client's version (contract.md §1.7 step 6).
func (a *API) check(c *call, r *http.Request, body jsonx.Value) error {
	set := a.schemas.Of(c.version)
	if err := c.readPath(a, r); err != nil {
		return err
	}
	sent, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		// Dropping what cannot be read would answer another question than was asked.
		return apierr.Errorf(apierr.ValidationError, "query failed validation: query should be well-formed, instead was %s.",
			schema.Show(jsonx.StringValue(strings.ToValidUTF8(r.URL.RawQuery, "\uFFFD")))).Because(err)
	}
	query, err := set.CheckQuery(c.route.name+".query", sent)
	if err != nil {
		return err
	}
	if takesBody(c.route.method) && !c.route.form {
		if err := set.Check("body", c.route.name, body); err != nil {
			return err
		}
	}
	c.query, c.body = query, body
	return nil
}

// lift turns what the client sent into a request of the newest version.
func (a *API) lift(c *call) error {
	r := version.Request{
		Context: c.ctx, Operation: c.route.name, Query: c.query, Body: c.body, Lookup: lookup{a.core, c.principal},
	}
	err := c.version.Up(&r)
	c.query, c.body = r.Query, r.Body
	return err
}

func takesBody(method string) bool { return method == http.MethodPost || method == http.MethodPatch }

// readPath reads the path parameters. Those named like an id are ids.
func (c *call) readPath(a *API, r *http.Request) error {
	c.ids, c.text = map[string]notion.ID{}, map[string]string{}
	for _, name := range pathParameters(c.route.path) {
		value := r.PathValue(name)
		if name == "property_id" || name == "task_id" {
			c.text[name] = value
			continue
		}
		id, ok := notion.ParseID(value)
		if !ok {
			return a.schemas.Of(c.version).Check("path", "path."+name,
				jsonx.ObjectValue(jsonx.M(name, jsonx.StringValue(value))))
		}
		c.ids[name] = id
	}
	return nil
}

// pathParameters lists the names in braces of a route's path.
func pathParameters(path string) []string {
	var names []string
	for _, part := range strings.Split(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			names = append(names, strings.TrimSuffix(name, "}"))
		}
	}
	return names
}

// cleanPath returns the path to route by: one leading slash however many were sent, no
// trailing slash. It reports false for a path that no operation can have, one with an
// empty or dotted segment (contract.md §1.1).
func cleanPath(u *url.URL) (string, bool) {
	path := "/" + strings.Trim(u.EscapedPath(), "/")
	for _, escaped := range strings.Split(path[1:], "/") {
		segment, err := url.PathUnescape(escaped)
		if err != nil || segment == "" || segment == "." || segment == ".." || strings.Contains(segment, "../") {
			return "", false
		}
	}
	return path, true
}
