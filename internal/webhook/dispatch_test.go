package webhook

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"octavo/internal/clock"
	"octavo/internal/notion"
	"octavo/internal/outbound"
)

var home = notion.ID{15: 0xa}

func number(n int) notion.ID { return notion.ID{14: byte(n >> 8), 15: byte(n)} }

// memoryBook is a book in memory.
type memoryBook struct {
	mu       sync.Mutex
	clock    clock.Clock
	owner    notion.ID
	until    time.Time
	log      []Delivery // what gathering will put on its way, a few at a time
	due      map[notion.ID]Delivery
	when     map[notion.ID]time.Time
	attempts []Attempt
	fail     error        // of every call but Lease
	noted    chan Attempt // of each that is settled
	leases   int
	released int
}

func newBook(c clock.Clock) *memoryBook {
	return &memoryBook{clock: c, due: map[notion.ID]Delivery{}, when: map[notion.ID]time.Time{}, noted: make(chan Attempt, 2000)}
}

func (b *memoryBook) add(url string, webhook int, ids ...int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range ids {
		b.log = append(b.log, Delivery{Webhook: number(webhook), ID: number(n), URL: url, Token: "secret_x", Body: []byte(fmt.Sprintf(`{"id":%d,"attempt_number":1}`, n)), Attempt: 1})
	}
}

func (b *memoryBook) Homes(context.Context) ([]notion.ID, error) { return []notion.ID{home}, nil }

func (b *memoryBook) Lease(_ context.Context, _, owner notion.ID, until time.Time) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.owner != owner && b.clock.Now().Before(b.until) {
		return false, nil
	}
	b.owner, b.until = owner, until
	b.leases++
	return true, nil
}

func (b *memoryBook) Release(_ context.Context, _, owner notion.ID) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.owner == owner {
		b.until = time.Time{}
	}
	b.released++
	return nil
}

func (b *memoryBook) held(owner notion.ID) error {
	if b.fail != nil {
		return b.fail
	}
	if b.owner != owner {
		return ErrLost
	}
	return nil
}

func (b *memoryBook) Gather(_ context.Context, _, owner notion.ID) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.held(owner); err != nil {
		return false, err
	}
	some := b.log[:min(3, len(b.log))]
	for _, d := range some {
		b.due[d.ID], b.when[d.ID] = d, b.clock.Now()
	}
	b.log = b.log[len(some):]
	return len(b.log) > 0, nil
}

func (b *memoryBook) Due(_ context.Context, _ notion.ID, limit int) (receivers []Receiver, next time.Time, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ids := make([]notion.ID, 0, len(b.due))
	for id := range b.due {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(x, y notion.ID) int { return slices.Compare(x[:], y[:]) })
	receivers = []Receiver{{Webhook: number(1)}, {Webhook: number(2)}}
	for _, id := range ids {
		d, at := b.due[id], b.when[id]
		r := &receivers[d.Webhook[15]-1]
		switch {
		case !at.After(b.clock.Now()):
			if len(r.Due) < limit {
				r.Due = append(r.Due, d)
			}
		case next.IsZero() || at.Before(next):
			next = at
		}
	}
	return receivers, next, b.fail
}

func (b *memoryBook) Settle(_ context.Context, _, owner notion.ID, attempts []Attempt) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.held(owner); err != nil {
		return err
	}
	for _, a := range attempts {
		b.attempts = append(b.attempts, a)
		b.noted <- a
		d := b.due[a.ID]
		if a.OK() {
			delete(b.due, a.ID)
			continue
		}
		d.Attempt++
		b.due[a.ID], b.when[a.ID] = d, b.clock.Now().Add(time.Minute)
	}
	return nil
}

func (b *memoryBook) settled() []Attempt {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := slices.Clone(b.attempts)
	slices.SortStableFunc(list, func(x, y Attempt) int {
		return cmp.Or(slices.Compare(x.ID[:], y.ID[:]), cmp.Compare(x.number(), y.number()))
	})
	return list
}

// number is which attempt it was.
func (a Attempt) number() int { return a.Delivery.Attempt }

