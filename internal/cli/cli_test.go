package cli_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"octavo"
	"octavo/internal/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"octavo": func() { os.Exit(cli.Main(os.Args[1:])) }})
}

// TestScripts runs the scripts in testdata. Besides the commands of testscript they have
//
//	start [flags]                     octavo serve, until it says that it is ready; sets
//	                                  OCTAVO_URL, TOKEN and PAGE; what it printed is in ready.txt
//	stop [code]                       SIGTERM to that server, which must exit with the code, else 0;
//	                                  its log is in log.txt
//	request STATUS TOKEN PATH [text]  a GET that must be answered with the status and, somewhere, the text
//	post NAME key TOKEN PATH BODY     a POST that must succeed; NAME keeps what stands under key in the answer
//	patch TOKEN PATH BODY             a PATCH that must succeed
//	receiver                          starts a receiver of webhooks and sets RECEIVER
//	received NAME key                 waits for the next request to it; NAME keeps what stands under key
//	capturefirst NAME key             capture, from the first of the list that was printed last
//	people N                          adds N people through the admin endpoints
//	capture NAME key                  keep what stands under key in the JSON that was printed last
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(env *testscript.Env) error {
			env.Vars = append(env.Vars, "OCTAVO_LISTEN=127.0.0.1:0")
			env.Values[slot{}] = new(slot)
			env.Values[inbox{}] = &inbox{requests: make(chan []byte, 100)}
			return nil
		},
		Condition: func(cond string) (bool, error) { return cond == "posix" && runtime.GOOS != "windows", nil },
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"start": start, "stop": stop, "request": request, "post": post, "patch": patch, "receiver": receiver, "received": received, "capturefirst": captureFirst, "people": people, "capture": capture,
		},
	})
}

// running is the server of a script.
type running struct {
	cmd *exec.Cmd
	out *bufio.Reader
	log *os.File
}

// slot holds the server of a script, nil when none runs.
type slot struct{ *running }

func slotOf(ts *testscript.TestScript) *slot { return ts.Value(slot{}).(*slot) }

