package probe

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/retell-rnn/retell/internal/kernel"
)

// Test compares a model with its best baseline in one figure.
type Test struct {
	Measure    string     `json:"measure"`        // name of the measure
	Part       string     `json:"part,omitempty"` // part of the task; absent for the whole task
	Baseline   string     `json:"baseline"`       // baseline, the best of the model's own or the best common one
	Difference float64    `json:"difference"`     // how much better the model is; negative if it is worse
	Interval   Confidence `json:"interval"`       // 95 % confidence interval of the difference
	PValue     float64    `json:"p_value"`        // probability of such a difference if both were equally good, 0 to 1
	Method     string     `json:"method"`         // paired bootstrap, or McNemar for examples that are right or wrong
}

// chance is the greatest p-value that counts as a difference.
const chance = 0.05

// String returns a sentence without the name of the model, with values times 100.
func (t Test) String() string {
	name := Figure{Measure: t.Measure, Part: t.Part}.Name()
	how := fmt.Sprintf("%s, %s", shortP(t.PValue), t.Method)
	if t.Difference == 0 {
		return fmt.Sprintf("%s equals that of %s (%s)", name, t.Baseline, how)
	}
	side, by, low, high := "better", t.Difference, t.Interval.Low, t.Interval.High
	if by < 0 {
		side, by, low, high = "worse", -by, -high, -low
	}
	verdict := ""
	if t.PValue > chance {
		verdict = "; chance may explain it"
	}
	return fmt.Sprintf("%s is %s %s than %s (95 %%: %s to %s, %s)%s",
		name, percent(by), side, t.Baseline, percent(low), percent(high), how, verdict)
}

// percent returns a value times 100 with one digit; zero has no sign.
func percent(value float64) string {
	if text := fmt.Sprintf("%.1f", 100*value); text != "-0.0" {
		return text
	}
	return "0.0"
}

// shortP returns a short form of a p-value.
func shortP(p float64) string {
	if p < 0.001 {
		return "p<0.001"
	}
	return fmt.Sprintf("p=%.3f", p)
}

// resample returns the values of statistics over samples of n examples, drawn with replacement: [statistic][sample].
// The samples depend only on the seed and their number. Efron, Bootstrap Methods: Another Look at the Jackknife, 1979.
func resample(ctx context.Context, n, samples int, seed uint64, of []statistic) ([][]float64, error) {
	values := make([][]float64, len(of))
	for k := range values {
		values[k] = make([]float64, samples)
	}
	const stretch = 20 // samples that share memory
	kernel.Tasks((samples+stretch-1)/stretch, func(part int) {
		counts, w := make([]int32, n), new(workspace)
		for i := part * stretch; i < min(samples, (part+1)*stretch); i++ {
			if ctx.Err() != nil {
				return
			}
			rng := rand.New(rand.NewPCG(seed, uint64(i)))
			clear(counts)
			for range n {
				counts[rng.IntN(n)]++
			}
			for k, s := range of {
				values[k][i] = s.value(counts, w)
			}
		}
	})
	return values, ctx.Err()
}

// percentiles returns the interval of resampled values.
func percentiles(values []float64) Confidence {
	sorted := slices.Sorted(slices.Values(values))
	return Confidence{stat.Quantile(0.025, stat.LinInterp, sorted, nil), stat.Quantile(0.975, stat.LinInterp, sorted, nil)}
}

// paired compares a model's figure with the best baseline's. a and b are their values over the same samples.
func paired(name string, model, baseline Figure, a, b []float64) Test {
	differences := make([]float64, len(a))
	for i := range a {
		differences[i] = model.over(a[i], b[i])
	}
	t := Test{
		Measure: model.Measure, Part: model.Part, Baseline: name,
		Difference: model.over(model.Value, baseline.Value), Interval: percentiles(differences),
	}
	x, ok := model.of.(*mean)
	y, too := baseline.of.(*mean)
	if ok && too && x.isBinary() && y.isBinary() {
		t.Method, t.PValue = "McNemar", mcnemar(x.values, y.values)
	} else {
		t.Method, t.PValue = "paired bootstrap", twoSided(differences)
	}
	return t
}

// twoSided returns twice the share of resampled differences on the rarer side of zero. Zero counts on both sides, and
// one sample more than was drawn, so that the p-value is never 0.
func twoSided(differences []float64) float64 {
	below, above := 1, 1
	for _, d := range differences {
		if d <= 0 {
			below++
		}
		if d >= 0 {
			above++
		}
	}
	return min(1, 2*float64(min(below, above))/float64(len(differences)+1))
}

// mcnemar returns the p-value of the exact test: whether examples that only one of two systems answers rightly are as
// often the one's as the other's. McNemar, Note on the Sampling Error of the Difference between Correlated Proportions
// or Percentages, 1947.
func mcnemar(x, y []float64) float64 {
	only := [2]int{}
	for i := range x {
		switch {
		case x[i] > y[i]:
			only[0]++
		case x[i] < y[i]:
			only[1]++
		}
	}
	n := only[0] + only[1]
	if n == 0 {
		return 1
	}
	binomial := distuv.Binomial{N: float64(n), P: 0.5}
	return math.Min(1, 2*binomial.CDF(float64(min(only[0], only[1]))))
}
