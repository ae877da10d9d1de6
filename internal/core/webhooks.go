package core

import (
	"context"
	"crypto/subtle"
	"errors"
	"math/big"
	"slices"
	"strings"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/clock"
	"octavo/internal/notion"
	"octavo/internal/outbound"
	"octavo/internal/store"
	"octavo/internal/version"
	"octavo/internal/webhook"
)

// WebhookOptions say how subscribers are told of changes.
type WebhookOptions struct {
	// Policy says where receivers may be.
	Policy outbound.Policy
	Sender *webhook.Sender
	// Window is how long an event is held back for what may still happen to the same object;
	// at most twice as long while things go on happening. Zero holds nothing back.
	Window time.Duration
	// MaxWaiting is how many events may be on their way to a receiver; what is beyond that
	// stays in the log until there is room. Zero is 10,000.
	MaxWaiting int
	// Changed hears of workspaces whose subscriptions have changed. Nil does not.
	Changed func(workspace notion.ID)
}

// The states of a subscription (services.md §4.1).
const (
	webhookPending = "pending"
	webhookActive  = "active"
	webhookPaused  = "paused"
)

// WebhookStates are the states there are.
var WebhookStates = []string{webhookPending, webhookActive, webhookPaused}

// WebhookSpec describes a subscription to be made.
type WebhookSpec struct {
	Integration notion.ID
	URL         string
	// Events are names of event types; nil is all that the version has.
	Events []string
	// APIVersion is the newest when it is "".
	APIVersion string
}

// WebhookChange says what to change about a subscription. Nil means: keep.
type WebhookChange struct {
	// URL can only change before the subscription is verified.
	URL        *string
	Events     []string
	APIVersion *string
	Paused     *bool
}

// CreateWebhook makes a subscription and sends its receiver the verification token. It is
// told of nothing before [Core.VerifyWebhook]. The outcome is that of the request to the
// receiver.
func (c *Core) CreateWebhook(ctx context.Context, ws notion.ID, spec WebhookSpec) (store.Webhook, webhook.Outcome, error) {
	w := store.Webhook{
		IntegrationID: spec.Integration, URL: spec.URL, APIVersion: spec.APIVersion, State: webhookPending,
		Token: newVerificationToken(c.ids),
	}
	if w.APIVersion == "" {
		w.APIVersion = string(version.Latest)
	}
	if spec.Events == nil {
		spec.Events = webhook.Names(version.Version(w.APIVersion))
	}
	w.Events = strings.Join(spec.Events, " ")
	if err := c.checkWebhook(w); err != nil {
		return w, webhook.Outcome{}, err
	}
	// That the workspace may have subscriptions is nothing that the audit log has to tell.
	err := c.store.UpdateDirectory(store.WithAudit(ctx, nil), func(tx *store.Tx) error { return tx.AddWebhookHome(ws) })
	if err == nil {
		err = c.store.Update(ctx, ws, func(tx *store.Tx) error {
			if err := checkIntegration(tx, spec.Integration); err != nil {
				return err
			}
			w.ID, w.CreatedTime = c.ids.New(tx.Now()), tx.Now()
			tx.About(w.ID)
			return tx.InsertWebhook(w)
		})
	}
	if err != nil {
		return w, webhook.Outcome{}, storeError(err)
	}
	outcome, _ := c.opts.Webhooks.Sender.Send(ctx, w.URL, w.Token, webhook.Verification(w.Token))
	return w, outcome, nil
}

// newVerificationToken makes a token as the hosted API does: 256 random bits fit into 43
// digits of base 62.
func newVerificationToken(ids clock.IDs) string {
	const digits = 43
	var b [32]byte
	ids.Secret(b[:])
	text := new(big.Int).SetBytes(b[:]).Text(62)
	return "secret_" + strings.Repeat("0", digits-len(text)) + text
}

