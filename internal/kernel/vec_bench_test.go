package kernel

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkVector reports nanoseconds an element of one core.
func BenchmarkVector(b *testing.B) {
	const n = 2048
	r := rand.New(rand.NewPCG(1, 1))
	x, y, z, w := random(r, n), random(r, n), random(r, n), random(r, 4*n)
	for i := range z {
		z[i] *= z[i]
	}
	gates, gx, gh := make([]float32, 4*n), random(r, 3*n), random(r, 3*n)
	c, tc, h := make([]float32, n), make([]float32, n), make([]float32, n)
	adam := Adam{Rate: 1e-3, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, Step: 10, Scale: 1}
	for _, f := range []struct {
		name string
		fn   func()
	}{
		{"exp", func() { Exp(y, x) }},
		{"tanh", func() { Tanh(y, x) }},
		{"sigmoid", func() { Sigmoid(y, x) }},
		{"dot", func() { Dot(x, y) }},
		{"axpy", func() { Axpy(1e-9, x, y) }},
		{"sumSquares", func() { SumSquares(x) }},
		{"maxPlus", func() { MaxPlus(y[:n/32], x[:32], w) }},
		{"argMax", func() { ArgMax(x) }},
		{"crossEntropy", func() { CrossEntropy(x, 7, 0.1, 1) }},
		{"crossEntropyLoss", func() { CrossEntropyLoss(x, 7, 0.1) }},
		{"lstmForward", func() { copy(gates, w); LSTMForward(4, n/4, gates, x, c, tc, h) }},
		{"lstmBackward", func() { copy(gates, w); LSTMBackward(4, n/4, gates, x, tc, h, c) }},
		{"gruForward", func() { GRUForward(4, n/4, gx, gh, x, h) }},
		{"gruBackward", func() { GRUBackward(4, n/4, gx, gh, x, h) }},
		{"adam", func() { adam.Update(y, x, c, z) }},
	} {
		for _, p := range machinePaths() {
			b.Run(f.name+"/"+p.name, func(b *testing.B) {
				use(b, p)
				for b.Loop() {
					f.fn()
				}
				b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(b.N)/n, "ns/element")
			})
		}
	}
}
