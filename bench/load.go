package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// client is one connection that is kept alive. It does as little as a client can, since
// what it does is taken from the server on the same cores, and blurs the ratios.
type client struct {
	conn net.Conn
	r    *bufio.Reader
	body []byte
}

func dial(address string) (*client, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, r: bufio.NewReaderSize(conn, 64<<10)}, nil
}

// do sends a request and reads its whole answer. Anything but 200 is an error. The body is
// valid until the next call.
func (c *client) do(request []byte) ([]byte, error) {
	if _, err := c.conn.Write(request); err != nil {
		return nil, err
	}
	status, length, err := c.head()
	if err != nil {
		return nil, err
	}
	c.body = c.body[:0]
	if length == chunked {
		err = c.readChunks()
	} else {
		err = c.read(length)
	}
	if err != nil {
		return nil, err
	}
	if status != http.StatusOK {
		return nil, fmt.Errorf("status %d: %s", status, c.body)
	}
	return c.body, nil
}

// read appends the next bytes of the answer to the body.
func (c *client) read(length int) error {
	start := len(c.body)
	c.body = slices.Grow(c.body, length)[:start+length]
	_, err := io.ReadFull(c.r, c.body[start:])
	return err
}

// readChunks reads a body whose length was not known beforehand: a compressed one.
func (c *client) readChunks() error {
	for {
		line, err := c.line()
		if err != nil {
			return err
		}
		size, err := strconv.ParseUint(string(line), 16, 31)
		if err != nil {
			return err
		}
		if err := c.read(int(size)); err != nil {
			return err
		}
		if line, err = c.line(); err != nil {
			return err
		}
		if len(line) > 0 {
			return fmt.Errorf("%q after a chunk", line)
		}
		if size == 0 {
			return nil
		}
	}
}

// line reads a line without its end.
func (c *client) line() ([]byte, error) {
	line, err := c.r.ReadSlice('\n')
	return bytes.TrimRight(line, "\r\n"), err
}

// chunked is the length of a body that comes in chunks.
const chunked = -1

var contentLength, inChunks = []byte("Content-Length: "), []byte("Transfer-Encoding: chunked")

// head reads the status line and the headers.
func (c *client) head() (status, length int, err error) {
	line, err := c.line()
	if err != nil {
		return 0, 0, err
	}
	fields := bytes.Fields(line)
	if len(fields) < 2 {
		return 0, 0, fmt.Errorf("malformed status line %q", line)
	}
	if status, err = strconv.Atoi(string(fields[1])); err != nil {
		return 0, 0, err
	}
	known := false
	for {
		if line, err = c.line(); err != nil {
			return 0, 0, err
		}
		if len(line) == 0 {
			break
		}
		if bytes.Equal(line, inChunks) {
			length, known = chunked, true
		} else if value, ok := bytes.CutPrefix(line, contentLength); ok {
			known = true
			if length, err = strconv.Atoi(string(value)); err != nil || length < 0 {
				return 0, 0, fmt.Errorf("malformed header %q", line)
			}
		}
	}
	if !known {
		return 0, 0, errors.New("an answer that does not say where it ends")
	}
	return status, length, nil
}

// sample is what one measurement of one round found.
type sample struct {
	perSecond float64
	p50, p99  time.Duration
	// cpu is the processor time of the server for one request, 0 when it is not known.
	cpu time.Duration
}

// warmUp is the part of a measurement that is not counted, at its beginning.
const warmUp = 0.1

// loadServer is load with the processor time that the server takes.
func loadServer(to *server, clients int, duration time.Duration, requests [][]byte) (sample, error) {
	before := to.processor()
	found, err := load(to.address, clients, duration, requests)
	if err == nil {
		// The rate leaves out the beginning, the processor time does not.
		found.cpu = time.Duration(float64(to.processor()-before) / (found.perSecond * duration.Seconds()))
	}
	return found, err
}

// load sends requests from a number of clients, each as soon as it has the answer to the
// one before, and in turns those of the list.
func load(address string, clients int, duration time.Duration, requests [][]byte) (sample, error) {
	conns := make([]*client, clients)
	for i := range conns {
		c, err := dial(address)
		if err != nil {
			return sample{}, err
		}
		defer c.conn.Close()
		conns[i] = c
	}
	begin := time.Now()
	from, until := begin.Add(time.Duration(warmUp*float64(duration))), begin.Add(duration)
	took := make([][]time.Duration, clients)
	failed := make([]error, clients)
	var running sync.WaitGroup
	for i, c := range conns {
		running.Go(func() {
			for n := i * len(requests) / clients; ; n++ {
				start := time.Now()
				if start.After(until) {
					return
				}
				if _, err := c.do(requests[n%len(requests)]); err != nil {
					failed[i] = err
					return
				}
				if end := time.Now(); start.After(from) {
					took[i] = append(took[i], end.Sub(start))
				}
			}
		})
	}
	running.Wait()
	elapsed := time.Since(from)
	if err := errors.Join(failed...); err != nil {
		return sample{}, err
	}
	return sampled(slices.Concat(took...), elapsed)
}

// sampled sums up the times of requests that were answered within elapsed.
func sampled(took []time.Duration, elapsed time.Duration) (sample, error) {
	if len(took) == 0 {
		return sample{}, errors.New("nothing was answered in time; give it a longer -duration")
	}
	slices.Sort(took)
	return sample{
		perSecond: float64(len(took)) / elapsed.Seconds(),
		p50:       quantile(took, 0.50),
		p99:       quantile(took, 0.99),
	}, nil
}

// quantile returns the value that a share of the sorted list does not exceed.
func quantile[T any](sorted []T, share float64) T {
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

func median(list []float64) float64 {
	sorted := slices.Sorted(slices.Values(list))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
