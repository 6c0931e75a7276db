package main

import (
	"bufio"
	"errors"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"
)

// TestVerbsHaveExamples checks that the help of every verb that runs has an example.
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

// TestVerbsBelongToGroups checks that help and the manual page show every verb in a group.
func TestVerbsBelongToGroups(t *testing.T) {
	root := newRoot()
	var page strings.Builder
	w := bufio.NewWriter(&page)
	writeManual(w, root)
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	for _, g := range root.Groups() {
		if section := ".SS " + strings.TrimSuffix(g.Title, ":") + "\n"; !strings.Contains(page.String(), section) {
			t.Errorf("the manual page has no %q", section)
		}
	}
	for _, verb := range root.Commands() {
		if verb.IsAvailableCommand() && verb.GroupID == "" {
			t.Errorf("%s has no group", verb.CommandPath())
		}
		if first, _, _ := strings.Cut(verb.Short, " "); first == "" || !unicode.IsUpper(rune(first[0])) {
			t.Errorf("%s: %q: want a sentence that begins with a verb", verb.CommandPath(), verb.Short)
		}
	}
}

// TestBritishFlags checks that British names of flags still work and are not shown.
func TestBritishFlags(t *testing.T) {
	root := newRoot()
	for verb, names := range map[string][2]string{"anomaly fit": {"neighbours", "neighbors"}, "eval-embeddings": {"labelled", "labeled"}} {
		cmd, _, err := root.Find(strings.Fields(verb))
		if err != nil {
			t.Fatal(err)
		}
		if f := cmd.Flags().Lookup(names[0]); f == nil || f.Name != names[1] {
			t.Errorf("%s --%s is %v: want --%s", verb, names[0], f, names[1])
		}
		if usage := cmd.UsageString(); strings.Contains(usage, names[0]) || !strings.Contains(usage, names[1]) {
			t.Errorf("%s: usage\n%s", verb, usage)
		}
	}
}

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
