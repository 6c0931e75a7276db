package search

import (
	"math"
	"testing"
)

// TestLogMean checks probabilities from nearly 1 down to values too small for float32.
func TestLogMean(t *testing.T) {
	logits := [][]float32{{0, 100, -300, 2}, {0, -200, -250, 50}}
	want := make([]float64, 4)
	for i := range want {
		for _, x := range logits {
			sum := 0.0
			for _, v := range x {
				sum += math.Exp(float64(v))
			}
			want[i] += math.Exp(float64(x[i])) / sum / 2
		}
		want[i] = math.Log(want[i])
	}
	got := make([]float32, 4)
	logMean(got, make([]float32, 4), logits)
	for i := range got {
		if math.Abs(float64(got[i])-want[i]) > 1e-4 {
			t.Errorf("%d: %v: want %v", i, got[i], want[i])
		}
	}
}
