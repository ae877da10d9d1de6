package admin

import (
	"net"
	"net/http"
	"strings"

	"octavo/internal/api"
	"octavo/internal/core"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/schema"
	"octavo/internal/store"
)

// ActorHeader is the header in which a client says on whose behalf it acts, for the audit log.
// Nobody checks it: whoever has the admin token may do everything.
const ActorHeader = "Octavo-Actor"

// audited reports whether the audit log has what is done by a route: whatever changes
// something, and the copying of everything.
func (r *route) audited() bool {
	return !r.open && (r.method != http.MethodGet && !r.asks || r.copies)
}

// carryOut answers a request that has passed every check. What it changes and the entry of the
// audit log that tells of it are one write; where no rows change, the entry is there before. A
// request that is refused leaves an entry too.
func (a *Admin) carryOut(w http.ResponseWriter, r *http.Request, route *route, c *call, id notion.ID) (jsonx.Value, error) {
	if !route.audited() {
		return a.run(w, r, route, c)
	}
	entry := auditEntry(r, route, c, id)
	var note *store.AuditNote
	if route.rowless {
		var err error
		if c.ctx, note, err = a.opts.Core.BeginAudit(r.Context(), entry); err != nil {
			return jsonx.Value{}, err
		}
	} else {
		c.ctx, note = a.opts.Core.Audited(r.Context(), entry)
	}
	v, err := a.run(w, r, route, c)
	if made, ok := notion.ParseID(v.Get("id").Text()); ok && err == nil {
		note.Entry.TargetID = made
	}
	a.opts.Core.EndAudit(r.Context(), note, err)
	return v, err
}

// run answers a request. A route that writes its answer by itself has no value.
func (a *Admin) run(w http.ResponseWriter, r *http.Request, route *route, c *call) (jsonx.Value, error) {
	if route.serve != nil {
		return jsonx.Value{}, route.serve(a, w, r)
	}
	return route.handle(a, c)
}

// auditEntry is what there is to say of a request before it is carried out.
func auditEntry(r *http.Request, route *route, c *call, id notion.ID) store.AuditEntry {
	e := store.AuditEntry{
		ID: id, WorkspaceID: c.workspace, Action: route.name,
		Actor: api.WithoutSecrets(r.Header.Get(ActorHeader)), Client: api.WithoutSecrets(r.UserAgent()),
		Parameters: parametersOf(route, c).Append(nil),
	}
	e.Address, _, _ = net.SplitHostPort(r.RemoteAddr)
	for _, name := range parameters(route.path) {
		e.TargetID = c.ids[name]
	}
	if workspace, ok := c.ids[workspaceID.key]; ok {
		e.WorkspaceID = workspace
	}
	return e
}

// parametersOf is what a request asks for: what stands in its path, its query and its body.
func parametersOf(route *route, c *call) jsonx.Value {
	v := jsonx.ObjectValue()
	for _, name := range parameters(route.path) {
		v.Set(name, idValue(c.ids[name]))
	}
	for _, part := range []struct {
		fields []field
		in     jsonx.Value
	}{{route.query, c.query}, {route.body, c.body}} {
		for _, f := range part.fields {
			if given := part.in.Get(f.key); given.Defined() {
				v.Set(f.key, logged(f.key, given))
			}
		}
	}
	return v
}

// secretKeys are what the keys of parameters end with that the audit log must not show.
var secretKeys = []string{"token", "secret", "password"}

// logged is a parameter as the audit log shows it: long texts are cut, secrets left out.
func logged(key string, v jsonx.Value) jsonx.Value {
	const most = 300
	switch v.Kind() {
	case jsonx.String:
		for _, secret := range secretKeys {
			if strings.HasSuffix(key, secret) {
				return jsonx.StringValue("[secret]")
			}
		}
		r := []rune(api.WithoutSecrets(v.Text()))
		if len(r) > most {
			return jsonx.StringValue(string(r[:most]) + "…")
		}
		return jsonx.StringValue(string(r))
	case jsonx.Array:
		items := []jsonx.Value{}
		for _, item := range v.Items() {
			items = append(items, logged(key, item))
		}
		return jsonx.ArrayValue(items...)
	case jsonx.Object:
		o := jsonx.ObjectValue()
		for _, m := range v.Members() {
			o.Set(m.Key, logged(m.Key, m.Value))
		}
		return o
	}
	return v
}

func listAudit(a *Admin, c *call) (jsonx.Value, error) {
	part, err := c.part()
	if err != nil {
		return jsonx.Value{}, err
	}
	filter := core.AuditFilter{Action: c.query.Get("action").Text(), Actor: c.query.Get("actor").Text()}
	filter.Workspace, _ = notion.ParseID(c.query.Get("workspace_id").Text())
	filter.Target, _ = notion.ParseID(c.query.Get("target_id").Text())
	since, _ := schema.ParseDate(c.query.Get("since").Text())
	until, _ := schema.ParseDate(c.query.Get("until").Text())
	filter.Since, filter.Until = since.Time, until.Time
	rows, err := a.opts.Core.AuditLog(c.ctx, filter, part)
	return listOf(rows, auditValue), err
}

func getAudit(a *Admin, c *call) (jsonx.Value, error) {
	e, err := a.opts.Core.FindAuditEntry(c.ctx, c.ids["entry_id"])
	return auditValue(e), err
}

func auditValue(e store.AuditEntry) jsonx.Value {
	status := jsonx.NullValue
	if e.Status != 0 {
		status = wholeValue(e.Status)
	}
	v := tagged("audit_entry",
		jsonx.M("id", idValue(e.ID)),
		jsonx.M("time", timeValue(e.Time)),
		jsonx.M("action", jsonx.StringValue(e.Action)),
		jsonx.M("actor", orNull(e.Actor)),
		jsonx.M("workspace_id", idValue(e.WorkspaceID)),
		jsonx.M("target_id", idValue(e.TargetID)),
		jsonx.M("status", status),
		jsonx.M("code", orNull(e.Code)),
		jsonx.M("address", orNull(e.Address)),
		jsonx.M("client", orNull(e.Client)),
	)
	parameters, err := jsonx.Parse(e.Parameters)
	if err != nil {
		parameters = jsonx.ObjectValue()
	}
	v.Set("parameters", parameters)
	return v
}
