package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"octavo/internal/admin"
	archive "octavo/internal/backup"
	"octavo/internal/clock"
)

// The endpoints that no command speaks to, and why.
var noCommand = map[string]string{
	"health":  "is for what restarts processes; octavo status says more",
	"openapi": "is for programs, which read it where it is",
}

// The commands that speak to no endpoint.
var noEndpoint = []string{"serve", "restore", "version"}

// The commands that print JSON of their own, because they ask more than once, or for what is
// no JSON. The others print what they were answered.
var ownJSON = []string{"backup", "metrics", "request curl", "trash empty", "trash purge"}

// The parameters that no command has an option for, and why.
var noOption = map[string]string{
	"page_size":    "lists are read part by part",
	"start_cursor": "lists are read part by part",
}

// mirror answers every endpoint that the description has with a sample of what it says, and
// notes what was asked for.
type mirror struct {
	t          *testing.T
	operations map[string]operation // by id
	schemas    map[string]any
	asked      map[string]map[string]bool // keys of queries and bodies, by id
	calls      int
	// last is the latest sample; of a list, what is in it.
	last any
}

type operation struct {
	ID         string `json:"operationId"`
	Parameters []struct{ Name, In string }
	Request    struct{ Content map[string]media } `json:"requestBody"`
	Responses  map[string]struct{ Content map[string]media }
}

type media struct{ Schema map[string]any }

