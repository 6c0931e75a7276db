package main

import (
	"bufio"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/atomicfile"
)

func newCorpusMix() *cobra.Command {
	var share float64
	var seed uint64
	var others, prefix string
	var shuffleWords bool
	cmd := &cobra.Command{
		Use:   "mix -o PREFIX (--others FILE | --shuffle-words) [FILE]",
		Short: "Replace some lines to test anomaly detection",
		Long: `Replace a random share of the lines of FILE (default: standard input) with lines of another file, or shuffle their
words. PREFIX.txt holds all lines; PREFIX.labels has 1 for each replaced line and 0 for the others.`,
		Example: `  retell corpus mix test.en.gz --others reviews.txt -o mixed
  retell corpus mix test.en.gz --shuffle-words --share 0.1 -o shuffled
  retell anomaly score normal.anomaly shuffled.txt --labels shuffled.labels`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !(share >= 0 && share <= 1) {
				return misusef("--share is %v: want 0 to 1", share)
			}
			if err := checkFiles(prefix+".txt", prefix+".labels"); err != nil {
				return err
			}
			texts, err := readTexts(cmd, []string{inputFile(args)})
			if err != nil {
				return err
			}
			replace := corpora.ShuffleWords
			if !shuffleWords {
				from, err := readTexts(cmd, []string{others})
				if err != nil {
					return err
				}
				replace = corpora.Draw(from[0])
			}
			mixed, replaced, err := corpora.Mix(texts[0], share, seed, replace)
			if err != nil {
				return err
			}
			labels, count := make([]string, len(replaced)), 0
			for i, is := range replaced {
				labels[i] = "0"
				if is {
					labels[i] = "1"
					count++
				}
			}
			file := func(suffix string, lines []string) atomicfile.File {
				return atomicfile.File{Path: prefix + suffix, Write: buffered(func(w *bufio.Writer) error { return writeLines(w, lines) })}
			}
			if err := atomicfile.WriteAll(file(".txt", mixed), file(".labels", labels)); err != nil {
				return err
			}
			logger(cmd).Info("wrote", "file", prefix+".txt", "lines", len(mixed), "replaced", count)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVarP(&prefix, "output", "o", "", "beginning of the file names")
	f.StringVar(&others, "others", "", "file of replacements; none is used twice until all have been used")
	f.BoolVar(&shuffleWords, "shuffle-words", false, "shuffle the words of the chosen lines instead")
	f.Float64Var(&share, "share", 0.05, "share of the lines to replace, 0 to 1")
	f.Uint64Var(&seed, "seed", 1, "seed of the choice of lines and replacements")
	required(cmd, "output")
	cmd.MarkFlagsMutuallyExclusive("others", "shuffle-words")
	cmd.MarkFlagsOneRequired("others", "shuffle-words")
	return cmd
}
