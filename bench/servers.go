package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"

	"octavo"
)

// The subcommands that run a server in a process of its own.
const (
	helloCommand    = "hello"
	profiledCommand = "serve-profiled"
)

// token is the token of every server that is measured.
const token = "ntn_bench"

// serveHello answers every request with a small JSON object: what is left when a server
// does nothing.
func serveHello() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("hello ready url=http://%s\n", l.Addr())
	body := []byte(`{"object":"hello","message":"Hello, world."}`)
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(body)
	}))
}

// serveProfiled is octavo serve with a CPU profile, so that the command needs no door for
// profiling. The arguments are the directory of the data and the file of the profile.
func serveProfiled(args []string) (err error) {
	if len(args) != 2 {
		return errors.New("serve-profiled DIR FILE")
	}
	file, err := os.Create(args[1])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	url := "http://" + l.Addr().String()
	server, err := octavo.New(octavo.Options{
		Dir: args[0], Token: token, PublicURL: url,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, nil)),
	})
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	fmt.Printf("octavo ready url=%s page=%s\n", url, server.Info().Page)
	return errors.Join(server.Serve(ctx, l, time.Second), server.Close())
}

// server is a server in a process of its own.
type server struct {
	cmd     *exec.Cmd
	log     *os.File
	address string
	page    string        // a page at the top of its workspace
	ready   time.Duration // from its start to the line that says so
}

// start runs a command until it prints its line of readiness. What it logs goes to a file,
// as it would in earnest.
func start(logFile, name string, args ...string) (*server, error) {
	log, err := os.OpenFile(logFile, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	s := &server{cmd: exec.Command(name, args...), log: log}
	s.cmd.Stderr = log
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	begin := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, errors.Join(err, log.Close())
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	s.ready = time.Since(begin)
	for _, field := range strings.Fields(line) {
		switch key, value, _ := strings.Cut(field, "="); key {
		case "url":
			s.address = strings.TrimPrefix(value, "http://")
		case "page":
			s.page = value
		}
	}
	if s.address == "" {
		said, _ := os.ReadFile(logFile)
		return nil, errors.Join(fmt.Errorf("%s is not ready: %q, %w\n%s", name, line, err, said), s.stop())
	}
	return s, nil
}

// stop ends the server and waits until it has.
func (s *server) stop() error {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait() // the hello server does not mind how it ends
	return s.log.Close()
}

// memory returns the resident memory in bytes; it reports false where the system does not
// tell.
func (s *server) memory() (int64, bool) { return s.status("VmRSS:") }

// mostMemory returns the most resident memory there was, as memory does.
func (s *server) mostMemory() (int64, bool) { return s.status("VmHWM:") }

// status returns a size in bytes that the system tells of the process.
func (s *server) status(name string) (int64, bool) {
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(s.cmd.Process.Pid), "status"))
	if err != nil {
		return 0, false
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, name); ok {
			kilobytes, err := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			return kilobytes << 10, err == nil
		}
	}
	return 0, false
}

// processor returns the processor time used so far, 0 where the system does not tell. Other
// programs on the machine lengthen the time an answer takes, but hardly this.
func (s *server) processor() time.Duration {
	const ticksPerSecond = 100 // what Linux reports in, whatever it counts in
	stat, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(s.cmd.Process.Pid), "stat"))
	if err != nil {
		return 0
	}
	// The second field is the name in parentheses, which may hold spaces.
	const user, system = 11, 12 // counted from what follows the name
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) <= system {
		return 0
	}
	var ticks int64
	for _, field := range fields[user : system+1] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond
}

// newDir makes a directory for the data of a run, in one that need not be there yet.
func newDir(out, prefix string) (string, error) {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return "", err
	}
	return os.MkdirTemp(out, prefix)
}

// build builds the server as make build does.
func build(path string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "./cmd/octavo")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	return nil
}
