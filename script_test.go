package octavo_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"octavo"
	"octavo/internal/jsonx"
)

var update = flag.Bool("update", false, "write what the server answers into testdata/script")

// TestScripts holds every conversation in testdata/script, on every database. The format
// is described in testdata/script/README.md.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no conversations", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			eachDatabase(t, func(t *testing.T, db database) {
				if !db.first {
					noRaces(t, "what is above the databases is the same")
				}
				runScript(t, file, db)
			})
		})
	}
}

// conversation is a script being held.
type conversation struct {
	*testServer

	t     *testing.T
	vars  []variable
	named map[string]string // ids without a name, in order of appearance
	sink  *sink             // nil when no webhook is to go anywhere
}

type variable struct{ name, value string }

// runScript holds a conversation, perhaps with a server that is other than it says.
func runScript(t *testing.T, file string, db database, changes ...func(*octavo.Options)) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	script := txtar.Parse(data)
	opts := serverOptions{}
	sections := script.Files
	if len(sections) > 0 && sections[0].Name == "server" {
		opts = parseServerSection(t, sections[0].Data)
		sections = sections[1:]
	}
	// What is said must not depend on how rows are found.
	if !db.first {
		opts.also(func(o *octavo.Options) { o.EagerTables = true })
	}
	for _, change := range changes {
		opts.also(change)
	}
	c := hold(t, db, opts)
	var last *answer
	for i := range sections {
		s := &sections[i]
		switch s.Name {
		case "request":
			last = c.request(string(s.Data))
			if i+1 >= len(sections) || goldens[sections[i+1].Name] == nil {
				t.Fatalf("%s: request %d has no response", file, i)
			}
		case "response", "blocks", "comments", "error", "events", "file", "markdown", "properties", "rows", "status", "times", "titles", "view":
			got := goldens[s.Name](c, last)
			if *update {
				s.Data = []byte(got)
				continue
			}
			if diff := cmp.Diff(strings.TrimSpace(string(s.Data)), strings.TrimSpace(got)); diff != "" {
				t.Errorf("%s: section %d, the answer to %s differs (-want +got):\n%s", file, i, last.request, diff)
			}
		case "save":
			c.save(string(s.Data), last)
		case "sink":
			c.sink.answer(strings.TrimSpace(string(s.Data)))
		case "sent":
			got := c.sent()
			if *update {
				s.Data = []byte(got)
				continue
			}
			if diff := cmp.Diff(strings.TrimSpace(string(s.Data)), strings.TrimSpace(got)); diff != "" {
				t.Errorf("%s: section %d, what was sent differs (-want +got):\n%s", file, i, diff)
			}
		case "clock":
			d, err := time.ParseDuration(strings.TrimSpace(string(s.Data)))
			if err != nil {
				t.Fatal(err)
			}
			if c.sink != nil {
				c.settle() // what runs in the background must not find that its time is over
			}
			c.clock.Advance(d)
		default:
			t.Fatalf("%s: unknown section %q", file, s.Name)
		}
	}
	if *update && db.first {
		if err := os.WriteFile(file, txtar.Format(script), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func parseServerSection(t *testing.T, data []byte) serverOptions {
	var opts serverOptions
	for line := range strings.Lines(string(data)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch key {
		case "":
		case "faults":
			opts.faults = true
		case "sink":
			opts.sink = newSink(t)
			opts.also(func(o *octavo.Options) { o.AllowTargets, o.WebhookWindow = []string{"loopback"}, opts.window })
		case "window":
			d, err := time.ParseDuration(value)
			if err != nil {
				t.Fatal(err)
			}
			opts.window = d
		case "rate-limit":
			n, err := strconv.Atoi(value)
			if err != nil {
				t.Fatal(err)
			}
			opts.rateLimit = n
		case "profile":
			opts.profile = value
		case "max-query-rows":
			n, err := strconv.Atoi(value)
			if err != nil {
				t.Fatal(err)
			}
			opts.also(func(o *octavo.Options) { o.MaxQueryRows = n })
		default:
			t.Fatalf("unknown line %q in the server section", line)
		}
	}
	return opts
}

// hold begins a conversation with a new server.
func hold(t *testing.T, db database, opts serverOptions) *conversation {
	t.Helper()
	c := &conversation{testServer: newTestServer(t, db, opts), t: t, named: map[string]string{}}
	c.set("token", c.token)
	c.set("admin", c.adminToken)
	c.set("page", c.page)
	if opts.sink != nil {
		c.sink = opts.sink
		c.set("sink", c.sink.url)
	}
	return c
}

// request sends the request written in a section: the request line, headers, an empty
// line and the body. Authorization and Notion-Version are added unless given; a header
// with the value - is left out.
func (c *conversation) request(text string) *answer {
	text = c.expand(text)
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimSpace(head), "\n")
	method, target, ok := strings.Cut(lines[0], " ")
	if !ok {
		c.t.Fatalf("malformed request line %q", lines[0])
	}
	target = strings.TrimPrefix(target, c.url)
	token := c.token
	if strings.HasPrefix(target, "/_octavo") {
		token = c.adminToken
	}
	h := http.Header{"Authorization": {"Bearer " + token}, "Notion-Version": {"2026-03-11"}}
	if strings.TrimSpace(body) != "" {
		h.Set("Content-Type", "application/json")
	}
	for _, line := range lines[1:] {
		key, value, _ := strings.Cut(line, ":")
		if value = strings.TrimSpace(value); value == "-" {
			h.Del(key)
		} else {
			h[http.CanonicalHeaderKey(key)] = []string{encodeBasic(value)}
		}
	}
	a := c.do(method, target, h, []byte(unescapeBody(strings.TrimSpace(body))))
	if a.status == http.StatusAccepted {
		// What runs in the background must not mix with what follows.
		if err := c.server.AsyncTasksDone(c.t.Context()); err != nil {
			c.t.Fatal(err)
		}
	}
	return a
}

// encodeBasic encodes the id and secret behind the word Basic, which a script writes plainly.
func encodeBasic(value string) string {
	if plain, ok := strings.CutPrefix(value, "Basic "); ok && strings.Contains(plain, ":") {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(plain))
	}
	return value
}

