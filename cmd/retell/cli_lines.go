package main

import (
	"bufio"
	"cmp"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
)

// readOptions are the options of the command's readers: "-" is its standard input.
func readOptions(cmd *cobra.Command) *corpora.ReadOptions {
	return &corpora.ReadOptions{Stdin: cmd.InOrStdin()}
}

// inputFile returns the only positional argument, or "-" for standard input if it is absent.
func inputFile(args []string) string {
	if len(args) == 0 {
		return "-"
	}
	return args[0]
}

// mapLines writes f of every line of the input file to standard output. An error of f concerns its line alone.
func mapLines(cmd *cobra.Command, args []string, flags *answerFlags, f func(line string) (string, error)) error {
	if err := flags.check(); err != nil {
		return err
	}
	name := inputFile(args)
	lines := flags.numbers(cmd, name)
	const most = 1000 // lines at a time
	err := writeOutput(cmd, "", func(w *bufio.Writer) error {
		answer := func(line string, err error) error {
			var text string
			if err == nil {
				if text, err = f(line); err != nil {
					err = corpora.LineError(err)
				}
			}
			if _, err := lines.next(err); err != nil {
				return err
			}
			_, err = w.WriteString(text + "\n")
			return err
		}
		for batch, err := range corpora.Batches(cmd.Context(), corpora.Lines(name, readOptions(cmd)), most, maxWait(cmd, name)) {
			if err != nil {
				if err := answer("", err); err != nil {
					return err
				}
			}
			for _, line := range batch {
				if err := answer(line, nil); err != nil {
					return err
				}
			}
			if err := w.Flush(); err != nil {
				return err
			}
		}
		return nil
	})
	return cmp.Or(err, lines.end())
}

// readTexts reads files that have equally many lines, at least one.
func readTexts(cmd *cobra.Command, files []string) ([][]string, error) {
	if stdin := slices.Index(files, "-"); stdin >= 0 && slices.Contains(files[stdin+1:], "-") {
		return nil, misusef(`two files are "-": want standard input for one at most`)
	}
	texts := make([][]string, len(files))
	for i, file := range files {
		lines, err := corpora.Collect(corpora.Lines(file, readOptions(cmd)))
		if err != nil {
			return nil, err
		}
		texts[i] = lines
	}
	for i, lines := range texts {
		if want := len(texts[0]); len(lines) != want {
			return nil, fmt.Errorf("%s has %d lines: want %d, as many as %s", files[i], len(lines), want, files[0])
		}
	}
	if len(texts[0]) == 0 {
		return nil, fmt.Errorf("%s has no lines: want at least one", files[0])
	}
	return texts, nil
}

// writeTexts writes lines to path, or to standard output if path is empty.
func writeTexts(cmd *cobra.Command, path string, lines []string) error {
	return writeOutput(cmd, path, func(w *bufio.Writer) error { return writeLines(w, lines) })
}

func writeLines(w *bufio.Writer, lines []string) error {
	for _, line := range lines {
		if _, err := w.WriteString(line + "\n"); err != nil {
			return err
		}
	}
	return nil
}
