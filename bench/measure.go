package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The versions that are measured: the newest, which needs no lowering of answers, and the
// one that the official SDK sends unless told otherwise.
const (
	newest     = "2026-03-11"
	sdkDefault = "2025-09-03"
)

// workload is one kind of request that is measured.
type workload struct {
	name string
	// rows is how many blocks a write makes, 0 for a read.
	rows     int
	requests func(*site) [][]byte
}

// site is what a server was given to be asked for.
type site struct {
	address string
	root    string
	pages   []string
	lists   []string // pages with as many blocks as a listing has
	// long is a page of a thousand blocks, parts where each listing of them begins, and text
	// what the page says.
	long  string
	parts []string
	text  string
}

// many is how many blocks the large requests have: the most that the API allows.
const many = 100

// What is read: a few again and again, which the server remembers until a write, or more
// than it remembers.
const (
	manyPages = 500
	fewPages  = 20
	lists     = 10
	spellings = 64
)

var workloads = []workload{
	{name: "get page, remembered", requests: func(s *site) [][]byte { return s.gets(newest, s.pages[:fewPages], 1) }},
	{name: "get page, not remembered", requests: func(s *site) [][]byte { return s.gets(newest, s.pages, spellings) }},
	{name: "get page, not remembered, version " + sdkDefault, requests: func(s *site) [][]byte {
		return s.gets(sdkDefault, s.pages, spellings)
	}},
	{name: "list 100 children, remembered", requests: func(s *site) [][]byte { return s.listings(newest, "", 1) }},
	{name: "list 100 children, not remembered", requests: func(s *site) [][]byte { return s.listings(newest, "", spellings) }},
	{name: "list 100 children, not remembered, gzip", requests: func(s *site) [][]byte {
		return s.listings(newest, "Accept-Encoding: gzip\r\n", spellings)
	}},
	{name: "list 100 children, not remembered, version " + sdkDefault, requests: func(s *site) [][]byte {
		return s.listings(sdkDefault, "", spellings)
	}},
	{name: "list 1,000 blocks by 100, not remembered", requests: (*site).longListings},
	{name: "markdown of 1,000 blocks, not remembered", requests: (*site).longTexts},
	{name: "markdown of 1,000 blocks written back", requests: func(s *site) [][]byte { return [][]byte{s.write(s.text)} }},
	{name: "markdown of 1,000 blocks, a line edited", rows: 1, requests: (*site).longEdits},
	{name: "append 1 block", rows: 1, requests: func(s *site) [][]byte { return s.appends(1) }},
	{name: "append 100 blocks", rows: many, requests: func(s *site) [][]byte { return s.appends(many) }},
	{name: "create page", rows: 1, requests: func(s *site) [][]byte {
		return [][]byte{s.request("POST", "/v1/pages", newest, "", newPage(s.root, "A new page", 0))}
	}},
}

// gets reads pages in turns, all in one spelling of their ids and then all in the next.
func (s *site) gets(version string, pages []string, spellings int) [][]byte {
	var list [][]byte
	for n := range spellings {
		for _, id := range pages {
			list = append(list, s.request("GET", "/v1/pages/"+spell(id, n), version, "", nil))
		}
	}
	return list
}

// listings is gets for the children of pages.
func (s *site) listings(version, headers string, spellings int) [][]byte {
	var list [][]byte
	for n := range spellings {
		for _, id := range s.lists {
			list = append(list, s.request("GET", "/v1/blocks/"+spell(id, n)+"/children", version, headers, nil))
		}
	}
	return list
}

// longListings reads the long page in parts; ten requests are the whole page.
func (s *site) longListings() [][]byte {
	var list [][]byte
	for n := range spellings {
		for _, from := range s.parts {
			list = append(list, s.request("GET", "/v1/blocks/"+spell(s.long, n)+"/children"+from, newest, "", nil))
		}
	}
	return list
}

// longTexts reads the long page as text.
func (s *site) longTexts() [][]byte {
	var list [][]byte
	for n := range spellings {
		list = append(list, s.request("GET", "/v1/pages/"+spell(s.long, n)+"/markdown", newest, "", nil))
	}
	return list
}

// longEdits writes the long page as text, each time with another line than before changed.
func (s *site) longEdits() [][]byte {
	lines := strings.Split(s.text, "\n")
	list := make([][]byte, spellings)
	for n := range list {
		edited := slices.Clone(lines)
		edited[n*len(lines)/spellings] += " and more"
		list[n] = s.write(strings.Join(edited, "\n"))
	}
	return list
}

