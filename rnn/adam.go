package rnn

import (
	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// Adam is the optimiser of Kingma and Ba, Adam: A Method for Stochastic Optimization, 2015; with Decay it is AdamW (Loshchilov and Hutter,
// Decoupled Weight Decay Regularization, 2019). Zero fields mean the usual 0.9, 0.999 and 1e-8, and no decay.
type Adam struct {
	Beta1, Beta2, Epsilon, Decay float64

	step        int
	rate, scale float64
	moments     slots
}

// SetRate implements [Optimizer].
func (a *Adam) SetRate(rate, scale float64) { a.rate, a.scale = rate, scale }

// Steps implements [Optimizer].
func (a *Adam) Steps() int { return a.step }

// SetSteps implements [Optimizer].
func (a *Adam) SetSteps(n int) { a.step = n }

// Slots implements [Optimizer]: the first and the second moment.
func (a *Adam) Slots(p *Param) [][]float32 { return a.slots(p, len(p.W)) }

func (a *Adam) slots(v gorgonia.ValueGrad, n int) [][]float32 {
	if a.moments == nil {
		a.moments = slots{}
	}
	return a.moments.get(v, 2, n)
}

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
	return eachRun(model, a.slots, func(s [][]float32, at int, w, g []float32) {
		k.Update(w, g, s[0][at:at+len(w)], s[1][at:at+len(w)])
	})
}
