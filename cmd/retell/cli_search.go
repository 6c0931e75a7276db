package main

import (
	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/seq2seq"
)

// searchFlags say how translations are searched for.
type searchFlags struct {
	options seq2seq.SearchOptions
	mbr     string
	lexicon string // a file
}

func (f *searchFlags) add(cmd *cobra.Command) {
	o, flags := &f.options, cmd.Flags()
	flags.IntVar(&o.Beam, "beam", 5, "hypotheses kept of each line; 1 is greedy search")
	flags.StringVar((*string)(&o.LengthNorm), "length-norm", string(seq2seq.NormAverage), "how hypotheses of different lengths are compared: none, average or gnmt")
	flags.Float64Var(&o.Alpha, "length-penalty", 0, "exponent α of --length-norm; 0 is 1 for average and 0.6 for gnmt")
	flags.Float64Var(&o.CoveragePenalty, "coverage-penalty", 0, "weight of the penalty for parts of the source left out; wants a model with attention")
	flags.IntVar(&o.MinLength, "min-length", 0, "least tokens of a translation")
	flags.IntVar(&o.NoRepeatNGram, "no-repeat-ngram", 0, "let no n tokens in a row occur twice in a translation; 0 allows it")
	flags.IntVar(&o.DiverseGroups, "diverse-groups", 0, "diverse beam search: groups that the beam is divided into")
	flags.Float64Var(&o.Diversity, "diversity", 0, "what a token costs for each earlier group that takes it at the same step; 0 is 0.5")
	flags.IntVar(&o.Sample, "sample", 0, "draw this many translations of each line at random, in place of searching")
	flags.Float64Var(&o.Temperature, "temperature", 0, "with --sample: below 1 likely tokens are drawn more often, above 1 less often; 0 is 1")
	flags.IntVar(&o.TopK, "top-k", 0, "with --sample: draw from the k likeliest tokens only")
	flags.Float64Var(&o.TopP, "top-p", 0, "with --sample: draw from the fewest likeliest tokens that hold this probability only")
	flags.Uint64Var(&o.Seed, "seed", 0, "with --sample: seed of the draws")
	flags.StringVar(&f.mbr, "mbr", "", "choose the translation that is best by this metric with all that are found as references: chrf, bleu:eff=yes, ...")
	flags.BoolVar(&o.ReplaceUnknown, "replace-unk", false, "write the source word that was attended to most in place of <unk>; wants a model with attention")
	flags.StringVar(&f.lexicon, "lexicon", "", "with --replace-unk: file of source words and what is written for them, separated by a tab")
	flags.IntVar(&o.BatchSentences, "batch", 64, "lines searched at a time; does not change what is found")
}

// check refuses options that contradict each other.
func (f *searchFlags) check(cmd *cobra.Command) error {
	if !cmd.Flags().Changed("beam") {
		f.options.Beam = 0 // as wide as --nbest and --sample want it
	}
	if f.mbr != "" {
		m, err := metric.Parse(f.mbr)
		if err != nil {
			return misuse{err}
		}
		f.options.MBR = m
	}
	if f.lexicon != "" {
		lexicon, err := readLexicon(cmd, f.lexicon)
		if err != nil {
			return err
		}
		f.options.Lexicon = lexicon
	}
	if err := f.options.Validate(); err != nil {
		return misuse{err}
	}
	return nil
}

// readLexicon reads a word and its translation from each line; of several translations the first counts.
func readLexicon(cmd *cobra.Command, file string) (map[string]string, error) {
	lexicon := map[string]string{}
	for e, err := range (corpora.Format{Type: corpora.TypeTSV}).Read(file, readOptions(cmd)) {
		if err != nil {
			return nil, err
		}
		if _, ok := lexicon[e.Source]; !ok {
			lexicon[e.Source] = e.Targets[0]
		}
	}
	return lexicon, nil
}
