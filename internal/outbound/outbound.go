// Package outbound makes requests to addresses that clients and administrators chose, such
// as the targets of webhooks and the sources of imported files, without letting them reach
// what only this machine or its network may (services.md §3.6).
//
// A name is checked where it counts: when a connection is made, against the address it was
// resolved to, so that neither a redirect nor a name that changes its address gets around
// the check. Proxies of the environment are not used, since they would resolve for us.
package outbound

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// ErrForbidden is what an address that may not be reached is refused with.
var ErrForbidden = errors.New("outbound: the address is not a public one")

// Policy says what may be reached. The zero value is every public address, over https.
type Policy struct {
	// Allowed are networks that may be reached although they are not public. Plain http is
	// taken to them alone.
	Allowed []netip.Prefix
}

// loopback is what the word loopback stands for in [ParseNetworks].
var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// ParsePolicy reads a list of networks to allow ([ParseNetworks]).
func ParsePolicy(networks []string) (Policy, error) {
	allowed, err := ParseNetworks(networks)
	return Policy{Allowed: allowed}, err
}

// ParseNetworks reads a list of networks such as 10.0.0.0/8; the word loopback is this machine.
func ParseNetworks(texts []string) ([]netip.Prefix, error) {
	var networks []netip.Prefix
	for _, text := range texts {
		if text == "loopback" {
			networks = append(networks, loopback...)
			continue
		}
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("%q is neither loopback nor a network such as 10.0.0.0/8", text)
		}
		networks = append(networks, prefix.Masked())
	}
	return networks, nil
}

// CheckURL refuses what no request would be sent to: anything but https (or http, where
// networks are allowed), a URL without a host or with a password, and an address written in
// the URL that may not be reached. Names are only looked up when a connection is made.
func (p Policy) CheckURL(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.Opaque != "":
		return fmt.Errorf("%q is not an absolute URL", text)
	case u.User != nil:
		return errors.New("a URL with a user or password is not taken")
	case u.Scheme == "http" && len(p.Allowed) == 0, u.Scheme != "http" && u.Scheme != "https":
		return errors.New("only https URLs are taken")
	}
	addr, err := netip.ParseAddr(u.Hostname())
	if err != nil {
		if name := strings.TrimSuffix(strings.ToLower(u.Hostname()), "."); name == "localhost" || strings.HasSuffix(name, ".localhost") {
			addr, err = netip.AddrFrom4([4]byte{127, 0, 0, 1}), nil
		}
	}
	if err == nil && !p.reaches(addr, u.Scheme == "https") {
		return ErrForbidden
	}
	return nil
}

// reaches reports whether an address may be connected to.
func (p Policy) reaches(addr netip.Addr, secure bool) bool {
	addr = addr.Unmap().WithZone("")
	for _, prefix := range p.Allowed {
		if prefix.Contains(addr) {
			return true
		}
	}
	return secure && public(addr)
}

// special are the networks that are no part of the public internet, or lead out of it again
// by holding an address of another kind. What net/netip knows is not repeated.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // shared by the customers of a provider
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"),
	netip.MustParsePrefix("64:ff9b::/96"), // translated to IPv4
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), // Teredo and other tunnels
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), // 6to4
	netip.MustParsePrefix("3fff::/20"),
	netip.MustParsePrefix("5f00::/16"),
	netip.MustParsePrefix("fec0::/10"),
}

func public(addr netip.Addr) bool {
	if !addr.IsGlobalUnicast() || addr.IsPrivate() {
		return false
	}
	for _, prefix := range special {
		if prefix.Contains(addr) {
			return false
		}
	}
	return true
}

// Bounds of a connection.
const (
	dialTimeout   = 10 * time.Second
	idleTimeout   = 30 * time.Second
	maxIdle       = 16
	maxIdleByHost = 8
	maxHeader     = 64 << 10 // bytes
)

// Transport returns a round tripper that connects only where the policy lets it. What
// bounds a request as a whole, its redirects and its body is the caller's.
func (p Policy) Transport() http.RoundTripper {
	return guarded{plain: p.transport(false), secure: p.transport(true)}
}

func (p Policy) transport(secure bool) *http.Transport {
	dialer := net.Dialer{
		Timeout: dialTimeout,
		ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil || !p.reaches(to.Addr(), secure) {
				return ErrForbidden
			}
			return nil
		},
	}
	return &http.Transport{
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    dialTimeout,
		IdleConnTimeout:        idleTimeout,
		MaxIdleConns:           maxIdle,
		MaxIdleConnsPerHost:    maxIdleByHost,
		MaxResponseHeaderBytes: maxHeader,
		DisableCompression:     true, // a small answer must not become a large one
	}
}

// guarded sends plain requests and those over TLS by connections with rules of their own.
type guarded struct{ plain, secure *http.Transport }

// RoundTrip implements [http.RoundTripper].
func (g guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	switch r.URL.Scheme {
	case "https":
		return g.secure.RoundTrip(r)
	case "http":
		return g.plain.RoundTrip(r)
	}
	return nil, ErrForbidden
}

// CloseIdleConnections lets [http.Client.CloseIdleConnections] reach both transports.
func (g guarded) CloseIdleConnections() {
	g.plain.CloseIdleConnections()
	g.secure.CloseIdleConnections()
}
