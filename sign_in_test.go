package octavo_test

import (
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"octavo"
	"octavo/internal/clock"
)

// browser is what a person has: it keeps cookies, and does not follow redirects by itself.
type browser struct {
	t      *testing.T
	url    string
	client *http.Client
	// header goes along with each request.
	header http.Header
	form   string // the mark of the last form
}

func (c *conversation) browser() *browser {
	c.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	client := *c.client
	client.Jar = jar
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &browser{t: c.t, url: c.url, client: &client, header: http.Header{}}
}

// shown is a page, or where a redirect leads.
type shown struct {
	status   int
	header   http.Header
	text     string
	location string
}

var (
	formMark = regexp.MustCompile(`name="form" value="([^"]*)"`)
	pageBox  = regexp.MustCompile(`name="page" value="([^"]*)"( checked)?(?: autofocus)?> <span class="title">([^<]*)`)
)

func (b *browser) do(method, target string, fields url.Values) shown {
	b.t.Helper()
	if strings.HasPrefix(target, "/") {
		target = b.url + target
	}
	r, err := http.NewRequest(method, target, strings.NewReader(fields.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header = b.header.Clone()
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if found := formMark.FindSubmatch(body); found != nil {
		b.form = string(found[1])
	}
	return shown{resp.StatusCode, resp.Header, string(body), resp.Header.Get("Location")}
}

func (b *browser) get(target string) shown {
	b.t.Helper()
	return b.do(http.MethodGet, target, nil)
}

// send sends the form of the page that was shown last; pairs are names and values.
func (b *browser) send(target string, pairs ...string) shown {
	b.t.Helper()
	fields := url.Values{"form": {b.form}}
	for i := 0; i < len(pairs); i += 2 {
		fields.Add(pairs[i], pairs[i+1])
	}
	return b.do(http.MethodPost, target, fields)
}

// want fails the test unless a page has a status and holds all of the texts.
func (b *browser) want(s shown, status int, texts ...string) shown {
	b.t.Helper()
	for _, text := range texts {
		if !strings.Contains(s.text, html.EscapeString(text)) {
			b.t.Errorf("the page does not say %q:\n%s", text, s.text)
		}
	}
	if s.status != status {
		b.t.Fatalf("status %d, want %d: %s %s", s.status, status, s.location, s.text)
	}
	return s
}

// boxes are the pages that are offered, by title, and whether they are ticked.
func (s shown) boxes() map[string]bool {
	found := map[string]bool{}
	for _, box := range pageBox.FindAllStringSubmatch(s.text, -1) {
		found[html.UnescapeString(box[3])] = box[2] != ""
	}
	return found
}

const password = "correct horse battery staple"

// expandAll fills names into several texts.
func (c *conversation) expandAll(texts []string) []string {
	for i, text := range texts {
		texts[i] = c.expand(text)
	}
	return texts
}

// person adds a person with a password and names their id.
func (c *conversation) person(name, body string, query ...string) {
	c.t.Helper()
	in := strings.Join(query, "")
	c.make(name, "POST /_octavo/users"+in, body)
	b := c.browser()
	link := c.invite("$"+name, in)
	b.want(b.get(link), 200)
	b.want(b.send(link, "do", "join", "password", password, "again", password), 303)
}

// invite returns the link of an invitation.
func (c *conversation) invite(user, query string) string {
	c.t.Helper()
	return c.ok("POST /_octavo/users/" + user + "/invite" + query).field("url")
}

// register registers a public integration, names its id and secret, and returns the address
// of its authorize page.
func (c *conversation) register(name string) string {
	c.t.Helper()
	c.save("client id\nclient_secret client_secret", c.ok("POST /_octavo/oauth/clients\n\n"+
		`{"name":"`+name+`","redirect_uris":["https://app.example/back?keep=1"],"capabilities":["read_content","insert_content"]}`))
	return c.expand("/v1/oauth/authorize?client_id=$client&response_type=code&owner=user&state=s%20t")
}

// codeOf is the code in the redirect to the client.
func codeOf(t *testing.T, s shown) string {
	t.Helper()
	u, err := url.Parse(s.location)
	q := u.Query()
	if err != nil || s.status != 303 || u.Host != "app.example" || q.Get("state") != "s t" || q.Get("keep") != "1" || q.Get("code") == "" {
		t.Fatalf("redirected to %q (%d): %s", s.location, s.status, s.text)
	}
	return q.Get("code")
}

// exchange gets a token for a code.
func (c *conversation) exchange(code string) string {
	c.t.Helper()
	return c.ok("POST /v1/oauth/token\nAuthorization: Basic $client:$client_secret\n\n" +
		`{"grant_type":"authorization_code","code":"` + code + `"}`).field("access_token")
}

// titled makes a page below another and names its id.
func (c *conversation) titled(name, parent, title string) {
	c.t.Helper()
	c.make(name, "POST /v1/pages", `{"parent":{"page_id":"`+parent+`"},"properties":{"title":[{"text":{"content":"`+title+`"}}]}}`)
}

// TestAuthorizeInABrowser walks from the link of an invitation to a token: a password is set,
// pages are looked for and chosen over several forms, and the client sees just these.
func TestAuthorizeInABrowser(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		c := hold(t, db, serverOptions{})
		c.titled("plans", "$page", "Plans <b>")
		c.titled("budget", "$plans", "Budget")
		c.titled("diary", "$page", "Diary")
		c.make("tasks", "POST /v1/databases", `{"parent":{"page_id":"$page"},"title":[{"text":{"content":"Tasks"}}]}`)
		authorize := c.register("Calendar & Co")
		c.make("ada", "POST /_octavo/users", `{"name":"Ada","email":"Ada@example.com"}`)
		b := c.browser()

		link := c.invite("$ada", "")
		b.want(b.get(link), 200, "Ada", "ada@example.com", "At least 8 characters")
		b.want(b.send(link, "do", "join", "password", password, "again", "other"), 400, "The two passwords differ.")
		b.want(b.send(link, "do", "join", "password", "short", "again", "short"), 400, "8 to 200 characters")
		joined := b.want(b.send(link, "do", "join", "password", password, "again", password), 303)
		b.want(b.get(joined.location), 200, "You are signed in", "Ada", "Octavo")
		b.want(b.get(link), 404, "This link does not work")
		b.want(b.send("/_octavo/sign-in", "do", "sign-out"), 303)

		b.want(b.get(authorize), 200, "Sign in", "Calendar & Co")
		b.want(b.send(authorize, "do", "sign-in", "email", "ada@example.com", "password", "wrong"), 403, "The e-mail or the password is wrong.")
		in := b.want(b.send(authorize, "do", "sign-in", "email", "ADA@example.com", "password", password), 303)
		top := b.want(b.get(in.location), 200, "Let Calendar & Co in?", "read content", "add content", "https://app.example")
		if strings.Contains(top.text, "change content") || len(top.boxes()) != 1 {
			t.Errorf("the first page is %s", top.text)
		}
		inside := b.want(b.send(authorize, "do", "open:"+c.page), 200)
		if got := fmt.Sprint(inside.boxes()); got != "map[Diary:false Getting started:false Plans <b>:false Tasks:false]" {
			t.Errorf("in the page: %s", got)
		}
		found := b.want(b.send(authorize, "do", "search", "q", "budget", "page", c.expand("$diary")), 200, "in Plans <b>")
		if got := fmt.Sprint(found.boxes()); got != "map[Budget:false Diary:true]" {
			t.Errorf("found: %s", got)
		}
		// A database is found by the title of its data source.
		if got := fmt.Sprint(b.send(authorize, "do", "search", "q", "TASKS").boxes()); got != "map[Tasks:false]" {
			t.Errorf("found: %s", got)
		}
		b.want(b.send(authorize, "do", "search", "q", "nothing like this"), 200, "No page has these words in its title.")

		given := b.send(authorize, "do", "approve", "page", c.expand("$budget"), "page", c.expand("$tasks"), "page", "no id", "page", c.expand("$ada"))
		c.set("token", c.exchange(codeOf(t, given)))
		titles := c.request("POST /v1/search\nAuthorization: Bearer $token\n\n{}")
		if got := c.goldenTitles(titles); got != "200 page_or_data_source\ndata_source Tasks\npage Budget\n" {
			t.Errorf("the client sees %s", got)
		}
		if owner := walk(parsed(c.request("GET /v1/users/me\nAuthorization: Bearer $token")), "bot.owner.user.id").Text(); owner != c.expand("$ada") {
			t.Errorf("the owner is %s", owner)
		}
		if denied := b.send(authorize, "do", "deny"); denied.location != "https://app.example/back?error=access_denied&keep=1&state=s+t" {
			t.Errorf("denied: %s", denied.location)
		}
	})
}