// write makes a text the content of the long page.
func (s *site) write(text string) []byte {
	return s.request("PATCH", "/v1/pages/"+s.long+"/markdown", newest, "", map[string]any{
		"type": "replace_content", "replace_content": map[string]any{"new_str": text},
	})
}

// spell writes an id with some letters in upper case: those whose bits are set in n. It is
// the same id, and costs the server the same to read, but nothing it has been asked
// before.
func spell(id string, n int) string {
	text := []byte(id)
	for i, c := range text {
		if c < 'a' || c > 'f' {
			continue
		}
		if n&1 == 1 {
			text[i] = c - 'a' + 'A'
		}
		n >>= 1
	}
	return string(text)
}

// forget makes a write, after which nothing that was read before is remembered: rounds and
// workloads must not find what earlier ones left.
func (s *site) forget() error {
	c, err := dial(s.address)
	if err != nil {
		return err
	}
	defer c.conn.Close()
	_, err = c.do(s.request("POST", "/v1/pages", newest, "", newPage(s.root, "A page for a revision", 0)))
	return err
}

// appends goes to all pages in turns, as different users would.
func (s *site) appends(blocks int) [][]byte {
	list := make([][]byte, len(s.pages))
	body := map[string]any{"children": paragraphs(blocks)}
	for i, id := range s.pages {
		list[i] = s.request("PATCH", "/v1/blocks/"+id+"/children", newest, "", body)
	}
	return list
}

func newPage(parent, title string, blocks int) any {
	return map[string]any{
		"parent":     map[string]any{"page_id": parent},
		"properties": map[string]any{"title": []any{map[string]any{"text": map[string]any{"content": title}}}},
		"children":   paragraphs(blocks),
	}
}

// paragraphs makes up blocks with a sentence each. They differ, since a hundred equal ones
// would compress to nothing and make compression look free.
func paragraphs(n int) []any {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	list := make([]any, n)
	for i := range list {
		text := map[string]any{"content": sentence(random)}
		list[i] = map[string]any{"paragraph": map[string]any{"rich_text": []any{map[string]any{"text": text}}}}
	}
	return list
}

// sentence makes up twelve words of letters by chance, which compress about as well as
// prose does.
func sentence(random *rand.Rand) string {
	const letters = "eeeetttaaooiinnsshhrrdlcumwfgypbvk"
	var text strings.Builder
	for word := range 12 {
		if word > 0 {
			text.WriteByte(' ')
		}
		for range 2 + random.IntN(7) {
			text.WriteByte(letters[random.IntN(len(letters))])
		}
	}
	return text.String()
}

// request is the text of a request as it goes over the wire.
func (s *site) request(method, path, version, headers string, body any) []byte {
	var data []byte
	if body != nil {
		data, _ = json.Marshal(body) // maps and strings: it cannot fail
		headers += fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n", len(data))
	}
	return fmt.Appendf(nil, "%s %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nNotion-Version: %s\r\n%s\r\n%s",
		method, path, s.address, token, version, headers, data)
}

// furnish makes what is to be read.
func furnish(address, root string) (*site, error) {
	s := &site{address: address, root: root}
	c, err := dial(address)
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	create := func(parent, title string, blocks int) (string, error) {
		answer, err := c.do(s.request("POST", "/v1/pages", newest, "", newPage(parent, title, blocks)))
		if err != nil {
			return "", err
		}
		var page struct{ ID string }
		return page.ID, json.Unmarshal(answer, &page)
	}
	for i := range lists {
		id, err := create(root, fmt.Sprintf("Many blocks %d", i), many)
		if err != nil {
			return nil, err
		}
		s.lists = append(s.lists, id)
	}
	if err := s.furnishLong(c, create); err != nil {
		return nil, err
	}
	// Two levels down, as most pages are.
	parent, err := create(root, "A page with many pages", 0)
	if err != nil {
		return nil, err
	}
	for i := range manyPages {
		id, err := create(parent, fmt.Sprintf("Page %d", i), 0)
		if err != nil {
			return nil, err
		}
		s.pages = append(s.pages, id)
	}
	return s, nil
}

// furnishLong makes the page of a thousand blocks.
func (s *site) furnishLong(c *client, create func(parent, title string, blocks int) (string, error)) (err error) {
	if s.long, err = create(s.root, "A thousand blocks", 0); err != nil {
		return err
	}
	for range 10 {
		body := map[string]any{"children": paragraphs(many)}
		answer, err := c.do(s.request("PATCH", "/v1/blocks/"+s.long+"/children", newest, "", body))
		if err != nil {
			return err
		}
		var made struct{ Results []struct{ ID string } }
		if err := json.Unmarshal(answer, &made); err != nil {
			return err
		}
		s.parts = append(s.parts, "?start_cursor="+made.Results[0].ID)
	}
	answer, err := c.do(s.request("GET", "/v1/pages/"+s.long+"/markdown", newest, "", nil))
	if err != nil {
		return err
	}
	var page struct{ Markdown string }
	err = json.Unmarshal(answer, &page)
	s.text = page.Markdown
	return err
}

