package search

import (
	"context"
	"errors"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
)

// ErrNoAttention reports that the attention of a model without attention is asked for.
var ErrNoAttention = errors.New("seq2seq: alignments: the model has no attention: want one that has")

// Observe steps through the hypotheses found once more, so that searches keep nothing of this, and sets their Attention
// or their Entropies and Margins. s has one row for each hypothesis, in order.
func Observe(ctx context.Context, s Stepper, found [][]Hypothesis, attention, confidence bool) error {
	var targets [][]int32
	var into []*Hypothesis
	for _, hyps := range found {
		for h := range hyps {
			targets, into = append(targets, hyps[h].Tokens), append(into, &hyps[h])
		}
	}
	missing := false
	p := make([]float32, s.Vocab())
	err := Force(ctx, s, targets, func(at Row, token int32) {
		h := into[at.Hypothesis]
		if attention {
			a := s.Attention(at.Row)
			missing = missing || a == nil
			h.Attention = append(h.Attention, slices.Clone(a))
		}
		if confidence && at.Step < len(h.LogProbs) {
			entropy, margin := sureness(p, at.Logits, token)
			h.Entropies, h.Margins = append(h.Entropies, entropy), append(h.Margins, margin)
		}
	})
	if err == nil && missing {
		err = ErrNoAttention
	}
	return err
}

// sureness returns the entropy of the distribution of logits, in nats, and the margin of a token: its probability less
// that of the likeliest other token. p is scratch.
func sureness(p, logits []float32, token int32) (entropy, margin float32) {
	lse := kernel.LogSumExp(logits)
	copy(p, logits)
	kernel.Affine(1, -lse, p)
	kernel.Exp(p, p)
	sum := 0.0
	for i, x := range logits {
		if p[i] > 0 {
			sum += float64(p[i]) * (float64(lse) - float64(x))
		}
	}
	other := max(kernel.Max(p[:token]), kernel.Max(p[token+1:]), 0) // 0 of no others
	return float32(max(0, sum)), p[token] - other
}
