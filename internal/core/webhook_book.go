package core

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/store"
	"octavo/internal/version"
	"octavo/internal/webhook"
)

// The states of a delivery.
const (
	deliveryWaiting   = "waiting"
	deliveryDelivered = "delivered"
	deliveryFailed    = "failed"
)

// DeliveryStates are the states there are.
var DeliveryStates = []string{deliveryWaiting, deliveryDelivered, deliveryFailed}

const (
	// gatherBatch is how many lines of the log, or how many folds, are read at once.
	gatherBatch = 500
	// maxWaiting is [WebhookOptions.MaxWaiting] when it is not given.
	maxWaiting = 10_000
	// keptAttempts is how many attempts the log of a delivery remembers.
	keptAttempts = 20
)

// WebhookBook returns what the dispatcher of webhooks works on.
func (c *Core) WebhookBook() webhook.Book { return webhookBook{c} }

// webhookBook implements [webhook.Book]. What it notes takes no revision: nothing that the
// API shows depends on it.
type webhookBook struct{ *Core }

// Homes implements [webhook.Book].
func (b webhookBook) Homes(ctx context.Context) (homes []notion.ID, err error) {
	err = b.store.ViewDirectory(ctx, func(tx *store.Tx) error {
		homes, err = tx.WebhookHomes()
		return err
	})
	return homes, err
}

// Lease implements [webhook.Book].
func (b webhookBook) Lease(ctx context.Context, ws, owner notion.ID, until time.Time) (held bool, err error) {
	err = b.store.UpdateAside(ctx, ws, func(tx *store.Tx) error {
		if b.store.Exclusive() { // who had it before is dead
			held = true
			return tx.SeizeLease(owner, until)
		}
		held, err = tx.TakeLease(owner, until)
		return err
	})
	return held, err
}

// Release implements [webhook.Book].
func (b webhookBook) Release(ctx context.Context, ws, owner notion.ID) error {
	return b.store.UpdateAside(ctx, ws, func(tx *store.Tx) error { return tx.DropLease(owner) })
}

// holdLease keeps others out until the end of the transaction.
func holdLease(tx *store.Tx, owner notion.ID) error {
	err := tx.HoldLease(owner)
	if errors.Is(err, store.ErrNotFound) {
		return webhook.ErrLost
	}
	return err
}

// active reads the subscriptions that are told of what happens.
func active(tx *store.Tx) ([]store.Webhook, error) {
	all, err := tx.Webhooks()
	return slices.DeleteFunc(all, func(w store.Webhook) bool { return w.State != webhookActive }), err
}

// Gather implements [webhook.Book]. What is read is noted together with how far it was read,
// so that each line of the log comes to its events once, whenever the process dies.
func (b webhookBook) Gather(ctx context.Context, ws, owner notion.ID) (more bool, err error) {
	var subscriptions []store.Webhook
	err = b.store.View(ctx, ws, func(tx *store.Tx) error {
		subscriptions, err = active(tx)
		return err
	})
	if err != nil || len(subscriptions) == 0 {
		return false, err
	}
	home, err := b.FindWorkspace(ctx, ws)
	if err != nil {
		return false, err
	}
	for _, w := range subscriptions {
		g := newGathering(b.Core, home, w)
		if err := b.store.View(ctx, ws, g.read); err != nil {
			return false, err
		}
		if !g.anything() {
			continue
		}
		err := b.store.UpdateAside(ctx, ws, func(tx *store.Tx) error {
			if err := holdLease(tx, owner); err != nil {
				return err
			}
			return g.write(tx)
		})
		if err != nil && !errors.Is(err, errMoved) {
			return false, err
		}
		more = more || g.more || err != nil
	}
	return more, nil
}

// errMoved says that a subscription is not where it was read, because it was removed.
var errMoved = errors.New("core: the subscription has changed meanwhile")

// gathering is what one look at the log comes to for a subscription.
type gathering struct {
	core         *Core
	workspace    store.Workspace
	subscription store.Webhook
	version      version.Version
	asked        []string

	tx        *store.Tx
	principal *Principal // nil when the integration is disabled
	places    map[notion.ID]place
	actors    map[notion.ID]webhook.Actor

	revision, seq int64
	more          bool
	folds         map[notion.ID]*webhook.Fold
	stored        []notion.ID // nodes whose folds are to be replaced or removed
	kept          []store.WebhookFold
	deliveries    []store.WebhookDelivery
}

