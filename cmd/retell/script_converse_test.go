package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// converse sends lines to a program, waits for the answer to each before it sends the next, and writes the answers to a
// file: converse LINES ANSWERS PROGRAM [ARGUMENT...]
func converse(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: converse LINES ANSWERS PROGRAM [ARGUMENT...]")
	}
	program := exec.Command(programPath(ts, args[2]), args[3:]...)
	program.Dir = ts.Getenv("WORK")
	program.Env = append(os.Environ(), "PATH="+ts.Getenv("PATH"), "HOME="+ts.Getenv("HOME"))
	in, err := program.StdinPipe()
	ts.Check(err)
	out, err := program.StdoutPipe()
	ts.Check(err)
	var messages strings.Builder
	program.Stderr = &messages
	ts.Check(program.Start())
	defer func() { _ = program.Process.Kill() }()
	var answers strings.Builder
	r := bufio.NewReader(out)
	for line := range strings.Lines(ts.ReadFile(args[0])) {
		_, err := io.WriteString(in, line)
		ts.Check(err)
		answer, err := r.ReadString('\n')
		if err != nil {
			_ = program.Wait()
			ts.Fatalf("no answer to %q: %v; %s", line, err, messages.String())
		}
		answers.WriteString(answer)
	}
	ts.Check(in.Close())
	rest, err := io.ReadAll(r)
	ts.Check(err)
	if len(rest) > 0 {
		ts.Fatalf("behind the last answer: %q", rest)
	}
	if err := program.Wait(); err != nil {
		ts.Fatalf("%v; %s", err, messages.String())
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(answers.String()), 0o666))
}

// programPath finds a program in the script's PATH.
func programPath(ts *testscript.TestScript, name string) string {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		for _, suffix := range []string{"", ".exe"} {
			path := filepath.Join(dir, name+suffix)
			if info, err := os.Stat(path); err == nil && !info.IsDir() {
				return path
			}
		}
	}
	ts.Fatalf("%s is not in PATH", name)
	return ""
}
