package main

import (
	"bufio"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"
)

// of collects one figure of each sample.
func of(list []sample, figure func(sample) float64) []float64 {
	out := make([]float64, len(list))
	for i, s := range list {
		out[i] = figure(s)
	}
	return out
}

func perSecond(s sample) float64 { return s.perSecond }
func p50(s sample) float64       { return float64(s.p50) / float64(time.Millisecond) }
func p99(s sample) float64       { return float64(s.p99) / float64(time.Millisecond) }
func cpu(s sample) float64       { return float64(s.cpu) / float64(time.Microsecond) }

// ratio is the median over the rounds of one rate by the other of the same round.
func ratio(own, other []sample, times float64) float64 {
	list := make([]float64, len(own))
	for i := range own {
		list[i] = own[i].perSecond / (other[i].perSecond * times)
	}
	return median(list)
}

// print writes the report as Markdown.
func (r *report) print(out io.Writer) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, "%d rounds of %v each; %s, %s/%s, %d cores.\n\n",
		r.settings.rounds, r.settings.duration, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	fmt.Fprintln(w, "| measured | clients | requests/s | p50 ms | p99 ms | CPU µs | of hello | of raw commits | of fsync × clients |")
	fmt.Fprintln(w, "|---|--:|--:|--:|--:|--:|--:|--:|--:|")
	for _, m := range r.series {
		fmt.Fprintf(w, "| %s | %d | %.0f | %.3f | %.3f | %.0f | %.1f %% |", m.name, m.clients,
			median(of(m.own, perSecond)), median(of(m.own, p50)), median(of(m.own, p99)), median(of(m.own, cpu)), 100*ratio(m.own, m.hello, 1))
		if m.rows == 0 {
			fmt.Fprint(w, " | |\n")
			continue
		}
		fmt.Fprintf(w, " %.0f %% | %.0f %% |\n", 100*ratio(m.own, m.alone, 1), 100*ratio(m.own, m.syncs, float64(m.clients)))
	}
	r.printCompared(w)
	r.printProcess(w)
	return w.Flush()
}

// printCompared writes what the ratios are ratios to.
func (r *report) printCompared(w io.Writer) {
	fmt.Fprint(w, "\n| compared with | requests/s | p50 ms | p99 ms | CPU µs |\n|---|--:|--:|--:|--:|\n")
	line := func(name string, list []sample) {
		if len(list) > 0 {
			used := ""
			if each := median(of(list, cpu)); each > 0 {
				used = fmt.Sprintf("%.0f", each)
			}
			fmt.Fprintf(w, "| %s | %.0f | %.3f | %.3f | %s |\n", name,
				median(of(list, perSecond)), median(of(list, p50)), median(of(list, p99)), used)
		}
	}
	for _, n := range clientCounts {
		line(fmt.Sprintf("hello, clients: %d", n), r.gather(func(m *series) []sample {
			if m.clients != n {
				return nil
			}
			return m.hello
		}))
	}
	for _, rows := range []int{1, many} {
		line(fmt.Sprintf("SQLite alone, rows in a commit: %d", rows), r.gather(func(m *series) []sample {
			if m.rows != rows {
				return nil
			}
			return m.alone
		}))
	}
	line("4 KB write and fsync", r.gather(func(m *series) []sample { return m.syncs }))
}

func (r *report) gather(pick func(*series) []sample) []sample {
	var all []sample
	for _, m := range r.series {
		all = append(all, pick(m)...)
	}
	return all
}

// printProcess writes the time to be ready and the memory.
func (r *report) printProcess(w io.Writer) {
	if len(r.ready) == 0 {
		return
	}
	fmt.Fprint(w, "\n| process | median | worst |\n|---|--:|--:|\n")
	slices.Sort(r.ready)
	fmt.Fprintf(w, "| ready, ms (%d starts) | %.1f | %.1f |\n", len(r.ready),
		milliseconds(quantile(r.ready, 0.5)), milliseconds(r.ready[len(r.ready)-1]))
	for _, m := range []struct {
		name string
		list []int64
	}{{"idle memory, MB", r.idle}, {"memory after all of the above, MB", r.used}} {
		if len(m.list) > 0 {
			slices.Sort(m.list)
			fmt.Fprintf(w, "| %s | %.1f | %.1f |\n", m.name, megabytes(quantile(m.list, 0.5)), megabytes(m.list[len(m.list)-1]))
		}
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
func megabytes(n int64) float64            { return float64(n) / 1e6 }