var treeParts = regexp.MustCompile(`<ul class="nodes"|</ul>|<button class="fold"[^>]*>|<input type="checkbox"([^>]*)> <span class="title">([^<]*)|<button name="do" value="more:`)

// tree is the choice of pages as it is shown, a line for each: what its button shows, how it is
// ticked, and its title. Each level is indented by a dot more.
func (s shown) tree() string {
	var out strings.Builder
	depth, fold := 0, " "
	for _, part := range treeParts.FindAllStringSubmatch(s.text, -1) {
		switch {
		case strings.HasPrefix(part[0], "<ul"):
			depth++
		case part[0] == "</ul>":
			depth = max(depth-1, 0) // other lists end too
		case strings.Contains(part[0], `aria-expanded="true"`):
			fold = "-"
		case strings.Contains(part[0], `aria-expanded="false"`):
			fold = "+"
		case strings.Contains(part[0], "more:"):
			fmt.Fprintf(&out, "%s…\n", strings.Repeat(".", depth-1))
		default:
			tick := "o"
			if strings.Contains(part[1], "disabled") {
				tick = "in"
			} else if strings.Contains(part[1], "checked") {
				tick = "x"
			}
			fmt.Fprintf(&out, "%s%s %s %s\n", strings.Repeat(".", depth-1), fold, tick, html.UnescapeString(part[2]))
			fold = " "
		}
	}
	return out.String()
}