// receiver counts requests and answers them as it is told.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	status  int
	hold    chan struct{} // requests wait until it is closed
	arrived chan struct{}
	bodies  []string
	running int
	most    int
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{status: http.StatusOK, arrived: make(chan struct{}, 1000)}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	r.mu.Lock()
	r.bodies = append(r.bodies, string(body))
	r.running++
	r.most = max(r.most, r.running)
	status, hold := r.status, r.hold
	r.mu.Unlock()
	r.arrived <- struct{}{}
	if hold != nil {
		select {
		case <-hold:
		case <-req.Context().Done():
		}
	}
	r.mu.Lock()
	r.running--
	r.mu.Unlock()
	w.WriteHeader(status)
}

func (r *receiver) answer(status int, hold chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status, r.hold = status, hold
}

func (r *receiver) got() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.bodies)
}

// bench is a dispatcher over a book in memory.
type bench struct {
	*Dispatcher
	t     *testing.T
	clock *clock.Manual
	book  *memoryBook
}

func newBench(t *testing.T, book *memoryBook, owner int) *bench {
	t.Helper()
	manual := book.clock.(*clock.Manual)
	policy, err := outbound.ParsePolicy([]string{"loopback"})
	if err != nil {
		t.Fatal(err)
	}
	d := NewDispatcher(Options{
		Clock: manual, Book: book, Sender: NewSender(manual, policy, "test"), Log: slog.New(slog.DiscardHandler), Owner: number(owner),
	})
	if err := d.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := &bench{d, t, manual, book}
	t.Cleanup(b.closeNow)
	return b
}

func (b *bench) closeNow() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	b.Close(ctx)
}

func (b *bench) settle() {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := b.Settled(ctx); err != nil {
		b.t.Fatal(err)
	}
}

// waitFor waits for a request to arrive.
func (b *bench) waitFor(r *receiver) {
	b.t.Helper()
	select {
	case <-r.arrived:
	case <-time.After(20 * time.Second):
		b.t.Fatal("no request came")
	}
}

func upTo(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i + 1
	}
	return list
}

func TestEverythingIsSent(t *testing.T) {
	book := newBook(clock.NewManual(noon))
	one, two := newReceiver(t), newReceiver(t)
	b := newBench(t, book, 1)
	book.add(one.URL, 1, upTo(600)...)
	book.add(two.URL, 2, 700, 701)
	b.Notify(home)
	b.settle()
	if one.got() != 600 || two.got() != 2 || len(book.settled()) != 602 {
		t.Errorf("%d and %d were received, %d noted", one.got(), two.got(), len(book.settled()))
	}
	if one.most > maxWindow {
		t.Errorf("%d requests ran at once", one.most)
	}
	b.settle()
	if one.got() != 600 {
		t.Error("something was sent twice")
	}
}

// TestRetries: what fails is sent again when it is due, as its next attempt, and one at a
// time while the receiver fails.
func TestRetries(t *testing.T) {
	book := newBook(clock.NewManual(noon))
	r := newReceiver(t)
	b := newBench(t, book, 1)
	r.answer(http.StatusInternalServerError, nil)
	book.add(r.URL, 1, upTo(5)...)
	b.Notify(home)
	b.settle()
	if r.got() != 5 || r.most != 1 {
		t.Errorf("%d requests, %d at once", r.got(), r.most)
	}
	b.clock.Advance(59 * time.Second)
	b.settle()
	if r.got() != 5 {
		t.Errorf("%d requests before the next is due", r.got())
	}
	r.answer(http.StatusNoContent, nil)
	b.clock.Advance(time.Second)
	b.settle()
	if r.got() != 10 || !slices.Contains(r.bodies[5:], `{"id":5,"attempt_number":2}`) {
		t.Errorf("received %v", r.bodies)
	}
	for i, a := range book.settled() {
		if a.number() != i%2+1 || a.OK() != (i%2 == 1) {
			t.Errorf("attempt %d of %v: %+v", a.number(), a.ID, a.Outcome)
		}
	}
}

