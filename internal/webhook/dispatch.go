package webhook

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"octavo/internal/clock"
	"octavo/internal/notion"
)

// ErrLost says that another process has become the one that sends the webhooks of a
// workspace.
var ErrLost = errors.New("webhook: the lease is another process's")

// Delivery is an event that is to be sent to a subscription now.
type Delivery struct {
	Webhook, ID notion.ID
	URL, Token  string
	// Body is that of the first attempt.
	Body []byte
	// Attempt counts from 1.
	Attempt int
	// Log is what came of the attempts before, as the book keeps it.
	Log []byte
}

// Receiver is an active subscription and what is due to it.
type Receiver struct {
	Webhook notion.ID
	Due     []Delivery
}

// Attempt is a delivery and what came of it.
type Attempt struct {
	Delivery
	Outcome
}

// Book is where the dispatcher takes its work from and notes what came of it. What it has
// noted is on disk. Calls for one workspace do not overlap.
type Book interface {
	// Homes lists the workspaces that may have subscriptions.
	Homes(ctx context.Context) ([]notion.ID, error)
	// Lease makes owner the only one who works on a workspace until a time. It reports false
	// when someone else is.
	Lease(ctx context.Context, workspace, owner notion.ID, until time.Time) (bool, error)
	// Release lets others take the lease.
	Release(ctx context.Context, workspace, owner notion.ID) error
	// Gather reads on in the log of the workspace and puts on their way the events that are
	// due. It reports whether there is more to read. The error is ErrLost when owner has the
	// lease no more.
	Gather(ctx context.Context, workspace, owner notion.ID) (more bool, err error)
	// Due returns the active subscriptions with up to limit deliveries for each that are due,
	// and when anything of the workspace is due next, zero for never.
	Due(ctx context.Context, workspace notion.ID, limit int) (receivers []Receiver, next time.Time, err error)
	// Settle notes what came of attempts.
	Settle(ctx context.Context, workspace, owner notion.ID, attempts []Attempt) error
}

// Options are the settings of a [Dispatcher].
type Options struct {
	Clock  clock.Clock
	Book   Book
	Sender *Sender
	Log    *slog.Logger
	// Owner identifies this process among those that share the database.
	Owner notion.ID
	// Exclusive says that no other process does.
	Exclusive bool
	// Pace is the least time between two looks at the log of a workspace, so that what
	// happens in quick succession is read together.
	Pace time.Duration
	// Poll is how often to look at what other processes have written; zero never does.
	Poll time.Duration
	// Observe hears of each attempt; nil does not.
	Observe func(Outcome)
}

const (
	// leaseTime is how long a process is given before another may take its place.
	leaseTime = 30 * time.Second
	// maxWindow is how many requests to one receiver may run at once, and maxRunning how
	// many to all of them.
	maxWindow  = 8
	maxRunning = 64
	// dueBatch is how many deliveries to a receiver are read at once.
	dueBatch = 256
	// afterFailure is how long to leave a workspace alone when its database fails.
	afterFailure = 5 * time.Second
)

// Dispatcher sends what happens in workspaces to those that have subscribed. It works while
// it is told of changes, and waits for nothing while nobody has subscribed.
type Dispatcher struct {
	opts    Options
	slots   chan struct{}
	sending context.Context
	cancel  context.CancelFunc // of requests that run
	stop    chan struct{}
	wg      sync.WaitGroup

	mu      sync.RWMutex
	workers map[notion.ID]*worker
	stopped bool
}

// NewDispatcher returns a dispatcher that does nothing before [Dispatcher.Start].
func NewDispatcher(opts Options) *Dispatcher {
	d := &Dispatcher{opts: opts, slots: make(chan struct{}, maxRunning), stop: make(chan struct{}), workers: map[notion.ID]*worker{}}
	d.sending, d.cancel = context.WithCancel(context.Background())
	return d
}

// Start begins with the workspaces that have subscriptions.
func (d *Dispatcher) Start(ctx context.Context) error {
	if err := d.findHomes(ctx); err != nil {
		return err
	}
	if d.opts.Exclusive || d.opts.Poll == 0 {
		return nil
	}
	d.wg.Go(func() {
		for {
			select {
			case <-d.stop:
				return
			case <-d.opts.Clock.After(d.opts.Poll):
				if err := d.findHomes(d.sending); err != nil {
					d.opts.Log.Warn("webhooks: list the workspaces", "error", err)
				}
			}
		}
	})
	return nil
}