func newGathering(c *Core, home store.Workspace, w store.Webhook) *gathering {
	return &gathering{
		core: c, workspace: home, subscription: w, version: version.Version(w.APIVersion), asked: strings.Fields(w.Events),
		places: map[notion.ID]place{}, actors: map[notion.ID]webhook.Actor{}, folds: map[notion.ID]*webhook.Fold{},
		revision: w.Revision, seq: w.Seq,
	}
}

// anything reports whether there is something to note.
func (g *gathering) anything() bool {
	return g.revision != g.subscription.Revision || g.seq != g.subscription.Seq || len(g.stored) > 0
}

// read looks at what is new in the log and at what has been held back for long enough.
func (g *gathering) read(tx *store.Tx) error {
	g.tx = tx
	most := cmp.Or(g.core.opts.Webhooks.MaxWaiting, maxWaiting)
	waiting, err := tx.Waiting(g.subscription.ID, most)
	if err != nil || waiting >= most {
		return err
	}
	p := &Principal{Workspace: g.workspace.ID, WorkspaceName: g.workspace.Name, Integration: g.subscription.IntegrationID}
	switch err := p.read(tx); {
	case err == nil:
		g.principal = p
	case !errors.Is(err, store.ErrNotFound):
		return err
	}
	lines, err := g.lines()
	if err != nil {
		return err
	}
	if err := g.fold(lines); err != nil {
		return err
	}
	return g.flushDue()
}

// line is a change of the log that the subscription has to look at.
type line struct {
	store.Event
	kind *webhook.Kind
	// node is the object of the event, which is not always that of the change.
	node notion.ID
	data jsonx.Value
}

