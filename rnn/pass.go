package rnn

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Pass builds and runs the graph of one batch. It owns the buffers of the layers' values and lends them anew to the next batch,
// so one Pass serves a whole training.
//
// Layers add their nodes to it. The first error is kept and returned by [Pass.Forward] or [Pass.Backward], so that the calls
// between need no check. A Pass is not safe for concurrent use.
type Pass struct {
	// Precision of the products of all layers, forwards and backwards: Float32 or BF16. It may change between batches.
	Precision Precision

	prec   Precision // in which products of that precision are fastest; of the present batch
	graph  *gorgonia.ExprGraph
	anchor *gorgonia.Node          // the input from which gradients are asked: all parameters stand behind it
	held   map[*gorgonia.Node]bool // nodes known to stand behind the anchor
	rng    *rand.Rand
	mem    Buffers
	ops    uint32
	err    error
}

// Start begins a new graph and takes all buffers of the one before back. Random decisions (dropout) come from rng; nil means
// that none are made, as in evaluation.
func (p *Pass) Start(rng *rand.Rand) {
	p.mem.Reset()
	p.graph = gorgonia.NewGraph()
	p.anchor = gorgonia.NewScalar(p.graph, tensor.Float32, gorgonia.WithName("parameters"), gorgonia.WithValue(float32(0)))
	p.held = map[*gorgonia.Node]bool{p.anchor: true}
	p.rng, p.ops, p.err = rng, 0, nil
	p.prec = p.Precision.Wide()
	if err := p.Precision.Available(); err != nil {
		p.fail(fmt.Errorf("rnn: %w", err))
	} else if p.Precision == Int8 {
		p.fail(errors.New("rnn: a pass in int8: want float32 or bf16"))
	}
}

// Graph is the gorgonia graph of the present batch, for nodes of the caller's own.
func (p *Pass) Graph() *gorgonia.ExprGraph { return p.graph }

// Input makes a node of given values, [rows, columns], which it does not copy. No gradient flows into it.
func (p *Pass) Input(rows, columns int, values []float32) *gorgonia.Node {
	if len(values) != rows*columns {
		p.fail(fmt.Errorf("rnn: input of %d values: want %d×%d", len(values), rows, columns))
		return nil
	}
	return p.apply(&fused{
		name:    "input",
		outs:    []shape{{rows, columns}},
		forward: func(_, out [][]float32) { out[0] = values },
	})[0]
}

// Sum adds scalars, the parts of a loss. Nil ones are left out.
func (p *Pass) Sum(parts ...*gorgonia.Node) *gorgonia.Node {
	var sum *gorgonia.Node
	for _, n := range parts {
		if p.err != nil {
			return nil
		}
		switch {
		case n == nil:
		case sum == nil:
			sum = n
		default:
			var err error
			if sum, err = gorgonia.Add(sum, n); err != nil {
				p.fail(fmt.Errorf("rnn: adding the parts of a loss: %w", err))
			}
		}
	}
	return sum
}

// Scale multiplies a scalar, a part of a loss.
func (p *Pass) Scale(x *gorgonia.Node, by float64) *gorgonia.Node {
	if p.err != nil {
		return nil
	}
	return p.apply(&fused{
		name:     "scale",
		outs:     []shape{{}},
		forward:  func(in, out [][]float32) { out[0] = []float32{in[0][0] * float32(by)} },
		backward: func(gout, gin [][]float32) { gin[0] = []float32{gout[0][0] * float32(by)} },
	}, x)[0]
}

// Forward runs the graph. Afterwards each node's Value holds its result until the next Start.
func (p *Pass) Forward() error {
	if p.err != nil {
		return p.err
	}
	return p.run()
}

// Backward runs the graph and, from the scalar loss, its gradients: those of the parameters are added to what the parameters hold
// ([Params.ZeroGrads] clears it). wrt are input nodes of the caller's own graph parts; their gradients are returned.
func (p *Pass) Backward(loss *gorgonia.Node, wrt ...*gorgonia.Node) ([]gorgonia.Value, error) {
	if p.err != nil {
		return nil, p.err
	}
	nodes, err := gorgonia.Grad(loss, append([]*gorgonia.Node{p.anchor}, wrt...)...)
	if err != nil {
		return nil, fmt.Errorf("rnn: differentiating the graph: %w", err)
	}
	if err := p.run(); err != nil {
		return nil, err
	}
	values := make([]gorgonia.Value, len(wrt))
	for i, n := range nodes[1:] {
		values[i] = n.Value()
	}
	return values, nil
}

// Lent returns how many values the buffers of the present batch hold. It does not depend on the number of cores.
func (p *Pass) Lent() int { return p.mem.Lent() }

func (p *Pass) run() error {
	vm := gorgonia.NewTapeMachine(p.graph)
	err := vm.RunAll()
	if err := errors.Join(err, vm.Close()); err != nil {
		return fmt.Errorf("rnn: running the graph: %w", err)
	}
	return p.err
}

// Floats returns the values of a node after the graph has run. The memory is the Pass's until its next Start.
func Floats(n *gorgonia.Node) []float32 {
	switch v := n.Value().(type) {
	case *tensor.Dense:
		return v.Float32s()
	case *gorgonia.F32:
		return []float32{float32(*v)}
	}
	return nil
}

func (p *Pass) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// matrix checks that x is a matrix of the given size, where negative numbers leave a side open. It reports false where a
// layer failed before.
func (p *Pass) matrix(who string, x *gorgonia.Node, rows, columns int) bool {
	if p.err != nil {
		return false
	}
	if x == nil || x.Dims() != 2 {
		p.fail(fmt.Errorf("rnn: %s: input is not a matrix", who))
		return false
	}
	s := x.Shape()
	if rows >= 0 && s[0] != rows || columns >= 0 && s[1] != columns {
		p.fail(fmt.Errorf("rnn: %s: input is [%d, %d]: want [%d, %d]", who, s[0], s[1], rows, columns))
		return false
	}
	return true
}
