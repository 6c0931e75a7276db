package rnn

import "github.com/retell-rnn/retell/internal/kernel"

// Average is an exponential moving average of parameters over the steps of a training:
//
//	a = d·a + (1−d)·w,  d = min(Decay, (1+n)/(10+n)) after step n
//
// The bound on d makes it forget the first values soon.
//
// Polyak and Juditsky, Acceleration of Stochastic Approximation by Averaging, 1992.
type Average struct {
	Decay  float64 // 0 to below 1
	values map[*Param][]float32
}

// NewAverage begins an average with the parameters as they are.
func NewAverage(ps *Params, decay float64) *Average {
	a := &Average{Decay: decay, values: map[*Param][]float32{}}
	for p := range ps.All() {
		a.values[p] = append([]float32(nil), p.W...)
	}
	return a
}

// Of returns the average of a parameter, which the caller may save or overwrite.
func (a *Average) Of(p *Param) []float32 { return a.values[p] }

// Update adds the present parameters, those after step n, counted from 1.
func (a *Average) Update(ps *Params, n int) {
	d := min(a.Decay, float64(1+n)/float64(10+n))
	for p := range ps.All() {
		if p.Frozen {
			continue // it is its average, and rounding would move that
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
