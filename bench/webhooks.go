package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// webhooksCommand measures webhooks: how fast they are delivered, and what they cost those who
// write.
const webhooksCommand = "webhooks"

// webhookBench is a server with or without a subscriber.
type webhookBench struct {
	server *server
	site   *site
	sink   *webhookSink
	bot    string
}

// webhookSink receives webhooks in this process and counts them.
type webhookSink struct {
	url string

	mu    sync.Mutex
	came  *sync.Cond
	count int
	token string
}

func newWebhookSink() (*webhookSink, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &webhookSink{url: "http://" + l.Addr().String()}
	s.came = sync.NewCond(&s.mu)
	go func() { _ = http.Serve(l, s) }() // until the process ends
	return s, nil
}

// ServeHTTP implements [http.Handler].
func (s *webhookSink) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body) // what is cut off is no event, and is sent again
	s.mu.Lock()
	defer s.mu.Unlock()
	if bytes.HasPrefix(body, []byte(`{"verification_token"`)) {
		var sent struct {
			Token string `json:"verification_token"`
		}
		_ = json.Unmarshal(body, &sent)
		s.token = sent.Token
		return
	}
	s.count++
	s.came.Broadcast()
}

// wait returns once so many events have come.
func (s *webhookSink) wait(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.count < n {
		s.came.Wait()
	}
}

