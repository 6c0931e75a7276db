package search

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/retell-rnn/retell/tokenize"
)

// TestSampleFrequencies checks that tokens occur as often as their probabilities predict: χ² at a level of 0.001,
// with fixed seeds.
func TestSampleFrequencies(t *testing.T) {
	logits := make([]float32, 40)
	rng := rand.New(rand.NewPCG(5, 5))
	for i := range logits {
		logits[i] = 2 * float32(rng.NormFloat64())
	}
	logits[7] = Impossible
	for name, o := range map[string]Sampling{
		"all":                   {},
		"temperature":           {Temperature: 0.5},
		"hot":                   {Temperature: 3},
		"top k":                 {TopK: 5},
		"top p":                 {TopP: 0.7},
		"top p of little":       {TopP: 1e-9},
		"all three":             {Temperature: 1.7, TopK: 12, TopP: 0.9},
		"top k of more than is": {TopK: 100},
	} {
		t.Run(name, func(t *testing.T) {
			o.Temperature, o.TopP = cmp.Or(o.Temperature, 1), cmp.Or(o.TopP, 1)
			const draws = 20_000
			counts := make([]float64, len(logits))
			rng := rand.New(rand.NewPCG(1, 2))
			for range draws {
				counts[o.Draw(rng, slices.Clone(logits))]++
			}
			want := sampleProbabilities(logits, o)
			chi, freedom := 0.0, -1.0
			rest, restCount := 0.0, 0.0
			for i, p := range want {
				switch {
				case p == 0 && counts[i] > 0:
					t.Fatalf("token %d comes %v times: want never", i, counts[i])
				case p*draws < 5: // too few for χ²
					rest, restCount = rest+p, restCount+counts[i]
				default:
					chi += (counts[i] - p*draws) * (counts[i] - p*draws) / (p * draws)
					freedom++
				}
			}
			if rest*draws >= 5 {
				chi += (restCount - rest*draws) * (restCount - rest*draws) / (rest * draws)
				freedom++
			}
			if freedom > 0 {
				if limit := (distuv.ChiSquared{K: freedom}).Quantile(0.999); chi > limit {
					t.Errorf("χ² of %v with %v degrees of freedom: want at most %v", chi, freedom, limit)
				}
			}
		})
	}
}

// sampleProbabilities returns, by definition, the distribution that tokens are drawn from.
func sampleProbabilities(logits []float32, o Sampling) []float64 {
	order := make([]int, len(logits))
	p := make([]float64, len(logits))
	for i, x := range logits {
		order[i], p[i] = i, math.Exp(float64(x)/o.Temperature)
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p[j], p[i]) })
	normalize := func() {
		sum := 0.0
		for _, x := range p {
			sum += x
		}
		for i := range p {
			p[i] /= sum
		}
	}
	for rank, i := range order {
		if o.TopK > 0 && rank >= o.TopK {
			p[i] = 0
		}
	}
	normalize()
	mass := 0.0
	for _, i := range order {
		if mass >= o.TopP {
			p[i] = 0
		}
		mass += p[i]
	}
	normalize()
	return p
}

// TestSamplesMatchProbabilities checks that whole translations occur as often as the product of their tokens'
// probabilities predicts.
func TestSamplesMatchProbabilities(t *testing.T) {
	const lines, each = 20, 500
	f := newFake(7, slices.Repeat([]uint64{9}, lines), slices.Repeat([]int{1}, lines))
	o := usual(5)
	o.Sampling, o.NBest = Sampling{Samples: each, Temperature: 1, TopP: 1, Seed: 11}, each
	o.Scoring, o.Length = none, Length{Ratio: 0.01, Constant: 2}
	counts := map[string]float64{}
	name := func(h Hypothesis) string { return string(append(h.Tokens, 0)) }
	found, err := Run(t.Context(), f, unasked(f.sources), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range found {
		for _, h := range list {
			counts[name(h)]++
		}
	}
	// <pad> and <s> are impossible: the other tokens share their probability.
	chi, freedom := 0.0, -1.0
	total, all := 0.0, allHypotheses(newFake(7, []uint64{9}, []int{1}), o, &Sentence{Source: 1})
	for _, h := range all {
		p := stepwise(f, h)
		total += p
		if want := p * lines * each; want >= 5 {
			chi += (counts[name(h)] - want) * (counts[name(h)] - want) / want
			freedom++
		}
	}
	if math.Abs(total-1) > 1e-6 {
		t.Fatalf("probabilities sum to %v", total)
	}
	if limit := (distuv.ChiSquared{K: freedom}).Quantile(0.999); freedom < 10 || chi > limit {
		t.Errorf("χ² of %v with %v degrees of freedom: want at most %v", chi, freedom, limit)
	}
	if slices.EqualFunc(found[0], found[1], Hypothesis.equal) {
		t.Error("two equal lines have the same samples: want each line to have its own")
	}
}

// stepwise returns the probability of drawing a hypothesis.
func stepwise(f *fakeStepper, h Hypothesis) float64 {
	state, last, p := uint64(9), int32(tokenize.BOS), 1.0
	tokens := h.Tokens
	if h.Finished {
		tokens = append(slices.Clone(tokens), tokenize.EOS)
	}
	for _, token := range tokens {
		state = follow(state, last)
		row := make([]float32, f.size)
		f.fill(state, row)
		sum := 0.0
		for id, x := range row {
			if id != tokenize.Pad && id != tokenize.BOS {
				sum += math.Exp(float64(x))
			}
		}
		p *= math.Exp(float64(row[token])) / sum
		last = token
	}
	return p
}
