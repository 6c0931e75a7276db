package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/internal/atomicfile"
	"github.com/retell-rnn/retell/internal/jsonline"
)

// output wraps standard output and remembers its first write error.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(b []byte) (int, error) {
	n, err := o.w.Write(b)
	o.err = cmp.Or(o.err, err)
	return n, err
}

// isStdout reports whether an output is standard output.
func isStdout(path string) bool { return path == "" || path == "-" || path == "/dev/stdout" }

// checkOutputs refuses outputs that could not be written, before any work is done for them.
func checkOutputs(paths ...string) error {
	for _, path := range paths {
		if isStdout(path) {
			continue
		}
		if err := atomicfile.Check(path); err != nil {
			return fmt.Errorf("cannot write %w", err)
		}
	}
	return nil
}

// checkFiles is checkOutputs for outputs that must be files.
func checkFiles(paths ...string) error {
	if slices.Contains(paths, "-") {
		return misusef("-o -: want the name of a file")
	}
	return checkOutputs(paths...)
}

// writeOutput calls write with the file at path, or with standard output if path is "" or "-". A file appears under its
// name only when it is complete; standard output keeps the text written before an error.
func writeOutput(cmd *cobra.Command, path string, write func(w *bufio.Writer) error) error {
	if isStdout(path) {
		return buffered(write)(cmd.OutOrStdout())
	}
	return atomicfile.Write(path, buffered(write))
}

// buffered adapts write to a writer without a buffer.
func buffered(write func(w *bufio.Writer) error) func(w io.Writer) error {
	return func(w io.Writer) error {
		b := bufio.NewWriter(w)
		err := write(b)
		if flushed := b.Flush(); err == nil {
			err = flushed
		}
		return err
	}
}

// writeJSON writes v as one line. Numbers that are not finite, which JSON does not have, become null.
func writeJSON(w io.Writer, v any) error { return jsonline.Write(w, v) }
