package store

import (
	"database/sql"
	"errors"
	"time"

	"octavo/internal/notion"
)

// Webhook is a subscription to the events of a workspace.
type Webhook struct {
	ID            notion.ID
	IntegrationID notion.ID
	URL           string
	// Events are the names of the event types, with spaces between them.
	Events     string
	APIVersion string
	// Token is what the receiver proves to have got the first request with, and the key of
	// signatures.
	Token string
	// State is pending, active or paused; Reason says why it was paused.
	State, Reason string
	CreatedTime   time.Time
	// Revision and Seq are the place in the log of events that it has read up to.
	Revision, Seq int64
	// FailingSince is when the first attempt failed since the last that did not, zero when
	// none has.
	FailingSince time.Time
}

const selectWebhook = `SELECT id, integration_id, url, events, api_version, token, state, reason, created_time, revision, seq,
	failing_since FROM webhook`

func (w *Webhook) columns() []any {
	return []any{
		(*idColumn)(&w.ID), (*idColumn)(&w.IntegrationID), &w.URL, &w.Events, &w.APIVersion, &w.Token, &w.State, &w.Reason,
		(*timeColumn)(&w.CreatedTime), &w.Revision, &w.Seq, (*timeColumn)(&w.FailingSince),
	}
}

// InsertWebhook adds a subscription. Its workspace must be in the directory's list
// ([Tx.AddWebhookHome]) before.
func (tx *Tx) InsertWebhook(w Webhook) error {
	_, err := tx.exec(`INSERT INTO webhook (workspace_id, id, integration_id, url, events, api_version, token, state, reason,
		created_time, revision, seq, failing_since) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		tx.workspace[:], w.ID[:], w.IntegrationID[:], w.URL, w.Events, w.APIVersion, w.Token, w.State, w.Reason,
		micros(w.CreatedTime), w.Revision, w.Seq, microsOrNull(w.FailingSince))
	return err
}

// UpdateWebhook writes everything that can change of a subscription but its place in the
// log, which is AdvanceWebhook's.
func (tx *Tx) UpdateWebhook(w Webhook) error {
	return tx.change(`UPDATE webhook SET url = $3, events = $4, api_version = $5, state = $6, reason = $7, failing_since = $8
		WHERE workspace_id = $1 AND id = $2`,
		tx.workspace[:], w.ID[:], w.URL, w.Events, w.APIVersion, w.State, w.Reason, microsOrNull(w.FailingSince))
}

// NoteReceiver writes since when the receiver of a subscription has been failing, the zero
// time when it is not, and pauses the subscription, if it is active, for a reason that is
// not "".
func (tx *Tx) NoteReceiver(id notion.ID, failingSince time.Time, pauseReason string) error {
	return tx.change(`UPDATE webhook SET failing_since = $3,
		reason = CASE WHEN $4 <> '' AND state = 'active' THEN $4 ELSE reason END,
		state = CASE WHEN $4 <> '' AND state = 'active' THEN 'paused' ELSE state END
		WHERE workspace_id = $1 AND id = $2`, tx.workspace[:], id[:], microsOrNull(failingSince), pauseReason)
}

// AdvanceWebhook moves a subscription to a later place in the log, ErrNotFound when it is
// no longer at the place it was read at.
func (tx *Tx) AdvanceWebhook(w Webhook, revision, seq int64) error {
	return tx.change(`UPDATE webhook SET revision = $5, seq = $6 WHERE workspace_id = $1 AND id = $2 AND revision = $3 AND seq = $4`,
		tx.workspace[:], w.ID[:], w.Revision, w.Seq, revision, seq)
}

// DeleteWebhook removes a subscription and everything on its way to it.
func (tx *Tx) DeleteWebhook(id notion.ID) error {
	if err := tx.change(`DELETE FROM webhook WHERE workspace_id = $1 AND id = $2`, tx.workspace[:], id[:]); err != nil {
		return err
	}
	for _, table := range []string{"webhook_fold", "webhook_delivery"} {
		if _, err := tx.exec(`DELETE FROM `+table+` WHERE workspace_id = $1 AND webhook_id = $2`, tx.workspace[:], id[:]); err != nil {
			return err
		}
	}
	return nil
}

// Webhook reads a subscription.
func (tx *Tx) Webhook(id notion.ID) (w Webhook, err error) {
	err = tx.one(selectWebhook+` WHERE workspace_id = $1 AND id = $2`, args(tx.workspace[:], id[:]), w.columns()...)
	return w, err
}

// Webhooks reads all subscriptions of the workspace in the order of their ids.
func (tx *Tx) Webhooks() ([]Webhook, error) {
	return collect[Webhook](tx, selectWebhook+` WHERE workspace_id = $1 ORDER BY id`, args(tx.workspace[:]))
}

// AddWebhookHome notes in the directory that a workspace has subscriptions.
func (tx *Tx) AddWebhookHome(workspace notion.ID) error {
	_, err := tx.exec(`INSERT INTO webhook_home (workspace_id) VALUES ($1) ON CONFLICT (workspace_id) DO NOTHING`, workspace[:])
	return err
}

// WebhookHomes reads the workspaces that have, or have had, subscriptions.
func (tx *Tx) WebhookHomes() ([]notion.ID, error) {
	var homes []notion.ID
	err := tx.each(`SELECT workspace_id FROM webhook_home ORDER BY workspace_id`, nil, func(rows *sql.Rows) error {
		var id notion.ID
		err := rows.Scan((*idColumn)(&id))
		homes = append(homes, id)
		return err
	})
	return homes, err
}

// TakeLease makes owner the one that sends the webhooks of the workspace until a time,
// unless another is and its time is not over. It reports whether owner is.
func (tx *Tx) TakeLease(owner notion.ID, until time.Time) (bool, error) {
	var taken idColumn
	err := tx.one(`INSERT INTO webhook_lease (workspace_id, owner, until) VALUES ($1, $2, $3)
		ON CONFLICT (workspace_id) DO UPDATE SET owner = $2, until = $3
		WHERE webhook_lease.owner = $2 OR webhook_lease.until <= $4
		RETURNING owner`, args(tx.workspace[:], owner[:], micros(until), micros(tx.now)), &taken)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// SeizeLease is [Tx.TakeLease] where no other process can be alive.
func (tx *Tx) SeizeLease(owner notion.ID, until time.Time) error {
	_, err := tx.exec(`INSERT INTO webhook_lease (workspace_id, owner, until) VALUES ($1, $2, $3)
		ON CONFLICT (workspace_id) DO UPDATE SET owner = $2, until = $3`, tx.workspace[:], owner[:], micros(until))
	return err
}

// HoldLease fails with ErrNotFound unless owner still has the lease, and keeps others from
// taking it before the transaction ends.
func (tx *Tx) HoldLease(owner notion.ID) error {
	return tx.change(`UPDATE webhook_lease SET owner = $2 WHERE workspace_id = $1 AND owner = $2`, tx.workspace[:], owner[:])
}

// DropLease lets others take the lease at once.
func (tx *Tx) DropLease(owner notion.ID) error {
	_, err := tx.exec(`DELETE FROM webhook_lease WHERE workspace_id = $1 AND owner = $2`, tx.workspace[:], owner[:])
	return err
}

// WebhookFold is what has happened to one node and is held back for a while.
type WebhookFold struct {
	WebhookID notion.ID
	NodeID    notion.ID
	DueTime   time.Time
	State     []byte
}

const selectFold = `SELECT webhook_id, node_id, due_time, state FROM webhook_fold`

func (f *WebhookFold) columns() []any {
	return []any{(*idColumn)(&f.WebhookID), (*idColumn)(&f.NodeID), (*timeColumn)(&f.DueTime), (*rawColumn)(&f.State)}
}

// Folds reads what is held back of some nodes.
func (tx *Tx) Folds(webhook notion.ID, nodes []notion.ID) ([]WebhookFold, error) {
	var all []WebhookFold
	err := inLists(nodes, 3, func(list string, ids []any) error {
		some, err := collect[WebhookFold](tx, selectFold+` WHERE workspace_id = $1 AND webhook_id = $2 AND node_id IN `+list,
			append(args(tx.workspace[:], webhook[:]), ids...))
		all = append(all, some...)
		return err
	})
	return all, err
}

// DueFolds reads up to limit folds that have been held back for long enough, those that
// were due first before the others.
func (tx *Tx) DueFolds(webhook notion.ID, until time.Time, limit int) ([]WebhookFold, error) {
	return collect[WebhookFold](tx, selectFold+` WHERE workspace_id = $1 AND webhook_id = $2 AND due_time <= $3
		ORDER BY due_time, node_id LIMIT $4`, args(tx.workspace[:], webhook[:], micros(until), limit))
}

// DeleteFolds removes what was held back of some nodes.
func (tx *Tx) DeleteFolds(webhook notion.ID, nodes []notion.ID) error {
	return inLists(nodes, 3, func(list string, ids []any) error {
		_, err := tx.exec(`DELETE FROM webhook_fold WHERE workspace_id = $1 AND webhook_id = $2 AND node_id IN `+list,
			append(args(tx.workspace[:], webhook[:]), ids...)...)
		return err
	})
}

// InsertFolds adds folds of nodes that have none.
func (tx *Tx) InsertFolds(folds []WebhookFold) error {
	return insertAll(tx, `INSERT INTO webhook_fold (workspace_id, webhook_id, node_id, due_time, state)`, 5, folds,
		func(f *WebhookFold) []any {
			return []any{tx.workspace[:], f.WebhookID[:], f.NodeID[:], micros(f.DueTime), string(f.State)}
		})
}

// WebhookDelivery is an event on its way to a subscription, or one that has arrived or been
// given up.
type WebhookDelivery struct {
	WebhookID notion.ID
	// ID is the id of the event, which repeated attempts share.
	ID       notion.ID
	Type     string
	EntityID notion.ID
	// CreatedTime is when it was put on its way.
	CreatedTime time.Time
	// DueTime is when the next attempt is to be made, zero when none is.
	DueTime time.Time
	// State is waiting, delivered or failed.
	State string
	// Attempts is how many have been made.
	Attempts int64
	// Body is what is sent, in JSON, and Log what came of the attempts.
	Body, Log []byte
}

const selectDelivery = `SELECT webhook_id, id, type, entity_id, created_time, due_time, state, attempts, body, log FROM webhook_delivery`

func (d *WebhookDelivery) columns() []any {
	return []any{
		(*idColumn)(&d.WebhookID), (*idColumn)(&d.ID), &d.Type, (*idColumn)(&d.EntityID), (*timeColumn)(&d.CreatedTime),
		(*timeColumn)(&d.DueTime), &d.State, &d.Attempts, (*rawColumn)(&d.Body), (*rawColumn)(&d.Log),
	}
}

// InsertDeliveries puts events on their way.
func (tx *Tx) InsertDeliveries(list []WebhookDelivery) error {
	return insertAll(tx, `INSERT INTO webhook_delivery (workspace_id, webhook_id, id, type, entity_id, created_time, due_time, state,
		attempts, body, log)`, 11, list, func(d *WebhookDelivery) []any {
		return []any{
			tx.workspace[:], d.WebhookID[:], d.ID[:], d.Type, d.EntityID[:], micros(d.CreatedTime), microsOrNull(d.DueTime), d.State,
			d.Attempts, string(d.Body), string(d.Log),
		}
	})
}

// UpdateDelivery writes what came of the attempts, ErrNotFound when there are no longer as
// many as before.
func (tx *Tx) UpdateDelivery(d WebhookDelivery, before int64) error {
	return tx.change(`UPDATE webhook_delivery SET due_time = $4, state = $5, attempts = $6, log = $7
		WHERE workspace_id = $1 AND webhook_id = $2 AND id = $3 AND attempts = $8`,
		tx.workspace[:], d.WebhookID[:], d.ID[:], microsOrNull(d.DueTime), d.State, d.Attempts, string(d.Log), before)
}

// Delivery reads one delivery.
func (tx *Tx) Delivery(webhook, id notion.ID) (d WebhookDelivery, err error) {
	err = tx.one(selectDelivery+` WHERE workspace_id = $1 AND webhook_id = $2 AND id = $3`,
		args(tx.workspace[:], webhook[:], id[:]), d.columns()...)
	return d, err
}

// DueDeliveries reads up to limit deliveries whose next attempt is due, those that were due
// first before the others.
func (tx *Tx) DueDeliveries(webhook notion.ID, until time.Time, limit int) ([]WebhookDelivery, error) {
	return collect[WebhookDelivery](tx, selectDelivery+`
		WHERE workspace_id = $1 AND webhook_id = $2 AND due_time IS NOT NULL AND due_time <= $3
		ORDER BY due_time, id LIMIT $4`, args(tx.workspace[:], webhook[:], micros(until), limit))
}

// Waiting counts the deliveries of a subscription that need another attempt, at most limit.
func (tx *Tx) Waiting(webhook notion.ID, limit int) (n int, err error) {
	err = tx.one(`SELECT COUNT(*) FROM (SELECT 1 FROM webhook_delivery
		WHERE workspace_id = $1 AND webhook_id = $2 AND due_time IS NOT NULL LIMIT $3) waiting`,
		args(tx.workspace[:], webhook[:], limit), &n)
	return n, err
}

// NextDue returns when the first fold or delivery of a subscription is due after a time, zero
// when none is.
func (tx *Tx) NextDue(webhook notion.ID, after time.Time) (next time.Time, err error) {
	err = tx.each(`SELECT due_time FROM (SELECT due_time FROM webhook_delivery
			WHERE workspace_id = $1 AND webhook_id = $2 AND due_time IS NOT NULL AND due_time > $3 ORDER BY due_time, id LIMIT 1) a
		UNION ALL SELECT due_time FROM (SELECT due_time FROM webhook_fold
			WHERE workspace_id = $1 AND webhook_id = $2 AND due_time > $3 ORDER BY due_time, node_id LIMIT 1) b`,
		args(tx.workspace[:], webhook[:], micros(after)), func(rows *sql.Rows) error {
			var at time.Time
			err := rows.Scan((*timeColumn)(&at))
			if next.IsZero() || at.Before(next) {
				next = at
			}
			return err
		})
	return next, err
}

// Deliveries reads up to limit deliveries of a subscription with ids below a given one, in
// any state when that is "", newest first.
func (tx *Tx) Deliveries(webhook notion.ID, state string, below notion.ID, limit int) ([]WebhookDelivery, error) {
	return collect[WebhookDelivery](tx, selectDelivery+` WHERE workspace_id = $1 AND webhook_id = $2 AND id < $3 AND (state = $4 OR $4 = '')
		ORDER BY id DESC LIMIT $5`, args(tx.workspace[:], webhook[:], below[:], state, limit))
}

// PruneDeliveries forgets about limit of the deliveries that need no more attempts and were
// put on their way before a time, and reports how many it forgot.
func (tx *Tx) PruneDeliveries(before time.Time, limit int) (int64, error) {
	return tx.exec(`DELETE FROM webhook_delivery WHERE workspace_id = $1 AND due_time IS NULL AND created_time <= (
			SELECT MAX(created_time) FROM (SELECT created_time FROM webhook_delivery
				WHERE workspace_id = $1 AND due_time IS NULL AND created_time < $2 ORDER BY created_time LIMIT $3) oldest)`,
		tx.workspace[:], micros(before), limit)
}
