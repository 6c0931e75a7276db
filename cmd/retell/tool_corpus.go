package main

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
)

func newCorpus() *cobra.Command {
	return group("corpus", "Make, describe, split and alter corpora", newCorpusMake(), newCorpusStats(), newCorpusSplit(), newCorpusMix(), newCorpusStems())
}

func newCorpusMake() *cobra.Command {
	var n int
	var seed uint64
	var out string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "make TASK",
		Short: "Generate examples of a task",
		Long: fmt.Sprintf(`Generate examples of a task, source TAB target, no two with the same source.
Tasks: %s.`, strings.Join(corpora.Tasks(), ", ")),
		Example: `  retell corpus make dates -n 5
  retell corpus make sort -n 10000 --seed 7 -o sort.tsv`,
		Args:      cobra.ExactArgs(1),
		ValidArgs: corpora.Tasks(),
		RunE: func(cmd *cobra.Command, args []string) error {
			if !slices.Contains(corpora.Tasks(), args[0]) {
				return misusef("task is %q: want one of %s", args[0], strings.Join(corpora.Tasks(), ", "))
			}
			if n < 0 {
				return misusef("-n is %d: want 0 or more", n)
			}
			if err := checkOutputs(out); err != nil {
				return err
			}
			return writeOutput(cmd, out, func(w *bufio.Writer) error {
				_, err := writerOf(args[0], asJSON)(w, corpora.Task(args[0], seed, n))
				return err
			})
		},
	}
	cmd.Flags().IntVarP(&n, "number", "n", 10, "number of examples")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "seed of the examples")
	cmd.Flags().StringVarP(&out, "output", "o", "", "output file (default: standard output)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write one JSON object a line for each example")
	return cmd
}

// exampleWriter writes examples and returns their number.
type exampleWriter func(io.Writer, iter.Seq2[corpora.Example, error]) (int, error)

// writerOf returns the writer of examples that were read in a format.
func writerOf(format string, asJSON bool) exampleWriter {
	switch {
	case asJSON:
		return corpora.WriteJSONL
	case slices.Contains(setTypes(), format):
		return corpora.WriteTable
	default:
		return corpora.WriteTSV
	}
}

func newCorpusStats() *cobra.Command {
	var tokenizer string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "stats [FILE]",
		Short: "Count lines and tokens of both sides",
		Long: `Count lines and tokens of both sides of a pair of files, or of one FILE (default: standard input) in a --format. In sets of
texts that mean the same, the first column is the source and all others are targets; columns that mean something else
are counted apart.`,
		Example: `  retell corpus stats --source train.en --target train.de
  retell corpus stats --format tsv --json pairs.tsv
  retell corpus make dates -n 1000 | retell corpus stats --format tsv`,
		Args: cobra.MaximumNArgs(1),
	}
	examples := addExampleFlags(cmd)
	cmd.Flags().StringVarP(&tokenizer, "tokenizer", "t", "", "tokenizer file (default: tokens are words between white space)")
	cmd.Flags().BoolVar(&asJSON, "json", false, `write one JSON object: {"source": {...}, "target": {...}}`)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		var tokens func(string) []string
		if tokenizer != "" {
			codec, err := readTokenizer(tokenizer)
			if err != nil {
				return err
			}
			tokens = codec.Tokens
		}
		stream, err := examples.read(cmd, args)
		if err != nil {
			return err
		}
		all, err := clean(stream, "", corpora.Filter{}, false, logger(cmd))
		if err != nil {
			return err
		}
		sides := corpusStats{versioned: version1()}
		if sides.Source, err = corpora.Measure(corpora.Sources(corpora.Stream(all)), tokens); err != nil {
			return err
		}
		if sides.Target, err = corpora.Measure(corpora.Targets(corpora.Stream(all)), tokens); err != nil {
			return err
		}
		if negatives := negativesOf(all); negatives != nil {
			of, err := corpora.Measure(corpora.Stream(negatives), tokens)
			if err != nil {
				return err
			}
			sides.Negatives = &of
		}
		return writeOutput(cmd, "", func(w *bufio.Writer) error {
			if asJSON {
				return writeJSON(w, sides)
			}
			fmt.Fprintf(w, "source\n%v\ntarget\n%v", sides.Source, sides.Target)
			if sides.Negatives != nil {
				fmt.Fprintf(w, "\nnegatives\n%v", *sides.Negatives)
			}
			return nil
		})
	}
	return cmd
}

// negativesOf returns the negatives of all examples; nil if there are none.
func negativesOf(all []corpora.Example) (negatives []string) {
	for _, e := range all {
		negatives = append(negatives, e.Negatives...)
	}
	return negatives
}
