package rnn

import (
	"errors"
	"fmt"
	"math"

	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Optimizer is a gorgonia.Solver with a rate that is set before each step and a state that can be saved and restored.
//
// Step updates every given parameter by its gradient times the scale. It clears the gradients of nodes, but not those
// of a [Param]; [Params.ZeroGrads] does. If only some rows of a parameter have gradients ([Embedding]), Step updates
// only these. [Adam] catches up on the other rows later; [SGD] leaves their velocities unchanged.
type Optimizer interface {
	gorgonia.Solver
	// SetRate sets the learning rate and the factor that multiplies all gradients (for means and for clipping).
	SetRate(rate, scale float64)
	// Steps returns the number of steps made. SetSteps restores it.
	Steps() int
	SetSteps(n int)
	// Flush applies deferred updates of rows. Call it before reading or saving weights.
	Flush(ps *Params)
	// Slots returns the optimizer's state for a parameter: arrays with a number for each value or each row, zeros for a
	// new parameter. The caller may save or overwrite them.
	Slots(p *Param) [][]float32
}

// pace is an optimizer's step and rate.
type pace struct {
	step        int
	rate, scale float64
}

// SetRate implements [Optimizer].
func (p *pace) SetRate(rate, scale float64) { p.rate, p.scale = rate, scale }

// Steps implements [Optimizer].
func (p *pace) Steps() int { return p.step }

// SetSteps implements [Optimizer].
func (p *pace) SetSteps(n int) { p.step = n }

// slots holds the state of each parameter. The key is the address of the parameter's values, which its nodes share in
// all graphs.
type slots struct {
	of map[*float32][][]float32
}

// get returns the arrays for a parameter's values w. A new parameter gets count arrays of zeros.
func (s *slots) get(w []float32, count int) [][]float32 {
	have, ok := s.of[&w[0]]
	if !ok {
		have = make([][]float32, count)
		for i := range have {
			have[i] = kernel.Floats(len(w))
		}
		if s.of == nil {
			s.of = map[*float32][][]float32{}
		}
		s.of[&w[0]] = have
	}
	return have
}

// ready returns an error if a step would leave a parameter unchanged.
func ready(model []gorgonia.ValueGrad) error {
	if len(model) == 0 {
		return errors.New("rnn: optimizer: no parameters to move")
	}
	for _, v := range model {
		if p, ok := v.(*Param); ok {
			if _, err := p.Grad(); err != nil {
				return err
			}
		}
	}
	return nil
}

// eachRun calls f for each run of values w that has a gradient g. Cores divide long runs. memory returns the slots of a
// parameter's values; at is the index of w[0] in them.
func eachRun(model []gorgonia.ValueGrad, memory func(w []float32) [][]float32, f func(slots [][]float32, at int, w, g []float32)) error {
	share := func(slots [][]float32, at int, w, g []float32) {
		if len(w) < 1<<14 {
			f(slots, at, w, g)
			return
		}
		kernel.Parallel(len(w), func(lo, hi int) { f(slots, at+lo, w[lo:hi], g[lo:hi]) })
	}
	for _, v := range model {
		if p, ok := v.(*Param); ok {
			slots := memory(p.W)
			p.GradRows(func(at int, w, g []float32) { share(slots, at, w, g) })
			continue
		}
		grad, err := v.Grad()
		if err != nil {
			return fmt.Errorf("rnn: optimizer: %w", err)
		}
		w, ok1 := v.Value().(*tensor.Dense)
		g, ok2 := grad.(*tensor.Dense)
		if !ok1 || !ok2 || w.Dtype() != tensor.Float32 || g.Dtype() != tensor.Float32 || w.DataSize() != g.DataSize() {
			return fmt.Errorf("rnn: optimizer: value of type %T with gradient of type %T: want float32 tensors", v.Value(), grad)
		}
		share(memory(w.Float32s()), 0, w.Float32s(), g.Float32s())
		clear(g.Float32s()) // as gorgonia's solvers do, because gradients bound by BindDualValues accumulate
	}
	return nil
}

// GradNorm returns the Euclidean norm of all gradients but those of frozen parameters.
func GradNorm(ps *Params) float64 {
	var sum float64
	for p := range ps.All() {
		if p.Frozen {
			continue
		}
		p.gather()
		n, parts := 1<<16, 0 // fixed, so that the sum does not depend on the number of cores
		switch p.state {
		case gradAll:
			parts = (len(p.grad) + n - 1) / n
		case gradRows:
			n, parts = p.Columns(), len(p.rows)
		}
		sums := make([]float64, parts)
		kernel.Parallel(parts, func(lo, hi int) {
			for i := lo; i < hi; i++ {
				at := i * n
				if p.state == gradRows {
					at = int(p.rows[i]) * n
				}
				sums[i] = kernel.SumSquares(p.grad[at:min(len(p.grad), at+n)])
			}
		})
		for _, s := range sums {
			sum += s
		}
	}
	return math.Sqrt(sum)
}
