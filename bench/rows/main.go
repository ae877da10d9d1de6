// Command rows measures queries of one data source with many rows: filters, sorts, pages by
// cursor, and how rows are made. It starts the server that it is given in a process of its
// own, on the disk or on the PostgreSQL of a URL, and keeps the data for the next run.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	token   = "ntn_bench"
	version = "2026-03-11"
)

type settings struct {
	octavo, database, out string
	only, profile         string
	rows, rounds, clients int
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == serveProfiledCommand {
		if err := serveProfiled(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, "rows:", err)
			os.Exit(1)
		}
		return
	}
	var s settings
	flag.StringVar(&s.octavo, "octavo", filepath.Join("bin", "octavo"), "the `command` to measure; make build makes it")
	flag.StringVar(&s.database, "database", "", "measure on the PostgreSQL of this `URL` in place of SQLite")
	flag.StringVar(&s.out, "out", filepath.Join("bench", "out"), "directory for the data; it must be on the disk to measure")
	flag.IntVar(&s.rows, "rows", 100_000, "how many rows the data source has")
	flag.IntVar(&s.rounds, "rounds", 31, "how often each query is sent; the report has medians")
	flag.StringVar(&s.only, "only", "", "measure only queries with this `text` in their names; \"rows\" is making them")
	flag.StringVar(&s.profile, "profile", "", "serve from this process's own code and write what takes processor time to this `file`")
	flag.IntVar(&s.clients, "clients", 10, "how many clients make rows")
	flag.Parse()
	if err := s.run(); err != nil {
		fmt.Fprintln(os.Stderr, "rows:", err)
		os.Exit(1)
	}
}

func (s *settings) run() (err error) {
	dir := filepath.Join(s.out, fmt.Sprintf("rows-%d", s.rows))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	srv, err := s.start(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.stop()) }()
	known := filepath.Join(dir, "source")
	source, err := os.ReadFile(known)
	if errors.Is(err, os.ErrNotExist) {
		if source, err = s.fill(srv); err != nil {
			return err
		}
		if err := os.WriteFile(known, source, 0o600); err != nil {
			return err
		}
		// What is measured is a server that has just been started.
		if err := srv.stop(); err != nil {
			return err
		}
		if srv, err = s.start(dir); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	return s.measure(srv, string(source))
}

// server is a running server.
type server struct {
	cmd       *exec.Cmd
	url, page string
	client    *http.Client
}

func (s *settings) start(dir string) (*server, error) {
	args := []string{"serve", "--listen", "127.0.0.1:0", "--token", token, "--rate-limit", "0"}
	if s.database != "" {
		args = append(args, "--database", s.database)
	} else {
		args = append(args, "--data", filepath.Join(dir, "data"))
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	command := s.octavo
	if s.profile != "" {
		if command, err = os.Executable(); err != nil {
			return nil, err
		}
		args = []string{serveProfiledCommand, filepath.Join(dir, "data"), s.database, s.profile}
	}
	srv := &server{cmd: exec.Command(command, args...), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}}}
	srv.cmd.Stderr = log
	stdout, err := srv.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := srv.cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(stdout)
	for srv.url == "" && lines.Scan() {
		if !strings.HasPrefix(lines.Text(), "octavo ready") {
			continue
		}
		for _, field := range strings.Fields(lines.Text()) {
			switch key, value, _ := strings.Cut(field, "="); key {
			case "url":
				srv.url = value
			case "page":
				srv.page = value
			}
		}
	}
	if srv.url == "" {
		return nil, errors.New("the server is not ready; its log is in " + log.Name())
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	return srv, nil
}

func (srv *server) stop() error {
	_ = srv.cmd.Process.Signal(syscall.SIGTERM)
	return srv.cmd.Wait()
}

// send sends a request and returns the answer.
func (srv *server) send(method, path, body string) ([]byte, error) {
	r, err := http.NewRequest(method, srv.url+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Notion-Version", version)
	r.Header.Set("Content-Type", "application/json")
	answer, err := srv.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %d %s", method, path, answer.StatusCode, data)
	}
	return data, err
}

// usage returns the processor time that the server has used and the memory it has.
func (srv *server) usage() (cpu time.Duration, memory int64) {
	const tick = 10 * time.Millisecond
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", srv.cmd.Process.Pid))
	if fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])); len(fields) > 13 {
		for _, f := range fields[11:13] {
			n, _ := strconv.Atoi(f)
			cpu += time.Duration(n) * tick
		}
	}
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", srv.cmd.Process.Pid))
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			memory = kb << 10
		}
	}
	return cpu, memory
}

