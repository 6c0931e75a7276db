package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

// output is where a verb writes results: standard output, or a file that appears under its name only when it is whole.
type output struct {
	*bufio.Writer
	file *os.File // nil for standard output
	path string   // the name that file gets; empty if it has it already
}

// createOutput opens path for writing; "" and "-" are the command's standard output. A path that is no regular file, such as a
// pipe, is written in place. End with Commit or Discard.
func createOutput(cmd *cobra.Command, path string) (*output, error) {
	if path == "" || path == "-" {
		return &output{Writer: bufio.NewWriter(cmd.OutOrStdout())}, nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, misusef("%s is a folder: want a file", path)
	} else if err == nil && !info.Mode().IsRegular() {
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		return &output{Writer: bufio.NewWriter(file), file: file}, nil
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, err
	}
	return &output{Writer: bufio.NewWriter(file), file: file, path: path}, nil
}

// Commit writes what is buffered and gives the file its name.
func (o *output) Commit() error {
	err := o.Flush()
	if o.file == nil {
		return err
	}
	if o.path == "" {
		return errors.Join(err, o.file.Close())
	}
	if err == nil {
		err = errors.Join(o.file.Chmod(0o644), o.file.Sync())
	}
	if closing := o.file.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(o.file.Name(), o.path)
	}
	if err != nil {
		os.Remove(o.file.Name())
	}
	return err
}

// Discard drops a file that was not committed; after Commit it does nothing.
func (o *output) Discard() {
	if o.file != nil && o.file.Close() == nil && o.path != "" {
		os.Remove(o.file.Name())
	}
}

// writeJSON writes v as one line.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// field is one line of a table.
type field struct {
	name  string
	value any
}

// writeTable writes names and values in two columns.
func writeTable(w io.Writer, fields []field) error {
	width := 0
	for _, f := range fields {
		width = max(width, len(f.name))
	}
	for _, f := range fields {
		if _, err := fmt.Fprintf(w, "%-*s  %v\n", width, f.name, f.value); err != nil {
			return err
		}
	}
	return nil
}