func (d *Dispatcher) findHomes(ctx context.Context) error {
	homes, err := d.opts.Book.Homes(ctx)
	for _, home := range homes {
		d.watch(home)
	}
	return err
}

// Watch looks after a workspace whose subscriptions have changed.
func (d *Dispatcher) Watch(workspace notion.ID) {
	if w := d.watch(workspace); w != nil {
		w.signal(w.changed)
	}
}

// watch returns the worker of a workspace, nil when the dispatcher has stopped.
func (d *Dispatcher) watch(workspace notion.ID) *worker {
	d.mu.Lock()
	defer d.mu.Unlock()
	if w := d.workers[workspace]; w != nil || d.stopped {
		return w
	}
	w := newWorker(d, workspace)
	d.workers[workspace] = w
	d.wg.Go(w.run)
	return w
}

// Notify tells that something has been written in a workspace. It never waits.
func (d *Dispatcher) Notify(workspace notion.ID) {
	d.mu.RLock()
	w := d.workers[workspace]
	d.mu.RUnlock()
	if w != nil {
		w.signal(w.wake)
	}
}

// Settled waits until everything has been sent that is due by now and that this process may
// send.
func (d *Dispatcher) Settled(ctx context.Context) error {
	if err := d.findHomes(ctx); err != nil {
		return err
	}
	// The lock is not held meanwhile: those who write in the workspace need it too.
	d.mu.RLock()
	workers := slices.Collect(maps.Values(d.workers))
	d.mu.RUnlock()
	waits := make([]chan struct{}, 0, len(workers))
	for _, w := range workers {
		done := make(chan struct{})
		select {
		case w.settle <- done:
			waits = append(waits, done)
		case <-w.done:
		case <-ctx.Done():
		}
	}
	for _, done := range waits {
		select {
		case <-done:
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// Close sends nothing more, waits for the answers to what has been sent until ctx ends, and
// notes them. What is not answered by then is sent again by the next server.
func (d *Dispatcher) Close(ctx context.Context) {
	d.mu.Lock()
	if !d.stopped {
		d.stopped = true
		close(d.stop)
	}
	d.mu.Unlock()
	finished := make(chan struct{})
	go func() {
		d.wg.Wait()
		close(finished)
	}()
	select {
	case <-finished:
	case <-ctx.Done():
	}
	d.cancel()
	<-finished
	d.opts.Sender.Close()
}

// worker looks after one workspace. Everything but its channels belongs to its goroutine.
type worker struct {
	d         *Dispatcher
	workspace notion.ID

	wake    chan struct{} // something was written
	changed chan struct{} // subscriptions are not what they were
	settle  chan chan struct{}
	results chan result
	done    chan struct{}

	lanes   map[notion.ID]*lane // of the active subscriptions
	running int
	// ended are attempts whose outcome is not noted yet.
	ended []Attempt
	// dirty says that the log may have more, stale that there may be deliveries that have
	// not been read, and unknown that there may be other subscriptions.
	dirty, stale, unknown bool
	gathered              time.Time // when the log was last looked at
	next                  time.Time // when something is due next, zero for never
	leased                time.Time // until when, zero when the lease is someone else's
	paused                time.Time // until when to leave the database alone
	waiting               []chan struct{}
}

// result is an attempt; it is known when the request ran to its end.
type result struct {
	Attempt
	known bool
}

// lane is what goes to one receiver.
type lane struct {
	queue []Delivery
	// known are the ids of what is in the queue or on its way.
	known map[notion.ID]bool
	// window is how many requests may run at once: one after a failure, twice as many after
	// each success.
	window, running int
	// more says that the queue is not all there is.
	more bool
}

func newWorker(d *Dispatcher, workspace notion.ID) *worker {
	return &worker{
		d: d, workspace: workspace, dirty: true, stale: true, unknown: true,
		wake: make(chan struct{}, 1), changed: make(chan struct{}, 1), settle: make(chan chan struct{}),
		results: make(chan result, maxRunning), done: make(chan struct{}), lanes: map[notion.ID]*lane{},
	}
}

// signal leaves a message that need not be left twice.
func (w *worker) signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (w *worker) now() time.Time { return w.d.opts.Clock.Now() }

func (w *worker) run() {
	defer close(w.done)
	for {
		select {
		case <-w.d.stop:
			w.finish()
			return
		default:
		}
		if w.step() {
			continue
		}
		if w.idle() {
			w.release()
		}
		w.wait()
	}
}

// step does what can be done now and reports whether there may be more. A failure of the
// database is tried again later.
func (w *worker) step() bool {
	w.takeAll()
	if w.now().Before(w.paused) {
		return false
	}
	more, err := w.try()
	switch {
	case errors.Is(err, ErrLost):
		w.leased, w.lanes, w.ended = time.Time{}, map[notion.ID]*lane{}, nil
		w.dirty, w.stale, w.unknown = true, true, true
	case err != nil:
		w.d.opts.Log.Warn("webhooks", "workspace_id", w.workspace.String(), "error", err)
		w.paused = w.now().Add(afterFailure)
	}
	return more && err == nil
}

func (w *worker) try() (more bool, err error) {
	ctx := w.d.sending
	if held, err := w.hold(ctx); err != nil || !held {
		return false, err
	}
	if len(w.ended) > 0 {
		if err := w.d.opts.Book.Settle(ctx, w.workspace, w.d.opts.Owner, w.ended); err != nil {
			return false, err
		}
		for _, a := range w.ended {
			if l := w.lanes[a.Webhook]; l != nil {
				delete(l.known, a.ID)
			}
		}
		// There may be room again for what the log still holds.
		w.ended, w.stale, w.dirty, more = nil, true, true, true
	}
	if !w.next.IsZero() && !w.now().Before(w.next) {
		w.dirty, w.stale, w.next = true, true, time.Time{}
	}
	if w.dirty && (len(w.waiting) > 0 || !w.now().Before(w.gathered.Add(w.d.opts.Pace))) {
		w.gathered = w.now()
		if w.dirty, err = w.d.opts.Book.Gather(ctx, w.workspace, w.d.opts.Owner); err != nil {
			w.dirty = true
			return false, err
		}
		w.stale, more = true, more || w.dirty
	}
	if err := w.read(ctx); err != nil {
		return false, err
	}
	w.send()
	return more, nil
}

// hold takes the lease, or takes it again while half of it is left.
func (w *worker) hold(ctx context.Context) (bool, error) {
	now := w.now()
	if !w.leased.IsZero() && (w.d.opts.Exclusive || now.Before(w.leased.Add(-leaseTime/2))) {
		return true, nil
	}
	until := now.Add(leaseTime)
	held, err := w.d.opts.Book.Lease(ctx, w.workspace, w.d.opts.Owner, until)
	if err != nil {
		return false, err
	}
	if !held {
		w.leased = time.Time{}
		w.paused = now.Add(leaseTime / 2)
		return false, nil
	}
	w.leased = until
	return true, nil
}

// read fills the queues when one of them has run out.
func (w *worker) read(ctx context.Context) error {
	// Another process may have made a subscription.
	hungry := w.unknown || w.stale && len(w.lanes) == 0
	for _, l := range w.lanes {
		hungry = hungry || len(l.queue) == 0 && (l.more || w.stale)
	}
	if !hungry {
		return nil
	}
	receivers, next, err := w.d.opts.Book.Due(ctx, w.workspace, dueBatch)
	if err != nil {
		return err
	}
	w.stale, w.unknown, w.next = false, false, next
	lanes := make(map[notion.ID]*lane, len(receivers))
	for _, r := range receivers {
		l := w.lanes[r.Webhook]
		if l == nil {
			l = &lane{known: map[notion.ID]bool{}, window: 1}
		}
		lanes[r.Webhook] = l
		l.more = len(r.Due) == dueBatch
		for _, delivery := range r.Due {
			if !l.known[delivery.ID] {
				l.known[delivery.ID] = true
				l.queue = append(l.queue, delivery)
			}
		}
	}
	w.lanes = lanes
	return nil
}

// send starts as many requests as may run.
func (w *worker) send() {
	for _, l := range w.lanes {
		for l.running < l.window && len(l.queue) > 0 {
			delivery := l.queue[0]
			l.queue = l.queue[1:]
			l.running++
			w.running++
			go func() { w.results <- w.d.attempt(delivery) }()
		}
	}
}

// attempt sends a delivery once there is room for one more request.
func (d *Dispatcher) attempt(delivery Delivery) result {
	r := result{Attempt: Attempt{Delivery: delivery}}
	select {
	case d.slots <- struct{}{}:
		defer func() { <-d.slots }()
	case <-d.sending.Done():
		return r
	}
	body, err := withAttempt(delivery.Body, delivery.Attempt)
	if err != nil {
		r.Outcome = Outcome{Time: d.opts.Clock.Now(), Err: "The event cannot be read: " + err.Error()}
		r.known = true
		return r
	}
	r.Outcome, r.known = d.opts.Sender.Send(d.sending, delivery.URL, delivery.Token, body)
	if r.known && d.opts.Observe != nil {
		d.opts.Observe(r.Outcome)
	}
	return r
}

// take takes note of an attempt that has ended.
func (w *worker) take(r result) {
	w.running--
	l := w.lanes[r.Webhook]
	if l != nil && l.running > 0 {
		l.running--
	}
	switch {
	case !r.known:
	case r.OK():
		w.ended = append(w.ended, r.Attempt)
		if l != nil {
			l.window = min(2*l.window, maxWindow)
		}
	default:
		w.ended = append(w.ended, r.Attempt)
		if l != nil {
			l.window = 1
		}
	}
}

// idle reports whether there is nothing to do before something happens or is due.
func (w *worker) idle() bool {
	if w.leased.IsZero() || w.now().Before(w.paused) {
		return true
	}
	for _, l := range w.lanes {
		if len(l.queue) > 0 || l.running > 0 {
			return false
		}
	}
	return !w.dirty && len(w.ended) == 0 && w.running == 0
}

// release answers those who wait for the worker to have nothing to do.
func (w *worker) release() {
	for _, done := range w.waiting {
		close(done)
	}
	w.waiting = nil
}

// wait sleeps until there may be something to do.
func (w *worker) wait() {
	ctx, cancel := w.timer()
	defer cancel()
	select {
	case <-w.d.stop:
	case <-ctx.Done():
		if w.d.opts.Poll > 0 {
			w.dirty = true // others may have written
		}
	case <-w.wake:
		w.dirty = true
	case <-w.changed:
		w.dirty, w.stale, w.unknown = true, true, true
		for _, l := range w.lanes {
			for _, delivery := range l.queue {
				delete(l.known, delivery.ID)
			}
			l.queue = nil
		}
	case done := <-w.settle:
		// Who asks wants it tried now, whatever stood in the way before.
		w.waiting = append(w.waiting, done)
		w.dirty, w.paused = true, time.Time{}
	case r := <-w.results:
		w.take(r)
		w.takeAll()
	}
}

// takeAll takes note of whatever else has ended.
func (w *worker) takeAll() {
	for {
		select {
		case r := <-w.results:
			w.take(r)
		default:
			return
		}
	}
}

// timer ends when something is due by the clock.
func (w *worker) timer() (context.Context, context.CancelFunc) {
	now := w.now()
	at := w.next
	sooner := func(t time.Time) {
		if at.IsZero() || t.Before(at) {
			at = t
		}
	}
	switch {
	case now.Before(w.paused):
		at = w.paused
	case w.dirty:
		sooner(w.gathered.Add(w.d.opts.Pace))
	}
	if !w.d.opts.Exclusive && w.d.opts.Poll > 0 {
		sooner(now.Add(w.d.opts.Poll))
	}
	if at.IsZero() {
		return context.WithCancel(context.Background())
	}
	return w.d.opts.Clock.WithTimeout(context.Background(), at.Sub(now))
}

// finish waits for the answers to what has been sent, and notes them.
func (w *worker) finish() {
	for w.running > 0 {
		w.take(<-w.results)
	}
	w.release()
	if w.leased.IsZero() {
		return
	}
	// The requests may have been cancelled; what is known of them is noted all the same.
	ctx := context.WithoutCancel(w.d.sending)
	book, owner := w.d.opts.Book, w.d.opts.Owner
	if len(w.ended) > 0 {
		if err := book.Settle(ctx, w.workspace, owner, w.ended); err != nil {
			w.d.opts.Log.Warn("webhooks: note what was sent", "workspace_id", w.workspace.String(), "error", err)
		}
	}
	if err := book.Release(ctx, w.workspace, owner); err != nil {
		w.d.opts.Log.Warn("webhooks: give back the lease", "workspace_id", w.workspace.String(), "error", err)
	}
}
