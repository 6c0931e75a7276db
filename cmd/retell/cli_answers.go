package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seqae/vectors"
)

// answerFlags choose the reaction to lines that cannot be answered.
type answerFlags struct{ onError string }

const (
	onErrorSkip = "skip"
	onErrorStop = "stop"
)

// onErrorHelp explains the flag, for verbs that have it.
const onErrorHelp = `A line that cannot be read or answered (too long, not UTF-8, malformed) gets an empty answer, with --json an object
of "line" and "error", and a message; the exit status is then 1. With --on-error stop, the first such line ends the run.`

func (f *answerFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.onError, "on-error", onErrorSkip, "reaction to a line that cannot be answered: skip or stop")
}

func (f *answerFlags) check() error {
	if f.onError != onErrorSkip && f.onError != onErrorStop {
		return misusef("--on-error is %q: want %s or %s", f.onError, onErrorSkip, onErrorStop)
	}
	return nil
}

// pause is the wait for more input before the lines read so far are answered.
const pause = 5 * time.Millisecond

// maxWait returns how long a batch waits for more lines: 0 for a file, which is read until the batch is full, and pause
// for any other input, which may stall.
func maxWait(cmd *cobra.Command, name string) time.Duration {
	var info os.FileInfo
	var err error
	if name != "-" {
		info, err = os.Stat(name)
	} else if f, ok := cmd.InOrStdin().(*os.File); ok {
		info, err = f.Stat()
		if isTerminal(f) {
			logger(cmd).Info("one line at a time; Ctrl-D ends")
		}
	}
	if err != nil || info != nil && info.Mode().IsRegular() {
		return 0 // opening the file reports the error again
	}
	return pause
}

// lineNumbers counts the answers to an input and tells errors about one line from those about all of it.
type lineNumbers struct {
	errors io.Writer
	input  string // name in messages
	stop   bool   // end at the first bad line
	number int    // line number of the last answer, from 1
	bad    int
	last   *badLine // the line that blanks yields, if it could not be read
}

func (f *answerFlags) numbers(cmd *cobra.Command, name string) *lineNumbers {
	if name == "-" {
		name = "standard input"
	}
	return &lineNumbers{errors: cmd.ErrOrStderr(), input: name, stop: f.onError == onErrorStop}
}

// next counts an answer. It reports an error about one line and returns it as a badLine; any other error is returned.
func (n *lineNumbers) next(err error) (*badLine, error) {
	n.number++
	if err == nil || !corpora.IsLineError(err) {
		return nil, err
	}
	message := err.Error()
	bad := &badLine{Line: n.number, Error: message}
	ofFile, isOfFile := errors.AsType[*corpora.Error](err)
	ofRow, isOfRow := errors.AsType[*vectors.Error](err)
	switch {
	case isOfFile: // the message names the place
		bad.Line, bad.Error = ofFile.Line, ofFile.Msg
	case isOfRow:
		bad.Line, bad.Error = ofRow.Row, ofRow.Err.Error()
	default:
		for _, prefix := range []string{"corpora: ", "seq2seq: ", fmt.Sprintf("line %d: ", n.number)} {
			bad.Error = strings.TrimPrefix(bad.Error, prefix)
		}
		message = fmt.Sprintf("%s:%d: %s", n.input, n.number, bad.Error)
	}
	if n.stop {
		return nil, errors.New(message)
	}
	n.bad++
	_, err = fmt.Fprintln(n.errors, "retell: "+strings.ReplaceAll(message, "\n", "; "))
	return bad, err
}

// end returns the error that says how many lines have no answer, nil if all have one.
func (n *lineNumbers) end() error {
	if n.bad == 0 {
		return nil
	}
	return fmt.Errorf("%s: %d of %d lines could not be answered", n.input, n.bad, n.number)
}

// blanks replaces unreadable lines with blank ones, for verbs whose rows must keep the numbers of their lines.
func (n *lineNumbers) blanks(lines iter.Seq2[string, error]) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for line, err := range lines {
			var bad *badLine
			bad, err = n.next(err)
			if n.last = bad; bad != nil {
				line = ""
			}
			if !yield(line, err) {
				return
			}
		}
	}
}

// writeAnswers writes the answers to the lines of an input to standard output, each as soon as it is ready. A bad line
// gets the text of a zero A or, with asJSON, a badLine.
func writeAnswers[A any](
	cmd *cobra.Command, f *answerFlags, name string, asJSON bool, answers iter.Seq2[A, error], write func(w *bufio.Writer, number int, a A) error,
) error {
	lines := f.numbers(cmd, name)
	err := writeOutput(cmd, "", func(w *bufio.Writer) error {
		for a, err := range answers {
			bad, err := lines.next(err)
			switch {
			case err != nil:
				return err
			case bad != nil && asJSON:
				err = writeJSON(w, bad)
			default:
				err = write(w, lines.number, a)
			}
			if err = cmp.Or(err, w.Flush()); err != nil {
				return err
			}
		}
		return nil
	})
	return cmp.Or(err, lines.end())
}