// TestTreeOfPages opens the tree of a workspace level by level: what is in other blocks, and the
// rows of a database, are in it; whatever is in a page that is chosen is chosen with it.
func TestTreeOfPages(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		c := hold(t, db, serverOptions{})
		c.titled("plans", "$page", "Plans")
		c.titled("budget", "$plans", "Budget")
		c.make("tasks", "POST /v1/databases", `{"parent":{"page_id":"$page"},"title":[{"text":{"content":"Tasks"}}]}`)
		c.save("source data_sources.0.id", c.ok("GET /v1/databases/$tasks"))
		c.make("row", "POST /v1/pages", `{"parent":{"data_source_id":"$source"},"properties":{"title":[{"text":{"content":"Wash up"}}]}}`)
		c.titled("notes", "$row", "Notes")
		c.titled("last", "$page", "Last")
		c.titled("old", "$page", "Old")
		c.titled("older", "$old", "Older")
		c.ok("PATCH /v1/pages/$old\n\n" + `{"in_trash":true}`)
		c.ok("PATCH /v1/pages/$page/markdown\n\n" + `{"type":"replace_content","replace_content":{"new_str":` +
			`"<page url=\"https://o/$plans\"/>\n- list\n\t<database url=\"https://o/$tasks\">Tasks</database>\n<page url=\"https://o/$last\"/>"}}`)
		c.make("list", "PATCH /v1/blocks/$page/children", `{"children":[{"toggle":{"rich_text":[]}}]}`)
		authorize := c.register("App")
		c.person("ada", `{"name":"Ada","email":"ada@example.com"}`)
		b := c.browser()
		b.want(b.get(authorize), 200)
		b.want(b.send(authorize, "do", "sign-in", "email", "ada@example.com", "password", password), 303)
		b.want(b.get(authorize), 200)
		step := func(want string, pairs ...string) {
			t.Helper()
			if got := b.want(b.send(authorize, c.expandAll(pairs)...), 200).tree(); got != want {
				t.Errorf("%q shows\n%swant\n%s", pairs, got, want)
			}
		}
		step("+ o Getting started\n")
		step("- o Getting started\n.+ o Plans\n.+ o Tasks\n.  o Last\n", "do", "open:$page")
		step("- o Getting started\n.+ o Plans\n.- o Tasks\n..+ o Wash up\n.  o Last\n", "do", "open:$tasks", "open", "$page")
		step("- o Getting started\n.- x Plans\n..  in Budget\n.- o Tasks\n..- x Wash up\n...  in Notes\n.  o Last\n",
			"do", "open:$row", "open", "$page", "open", "$tasks", "open", "$plans", "page", "$plans", "page", "$row", "page", "$notes")
		// What is chosen stays so when it is out of sight, and what is in the trash is nowhere.
		step("  x Wash up\n- o Getting started\n.- o Plans\n..  o Budget\n.+ o Tasks\n.  o Last\n",
			"do", "close:$tasks", "open", "$page", "open", "$tasks", "open", "$plans", "page", "$row", "page", "$older")
		step("  x Plans\n  in Budget\n", "do", "search", "q", "budget", "page", "$plans")
		step("+ x Getting started\n", "do", "browse", "q", "budget", "page", "$page", "page", "$plans")
		step("+ o Getting started\n", "do", "open:$list", "open", "$page$page")
		open := []string{"do", "open:$page"}
		for range 40 {
			open = append(open, "open", "$plans")
		}
		b.want(b.send(authorize, c.expandAll(open)...), 200, "Too many pages are open at once.")

		c.set("token", c.exchange(codeOf(t, b.send(authorize, c.expandAll([]string{"do", "approve", "page", "$plans", "page", "$budget", "page", "$older", "page", "$tasks"})...))))
		if got := c.goldenTitles(c.request("POST /v1/search\nAuthorization: Bearer $token\n\n" + `{"sort":{"timestamp":"last_edited_time","direction":"ascending"}}`)); got !=
			"200 page_or_data_source\npage Plans\npage Budget\ndata_source Tasks\npage Wash up\npage Notes\n" {
			t.Errorf("the client sees %s", got)
		}
	})
}

