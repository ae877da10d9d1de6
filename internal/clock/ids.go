package clock

import (
	"crypto/rand"
	"encoding/binary"
	"sync"
	"time"

	"octavo/internal/notion"
)

// IDs makes ids and secrets. Implementations are safe for concurrent use.
type IDs interface {
	// New returns an id for an object made at t: version nibble 8, and ordered by time
	// so that neighbours in time are neighbours in an index (contract.md §9).
	New(t time.Time) notion.ID
	// Request returns an id for a request: version nibble 4.
	Request() notion.ID
	// Secret fills b with bytes nobody can guess.
	Secret(b []byte)
}

// Random makes ids from the time and the machine's random source.
type Random struct{}

// New implements [IDs].
func (Random) New(t time.Time) notion.ID {
	var id notion.ID
	Random{}.Secret(id[6:])
	stamp(&id, t)
	return id
}

// Request implements [IDs].
func (Random) Request() notion.ID {
	var id notion.ID
	Random{}.Secret(id[:])
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

// Secret implements [IDs].
func (Random) Secret(b []byte) {
	// crypto/rand.Read never fails: it ends the process when the system has no randomness.
	_, _ = rand.Read(b)
}

// Sequence makes ids that count up from one, the same in every run. For tests and
// recorded conversations; its secrets can be guessed by anyone.
type Sequence struct {
	mu sync.Mutex
	n  uint64
}

// New implements [IDs].
func (s *Sequence) New(t time.Time) notion.ID {
	var id notion.ID
	binary.BigEndian.PutUint64(id[8:], s.next())
	stamp(&id, t)
	return id
}

// Request implements [IDs].
func (s *Sequence) Request() notion.ID {
	var id notion.ID
	binary.BigEndian.PutUint64(id[8:], s.next())
	id[6] = 0x40
	id[8] = 0x80
	return id
}

// Secret implements [IDs].
func (s *Sequence) Secret(b []byte) {
	clear(b)
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], s.next())
	copy(b[max(0, len(b)-8):], n[max(0, 8-len(b)):])
}

func (s *Sequence) next() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.n++
	return s.n
}

// Time returns when an id of [IDs.New] was made, to the millisecond.
func Time(id notion.ID) time.Time {
	return time.UnixMilli(int64(binary.BigEndian.Uint64(id[:8]) >> 16)).UTC()
}

// stamp writes the time and the version into an id whose other bits are filled. The
// third group reads 81xx, as for objects made through the hosted API.
func stamp(id *notion.ID, t time.Time) {
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(t.UnixMilli())<<16)
	copy(id[:6], ms[:6])
	id[6] = 0x81
	id[8] = id[8]&0x3f | 0x80
}
