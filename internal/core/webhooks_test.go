package core_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"octavo/internal/core"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/outbound"
	"octavo/internal/webhook"
)

// subscribe makes an active subscription of the first integration to everything. Its
// receiver is there to be verified and takes nothing.
func (b *bench) subscribe(opts core.WebhookOptions) notion.ID {
	b.t.Helper()
	var token string
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		v, _ := jsonx.Parse(body)
		token = v.Get("verification_token").Text()
	}))
	defer receiver.Close()
	local, err := outbound.ParsePolicy([]string{"loopback"})
	if err != nil {
		b.t.Fatal(err)
	}
	opts.Policy, opts.Sender = local, webhook.NewSender(b.clock, local, "test")
	b.Core = core.New(b.store, b.clock, b.ids, core.Options{PublicURL: "http://octavo.test", Webhooks: opts})
	w, _, err := b.CreateWebhook(b.ctx, b.first.Workspace, core.WebhookSpec{Integration: b.principal().Integration, URL: receiver.URL})
	if err == nil {
		_, err = b.VerifyWebhook(b.ctx, b.first.Workspace, w.ID, token)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return w.ID
}

// owner is the process that has the lease in these tests.
var owner = notion.ID{15: 9}

// gather reads the log to its end, or to where there is no more room.
func (b *bench) gather() {
	b.t.Helper()
	book := b.WebhookBook()
	if held, err := book.Lease(b.ctx, b.first.Workspace, owner, b.clock.Now().Add(time.Hour)); err != nil || !held {
		b.t.Fatal(held, err)
	}
	for more := true; more; {
		var err error
		if more, err = book.Gather(b.ctx, b.first.Workspace, owner); err != nil {
			b.t.Fatal(err)
		}
	}
}

// due returns what is to be sent now.
func (b *bench) due() []webhook.Delivery {
	b.t.Helper()
	receivers, _, err := b.WebhookBook().Due(b.ctx, b.first.Workspace, 1000)
	if err != nil {
		b.t.Fatal(err)
	}
	var due []webhook.Delivery
	for _, r := range receivers {
		due = append(due, r.Due...)
	}
	return due
}

func (b *bench) settle(deliveries []webhook.Delivery, errorText string) error {
	var attempts []webhook.Attempt
	for _, d := range deliveries {
		attempts = append(attempts, webhook.Attempt{Delivery: d, Outcome: webhook.Outcome{Time: b.clock.Now(), Err: errorText}})
	}
	return b.WebhookBook().Settle(b.ctx, b.first.Workspace, owner, attempts)
}

// lock locks or unlocks the first page.
func (b *bench) lock(locked bool) {
	b.t.Helper()
	_, err := b.UpdatePage(b.ctx, b.principal(), b.first.Page, core.PageChange{IsLocked: jsonx.BoolValue(locked)})
	if err != nil {
		b.t.Fatal(err)
	}
}

// TestGatherStopsWhenThereIsNoRoom: what a receiver does not take piles up in the log and
// nowhere else, and is told when there is room.
func TestGatherStopsWhenThereIsNoRoom(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		b.subscribe(core.WebhookOptions{MaxWaiting: 5})
		for n := range 5 {
			b.lock(n%2 == 0)
			b.gather()
		}
		for n := range 7 {
			b.lock(n%2 == 1)
		}
		b.gather()
		due := b.due()
		if len(due) != 5 {
			t.Fatalf("%d are on their way", len(due))
		}
		if err := b.settle(due[:1], ""); err != nil {
			t.Fatal(err)
		}
		b.gather()
		if len(b.due()) != 11 {
			t.Errorf("%d are on their way after one was taken", len(b.due()))
		}
	})
}

