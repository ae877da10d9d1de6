package outbound

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

func policy(t *testing.T, networks ...string) Policy {
	t.Helper()
	p, err := ParsePolicy(networks)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestWhatIsReached(t *testing.T) {
	lan := policy(t, "10.1.0.0/16", "loopback")
	cases := []struct {
		addr          string
		public, inLAN bool
	}{
		{"93.184.216.34", true, false},
		{"2606:2800:220:1:248:1893:25c8:1946", true, false},
		{"::ffff:93.184.216.34", true, false},
		{"127.0.0.1", false, true},
		{"127.8.8.8", false, true},
		{"::1", false, true},
		{"::ffff:127.0.0.1", false, true},
		{"10.1.2.3", false, true},
		{"10.2.2.3", false, false},
		{"192.168.1.1", false, false},
		{"172.16.0.1", false, false},
		{"169.254.169.254", false, false},
		{"100.64.0.1", false, false},
		{"0.0.0.0", false, false},
		{"0.1.2.3", false, false},
		{"255.255.255.255", false, false},
		{"224.0.0.1", false, false},
		{"240.0.0.1", false, false},
		{"192.0.2.1", false, false},
		{"198.18.0.1", false, false},
		{"198.51.100.7", false, false},
		{"203.0.113.7", false, false},
		{"192.0.0.8", false, false},
		{"::", false, false},
		{"::7f00:1", false, false},
		{"64:ff9b::7f00:1", false, false},
		{"2002:7f00:1::", false, false},
		{"2001:0:7f00:1::", false, false},
		{"2001:db8::1", false, false},
		{"fc00::1", false, false},
		{"fe80::1", false, false},
		{"fe80::1%eth0", false, false},
		{"fec0::1", false, false},
		{"ff02::1", false, false},
		{"100::1", false, false},
	}
	for _, c := range cases {
		addr := netip.MustParseAddr(c.addr)
		if got := (Policy{}).reaches(addr, true); got != c.public {
			t.Errorf("%s is reached: %v, want %v", c.addr, got, c.public)
		}
		if (Policy{}).reaches(addr, false) {
			t.Errorf("%s is reached without TLS", c.addr)
		}
		if got := lan.reaches(addr, false); got != c.inLAN {
			t.Errorf("%s is reached where the network is allowed: %v, want %v", c.addr, got, c.inLAN)
		}
		if got := lan.reaches(addr, true); got != (c.inLAN || c.public) {
			t.Errorf("%s is reached over TLS where the network is allowed: %v", c.addr, got)
		}
	}
}

func TestCheckURL(t *testing.T) {
	local := policy(t, "loopback")
	cases := []struct {
		url        string
		any, local string // part of the refusal, "" when it is taken
	}{
		{"https://example.com/hook?x=1", "", ""},
		{"https://93.184.216.34:8443/", "", ""},
		{"http://example.com/hook", "only https", ""},
		{"http://127.0.0.1:9000/", "only https", ""},
		{"https://127.0.0.1:9000/", "not a public", ""},
		{"https://localhost/", "not a public", ""},
		{"https://Api.Localhost./", "not a public", ""},
		{"https://[::1]/", "not a public", ""},
		{"https://10.0.0.1/", "not a public", "not a public"},
		{"http://10.0.0.1/", "only https", "not a public"},
		{"https://[fe80::1%25eth0]/", "not a public", "not a public"},
		{"https://user:secret@example.com/", "password", "password"},
		{"ftp://example.com/", "only https", "only https"},
		{"file:///etc/passwd", "absolute", "absolute"},
		{"https:example.com", "absolute", "absolute"},
		{"/hook", "absolute", "absolute"},
		{"https://exa mple.com/", "absolute", "absolute"},
		{"", "absolute", "absolute"},
	}
	for _, c := range cases {
		for _, by := range []struct {
			policy Policy
			want   string
		}{{Policy{}, c.any}, {local, c.local}} {
			err := by.policy.CheckURL(c.url)
			if (err == nil) != (by.want == "") || err != nil && !strings.Contains(err.Error(), by.want) {
				t.Errorf("%q with %v: %v, want %q", c.url, by.policy.Allowed, err, by.want)
			}
		}
	}
}

func TestParsePolicy(t *testing.T) {
	if p := policy(t); len(p.Allowed) != 0 {
		t.Errorf("nothing allows %v", p.Allowed)
	}
	if p := policy(t, "10.1.2.3/8"); p.Allowed[0].String() != "10.0.0.0/8" {
		t.Errorf("a network is %v", p.Allowed)
	}
	for _, bad := range []string{"", "localhost", "10.0.0.1", "10.0.0.0/33"} {
		if _, err := ParsePolicy([]string{bad}); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

// TestConnections proves the check where it counts: on the address a name was resolved to,
// and again on the one that a redirect leads to.
func TestConnections(t *testing.T) {
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "http://10.255.255.1/", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, "reached")
	}))
	defer sink.Close()
	named := strings.Replace(sink.URL, "127.0.0.1", "localhost", 1)
	secure := strings.Replace(named, "http:", "https:", 1)
	get := func(p Policy, url string) error {
		t.Helper()
		client := http.Client{Transport: p.Transport()}
		defer client.CloseIdleConnections()
		resp, err := client.Get(url)
		if err != nil {
			return err
		}
		return resp.Body.Close()
	}
	for _, url := range []string{sink.URL, named, secure} {
		if err := get(Policy{}, url); !errors.Is(err, ErrForbidden) {
			t.Errorf("%s was not forbidden: %v", url, err)
		}
	}
	local := policy(t, "loopback")
	if err := get(local, sink.URL); err != nil {
		t.Error(err)
	}
	if err := get(local, sink.URL+"/away"); !errors.Is(err, ErrForbidden) {
		t.Errorf("the redirect was not forbidden: %v", err)
	}
	if err := get(local, "gopher://127.0.0.1/"); !errors.Is(err, ErrForbidden) {
		t.Errorf("a scheme without rules was not forbidden: %v", err)
	}
}