// unescapeBody lets a script hold what a text file cannot: \xNN is that byte, and
// <<text*n>> is text n times.
func unescapeBody(s string) string {
	s = repeated.ReplaceAllStringFunc(s, func(m string) string {
		parts := repeated.FindStringSubmatch(m)
		n, _ := strconv.Atoi(parts[2])
		return strings.Repeat(parts[1], n)
	})
	return rawByte.ReplaceAllStringFunc(s, func(m string) string {
		n, _ := strconv.ParseUint(m[2:], 16, 8)
		return string([]byte{byte(n)})
	})
}

var (
	repeated = regexp.MustCompile(`<<(.*?)\*(\d+)>>`)
	rawByte  = regexp.MustCompile(`\\x[0-9a-f]{2}`)
)

func (c *conversation) set(name, value string) {
	c.vars = slices.DeleteFunc(c.vars, func(v variable) bool { return v.name == name })
	c.vars = append(c.vars, variable{name, value})
	// Longer names first, so that $page2 is not read as $page and a 2.
	slices.SortStableFunc(c.vars, func(a, b variable) int { return len(b.name) - len(a.name) })
}

func (c *conversation) expand(s string) string {
	for _, v := range c.vars {
		s = strings.ReplaceAll(s, "$"+v.name, v.value)
	}
	return s
}

// save reads lines "name path" and gives what stands at the path of the last answer, such
// as results.0.id, a name.
func (c *conversation) save(text string, last *answer) {
	for line := range strings.Lines(text) {
		name, path, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			continue
		}
		v, err := jsonx.Parse(last.body)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, key := range strings.Split(path, ".") {
			if i, err := strconv.Atoi(key); err == nil && i < len(v.Items()) {
				v = v.Items()[i]
			} else {
				v = v.Get(key)
			}
		}
		if v.Kind() != jsonx.String {
			c.t.Fatalf("nothing to save at %s in %s", path, last.body)
		}
		c.set(name, v.Text())
	}
}