func start(ts *testscript.TestScript, neg bool, args []string) {
	at := slotOf(ts)
	if neg || at.running != nil {
		ts.Fatalf("start: one server at a time")
	}
	cmd := exec.Command("octavo", append([]string{"serve"}, args...)...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = append(os.Environ(), environment(ts)...)
	log, err := os.Create(ts.MkAbs("log.txt"))
	ts.Check(err)
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	r := &running{cmd: cmd, out: bufio.NewReader(out), log: log}
	at.running = r
	ts.Defer(func() {
		if at.running == r {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	line, err := r.out.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "octavo ready ") {
		said, _ := os.ReadFile(ts.MkAbs("log.txt"))
		ts.Fatalf("start: the server said %q, %v\n%s", line, err, said)
	}
	ts.Check(os.WriteFile(ts.MkAbs("ready.txt"), []byte(line), 0o600))
	for _, word := range strings.Fields(line)[2:] {
		key, value, _ := strings.Cut(word, "=")
		name := map[string]string{"url": "OCTAVO_URL", "token": "TOKEN", "page": "PAGE"}[key]
		if name == "" {
			ts.Fatalf("start: unknown word %q on the ready line", word)
		}
		ts.Setenv(name, value)
	}
}

// environment is what scripts have set for commands.
func environment(ts *testscript.TestScript) []string {
	var env []string
	for _, name := range []string{"OCTAVO_LISTEN", "OCTAVO_TOKEN", "OCTAVO_ADMIN_TOKEN", "OCTAVO_DATA", "OCTAVO_FAULTS", "OCTAVO_RATE_LIMIT", "OCTAVO_IN_MEMORY"} {
		if value := ts.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

func stop(ts *testscript.TestScript, neg bool, args []string) {
	at := slotOf(ts)
	r := at.running
	if neg || r == nil {
		ts.Fatalf("stop: no server runs")
	}
	want := 0
	if len(args) > 0 {
		var err error
		want, err = strconv.Atoi(args[0])
		ts.Check(err)
	}
	ts.Check(r.cmd.Process.Signal(syscall.SIGTERM))
	rest, err := io.ReadAll(r.out)
	ts.Check(err)
	_ = r.cmd.Wait() // the exit code says more
	at.running = nil
	ts.Check(r.log.Close())
	f, err := os.OpenFile(ts.MkAbs("ready.txt"), os.O_APPEND|os.O_WRONLY, 0)
	ts.Check(err)
	_, err = f.Write(rest)
	ts.Check(err)
	ts.Check(f.Close())
	if got := r.cmd.ProcessState.ExitCode(); got != want {
		ts.Fatalf("stop: exit code %d, want %d", got, want)
	}
}

func request(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: request STATUS TOKEN PATH [text]")
	}
	req, err := http.NewRequest(http.MethodGet, ts.Getenv("OCTAVO_URL")+args[2], nil)
	ts.Check(err)
	req.Header.Set("Authorization", "Bearer "+args[1])
	req.Header.Set("Notion-Version", "2026-03-11")
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	if strconv.Itoa(resp.StatusCode) != args[0] || len(args) > 3 && !strings.Contains(string(body), args[3]) {
		ts.Fatalf("GET %s: %d %s", args[2], resp.StatusCode, body)
	}
}

func post(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 5 {
		ts.Fatalf("usage: post NAME key TOKEN PATH BODY")
	}
	req, err := http.NewRequest(http.MethodPost, ts.Getenv("OCTAVO_URL")+args[3], strings.NewReader(args[4]))
	ts.Check(err)
	req.Header.Set("Authorization", "Bearer "+args[2])
	req.Header.Set("Notion-Version", "2026-03-11")
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	var object map[string]any
	ts.Check(json.NewDecoder(resp.Body).Decode(&object))
	value, ok := object[args[1]].(string)
	if resp.StatusCode != http.StatusOK || !ok {
		ts.Fatalf("POST %s: %d %v", args[3], resp.StatusCode, object)
	}
	ts.Setenv(args[0], value)
}

func patch(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: patch TOKEN PATH BODY")
	}
	req, err := http.NewRequest(http.MethodPatch, ts.Getenv("OCTAVO_URL")+args[1], strings.NewReader(args[2]))
	ts.Check(err)
	req.Header.Set("Authorization", "Bearer "+args[0])
	req.Header.Set("Notion-Version", "2026-03-11")
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	ts.Check(resp.Body.Close())
	if resp.StatusCode != http.StatusOK {
		ts.Fatalf("PATCH %s: %d", args[1], resp.StatusCode)
	}
}

// inbox is what the receiver of a script has got.
type inbox struct{ requests chan []byte }

func receiver(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: receiver")
	}
	box := ts.Value(inbox{}).(*inbox)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			box.requests <- body
		}
	}))
	ts.Defer(server.Close)
	ts.Setenv("RECEIVER", server.URL)
}

func received(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: received NAME key")
	}
	const most = 20 * time.Second
	timeout := time.After(most)
	for {
		select {
		case body := <-ts.Value(inbox{}).(*inbox).requests:
			var object map[string]any
			ts.Check(json.Unmarshal(body, &object))
			if value, ok := object[args[1]].(string); ok {
				ts.Setenv(args[0], value)
				return
			}
		case <-timeout:
			ts.Fatalf("nothing with %s was received", args[1])
		}
	}
}

func captureFirst(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: capturefirst NAME key")
	}
	var list []map[string]any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &list))
	if len(list) == 0 {
		ts.Fatalf("capturefirst: an empty list")
	}
	value, ok := list[0][args[1]].(string)
	if !ok {
		ts.Fatalf("capturefirst: no text under %s", args[1])
	}
	ts.Setenv(args[0], value)
}

func people(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: people N")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	token, err := octavo.ReadAdminToken(ts.MkAbs(ts.Getenv("OCTAVO_DATA")))
	ts.Check(err)
	for i := range n {
		body := strings.NewReader(fmt.Sprintf(`{"name":"Person %d"}`, i))
		req, err := http.NewRequest(http.MethodPost, ts.Getenv("OCTAVO_URL")+"/_octavo/users", body)
		ts.Check(err)
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		ts.Check(err)
		ts.Check(resp.Body.Close())
		if resp.StatusCode != http.StatusOK {
			ts.Fatalf("people: %s", resp.Status)
		}
	}
}

func capture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: capture NAME key")
	}
	var object map[string]any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &object))
	value, ok := object[args[1]].(string)
	if !ok {
		ts.Fatalf("capture: no text under %s", args[1])
	}
	ts.Setenv(args[0], value)
}
