package probe

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/retell-rnn/retell/metric"
)

// TestCorrelationsOfSamples compares correlations over counts with those of the repeated values.
func TestCorrelationsOfSamples(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	w := new(workspace)
	for range 30 {
		n := 5 + rng.IntN(30)
		x, y, counts := make([]float64, n), make([]float64, n), make([]int32, n)
		var rx, ry, ox, oy []float64 // repeated, and those of every other example
		for i := range n {
			x[i], y[i], counts[i] = float64(rng.IntN(6)), rng.NormFloat64(), int32(rng.IntN(4))
			for range counts[i] {
				rx, ry = append(rx, x[i]), append(ry, y[i])
				if i%2 == 0 {
					ox, oy = append(ox, x[i]), append(oy, y[i])
				}
			}
		}
		for _, test := range []struct {
			name string
			of   *correlation
			want func(x, y []float64) (float64, error)
		}{{"Pearson", newPearson(x, y), metric.Pearson}, {"Spearman", newSpearman(x, y), metric.Spearman}} {
			check := func(name string, s statistic, x, y []float64) {
				want, _ := test.want(x, y) // 0 where a series is constant
				if got := s.value(counts, w); math.Abs(got-want) > 1e-9 {
					t.Errorf("%s: %v, want %v", name, got, want)
				}
			}
			check(test.name, test.of, rx, ry)
			check(test.name+" of a part", test.of.within(func(i int) bool { return i%2 == 0 }), ox, oy)
		}
	}
}

// TestIntervals compares the bootstrap of a mean with the normal approximation.
func TestIntervals(t *testing.T) {
	const n, right = 400, 300
	values := make([]float64, n)
	for i := range right {
		values[i] = 1
	}
	samples, err := resample(t.Context(), n, 2000, 5, []statistic{newMean(values)})
	if err != nil {
		t.Fatal(err)
	}
	got, half := percentiles(samples[0]), 1.96*math.Sqrt(0.75*0.25/n)
	if math.Abs(got.Low-(0.75-half)) > 0.004 || math.Abs(got.High-(0.75+half)) > 0.004 {
		t.Errorf("%+v, want 0.75 ± %v", got, half)
	}
}

func TestPercentiles(t *testing.T) {
	values := make([]float64, 1000)
	for i := range values {
		values[(i*7)%1000] = float64(i + 1)
	}
	if got := percentiles(values); got != (Confidence{25, 975}) {
		t.Errorf("%+v, want 25 to 975", got)
	}
}

func TestPValues(t *testing.T) {
	// Only one of both is right for 1 and for 9 examples: 2·(1 + 10)/2¹⁰.
	x, y := make([]float64, 20), make([]float64, 20)
	for i := range 9 {
		x[i] = 1
	}
	y[9], x[10], y[10] = 1, 1, 1
	for _, test := range []struct {
		name      string
		got, want float64
	}{
		{"McNemar, 9 to 1", mcnemar(x, y), 22. / 1024},
		{"McNemar, 1 to 9", mcnemar(y, x), 22. / 1024},
		{"McNemar, equal", mcnemar(x, x), 1},
		{"bootstrap, none below", twoSided([]float64{1, 2, 3, 4}), 2. / 5},
		{"bootstrap, one below", twoSided([]float64{-1, 2, 3, 4, 1, 1, 1, 1, 1}), 4. / 10},
		{"bootstrap, zeros", twoSided([]float64{0, 0}), 1},
	} {
		if !near(test.got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, test.got, test.want)
		}
	}
	a := Figure{Measure: "error", Value: 0.5, Lower: true, of: newMean(x)}
	b := Figure{Measure: "error", Value: 0.1, Lower: true, of: newMean(y)}
	got := paired("base", b, a, []float64{0.1, 0.2}, []float64{0.5, 0.4})
	if got.Method != "McNemar" || !near(got.Difference, 0.4) || got.Interval.Low < 0.2-1e-9 {
		t.Errorf("%+v: want a lower error to be better", got)
	}
	const want = "error is 40.0 better than base (95 %: 20.0 to 39.0, p=0.021, McNemar)"
	if got.String() != want {
		t.Errorf("%s; want %s", got, want)
	}
}