// checkWebhook refuses a subscription with a receiver that may not be reached, a version
// without webhooks, or events that the version does not have.
func (c *Core) checkWebhook(w store.Webhook) error {
	const maxURL = 2000
	if len(w.URL) > maxURL {
		return invalid("url should be at most %d characters long.", maxURL)
	}
	if err := c.opts.Webhooks.Policy.CheckURL(w.URL); err != nil {
		return invalid("url cannot be a receiver of webhooks, instead was %s: %s.", shown(w.URL), strings.TrimPrefix(err.Error(), "outbound: "))
	}
	if !slices.Contains(webhook.Versions, version.Version(w.APIVersion)) {
		return invalid("api_version should be one of %s, instead was %s.", quoteAll(webhook.Versions), shown(w.APIVersion))
	}
	names := webhook.Names(version.Version(w.APIVersion))
	events := strings.Split(w.Events, " ")
	for _, name := range events {
		if !slices.Contains(names, name) {
			return invalid("events of %s should be among %s, instead one was %s.", w.APIVersion, quoteAll(names), shown(name))
		}
	}
	return nil
}

func quoteAll[T ~string](list []T) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = shown(string(s))
	}
	return strings.Join(quoted, ", ")
}

// Webhooks lists the subscriptions of a workspace, or of one of its integrations, oldest
// first.
func (c *Core) Webhooks(ctx context.Context, ws, integration notion.ID, part PageOf) (Listing[store.Webhook], error) {
	id := func(w *store.Webhook) notion.ID { return w.ID }
	return list(part, id, func(after *notion.ID, limit int) (rows []store.Webhook, err error) {
		err = c.store.View(ctx, ws, func(tx *store.Tx) error {
			rows, err = tx.Webhooks()
			return err
		})
		if !integration.IsZero() {
			rows = slices.DeleteFunc(rows, func(w store.Webhook) bool { return w.IntegrationID != integration })
		}
		return pick(rows, id, after, limit), err
	})
}

// FindWebhook returns a subscription.
func (c *Core) FindWebhook(ctx context.Context, ws, id notion.ID) (store.Webhook, error) {
	var w store.Webhook
	err := c.store.View(ctx, ws, func(tx *store.Tx) (err error) {
		w, err = tx.Webhook(id)
		return err
	})
	return w, adminError(err, "webhook", id)
}

// changeWebhook changes a subscription in a transaction.
func (c *Core) changeWebhook(ctx context.Context, ws, id notion.ID, change func(*store.Tx, *store.Webhook) error) (store.Webhook, error) {
	var w store.Webhook
	err := c.store.Update(ctx, ws, func(tx *store.Tx) (err error) {
		if w, err = tx.Webhook(id); err != nil {
			return err
		}
		if err := change(tx, &w); err != nil {
			return err
		}
		return tx.UpdateWebhook(w)
	})
	c.webhooksChanged(ws)
	return w, adminError(err, "webhook", id)
}

func (c *Core) webhooksChanged(ws notion.ID) {
	if c.opts.Webhooks.Changed != nil {
		c.opts.Webhooks.Changed(ws)
	}
}

// UpdateWebhook changes a subscription. What happens while it is paused is told when it is
// active again, as far as the log of changes goes back.
func (c *Core) UpdateWebhook(ctx context.Context, ws, id notion.ID, change WebhookChange) (store.Webhook, error) {
	return c.changeWebhook(ctx, ws, id, func(tx *store.Tx, w *store.Webhook) error {
		if change.URL != nil && *change.URL != w.URL {
			if w.State != webhookPending {
				return invalid("The url of a subscription can only change before it is verified. Make another subscription instead.")
			}
			w.URL = *change.URL
		}
		if change.APIVersion != nil {
			w.APIVersion = *change.APIVersion
		}
		if change.Events != nil {
			w.Events = strings.Join(change.Events, " ")
		}
		if change.Paused != nil {
			if err := pauseWebhook(tx, w, *change.Paused); err != nil {
				return err
			}
		}
		return c.checkWebhook(*w)
	})
}

func pauseWebhook(tx *store.Tx, w *store.Webhook, paused bool) error {
	switch {
	case w.State == webhookPending:
		return invalid("A subscription can only be paused or resumed once it is verified.")
	case paused == (w.State == webhookPaused):
		return nil
	case paused:
		w.State, w.Reason = webhookPaused, "Paused by an administrator."
		return nil
	}
	w.State, w.Reason, w.FailingSince = webhookActive, "", time.Time{}
	forgotten, err := tx.Forgotten()
	if err == nil && w.Revision < forgotten {
		w.Reason = "It was paused for so long that some of what had happened was forgotten, and has not been told."
	}
	return err
}

