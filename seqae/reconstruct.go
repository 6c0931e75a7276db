package seqae

import (
	"context"
	"iter"

	"github.com/retell-rnn/retell/metric"
	"github.com/retell-rnn/retell/seq2seq"
)

// Reconstruction is a line as the model writes it back.
type Reconstruction struct {
	seq2seq.Translation
	Tokens []string // of the line, as the target side has them
	Edits  int      // tokens to insert, delete or replace between the line and what was written
	Exact  bool     // the line came back as it was, in the letters that the model knows: lower case, where it has no other
}

// Reconstruct yields each line as the model writes it back, in order; see [seq2seq.Model.Translate].
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
