package rnn

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"slices"

	"github.com/chewxy/hm"
	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// shape is the shape of a matrix, of a vector (columns 0) or of a scalar (rows and columns 0).
type shape struct{ rows, columns int }

func (s shape) len() int { return max(s.rows, 1) * max(s.columns, 1) }

func (s shape) tensor() tensor.Shape {
	switch {
	case s == shape{}:
		return tensor.ScalarShape()
	case s.columns == 0:
		return tensor.Shape{s.rows}
	}
	return tensor.Shape{s.rows, s.columns}
}

func (s shape) typ() hm.Type {
	if s == (shape{}) {
		return tensor.Float32
	}
	return gorgonia.TensorType{Dims: len(s.tensor()), Of: tensor.Float32}
}

// value wraps a buffer as a gorgonia value, without copying it.
func (s shape) value(buf []float32) gorgonia.Value {
	if s == (shape{}) {
		return gorgonia.NewF32(buf[0])
	}
	return tensor.New(tensor.WithShape(s.tensor()...), tensor.WithBacking(buf))
}

// data returns the elements of a value, row-major: its own buffer, or a copy if the tensor has other strides.
func data(v gorgonia.Value) []float32 {
	t, ok := v.(*tensor.Dense)
	if !ok {
		return []float32{float32(*v.(*gorgonia.F32))}
	}
	all, s, by := t.Float32s(), t.Shape(), t.Strides()
	if len(s) != 2 || len(by) != 2 || by[0] == s[1] && by[1] == 1 {
		return all
	}
	rows := make([]float32, 0, s[0]*s[1])
	for i := range s[0] {
		for j := range s[1] {
			rows = append(rows, all[i*by[0]+j*by[1]])
		}
	}
	return rows
}

// fused is the arithmetic of one layer, as one node with several inputs and outputs.
//
// gorgonia's operators return one value and are differentiated symbolically, so a fused operator is several nodes:
//
//	run   computes all outputs and returns a token: a scalar that only orders execution
//	out   returns one output
//	give  receives one output's gradient and returns a token
//	back  computes the gradients of all inputs and returns a token
//	in    returns one input's gradient
//
// The nodes share buffers outside the graph, so nothing is packed, padded or copied.
//
// Parameters are not inputs of the graph: backward adds their gradients to the [Param] itself. A parameter of several
// operators therefore needs no sums of full size, and embedding rows absent from a batch cost nothing. If the graph is
// differentiated by [Pass.Learnables], the anchor's derivative passes the gradients on to their nodes.
type fused struct {
	name   string
	params []*Param // whose gradients backward accumulates, each once
	outs   []shape

	// forward reads in and sets out[k] for every output.
	forward func(in, out [][]float32)
	// backward reads gout[k], nil if the loss does not depend on output k, and sets gin[i] for every input. It may set
	// gin[i] to a buffer of gout. A nil backward means that the operator has no gradient.
	backward func(gout, gin [][]float32)

	pass *Pass
	ins  []shape
	// differentiated reports whether backward will be called. It is valid when the graph runs.
	differentiated bool
	ran            int       // the last run that included the operator
	aside          gradients // see early

	reads, nodes   []*gorgonia.Node // inputs and outputs
	out, gout, gin [][]float32
}

// early runs do, which computes a loss and its gradients in the forward step. Unless the loss's own gradient is known
// to be 1, early holds the parameters' gradients back for late.
func (f *fused) early(do func()) {
	f.aside = nil
	if f.differentiated && !isOne(f.nodes[0].Deriv()) {
		f.aside = gradients{}
		f.aside.collect(f.params, do)
		return
	}
	do()
}

// late multiplies the gradients of early by the loss's own gradient: inputs in place, parameters while it adds them.
func (f *fused) late(scale float32, inputs ...[]float32) {
	if f.aside == nil {
		return
	}
	for _, q := range f.params {
		q.add(f.aside[q], scale)
	}
	for _, dx := range inputs {
		kernel.Scale(scale, dx)
	}
}

