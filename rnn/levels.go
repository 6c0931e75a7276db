package rnn

import (
	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// Halved returns the layout of sequences of half the length, rounded up. Token t of a halved sequence stands for tokens
// 2t and 2t+1 of a sequence of l.
func (l *Layout) Halved() *Layout {
	lens := make([]int, len(l.lens))
	for s, n := range l.lens {
		lens[s] = (n + 1) / 2
	}
	return NewLayout(lens)
}

// halves returns, for each row of the halved layout, the two rows of l that it joins. The second is -1 at the end of a
// sequence of odd length.
func (l *Layout) halves(half *Layout) []int32 {
	rows := make([]int32, 2*half.Rows())
	for s, n := range l.lens {
		for t := range half.lens[s] {
			pair := rows[2*half.Row(s, t):][:2]
			pair[0], pair[1] = int32(l.Row(s, 2*t)), -1
			if 2*t+1 < n {
				pair[1] = int32(l.Row(s, 2*t+1))
			}
		}
	}
	return rows
}

// doubles returns, for each row of l, its part of the halved layout, whose rows have two parts each.
func (l *Layout) doubles(half *Layout) []int32 {
	rows := make([]int32, l.Rows())
	for s, n := range l.lens {
		for t := range n {
			rows[l.Row(s, t)] = int32(2*half.Row(s, t/2) + t%2)
		}
	}
	return rows
}

// Halving shortens sequences to half their length, rounded up: y_t = W [x_2t; x_2t+1] + b, a convolution of width and
// stride 2. In a sequence of odd length, zeros follow the last token.
//
// Ronneberger, Fischer and Brox, U-Net: Convolutional Networks for Biomedical Image Segmentation, 2015.
type Halving struct{ *Linear }

// NewHalving adds the parameters of a halving from rows of size in to rows of size out: those of a linear layer.
func NewHalving(ps *Params, name string, in, out int, init Inits) *Halving {
	return &Halving{NewLinear(ps, name, 2*in, out, init)}
}

// Forward maps x [rows, in], laid out by lay, to [rows of half, out], laid out by half, which is lay.Halved().
func (h *Halving) Forward(p *Pass, x *gorgonia.Node, lay, half *Layout) *gorgonia.Node {
	if !p.placed("halving", lay) || !p.placed("halving", half) || !p.matrix("halving "+h.Weight.Name, x, lay.Rows(), h.In/2) {
		return nil
	}
	return h.Linear.Forward(p, gather(p, x, h.In/2, 2, lay.halves(half)))
}

// PackedHalving is a [Halving] with no graph. It is immutable and safe for concurrent use.
type PackedHalving struct{ linear *PackedLinear }

// Pack copies the weights for products in an available precision.
func (h *Halving) Pack(prec Precision) *PackedHalving { return &PackedHalving{h.Linear.Pack(prec)} }

// Forward is [Halving.Forward] with the result in mem.
func (q *PackedHalving) Forward(mem *Buffers, x []float32, lay, half *Layout) []float32 {
	in := q.linear.weight.K()
	pairs := mem.Take(half.Rows() * in)
	gatherRows(pairs, x, in/2, lay.halves(half))
	return q.linear.forward(mem, half.Rows(), pairs)
}

// Doubling lengthens halved sequences to their former length: y_2t = W x_t + b and y_2t+1 = W' x_t + b', a transposed
// convolution of width and stride 2. In a sequence of odd length, the last y is left out.
type Doubling struct{ *Linear }

// NewDoubling adds the parameters of a doubling from rows of size in to rows of size out: those of a linear layer to
// both rows at once.
func NewDoubling(ps *Params, name string, in, out int, init Inits) *Doubling {
	return &Doubling{NewLinear(ps, name, in, 2*out, init)}
}

// Forward maps x [rows of half, in] to [rows, out], laid out by lay; half is lay.Halved().
func (d *Doubling) Forward(p *Pass, x *gorgonia.Node, lay, half *Layout) *gorgonia.Node {
	if !p.placed("doubling", lay) || !p.placed("doubling", half) || !p.matrix("doubling "+d.Weight.Name, x, half.Rows(), d.In) {
		return nil
	}
	both := d.Linear.Forward(p, x)
	if both == nil {
		return nil
	}
	return gather(p, both, d.Out/2, 1, lay.doubles(half))
}

// PackedDoubling is a [Doubling] with no graph. It is immutable and safe for concurrent use.
type PackedDoubling struct{ linear *PackedLinear }

// Pack copies the weights for products in an available precision.
func (d *Doubling) Pack(prec Precision) *PackedDoubling { return &PackedDoubling{d.Linear.Pack(prec)} }

// Forward is [Doubling.Forward] with the result in mem.
func (q *PackedDoubling) Forward(mem *Buffers, x []float32, lay, half *Layout) []float32 {
	out := len(q.linear.bias) / 2
	y := mem.Take(lay.Rows() * out)
	gatherRows(y, q.linear.forward(mem, half.Rows(), x), out, lay.doubles(half))
	return y
}

// JoinRows puts a [rows, n] and b [rows, m] side by side, [rows, n+m], in mem.
func JoinRows(mem *Buffers, rows int, a, b []float32) []float32 {
	n, m := len(a)/rows, len(b)/rows
	y := mem.Take(rows * (n + m))
	kernel.Parallel(rows, func(lo, hi int) {
		for r := lo; r < hi; r++ {
			row := y[r*(n+m):][:n+m]
			copy(row[:n], a[r*n:])
			copy(row[n:], b[r*m:])
		}
	})
	return y
}
