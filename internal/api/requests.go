package api

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/faults"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
)

const (
	// keptBody is the largest body that the request log keeps, in bytes, and keptTarget the
	// longest path with its query.
	keptBody   = 16 << 10
	keptTarget = 2000
)

// RequestLog remembers the latest requests of the API, in memory only, for those who run the
// server. It is safe for concurrent use; a nil one remembers nothing.
type RequestLog struct {
	size int

	mu   sync.Mutex
	ring []Request // of size once it is full
	last uint64
}

// NewRequestLog returns a log of the latest requests, nil for none of them.
func NewRequestLog(size int) *RequestLog {
	if size <= 0 {
		return nil
	}
	return &RequestLog{size: size}
}

// Request is a request of the API and what came of it.
type Request struct {
	// Number counts the requests since the server began.
	Number uint64
	ID     notion.ID
	Time   time.Time
	// Took is from the first byte of the request to the last of the answer.
	Took   time.Duration
	Method string
	// Target is the path and the query, as sent.
	Target string
	// Route is the path of the operation, "" when there is none.
	Route string
	// Version is the Notion-Version header, as sent.
	Version string
	Status  int
	// Bytes is how large the answer was.
	Bytes int
	// Code and Message are those of the error, "" when there was none.
	Code    apierr.Code
	Message string
	// Workspace and Integration are zero when the token was none.
	Workspace, Integration notion.ID
	// Fault is the fault that the client asked for.
	Fault string
	// Client says that the operation takes the id and secret of a client in place of a token.
	Client bool
	// Form says that the body was a form with a file, of which nothing is kept.
	Form bool
	// Body is what was sent, nil when it is not kept, and BodyBytes how much that was.
	Body      []byte
	BodyBytes int
}

// add remembers the request of an exchange that is over.
func (l *RequestLog) add(x *exchange, r *http.Request, took time.Duration) {
	if l == nil {
		return
	}
	q := Request{
		ID: x.id, Time: x.start, Took: took, Method: cut(r.Method, 20), Target: cut(target(r), keptTarget),
		Version: cut(r.Header.Get("Notion-Version"), 40),
		Status:  x.status, Bytes: x.bytes, Fault: cut(r.Header.Get(faults.Header), 200), Body: x.sent, BodyBytes: len(x.sent),
	}
	if len(x.sent) > keptBody {
		q.Body = nil
	}
	if x.route != nil && x.route.open {
		q.Body = nil // it holds a code or a token
	}
	if x.route != nil {
		q.Route, q.Form, q.Client = x.route.path, x.route.form, x.route.open
	}
	if x.principal != nil {
		q.Workspace, q.Integration = x.principal.Workspace, x.principal.Integration
	}
	if x.err != nil {
		q.Code, q.Message = x.err.Code, x.err.Message
	}
	l.push(q)
}

// target is what was asked for, without the server when that was named too.
func target(r *http.Request) string {
	if strings.HasPrefix(r.RequestURI, "/") {
		return r.RequestURI
	}
	return r.URL.RequestURI()
}

// push remembers a request in place of the oldest.
func (l *RequestLog) push(q Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	q.Number = l.last
	if len(l.ring) < l.size {
		l.ring = append(l.ring, q)
		return
	}
	l.ring[(l.last-1)%uint64(l.size)] = q
}

// RequestFilter says which requests are asked for. The zero value of a field leaves nothing
// out.
type RequestFilter struct {
	Workspace, Integration notion.ID
	Method, Route, Code    string
	Status                 int
	// Before is the number of a request: only older ones are read.
	Before uint64
}

func (f *RequestFilter) passes(q *Request) bool {
	return (f.Before == 0 || q.Number < f.Before) &&
		(f.Workspace.IsZero() || q.Workspace == f.Workspace) &&
		(f.Integration.IsZero() || q.Integration == f.Integration) &&
		(f.Method == "" || strings.EqualFold(q.Method, f.Method)) &&
		(f.Route == "" || q.Route == f.Route) &&
		(f.Code == "" || string(q.Code) == f.Code) &&
		(f.Status == 0 || q.Status == f.Status)
}

// Latest returns up to limit requests, the newest first.
func (l *RequestLog) Latest(f RequestFilter, limit int) []Request {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []Request
	for n, number := 0, l.last; n < len(l.ring) && len(found) < limit; n, number = n+1, number-1 {
		if q := &l.ring[(number-1)%uint64(l.size)]; f.passes(q) {
			found = append(found, *q)
		}
	}
	return found
}

// Find returns a request by its id, and reports whether it is remembered.
func (l *RequestLog) Find(id notion.ID) (Request, bool) {
	if l == nil {
		return Request{}, false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.ring {
		if l.ring[i].ID == id {
			return l.ring[i], true
		}
	}
	return Request{}, false
}

// Shown is a request as those see it who run the server.
type Shown struct {
	Request
	// Sent is the body, undefined when it is not kept or was no JSON.
	Sent jsonx.Value
}

// Show returns a request without tokens and, unless it is to be whole, without what people
// wrote.
func (q Request) Show(whole bool) Shown {
	s := Shown{Request: q}
	s.Body, s.Fault, s.Version = nil, WithoutSecrets(q.Fault), WithoutSecrets(q.Version)
	body, err := jsonx.Parse(q.Body)
	readable := q.Body != nil && err == nil
	r := redactor{whole: whole}
	s.Target = r.target(q.Route != "", q.Target)
	if readable {
		s.Sent = r.value("", body)
	}
	s.Message = r.message(q.Message)
	if q.BodyBytes > 0 && !readable && !whole {
		s.Message = "" // it may show what cannot be looked up
	}
	return s
}

// Curl is a command that makes the request again with the token in OCTAVO_TOKEN, or the id and
// secret of a client, with a colon between them, in OCTAVO_CLIENT; base is the
// URL of the server. It is "" when what was sent is not kept.
func (s Shown) Curl(base string) string {
	if s.BodyBytes > 0 && !s.Sent.Defined() {
		return ""
	}
	words := []string{"curl -g --path-as-is"}
	if s.Method != http.MethodGet {
		words = append(words, "-X "+quoted(s.Method))
	}
	words = append(words, quoted(base+s.Target))
	if s.Client {
		words = append(words, `-u "$OCTAVO_CLIENT"`)
	} else {
		words = append(words, `-H "Authorization: Bearer $OCTAVO_TOKEN"`)
	}
	if s.Version != "" {
		words = append(words, "-H "+quoted("Notion-Version: "+s.Version))
	}
	if s.Fault != "" {
		words = append(words, "-H "+quoted(faults.Header+": "+s.Fault))
	}
	switch {
	case s.Form:
		words = append(words, "-F 'file=@FILE'")
	case s.Sent.Defined():
		words = append(words, "-H 'Content-Type: application/json'", "--data-raw "+quoted(s.Sent.String()))
	}
	return strings.Join(words, " ")
}

// quoted is a word of a shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
