package kernel

import (
	"math/rand/v2"
	"sync"
	"testing"
)

// TestShort: slices that are too short panic and are not written past.
func TestShort(t *testing.T) {
	x := make([]float32, 100)
	for name, call := range map[string]func(){
		"C":         func() { Gemm(false, false, 10, 10, 10, 1, x, 10, x, 10, 0, x[:99], 10) },
		"A":         func() { Gemm(true, false, 10, 10, 10, 1, x[:99], 10, x, 10, 0, make([]float32, 100), 10) },
		"B":         func() { Gemm(false, true, 10, 10, 10, 1, x, 10, x[:99], 10, 0, make([]float32, 100), 10) },
		"ld":        func() { Gemm(false, false, 10, 10, 10, 1, x, 9, x, 10, 0, make([]float32, 100), 10) },
		"negative":  func() { Gemm(false, false, 10, 10, -1, 1, x, 10, x, 10, 0, x, 10) },
		"Pack":      func() { new(Packed).Pack(false, 10, 11, x, 10) },
		"Exp":       func() { Exp(x[:5], x) },
		"Add":       func() { Add(x, x, x[:99]) },
		"Dot":       func() { Dot(x, x[:99]) },
		"ColSums":   func() { ColSums(10, 10, x, 10, x[:9:9]) },
		"LSTM":      func() { LSTMForward(1, 26, x, x, x, x, x) },
		"LSTMBack":  func() { LSTMBackward(1, 25, x, x[:24:24], x, x, x) },
		"GRU":       func() { GRUForward(1, 34, x, x, x, x) },
		"GRUBack":   func() { GRUBackward(1, 33, x, x, x, x[:32:32]) },
		"Adam":      func() { Adam{Step: 1}.Update(x, x, x, x[:99]) },
		"Momentum":  func() { Momentum(x, x, x[:99], 1, 1, 1, 1) },
		"no target": func() { CrossEntropy(x, 100, 0, 1) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			call()
		})
	}
}

// TestNoAllocations: a steady state allocates nothing.
func TestNoAllocations(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	const m, n, k = 40, 160, 64
	a, b, c := random(r, m*k), random(r, k*n), make([]float32, m*n)
	gates, h := random(r, 4*m), make([]float32, m)
	var p, whole Packed
	p.Pack(false, k, n, b, n)
	whole.PackAs(Int8, false, k, n, b, n)
	body := func(i int) {}
	eachPath(t, func(t *testing.T) {
		for _, cores := range []int{1, 2} {
			procs(t, cores)
			for name, call := range map[string]func(){
				"Gemm":        func() { Gemm(false, false, m, n, k, 1, a, k, b, n, 0, c, n) },
				"Gemm TA":     func() { Gemm(true, false, m, n, k, 1, a, m, b, n, 0, c, n) },
				"Gemm tall":   func() { Gemm(false, true, n, m, k, 1, b, k, a, k, 0, c, m) },
				"Mul":         func() { p.Mul(m, a, k, 0, c, n) },
				"MulParallel": func() { p.MulParallel(m, a, k, 0, c, n) },
				"Mul in int8": func() { whole.Mul(m, a, k, 0, c, n) },
				"Gemm in bf16": func() {
					if active.pairs != nil {
						GemmAs(BF16, false, true, n, m, k, 1, b, k, a, k, 0, c, m)
					}
				},
				"Pack":  func() { p.Pack(true, k, n, b, k) },
				"LSTM":  func() { LSTMForward(1, m, gates, h, h, h, h) },
				"Tasks": func() { Tasks(5, body) },
			} {
				call()
				if got := testing.AllocsPerRun(10, call); got >= 1 && !raceEnabled {
					t.Errorf("%s on %d cores: %v allocations", name, cores, got)
				}
			}
		}
	})
}

// TestConcurrent: goroutines share a packed matrix and the pool.
func TestConcurrent(t *testing.T) {
	eachProduct(t, func(t *testing.T, prec Precision) {
		procs(t, 4)
		r := rand.New(rand.NewPCG(2, 2))
		const m, n, k = 40, 130, 150
		a, b := random(r, m*k), random(r, k*n)
		var p Packed
		p.PackAs(prec, false, k, n, b, n)
		want := make([]float32, m*n)
		p.Mul(m, a, k, 0, want, n)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				c := make([]float32, m*n)
				for round := range 5 {
					clear(c)
					switch (i + round) % 3 {
					case 0:
						p.Mul(m, a, k, 0, c, n)
					case 1:
						p.MulParallel(m, a, k, 0, c, n)
					case 2:
						GemmAs(prec, false, false, m, n, k, 1, a, k, b, n, 0, c, n)
					}
					for e := range c {
						if c[e] != want[e] {
							t.Errorf("goroutine %d round %d: element %d is %v: want %v", i, round, e, c[e], want[e])
							return
						}
					}
				}
			})
		}
		wg.Wait()
	})
}
