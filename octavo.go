// Package octavo is a server that speaks the public Notion REST API on the wire.
//
// A test of a program that uses the API needs no process and no port of its own:
//
//	server, err := octavo.New(octavo.Options{Memory: true})
//	if err != nil { … }
//	defer server.Close()
//	ts := httptest.NewServer(server.Handler())
//	defer ts.Close()
//	// The base URL is ts.URL, the token server.Info().Token, and a page to begin with
//	// is server.Info().Page.
//
// The octavo command serves the same over a listener of its own.
package octavo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"octavo/internal/admin"
	"octavo/internal/api"
	"octavo/internal/block"
	"octavo/internal/clock"
	"octavo/internal/core"
	"octavo/internal/faults"
	"octavo/internal/files"
	"octavo/internal/notion"
	"octavo/internal/oauth"
	"octavo/internal/outbound"
	"octavo/internal/ratelimit"
	"octavo/internal/store"
	"octavo/internal/webhook"
)

// Version is the version of this build. Releases set it when they are linked.
var Version = "dev"

// Defaults of what administrators can look up.
const (
	// DefaultAuditRetention is how long the audit log remembers.
	DefaultAuditRetention = 365 * 24 * time.Hour
	// DefaultRequestLog is how many of the latest requests are remembered.
	DefaultRequestLog = 1000
)

// Options say what kind of server to make. Exactly one of Dir, Memory and DatabaseURL
// must be set; everything else can be left out.
type Options struct {
	// Dir is the directory to keep data in, as a SQLite database. It is made when it does
	// not exist, and belongs to one server at a time.
	Dir string
	// Memory keeps data only as long as the server is open.
	Memory bool
	// DatabaseURL is a postgres:// URL of a PostgreSQL database to keep data in.
	DatabaseURL string
	// Files is the directory to keep uploaded files in, or the address of a bucket of an
	// object store, such as s3://bucket/folder?region=eu-central-1&endpoint=https://objects.example.com,
	// where the endpoint may be left out for one of Amazon's. Without it they are in files in
	// Dir, as temporary as everything else with Memory, and with DatabaseURL in
	// octavo-files. A directory is made when the first file comes, a bucket must be there.
	Files string
	// S3KeyID and S3Secret are what a bucket is opened with.
	S3KeyID, S3Secret string

	// Token must work as an API token. Without it the first start makes one.
	Token string
	// AdminToken opens the endpoints under /_octavo/. Without it a token is kept in the
	// file admin-token in Dir; a server without Dir then lets nobody in.
	AdminToken string
	// WorkspaceName names the workspace that the first start makes.
	WorkspaceName string
	// PublicURL is how clients reach the server. Urls of pages begin with it.
	PublicURL string

	// OIDC is the OpenID Connect provider that people sign in with, besides passwords or in place
	// of them. The zero value is none.
	OIDC OIDC

	// Profile is "default", "hosted" or "unbounded": see [Profiles].
	Profile string
	// RateLimit is how many requests a connection may make in a minute. Zero leaves it to
	// the profile; a negative number is no limit.
	RateLimit int
	// RequestTimeout is how long a request may run. Zero leaves it to the profile.
	RequestTimeout time.Duration
	// MaxInFlight is how many requests may run at once. Zero leaves it to the profile.
	MaxInFlight int
	// MaxQueryRows is how many rows of a data source a query answers with on all its pages
	// together. Zero leaves it to the profile; a negative number is no limit.
	MaxQueryRows int
	// MaxUpload is the largest file that may be uploaded, in bytes. Zero leaves it to the
	// profile.
	MaxUpload int64
	// AnyFileType takes files of every type, not only of those that the hosted API takes.
	AnyFileType bool
	// LockTimeout is how long a write waits for another process that writes to the same
	// database. Zero is five seconds.
	LockTimeout time.Duration
	// AllowTargets are networks, such as 10.0.0.0/8, or the word loopback, that webhooks may
	// be sent to and files imported from although they are not public, and over plain http
	// too.
	AllowTargets []string
	// Proxies are networks, such as 10.0.0.0/8, or the word loopback, of the proxies in front of
	// the server: what these say in X-Forwarded-For is where a request came from.
	Proxies []string
	// WebhookWindow is how long a webhook is held back for what may still happen to the same
	// object; twice as long while things go on happening. Zero is [DefaultWebhookWindow]; a
	// negative time holds nothing back.
	WebhookWindow time.Duration
	// EventRetention is how long changes, and what was sent of them, are remembered. Zero is
	// [DefaultEventRetention]; a negative time is for ever.
	EventRetention time.Duration
	// AuditRetention is how long the audit log remembers what administrators did. Zero is
	// [DefaultAuditRetention]; a negative time is for ever.
	AuditRetention time.Duration
	// TrashRetention is how long what is in the trash can be brought back, before it is removed
	// for good. Zero is for ever.
	TrashRetention time.Duration
	// RequestLog is how many of the latest requests of the API are remembered, in memory. Zero is
	// [DefaultRequestLog]; a negative number is none.
	RequestLog int
	// WholeRequests shows administrators the requests that are remembered with everything that
	// people wrote in them.
	WholeRequests bool
	// KeepUnusedFiles is how long a file is kept that has been attached and that nothing
	// refers to any more. Zero is [DefaultKeepUnusedFiles]; a negative time is for ever, as the
	// hosted API has it.
	KeepUnusedFiles time.Duration
	// Faults lets clients and administrators make requests fail.
	Faults bool

	// Logger receives a line for every request, and the causes of errors, which clients
	// do not read. Nil discards.
	Logger *slog.Logger
	// Now tells the time. Nil is the machine's clock.
	Now func() time.Time

	// Clock and IDs are for the tests of this module: what waits and what makes ids. They
	// go before Now.
	Clock clock.Clock
	IDs   clock.IDs
	// EagerTables is for the tests of this module too: queries are answered from tables in
	// memory even where there are few rows.
	EagerTables bool
}