var (
	uuid    = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	compact = regexp.MustCompile(`\b[0-9a-f]{32}\b`)
	task    = regexp.MustCompile(`task_[0-9a-f]{32}`)
	secret  = regexp.MustCompile(`(?:ntn|nrt|inv|secret)_[0-9A-Za-z]{20,}`)
	// signature is what keeps a link to a file from being made up.
	signature = regexp.MustCompile(`([?&](?:amp;)?sig=)[0-9A-Za-z_-]{43}`)
)

// goldens write an answer as it stands in a script, by the name of the section.
var goldens = map[string]func(*conversation, *answer) string{
	"response":   (*conversation).golden,
	"blocks":     (*conversation).goldenBlocks,
	"comments":   (*conversation).goldenComments,
	"error":      (*conversation).goldenError,
	"file":       (*conversation).goldenFile,
	"markdown":   (*conversation).goldenMarkdown,
	"events":     (*conversation).goldenEvents,
	"times":      (*conversation).goldenTimes,
	"properties": (*conversation).goldenProperties,
	"rows":       (*conversation).goldenRows,
	"titles":     (*conversation).goldenTitles,
	"view":       (*conversation).goldenView,
	"status":     func(_ *conversation, a *answer) string { return strconv.Itoa(a.status) + "\n" },
}

// golden writes the whole answer: the status, the headers worth a look, and the indented
// body.
func (c *conversation) golden(a *answer) string {
	var out strings.Builder
	fmt.Fprintln(&out, a.status)
	if v := a.header.Get("Retry-After"); v != "" {
		fmt.Fprintln(&out, "Retry-After:", v)
	}
	out.WriteByte('\n')
	var body bytes.Buffer
	if err := json.Indent(&body, a.body, "", "  "); err != nil {
		body.Reset()
		body.Write(a.body)
	}
	// Request ids are in every answer and say nothing; they take no number.
	c.set("request_id", a.field("request_id"))
	out.WriteString(c.withNames(body.String()))
	out.WriteByte('\n')
	return out.String()
}

// goldenBlocks writes, of an answer that is a block or a list of blocks, a line for each:
// the type, what is true of it, and the payload. Lines that repeat are counted.
func (c *conversation) goldenBlocks(a *answer) string {
	body, err := jsonx.Parse(a.body)
	object := body.Get("object").Text()
	if err != nil || object != "block" && object != "list" {
		return c.golden(a)
	}
	blocks := []jsonx.Value{body}
	if object == "list" {
		blocks = body.Get("results").Items()
	}
	lines := []string{strconv.Itoa(a.status)}
	for _, b := range blocks {
		line := b.Get("type").Text()
		for _, mark := range []string{"has_children", "in_trash"} {
			if b.Get(mark).True() {
				line += " " + mark
			}
		}
		lines = append(lines, line+" "+b.Get(b.Get("type").Text()).String())
	}
	if next := body.Get("next_cursor"); next.Kind() == jsonx.String {
		lines = append(lines, "next_cursor "+next.Text())
	}
	var out strings.Builder
	for i, n := 0, 0; i < len(lines); i += n {
		for n = 1; i+n < len(lines) && lines[i+n] == lines[i]; n++ {
		}
		out.WriteString(lines[i])
		if n > 1 {
			fmt.Fprintf(&out, " ×%d", n)
		}
		out.WriteByte('\n')
	}
	return c.withNames(out.String())
}

// goldenComments writes, of an answer that is a comment or a list of comments, a line for
// each: the comment, its discussion, what it is on, its author, the name it is shown under
// and its plain text.
func (c *conversation) goldenComments(a *answer) string {
	body, err := jsonx.Parse(a.body)
	object := body.Get("object").Text()
	if err != nil || object != "comment" && object != "list" {
		return c.golden(a)
	}
	comments := []jsonx.Value{body}
	if object == "list" {
		comments = body.Get("results").Items()
	}
	var out strings.Builder
	fmt.Fprintln(&out, a.status)
	for _, v := range comments {
		parent, name := v.Get("parent"), v.Get("display_name")
		plain := ""
		for _, item := range v.Get("rich_text").Items() {
			plain += item.Get("plain_text").Text()
		}
		fmt.Fprintf(&out, "%s in %s on %s %s by %s as %s %s: %s\n", v.Get("id").Text(), v.Get("discussion_id").Text(),
			parent.Get("type").Text(), parent.Get(parent.Get("type").Text()).Text(), v.Get("created_by").Get("id").Text(),
			name.Get("type").Text(), name.Get("resolved_name"), plain)
	}
	if next := body.Get("next_cursor"); next.Kind() == jsonx.String {
		fmt.Fprintln(&out, "next_cursor", next.Text())
	}
	return c.withNames(out.String())
}