func (s *webhookSink) total() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// benchWebhooks runs the measurement with its own flags.
func benchWebhooks(args []string) (err error) {
	flags := flag.NewFlagSet("bench webhooks", flag.ContinueOnError)
	rounds := flags.Int("rounds", 5, "how often everything is measured; the report has medians")
	duration := flags.Duration("duration", 4*time.Second, "how long pages are made in a measurement")
	events := flags.Int("events", 10_000, "how many events are delivered in one go")
	out := flags.String("out", filepath.Join("bench", "out"), "directory for the data; it must be on the disk to measure")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir, err := newDir(*out, "webhooks-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := build(filepath.Join(dir, "octavo")); err != nil {
		return err
	}
	sink, err := newWebhookSink()
	if err != nil {
		return err
	}
	fmt.Printf("%d rounds; %s, %s/%s, %d cores.\n\n", *rounds, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	fmt.Println("| pages made by 10 clients | pages/s | with webhooks | of without | p99 ms | with webhooks |")
	fmt.Println("|---|--:|--:|--:|--:|--:|")
	var delivered, cpu []float64
	for _, window := range []time.Duration{30 * time.Second, 0} {
		b, err := newWebhookBench(dir, sink, window)
		if err != nil {
			return err
		}
		without, with, err := b.writes(*rounds, *duration, window)
		if err == nil && window == 0 {
			delivered, cpu, err = b.deliveries(*rounds, *events)
		}
		if err = errors.Join(err, b.server.stop()); err != nil {
			return err
		}
		fmt.Printf("| held back for %v | %.0f | %.0f | %.0f %% | %.1f | %.1f |\n", window, median(of(without, perSecond)), median(of(with, perSecond)),
			100*ratio(with, without, 1), median(of(without, p99)), median(of(with, p99)))
	}
	fmt.Printf("\n| %d events to one receiver | |\n|---|--:|\n| events/s | %.0f |\n| CPU µs of the server for an event | %.0f |\n",
		*events, median(delivered), median(cpu))
	return nil
}

func newWebhookBench(dir string, sink *webhookSink, window time.Duration) (*webhookBench, error) {
	if err := os.Setenv("OCTAVO_ADMIN_TOKEN", token); err != nil {
		return nil, err
	}
	s, err := start(filepath.Join(dir, "octavo.log"), filepath.Join(dir, "octavo"), "serve", "--listen", "127.0.0.1:0", "--token", token,
		"--data", filepath.Join(dir, "data-"+window.String()), "--allow-targets", "loopback", "--webhook-window", window.String())
	if err != nil {
		return nil, err
	}
	b := &webhookBench{server: s, sink: sink, site: &site{address: s.address, root: s.page}}
	var list struct{ Results []struct{ ID string } }
	if err := b.admin("GET", "integrations", nil, &list); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	b.bot = list.Results[0].ID
	return b, nil
}

// admin calls an endpoint under /_octavo/.
func (b *webhookBench) admin(method, path string, body, into any) error {
	c, err := dial(b.server.address)
	if err != nil {
		return err
	}
	defer c.conn.Close()
	answer, err := c.do(b.site.request(method, "/_octavo/"+path, newest, "", body))
	if err != nil || into == nil {
		return err
	}
	return json.Unmarshal(answer, into)
}

// subscribe makes an active subscription to new pages and returns its id.
func (b *webhookBench) subscribe() (string, error) {
	var hook struct{ ID string }
	err := b.admin("POST", "webhooks", map[string]any{"integration_id": b.bot, "url": b.sink.url, "events": []string{"page.created"}}, &hook)
	if err != nil {
		return "", err
	}
	return hook.ID, b.admin("POST", "webhooks/"+hook.ID+"/verify", map[string]any{"verification_token": b.sink.token}, nil)
}

// writes measures how fast pages are made without a subscriber and with one, in turns.
func (b *webhookBench) writes(rounds int, duration, window time.Duration) (without, with []sample, err error) {
	requests := [][]byte{b.site.request("POST", "/v1/pages", newest, "", newPage(b.site.root, "A new page", 0))}
	measure := func() (sample, error) { return loadServer(b.server, 10, duration, requests) }
	for n := range rounds {
		for _, subscribed := range []bool{n%2 == 0, n%2 != 0} {
			if !subscribed {
				found, err := measure()
				if err != nil {
					return nil, nil, err
				}
				without = append(without, found)
				continue
			}
			hook, err := b.subscribe()
			if err != nil {
				return nil, nil, err
			}
			found, err := measure()
			if err != nil {
				return nil, nil, err
			}
			with = append(with, found)
			if err := b.admin("DELETE", "webhooks/"+hook, nil, nil); err != nil {
				return nil, nil, err
			}
		}
	}
	return without, with, nil
}

// deliveries measures how fast events are delivered that have all happened before.
func (b *webhookBench) deliveries(rounds, events int) (perSecond, cpu []float64, err error) {
	for range rounds {
		hook, err := b.subscribe()
		if err != nil {
			return nil, nil, err
		}
		if err := b.admin("PATCH", "webhooks/"+hook, map[string]any{"paused": true}, nil); err != nil {
			return nil, nil, err
		}
		if err := b.makePages(events); err != nil {
			return nil, nil, err
		}
		before, worked := b.sink.total(), b.server.processor()
		begin := time.Now()
		if err := b.admin("PATCH", "webhooks/"+hook, map[string]any{"paused": false}, nil); err != nil {
			return nil, nil, err
		}
		b.sink.wait(before + events)
		perSecond = append(perSecond, float64(events)/time.Since(begin).Seconds())
		cpu = append(cpu, float64((b.server.processor()-worked).Microseconds())/float64(events))
		if err := b.admin("DELETE", "webhooks/"+hook, nil, nil); err != nil {
			return nil, nil, err
		}
	}
	return perSecond, cpu, nil
}

// makePages makes so many pages.
func (b *webhookBench) makePages(n int) error {
	const clients = 10
	request := b.site.request("POST", "/v1/pages", newest, "", newPage(b.site.root, "A new page", 0))
	failed := make(chan error, clients)
	for i := range clients {
		go func() {
			c, err := dial(b.server.address)
			if err != nil {
				failed <- err
				return
			}
			defer c.conn.Close()
			for range n/clients + min(1, max(0, n%clients-i)) {
				if _, err = c.do(request); err != nil {
					break
				}
			}
			failed <- err
		}()
	}
	var err error
	for range clients {
		err = errors.Join(err, <-failed)
	}
	return err
}
