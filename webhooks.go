package octavo

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"octavo/internal/clock"
	"octavo/internal/core"
	"octavo/internal/notion"
	"octavo/internal/outbound"
	"octavo/internal/webhook"
)

// Defaults of what is told of changes, and for how long.
const (
	// DefaultWebhookWindow is how long an event is held back for what may still happen to
	// the same object.
	DefaultWebhookWindow = 30 * time.Second
	// DefaultEventRetention is how long changes and what was sent of them are remembered.
	DefaultEventRetention = 7 * 24 * time.Hour

	webhookPace = 50 * time.Millisecond
	webhookPoll = 2 * time.Second
)

// webhookOptions says how the core tells subscribers of changes. The dispatcher that hears
// of them is made later.
func (o *Options) webhookOptions(changed func(notion.ID)) (core.WebhookOptions, error) {
	policy, err := outbound.ParsePolicy(o.AllowTargets)
	if err != nil {
		return core.WebhookOptions{}, fmt.Errorf("allowed targets: %w", err)
	}
	return core.WebhookOptions{
		Policy: policy, Sender: webhook.NewSender(o.Clock, policy, Version), Window: max(o.WebhookWindow, 0), Changed: changed,
	}, nil
}

// newDispatcher returns what sends webhooks.
func (s *Server) newDispatcher(c *core.Core, sender *webhook.Sender, r prometheus.Registerer) *webhook.Dispatcher {
	attempts := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "octavo_webhook_attempts_total",
		Help: "Attempts to deliver an event to a subscription, by whether it was taken.",
	}, []string{"taken"})
	r.MustRegister(attempts)
	opts := webhook.Options{
		Clock: s.opts.Clock, Book: c.WebhookBook(), Sender: sender, Log: s.opts.Logger, Owner: clock.Random{}.Request(),
		Exclusive: s.store.Exclusive(), Pace: webhookPace, Poll: webhookPoll,
		Observe: func(o webhook.Outcome) { attempts.WithLabelValues(fmt.Sprint(o.OK())).Inc() },
	}
	if _, manual := s.opts.Clock.(*clock.Manual); manual {
		// Who moves the clock by hand asks for what is due, and wants nobody else to wait by it.
		opts.Pace, opts.Poll = 0, 0
	}
	return webhook.NewDispatcher(opts)
}

// WebhooksSent waits until every webhook has been sent that is due by now, for tests that
// look at what a receiver has got. Events that are held back for what may still happen are
// not due before Options.WebhookWindow has passed.
func (s *Server) WebhooksSent(ctx context.Context) error { return s.webhooks.Settled(ctx) }

// AsyncTasksDone waits until every task that clients have asked for with `allow_async`, and
// that this process knows of, is done, for tests that do not want to poll.
func (s *Server) AsyncTasksDone(ctx context.Context) error { return s.core.AsyncTasksDone(ctx) }

const (
	// firstPrune is how long after a start old changes are first forgotten, and pruneEvery
	// how long until they are again.
	firstPrune = time.Minute
	pruneEvery = time.Hour
)

// pruner forgets changes that are older than they need to be. It looks for them when there
// are new ones, so that it never waits for a time.
type pruner struct {
	clock     clock.Clock
	retention time.Duration // zero is for ever
	prune     func(ctx context.Context, workspace notion.ID, before time.Time)

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup
	mu     sync.Mutex
	start  time.Time
	next   map[notion.ID]time.Time
}

func newPruner(c clock.Clock, retention time.Duration, prune func(context.Context, notion.ID, time.Time)) *pruner {
	p := &pruner{clock: c, retention: retention, prune: prune, start: c.Now(), next: map[notion.ID]time.Time{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

// notify hears of a commit.
func (p *pruner) notify(workspace notion.ID) {
	if p.retention == 0 {
		return
	}
	now := p.clock.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	next, known := p.next[workspace]
	if !known {
		next = p.start.Add(firstPrune)
	}
	if now.Before(next) || p.ctx.Err() != nil {
		return
	}
	p.next[workspace] = now.Add(pruneEvery)
	p.wg.Go(func() { p.prune(p.ctx, workspace, now.Add(-p.retention)) })
}

// close ends what runs.
func (p *pruner) close() {
	p.mu.Lock()
	p.cancel()
	p.mu.Unlock()
	p.wg.Wait()
}
