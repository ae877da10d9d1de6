package cli

import (
	"fmt"
	"net/http"

	"octavo/internal/jsonx"
)

type webhookCreate struct {
	scoped
	Integration string   `arg:"" help:"Id of the integration that the events are for."`
	Receiver    string   `arg:"" help:"Where events are posted to, an https URL."`
	Events      []string `placeholder:"NAME" help:"Event types, such as page.created. Default: all."`
	APIVersion  string   `name:"api-version" placeholder:"VERSION" help:"Version of the events. Default: the newest."`
}

// Run makes a subscription and says whether its receiver was reached.
func (c *webhookCreate) Run(p *process) error {
	b := body("integration_id", c.Integration, "url", c.Receiver)
	setTexts(b, "events", c.Events)
	if c.APIVersion != "" {
		b.Set("api_version", jsonx.StringValue(c.APIVersion))
	}
	return c.printVerification(p, "webhooks", b)
}

// printVerification sends a request after which the receiver was sent its token.
func (s *scoped) printVerification(p *process, path string, b jsonx.Value) error {
	v, err := s.call(p, http.MethodPost, path, s.query(), b)
	if err != nil {
		return err
	}
	if err := s.show(p, v, webhookColumns...); err != nil || s.JSON {
		return err
	}
	sent := v.Get("verification")
	if sent.Get("delivered").True() {
		_, err = fmt.Fprintf(p.stdout, "\nThe receiver was sent a verification token. Make the subscription active with\n  octavo webhook verify %s TOKEN\n", v.Get("id").Text())
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "\nThe receiver did not take the verification token: %s\nSend it again with\n  octavo webhook resend %s\n",
		cell(sent.Get("error")), v.Get("id").Text())
	return err
}

type webhookList struct {
	scoped
	Integration string `placeholder:"ID" help:"Only those of this integration."`
}

// Run lists subscriptions.
func (c *webhookList) Run(p *process) error {
	q := c.query()
	if c.Integration != "" {
		q.Set("integration_id", c.Integration)
	}
	return c.printQuery(p, "webhooks", q, webhookColumns)
}

// subscription is a command about one subscription.
type subscription struct {
	scoped
	ID string `arg:"" help:"Id of the subscription."`
}

func (s *subscription) path() string { return "webhooks/" + segment(s.ID) }

type webhookShow struct{ subscription }

// Run shows a subscription.
func (c *webhookShow) Run(p *process) error {
	return c.printOne(p, http.MethodGet, c.path(), jsonx.Value{}, append(webhookColumns, "events", "created_time"))
}

type webhookVerify struct {
	subscription
	Token string `arg:"" help:"The token, secret_…"`
}

// Run makes a subscription active.
func (c *webhookVerify) Run(p *process) error {
	return c.printOne(p, http.MethodPost, c.path()+"/verify", body("verification_token", c.Token), webhookColumns)
}

type webhookResend struct{ subscription }

// Run sends the token again.
func (c *webhookResend) Run(p *process) error {
	return c.printVerification(p, c.path()+"/resend", jsonx.Value{})
}

type webhookUpdate struct {
	subscription
	Receiver   *string  `placeholder:"URL" help:"New receiver, before the subscription is verified."`
	Events     []string `placeholder:"NAME" help:"New event types."`
	APIVersion *string  `name:"api-version" placeholder:"VERSION" help:"New version of the events."`
}

// Run changes a subscription.
func (c *webhookUpdate) Run(p *process) error {
	b := body()
	setText(b, "url", c.Receiver)
	setText(b, "api_version", c.APIVersion)
	setTexts(b, "events", c.Events)
	return c.printOne(p, http.MethodPatch, c.path(), b, append(webhookColumns, "events"))
}

type webhookPause struct{ subscription }

// Run pauses a subscription.
func (c *webhookPause) Run(p *process) error {
	return c.printOne(p, http.MethodPatch, c.path(), flagBody("paused", true), webhookColumns)
}

type webhookResume struct{ subscription }

// Run resumes a subscription.
func (c *webhookResume) Run(p *process) error {
	return c.printOne(p, http.MethodPatch, c.path(), flagBody("paused", false), webhookColumns)
}

type webhookDelete struct{ subscription }

// Run deletes a subscription.
func (c *webhookDelete) Run(p *process) error {
	return c.printOne(p, http.MethodDelete, c.path(), jsonx.Value{}, webhookColumns)
}

type webhookDeliveries struct {
	subscription
	most
	State string `enum:"waiting,delivered,failed," default:"" placeholder:"STATE" help:"Only those that are waiting, delivered or failed."`
}

// Run lists deliveries.
func (c *webhookDeliveries) Run(p *process) error {
	q := c.query()
	if c.State != "" {
		q.Set("state", c.State)
	}
	list, err := c.some(p, c.path()+"/deliveries", q, c.Limit)
	if err != nil {
		return err
	}
	return c.showList(p, list, deliveryColumns...)
}

type webhookRedeliver struct {
	subscription
	Delivery string `arg:"" help:"Id of the event."`
}

// Run sends an event again.
func (c *webhookRedeliver) Run(p *process) error {
	path := c.path() + "/deliveries/" + segment(c.Delivery) + "/redeliver"
	return c.printOne(p, http.MethodPost, path, jsonx.Value{}, deliveryColumns)
}
