package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"reflect"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/internal/atomicfile"
)

// writeOutput hands write the file at path, which appears under that name only when it is whole, or standard output if path is
// "" or "-". Standard output gets what was written before an error too.
func writeOutput(cmd *cobra.Command, path string, write func(w *bufio.Writer) error) error {
	buffered := func(w io.Writer) error {
		b := bufio.NewWriter(w)
		err := write(b)
		if flushed := b.Flush(); err == nil {
			err = flushed
		}
		return err
	}
	if path == "" || path == "-" {
		return buffered(cmd.OutOrStdout())
	}
	return atomicfile.Write(path, buffered)
}

// writeJSON writes v as one line. Numbers that are not finite, which JSON does not have, become null.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	if _, ok := errors.AsType[*json.UnsupportedValueError](err); ok {
		return enc.Encode(nullable(reflect.ValueOf(v)))
	}
	return err
}
