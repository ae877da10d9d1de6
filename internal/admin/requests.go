package admin

import (
	"strconv"

	"octavo/internal/api"
	"octavo/internal/apierr"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/schema"
)

func listRequests(a *Admin, c *call) (jsonx.Value, error) {
	part, err := c.part()
	if err != nil {
		return jsonx.Value{}, err
	}
	f := api.RequestFilter{
		Method: c.query.Get("method").Text(), Route: c.query.Get("route").Text(), Code: c.query.Get("code").Text(),
	}
	f.Workspace, _ = notion.ParseID(c.query.Get("workspace_id").Text())
	f.Integration, _ = notion.ParseID(c.query.Get("integration_id").Text())
	if f.Status, err = wholeOf("query", c.query, "status"); err != nil {
		return jsonx.Value{}, err
	}
	if part.Cursor != "" {
		if f.Before, err = strconv.ParseUint(part.Cursor, 10, 64); err != nil || f.Before == 0 {
			return jsonx.Value{}, invalid("The start_cursor provided is invalid: %s", schema.Show(c.query.Get("start_cursor")))
		}
	}
	rows := a.opts.Requests.Latest(f, part.Size+1)
	next := ""
	if len(rows) > part.Size {
		rows = rows[:part.Size]
		next = strconv.FormatUint(rows[part.Size-1].Number, 10)
	}
	var results []jsonx.Value
	for _, q := range rows {
		results = append(results, a.requestValue(q))
	}
	return listValue(results, next, next != ""), nil
}

func getRequest(a *Admin, c *call) (jsonx.Value, error) {
	id := c.ids["request_id"]
	q, known := a.opts.Requests.Find(id)
	if !known {
		return jsonx.Value{}, apierr.Errorf(apierr.ObjectNotFound, "Could not find request with ID: %s. Only the latest are remembered.", id)
	}
	return a.requestValue(q), nil
}

func (a *Admin) requestValue(q api.Request) jsonx.Value {
	s := q.Show(a.opts.WholeRequests)
	body := s.Sent
	if !body.Defined() {
		body = jsonx.NullValue
	}
	return tagged("request",
		jsonx.M("id", idValue(s.ID)),
		jsonx.M("time", timeValue(s.Time)),
		jsonx.M("took", jsonx.StringValue(s.Took.String())),
		jsonx.M("method", jsonx.StringValue(s.Method)),
		jsonx.M("target", jsonx.StringValue(s.Target)),
		jsonx.M("route", orNull(s.Route)),
		jsonx.M("version", orNull(s.Version)),
		jsonx.M("status", wholeValue(int64(s.Status))),
		jsonx.M("bytes", wholeValue(int64(s.Bytes))),
		jsonx.M("code", orNull(string(s.Code))),
		jsonx.M("message", orNull(s.Message)),
		jsonx.M("workspace_id", idValue(s.Workspace)),
		jsonx.M("integration_id", idValue(s.Integration)),
		jsonx.M("redacted", jsonx.BoolValue(!a.opts.WholeRequests)),
		jsonx.M("body_bytes", wholeValue(int64(s.BodyBytes))),
		jsonx.M("body", body),
		jsonx.M("curl", orNull(s.Curl(a.opts.PublicURL))),
	)
}
