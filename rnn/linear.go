package rnn

import (
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// Linear is y = W x + b or, with Tanh, y = tanh(W x + b).
type Linear struct {
	In, Out int
	Tanh    bool
	Weight  *Param // [Out, In]
	Bias    *Param // [Out]
}

// NewLinear adds a linear layer's parameters.
func NewLinear(ps *Params, name string, in, out int, init Inits) *Linear {
	return &Linear{
		In: in, Out: out,
		Weight: ps.New(name+".weight", init.matrix(1), out, in),
		Bias:   ps.New(name+".bias", Zero(), out),
	}
}

// Forward maps x [rows, In] to [rows, Out].
func (l *Linear) Forward(p *Pass, x *gorgonia.Node) *gorgonia.Node {
	if !p.matrix("linear layer "+l.Weight.Name, x, -1, l.In) {
		return nil
	}
	rows := x.Shape()[0]
	var in, y []float32
	return p.apply(&fused{
		name:   "linear",
		params: []*Param{l.Weight, l.Bias},
		outs:   []shape{{rows, l.Out}},
		forward: func(ins, outs [][]float32) {
			in, y = ins[0], p.mem.Take(rows*l.Out)
			kernel.GemmAs(p.prec, false, true, rows, l.Out, l.In, 1, in, l.In, l.Weight.W, l.In, 0, y, l.Out)
			kernel.AddBias(rows, l.Out, y, l.Out, l.Bias.W)
			if l.Tanh {
				kernel.Tanh(y, y)
			}
			outs[0] = y
		},
		backward: func(gout, gin [][]float32) {
			dy := gout[0]
			if l.Tanh {
				dy = p.mem.Take(len(y))
				for i, v := range y {
					dy[i] = gout[0][i] * (1 - v*v)
				}
			}
			addProduct(p.prec, l.Weight, rows, dy, l.Out, in, l.In)
			addSums(&p.mem, rows, dy, l.Out, l.Bias)
			gin[0] = p.mem.Take(rows * l.In)
			kernel.GemmAs(p.prec, false, false, rows, l.In, l.Out, 1, dy, l.Out, l.Weight.W, l.In, 0, gin[0], l.In)
		},
	}, x)[0]
}

// PackedLinear is a [Linear] with no graph. It is immutable and safe for concurrent use.
type PackedLinear struct {
	weight kernel.Packed
	bias   []float32
	tanh   bool
}

// Pack copies the weights for products in an available precision.
func (l *Linear) Pack(prec Precision) *PackedLinear {
	q := &PackedLinear{bias: slices.Clone(l.Bias.W), tanh: l.Tanh}
	q.weight.PackAs(prec, true, l.In, l.Out, l.Weight.W, l.In)
	return q
}

// Forward sets y [rows, Out] from x [rows, In].
func (q *PackedLinear) Forward(rows int, y, x []float32) {
	y = y[:rows*len(q.bias)]
	q.weight.MulParallel(rows, x, q.weight.K(), 0, y, len(q.bias))
	kernel.AddBias(rows, len(q.bias), y, len(q.bias), q.bias)
	if q.tanh {
		kernel.Tanh(y, y)
	}
}

// packAll packs linear layers.
func packAll(prec Precision, layers []*Linear) []*PackedLinear {
	out := make([]*PackedLinear, len(layers))
	for i, l := range layers {
		out[i] = l.Pack(prec)
	}
	return out
}

// forward is Forward with y in mem.
func (q *PackedLinear) forward(mem *Buffers, rows int, x []float32) []float32 {
	y := mem.Take(rows * len(q.bias))
	q.Forward(rows, y, x)
	return y
}

// Add returns the sum of two matrices of equal shape.
func Add(p *Pass, a, b *gorgonia.Node) *gorgonia.Node {
	if !p.matrix("sum", a, -1, -1) || !p.matrix("sum", b, a.Shape()[0], a.Shape()[1]) {
		return nil
	}
	return p.apply(&fused{
		name: "add",
		outs: []shape{shapeOf(a)},
		forward: func(in, out [][]float32) {
			out[0] = p.mem.Take(len(in[0]))
			kernel.Add(out[0], in[0], in[1])
		},
		backward: func(gout, gin [][]float32) { gin[0], gin[1] = gout[0], gout[0] },
	}, a, b)[0]
}

// Join puts matrices with equal numbers of rows side by side.
func Join(p *Pass, parts ...*gorgonia.Node) *gorgonia.Node {
	if len(parts) == 1 {
		return parts[0]
	}
	var from []int // first column of each part
	rows, width := -1, 0
	for _, x := range parts {
		if !p.matrix("join", x, rows, -1) {
			return nil
		}
		rows = x.Shape()[0]
		from = append(from, width)
		width += x.Shape()[1]
	}
	from = append(from, width)
	return p.apply(&fused{
		name: "join",
		outs: []shape{{rows, width}},
		forward: func(in, out [][]float32) {
			out[0] = p.mem.Take(rows * width)
			for k, x := range in {
				n := from[k+1] - from[k]
				for r := range rows {
					copy(out[0][r*width+from[k]:][:n], x[r*n:])
				}
			}
		},
		backward: func(gout, gin [][]float32) {
			for k := range gin {
				n := from[k+1] - from[k]
				gin[k] = p.mem.Take(rows * n)
				for r := range rows {
					copy(gin[k][r*n:][:n], gout[0][r*width+from[k]:])
				}
			}
		},
	}, parts...)[0]
}
