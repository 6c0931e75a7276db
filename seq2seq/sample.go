package seq2seq

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
)

// sampleSearch draws Sample hypotheses of each sentence, token by token.
func sampleSearch(ctx context.Context, s stepper, sentences []sentence, o *SearchOptions) ([][]hypothesis, error) {
	n := o.Sample
	each := make([]sentence, 0, n*len(sentences))
	rngs := make([]*rand.Rand, 0, n*len(sentences))
	rows := make([]int, 0, n*len(sentences))
	for i, q := range sentences {
		seeds := rand.New(rand.NewPCG(o.Seed, q.number))
		for range n {
			each, rows = append(each, q), append(rows, i)
			rngs = append(rngs, rand.New(rand.NewPCG(seeds.Uint64(), seeds.Uint64())))
		}
	}
	if n > 1 {
		s.reorder(rows)
	}
	draw := func(h int, logits []float32) int32 { return o.draw(rngs[h], logits) }
	hyps, err := walk(ctx, s, each, o, true, draw)
	if err != nil {
		return nil, err
	}
	found := make([][]hypothesis, len(sentences))
	for i := range found {
		found[i] = hyps[i*n : (i+1)*n]
		slices.SortStableFunc(found[i], func(g, h hypothesis) int { return cmp.Compare(h.score, g.score) })
		found[i] = found[i][:min(o.NBest, n)]
	}
	return found, nil
}

// draw draws a token: one by its probability after Temperature, TopK and TopP. Of logits that are no numbers, any.
func (o *SearchOptions) draw(rng *rand.Rand, logits []float32) int32 {
	top := float64(kernel.Max(logits))
	weight := func(logit float32) float64 { return math.Exp((float64(logit) - top) / o.Temperature) }
	if o.TopK == 0 && o.TopP == 1 {
		return drawOne(rng, len(logits), func(i int) (int32, float64) { return int32(i), weight(logits[i]) })
	}
	likely := ranking{size: len(logits)}
	if o.TopK > 0 {
		likely.size = min(o.TopK, len(logits))
		likely.add(0, 0, logits)
	} else {
		// What the nucleus leaves out holds less than 1-TopP: no token of it has less than 1/len(logits) of that.
		total := 0.0
		for _, x := range logits {
			total += weight(x)
		}
		least := (1 - o.TopP) * total / float64(len(logits))
		for i, x := range logits {
			if weight(x) >= least && weight(x) > 0 {
				likely.list = append(likely.list, candidate{0, int32(i), x, float64(x)})
			}
		}
		slices.SortFunc(likely.list, candidate.order)
	}
	list := likely.list
	total, sum := 0.0, 0.0
	for _, c := range list {
		total += weight(c.logit)
	}
	for i, c := range list {
		if sum += weight(c.logit); sum >= o.TopP*total {
			list = list[:i+1]
			break
		}
	}
	return drawOne(rng, len(list), func(i int) (int32, float64) { return list[i].token, weight(list[i].logit) })
}

// drawOne draws one of n tokens in proportion to their weights; 0, which no translation holds, if there are no weights.
func drawOne(rng *rand.Rand, n int, of func(i int) (token int32, weight float64)) int32 {
	total := 0.0
	for i := range n {
		_, w := of(i)
		total += w
	}
	at := rng.Float64() * total
	var last int32
	for i := range n {
		token, w := of(i)
		if w > 0 {
			last = token
		}
		if at -= w; at < 0 {
			break
		}
	}
	return last
}
