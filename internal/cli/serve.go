package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"octavo"
	"octavo/internal/version"
)

const (
	defaultURL  = "http://127.0.0.1:8080"
	defaultData = "./octavo-data"
)

// serve runs the server. Every flag is also an environment variable.
type serve struct {
	Listen   string `default:"127.0.0.1:8080" env:"OCTAVO_LISTEN" placeholder:"ADDRESS" help:"Address to listen on. Port 0 picks a free one. Default: ${default}."`
	Data     string `env:"OCTAVO_DATA" placeholder:"DIR" help:"Directory to keep data in. Default: ${data}."`
	Database string `env:"OCTAVO_DATABASE" placeholder:"URL" help:"Keep data in PostgreSQL instead: postgres://…"`
	InMemory bool   `env:"OCTAVO_IN_MEMORY" help:"Keep data only until the server stops."`
	fileStore

	Token         string `env:"OCTAVO_TOKEN" placeholder:"ntn_…" help:"An API token that must work. Without it the first start makes one."`
	AdminToken    string `env:"OCTAVO_ADMIN_TOKEN" help:"The token for /_octavo/. Without it one is kept in the data directory."`
	WorkspaceName string `env:"OCTAVO_WORKSPACE_NAME" placeholder:"NAME" help:"Name of the workspace that the first start makes. Default: Octavo."`
	PublicURL     string `name:"public-url" env:"OCTAVO_PUBLIC_URL" placeholder:"URL" help:"How clients reach the server, when not by its address."`

	OIDCIssuer       string   `name:"oidc-issuer" env:"OCTAVO_OIDC_ISSUER" placeholder:"URL" help:"Let people sign in with this OpenID Connect provider."`
	OIDCClientID     string   `name:"oidc-client-id" env:"OCTAVO_OIDC_CLIENT_ID" placeholder:"ID" help:"What the provider knows this server by. It sends people back to /_octavo/sign-in/callback."`
	OIDCClientSecret string   `name:"oidc-client-secret" env:"OCTAVO_OIDC_CLIENT_SECRET" placeholder:"SECRET" help:"The secret of the client id. Better given in the environment, where other processes do not see it."`
	OIDCName         string   `name:"oidc-name" env:"OCTAVO_OIDC_NAME" placeholder:"NAME" help:"What people know the provider by. Default: the host of the issuer."`
	OIDCDomains      []string `name:"oidc-domains" env:"OCTAVO_OIDC_DOMAINS" placeholder:"DOMAIN,…" help:"Domains of e-mails that are let in. Default: all."`
	OIDCJoin         bool     `name:"oidc-join" env:"OCTAVO_OIDC_JOIN" help:"Make a member of the oldest workspace of whoever has an e-mail of --oidc-domains and is not known. Without it administrators add people first."`
	OIDCOnly         bool     `name:"oidc-only" env:"OCTAVO_OIDC_ONLY" help:"Turn passwords off."`

	Profile        string        `default:"default" enum:"default,hosted,unbounded" env:"OCTAVO_PROFILE" help:"Limits to hold requests to: default, hosted (180 requests a minute) or unbounded (texts, arrays and bodies far beyond the hosted sizes)."`
	RateLimit      perMinute     `env:"OCTAVO_RATE_LIMIT" placeholder:"N" help:"Requests a minute that each connection may make, 0 for no limit. Default: the profile's."`
	RequestTimeout time.Duration `env:"OCTAVO_REQUEST_TIMEOUT" placeholder:"DURATION" help:"How long a request may run. Default: the profile's, 60s."`
	MaxInFlight    int           `env:"OCTAVO_MAX_IN_FLIGHT" placeholder:"N" help:"How many requests may run at once. Default: the profile's, 512."`
	MaxUpload      fileSize      `env:"OCTAVO_MAX_UPLOAD" placeholder:"SIZE" help:"The largest file that may be uploaded, such as 500MB or 2GB. Default: the profile's, 5GB."`
	AnyFileType    bool          `env:"OCTAVO_ANY_FILE_TYPE" help:"Take files of every type, not only of those that the hosted API takes."`
	MaxQueryRows   rowLimit      `env:"OCTAVO_MAX_QUERY_ROWS" placeholder:"N" help:"Rows that a query of a data source answers with on all its pages together, 0 for no limit. Default: the profile's, 10000 for hosted."`
	DrainTimeout   time.Duration `default:"20s" env:"OCTAVO_DRAIN_TIMEOUT" placeholder:"DURATION" help:"How long running requests may take to finish when the server stops. Default: ${default}."`
	Faults         bool          `env:"OCTAVO_FAULTS" help:"Let clients make requests fail: the header Octavo-Fault, and octavo faults."`

	AllowTargets   []string      `name:"allow-targets" env:"OCTAVO_ALLOW_TARGETS" placeholder:"NETWORK" help:"Networks that webhooks may be sent to and files imported from although they are not public, over plain http too: loopback, 10.0.0.0/8."`
	Proxies        []string      `name:"proxies" env:"OCTAVO_PROXIES" placeholder:"NETWORK" help:"Networks of the proxies in front of the server, whose X-Forwarded-For says where a request came from: loopback, 10.0.0.0/8. Default: none is believed."`
	WebhookWindow  time.Duration `name:"webhook-window" default:"30s" env:"OCTAVO_WEBHOOK_WINDOW" placeholder:"DURATION" help:"How long a webhook is held back for what may still happen to the same object. Default: ${default}."`
	EventRetention time.Duration `name:"event-retention" default:"168h" env:"OCTAVO_EVENT_RETENTION" placeholder:"DURATION" help:"How long changes and webhooks are remembered, 0 for ever. Default: ${default}."`
	TrashRetention time.Duration `name:"trash-retention" env:"OCTAVO_TRASH_RETENTION" placeholder:"DURATION" help:"How long what is in the trash can be brought back, such as 720h, before it is removed for good. Default: for ever."`
	AuditRetention time.Duration `name:"audit-retention" default:"8760h" env:"OCTAVO_AUDIT_RETENTION" placeholder:"DURATION" help:"How long the audit log remembers, 0 for ever. Default: ${default}."`
	RequestLog     int           `name:"request-log" default:"1000" env:"OCTAVO_REQUEST_LOG" placeholder:"N" help:"How many of the latest requests octavo request shows, 0 for none. They are kept in memory. Default: ${default}."`
	WholeRequests  bool          `name:"whole-requests" env:"OCTAVO_WHOLE_REQUESTS" help:"Show them with what people wrote, which is masked otherwise."`

	KeepUnused time.Duration `name:"keep-unused-files" default:"720h" env:"OCTAVO_KEEP_UNUSED_FILES" placeholder:"DURATION" help:"How long an uploaded file is kept that nothing refers to any more, 0 for ever. Default: ${default}."`

	LogFormat string `default:"text" enum:"text,json" env:"OCTAVO_LOG_FORMAT" help:"How to write the log to stderr: text or json."`
	LogLevel  string `default:"info" enum:"debug,info,warn,error" env:"OCTAVO_LOG_LEVEL" help:"What to log: debug, info, warn or error. Every request is info."`
}