// TestLongLevels: a level shows fifty pages at a time, and more when it is asked to.
func TestLongLevels(t *testing.T) {
	c := hold(t, database{first: true}, memory())
	var rows strings.Builder
	for i := range 100 {
		fmt.Fprintf(&rows, `,{"toggle":{"rich_text":[{"text":{"content":"%d"}}]}}`, i)
	}
	c.ok("PATCH /v1/blocks/$page/children\n\n" + `{"children":[` + rows.String()[1:] + `]}`)
	for i := range 101 {
		c.titled("last", "$page", fmt.Sprint("Page ", i))
	}
	authorize := c.register("App")
	c.person("ada", `{"name":"Ada","email":"ada@example.com"}`)
	b := c.browser()
	b.want(b.get(authorize), 200)
	b.want(b.send(authorize, "do", "sign-in", "email", "ada@example.com", "password", password), 303)
	b.want(b.get(authorize), 200)
	for _, tc := range []struct {
		pairs []string
		count int
		more  bool
	}{
		{[]string{"do", "open:" + c.page}, 50, true},
		{[]string{"do", "more:" + c.page, "open", c.page}, 100, true},
		{[]string{"do", "more:" + c.page, "open", c.page, "open", c.page}, 101, false},
	} {
		got := b.want(b.send(authorize, tc.pairs...), 200)
		if n := len(got.boxes()) - 1; n != tc.count || strings.Contains(got.tree(), "…") != tc.more {
			t.Errorf("%q shows %d pages: %s", tc.pairs, n, got.tree())
		}
		// The person goes on from the first that is new.
		from, _, _ := strings.Cut(got.text[strings.LastIndex(got.text, " autofocus>"):], "</span>")
		if first := fmt.Sprintf("Page %d", (tc.count-1)/50*50); tc.count > 50 && !strings.HasSuffix(from, ">"+first) {
			t.Errorf("%q goes on from %q, want %q", tc.pairs, from, first)
		}
	}
}

// TestOneTokenAtOnce: of clients that show one code, or one refresh token, at the same time at
// most one gets tokens, and they do not work any more: one of the others may be a thief.
func TestOneTokenAtOnce(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		c := hold(t, db, serverOptions{})
		c.register("App")
		c.make("ada", "POST /_octavo/users", `{"name":"Ada"}`)
		atOnce := func(body string) {
			t.Helper()
			text := c.expand("POST /v1/oauth/token\nAuthorization: Basic $client:$client_secret\n\n" + body)
			answers := make([]*answer, 8)
			var wg sync.WaitGroup
			for i := range answers {
				wg.Go(func() { answers[i] = c.request(text) })
			}
			wg.Wait()
			var given []string
			for _, a := range answers {
				switch {
				case a.status == 200:
					given = append(given, a.field("access_token"))
				case a.status != 400 || a.field("error") != "invalid_grant":
					t.Errorf("%d %s", a.status, a.body)
				}
			}
			if len(given) > 1 {
				t.Errorf("%d clients have tokens", len(given))
			}
			for _, token := range given {
				if a := c.request("GET /v1/users/me\nAuthorization: Bearer " + token); a.status != 401 {
					t.Errorf("the token works still: %d %s", a.status, a.body)
				}
			}
		}
		code := func() string {
			return c.ok("POST /_octavo/oauth/clients/$client/authorize\n\n" + `{"user_id":"$ada"}`).field("code")
		}
		atOnce(`{"grant_type":"authorization_code","code":"` + code() + `"}`)
		a := c.ok("POST /v1/oauth/token\nAuthorization: Basic $client:$client_secret\n\n" + `{"grant_type":"authorization_code","code":"` + code() + `"}`)
		atOnce(`{"grant_type":"refresh_token","refresh_token":"` + a.field("refresh_token") + `"}`)
	})
}