const schema = `{"Name":{"title":{}},"Notes":{"rich_text":{}},"Code":{"rich_text":{}},"Link":{"url":{}},"Mail":{"email":{}},
"Amount":{"number":{}},"Score":{"number":{}},"Done":{"checkbox":{}},"Due":{"date":{}},"Start":{"date":{}},
"Kind":{"select":{"options":[{"name":"k0"},{"name":"k1"},{"name":"k2"},{"name":"k3"},{"name":"k4"},{"name":"k5"},{"name":"k6"},{"name":"k7"},{"name":"k8"},{"name":"k9"}]}},
"Tags":{"multi_select":{"options":[{"name":"t0"},{"name":"t1"},{"name":"t2"},{"name":"t3"},{"name":"t4"},{"name":"t5"},{"name":"t6"},{"name":"t7"}]}},
"State":{"status":{}},"Phone":{"phone_number":{}},"Number":{"unique_id":{}}}`

var words = strings.Fields("alpha river stone seven window garden paper north cloud engine amber silver quiet winter bridge copper meadow lantern harbor violet")

func phrase(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(words[rand.IntN(len(words))])
	}
	return b.String()
}

// row draws the body of a request that makes a row.
func row(source string, i int) string {
	day := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rand.IntN(730)-365)
	text := func(s string) string { return `[{"text":{"content":"` + s + `"}}]` }
	return fmt.Sprintf(`{"parent":{"data_source_id":%q},"properties":{"Name":{"title":%s},"Notes":{"rich_text":%s},"Code":{"rich_text":%s},
"Link":{"url":"https://example.com/%d/%s"},"Mail":{"email":"user%d@example.com"},"Amount":{"number":%d},"Score":{"number":%.4f},"Done":{"checkbox":%v},
"Due":{"date":{"start":%q}},"Start":{"date":{"start":%q}},"Kind":{"select":{"name":"k%d"}},"Tags":{"multi_select":[{"name":"t%d"},{"name":"t%d"}]},
"State":{"status":{"name":%q}},"Phone":{"phone_number":"+49 %d"}}}`,
		source, text(fmt.Sprintf("%s %d", phrase(3), i)), text(phrase(40)), text(fmt.Sprintf("c-%08d", rand.IntN(1e8))),
		i, phrase(1), i, rand.IntN(1000), rand.Float64()*1000, rand.IntN(2) == 0,
		day.Format("2006-01-02"), day.Add(-time.Duration(rand.IntN(1e6))*time.Second).Format("2006-01-02T15:04:00Z"), rand.IntN(10), rand.IntN(4), 4+rand.IntN(4),
		[]string{"Not started", "In progress", "Done"}[rand.IntN(3)], rand.IntN(1e9))
}

// fill makes the data source and its rows and returns its id.
func (s *settings) fill(srv *server) ([]byte, error) {
	data, err := srv.send("POST", "/v1/databases", `{"parent":{"page_id":"`+srv.page+`"},"initial_data_source":{"properties":`+schema+`}}`)
	if err != nil {
		return nil, err
	}
	var database struct {
		Sources []struct{ ID string } `json:"data_sources"`
	}
	if err := json.Unmarshal(data, &database); err != nil {
		return nil, err
	}
	source := database.Sources[0].ID
	const step = 10_000
	for from := 0; from < s.rows; from += step {
		took, cpu, err := s.create(srv, source, from, min(step, s.rows-from), 64)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(os.Stderr, "made %d rows, the last %v and %v of processor time each\n", from+step, took, cpu)
	}
	return []byte(source), nil
}

// create makes rows with some clients at once, and returns what one took.
func (s *settings) create(srv *server, source string, from, n, clients int) (took, cpu time.Duration, err error) {
	numbers := make(chan int)
	errs := make(chan error, clients)
	var wait sync.WaitGroup
	used, _ := srv.usage()
	begin := time.Now()
	for range clients {
		wait.Go(func() {
			for i := range numbers {
				if _, err := srv.send("POST", "/v1/pages", row(source, i)); err != nil {
					select {
					case errs <- err:
					default:
					}
				}
			}
		})
	}
	for i := range n {
		numbers <- from + i
	}
	close(numbers)
	wait.Wait()
	took = time.Since(begin) / time.Duration(n)
	now, _ := srv.usage()
	select {
	case err = <-errs:
	default:
	}
	return took, (now - used) / time.Duration(n), err
}