// TestOneThatHangs: a receiver that does not answer costs a request and its time, and nobody
// else waits for it.
func TestOneThatHangs(t *testing.T) {
	book := newBook(clock.NewManual(noon))
	hangs, works := newReceiver(t), newReceiver(t)
	b := newBench(t, book, 1)
	never := make(chan struct{})
	defer close(never)
	hangs.answer(http.StatusOK, never)
	book.add(hangs.URL, 1, upTo(20)...)
	book.add(works.URL, 2, 100)
	b.Notify(home)
	b.waitFor(hangs)
	if a := <-book.noted; a.Webhook != number(2) {
		t.Fatalf("%+v ended first", a)
	}
	for n := range 3 {
		b.clock.Advance(sendTimeout)
		b.waitFor(hangs)
		if hangs.got() != n+2 {
			t.Errorf("%d requests hang after %d have", hangs.got(), n+1)
		}
	}
	for _, a := range book.settled() {
		if hung := a.Webhook == number(1); hung == a.OK() || hung && a.Err != "No answer within 10s." {
			t.Errorf("%+v", a.Outcome)
		}
	}
}

// TestTwoProcesses: one of those that share a database sends, and another goes on when it is
// gone, or has been silent for too long.
func TestTwoProcesses(t *testing.T) {
	book := newBook(clock.NewManual(noon))
	r := newReceiver(t)
	one := newBench(t, book, 1)
	one.settle()
	two := newBench(t, book, 2)
	book.add(r.URL, 1, 1)
	two.Notify(home)
	two.settle()
	if r.got() != 0 {
		t.Fatal("the other process sent something")
	}
	one.Notify(home)
	one.settle()
	if r.got() != 1 {
		t.Fatal("the process with the lease sent nothing")
	}
	one.closeNow()
	book.add(r.URL, 1, 2)
	two.settle()
	if r.got() != 2 {
		t.Fatal("nobody took the lease over")
	}
	// A third process finds the second one silent.
	three := newBench(t, book, 3)
	three.settle()
	book.mu.Lock()
	book.until = noon
	book.mu.Unlock()
	book.add(r.URL, 1, 3)
	three.settle()
	if r.got() != 3 {
		t.Fatal("a lease that is over was not taken")
	}
	book.add(r.URL, 1, 4)
	two.settle() // finds that it has lost the lease, and sends nothing
	if r.got() != 3 {
		t.Fatal("a process without the lease sent something")
	}
	three.settle()
	if r.got() != 4 {
		t.Fatal("the process with the lease sent nothing")
	}
}

// TestDatabaseFails: while the database fails nothing is sent twice, and the work goes on
// when it is back.
func TestDatabaseFails(t *testing.T) {
	book := newBook(clock.NewManual(noon))
	r := newReceiver(t)
	b := newBench(t, book, 1)
	b.settle()
	book.mu.Lock()
	book.fail = errors.New("no disk")
	book.mu.Unlock()
	book.add(r.URL, 1, upTo(4)...)
	b.Notify(home)
	b.settle()
	if r.got() != 0 {
		t.Errorf("%d requests without a database", r.got())
	}
	book.mu.Lock()
	book.fail = nil
	book.mu.Unlock()
	b.clock.Advance(afterFailure)
	b.settle()
	if r.got() != 4 {
		t.Errorf("%d requests after the database is back", r.got())
	}
}

// TestClose: what has been answered is noted; what has not, is left for the next process.
func TestClose(t *testing.T) {
	book := newBook(clock.NewManual(noon))
	hangs, works := newReceiver(t), newReceiver(t)
	b := newBench(t, book, 1)
	wait := make(chan struct{})
	hangs.answer(http.StatusOK, wait)
	works.answer(http.StatusOK, wait)
	book.add(hangs.URL, 1, 1)
	book.add(works.URL, 2, 2)
	b.Notify(home)
	b.waitFor(hangs)
	b.waitFor(works)
	works.answer(http.StatusOK, nil)
	patience, giveUp := context.WithCancel(context.Background())
	closed := make(chan struct{})
	go func() {
		b.Close(patience)
		close(closed)
	}()
	select {
	case <-closed:
		t.Fatal("closed before the answers came")
	case <-b.stop:
	}
	giveUp()
	<-closed
	close(wait)
	if n := len(book.settled()); n != 0 {
		t.Errorf("%d attempts were noted whose answers nobody has seen", n)
	}
	if book.released != 1 {
		t.Error("the lease was not given back")
	}
	b.Close(patience) // once more does no harm
	b.Notify(home)
	b.Watch(home)
}
