package main

import (
	"errors"
	"flag"
	"fmt"
	"os/exec"
	"os/signal"
	"strconv"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the golden parts of the scripts")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"retell": main})
}

// TestScripts runs the command as its user does.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Values[signaled{}] = new(*exec.Cmd)
			env.Setenv("SOURCE_DATE_EPOCH", "1000000000") // equal trainings write equal files
			return nil
		},
		Condition: func(cond string) (bool, error) {
			if cond != "hangup" { // a program begun under nohup ignores SIGHUP
				return false, fmt.Errorf("unknown condition %q", cond)
			}
			return !signal.Ignored(syscall.SIGHUP), nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await":    await,
			"converse": converse,
			"exits":    exits,
			"fixture":  fixture,
			"signal":   signalWhen,
			"status":   status,
		},
	})
}

// exits runs a program that must end with the given status: exits STATUS PROGRAM [ARGUMENT...]
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS PROGRAM [ARGUMENT...]")
	}
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		exit, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	checkStatus(ts, got, args[0])
}

func checkStatus(ts *testscript.TestScript, got int, want string) {
	if strconv.Itoa(got) != want {
		ts.Fatalf("exit status %d: want %s", got, want)
	}
}