// TestWhatCannotBeAuthorised: a client that is not known, or a place to go back to that is
// not, is said on the page; everything else is said to the client.
func TestWhatCannotBeAuthorised(t *testing.T) {
	c := hold(t, database{first: true}, memory())
	authorize := c.register("App")
	b := c.browser()
	for _, tc := range []struct{ change, text, location string }{
		{"client_id=", "Missing or invalid client_id", ""},
		{"client_id=" + c.page, "Missing or invalid client_id", ""},
		{"redirect_uri=https://evil.example/", "Missing or invalid redirect_uri", ""},
		{"redirect_uri=https://app.example/back?keep=1%26x=1", "Missing or invalid redirect_uri", ""},
		{"response_type=token", "", "https://app.example/back?error=unsupported_response_type&keep=1&state=s+t"},
		{"owner=workspace", "", "https://app.example/back?error=invalid_request&keep=1&state=s+t"},
		{"code_challenge=short", "", "https://app.example/back?error=invalid_request&keep=1&state=s+t"},
		{"code_challenge_method=S256", "", "https://app.example/back?error=invalid_request&keep=1&state=s+t"},
	} {
		u, err := url.Parse(authorize)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		key, value, _ := strings.Cut(tc.change, "=")
		q.Set(key, strings.ReplaceAll(value, "%26", "&"))
		u.RawQuery = q.Encode()
		status := 303
		if tc.text != "" {
			status = 400
		}
		if got := b.want(b.get(u.String()), status, tc.text); got.location != tc.location {
			t.Errorf("%s: sent to %q, want %q", tc.change, got.location, tc.location)
		}
	}
	c.ok("PATCH /_octavo/oauth/clients/$client\n\n" + `{"disabled":true}`)
	b.want(b.get(authorize), 400, "Missing or invalid client_id")
}

func memory() serverOptions {
	return serverOptions{change: func(o *octavo.Options) { o.Memory = true }}
}

// TestFormsOfOthers: only a form that this server has shown to this browser is accepted.
func TestFormsOfOthers(t *testing.T) {
	c := hold(t, database{first: true}, memory())
	authorize := c.register("App")
	c.person("ada", `{"name":"Ada","email":"ada@example.com"}`)
	b, other := c.browser(), c.browser()
	signIn := func(b *browser) shown {
		return b.send(authorize, "do", "sign-in", "email", "ada@example.com", "password", password)
	}
	const refused = "This form was not sent from a page of this server"
	b.want(signIn(b), 403, refused) // there is no cookie yet
	b.want(b.get(authorize), 200)
	other.want(other.get(authorize), 200)
	mine := b.form
	b.form = other.form
	b.want(signIn(b), 403, refused)
	b.form = ""
	b.want(signIn(b), 403, refused)
	b.form = mine
	for _, header := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}} {
		b.header.Set(header[0], header[1])
		b.want(signIn(b), 403, refused)
		b.header.Del(header[0])
	}
	b.want(b.send(authorize, "do", "sign-in", "email", strings.Repeat("a", 70_000)), 413, "too large")
	b.header.Set("Sec-Fetch-Site", "same-origin")
	b.want(signIn(b), 303)
	// The form that was shown before somebody signed in is not one of theirs.
	b.want(b.send(authorize, "do", "approve"), 403, refused)
	b.want(b.get(authorize), 200, "Let App in?")
	codeOf(t, b.send(authorize, "do", "approve"))
}