// VerifyWebhook makes a subscription active when the token is the one that its receiver was
// sent. It is told of what happens from then on.
func (c *Core) VerifyWebhook(ctx context.Context, ws, id notion.ID, token string) (store.Webhook, error) {
	return c.changeWebhook(ctx, ws, id, func(tx *store.Tx, w *store.Webhook) error {
		if w.State != webhookPending {
			return invalid("The subscription is verified already.")
		}
		if subtle.ConstantTimeCompare([]byte(token), []byte(w.Token)) != 1 {
			return invalid("verification_token is not the one that was sent to the receiver.")
		}
		revision, seq, err := tx.LastEvent()
		if err != nil {
			return err
		}
		w.State = webhookActive
		return tx.AdvanceWebhook(*w, revision, seq)
	})
}

// ResendVerification sends the verification token to the receiver once more.
func (c *Core) ResendVerification(ctx context.Context, ws, id notion.ID) (store.Webhook, webhook.Outcome, error) {
	w, err := c.FindWebhook(ctx, ws, id)
	if err != nil {
		return w, webhook.Outcome{}, err
	}
	if w.State != webhookPending {
		return w, webhook.Outcome{}, invalid("The subscription is verified already.")
	}
	outcome, _ := c.opts.Webhooks.Sender.Send(ctx, w.URL, w.Token, webhook.Verification(w.Token))
	return w, outcome, nil
}

// DeleteWebhook removes a subscription and what is on its way to it.
func (c *Core) DeleteWebhook(ctx context.Context, ws, id notion.ID) (store.Webhook, error) {
	var w store.Webhook
	err := c.store.Update(ctx, ws, func(tx *store.Tx) (err error) {
		if w, err = tx.Webhook(id); err != nil {
			return err
		}
		return tx.DeleteWebhook(id)
	})
	c.webhooksChanged(ws)
	return w, adminError(err, "webhook", id)
}

// Deliveries lists what was, is or will be sent to a subscription, newest first, in one state
// or, with "", in any.
func (c *Core) Deliveries(ctx context.Context, ws, id notion.ID, state string, part PageOf) (Listing[store.WebhookDelivery], error) {
	var found Listing[store.WebhookDelivery]
	below := notion.ID{}
	for i := range below {
		below[i] = 0xff
	}
	if part.Cursor != "" {
		cursor, ok := notion.ParseID(part.Cursor)
		if !ok {
			return found, invalid("The start_cursor provided is invalid: %s", shown(part.Cursor))
		}
		below = cursor
	}
	err := c.store.View(ctx, ws, func(tx *store.Tx) error {
		if _, err := tx.Webhook(id); err != nil {
			return err
		}
		rows, err := tx.Deliveries(id, state, below, part.Size+1)
		if len(rows) > part.Size {
			rows = rows[:part.Size]
			found.Next = rows[part.Size-1].ID.String()
		}
		found.Items = rows
		return err
	})
	return found, adminError(err, "webhook", id)
}

// FindDelivery returns a delivery.
func (c *Core) FindDelivery(ctx context.Context, ws, subscription, id notion.ID) (store.WebhookDelivery, error) {
	var d store.WebhookDelivery
	err := c.store.View(ctx, ws, func(tx *store.Tx) (err error) {
		d, err = tx.Delivery(subscription, id)
		return err
	})
	return d, adminError(err, "delivery", id)
}

// Redeliver sends an event to a subscription again, whatever came of it before, as if for
// the first time.
func (c *Core) Redeliver(ctx context.Context, ws, subscription, id notion.ID) (store.WebhookDelivery, error) {
	var d store.WebhookDelivery
	err := c.store.UpdateAside(ctx, ws, func(tx *store.Tx) (err error) {
		if d, err = tx.Delivery(subscription, id); err != nil {
			return err
		}
		before := d.Attempts
		d.State, d.Attempts, d.DueTime = deliveryWaiting, 0, tx.Now()
		err = tx.UpdateDelivery(d, before)
		if errors.Is(err, store.ErrNotFound) {
			return apierr.New(apierr.ConflictError)
		}
		return err
	})
	c.webhooksChanged(ws)
	return d, adminError(err, "delivery", id)
}
