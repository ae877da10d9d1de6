package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a server in a process of its own.
type process struct {
	cmd    *exec.Cmd
	url    string
	client *http.Client
	header http.Header // of every request
}

// launch starts a command whose output goes to files; it is not ready yet.
func (p *process) launch(dir string, command string, args ...string) error {
	log, err := os.Create(dir + "/log")
	if err != nil {
		return err
	}
	defer log.Close()
	p.cmd = exec.Command(command, args...)
	p.cmd.Stderr = log
	p.client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}}
	return nil
}

func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait() // PocketBase does not mind how it ends
	return nil
}

// send sends a request and returns the answer.
func (p *process) send(method, path, body string) ([]byte, error) {
	r, err := http.NewRequest(method, p.url+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header = p.header.Clone()
	answer, err := p.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode/100 != 2 {
		err = fmt.Errorf("%s %s: %d %s", method, path, answer.StatusCode, data)
	}
	return data, err
}

func (p *process) usage() (cpu time.Duration, memory int64) {
	const tick = 10 * time.Millisecond
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])); len(fields) > 13 {
		for _, f := range fields[11:13] {
			n, _ := strconv.Atoi(f)
			cpu += time.Duration(n) * tick
		}
	}
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			memory = kb << 10
		}
	}
	return cpu, memory
}
