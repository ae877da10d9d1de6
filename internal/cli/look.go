package cli

import (
	"fmt"
	"net/http"

	"octavo/internal/jsonx"
)

var (
	eventColumns   = []string{"revision", "seq", "time", "type", "node_id", "author_id"}
	formulaColumns = []string{"sound", "expression", "type", "error", "message", "expected", "found", "line", "column"}
)

type userShow struct {
	scoped
	ID string `arg:"" help:"Id of the person or bot."`
}

// Run shows a person or bot.
func (c *userShow) Run(p *process) error {
	return c.printOne(p, http.MethodGet, "users/"+segment(c.ID), jsonx.Value{}, append(userColumns, "avatar_url", "created_time"))
}

type integrationShow struct {
	scoped
	ID string `arg:"" help:"Id of the integration."`
}

// Run shows an integration.
func (c *integrationShow) Run(p *process) error {
	return c.printOne(p, http.MethodGet, "integrations/"+segment(c.ID), jsonx.Value{}, append(integrationColumns, "bot_id", "owner_id", "created_time"))
}

type webhookDelivery struct {
	subscription
	Delivery string `arg:"" help:"Id of the event."`
}

// Run shows an event of a subscription with what was sent.
func (c *webhookDelivery) Run(p *process) error {
	return c.printOne(p, http.MethodGet, c.path()+"/deliveries/"+segment(c.Delivery), jsonx.Value{}, append(deliveryColumns, "log", "event"))
}

type eventList struct {
	scoped
	most
	After string `placeholder:"REVISION" help:"Only what came after this revision of the workspace."`
}

// Run lists changes.
func (c *eventList) Run(p *process) error {
	q := c.query()
	set(q, "start_cursor", c.After)
	list, err := c.some(p, "events", q, c.Limit)
	if err != nil {
		return err
	}
	return c.showList(p, list, eventColumns...)
}

type formulaCheck struct {
	scoped
	DataSource string `arg:"" help:"Id of the data source whose properties the formula names."`
	Expression string `arg:"" help:"The formula."`
}

// Run says whether an expression is a formula.
func (c *formulaCheck) Run(p *process) error {
	v, err := c.call(p, http.MethodPost, "formula/check", c.query(), body("data_source_id", c.DataSource, "expression", c.Expression))
	if err != nil {
		return err
	}
	if err := c.show(p, v, formulaColumns...); err != nil || c.JSON || v.Get("snippet").IsNull() {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "\n%s\n", v.Get("snippet").Text())
	return err
}
