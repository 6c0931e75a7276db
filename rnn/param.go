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

	gradient // the sum since ZeroGrads, without gradients that are not yet gathered
	from     []*harvest
	groups   rowGroups // memory of addRows
}

// gradient sums gradients of a parameter.
type gradient struct {
	grad  []float32 // state tells which part is valid
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

// Columns returns the size of a row. A vector is one row.
func (p *Param) Columns() int { return p.Shape[len(p.Shape)-1] }

// GradRows calls f for each run of values that has a gradient: once for a whole matrix, row by row for an embedding. w
// and g hold the run's values and gradients; at is the index of w[0] in W.
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

// all returns the gradient for an operator that adds to every element. beta is the factor for its current values: 1, or
// 0 if the gradient is empty.
func (p *Param) all() (grad []float32, beta float32) {
	p.allocate()
	if p.state != gradNone {
		beta = 1
	}
	p.state = gradAll
	return p.grad, beta
}

// vector is all for an operator without beta. It clears an empty gradient.
func (p *Param) vector() []float32 {
	g, beta := p.all()
	if beta == 0 {
		clear(g)
	}
	return g
}

// addRow adds g to the gradient of one row.
func (p *Param) addRow(row int32, g []float32) {
	p.beginRows()
	p.touch(row)
	dst := p.grad[int(row)*len(g):][:len(g)]
	kernel.Add(dst, dst, g)
}

// beginRows prepares the gradient for sums of single rows.
func (p *Param) beginRows() {
	p.allocate()
	if p.state == gradNone {
		if !p.zero {
			clear(p.grad)
			p.zero = true
		}
		p.state = gradRows
	}
}

// touch notes that a row has a gradient.
func (p *Param) touch(row int32) {
	if p.state == gradRows && !p.seen[row] {
		p.seen[row] = true
		p.rows = append(p.rows, row)
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

// add adds scale times another sum of gradients, which it may overwrite.
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

// dense returns a sum of gradients with all elements, zeros included.
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
	kernel.Parallel(len(p.rows), func(lo, hi int) {
		for _, r := range p.rows[lo:hi] {
			if p.state == gradRows {
				clear(p.grad[int(r)*n:][:n])
			}
			p.seen[r] = false
		}
	})
	p.rows = p.rows[:0]
	p.zero = p.zero && p.state != gradAll
	p.state = gradNone
}

// Params are the parameters of a model, in order of creation.
type Params struct {
	list []*Param
	rng  *rand.Rand
}

// NewParams returns an empty set that draws initial values from rng.
func NewParams(rng *rand.Rand) *Params { return &Params{rng: rng} }

// New adds a parameter, [rows, columns] or [size], with values from init. It panics if the name exists or the shape is
// neither. [Pass.Param] returns the parameter's node.
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

// All yields the parameters in order of creation.
func (ps *Params) All() iter.Seq[*Param] { return slices.Values(ps.list) }

// Get returns the parameter of the given name, or nil.
func (ps *Params) Get(name string) *Param {
	for _, p := range ps.list {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// Count returns the number of values in all parameters.
func (ps *Params) Count() int {
	n := 0
	for _, p := range ps.list {
		n += len(p.W)
	}
	return n
}

// Grads lists the parameters that hold a gradient, for a solver's step. gorgonia's own solvers identify a parameter by
// its index in the list, so they need gradients of the same parameters in every step; [Adam] and [SGD] do not.
//
// If no parameter holds a gradient, Grads lists all of them, so that a solver's step fails instead of doing nothing. It
// never lists frozen parameters.
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

// ZeroGrads clears all gradients.
func (ps *Params) ZeroGrads() {
	for _, p := range ps.list {
		for _, h := range p.from {
			h.fresh()
			h.takes, h.lost = h.runs, false
		}
		p.zeroGrad()
	}
}
