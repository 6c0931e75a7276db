package main

import (
	"iter"

	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
)

// exampleFlags are the flags of verbs that read examples: a file and its format, or a pair of files.
type exampleFlags struct {
	format         corpora.Format
	source, target string
}

func addExampleFlags(cmd *cobra.Command) *exampleFlags {
	f := new(exampleFlags)
	flags := cmd.Flags()
	flags.StringVar(&f.source, "source", "", "file of sources, one a line")
	flags.StringVar(&f.target, "target", "", "file of targets, line by line with --source")
	flags.StringVar(&f.format.Type, "format", "", "format of FILE: tsv, jsonl, cmudict, sigmorphon, sets, triplets, judged, sts or sick")
	flags.IntVar(&f.format.SourceColumn, "source-column", 0, "tsv: column of the source (0 = 1)")
	flags.IntVar(&f.format.TargetColumn, "target-column", 0, "tsv: column of the target (0 = 2)")
	flags.BoolVar(&f.format.Header, "header", false, "tsv, sets, triplets, judged: skip the first line, which names the columns")
	flags.StringVar(&f.format.SourceField, "source-field", "", `jsonl: field of the source (default "source")`)
	flags.StringVar(&f.format.TargetField, "target-field", "", `jsonl: field of the target (default "target")`)
	flags.BoolVar(&f.format.Stress, "stress", false, "cmudict: keep the stress of vowels")
	flags.BoolVar(&f.format.Reverse, "reverse", false, "exchange source and target")
	cmd.MarkFlagsRequiredTogether("source", "target")
	cmd.MarkFlagsMutuallyExclusive("source", "format")
	cmd.MarkFlagsMutuallyExclusive("source", "reverse")
	return f
}

// read streams the examples of the pair of files, or of the file that args names.
func (f *exampleFlags) read(cmd *cobra.Command, args []string) (iter.Seq2[corpora.Example, error], error) {
	if f.source != "" {
		if len(args) > 0 {
			return nil, misusef("FILE %q beside --source and --target: want one or the other", args[0])
		}
		return corpora.Pairs(f.source, f.target, readOptions(cmd)), nil
	}
	if f.format.Type == "" {
		return nil, misusef("no format: want --format, or --source and --target")
	}
	if err := f.format.Validate(); err != nil {
		return nil, misuse{err}
	}
	return f.format.Read(inputFile(args), readOptions(cmd)), nil
}
