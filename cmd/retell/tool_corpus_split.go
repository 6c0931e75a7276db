package main

import (
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/internal/atomicfile"
)

func newCorpusSplit() *cobra.Command {
	var f splitFlags
	cmd := &cobra.Command{
		Use:   "split -o PREFIX [FILE]",
		Short: "Split examples into training, validation and test parts",
		Long: `Split examples into PREFIX.train.tsv, PREFIX.valid.tsv and PREFIX.test.tsv, after optional deduplication and
filtering. No two parts share a source (with --by target: a target). Its hash decides the part, so the order of the
lines does not matter. The files of an earlier split with the same names are replaced all at once.

With --by text, no two parts share any text, not even one that differs only in case or punctuation, and examples that
prevent it are left out. This is the default for sets, triplets, judged, sts and sick; the last two are written as
judged, with scores from 0 to 1. 'retell train' holds out the same sets.`,
		Example: `  retell corpus split --format tsv --valid 1000 --test 1000 -o tatoeba eng-fra.tsv.gz
  retell corpus split --source all.en --target all.de --valid 500 --dedup --max-tokens 80 -o mine
  retell corpus split --format sets --test 1000 -o paraphrases paraphrases.tsv`,
		Args: cobra.MaximumNArgs(1),
	}
	f.examples = addExampleFlags(cmd)
	flags := cmd.Flags()
	flags.StringVarP(&f.prefix, "output", "o", "", "beginning of the file names")
	flags.IntVar(&f.valid, "valid", 0, "number of validation examples")
	flags.IntVar(&f.test, "test", 0, "number of test examples")
	flags.StringVar(&f.by, "by", "source", "what parts do not share: source, target or text")
	flags.Uint64Var(&f.seed, "seed", 1, "seed of the split")
	flags.BoolVar(&f.dedup, "dedup", false, "drop examples that equal an earlier one on both sides")
	flags.IntVar(&f.filter.MinTokens, "min-tokens", 0, "minimum number of tokens of each side (0 = no limit)")
	flags.IntVar(&f.filter.MaxTokens, "max-tokens", 0, "maximum number of tokens of each side (0 = no limit)")
	flags.Float64Var(&f.filter.MaxRatio, "max-ratio", 0, "maximum ratio of the longer side's length to the shorter's (0 = no limit)")
	flags.BoolVar(&f.json, "json", false, "write JSON Lines: PREFIX.train.jsonl and so on")
	required(cmd, "output")
	cmd.MarkFlagsOneRequired("valid", "test")
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return f.run(cmd, args) }
	return cmd
}

// splitFlags are the flags of corpus split.
type splitFlags struct {
	examples    *exampleFlags
	prefix, by  string
	valid, test int
	seed        uint64
	json, dedup bool
	filter      corpora.Filter
}

// run splits the examples of the files that args and the flags name.
func (f *splitFlags) run(cmd *cobra.Command, args []string) error {
	if !cmd.Flags().Changed("by") && slices.Contains(setTypes(), f.examples.format.Type) {
		f.by = byText
	}
	switch {
	case !slices.Contains([]string{"source", "target", byText}, f.by):
		return misusef("--by is %q: want source, target or text", f.by)
	case f.valid < 0 || f.test < 0:
		return misusef("--valid is %d and --test is %d: want 0 or more", f.valid, f.test)
	}
	if err := f.filter.Validate(); err != nil {
		return misuse{err}
	}
	suffix := ".tsv"
	if f.json {
		suffix = ".jsonl"
	}
	files := splitFiles{f.prefix + ".train" + suffix, f.prefix + ".valid" + suffix, f.prefix + ".test" + suffix}
	if err := files.check(1, f.valid, f.test); err != nil {
		return err
	}
	stream, err := f.examples.read(cmd, args)
	if err != nil {
		return err
	}
	all, err := clean(stream, "", f.filter, f.dedup, logger(cmd))
	if err != nil {
		return err
	}
	parts, report, err := f.split(all)
	if err != nil {
		return err
	}
	if err := files.write(parts, writerOf(f.examples.format.Type, f.json)); err != nil {
		return err
	}
	if report.Dropped > 0 {
		logger(cmd).Info("dropped", "examples", report.Dropped, "of", len(all), "reason", "text in another part")
	}
	for i, part := range report.Parts {
		if part.Examples > 0 {
			logger(cmd).Info("wrote", "file", files[i], "examples", part.Examples, f.keys(), part.Keys)
		}
	}
	return nil
}

// split splits examples into training, validation and test parts.
func (f *splitFlags) split(all []corpora.Example) ([][]corpora.Example, *corpora.SplitReport, error) {
	switch f.by {
	case byText:
		return corpora.SplitSets(all, f.seed, f.valid, f.test)
	case "target":
		return corpora.SplitCounts(all, corpora.ByTarget, f.seed, f.valid, f.test)
	default:
		return corpora.SplitCounts(all, corpora.BySource, f.seed, f.valid, f.test)
	}
}

// keys is the name of the texts whose hash decides the part.
func (f *splitFlags) keys() string {
	if f.by == "target" {
		return "targets"
	}
	return "sources"
}

// byText is the value of --by with which parts share no text.
const byText = "text"

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
func (f splitFiles) write(parts [][]corpora.Example, write exampleWriter) error {
	if err := f.check(len(parts[0]), len(parts[1]), len(parts[2])); err != nil {
		return err
	}
	var files []atomicfile.File
	for i, part := range parts {
		if len(part) > 0 {
			files = append(files, atomicfile.File{Path: f[i], Write: func(w io.Writer) error {
				_, err := write(w, corpora.Stream(part))
				return err
			}})
		}
	}
	return atomicfile.WriteAll(files...)
}
