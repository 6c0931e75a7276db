// Command retell trains sequence-to-sequence networks and puts them to use.
package main

import (
	"context"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func main() {
	// The heap is a few large arrays without pointers: frequent collection costs next to nothing and keeps the process
	// from growing to twice the memory in use.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(15)
	}
	cobra.EnableCommandSorting = false // verbs are listed in their order of use
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, standardOutput(), os.Stderr))
}
