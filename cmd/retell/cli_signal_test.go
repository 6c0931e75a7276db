//go:build unix

package main

import (
	"context"
	"errors"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

func TestUntilSignal(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())

	ctx, stop := untilSignal(context.Background())
	defer stop()
	if err := syscall.Kill(syscall.Getpid(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	<-ctx.Done()
	if s, ok := errors.AsType[stopped](context.Cause(ctx)); !ok || s.signal != syscall.SIGTERM {
		t.Errorf("cause is %v: want SIGTERM", context.Cause(ctx))
	}
	if got, want := exitCode(interrupted(ctx, ctx.Err(), "saved")), 143; got != want {
		t.Errorf("exit status %d: want %d", got, want)
	}

	ctx, stop = untilSignal(context.Background())
	stop()
	<-ctx.Done()
	if _, ok := errors.AsType[stopped](context.Cause(ctx)); ok {
		t.Error("a context that was stopped without a signal has one as its cause")
	}
}
