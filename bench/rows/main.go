// Command rows measures queries of one data source with many rows: filters, sorts, pages by
// cursor, and how rows are made. It starts the server that it is given in a process of its
// own, on the disk or on the PostgreSQL of a URL, and keeps the data for the next run. Given
// a PocketBase it fills that with the same rows and sends it the same queries in turns.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

type settings struct {
	octavo, database, out string
	pocketBase            string
	only, profile         string
	rows, rounds, clients int
	computed              bool
	pagesRead             int
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
	flag.StringVar(&s.pocketBase, "pocketbase", "", "measure this `command` of PocketBase beside it")
	flag.StringVar(&s.out, "out", filepath.Join("bench", "out"), "directory for the data; it must be on the disk to measure")
	flag.StringVar(&s.only, "only", "", "measure only queries with this `text` in their names; \"make rows\" is making them")
	flag.StringVar(&s.profile, "profile", "", "serve from this process's own code and write what takes processor time to this `file`")
	flag.IntVar(&s.rows, "rows", 100_000, "how many rows the data source has")
	flag.IntVar(&s.rounds, "rounds", 31, "how often each query is sent; the report has medians")
	flag.IntVar(&s.clients, "clients", 10, "how many clients make rows")
	flag.BoolVar(&s.computed, "computed", false, "measure queries by formulas and rollups in place of the others")
	flag.IntVar(&s.pagesRead, "pages", 100, "how many pages of an answer are read one after the other for -computed")
	flag.Parse()
	run := s.run
	if s.computed {
		run = s.measureComputed
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "rows:", err)
		os.Exit(1)
	}
}

// subject is a server that can hold the rows.
type subject interface {
	name() string
	start(dir string) error
	stop() error
	// prepare makes what the rows are put into, and returns what finds it again.
	prepare() (source string, err error)
	// create makes one row.
	create(source string, r *row) error
	// page sends a query and returns the answer as it came, so that reading it is not measured.
	page(source string, q *query, next string) ([]byte, error)
	// read returns how many rows there are in an answer, and what asks for the next ones, ""
	// when there are none.
	read(answer []byte, next string) (rows int, more string, err error)
	// usage returns the processor time that the server has used and the most memory it has had.
	usage() (cpu time.Duration, memory int64)
}

func (s *settings) run() error {
	subjects := []subject{&octavoServer{command: s.octavo, database: s.database, profile: s.profile}}
	if s.pocketBase != "" {
		subjects = append(subjects, &pocketBase{command: s.pocketBase})
	}
	sources := make([]string, len(subjects))
	var err error
	for i, of := range subjects {
		if sources[i], err = s.filled(of); err != nil {
			return fmt.Errorf("%s: %w", of.name(), err)
		}
	}
	// What is measured are servers that have just been started.
	for _, of := range subjects {
		if startErr := of.start(s.dir(of)); startErr != nil {
			return startErr
		}
		defer func() { err = errors.Join(err, of.stop()) }()
	}
	err = s.measure(subjects, sources)
	return err
}

func (s *settings) dir(of subject) string {
	return filepath.Join(s.out, fmt.Sprintf("%s-%d", of.name(), s.rows))
}

// filled fills a server with rows unless an earlier run has.
func (s *settings) filled(of subject) (source string, err error) {
	dir := s.dir(of)
	known := filepath.Join(dir, "source")
	if data, err := os.ReadFile(known); err == nil {
		return string(data), nil
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	if err := of.start(dir); err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, of.stop()) }()
	if source, err = of.prepare(); err != nil {
		return "", err
	}
	const step, clients = 10_000, 64
	for from := 0; from < s.rows; from += step {
		took, cpu, err := makeRows(of, source, from, min(step, s.rows-from), clients)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(os.Stderr, "%s: made %d rows, the last %v and %v of processor time each\n", of.name(), from+step, took, cpu)
	}
	return source, os.WriteFile(known, []byte(source), 0o600)
}

