package main

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/atomicfile"
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
				return writeExamples(w, corpora.Task(args[0], seed, n), asJSON)
			})
		},
	}
	cmd.Flags().IntVarP(&n, "number", "n", 10, "number of examples")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "seed of the examples")
	cmd.Flags().StringVarP(&out, "output", "o", "", "output file (default: standard output)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write one JSON object a line for each example")
	return cmd
}

func writeExamples(w io.Writer, examples iter.Seq2[corpora.Example, error], asJSON bool) error {
	write := corpora.WriteTSV
	if asJSON {
		write = corpora.WriteJSONL
	}
	_, err := write(w, examples)
	return err
}

func newCorpusStats() *cobra.Command {
	var tokenizer string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "stats [FILE]",
		Short: "Count lines and tokens of both sides",
		Long:  "Count lines and tokens of both sides of a pair of files, or of one FILE (default: standard input) in a --format.",
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
		return writeOutput(cmd, "", func(w *bufio.Writer) error {
			if asJSON {
				return writeJSON(w, sides)
			}
			_, err := fmt.Fprintf(w, "source\n%v\ntarget\n%v", sides.Source, sides.Target)
			return err
		})
	}
	return cmd
}

func newCorpusSplit() *cobra.Command {
	var valid, test int
	var seed uint64
	var prefix, by string
	var asJSON, dedup bool
	var filter corpora.Filter
	cmd := &cobra.Command{
		Use:   "split -o PREFIX [FILE]",
		Short: "Split examples into training, validation and test parts",
		Long: `Split examples into PREFIX.train.tsv, PREFIX.valid.tsv and PREFIX.test.tsv, after optional deduplication and
filtering. No two parts share a source (with --by target: a target). Its hash decides the part, so the order of the
lines does not matter. The files of an earlier split with the same names are replaced all at once.`,
		Example: `  retell corpus split --format tsv --valid 1000 --test 1000 -o tatoeba eng-fra.tsv.gz
  retell corpus split --source all.en --target all.de --valid 500 --dedup --max-tokens 80 -o mine`,
		Args: cobra.MaximumNArgs(1),
	}
	examples := addExampleFlags(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&prefix, "output", "o", "", "beginning of the file names")
	flags.IntVar(&valid, "valid", 0, "number of validation examples")
	flags.IntVar(&test, "test", 0, "number of test examples")
	flags.StringVar(&by, "by", "source", "side that parts do not share: source or target")
	flags.Uint64Var(&seed, "seed", 1, "seed of the split")
	flags.BoolVar(&dedup, "dedup", false, "drop examples that equal an earlier one on both sides")
	flags.IntVar(&filter.MinTokens, "min-tokens", 0, "minimum number of tokens of each side (0 = no limit)")
	flags.IntVar(&filter.MaxTokens, "max-tokens", 0, "maximum number of tokens of each side (0 = no limit)")
	flags.Float64Var(&filter.MaxRatio, "max-ratio", 0, "maximum ratio of the longer side's length to the shorter's (0 = no limit)")
	flags.BoolVar(&asJSON, "json", false, "write JSON Lines: PREFIX.train.jsonl and so on")
	required(cmd, "output")
	cmd.MarkFlagsOneRequired("valid", "test")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		key := map[string]corpora.Key{"source": corpora.BySource, "target": corpora.ByTarget}[by]
		switch {
		case key == nil:
			return misusef("--by is %q: want source or target", by)
		case valid < 0 || test < 0:
			return misusef("--valid is %d and --test is %d: want 0 or more", valid, test)
		}
		if err := filter.Validate(); err != nil {
			return misuse{err}
		}
		suffix := ".tsv"
		if asJSON {
			suffix = ".jsonl"
		}
		files := splitFiles{prefix + ".train" + suffix, prefix + ".valid" + suffix, prefix + ".test" + suffix}
		if err := files.check(1, valid, test); err != nil {
			return err
		}
		stream, err := examples.read(cmd, args)
		if err != nil {
			return err
		}
		all, err := clean(stream, "", filter, dedup, logger(cmd))
		if err != nil {
			return err
		}
		parts, report, err := corpora.SplitCounts(all, key, seed, valid, test)
		if err != nil {
			return err
		}
		if err := files.write(parts, asJSON); err != nil {
			return err
		}
		for i, part := range report.Parts {
			if part.Examples > 0 {
				logger(cmd).Info("wrote", "file", files[i], "examples", part.Examples, by+"s", part.Keys)
			}
		}
		return nil
	}
	return cmd
}

// splitFiles are the training, validation and test files of a split.
type splitFiles [3]string

// check refuses files that cannot be written. It also refuses an existing file for a part without examples: beside the
// new parts, an old part would pass for a new one.
func (f splitFiles) check(examples ...int) error {
	for i, n := range examples {
		if n > 0 {
			if err := checkOutputs(f[i]); err != nil {
				return err
			}
		} else if _, err := os.Lstat(f[i]); err == nil {
			return fmt.Errorf("%s exists already, and this split has no examples for it: want it moved away, or another -o", f[i])
		}
	}
	return nil
}

// write writes the parts that have examples, all or none.
func (f splitFiles) write(parts [][]corpora.Example, asJSON bool) error {
	if err := f.check(len(parts[0]), len(parts[1]), len(parts[2])); err != nil {
		return err
	}
	var files []atomicfile.File
	for i, part := range parts {
		if len(part) > 0 {
			files = append(files, atomicfile.File{Path: f[i], Write: func(w io.Writer) error {
				return writeExamples(w, corpora.Stream(part), asJSON)
			}})
		}
	}
	return atomicfile.WriteAll(files...)
}
