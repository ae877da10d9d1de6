package api

import (
	"context"
	"crypto/sha1" //nolint:gosec // the etag of the hosted API is a sha1; nothing is secured by it
	"encoding/base64"
	"maps"
	"net/http"
	"strconv"
	"sync"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/clock"
	"octavo/internal/core"
	"octavo/internal/faults"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/version"
)

// exchange is one request and its answer: what is known of the client so far, and what
// has been written.
type exchange struct {
	http.ResponseWriter

	id        notion.ID
	start     time.Time
	route     *route
	principal *core.Principal
	version   version.Version
	fault     *faults.Plan
	sent      []byte // the body, when there is a request log

	// success is the status of an answer that is no error, 0 for 200.
	success int

	status int
	bytes  int
	err    *apierr.Error
}

// Unwrap lets [http.ResponseController] reach the connection.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// beforeFault carries out the part of an injected fault that comes before the request.
func (x *exchange) beforeFault(ctx context.Context, c clock.Clock) error {
	f := x.fault
	if f == nil {
		return nil
	}
	if f.Latency > 0 {
		select {
		case <-c.After(f.Latency):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	if f.Err != nil && !f.AfterCommit {
		return f.Err
	}
	return nil
}

// afterFault fails a request whose work has been done and committed.
func (x *exchange) afterFault(c *call, o notion.Object) error {
	if x.fault == nil || x.fault.Err == nil || !x.fault.AfterCommit {
		return nil
	}
	if x.fault.Err.Code == apierr.ServiceUnavailable {
		x.fault.Err.Data = append(x.fault.Err.Data, committed(c, o)...)
	}
	return x.fault.Err
}

// committed says what a request has made that its client will not be shown, as the hosted
// API does when it becomes unavailable so late (contract.md §1.4).
func committed(c *call, o notion.Object) []jsonx.Member {
	answer, err := jsonx.Parse(o.AppendJSON(nil))
	if err != nil {
		return nil
	}
	switch c.route.name {
	case "create_page":
		if c.status == http.StatusAccepted {
			return nil // a task, which will make the page
		}
		return []jsonx.Member{jsonx.M("committed_resource_id", answer.Get("id"))}
	case "append_block_children":
		results := answer.Get("results").Items()
		// The siblings that follow may be among the results.
		results = results[:min(len(results), len(c.body.Get("children").Items()))]
		var ids []jsonx.Value
		for _, r := range results {
			ids = append(ids, r.Get("id"))
		}
		return []jsonx.Member{jsonx.M("committed_child_ids", jsonx.ArrayValue(ids...))}
	}
	return nil
}

// lower gives the answer the shape of the client's version.
func (x *exchange) lower(a *API, c *call, o notion.Object) (notion.Object, error) {
	if x.version == version.Latest {
		return o, nil
	}
	body, err := lower(x.version, o, version.Response{
		Context: c.ctx, Operation: c.route.name, Target: c.ids["block_id"], Lookup: lookup{a.core, c.principal},
	})
	if err != nil {
		return nil, err
	}
	return lowered{body}, nil
}

// fail answers with an error. Nothing has been written yet.
func (x *exchange) fail(a *API, err error) {
	x.err = apierr.From(err)
	x.write(a, x.err.Status(), x.err)
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

// keepBuffer is the largest buffer worth keeping between answers, in bytes.
const keepBuffer = 1 << 20

// write sends the answer: the object with request_id as its last key (contract.md §1.2).
func (x *exchange) write(a *API, status int, o notion.Object) {
	pooled := buffers.Get().(*[]byte)
	body := o.AppendJSON((*pooled)[:0])
	body = body[:len(body)-1]
	if len(body) > 1 {
		body = append(body, ',')
	}
	body = append(body, `"request_id":"`...)
	body = x.id.Append(body)
	body = append(body, `"}`...)
	defer func() {
		if cap(body) <= keepBuffer {
			*pooled = body
			buffers.Put(pooled)
		}
	}()

	h := x.Header()
	maps.Copy(h, a.headers)
	h["X-Notion-Request-Id"] = []string{x.id.String()}
	h["Etag"] = []string{etag(body)}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	if e, ok := o.(*apierr.Error); ok && e.RetryAfter > 0 {
		seconds := (e.RetryAfter + time.Second - 1) / time.Second
		h["Retry-After"] = []string{strconv.Itoa(int(seconds))}
	}
	x.status = status
	if x.fault != nil && x.fault.Cut != faults.NoCut {
		x.cut(status, body)
	}
	x.WriteHeader(status)
	x.bytes, _ = x.Write(body) // an error means the client is gone
}

// cut sends part of the answer and drops the connection, as the fault asks. It writes past
// the compressing writer, which would hold back headers without a body.
func (x *exchange) cut(status int, body []byte) {
	w := x.ResponseWriter
	for {
		u, wraps := w.(interface{ Unwrap() http.ResponseWriter })
		if !wraps {
			break
		}
		w = u.Unwrap()
	}
	w.WriteHeader(status)
	if x.fault.Cut == faults.MidBody {
		x.bytes, _ = w.Write(body[:len(body)/2])
	}
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// etag is the weak etag of Express: the length in hex and a sha1 (contract.md §1.3).
func etag(body []byte) string {
	sum := sha1.Sum(body) //nolint:gosec // as above
	dst := make([]byte, 0, 48)
	dst = append(dst, `W/"`...)
	dst = strconv.AppendInt(dst, int64(len(body)), 16)
	dst = append(dst, '-')
	dst = base64.StdEncoding.AppendEncode(dst, sum[:])
	// A sha1 is 28 characters of base64, the last of them padding.
	dst = append(dst[:len(dst)-1], '"')
	return string(dst)
}
