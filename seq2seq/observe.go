package seq2seq

import (
	"context"
	"math"

	"github.com/retell-rnn/retell/internal/kernel"
	"github.com/retell-rnn/retell/rnn"
	"github.com/retell-rnn/retell/seq2seq/internal/search"
)

// observe adds attention and confidence, if the options need them, to the hypotheses found for sources.
func (r *runner) observe(ctx context.Context, mem *rnn.Buffers, src sourceBatch, found [][]search.Hypothesis, opts *SearchOptions) error {
	each := make(sourceBatch, len(src))
	for i, hyps := range found {
		for range hyps {
			for k := range src {
				each[k] = append(each[k], src[k][i])
			}
		}
	}
	return search.Observe(ctx, r.start(mem, each, 0), found, opts.attends(), opts.Confidence)
}

// normalize sets the Probability of each hypothesis: its share of the sum over hyps.
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

// meanOf returns the mean of x; 0 if x is empty.
func meanOf(x []float32) float64 { return kernel.Sum(x) / float64(max(1, len(x))) }
