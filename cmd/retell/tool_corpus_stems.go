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
		Short: "Add inflections of made-up stems to those of FILE",
		Long: `Write the lines of FILE (standard input if absent), in SIGMORPHON's format, and after them lines in which the letters that lemma and
form share, but for the last three, are replaced by others: more words that inflect in the same way. Whether that helps is for the
validation part to say: beside 1,000 real lines and with a decoder that copies it was little.`,
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
	cmd.Flags().IntVarP(&n, "number", "n", 1000, "how many lines to add")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "what fixes the lines")
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write; standard output if absent")
	return cmd
}
