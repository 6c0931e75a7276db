package search

import (
	"math"
	"testing"
)

// TestSureness checks distributions with known entropy and margin.
func TestSureness(t *testing.T) {
	inf := float32(math.Inf(-1))
	for _, c := range []struct {
		logits          []float32
		token           int32
		entropy, margin float64
	}{
		{[]float32{2, 2, 2, 2}, 1, math.Log(4), 0},
		{[]float32{inf, 7, inf}, 1, 0, 1},
		{[]float32{0, float32(math.Log(3))}, 1, 0.562335, 0.5},
		{[]float32{0, float32(math.Log(3))}, 0, 0.562335, -0.5},
		{[]float32{5}, 0, 0, 1},
	} {
		entropy, margin := sureness(make([]float32, len(c.logits)), c.logits, c.token)
		if math.Abs(float64(entropy)-c.entropy) > 1e-5 || math.Abs(float64(margin)-c.margin) > 1e-5 {
			t.Errorf("%v, token %d: entropy %v and margin %v: want %v and %v", c.logits, c.token, entropy, margin, c.entropy, c.margin)
		}
	}
}
