package octavo_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"octavo"
	"octavo/internal/clock"
	"octavo/internal/store"
	"octavo/internal/store/storetest"
)

// started is when every test's clock begins.
var started = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// database is one of the databases that behaviour is proved on.
type database struct {
	options store.Options
	// first is set for the database whose answers -update writes down.
	first bool
}

// eachDatabase runs a test on every database.
func eachDatabase(t *testing.T, f func(*testing.T, database)) {
	first := true
	storetest.Each(t, func(t *testing.T, options store.Options) {
		f(t, database{options, first})
		first = false
	})
}

// noRaces skips a test that the detector of races has nothing to learn from: -short is how it is run.
func noRaces(t *testing.T, why string) {
	t.Helper()
	if testing.Short() {
		t.Skip("no races to find: " + why)
	}
}

// What there is to say of many of them.
const (
	oneByOne     = "one request after the other"
	otherProcess = "the server is another process"
)

// serverOptions are what a test may want different from a server's defaults.
type serverOptions struct {
	faults    bool
	rateLimit int
	profile   string
	sink      *sink
	window    time.Duration // of webhooks
	change    func(*octavo.Options)
}

// also adds a change of the server's options to those there are.
func (o *serverOptions) also(change func(*octavo.Options)) {
	before := o.change
	o.change = func(opts *octavo.Options) {
		if before != nil {
			before(opts)
		}
		change(opts)
	}
}

// testServer is a server behind real HTTP, on a clock that stands still and with ids that
// count up.
type testServer struct {
	t      *testing.T
	server *octavo.Server
	clock  *clock.Manual
	client *http.Client

	url, token, adminToken, page string
}

func newTestServer(t *testing.T, db database, o serverOptions) *testServer {
	t.Helper()
	s := &testServer{t: t, clock: clock.NewManual(started), adminToken: "octavo_admin_test", token: "ntn_test"}
	ts := httptest.NewUnstartedServer(nil)
	s.url = "http://" + ts.Listener.Addr().String()
	rows := db.options
	opts := octavo.Options{
		Dir: rows.Dir, Memory: rows.Memory, DatabaseURL: rows.DatabaseURL,
		Token: s.token, AdminToken: s.adminToken, PublicURL: s.url,
		Clock: s.clock, IDs: &clock.Sequence{}, Files: t.TempDir(),
		Faults: o.faults, RateLimit: o.rateLimit, Profile: o.profile,
	}
	if o.change != nil {
		o.change(&opts)
	}
	server, err := octavo.New(opts)
	if err != nil {
		ts.Close()
		t.Fatal(err)
	}
	s.server = server
	s.page = server.Info().Page
	ts.Config.Handler = server.Handler()
	ts.Start()
	s.client = ts.Client()
	t.Cleanup(func() {
		ts.Close()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