func newMirror(t *testing.T) (*mirror, *httptest.Server) {
	t.Helper()
	w := httptest.NewRecorder()
	admin.New(admin.Options{IDs: new(clock.Sequence)}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/_octavo/openapi.json", nil))
	var description struct {
		Paths      map[string]map[string]operation
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &description); err != nil || len(description.Paths) == 0 {
		t.Fatalf("the description: %v, %d paths", err, len(description.Paths))
	}
	m := &mirror{t: t, operations: map[string]operation{}, schemas: description.Components.Schemas, asked: map[string]map[string]bool{}}
	mux := http.NewServeMux()
	for path, methods := range description.Paths {
		for method, op := range methods {
			m.operations[op.ID] = op
			mux.HandleFunc(strings.ToUpper(method)+" "+path, func(w http.ResponseWriter, r *http.Request) { m.answer(w, r, op) })
		}
	}
	mux.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s %s is no endpoint", r.Method, r.URL) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return m, server
}

func (m *mirror) answer(w http.ResponseWriter, r *http.Request, op operation) {
	m.calls++
	keys := m.asked[op.ID]
	if keys == nil {
		keys = map[string]bool{}
		m.asked[op.ID] = keys
	}
	for key := range r.URL.Query() {
		keys[key] = true
	}
	var body map[string]any
	if data, err := io.ReadAll(r.Body); err != nil || len(data) > 0 && json.Unmarshal(data, &body) != nil {
		m.t.Errorf("%s: a body that is no object: %s", op.ID, data)
	}
	for key := range body {
		keys[key] = true
	}
	for kind, content := range op.Responses["200"].Content {
		w.Header().Set("Content-Type", kind)
		switch kind {
		case "application/json":
		case "application/x-tar":
			m.archive(w)
			return
		default:
			_, _ = io.WriteString(w, "sample 1\n")
			return
		}
		v := m.sample(content.Schema)
		m.last = v
		if o := v.(map[string]any); o["object"] == "list" {
			m.last = o["results"]
		}
		_ = json.NewEncoder(w).Encode(v)
	}
}

// archive answers with a backup, of something that is no database.
func (m *mirror) archive(w io.Writer) {
	path := filepath.Join(m.t.TempDir(), "copy.db")
	err := os.WriteFile(path, []byte("sample 1\n"), 0o600)
	if err == nil {
		err = archive.Write(m.t.Context(), w, archive.WriteOptions{Database: path})
	}
	if err != nil {
		m.t.Error(err)
	}
}

// sample is a value that a schema allows. Nothing in it shows as a dash.
func (m *mirror) sample(s map[string]any) any {
	if ref, ok := s["$ref"].(string); ok {
		return m.sample(m.schemas[strings.TrimPrefix(ref, "#/components/schemas/")].(map[string]any))
	}
	if v, ok := s["const"]; ok {
		return v
	}
	if list, ok := s["enum"].([]any); ok {
		return list[0]
	}
	if list, ok := s["allOf"].([]any); ok {
		return m.sample(list[0].(map[string]any))
	}
	if list, ok := s["anyOf"].([]any); ok {
		return m.sample(list[0].(map[string]any))
	}
	kind, _ := s["type"].(string)
	if list, ok := s["type"].([]any); ok {
		kind = list[0].(string)
	}
	switch kind {
	case "object":
		o := map[string]any{}
		properties, _ := s["properties"].(map[string]any)
		for key, property := range properties {
			o[key] = m.sample(property.(map[string]any))
		}
		delete(o, "request_id")
		return o
	case "array":
		return []any{m.sample(s["items"].(map[string]any))}
	case "boolean":
		return false
	case "integer", "number":
		return 1.0
	}
	return "sample"
}

// parameters are the keys that an operation takes in its query and body.
func (op operation) parameters() []string {
	var keys []string
	for _, p := range op.Parameters {
		if p.In == "query" {
			keys = append(keys, p.Name)
		}
	}
	for _, content := range op.Request.Content {
		properties, _ := content.Schema["properties"].(map[string]any)
		keys = slices.AppendSeq(keys, maps.Keys(properties))
	}
	return keys
}

func parserOf(t *testing.T) *kong.Kong {
	t.Helper()
	parser, err := newParser(&app{})
	if err != nil {
		t.Fatal(err)
	}
	return parser
}

// printed runs a command line and returns what it printed.
func printed(t *testing.T, parser *kong.Kong, args []string) (stdout string) {
	t.Helper()
	var out, complaints bytes.Buffer
	p := &process{ctx: t.Context(), stdout: &out, stderr: &complaints}
	if code := p.run(parser, args); code != 0 || complaints.Len() > 0 {
		t.Errorf("octavo %s: exit code %d: %s", strings.Join(args, " "), code, &complaints)
	}
	return out.String()
}

// TestEveryEndpointHasItsCommand runs every command with every option against a server that
// answers as the description says. Each endpoint must be asked by one, each parameter be sent
// by an option, each column of a table exist, and --json print what was answered.
func TestEveryEndpointHasItsCommand(t *testing.T) {
	m, server := newMirror(t)
	parser := parserOf(t)
	dash := regexp.MustCompile(`(?m)(^|\s)-(\s|$)`)
	for _, command := range parser.Model.Leaves(true) {
		name := strings.Join(wordsOf(command), " ")
		explained(t, command)
		if slices.Contains(noEndpoint, name) {
			continue
		}
		before := m.calls
		lines := commandLines(t, command)
		for i, args := range lines {
			renew := func() {
				if len(lines) > 2 {
					parser = parserOf(t) // one remembers what of several exclusive options was chosen
				}
			}
			renew()
			args = append(args, "--url", server.URL, "--admin-token", "adm_test")
			table := printed(t, parser, args)
			if table == "" || dash.MatchString(table) && i > 0 {
				t.Errorf("octavo %s shows what the answer has not:\n%s", strings.Join(args, " "), table)
			}
			args = args[:len(args):len(args)]
			if slices.Contains(args, "--output") {
				args = replaced(args, "--output", t.TempDir()+"/again")
			}
			renew()
			var got any
			if err := json.Unmarshal([]byte(printed(t, parser, append(args, "--json"))), &got); err != nil {
				t.Errorf("octavo %s --json: %v", name, err)
			}
			if !slices.Contains(ownJSON, name) && !reflect.DeepEqual(got, m.last) {
				t.Errorf("octavo %s --json prints %v, the answer was %v", name, got, m.last)
			}
		}
		if m.calls == before {
			t.Errorf("octavo %s asks nothing", name)
		}
	}
	for id, op := range m.operations {
		keys, was := m.asked[id]
		if was == (noCommand[id] != "") {
			t.Errorf("endpoint %s: has a command: %v", id, was)
		}
		for _, key := range op.parameters() {
			if was && !keys[key] && noOption[key] == "" {
				t.Errorf("endpoint %s: no command sends %s", id, key)
			}
		}
		for key := range keys {
			if !slices.Contains(op.parameters(), key) {
				t.Errorf("endpoint %s: a command sends %s, which it does not take", id, key)
			}
		}
	}
}

// explained fails the test unless a command and all that it takes have a sentence of help.
func explained(t *testing.T, command *kong.Node) {
	t.Helper()
	says := func(what, help string) {
		t.Helper()
		if !strings.HasSuffix(help, ".") && !strings.HasSuffix(help, "…") || len(help) < 5 {
			t.Errorf("%s: %s: the help is %q", command.Path(), what, help)
		}
	}
	says("itself", command.Help)
	for _, flag := range command.Flags {
		says("--"+flag.Name, flag.Help)
	}
	for _, arg := range command.Positional {
		says(arg.Name, arg.Help)
	}
	json := func(flag *kong.Flag) bool { return flag.Name == "json" }
	if command.Name != "serve" && !slices.ContainsFunc(command.Flags, json) {
		t.Errorf("%s has no --json", command.Path())
	}
}

// wordsOf is what a command is called, such as user list.
func wordsOf(command *kong.Node) []string {
	var words []string
	for node := command; node.Type != kong.ApplicationNode; node = node.Parent {
		words = append([]string{node.Name}, words...)
	}
	return words
}

// commandLines are ways to call a command: with what it needs, with everything, and with each of
// what excludes each other.
func commandLines(t *testing.T, command *kong.Node) [][]string {
	t.Helper()
	words := wordsOf(command)
	if strings.Join(words, " ") == "emoji add" {
		return emojiLines(t, words)
	}
	least := slices.Clone(words)
	for _, arg := range command.Positional {
		if arg.Required {
			least = append(least, valueOf(arg))
		}
	}
	all := slices.Clone(words)
	for _, arg := range command.Positional {
		all = append(all, valueOf(arg))
	}
	var excluding []string
	for _, flag := range command.Flags {
		if flag.Group != nil && flag.Name != "workspace" || flag.Name == "help" {
			continue
		}
		given := []string{"--" + flag.Name}
		if !flag.IsBool() {
			given = append(given, valueOf(flag.Value))
		}
		switch {
		case flag.Name == "output":
			all = append(all, given[0], t.TempDir()+"/once")
			least = append(least, given[0], t.TempDir()+"/least")
		case flag.Name == "yes", flag.Required && len(flag.Xor) == 0:
			all, least = append(all, given...), append(least, given...)
		case len(flag.Xor) > 0:
			excluding = append(excluding, strings.Join(given, "="))
		default:
			all = append(all, given...)
		}
	}
	if excluding == nil {
		return [][]string{least, all}
	}
	var lines [][]string
	for _, given := range excluding {
		lines = append(lines, append(slices.Clone(least), given), append(slices.Clone(all), given))
	}
	return lines
}

// emojiLines give an emoji either of the pictures that exclude each other: one is an argument.
func emojiLines(t *testing.T, words []string) [][]string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "sample.png")
	if err := os.WriteFile(file, []byte("a picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	named := append(words, "sample", "--workspace", "sample")
	return [][]string{
		append(slices.Clone(words), "sample", "https://example.com/sample.png"),
		append(slices.Clone(named), "https://example.com/sample.png"),
		append(slices.Clone(named), "--file", file),
	}
}

// valueOf is something that an option takes.
func valueOf(v *kong.Value) string {
	if v.Enum != "" {
		return v.EnumSlice()[0]
	}
	switch v.Target.Interface().(type) {
	case moment, spell, expiry:
		return "1d"
	case perMinute, rowLimit:
		return "1"
	}
	switch v.Target.Kind() {
	case reflect.Int, reflect.Uint64, reflect.Float64:
		return "1"
	}
	return "sample"
}

func replaced(args []string, flag, value string) []string {
	args = slices.Clone(args)
	args[slices.Index(args, flag)+1] = value
	return args
}

// TestComplaints: what goes wrong is said in one line that a terminal can have, on the side of
// the errors, and the exit code says it too.
func TestComplaints(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/_octavo/users":
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"object":"error","code":"validation_error","message":"first\nsecond\u001b[31m"}`)
		case "/_octavo/workspaces":
			w.WriteHeader(http.StatusBadGateway)
			fmt.Fprint(w, "<html>")
		case "/_octavo/emojis":
			fmt.Fprint(w, "<html>")
		case "/_octavo/limits":
			w.Header().Set("Content-Length", "100")
			fmt.Fprint(w, "{")
		case "/_octavo/metrics":
			fmt.Fprint(w, "{\n")
		case "/_octavo/readyz":
			w.WriteHeader(http.StatusServiceUnavailable)
			fmt.Fprint(w, `{"object":"error","code":"service_unavailable","message":"The server is shutting down."}`)
		}
	}))
	defer server.Close()
	parser := parserOf(t)
	for _, c := range []struct {
		args string
		code int
		said string
	}{
		{"user list", exitFailed, "octavo: first; second?[31m (validation_error)"},
		{"workspace list", exitFailed, "octavo: the server answered 502 Bad Gateway"},
		{"emoji list", exitFailed, "octavo: URL is not an Octavo server: its answer is not JSON"},
		{"limits show", exitFailed, "octavo: the answer broke off: unexpected EOF"},
		{"metrics --json", exitFailed, "octavo: text format parsing error in line 1"},
		{"status", exitFailed, "octavo: The server is shutting down. (service_unavailable)"},
		{"token", exitUsage, `octavo: expected one of "create", "list", "rotate", "revoke" (see octavo token --help)`},
		{"token rotate", exitUsage, `octavo: expected "<id>" (see octavo token rotate --help)`},
		{"token rotate x --overlop 1d", exitUsage, "octavo: unknown flag --overlop, did you mean \"--overlap\"? (see octavo token rotate --help)"},
		{"tokens list", exitUsage, `octavo: unexpected argument tokens, did you mean "token"? (see octavo --help)`},
		{"limits set --rate-limit many", exitUsage, `octavo: --rate-limit: "many" is not a number of requests a minute (see octavo limits set --help)`},
	} {
		var out, complaints bytes.Buffer
		p := &process{ctx: t.Context(), stdout: &out, stderr: &complaints}
		args := strings.Fields(c.args)
		if c.code == exitFailed {
			args = append(args, "--url", server.URL, "--admin-token", "adm_test")
		}
		code := p.run(parser, args)
		said := strings.ReplaceAll(complaints.String(), server.URL, "URL")
		if code != c.code || !strings.HasPrefix(said, c.said) || strings.Count(said, "\n") != 1 || out.Len() > 0 {
			t.Errorf("octavo %s: exit code %d: %q %q, want %d: %q", c.args, code, said, &out, c.code, c.said)
		}
	}
}