// fileStore is where uploaded files are kept.
type fileStore struct {
	Files    string `env:"OCTAVO_FILES" placeholder:"DIR" help:"Directory to keep uploaded files in, or a bucket: s3://BUCKET/FOLDER?region=REGION&endpoint=URL. Default: files in the data directory, or ./octavo-files with --database."`
	S3KeyID  string `name:"s3-key-id" env:"OCTAVO_S3_KEY_ID,AWS_ACCESS_KEY_ID" placeholder:"ID" help:"The key that opens the bucket of --files."`
	S3Secret string `name:"s3-secret" env:"OCTAVO_S3_SECRET,AWS_SECRET_ACCESS_KEY" placeholder:"SECRET" help:"The secret of the key. Better given in the environment, where other processes do not see it."`
}

// perMinute is a rate limit; -1 is none, 0 not given.
type perMinute int

// UnmarshalText reads a number of requests, perhaps followed by /min.
func (r *perMinute) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(strings.TrimSuffix(string(text), "/min"))
	switch {
	case err != nil || n < 0:
		return fmt.Errorf("%q is not a number of requests a minute", text)
	case n == 0:
		*r = -1
	default:
		*r = perMinute(n)
	}
	return nil
}

// rowLimit is a number of rows; -1 is no limit, 0 not given.
type rowLimit int

// UnmarshalText reads a number of rows.
func (l *rowLimit) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(string(text))
	switch {
	case err != nil || n < 0:
		return fmt.Errorf("%q is not a number of rows", text)
	case n == 0:
		*l = -1
	default:
		*l = rowLimit(n)
	}
	return nil
}

// fileSize is a size in bytes; 0 is not given.
type fileSize int64

