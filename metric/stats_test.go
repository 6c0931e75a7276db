package metric

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// TestCorrelations compares with scipy 1.17.1 (pearsonr, spearmanr) and scikit-learn 1.9.1 (roc_auc_score).
func TestCorrelations(t *testing.T) {
	x := []float64{3.5, 1, 4, 1, 5.25, 9, 2, 6}
	y := []float64{2, 7, 1, 8.5, 2, 8, 1, 8}
	positive := []bool{true, false, true, true, false, true, false, false}
	for _, c := range []struct {
		name string
		got  func() (float64, error)
		want float64
	}{
		{"Pearson", func() (float64, error) { return Pearson(x, y) }, 0.15321554182204108},
		{"Spearman", func() (float64, error) { return Spearman(x, y) }, 0.048784115550973485},
		{"AUROC of x", func() (float64, error) { return AUROC(x, positive) }, 0.53125},
		{"AUROC of y", func() (float64, error) { return AUROC(y, positive) }, 0.59375},
	} {
		got, err := c.got()
		if err != nil || math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s is %.15f, %v: want %.15f", c.name, got, err, c.want)
		}
	}
}

func TestCorrelationErrors(t *testing.T) {
	for name, f := range map[string]func() (float64, error){
		"lengths":  func() (float64, error) { return Pearson([]float64{1, 2}, []float64{1, 2, 3}) },
		"one":      func() (float64, error) { return Spearman([]float64{1}, []float64{1}) },
		"NaN":      func() (float64, error) { return Spearman([]float64{1, math.NaN()}, []float64{1, 2}) },
		"infinite": func() (float64, error) { return AUROC([]float64{1, math.Inf(1)}, []bool{true, false}) },
		"constant": func() (float64, error) { return Pearson([]float64{1, 1}, []float64{1, 2}) },
		"positive": func() (float64, error) { return AUROC([]float64{1, 2}, []bool{true, true}) },
	} {
		if r, err := f(); err == nil {
			t.Errorf("%s: no error but %v", name, r)
		}
	}
}

// TestAUROCPairs holds that AUROC equals its definition, the share of pairs in the right order.
func TestAUROCPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 20).Draw(t, "n")
		scores := make([]float64, n)
		positive := make([]bool, n)
		for i := range scores {
			scores[i] = float64(rapid.IntRange(-3, 3).Draw(t, "score"))
			positive[i] = i == 0 || i > 1 && rapid.Bool().Draw(t, "positive")
		}
		right, pairs := 0.0, 0.0
		for i, x := range scores {
			for j, y := range scores {
				if positive[i] && !positive[j] {
					pairs++
					if x > y {
						right++
					} else if x == y {
						right += 0.5
					}
				}
			}
		}
		got, err := AUROC(scores, positive)
		if err != nil || math.Abs(got-right/pairs) > 1e-12 {
			t.Fatalf("%v, %v: want %v", got, err, right/pairs)
		}
	})
}

func TestResampling(t *testing.T) {
	m := parse(t, "exact")
	good, bad := make([]Stats, 200), make([]Stats, 200)
	for i := range good {
		good[i], bad[i] = Stats{0, 1}, Stats{0, 1}
		if i%5 != 0 {
			good[i][0] = 1
		}
		if i%5 > 1 {
			bad[i][0] = 1
		}
	}
	seeded := func() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

	ci, err := Bootstrap(m, good, 0, seeded())
	// Twice the standard error of 200 trials with a chance of 0.8 is 5.5.
	if err != nil || math.Abs(ci.Mean-80) > 0.5 || math.Abs(ci.HalfWidth-5.5) > 0.6 || ci.Samples != 1000 {
		t.Errorf("interval %+v, %v", ci, err)
	}
	again, err := Bootstrap(m, good, 0, seeded())
	if err != nil || again != ci {
		t.Errorf("interval %+v, %v with the same seed, then %+v", ci, err, again)
	}

	type test func(m Metric, baseline, system []Stats, samples int, rng *rand.Rand) (Comparison, error)
	for name, compare := range map[string]test{"bootstrap": PairedBootstrap, "randomization": ApproximateRandomization} {
		c, err := compare(m, bad, good, 500, seeded())
		if err != nil || math.Abs(c.Baseline-60) > 1e-9 || math.Abs(c.System-80) > 1e-9 || c.Samples != 500 {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
		if c.PValue != 1.0/501 {
			t.Errorf("%s: p is %v for a clear difference", name, c.PValue)
		}
		// Two sentences are better, one is worse.
		near := make([]Stats, len(good))
		copy(near, good)
		near[0], near[1], near[5] = good[1], good[0], good[1]
		if c, err := compare(m, good, near, 500, seeded()); err != nil || c.PValue < 0.1 {
			t.Errorf("%s: %+v, %v for a difference by chance", name, c, err)
		}
		if _, err := compare(m, good, bad[1:], 500, seeded()); err == nil {
			t.Errorf("%s: no error for different numbers of sentences", name)
		}
		if _, err := compare(m, nil, nil, 500, seeded()); err == nil {
			t.Errorf("%s: no error for no sentences", name)
		}
		if _, err := compare(m, good, bad, -1, seeded()); err == nil {
			t.Errorf("%s: no error for -1 samples", name)
		}
		if _, err := compare(m, good, []Stats{199: {1}}, 1, seeded()); err == nil {
			t.Errorf("%s: no error for rows of different metrics", name)
		}
	}
}
