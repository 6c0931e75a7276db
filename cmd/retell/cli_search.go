package main

import (
	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/seq2seq"
)

// searchFlags are the options of the search for translations.
type searchFlags struct {
	options seq2seq.SearchOptions
	mbr     string
	lexicon string // a file; of words to know for a model that repairs lines
}

func (f *searchFlags) add(cmd *cobra.Command) {
	o, flags := &f.options, cmd.Flags()
	flags.IntVar(&o.Beam, "beam", 5, "beam width (1 = greedy search)")
	flags.StringVar((*string)(&o.LengthNorm), "length-norm", string(seq2seq.NormAverage), "length normalization of log-probabilities: none, average or gnmt")
	flags.Float64Var(&o.Alpha, "length-penalty", 0, "exponent α of --length-norm (0 = 1 for average, 0.6 for gnmt)")
	flags.Float64Var(&o.CoveragePenalty, "coverage-penalty", 0, "weight of the penalty for untranslated source words (0 = none); needs attention")
	flags.IntVar(&o.MinLength, "min-length", 0, "minimum number of tokens of a translation")
	flags.IntVar(&o.NoRepeatNGram, "no-repeat-ngram", 0, "length of token sequences that may not occur twice in a translation (0 = none)")
	flags.IntVar(&o.DiverseGroups, "diverse-groups", 0, "number of groups of diverse beam search (0 = plain beam search)")
	flags.Float64Var(&o.Diversity, "diversity", 0, "penalty of a token for each earlier group that chose it at the same position (0 = 0.5)")
	flags.IntVar(&o.Sample, "sample", 0, "number of random translations of each line, instead of a search (0 = search)")
	flags.Float64Var(&o.Temperature, "temperature", 0, "with --sample: temperature; below 1, likely tokens are drawn more often (0 = 1)")
	flags.IntVar(&o.TopK, "top-k", 0, "with --sample: number of likeliest tokens to draw from (0 = all)")
	flags.Float64Var(&o.TopP, "top-p", 0, "with --sample: total probability of the likeliest tokens to draw from (0 = all)")
	flags.Uint64Var(&o.Seed, "seed", 0, "with --sample: seed of the draws")
	flags.StringVar(&f.mbr, "mbr", "", "choose by minimum Bayes risk with this metric (chrf, bleu:eff=yes, ...)")
	flags.BoolVar(&o.ReplaceUnknown, "replace-unk", false, "replace each <unk> with its most attended source word; needs attention")
	flags.StringVar(&f.lexicon, "lexicon", "", "with --replace-unk: file of replacements, a line each: source word TAB target word")
	flags.IntVar(&o.BatchSentences, "batch", 64, "number of lines searched at once; does not change results")
}

// check refuses options that contradict each other.
func (f *searchFlags) check(cmd *cobra.Command) error {
	if !cmd.Flags().Changed("beam") {
		f.options.Beam = 0 // wide enough for --nbest and --sample
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

// readLexicon reads a word and its translation from each line; the first of several translations counts.
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
