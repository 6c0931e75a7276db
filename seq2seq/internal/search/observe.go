package search

import (
	"context"
	"errors"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
)

// ErrNoAttention reports that a model without attention cannot align tokens.
var ErrNoAttention = errors.New("seq2seq: alignments: the model has no attention: want a model with attention")

// Observe sets the Attention, or the Entropies and Margins, of hypotheses that a search found. It steps through them
// once more, so that searches need not record these. s has one row for each hypothesis, in order.
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

// sureness returns the entropy of the distribution of logits, in nats, and a token's margin: its probability minus the
// highest probability of another token. p is scratch.
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
	other := max(kernel.Max(p[:token]), kernel.Max(p[token+1:]), 0) // 0 if there are no others
	return float32(max(0, sum)), p[token] - other
}
