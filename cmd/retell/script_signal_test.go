package main

import (
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// signaled is the key of the program that got a signal.
type signaled struct{}

// signalWhen sends a signal to the one program in the background as soon as a file exists: signal TERM FILE
func signalWhen(ts *testscript.TestScript, neg bool, args []string) {
	signals := map[string]syscall.Signal{"HUP": syscall.SIGHUP, "INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL}
	programs := ts.BackgroundCmds()
	if neg || len(args) != 2 || signals[args[0]] == 0 || len(programs) != 1 {
		ts.Fatalf("usage: signal HUP|INT|TERM|KILL FILE, with one program in the background")
	}
	await(ts, false, args[1:])
	*ts.Value(signaled{}).(**exec.Cmd) = programs[0]
	ts.Check(programs[0].Process.Signal(signals[args[0]]))
}

// await waits until a file exists: await FILE
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await FILE")
	}
	for _, err := os.Stat(ts.MkAbs(args[0])); err != nil; _, err = os.Stat(ts.MkAbs(args[0])) {
		time.Sleep(time.Millisecond) // the test's deadline bounds the wait
	}
}

// status checks the exit status of the program that got a signal, after wait: status 130
func status(ts *testscript.TestScript, neg bool, args []string) {
	program := *ts.Value(signaled{}).(**exec.Cmd)
	if neg || len(args) != 1 || program == nil || program.ProcessState == nil {
		ts.Fatalf("usage: status STATUS, after signal and wait")
	}
	checkStatus(ts, program.ProcessState.ExitCode(), args[0])
}