// clientCounts are how many clients send at once.
var clientCounts = []int{1, 10}

// series is what was measured of one workload, round by round.
type series struct {
	workload
	clients           int
	own, hello, alone []sample
	syncs             []sample // writes only
}

// report is everything a run found.
type report struct {
	settings settings
	series   []*series
	ready    []time.Duration
	// idle is the resident memory in bytes after a start and a request, used that after
	// all measurements; nil where the system does not tell.
	idle []int64
	used []int64
}

// measure runs everything in turns: each round measures each workload beside the hello
// server and the database, so that whatever else the machine does falls on all of them.
func measure(s settings, dir string) (_ *report, err error) {
	binary := filepath.Join(dir, "octavo")
	if err := build(binary); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	hello, err := start(filepath.Join(dir, "hello.log"), self, helloCommand)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, hello.stop()) }()
	raw, err := openRaw(dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, raw.close()) }()

	data := filepath.Join(dir, "data")
	command := []string{binary, "serve", "--listen", "127.0.0.1:0", "--data", data, "--token", token}
	measured := command
	if s.profile != "" {
		measured = []string{self, profiledCommand, data, s.profile}
	}
	server, err := start(filepath.Join(dir, "octavo.log"), measured[0], measured[1:]...)
	if err != nil {
		return nil, err
	}
	running := server
	defer func() { err = errors.Join(err, running.stop()) }()
	site, err := furnish(server.address, server.page)
	if err != nil {
		return nil, err
	}
	r := &report{settings: s, series: plan(s.only)}
	for range s.rounds {
		for _, m := range r.series {
			if err := m.round(s, dir, site, server, hello, raw); err != nil {
				return nil, fmt.Errorf("%s, %d clients: %w", m.name, m.clients, err)
			}
		}
	}
	if rss, ok := server.memory(); ok {
		r.used = append(r.used, rss)
	}
	if s.profile != "" {
		return r, nil
	}
	for range s.starts {
		if err := running.stop(); err != nil {
			return nil, err
		}
		if running, err = start(filepath.Join(dir, "octavo.log"), command[0], command[1:]...); err != nil {
			return nil, err
		}
		r.ready = append(r.ready, running.ready)
		if err := r.noteIdle(running); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// noteIdle notes what a server needs that has answered a request and waits for the next.
func (r *report) noteIdle(s *server) error {
	c, err := dial(s.address)
	if err != nil {
		return err
	}
	defer c.conn.Close()
	place := &site{address: s.address}
	if _, err := c.do(place.request("GET", "/v1/pages/"+s.page, newest, "", nil)); err != nil {
		return err
	}
	if rss, ok := s.memory(); ok {
		r.idle = append(r.idle, rss)
	}
	return nil
}

func plan(only string) []*series {
	var list []*series
	for _, w := range workloads {
		if !strings.Contains(w.name, only) {
			continue
		}
		for _, n := range clientCounts {
			list = append(list, &series{workload: w, clients: n})
		}
	}
	return list
}

// round measures a workload once, and beside it what it is compared with.
func (m *series) round(s settings, dir string, site *site, own, hello *server, raw *rawDatabase) error {
	place := *site
	place.address = hello.address
	greeting := [][]byte{place.request("GET", "/", newest, "", nil)}
	steps := []struct {
		into    *[]sample
		measure func() (sample, error)
	}{
		{&m.hello, func() (sample, error) { return loadServer(hello, m.clients, s.duration, greeting) }},
		{&m.own, func() (sample, error) {
			requests := m.requests(site)
			if err := site.forget(); err != nil {
				return sample{}, err
			}
			return loadServer(own, m.clients, s.duration, requests)
		}},
		{&m.alone, func() (sample, error) { return raw.commits(m.rows, s.duration) }},
		{&m.syncs, func() (sample, error) { return syncs(dir, s.duration) }},
	}
	if m.rows == 0 {
		steps = steps[:2]
	}
	// Every other round the other way about: what comes first has no advantage.
	if len(m.own)%2 == 1 {
		slices.Reverse(steps)
	}
	for _, step := range steps {
		found, err := step.measure()
		if err != nil {
			return err
		}
		*step.into = append(*step.into, found)
	}
	return nil
}
