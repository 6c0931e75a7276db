package main

import (
	"bufio"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
)

// readOptions are the options of the command's readers: "-" is its standard input.
func readOptions(cmd *cobra.Command) *corpora.ReadOptions {
	return &corpora.ReadOptions{Stdin: cmd.InOrStdin()}
}

// inputFile is the only positional argument, or standard input if it is absent.
func inputFile(args []string) string {
	if len(args) == 0 {
		return "-"
	}
	return args[0]
}

// mapLines writes f of every line of the input file to standard output. An error of f is about its line.
func mapLines(cmd *cobra.Command, args []string, f func(line string) (string, error)) error {
	return writeOutput(cmd, "", func(w *bufio.Writer) error {
		name, number := inputFile(args), 0
		for line, err := range corpora.Lines(name, readOptions(cmd)) {
			if err != nil {
				return err
			}
			number++
			text, err := f(line)
			if err != nil {
				return fmt.Errorf("%s:%d: %w", name, number, err)
			}
			if _, err := w.WriteString(text + "\n"); err != nil {
				return err
			}
		}
		return nil
	})
}

// readTexts reads files with as many lines each, at least one.
func readTexts(cmd *cobra.Command, files []string) ([][]string, error) {
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

// writeTexts writes lines to path, to standard output if it is empty.
func writeTexts(cmd *cobra.Command, path string, lines []string) error {
	return writeOutput(cmd, path, func(w *bufio.Writer) error {
		for _, line := range lines {
			if _, err := w.WriteString(line + "\n"); err != nil {
				return err
			}
		}
		return nil
	})
}
