package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"runtime/pprof"
	"syscall"
	"time"

	"octavo"
)

const serveProfiledCommand = "serve-profiled"

// serveProfiled is octavo serve with a CPU profile, so that the command needs no door for
// profiling. The arguments are the directory of the data, the URL of a database to use in
// its place if it is not empty, and the file of the profile.
func serveProfiled(args []string) (err error) {
	if len(args) != 3 {
		return errors.New(serveProfiledCommand + " DIR URL FILE")
	}
	opts := octavo.Options{Dir: args[0], Token: token, Logger: slog.New(slog.NewTextHandler(os.Stderr, nil))}
	if args[1] != "" {
		opts.Dir, opts.DatabaseURL = "", args[1]
	}
	file, err := os.Create(args[2])
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
	opts.PublicURL = "http://" + l.Addr().String()
	const percent = 200 // as octavo serve has it
	debug.SetGCPercent(percent)
	server, err := octavo.New(opts)
	if err != nil {
		return err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	fmt.Printf("octavo ready url=%s page=%s\n", opts.PublicURL, server.Info().Page)
	return errors.Join(server.Serve(ctx, l, time.Second), server.Close())
}