// goldenEvents writes, of an answer that lists the log of changes, a line for each change: the
// revision, the type, what changed and what more there is to say.
func (c *conversation) goldenEvents(a *answer) string {
	var out strings.Builder
	fmt.Fprintln(&out, a.status)
	for _, e := range parsed(a).Get("results").Items() {
		fmt.Fprintf(&out, "%s %s %s %s\n", e.Get("revision"), e.Get("type").Text(), e.Get("node_id").Text(), e.Get("data"))
	}
	return c.withNames(out.String())
}

// goldenProperties writes, of an answer that has properties or lists the items of one, a line
// for each with its type and value. Rich text is written as its plain text.
func (c *conversation) goldenProperties(a *answer) string {
	body, err := jsonx.Parse(a.body)
	if err != nil || a.status != http.StatusOK {
		return c.golden(a)
	}
	lines := []string{strconv.Itoa(a.status)}
	shown := func(object jsonx.Value) {
		for _, m := range object.Get("properties").Members() {
			lines = append(lines, m.Key+": "+valueLine(m.Value))
		}
	}
	shown(body)
	items := body.Get("results").Items()
	if body.Get("object").Text() == "property_item" {
		items = []jsonx.Value{body}
	}
	for _, it := range items {
		if it.Get("object").Text() == "page" {
			shown(it)
			continue
		}
		lines = append(lines, valueLine(it))
	}
	if of := body.Get("property_item"); of.Defined() {
		lines = append(lines, "property_item "+valueLine(of))
	}
	if next := body.Get("next_cursor"); next.Kind() == jsonx.String {
		lines = append(lines, "next_cursor "+next.Text())
	}
	return c.withNames(strings.Join(lines, "\n") + "\n")
}

func valueLine(v jsonx.Value) string {
	kind := v.Get("type").Text()
	line := kind + " " + plainly(v.Get(kind)).String()
	if v.Get("has_more").True() {
		line += " has_more"
	}
	return line
}

// plainly returns rich text anywhere in a value as its plain text.
func plainly(v jsonx.Value) jsonx.Value {
	switch {
	case v.Has("plain_text"):
		return v.Get("plain_text")
	case v.Kind() == jsonx.Array:
		items := make([]jsonx.Value, len(v.Items()))
		for i, it := range v.Items() {
			items[i] = plainly(it)
		}
		return jsonx.ArrayValue(items...)
	case v.Kind() == jsonx.Object:
		var members []jsonx.Member
		for _, m := range v.Members() {
			members = append(members, jsonx.M(m.Key, plainly(m.Value)))
		}
		return jsonx.ObjectValue(members...)
	}
	return v
}

// goldenView writes, of an answer that is a view, its type, its name and where it is, then a
// line for each part that it has.
func (c *conversation) goldenView(a *answer) string {
	v, err := jsonx.Parse(a.body)
	if err != nil || a.status != http.StatusOK || v.Get("object").Text() != "view" {
		return c.goldenError(a)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "200\n%s %s in %s", v.Get("type").Text(), v.Get("name"), v.Get("parent").Get("database_id").Text())
	for _, key := range []string{"data_source_id", "dashboard_view_id"} {
		if id := v.Get(key).Text(); id != "" {
			fmt.Fprintf(&out, ", %s %s", key, id)
		}
	}
	out.WriteByte('\n')
	for _, key := range []string{"filter", "sorts", "quick_filters", "configuration"} {
		if part := v.Get(key); part.Defined() && !part.IsNull() {
			fmt.Fprintln(&out, key, part)
		}
	}
	return c.withNames(out.String())
}

