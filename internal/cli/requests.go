package cli

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"octavo/internal/jsonx"
)

var requestColumns = []string{"id", "time", "method", "target", "status", "code", "took"}

type requestList struct {
	remote
	most
	Workspace   string `placeholder:"ID" help:"Only those of this workspace."`
	Integration string `placeholder:"ID" help:"Only those of this integration."`
	Method      string `placeholder:"METHOD" help:"Only those with this HTTP method."`
	Route       string `placeholder:"PATH" help:"Only those of one operation, such as /v1/pages/{page_id}."`
	Status      int    `placeholder:"STATUS" help:"Only those that were answered with this status."`
	Code        string `placeholder:"CODE" help:"Only those that met this error, such as validation_error."`
}

// Run lists requests.
func (c *requestList) Run(p *process) error {
	q := url.Values{}
	set(q, "workspace_id", c.Workspace, "integration_id", c.Integration, "method", c.Method, "route", c.Route, "code", c.Code)
	if c.Status != 0 {
		q.Set("status", strconv.Itoa(c.Status))
	}
	list, err := c.some(p, "requests", q, c.Limit)
	if err != nil {
		return err
	}
	return c.showList(p, list, requestColumns...)
}

// ofRequest is a command about one request.
type ofRequest struct {
	remote
	ID string `arg:"" help:"The request_id of its answer."`
}

type requestShow struct{ ofRequest }

// Run shows a request.
func (c *requestShow) Run(p *process) error {
	return c.printAnswer(p, http.MethodGet, "requests/"+segment(c.ID), nil, jsonx.Value{},
		append(requestColumns, "version", "message", "workspace_id", "integration_id", "redacted", "body_bytes", "body"))
}

type requestCurl struct{ ofRequest }

// Run prints a command.
func (c *requestCurl) Run(p *process) error {
	v, err := c.call(p, http.MethodGet, "requests/"+segment(c.ID), nil, jsonx.Value{})
	if err != nil {
		return err
	}
	command := v.Get("curl")
	if command.IsNull() {
		return fmt.Errorf("what request %s sent is not kept: it was too much, or no JSON", c.ID)
	}
	if c.JSON {
		return printJSON(p.stdout, jsonx.ObjectValue(jsonx.M("curl", command)))
	}
	_, err = fmt.Fprintln(p.stdout, command.Text())
	return err
}
