package main

import (
	"github.com/spf13/cobra"

	"github.com/retell-rnn/retell/seq2seq"
)

// normFlags choose how log-probabilities are normalized by length.
type normFlags struct{ options seq2seq.SearchOptions }

func (f *normFlags) add(cmd *cobra.Command, norm seq2seq.LengthNorm) {
	o := &f.options
	cmd.Flags().StringVar((*string)(&o.LengthNorm), "length-norm", string(norm), "length normalization of log-probabilities: none, average or gnmt")
	cmd.Flags().Float64Var(&o.Alpha, "length-penalty", 0, "exponent α of --length-norm (0 = 1 for average, 0.6 for gnmt)")
}

func (f *normFlags) check() error {
	if err := f.options.Validate(); err != nil {
		return misuse{err}
	}
	return nil
}

// of returns the score of a target.
func (f *normFlags) of(t seq2seq.ScoredTarget) float64 {
	return t.Normalized(f.options.LengthNorm, f.options.Alpha)
}