// TestWrongPasswords: after ten wrong passwords none is looked at for a quarter of an hour, and
// nothing tells whether there is such a person.
func TestWrongPasswords(t *testing.T) {
	c := hold(t, database{first: true}, memory())
	c.person("ada", `{"name":"Ada","email":"ada@example.com"}`)
	b := c.browser()
	try := func(email, word string) shown {
		t.Helper()
		b.want(b.get("/_octavo/sign-in"), 200)
		return b.send("/_octavo/sign-in", "do", "sign-in", "email", email, "password", word)
	}
	for _, email := range []string{"ada@example.com", "nobody@example.com", "no address"} {
		for range 10 {
			b.want(try(email, "wrong password"), 403, "The e-mail or the password is wrong.")
		}
		got := b.want(try(email, password), 429, "Try again in 15 minutes.")
		if got.header.Get("Retry-After") != "900" {
			t.Errorf("Retry-After is %q", got.header.Get("Retry-After"))
		}
	}
	c.clock.Advance(15*time.Minute - time.Second)
	b.want(try("ada@example.com", password), 429)
	c.clock.Advance(time.Second)
	b.want(try("ada@example.com", "wrong password"), 403)
	b.want(try("ada@example.com", password), 303)
}

// TestWrongPasswordsOfTwoServers: servers on one database count together, and a person who was
// signed in by one is so at the other.
func TestWrongPasswordsOfTwoServers(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		if db.options.DatabaseURL == "" {
			t.Skip("a SQLite database belongs to one server")
		}
		one := hold(t, db, serverOptions{})
		one.person("ada", `{"name":"Ada","email":"ada@example.com"}`)
		o := serverOptions{change: func(o *octavo.Options) { o.IDs = clock.Random{} }}
		other := hold(t, db, o)
		try := func(c *conversation, word string, status int) *browser {
			t.Helper()
			b := c.browser()
			b.want(b.get("/_octavo/sign-in"), 200)
			b.want(b.send("/_octavo/sign-in", "do", "sign-in", "email", "ada@example.com", "password", word), status)
			return b
		}
		for range 5 {
			try(one, "wrong password", 403)
			try(other, "wrong password", 403)
		}
		try(one, password, 429)
		try(other, password, 429)
		one.clock.Advance(15 * time.Minute)
		b := try(one, password, 303)
		b.url = other.url
		b.want(b.get("/_octavo/sign-in"), 200, "You are signed in")
	})
}

// TestSessionsEnd: whoever is signed in is so for two weeks, unless the password is set anew or
// the person is deactivated; another e-mail is signed in with at once.
func TestSessionsEnd(t *testing.T) {
	eachDatabase(t, func(t *testing.T, db database) {
		c := hold(t, db, serverOptions{})
		c.person("ada", `{"name":"Ada","email":"ada@example.com"}`)
		signIn := func(email string) *browser {
			t.Helper()
			b := c.browser()
			b.want(b.get("/_octavo/sign-in"), 200, "Sign in")
			b.want(b.send("/_octavo/sign-in", "do", "sign-in", "email", email, "password", password), 303)
			b.want(b.get("/_octavo/sign-in"), 200, "You are signed in")
			return b
		}
		b := signIn("ada@example.com")
		c.clock.Advance(14*24*time.Hour - time.Second)
		b.want(b.get("/_octavo/sign-in"), 200, "You are signed in")
		c.clock.Advance(time.Second)
		b.want(b.get("/_octavo/sign-in"), 200, "Sign in")

		b = signIn("ada@example.com")
		c.ok("PATCH /_octavo/users/$ada\n\n" + `{"email":"lovelace@example.com"}`)
		signIn("lovelace@example.com")
		other := c.browser()
		first, link := c.invite("$ada", ""), c.invite("$ada", "")
		other.want(other.get(first), 404)
		other.want(other.get(link), 200, "lovelace@example.com")
		c.clock.Advance(7*24*time.Hour - time.Second)
		other.want(other.send(link, "do", "join", "password", password, "again", password), 303)
		b.want(b.get("/_octavo/sign-in"), 200, "Sign in")

		// Whoever signs out ends the session, also where its cookie has been copied to.
		b = signIn("lovelace@example.com")
		there, err := url.Parse(c.url)
		if err != nil {
			t.Fatal(err)
		}
		copied := c.browser()
		copied.client.Jar.SetCookies(there, b.client.Jar.Cookies(there))
		copied.want(copied.get("/_octavo/sign-in"), 200, "You are signed in")
		b.want(b.send("/_octavo/sign-in", "do", "sign-out"), 303)
		copied.want(copied.get("/_octavo/sign-in"), 200, "Sign in")

		late := c.invite("$ada", "")
		c.clock.Advance(7 * 24 * time.Hour)
		other.want(other.get(late), 404)

		b = signIn("lovelace@example.com")
		c.ok("PATCH /_octavo/users/$ada\n\n" + `{"deactivated":true}`)
		b.want(b.get("/_octavo/sign-in"), 200, "Sign in")
		b.want(b.send("/_octavo/sign-in", "do", "sign-in", "email", "lovelace@example.com", "password", password), 403)
		if a := c.request("POST /_octavo/users/$ada/invite"); a.field("code") != "validation_error" {
			t.Errorf("a deactivated person is invited: %s", a.body)
		}
	})
}