// DefaultKeepUnusedFiles is how long files are kept that nothing refers to any more: as long
// as the hosted API keeps what is in its trash.
const DefaultKeepUnusedFiles = 30 * 24 * time.Hour

// OIDC says which OpenID Connect provider people sign in with. The provider must send them back
// to the path /_octavo/sign-in/callback of the public URL.
type OIDC struct {
	// Issuer is the URL of the provider, exactly as it names itself. It is https, but for a
	// provider on this machine.
	Issuer string
	// ClientID and ClientSecret are what the provider knows this server by.
	ClientID, ClientSecret string
	// Name is what people know the provider by. Without it they see the host of the issuer.
	Name string
	// Domains are those of the e-mails that are let in. Nil is every domain.
	Domains []string
	// Join makes a member of the oldest workspace of whoever is let in and not known. It needs
	// Domains.
	Join bool
	// Only turns passwords off.
	Only bool
}

// complete fills in what was left out, and refuses what cannot work.
func (o *OIDC) complete() error {
	if o.Issuer == "" {
		if o.ClientID != "" || o.ClientSecret != "" || o.Name != "" || o.Domains != nil || o.Join || o.Only {
			return errors.New("octavo: an OpenID Connect provider needs an issuer")
		}
		return nil
	}
	u, err := url.Parse(o.Issuer)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
		return fmt.Errorf("octavo: the issuer %q is no https URL", o.Issuer)
	case o.ClientID == "" || o.ClientSecret == "":
		return errors.New("octavo: an OpenID Connect provider needs a client id and a client secret")
	case o.Join && len(o.Domains) == 0:
		return errors.New("octavo: whoever the OpenID Connect provider knows could join: name the domains that may")
	}
	if o.Name == "" {
		o.Name = u.Host
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Profile is a set of limits to choose by name.
type Profile struct {
	Name string
	// RateLimit is in requests per connection and minute; zero is no limit.
	RateLimit      int
	RequestTimeout time.Duration
	// MaxBody is the largest request body, in bytes.
	MaxBody int64
	// MaxInFlight is how many requests may run at once. With MaxBody it bounds memory.
	MaxInFlight int
	// MaxBlocks is how many blocks one request may create; zero is no limit.
	MaxBlocks int
	// MaxQueryRows is how many rows a query answers with on all its pages together; zero is no
	// limit.
	MaxQueryRows int
	// MaxUpload is the largest file that may be uploaded, in bytes.
	MaxUpload int64
	// MinPart and MaxPart bound the parts in which files are sent, in bytes.
	MinPart, MaxPart int64
	// Unbounded takes texts and arrays of any length that fits into a body, and files of
	// any type.
	Unbounded bool
}

// hosted are the sizes that the hosted API has.
var hosted = Profile{
	RequestTimeout: api.DefaultRequestTimeout, MaxBody: api.DefaultMaxBody, MaxInFlight: api.DefaultMaxInFlight, MaxBlocks: block.MaxBlocks,
	MaxUpload: 5 << 30, MinPart: 5 << 20, MaxPart: api.DefaultMaxPart, // services.md §3.7
}

// Profiles are the profiles there are. The first is the default.
var Profiles = []Profile{
	hosted.named("default", 0, 0),
	hosted.named("hosted", 180, 10_000),
	{Name: "unbounded", RequestTimeout: time.Hour, MaxBody: 8 << 20, MaxInFlight: 64, MaxUpload: 1 << 50, MaxPart: 5 << 30, Unbounded: true},
}

func (p Profile) named(name string, rateLimit, queryRows int) Profile {
	p.Name, p.RateLimit, p.MaxQueryRows = name, rateLimit, queryRows
	return p
}

// Info is what a program needs to know to use a server.
type Info struct {
	// URL is the base URL, as given in the options.
	URL string
	// Token is an API token, "" when none was made or given at this start.
	Token string
	// Page is the id of a page at the top of the workspace, "" when there is none.
	Page string
	// First reports that this start made the workspace.
	First bool
}

// Server is an Octavo server. It is safe for concurrent use.
type Server struct {
	opts     Options
	profile  Profile
	store    *store.Store
	release  func() error // of what is kept only while the server is open
	core     *core.Core
	handler  http.Handler
	webhooks *webhook.Dispatcher
	pruner   *pruner
	trash    *pruner
	// sweeps are those of the files; stopSweeps ends them, nil when there are none.
	sweeps     sync.WaitGroup
	stopSweeps func()
	info       Info
	draining   atomic.Bool
}

// New opens the data, makes what is missing for a first request, and returns a server
// that answers requests until it is closed.
func New(opts Options) (*Server, error) {
	profile, err := opts.complete()
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	data, err := store.Open(ctx, store.Options{
		Dir: opts.Dir, Memory: opts.Memory, DatabaseURL: opts.DatabaseURL, Clock: opts.Clock, Logger: opts.Logger,
		LockTimeout: opts.LockTimeout,
	})
	if err != nil {
		return nil, fmt.Errorf("octavo: open the data: %w", err)
	}
	s := &Server{opts: opts, profile: profile, store: data, release: func() error { return nil }}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("octavo: %w", err), s.Close())
	}
	return s, nil
}

