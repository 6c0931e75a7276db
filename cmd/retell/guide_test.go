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

// guide lists the chapters of docs/guide in order; later ones use the files of earlier ones.
var guide = []string{"first-steps", "curves", "search", "fine-tuning", "vectors", "measuring", "variational", "label", "repair", "speed", "go"}

// smaller makes the data and the trainings of the guide small enough for a test.
var smaller = strings.NewReplacer(
	"numbers -n 400", "numbers -n 150", "--valid 100 --test 100", "--valid 10 --test 10",
	"scenes -n 1600", "scenes -n 60", "head -n 1500 ", "head -n 50 ", "tail -n 100 ", "tail -n 10 ",
	"--hidden 256 --batch 16 --lr 0.003 --epochs 30", "--hidden 16 --batch 16 --epochs 1",
	"--hidden 128 --batch 16 --lr 0.003 --epochs 20", "--hidden 16 --batch 16 --epochs 2",
	"--valid numbers.valid.tsv", "--valid numbers.valid.tsv train.max_steps=9 train.validate_every=5 model.encoder.hidden=16",
	"data.valid=numbers.valid.tsv", "data.valid=numbers.valid.tsv train.max_steps=3 model.encoder.hidden=16",
	"--valid dogs.valid.tsv", "--valid dogs.valid.tsv train.max_steps=5",
	"--pairs numbers.train.tsv -o", "--pairs numbers.train.tsv model.bottleneck.size=16 train.epochs=2 -o",
	"--epochs 60", "--epochs 60 train.max_steps=12",
	"bench --config gru2", "bench --config char",
)

// TestGuide runs the commands of the guide on less data. A command must fail where the guide shows an error of retell,
// and nowhere else.
func TestGuide(t *testing.T) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		t.Skipf("no shell: %v", err)
	}
	t.Setenv("SOURCE_DATE_EPOCH", "1000000000")
	dir, ran := t.TempDir(), map[string]bool{}
	for i, chapter := range guide {
		if i > 0 && testing.Short() {
			t.Logf("with -short, the chapters behind %s are left out", guide[0])
			break
		}
		text, err := os.ReadFile("../../docs/guide/" + chapter + ".md")
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range guideSteps(string(text)) {
			runStep(t, shell, dir, chapter, step)
			for _, m := range regexp.MustCompile(`retell ([a-z]+)`).FindAllStringSubmatch(step.command, -1) {
				ran[m[1]] = true
			}
		}
	}
	verbs := []string{"train", "translate", "eval", "info", "keys", "embed", "nearest", "reconstruct", "interpolate"}
	if !testing.Short() {
		verbs = append(verbs, "plot", "ablate", "explain", "index", "cluster", "map", "dedupe", "anomaly", "sample", "tokenizer", "score", "bench", "label", "repair", "noise")
	}
	for _, verb := range verbs {
		if !ran[verb] {
			t.Errorf("%s: the guide does not run it", verb)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "better.retell")); err != nil {
		t.Error(err)
	}
}

// runStep runs a command of a chapter in a folder, unless it fetches or builds.
func runStep(t *testing.T, shell, dir, chapter string, step guideStep) {
	t.Helper()
	if regexp.MustCompile(`^(git|go) `).MatchString(step.command) {
		return
	}
	command := smaller.Replace(step.command)
	cmd := exec.CommandContext(t.Context(), shell, "-c", command)
	cmd.Dir = dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if _, broken := errors.AsType[*exec.ExitError](err); err != nil && !broken {
		t.Fatalf("%s: %s: %v", chapter, command, err)
	}
	if want := strings.Contains(step.output, "\nretell: ") && !strings.Contains(step.output, "^C"); (err != nil) != want {
		t.Fatalf("%s: $ %s\n%s%s%v, which the guide does not say", chapter, command, stdout.Bytes(), stderr.Bytes(), err)
	}
	warned := strings.Contains(stderr.String(), "level=WARN")
	if !strings.Contains(command, "train") && warned != strings.Contains(step.output, "level=WARN") {
		t.Errorf("%s: $ %s\n%swarned: %v, which the guide does not say", chapter, command, stderr.Bytes(), warned)
	}
}

// TestGuidePrograms checks that the programs in the guide equal those in examples.
func TestGuidePrograms(t *testing.T) {
	for _, c := range []struct{ chapter, program string }{{"first-steps", "translate"}, {"go", "train"}} {
		text, err := os.ReadFile("../../docs/guide/" + c.chapter + ".md")
		if err != nil {
			t.Fatal(err)
		}
		program, err := os.ReadFile("../../examples/" + c.program + "/main.go")
		if err != nil {
			t.Fatal(err)
		}
		_, program, _ = bytes.Cut(program, []byte("\npackage main\n"))
		if !bytes.Contains(text, append([]byte("```go\npackage main\n"), append(program, "```"...)...)) {
			t.Errorf("the program of %s.md is not examples/%s/main.go", c.chapter, c.program)
		}
	}
}

// TestGuidePictures checks that all links of the chapters lead to files, and that README.md lists all chapters.
func TestGuidePictures(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`)
	index, err := os.ReadFile("../../docs/guide/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, chapter := range append(guide, "README") {
		text, err := os.ReadFile("../../docs/guide/" + chapter + ".md")
		if err != nil {
			t.Fatal(err)
		}
		if chapter != "README" && !strings.Contains(string(index), "("+chapter+".md)") {
			t.Errorf("README.md does not list %s.md", chapter)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join("../../docs/guide", m[1])); err != nil {
				t.Errorf("%s.md points to %s: %v", chapter, m[1], err)
			}
		}
	}
}

// guideStep is a command of a guide and its output, each line with a line end.
type guideStep struct{ command, output string }

// guideSteps returns the commands of a page: the lines of indented blocks that begin with a dollar sign. The rest of
// the block is the output.
func guideSteps(page string) (steps []guideStep) {
	open := false  // the block of the last command continues
	document := "" // begin of the last command's here-document, until it ends
	for line := range strings.Lines(page) {
		line, shown := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "    ")
		command, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case document != "": // of the last command
			document += "\n" + line
			if line == "END" {
				steps[len(steps)-1].command += document
				document = ""
			}
		case shown && isCommand:
			steps, open = append(steps, guideStep{command: command}), true
			if strings.HasSuffix(command, "<<'END'") {
				document = "\n"
			}
		case shown && open:
			steps[len(steps)-1].output += "\n" + line
		case line != "":
			open = false
		}
	}
	return steps
}