// TestWorkspacesToChoose: one e-mail and password can be those of people in several
// workspaces; guests let nothing in.
func TestWorkspacesToChoose(t *testing.T) {
	c := hold(t, database{first: true}, memory())
	authorize := c.register("App")
	c.make("second", "POST /_octavo/workspaces", `{"name":"Second & last"}`)
	const in = "?workspace_id=$second"
	c.person("ada", `{"name":"Ada","email":"ada@example.com"}`)
	c.person("ada2", `{"name":"Ada too","email":"ada@example.com"}`, in)
	c.set("token2", c.newToken(t, `{"name":"Hers","kind":"personal","owner_id":"$ada2"}`, in).token)
	c.make("there", "POST /v1/pages\nAuthorization: Bearer $token2", `{"parent":{"workspace":true},"properties":{"title":[{"text":{"content":"Over there"}}]}}`)
	b := c.browser()
	b.want(b.get(authorize), 200)
	b.want(b.send(authorize, "do", "sign-in", "email", "ada@example.com", "password", password), 303)
	b.want(b.get(authorize), 200, "Choose Second & last instead")
	there := authorize + c.expand("&workspace=$second")
	if got := fmt.Sprint(b.want(b.get(there), 200, "Ada too").boxes()); got != "map[Over there:false]" {
		t.Errorf("offered in the second workspace: %s", got)
	}
	c.set("access", c.exchange(codeOf(t, b.send(there, "do", "approve", "page", c.expand("$there"), "page", c.page))))
	c.ok("GET /v1/pages/$there\nAuthorization: Bearer $access")

	c.ok("PATCH /_octavo/users/$ada2" + in + "\n\n" + `{"role":"guest"}`)
	first := b.want(b.get(there), 200, "Ada")
	if strings.Contains(first.text, "Second") {
		t.Errorf("a guest may choose: %s", first.text)
	}
	c.ok("PATCH /_octavo/users/$ada\n\n" + `{"role":"guest"}`)
	b.want(b.get(authorize), 403, "Guests of a workspace cannot let integrations into it.")
}

