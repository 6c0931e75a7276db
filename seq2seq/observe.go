package seq2seq

import (
	"math"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/rnn"
)

// observe adds what the options ask for to what a search found of sources. It steps through the hypotheses once more,
// so that the search itself keeps nothing.
func (r *runner) observe(mem *rnn.Buffers, src readings, found [][]hypothesis, opts *SearchOptions) error {
	each := make(readings, len(src))
	for i, hyps := range found {
		for range hyps {
			for k := range src {
				each[k] = append(each[k], src[k][i])
			}
		}
	}
	return observe(r.start(mem, each, 0), found, opts)
}

// observe steps through hypotheses; s begins with a row for each of them, in order.
func observe(s stepper, found [][]hypothesis, opts *SearchOptions) error {
	var tgt [][]int32
	var into []*hypothesis
	for _, hyps := range found {
		for h := range hyps {
			tgt, into = append(tgt, hyps[h].tokens), append(into, &hyps[h])
		}
	}
	missing := false
	p := make([]float32, s.vocab())
	err := force(s, tgt, func(i, t, row int, token int32, logits []float32) {
		h := into[i]
		if opts.attends() {
			a := s.attention(row)
			missing = missing || a == nil
			h.attention = append(h.attention, slices.Clone(a))
		}
		if opts.Confidence && t < len(h.logProbs) {
			entropy, margin := sureness(p, logits, token)
			h.entropies, h.margins = append(h.entropies, entropy), append(h.margins, margin)
		}
	})
	if err == nil && missing {
		err = errAttention
	}
	return err
}

// sureness returns the entropy of the distribution of logits, in nats, and the probability of a token less that of the
// likeliest other one. p is scratch.
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

// normalize sets the hypotheses' shares of the probability that the model gives to all of them.
func normalize(hyps []Hypothesis) {
	if len(hyps) == 0 {
		return
	}
	top := math.Inf(-1)
	for _, h := range hyps {
		top = max(top, h.LogProb)
	}
	total := 0.0
	for _, h := range hyps {
		total += math.Exp(h.LogProb - top)
	}
	for i := range hyps {
		hyps[i].Probability = math.Exp(hyps[i].LogProb-top) / total
	}
}

// meanOf returns the mean of numbers, 0 of none.
func meanOf(x []float32) float64 { return kernel.Sum(x) / float64(max(1, len(x))) }
