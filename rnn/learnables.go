package rnn

import (
	"errors"
	"fmt"
	"slices"

	"github.com/chewxy/hm"
	"gonum.org/v1/gonum/graph"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// params are the parameters of a graph that have nodes.
type params struct {
	list []*Param                  // of Learnables, in order of first use
	of   map[*Param]*gorgonia.Node // nodes of Learnables
	read map[*Param]*gorgonia.Node // nodes of Pass.Param
}

func (s *params) nodes() gorgonia.Nodes {
	nodes := make(gorgonia.Nodes, len(s.list))
	for i, q := range s.list {
		nodes[i] = s.of[q]
	}
	return nodes
}

// check fails where gradients of a differentiated graph would not reach its learnables.
func (s *params) check(ops []*fused) error {
	if len(s.list) == 0 {
		return nil
	}
	reached := map[*Param]bool{}
	for _, f := range ops {
		for _, q := range f.params {
			if s.of[q] == nil {
				return fmt.Errorf("rnn: parameter %s is missing in Pass.Learnables, which was called before its layer was added: want it called after all layers", q.Name)
			}
			reached[q] = reached[q] || f.differentiated
		}
	}
	for _, q := range s.list {
		if hasDeriv(s.of[q]) && !reached[q] {
			return fmt.Errorf("rnn: gorgonia.Grad is given parameter %s: want only parameters that the loss depends on", q.Name)
		}
	}
	return nil
}

// Param returns a parameter as a node, [rows, columns] or [size], for gorgonia's operators. Custom layers and losses
// read their weights through it; the weights are trained like those of other layers.
func (p *Pass) Param(q *Param) *gorgonia.Node {
	if n := p.params.read[q]; n != nil {
		return n
	}
	s := shape{rows: q.Shape[0]}
	if len(q.Shape) > 1 {
		s.columns = q.Shape[1]
	}
	n := p.apply(&fused{
		name:     "parameter",
		params:   []*Param{q},
		outs:     []shape{s},
		forward:  func(_, out [][]float32) { out[0] = q.W },
		backward: func(gout, _ [][]float32) { q.add(&gradient{grad: gout[0], state: gradAll}, 1) },
	})[0]
	if n != nil {
		gorgonia.WithName(q.Name)(n)
		if p.params.read == nil {
			p.params.read = map[*Param]*gorgonia.Node{}
		}
		p.params.read[q] = n
	}
	return n
}

// Learnables returns a node for each parameter of the graph, in order of first use, for gorgonia's usual loop:
//
//	gorgonia.Grad(loss, pass.Learnables()...)
//	vm := gorgonia.NewTapeMachine(pass.Graph(), gorgonia.BindDualValues(pass.Learnables()...))
//	vm.RunAll()
//	solver.Step(gorgonia.NodesToValueGrads(pass.Learnables()))
//	vm.Reset()
//
// Call it after adding all layers. A node shares its value's memory with the parameter, so a solver that moves one
// moves the other. Each run also adds its gradients to those of the parameters, so [Params.Grads] works too. A
// parameter whose node is not given to gorgonia.Grad gets no gradient.
//
// Nodes have dense gradients, also of embeddings. [Pass.Backward] needs no nodes and touches only the rows that occur.
func (p *Pass) Learnables() gorgonia.Nodes {
	if !p.started("learnables") {
		return nil
	}
	s := &p.params
	var added []*Param
	for _, f := range p.ops {
		for _, q := range f.params {
			if s.of[q] == nil && !slices.Contains(added, q) {
				added = append(added, q)
			}
		}
	}
	if len(added) == 0 {
		return s.nodes()
	}
	if hasDeriv(p.anchor) {
		p.fail(errors.New("rnn: Pass.Learnables: the graph is already differentiated: want it called before, and after all layers"))
		return nil
	}
	if s.of == nil {
		s.of = map[*Param]*gorgonia.Node{}
	}
	for _, q := range added {
		s.list = append(s.list, q)
		s.of[q] = p.variable(q)
	}
	// The anchor, an input so far, becomes an operator that reads the nodes. All layers depend on the anchor, so they
	// depend on the nodes.
	gorgonia.WithOp(&parameters{opaque{p.id()}, p})(p.anchor)
	gorgonia.WithChildren(s.nodes())(p.anchor)
	for _, q := range added {
		p.graph.SetEdge(edge{p.anchor, s.of[q]})
	}
	return s.nodes()
}

// variable makes an input node with a parameter's memory as its value. Because gorgonia merges inputs of the same name,
// it picks a free one.
func (p *Pass) variable(q *Param) *gorgonia.Node {
	value := q.Value()
	for i := 1; ; i++ {
		name := q.Name
		if i > 1 {
			name = fmt.Sprintf("%s#%d", name, i)
		}
		n := gorgonia.NewTensor(p.graph, tensor.Float32, len(q.Shape), gorgonia.WithShape(q.Shape...), gorgonia.WithName(name), gorgonia.WithValue(value))
		if n.Value() == value {
			return n
		}
	}
}

// edge leads from a node to one that it reads.
type edge struct{ from, to graph.Node }

func (e edge) From() graph.Node         { return e.from }
func (e edge) To() graph.Node           { return e.to }
func (e edge) ReversedEdge() graph.Edge { return edge{e.to, e.from} }

// parameters is the anchor's operator once there are learnables.
type parameters struct {
	opaque
	pass *Pass
}

// Arity implements gorgonia.Op.
func (o *parameters) Arity() int { return -1 }

// Type implements gorgonia.Op.
func (o *parameters) Type() hm.Type { return tensor.Float32 }

// InferShape implements gorgonia.Op.
func (o *parameters) InferShape(...gorgonia.DimSizer) (tensor.Shape, error) {
	return tensor.ScalarShape(), nil
}

// Do implements gorgonia.Op.
func (o *parameters) Do(values ...gorgonia.Value) (gorgonia.Value, error) {
	for i, q := range o.pass.params.list {
		if v := data(values[i]); &v[0] != &q.W[0] {
			return nil, fmt.Errorf("rnn: the node of parameter %s is bound to another value: want new values copied into Param.W", q.Name)
		}
	}
	return gorgonia.NewF32(0), nil
}

// DiffWRT implements gorgonia.SDOp.
func (o *parameters) DiffWRT(inputs int) []bool { return slices.Repeat([]bool{true}, inputs) }

// SymDiff implements gorgonia.SDOp.
func (o *parameters) SymDiff(inputs gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	grads := make(gorgonia.Nodes, len(inputs))
	for i, q := range o.pass.params.list {
		n, err := gorgonia.ApplyOp(&pick{opaque{o.pass.id()}, o.pass, q}, grad)
		if err != nil {
			return nil, fmt.Errorf("rnn: adding the gradient of %s to the graph: %w", q.Name, err)
		}
		grads[i] = n
	}
	return grads, nil
}

func (o *parameters) String() string { return "parameters" }

// pick is the gradient of a learnable. It runs after the backward steps of all layers.
type pick struct {
	opaque
	pass  *Pass
	param *Param
}

func (o *pick) shape() shape {
	s := shape{rows: o.param.Shape[0]}
	if len(o.param.Shape) > 1 {
		s.columns = o.param.Shape[1]
	}
	return s
}

// Arity implements gorgonia.Op.
func (o *pick) Arity() int { return 1 }

// Type implements gorgonia.Op.
func (o *pick) Type() hm.Type { return hm.NewFnType(tensor.Float32, o.shape().typ()) }

// InferShape implements gorgonia.Op.
func (o *pick) InferShape(...gorgonia.DimSizer) (tensor.Shape, error) { return o.shape().tensor(), nil }

// Do implements gorgonia.Op.
func (o *pick) Do(...gorgonia.Value) (gorgonia.Value, error) {
	q, sums := o.param, o.pass.runs.sums
	if sums[q] == nil {
		sums[q] = &gradient{}
	}
	sum := sums[q]
	if hasDeriv(o.pass.params.of[q]) && sum.state != gradNone {
		q.add(sum, 1)
	}
	return o.shape().value(q.dense(sum)), nil
}

func (o *pick) String() string { return "gradient of " + o.param.Name }
