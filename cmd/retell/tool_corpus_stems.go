package main

import (
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
		Short: "Add inflections of made-up stems",
		Long: `Copy the lines of FILE (default: standard input), in SIGMORPHON's format, and add made-up ones. A made-up line is a
copy of a real one whose stem, the letters that lemma and form share, is replaced except for its last three letters:
a new word with the same inflection.

Check with validation data whether the lines help. With 1,000 real lines and a decoder that copies, the gain was small.`,
		Example: `  retell corpus stems german-train-medium -n 4000 -o german-more
  retell train --recipe sigmorphon data.train=german-more data.valid=german-dev -o german.retell`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if n < 0 {
				return misusef("-n is %d: want 0 or more", n)
			}
			if err := checkOutputs(out); err != nil {
				return err
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
			return writeTexts(cmd, out, append(texts[0], made...))
		},
	}
	cmd.Flags().IntVarP(&n, "number", "n", 1000, "number of lines to add")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "seed of the added lines")
	cmd.Flags().StringVarP(&out, "output", "o", "", "output file (default: standard output)")
	return cmd
}
