package main

import (
	"errors"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestVerbsHaveExamples checks that the help of everything that does something shows how.
func TestVerbsHaveExamples(t *testing.T) {
	var check func(*cobra.Command)
	check = func(cmd *cobra.Command) {
		if cmd.Name() == "completion" { // cobra's own
			return
		}
		if cmd.Runnable() && !cmd.HasSubCommands() && (cmd.Example == "" || cmd.Short == "") {
			t.Errorf("%s has no example or no summary", cmd.CommandPath())
		}
		for _, sub := range cmd.Commands() {
			check(sub)
		}
	}
	check(newRoot())
}

// full is an output that takes nothing.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("output is full") }

func TestRunFailsWhereHelpCannotBeWritten(t *testing.T) {
	for _, arg := range []string{"--help", "--version", "help"} {
		var stderr strings.Builder
		if got := run(t.Context(), []string{arg}, strings.NewReader(""), full{}, &stderr); got != exitFailed {
			t.Errorf("retell %s exits %d: want %d", arg, got, exitFailed)
		}
		if got := stderr.String(); got != "retell: output is full\n" {
			t.Errorf("retell %s writes %q", arg, got)
		}
	}
}
