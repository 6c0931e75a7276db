package rnn

import (
	"encoding/binary"
	"fmt"
	"hash"

	"github.com/chewxy/hm"
	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// shape is that of a matrix; {} is a scalar.
type shape struct{ rows, columns int }

func (s shape) len() int {
	if s == (shape{}) {
		return 1
	}
	return s.rows * s.columns
}

func (s shape) tensor() tensor.Shape {
	if s == (shape{}) {
		return tensor.ScalarShape()
	}
	return tensor.Shape{s.rows, s.columns}
}

func (s shape) typ() hm.Type {
	if s == (shape{}) {
		return tensor.Float32
	}
	return gorgonia.TensorType{Dims: 2, Of: tensor.Float32}
}

// value wraps a buffer, without copying it, as what gorgonia passes between nodes.
func (s shape) value(buf []float32) gorgonia.Value {
	if s == (shape{}) {
		return gorgonia.NewF32(buf[0])
	}
	return tensor.New(tensor.WithShape(s.rows, s.columns), tensor.WithBacking(buf))
}

// data is the buffer behind a value.
func data(v gorgonia.Value) []float32 {
	if t, ok := v.(*tensor.Dense); ok {
		return t.Float32s()
	}
	return []float32{float32(*v.(*gorgonia.F32))}
}

// fused is the arithmetic of one layer, as one node with several inputs and outputs.
//
// gorgonia's operators return one value and are differentiated symbolically. A fused operator therefore stands in the graph
// as a few nodes: "run" computes all outputs and returns a token, a scalar that only carries the order of execution; an "out"
// node hands out one output; "give" receives one output's gradient and returns a token; "back" computes the gradients of all
// inputs; "in" hands out one of them. Buffers pass between these beside the graph, so nothing is packed, padded or copied.
//
// Parameters are no inputs of the graph: backward adds their gradients to the [Param] itself. A parameter that several
// operators use then costs no sums of full size, and rows of an embedding that do not occur cost nothing.
type fused struct {
	name string
	outs []shape

	// forward reads in and sets out[k] for every output.
	forward func(in, out [][]float32)
	// backward reads gout[k], nil where output k did not touch the loss, and sets gin[i] for every input. Buffers in gin may
	// be those of gout. Nil where the operator has no gradient.
	backward func(gout, gin [][]float32)

	pass *Pass
	ins  []shape
	// differentiated is known when the graph runs: whether backward will be called.
	differentiated bool

	out, gout, gin [][]float32
}

// apply adds the operator to the graph and returns its outputs.
func (p *Pass) apply(f *fused, inputs ...*gorgonia.Node) []*gorgonia.Node {
	outs := make([]*gorgonia.Node, len(f.outs))
	if p.err != nil {
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
	run := p.node(&step{fused: f, kind: runStep}, children...)
	for k := range outs {
		if p.err != nil {
			return make([]*gorgonia.Node, len(f.outs))
		}
		outs[k] = p.node(&step{fused: f, kind: outStep, k: k}, run)
		p.held[outs[k]] = f.backward != nil
	}
	return outs
}

func (p *Pass) node(s *step, children ...*gorgonia.Node) *gorgonia.Node {
	p.ops++
	s.id = p.ops
	n, err := gorgonia.ApplyOp(s, children...)
	if err != nil {
		p.fail(fmt.Errorf("rnn: adding %v to the graph: %w", s, err))
	}
	return n
}

func shapeOf(n *gorgonia.Node) shape {
	if s := n.Shape(); len(s) == 2 {
		return shape{s[0], s[1]}
	}
	return shape{}
}

type stepKind int

const (
	runStep stepKind = iota
	outStep
	giveStep
	backStep
	inStep
)

// step is one of the nodes by which a fused operator stands in the graph.
type step struct {
	*fused
	kind stepKind
	k    int // which output or input
	id   uint32
}

// shape is that of the node's value.
func (s *step) shape() shape {
	switch s.kind {
	case outStep:
		return s.outs[s.k]
	case inStep:
		return s.ins[s.k]
	default:
		return shape{}
	}
}

// inputs are the shapes of what the node reads.
func (s *step) inputs() []shape {
	switch s.kind {
	case runStep:
		return s.ins
	case giveStep:
		return s.outs[s.k : s.k+1]
	case backStep:
		return make([]shape, 2)
	default:
		return make([]shape, 1)
	}
}

// Arity implements gorgonia.Op.
func (s *step) Arity() int { return len(s.inputs()) }

// Type implements gorgonia.Op.
func (s *step) Type() hm.Type {
	var types []hm.Type
	for _, in := range s.inputs() {
		types = append(types, in.typ())
	}
	return hm.NewFnType(append(types, s.shape().typ())...)
}

// InferShape implements gorgonia.Op.
func (s *step) InferShape(...gorgonia.DimSizer) (tensor.Shape, error) { return s.shape().tensor(), nil }

// Do implements gorgonia.Op.
func (s *step) Do(values ...gorgonia.Value) (gorgonia.Value, error) {
	token := gorgonia.NewF32(0)
	switch s.kind {
	case runStep:
		in := make([][]float32, len(values))
		for i, v := range values {
			in[i] = data(v)
		}
		s.forward(in, s.out)
		return token, nil
	case outStep:
		return s.shape().value(s.out[s.k]), nil
	case giveStep:
		s.gout[s.k] = data(values[0])
		return token, nil
	case backStep:
		s.backward(s.gout, s.gin)
		return token, nil
	default:
		return s.shape().value(s.gin[s.k]), nil
	}
}

// DiffWRT implements gorgonia.SDOp.
func (s *step) DiffWRT(inputs int) []bool {
	d := make([]bool, inputs)
	for i := range d {
		d[i] = s.fused.backward != nil && (s.kind == runStep || s.kind == outStep)
	}
	return d
}

// SymDiff implements gorgonia.SDOp.
func (s *step) SymDiff(inputs gorgonia.Nodes, output, grad *gorgonia.Node) (gorgonia.Nodes, error) {
	p := s.pass
	switch s.kind {
	case outStep:
		return gorgonia.Nodes{p.node(&step{fused: s.fused, kind: giveStep, k: s.k}, grad)}, p.err
	case runStep:
		s.differentiated = true
		back := p.node(&step{fused: s.fused, kind: backStep}, output, grad)
		grads := make(gorgonia.Nodes, len(inputs))
		for i := range grads {
			if p.err != nil {
				return nil, p.err
			}
			grads[i] = p.node(&step{fused: s.fused, kind: inStep, k: i}, back)
		}
		return grads, p.err
	default:
		return nil, fmt.Errorf("rnn: %v has no second derivative", s)
	}
}

// ReturnsPtr, CallsExtern and OverwritesInput implement gorgonia.Op: values are read-only to gorgonia.
func (s *step) ReturnsPtr() bool { return false }

// CallsExtern implements gorgonia.Op.
func (s *step) CallsExtern() bool { return false }

// OverwritesInput implements gorgonia.Op.
func (s *step) OverwritesInput() int { return -1 }

// WriteHash implements gorgonia.Op. gorgonia merges nodes whose hashes are equal, so each step has its own.
func (s *step) WriteHash(h hash.Hash) {
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], s.id)
	_, _ = h.Write(b[:])
	_, _ = h.Write([]byte(s.name))
}

// Hashcode implements gorgonia.Op: it tells two steps apart where their hashes in the graph collide.
func (s *step) Hashcode() uint32 { return s.id }

func (s *step) String() string {
	return fmt.Sprintf("%s.%s%d", s.name, [...]string{"run", "out", "give", "back", "in"}[s.kind], s.k)
}
