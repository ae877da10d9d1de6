package files

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"

	"octavo/internal/clock"
)

// patience gives up on a store that stands still.
type patience struct {
	ctx    context.Context
	caller context.Context
	cancel context.CancelCauseFunc
	steps  atomic.Int64
}

// watch begins to wait for the store. The request runs in the context of the result, tells of
// its progress, and must end.
func (s *S3) watch(caller context.Context) *patience {
	p := &patience{caller: caller}
	p.ctx, p.cancel = context.WithCancelCause(caller)
	go p.run(s.clock)
	return p
}

// run ends the request once it has made no progress in the time it may stand still.
func (p *patience) run(c clock.Clock) {
	for before := int64(-1); p.ctx.Err() == nil; {
		if steps := p.steps.Load(); steps != before {
			before = steps
		} else {
			p.cancel(ErrTimeout)
			return
		}
		turn, cancel := c.WithTimeout(p.ctx, s3Patience)
		<-turn.Done()
		cancel()
	}
}

// progress notes that the request goes on.
func (p *patience) progress() { p.steps.Add(1) }

// end ends the request.
func (p *patience) end() { p.cancel(context.Canceled) }

// failure says in which way the request has failed.
func (p *patience) failure(err error) error {
	var network net.Error
	switch {
	case p.caller.Err() != nil:
		return p.caller.Err()
	case errors.Is(context.Cause(p.ctx), ErrTimeout), errors.As(err, &network) && network.Timeout():
		return fmt.Errorf("%w: %w", ErrTimeout, err)
	}
	return unavailable(err)
}
