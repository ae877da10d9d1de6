package admin

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/core"
	"octavo/internal/faults"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/schema"
)

func listWorkspaces(a *Admin, c *call) (jsonx.Value, error) {
	part, err := c.part()
	if err != nil {
		return jsonx.Value{}, err
	}
	rows, err := a.opts.Core.Workspaces(c.ctx, part)
	return listOf(rows, workspaceValue), err
}

func createWorkspace(a *Admin, c *call) (jsonx.Value, error) {
	w, err := a.opts.Core.CreateWorkspace(c.ctx, c.body.Get("name").Text(), c.body.Get("time_zone").Text())
	return workspaceValue(w), err
}

func updateWorkspace(a *Admin, c *call) (jsonx.Value, error) {
	w, err := a.opts.Core.UpdateWorkspace(c.ctx, c.ids["workspace_id"], core.WorkspaceChange{
		Name:     optional(c.body, "name"),
		TimeZone: optional(c.body, "time_zone"),
	})
	return workspaceValue(w), err
}

func listUsers(a *Admin, c *call) (jsonx.Value, error) {
	part, err := c.part()
	if err != nil {
		return jsonx.Value{}, err
	}
	rows, err := a.opts.Core.AllUsers(c.ctx, c.workspace, part)
	return listOf(rows, userValue), err
}

func createUser(a *Admin, c *call) (jsonx.Value, error) {
	u, err := a.opts.Core.CreateUser(c.ctx, c.workspace, core.UserSpec{
		Name:      c.body.Get("name").Text(),
		Email:     c.body.Get("email").Text(),
		AvatarURL: c.body.Get("avatar_url").Text(),
		Role:      c.body.Get("role").Text(),
	})
	return userValue(u), err
}

func getUser(a *Admin, c *call) (jsonx.Value, error) {
	u, err := a.opts.Core.FindUser(c.ctx, c.workspace, c.ids["user_id"])
	return userValue(u), err
}

func updateUser(a *Admin, c *call) (jsonx.Value, error) {
	u, err := a.opts.Core.UpdateUser(c.ctx, c.workspace, c.ids["user_id"], core.UserChange{
		Name:        optional(c.body, "name"),
		Email:       optional(c.body, "email"),
		AvatarURL:   optional(c.body, "avatar_url"),
		Role:        optional(c.body, "role"),
		Deactivated: optionalFlag(c.body, "deactivated"),
	})
	return userValue(u), err
}

func listIntegrations(a *Admin, c *call) (jsonx.Value, error) {
	part, err := c.part()
	if err != nil {
		return jsonx.Value{}, err
	}
	rows, err := a.opts.Core.Integrations(c.ctx, c.workspace, part)
	return listOf(rows, integrationValue), err
}

func createIntegration(a *Admin, c *call) (jsonx.Value, error) {
	owner, _ := notion.ParseID(c.body.Get("owner_id").Text())
	i, err := a.opts.Core.CreateIntegration(c.ctx, c.workspace, core.IntegrationSpec{
		Name:         c.body.Get("name").Text(),
		Kind:         core.IntegrationKind(c.body.Get("kind").Text()),
		Capabilities: stringsOf(c.body, "capabilities"),
		Owner:        owner,
	})
	return integrationValue(i), err
}

func getIntegration(a *Admin, c *call) (jsonx.Value, error) {
	i, err := a.opts.Core.FindIntegration(c.ctx, c.workspace, c.ids["integration_id"])
	return integrationValue(i), err
}

func updateIntegration(a *Admin, c *call) (jsonx.Value, error) {
	i, err := a.opts.Core.UpdateIntegration(c.ctx, c.workspace, c.ids["integration_id"], core.IntegrationChange{
		Name:         optional(c.body, "name"),
		Capabilities: stringsOf(c.body, "capabilities"),
		Disabled:     optionalFlag(c.body, "disabled"),
	})
	return integrationValue(i), err
}