// TestOwnerSetsAPassword: the owner that the first start makes has no e-mail, and gives one
// with the password.
func TestOwnerSetsAPassword(t *testing.T) {
	c := hold(t, database{first: true}, memory())
	c.make("ada", "POST /_octavo/users", `{"name":"Ada","email":"ada@example.com"}`)
	link, err := c.server.InviteOwner(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b := c.browser()
	b.want(b.get(link), 200, "Owner", "You sign in with it.")
	b.want(b.send(link, "do", "join", "email", "", "password", password, "again", password), 400, "email should not be empty")
	b.want(b.send(link, "do", "join", "email", "nonsense", "password", password, "again", password), 400, "valid email")
	b.want(b.send(link, "do", "join", "email", "ada@example.com", "password", password, "again", password), 400, "already exists")
	b.want(b.send(link, "do", "join", "email", "Me@example.com", "password", password, "again", password), 303)
	b.want(b.get("/_octavo/sign-in"), 200, "me@example.com")
}

// TestHeadersOfPages: a page loads nothing, is in no frame and in no cache, and its cookie is
// out of the reach of scripts and, with TLS, of other hosts.
func TestHeadersOfPages(t *testing.T) {
	for _, public := range []string{"http://127.0.0.1", "https://octavo.example"} {
		o := memory()
		o.also(func(o *octavo.Options) { o.PublicURL = public })
		c := hold(t, database{first: true}, o)
		authorize := c.register("App")
		c.request("PATCH /_octavo/oauth/clients/$client\n\n" + `{"name":"<script>alert(1)</script>"}`)
		b := c.browser()
		page := b.want(b.get(authorize), 200)
		for key, want := range map[string]string{
			"Cache-Control": "no-store", "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "same-origin", "Content-Type": "text/html; charset=utf-8",
		} {
			if got := page.header.Get(key); got != want {
				t.Errorf("%s is %q, want %q", key, got, want)
			}
		}
		csp := page.header.Get("Content-Security-Policy")
		for _, part := range []string{"default-src 'none'", "frame-ancestors 'none'", "form-action 'self' https://app.example"} {
			if !strings.Contains(csp, part) {
				t.Errorf("%q is not in the policy %q", part, csp)
			}
		}
		if strings.Contains(page.text, "<script") {
			t.Errorf("a name is markup: %s", page.text)
		}
		cookie := page.header.Get("Set-Cookie")
		for _, part := range []string{"HttpOnly", "SameSite=Lax", "Path=/"} {
			if !strings.Contains(cookie, part) {
				t.Errorf("%q is not in the cookie %q", part, cookie)
			}
		}
		secure := strings.HasPrefix(cookie, "__Host-") && strings.Contains(cookie, "Secure")
		if secure != strings.HasPrefix(public, "https") {
			t.Errorf("at %s the cookie is %q", public, cookie)
		}
		if head := b.do(http.MethodHead, authorize, nil); head.status != 200 || head.text != "" {
			t.Errorf("HEAD: %+v", head)
		}
		if a := c.request("PUT /v1/oauth/authorize\n\n{}"); a.field("code") != "invalid_request_url" {
			t.Errorf("PUT: %s", a.body)
		}
	}
}

// TestPagesTakeAnything: whatever is sent, nothing is a fault of the server.
func TestPagesTakeAnything(t *testing.T) {
	hostile := []string{"", "\xff\x00", "\"\\\x00\"@example.com", "ada@example.com\xff", strings.Repeat("🤦", 5000), "00000000-0000-0000-0000-000000000000"}
	eachDatabase(t, func(t *testing.T, db database) {
		c := hold(t, db, serverOptions{})
		authorize := c.register("App")
		c.person("ada", `{"name":"Ada","email":"ada@example.com"}`)
		c.make("eve", "POST /_octavo/users", `{"name":"Eve"}`)
		link := c.invite("$eve", "")
		fine := func(what string, s shown) {
			t.Helper()
			if s.status >= 500 || s.status == 0 {
				t.Errorf("%s: %d %s", what, s.status, s.text)
			}
		}
		in, out := c.browser(), c.browser()
		in.want(in.get(authorize), 200)
		in.want(in.send(authorize, "do", "sign-in", "email", "ada@example.com", "password", password), 303)
		for _, text := range hostile {
			escaped := url.QueryEscape(text)
			fine("the client", in.get("/v1/oauth/authorize?client_id="+escaped))
			fine("the redirect URI", in.get(authorize+"&redirect_uri="+escaped))
			fine("the rest", in.get(authorize+"&workspace="+escaped+"&code_challenge="+escaped+"&"+escaped+"=%zz;"))
			in.want(in.get(authorize), 200)
			fine("what is looked for", in.send(authorize, "do", "search", "q", text, "in", text, "page", text))
			fine("what is opened", in.send(authorize, "do", "open:"+text, "open", text))
			out.want(out.get(authorize), 200)
			fine("who signs in", out.send(authorize, "do", "sign-in", "email", text, "password", text))
			fine("the link", out.get("/_octavo/join/"+url.PathEscape(text)))
			out.want(out.get(link), 200)
			fine("a new e-mail", out.send(link, "do", "join", "email", text, "password", password, "again", password))
			out.header.Set("Cookie", "octavo_session="+strings.Map(func(r rune) rune {
				if r <= ' ' || r > '~' {
					return 'x'
				}
				return r
			}, text))
			fine("the cookie", out.send(authorize, "do", "approve"))
			out.header.Del("Cookie")
		}
		many := []string{"do", "approve"}
		for range 201 {
			many = append(many, "page", c.page)
		}
		in.want(in.get(authorize), 200)
		in.want(in.send(authorize, many...), 400, "too many pages")
	})
}
