// Command octavo runs and administers an Octavo server. See octavo --help.
package main

import (
	"os"

	"octavo/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:])) }