// TestGatherOnce: a line of the log comes to one event, in however many steps it is read, and
// an event is settled once.
func TestGatherOnce(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		b.subscribe(core.WebhookOptions{})
		const pages = 700 // more than are read at once
		for n := range pages {
			_, err := b.CreatePage(b.ctx, b.principal(), core.NewPage{Parent: parse(t, `{"page_id":"%s"}`, b.first.Page), Properties: parse(t, `{"title":[{"text":{"content":"%d"}}]}`, n)})
			if err != nil {
				t.Fatal(err)
			}
		}
		b.gather()
		b.gather()
		kinds := map[string]int{}
		ids := map[notion.ID]bool{}
		due := b.due()
		for len(due) > 0 {
			for _, d := range due {
				event := parse(t, "%s", d.Body)
				kinds[event.Get("type").Text()]++
				ids[idIn(event.Get("entity").Get("id"))] = true
			}
			if err := b.settle(due, ""); err != nil {
				t.Fatal(err)
			}
			if err := b.settle(due, "once more"); err != nil { // too late: it is noted
				t.Fatal(err)
			}
			due = b.due()
		}
		if got := fmt.Sprint(kinds); got != fmt.Sprintf("map[page.content_updated:%d page.created:%[1]d]", pages) || len(ids) != pages+1 {
			t.Errorf("events %s of %d pages", got, len(ids))
		}
	})
}

// TestLostLease: who has lost the lease can note nothing.
func TestLostLease(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		b.subscribe(core.WebhookOptions{})
		b.lock(true)
		b.gather()
		due := b.due()
		book, other := b.WebhookBook(), notion.ID{15: 8}
		b.clock.Advance(2 * time.Hour)
		if held, err := book.Lease(b.ctx, b.first.Workspace, other, b.clock.Now().Add(time.Hour)); err != nil || !held {
			t.Fatal(held, err)
		}
		b.lock(false)
		if _, err := book.Gather(b.ctx, b.first.Workspace, owner); !errors.Is(err, webhook.ErrLost) {
			t.Errorf("gather: %v", err)
		}
		if err := b.settle(due, ""); !errors.Is(err, webhook.ErrLost) {
			t.Errorf("settle: %v", err)
		}
		if n := len(b.due()); n != 1 {
			t.Errorf("%d are on their way", n)
		}
	})
}

// TestPrune: what an active subscription has not read is kept, what a paused one has not is
// not, and who comes back too late is told so.
func TestPrune(t *testing.T) {
	eachBench(t, func(t *testing.T, b *bench) {
		b.lock(true)
		b.lock(false)
		hook := b.subscribe(core.WebhookOptions{})
		ws := b.first.Workspace
		lines := func() (n int) {
			events, err := b.Events(b.ctx, ws, 0, 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			return len(events)
		}
		b.lock(true)
		b.lock(false)
		before := lines()
		b.clock.Advance(time.Hour)
		b.Prune(b.ctx, ws, b.clock.Now())
		if unread := lines(); unread < 2 || unread >= before {
			t.Errorf("%d lines of %d are left while two are not read", unread, before)
		}
		b.gather()
		if err := b.settle(b.due(), ""); err != nil {
			t.Fatal(err)
		}
		if _, err := b.UpdateWebhook(b.ctx, ws, hook, core.WebhookChange{Paused: new(true)}); err != nil {
			t.Fatal(err)
		}
		b.lock(true)
		b.clock.Advance(time.Hour)
		b.Prune(b.ctx, ws, b.clock.Now())
		if n := lines(); n != 0 {
			t.Errorf("%d lines are left", n)
		}
		sent, err := b.Deliveries(b.ctx, ws, hook, "", core.PageOf{Size: 10})
		if err != nil || len(sent.Items) != 0 {
			t.Errorf("%d deliveries are left, %v", len(sent.Items), err)
		}
		w, err := b.UpdateWebhook(b.ctx, ws, hook, core.WebhookChange{Paused: new(false)})
		if err != nil || w.State != "active" || w.Reason == "" {
			t.Errorf("resumed after the log was forgotten: %+v, %v", w, err)
		}
		if _, err := b.Events(b.ctx, ws, 1, 1, 10); err == nil {
			t.Error("changes that have been forgotten were skipped without a word")
		}
		b.lock(false)
		b.gather()
		due := b.due()
		if len(due) != 1 || !slices.Equal(kindsOf(t, due), []string{"page.unlocked"}) {
			t.Errorf("told after it: %v", kindsOf(t, due))
		}
	})
}

func kindsOf(t *testing.T, due []webhook.Delivery) (kinds []string) {
	for _, d := range due {
		kinds = append(kinds, parse(t, "%s", d.Body).Get("type").Text())
	}
	return kinds
}