// lines reads on in the log.
func (g *gathering) lines() ([]line, error) {
	events, err := g.tx.Events(g.revision, g.seq, gatherBatch)
	if err != nil {
		return nil, err
	}
	if len(events) == gatherBatch {
		g.more = true
		events = wholeRevisions(events)
	}
	var lines []line
	for _, e := range events {
		g.revision, g.seq = e.Revision, e.Seq
		kind := webhook.Find(g.version, e.Type)
		if kind == nil || !kind.Concerns(g.asked, g.version) {
			continue
		}
		l := line{Event: e, kind: kind, node: e.NodeID}
		if e.Data != "" {
			if l.data, err = jsonx.Parse([]byte(e.Data)); err != nil {
				return nil, err
			}
		}
		if kind.OfDatabase {
			at, err := g.place(e.NodeID)
			if err != nil {
				return nil, err
			}
			if len(at) < 2 {
				continue
			}
			l.node = at[1].ID
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// wholeRevisions leaves out the last revision, which may not be whole, unless it is the only
// one.
func wholeRevisions(events []store.Event) []store.Event {
	last := events[len(events)-1].Revision
	for n := len(events); n > 0; n-- {
		if events[n-1].Revision != last {
			return events[:n]
		}
	}
	return events
}

// fold gathers the changes by object. With nothing held back, those of one revision are
// gathered and no others.
func (g *gathering) fold(lines []line) error {
	var nodes []notion.ID
	for _, l := range lines {
		if l.kind.Part != webhook.AtOnce {
			nodes = append(nodes, l.node)
		}
	}
	slices.SortFunc(nodes, func(a, b notion.ID) int { return slices.Compare(a[:], b[:]) })
	nodes = slices.Compact(nodes)
	held, err := g.tx.Folds(g.subscription.ID, nodes)
	if err != nil {
		return err
	}
	for _, h := range held {
		if err := g.hold(h); err != nil {
			return err
		}
	}
	window := g.core.opts.Webhooks.Window
	for i, l := range lines {
		if err := g.take(l); err != nil {
			return err
		}
		last := i == len(lines)-1 || lines[i+1].Revision != l.Revision
		if window == 0 && last {
			if err := g.flushAll(); err != nil {
				return err
			}
		}
	}
	return nil
}

// hold makes a fold that was held back one to go on with.
func (g *gathering) hold(h store.WebhookFold) error {
	f := &webhook.Fold{}
	if err := json.Unmarshal(h.State, f); err != nil {
		return err
	}
	g.folds[h.NodeID] = f
	g.stored = append(g.stored, h.NodeID)
	return nil
}

// take adds a change to its fold, or puts its event on the way.
func (g *gathering) take(l line) error {
	if l.kind.Part == webhook.AtOnce {
		return g.deliver(l.kind, l.Time, []string{l.AuthorID.String()}, l.node, l.data)
	}
	f := g.folds[l.node]
	if f == nil {
		f = &webhook.Fold{}
		g.folds[l.node] = f
	}
	f.Add(webhook.Change{Kind: l.kind, Time: l.Time, Author: l.AuthorID.String(), Items: webhook.ReadItems(l.data)})
	if f.Full() {
		return g.flush(l.node)
	}
	return nil
}

// flushDue puts on their way the events of folds that are due, and keeps the others.
func (g *gathering) flushDue() error {
	now, window := g.tx.Now(), g.core.opts.Webhooks.Window
	for _, node := range g.nodes() {
		f := g.folds[node]
		due := f.Due(window)
		if !due.After(now) {
			if err := g.flush(node); err != nil {
				return err
			}
			continue
		}
		state, err := json.Marshal(f)
		if err != nil {
			return err
		}
		g.kept = append(g.kept, store.WebhookFold{WebhookID: g.subscription.ID, NodeID: node, DueTime: due, State: state})
	}
	overdue, err := g.tx.DueFolds(g.subscription.ID, now, gatherBatch)
	if err != nil {
		return err
	}
	g.more = g.more || len(overdue) == gatherBatch
	for _, h := range overdue {
		if slices.Contains(g.stored, h.NodeID) {
			continue
		}
		if err := g.hold(h); err != nil {
			return err
		}
		if err := g.flush(h.NodeID); err != nil {
			return err
		}
	}
	return nil
}

// nodes are the objects of the folds, in the order of their first changes.
func (g *gathering) nodes() []notion.ID {
	nodes := make([]notion.ID, 0, len(g.folds))
	for node := range g.folds {
		nodes = append(nodes, node)
	}
	slices.SortFunc(nodes, func(a, b notion.ID) int {
		if order := g.folds[a].First.Compare(g.folds[b].First); order != 0 {
			return order
		}
		return slices.Compare(a[:], b[:])
	})
	return nodes
}

func (g *gathering) flushAll() error {
	for _, node := range g.nodes() {
		if err := g.flush(node); err != nil {
			return err
		}
	}
	return nil
}

// flush puts on their way the events that a fold comes to.
func (g *gathering) flush(node notion.ID) error {
	f := g.folds[node]
	delete(g.folds, node)
	for _, e := range f.Events(g.version) {
		if !slices.Contains(g.asked, e.Kind.Name) {
			continue
		}
		if err := g.deliver(e.Kind, e.Last, e.Authors, node, jsonx.ObjectValue(e.Data()...)); err != nil {
			return err
		}
	}
	return nil
}

// deliver puts an event on its way, if the connection of the subscription may know of it
// now (services.md §4.3).
func (g *gathering) deliver(k *webhook.Kind, at time.Time, authors []string, node notion.ID, data jsonx.Value) error {
	data, reached, err := g.reach(k, node, data)
	if err != nil || !reached {
		return err
	}
	e := webhook.Event{
		ID: g.core.ids.New(g.tx.Now()), Time: at, WorkspaceID: g.workspace.ID, WorkspaceName: g.workspace.Name,
		Subscription: g.subscription.ID, Integration: g.subscription.IntegrationID, Type: k.Name,
		APIVersion: g.subscription.APIVersion, EntityID: node, EntityType: k.Entity, Data: data, Authors: []webhook.Actor{},
	}
	for _, text := range authors {
		id, _ := notion.ParseID(text)
		if id.IsZero() {
			continue // nobody did it: a time has passed
		}
		author, err := g.actor(id)
		if err != nil {
			return err
		}
		e.Authors = append(e.Authors, author)
	}
	if g.principal.Kind == Public {
		for _, id := range []notion.ID{g.principal.Owner, g.principal.Bot} {
			who, err := g.actor(id)
			if err != nil {
				return err
			}
			e.AccessibleBy = append(e.AccessibleBy, who)
		}
	}
	g.deliveries = append(g.deliveries, store.WebhookDelivery{
		WebhookID: g.subscription.ID, ID: e.ID, Type: k.Name, EntityID: node, CreatedTime: g.tx.Now(), DueTime: g.tx.Now(),
		State: deliveryWaiting, Body: e.Append(nil), Log: []byte("[]"),
	})
	return nil
}

// reach decides whether the subscription is told of an event, and completes its data.
func (g *gathering) reach(k *webhook.Kind, node notion.ID, data jsonx.Value) (jsonx.Value, bool, error) {
	p := g.principal
	if p == nil {
		return data, false, nil
	}
	switch k.Reach {
	case webhook.Uploader:
		u, err := g.tx.FileUpload(node)
		if errors.Is(err, store.ErrNotFound) {
			return data, false, nil
		}
		return data, err == nil && u.IntegrationID == p.Integration, err
	case webhook.ReadComments, webhook.ReadParent:
		need := ReadContent
		if k.Reach == webhook.ReadComments {
			need = ReadComments
		}
		on, _ := notion.ParseID(data.Get("parent").Get("id").Text())
		_, seen, err := g.sees(on)
		return data, seen && p.Caps.Has(need), err
	default:
		at, seen, err := g.sees(node)
		if err != nil || !seen || !p.Caps.Has(ReadContent) {
			return data, false, err
		}
		parent := jsonx.M("parent", g.parent(at))
		return jsonx.ObjectValue(append([]jsonx.Member{parent}, data.Members()...)...), true, nil
	}
}

// sees returns the place of a node and whether the connection may see it.
func (g *gathering) sees(node notion.ID) (place, bool, error) {
	at, err := g.place(node)
	if err != nil || len(at) == 0 {
		return at, false, err
	}
	seen, err := g.core.shared(g.tx, g.principal, at)
	return at, seen, err
}

// place finds a node, empty when there is none.
func (g *gathering) place(node notion.ID) (place, error) {
	at, known := g.places[node]
	if known {
		return at, nil
	}
	chain, err := g.tx.Chain(node)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	g.places[node] = chain
	return chain, nil
}

// parent is what the node of a place hangs on, as events name it.
func (g *gathering) parent(at place) jsonx.Value {
	ref := func(id notion.ID, kind string) jsonx.Value {
		return jsonx.ObjectValue(jsonx.M("id", jsonx.StringValue(id.String())), jsonx.M("type", jsonx.StringValue(kind)))
	}
	switch {
	case len(at) == 1:
		return ref(g.workspace.ID, "space")
	case at.isRow() && len(at) > 2:
		database := ref(at[2].ID, "database")
		if g.version >= version.V20250903 {
			database.Set("data_source_id", jsonx.StringValue(at[1].ID.String()))
		}
		return database
	}
	return ref(at[1].ID, nodeType(at[1].Type))
}

// actor returns a user as events name one.
func (g *gathering) actor(id notion.ID) (webhook.Actor, error) {
	a, known := g.actors[id]
	if known {
		return a, nil
	}
	u, err := g.tx.User(id)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return a, err
	}
	a = webhook.Actor{ID: id, Type: "bot"}
	if u.Type == "person" {
		a.Type = u.Type
	}
	g.actors[id] = a
	return a, nil
}

// write notes what was gathered, and how far the log was read.
func (g *gathering) write(tx *store.Tx) error {
	if err := tx.AdvanceWebhook(g.subscription, g.revision, g.seq); err != nil {
		if errors.Is(err, store.ErrNotFound) {
			return errMoved
		}
		return err
	}
	if err := tx.DeleteFolds(g.subscription.ID, g.stored); err != nil {
		return err
	}
	if err := tx.InsertFolds(g.kept); err != nil {
		return err
	}
	return tx.InsertDeliveries(g.deliveries)
}

// Due implements [webhook.Book].
func (b webhookBook) Due(ctx context.Context, ws notion.ID, limit int) (receivers []webhook.Receiver, next time.Time, err error) {
	err = b.store.View(ctx, ws, func(tx *store.Tx) error {
		subscriptions, err := active(tx)
		if err != nil {
			return err
		}
		for _, w := range subscriptions {
			rows, err := tx.DueDeliveries(w.ID, tx.Now(), limit)
			if err != nil {
				return err
			}
			r := webhook.Receiver{Webhook: w.ID}
			for _, d := range rows {
				r.Due = append(r.Due, webhook.Delivery{
					Webhook: w.ID, ID: d.ID, URL: w.URL, Token: w.Token, Body: d.Body, Attempt: int(d.Attempts) + 1, Log: d.Log,
				})
			}
			receivers = append(receivers, r)
			at, err := tx.NextDue(w.ID, tx.Now())
			if err != nil {
				return err
			}
			if next.IsZero() || !at.IsZero() && at.Before(next) {
				next = at
			}
		}
		return nil
	})
	return receivers, next, err
}

// DeliveryAttempt is what the log of a delivery says of an attempt.
type DeliveryAttempt struct {
	Attempt int       `json:"attempt"`
	Time    time.Time `json:"time"`
	// TookMS is how long the request took, in milliseconds.
	TookMS int64 `json:"took_ms"`
	// Status is the status of the answer, 0 when there was none.
	Status int `json:"status"`
	// Error says why the event was not taken, "" when it was.
	Error string `json:"error"`
}

// DeliveryAttempts reads the log of a delivery.
func DeliveryAttempts(d store.WebhookDelivery) (list []DeliveryAttempt, err error) {
	err = json.Unmarshal(d.Log, &list)
	return list, err
}

// Settle implements [webhook.Book]. An attempt that is no longer the one to be made, because
// someone else has made it or an administrator wants the event sent again, is left alone.
func (b webhookBook) Settle(ctx context.Context, ws, owner notion.ID, attempts []webhook.Attempt) error {
	return b.store.UpdateAside(ctx, ws, func(tx *store.Tx) error {
		if err := holdLease(tx, owner); err != nil {
			return err
		}
		health := map[notion.ID]*receiverHealth{}
		for _, a := range attempts {
			h := health[a.Webhook]
			if h == nil {
				h = &receiverHealth{}
				health[a.Webhook] = h
			}
			if err := settle(tx, a, h); err != nil {
				return err
			}
		}
		for id, h := range health {
			if err := h.note(tx, id); err != nil {
				return err
			}
		}
		return nil
	})
}

func settle(tx *store.Tx, a webhook.Attempt, h *receiverHealth) error {
	d := store.WebhookDelivery{WebhookID: a.Webhook, ID: a.ID, Attempts: int64(a.Delivery.Attempt), Log: a.Log}
	list, err := DeliveryAttempts(d)
	if err != nil {
		return err
	}
	list = append(list, DeliveryAttempt{
		Attempt: a.Delivery.Attempt, Time: a.Time, TookMS: a.Took.Milliseconds(), Status: a.Status, Error: a.Err,
	})
	if d.Log, err = json.Marshal(list[max(0, len(list)-keptAttempts):]); err != nil {
		return err
	}
	pause, again := webhook.Pause(a.ID, a.Delivery.Attempt)
	switch {
	case a.OK():
		d.State = deliveryDelivered
	case again:
		d.State, d.DueTime = deliveryWaiting, tx.Now().Add(pause)
	default:
		d.State = deliveryFailed
	}
	err = tx.UpdateDelivery(d, d.Attempts-1)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	h.add(a, d.State == deliveryFailed, firstOf(list))
	return err
}

// firstOf is when the attempts began that the last of a list is one of.
func firstOf(list []DeliveryAttempt) time.Time {
	for _, a := range slices.Backward(list) {
		if a.Attempt == 1 {
			return a.Time
		}
	}
	return list[0].Time
}

// receiverHealth is what a number of attempts say of a receiver.
type receiverHealth struct {
	works   bool
	failed  time.Time // the first that failed
	givenUp time.Time // when the first attempt at the last event that was given up was made
}

func (h *receiverHealth) add(a webhook.Attempt, givenUp bool, first time.Time) {
	switch {
	case a.OK():
		h.works = true
	case h.failed.IsZero() || a.Time.Before(h.failed):
		h.failed = a.Time
	}
	if givenUp {
		h.givenUp = first
	}
}

// note keeps since when a receiver has been failing, and pauses its subscription when an
// event was given up and not one was taken since the first attempt at it.
func (h *receiverHealth) note(tx *store.Tx, id notion.ID) error {
	w, err := tx.Webhook(id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	since, reason := w.FailingSince, ""
	switch {
	case h.works:
		since = time.Time{}
	case since.IsZero():
		since = h.failed
	}
	if !h.givenUp.IsZero() && !h.works && !since.After(h.givenUp) {
		reason = "Paused because the receiver has taken no event since " + since.UTC().Format(time.RFC3339) + "."
	}
	if since.Equal(w.FailingSince) && reason == "" {
		return nil
	}
	return tx.NoteReceiver(id, since, reason)
}
