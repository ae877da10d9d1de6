package core

import (
	"context"
	"sync"

	"octavo/internal/notion"
)

// textQueue lets the writers of one page by text take turns, so that each plans from what the
// one before has left. The writer of the workspace is free while they plan.
type textQueue struct {
	mu    sync.Mutex
	pages map[pageRef]*textTurn
}

// pageRef names a page.
type pageRef struct{ workspace, page notion.ID }

// textTurn is whose turn it is on one page.
type textTurn struct {
	taken chan struct{} // holds one while it is somebody's
	users int           // who has it, and who waits for it
}

// take waits for the turn on a page and returns what gives it back. The error is that of ctx.
func (q *textQueue) take(ctx context.Context, page pageRef) (leave func(), err error) {
	turn := q.enter(page)
	select {
	case turn.taken <- struct{}{}:
		return func() {
			<-turn.taken
			q.exit(page, turn)
		}, nil
	case <-ctx.Done():
		q.exit(page, turn)
		return nil, ctx.Err()
	}
}

// busy reports whether somebody has the turn on a page.
func (q *textQueue) busy(page pageRef) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.pages[page] != nil
}

func (q *textQueue) enter(page pageRef) *textTurn {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.pages == nil {
		q.pages = map[pageRef]*textTurn{}
	}
	turn := q.pages[page]
	if turn == nil {
		turn = &textTurn{taken: make(chan struct{}, 1)}
		q.pages[page] = turn
	}
	turn.users++
	return turn
}

func (q *textQueue) exit(page pageRef, turn *textTurn) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if turn.users--; turn.users == 0 {
		delete(q.pages, page)
	}
}
