package api

import (
	"net/url"
	"sync"

	"octavo/internal/core"
	"octavo/internal/notion"
	"octavo/internal/version"
)

// maxAnswers is how much memory remembered answers may take, in bytes.
const maxAnswers = 8 << 20

// answers remembers what was answered to requests that only read. An answer is good as
// long as its workspace is at the revision it was read at: every write, whoever makes it,
// takes the next revision before it is acknowledged. Nobody is therefore ever told what
// was true before a write they know of.
//
// It works only where this process is the one that writes to the database; where others
// do, asking for the revision would cost what it saves.
type answers struct {
	mu sync.Mutex
	// young fills up to half of maxAnswers, then becomes old and takes old's place: what is
	// asked for again survives, the rest goes.
	young, old map[question]remembered
	size       int
}

// question is a request that only reads, as far as its answer depends on it. It names who
// asks by what was known of them then, not by their integration: when an integration
// loses a share or a capability, it is someone else from then on, and an answer that was
// still being made for who it was before must not be given to who it is now.
type question struct {
	principal   *core.Principal
	version     version.Version
	path, query string
}

type remembered struct {
	revision int64
	body     notion.Raw
}

func ask(p *core.Principal, v version.Version, u *url.URL) question {
	return question{p, v, u.EscapedPath(), u.RawQuery}
}

// get returns the answer to q at a revision, nil when it is not known.
func (a *answers) get(q question, revision int64) notion.Raw {
	a.mu.Lock()
	defer a.mu.Unlock()
	r, young := a.young[q]
	if !young {
		r = a.old[q]
	}
	if r.body == nil || r.revision != revision {
		return nil
	}
	if !young {
		a.keep(q, r)
	}
	return r.body
}

// put remembers the answer to q, which was read at a revision or later.
func (a *answers) put(q question, revision int64, body notion.Raw) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.keep(q, remembered{revision, body})
}

func (a *answers) keep(q question, r remembered) {
	const overhead = 200 // of a map entry, about
	size := len(r.body) + len(q.path) + len(q.query) + overhead
	if size > maxAnswers/8 {
		return
	}
	if a.size += size; a.young == nil || a.size > maxAnswers/2 {
		a.young, a.old, a.size = map[question]remembered{}, a.young, size
	}
	a.young[q] = r
}
