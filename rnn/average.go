package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// Average is an exponential moving average of parameters over the steps of a training:
//
//	a = d·a + (1−d)·w,  d = min(decay, (1+n)/(10+n)) after step n
//
// The bound on d lets the first values fade quickly.
//
// Polyak and Juditsky, Acceleration of Stochastic Approximation by Averaging, 1992.
type Average struct {
	decay  float64
	values map[*Param][]float32
}

// NewAverage returns an average that begins with the current values of the parameters. decay is 0 to below 1.
func NewAverage(ps *Params, decay float64) *Average {
	a := &Average{decay: decay, values: map[*Param][]float32{}}
	for p := range ps.All() {
		a.values[p] = append([]float32(nil), p.W...)
	}
	return a
}

// Of returns a parameter's average. The caller may save or overwrite it.
func (a *Average) Of(p *Param) []float32 { return a.values[p] }

// Update adds the values of the parameters after step n, counted from 1.
func (a *Average) Update(ps *Params, n int) {
	d := min(a.decay, float64(1+n)/float64(10+n))
	for p := range ps.All() {
		if p.Frozen {
			continue // its average equals it; rounding would change that
		}
		avg, w := a.values[p], p.W
		kernel.Parallel(len(w), func(lo, hi int) {
			kernel.Scale(float32(d), avg[lo:hi])
			kernel.Axpy(float32(1-d), w[lo:hi], avg[lo:hi])
		})
	}
}

// Swap exchanges the parameters and their averages. A second call restores them.
func (a *Average) Swap(ps *Params) {
	for p := range ps.All() {
		avg := a.values[p]
		for i, w := range p.W {
			p.W[i], avg[i] = avg[i], w
		}
	}
}
