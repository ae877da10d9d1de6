// Package faults makes the API fail on demand, so that people can test how their
// clients take every error: by a header on one request, or by rules that match many.
//
// Nothing here has any effect unless the server was started with fault injection on; a
// server without it has no [Set].
package faults

import (
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"octavo/internal/apierr"
	"octavo/internal/clock"
	"octavo/internal/jsonx"
	"octavo/internal/notion"
	"octavo/internal/ratelimit"
)

// Header is the request header that asks for a fault.
const Header = "Octavo-Fault"

// Plan is what is to go wrong with one request.
type Plan struct {
	// Err is the answer in place of the real one; nil leaves the answer as it is.
	Err *apierr.Error
	// Latency passes before the request is carried out.
	Latency time.Duration
	// Cut is where the connection drops.
	Cut Cut
	// AfterCommit carries the request out, writes included, before Err is answered.
	AfterCommit bool
}

// Cut is where in an answer the connection drops.
type Cut uint8

// The places.
const (
	NoCut Cut = iota
	AfterHeaders
	MidBody
)

var cutNames = map[string]Cut{"after_headers": AfterHeaders, "mid_body": MidBody}

// String returns the name of the place as the header and the rules have it.
func (c Cut) String() string {
	for name, cut := range cutNames {
		if cut == c {
			return name
		}
	}
	return ""
}

// Fault says what goes wrong, as the header or a rule asks for it.
type Fault struct {
	// Code is the error to answer with; "" leaves the answer as it is.
	Code apierr.Code
	// Message takes the place of the code's documented message; "" keeps that.
	Message string
	// RetryAfter becomes the Retry-After header. Zero leaves it out, except that codes
	// which always have one ask for a second.
	RetryAfter  time.Duration
	Latency     time.Duration
	Cut         Cut
	AfterCommit bool
}

// plan builds what the API is to do. Every request gets an error of its own, since what
// answers may add to it.
func (f Fault) plan() *Plan {
	p := &Plan{Latency: f.Latency, Cut: f.Cut, AfterCommit: f.AfterCommit}
	if f.Code == "" {
		return p
	}
	p.Err = f.error()
	if f.Message != "" {
		p.Err.Message = f.Message
	}
	return p
}

// error gives the error the shape it has when its cause is real: a client must not be
// able to tell.
func (f Fault) error() *apierr.Error {
	switch {
	case f.Code == apierr.RateLimited:
		return ratelimit.Refusal(f.RetryAfter)
	case f.Code == apierr.ServiceUnavailable && f.AfterCommit:
		// contract.md §1.4: what the hosted API adds once the write is done.
		e := apierr.New(f.Code)
		e.Data = append(e.Data, jsonx.M("retry_guidance", jsonx.ArrayValue(
			jsonx.StringValue("Read the object again"), jsonx.StringValue("Do not repeat the write"))))
		e.RetryAfter = f.RetryAfter
		return e
	default:
		e := apierr.New(f.Code)
		e.RetryAfter = f.RetryAfter
		if f.Code == apierr.ServiceOverload {
			e.RetryAfter = max(time.Second, f.RetryAfter)
		}
		return e
	}
}

// Rule is a fault for every request that matches.
type Rule struct {
	// ID names the rule; [Set.Add] gives it one.
	ID notion.ID
	// Method is the HTTP method to match, "" any.
	Method string
	// Path is the pattern to match, "" any: a path such as /v1/pages/{page_id}, in which
	// a segment in braces or * matches any one segment, and a closing * all that follow.
	Path string
	// Token matches one token, the zero value any.
	Token TokenMatch
	// Integration matches the tokens of one integration, the zero ID any.
	Integration notion.ID

	Fault

	// Nth lets only every nth matching request fail; 0 and 1 mean every one.
	Nth int
	// Probability, between 0 and 1, lets matching requests fail by chance; 0 and 1 mean
	// always. The same Seed makes the same choices.
	Probability float64
	Seed        uint64
	// Count is how many requests fail before the rule is spent; 0 means no end.
	Count int
}

// Status is a rule and what it has done so far.
type Status struct {
	Rule
	// Matched counts the requests that fitted the rule, Applied those that it failed.
	Matched, Applied int
}