// complete fills in what was left out and returns the profile.
func (o *Options) complete() (Profile, error) {
	profile, err := profileNamed(o.Profile)
	if err != nil {
		return profile, err
	}
	if err := o.OIDC.complete(); err != nil {
		return profile, err
	}
	if o.RateLimit == 0 {
		o.RateLimit = profile.RateLimit
	}
	if o.RequestTimeout == 0 {
		o.RequestTimeout = profile.RequestTimeout
	}
	if o.MaxInFlight == 0 {
		o.MaxInFlight = profile.MaxInFlight
	}
	if o.MaxQueryRows == 0 {
		o.MaxQueryRows = profile.MaxQueryRows
	}
	if o.MaxUpload == 0 {
		o.MaxUpload = profile.MaxUpload
	}
	profile.MaxPart = min(profile.MaxPart, o.MaxUpload)
	if o.WebhookWindow == 0 {
		o.WebhookWindow = DefaultWebhookWindow
	}
	if o.EventRetention == 0 {
		o.EventRetention = DefaultEventRetention
	}
	if o.AuditRetention == 0 {
		o.AuditRetention = DefaultAuditRetention
	}
	if o.RequestLog == 0 {
		o.RequestLog = DefaultRequestLog
	}
	if o.KeepUnusedFiles == 0 {
		o.KeepUnusedFiles = DefaultKeepUnusedFiles
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.PublicURL == "" {
		o.PublicURL = "http://127.0.0.1:8080"
	}
	o.PublicURL = strings.TrimRight(o.PublicURL, "/")
	switch {
	case o.Clock != nil:
	case o.Now != nil:
		o.Clock = toldClock{now: o.Now}
	default:
		o.Clock = clock.System{}
	}
	if o.IDs == nil {
		o.IDs = clock.Random{}
	}
	return profile, nil
}

func profileNamed(name string) (Profile, error) {
	if name == "" {
		return Profiles[0], nil
	}
	var names []string
	for _, p := range Profiles {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Profile{}, fmt.Errorf("octavo: profile %q is none of %s", name, strings.Join(names, ", "))
}

// toldClock tells a time of the caller's and waits by the machine's.
type toldClock struct {
	clock.System
	now func() time.Time
}

// Now implements [clock.Clock].
func (c toldClock) Now() time.Time { return c.now().UTC() }

// start puts the layers together.
func (s *Server) start(ctx context.Context) error {
	o := &s.opts
	storage, err := s.openFiles()
	if err != nil {
		return err
	}
	webhooks, err := o.webhookOptions(func(workspace notion.ID) { s.webhooks.Watch(workspace) })
	if err != nil {
		return err
	}
	c := core.New(s.store, o.Clock, o.IDs, core.Options{
		Webhooks:  webhooks,
		PublicURL: o.PublicURL, MaxUpload: o.MaxUpload, MaxBlocks: s.profile.MaxBlocks, MaxRows: max(0, o.MaxQueryRows), Log: o.Logger,
		EagerTables: o.EagerTables, AuditRetention: max(o.AuditRetention, 0),
		Files: core.FileOptions{
			Fetcher:    files.NewFetcher(webhooks.Policy),
			KeepUnused: max(o.KeepUnusedFiles, 0),
			Storage:    storage, MinPart: s.profile.MinPart, MaxPart: s.profile.MaxPart, AnyType: o.AnyFileType || s.profile.Unbounded,
		},
	})
	s.core = c
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	s.webhooks = s.newDispatcher(c, webhooks.Sender, registry)
	s.pruner = newPruner(o.Clock, max(o.EventRetention, 0), c.Prune)
	s.trash = newPruner(o.Clock, max(o.TrashRetention, 0), c.PruneTrash)
	s.store.OnCommit(func(workspace notion.ID, _ int64) {
		s.webhooks.Notify(workspace)
		s.pruner.notify(workspace)
		s.trash.notify(workspace)
	})
	ready, err := c.Bootstrap(ctx, core.BootstrapOptions{WorkspaceName: o.WorkspaceName, Token: o.Token})
	if err != nil {
		return err
	}
	s.info = Info{URL: o.PublicURL, Token: ready.Token, First: ready.First}
	if !ready.Page.IsZero() {
		s.info.Page = ready.Page.String()
	}
	if o.AdminToken == "" && o.Dir != "" {
		if o.AdminToken, err = keepAdminToken(o.Dir, o.IDs, o.Logger); err != nil {
			return err
		}
	}
	if err := admin.RemoveBackups(o.Dir); err != nil {
		return err
	}
	if err := store.RemoveRestores(o.Dir); err != nil {
		return err
	}
	var set *faults.Set
	if o.Faults {
		set = faults.New(o.Clock, o.IDs)
	}
	requests := api.NewRequestLog(o.RequestLog)
	limiter := ratelimit.New(o.Clock, o.RateLimit)
	secure := strings.HasPrefix(o.PublicURL, "https://")
	proxies, err := outbound.ParseNetworks(o.Proxies)
	if err != nil {
		return fmt.Errorf("proxies: %w", err)
	}
	s.handler = behindProxies(proxies, split{
		pages: oauth.New(oauth.Options{
			Core: c, Clock: o.Clock, IDs: o.IDs, Log: o.Logger, PublicURL: o.PublicURL, Secure: secure, OIDC: oauth.OIDC(o.OIDC),
		}),
		api: api.New(c, api.Options{
			Clock: o.Clock, IDs: o.IDs, Log: o.Logger,
			Limiter:        limiter,
			Faults:         set,
			RequestTimeout: o.RequestTimeout,
			MaxInFlight:    o.MaxInFlight,
			MaxBody:        s.profile.MaxBody,
			MaxPart:        s.profile.MaxPart,
			Unbounded:      s.profile.Unbounded,
			Metrics:        api.NewMetrics(registry),
			Requests:       requests,
			Secure:         secure,
		}),
		admin: admin.New(admin.Options{
			Core: c, Clock: o.Clock, IDs: o.IDs, Log: o.Logger,
			Faults:   set,
			Token:    o.AdminToken,
			Metrics:  promhttp.HandlerFor(registry, promhttp.HandlerOpts{}),
			Draining: s.draining.Load,
			TempDir:  o.Dir,
			Requests: requests, WholeRequests: o.WholeRequests, PublicURL: o.PublicURL,
			Limits: admin.Limits{
				Profile: s.profile.Name, Limiter: limiter, RequestTimeout: o.RequestTimeout, MaxInFlight: o.MaxInFlight,
				MaxBody: s.profile.MaxBody, MaxBlocks: s.profile.MaxBlocks, MaxUpload: o.MaxUpload, MaxPart: s.profile.MaxPart,
				Unbounded: s.profile.Unbounded,
			},
			Version: Version,
		}),
	})
	if err := s.startFiles(ctx); err != nil {
		return err
	}
	if err := c.ResumeAsyncTasks(ctx); err != nil {
		return err
	}
	return s.webhooks.Start(ctx)
}

// startFiles goes on with the files where the last server on the data ended.
func (s *Server) startFiles(ctx context.Context) error {
	if err := errors.Join(s.core.RecoverFiles(ctx), s.core.ResumeImports(ctx)); err != nil {
		return err
	}
	// Who moves the clock by hand asks for a sweep, and wants nobody else to wait by it.
	if _, manual := s.opts.Clock.(*clock.Manual); !manual {
		running, stop := context.WithCancel(context.WithoutCancel(ctx))
		s.stopSweeps = stop
		s.sweeps.Go(func() { s.core.SweepHourly(running) })
	}
	return nil
}

// SweepFiles does what is done five minutes past each hour: uploads that nobody has attached
// in time expire, and what is in the storage for nothing is removed. It is for tests, and for
// who cannot wait.
func (s *Server) SweepFiles(ctx context.Context) error { return s.core.SweepFiles(ctx) }

// openFiles returns where uploaded files are kept.
func (s *Server) openFiles() (files.Storage, error) {
	switch o := &s.opts; {
	case o.Files != "":
		return files.NewStorage(o.Files, files.S3Keys{ID: o.S3KeyID, Secret: o.S3Secret}, o.Clock)
	case o.Dir != "":
		return files.NewDisk(filepath.Join(o.Dir, "files")), nil
	case o.DatabaseURL != "":
		return files.NewDisk("octavo-files"), nil
	}
	dir, err := os.MkdirTemp("", "octavo-files-*")
	s.release = func() error { return os.RemoveAll(dir) }
	return files.NewDisk(dir), err
}

// split sends requests to the pages for people, to the endpoints of our own or to the API,
// which has an answer for every path.
type split struct{ pages, api, admin http.Handler }

// ServeHTTP implements [http.Handler].
func (s split) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case oauth.Handles(r):
		s.pages.ServeHTTP(w, r)
	case strings.HasPrefix(r.URL.Path, admin.Prefix):
		s.admin.ServeHTTP(w, r)
	default:
		s.api.ServeHTTP(w, r)
	}
}

