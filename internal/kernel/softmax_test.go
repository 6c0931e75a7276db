package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func logSumExp64(x []float32) float64 {
	top := math.Inf(-1)
	for _, v := range x {
		top = max(top, float64(v))
	}
	var sum float64
	for _, v := range x {
		sum += math.Exp(float64(v) - top)
	}
	return top + math.Log(sum)
}

func TestSoftmax(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 1))
		for _, n := range append(lengths()[1:], 8000) {
			x := random(r, n)
			for i := range x {
				x[i] = x[i]*5 + 300
			}
			if n > 3 {
				x[n/2] = -inf32
			}
			lse := logSumExp64(x)
			near(t, "LogSumExp", LogSumExp(x), lse, 1e-6, 1e-6)
			p, check := guarded(t, x)
			near(t, "Softmax", Softmax(p), lse, 1e-6, 1e-6)
			check()
			for i := range x {
				near(t, fmt.Sprintf("softmax of %d at %d", n, i), p[i], math.Exp(float64(x[i])-lse), 4e-7, 1e-40)
			}
		}
	})
}

func TestSoftmaxCases(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		x := []float32{-inf32, -inf32}
		if lse := Softmax(x); lse != -inf32 || x[0] != 0 || x[1] != 0 {
			t.Errorf("all -Inf: %v, log-sum-exp %v: want zeros, -Inf", x, lse)
		}
		if got := LogSumExp(nil); got != -inf32 {
			t.Errorf("LogSumExp of nothing = %v: want -Inf", got)
		}
		for _, bad := range [][]float32{{1, nan32}, {nan32, nan32}, {-inf32, nan32}, {inf32, 1}} {
			x := append([]float32(nil), bad...)
			if got := Softmax(x); !math.IsNaN(float64(got)) || !math.IsNaN(float64(x[0])) || !math.IsNaN(float64(x[1])) {
				t.Errorf("softmax of %v = %v, log-sum-exp %v: want NaN", bad, x, got)
			}
		}
	})
}

func TestCrossEntropy(t *testing.T) {
	eachPath(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(2, 2))
		for _, n := range append(lengths()[1:], 8000) {
			for _, eps := range []float32{0, 0.1} {
				x := random(r, n)
				target := r.IntN(n)
				const scale = 0.25
				lse := logSumExp64(x)
				var smooth float64
				want := make([]float64, n)
				for i, v := range x {
					q := float64(eps) / float64(n)
					if i == target {
						q += 1 - float64(eps)
					}
					smooth -= q * (float64(v) - lse)
					want[i] = scale * (math.Exp(float64(v)-lse) - q)
				}
				nll, sm, hit := CrossEntropyLoss(x, target, eps)
				g, check := guarded(t, x)
				nll2, sm2, hit2 := CrossEntropy(g, target, eps, scale)
				check()
				if nll != nll2 || sm != sm2 || hit != hit2 {
					t.Fatalf("figures differ: %v %v %v, %v %v %v", nll, sm, hit, nll2, sm2, hit2)
				}
				near(t, "nll", nll, lse-float64(x[target]), 1e-6, 1e-6)
				near(t, "smooth", sm, smooth, 1e-6, 1e-6)
				if hit != (ArgMax(x) == target) {
					t.Fatalf("hit = %v: argmax %d, target %d", hit, ArgMax(x), target)
				}
				for i := range g {
					near(t, fmt.Sprintf("gradient of %d at %d", n, i), g[i], want[i], 4e-7, 5e-8)
				}
			}
		}
		if nll, _, hit := CrossEntropyLoss([]float32{0, -inf32, 0}, 1, 0); nll != inf32 || hit {
			t.Errorf("impossible target: nll %v, hit %v", nll, hit)
		}
		if _, _, hit := CrossEntropyLoss([]float32{1, 3, 3}, 2, 0); hit {
			t.Error("tie: the lowest index wins")
		}
		x := []float32{1, nan32, 2}
		if nll, smooth, _ := CrossEntropy(x, 0, 0.1, 1); !math.IsNaN(float64(nll)) || !math.IsNaN(float64(smooth)) || !math.IsNaN(float64(x[2])) {
			t.Errorf("NaN: nll %v, smooth %v, gradient %v", nll, smooth, x)
		}
	})
}