// Spent reports whether the rule has failed all the requests it was to fail.
func (s Status) Spent() bool { return s.Count > 0 && s.Applied >= s.Count }

// Set is the rules in force. A nil Set is fault injection switched off: it matches
// nothing and ignores the header. A Set is safe for concurrent use.
type Set struct {
	clock clock.Clock
	ids   clock.IDs

	// size lets requests pass without the lock while there are no rules.
	size  atomic.Int64
	mu    sync.Mutex
	rules []*rule
}

type rule struct {
	Status
	pattern []string
	random  *rand.Rand
}

// New returns a set without rules.
func New(c clock.Clock, ids clock.IDs) *Set { return &Set{clock: c, ids: ids} }

// maxRules bounds the work a request has with rules.
const maxRules = 1000

// Add puts a rule behind those in force and returns it with its id. A rule that cannot
// be is a validation_error.
func (s *Set) Add(r Rule) (Status, error) {
	if err := r.check(); err != nil {
		return Status{}, err
	}
	added := &rule{Status: Status{Rule: r}, pattern: segments(r.Path), random: rand.New(rand.NewPCG(r.Seed, 0))}
	added.ID = s.ids.New(s.clock.Now())
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rules) >= maxRules {
		return Status{}, invalid("There are %d fault rules already, the most there can be.", maxRules)
	}
	s.rules = append(s.rules, added)
	s.size.Store(int64(len(s.rules)))
	return added.Status, nil
}

// List returns the rules in the order they were added, spent ones included.
func (s *Set) List() []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.list()
}

func (s *Set) list() []Status {
	list := make([]Status, len(s.rules))
	for i, r := range s.rules {
		list[i] = r.Status
	}
	return list
}

// Delete removes a rule and returns it. Removing one that is not there is
// object_not_found.
func (s *Set) Delete(id notion.ID) (Status, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, r := range s.rules {
		if r.ID == id {
			s.rules = append(s.rules[:i], s.rules[i+1:]...)
			s.size.Store(int64(len(s.rules)))
			return r.Status, nil
		}
	}
	return Status{}, apierr.Errorf(apierr.ObjectNotFound, "Could not find fault with ID: %s.", id)
}

// Reset removes every rule and returns what there was.
func (s *Set) Reset() []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	removed := s.list()
	s.rules = nil
	s.size.Store(0)
	return removed
}

// Match returns what is to go wrong with a request made with a token of the
// integration, nil for nothing. The header goes before the rules, and of the rules the
// first that fits and whose turn it is. A malformed header is a validation_error.
func (s *Set) Match(r *http.Request, integration notion.ID) (*Plan, error) {
	if s == nil {
		return nil, nil
	}
	if values, given := r.Header[Header]; given {
		f, err := ParseHeader(values)
		if err != nil {
			return nil, err
		}
		return f.plan(), nil
	}
	if s.size.Load() == 0 {
		return nil, nil
	}
	q := request{method: r.Method, path: segments(r.URL.Path), integration: integration, header: r.Header}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, rule := range s.rules {
		if !rule.Spent() && rule.fits(&q) && rule.turn() {
			rule.Applied++
			return rule.plan(), nil
		}
	}
	return nil, nil
}

// request is what rules look at.
type request struct {
	method      string
	path        []string
	integration notion.ID
	header      http.Header
}

func (r *rule) fits(q *request) bool {
	return (r.Method == "" || r.Method == q.method) &&
		(r.Integration.IsZero() || r.Integration == q.integration) &&
		(r.Path == "" || fitsPath(r.pattern, q.path)) &&
		r.Token.matches(q.header)
}

// turn counts a request that fits and reports whether it is one of those that fail.
func (r *rule) turn() bool {
	r.Matched++
	if r.Nth > 1 && r.Matched%r.Nth != 0 {
		return false
	}
	return r.Probability == 0 || r.random.Float64() < r.Probability
}

func segments(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }

func fitsPath(pattern, path []string) bool {
	for i, p := range pattern {
		if p == "*" && i == len(pattern)-1 {
			return true
		}
		if i >= len(path) || p != path[i] && !isWild(p) {
			return false
		}
	}
	return len(pattern) == len(path)
}

func isWild(segment string) bool {
	return segment == "*" || strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}")
}
