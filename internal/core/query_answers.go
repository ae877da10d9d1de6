package core

import (
	lists "container/list"
	"crypto/sha256"
	"sync"
	"time"

	"octavo/internal/notion"
	"octavo/internal/query"
)

// maxQueryAnswers is how much memory the answers to queries may take, in bytes.
const maxQueryAnswers = 32 << 20

// queryAnswers remembers the answers to queries that compute, so that the next page, or the
// same query again, costs no more than showing the rows. An answer is good while its
// workspace is at the revision it was found at, whatever was written, as in
// docs/adr/0005. Those that have not been used for longest go first.
type queryAnswers struct {
	mu    sync.Mutex
	kept  map[asked]*lists.Element
	order lists.List // of *keptAnswer, what was used last at the front
	size  int
}

// asked is a query as far as its answer depends on it, but for the revision.
type asked struct {
	by                sight
	source            notion.ID
	inTrash, archived bool
	text              [sha256.Size]byte
	// minute is that of the time asked at, and before the one of the moment before it, for
	// queries whose answers change with time: at the beginning of a minute or right after.
	minute, before int64
}

// sight is what was known of who asks, as far as it matters to what they see. It is another
// one after a change to what they may see: an answer that was still being found for who they
// were before is not theirs. The shares of single pages are the workspace's, and go with its
// revision.
type sight struct {
	workspace, integration, owner notion.ID
	kind                          IntegrationKind
	caps                          Capability
	everything                    bool
	zone                          string
}

func sightOf(p *Principal) sight {
	return sight{p.Workspace, p.Integration, p.Owner, p.Kind, p.Caps, p.Everything, p.Zone.String()}
}

// at tells the minutes of a time.
func (a *asked) at(now time.Time) {
	a.minute = now.Truncate(time.Minute).Unix()
	a.before = now.Add(-time.Microsecond).Truncate(time.Minute).Unix()
}

type keptAnswer struct {
	of       asked
	revision int64
	answer   *query.Answer
	size     int
}

// get returns the answer to a query at a revision, one of which nothing is known if need be.
// Whoever asks the same meanwhile gets the same, and waits for what is being found.
func (a *queryAnswers) get(of asked, revision int64) *query.Answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	if e := a.kept[of]; e != nil {
		k := e.Value.(*keptAnswer)
		switch {
		case k.revision == revision:
			a.order.MoveToFront(e)
			return k.answer
		case k.revision > revision:
			return &query.Answer{} // somebody has read something newer
		}
		a.drop(e)
	}
	if a.kept == nil {
		a.kept = map[asked]*lists.Element{}
	}
	k := &keptAnswer{of: of, revision: revision, answer: &query.Answer{}}
	a.kept[of] = a.order.PushFront(k)
	return k.answer
}

// grown takes note of what an answer takes after more of it has been found.
func (a *queryAnswers) grown(of asked, answer *query.Answer) {
	size := answer.Size()
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.kept[of]
	if e == nil || e.Value.(*keptAnswer).answer != answer {
		return
	}
	k := e.Value.(*keptAnswer)
	a.size += size - k.size
	k.size = size
	if size > maxQueryAnswers/2 {
		a.drop(e)
	}
	for a.size > maxQueryAnswers {
		a.drop(a.order.Back())
	}
}

func (a *queryAnswers) drop(e *lists.Element) {
	k := a.order.Remove(e).(*keptAnswer)
	delete(a.kept, k.of)
	a.size -= k.size
}
