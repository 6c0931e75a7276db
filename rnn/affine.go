package rnn

import (
	"slices"

	"github.com/retell-rnn/retell/internal/kernel"
	"gorgonia.org/gorgonia"
)

// Affine is y = Map (x − Shift), a fixed map after training: whitening (Su, Cao, Liu and Ou, Whitening Sentence
// Representations for Better Semantics and Faster Retrieval, 2021) or removal of common components (Arora, Liang and
// Ma, A Simple but Tough-to-Beat Baseline for Sentence Embeddings, 2017). Its parameters are frozen, and a graph gives
// them no gradients.
type Affine struct {
	In, Out int
	Shift   *Param // [In]
	Map     *Param // [Out, In]
}

// NewAffine adds an affine map's parameters. It begins as the first out numbers of x, unchanged. The caller sets W of
// both parameters.
func NewAffine(ps *Params, name string, in, out int) *Affine {
	a := &Affine{In: in, Out: out, Shift: ps.New(name+".shift", Zero(), in), Map: ps.New(name+".map", Zero(), out, in)}
	for i := range min(in, out) {
		a.Map.W[i*in+i] = 1
	}
	a.Shift.Frozen, a.Map.Frozen = true, true
	return a
}

// Forward maps x [rows, In] to [rows, Out].
func (a *Affine) Forward(p *Pass, x *gorgonia.Node) *gorgonia.Node {
	if !p.matrix("affine map "+a.Map.Name, x, -1, a.In) {
		return nil
	}
	rows := x.Shape()[0]
	return p.apply(&fused{
		name: "affine",
		outs: []shape{{rows, a.Out}},
		forward: func(in, out [][]float32) {
			centered := p.mem.Take(rows * a.In)
			center(centered, in[0], a.Shift.W)
			out[0] = p.mem.Take(rows * a.Out)
			kernel.GemmAs(p.prec, false, true, rows, a.Out, a.In, 1, centered, a.In, a.Map.W, a.In, 0, out[0], a.Out)
		},
		backward: func(gout, gin [][]float32) {
			gin[0] = p.mem.Take(rows * a.In)
			kernel.GemmAs(p.prec, false, false, rows, a.In, a.Out, 1, gout[0], a.Out, a.Map.W, a.In, 0, gin[0], a.In)
		},
	}, x)[0]
}

// center sets y to the rows of x minus shift.
func center(y, x, shift []float32) {
	copy(y, x)
	for n := len(shift); len(y) > 0; y = y[n:] {
		kernel.Axpy(-1, shift, y[:n])
	}
}

// PackedAffine is an [Affine] with no graph. It is immutable and safe for concurrent use.
type PackedAffine struct {
	shift []float32
	rows  kernel.Packed
	out   int
}

// Pack copies the weights for products in an available precision.
func (a *Affine) Pack(prec Precision) *PackedAffine {
	q := &PackedAffine{shift: slices.Clone(a.Shift.W), out: a.Out}
	q.rows.PackAs(prec, true, a.In, a.Out, a.Map.W, a.In)
	return q
}

// Forward returns the maps of x [rows, In], [rows, Out], in mem.
func (q *PackedAffine) Forward(mem *Buffers, rows int, x []float32) []float32 {
	centered, y := mem.Take(rows*len(q.shift)), mem.Take(rows*q.out)
	center(centered, x[:len(centered)], q.shift)
	q.rows.MulParallel(rows, centered, len(q.shift), 0, y, q.out)
	return y
}