// Handler answers the API, and under /_octavo/ the endpoints of Octavo's own.
func (s *Server) Handler() http.Handler { return s.handler }

// InviteOwner returns a link with which the owner of the workspace that the first start made
// sets a password, once and within a week. Links made before stop working.
func (s *Server) InviteOwner(ctx context.Context) (string, error) {
	link, err := s.core.InviteOwner(ctx)
	return link.URL, err
}

// Info tells how to use the server.
func (s *Server) Info() Info { return s.info }

// Close finishes the writes that were accepted and closes the data. Requests that come
// later are answered with an error. Webhooks that wait for their answer are sent again by
// the next server on the data.
func (s *Server) Close() error {
	if s.stopSweeps != nil {
		s.stopSweeps()
		s.sweeps.Wait()
	}
	if s.core != nil {
		s.core.Close()
	}
	if s.webhooks != nil {
		now, cancel := context.WithCancel(context.Background())
		cancel()
		s.webhooks.Close(now)
		s.pruner.close()
		s.trash.close()
	}
	return errors.Join(s.store.Close(), s.release())
}

// The bounds of a connection. Whoever is slower than these holds a connection without
// using it.
const (
	headerTimeout  = 10 * time.Second
	idleTimeout    = 2 * time.Minute
	answerTimeout  = time.Minute // to read an answer, once it is there
	maxHeaderBytes = 64 << 10
)

// Serve answers the requests of a listener until ctx ends. It then reports the server as
// not ready, lets the requests that run finish for at most drain, and drops those that
// have not. It does not close the server. The error is nil after a drain.
func (s *Server) Serve(ctx context.Context, l net.Listener, drain time.Duration) error {
	running, drop := context.WithCancel(context.WithoutCancel(ctx))
	defer drop()
	h := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       headerTimeout + s.opts.RequestTimeout,
		WriteTimeout:      headerTimeout + s.opts.RequestTimeout + answerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		ErrorLog:          slog.NewLogLogger(s.opts.Logger.Handler(), slog.LevelWarn),
		BaseContext:       func(net.Listener) context.Context { return running },
	}
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("octavo: serve: %w", err)
	case <-ctx.Done():
	}
	bound, cancel := s.opts.Clock.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	s.draining.Store(true)
	s.opts.Logger.Info("draining", "at_most", drain)
	if err := h.Shutdown(bound); err != nil {
		s.opts.Logger.Warn("requests were still running at the end of the drain", "error", err)
		drop()
		err = h.Close()
		s.webhooks.Close(bound)
		return err
	}
	s.webhooks.Close(bound)
	return nil
}
