package metric

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Interval is a 95 % confidence interval, Mean ± HalfWidth, of resampled scores.
type Interval struct {
	Mean      float64 `json:"mean"`       // mean of the resampled scores
	HalfWidth float64 `json:"half_width"` // half the distance between their 2.5 % and 97.5 % quantiles
	Samples   int     `json:"samples"`    // number of resampled corpora
}

// Comparison is the result of a paired test: whether the scores of a system and the baseline differ by more than
// chance.
//
// PValue is the estimated probability of a greater difference if both systems were equally good. It is 1/(Samples+1) if
// no sample has a greater difference. It has no meaning if the scores are equal.
type Comparison struct {
	Baseline float64 `json:"baseline"` // score of the baseline
	System   float64 `json:"system"`   // score of the system
	PValue   float64 `json:"p_value"`  // probability of a greater difference if both were equally good, 0 to 1
	Samples  int     `json:"samples"`  // number of samples

	// The intervals of both scores; nil after ApproximateRandomization.
	BaselineConfidence *Interval `json:"baseline_confidence,omitempty"`
	SystemConfidence   *Interval `json:"system_confidence,omitempty"`
}

// Bootstrap returns the confidence interval of a corpus score (Koehn, Statistical Significance Tests for Machine
// Translation Evaluation, 2004). Each sample draws as many sentences as the corpus has, with replacement. Zero samples
// means 1,000.
func Bootstrap(m Metric, rows []Stats, samples int, rng *rand.Rand) (Interval, error) {
	samples, err := checkResampling(samples, 1000, rows)
	if err != nil {
		return Interval{}, err
	}
	return interval(bootstrap(m, samples, withReplacement(rng), rows)[0]), nil
}

// PairedBootstrap compares two systems on the same resampled corpora. It counts the samples whose difference exceeds
// the mean difference by more than the actual difference. baseline[i] and system[i] are the statistics of the same
// sentence. Zero samples means 1,000.
func PairedBootstrap(m Metric, baseline, system []Stats, samples int, rng *rand.Rand) (Comparison, error) {
	samples, err := checkResampling(samples, 1000, baseline, system)
	if err != nil {
		return Comparison{}, err
	}
	return pairedBootstrap(m, baseline, system, samples, withReplacement(rng)), nil
}

// ApproximateRandomization compares two systems by swapping their outputs for each sentence with probability one half
// (Riezler and Maxwell, On Some Pitfalls in Automatic Evaluation and Significance Testing for MT, 2005). It counts the
// samples whose difference is greater than the actual difference. baseline[i] and system[i] are the statistics of the
// same sentence. Zero samples means 10,000.
func ApproximateRandomization(m Metric, baseline, system []Stats, samples int, rng *rand.Rand) (Comparison, error) {
	samples, err := checkResampling(samples, 10000, baseline, system)
	if err != nil {
		return Comparison{}, err
	}
	return randomization(m, baseline, system, samples, func(exchange []bool) {
		for i := range exchange {
			exchange[i] = rng.Uint32()&1 == 1
		}
	}), nil
}

// checkResampling checks the statistics of systems and returns the number of samples.
func checkResampling(samples, standard int, systems ...[]Stats) (int, error) {
	first := systems[0]
	if len(first) == 0 {
		return 0, errors.New("metric: no sentences to sample: want at least 1")
	}
	for _, rows := range systems[1:] {
		if len(rows) != len(first) {
			return 0, fmt.Errorf("metric: baseline has %d sentences, system has %d: want equal numbers", len(first), len(rows))
		}
	}
	for _, rows := range systems {
		for i, row := range rows {
			if len(row) != len(first[0]) {
				return 0, fmt.Errorf("metric: sentence %d has %d statistics: want %d, as the first has", i+1, len(row), len(first[0]))
			}
		}
	}
	if samples < 0 {
		return 0, fmt.Errorf("metric: %d samples: want 1 or more, or 0 for %d", samples, standard)
	}
	if samples == 0 {
		return standard, nil
	}
	return samples, nil
}

// withReplacement returns a function that draws a sample of sentence numbers.
func withReplacement(rng *rand.Rand) func(sample []int) {
	return func(sample []int) {
		for i := range sample {
			sample[i] = rng.IntN(len(sample))
		}
	}
}

// bootstrap returns the scores of each system on the same resampled corpora.
func bootstrap(m Metric, samples int, draw func(sample []int), systems ...[]Stats) [][]float64 {
	scores := make([][]float64, len(systems))
	sample := make([]int, len(systems[0]))
	sum := make(Stats, len(systems[0][0]))
	for range samples {
		draw(sample)
		for k, rows := range systems {
			clear(sum)
			for _, i := range sample {
				sum.Add(rows[i])
			}
			scores[k] = append(scores[k], m.Score(sum).Value)
		}
	}
	return scores
}

// pairedBootstrap is PairedBootstrap with samples from draw.
func pairedBootstrap(m Metric, baseline, system []Stats, samples int, draw func(sample []int)) Comparison {
	scores := bootstrap(m, samples, draw, baseline, system)
	a, b := interval(scores[0]), interval(scores[1])
	c := Comparison{
		Baseline:           m.Score(Sum(baseline)).Value,
		System:             m.Score(Sum(system)).Value,
		Samples:            samples,
		BaselineConfidence: &a,
		SystemConfidence:   &b,
	}
	differences := make([]float64, samples)
	for i := range differences {
		differences[i] = math.Abs(scores[1][i] - scores[0][i])
	}
	mean := stat.Mean(differences, nil)
	for i := range differences {
		differences[i] -= mean
	}
	c.PValue = pValue(differences, math.Abs(c.System-c.Baseline))
	return c
}

// randomization is ApproximateRandomization with exchanges from draw.
func randomization(m Metric, baseline, system []Stats, samples int, draw func(exchange []bool)) Comparison {
	sumA, sumB := Sum(baseline), Sum(system)
	c := Comparison{Baseline: m.Score(sumA).Value, System: m.Score(sumB).Value, Samples: samples}
	differences := make([]float64, samples)
	exchange := make([]bool, len(baseline))
	for i := range differences {
		draw(exchange)
		clear(sumA)
		clear(sumB)
		for k, yes := range exchange {
			a, b := baseline[k], system[k]
			if yes {
				a, b = b, a
			}
			sumA.Add(a)
			sumB.Add(b)
		}
		differences[i] = math.Abs(m.Score(sumA).Value - m.Score(sumB).Value)
	}
	c.PValue = pValue(differences, math.Abs(c.System-c.Baseline))
	return c
}

// interval returns the 95 % interval of scores.
func interval(scores []float64) Interval {
	sorted := slices.Sorted(slices.Values(scores))
	low := len(sorted) / 40
	high := len(sorted) - low - 1
	return Interval{
		Mean:      stat.Mean(sorted, nil),
		HalfWidth: (sorted[high] - sorted[low]) / 2,
		Samples:   len(sorted),
	}
}

// pValue returns the share of differences that are greater than the actual one. The actual one counts as a further,
// greater difference, so the share is never 0.
func pValue(differences []float64, actual float64) float64 {
	greater := 1
	for _, d := range differences {
		if d > actual {
			greater++
		}
	}
	return float64(greater) / float64(len(differences)+1)
}
