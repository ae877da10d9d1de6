package octavo

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// behindProxies hands requests on as if they came from the client that the proxies in some
// networks say they come from. What anybody else says in X-Forwarded-For is not believed, since
// each proxy adds the address that it was connected from at the end.
func behindProxies(networks []netip.Prefix, next http.Handler) http.Handler {
	if len(networks) == 0 {
		return next
	}
	trusted := func(ip netip.Addr) bool {
		return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(ip) })
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil {
			next.ServeHTTP(w, r)
			return
		}
		said := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		client := from.Addr().Unmap()
		for i := len(said) - 1; i >= 0 && trusted(client); i-- {
			before, ok := forwarded(strings.TrimSpace(said[i]))
			if !ok {
				break
			}
			client = before
		}
		r = r.WithContext(r.Context())
		r.RemoteAddr = net.JoinHostPort(client.String(), "0")
		next.ServeHTTP(w, r)
	})
}

// forwarded reads an address as proxies write it, some of them with the port.
func forwarded(text string) (netip.Addr, bool) {
	ip, err := netip.ParseAddr(text)
	if err != nil {
		var withPort netip.AddrPort
		withPort, err = netip.ParseAddrPort(text)
		ip = withPort.Addr()
	}
	return ip.Unmap(), err == nil
}
