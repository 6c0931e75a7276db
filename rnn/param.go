package rnn

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Param is a trained matrix or vector and its gradient.
//
// It is a gorgonia.ValueGrad, so any gorgonia.Solver can train it.
type Param struct {
	Name  string
	Shape []int // [rows, columns] or [size]
	W     []float32

	// Frozen keeps the values fixed: [Params.Grads], [Pass.Learnables], [GradNorm] and [Average] skip the parameter.
	Frozen bool

	gradient // the sum since ZeroGrads, without gradients that are not gathered yet
	from     []*harvest
}

// gradient sums gradients of a parameter.
type gradient struct {
	grad  []float32 // valid as far as state tells
	state gradState
	rows  []int32 // under gradRows: the rows that hold gradients, in order of first use
	seen  []bool  // under gradRows: by row
	zero  bool    // grad is all zeros outside rows
}

type gradState int

const (
	gradNone gradState = iota // nothing: grad is undefined unless zero is set
	gradRows                  // some rows
	gradAll
)

// Value implements gorgonia.ValueGrad. The tensor shares the parameter's memory.
func (p *Param) Value() gorgonia.Value { return p.tensor(p.W) }

// Grad implements gorgonia.ValueGrad. The tensor shares the gradient's memory.
func (p *Param) Grad() (gorgonia.Value, error) {
	p.gather()
	for _, h := range p.from {
		if h.lost {
			return nil, fmt.Errorf("rnn: parameter %s lacks gradients of some runs: want Params.Grads or ZeroGrads called after each run, or its node stepped", p.Name)
		}
	}
	if p.state == gradNone {
		return nil, fmt.Errorf("rnn: parameter %s has no gradient since it was cleared: want its layer, or Pass.Param of it, in a graph that "+
			"Pass.Backward runs or that gorgonia.Grad differentiates by Pass.Learnables", p.Name)
	}
	return p.tensor(p.grad), nil
}

func (p *Param) tensor(data []float32) *tensor.Dense {
	return tensor.New(tensor.WithShape(p.Shape...), tensor.WithBacking(data))
}

// Columns is the size of one row; a vector is one row.
func (p *Param) Columns() int { return p.Shape[len(p.Shape)-1] }

// GradRows calls f for each run of values that has a gradient: once for a whole matrix, row by row for an embedding. w
// and g are the run's values and gradients, from element at on.
func (p *Param) GradRows(f func(at int, w, g []float32)) {
	p.gather()
	switch p.state {
	case gradAll:
		f(0, p.W, p.grad)
	case gradRows:
		n := p.Columns()
		for _, r := range p.rows {
			at := int(r) * n
			f(at, p.W[at:at+n], p.grad[at:at+n])
		}
	}
}

// all returns the gradient for an operator that adds to every element. beta is the factor of its present values: 1, or
// 0 if it holds nothing.
func (p *Param) all() (grad []float32, beta float32) {
	p.allocate()
	if p.state != gradNone {
		beta = 1
	}
	p.state = gradAll
	return p.grad, beta
}

// vector is all for operators that cannot scale: a gradient that holds nothing is cleared.
func (p *Param) vector() []float32 {
	g, beta := p.all()
	if beta == 0 {
		clear(g)
	}
	return g
}

// addRow adds g to the gradient of one row.
func (p *Param) addRow(row int32, g []float32) {
	p.allocate()
	if p.state == gradNone {
		if !p.zero {
			clear(p.grad)
			p.zero = true
		}
		p.state = gradRows
	}
	n := p.Columns()
	if p.state == gradRows && !p.seen[row] {
		p.seen[row] = true
		p.rows = append(p.rows, row)
	}
	dst := p.grad[int(row)*n:][:n]
	for i, v := range g {
		dst[i] += v
	}
}

func (p *Param) allocate() {
	if p.grad == nil {
		p.grad, p.zero = kernel.Floats(len(p.W)), true
	}
	if p.seen == nil {
		p.seen = make([]bool, len(p.W)/p.Columns())
	}
}

// add adds a multiple of another sum of gradients, which it may change.
func (p *Param) add(g *gradient, scale float32) {
	switch g.state {
	case gradAll:
		kernel.Axpy(scale, g.grad, p.vector())
	case gradRows:
		n := p.Columns()
		for _, r := range g.rows {
			row := g.grad[int(r)*n:][:n]
			kernel.Scale(scale, row)
			p.addRow(r, row)
		}
	}
}

// dense returns a sum of gradients for all elements, zeros included.
func (p *Param) dense(g *gradient) []float32 {
	p.gradient, *g = *g, p.gradient
	defer func() { p.gradient, *g = *g, p.gradient }()
	if p.state == gradNone {
		return p.vector()
	}
	return p.grad
}

func (p *Param) zeroGrad() {
	n := p.Columns()
	for _, r := range p.rows {
		if p.state == gradRows {
			clear(p.grad[int(r)*n:][:n])
		}
		p.seen[r] = false
	}
	p.rows = p.rows[:0]
	p.zero = p.zero && p.state != gradAll
	p.state = gradNone
}

// Params are the parameters of a model, in order of creation.
type Params struct {
	list []*Param
	rng  *rand.Rand
}

// NewParams returns an empty set whose initial values are drawn from rng.
func NewParams(rng *rand.Rand) *Params { return &Params{rng: rng} }

// New adds a parameter, [rows, columns] or [size], initialized by init. It panics for a name that exists and for any
// other shape. [Pass.Param] returns the parameter's node.
func (ps *Params) New(name string, init Init, shape ...int) *Param {
	if ps.Get(name) != nil {
		panic("rnn: parameter " + name + " is made twice")
	}
	n := 1
	for _, d := range shape {
		n *= d
	}
	if len(shape) < 1 || len(shape) > 2 || n < 1 {
		panic(fmt.Sprintf("rnn: parameter %s of shape %v: want [rows, columns] or [size]", name, shape))
	}
	p := &Param{Name: name, Shape: shape, W: kernel.Floats(n)}
	init(p, ps.rng)
	ps.list = append(ps.list, p)
	return p
}

// All yields the parameters in their order.
func (ps *Params) All() iter.Seq[*Param] { return slices.Values(ps.list) }

// Get returns the parameter of that name, or nil.
func (ps *Params) Get(name string) *Param {
	for _, p := range ps.list {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// Count is the number of trained values.
func (ps *Params) Count() int {
	n := 0
	for _, p := range ps.list {
		n += len(p.W)
	}
	return n
}

// Grads lists the parameters that hold a gradient, for a solver's step. gorgonia's own solvers identify a parameter by
// its index in the list, so every step must have gradients of the same parameters; [Adam] and [SGD] need not.
//
// If no parameter holds a gradient, Grads lists all, so that a solver's step fails instead of moving nothing. It never
// lists frozen ones.
func (ps *Params) Grads() []gorgonia.ValueGrad {
	var all, held []gorgonia.ValueGrad
	for _, p := range ps.list {
		if p.Frozen {
			continue
		}
		all = append(all, p)
		p.gather()
		if p.state != gradNone {
			held = append(held, p)
		}
	}
	if len(held) == 0 {
		return all
	}
	return held
}

// ZeroGrads forgets all gradients.
func (ps *Params) ZeroGrads() {
	for _, p := range ps.list {
		for _, h := range p.from {
			h.fresh()
			h.takes, h.lost = h.runs, false
		}
		p.zeroGrad()
	}
}
