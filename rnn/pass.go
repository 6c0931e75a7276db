package rnn

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// Pass builds and runs the graph of one batch. It owns the buffers of the layers' values and reuses them for the
// next batch, so one Pass serves a whole training.
//
// Layers add their nodes to it. The first error is kept: [Pass.Err], [Pass.Forward], [Pass.Backward] and every machine
// that runs the graph return it, so the calls in between need no check. A Pass is not safe for concurrent use.
type Pass struct {
	// Precision of the products of all layers, forwards and backwards: [Float32] or [BF16]. It may change between batches.
	Precision Precision

	// Frozen makes the layers' parameters constants. The graph may then be differentiated only by nodes of the caller and
	// of [Pass.Param]. It may change between batches.
	Frozen bool

	prec   Precision // of the current batch: the fastest form of Precision
	graph  *gorgonia.ExprGraph
	anchor *gorgonia.Node          // the input by which the graph is differentiated; it stands for all parameters
	held   map[*gorgonia.Node]bool // nodes known to depend on the anchor
	loss   *gorgonia.Node          // of Backward; nil before it
	rng    *rand.Rand
	mem    Buffers
	ids    uint32 // of operators
	ops    []*fused
	err    error
	runs   runs
	params params
}

// Start begins a new graph and frees all buffers of the previous one. Random decisions, such as dropout, come from rng.
// If rng is nil, as in evaluation, none are made.
func (p *Pass) Start(rng *rand.Rand) {
	p.mem.Reset()
	p.params.release()
	p.graph = gorgonia.NewGraph()
	p.anchor = gorgonia.NewScalar(p.graph, tensor.Float32, gorgonia.WithName("rnn: parameters"), gorgonia.WithValue(float32(0)))
	p.held = map[*gorgonia.Node]bool{p.anchor: true}
	p.rng, p.loss, p.ids, p.ops, p.err = rng, nil, 0, nil, nil
	if p.runs.sums == nil {
		p.runs.sums = gradients{}
	}
	p.runs, p.params = runs{sums: p.runs.sums}, params{}
	p.prec = p.Precision.Wide()
	if err := p.Precision.Available(); err != nil {
		p.fail(fmt.Errorf("rnn: %w", err))
	} else if p.Precision == Int8 {
		p.fail(errors.New("rnn: a pass in int8: want float32 or bf16"))
	}
}

// Graph returns the gorgonia graph of the current batch, for the caller's own nodes; nil before Start.
func (p *Pass) Graph() *gorgonia.ExprGraph { return p.graph }

// Err returns the first error since Start. A layer that failed returns nil, which gorgonia's operators do not accept.
func (p *Pass) Err() error { return p.err }

// Input returns a node with the given values, [rows, columns], which it does not copy. The node has no gradient.
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