// makeRows makes rows with some clients at once, and returns what one took.
func makeRows(of subject, source string, from, n, clients int) (took, cpu time.Duration, err error) {
	numbers := make(chan int)
	errs := make(chan error, clients)
	var wait sync.WaitGroup
	used, _ := of.usage()
	begin := time.Now()
	for range clients {
		wait.Go(func() {
			for i := range numbers {
				if err := of.create(source, newRow(i)); err != nil {
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
	now, _ := of.usage()
	select {
	case err = <-errs:
	default:
	}
	return took, (now - used) / time.Duration(n), err
}

// measured is what one query took on one server.
type measured struct {
	rows        int
	first       time.Duration // the very first, of a server that has not seen the query yet
	times, next []time.Duration
	cpu         time.Duration
}

// The first requests of a query are not counted but for the very first; what they load for
// the next ones takes a moment.
const (
	warm      = 5
	warmPause = 300 * time.Millisecond
)

func (s *settings) measure(subjects []subject, sources []string) error {
	fmt.Println("| query | rows | on | first ms | median ms | CPU ms | next pages, median ms | times faster |")
	fmt.Println("|---|--:|---|--:|--:|--:|--:|--:|")
	for i := range queries {
		if !strings.Contains(queries[i].name, s.only) {
			continue
		}
		results := make([]measured, len(subjects))
		for j, of := range subjects {
			if err := results[j].warmUp(of, sources[j], &queries[i]); err != nil {
				return fmt.Errorf("%s, %s: %w", of.name(), queries[i].name, err)
			}
		}
		if err := s.takeTurns(subjects, sources, &queries[i], results); err != nil {
			return err
		}
		for j, of := range subjects {
			fmt.Printf("| %s | %d | %s | %s |\n", queries[i].name, results[j].rows, of.name(), results[j].report(results[0].times, s.rounds))
		}
	}
	for _, of := range subjects {
		_, memory := of.usage()
		fmt.Printf("\n%s: most memory %d MB\n", of.name(), memory>>20)
	}
	if !strings.Contains("make rows", s.only) {
		return nil
	}
	return s.measureMaking(subjects, sources)
}

func (m *measured) warmUp(of subject, source string, q *query) error {
	for i := range warm {
		took, rows, _, err := timed(of, source, q, "")
		if err != nil {
			return err
		}
		if i == 0 {
			m.first, m.rows = took, rows
		}
		time.Sleep(warmPause)
	}
	return nil
}

// takeTurns sends a query to each server in each round, and reads on from page to page.
func (s *settings) takeTurns(subjects []subject, sources []string, q *query, results []measured) error {
	next := make([]string, len(subjects))
	for range s.rounds {
		for j, of := range subjects {
			used, _ := of.usage()
			took, _, more, err := timed(of, sources[j], q, "")
			if err != nil {
				return err
			}
			results[j].times = append(results[j].times, took)
			now, _ := of.usage()
			results[j].cpu += now - used
			if next[j] == "" {
				next[j] = more
			}
			if next[j] == "" {
				continue
			}
			if took, _, next[j], err = timed(of, sources[j], q, next[j]); err != nil {
				return err
			}
			results[j].next = append(results[j].next, took)
		}
	}
	return nil
}

// timed sends a query and returns how long the answer took to its last byte.
func timed(of subject, source string, q *query, next string) (took time.Duration, rows int, more string, err error) {
	begin := time.Now()
	answer, err := of.page(source, q, next)
	if err != nil {
		return 0, 0, "", err
	}
	took = time.Since(begin)
	rows, more, err = of.read(answer, next)
	return took, rows, more, err
}

// report compares with the times of the first server in the same rounds.
func (m *measured) report(with []time.Duration, rounds int) string {
	next := ""
	if m.next != nil {
		next = fmt.Sprintf("%.2f", ms(median(m.next)))
	}
	ratios := make([]float64, len(m.times))
	for i := range m.times {
		ratios[i] = float64(m.times[i]) / float64(with[i])
	}
	return fmt.Sprintf("%.2f | %.2f | %.2f | %s | %.2f", ms(m.first), ms(median(m.times)), ms(m.cpu)/float64(rounds), next, median(ratios))
}

// measureMaking makes rows in turns.
func (s *settings) measureMaking(subjects []subject, sources []string) error {
	const turns, each = 5, 500
	took := make([][]time.Duration, len(subjects))
	cpus := make([]time.Duration, len(subjects))
	made := s.rows
	for range turns {
		for j, of := range subjects {
			one, cpu, err := makeRows(of, sources[j], made, each, s.clients)
			if err != nil {
				return err
			}
			took[j] = append(took[j], one)
			cpus[j] += cpu
		}
		made += each
	}
	for j, of := range subjects {
		fmt.Printf("%s: rows made by %d clients: %.0f a second at the median, %v of processor time each\n",
			of.name(), s.clients, 1/median(took[j]).Seconds(), cpus[j]/turns)
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func median[T time.Duration | float64](list []T) T {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}
