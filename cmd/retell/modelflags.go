package main

import (
	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/seq2seq"
)

// addModelFlag adds the required -m.
func addModelFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVarP(path, "model", "m", "", "model file, as train writes it")
	required(cmd, "model")
}

// inferenceFlags choose a model for inference.
type inferenceFlags struct {
	path string
	int8 bool
}

// add adds the required -m, and --int8.
func (f *inferenceFlags) add(cmd *cobra.Command) {
	addModelFlag(cmd, &f.path)
	cmd.Flags().BoolVar(&f.int8, "int8", false, "multiply in int8: faster, and nearly as good")
}

func (f *inferenceFlags) load() (*seq2seq.Model, error) {
	m, err := seq2seq.Load(f.path)
	if err == nil && f.int8 {
		m = m.Quantize()
	}
	return m, err
}

// formatOf is the reader of the data that a model was trained on; lines of text where the model does not say.
func formatOf(m *seq2seq.Model) corpora.Format {
	if f := m.Summary().Format; f != nil {
		return *f
	}
	return corpora.Format{}
}

// addSearchFlags adds the flags that say how translations are searched for.
func addSearchFlags(cmd *cobra.Command, o *seq2seq.SearchOptions) {
	flags := cmd.Flags()
	flags.IntVar(&o.Beam, "beam", 5, "hypotheses kept of each line; 1 is greedy search")
	flags.StringVar((*string)(&o.LengthNorm), "length-norm", string(seq2seq.NormAverage), "how hypotheses of different lengths are compared: none, average or gnmt")
	flags.Float64Var(&o.Alpha, "length-penalty", 0, "exponent α of --length-norm; 0 is 1 for average and 0.6 for gnmt")
	flags.Float64Var(&o.CoveragePenalty, "coverage-penalty", 0, "weight of the penalty for parts of the source left out; wants a model with attention")
	flags.IntVar(&o.BatchSentences, "batch", 64, "lines searched at a time; does not change what is found")
}

// checkSearch refuses search options that contradict each other.
func checkSearch(o *seq2seq.SearchOptions) error {
	if err := o.Validate(); err != nil {
		return misuse{err}
	}
	return nil
}
