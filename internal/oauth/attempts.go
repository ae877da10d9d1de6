package oauth

import (
	"crypto/sha256"
	"net"
	"net/netip"
	"sync"
	"time"

	"octavo/internal/clock"
	"octavo/internal/ratelimit"
)

// How many passwords may be wrong in a window: from one address for one e-mail, and for one
// e-mail or from one address at all. The second bound is higher, so that whoever only knows
// somebody's e-mail has to work to lock them out.
const (
	attemptWindow = 15 * time.Minute
	pairAttempts  = 10
	soleAttempts  = 100
)

// attempts counts passwords that are tried, in this process. It is safe for concurrent use.
type attempts struct {
	clock clock.Clock

	mu    sync.Mutex
	tried *ratelimit.Tallies[attemptKey]
}

// attemptKey is a hash, so that what was tried is not kept.
type attemptKey [sha256.Size]byte

func newAttempts(c clock.Clock) *attempts {
	return &attempts{clock: c, tried: ratelimit.NewTallies[attemptKey](attemptWindow)}
}

// attempt is one password that is being tried.
type attempt struct {
	of   *attempts
	keys [3]attemptKey
}

// begin counts an attempt before its password is looked at, so that many at once count too.
// When there have been too many it returns how long to wait, and counts nothing.
func (a *attempts) begin(email, remote string) (attempt, time.Duration) {
	address := network(remote)
	try := attempt{a, [3]attemptKey{
		sha256.Sum256([]byte("pair\x00" + address + "\x00" + email)), sha256.Sum256([]byte("email\x00" + email)), sha256.Sum256([]byte("address\x00" + address)),
	}}
	now := a.clock.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	var wait time.Duration
	for i, key := range try.keys {
		most := soleAttempts
		if i == 0 {
			most = pairAttempts
		}
		wait = max(wait, a.tried.Left(key, most, now))
	}
	if wait > 0 {
		return attempt{}, wait
	}
	for _, key := range try.keys {
		a.tried.Add(key, now)
	}
	return try, 0
}

// succeed takes the attempt back: its password was right.
func (try attempt) succeed() {
	try.of.mu.Lock()
	defer try.of.mu.Unlock()
	for _, key := range try.keys {
		try.of.tried.TakeBack(key)
	}
}

// network is the address of a client without its port. Of IPv6 addresses it is the half that
// a client cannot choose.
func network(remote string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.Unmap().Is4() {
		return host
	}
	prefix, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return host
	}
	return prefix.String()
}
