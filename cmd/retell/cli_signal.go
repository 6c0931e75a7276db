package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// stopped is the cause of a context that a signal canceled.
type stopped struct{ signal syscall.Signal }

func (s stopped) Error() string { return fmt.Sprintf("stopped (%v)", s.signal) }

// untilSignal returns a context that the first SIGINT, SIGTERM or SIGHUP cancels, with a stopped as its cause. A second
// signal ends the process. Under nohup, SIGHUP has no effect. Verbs with nothing to save do not use it: a signal ends
// them at once.
//
// While the context lasts, a write to a pipe without a reader returns EPIPE and does not end the process.
func untilSignal(parent context.Context) (ctx context.Context, stop context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	pipes := make(chan os.Signal, 1) // never read: the registration alone counts
	signal.Notify(pipes, syscall.SIGPIPE)
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals)
			cancel(stopped{s.(syscall.Signal)})
		case <-ctx.Done():
			signal.Stop(signals)
		}
	}()
	return ctx, func() { signal.Stop(pipes); cancel(nil) }
}

// unlessStopped calls f and returns its result or, if ctx ends first, the cause. f then keeps running until the process
// ends.
func unlessStopped[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := f()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, context.Cause(ctx)
	}
}

// interrupted adds the outcome of the work to err if a signal or the loss of the output's reader caused err; it returns
// any other error unchanged.
func interrupted(ctx context.Context, err error, outcome string) error {
	cause := context.Cause(ctx)
	switch {
	case errors.Is(err, syscall.EPIPE):
		cause = stopped{syscall.SIGPIPE}
	case cause == nil || !errors.Is(err, context.Canceled) && !errors.Is(err, cause):
		return err
	}
	return fmt.Errorf("%w: %s", cause, outcome)
}
