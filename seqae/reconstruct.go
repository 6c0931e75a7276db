package seqae

import (
	"context"
	"iter"

	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/seq2seq"
)

// Reconstruction is the model's reconstruction of a line.
type Reconstruction struct {
	seq2seq.Translation
	Tokens []string // tokens of the line, by the tokenizer of the target side
	Edits  int      // number of tokens to insert, delete or replace to turn the line into its reconstruction
	Exact  bool     // the reconstruction equals the line, normalized as the model's tokenizer does, such as to lower case
}

// Reconstruct yields the reconstruction of each line, in order; see [seq2seq.Model.Translate].
func (m *Model) Reconstruct(ctx context.Context, lines iter.Seq2[string, error], opts *seq2seq.SearchOptions) iter.Seq2[Reconstruction, error] {
	return func(yield func(Reconstruction, error) bool) {
		target := m.Target()
		for t, err := range m.Translate(ctx, lines, opts) {
			if err != nil {
				if !yield(Reconstruction{}, err) {
					return
				}
				continue
			}
			r := Reconstruction{Translation: t, Tokens: target.Tokens(t.Source), Exact: t.Text == target.Normalize(t.Source)}
			r.Edits = metric.EditDistance(r.Tokens, target.Tokens(t.Text))
			if !yield(r, nil) {
				return
			}
		}
	}
}
