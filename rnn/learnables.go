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

// params are the parameters of a graph, with their nodes.
type params struct {
	list   []*Param                  // in the order of Learnables
	of     map[*Param]*gorgonia.Node // their nodes
	layers []*Param                  // of layers; the anchor reads their nodes
	custom []*Param                  // of Pass.Param; the caller's operators read their nodes
}

// nodes returns the nodes of parameters.
func (s *params) nodes(of []*Param) gorgonia.Nodes {
	nodes := make(gorgonia.Nodes, len(of))
	for i, q := range of {
		nodes[i] = s.of[q]
	}
	return nodes
}

// node returns a parameter's node. It makes the node if there is none.
func (s *params) node(p *Pass, q *Param) *gorgonia.Node {
	if s.of == nil {
		s.of = map[*Param]*gorgonia.Node{}
	}
	if s.of[q] == nil {
		s.list, s.of[q] = append(s.list, q), p.variable(q)
	}
	return s.of[q]
}

// bound returns an error if a node's value is not its parameter's memory.
func (s *params) bound() error {
	for _, q := range s.list {
		if v := data(s.of[q].Value()); &v[0] != &q.W[0] {
			return fmt.Errorf("rnn: the node of parameter %s is bound to another value: want new values copied into Param.W", q.Name)
		}
	}
	return nil
}

// check is for a graph that is differentiated by learnables. It returns an error if gradients would not reach their
// parameters.
func (s *params) check(ops []*fused) error {
	if len(s.layers) == 0 {
		return nil
	}
	reached := map[*Param]bool{}
	for _, q := range s.custom {
		reached[q] = true
	}
	for _, f := range ops {
		for _, q := range f.params {
			if !q.Frozen && !slices.Contains(s.layers, q) {
				return fmt.Errorf("rnn: parameter %s is missing in Pass.Learnables, which was called before its layer was added: want it called after all layers", q.Name)
			}
			reached[q] = reached[q] || f.differentiated
		}
	}
	for _, q := range s.layers {
		if hasDeriv(s.of[q]) && !reached[q] {
			return fmt.Errorf("rnn: gorgonia.Grad is given parameter %s: want only parameters that the loss depends on", q.Name)
		}
	}
	return nil
}

// Param returns a parameter as an input node, [rows, columns] or [size]. gorgonia's operators can read it, so that it
// serves as the weight of a custom layer or loss. It is trained like the parameters of other layers.
func (p *Pass) Param(q *Param) *gorgonia.Node {
	if !p.started("parameter " + q.Name) {
		return nil
	}
	n := p.params.node(p, q)
	if !slices.Contains(p.params.custom, q) {
		p.params.custom = append(p.params.custom, q)
		q.from = append(q.from, &harvest{node: n})
	}
	return n
}

// harvest moves the gradients of a node to its parameter, each once.
type harvest struct {
	node  *gorgonia.Node
	taken gorgonia.Value // the last gradient that was taken
	runs  int            // runs with gradients that have begun
	takes int
	lost  bool // a run began before the previous run's gradient was taken; that gradient may be lost
}

// gather adds the gradients that gorgonia has computed for the parameter's nodes since the last call.
func (p *Param) gather() {
	for _, h := range p.from {
		if g := h.fresh(); g != nil {
			p.add(&gradient{grad: data(g), state: gradAll}, 1)
		}
	}
}

// fresh returns the node's gradient if it is new.
func (h *harvest) fresh() gorgonia.Value {
	if !hasDeriv(h.node) {
		return nil
	}
	g := h.node.Deriv().Value()
	if g == nil || g == h.taken {
		return nil
	}
	h.taken, h.takes = g, h.takes+1
	return g
}

// begin gathers the gradients of the previous run, which the coming run replaces.
func (s *params) begin() {
	for _, q := range s.custom {
		for _, h := range q.from {
			if h.node == s.of[q] {
				h.lost = h.lost || h.takes < h.runs
				h.runs++
			}
		}
		q.gather()
	}
}

// release gathers the last gradients of a graph and forgets its nodes.
func (s *params) release() {
	for _, q := range s.custom {
		q.gather()
		q.from = slices.DeleteFunc(q.from, func(h *harvest) bool { return h.node == s.of[q] })
	}
}

// Learnables returns a node for each parameter of the graph, always in the same order, for gorgonia's usual loop:
//
//	gorgonia.Grad(loss, pass.Learnables()...)
//	vm := gorgonia.NewTapeMachine(pass.Graph(), gorgonia.BindDualValues(pass.Learnables()...))
//	vm.RunAll()
//	solver.Step(gorgonia.NodesToValueGrads(pass.Learnables()))
//	vm.Reset()
//
// Call it after adding all layers. A node and its parameter share memory, so a solver that updates one updates the
// other. A parameter whose node is not given to gorgonia.Grad gets no gradient.
//
// Each run also adds its gradients to those of the parameters, so [Params.Grads] works too. The gradients of
// [Pass.Param] are added on demand: call Grads or [Params.ZeroGrads] after each run.
//
// The gradients of nodes are dense, those of embeddings too. [Pass.Backward] touches only the embedding rows that
// occur.
func (p *Pass) Learnables() gorgonia.Nodes {
	if !p.started("learnables") {
		return nil
	}
	s := &p.params
	old := len(s.layers)
	for _, f := range p.ops {
		for _, q := range f.params {
			if !q.Frozen && !slices.Contains(s.layers, q) {
				s.layers = append(s.layers, q)
				s.node(p, q)
			}
		}
	}
	if len(s.layers) == old {
		return s.nodes(s.list)
	}
	if hasDeriv(p.anchor) {
		p.fail(errors.New("rnn: Pass.Learnables: the graph is already differentiated: want it called before, and after all layers"))
		return nil
	}
	// The anchor, so far an input, becomes an operator over the nodes. All layers depend on the anchor, so they depend on
	// the nodes.
	gorgonia.WithOp(&parameters{opaque{p.id()}, p})(p.anchor)
	gorgonia.WithChildren(s.nodes(s.layers))(p.anchor)
	for _, q := range s.layers[old:] {
		p.graph.SetEdge(edge{p.anchor, s.of[q]})
	}
	return s.nodes(s.list)
}

// variable returns an input node whose value is the parameter's memory. gorgonia merges inputs of one name, so variable
// picks a free name.
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

// edge leads from a node to one of its inputs.
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
func (o *parameters) Do(...gorgonia.Value) (gorgonia.Value, error) { return gorgonia.NewF32(0), nil }

// DiffWRT implements gorgonia.SDOp.
func (o *parameters) DiffWRT(inputs int) []bool { return slices.Repeat([]bool{true}, inputs) }

// SymDiff implements gorgonia.SDOp.
func (o *parameters) SymDiff(inputs gorgonia.Nodes, _, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	grads := make(gorgonia.Nodes, len(inputs))
	for i, q := range o.pass.params.layers {
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
	sum, s := sums[q], &o.pass.params
	if hasDeriv(s.of[q]) && !slices.Contains(s.custom, q) { // custom parameters gather the whole gradients of their nodes
		q.add(sum, 1)
	}
	return o.shape().value(q.dense(sum)), nil
}

func (o *pick) String() string { return "gradient of " + o.param.Name }
