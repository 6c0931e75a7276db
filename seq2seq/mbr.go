package seq2seq

import (
	"cmp"
	"math"
	"slices"
)

// leastRisk returns the NBest hypotheses with the best expected metric, and sets their Score to it. The expectation is
// over all hypotheses as references. Samples have equal weights; other hypotheses are weighted by their probability.
//
// Kumar and Byrne, Minimum Bayes-Risk Decoding for Statistical Machine Translation, 2004.
func leastRisk(all []Hypothesis, o *SearchOptions) []Hypothesis {
	r := o.resolved()
	weights := make([]float64, len(all))
	total := 0.0
	top := slices.MaxFunc(all, func(g, h Hypothesis) int { return cmp.Compare(g.LogProb, h.LogProb) }).LogProb
	for i, h := range all {
		weights[i] = 1
		if r.Sample == 0 {
			weights[i] = math.Exp(h.LogProb - top)
		}
		total += weights[i]
	}
	for i := range all {
		all[i].Score = 0
		for k, ref := range all {
			value := r.MBR.Score(r.MBR.Stats(all[i].Text, []string{ref.Text})).Value
			all[i].Score += weights[k] / total * value
		}
	}
	slices.SortStableFunc(all, func(g, h Hypothesis) int {
		if r.MBR.HigherIsBetter() {
			return cmp.Compare(h.Score, g.Score)
		}
		return cmp.Compare(g.Score, h.Score)
	})
	return all[:min(r.NBest, len(all))]
}