// queries are what is measured: a name and the body of a request.
var queries = []struct{ name, body string }{
	{"everything", `{}`},
	{"two filters, sorted by a date", `{"filter":{"and":[{"property":"Kind","select":{"equals":"k3"}},{"property":"Amount","number":{"greater_than":500}}]},"sorts":[{"property":"Due","direction":"descending"}]}`},
	{"two filters, 1 % pass, sorted by a number", `{"filter":{"and":[{"property":"Kind","select":{"equals":"k3"}},{"property":"Amount","number":{"less_than":100}}]},"sorts":[{"property":"Score","direction":"ascending"}]}`},
	{"two filters, half pass, sorted by text", `{"filter":{"and":[{"property":"Done","checkbox":{"equals":true}},{"property":"Amount","number":{"greater_than":10}}]},"sorts":[{"property":"Name","direction":"ascending"}]}`},
	{"two filters, default order", `{"filter":{"and":[{"property":"Kind","select":{"equals":"k3"}},{"property":"State","status":{"equals":"Done"}}]}}`},
	{"selective filter", `{"filter":{"property":"Mail","email":{"equals":"user4711@example.com"}}}`},
	{"nothing passes", `{"filter":{"property":"Amount","number":{"greater_than":1000}}}`},
	{"nothing passes both", `{"filter":{"and":[{"property":"Amount","number":{"greater_than":900}},{"property":"Amount","number":{"less_than":100}}]}}`},
	{"sorted by option", `{"sorts":[{"property":"Kind","direction":"ascending"}]}`},
	{"text contains", `{"filter":{"property":"Name","title":{"contains":"harbor 99"}}}`},
	{"edited in the last minute", `{"filter":{"timestamp":"last_edited_time","last_edited_time":{"on_or_after":"today"}},"sorts":[{"timestamp":"last_edited_time","direction":"descending"}]}`},
	{"not equal, sorted by a number", `{"filter":{"property":"Kind","select":{"does_not_equal":"k3"}},"sorts":[{"property":"Score","direction":"descending"}]}`},
}

// The first requests of a query are not counted but for the very first, which finds a server
// that has not seen the query yet; what it loads for the next ones takes a moment.
const (
	warm      = 5
	warmPause = 300 * time.Millisecond
)

func (s *settings) measure(srv *server, source string) error {
	fmt.Println("| query | results | first ms | median ms | CPU ms | next pages, median ms |")
	fmt.Println("|---|--:|--:|--:|--:|--:|")
	for _, q := range queries {
		if !strings.Contains(q.name, s.only) {
			continue
		}
		path := "/v1/data_sources/" + source + "/query"
		var took []time.Duration
		var answer struct {
			Results []json.RawMessage `json:"results"`
			Next    *string           `json:"next_cursor"`
		}
		var used time.Duration
		for i := range s.rounds + warm {
			if i == warm {
				used, _ = srv.usage()
			}
			begin := time.Now()
			data, err := srv.send("POST", path, q.body)
			if err != nil {
				return err
			}
			took = append(took, time.Since(begin))
			if i == 0 {
				if err := json.Unmarshal(data, &answer); err != nil {
					return err
				}
			}
			if i < warm {
				time.Sleep(warmPause)
			}
		}
		now, _ := srv.usage()
		first := took[0]
		took = took[warm:]
		next, err := s.following(srv, path, q.body, answer.Next)
		if err != nil {
			return err
		}
		fmt.Printf("| %s | %d | %.2f | %.2f | %.2f | %s |\n", q.name, len(answer.Results), ms(first), ms(median(took)), ms(now-used)/float64(s.rounds), next)
	}
	_, memory := srv.usage()
	if !strings.Contains("rows", s.only) {
		return nil
	}
	took, cpu, err := s.create(srv, source, s.rows, 2000, s.clients)
	fmt.Printf("\nmost memory: %d MB; rows made by %d clients: %.0f a second, %v of processor time each\n", memory>>20, s.clients, 1/took.Seconds(), cpu)
	return err
}

// following measures some pages after the first.
func (s *settings) following(srv *server, path, body string, cursor *string) (string, error) {
	var took []time.Duration
	for cursor != nil && len(took) < 20 {
		next, _ := json.Marshal(*cursor)
		sep := ","
		if body == "{}" {
			sep = ""
		}
		begin := time.Now()
		data, err := srv.send("POST", path, `{"start_cursor":`+string(next)+sep+body[1:])
		if err != nil {
			return "", err
		}
		took = append(took, time.Since(begin))
		var answer struct {
			Next *string `json:"next_cursor"`
		}
		if err := json.Unmarshal(data, &answer); err != nil {
			return "", err
		}
		cursor = answer.Next
	}
	if took == nil {
		return "", nil
	}
	return fmt.Sprintf("%.2f", ms(median(took))), nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func median(list []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}
