package rnn

import (
	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// SGD is stochastic gradient descent with momentum: v = Momentum·v + g, w = w − rate·(v + Decay·w). The zero value
// has neither momentum nor decay.
//
// Polyak, Some methods of speeding up the convergence of iteration methods, 1964.
type SGD struct {
	Momentum, Decay float64

	pace
	velocity slots
}

// Flush implements [Optimizer]. SGD defers no updates.
func (s *SGD) Flush(*Params) {}

// Slots implements [Optimizer]. It returns the velocity, or nothing without momentum.
func (s *SGD) Slots(p *Param) [][]float32 { return s.slots(p.W) }

func (s *SGD) slots(w []float32) [][]float32 {
	if s.Momentum == 0 {
		return nil
	}
	return s.velocity.get(w, 1)
}

// Step implements gorgonia.Solver.
func (s *SGD) Step(model []gorgonia.ValueGrad) error {
	if err := ready(model); err != nil {
		return err
	}
	s.step++
	return eachRun(model, s.slots, func(slots [][]float32, at int, w, g []float32) {
		var velocity []float32
		if slots != nil {
			velocity = slots[0][at : at+len(w)]
		}
		kernel.Momentum(w, g, velocity, float32(s.rate), float32(s.Momentum), float32(s.scale), float32(s.Decay))
	})
}
