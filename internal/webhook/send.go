package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"octavo/internal/clock"
	"octavo/internal/outbound"
)

// The bounds of one request to a receiver. What the hosted API allows is not published.
const (
	sendTimeout = 10 * time.Second
	maxAnswer   = 64 << 10 // bytes of an answer that are read, so that the connection can be used again
)

// Sender sends single requests to receivers.
type Sender struct {
	clock   clock.Clock
	client  *http.Client
	version string
}

// NewSender returns a sender that reaches what the policy lets it. Version is the server's,
// for the User-Agent.
func NewSender(c clock.Clock, policy outbound.Policy, version string) *Sender {
	return &Sender{clock: c, version: version, client: &http.Client{
		Transport: policy.Transport(),
		// A receiver that has moved has to say so to the administrator.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Outcome is what came of a request.
type Outcome struct {
	// Time is when the request was sent, and Took how long it took.
	Time time.Time
	Took time.Duration
	// Status is the status of the answer, 0 when there was none.
	Status int
	// Err says in words for the administrator why the receiver has not taken the event, ""
	// when it has.
	Err string
}

// OK reports whether the receiver has taken it.
func (o Outcome) OK() bool { return o.Err == "" }

// Send posts a body, signed with the token. It reports false when ctx ended first, so that
// nothing is known of the outcome.
func (s *Sender) Send(ctx context.Context, to, token string, body []byte) (Outcome, bool) {
	o := Outcome{Time: s.clock.Now()}
	bound, cancel := s.clock.WithTimeout(ctx, sendTimeout)
	defer cancel()
	var err error
	o.Status, err = s.post(bound, to, token, body)
	o.Took = s.clock.Now().Sub(o.Time)
	switch {
	case ctx.Err() != nil:
		return o, false
	case errors.Is(err, outbound.ErrForbidden):
		o.Err = "The address of the receiver is not a public one."
	case err != nil && bound.Err() != nil:
		o.Err = fmt.Sprintf("No answer within %s.", sendTimeout)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		o.Err = "The receiver broke the connection off."
	case err != nil:
		o.Err = "The receiver was not reached: " + short(err.Error())
	case o.Status >= 300 && o.Status < 400:
		o.Err = fmt.Sprintf("The receiver answered with a redirect (%d), which is not followed.", o.Status)
	case o.Status < 200 || o.Status >= 300:
		o.Err = fmt.Sprintf("The receiver answered %d.", o.Status)
	}
	return o, true
}

func (s *Sender) post(ctx context.Context, to, token string, body []byte) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Octavo/"+s.version)
	r.Header.Set(SignatureHeader, Sign(body, token))
	resp, err := s.client.Do(r)
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err // the administrator knows the URL
	}
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	// Only the status counts; what is read makes the connection free again.
	_, _ = io.CopyN(io.Discard, resp.Body, maxAnswer)
	return resp.StatusCode, nil
}

// Close drops connections that are not in use.
func (s *Sender) Close() { s.client.CloseIdleConnections() }

// short cuts a text that may hold what a receiver has sent.
func short(text string) string {
	const most = 300
	if len(text) > most {
		text = text[:most] + "…"
	}
	return strings.ToValidUTF8(text, "�")
}
