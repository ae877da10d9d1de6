package octavo_test

import (
	"bytes"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"

	"octavo"
	"octavo/internal/clock"
	"octavo/internal/store/storetest"
)

// lockedBuffer is a buffer that several goroutines may write to.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements [io.Writer].
func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// TestSecretsAreInNoLog goes through everything that makes or takes a secret, rightly and
// wrongly, and looks for each of them in all that those see who run the server: the log of the
// process, the log of requests, also when it shows them whole, the audit log, the lists and the
// metrics.
func TestSecretsAreInNoLog(t *testing.T) {
	for _, whole := range []bool{false, true} {
		var log lockedBuffer
		c := hold(t, database{options: storetest.SQLite(t)}, serverOptions{sink: newSink(t), change: func(o *octavo.Options) {
			o.IDs = clock.Random{}
			o.AllowTargets, o.WebhookWindow = []string{"loopback"}, -1
			o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			o.WholeRequests = whole
		}})
		secrets := map[string]string{"admin token": c.adminToken, "password": password}
		keep := func(name, value string) string {
			t.Helper()
			if len(value) < 10 {
				t.Fatalf("the %s is %q", name, value)
			}
			secrets[name] = value
			return value
		}

		// Tokens of integrations.
		c.save("bot results.0.id", c.ok("GET /_octavo/integrations"))
		made := c.ok(`POST /_octavo/tokens` + "\n\n" + `{"integration_id":"$bot"}`)
		token := keep("token", made.field("token"))
		next := keep("rotated token", c.ok("POST /_octavo/tokens/"+made.field("id")+"/rotate").field("token"))
		c.request("GET /v1/users/me\nAuthorization: Bearer " + next)
		c.request("GET /v1/users/me\nAuthorization: Bearer " + token)

		// People, public integrations and their clients.
		c.make("ada", "POST /_octavo/users", `{"name":"Ada","email":"ada@example.com"}`)
		b := c.browser()
		link := c.invite("$ada", "")
		keep("invitation", link[strings.LastIndex(link, "/")+1:])
		b.want(b.get(link), 200)
		b.want(b.send(link, "do", "join", "password", password, "again", password), 303)
		b.want(b.get(link), 404)
		at, err := url.Parse(c.url)
		if err != nil {
			t.Fatal(err)
		}
		cookies := 0
		for _, path := range []string{"/", "/_octavo/sign-in", "/v1/oauth/authorize"} {
			for _, cookie := range b.client.Jar.Cookies(at.JoinPath(path)) {
				keep("cookie of "+path, cookie.Value)
				cookies++
			}
		}
		if cookies == 0 {
			t.Fatal("the browser has no cookie")
		}
		authorize := c.register("Calendar")
		b.want(b.get(authorize), 200)
		code := keep("code", codeOf(t, b.send(authorize, "do", "approve", "page", c.page)))
		exchanged := c.ok("POST /v1/oauth/token\nAuthorization: Basic $client:$client_secret\n\n" +
			`{"grant_type":"authorization_code","code":"` + code + `"}`)
		access, refresh := keep("access token", exchanged.field("access_token")), keep("refresh token", exchanged.field("refresh_token"))
		keep("client secret", c.expand("$client_secret"))
		c.ok("POST /v1/oauth/introspect\nAuthorization: Basic $client:$client_secret\n\n" + `{"token":"` + access + `"}`)
		c.ok("POST /v1/oauth/revoke\nAuthorization: Basic $client:$client_secret\n\n" + `{"token":"` + access + `"}`)
		keep("second client secret", c.ok("POST /_octavo/oauth/clients/$client/secret").field("client_secret"))

		// Webhooks and files.
		c.make("hook", "POST /_octavo/webhooks", `{"integration_id":"$bot","url":"$sink/hook"}`)
		c.received()
		verification := keep("verification token", c.expand("$verification_token"))
		c.request("POST /_octavo/webhooks/$hook/verify\n\n" + `{"verification_token":"x` + verification + `"}`)
		c.ok("POST /_octavo/webhooks/$hook/verify\n\n" + `{"verification_token":"` + verification + `"}`)
		c.upload("upload", "diary.txt")
		keep("content of a file", "content of upload")
		c.make("block", "PATCH /v1/blocks/$page/children", `{"children":[{"file":{"type":"file_upload","file_upload":{"id":"$upload"}}}]}`)
		file := parsed(c.ok("GET /v1/blocks/$page/children")).String()
		_, signature, signed := strings.Cut(file, "sig=")
		if !signed {
			t.Fatalf("no link in %s", file)
		}
		keep("signature", signature[:strings.IndexAny(signature, `"&\`)])
		c.request("GET /v1/blocks/$page/children?sig=" + secrets["signature"])

		// Each of them where it does not belong.
		for name, secret := range secrets {
			if strings.ContainsAny(secret, " ") {
				continue
			}
			for _, request := range []string{
				"GET /v1/pages/" + secret,
				"GET /v1/" + secret,
				"POST /v1/oauth/token\nAuthorization: Basic $client:" + secret + "\n\n" + `{"grant_type":"refresh_token","refresh_token":"` + refresh + `"}`,
				"POST /v1/oauth/revoke\nAuthorization: Basic $client:$client_secret\n\n" + `{"token":"` + secret + `"}`,
				"DELETE /_octavo/tokens/" + secret,
				"GET /_octavo/" + secret,
				"GET /_octavo/users\nAuthorization: Bearer " + secret,
			} {
				// A code looks like an id, and what signs a link is known by its key alone.
				if (name == "code" || name == "signature") && !strings.HasPrefix(request, "POST") {
					continue
				}
				c.request(request)
			}
			if name == "code" || strings.HasPrefix(name, "cookie") || name == "signature" {
				continue
			}
			for _, request := range []string{
				"POST /v1/search\n\n" + `{"query":5,"sort":"` + secret + `"}`,
				"PATCH /v1/pages/$page\n\n" + `{"properties":{"` + secret + `":{"title":5}}}`,
				"GET /v1/users?start_cursor=" + secret,
				"POST /_octavo/users\nOctavo-Actor: " + secret + "\n\n" + `{"name":"` + secret + `","role":"guest"}`,
				"POST /_octavo/formula/check\n\n" + `{"data_source_id":"` + secret + `","expression":"` + secret + `"}`,
			} {
				c.request(request)
			}
		}

		// What those see who run the server.
		seen := map[string]string{"the log": log.String()}
		for _, path := range []string{
			"requests?page_size=100", "audit?page_size=100", "tokens", "oauth/clients", "integrations", "webhooks", "webhooks/$hook",
			"webhooks/$hook/deliveries", "events?page_size=100", "faults", "limits", "metrics",
		} {
			for cursor := ""; ; {
				a := c.request("GET /_octavo/" + path + cursor)
				seen[path] += string(a.body)
				if path == "metrics" || path == "faults" {
					break
				}
				more := walk(parsed(a), "next_cursor").Text()
				if more == "" || strings.HasPrefix(path, "events") {
					break
				}
				cursor = "&start_cursor=" + more
			}
		}
		if len(seen["audit?page_size=100"]) < 5000 || len(seen["requests?page_size=100"]) < 20000 || len(seen["the log"]) < 20000 {
			t.Error("little was logged")
		}
		for place, text := range seen {
			for name, secret := range secrets {
				if i := strings.Index(text, secret); i >= 0 {
					t.Errorf("whole requests %v: the %s is in %s: …%s…", whole, name, place, text[max(0, i-300):min(len(text), i+100)])
				}
			}
		}
	}
}
