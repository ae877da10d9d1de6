package admin

import (
	"fmt"
	"strings"
	"time"

	"octavo/internal/core"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/store"
	"octavo/internal/webhook"
)

func versionNames() []string {
	var names []string
	for _, v := range webhook.Versions {
		names = append(names, string(v))
	}
	return names
}

// eventsDoc says which events each version has.
func eventsDoc() string {
	var doc []string
	for _, v := range webhook.Versions {
		doc = append(doc, fmt.Sprintf("%s has %s.", v, strings.Join(webhook.Names(v), ", ")))
	}
	return strings.Join(doc, " ")
}

func listWebhooks(a *Admin, c *call) (jsonx.Value, error) {
	part, err := c.part()
	if err != nil {
		return jsonx.Value{}, err
	}
	integration, _ := notion.ParseID(c.query.Get("integration_id").Text())
	rows, err := a.opts.Core.Webhooks(c.ctx, c.workspace, integration, part)
	return listOf(rows, webhookValue), err
}

func createWebhook(a *Admin, c *call) (jsonx.Value, error) {
	integration, _ := notion.ParseID(c.body.Get("integration_id").Text())
	w, outcome, err := a.opts.Core.CreateWebhook(c.ctx, c.workspace, core.WebhookSpec{
		Integration: integration,
		URL:         c.body.Get("url").Text(),
		Events:      stringsOf(c.body, "events"),
		APIVersion:  c.body.Get("api_version").Text(),
	})
	return withVerification(w, outcome), err
}

func getWebhook(a *Admin, c *call) (jsonx.Value, error) {
	w, err := a.opts.Core.FindWebhook(c.ctx, c.workspace, c.ids["webhook_id"])
	return webhookValue(w), err
}

func updateWebhook(a *Admin, c *call) (jsonx.Value, error) {
	w, err := a.opts.Core.UpdateWebhook(c.ctx, c.workspace, c.ids["webhook_id"], core.WebhookChange{
		URL:        optional(c.body, "url"),
		Events:     stringsOf(c.body, "events"),
		APIVersion: optional(c.body, "api_version"),
		Paused:     optionalFlag(c.body, "paused"),
	})
	return webhookValue(w), err
}

func deleteWebhook(a *Admin, c *call) (jsonx.Value, error) {
	w, err := a.opts.Core.DeleteWebhook(c.ctx, c.workspace, c.ids["webhook_id"])
	return webhookValue(w), err
}

func verifyWebhook(a *Admin, c *call) (jsonx.Value, error) {
	w, err := a.opts.Core.VerifyWebhook(c.ctx, c.workspace, c.ids["webhook_id"], c.body.Get("verification_token").Text())
	return webhookValue(w), err
}

func resendVerification(a *Admin, c *call) (jsonx.Value, error) {
	w, outcome, err := a.opts.Core.ResendVerification(c.ctx, c.workspace, c.ids["webhook_id"])
	return withVerification(w, outcome), err
}

func listDeliveries(a *Admin, c *call) (jsonx.Value, error) {
	part, err := c.part()
	if err != nil {
		return jsonx.Value{}, err
	}
	rows, err := a.opts.Core.Deliveries(c.ctx, c.workspace, c.ids["webhook_id"], c.query.Get("state").Text(), part)
	if err != nil {
		return jsonx.Value{}, err
	}
	var results []jsonx.Value
	for _, d := range rows.Items {
		v, err := deliveryValue(d)
		if err != nil {
			return v, err
		}
		results = append(results, v)
	}
	return listValue(results, rows.Next, rows.Next != ""), nil
}

func getDelivery(a *Admin, c *call) (jsonx.Value, error) {
	d, err := a.opts.Core.FindDelivery(c.ctx, c.workspace, c.ids["webhook_id"], c.ids["delivery_id"])
	if err != nil {
		return jsonx.Value{}, err
	}
	return deliveryValue(d)
}

func redeliver(a *Admin, c *call) (jsonx.Value, error) {
	d, err := a.opts.Core.Redeliver(c.ctx, c.workspace, c.ids["webhook_id"], c.ids["delivery_id"])
	if err != nil {
		return jsonx.Value{}, err
	}
	return deliveryValue(d)
}

func webhookValue(w store.Webhook) jsonx.Value {
	var events []jsonx.Value
	for _, name := range strings.Fields(w.Events) {
		events = append(events, jsonx.StringValue(name))
	}
	return tagged("webhook",
		jsonx.M("id", idValue(w.ID)),
		jsonx.M("integration_id", idValue(w.IntegrationID)),
		jsonx.M("url", jsonx.StringValue(w.URL)),
		jsonx.M("events", jsonx.ArrayValue(events...)),
		jsonx.M("api_version", jsonx.StringValue(w.APIVersion)),
		jsonx.M("state", jsonx.StringValue(w.State)),
		jsonx.M("reason", orNull(w.Reason)),
		jsonx.M("failing_since", timeValue(w.FailingSince)),
		jsonx.M("created_time", timeValue(w.CreatedTime)),
		jsonx.M("verification", jsonx.NullValue),
	)
}

// withVerification is a subscription whose receiver has just been sent the token. What the
// token is, the receiver alone can tell.
func withVerification(w store.Webhook, o webhook.Outcome) jsonx.Value {
	v := webhookValue(w)
	v.Set("verification", jsonx.ObjectValue(
		jsonx.M("delivered", jsonx.BoolValue(o.OK())),
		jsonx.M("status", statusValue(o.Status)),
		jsonx.M("error", orNull(o.Err)),
	))
	return v
}

// statusValue is a status of HTTP, null when there was none.
func statusValue(status int) jsonx.Value {
	if status == 0 {
		return jsonx.NullValue
	}
	return wholeValue(int64(status))
}

func deliveryValue(d store.WebhookDelivery) (jsonx.Value, error) {
	event, err := jsonx.Parse(d.Body)
	if err != nil {
		return event, err
	}
	attempts, err := core.DeliveryAttempts(d)
	if err != nil {
		return event, err
	}
	var log []jsonx.Value
	for _, a := range attempts {
		log = append(log, jsonx.ObjectValue(
			jsonx.M("attempt", wholeValue(int64(a.Attempt))),
			jsonx.M("time", timeValue(a.Time)),
			jsonx.M("took", jsonx.StringValue((time.Duration(a.TookMS)*time.Millisecond).String())),
			jsonx.M("status", statusValue(a.Status)),
			jsonx.M("error", orNull(a.Error)),
		))
	}
	return tagged("delivery",
		jsonx.M("id", idValue(d.ID)),
		jsonx.M("webhook_id", idValue(d.WebhookID)),
		jsonx.M("type", jsonx.StringValue(d.Type)),
		jsonx.M("entity_id", idValue(d.EntityID)),
		jsonx.M("state", jsonx.StringValue(d.State)),
		jsonx.M("attempts", wholeValue(d.Attempts)),
		jsonx.M("created_time", timeValue(d.CreatedTime)),
		jsonx.M("next_attempt_time", timeValue(d.DueTime)),
		jsonx.M("log", jsonx.ArrayValue(log...)),
		jsonx.M("event", event),
	), nil
}
