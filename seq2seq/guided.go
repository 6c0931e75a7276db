package seq2seq

import (
	"errors"
	"fmt"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/retell-rnn/retell/corpora"
	"github.com/retell-rnn/retell/rnn"
)

// guides gives the pairs of each example's first target, which are pairs of all targets, the source tokens that its
// alignment wants attended to.
func (m *Network) guides(pairs []pair, examples []corpora.Example, o *TrainOptions) error {
	if err := m.checkGuided(o); err != nil || o.GuidedAlignment == 0 {
		return err
	}
	i, found := 0, false
	for n, e := range examples {
		if len(e.Targets) > 0 && e.Alignment != nil {
			source := m.config.Encoder.Factors.text(m.source.Config(), e.Source)
			if err := e.Alignment.Within(source, e.Targets[0]); err != nil {
				return fmt.Errorf("example %d (%q): %w", n+1, e.Source, err)
			}
			pairs[i].wanted = m.wanted(e.Alignment, pairs[i].src, pairs[i].tgt)
			found = true
		}
		i += len(e.Targets)
	}
	if !found {
		return errors.New("options: guided_alignment: no training example has an alignment: want some (data.train_alignment)")
	}
	return nil
}

// wanted returns the source tokens that each target token is to attend to: those of the words that its word is linked
// to.
func (m *Network) wanted(a corpora.Alignment, src, tgt []int32) [][]int32 {
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

// checkGuided refuses what guided alignment cannot be had with.
func (m *Network) checkGuided(o *TrainOptions) error {
	switch {
	case o.GuidedAlignment == 0:
		return nil
	case o.Noise != nil || o.BPEDropout != (BPEDropout{}) || o.Risk.Metric != "":
		return errors.New("options: guided_alignment with noise, bpe_dropout or risk, which train on other tokens: want none of them")
	}
	return nil
}

// guide adds what attention that is wanted costs to a pass, nil where no pair wants any. weights are those of all rows.
func guide(p *rnn.Pass, attention *gorgonia.Node, lay *rnn.Layout, pairs []pair, weights []float32) *gorgonia.Node {
	if !slices.ContainsFunc(pairs, func(q pair) bool { return q.wanted != nil }) {
		return nil
	}
	rows := make([][]int32, lay.Rows())
	for i, q := range pairs {
		for t, tokens := range q.wanted {
			rows[lay.Row(i, t)] = tokens
		}
	}
	return rnn.GuidedAttention(p, attention, rows, weights)
}