// goldenRows writes, of an answer that lists pages, their titles in order, and what the list
// says besides.
func (c *conversation) goldenRows(a *answer) string {
	body, err := jsonx.Parse(a.body)
	if err != nil || a.status != http.StatusOK || body.Get("object").Text() != "list" {
		return c.goldenError(a)
	}
	out := "200"
	for i, page := range body.Get("results").Items() {
		if i > 0 {
			out += ","
		}
		out += " " + titleOf(page)
	}
	if body.Get("has_more").True() {
		out += "\nhas_more"
	}
	if status := body.Get("request_status"); status.Defined() {
		out += "\nrequest_status " + status.String()
	}
	return c.withNames(out + "\n")
}

// titleOf returns the plain title of a page; quoted where it could be mistaken.
func titleOf(page jsonx.Value) string {
	for _, m := range page.Get("properties").Members() {
		if m.Value.Get("type").Text() != "title" {
			continue
		}
		title := ""
		for _, it := range m.Value.Get("title").Items() {
			title += it.Get("plain_text").Text()
		}
		if title == "" || strings.ContainsAny(title, ",\"\n") || strings.TrimSpace(title) != title {
			return strconv.Quote(title)
		}
		return title
	}
	return page.Get("id").Text()
}

// goldenTimes writes when each page or block of an answer was made and last edited.
func (c *conversation) goldenTimes(a *answer) string {
	body, err := jsonx.Parse(a.body)
	if err != nil || a.status != http.StatusOK {
		return c.golden(a)
	}
	objects := []jsonx.Value{body}
	if body.Get("object").Text() == "list" {
		objects = body.Get("results").Items()
	}
	out := "200\n"
	for _, o := range objects {
		kind := o.Get("type").Text()
		if kind == "" { // a page
			kind = o.Get("object").Text()
		}
		out += fmt.Sprintf("%s created %s edited %s\n", kind, o.Get("created_time").Text(), o.Get("last_edited_time").Text())
	}
	return out
}

// goldenTitles writes, of a list of pages, databases and data sources, what it is a list of
// and a line for each with its title.
func (c *conversation) goldenTitles(a *answer) string {
	body, err := jsonx.Parse(a.body)
	if err != nil || a.status != http.StatusOK {
		return c.golden(a)
	}
	out := strings.TrimSpace("200 "+body.Get("type").Text()) + "\n"
	for _, o := range body.Get("results").Items() {
		line := o.Get("object").Text() + " " + plainTitle(o)
		if o.Get("in_trash").True() {
			line += " in_trash"
		}
		out += strings.TrimSpace(line) + "\n"
	}
	if body.Get("has_more").True() {
		out += "has_more\n"
	}
	return out
}

// plainTitle returns the plain title of a page, database or data source.
func plainTitle(o jsonx.Value) string {
	items := o.Get("title").Items()
	for _, m := range o.Get("properties").Members() {
		if o.Get("object").Text() == "page" && m.Value.Get("type").Text() == "title" {
			items = m.Value.Get("title").Items()
		}
	}
	title := ""
	for _, it := range items {
		title += it.Get("plain_text").Text()
	}
	return title
}

// goldenError writes an error in the common form as it reads: status, code and, below, the
// message with its own line breaks.
func (c *conversation) goldenError(a *answer) string {
	body, err := jsonx.Parse(a.body)
	var keys []string
	for _, m := range body.Members() {
		keys = append(keys, m.Key)
	}
	if err != nil || !slices.Equal(keys, []string{"object", "status", "code", "message", "request_id"}) ||
		body.Get("status").String() != strconv.Itoa(a.status) {
		return c.golden(a)
	}
	return fmt.Sprintf("%d %s\n%s\n", a.status, body.Get("code").Text(), c.withNames(body.Get("message").Text()))
}

// fileHeaders are the headers of a file that say what to do with it.
var fileHeaders = []string{
	"Content-Type", "Content-Length", "Content-Disposition", "Content-Range", "Accept-Ranges", "Content-Security-Policy",
	"X-Content-Type-Options", "Referrer-Policy", "Cache-Control", "ETag", "Last-Modified", "Allow",
}

