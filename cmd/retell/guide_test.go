package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// smaller makes the data and the trainings of a guide small enough for a test.
var smaller = strings.NewReplacer(
	"numbers -n 400", "numbers -n 150", "--valid 100 --test 100", "--valid 10 --test 10",
	"scenes -n 1600", "scenes -n 60", "head -n 1500 ", "head -n 50 ", "tail -n 100 ", "tail -n 10 ",
	"--hidden 256 --batch 16 --lr 0.003 --epochs 30", "--hidden 16 --batch 16 --epochs 1",
	"--valid numbers.valid.tsv", "--valid numbers.valid.tsv train.max_steps=9 train.validate_every=5 model.encoder.hidden=16",
	"--epochs 60", "--epochs 60 train.max_steps=12",
)

// TestGuide runs the commands of the guide to the first steps as its readers would, on less data. A command fails where
// the guide shows an error of retell's, and no other does.
func TestGuide(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skipf("no shell: %v", err)
	}
	t.Setenv("SOURCE_DATE_EPOCH", "1000000000")
	text, err := os.ReadFile("../../docs/guide/first-steps.md")
	if err != nil {
		t.Fatal(err)
	}
	dir, ran := t.TempDir(), map[string]bool{}
	for _, step := range guideSteps(string(text)) {
		verb := regexp.MustCompile(`^(git|go) `)
		if verb.MatchString(step.command) {
			continue // it fetches or builds
		}
		command := smaller.Replace(step.command)
		cmd := exec.CommandContext(t.Context(), shell, "-c", command)
		cmd.Dir = dir
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		_, broken := errors.AsType[*exec.ExitError](err)
		if err != nil && !broken {
			t.Fatalf("%s: %v", command, err)
		}
		if want := strings.Contains(step.output, "\nretell: ") && !strings.Contains(step.output, "^C"); (err != nil) != want {
			t.Fatalf("$ %s\n%s%s%v, which the guide does not say", command, stdout.Bytes(), stderr.Bytes(), err)
		}
		warned := strings.Contains(stderr.String(), "level=WARN")
		if !strings.Contains(command, "train") && warned != strings.Contains(step.output, "level=WARN") {
			t.Errorf("$ %s\n%swarned: %v, which the guide does not say", command, stderr.Bytes(), warned)
		}
		for _, m := range regexp.MustCompile(`retell ([a-z]+)`).FindAllStringSubmatch(step.command, -1) {
			ran[m[1]] = true
		}
	}
	for _, verb := range []string{"train", "translate", "eval", "info", "keys", "embed", "nearest", "reconstruct", "interpolate"} {
		if !ran[verb] {
			t.Errorf("%s: the guide does not run it", verb)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "better.retell")); err != nil {
		t.Error(err)
	}
	program, err := os.ReadFile("../../examples/translate/main.go")
	if err != nil {
		t.Fatal(err)
	}
	_, program, _ = bytes.Cut(program, []byte("\npackage main\n"))
	if !bytes.Contains(text, append([]byte("```go\npackage main\n"), append(program, "```"...)...)) {
		t.Error("the program of the guide is not examples/translate/main.go")
	}
}

// guideStep is a command of a guide and what it prints, each line behind a line end.
type guideStep struct{ command, output string }

// guideSteps returns the commands of a page: the lines of its indented blocks that begin with a dollar sign.
func guideSteps(page string) (steps []guideStep) {
	for line := range strings.Lines(page) {
		line, shown := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "    ")
		if command, ok := strings.CutPrefix(line, "$ "); ok && shown {
			steps = append(steps, guideStep{command: command})
		} else if shown && len(steps) > 0 {
			steps[len(steps)-1].output += "\n" + line
		}
	}
	return steps
}
