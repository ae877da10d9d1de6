package octavo_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"octavo"
)

// identityProvider is an OpenID Connect provider with a key of its own.
type identityProvider struct {
	t      *testing.T
	server *httptest.Server
	key    *rsa.PrivateKey
	// signing is the key that tokens are signed with.
	signing *rsa.PrivateKey
	// claims is what the next token says, userInfo what the endpoint says; ask is what the
	// browser came with.
	claims, userInfo map[string]any
	ask              url.Values
	// status answers requests for a token, 0 for 200, and body, when it is not "", is the answer.
	status int
	body   string
	// methods are those of showing the client secret, nil when the provider does not say.
	methods []string
}

func newIdentityProvider(t *testing.T) *identityProvider {
	t.Helper()
	key := newSigningKey(t)
	p := &identityProvider{t: t, key: key, signing: key}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		says := map[string]any{
			"issuer": p.server.URL, "authorization_endpoint": p.server.URL + "/authorize", "token_endpoint": p.server.URL + "/token",
			"jwks_uri": p.server.URL + "/keys", "userinfo_endpoint": p.server.URL + "/userinfo", "id_token_signing_alg_values_supported": []string{"RS256"},
		}
		if p.methods != nil {
			says["token_endpoint_auth_methods_supported"] = p.methods
		}
		p.write(w, says)
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		encode := base64.RawURLEncoding.EncodeToString
		p.write(w, map[string]any{"keys": []any{map[string]any{
			"kty": "RSA", "kid": "one", "use": "sig", "alg": "RS256",
			"n": encode(p.key.N.Bytes()), "e": encode(big.NewInt(int64(p.key.E)).Bytes()),
		}}})
	})
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /userinfo", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer access" {
			t.Errorf("the user info is asked for with %q", r.Header.Get("Authorization"))
		}
		p.write(w, p.userInfo)
	})
	p.server = httptest.NewServer(mux)
	t.Cleanup(p.server.Close)
	return p
}

func newSigningKey(t *testing.T) *rsa.PrivateKey {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (p *identityProvider) write(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(body); err != nil {
		p.t.Error(err)
	}
}

// token gives an ID token for a code, once it is clear who asks and that they began.
func (p *identityProvider) token(w http.ResponseWriter, r *http.Request) {
	if p.status != 0 {
		http.Error(w, `{"error":"invalid_grant"}`, p.status)
		return
	}
	id, encoded, _ := r.BasicAuth()
	secret, err := url.QueryUnescape(encoded) // RFC 6749 §2.3.1
	if p.methods != nil {
		id, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	}
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if err != nil || id != "octavo" || secret != "very secret" || r.PostFormValue("code") != "the code" || r.PostFormValue("redirect_uri") != p.ask.Get("redirect_uri") ||
		base64.RawURLEncoding.EncodeToString(sum[:]) != p.ask.Get("code_challenge") {
		p.t.Errorf("a token is asked for with %v", r.PostForm)
	}
	if p.body != "" {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(p.body)) // an error is the server's, which has read enough
		return
	}
	p.write(w, map[string]any{"access_token": "access", "token_type": "Bearer", "id_token": p.signed(p.claims)})
}