func listShares(a *Admin, c *call) (jsonx.Value, error) {
	part, err := c.part()
	if err != nil {
		return jsonx.Value{}, err
	}
	integration := c.ids["integration_id"]
	rows, err := a.opts.Core.Shares(c.ctx, c.workspace, integration, part)
	return listOf(rows, func(page notion.ID) jsonx.Value { return shareValue(integration, page) }), err
}

func addShare(a *Admin, c *call) (jsonx.Value, error) {
	page, err := sharedPage("body", c.body)
	if err != nil {
		return jsonx.Value{}, err
	}
	integration := c.ids["integration_id"]
	return shareValue(integration, page), a.opts.Core.AddShare(c.ctx, c.workspace, integration, page)
}

func removeShare(a *Admin, c *call) (jsonx.Value, error) {
	page, err := sharedPage("query", c.query)
	if err != nil {
		return jsonx.Value{}, err
	}
	integration := c.ids["integration_id"]
	return shareValue(integration, page), a.opts.Core.RemoveShare(c.ctx, c.workspace, integration, page)
}

// sharedPage reads the target of a share: a page, or the zero ID for the workspace.
func sharedPage(loc string, in jsonx.Value) (notion.ID, error) {
	if in.Has("page_id") == in.Has("workspace") {
		return notion.ID{}, invalid("%[1]s failed validation: either %[1]s.page_id or %[1]s.workspace should be defined.", loc)
	}
	page, ok := notion.ParseID(in.Get("page_id").Text())
	if ok && page.IsZero() {
		return page, apierr.Errorf(apierr.ObjectNotFound, "Could not find page with ID: %s.", page)
	}
	return page, nil
}

func listTokens(a *Admin, c *call) (jsonx.Value, error) {
	part, err := c.part()
	if err != nil {
		return jsonx.Value{}, err
	}
	integration, _ := notion.ParseID(c.query.Get("integration_id").Text())
	rows, err := a.opts.Core.Tokens(c.ctx, c.workspace, integration, part)
	return listOf(rows, tokenValue), err
}

func createToken(a *Admin, c *call) (jsonx.Value, error) {
	integration, _ := notion.ParseID(c.body.Get("integration_id").Text())
	expires, _ := schema.ParseDate(c.body.Get("expires_time").Text())
	t, secret, err := a.opts.Core.IssueToken(c.ctx, c.workspace, integration, core.TokenSpec{
		Name: c.body.Get("name").Text(), Expires: expires.Time,
	})
	v := tokenValue(t)
	v.Set("token", jsonx.StringValue(secret))
	return v, err
}

func rotateToken(a *Admin, c *call) (jsonx.Value, error) {
	var r core.Rotation
	if sent := c.body.Get("expires_time"); sent.Defined() {
		expires, _ := schema.ParseDate(sent.Text())
		r.Expires = &expires.Time
	}
	var err error
	if r.Overlap, err = durationOf(c.body, "overlap"); err != nil {
		return jsonx.Value{}, err
	}
	t, secret, err := a.opts.Core.RotateToken(c.ctx, c.workspace, c.ids["token_id"], r)
	v := tokenValue(t)
	v.Set("token", jsonx.StringValue(secret))
	return v, err
}

func revokeToken(a *Admin, c *call) (jsonx.Value, error) {
	t, err := a.opts.Core.RevokeToken(c.ctx, c.workspace, c.ids["token_id"])
	return tokenValue(t), err
}

func listDiscussions(a *Admin, c *call) (jsonx.Value, error) {
	part, err := c.part()
	if err != nil {
		return jsonx.Value{}, err
	}
	node, _ := notion.ParseID(c.query.Get("block_id").Text())
	rows, err := a.opts.Core.Discussions(c.ctx, c.workspace, node, part)
	return listOf(rows, discussionValue), err
}

func updateDiscussion(a *Admin, c *call) (jsonx.Value, error) {
	d, err := a.opts.Core.ResolveDiscussion(c.ctx, c.workspace, c.ids["discussion_id"], c.body.Get("resolved").True())
	return discussionValue(d), err
}