// UnmarshalText reads a number of bytes, or one of KB, MB, GB or TB, each 1,024 of the one
// before.
func (s *fileSize) UnmarshalText(text []byte) error {
	number := strings.ToUpper(string(text))
	shift := 0
	for i, unit := range []string{"KB", "MB", "GB", "TB"} {
		if trimmed, found := strings.CutSuffix(number, unit); found {
			number, shift = trimmed, 10*(i+1)
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 1 || n > 1<<62>>shift {
		return fmt.Errorf("%q is not a size such as 500MB or 2GB", text)
	}
	*s = fileSize(n << shift)
	return nil
}

// gcPercent lets the heap grow further between collections than Go would: little of it
// lives on, and every answer makes garbage. Whoever sets GOGC knows better.
const gcPercent = 200

// Validate refuses combinations that would surprise.
func (s *serve) Validate() error {
	chosen := 0
	for _, set := range []bool{s.Data != "", s.Database != "", s.InMemory} {
		if set {
			chosen++
		}
	}
	switch {
	case chosen > 1:
		return errors.New("choose one of --data, --database and --in-memory")
	case s.MaxInFlight < 0:
		return errors.New("--max-in-flight cannot be negative")
	case s.RequestLog < 0 || s.RequestLog > 1_000_000:
		return errors.New("--request-log is a number of requests up to 1000000")
	case s.RequestTimeout < 0 || s.DrainTimeout < 0 || s.WebhookWindow < 0 || s.EventRetention < 0 || s.AuditRetention < 0 || s.TrashRetention < 0 ||
		s.KeepUnused < 0:
		return errors.New("a timeout cannot be negative")
	}
	return nil
}

// Run serves until the process is told to stop.
func (s *serve) Run(p *process) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(p.ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	// Once it is told, a second signal ends the process at once.
	context.AfterFunc(ctx, stop)

	l, err := net.Listen("tcp", s.Listen)
	if err != nil {
		return err
	}
	defer l.Close()
	server, err := octavo.New(s.options(p, l.Addr()))
	if err != nil {
		return err
	}
	if err := s.announce(p, server); err != nil {
		return errors.Join(err, server.Close())
	}
	return errors.Join(server.Serve(ctx, l, s.DrainTimeout), server.Close())
}

func (s *serve) options(p *process, addr net.Addr) octavo.Options {
	o := octavo.Options{
		Dir: s.Data, DatabaseURL: s.Database, Memory: s.InMemory,
		Token: s.Token, AdminToken: s.AdminToken, WorkspaceName: s.WorkspaceName, PublicURL: s.PublicURL,
		Files: s.Files, S3KeyID: s.S3KeyID, S3Secret: s.S3Secret, MaxUpload: int64(s.MaxUpload), AnyFileType: s.AnyFileType,
		OIDC: octavo.OIDC{
			Issuer: s.OIDCIssuer, ClientID: s.OIDCClientID, ClientSecret: s.OIDCClientSecret, Name: s.OIDCName,
			Domains: s.OIDCDomains, Join: s.OIDCJoin, Only: s.OIDCOnly,
		},
		Profile: s.Profile, RateLimit: int(s.RateLimit), RequestTimeout: s.RequestTimeout, MaxInFlight: s.MaxInFlight,
		MaxQueryRows: int(s.MaxQueryRows),
		Faults:       s.Faults, AllowTargets: s.AllowTargets, Proxies: s.Proxies, WebhookWindow: orNone(s.WebhookWindow), EventRetention: orNone(s.EventRetention),
		AuditRetention: orNone(s.AuditRetention), TrashRetention: s.TrashRetention, RequestLog: s.RequestLog, WholeRequests: s.WholeRequests,
		KeepUnusedFiles: orNone(s.KeepUnused),
		Logger:          s.logger(p),
	}
	if o.DatabaseURL == "" && !o.Memory && o.Dir == "" {
		o.Dir = defaultData
	}
	if o.RequestLog == 0 {
		o.RequestLog = -1
	}
	if o.PublicURL == "" {
		o.PublicURL = reachable(addr)
	}
	return o
}

// orNone is a duration for options in which zero is the default and less than that is none.
func orNone(d time.Duration) time.Duration {
	if d == 0 {
		return -1
	}
	return d
}

// reachable is the URL of a server on this machine that listens on addr.
func reachable(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if ip := net.ParseIP(host); err != nil || ip == nil || ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

func (s *serve) logger(p *process) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(s.LogLevel)) // the flag takes no others
	opts := &slog.HandlerOptions{Level: level}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(p.stderr, opts))
	}
	return slog.New(slog.NewTextHandler(p.stderr, opts))
}

// announce prints the line that tells people and programs that the server is ready, and
// after the first start what to do next.
func (s *serve) announce(p *process, server *octavo.Server) error {
	info := server.Info()
	line := "octavo ready url=" + info.URL
	if info.Token != "" {
		line += " token=" + info.Token
	}
	if info.Page != "" {
		line += " page=" + info.Page
	}
	if info.First && info.Token != "" && info.Page != "" {
		line += fmt.Sprintf("\n\nThis was the first start. Try:\n\n  curl %s \\\n    -H %s \\\n    -H %s\n",
			quoted(info.URL+"/v1/pages/"+info.Page), quoted("Authorization: Bearer "+info.Token), quoted("Notion-Version: "+string(version.Latest)))
		if s.AdminToken == "" && s.Database == "" && !s.InMemory {
			line += fmt.Sprintf("\nThe token for octavo's other commands is in %s.\n", filepath.Join(dirOr(s.Data), octavo.AdminTokenFile))
		}
	}
	if info.First && !s.OIDCOnly {
		link, err := server.InviteOwner(p.ctx)
		if err != nil {
			return err
		}
		line += "\nThe owner of the workspace sets a password, to sign in and let integrations in, at\n\n  " + link + "\n"
	}
	_, err := fmt.Fprintln(p.stdout, line)
	return err
}

func dirOr(data string) string {
	if data == "" {
		return defaultData
	}
	return data
}

// quoted is s as one word of a shell.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