// Sum adds scalars, the parts of a loss. It skips nil parts.
func (p *Pass) Sum(parts ...*gorgonia.Node) *gorgonia.Node {
	var sum *gorgonia.Node
	for _, n := range parts {
		switch {
		case n == nil:
		case !p.scalar("sum", n):
			return nil
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
	if !p.scalar("scale", x) {
		return nil
	}
	return p.apply(&fused{
		name:     "scale",
		outs:     []shape{{}},
		forward:  func(in, out [][]float32) { out[0] = []float32{in[0][0] * float32(by)} },
		backward: func(gout, gin [][]float32) { gin[0] = []float32{gout[0][0] * float32(by)} },
	}, x)[0]
}

// Then returns the scalar x and calls do in each run of the graph that has computed it, such as to add up figures of
// several losses.
func (p *Pass) Then(x *gorgonia.Node, do func()) *gorgonia.Node {
	if !p.scalar("then", x) {
		return nil
	}
	return p.apply(&fused{
		name:     "then",
		outs:     []shape{{}},
		forward:  func(in, out [][]float32) { out[0] = []float32{in[0][0]}; do() },
		backward: func(gout, gin [][]float32) { gin[0] = []float32{gout[0][0]} },
	}, x)[0]
}

// Forward runs the graph. Afterwards each node's Value holds its result until the next run or Start. gorgonia's
// operators may overwrite the values that they read: use gorgonia.Read to keep such a value.
func (p *Pass) Forward() error {
	if !p.started("forward") {
		return p.err
	}
	return p.run()
}

// Backward runs the graph and differentiates a scalar loss. It adds the gradients to those that the parameters hold;
// [Params.ZeroGrads] clears them. A parameter that the loss does not depend on gets none. Backward returns the
// gradients of wrt, input nodes of the caller.
//
// A second call with the same loss runs the graph again and adds the gradients again. A second loss, or a graph that
// gorgonia.Grad has differentiated, is an error.
func (p *Pass) Backward(loss *gorgonia.Node, wrt ...*gorgonia.Node) ([]gorgonia.Value, error) {
	if !p.scalar("loss", loss) {
		return nil, p.err
	}
	for _, n := range wrt {
		if !p.belongs("gradient", n) {
			return nil, p.err
		}
	}
	if err := p.differentiate(loss, wrt); err != nil {
		return nil, fmt.Errorf("rnn: differentiating the graph: %w", err)
	}
	if err := p.params.bound(); err != nil {
		return nil, err
	}
	if err := p.run(); err != nil {
		return nil, err
	}
	for _, q := range p.params.custom {
		q.gather()
	}
	values := make([]gorgonia.Value, len(wrt))
	for i, n := range wrt {
		values[i] = n.Deriv().Value()
	}
	return values, nil
}

// differentiate adds the gradients of a loss to the graph, once.
func (p *Pass) differentiate(loss *gorgonia.Node, wrt []*gorgonia.Node) error {
	s := &p.params
	var by gorgonia.Nodes
	if !p.Frozen && slices.ContainsFunc(p.ops, func(f *fused) bool { return len(f.params) > 0 }) {
		if by = s.nodes(s.layers); len(by) == 0 {
			by = append(by, p.anchor)
		}
	}
	if len(s.custom)+len(wrt) > 0 { // the loss need not depend on all
		for _, n := range s.nodes(s.custom) {
			if !slices.Contains(by, n) && !slices.Contains(wrt, n) {
				by = append(by, n)
			}
		}
		needed := dependencies(loss)
		by = slices.DeleteFunc(by, func(n *gorgonia.Node) bool { return !needed[n.ID()] })
		by = append(by, wrt...)
	}
	switch {
	case len(by) == 0:
		return errors.New("no layer has parameters to train, and no other nodes are given")
	case p.loss == nil && slices.ContainsFunc(p.graph.AllNodes(), hasDeriv):
		return errors.New("gorgonia.Grad has differentiated it already: want it run by a machine such as gorgonia.NewTapeMachine")
	case p.loss == nil:
		if _, err := gorgonia.Grad(loss, by...); err != nil {
			return err
		}
		p.loss = loss
	case p.loss != loss:
		return fmt.Errorf("it already has another loss, %v: want one loss for a graph, the sum of all parts", p.loss)
	case slices.ContainsFunc(by, func(n *gorgonia.Node) bool { return !hasDeriv(n) }):
		return fmt.Errorf("it is already differentiated by other nodes: want the same ones again, not %v", by)
	}
	return nil
}

func hasDeriv(n *gorgonia.Node) bool { return n.Deriv() != nil }

// dependencies returns the identities of a node and of all nodes that it depends on.
func dependencies(n *gorgonia.Node) map[int64]bool {
	found := map[int64]bool{}
	for next := []int64{n.ID()}; len(next) > 0; {
		id := next[len(next)-1]
		next = next[:len(next)-1]
		if found[id] {
			continue
		}
		found[id] = true
		for it := n.Graph().From(id); it.Next(); {
			next = append(next, it.Node().ID())
		}
	}
	return found
}

// Allocated returns the number of values in the buffers of the current batch. It does not depend on the number of
// cores.
func (p *Pass) Allocated() int { return p.mem.allocated() }

func (p *Pass) run() error {
	vm := gorgonia.NewTapeMachine(p.graph)
	err := vm.RunAll()
	if err := errors.Join(err, vm.Close()); err != nil {
		return fmt.Errorf("rnn: running the graph: %w", err)
	}
	return p.err
}

// Floats returns the values of a node after the graph has run. The memory belongs to the Pass until its next Start.
func Floats(n *gorgonia.Node) []float32 {
	switch v := n.Value().(type) {
	case *tensor.Dense, *gorgonia.F32:
		return data(v)
	}
	return nil
}

func (p *Pass) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

// id returns a new operator's identity.
func (p *Pass) id() uint32 {
	p.ids++
	return p.ids
}

// started checks that there is a graph and that no layer has failed.
func (p *Pass) started(who string) bool {
	if p.graph == nil {
		p.fail(fmt.Errorf("rnn: %s: the pass has no graph: want Pass.Start before", who))
	}
	return p.err == nil
}

// belongs checks that x is a float32 node of the pass's graph.
func (p *Pass) belongs(who string, x *gorgonia.Node) bool {
	if !p.started(who) {
		return false
	}
	switch {
	case x == nil:
		p.fail(fmt.Errorf("rnn: %s: input is nil", who))
	case x.Graph() != p.graph:
		p.fail(fmt.Errorf("rnn: %s: input %v is a node of another graph: want one of Pass.Graph, which Start makes anew", who, x))
	case x.Dtype() != tensor.Float32:
		p.fail(fmt.Errorf("rnn: %s: input %v holds %v: want float32", who, x, x.Dtype()))
	}
	return p.err == nil
}

// placed checks that there is a layout.
func (p *Pass) placed(who string, lay *Layout) bool {
	if p.started(who) && lay == nil {
		p.fail(fmt.Errorf("rnn: %s: no layout", who))
	}
	return p.err == nil
}

// scalar checks that x is a scalar.
func (p *Pass) scalar(who string, x *gorgonia.Node) bool {
	if p.belongs(who, x) && !x.IsScalar() {
		p.fail(fmt.Errorf("rnn: %s: input has shape %v: want a scalar", who, x.Shape()))
	}
	return p.err == nil
}

// matrix checks that x is a matrix of the given size; a negative number allows any size. It reports false if a layer
// has failed.
func (p *Pass) matrix(who string, x *gorgonia.Node, rows, columns int) bool {
	if !p.belongs(who, x) {
		return false
	}
	if x.Dims() != 2 {
		p.fail(fmt.Errorf("rnn: %s: input has shape %v: want a matrix", who, x.Shape()))
		return false
	}
	s := x.Shape()
	if rows >= 0 && s[0] != rows || columns >= 0 && s[1] != columns {
		p.fail(fmt.Errorf("rnn: %s: input is [%d, %d]: want [%d, %d]", who, s[0], s[1], rows, columns))
		return false
	}
	return true
}