func listTemplates(a *Admin, c *call) (jsonx.Value, error) {
	part, err := c.part()
	if err != nil {
		return jsonx.Value{}, err
	}
	rows, err := a.opts.Core.AllTemplates(c.ctx, c.workspace, c.ids["data_source_id"], part)
	return listOf(rows, templateValue), err
}

func addTemplate(a *Admin, c *call) (jsonx.Value, error) {
	page, _ := notion.ParseID(c.body.Get("page_id").Text())
	t, err := a.opts.Core.AddTemplate(c.ctx, c.workspace, c.ids["data_source_id"], page, c.body.Get("is_default").True())
	return templateValue(t), err
}

func removeTemplate(a *Admin, c *call) (jsonx.Value, error) {
	t, err := a.opts.Core.RemoveTemplate(c.ctx, c.workspace, c.ids["data_source_id"], c.ids["page_id"])
	return templateValue(t), err
}

func listEmojis(a *Admin, c *call) (jsonx.Value, error) {
	part, err := c.part()
	if err != nil {
		return jsonx.Value{}, err
	}
	rows, err := a.opts.Core.AllCustomEmojis(c.ctx, c.workspace, part)
	return listOf(rows, emojiValue), err
}

func createEmoji(a *Admin, c *call) (jsonx.Value, error) {
	n := core.NewEmoji{Name: c.body.Get("name").Text(), URL: c.body.Get("url").Text(), Filename: c.body.Get("filename").Text()}
	if c.body.Has("url") == c.body.Has("content") || c.body.Has("filename") != c.body.Has("content") {
		return jsonx.Value{}, invalid("Provide either `url`, or `filename` and `content`.")
	}
	var err error
	if n.Content, err = base64.StdEncoding.DecodeString(c.body.Get("content").Text()); err != nil {
		return jsonx.Value{}, invalid("body.content should be base64.")
	}
	if c.body.Has("url") && n.URL == "" {
		return jsonx.Value{}, invalid("body.url should be an http or https URL.")
	}
	e, err := a.opts.Core.AddCustomEmoji(c.ctx, c.workspace, n)
	return emojiValue(e), err
}

func deleteEmoji(a *Admin, c *call) (jsonx.Value, error) {
	e, err := a.opts.Core.RemoveCustomEmoji(c.ctx, c.workspace, c.ids["emoji_id"])
	return emojiValue(e), err
}

// faultSet returns the rules, or what to answer when fault injection is off.
func (a *Admin) faultSet() (*faults.Set, error) {
	if a.opts.Faults == nil {
		return nil, apierr.Errorf(apierr.InvalidRequest, "Fault injection is off. Start the server with --faults to use it.")
	}
	return a.opts.Faults, nil
}

func listFaults(a *Admin, _ *call) (jsonx.Value, error) {
	set, err := a.faultSet()
	if err != nil {
		return jsonx.Value{}, err
	}
	return listOf(core.Listing[faults.Status]{Items: set.List()}, faultValue), nil
}

func addFault(a *Admin, c *call) (jsonx.Value, error) {
	set, err := a.faultSet()
	if err != nil {
		return jsonx.Value{}, err
	}
	rule, err := readRule(c.body)
	if err != nil {
		return jsonx.Value{}, err
	}
	status, err := set.Add(rule)
	return faultValue(status), err
}

func resetFaults(a *Admin, _ *call) (jsonx.Value, error) {
	set, err := a.faultSet()
	if err != nil {
		return jsonx.Value{}, err
	}
	return listOf(core.Listing[faults.Status]{Items: set.Reset()}, faultValue), nil
}

func deleteFault(a *Admin, c *call) (jsonx.Value, error) {
	set, err := a.faultSet()
	if err != nil {
		return jsonx.Value{}, err
	}
	status, err := set.Delete(c.ids["fault_id"])
	return faultValue(status), err
}