// isOne reports whether a node is the constant 1.
func isOne(n *gorgonia.Node) bool {
	if n == nil || n.Op() == nil || n.Graph().From(n.ID()).Len() > 0 {
		return false
	}
	v, ok := n.Value().(*gorgonia.F32)
	return ok && *v == 1
}

// apply adds the operator to the graph and returns its outputs.
func (p *Pass) apply(f *fused, inputs ...*gorgonia.Node) []*gorgonia.Node {
	outs := make([]*gorgonia.Node, len(f.outs))
	for _, n := range inputs {
		p.belongs(f.name, n)
	}
	if !p.started(f.name) {
		return outs
	}
	f.pass = p
	anchored := false
	for _, n := range inputs {
		f.ins = append(f.ins, shapeOf(n))
		anchored = anchored || p.held[n]
	}
	children := inputs
	if !anchored {
		children = append([]*gorgonia.Node{p.anchor}, inputs...)
		f.ins = append([]shape{{}}, f.ins...)
		forward, backward := f.forward, f.backward
		f.forward = func(in, out [][]float32) { forward(in[1:], out) }
		if backward != nil {
			f.backward = func(gout, gin [][]float32) { gin[0] = []float32{0}; backward(gout, gin[1:]) }
		}
	}
	f.out = make([][]float32, len(f.outs))
	f.gout = make([][]float32, len(f.outs))
	f.gin = make([][]float32, len(f.ins))
	f.reads, f.nodes = children, outs
	run := p.node(&fusedOp{fused: f, kind: runNode}, children...)
	for k := range outs {
		if p.err != nil {
			return make([]*gorgonia.Node, len(f.outs))
		}
		outs[k] = p.node(&fusedOp{fused: f, kind: outNode, k: k}, run)
		p.held[outs[k]] = f.backward != nil
	}
	p.ops, p.runs.fresh = append(p.ops, f), true
	return outs
}

func (p *Pass) node(s *fusedOp, children ...*gorgonia.Node) *gorgonia.Node {
	s.id = p.id()
	n, err := gorgonia.ApplyOp(s, children...)
	if err != nil {
		p.fail(fmt.Errorf("rnn: adding %v to the graph: %w", s, err))
	}
	s.node = n
	return n
}

func shapeOf(n *gorgonia.Node) shape {
	switch s := n.Shape(); len(s) {
	case 1:
		return shape{s[0], 0}
	case 2:
		return shape{s[0], s[1]}
	}
	return shape{}
}

type nodeKind int

const (
	runNode nodeKind = iota
	outNode
	giveNode
	backNode
	inNode
)

// fusedOp is one node of a fused operator.
type fusedOp struct {
	*fused
	opaque
	kind nodeKind
	k    int // index of the output or input
	node *gorgonia.Node
	grad *gorgonia.Node // of giveNode: its input
}

// shape returns the shape of the node's value.
func (o *fusedOp) shape() shape {
	switch o.kind {
	case outNode:
		return o.outs[o.k]
	case inNode:
		return o.ins[o.k]
	default:
		return shape{}
	}
}

// inputs returns the shapes of the node's inputs.
func (o *fusedOp) inputs() []shape {
	switch o.kind {
	case runNode:
		return o.ins
	case giveNode:
		return o.outs[o.k : o.k+1]
	case backNode:
		return make([]shape, 2)
	default:
		return make([]shape, 1)
	}
}

// Arity implements gorgonia.Op.
func (o *fusedOp) Arity() int { return len(o.inputs()) }

// Type implements gorgonia.Op.
func (o *fusedOp) Type() hm.Type {
	var types []hm.Type
	for _, in := range o.inputs() {
		types = append(types, in.typ())
	}
	return hm.NewFnType(append(types, o.shape().typ())...)
}

// InferShape implements gorgonia.Op.
func (o *fusedOp) InferShape(...gorgonia.DimSizer) (tensor.Shape, error) {
	return o.shape().tensor(), nil
}

