package search

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
)

// Sampling draws translations at random, token by token, from p^(1/Temperature), where p is the model's distribution.
// It draws among the TopK most probable tokens, and among the fewest of these that hold TopP of their probability.
//
// Holtzman et al., The Curious Case of Neural Text Degeneration, 2019.
type Sampling struct {
	Samples     int     // number for each sentence; 0 means search
	Temperature float64 // above 0
	TopK        int     // 0 means all
	TopP        float64 // above 0; 1 means all
	Seed        uint64  // fixes the draws, together with a sentence's Number
}

// sample draws Samples hypotheses of each sentence.
func sample(ctx context.Context, s Stepper, sentences []Sentence, o *Options) ([][]Hypothesis, error) {
	n := o.Sampling.Samples
	each := make([]Sentence, 0, n*len(sentences))
	rngs := make([]*rand.Rand, 0, n*len(sentences))
	rows := make([]int, 0, n*len(sentences))
	for i, q := range sentences {
		seeds := rand.New(rand.NewPCG(o.Sampling.Seed, q.Number))
		for range n {
			each, rows = append(each, q), append(rows, i)
			rngs = append(rngs, rand.New(rand.NewPCG(seeds.Uint64(), seeds.Uint64())))
		}
	}
	if n > 1 {
		s.Reorder(rows)
	}
	draw := func(h int, logits []float32) int32 { return o.Sampling.Draw(rngs[h], logits) }
	hyps, err := walk(ctx, s, each, o, draw)
	if err != nil {
		return nil, err
	}
	found := make([][]Hypothesis, len(sentences))
	for i := range found {
		found[i] = hyps[i*n : (i+1)*n]
		slices.SortStableFunc(found[i], func(g, h Hypothesis) int { return cmp.Compare(h.Score, g.Score) })
		found[i] = found[i][:min(o.NBest, n)]
	}
	return found, nil
}

// Draw draws a token from logits. If logits are NaN, any token may result.
func (o Sampling) Draw(rng *rand.Rand, logits []float32) int32 {
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
		// A token of the nucleus and all less probable ones hold more than 1-TopP, so it has at least that/len(logits).
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

// drawOne draws one of n tokens in proportion to their weights. If no weight is above 0, it returns 0, <pad>, which no
// translation contains.
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
