package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/retell-rnn/retell/seq2seq"
)

// Exit statuses. A command that a signal stopped exits with exitSignal plus the signal's number, as shells count.
const (
	exitDone   = 0
	exitFailed = 1
	exitMisuse = 2
	exitSignal = 128
)

// misuse is an error in how the command was called: its flags, arguments or settings.
type misuse struct{ err error }

func (m misuse) Error() string { return m.err.Error() }
func (m misuse) Unwrap() error { return m.err }

// misusef returns a misuse whose text is formatted as fmt.Errorf does.
func misusef(format string, args ...any) error {
	return misuse{fmt.Errorf(format, args...)}
}

// misused marks err as a misuse; nil stays nil.
func misused(err error) error {
	if err == nil {
		return nil
	}
	return misuse{err}
}

// exitCode returns the exit status for err: a misuse, a signal, or any other failure.
func exitCode(err error) int {
	var m misuse
	var s stopped
	switch {
	case errors.As(err, &m):
		return exitMisuse
	case errors.As(err, &s):
		return exitSignal + int(s.signal)
	default:
		return exitFailed
	}
}

// mostFaults is how many violations of a joined error are shown.
const mostFaults = 10

// oneLine returns err's text on one line. Semicolons separate the violations of a joined error; the first mostFaults
// are shown.
func oneLine(err error) string {
	lines := strings.Split(strings.TrimSpace(err.Error()), "\n")
	if more := len(lines) - mostFaults; more > 0 {
		lines = append(lines[:mostFaults], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(lines, "; ")
}

// kindsOfModels explains the kinds of models that an error about a wrong kind names, in parentheses; "" for others.
func kindsOfModels(err error) string {
	if !errors.Is(err, seq2seq.ErrKind) {
		return ""
	}
	var named []string
	for _, k := range []struct{ kind, meaning string }{{kindSeq2Seq, "a translator"}, {kindSeqAE, "an autoencoder"}} {
		if strings.Contains(err.Error(), k.kind+" file") {
			named = append(named, k.kind+" means "+k.meaning)
		}
	}
	if named == nil {
		return ""
	}
	return " (" + strings.Join(named, ", ") + ")"
}