// readRule reads a fault rule whose shape has been checked; [faults.Set.Add] checks the
// rest.
func readRule(in jsonx.Value) (faults.Rule, error) {
	var r faults.Rule
	var whole [4]int
	for i, key := range []string{"retry_after", "nth", "seed", "count"} {
		var err error
		if whole[i], err = wholeOf("body", in, key); err != nil {
			return r, err
		}
	}
	r.RetryAfter = time.Duration(min(whole[0], 1_000_000)) * time.Second
	r.Nth, r.Seed, r.Count = whole[1], uint64(whole[2]), whole[3]
	var err error
	if r.Latency, err = durationOf(in, "latency"); err != nil {
		return r, err
	}
	if p := in.Get("probability"); p.Defined() {
		if p.Float() <= 0 {
			return r, invalid("body failed validation: body.probability should be above `0`, instead was %s.", schema.Show(p))
		}
		r.Probability = p.Float()
	}
	r.Code = apierr.Code(in.Get("code").Text())
	r.Message = in.Get("message").Text()
	r.Cut, _ = faults.ParseCut(in.Get("cut").Text())
	r.AfterCommit = in.Get("after_commit").True()
	r.Method = in.Get("method").Text()
	r.Path = in.Get("path").Text()
	r.Token = faults.MatchToken(in.Get("token").Text())
	r.Integration, _ = notion.ParseID(in.Get("integration_id").Text())
	return r, nil
}

func listEvents(a *Admin, c *call) (jsonx.Value, error) {
	part, err := c.part()
	if err != nil {
		return jsonx.Value{}, err
	}
	revision, seq, ok := parsePlace(part.Cursor)
	if !ok {
		return jsonx.Value{}, invalid("The start_cursor provided is invalid: %s", schema.Show(c.query.Get("start_cursor")))
	}
	rows, err := a.opts.Core.Events(c.ctx, c.workspace, revision, seq, part.Size+1)
	if err != nil {
		return jsonx.Value{}, err
	}
	more := len(rows) > part.Size
	rows = rows[:min(len(rows), part.Size)]
	var results []jsonx.Value
	for _, e := range rows {
		v, err := eventValue(e)
		if err != nil {
			return v, err
		}
		results = append(results, v)
		revision, seq = e.Revision, e.Seq
	}
	next := strconv.FormatInt(revision, 10) + "." + strconv.FormatInt(seq, 10)
	return listValue(results, next, more), nil
}

// parsePlace reads a place in the log of changes: a revision whose changes have all been
// seen, or a revision and the last change seen of it.
func parsePlace(cursor string) (revision, seq int64, ok bool) {
	if cursor == "" {
		return 0, 0, true
	}
	before, after, has := strings.Cut(cursor, ".")
	revision, err := strconv.ParseInt(before, 10, 64)
	if err != nil || revision < 0 {
		return 0, 0, false
	}
	if !has {
		return revision, maxWhole, true
	}
	seq, err = strconv.ParseInt(after, 10, 64)
	return revision, seq, err == nil && seq >= 0
}

func listOf[T any](l core.Listing[T], value func(T) jsonx.Value) jsonx.Value {
	var results []jsonx.Value
	for _, item := range l.Items {
		results = append(results, value(item))
	}
	return listValue(results, l.Next, l.Next != "")
}

func listValue(results []jsonx.Value, next string, more bool) jsonx.Value {
	return tagged("list",
		jsonx.M("results", jsonx.ArrayValue(results...)),
		jsonx.M("next_cursor", orNull(next)),
		jsonx.M("has_more", jsonx.BoolValue(more)),
	)
}

func checkFormula(a *Admin, c *call) (jsonx.Value, error) {
	source, _ := notion.ParseID(c.body.Get("data_source_id").Text())
	check, err := a.opts.Core.CheckFormula(c.ctx, c.workspace, source, c.body.Get("expression").Text())
	return formulaCheckValue(check), err
}
