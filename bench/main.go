// Command bench measures an Octavo server beside a bare net/http server and beside the
// database alone, in turns on the same machine, and prints what it found as Markdown.
// README.md holds figures and says what they mean.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// settings are what a run can be told.
type settings struct {
	rounds   int
	duration time.Duration
	starts   int
	only     string
	profile  string
	out      string
}

func run(args []string) error {
	if len(args) > 0 {
		// The servers to compare are processes of their own, so that the generator's work
		// and garbage are not theirs.
		switch args[0] {
		case helloCommand:
			return serveHello()
		case profiledCommand:
			return serveProfiled(args[1:])
		case webhooksCommand:
			return benchWebhooks(args[1:])
		case copyCommand:
			return serveCopy(args[1:])
		case filesCommand:
			return benchFiles(args[1:])
		}
	}
	var s settings
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.IntVar(&s.rounds, "rounds", 5, "how often everything is measured; the report has medians")
	flags.DurationVar(&s.duration, "duration", 500*time.Millisecond, "how long each measurement of a round takes")
	flags.IntVar(&s.starts, "starts", 21, "how often the server is started to measure the time until it is ready")
	flags.StringVar(&s.only, "only", "", "measure only what has this in its name")
	flags.StringVar(&s.profile, "profile", "", "write a CPU profile of the server to this `file`")
	flags.StringVar(&s.out, "out", filepath.Join("bench", "out"), "directory for the data; it must be on the disk to measure")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if s.rounds < 1 || s.duration <= 0 || s.starts < 1 {
		return errors.New("-rounds, -duration and -starts must be positive")
	}
	dir, err := newDir(s.out, "run-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r, err := measure(s, dir)
	if err != nil {
		return err
	}
	return r.print(os.Stdout)
}
