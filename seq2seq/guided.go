package seq2seq

import (
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
)

// guides sets the alignment of the pairs of each example's first target. pairs hold all targets of the examples, in
// order.
func (m *Network) guides(pairs []pair, examples []corpora.Example, o *TrainOptions) error {
	if o.GuidedAlignment == 0 {
		return nil
	}
	i, found := 0, false
	for n, e := range examples {
		if len(e.Targets) > 0 && e.Alignment != nil {
			source := m.config.Encoder.Factors.text(m.source.Config(), e.Source)
			if err := e.Alignment.Within(source, e.Targets[0]); err != nil {
				return fmt.Errorf("example %d (%q): %w", n+1, e.Source, err)
			}
			pairs[i].aligned = m.alignedTokens(e.Alignment, pairs[i].src, pairs[i].tgt)
			found = true
		}
		i += len(e.Targets)
	}
	if !found {
		return errors.New("options: guided_alignment: no training example has an alignment: want some (data.train_alignment)")
	}
	return nil
}

// alignedTokens returns, for each target token, the source tokens of the words that its word is linked to.
func (m *Network) alignedTokens(a corpora.Alignment, src, tgt []int32) [][]int32 {
	from, to := wordsOf(m.source, src), wordsOf(m.target, tgt)
	out := make([][]int32, len(tgt))
	for t, word := range to {
		for s, of := range from {
			if slices.Contains(a, corpora.Link{Source: of, Target: word}) {
				out[t] = append(out[t], int32(s))
			}
		}
	}
	return out
}

// guide adds the loss of guided alignment to a pass; nil if no pair has an alignment. weights has a weight for each
// row.
func guide(p *rnn.Pass, attention *gorgonia.Node, lay *rnn.Layout, pairs []pair, weights []float32) *gorgonia.Node {
	if !slices.ContainsFunc(pairs, func(q pair) bool { return q.aligned != nil }) {
		return nil
	}
	rows := make([][]int32, lay.Rows())
	for i, q := range pairs {
		for t, tokens := range q.aligned {
			rows[lay.Row(i, t)] = tokens
		}
	}
	return rnn.GuidedAttention(p, attention, rows, weights)
}
