package rnn

import (
	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// Adam is the optimiser of Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015; with Decay it is AdamW
// (Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019). Zero fields mean the usual 0.9, 0.999 and 1e-8, and
// no decay.
type Adam struct {
	Beta1, Beta2, Epsilon, Decay float64

	pace
	moments slots
}

// Slots implements [Optimizer]: the first and the second moment.
func (a *Adam) Slots(p *Param) [][]float32 { return a.moments.get(p, 2, len(p.W)) }

// Step implements gorgonia.Solver.
func (a *Adam) Step(model []gorgonia.ValueGrad) error {
	a.step++
	or := func(v, otherwise float64) float32 {
		if v == 0 {
			v = otherwise
		}
		return float32(v)
	}
	k := kernel.Adam{
		Rate: float32(a.rate), Scale: float32(a.scale), Step: a.step, Decay: float32(a.Decay),
		Beta1: or(a.Beta1, 0.9), Beta2: or(a.Beta2, 0.999), Epsilon: or(a.Epsilon, 1e-8),
	}
	memory := func(v gorgonia.ValueGrad, n int) [][]float32 { return a.moments.get(v, 2, n) }
	return eachRun(model, memory, func(s [][]float32, at int, w, g []float32) {
		k.Update(w, g, s[0][at:at+len(w)], s[1][at:at+len(w)])
	})
}