// Do implements gorgonia.Op.
func (o *fusedOp) Do(values ...gorgonia.Value) (gorgonia.Value, error) {
	p, token := o.pass, gorgonia.NewF32(0)
	switch o.kind {
	case runNode:
		if err := p.begin(o.fused); err != nil {
			return nil, err
		}
		in := make([][]float32, len(values))
		for i, v := range values {
			in[i] = p.own(o.reads[i], data(v))
		}
		p.collect(o.params, func() { o.forward(in, o.out) })
		return token, p.failed()
	case outNode:
		return o.shape().value(p.own(o.node, o.out[o.k])), nil
	case giveNode:
		o.gout[o.k] = p.own(o.grad, data(values[0]))
		return token, nil
	case backNode:
		p.collect(o.params, func() { o.backward(o.gout, o.gin) })
		return token, p.failed()
	default:
		buf := o.gin[o.k]
		if o.aliased(o.k) {
			buf = p.own(o.node, buf)
		}
		return o.shape().value(buf), nil
	}
}

// aliased reports whether the gradient of input k shares memory with another gradient.
func (f *fused) aliased(k int) bool {
	same := func(b []float32) bool { return len(b) > 0 && len(f.gin[k]) > 0 && &b[0] == &f.gin[k][0] }
	return slices.ContainsFunc(f.gout, same) || slices.ContainsFunc(f.gin[:k], same) || slices.ContainsFunc(f.gin[k+1:], same)
}

// DiffWRT implements gorgonia.SDOp.
func (o *fusedOp) DiffWRT(inputs int) []bool {
	d := make([]bool, inputs)
	for i := range d {
		d[i] = o.fused.backward != nil && (o.kind == runNode || o.kind == outNode)
	}
	return d
}

// SymDiff implements gorgonia.SDOp.
func (o *fusedOp) SymDiff(inputs gorgonia.Nodes, output, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	p := o.pass
	switch o.kind {
	case outNode:
		return gorgonia.Nodes{p.node(&fusedOp{fused: o.fused, kind: giveNode, k: o.k, grad: grad}, grad)}, p.err
	case runNode:
		o.differentiated = true
		back := p.node(&fusedOp{fused: o.fused, kind: backNode}, output, grad)
		grads := make(gorgonia.Nodes, len(inputs))
		for i := range grads {
			if p.err != nil {
				return nil, p.err
			}
			grads[i] = p.node(&fusedOp{fused: o.fused, kind: inNode, k: i}, back)
		}
		return grads, p.err
	default:
		return nil, fmt.Errorf("rnn: %v has no second derivative", o)
	}
}

// WriteHash implements gorgonia.Op. gorgonia merges nodes of equal hash, so each operator has its own.
func (o *fusedOp) WriteHash(h hash.Hash) {
	o.opaque.WriteHash(h)
	_, _ = h.Write([]byte(o.name))
}

// DoDiff implements gorgonia.ADOp. Without it, a Lisp machine would silently skip the layer's gradients.
func (o *fusedOp) DoDiff(gorgonia.ExecutionContext, gorgonia.Nodes, *gorgonia.Node) error {
	return errors.New("rnn: a Lisp machine cannot differentiate layers: want gorgonia.Grad and a tape machine")
}

func (o *fusedOp) String() string {
	return fmt.Sprintf("%s.%s%d", o.name, [...]string{"run", "out", "give", "back", "in"}[o.kind], o.k)
}

// opaque is the common part of the package's operators: an identity, and a promise that gorgonia may only read values.
type opaque struct{ id uint32 }

// ReturnsPtr implements gorgonia.Op.
func (o opaque) ReturnsPtr() bool { return false }

// CallsExtern implements gorgonia.Op.
func (o opaque) CallsExtern() bool { return false }

// OverwritesInput implements gorgonia.Op.
func (o opaque) OverwritesInput() int { return -1 }

// WriteHash implements gorgonia.Op.
func (o opaque) WriteHash(h hash.Hash) {
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], o.id)
	_, _ = h.Write(b[:])
}

// Hashcode implements gorgonia.Op. It tells two operators apart when their hashes in the graph collide.
func (o opaque) Hashcode() uint32 { return o.id }