func (p *identityProvider) signed(claims map[string]any) string {
	body, err := json.Marshal(claims)
	if err != nil {
		p.t.Error(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"alg":"RS256","kid":"one"}`)) + "." + encode(body)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(nil, p.signing, crypto.SHA256, sum[:])
	if err != nil {
		p.t.Error(err)
	}
	return text + "." + encode(signature)
}

// options makes a server know the provider.
func (p *identityProvider) options(change func(*octavo.OIDC)) serverOptions {
	o := memory()
	o.also(func(o *octavo.Options) {
		o.OIDC = octavo.OIDC{Issuer: p.server.URL, ClientID: "octavo", ClientSecret: "very secret", Name: "Acme & Co"}
		if change != nil {
			change(&o.OIDC)
		}
	})
	return o
}

// begin goes with a browser to the provider, which is about to say that it is Ada, and returns
// where it sends the browser back to.
func (p *identityProvider) begin(c *conversation, b *browser, onward string) string {
	p.t.Helper()
	gone := b.want(b.get("/_octavo/sign-in/external?"+url.Values{"to": {onward}}.Encode()), 303)
	u, err := url.Parse(gone.location)
	if err != nil || !strings.HasPrefix(gone.location, p.server.URL+"/authorize?") {
		p.t.Fatalf("sent to %q, %v", gone.location, err)
	}
	p.ask = u.Query()
	for key, want := range map[string]string{
		"response_type": "code", "client_id": "octavo", "scope": "openid email profile", "code_challenge_method": "S256",
		"redirect_uri": c.url + "/_octavo/sign-in/callback",
	} {
		if got := p.ask.Get(key); got != want {
			p.t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	now := c.clock.Now()
	p.claims = map[string]any{
		"iss": p.server.URL, "sub": "1", "aud": "octavo", "nonce": p.ask.Get("nonce"), "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(),
		"email": "Ada@example.com", "email_verified": true, "name": "Ada Lovelace",
	}
	return "/_octavo/sign-in/callback?" + url.Values{"code": {"the code"}, "state": {p.ask.Get("state")}}.Encode()
}

// TestSignInWithAProvider: who is known by an e-mail that the provider has verified is signed
// in, and goes on to where they were going.
func TestSignInWithAProvider(t *testing.T) {
	p := newIdentityProvider(t)
	c := hold(t, database{first: true}, p.options(nil))
	authorize := c.register("App")
	c.make("ada", "POST /_octavo/users", `{"name":"Ada","email":"ada@example.com"}`)
	c.make("second", "POST /_octavo/workspaces", `{"name":"Second"}`)
	c.make("ada2", "POST /_octavo/users?workspace_id=$second", `{"name":"Ada too","email":"ada@example.com"}`)
	c.person("bob", `{"name":"Bob","email":"bob@example.com"}`)
	b := c.browser()
	b.want(b.get(authorize), 200, "Sign in with Acme & Co", "Password")
	back := p.begin(c, b, authorize)
	there := b.want(b.get(back), 303)
	if there.location != authorize {
		t.Errorf("goes on to %q", there.location)
	}
	b.want(b.get(there.location), 200, "Let App in?", "Ada", "Choose Second instead")
	other := c.browser()
	b.want(b.get(back), 403, "has been used")
	other.want(other.get(back), 403, "was not begun in this browser")
	other.want(other.get(p.begin(c, other, "/_octavo/sign-in")+"x"), 403, "was not begun in this browser")

	// What the token leaves out the provider says at another place.
	back = p.begin(c, other, "/_octavo/sign-in")
	delete(p.claims, "email")
	p.userInfo = map[string]any{"sub": "1", "email": "ada@example.com", "email_verified": "true"}
	other.want(other.get(back), 303)
	other.want(other.get("/_octavo/sign-in"), 200, "You are signed in", "Ada too")

	b = c.browser() // passwords work too
	b.want(b.get("/_octavo/sign-in"), 200)
	b.want(b.send("/_octavo/sign-in", "do", "sign-in", "email", "bob@example.com", "password", password), 303)
	for _, elsewhere := range []string{"https://evil.example/", "//evil.example", "/_octavo/sign-in/../../evil", "/v1/oauth/authorize@evil.example", ""} {
		b.want(b.get("/_octavo/sign-in/external?to="+url.QueryEscape(elsewhere)), 404)
	}
	back = p.begin(c, b, "/_octavo/sign-in")
	// Even a browser that was given the cookie of somebody else goes nowhere else.
	b.header.Set("Cookie", "octavo_oidc=x."+base64.RawURLEncoding.EncodeToString([]byte("https://evil.example/")))
	lost := c.browser()
	lost.header = b.header
	lost.want(lost.get(back), 403, "was not begun in this browser")
}

// TestWhatAProviderSays: whatever is not the provider's word, for this server, of now and of
// this sign-in, signs nobody in; nor does an e-mail that is not verified, or is nobody's.
func TestWhatAProviderSays(t *testing.T) {
	p := newIdentityProvider(t)
	c := hold(t, database{first: true}, p.options(func(o *octavo.OIDC) { o.Domains = []string{"Example.com"} }))
	c.make("ada", "POST /_octavo/users", `{"name":"Ada","email":"ada@example.com"}`)
	c.make("eve", "POST /_octavo/users", `{"name":"Eve","email":"eve@other.example"}`)
	for _, tc := range []struct {
		what, claim string
		value       any
		query       string // added to what the browser comes back with
		status      int
		text        string
	}{
		{"nothing wrong", "", nil, "", 303, ""},
		{"an issuer", "iss", "https://other.example", "", 403, "cannot be verified"},
		{"an audience", "aud", "somebody else", "", 403, "cannot be verified"},
		{"no audience", "aud", nil, "", 403, "cannot be verified"},
		{"a nonce", "nonce", "another", "", 403, "is not the answer to this sign-in"},
		{"no nonce", "nonce", nil, "", 403, "is not the answer to this sign-in"},
		{"the past", "exp", started.Add(-time.Second).Unix(), "", 403, "has expired"},
		{"not verified", "email_verified", false, "", 403, "has not verified that Ada@example.com is yours"},
		{"not said to be verified", "email_verified", nil, "", 403, "has not verified"},
		{"verified by a word", "email_verified", "true", "", 303, ""},
		{"another domain", "email", "eve@other.example", "", 403, "Nobody signs in here with an e-mail of other.example."},
		{"nobody", "email", "nobody@example.com", "", 403, "Nobody here has the e-mail nobody@example.com."},
		{"no e-mail", "email", "", "", 403, "does not say which e-mail you have"},
		{"no such e-mail", "email", "<b>@example.com", "", 403, "Nobody here has the e-mail"},
		{"an error", "", nil, "&error=access_denied&error_description=Ada+%3Cdid%3E+not+want+to", 403, "Acme & Co says: access_denied Ada <did> not want to"},
		{"another provider", "", nil, "&iss=https://other.example", 403, "Another provider than Acme & Co"},
		{"the provider", "", nil, "&iss=" + url.QueryEscape(p.server.URL), 303, ""},
	} {
		b := c.browser()
		back := p.begin(c, b, "/_octavo/sign-in")
		p.userInfo = map[string]any{"sub": "1"}
		if tc.claim != "" {
			p.claims[tc.claim] = tc.value
		}
		t.Log(tc.what)
		b.want(b.get(back+tc.query), tc.status, tc.text)
		state := "Sign in"
		if tc.status == 303 {
			state = "You are signed in"
		}
		b.want(b.get("/_octavo/sign-in"), 200, state)
	}

	b := c.browser()
	back := p.begin(c, b, "/_octavo/sign-in")
	p.signing = newSigningKey(t)
	b.want(b.get(back), 403, "cannot be verified")
	back = p.begin(c, b, "/_octavo/sign-in")
	p.key = p.signing // keys are replaced now and then, and asked for again
	b.want(b.get(back), 303)

	for _, tc := range []struct {
		status, want int
		text         string
	}{{400, 403, "does not take the code"}, {500, 502, "cannot be reached"}} {
		back = p.begin(c, b, "/_octavo/sign-in")
		p.status = tc.status
		b.want(b.get(back), tc.want, tc.text)
		p.status = 0
	}
	for _, tc := range []struct {
		body string
		want int
	}{
		{`{"access_token":"access"}`, 403},
		{`{"access_token":"access","id_token":7}`, 403},
		{`{"access_token":"access","id_token":"eyJhbGciOiJub25lIn0.e30."}`, 403},
		{`{"id_token":"x"}`, 502},
		{`[`, 502},
		{`{"access_token":"` + strings.Repeat("x", 2<<20) + `"}`, 502},
	} {
		back = p.begin(c, b, "/_octavo/sign-in")
		p.body = tc.body
		b.want(b.get(back), tc.want)
		p.body = ""
	}
	c.ok("PATCH /_octavo/users/$ada\n\n" + `{"deactivated":true}`)
	b = c.browser()
	b.want(b.get(p.begin(c, b, "/_octavo/sign-in")), 403, "Nobody here has the e-mail")
}

// TestWhoMayJoin: with --oidc-join whoever has an e-mail of the domain is a member from then on.
func TestWhoMayJoin(t *testing.T) {
	p := newIdentityProvider(t)
	p.methods = []string{"client_secret_post"}
	c := hold(t, database{first: true}, p.options(func(o *octavo.OIDC) { o.Domains, o.Join, o.Only = []string{"example.com"}, true, true }))
	b := c.browser()
	for range 2 {
		b.want(b.get(p.begin(c, b, "/_octavo/sign-in")), 303)
		b.want(b.get("/_octavo/sign-in"), 200, "Ada Lovelace", "ada@example.com")
	}
	var ada string
	people := walk(parsed(c.ok("GET /_octavo/users")), "results")
	for _, u := range people.Items() {
		if u.Get("email").Text() == "ada@example.com" {
			if ada != "" || u.Get("role").Text() != "member" {
				t.Errorf("%s is there twice, or as %s", u.Get("name").Text(), u.Get("role").Text())
			}
			ada = u.Get("id").Text()
		}
	}
	c.set("ada", ada)
	c.ok("PATCH /_octavo/users/$ada\n\n" + `{"deactivated":true}`)
	b = c.browser()
	b.want(b.get(p.begin(c, b, "/_octavo/sign-in")), 403, "You cannot be added")

	// There are no passwords.
	c.ok("PATCH /_octavo/users/$ada\n\n" + `{"deactivated":false}`)
	link := c.invite("$ada", "")
	b.want(b.get(link), 404, "people sign in with Acme & Co")
	page := b.want(b.get("/_octavo/sign-in"), 200, "Sign in with Acme & Co")
	if strings.Contains(page.text, "Password") {
		t.Errorf("a password is asked for: %s", page.text)
	}
}

// TestProvidersThatAreNotThere: the server starts without its provider, and says that it is not
// there; what cannot work is refused at once.
func TestProvidersThatAreNotThere(t *testing.T) {
	p := newIdentityProvider(t)
	c := hold(t, database{first: true}, p.options(nil))
	p.server.Close()
	b := c.browser()
	b.want(b.get("/_octavo/sign-in/external?to=/_octavo/sign-in"), 502, "Acme & Co cannot be reached")
	none := hold(t, database{first: true}, memory())
	b = none.browser()
	b.want(b.get("/_octavo/sign-in/external?to=/_octavo/sign-in"), 404)
	b.want(b.get("/_octavo/sign-in/callback?code=x&state=y"), 404)
	for _, o := range []octavo.OIDC{
		{Only: true},
		{ClientID: "octavo"},
		{Issuer: "https://accounts.example"},
		{Issuer: "http://accounts.example", ClientID: "octavo", ClientSecret: "secret"},
		{Issuer: "accounts", ClientID: "octavo", ClientSecret: "secret"},
		{Issuer: "https://accounts.example", ClientID: "octavo", ClientSecret: "secret", Join: true},
	} {
		if server, err := octavo.New(octavo.Options{Memory: true, OIDC: o}); err == nil {
			t.Errorf("%+v is taken", o)
			_ = server.Close()
		}
	}
}