// goldenFile writes an answer that is a file: the status, what says what to do with it, and
// what is in it.
func (c *conversation) goldenFile(a *answer) string {
	out := strconv.Itoa(a.status) + "\n"
	for _, key := range fileHeaders {
		if v := a.header.Get(key); v != "" {
			out += key + ": " + v + "\n"
		}
	}
	return c.withNames(out + "\n" + string(a.body) + "\n")
}

// goldenMarkdown writes the content of a page as text: the status, what there is to know about
// the text, and the text as it is.
func (c *conversation) goldenMarkdown(a *answer) string {
	body, err := jsonx.Parse(a.body)
	if err != nil || body.Get("object").Text() != "page_markdown" {
		return c.golden(a)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%d %s\n", a.status, c.nameOf(body.Get("id").Text()))
	if body.Get("truncated").True() {
		out.WriteString("truncated\n")
	}
	for _, id := range body.Get("unknown_block_ids").Items() {
		fmt.Fprintln(&out, "unknown", c.nameOf(id.Text()))
	}
	for _, w := range body.Get("warnings").Items() {
		fmt.Fprintf(&out, "line %s: %s\n", w.Get("line"), w.Get("message").Text())
	}
	return out.String() + "\n" + c.withNames(body.Get("markdown").Text()) + "\n"
}

// withNames writes ids by name, or numbered in order of appearance.
func (c *conversation) withNames(text string) string {
	text = uuid.ReplaceAllStringFunc(text, c.nameOf)
	text = task.ReplaceAllStringFunc(text, c.nameOf)
	text = compact.ReplaceAllStringFunc(text, func(s string) string {
		dashed := s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
		return c.nameOf(dashed) + ".compact"
	})
	text = secret.ReplaceAllStringFunc(text, c.nameOf)
	if c.sink != nil {
		text = strings.ReplaceAll(text, c.sink.url, "$sink")
	}
	text = signature.ReplaceAllString(text, "$1…")
	return strings.ReplaceAll(text, c.url, "$url")
}

func (c *conversation) nameOf(value string) string {
	for _, v := range c.vars {
		if v.value == value {
			return "$" + v.name
		}
	}
	if value == "00000000-0000-0000-0000-000000000000" {
		return value
	}
	name, ok := c.named[value]
	if !ok {
		name = fmt.Sprintf("#%d", len(c.named)+1)
		c.named[value] = name
	}
	return name
}

// answer is what the server answered to one request.
type answer struct {
	request string
	status  int
	header  http.Header
	body    []byte
}

// do sends a request and records the answer for the schema check.
func (s *testServer) do(method, target string, h http.Header, body []byte) *answer {
	s.t.Helper()
	req, err := http.NewRequest(method, s.url, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	// The target goes out as it is written, dots and double slashes included.
	req.URL.Opaque = "//" + req.URL.Host + target
	req.Header = h
	resp, err := s.client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	a := &answer{request: method + " " + target, status: resp.StatusCode, header: resp.Header, body: data}
	s.record(method, target, h.Get("Notion-Version"), a)
	return a
}

// record appends the answer to the file that clients/schema checks against the types of
// the official SDK.
func (s *testServer) record(method, target, version string, a *answer) {
	dir := os.Getenv("OCTAVO_TEST_ANSWERS")
	if dir == "" || !strings.HasPrefix(target, "/v1/") || a.header.Get("Content-Encoding") != "" || len(a.body) == 0 {
		return
	}
	f, err := os.OpenFile(filepath.Join(dir, "go.ndjson"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	path, _, _ := strings.Cut(target, "?")
	line, err := json.Marshal(map[string]any{
		"method": method, "route": routeOf(method, path), "version": version, "status": a.status,
		"body": json.RawMessage(a.body),
	})
	if err != nil {
		s.t.Fatal(err)
	}
	// In one write, since conversations are held side by side.
	if _, err := f.Write(append(line, '\n')); err != nil {
		s.t.Fatal(err)
	}
}
