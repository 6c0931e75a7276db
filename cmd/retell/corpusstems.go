package main

import (
	"bufio"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
)

func newCorpusStems() *cobra.Command {
	var n int
	var seed uint64
	var out string
	cmd := &cobra.Command{
		Use:   "stems [FILE]",
		Short: "Add inflections of made-up stems to those of FILE",
		Long: `Write the lines of FILE (standard input if absent), in SIGMORPHON's format, and after them lines in which the letters that lemma and
form share are replaced by others: a model that learns from few words learns from those how words inflect, whatever their stems.`,
		Example: `  retell corpus stems german-train-medium -n 4000 -o german-more
  retell train --recipe sigmorphon data.train=german-more data.valid=german-dev -o german.retell`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if n < 0 {
				return misusef("-n is %d: want 0 or more", n)
			}
			file := inputFile(args)
			texts, err := readTexts(cmd, []string{file})
			if err != nil {
				return err
			}
			made, err := corpora.MadeUpStems(texts[0], n, seed)
			if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			return writeOutput(cmd, out, func(w *bufio.Writer) error {
				for _, line := range append(texts[0], made...) {
					if _, err := w.WriteString(line + "\n"); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	cmd.Flags().IntVarP(&n, "number", "n", 1000, "how many lines to add")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "what fixes the lines")
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write; standard output if absent")
	return cmd
}
